"""Who will respond, buy or leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from clarion import _core
from clarion._estimator import Estimator, binary_labels, weights_of
from clarion.io import Table
from clarion.segment._encode import Columns, Encoder, columns_of
from clarion.segment._folds import blocks_by_time, rounds, stratified, time_numbers
from clarion.segment.reasons import CustomerScores, Reasons
from clarion.segment.score_quality import ScoreQuality, score_quality
from clarion.segment.tree_shap import is_boosted_trees, tree_shap
from clarion.stats.calibration import IsotonicCalibration, PlattCalibration
from clarion.stats.logistic import LogisticRegression

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Propensity"]


class Propensity(Estimator):
    """Chances that customers respond, buy or leave: a classifier, judged on rows that it has not seen, calibrated, with reasons.

    ``model`` is None or "logistic" (:class:`clarion.stats.LogisticRegression`), "trees" (HistGradientBoostingClassifier of
    scikit-learn), or any classifier with scikit-learn's methods. ``calibration`` is None, "isotonic" or "platt", learned from scores
    of rows that the model had not seen.

    ``time`` names a column of dates: rows are cut into ``folds`` + 1 blocks by it, and each block but the first is judged by a model of
    the blocks before. Without it ``folds`` stratified folds are drawn at random from ``random_state``. ``customer`` names the column
    of ids. Neither is learned from.

    Texts become a column a value and one for what is missing or new; numbers are standardized and missing ones replaced by the
    mean beside a column that says so, but for models that take NaN, which get numbers as they are.

    After ``fit``: ``model_`` (fitted on all rows), ``classes_`` (chances are of the second), ``fold_`` (-1: never judged),
    ``oof_scores_`` (chances by models that had not seen the row, NaN where there is none), ``oof_calibrated_`` (the same
    calibrated by other folds, or by blocks before), ``folds_`` (a row a fold: rate beside mean score, AUC), ``calibration_``, ``base_rate_``.
    """

    def __init__(
        self,
        model: Any = None,
        calibration: str | None = None,
        *,
        time: str | None = None,
        customer: str | None = None,
        folds: int = 5,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.model = model
        self.calibration = calibration
        self.time = time
        self.customer = customer
        self.folds = folds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, progress: Callable[[float], None] | None = None
    ) -> Self:
        """Learns from a row a customer. ``y`` holds two classes, or names the column of ``X`` that does.

        Raises ValueError for a column that is no property (a date, an id, all missing), infinity, one class alone (in a fold's past,
        too) and options out of range.
        """
        import numpy as np

        if isinstance(self.folds, bool) or not isinstance(self.folds, int) or self.folds < 2:
            raise ValueError(f"folds: {self.folds!r} is not allowed; give a whole number of 2 or more")
        if self.calibration not in (None, "isotonic", "platt"):
            raise ValueError(
                f"calibration: {self.calibration!r} is not allowed; give 'isotonic', 'platt' or None"
            )
        data = columns_of(X)
        if isinstance(y, str):
            name, y = y, data.pick(y, "y").to_numpy()
            data = data.without(name)
        if data.rows == 0:
            raise ValueError("X: there are no rows")
        times = None if self.time is None else time_numbers(data.pick(self.time, "time"), self.time)
        if self.customer is not None:
            data.pick(self.customer, "customer")
        data = data.without(self.time, self.customer)
        classes, labels = binary_labels(y, data.rows, self)
        weight = weights_of(sample_weight, data.rows)

        fold = (
            stratified(labels, self.folds, self.random_state)
            if times is None
            else blocks_by_time(times, self.folds)
        )
        chances = np.full(data.rows, np.nan)
        steps = list(rounds(fold, times is not None))
        judged: list[dict[str, Any]] = []
        for done, (k, train, test) in enumerate(steps):
            if len(np.unique(labels[train])) < 2:
                raise ValueError(
                    f"fold {k}: rows to learn from are of one class alone; give fewer folds or more rows"
                )
            encoder, fitted, _ = self._learn(data, labels, weight, train)
            chances[test] = _chances(fitted, encoder.transform(_rows(data, test)))
            judged.append(
                {"fold": k, "train": len(train), "test": len(test), "rate": float(labels[test].mean())}
            )
            if progress is not None:
                progress((done + 1) / (len(steps) + 1))
        encoder, fitted, means = self._learn(data, labels, weight, None)
        fold = np.where(np.isnan(chances), -1, fold)
        calibrated, calibration = self._calibrate(chances, fold, labels, weight, times is not None)
        for row in judged:
            rows = fold == row["fold"]
            part = None if weight is None else weight[rows]
            counted = labels[rows] if part is None else labels[rows][part > 0]
            known = 0 < counted.sum() < len(counted)
            quality = score_quality(chances[rows], labels[rows], part) if known else None
            row["mean_score"] = float(chances[rows].mean())
            row["auc"] = quality.auc if quality else float("nan")
            row["average_precision"] = quality.average_precision if quality else float("nan")
        self.classes_ = classes
        self.columns_ = list(data.columns)
        self.features_ = list(encoder.names)
        self.fold_: NDArray[np.int64] = fold
        self.oof_scores_, self.oof_calibrated_ = chances, calibrated
        self.folds_ = Table({name: [row[name] for row in judged] for name in judged[0]}, data.backend)
        self.base_rate_ = float(np.average(labels, weights=weight))
        self._encoder, self._means, self._labels, self._weight = encoder, means, labels, weight
        self.calibration_, self.model_ = calibration, fitted
        if progress is not None:
            progress(1.0)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of both classes, rows x 2, calibrated where there is a calibration."""
        import numpy as np

        self._require_fit("model_")
        one = self._calibrated(_chances(self.model_, self._encode(columns_of(X))))
        return np.column_stack([1 - one, one])

    def score_customers(
        self, X: Any, reasons: int = 3, *, progress: Callable[[float], None] | None = None
    ) -> CustomerScores:
        """The chance of each customer, its rank and its tenth among these (1: the highest), and the ``reasons`` columns that move it
        most; 0 leaves them out, for models that have none."""
        import numpy as np

        self._require_fit("model_")
        data = columns_of(X)
        ids = self._ids(data)
        x = self._encode(data)
        scores = self._calibrated(_chances(self.model_, x))
        why = self._reasons(data, x, ids, progress) if reasons else None
        return CustomerScores(
            ids, scores, why, min(reasons, len(self.columns_)), data.backend, np.asarray(self.classes_)[1]
        )

    def explain(self, X: Any, *, progress: Callable[[float], None] | None = None) -> Reasons:
        """What each column adds to a customer's log-odds before calibration, against the mean customer: exact for linear models,
        TreeSHAP for HistGradientBoosting. Columns that an encoding has split are summed up again.

        Raises TypeError for models of other kinds, which have no exact reasons.
        """
        self._require_fit("model_")
        data = columns_of(X)
        return self._reasons(data, self._encode(data), self._ids(data), progress)

    def evaluate(
        self, X: Any = None, y: Any = None, sample_weight: Any = None, **options: Any
    ) -> ScoreQuality:
        """How good the scores are: of the rows of the fit by models that had not seen them, or of other rows and labels by the model
        of all. With a calibration, of calibrated scores. ``options`` are those of :func:`score_quality`."""
        import numpy as np

        self._require_fit("model_")
        if X is not None:
            data = columns_of(X)
            if isinstance(y, str):
                y = data.pick(y, "y").to_numpy()
            if y is None:
                raise ValueError("y: give the labels of the rows")
            labels = np.asarray(y) == self.classes_[1]
            strange = ~np.isin(np.asarray(y), self.classes_)
            if strange.any():
                raise ValueError(
                    f"y: {np.asarray(y)[strange][0]!r} is none of the classes {self.classes_.tolist()}"
                )
            one = self._calibrated(_chances(self.model_, self._encode(data)))
            return score_quality(one, labels, sample_weight, **options)
        known = ~np.isnan(self.oof_calibrated_)
        weight = None if self._weight is None else self._weight[known]
        return score_quality(self.oof_calibrated_[known], self._labels[known], weight, **options)

    def _new_model(self) -> Any:
        if self.model is None or (isinstance(self.model, str) and self.model == "logistic"):
            return LogisticRegression(n_jobs=self.n_jobs)
        if isinstance(self.model, str):
            if self.model != "trees":
                raise ValueError(
                    f"model: {self.model!r} is not allowed; give 'logistic', 'trees' or a classifier"
                )
            try:
                from sklearn.ensemble import HistGradientBoostingClassifier
            except ImportError:
                raise ImportError("model: 'trees' needs scikit-learn: pip install scikit-learn") from None
            return HistGradientBoostingClassifier(random_state=self.random_state)
        if isinstance(self.model, type) or not hasattr(self.model, "fit"):
            raise TypeError(f"model: {self.model!r} is no classifier; give one with fit and predict_proba")
        if not hasattr(self.model, "predict_proba") and not hasattr(self.model, "decision_function"):
            raise TypeError(
                f"model: {type(self.model).__name__} has neither predict_proba nor decision_function"
            )
        if isinstance(self.model, Estimator):
            return type(self.model)(**self.model.get_params())
        from sklearn.base import clone

        return clone(self.model)

    def _learn(
        self,
        data: Columns,
        labels: NDArray[np.uint8],
        weight: NDArray[np.float64] | None,
        rows: NDArray[np.intp] | None,
    ) -> tuple[Encoder, Any, NDArray[np.float64]]:
        """Encoding and model of these rows (None: all), and the means of what the model saw."""
        import numpy as np

        model = self._new_model()
        if rows is not None:
            data, labels = _rows(data, rows), labels[rows]
            weight = None if weight is None else weight[rows]
        encoder = Encoder(plain=_takes_nan(model)).fit(data)
        x = encoder.transform(data)
        if weight is None:
            model.fit(x, labels)
        else:
            model.fit(x, labels, sample_weight=weight)
        return encoder, model, np.average(x, axis=0, weights=weight)

    def _calibrate(
        self,
        chances: NDArray[np.float64],
        fold: NDArray[np.int64],
        labels: NDArray[np.uint8],
        weight: NDArray[np.float64] | None,
        by_time: bool,
    ) -> tuple[NDArray[np.float64], Any]:
        """Chances calibrated by rows of other folds, or of earlier ones, and the calibration by all."""
        import numpy as np

        if self.calibration is None:
            return chances, None
        odds = _odds(chances)
        out = np.full(len(odds), np.nan)
        kind = IsotonicCalibration if self.calibration == "isotonic" else PlattCalibration

        def learned(rows: NDArray[np.bool_]) -> Any:
            return kind().fit(odds[rows], labels[rows], None if weight is None else weight[rows])

        for k in np.unique(fold[fold >= 0]):
            train = (fold >= 0) & (fold < k if by_time else fold != k)
            if len(np.unique(labels[train])) == 2:
                out[fold == k] = learned(train).predict(odds[fold == k])
        if np.isnan(out).all():
            raise ValueError("calibration: too few rows were judged; give more folds")
        return out, learned(fold >= 0)

    def _calibrated(self, chances: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.calibration_ is None:
            return chances
        found: NDArray[np.float64] = self.calibration_.predict(_odds(chances))
        return found

    def _encode(self, data: Columns) -> NDArray[np.float64]:
        if data.rows == 0:
            raise ValueError("X: there are no rows")
        return self._encoder.transform(data)

    def _ids(self, data: Columns) -> NDArray[Any]:
        import numpy as np

        if self.customer is None or self.customer not in data.columns:
            return np.arange(data.rows)
        found: NDArray[Any] = data.columns[self.customer].to_numpy()
        return found

    def _reasons(self, data: Columns, x: NDArray[np.float64], ids: NDArray[Any], progress: Any) -> Reasons:
        import numpy as np

        if is_boosted_trees(self.model_):
            base, parts = tree_shap(self.model_, x, n_jobs=self.n_jobs, progress=progress)
        elif getattr(self.model_, "coef_", None) is not None and np.size(self.model_.coef_) == x.shape[1]:
            slope = np.ravel(self.model_.coef_).astype(np.float64)
            base = float(np.ravel(self.model_.intercept_)[0] + self._means @ slope)
            parts = _core.contributions(x, slope, self._means, n_jobs=self.n_jobs)
        else:
            raise TypeError(
                f"model: {type(self.model_).__name__} has no exact reasons; linear models and HistGradientBoosting do"
            )
        return Reasons(ids, self.columns_, base, self._encoder.gather(parts), data)


def _rows(data: Columns, rows: NDArray[np.intp]) -> Columns:
    return Columns(
        {name: column.take(rows) for name, column in data.columns.items()}, len(rows), data.backend
    )


def _takes_nan(model: Any) -> bool:
    if isinstance(model, Estimator):
        return False
    from sklearn.utils import get_tags

    return bool(get_tags(model).input_tags.allow_nan)


def _chances(model: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the second class; of a model without probabilities the sigmoid of what it decides by, which a calibration mends."""
    import numpy as np

    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(x), dtype=np.float64)[:, 1]
    decided = np.clip(np.asarray(model.decision_function(x), dtype=np.float64), -30, 30)
    return 1 / (1 + np.exp(-decided))


def _odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    held = np.clip(chances, 1e-15, 1 - 1e-15)
    return np.asarray(np.log(held) - np.log1p(-held))
