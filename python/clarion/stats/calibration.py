"""Calibration: scores into probabilities that come true, and whether they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import Estimator, binary_labels
from clarion.io import Table

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["IsotonicCalibration", "PlattCalibration", "Reliability", "reliability"]


class IsotonicCalibration(Estimator):
    """The non-decreasing function of a score that fits labels best (Ayer et al., 1955; Zadrozny and Elkan, KDD 2002), linear
    between its points. It supposes nothing else and takes about a thousand positives to settle.

    After ``fit``: ``scores_`` and ``values_``, the points of the function.
    """

    def __init__(self) -> None:
        pass

    def fit(self, scores: Any, y: Any, sample_weight: Any = None) -> Self:
        """Scores and labels of two classes; the second in sorted order is what probabilities are of."""
        labels = binary_labels(y, len(scores), self)[1]
        self.scores_, self.values_ = _core.isotonic(scores, labels, sample_weight)
        return self

    def predict(self, scores: Any) -> NDArray[np.float64]:
        self._require_fit("scores_")
        return _core.isotonic_values(self.scores_, self.values_, scores)


class PlattCalibration(Estimator):
    """The sigmoid of a score, best of log-odds, with Platt's targets (1999), solved by Newton's method (Lin, Lin and Weng, 2007).
    Two numbers: it is settled by few rows, and right where log-odds are off by a factor and a shift.

    After ``fit``: ``slope_`` and ``intercept_`` of 1 / (1 + exp(slope score + intercept)), as Platt writes it, ``converged_``.
    """

    def __init__(self) -> None:
        pass

    def fit(self, scores: Any, y: Any, sample_weight: Any = None) -> Self:
        """Scores and labels of two classes; the second in sorted order is what probabilities are of."""
        labels = binary_labels(y, len(scores), self)[1]
        self.slope_, self.intercept_, self.converged_ = _core.platt(scores, labels, sample_weight)
        return self

    def predict(self, scores: Any) -> NDArray[np.float64]:
        self._require_fit("slope_")
        return _core.platt_values(self.slope_, self.intercept_, scores)


_BIN = ("from", "to", "n", "weight", "predicted", "observed", "low", "high")


@dataclass(frozen=True, eq=False, repr=False)
class Reliability:
    """``bins`` has a row a group of probabilities: mean probability, observed share and its interval.

    ``brier`` = ``miscalibration`` - ``resolution`` + ``uncertainty`` + ``within``: how far probabilities are from what came, how
    much they tell rows apart, how uncertain a row is before them, and what they differ inside bins. ``expected_error`` and
    ``largest_error`` are of the bins (ECE and MCE).
    """

    bins: Table
    brier: float
    miscalibration: float
    resolution: float
    uncertainty: float
    within: float
    expected_error: float
    largest_error: float

    def to_frame(self, backend: str | None = None) -> Any:
        """The bins as a data frame."""
        return self.bins.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {**self._figures(), "bins": self.bins.to_dict()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Observed shares against mean probabilities: the reliability diagram."""
        from clarion.stats import _pictures

        title = f"Reliability: expected error {self.expected_error:.3f}, Brier {self.brier:.4f}"
        return _pictures.reliability(self.bins.to_dict(), title, ax)

    def _figures(self) -> dict[str, float]:
        names = (
            "brier",
            "miscalibration",
            "resolution",
            "uncertainty",
            "within",
            "expected_error",
            "largest_error",
        )
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return (
            f"Reliability(Brier {self.brier:.4f} = {self.miscalibration:.4f} - {self.resolution:.4f} + "
            f"{self.uncertainty:.4f} + {self.within:.4f}, expected error {self.expected_error:.4f}, {len(self.bins)} bins)"
        )

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        return html_table(self.bins.to_dict(), rows=len(self.bins)) + f"<p>{escape(repr(self))}</p>"


def reliability(
    probabilities: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    bins: int = 10,
    by: str = "quantile",
    level: float = 0.95,
) -> Reliability:
    """Whether probabilities of the second class (in sorted order) come true, in at most ``bins`` groups ``by`` "quantile" (equal
    weight) or "width" (from 0 to 1). Equal probabilities stay together. Intervals are Wilson's. Raises ValueError for
    probabilities outside [0, 1], NaN and lengths that differ. O(n log n)."""
    labels = labels_of(y)
    found = _core.reliability(probabilities, labels, sample_weight, bins=bins, by=by, level=level)
    columns = zip(*found.pop("bins"), strict=True)
    return Reliability(
        Table({name: list(column) for name, column in zip(_BIN, columns, strict=True)}), **found
    )


def labels_of(y: Any) -> NDArray[np.float64]:
    """0 and 1 as they are; of two other classes the second in sorted order is 1."""
    import numpy as np

    labels = np.asarray(y).ravel()
    if labels.dtype.kind in "biuf":
        return labels.astype(np.float64)
    classes, numbers = np.unique(labels.astype(str), return_inverse=True)
    if len(classes) > 2:
        raise ValueError(f"y has {len(classes)} classes; give two")
    return numbers.astype(np.float64)
