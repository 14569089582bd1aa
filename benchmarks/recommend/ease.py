"""EASE on the 10,000 most popular items of Gowalla, beside the published recipe with numpy's inverse; the weights compared first."""

from __future__ import annotations

import os
from typing import Any

from benchmarks.harness import compare, threads

os.environ["OPENBLAS_NUM_THREADS"] = str(threads())  # read once, when numpy is loaded

import numpy as np

from benchmarks.recommend.data import load

ITEMS, REGULARIZATION = 10_000, 100.0


def clarion_fit(train: Any) -> Any:
    from clarion.recommend import EASE

    return EASE(REGULARIZATION, user_scaling=0, item_scaling=0, n_jobs=threads()).fit(train).weights_


def numpy_fit(train: Any) -> Any:
    gram = (train.T @ train).toarray()
    diagonal = np.diag_indices(ITEMS)
    gram[diagonal] += REGULARIZATION
    p = np.linalg.inv(gram)
    weights = p / -np.diag(p)
    weights[diagonal] = 0
    return weights


def same_weights(ours: Any, theirs: Any) -> None:
    # Two inverses in single precision of a matrix whose condition is some thousand.
    away = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    assert away < 1e-5, f"weights differ by {away}"


def run() -> None:
    train, _ = load("gowalla")
    popular = np.sort(
        np.argsort(-np.bincount(train.indices, minlength=train.shape[1]), kind="stable")[:ITEMS]
    )
    train = train[:, popular]
    train.sort_indices()
    compare(
        "recommend/ease",
        {"clarion": lambda: clarion_fit(train), "numpy": lambda: numpy_fit(train)},
        check=same_weights,
        data=f"Gowalla's {ITEMS:,} most popular items, {train.nnz:,} interactions",
        packages=("scipy",),
        repeats=3,
        goal=2,
    )


if __name__ == "__main__":
    run()
