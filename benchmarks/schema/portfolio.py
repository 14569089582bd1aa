"""Reading and validating a history of a million campaigns, against polars reading it and computing the same rules.

Equal first: the rows that are accepted, the rows that are quarantined, and how many rows break each rule. Polars is given what it is
best at: columns that hold clean numbers are typed while it reads; the two kinds that hold cells of no number or day are read as
text and cast, for a null would not tell an empty cell from a bad one.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads

TODAY = dt.date(2026, 8, 1)
CHANNELS = [
    "Email",
    "Social Media",
    "Influencer",
    "Webinar",
    "SMS",
    "Push Notifications",
    "Events",
    "Podcast",
]
RERUN = r"( (v?[0-9]+|rerun|run|re|repeat|again|copy|part|wave|phase|round|ii|iii|iv))+$"


def write_history(path: Path, rows: int, seed: int = 7) -> None:
    """A history in which about three rows of a hundred break some rule."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(seed)
    number = np.arange(rows)

    def spoiled(share: float) -> np.ndarray:
        return rng.random(rows) < share

    def texts(values: Any) -> np.ndarray:
        return np.asarray(values).astype(str).astype(object)

    first = np.datetime64("2016-01-01") + rng.integers(0, 3600, rows)
    last = first + rng.integers(0, 60, rows)
    last = np.where(spoiled(0.001), first - 3, last)
    last = np.where(spoiled(0.001), first + 500, last)
    start, end = texts(first), texts(last)
    start[spoiled(0.001)] = "2206-01-15"
    start[spoiled(0.001)] = "soon"
    end[spoiled(0.001)] = ""
    identity = np.char.add("cmp-", number.astype(str)).astype(object)
    twice = np.flatnonzero(spoiled(0.002))
    identity[twice] = identity[rng.integers(0, rows, len(twice))]
    name = texts(np.char.add("Campaign k", rng.integers(0, rows, rows).astype(str)))
    name = np.char.add(
        name.astype(str), rng.choice([" spring", " sale v2", " gift", " re-run"], rows)
    ).astype(object)
    channel = rng.choice(CHANNELS, rows).astype(object)
    channel[spoiled(0.002)] = "Emial"
    channel[spoiled(0.001)] = ""
    budget = np.round(rng.gamma(2, 5000, rows), 2)
    spend = np.round(budget * rng.uniform(0.6, 1.0, rows), 2)
    spend = np.where(spoiled(0.005), budget * 2, spend)
    cost = texts(np.where(spoiled(0.002), -budget, budget))
    cost[spoiled(0.001)] = "lots"
    shown = rng.integers(1_000, 1_000_000, rows)
    clicks = shown // rng.integers(20, 200, rows)
    clicks = np.where(spoiled(0.002), shown + 5, clicks)
    bought = clicks // rng.integers(5, 60, rows)
    bought = np.where(spoiled(0.001), -1, bought)
    table = pa.table(
        {
            "id": identity.astype(str), "name": name.astype(str), "start": start.astype(str), "end": end.astype(str),
            "budget": cost.astype(str), "channel": channel.astype(str),
            "owner": np.char.add("Owner ", rng.integers(0, 400, rows).astype(str)),
            "group": rng.choice(["A", "B"], rows), "objective": rng.choice(["acquisition", "revenue", "retention"], rows),
            "region": rng.choice(["DACH", "UK", "Nordics", "Iberia"], rows), "spend": spend, "impressions": shown, "clicks": clicks,
            "conversions": bought, "revenue": np.round(np.abs(bought) * 61.5, 2), "new_customers": np.abs(bought) // 3,
        }
    )  # fmt: skip
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="none"))


def clarion(path: Path) -> dict[str, Any]:
    import clarion as cl
    from clarion._core import Policy

    policy = Policy()
    policy.today = TODAY
    plan = cl.Portfolio.read(path, policy=policy, history=True, n_jobs=threads())
    return {
        "accepted": plan._core.source_row,
        "quarantined": plan._quarantine["row"],
        "counts": {code: n for code, n in plan.counts.items() if code < "S1"},
    }


def polars(path: Path) -> dict[str, Any]:
    import polars as pl

    known = pl.col
    raw = pl.read_csv(
        path,
        schema_overrides={
            **dict.fromkeys(
                ("id", "name", "start", "end", "budget", "channel", "owner", "group", "objective", "region"),
                pl.String,
            ),
            **dict.fromkeys(
                ("spend", "revenue", "impressions", "clicks", "conversions", "new_customers"), pl.Float64
            ),
        },
        row_index_name="row",
        row_index_offset=1,
    )
    table = (
        raw.lazy()
        .with_columns(pl.col("id", "name", "start", "end", "budget", "channel").fill_null(""))
        .with_columns(
            first=known("start").str.to_date("%Y-%m-%d", strict=False),
            last=known("end").str.to_date("%Y-%m-%d", strict=False),
            money=known("budget").cast(pl.Float64, strict=False),
            again=known("id").is_first_distinct().not_() & (known("id") != ""),
            base=known("name")
            .str.to_lowercase()
            .str.replace_all(r"[^a-z0-9]+", " ")
            .str.strip_chars()
            .str.replace(RERUN, ""),
        )
        .collect()
    )
    years = pl.concat([table["first"].dt.year(), table["last"].dt.year()])
    dated = table["first"].is_not_null() & table["last"].is_not_null()
    years = years.filter(pl.concat([dated, dated]))
    years = years.filter((years >= 1970) & (years <= 2100))
    low, middle, high = (years.quantile(q, "lower") for q in (0.25, 0.5, 0.75))
    reach = max(10, 3 * (high - low))
    from_day, to_day = (
        dt.date(max(1970, int(middle - reach)), 1, 1),
        dt.date(min(2100, int(middle + reach)), 12, 31),
    )

    runs = (
        table.lazy()
        .filter((known("name") != "") & known("again").not_() & (known("last") >= known("first")))
        .select("row", "base", "channel", "first", "last")
        .sort("base", "channel", "first", "row")
        .with_columns(until=known("last").cum_max().shift(1).over("base", "channel"))
        .filter(known("first") <= known("until"))
        .select("row", S019=pl.lit(True))
    )
    both = known("first").is_not_null() & known("last").is_not_null()

    def outside(day: pl.Expr) -> pl.Expr:
        return day.is_between(from_day, to_day).not_().fill_null(False)

    result = (
        table.lazy()
        .join(runs, on="row", how="left", maintain_order="left")
        .select(
            "row",
            S001=known("last") < known("first"),
            S002=known("id") == "",
            S004=(known("start") == "").cast(pl.Int8) + (known("end") == "").cast(pl.Int8),
            S006=known("channel") == "",
            S008=known("again"),
            S009=((known("start") != "") & known("first").is_null()).cast(pl.Int8)
            + ((known("end") != "") & known("last").is_null()).cast(pl.Int8),
            S010=(known("budget") != "") & known("money").is_null(),
            S014=(known("channel") != "") & known("channel").is_in(CHANNELS).not_(),
            S015=known("money") < 0,
            S017=outside(known("first")) | outside(known("last")),
            S018=both & outside(known("first")).not_() & outside(known("last")).not_()
            & ((known("last") - known("first")).dt.total_days() + 1 > 366),
            S019=known("S019").fill_null(False),
            S027=(known("clicks") > known("impressions")) | (known("new_customers") > known("conversions")),
            S028=(known("spend") < 0) | (known("impressions") < 0) | (known("clicks") < 0) | (known("conversions") < 0)
            | (known("new_customers") < 0),
            S029=known("spend").is_null() & known("conversions").is_null() & known("revenue").is_null(),
            S030=(known("money") >= 0) & (known("spend") > known("money") * 1.01),
            S033=both & (known("last") > TODAY),
        )
        .with_columns(
            bad=pl.any_horizontal(
                "S001", "S002", known("S004") > 0, "S006", "S008", known("S009") > 0, "S010", "S015", "S017", "S028"
            ).fill_null(False)
        )
        .collect()
    )  # fmt: skip
    # What follows uses the rows: the accepted part of the table is made, as clarion makes its portfolio.
    accepted = table.filter(~result["bad"])
    codes = [name for name in result.columns if name.startswith("S0")]
    sums = result.select(pl.col(codes).fill_null(0).sum()).row(0)
    return {
        "accepted": accepted["row"].to_numpy(),
        "quarantined": result["row"].filter(result["bad"]).to_numpy(),
        "counts": {code: int(n) for code, n in zip(codes, sums, strict=True) if n},
    }


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours["counts"] == theirs["counts"], (ours["counts"], theirs["counts"])
    assert np.array_equal(ours["accepted"], theirs["accepted"])
    assert np.array_equal(ours["quarantined"], theirs["quarantined"])


def main(rows: int = 1_000_000) -> None:
    os.environ.setdefault("POLARS_MAX_THREADS", str(threads()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        write_history(path, rows)
        compare(
            "schema/portfolio",
            {"clarion": lambda: clarion(path), "polars": lambda: polars(path)},
            check=same,
            data=f"{rows:,} campaigns, 16 columns, {path.stat().st_size / 2**20:.0f} MiB of CSV, 17 rules",
            packages=("polars", "pyarrow"),
            goal=1.0,
            repeats=3,
            memory=False,  # polars must not run in a forked process: its pool of threads does not survive the fork
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
