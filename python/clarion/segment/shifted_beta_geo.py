"""The shifted beta-geometric model of contracts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion.io import Table
from clarion.segment._fit import Fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["ShiftedBetaGeo"]


class ShiftedBetaGeo(Fit):
    """sBG (Fader and Hardie, J. Interactive Marketing 21, 2007): chances to leave at the end of a period are
    beta(``alpha``, ``beta``) distributed over customers under contract.

    Options and fitted attributes are those of :class:`BetaGeo`.
    """

    _cohorts: list[list[float]]

    def __init__(self, penalizer: float = 0.0, level: float = 0.95, starts: int = 3) -> None:
        self.penalizer = penalizer
        self.level = level
        self.starts = starts

    def fit(self, survivors: Iterable[Any]) -> Self:
        """Learns from the customers there were at the start, after one period, after two, ...: one list of them, or one a
        cohort, of any lengths.

        Raises ValueError for fewer than two counts, NaN, negative counts and counts that grow.
        """
        import numpy as np

        rows = list(survivors)
        one = all(np.ndim(row) == 0 for row in rows)
        cohorts = [[float(n) for n in row] for row in ([rows] if one else rows)]
        found = _core.fit_shifted_beta_geo(cohorts, self._options())
        self._cohorts = cohorts
        return self._take(found)

    def survival(self, periods: int) -> Table:
        """Share of a cohort that is still there after each period: period, value, sd, low, high."""
        found = _core.cohort_survival(self._fitted(), self.covariance_, self.level, periods)
        return Table({"period": list(range(periods + 1)), **found})

    def retention(self, periods: int) -> Table:
        """Share of those there in the period before who stay: period, value, sd, low, high."""
        found = _core.cohort_retention(self._fitted(), self.covariance_, self.level, periods)
        return Table({"period": list(range(1, periods + 1)), **found})

    def residual_lifetime(self, renewals: int = 0, discount: float = 0.1) -> dict[str, float]:
        """Expected periods that a customer who has renewed ``renewals`` times will still pay, each discounted by
        1 / (1 + ``discount``) a period, the next one not: value, sd, low, high."""
        found = _core.residual_lifetime(self._fitted(), self.covariance_, self.level, renewals, discount)
        return {name: float(values[0]) for name, values in found.items()}

    def plot(self, ax: Axes | None = None, *, periods: int | None = None) -> Axes:
        """Survivors of all cohorts, actual against expected, in shares."""
        from clarion import _plot

        longest = max(len(cohort) for cohort in self._cohorts)
        periods = longest - 1 if periods is None else periods
        expected: NDArray[Any] = self.survival(periods)["value"]
        actual = [float("nan")] * (periods + 1)
        share = 1.0
        for t in range(min(periods + 1, longest)):
            both = [cohort for cohort in self._cohorts if len(cohort) > t]
            before = sum(cohort[t - 1] for cohort in both) if t else 0.0
            # Cohorts of different length: the product of what stays in each period.
            share = share * sum(cohort[t] for cohort in both) / before if before else 1.0
            actual[t] = share
        lines = {"actual": actual, "expected": expected.tolist()}
        return _plot.lines(list(range(periods + 1)), lines, "Customers who are still there", ax)
