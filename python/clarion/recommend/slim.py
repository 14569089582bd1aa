"""A sparse linear model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clarion._core import slim, slim_memory
from clarion.recommend.interactions import Interactions
from clarion.recommend.knn import weights_of
from clarion.recommend.model import Recommender

__all__ = ["SLIM"]


class SLIM(Recommender):
    """Sparse linear model (Ning and Karypis, ICDM 2011): each item as a sum of others with weights that are learned.

    Minimises for each item i, over weights w >= 0 with w_i = 0 and X the interactions, users x items::

        |x_i - X w|^2 / 2 + l2_reg |w|^2 / 2 + l1_reg sum(w)

    by coordinate descent to within ``tol``, in at most ``max_iter`` rounds an item. With ``candidates`` above 0 only that
    many items of the highest cosine with i may have weight (fsSLIM).

    After ``fit``: ``weights_`` (scipy CSR, items x items: weights_[j, i] is the weight of j for i), ``interactions_``, and
    ``findings_`` (R001 to R004) where there is too little to learn from.
    """

    def __init__(
        self,
        l1_reg: float = 1.0,
        l2_reg: float = 10.0,
        *,
        candidates: int = 0,
        max_iter: int = 100,
        tol: float = 1e-3,
        n_jobs: int | None = None,
    ) -> None:
        self.l1_reg = l1_reg
        self.l2_reg = l2_reg
        self.candidates = candidates
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        found = slim(data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress)
        return {"weights_": weights_of(found, data.n_items)}

    def _memory(self, data: Interactions) -> float:
        return self._sized(slim_memory, data)
