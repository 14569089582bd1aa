"""The 448 leading singular vectors of Gowalla's normalized interactions beside scikit-learn and scipy, what they capture first."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.harness import compare, threads
from benchmarks.recommend.data import load

RANK = 448


def normalized(train: Any) -> Any:
    users, items = (np.asarray(train.sum(axis)).ravel() ** -0.5 for axis in (1, 0))
    scaled = (sparse.diags_array(users) @ train @ sparse.diags_array(items)).astype(np.float32)
    return sparse.csr_matrix(scaled).sorted_indices()


def run() -> None:
    matrix = normalized(load("gowalla")[0])

    def ours() -> np.ndarray:
        from clarion._core import truncated_svd

        arrays = (matrix.indptr.astype(np.uint64), matrix.indices.astype(np.uint32), matrix.data)
        return truncated_svd(*arrays, matrix.shape[1], {"rank": RANK}, n_jobs=threads())[2]

    def scikit() -> np.ndarray:
        from sklearn.utils.extmath import randomized_svd

        return randomized_svd(matrix, RANK, random_state=0)[2].T

    def arpack() -> np.ndarray:
        from scipy.sparse.linalg import svds

        return svds(matrix, RANK, tol=1e-2, random_state=0)[2].T

    captured: dict[str, Any] = {}

    def as_much(mine: np.ndarray, theirs: np.ndarray) -> None:
        energy = [float(((matrix @ v).astype(np.float64) ** 2).sum()) for v in (mine, theirs)]
        captured[f"squares_{len(captured)}"] = [round(e, 3) for e in energy]
        # ARPACK's are exact; what is missing are parts of the last few.
        assert energy[0] > 0.99 * energy[1]

    compare(
        "core/truncated_svd",
        {"clarion": ours, "scikit-learn": scikit, "scipy": arpack},
        check=as_much,
        data=f"Gowalla, {matrix.shape[0]:,} x {matrix.shape[1]:,}, {matrix.nnz:,} entries, rank {RANK}",
        packages=("scikit-learn", "scipy"),
        repeats=1,
        memory=False,  # a fork after OpenMP has run hangs
        facts=captured,
    )


if __name__ == "__main__":
    run()
