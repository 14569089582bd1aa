"""Matrix factorization for the order of items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._core import bpr, bpr_fold_in, bpr_memory
from clarion.recommend.model import Recommender

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.recommend.interactions import Interactions

__all__ = ["BPR"]


class BPR(Recommender):
    """Matrix factorization for the order of items: Bayesian personalized ranking (Rendle et al., UAI 2009).

    For an item i that a user u has and an item j that it has not, it minimises over vectors x of users and y of items,
    and biases b of items::

        - ln sigma(x_u . y_i + b_i - x_u . y_j - b_j)

    by stochastic gradient steps, one for each interaction in each of ``max_iter`` epochs, ``learning_rate`` long in the
    first and shorter from one to the next. j is the best of ``candidates`` drawn items (Zhang et al., SIGIR 2013). Each step
    pulls what it moves towards 0: ``user_regularization`` the user, ``positive_regularization`` item i,
    ``negative_regularization`` item j, ``bias_regularization`` the biases of both. What a user has counts, weights do not.
    The answer depends on ``random_state``, never on ``n_jobs``. O(max_iter x interactions x candidates x factors).

    After ``fit``: ``user_factors_`` and ``item_factors_`` (rows x (factors + 1), float32: the last column is 1 and the bias
    of items), ``loss_`` (mean of the above over the steps of each epoch), ``interactions_``, and ``findings_`` (R001 to
    R004) where there is too little to learn from. ``fold_in`` takes the same steps for other users, with items as they are.
    """

    loss_: NDArray[np.float64]

    def __init__(
        self,
        factors: int = 64,
        learning_rate: float = 0.1,
        user_regularization: float = 0.04,
        positive_regularization: float = 0.02,
        negative_regularization: float = 0.02,
        bias_regularization: float = 0.01,
        candidates: int = 8,
        max_iter: int = 50,
        *,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.factors = factors
        self.learning_rate = learning_rate
        self.user_regularization = user_regularization
        self.positive_regularization = positive_regularization
        self.negative_regularization = negative_regularization
        self.bias_regularization = bias_regularization
        self.candidates = candidates
        self.max_iter = max_iter
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        users, items, loss = bpr(data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress)
        return {"user_factors_": users, "item_factors_": items, "loss_": loss}

    def _memory(self, data: Interactions) -> float:
        return self._sized(bpr_memory, data)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        offsets, index, _ = data._matrix.by_user()
        found = bpr_fold_in(self.item_factors_, offsets, index, self._options(), n_jobs=self.n_jobs)
        return {"user_factors_": found}

    def _attributed(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return self._projected(user, item)

    def _directions(self, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        return factors[:, :-1]
