"""Matrix factorization of implicit feedback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import implicit_als, implicit_als_fold_in
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.top_k import Recommendations, recommend_by_factors, user_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from clarion.schema.finding import Findings

__all__ = ["ImplicitALS"]


class ImplicitALS:
    """Matrix factorization of implicit feedback by alternating least squares (Hu, Koren, Volinsky, ICDM 2008).

    Minimises, over vectors x of users and y of items (Rendle et al., "Revisiting the performance of iALS on item
    recommendation benchmarks", RecSys 2022)::

        sum over observed (u, i) of w (1 - x_u . y_i)^2 + unobserved_weight * sum over all (u, i) of (x_u . y_i)^2
          + regularization * (sum over u of (n_u + unobserved_weight * n_items) |x_u|^2 + the same of items)

    ``factors`` is the length of a vector, ``max_iter`` the rounds, each of which solves for all users and then for all
    items, exactly: ``solver`` is "auto" or "cholesky". The answer depends on ``random_state``, never on ``n_jobs``.

    After ``fit``: ``user_factors_`` and ``item_factors_`` (rows x factors, float32), ``loss_`` (the objective after each
    round), ``interactions_``, and ``findings_`` (R001 to R004) where there is too little to learn from.
    """

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
        progress: Callable[[float], None] | None = None,
    ) -> ImplicitALS:
        """Learns from Interactions or a scipy sparse matrix, users x items.

        ``item_factors`` (items x factors) are begun with instead of random ones. Raises ValueError for options out of
        range and ClarionError where memory cannot hold the factors; an interrupt leaves the model as it was. For d
        factors O(rounds (sum over rows of min(n, d)^2 max(n, d) + (users + items) d^2 + d^3)).
        """
        import numpy as np

        if self.solver not in ("auto", "cholesky"):
            raise ValueError(f"solver: {self.solver!r} is not allowed; give 'auto' or 'cholesky'")
        data = interactions_of(interactions)
        start = None if item_factors is None else np.asarray(item_factors, np.float32)
        fitted = implicit_als(data._matrix, self._options(), start, n_jobs=self.n_jobs, progress=progress)
        self.user_factors_, self.item_factors_, self.loss_ = fitted
        self.interactions_: Interactions = data
        self.findings_: Findings = data.sufficiency().findings
        return self

    def fold_in(self, rows: Any) -> NDArray[np.float32]:
        """Vectors of users who were not in the fit: rows x factors, the exact solution against ``item_factors_``.

        ``rows`` is a scipy sparse matrix with a column for each item of the fit, or Interactions with ids of its items;
        entries of other items have no part in it.
        """
        data = self._fitted()
        offsets, index, value = _by_items_of(data, rows)
        return implicit_als_fold_in(
            self.item_factors_, offsets, index, value, self._options(), n_jobs=self.n_jobs
        )

    def recommend(
        self,
        users: ArrayLike | None = None,
        k: int = 10,
        *,
        mask: ArrayLike | None = None,
        exclude_seen: bool = True,
        deny: Mapping[Any, Iterable[Any]] | None = None,
        allow: Mapping[Any, Iterable[Any]] | None = None,
        boost: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        group_quota: int = 0,
        unknown: str = "raise",
        progress: Callable[[float], None] | None = None,
    ) -> Recommendations:
        """The k items with the highest scores for each user, exact under the filters.

        ``users`` are ids (None: all); an ``unknown`` one is a ValueError ("raise") or left out ("skip"). ``mask`` is a
        bool an item, in the order of ``interactions_.items``: False is returned to no one. ``exclude_seen`` leaves out a
        user's own items; ``deny`` and ``allow`` map a user to item ids that are never, or alone, returned. ``boost``
        >= 0, a number an item, multiplies scores. With ``groups``, a label an item, a list has at most ``group_quota``
        items of a group. Equal scores are in the order of items. O(users x items x factors).
        """
        data = self._fitted()
        return recommend_by_factors(
            self.user_factors_,
            self.item_factors_,
            data,
            user_rows(data, users, unknown),
            k,
            mask=mask,
            exclude_seen=exclude_seen,
            deny=deny,
            allow=allow,
            boost=boost,
            groups=groups,
            group_quota=group_quota,
            n_jobs=self.n_jobs,
            progress=progress,
        )

    def score(self, users: ArrayLike, items: ArrayLike) -> NDArray[np.float32]:
        """Scores of the pairs (users[i], items[i]), by id; NaN where one of the two is not in the fit."""
        import numpy as np

        data = self._fitted()
        u, i = data.user_numbers(users), data.item_numbers(items)
        if len(u) != len(i):
            raise ValueError(
                f"items: {len(i)} entries are not allowed; give one for each of the {len(u)} users"
            )
        out: NDArray[np.float32] = np.einsum("ij,ij->i", self.user_factors_[u], self.item_factors_[i])
        out[(u < 0) | (i < 0)] = np.nan
        return out

    def _options(self) -> dict[str, Any]:
        return {
            "factors": self.factors,
            "regularization": self.regularization,
            "unobserved_weight": self.unobserved_weight,
            "max_iter": self.max_iter,
            "seed": self.random_state,
        }

    def _fitted(self) -> Interactions:
        if not hasattr(self, "user_factors_"):
            raise ValueError("this ImplicitALS has learned nothing yet; call fit first")
        return self.interactions_


def _by_items_of(data: Interactions, rows: Any) -> tuple[Any, Any, Any]:
    """Rows over the items of a fit, in CSR form."""
    import numpy as np

    if not isinstance(rows, Interactions):
        if rows.shape[1] != data.n_items:
            raise ValueError(
                f"rows: {rows.shape[1]} columns are not allowed; give one for each of the {data.n_items} items"
            )
        return interactions_of(rows)._matrix.by_user()
    from scipy.sparse import csr_matrix

    given = rows.to_csr(copy=False).tocoo()
    numbers = data.item_numbers(rows.items)[given.col]
    known = numbers >= 0
    kept = csr_matrix(
        (given.data[known], (given.row[known], numbers[known])), shape=(rows.n_users, data.n_items)
    )
    kept.sort_indices()
    return kept.indptr.astype(np.uint64), kept.indices.astype(np.uint32), kept.data
