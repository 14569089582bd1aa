"""ItemKNN on Gowalla: 100 neighbours by cosine beside implicit and irspack, and the 20 best unseen items of every user."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.harness import compare, peak_mebibytes, threads
from benchmarks.recommend.data import load

NEIGHBOURS, K = 100, 20


def clarion_fit(train: Any) -> Any:
    from clarion.recommend import ItemKNN

    return ItemKNN(NEIGHBOURS, n_jobs=threads()).fit(train).weights_


def implicit_fit(train: Any) -> Any:
    from implicit.nearest_neighbours import CosineRecommender

    # An item is among its own neighbours.
    model = CosineRecommender(K=NEIGHBOURS + 1, num_threads=threads())
    model.fit(train, show_progress=False)
    return model.similarity


def irspack_fit(train: Any) -> Any:
    from irspack import CosineKNNRecommender

    model = CosineKNNRecommender(train, top_k=NEIGHBOURS + 1, normalize=True, n_threads=threads()).learn()
    return sparse.csr_matrix(model.W)


def same_weights(ours: Any, theirs: Any) -> None:
    """Each row the same weights: which of equal ones stand in it is left to each."""
    rival = sparse.csr_matrix(theirs)
    rival.setdiag(0)
    rival.eliminate_zeros()
    if not np.array_equal(np.diff(ours.indptr), np.diff(rival.indptr)):
        raise AssertionError("items differ in the number of neighbours")
    rows = np.repeat(np.arange(ours.shape[0]), np.diff(ours.indptr))
    one, other = (matrix.data[np.lexsort((matrix.data, rows))] for matrix in (ours, rival))
    np.testing.assert_allclose(one, other, rtol=1e-5)


def same_scores(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> None:
    """The same scores, and places that are not used at the end of the same lists."""
    used = np.isfinite(ours[1])
    np.testing.assert_allclose(ours[1][used], theirs[1][used], rtol=1e-4)
    if np.any(theirs[1][~used] > 0):
        raise AssertionError("a list is shorter than implicit's")


def run() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks
    train, _ = load("gowalla")
    size = f"{train.shape[0]:,} users, {train.shape[1]:,} items, {train.nnz:,} interactions"
    for package in ("clarion.recommend", "implicit.nearest_neighbours", "irspack"):
        importlib.import_module(package)  # later it would count as memory of the fit

    fits = {"clarion": clarion_fit, "implicit": implicit_fit, "irspack": irspack_fit}
    # Measured before OpenMP has run: a fork after it hangs.
    peaks = {name: round(peak_mebibytes(lambda fit=fit: fit(train))) for name, fit in fits.items()}
    compare(
        "recommend/knn_fit",
        {name: lambda fit=fit: fit(train) for name, fit in fits.items()},
        check=same_weights,
        data=f"{size}, {NEIGHBOURS} neighbours by cosine",
        packages=("implicit", "irspack"),
        goal=4,
        memory=False,
        facts={"peak_mib": peaks},
    )

    from clarion.recommend import ItemKNN
    from implicit.nearest_neighbours import CosineRecommender, NearestNeighboursScorer

    model = ItemKNN(NEIGHBOURS, n_jobs=threads()).fit(train)
    model.recommend([0])  # weights are laid out once
    # From the same weights: which of equal neighbours each would keep is another matter.
    rival = CosineRecommender(num_threads=threads())
    rival.similarity = model.weights_.astype(np.float64)
    rival.scorer = NearestNeighboursScorer(rival.similarity)
    everyone = np.arange(train.shape[0])

    def clarion_lists() -> tuple[Any, Any]:
        found = model.recommend(k=K)
        return found.numbers, found.scores

    def implicit_lists() -> tuple[Any, Any]:
        return rival.recommend(everyone, train, N=K)

    compare(
        "recommend/knn_top_k",
        {"clarion": clarion_lists, "implicit": implicit_lists},
        check=same_scores,
        data=f"{size}, {NEIGHBOURS} neighbours an item, {K} unseen items a user",
        packages=("implicit",),
        repeats=3,
        goal=6,
        memory=False,
    )


if __name__ == "__main__":
    run()
