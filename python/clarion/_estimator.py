"""What estimators have in common: options by name, and what scikit-learn asks of rows, names, labels and weights."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from clarion._options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Estimator",
    "NotFittedError",
    "binary_labels",
    "compare_columns",
    "matrix_of",
    "of_sklearn",
    "weights_of",
]


class NotFittedError(ValueError, AttributeError):
    """Asked for what only a fit can tell."""


def of_sklearn(name: str, own: type) -> Any:
    """scikit-learn's class of this name where scikit-learn is in use, so that its users can catch it."""
    module = sys.modules.get("sklearn.exceptions")
    return getattr(module, name, own) if module is not None else own


class Estimator(Options):
    """Asked before a fit, it says that there was none."""

    def _require_fit(self, attribute: str) -> None:
        if not hasattr(self, attribute):
            kind = of_sklearn("NotFittedError", NotFittedError)
            raise kind(f"this {type(self).__name__} is not fitted yet; call fit first")


def matrix_of(rows: Any, *, ordered: bool = True) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """A matrix, float32 where the rows are, else float64, and the names of the columns of a frame. ``ordered``: row after row;
    else an array stays as it lies where its strides are whole numbers of values."""
    import numpy as np

    names = None
    if type(rows).__module__.split(".")[0] == "scipy" or hasattr(rows, "tocsr"):
        raise TypeError("X: a sparse matrix is not allowed; give a dense one: X.toarray()")
    if not isinstance(rows, np.ndarray) and hasattr(rows, "columns"):
        import narwhals as nw

        frame = nw.from_native(rows, eager_only=True, pass_through=True)
        if isinstance(frame, nw.DataFrame):
            labels = list(rows.columns) if not hasattr(rows, "column_names") else list(rows.column_names)
            if all(isinstance(label, str) for label in labels) and labels:
                names = np.array(labels, dtype=object)
            rows = frame.to_numpy()
    array = np.asarray(rows)
    if array.dtype.kind == "c":
        raise ValueError("X: Complex data not supported; give real numbers")
    if array.ndim != 2:
        hint = "Reshape your data with X.reshape(-1, 1) for one column, X.reshape(1, -1) for one row"
        raise ValueError(f"X: Expected 2D array, got {array.ndim}D array instead. {hint}")
    if array.dtype not in (np.float32, np.float64) or not array.dtype.isnative:
        try:
            array = array.astype(np.float64)
        except TypeError as problem:
            raise TypeError(f"X: argument must be a string or a number: {problem}") from None
    if array.shape[0] == 0:
        raise ValueError(
            f"X: Found array with 0 sample(s) (shape={array.shape}) while a minimum of 1 is required."
        )
    if array.shape[1] == 0:
        raise ValueError(
            f"X: Found array with 0 feature(s) (shape={array.shape}) while a minimum of 1 is required."
        )
    if ordered or any(stride % array.itemsize for stride in array.strides):
        array = np.ascontiguousarray(array)
    return array, names


def compare_columns(estimator: Any, array: NDArray[Any], names: NDArray[Any] | None) -> None:
    """Raises where rows have not the columns of the fit, and warns where names alone are not on both sides."""
    import numpy as np

    owner, known = type(estimator).__name__, getattr(estimator, "feature_names_in_", None)
    if names is not None and known is not None and not np.array_equal(names, known):
        raise ValueError(_mismatch(owner, list(known), list(names)))
    if names is None and known is not None:
        warnings.warn(
            f"X does not have valid feature names, but {owner} was fitted with feature names", stacklevel=4
        )
    if names is not None and known is None:
        warnings.warn(f"X has feature names, but {owner} was fitted without feature names", stacklevel=4)
    if array.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {array.shape[1]} features, but {owner} is expecting {estimator.n_features_in_} features as input"
        )


def binary_labels(y: Any, rows: int, estimator: Any) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """The two classes, sorted, and for each row 1 where it is of the second."""
    import numpy as np

    if y is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected; use y.ravel()",
            of_sklearn("DataConversionWarning", UserWarning),
            stacklevel=3,
        )
        labels = labels.ravel()
    if labels.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {labels.shape} instead")
    if len(labels) != rows:
        raise ValueError(f"y: {len(labels)} labels for {rows} rows: inconsistent numbers of samples")
    if labels.dtype.kind == "f":
        if np.isnan(labels).any():
            raise ValueError("Input y contains NaN")
        if np.isinf(labels).any():
            raise ValueError("Input y contains infinity")
        if (labels != np.floor(labels)).any():
            raise ValueError("Unknown label type: continuous; y must hold two classes")
    if labels.dtype.kind == "O" and any(label is None or label != label for label in labels):
        raise ValueError("Input y contains NaN")
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) > 2:
        raise ValueError(
            f"Only binary classification is supported. The type of the target is multiclass: y has {len(classes)} classes"
        )
    if len(classes) < 2:
        raise ValueError(f"y has one class alone, {classes[0]!r}: two classes are needed")
    return classes, numbers.astype(np.uint8)


def weights_of(weights: Any, rows: int) -> NDArray[np.float64] | None:
    """A weight a row, or None."""
    import numpy as np

    if weights is None:
        return None
    array = np.asarray(weights)
    if array.ndim == 0:
        array = np.full(rows, array)
    if array.shape != (rows,):
        raise ValueError(
            f"sample_weight: shape {array.shape} is not allowed; give one for each of the {rows} rows"
        )
    return np.ascontiguousarray(array, np.float64)


def _mismatch(owner: str, known: list[str], names: list[str]) -> str:
    text = "The feature names should match those that were passed during fit.\n"
    unseen, missing = sorted(set(names) - set(known)), sorted(set(known) - set(names))
    if unseen:
        text += "Feature names unseen at fit time:\n" + "".join(f"- {name}\n" for name in unseen[:5])
    if missing:
        text += "Feature names seen at fit time, yet now missing:\n" + "".join(
            f"- {name}\n" for name in missing[:5]
        )
    if not unseen and not missing:
        text += "Feature names must be in the same order as they were in fit.\n"
    return (
        f"{text}X: columns are {', '.join(names)}; {owner} was fitted with {', '.join(known)}, in this order"
    )
