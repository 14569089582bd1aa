"""All pairs of 300 audiences over 2M customers, from raw arrays to the pair table; `--large` measures 100M rows instead.

The rows come shuffled, as an event log has them, and grouped by campaign, as exports of audiences have them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import RESULTS, compare, machine, threads, version

CAMPAIGNS, CUSTOMERS, MEMBERSHIPS = 300, 2_000_000, 18_700_000


def memberships(
    campaigns: int, customers: int, total: int, seed: int = 7
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Audiences of log-normal sizes, in total `total`, members drawn at random: codes and customers, grouped by campaign."""
    random = np.random.default_rng(seed)
    sizes = random.lognormal(0, 0.6, campaigns)
    sizes = np.minimum((sizes / sizes.sum() * total).astype(np.int64), customers)
    codes = np.repeat(np.arange(campaigns, dtype=np.int32), sizes)
    members = np.concatenate(
        [random.choice(customers, size=n, replace=False, shuffle=False) for n in sizes]
    ).astype(np.int64)
    return codes, members


def clarion_table(codes: Any, customers: Any) -> Any:
    from clarion import Audiences
    from clarion.conflict import overlap

    labels = [f"c{i}" for i in range(CAMPAIGNS)]
    audiences = Audiences.from_arrays(codes, customers, labels=labels, n_jobs=threads())
    return overlap(audiences, n_jobs=threads())["shared"]


def roaring_table(codes: Any, customers: Any) -> Any:
    from pyroaring import BitMap

    if (np.diff(codes) < 0).any():
        order = np.argsort(codes, kind="stable")
        codes, customers = codes[order], customers[order]
    edges = np.searchsorted(codes, np.arange(CAMPAIGNS + 1))
    customers = customers.astype(np.uint32)
    sets = [BitMap(customers[edges[i] : edges[i + 1]]) for i in range(CAMPAIGNS)]
    return np.array(
        [sets[a].intersection_cardinality(sets[b]) for a in range(CAMPAIGNS) for b in range(a + 1, CAMPAIGNS)]
    )


def scipy_table(codes: Any, customers: Any) -> Any:
    from scipy.sparse import coo_array

    ones = np.ones(len(codes), np.int32)
    rows = coo_array((ones, (codes, customers.astype(np.int32))), shape=(CAMPAIGNS, CUSTOMERS)).tocsr()
    return (rows @ rows.T).toarray()[np.triu_indices(CAMPAIGNS, 1)]


def duckdb_table(codes: Any, customers: Any) -> Any:
    import duckdb

    with duckdb.connect() as db:
        db.execute(f"set threads to {threads()}")
        db.register("arrays", {"campaign": codes, "customer": customers})
        db.execute("create table m as select * from arrays")
        found = db.sql(
            "select a.campaign as x, b.campaign as y, count(*) as n from m a join m b using (customer) "
            "where a.campaign < b.campaign group by all"
        ).fetchnumpy()
    out = np.zeros((CAMPAIGNS, CAMPAIGNS), np.int64)
    out[found["x"], found["y"]] = found["n"]
    return out[np.triu_indices(CAMPAIGNS, 1)]


def run() -> None:
    codes, customers = memberships(CAMPAIGNS, CUSTOMERS, MEMBERSHIPS)
    order = np.random.default_rng(1).permutation(len(codes))
    rivals = {"pyroaring": roaring_table, "scipy": scipy_table, "duckdb": duckdb_table}
    for thing, what, rows in (
        ("conflict/overlap", "shuffled rows", (codes[order], customers[order])),
        ("conflict/overlap_grouped", "rows grouped by campaign", (codes, customers)),
    ):
        compare(
            thing,
            {
                "clarion": lambda rows=rows: clarion_table(*rows),
                **{name: (lambda work=work, rows=rows: work(*rows)) for name, work in rivals.items()},
            },
            check=np.testing.assert_array_equal,
            data=f"{CAMPAIGNS} audiences over {CUSTOMERS:,} customers, {len(codes):,} memberships, {what}",
            packages=("pyroaring", "scipy", "duckdb"),
            repeats=3,
            goal=6,
            memory=False,
        )


def status_mib(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    raise KeyError(key)


def run_large() -> None:
    """Peak memory of the whole process, inputs and interpreter included."""
    import time

    from clarion import Audiences
    from clarion.conflict import overlap

    campaigns, customers, total = 1000, 5_000_000, 100_000_000
    codes = np.empty(total, np.int32)
    ids = np.empty(total, np.int64)
    random = np.random.default_rng(3)
    piece = 1_000_000
    for begin in range(0, total, piece):
        # Squared, so that audiences differ in size.
        codes[begin : begin + piece] = random.random(piece, np.float32) ** 2 * campaigns
        ids[begin : begin + piece] = random.integers(0, customers, piece)
    inputs = status_mib("VmHWM")
    begin = time.perf_counter()
    audiences = Audiences.from_arrays(codes, ids, labels=[str(i) for i in range(campaigns)], n_jobs=threads())
    built = time.perf_counter()
    table = overlap(audiences, n_jobs=threads())
    end = time.perf_counter()
    seconds, peak = end - begin, status_mib("VmHWM")
    report = {
        "thing": "conflict/overlap_large",
        "data": f"{campaigns:,} audiences over {customers:,} customers, {total:,} rows; peak of the whole process, inputs included",
        "machine": machine(),
        "versions": {name: version(name) for name in ("clarion", "numpy")},
        "repeats": 1,
        "contenders": {
            "clarion": {"median_s": seconds, "min_s": seconds, "max_s": seconds, "peak_mib": peak}
        },
        "best_rival": None,
        "ratio": None,
        "goal": None,
        "facts": {
            "goal_mib": 4096,
            "memberships": audiences.n_memberships,
            "pairs": len(table),
            "build_s": round(built - begin, 2),
            "overlap_s": round(end - built, 2),
            "audiences_mib": round(audiences.memory_bytes / 2**20),
            "process_with_inputs_mib": round(inputs),
        },
    }
    if peak >= 4096:
        raise SystemExit(f"peak memory {peak:.0f} MiB, the limit is 4096")
    (RESULTS / "conflict").mkdir(parents=True, exist_ok=True)
    (RESULTS / "conflict" / "overlap_large.json").write_text(
        json.dumps(report, indent=2) + "\n", encoding="utf-8"
    )
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    run_large() if "--large" in sys.argv[1:] else run()
