"""Ridge regression of every item on the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._core import ease, ease_memory
from clarion.recommend.interactions import Interactions
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["EASE"]


class EASE(Recommender):
    """Embarrassingly shallow autoencoder (Steck, WWW 2019): each item predicted from the others by ridge regression.

    Minimises, over weights B of items x items that are 0 on the diagonal, for interactions X of users x items::

        sum over u of n_u^-user_scaling |row u of (X - X B)|^2 + regularization * sum over j of c_j^item_scaling |row j of B|^2

    n_u is the number of items of a user, c_j the sum over users of n_u^-user_scaling X[u, j]^2. With both scalings 0 this is
    the method as published. With ``max_neighbors`` an item has weights of that many items alone: those of the highest
    cosine with it among those that share a user with it.

    After ``fit``: ``weights_``, row j what item j gives: an array n x n, or a scipy CSR matrix with ``max_neighbors``;
    ``interactions_``, and ``findings_`` (R001 to R004) where there is too little to learn from. For n items
    O(n^3) time and n^2 floats, or O(n m^3) and 16 n m bytes for m neighbours; a fit that memory cannot hold is a
    ClarionError before it begins. The same for any ``n_jobs``.
    """

    weights_: NDArray[np.float32] | csr_matrix

    def __init__(
        self,
        regularization: float = 10,
        user_scaling: float = 0.5,
        item_scaling: float = 0.5,
        max_neighbors: int | None = None,
        *,
        n_jobs: int | None = None,
    ) -> None:
        self.regularization = regularization
        self.user_scaling = user_scaling
        self.item_scaling = item_scaling
        self.max_neighbors = max_neighbors
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        options = {**self._options(), "max_neighbors": self.max_neighbors or 0}
        weights, offsets, index, value = ease(data._matrix, options, n_jobs=self.n_jobs, progress=progress)
        if weights is not None:
            return {"weights_": weights}
        import numpy as np
        from scipy.sparse import csr_matrix

        parts = value, index.view(np.int32), offsets.view(np.int64)
        return {"weights_": csr_matrix(parts, shape=(data.n_items, data.n_items), copy=False)}

    def _memory(self, data: Interactions) -> float:
        return self._sized(ease_memory, data, max_neighbors=self.max_neighbors or 0)
