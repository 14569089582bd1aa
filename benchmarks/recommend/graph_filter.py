"""GraphFilter on Gowalla, fit and the 20 best unseen items of every user, beside a numpy recipe of blurring and sharpening.

The recipe is BSPM (Choi et al., SIGIR 2023): blurred by the linear and the ideal filter, sharpened by one Runge-Kutta step, on scipy's
sparse products, numpy's dense ones and scikit-learn's randomized SVD. Recall@20 and NDCG@20 are compared first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.harness import compare, threads
from benchmarks.recommend.accuracy import CHOSEN
from benchmarks.recommend.data import load

K, RANK = 20, 448


def quality(items: np.ndarray, test: Any) -> tuple[float, float]:
    """(Recall@20, NDCG@20), recall divided by the number of relevant items, over users with any."""
    hits = np.zeros(items.shape, bool)
    for user in range(len(items)):
        hits[user] = np.isin(items[user], test.indices[test.indptr[user] : test.indptr[user + 1]])
    relevant = np.diff(test.indptr)
    gain = 1 / np.log2(np.arange(2, K + 2))
    best = np.concatenate([[0], np.cumsum(gain)])[np.minimum(relevant, K)]
    some = relevant > 0
    return float((hits.sum(1)[some] / relevant[some]).mean()), float(
        ((hits @ gain)[some] / best[some]).mean()
    )


def clarion_lists(train: Any) -> np.ndarray:
    from clarion.recommend import GraphFilter

    settings, _ = CHOSEN["GraphFilter"]["gowalla"]
    return GraphFilter(RANK, **settings, n_jobs=threads()).fit(train).recommend(k=K).numbers


def numpy_lists(train: Any, weight: float = 0.2, size: float = 2.5) -> np.ndarray:
    from sklearn.utils.extmath import randomized_svd

    users = np.asarray(train.sum(1)).ravel() ** -0.5
    items = np.asarray(train.sum(0)).ravel() ** 0.5
    r = sparse.csr_matrix(
        (sparse.diags_array(users) @ train @ sparse.diags_array(1 / items)).astype(np.float32)
    )
    turned = r.T.tocsr()
    _, _, vectors = randomized_svd(r, RANK, random_state=0)
    vectors = vectors.astype(np.float32)
    near, far = (vectors / items).T.astype(np.float32), (vectors * items).astype(np.float32)
    steps = [(-size) ** n / factor for n, factor in enumerate((1, 1, 2, 6, 24))]
    found = np.empty((train.shape[0], K), np.int64)

    def filtered(scores: np.ndarray) -> np.ndarray:
        return turned @ (r @ scores)

    for first in range(0, train.shape[0], 2048):
        rows = train[first : first + 2048]
        power = filtered(rows.T.toarray()) + np.float32(weight) * ((rows @ near) @ far).T
        scores = power.copy()
        for step in steps[1:]:
            power = filtered(power)
            scores += np.float32(step) * power
        scores = scores.T.copy()
        scores[rows.nonzero()] = -np.inf
        top = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1)
        found[first : first + 2048] = np.take_along_axis(top, order, 1)
    return found


def run() -> None:
    train, test = load("gowalla")
    facts: dict[str, Any] = {}

    def as_accurate(ours: np.ndarray, theirs: np.ndarray) -> None:
        for name, lists in (("clarion", ours), ("numpy", theirs)):
            recall, ndcg = quality(lists, test)
            facts[name] = {"recall_20": round(recall, 4), "ndcg_20": round(ndcg, 4)}
        assert facts["clarion"]["recall_20"] >= facts["numpy"]["recall_20"] - 0.0002
        assert facts["clarion"]["ndcg_20"] >= facts["numpy"]["ndcg_20"] - 0.0002

    compare(
        "recommend/graph_filter",
        {
            "clarion": lambda: clarion_lists(train),
            "numpy": lambda: numpy_lists(train),
        },
        check=as_accurate,
        data=f"Gowalla, {train.nnz:,} interactions, fit and {K} unseen items for each of {train.shape[0]:,} users",
        packages=("scipy", "scikit-learn"),
        repeats=1,
        goal=8,
        memory=False,  # a fork after OpenMP has run hangs
        facts=facts,
    )


if __name__ == "__main__":
    run()
