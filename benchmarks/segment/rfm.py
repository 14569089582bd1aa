"""RFM of 20 million transactions of a million customers, beside duckdb and polars: measures, scores by fifths, segments.

A customer's frequency is counted in days with a purchase and in rows: the first takes the rivals a second grouping, the second
none. Amounts are whole quarters, so that every sum is exact and answers are equal to the bit.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads

ROWS, CUSTOMERS, DAYS = 20_000_000, 1_000_000, 730
MEASURES = ("recency", "frequency", "monetary", "r", "f", "m")


def transactions(rows: int, customers: int) -> Any:
    import pyarrow as pa

    random = np.random.default_rng(7)
    # Some buy much more often than others.
    who = (customers * random.random(rows) ** 1.5).astype(np.int64)
    day = np.datetime64("2024-01-01") + random.integers(0, DAYS, rows).astype("timedelta64[D]")
    amount = random.integers(1, 2000, rows) / 4
    return pa.table({"customer": who, "date": pa.array(day, pa.date32()), "amount": amount})


def grid() -> list[tuple[int, int, str]]:
    from clarion.segment import rfm_segment_of

    return [(r, f, rfm_segment_of(r, f)) for r in range(1, 6) for f in range(1, 6)]


def clarion_rfm(table: Any, purchase: str) -> dict[str, Any]:
    from clarion.segment import rfm

    got = rfm(table, at="2026-01-01", purchase=purchase, n_jobs=threads())
    columns = {name: getattr(got, name) for name in MEASURES}
    return {
        "customer": got.customers,
        **columns,
        "segment": got._result["codes"],
        "names": list(got._result["counts"]),
    }


def duckdb_rfm(table: Any, purchase: str) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(config={"threads": threads()})
    connection.register("transactions", table)
    values = ", ".join(f"({r}, {f}, '{name}')" for r, f, name in grid())
    source = "transactions"
    if purchase == "days":
        source = "(select customer, date, sum(amount) as amount from transactions group by customer, date)"
    connection.execute(f"""create temp table measured as
        select customer, (date '2026-01-01' - max(date))::integer as recency, count(*) as frequency, sum(amount) as monetary
        from {source} group by customer""")
    ((n,),) = connection.execute("select count(*) from measured").fetchall()
    # In the middle of a step, so that the value is the one of that place however quantiles are rounded.
    places = [((k * n + 4) // 5 - 0.5) / n for k in range(1, 5)]

    def score(value: str, bounds: str) -> str:
        return " + ".join(["1", *(f"({value} > {bounds}[{k}])::int" for k in range(1, 5))])

    query = f"""
        with bounds as (
            select quantile_disc(-recency, {places}) as b_r, quantile_disc(frequency, {places}) as b_f,
                   quantile_disc(monetary, {places}) as b_m from measured),
        scored as (
            select measured.*, {score("-recency", "b_r")} as r, {score("frequency", "b_f")} as f, {score("monetary", "b_m")} as m
            from measured, bounds)
        select customer, recency, frequency, monetary, scored.r, scored.f, m, segment
        from scored join (values {values}) as named(r, f, segment) on scored.r = named.r and scored.f = named.f"""
    found = connection.sql(query).to_arrow_table()
    return {name: found[name] for name in found.column_names}


def polars_rfm(table: Any, purchase: str) -> dict[str, Any]:
    import polars as pl

    def score(value: Any, n: Any) -> Any:
        """How many of the four values that bound the fifths this one is above, and one."""
        ordered = value.sort()
        return 1 + sum((value > ordered.get((k * n + 4) // 5 - 1)).cast(pl.UInt8) for k in range(1, 5))

    frame = pl.from_arrow(table).lazy()
    if purchase == "days":
        frame = frame.group_by("customer", "date").agg(pl.col("amount").sum())
    measured = frame.group_by("customer").agg(
        recency=(pl.date(2026, 1, 1) - pl.col("date").max()).dt.total_days(),
        frequency=pl.len(),
        monetary=pl.col("amount").sum(),
    )
    n = pl.len().cast(pl.Int64)
    scored = measured.with_columns(
        r=score(-pl.col("recency"), n), f=score(pl.col("frequency"), n), m=score(pl.col("monetary"), n)
    )
    names = pl.DataFrame(
        grid(), schema={"r": pl.UInt8, "f": pl.UInt8, "segment": pl.String}, orient="row"
    ).lazy()
    found = scored.cast({"r": pl.UInt8, "f": pl.UInt8}).join(names, on=["r", "f"]).collect()
    return {name: found[name] for name in found.columns}


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    order = np.argsort(np.asarray(theirs["customer"]))
    for name in ("customer", *MEASURES):
        np.testing.assert_array_equal(ours[name], np.asarray(theirs[name])[order], err_msg=name)
    segment = np.array(ours["names"], dtype=object)[ours["segment"]]
    np.testing.assert_array_equal(segment, np.asarray(theirs["segment"])[order].astype(object))


def run() -> None:
    os.environ["POLARS_MAX_THREADS"] = str(threads())
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    table = transactions(rows, rows * CUSTOMERS // ROWS)
    for purchase in ("days", "rows"):
        compare(
            f"segment/rfm_{purchase}",
            {
                "clarion": lambda purchase=purchase: clarion_rfm(table, purchase),
                "duckdb": lambda purchase=purchase: duckdb_rfm(table, purchase),
                "polars": lambda purchase=purchase: polars_rfm(table, purchase),
            },
            check=same,
            data=f"{rows:,} transactions, {rows * CUSTOMERS // ROWS:,} customers, frequency in {purchase}",
            packages=("duckdb", "polars"),
            repeats=3,
            goal=1.5,
            memory=False,
        )


if __name__ == "__main__":
    run()
