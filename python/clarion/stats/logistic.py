"""Logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import Estimator, binary_labels, compare_columns, matrix_of, of_sklearn, weights_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.io import Table

__all__ = ["LogisticRegression"]


class LogisticRegression(Estimator):
    """Regularized logistic regression of two classes, with scikit-learn's objective and names:
    ``C`` times the sum of losses plus (1 - ``l1_ratio``) / 2 |b|² + ``l1_ratio`` |b|₁.

    ``penalty`` is "l2", "l1", "elasticnet" (with ``l1_ratio``) or None; no penalty is laid on the intercept. ``class_weight`` is
    "balanced" (both classes get the same total weight) or a mapping of classes to weights. The fit ends with a step that changes no
    coefficient of a standardized column by more than ``tol``. Columns are standardized inside; coefficients are of the columns as
    they came.

    After ``fit``: ``coef_`` (1 x columns), ``intercept_``, ``classes_``, ``n_iter_``; ``converged_`` and ``reason_``; ``separated_``
    (a plane has every row on its side); ``aliased_`` (columns left out, being constant or combinations of others, without a
    penalty); ``standard_errors_``, ``z_``, ``p_values_`` and ``intervals_`` at ``level``, the intercept's last, from the penalized
    information: NaN with an l1 part, for which there is no honest one of this kind; ``log_likelihood_``,
    ``null_log_likelihood_``. A weight counts as so many rows, in errors too.

    Raises ValueError for NaN and infinity (naming the column), one class alone and options out of range; warns where the fit did
    not converge. O(rows x columns²) a step, a few steps.
    """

    _estimator_type = "classifier"
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def __init__(
        self,
        penalty: str | None = "l2",
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        class_weight: str | Mapping[Any, float] | None = None,
        max_iter: int = 100,
        level: float = 0.95,
        n_jobs: int | None = None,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.level = level
        self.n_jobs = n_jobs

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, progress: Callable[[float], None] | None = None
    ) -> Self:
        """Learns from rows ``X`` and labels ``y`` of two classes; the second in sorted order is what probabilities are of."""
        import numpy as np

        x, columns = matrix_of(X, ordered=False)
        self.n_features_in_ = x.shape[1]
        if columns is not None:
            self.feature_names_in_ = columns
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.classes_, labels = binary_labels(y, len(x), self)
        weight = weights_of(sample_weight, len(x))
        balanced = isinstance(self.class_weight, str) and self.class_weight == "balanced"
        if self.class_weight is not None and not balanced:
            if not isinstance(self.class_weight, Mapping):
                raise ValueError(
                    f"class_weight: {self.class_weight!r} is not allowed; give 'balanced', a mapping or None"
                )
            known = self.classes_.tolist()
            stray = [key for key in self.class_weight if key not in known]
            if stray:
                raise ValueError(f"class_weight: {stray[0]!r} is no class; the classes are {known}")
            by_class = np.array([float(self.class_weight.get(key, 1.0)) for key in known])
            weight = by_class[labels] * (1.0 if weight is None else weight)
        found = _core.logistic(
            x,
            labels,
            weight,
            {
                "penalty": "none" if self.penalty is None else self.penalty,
                "C": float(self.C),
                "l1_ratio": float(self.l1_ratio or 0.0),
                "fit_intercept": self.fit_intercept,
                "balanced": balanced,
                "tol": float(self.tol),
                "max_iter": self.max_iter,
                "level": float(self.level),
            },
            names=self._column_names(),
            n_jobs=self.n_jobs,
            progress=progress,
        )
        self.coef_: NDArray[np.float64] = found["coefficients"][None]
        self.intercept_: NDArray[np.float64] = np.array([found["intercept"]])
        self.n_iter_: NDArray[np.int32] = np.array([found["n_iter"]], dtype=np.int32)
        self.converged_: bool = found["converged"]
        self.separated_: bool = found["separated"]
        self.reason_: str = found["reason"]
        terms = self._terms()
        self.aliased_: list[str] = [terms[j] for j in found["aliased"]]
        self.standard_errors_: NDArray[np.float64] = found["standard_errors"]
        self.z_: NDArray[np.float64] = found["z"]
        self.p_values_: NDArray[np.float64] = found["p"]
        self.intervals_: NDArray[np.float64] = np.column_stack([found["low"], found["high"]])
        self.log_likelihood_: float = found["log_likelihood"]
        self.null_log_likelihood_: float = found["null_log_likelihood"]
        if not self.converged_:
            kind = of_sklearn("ConvergenceWarning", RuntimeWarning)
            warnings.warn(f"LogisticRegression: {self.reason_}", kind, stacklevel=2)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Log-odds of the second class."""
        self._require_fit("coef_")
        x, columns = matrix_of(X, ordered=False)
        compare_columns(self, x, columns)
        return _core.log_odds(x, self.coef_[0], float(self.intercept_[0]), self._column_names(), self.n_jobs)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of both classes, rows x 2."""
        import numpy as np

        odds = self.decision_function(X)
        e = np.exp(-np.abs(odds))
        one = np.where(odds >= 0, 1 / (1 + e), e / (1 + e))
        other = np.where(odds >= 0, e / (1 + e), 1 / (1 + e))
        return np.column_stack([other, one])

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        import numpy as np

        odds = self.decision_function(X)
        return -np.logaddexp(0.0, np.column_stack([odds, -odds]))

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier class of each row."""
        odds = self.decision_function(X)
        found: NDArray[Any] = self.classes_[(odds > 0).astype(int)]
        return found

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Share of rows whose class is predicted."""
        import numpy as np

        right = self.predict(X) == np.asarray(y).ravel()
        return float(np.average(right, weights=weights_of(sample_weight, len(right))))

    def summary(self) -> Table:
        """A row a term, the intercept last: coefficient, standard_error, z, p, low, high, odds_ratio."""
        import numpy as np

        from clarion.io import Table

        self._require_fit("coef_")
        value = np.append(self.coef_[0], self.intercept_)
        with np.errstate(over="ignore"):
            ratio = np.exp(value)
        return Table(
            {
                "term": [*self._terms(), "(intercept)"],
                "coefficient": value,
                "standard_error": self.standard_errors_,
                "z": self.z_,
                "p": self.p_values_,
                "low": self.intervals_[:, 0],
                "high": self.intervals_[:, 1],
                "odds_ratio": ratio,
            }
        )

    def _column_names(self) -> list[str]:
        return [str(name) for name in getattr(self, "feature_names_in_", ())]

    def _terms(self) -> list[str]:
        return self._column_names() or [f"x{j}" for j in range(self.n_features_in_)]

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            transformer_tags=None,
            classifier_tags=ClassifierTags(multi_class=False),
            regressor_tags=None,
            input_tags=InputTags(),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "coef_")
