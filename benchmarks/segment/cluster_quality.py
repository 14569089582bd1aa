"""Silhouettes of 20,000 rows beside scikit-learn, on k-means clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import compare, threads

ROWS, COLUMNS, K = 20_000, 8, 8


def same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def run() -> None:
    from clarion.segment import KMeans, silhouettes
    from sklearn.metrics import silhouette_samples

    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, COLUMNS)) + 3 * random.integers(0, 2, (ROWS, COLUMNS))
    labels = KMeans(K, random_state=0).fit_predict(x)
    compare(
        "segment/cluster_quality",
        {
            "clarion": lambda: silhouettes(x, labels, n_jobs=threads()),
            "scikit-learn": lambda: silhouette_samples(x, labels, metric="euclidean"),
        },
        check=same,
        data=f"silhouettes of {ROWS:,} rows x {COLUMNS}, {K} clusters",
        packages=("scikit-learn",),
        repeats=3,
        memory=False,
    )


if __name__ == "__main__":
    run()
