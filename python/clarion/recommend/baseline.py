"""What a model must beat: the popular, and chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion._core import popular, popular_memory, random_scores, random_scores_memory
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Popular", "Random"]


class Popular(Recommender):
    """What has been used most: the score of an item is the sum of its weights.

    With ``half_life``, in days before the latest entry, an entry counts half (the interactions need times). With
    ``segments`` in ``fit``, a label a user, the sum is that of the user's segment; people who are folded in have none,
    and get what is popular overall. ``segments_`` are the labels, in the order of the factors after the first.
    """

    def __init__(self, half_life: float = 0, *, n_jobs: int | None = None) -> None:
        self.half_life = half_life
        self.n_jobs = n_jobs

    def fit(
        self,
        interactions: Any,
        *,
        segments: ArrayLike | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Counts Interactions or a scipy sparse matrix, users x items. O(entries + users x segments).

        Raises ValueError for segments of another count, and for a half-life without times.
        """
        data = interactions_of(interactions)
        return self._take(data, self._learn(data, progress, segments))

    def _learn(
        self,
        data: Interactions,
        progress: Callable[[float], None] | None,
        segments: ArrayLike | None = None,
    ) -> dict[str, Any]:
        import numpy as np

        labels, numbers = None, None
        if segments is not None:
            labels, numbers = np.unique(np.asarray(segments), return_inverse=True)
            numbers = numbers.astype(np.uint32)
        users, items = popular(data._matrix, self._options(), numbers, n_jobs=self.n_jobs, progress=progress)
        found = {"user_factors_": users, "item_factors_": items}
        return found if labels is None else {**found, "segments_": labels}

    def memory_bytes(self, interactions: Any, segments: ArrayLike | None = None) -> float:
        """Bytes that a fit takes at its peak beside the interactions, the result included."""
        import numpy as np

        data = interactions_of(interactions)
        return popular_memory(data.n_users, data.n_items, 0 if segments is None else len(np.unique(segments)))

    def _fold(self, data: Interactions) -> dict[str, Any]:
        import numpy as np

        overall = np.zeros((data.n_users, self.item_factors_.shape[1]), np.float32)
        overall[:, 0] = 1
        return {"user_factors_": overall}


class Random(Recommender):
    """Any item, as likely as any other; the same for the same ``random_state``."""

    def __init__(self, *, random_state: int = 0, n_jobs: int | None = None) -> None:
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        users, items = random_scores(
            data.n_users, data.n_items, self.random_state, n_jobs=self.n_jobs, progress=progress
        )
        return {"user_factors_": users, "item_factors_": items}

    def _memory(self, data: Interactions) -> float:
        return random_scores_memory(data.n_users, data.n_items)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        users, _ = random_scores(data.n_users, 0, self.random_state, n_jobs=self.n_jobs)
        return {"user_factors_": users}
