"""k-means beside scikit-learn (Lloyd, Elkan), scikit-learn-intelex and faiss: from the same centers, iterations and labels first."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads

Answer = tuple[np.ndarray, int, np.ndarray]  # labels, iterations, centers


def blobs(rows: int, columns: int, groups: int, spread: float, seed: int) -> np.ndarray:
    """Groups that overlap, so that borders move for long."""
    random = np.random.default_rng(seed)
    centers = random.normal(size=(groups, columns))
    labels = random.integers(groups, size=rows)
    return (centers[labels] + spread * random.normal(size=(rows, columns))).astype(np.float32)


def contenders(
    x: np.ndarray, start: np.ndarray, iterations: int, tol: float
) -> dict[str, Callable[[], Answer]]:
    k, n = len(start), threads()
    options: dict[str, Any] = {
        "n_clusters": k,
        "init": start,
        "n_init": 1,
        "max_iter": iterations,
        "tol": tol,
    }

    def ours() -> Answer:
        from clarion.segment import KMeans

        model = KMeans(**options, n_jobs=n).fit(x)
        return model.labels_, model.n_iter_, model.cluster_centers_

    def scikit(algorithm: str) -> Answer:
        from sklearn.cluster import KMeans

        model = KMeans(**options, algorithm=algorithm).fit(x)
        return model.labels_, model.n_iter_, model.cluster_centers_

    def intelex() -> Answer:
        from sklearnex.cluster import KMeans

        model = KMeans(**options, algorithm="lloyd").fit(x)
        return model.labels_, model.n_iter_, model.cluster_centers_

    def faiss_labels(passes: int) -> Callable[[], Answer]:
        def run() -> Answer:
            import faiss

            faiss.omp_set_num_threads(n)
            model = faiss.Clustering(x.shape[1], k)
            model.niter, model.max_points_per_centroid, model.min_points_per_centroid = passes, len(x), 1
            faiss.copy_array_to_vector(start.ravel(), model.centroids)
            index = faiss.IndexFlatL2(x.shape[1])
            model.train(x, index)
            labels = index.search(x, 1)[1].ravel()
            return labels, passes, faiss.vector_to_array(model.centroids).reshape(k, -1)

        return run

    found: dict[str, Callable[[], Answer]] = {
        "clarion": ours,
        "scikit-learn lloyd": lambda: scikit("lloyd"),
        "scikit-learn elkan": lambda: scikit("elkan"),
    }
    if importlib.util.find_spec("sklearnex"):
        found["scikit-learn-intelex"] = intelex
    if importlib.util.find_spec("faiss"):
        # It has no test of convergence: it is given as many iterations as scikit-learn takes.
        passes = iterations if tol < 0 else ours()[1]
        found["faiss"] = faiss_labels(passes)
    return found


def same(mine: Answer, theirs: Answer) -> None:
    assert mine[1] == theirs[1], f"{mine[1]} iterations, {theirs[1]}"
    equal = float(np.mean(mine[0] == theirs[0]))
    assert equal >= 0.9999, f"{equal:.6f} of the labels are equal"


def measure(thing: str, x: np.ndarray, k: int, iterations: int, tol: float, goal: float) -> None:
    start = x[np.random.default_rng(1).choice(len(x), k, replace=False)].copy()
    compare(
        thing,
        contenders(x, start, iterations, tol),
        check=same,
        data=f"{len(x):,} x {x.shape[1]} float32, k={k}, at most {iterations} iterations, tol {tol:g}, the same start",
        packages=("scikit-learn", "scikit-learn-intelex", "faiss-cpu"),
        repeats=3,
        goal=goal,
        memory=False,  # a fork after OpenMP has run hangs
    )


def start(x: np.ndarray, k: int) -> None:
    seeds = iter(range(10**6))

    def ours() -> np.ndarray:
        from clarion.segment import kmeans_plusplus

        return kmeans_plusplus(x, k, random_state=next(seeds), n_jobs=threads())[0]

    def scikit() -> np.ndarray:
        from sklearn.cluster import kmeans_plusplus

        return kmeans_plusplus(x, k, random_state=next(seeds))[0]

    def potential(centers: np.ndarray) -> float:
        sample = x[:: max(1, len(x) // 50_000)]
        return float(np.min(((sample[:, None, :] - centers[None]) ** 2).sum(2), axis=1).mean())

    def as_good(mine: np.ndarray, theirs: np.ndarray) -> None:
        ours_all = np.mean([potential(mine), *(potential(ours()) for _ in range(4))])
        theirs_all = np.mean([potential(theirs), *(potential(scikit()) for _ in range(4))])
        assert ours_all < 1.03 * theirs_all, f"potential {ours_all:.4f}, {theirs_all:.4f}"

    compare(
        "segment/kmeans_plusplus",
        {"clarion": ours, "scikit-learn": scikit},
        check=as_good,
        data=f"{len(x):,} x {x.shape[1]} float32, k={k}, greedy k-means++",
        packages=("scikit-learn",),
        repeats=3,
        goal=8,
        memory=False,
    )


def run() -> None:
    os.environ["OMP_NUM_THREADS"] = str(threads())
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads())
    few = blobs(1_000_000, 8, 16, 0.7, 0)
    measure("segment/kmeans_8", few, 16, 50, 0.0, 8)
    start(few, 16)
    measure("segment/kmeans_64", blobs(200_000, 64, 100, 1.0, 2), 100, 300, 1e-4, 3)


if __name__ == "__main__":
    run()
