"""Matrix factorization of ratings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._core import explicit_mf, explicit_mf_fold_in, explicit_mf_memory
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.recommend.interactions import Interactions

__all__ = ["ExplicitMF"]


class ExplicitMF(Recommender):
    """Biased matrix factorization of ratings (Koren, Bell, Volinsky, Computer 2009) by alternating least squares.

    The weights of interactions are the ratings r, any numbers above 0. Minimises, over vectors x of users and y of items
    and biases b of both::

        sum over ratings of (r - mean - b_u - b_i - x_u . y_i)^2
          + regularization * (sum over u of n_u^frequency_scaling (|x_u|^2 + b_u^2) + the same of items)

    with n_u the number of ratings of u: ``frequency_scaling`` 0 is the objective of the paper, 1 that of ALS-WR (Zhou et
    al., AAIM 2008). ``max_iter`` rounds solve for all users and then for all items, exactly. A score is the rating that is
    expected. The answer depends on ``random_state``, never on ``n_jobs``. For d factors O(max_iter (sum over rows of
    min(n, d)^2 max(n, d) + (users + items) d)).

    After ``fit``: ``user_factors_`` (x, mean + b_u, 1) and ``item_factors_`` (y, 1, b_i), float32, so that their product is
    the score; ``mean_``, ``loss_`` (the objective after each round), ``interactions_``, and ``findings_`` (R001 to R004)
    where there is too little to learn from. ``fold_in`` solves exactly for other users, with items as they are.
    """

    loss_: NDArray[np.float64]
    mean_: float

    def __init__(
        self,
        factors: int = 32,
        regularization: float = 1.0,
        frequency_scaling: float = 0.5,
        max_iter: int = 15,
        *,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.frequency_scaling = frequency_scaling
        self.max_iter = max_iter
        self.random_state = random_state
        self.n_jobs = n_jobs

    def rmse(self, ratings: Any) -> float:
        """Root of the mean squared error of the expected ratings, over those of users and items of the fit; NaN for none.

        ``ratings`` are Interactions, or a scipy sparse matrix whose rows and columns are users and items of the fit.
        """
        import numpy as np

        from clarion.recommend.interactions import interactions_of

        held = interactions_of(ratings)
        matrix = held.to_csr(copy=False).tocoo()
        expected = self.score(held.users[matrix.row], held.items[matrix.col])
        known = ~np.isnan(expected)
        errors = matrix.data[known].astype(np.float64) - expected[known]
        return float(np.sqrt(np.mean(errors**2))) if len(errors) else float("nan")

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        users, items, mean, loss = explicit_mf(
            data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress
        )
        return {"user_factors_": users, "item_factors_": items, "mean_": mean, "loss_": loss}

    def _memory(self, data: Interactions) -> float:
        return self._sized(explicit_mf_memory, data)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        found = explicit_mf_fold_in(
            self.item_factors_, self.mean_, *data._matrix.by_user(), self._options(), n_jobs=self.n_jobs
        )
        return {"user_factors_": found}

    def _attributed(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return self._projected(user, item)

    def _directions(self, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        return factors[:, :-2]
