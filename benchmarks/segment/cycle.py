"""One whole cycle, from a Parquet file of transactions to segments and suppression, by number of customers.

    python -m benchmarks.segment.cycle [customers ...]    50,000 500,000 5,000,000 where none is given

Each size runs in a process of its own, whose peak memory is told; ten transactions a customer. There is no rival that does all of it: the bar is
5 million customers in under 5 minutes and 12 GiB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (50_000, 500_000, 5_000_000)


def write(path: Path, customers: int) -> int:
    """Customers who buy at rates of their own until they leave, for three years; a hundredth of the rows cannot be used."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    random = np.random.default_rng(7)
    days = 3 * 365
    joined = random.integers(0, days - 30, customers)
    leaves = np.minimum(days, joined + random.exponential(500, customers) + 1)
    rate = random.gamma(1.5, 1 / 55, customers)
    count = 1 + random.poisson(rate * (leaves - joined))
    count = np.maximum(1, np.round(count * 10 * customers / count.sum())).astype(np.int64)
    who = np.repeat(np.arange(customers), count)
    day = joined[who] + random.random(len(who)) * (leaves - joined)[who]
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    day[first] = joined
    spend = random.lognormal(3, 0.6, customers)
    amount = np.round(spend[who] * random.lognormal(0, 0.4, len(who)), 2)
    amount[random.random(len(who)) < 0.01] = np.nan
    order = random.permutation(len(who))
    table = pa.table(
        {
            "customer": who[order],
            "date": (np.datetime64("2023-01-01") + day[order].astype(np.int64)).astype("datetime64[D]"),
            "amount": amount[order],
        }
    )
    parquet.write_table(table, path, row_group_size=1 << 20)
    return table.num_rows


def measure(path: Path) -> None:
    from clarion.segment import cycle

    begin = time.perf_counter()
    found = cycle(path)
    seconds = time.perf_counter() - begin
    print(
        json.dumps(
            {
                "customers": len(found.customers),
                "rows": found.records.rows_read,
                "seconds": round(seconds, 1),
                "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
                "steps": {name: round(s, 1) for name, s in found.seconds.items()},
                "quarantined": len(found.records.quarantine),
                "auc": None if found.propensity is None else round(found.propensity.auc, 3),
                "notes": found.notes,
            }
        ),
        flush=True,
    )


def run(sizes: tuple[int, ...] = SIZES) -> None:
    from benchmarks.harness import record

    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transactions.parquet"
        for customers in sizes:
            here = [sys.executable, "-m", "benchmarks.segment.cycle"]
            subprocess.run([*here, "--write", str(path), str(customers)], check=True)
            measured = subprocess.run(
                [*here, "--measure", str(path)], check=True, stdout=subprocess.PIPE, text=True
            )
            found.append(json.loads(measured.stdout))
            print(measured.stdout, end="", flush=True)
    largest = found[-1]
    assert largest["seconds"] < 300 and largest["peak_gib"] < 12, largest
    seconds = dict.fromkeys(("median_s", "min_s", "max_s"), largest["seconds"])
    record(
        "segment/cycle",
        {"clarion": {**seconds, "peak_mib": 1024 * largest["peak_gib"]}},
        data=f"{largest['customers']:,} customers, {largest['rows']:,} transactions, from a Parquet file to segments and suppression",
        facts={
            f"{each['customers']:,} customers": f"{each['seconds']} s, {each['peak_gib']} GiB; "
            + ", ".join(f"{name} {seconds}" for name, seconds in each["steps"].items())
            for each in found
        },
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--write", path, customers]:
            write(Path(path), int(customers))
        case ["--measure", path]:
            measure(Path(path))
        case sizes:
            run(tuple(map(int, sizes)) or SIZES)
