"""The BG/BB model of purchases at given occasions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion.segment.purchase_model import PurchaseModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["BetaBinomial"]


class BetaBinomial(PurchaseModel):
    """BG/BB (Fader, Hardie and Shang, Marketing Science 29, 2010), where one buys or does not at each of ``n`` occasions.

    Chances to buy are beta(``alpha``, ``beta``) distributed over customers, chances of being lost before an occasion
    beta(``gamma``, ``delta``). ``frequency`` is the number of occasions with a purchase, ``recency`` the last of them (0 without
    one), counted from 1. Options are those of :class:`BetaGeo`.
    """

    _family = "beta_binomial"
    _age = "n"

    def fit(
        self,
        *,
        frequency: ArrayLike,
        recency: ArrayLike,
        n: ArrayLike,
        counts: ArrayLike | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Learns from customers, ``counts`` of them a row.

        Raises ValueError, naming column and row, for what is NaN, negative or not whole, and for a recency above n or below
        the frequency.
        """
        import numpy as np

        occasions = np.full(np.shape(frequency), n, np.float64) if np.ndim(n) == 0 else n
        return self._learn(
            _core.fit_beta_binomial, (frequency, recency, occasions), counts, ("n", "counts"), progress
        )

    def p_alive(
        self, frequency: ArrayLike | None = None, recency: ArrayLike | None = None, n: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Probability that each customer is alive at the next occasion; without data, of those of the fit."""
        return self._alive(frequency, recency, n)

    def expected_purchases(
        self,
        t: float,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        n: ArrayLike | None = None,
        *,
        intervals: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> Any:
        """Expected purchases of each customer at the next ``t`` occasions; without data, of those of the fit. An array; with
        ``intervals`` a table of value, sd, low and high."""
        return self._expected(t, (frequency, recency, n), intervals, progress)

    def score(
        self, frequency: ArrayLike, recency: ArrayLike, n: ArrayLike, counts: ArrayLike | None = None
    ) -> float:
        """Log-likelihood of these customers."""
        return self._score((frequency, recency, n), counts)
