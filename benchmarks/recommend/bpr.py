"""BPR on Yelp2018: epochs of as many steps as there are interactions, beside those of implicit, whose threads overwrite each other.

Lists after the same number of epochs are compared first, on the test part: Recall@20 may not be lower. implicit has the best
learning rate and regularization of 0.05, 0.15 and 0.003, 0.01 on a part of train; clarion has one candidate a step, as implicit
draws, and then its defaults.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import compare, peak_mebibytes, threads
from benchmarks.recommend.data import load

FACTORS, EPOCHS, K = 64, 20, 20


def recall(users: Any, items: Any, train: Any, test: Any) -> float:
    """Mean over users of the share of their test items that are among the best K of those they have not seen."""
    from clarion._core import ItemIndex, top_k

    seen = (train.indptr.astype(np.uint64), train.indices.astype(np.uint32))
    found = top_k(ItemIndex(items), users, None, K, exclude=seen, n_jobs=threads())[0].astype(np.int64)
    size = np.diff(test.indptr)
    pairs = np.repeat(np.arange(test.shape[0]), size) * test.shape[1] + test.indices
    hits = np.isin(found + np.arange(len(found))[:, None] * test.shape[1], pairs).sum(1)
    return float((hits[size > 0] / size[size > 0]).mean())


def clarion_fit(train: Any, **options: Any) -> tuple[Any, Any]:
    from clarion.recommend import BPR

    model = BPR(FACTORS, max_iter=EPOCHS, n_jobs=threads(), **options).fit(train)
    return model.user_factors_, model.item_factors_


def implicit_fit(train: Any) -> tuple[Any, Any]:
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=FACTORS, learning_rate=0.05, regularization=0.003, iterations=EPOCHS, num_threads=threads()
    )
    model.fit(train, show_progress=False)
    return np.asarray(model.user_factors, np.float32), np.asarray(model.item_factors, np.float32)


def run() -> None:
    from clarion.recommend import Interactions

    train, test = load("yelp2018")
    known = Interactions.from_csr(train)
    fits = {
        "clarion": lambda: clarion_fit(known),
        "clarion, from a scipy matrix": lambda: clarion_fit(train),
        "implicit": lambda: implicit_fit(train),
    }
    # Measured before OpenMP has run: a fork after it hangs.
    peaks = {name: round(peak_mebibytes(fit)) for name, fit in fits.items()}
    reached: dict[str, Any] = {"peak_mib": peaks}

    def no_worse(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> None:
        reached["clarion_recall"], reached["implicit_recall"] = (
            recall(*of, train, test) for of in (ours, theirs)
        )
        if reached["clarion_recall"] < reached["implicit_recall"]:
            raise AssertionError(f"lists are worse: {reached}")

    for name, options in (
        (
            "bpr",
            {
                "candidates": 1,
                "user_regularization": 0.01,
                "positive_regularization": 0.01,
                "negative_regularization": 0.01,
            },
        ),
        ("bpr_candidates", {}),
    ):
        compare(
            f"recommend/{name}",
            {
                "clarion": lambda options=options: clarion_fit(train, **options),
                "implicit": lambda: implicit_fit(train),
            },
            check=no_worse,
            data=f"Yelp2018, {train.nnz:,} interactions, {FACTORS} factors, {EPOCHS} epochs",
            packages=("implicit",),
            repeats=3,
            goal=1,
            memory=False,
            facts=reached,
        )


if __name__ == "__main__":
    run()
