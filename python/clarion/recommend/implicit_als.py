"""Matrix factorization of implicit feedback."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion._core import implicit_als, implicit_als_contributions, implicit_als_fold_in, implicit_als_memory
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ImplicitALS"]


class ImplicitALS(Recommender):
    """Matrix factorization of implicit feedback by alternating least squares (Hu, Koren, Volinsky, ICDM 2008).

    Minimises, over vectors x of users and y of items (Rendle et al., "Revisiting the performance of iALS on item
    recommendation benchmarks", RecSys 2022)::

        sum over observed (u, i) of w (1 - x_u . y_i)^2 + unobserved_weight * sum over all (u, i) of (x_u . y_i)^2
          + regularization * (sum over u of (n_u + unobserved_weight * n_items) |x_u|^2 + the same of items)

    ``factors`` is the length of a vector, ``max_iter`` the rounds, each of which solves for all users and then for all
    items. ``solver`` is "cholesky" (each exactly), "cg" (three conjugate gradients from the round before, where that is
    cheaper), "subspace" (blocks of coordinates: iALS++), or "auto", which takes the fastest. The answer depends on ``random_state``, never on ``n_jobs``.

    After ``fit``: ``user_factors_`` and ``item_factors_`` (rows x factors, float32), ``loss_`` (the objective after each
    round), ``interactions_``, and ``findings_`` (R001 to R004) where there is too little to learn from.
    """

    loss_: NDArray[np.float64]

    def __init__(
        self,
        factors: int = 64,
        regularization: float = 0.003,
        unobserved_weight: float = 0.1,
        max_iter: int = 16,
        *,
        solver: str = "auto",
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.unobserved_weight = unobserved_weight
        self.max_iter = max_iter
        self.solver = solver
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        interactions: Any,
        *,
        item_factors: ArrayLike | None = None,
        validation: Any = None,
        patience: int = 2,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Learns from Interactions or a scipy sparse matrix, users x items.

        ``item_factors`` (items x factors) are begun with instead of random ones. With ``validation``, held-out entries of
        the same users and items, the NDCG@20 of each round is measured (``validation_``), the fit ends after ``patience``
        rounds without a better one, and the best round is kept. Raises ValueError for options out of range and
        ClarionError where memory cannot hold the factors; an interrupt leaves the model as it was. For d factors
        O(rounds (sum over rows of min(n, d)^2 max(n, d) + (users + items) d^2 + d^3)) for the exact solver.
        """
        import numpy as np

        data = interactions_of(interactions)
        start = None if item_factors is None else np.asarray(item_factors, np.float32)
        held_out = None if validation is None else _held_out(data, validation)
        return self._take(data, self._learn(data, progress, start, held_out, patience))

    def _learn(
        self,
        data: Interactions,
        progress: Callable[[float], None] | None,
        start: NDArray[np.float32] | None = None,
        held_out: tuple[Any, Any] | None = None,
        patience: int = 2,
    ) -> dict[str, Any]:
        users, items, loss, ndcg = implicit_als(
            data._matrix, self._options(), start, held_out, patience, n_jobs=self.n_jobs, progress=progress
        )
        found = {"user_factors_": users, "item_factors_": items, "loss_": loss}
        return found if held_out is None else {**found, "validation_": ndcg}

    def _memory(self, data: Interactions) -> float:
        return self._sized(implicit_als_memory, data)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        found = implicit_als_fold_in(
            self.item_factors_, *data._matrix.by_user(), self._options(), n_jobs=self.n_jobs
        )
        return {"user_factors_": found}

    def fold_in_items(self, interactions: Interactions) -> Self:
        """The same model with new items after those of the fit, from what users of the fit did with them: a new model.

        Rows of other users have no part in it; a ValueError where an item is one of the fit.
        """
        import numpy as np
        from scipy.sparse import csr_matrix, hstack

        data = self._fitted()
        if not isinstance(interactions, Interactions):
            raise TypeError(
                f"interactions: {type(interactions).__name__} is not allowed; give Interactions of users of the fit"
            )
        if (data.item_numbers(interactions.items) >= 0).any():
            raise ValueError("interactions: items of the fit are not allowed; give new ones")
        given = interactions.to_csr(copy=False).tocoo()
        users = data.user_numbers(interactions.users)[given.row]
        known = users >= 0
        new = csr_matrix(
            (given.data[known], (users[known], given.col[known])), shape=(data.n_users, interactions.n_items)
        )
        by_item = new.T.tocsr()
        by_item.sort_indices()
        folded = implicit_als_fold_in(
            self.user_factors_,
            by_item.indptr.astype(np.uint64),
            by_item.indices.astype(np.uint32),
            by_item.data.astype(np.float32),
            self._options(),
            n_jobs=self.n_jobs,
        )
        whole = Interactions.from_csr(
            hstack([data.to_csr(copy=False), new], format="csr"),
            users=data.users,
            items=np.concatenate([data.items, interactions.items]),
        )
        found = type(self)(**self.get_params())
        kept = {name: getattr(self, name) for name in self._names}
        return found._take(whole, {**kept, "item_factors_": np.vstack([self.item_factors_, folded])})

    def _attributed(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        import numpy as np

        offsets, index, value = self.interactions_._matrix.by_user()
        own = slice(int(offsets[user]), int(offsets[user + 1]))
        parts = implicit_als_contributions(
            self.item_factors_,
            index[own],
            None if value is None else value[own],
            item,
            self._options(),
            n_jobs=self.n_jobs,
        )
        return index[own].astype(np.int64), parts.astype(np.float64)


def _held_out(data: Interactions, validation: Any) -> tuple[Any, Any]:
    """Offsets and columns of held-out entries, users and items being those of the fit."""
    import numpy as np

    held_out = interactions_of(validation)
    if held_out.shape != data.shape or not (
        np.array_equal(held_out.users, data.users) and np.array_equal(held_out.items, data.items)
    ):
        raise ValueError(
            f"validation: {held_out.shape[0]} users and {held_out.shape[1]} items of its own are not allowed; "
            "give a part of a split, or a matrix of the same shape"
        )
    offsets, index, _ = held_out._matrix.by_user()
    return offsets, index
