"""Graph filters, which train nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from clarion._core import graph_filter, graph_filter_factors, graph_filter_memory
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.recommend.interactions import Interactions

__all__ = ["GraphFilter"]


class GraphFilter(Recommender):
    """Graph filter of the interactions: blurred by a linear and an ideal low-pass filter, then sharpened; no training.

    With R = D_u^-user_exponent X D_i^-1/2 scaled to a greatest singular value of 1, V its ``rank`` leading right singular
    vectors and P = R'R, the row x of a user is scored::

        (x P + ideal_weight x D_i^-1/2 V V' D_i^1/2) q(P),   q(P) = the first five terms of exp(-sharpening P)

    D_u and D_i hold the sums of rows and columns of X (Shen et al., CIKM 2021; Choi et al., SIGIR 2023, whose settings
    are ``sharpening=2.5, user_exponent=0.5``). In x P q(P), q is exact on the 128 leading vectors and a quadratic beyond. The answer depends on
    ``random_state`` in the last vectors alone, never on ``n_jobs``. O(interactions x rank + items x rank^2); lists of users
    cost O(interactions) for every 32 of them beside their factors: ask for many users at once.

    After ``fit``: ``user_factors_`` and ``item_factors_`` (float32: the ideal filter and the leading part of the linear one),
    ``normalized_`` (a scipy CSR matrix: R) and ``terms_`` (the linear filter as a polynomial in R'R), ``basis_`` (items x
    factors: a user's factors are the sum of those of their items), ``interactions_``, and ``findings_`` (R001 to R004)
    where there is too little to learn from. ``fold_in`` gives other users exactly what they would have been given.
    """

    basis_: NDArray[np.float32]
    normalized_: Any
    terms_: NDArray[np.float32]

    def __init__(
        self,
        rank: int = 448,
        ideal_weight: float = 0.2,
        sharpening: float = 2,
        user_exponent: float = 0.3,
        *,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.rank = rank
        self.ideal_weight = ideal_weight
        self.sharpening = sharpening
        self.user_exponent = user_exponent
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        from scipy.sparse import csr_matrix

        users, items, basis, (offsets, index, value), terms = graph_filter(
            data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress
        )
        normalized = csr_matrix(
            (value, index.view("int32"), offsets.astype("int64")),
            shape=(data.n_users, data.n_items),
            copy=False,
        )
        return {
            "user_factors_": users,
            "item_factors_": items,
            "basis_": basis,
            "normalized_": normalized,
            "terms_": terms,
        }

    def _walks(self) -> tuple[Any, NDArray[np.float32]]:
        return self.normalized_, self.terms_

    def _memory(self, data: Interactions) -> float:
        return self._sized(graph_filter_memory, data)

    def _take(self, data: Interactions, found: Mapping[str, Any]) -> Self:
        if found["basis_"].shape != found["item_factors_"].shape:
            raise ValueError(
                f"basis: {found['basis_'].shape} is not allowed; give the shape of the factors of items, {found['item_factors_'].shape}"
            )
        if len(found["terms_"]) not in (1, 3):
            raise ValueError(
                f"terms: {len(found['terms_'])} are not allowed; give 1, or the 3 of a quadratic"
            )
        return super()._take(data, found)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        found = graph_filter_factors(self.basis_, *data._matrix.by_user(), n_jobs=self.n_jobs)
        return {"user_factors_": found}

    def _attributed(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        import numpy as np

        offsets, index, value = self.interactions_._matrix.by_user()
        own = slice(int(offsets[user]), int(offsets[user + 1]))
        numbers = index[own].astype(np.int64)
        parts = self.basis_[numbers].astype(np.float64) @ self.item_factors_[item]
        return numbers, parts if value is None else parts * value[own]
