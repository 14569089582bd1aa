"""The 20 best unseen items of every user of Gowalla, from vectors of 128 factors, beside implicit's `recommend`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads
from benchmarks.recommend.data import load

K, FACTORS = 20, 128


def same_lists(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> None:
    """The same scores; the same items but where scores lie within rounding of each other."""
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-4, atol=1e-5)
    if (ours[0] != theirs[0]).mean() > 1e-3:
        raise AssertionError("more than one item in a thousand differs")


def run() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks
    from clarion.recommend import ImplicitALS
    from implicit.cpu.topk import topk

    train, _ = load("gowalla")
    model = ImplicitALS(FACTORS, 0.003, 0.1, 5, n_jobs=threads()).fit(train)
    users, items = model.user_factors_, model.item_factors_

    def clarion_lists() -> tuple[Any, Any]:
        found = model.recommend(k=K)
        return found.numbers, found.scores

    def implicit_lists() -> tuple[Any, Any]:
        return topk(items, users, K, filter_query_items=train, num_threads=threads())

    compare(
        "recommend/top_k",
        {"clarion": clarion_lists, "implicit": implicit_lists},
        check=same_lists,
        data=f"{train.shape[0]:,} users, {train.shape[1]:,} items, {FACTORS} factors, {K} unseen items each",
        packages=("implicit",),
        repeats=5,
        goal=4,
        memory=False,  # a fork after OpenMP has run hangs
    )


if __name__ == "__main__":
    run()
