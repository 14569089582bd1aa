"""The Gamma-Gamma model of what customers spend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion.io import Table
from clarion.segment._fit import Fit, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = ["GammaGamma"]


class GammaGamma(Fit):
    """Gamma-Gamma (Fader and Hardie, 2013): values of one customer's transactions are gamma(``p``, nu), and nu is
    gamma(``q``, ``v``) distributed over customers, whatever they buy.

    A customer's expected value is a mean of their own and of all. Options and fitted attributes are those of :class:`BetaGeo`.
    """

    _spend: tuple[Any, Any]
    _weights: Any

    def __init__(
        self, penalizer: float = 0.0, level: float = 0.95, starts: int = 3, n_jobs: int | None = None
    ) -> None:
        self.penalizer = penalizer
        self.level = level
        self.starts = starts
        self.n_jobs = n_jobs

    def fit(
        self,
        *,
        frequency: ArrayLike,
        monetary: ArrayLike,
        weights: ArrayLike | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Learns from the mean value, ``monetary``, of ``frequency`` transactions a customer; those of 0 have no part.

        Raises ValueError, naming column and row, for a mean that is no finite number above 0 where there are transactions.
        """
        columns = numbers("frequency", frequency), numbers("monetary", monetary)
        given = None if weights is None else numbers("weights", weights)
        found = _core.fit_gamma_gamma(*columns, given, self._options(), n_jobs=self.n_jobs, progress=progress)
        self._spend, self._weights = columns, given
        return self._take(found)

    def expected_value(
        self,
        frequency: ArrayLike | None = None,
        monetary: ArrayLike | None = None,
        *,
        intervals: bool = False,
    ) -> Any:
        """Expected value of a transaction of each customer; without data, of those of the fit. An array; with ``intervals``
        a table of value, sd, low and high."""
        params = self._fitted()
        found = _core.expected_spend(
            params,
            self.covariance_,
            self.level,
            *self._columns(frequency, monetary),
            intervals,
            n_jobs=self.n_jobs,
        )
        return Table(found) if intervals else found["value"]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean values of the customers of the fit against what is expected of them."""
        from clarion import _plot

        frequency, monetary = self._spend
        bought = frequency > 0
        title = "Expected value of a transaction by the mean so far"
        return _plot.dots(
            monetary[bought], self.expected_value()[bought], ("mean so far", "expected"), title, ax
        )

    def _columns(self, frequency: Any, monetary: Any) -> tuple[Any, Any]:
        if frequency is None and monetary is None:
            return self._spend
        for name, values in (("frequency", frequency), ("monetary", monetary)):
            if values is None:
                raise ValueError(f"{name}: missing; give frequency and monetary together, or none of them")
        return numbers("frequency", frequency), numbers("monetary", monetary)
