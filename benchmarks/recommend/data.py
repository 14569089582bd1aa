"""The data sets that the benchmarks of the room share: `train, test = load("gowalla")`.

Gowalla and Yelp2018 in the split of LightGCN (He et al., SIGIR 2020), from the folder that CLARION_DATA names:
`<name>/train.txt.gz` and `<name>/test.txt.gz`, a line being `user item item ...`.
"""

from __future__ import annotations

import gzip
import os
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import sparse

NAMES = ("gowalla", "yelp2018")


def folder() -> Path:
    place = os.environ.get("CLARION_DATA")
    if not place:
        raise SystemExit("set CLARION_DATA to the folder that holds " + ", ".join(NAMES))
    return Path(place)


def lists(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(user, item) of each entry of a file of lines `user item item ...`."""
    users, items = [], []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            row = np.fromstring(line, dtype=np.int64, sep=" ")
            if len(row) > 1:
                users.append(np.full(len(row) - 1, row[0]))
                items.append(row[1:])
    return np.concatenate(users), np.concatenate(items)


@lru_cache(maxsize=2)
def load(name: str) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """(train, test): CSR matrices users x items of float32 ones, of one shape, columns ascending within a row."""
    if name not in NAMES:
        raise ValueError(f"name: {name!r} is not allowed; known are {', '.join(NAMES)}")
    parts = [lists(folder() / name / f"{part}.txt.gz") for part in ("train", "test")]
    shape = tuple(int(max(part[side].max() for part in parts)) + 1 for side in (0, 1))
    return tuple(matrix(users, items, shape) for users, items in parts)


def matrix(users: np.ndarray, items: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    out = sparse.csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=shape)
    out.sum_duplicates()
    out.sort_indices()
    out.data[:] = 1
    return out


if __name__ == "__main__":
    for known in NAMES:
        train, test = load(known)
        print(
            f"{known}: {train.shape[0]:,} users, {train.shape[1]:,} items, {train.nnz:,} train, {test.nnz:,} test"
        )
