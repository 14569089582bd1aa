"""Ward and single linkage of 20,000 x 8, average and complete of 10,000 x 8, beside fastcluster; average beside SciPy too."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from benchmarks.harness import compare


def clouds(n: int, columns: int = 8, centres: int = 20, seed: int = 0) -> Any:
    """Overlapping clouds of different width."""
    random = np.random.default_rng(seed)
    of = random.integers(0, centres, n)
    middle, spread = random.normal(0, 4, (centres, columns)), random.uniform(0.3, 2, centres)
    return middle[of] + random.normal(size=(n, columns)) * spread[of][:, None]


def same_heights(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours[:, 2], theirs[:, 2], rtol=1e-6)


def run() -> None:
    for package in ("clarion.segment", "fastcluster", "scipy.cluster.hierarchy"):
        importlib.import_module(package)  # later it would count as memory of the fit
    import fastcluster
    from clarion.segment import linkage
    from scipy.cluster.hierarchy import linkage as scipy_linkage

    x = clouds(20_000)
    compare(
        "segment/linkage_ward",
        {
            "clarion": lambda: linkage(x, "ward").matrix,
            "fastcluster": lambda: fastcluster.linkage_vector(x, "ward"),
        },
        check=same_heights,
        data="20,000 points x 8, overlapping clouds",
        packages=("fastcluster",),
        goal=3,
    )
    compare(
        "segment/linkage_single",
        {
            "clarion": lambda: linkage(x, "single").matrix,
            "fastcluster": lambda: fastcluster.linkage_vector(x, "single"),
        },
        check=same_heights,
        data="20,000 points x 8, overlapping clouds",
        packages=("fastcluster",),
        repeats=3,
        goal=3,
    )
    few = x[:10_000]
    for method in ("average", "complete"):
        rivals = {"fastcluster": lambda method=method: fastcluster.linkage(few, method)}
        if method == "average":
            rivals["scipy"] = lambda: scipy_linkage(few, "average")
        compare(
            f"segment/linkage_{method}",
            {"clarion": lambda method=method: linkage(few, method).matrix, **rivals},
            check=same_heights,
            data="10,000 points x 8, overlapping clouds",
            packages=tuple(rivals),
            repeats=3,
            goal=3,
        )


if __name__ == "__main__":
    run()
