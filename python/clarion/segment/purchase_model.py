"""What the models of repeat purchases share: predictions, and pictures of them against what was."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from clarion import _core
from clarion.io import Table
from clarion.segment._fit import Fit, numbers

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["PurchaseModel", "TimedPurchaseModel"]

History = tuple[Any, Any, Any]


class PurchaseModel(Fit):
    """Base of the models of repeat purchases.

    After ``fit``: ``params_`` by name, ``log_likelihood_``, ``converged_``, ``reason_`` (what is not identified, where it has
    not converged; there is a RuntimeWarning then), ``intervals_`` (a table: parameter, value, sd, low, high),
    ``covariance_`` of the logarithms of the parameters, ``n_customers_`` and ``n_distinct_`` rows.
    """

    _family: ClassVar[str]
    _age: ClassVar[str] = "T"
    _history: History
    _weights: Any

    def __init__(
        self, penalizer: float = 0.0, level: float = 0.95, starts: int = 3, n_jobs: int | None = None
    ) -> None:
        self.penalizer = penalizer
        self.level = level
        self.starts = starts
        self.n_jobs = n_jobs

    def expected_purchases_of_new(self, t: ArrayLike) -> Any:
        """Expected repeat purchases of a new customer in the ``t`` after the first one: a number, or an array for an array."""
        import numpy as np

        params = self._fitted()
        times = np.asarray(t, np.float64)
        found = [_core.expected_purchases_of_new(self._family, params, float(time)) for time in times.ravel()]
        return found[0] if times.ndim == 0 else np.array(found).reshape(times.shape)

    def purchase_probabilities(self, t: float, most: int = 10) -> NDArray[np.float64]:
        """Probabilities that a new customer makes 0, 1, ..., ``most`` repeat purchases in ``t``."""
        return _core.purchase_probabilities(self._family, self._fitted(), t, most)

    def frequencies(self, most: int = 7) -> Table:
        """Customers of the fit by their repeat purchases: how many there are (actual) and how many the model expects, given
        how long each was observed. The last row is of more than ``most``."""
        import numpy as np

        params = self._fitted()
        expected = _core.expected_frequencies(
            self._family, params, *self._history, self._weights, most, n_jobs=self.n_jobs
        )
        actual = np.bincount(
            np.minimum(self._history[0], most + 1).astype(np.int64), self._weights, minlength=most + 2
        ).astype(np.float64)
        names = [str(n) for n in range(most + 1)] + [f"{most + 1}+"]
        return Table({"purchases": names, "actual": actual, "expected": expected})

    def tracking(self, repeats: ArrayLike, times: ArrayLike | None = None) -> Table:
        """Repeat purchases of all customers of the fit together, by each time: actual and expected.

        ``repeats`` are the times of the repeat purchases, 0 being the first purchase of the oldest customer, in the unit of
        the fit, and ``times`` where to count (by default 50 of them, from 0 to the last). Times after the end of the
        observation are of the same customers.
        """
        import numpy as np

        params = self._fitted()
        when = np.sort(numbers("repeats", repeats))
        last = max(float(self._history[2].max()), float(when[-1]) if len(when) else 0.0)
        at = np.linspace(0, last, 51)[1:] if times is None else numbers("times", times)
        if times is None and self._family == "beta_binomial":
            at = np.unique(np.ceil(at))
        expected = _core.expected_tracking(
            self._family, params, *self._history, self._weights, at, n_jobs=self.n_jobs
        )
        actual = np.searchsorted(when, at, side="right").astype(np.float64)
        return Table({"time": at, "actual": actual, "expected": expected})

    def plot(
        self,
        ax: Axes | None = None,
        *,
        most: int = 7,
        repeats: ArrayLike | None = None,
        times: ArrayLike | None = None,
    ) -> Axes:
        """Customers by their repeat purchases, actual against expected; with ``repeats``, their sum over time
        (:meth:`tracking`)."""
        from clarion import _plot

        if repeats is not None:
            found = self.tracking(repeats, times).to_dict()
            title = "Repeat purchases by time"
            return _plot.lines(
                found["time"], {name: found[name] for name in ("actual", "expected")}, title, ax
            )
        found = self.frequencies(most).to_dict()
        title = "Customers by repeat purchases"
        return _plot.pairs(
            found["purchases"], {name: found[name] for name in ("actual", "expected")}, title, ax
        )

    def _learn(
        self,
        fit: Callable[..., dict[str, Any]],
        history: tuple[Any, Any, Any],
        weights: Any,
        names: tuple[str, str],
        progress: Callable[[float], None] | None,
    ) -> Self:
        age, weight = names
        columns = (
            numbers("frequency", history[0]),
            numbers("recency", history[1]),
            numbers(age, history[2]),
        )
        given = None if weights is None else numbers(weight, weights)
        found = fit(*columns, given, self._options(), n_jobs=self.n_jobs, progress=progress)
        self._history, self._weights = columns, given
        return self._take(found, 4)

    def _columns(self, frequency: Any, recency: Any, age: Any) -> History:
        """The history that was given, or that of the fit."""
        given = {"frequency": frequency, "recency": recency, self._age: age}
        if all(values is None for values in given.values()):
            return self._history
        missing = [name for name, values in given.items() if values is None]
        if missing:
            raise ValueError(
                f"{missing[0]}: missing; give frequency, recency and {self._age} together, or none of them"
            )
        found = [numbers(name, values) for name, values in given.items()]
        return found[0], found[1], found[2]

    def _alive(self, frequency: Any, recency: Any, age: Any) -> NDArray[np.float64]:
        params = self._fitted()
        history = self._columns(frequency, recency, age)
        return _core.alive_probability(self._family, params, *history, n_jobs=self.n_jobs)

    def _expected(
        self,
        t: float,
        history: tuple[Any, Any, Any],
        intervals: bool,
        progress: Callable[[float], None] | None,
    ) -> Any:
        params = self._fitted()
        found = _core.expected_purchases(
            self._family,
            params,
            self.covariance_,
            self.level,
            *self._columns(*history),
            float(t),
            intervals,
            n_jobs=self.n_jobs,
            progress=progress,
        )
        return Table(found) if intervals else found["value"]

    def _score(self, history: tuple[Any, Any, Any], weights: Any) -> float:
        given = None if weights is None else numbers("weights", weights)
        return _core.purchase_log_likelihood(
            self._family, self._fitted(), *self._columns(*history), given, n_jobs=self.n_jobs
        )


class TimedPurchaseModel(PurchaseModel):
    """Base of the models in which customers buy at any time.

    ``frequency`` is the number of repeat purchases (of times at which there was one), ``recency`` the time of the last of them
    since the first purchase (0 without one) and ``T`` the time from the first purchase to the end of the observation, in any
    one unit, which is that of every time here.
    """

    def fit(
        self,
        *,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        weights: ArrayLike | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Learns from customers; ``weights`` are how many a row stands for.

        Raises ValueError, naming column and row, for NaN, infinities, negative numbers, frequencies that are not whole, a
        recency above T, and one that does not go with the frequency.
        """
        fit = getattr(_core, f"fit_{self._family}")
        return self._learn(fit, (frequency, recency, T), weights, ("T", "weights"), progress)

    def p_alive(
        self, frequency: ArrayLike | None = None, recency: ArrayLike | None = None, T: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Probability that each customer will ever buy again; without data, of those of the fit."""
        return self._alive(frequency, recency, T)

    def expected_purchases(
        self,
        t: float,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        *,
        intervals: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> Any:
        """Expected purchases of each customer in the ``t`` after the end of their observation; without data, of those of the fit.

        An array; with ``intervals`` a table of value, sd, low and high, which tell the uncertainty of the parameters (not that
        of what one customer will do).
        """
        return self._expected(t, (frequency, recency, T), intervals, progress)

    def score(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
    ) -> float:
        """Log-likelihood of these customers: of some who were no part of the fit it compares models."""
        return self._score((frequency, recency, T), weights)
