"""Columns on one scale."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion.schema.finding import Findings
from clarion.segment._rows import Rows, rows_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Scaler"]


class Scaler:
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
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def __init__(self, method: str = "standard", *, n_jobs: int | None = None) -> None:
        self.method = method
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None, *, progress: Callable[[float], None] | None = None) -> Self:
        """Learns the scale of each column of a frame or array. Raises ValueError for NaN and infinities, naming the column."""
        self._learn(rows_of(X), progress)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """The rows scaled, an array rows x columns."""
        self._fitted()
        rows = self._same_columns(rows_of(X))
        return self._scaling.apply(rows.values, n_jobs=self.n_jobs)

    def fit_transform(
        self, X: Any, y: Any = None, *, progress: Callable[[float], None] | None = None
    ) -> NDArray[np.float64]:
        rows = rows_of(X)
        self._learn(rows, progress)
        return self._scaling.apply(rows.values, n_jobs=self.n_jobs)

    def inverse_transform(self, X: Any) -> NDArray[np.float64]:
        """Scaled rows as they were; what no row becomes under "yeo_johnson" is NaN."""
        self._fitted()
        values = rows_of(X).values
        self._check_width(values)
        return self._scaling.invert(values, n_jobs=self.n_jobs)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Names of the columns that come out: those that went in, or x0, x1, ..."""
        import numpy as np

        self._fitted()
        known = getattr(self, "feature_names_in_", None)
        if input_features is None:
            if known is not None:
                return known
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

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Options by name, as scikit-learn asks of an estimator."""
        return {"method": self.method, "n_jobs": self.n_jobs}

    def set_params(self, **options: Any) -> Self:
        """Changes options by name."""
        known = self.get_params()
        for name, value in options.items():
            if name not in known:
                raise ValueError(f"{name}: not an option of Scaler; give one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(Scaler.__init__).parameters
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if v != defaults[k].default]
        return f"Scaler({', '.join(changed)})"

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

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_scaling")

    def _learn(self, rows: Rows, progress: Callable[[float], None] | None) -> None:
        import numpy as np

        found = _core.fit_scaling(rows.values, {"method": self.method}, n_jobs=self.n_jobs, progress=progress)
        self._scaling = found
        self.center_, self.scale_ = found.center, found.scale
        self.power_ = found.power if len(found.power) else None
        self.n_features_in_ = rows.values.shape[1]
        self.constant_features_ = [c if rows.names is None else rows.names[c] for c in found.constant]
        self.findings_ = Findings(found.findings(rows.names or []))
        if rows.names is not None:
            self.feature_names_in_ = np.array(rows.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _fitted(self) -> None:
        if not hasattr(self, "_scaling"):
            words = "this Scaler has learned nothing yet; call fit first"
            try:
                from sklearn.exceptions import NotFittedError
            except ImportError:
                raise ValueError(words) from None
            raise NotFittedError(words)

    def _check_width(self, values: Any) -> None:
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} features, but Scaler is expecting {self.n_features_in_} features as input"
            )

    def _same_columns(self, rows: Rows) -> Rows:
        known = getattr(self, "feature_names_in_", None)
        if known is not None and rows.names is not None and rows.names != known.tolist():
            missing = [name for name in known if name not in rows.names]
            other = [name for name in rows.names if name not in known.tolist()]
            words = "The feature names should match those that were passed during fit.\n"
            if other:
                words += "Feature names unseen at fit time:\n" + "".join(
                    f"- {name}\n" for name in sorted(other)
                )
            if missing:
                words += "Feature names seen at fit time, yet now missing:\n"
                words += "".join(f"- {name}\n" for name in sorted(missing))
            if not other and not missing:
                words += "Feature names must be in the same order as they were in fit.\n"
            raise ValueError(words)
        self._check_width(rows.values)
        return rows
