"""Columns on one scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import matrix_of
from clarion.schema.finding import Findings
from clarion.segment._rows import Rows, rows_of
from clarion.segment.points import PointsEstimator, named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Scaler"]


class Scaler(PointsEstimator):
    """Scales columns, so that none decides a distance by its unit alone.

    ``method`` is "standard" (less the mean, over the standard deviation), "robust" (less the median, over the interquartile
    range: undisturbed by a few large amounts), "minmax" (from 0 to 1), "log1p" (sign(x) log(1 + \\|x\\|), then standard: for skewed
    money, returns included) or "yeo_johnson" (the power of Yeo and Johnson, Biometrika 87, 2000, that makes the column most
    nearly normal, then standard).

    After ``fit``: ``center_``, ``scale_``, ``power_`` (of "yeo_johnson", else None), ``constant_features_`` (names, or numbers,
    of columns that do not vary: their scale is 1), ``findings_`` (G301 names those, G302 columns whose quartiles are
    equal, which "robust" scales by the standard deviation), ``n_features_in_``, and ``feature_names_in_`` where
    columns had names. O(rows columns). Follows scikit-learn's conventions of a transformer.
    """

    center_: NDArray[np.float64]
    scale_: NDArray[np.float64]
    power_: NDArray[np.float64] | None
    constant_features_: list[Any]
    findings_: Findings
    _scaling: _core.Scaling

    def __init__(self, method: str = "standard", *, n_jobs: int | None = None) -> None:
        self.method = method
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None, *, progress: Callable[[float], None] | None = None) -> Self:
        """Learns the scale of each column of a frame or array. Raises ValueError for NaN and infinities, naming the column."""
        return self._learn(rows_of(X), progress)

    def transform(self, X: Any) -> NDArray[np.float64]:
        """The rows scaled, an array rows x columns."""
        array = self._more(X)
        try:
            return self._scaling.apply(array, n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(getattr(self, "feature_names_in_", None), problem) from None

    def fit_transform(
        self, X: Any, y: Any = None, *, progress: Callable[[float], None] | None = None
    ) -> NDArray[np.float64]:
        """``fit(X).transform(X)``."""
        rows = rows_of(X)
        return self._learn(rows, progress)._scaling.apply(rows.values, n_jobs=self.n_jobs)

    def inverse_transform(self, X: Any) -> NDArray[np.float64]:
        """Scaled rows as they were; what no row becomes under "yeo_johnson" is NaN."""
        self._require_fit("n_features_in_")
        array, _ = matrix_of(X)
        if array.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X: {array.shape[1]} columns are not allowed; give the {self.n_features_in_} of the fit"
            )
        try:
            return self._scaling.invert(array, n_jobs=self.n_jobs)
        except ValueError as problem:
            raise named(getattr(self, "feature_names_in_", None), problem) from None

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Names of the columns that come out: those that went in, or x0, x1, ..."""
        import numpy as np

        self._require_fit("n_features_in_")
        known = getattr(self, "feature_names_in_", None)
        if input_features is None:
            if known is not None:
                return np.asarray(known, dtype=object)
            return np.array([f"x{i}" for i in range(self.n_features_in_)], dtype=object)
        names = np.asarray(input_features, dtype=object)
        if known is not None and not np.array_equal(names, known):
            raise ValueError("input_features is not equal to feature_names_in_; give the names of the fit")
        if len(names) != self.n_features_in_:
            raise ValueError(
                "input_features should have length equal to number of features "
                f"({self.n_features_in_}), got {len(names)}"
            )
        return names

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        if not hasattr(self, "_scaling"):
            return f"<code>{escape(repr(self))}</code>"
        columns: dict[str, Any] = {
            "column": self.get_feature_names_out(), "center": self.center_, "scale": self.scale_
        }  # fmt: skip
        if self.power_ is not None:
            columns["power"] = self.power_
        found = self.findings_._repr_html_() if len(self.findings_) else ""
        return f"<code>{escape(repr(self))}</code>{html_table(columns, rows=len(self.center_))}{found}"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64"]),
            input_tags=InputTags(),
        )

    def _learn(self, rows: Rows, progress: Callable[[float], None] | None) -> Self:
        import numpy as np

        found = _core.fit_scaling(rows.values, {"method": self.method}, n_jobs=self.n_jobs, progress=progress)
        fitted = {
            "n_features_in_": rows.values.shape[1],
            "center_": found.center,
            "scale_": found.scale,
            "power_": found.power if len(found.power) else None,
            "constant_features_": [c if rows.names is None else rows.names[c] for c in found.constant],
            "findings_": Findings(found.findings(rows.names or [])),
        }
        if rows.names is not None:
            fitted["feature_names_in_"] = np.array(rows.names, dtype=object)
        self._take(fitted)
        self._scaling = found
        return self
