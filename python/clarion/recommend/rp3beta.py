"""Random walks over users and items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clarion._core import rp3beta, rp3beta_memory
from clarion.recommend.interactions import Interactions
from clarion.recommend.knn import weights_of
from clarion.recommend.model import Recommender

__all__ = ["RP3beta"]


class RP3beta(Recommender):
    """Random walks of three steps with popular items held back (Paudel et al., TiiS 2017); P3alpha with ``beta`` 0.

    From a user over one of their items and another user to an item: a user's score of an item is the sum, over the
    user's items j, of their weight in the interactions times sum over users v of p(v | j)^alpha p(item | v)^alpha /
    count of the item^beta, where it is among the ``k`` highest of j. With ``normalize`` those of an item add up to 1.

    After ``fit``: ``weights_`` (scipy CSR, items x items: row j has where walks from j end), ``interactions_``, and
    ``findings_`` (R001 to R004) where there is too little to learn from. O(sum over users of n_u^2).
    """

    def __init__(
        self,
        k: int = 100,
        alpha: float = 1.0,
        beta: float = 0.3,
        *,
        normalize: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.k = k
        self.alpha = alpha
        self.beta = beta
        self.normalize = normalize
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        found = rp3beta(data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress)
        return {"weights_": weights_of(found, data.n_items)}

    def _memory(self, data: Interactions) -> float:
        return self._sized(rp3beta_memory, data)
