"""What estimators of parameters by maximum likelihood have in common."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from clarion._options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.io import Table

__all__ = ["Fit", "numbers"]

#: Fit options that every estimator has, by their names in the core.
OPTIONS = ("penalizer", "level", "starts")


def numbers(name: str, values: Any) -> NDArray[np.float64]:
    """A column as float64; missing values are NaN, which the core refuses by row."""
    import numpy as np

    try:
        out = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        try:
            out = np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
        except (AttributeError, TypeError, ValueError):
            raise ValueError(
                f"{name}: {type(values).__name__} holds no numbers; give a column of numbers"
            ) from None
    if out.ndim != 1:
        raise ValueError(f"{name}: {out.ndim} dimensions are not allowed; give a column")
    return np.ascontiguousarray(out)


class Fit(Options):
    """An estimator with parameters, their likelihood and their intervals."""

    params_: dict[str, float]
    log_likelihood_: float
    converged_: bool
    reason_: str
    intervals_: Table
    covariance_: NDArray[np.float64] | None
    n_customers_: float
    n_distinct_: int
    n_jobs: int | None

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a parameter: parameter, value, sd, low, high."""
        self._fitted()
        return self.intervals_.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        self._fitted()
        return {
            "parameters": self.intervals_.to_dict(),
            "log_likelihood": self.log_likelihood_,
            "converged": self.converged_,
            "reason": self.reason_,
        }

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        if not hasattr(self, "params_"):
            return f"<p>{escape(repr(self))}, not fitted</p>"
        words = f"{self!r}: log-likelihood {self.log_likelihood_:,.2f} of {self.n_customers_:,.0f} customers"
        if self.reason_:
            words += f"; {'' if self.converged_ else 'not converged: '}{self.reason_}"
        return html_table(self.intervals_.to_dict()) + f"<p>{escape(words)}</p>"

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTIONS}

    def _take(self, found: Mapping[str, Any], depth: int = 3) -> Self:
        from clarion.io import Table

        self.params_ = dict(zip(found["name"], found["value"].tolist(), strict=True))
        self.log_likelihood_ = found["log_likelihood"]
        self.converged_ = found["converged"]
        self.reason_ = found["reason"]
        self.covariance_ = found["covariance"]
        self.n_customers_ = found["customers"]
        self.n_distinct_ = found["distinct"]
        columns = {name: found[name] for name in ("value", "sd", "low", "high")}
        self.intervals_ = Table({"parameter": list(found["name"]), **columns})
        if not self.converged_:
            warnings.warn(
                f"{type(self).__name__} has not converged: {self.reason_}", RuntimeWarning, stacklevel=depth
            )
        return self

    def _fitted(self) -> NDArray[np.float64]:
        import numpy as np

        if not hasattr(self, "params_"):
            raise ValueError(f"{type(self).__name__} is not fitted; call fit first")
        return np.array(list(self.params_.values()))
