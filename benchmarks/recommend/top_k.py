"""The 20 best unseen items of every user of Gowalla, from vectors of 128 factors, beside implicit's `recommend`; and those of one
user at a time among a million items."""

from __future__ import annotations

import os
import time
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
    every_user()
    one_user()


def every_user() -> None:
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


def one_user() -> None:
    """Vectors of normal numbers, of nearly one length: the bound by length leaves out little."""
    from clarion._core import ItemIndex, top_k
    from implicit.cpu.topk import topk

    random = np.random.default_rng(0)
    n_items, factors, calls = 1_000_000, 64, 200
    items = random.normal(size=(n_items, factors)).astype(np.float32)
    users = random.normal(size=(calls, factors)).astype(np.float32)
    index = ItemIndex(items)

    def lists(level: str = "avx512") -> tuple[Any, Any, Any]:
        os.environ["CLARION_SIMD"] = level
        taken, found = [], []
        for row in range(calls):
            begin = time.perf_counter()
            found.append(top_k(index, users[row : row + 1], None, K, n_jobs=threads()))
            taken.append(time.perf_counter() - begin)
        del os.environ["CLARION_SIMD"]
        return np.vstack([f[0] for f in found]), np.vstack([f[1] for f in found]), np.array(taken)

    def implicit_lists() -> tuple[Any, Any]:
        found = [topk(items, users[row : row + 1], K, num_threads=threads()) for row in range(calls)]
        return np.vstack([f[0] for f in found]), np.vstack([f[1] for f in found])

    lists("avx2")  # lays out what it needs
    whole, bytes_first = lists("avx2"), lists()
    same_lists(whole, bytes_first)
    compare(
        "recommend/top_k_one_user",
        {"clarion": lists, "implicit": implicit_lists},
        check=same_lists,
        data=f"{calls} users one by one, {n_items:,} items, {factors} factors, the best {K}",
        packages=("implicit",),
        repeats=3,
        memory=False,
        facts={
            name: f"p50 {np.percentile(taken, 50) * 1e3:.1f} ms, p99 {np.percentile(taken, 99) * 1e3:.1f} ms"
            for name, taken in (("single precision", whole[2]), ("8 bits first", bytes_first[2]))
        },
    )


if __name__ == "__main__":
    run()
