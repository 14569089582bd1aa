"""Every detector over 10,000 campaigns of two years with tags; the goal is less than a second on two threads.

The rival is the part that people write by hand: the pairs of campaigns that run together on one channel with a common segment, as a
self-join in duckdb and in polars. Its answer is checked against the pairs, which are a fraction of what find_conflicts does.
"""

from __future__ import annotations

import os
from typing import Any

from benchmarks.harness import compare, threads

CAMPAIGNS = 10_000


def joined(frame: Any) -> set[tuple[str, str]]:
    return set(zip(frame["a"].to_list(), frame["b"].to_list(), strict=True))


def run() -> None:
    os.environ.setdefault("POLARS_MAX_THREADS", str(threads()))
    import duckdb
    import polars as pl
    from clarion import Portfolio, _core
    from clarion.conflict import find_conflicts

    core = _core.simulate_portfolio(campaigns=CAMPAIGNS)
    portfolio = Portfolio._of(core)
    plan = pl.from_arrow(portfolio).select("id", "start", "end", "channel", "audience")
    if plan.schema["audience"] == pl.String:
        plan = plan.with_columns(pl.col("audience").str.split(";"))
    rows = plan.explode("audience").with_columns(pl.col("audience").str.strip_chars().str.to_lowercase())

    def ours() -> Any:
        return find_conflicts(portfolio, n_jobs=threads())

    def with_duckdb() -> Any:
        with duckdb.connect() as db:
            db.execute(f"set threads to {threads()}")
            db.register("r", rows.to_arrow())
            return pl.from_arrow(
                db.sql(
                    "select distinct x.id as a, y.id as b from r x join r y on x.channel = y.channel and "
                    'x.audience = y.audience and x.id < y.id and x.start <= y."end" and y.start <= x."end"'
                ).to_arrow_table()
            )

    def with_polars() -> Any:
        pairs = rows.lazy().join(rows.lazy(), on=["channel", "audience"], suffix="_b")
        together = (pl.col("start") <= pl.col("end_b")) & (pl.col("start_b") <= pl.col("end"))
        return (
            pairs.filter((pl.col("id") < pl.col("id_b")) & together)
            .select(a="id", b="id_b")
            .unique()
            .collect()
        )

    def same(found: Any, rival: Any) -> None:
        table = found.pairs.to_frame("polars").filter(
            (pl.col("shared_days") > 0) & pl.col("shares_channel") & pl.col("shares_audience")
        )
        ordered = table.select(
            a=pl.min_horizontal("campaign_a", "campaign_b"), b=pl.max_horizontal("campaign_a", "campaign_b")
        )
        assert joined(ordered) == joined(rival)

    found = ours()
    compare(
        "conflict/find_conflicts",
        {"clarion": ours, "duckdb pairs alone": with_duckdb, "polars pairs alone": with_polars},
        check=same,
        data=f"{CAMPAIGNS:,} campaigns over two years with tags",
        packages=("duckdb", "polars"),
        memory=False,
        facts={"goal_s": 1, "pairs": len(found.pairs), "findings": len(found.findings)},
    )


if __name__ == "__main__":
    run()
