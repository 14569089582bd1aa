"""k-means."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import matrix_of, weights_of
from clarion.segment.points import PointsEstimator, named, seed_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["KMeans", "kmeans_plusplus", "tell_empty"]


class KMeans(PointsEstimator):
    """Groups of rows around their means: Lloyd's algorithm from a greedy k-means++ start (Arthur and Vassilvitskii, SODA 2007).

    ``init`` is "k-means++", "random" (rows without repetition), an array ``n_clusters`` x columns, or a function
    ``(X, n_clusters, random_state) -> array``. ``n_init`` starts are made and the one with the least inertia kept;
    "auto": 1, or 10 where ``init`` is "random" or a function. A start ends when no label changes, the squared moves of all
    centers sum to no more than ``tol`` times the mean variance of a column, or after ``max_iter`` iterations.

    After ``fit``: ``cluster_centers_`` (n_clusters x columns, in the precision of X: float32 or float64), ``labels_``
    (int32), ``inertia_`` (weighted squared distances to the centers, summed), ``n_iter_``, ``n_features_in_``, and
    ``feature_names_in_`` of a frame. Labels are exact in double precision; the same bits come out for any ``n_jobs``.
    An empty cluster gets the row farthest from its center. O(rows x n_clusters x columns) an iteration at worst.

    It takes arrays and data frames, and works in scikit-learn's pipelines and searches.
    """

    cluster_centers_: NDArray[Any]
    labels_: NDArray[np.int32]
    inertia_: float
    n_iter_: int
    _many = 10  # starts from random rows

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Finds the clusters of the rows of X. ``y`` is not looked at; ``sample_weight`` is a number >= 0 a row.

        Raises ValueError for more clusters than rows, options out of range, and NaN or infinities (naming the column).
        An interrupt leaves the estimator as it was.
        """
        import numpy as np

        array, known = self._begin(X)
        weight = weights_of(sample_weight, len(array))
        starts, seed = self._starts(), seed_of(self.random_state)
        options: dict[str, Any] = {
            "n_clusters": self.n_clusters,
            "max_iter": self.max_iter,
            "tol": self.tol,
            "seed": seed,
            "n_init": starts,
        }

        def solve(centers: NDArray[Any] | None, tell: Callable[[float], None] | None) -> Any:
            try:
                return _core.kmeans(array, options, weight, centers, n_jobs=self.n_jobs, progress=tell)
            except ValueError as problem:
                raise named(known.get("feature_names_in_"), problem) from None

        if callable(self.init):
            random, best = np.random.RandomState(seed % 2**32), None
            for s in range(starts):
                made = self._given(self.init(array, self.n_clusters, random_state=random), array)
                tell = progress and (lambda part, s=s: progress((s + part) / starts))  # type: ignore[misc]
                found = solve(made, tell)
                best = found if best is None or found[2] < best[2] else best
        elif isinstance(self.init, str):
            options["init"] = self.init
            best = solve(None, progress)
        else:
            best = solve(self._given(self.init, array), progress)
        assert best is not None
        centers, labels, inertia, iterations, distinct = best
        tell_empty(distinct, len(centers))
        return self._take(
            {
                **known,
                "cluster_centers_": centers,
                "labels_": labels,
                "inertia_": inertia,
                "n_iter_": iterations,
            }
        )

    def predict(self, X: Any) -> NDArray[np.int32]:
        """The nearest center of each row."""
        return self._labelled(X, None)[0]

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> NDArray[np.int32]:
        """``fit(X).labels_``."""
        return self.fit(X, y, sample_weight).labels_

    def transform(self, X: Any) -> NDArray[Any]:
        """Distances to the centers, rows x clusters."""
        array = self._more(X)
        try:
            return _core.kmeans_distances(array, self._centers(array), n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(getattr(self, "feature_names_in_", None), problem) from None

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> NDArray[Any]:
        """``fit(X).transform(X)``."""
        return self.fit(X, y, sample_weight).transform(X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Less the inertia of the rows: more is better."""
        return -self._labelled(X, sample_weight)[1]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Names of the columns of ``transform``."""
        import numpy as np

        name = type(self).__name__.lower()
        return np.array([f"{name}{c}" for c in range(len(self.cluster_centers_))], dtype=object)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags("clusterer", TargetTags(required=False), TransformerTags(["float64", "float32"]))

    def _starts(self) -> int:
        if self.n_init == "auto":
            return (
                self._many
                if callable(self.init) or (isinstance(self.init, str) and self.init == "random")
                else 1
            )
        if isinstance(self.n_init, str) or self.n_init < 1:
            raise ValueError(
                f"n_init: {self.n_init!r} is not allowed; give 'auto' or a number of starts >= 1"
            )
        return self.n_init

    def _given(self, centers: Any, array: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.ascontiguousarray(matrix_of(centers)[0], array.dtype)

    def _centers(self, like: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.ascontiguousarray(self.cluster_centers_, like.dtype)

    def _labelled(self, X: Any, sample_weight: Any) -> tuple[NDArray[np.int32], float]:
        array = self._more(X)
        weight = weights_of(sample_weight, len(array))
        try:
            return _core.kmeans_predict(array, self._centers(array), weight, n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(getattr(self, "feature_names_in_", None), problem) from None


def tell_empty(distinct: int, k: int) -> None:
    if distinct < k:
        warnings.warn(
            f"{distinct} clusters have rows, of {k}: the others found no row of their own", stacklevel=3
        )


def kmeans_plusplus(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Centers to begin with by greedy k-means++, and the rows that they are.

    The first is drawn by weight, each further one is the best of 2 + log(n_clusters) rows drawn by weight times squared
    distance to the nearest so far (Arthur and Vassilvitskii, SODA 2007). O(rows x n_clusters x log(n_clusters) x columns).
    """
    import numpy as np

    array, _ = matrix_of(X)
    rows = _core.kmeans_plusplus(
        array, n_clusters, seed_of(random_state), weights_of(sample_weight, len(array)), n_jobs=n_jobs
    ).astype(np.int64)
    return array[rows], rows
