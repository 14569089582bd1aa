"""Every detector over 10,000 campaigns of two years with tags; the goal is less than a second on two threads.

No rival does this work. What people write by hand is its first step, the pairs that run together on one channel with a common
segment, as a self-join: duckdb and polars must find the same pairs, before anything is timed.
"""

from __future__ import annotations

from typing import Any

from benchmarks.harness import compare, threads

CAMPAIGNS = 10_000
GOAL_S = 1.0


def run() -> None:
    import duckdb
    import polars as pl
    from clarion import Portfolio, _core
    from clarion.conflict import find_conflicts

    core = _core.simulate_portfolio(campaigns=CAMPAIGNS)
    portfolio = Portfolio._of(core)
    plan = portfolio.to_frame("polars").select("id", "start", "end", "channel", "audience")
    if plan.schema["audience"] == pl.String:
        plan = plan.with_columns(pl.col("audience").str.split(";"))
    rows = plan.explode("audience").with_columns(pl.col("audience").str.strip_chars().str.to_lowercase())

    def ours() -> Any:
        return find_conflicts(portfolio, n_jobs=threads())

    with duckdb.connect() as db:
        db.register("r", rows.to_arrow())
        by_duckdb = db.sql(
            "select distinct x.id as a, y.id as b from r x join r y on x.channel = y.channel and "
            'x.audience = y.audience and x.id < y.id and x.start <= y."end" and y.start <= x."end"'
        ).fetchnumpy()
    together = (pl.col("start") <= pl.col("end_b")) & (pl.col("start_b") <= pl.col("end"))
    by_polars = (
        rows.join(rows, on=["channel", "audience"], suffix="_b")
        .filter((pl.col("id") < pl.col("id_b")) & together)
        .select(a="id", b="id_b")
        .unique()
    )
    found = ours()
    table = found.pairs.to_frame("polars").filter(
        (pl.col("shared_days") > 0) & pl.col("shares_channel") & pl.col("shares_audience")
    )
    pairs = {tuple(sorted(pair)) for pair in table.select("campaign_a", "campaign_b").iter_rows()}
    assert pairs == set(by_polars.iter_rows())
    assert pairs == set(zip(by_duckdb["a"].tolist(), by_duckdb["b"].tolist(), strict=True))

    report = compare(
        "conflict/find_conflicts",
        {"clarion": ours},
        check=lambda found, rival: None,
        data=f"{CAMPAIGNS:,} campaigns over two years with tags",
        packages=("duckdb", "polars"),
        facts={"goal_s": GOAL_S, "pairs": len(found.pairs), "findings": len(found.findings)},
    )
    if report["contenders"]["clarion"]["median_s"] >= GOAL_S:
        raise SystemExit(f"slower than the goal of {GOAL_S} s")


if __name__ == "__main__":
    run()
