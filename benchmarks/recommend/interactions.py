"""From 5M events with ids of the caller's own to the matrix by user and by item; `--large` measures 100M rows instead."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from benchmarks.harness import RESULTS, compare, machine, peak_mebibytes, threads

USERS, ITEMS = 20, 100_000  # rows a user, and items


def events(rows: int, dtype: type = np.int64) -> tuple[Any, Any, Any]:
    """(user, item, weight): ids far apart in the first two, popular items far more often than others."""
    random = np.random.default_rng(3)
    user = random.integers(0, rows // USERS, rows, dtype=dtype)
    item = (random.zipf(1.3, rows) % ITEMS).astype(dtype)
    if dtype is np.int64:
        user, item = user * 1_000_003, item * 999_983
    return user, item, random.integers(1, 9, rows).astype(np.float32) / 4


def clarion_matrix(user: Any, item: Any, weight: Any) -> Any:
    from clarion.recommend import Interactions

    return Interactions.from_arrays(user, item, weight, n_jobs=threads())


def pandas_matrix(user: Any, item: Any, weight: Any) -> Any:
    import pandas as pd
    from scipy.sparse import coo_array

    users, user_ids = pd.factorize(user, sort=True)
    items, item_ids = pd.factorize(item, sort=True)
    by_user = coo_array((weight, (users, items)), shape=(len(user_ids), len(item_ids))).tocsr()
    by_user.sort_indices()
    return by_user, by_user.T.tocsr(), user_ids, item_ids


def polars_matrix(user: Any, item: Any, weight: Any) -> Any:
    import polars as pl
    from scipy.sparse import csr_array

    table = pl.DataFrame({"user": user, "item": item, "weight": weight})
    table = table.group_by("user", "item").agg(pl.col("weight").sum()).sort("user", "item")
    user_ids, item_ids = table["user"].unique().sort(), table["item"].unique().sort()
    users = user_ids.search_sorted(table["user"]).to_numpy()
    items = item_ids.search_sorted(table["item"]).to_numpy()
    offsets = np.searchsorted(users, np.arange(len(user_ids) + 1))
    shape = (len(user_ids), len(item_ids))
    by_user = csr_array((table["weight"].to_numpy(), items, offsets), shape=shape)
    return by_user, by_user.T.tocsr(), user_ids.to_numpy(), item_ids.to_numpy()


def same(ours: Any, theirs: Any) -> None:
    by_user, by_item, users, items = theirs
    assert np.array_equal(ours.users, users)
    assert np.array_equal(ours.items, items)
    matrix = ours.to_csr()
    # Quarters add up exactly in any order.
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(matrix, name), getattr(by_user, name))
    offsets, index, value = ours._matrix.by_item()
    assert np.array_equal(offsets, by_item.indptr)
    assert np.array_equal(index, by_item.indices)
    assert np.array_equal(value, by_item.data)


def run() -> None:
    table = events(5_000_000)
    compare(
        "recommend/interactions",
        {
            "clarion": lambda: clarion_matrix(*table),
            "pandas": lambda: pandas_matrix(*table),
            "polars": lambda: polars_matrix(*table),
        },
        check=same,
        data="5M events of 250k users and 100k items, int64 ids far apart, float32 weights",
        packages=("pandas", "polars", "scipy"),
        memory=False,  # a process forked from one in which polars has run does not come back
    )


def large() -> None:
    user, item, _ = events(100_000_000, np.int32)
    peak = peak_mebibytes(lambda: clarion_matrix(user, item, None))
    report = {"machine": machine(), "rows": len(user), "peak_mib_besides_input": round(peak)}
    target = RESULTS / "recommend" / "interactions_large.txt"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    large() if "--large" in sys.argv else run()
