"""k-means from random batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import weights_of
from clarion.segment.kmeans import KMeans, tell_empty
from clarion.segment.points import named, seed_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MiniBatchKMeans"]


class MiniBatchKMeans(KMeans):
    """k-means by steps over random batches of rows (Sculley, WWW 2010): for more rows than :class:`KMeans` is patient with, or that
    come one part after another (``partial_fit``).

    A step gives ``batch_size`` rows to their nearest centers; a center is the mean of all rows that it was ever given. It ends
    when the smoothed inertia has not fallen for ``max_no_improvement`` steps (None: never), or after ``max_iter`` times as many
    rows as there are. A center with less than ``reassignment_ratio`` of the rows of the largest begins anew from a random row.
    ``init`` and ``n_init`` are those of :class:`KMeans`; "auto" is 3 starts where rows are random.

    After ``fit``: the attributes of :class:`KMeans`, ``n_steps_``, and ``counts_``, the weight that each center has seen.
    The same bits come out for any ``n_jobs``. O(batch_size x n_clusters x columns) a step.
    """

    n_steps_: int
    counts_: NDArray[np.float64]
    _many = 3

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 100,
        batch_size: int = 1024,
        max_no_improvement: int | None = 10,
        reassignment_ratio: float = 0.01,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.max_no_improvement = max_no_improvement
        self.reassignment_ratio = reassignment_ratio
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
        """Finds the clusters of the rows of X, and labels them. ``y`` is not looked at.

        Raises as :meth:`KMeans.fit` does. An interrupt leaves the estimator as it was.
        """
        array, known = self._begin(X)
        weight = weights_of(sample_weight, len(array))
        seed = seed_of(self.random_state)
        options: dict[str, Any] = {
            "n_clusters": self.n_clusters,
            "max_iter": self.max_iter,
            "batch_size": self.batch_size,
            "max_no_improvement": self.max_no_improvement or 0,
            "reassignment_ratio": self.reassignment_ratio,
            "seed": seed,
            "n_init": self._starts(),
        }
        centers = self._own_start(array, seed)
        if centers is None:
            options["init"] = self.init
        try:
            found = _core.mini_batch_kmeans(
                array, options, weight, centers, n_jobs=self.n_jobs, progress=progress
            )
        except ValueError as problem:
            raise named(known.get("feature_names_in_"), problem) from None
        tell_empty(found[4], self.n_clusters)
        known |= {
            "cluster_centers_": found[0],
            "labels_": found[1],
            "inertia_": found[2],
            "n_iter_": found[3],
        }
        return self._take({**known, "n_steps_": found[5], "counts_": found[6]})

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """One step on the rows of X, which are not kept; the first call makes a start from them."""
        import numpy as np

        if not self.__sklearn_is_fitted__():
            array, known = self._begin(X)
            weight = weights_of(sample_weight, len(array))
            centers, counts = (
                self._first(array, weight, known.get("feature_names_in_")),
                np.zeros(self.n_clusters),
            )
            steps = 0
        else:
            array = self._more(X, self.cluster_centers_)
            weight = weights_of(sample_weight, len(array))
            known = {
                name: value
                for name, value in vars(self).items()
                if name in ("n_features_in_", "feature_names_in_")
            }
            centers, counts, steps = self.cluster_centers_, self.counts_, self.n_steps_
        try:
            centers, counts, _ = _core.mini_batch_step(array, centers, counts, weight, n_jobs=self.n_jobs)
            labels, inertia = _core.kmeans_predict(array, centers, weight, n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(known.get("feature_names_in_"), problem) from None
        known |= {"cluster_centers_": centers, "counts_": counts, "n_steps_": steps + 1, "n_iter_": steps + 1}
        return self._take({**known, "labels_": labels, "inertia_": inertia})

    def _own_start(self, array: NDArray[Any], seed: int) -> NDArray[Any] | None:
        """Centers that the caller gave, or a function of theirs; None: the core finds them."""
        import numpy as np

        if isinstance(self.init, str):
            return None
        if callable(self.init):
            random = np.random.RandomState(seed % 2**32)
            return self._given(self.init(array, self.n_clusters, random_state=random), array)
        return self._given(self.init, array)

    def _first(
        self, array: NDArray[Any], weight: NDArray[np.float64] | None, names: NDArray[Any] | None
    ) -> NDArray[Any]:
        seed = seed_of(self.random_state)
        own = self._own_start(array, seed)
        if own is not None:
            return own
        try:
            rows = _core.kmeans_plusplus(array, self.n_clusters, seed, weight, n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(names, problem) from None
        return array[rows]
