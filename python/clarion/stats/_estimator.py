"""What estimators on arrays have in common: options by name, and what scikit-learn asks of rows, names and labels."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from clarion._options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Estimator", "NotFittedError", "binary_labels", "matrix", "weights"]


class NotFittedError(ValueError, AttributeError):
    """Asked for what only a fit can tell."""


def _of_sklearn(name: str, own: type) -> Any:
    """scikit-learn's class of this name where scikit-learn is in use, so that its users can catch it."""
    module = sys.modules.get("sklearn.exceptions")
    return getattr(module, name, own) if module is not None else own


class Estimator(Options):
    """Asked before a fit, it says that there was none."""

    def _require_fit(self, attribute: str) -> None:
        if not hasattr(self, attribute):
            kind = _of_sklearn("NotFittedError", NotFittedError)
            raise kind(f"this {type(self).__name__} is not fitted yet: call fit first")


def names_of(source: Any) -> list[str] | None:
    """Names of the columns of a frame; None for an array, or where names are not texts."""
    columns = getattr(source, "column_names", None)
    if columns is None:
        columns = getattr(source, "columns", None)
    if columns is None or not hasattr(source, "shape"):
        return None
    names = list(columns)
    return names if names and all(isinstance(name, str) for name in names) else None


def matrix(source: Any, estimator: Any, *, reset: bool) -> NDArray[Any]:
    """Rows x columns of float64 or float32, not copied where they are so already. ``reset`` notes ``n_features_in_`` and
    ``feature_names_in_``; else they are compared."""
    import numpy as np

    if type(source).__module__.startswith("scipy.sparse"):
        raise TypeError("X: sparse data was passed, but dense data is required; use X.toarray()")
    names = names_of(source)
    if names is not None and not hasattr(source, "__array__"):
        import narwhals as nw

        source = nw.from_native(source, eager_only=True).to_numpy()
    array = np.asarray(source)
    if array.dtype.kind == "c":
        raise ValueError("Complex data not supported: X is complex")
    if array.ndim != 2:
        if array.ndim < 2:
            raise ValueError(
                f"Expected 2D array, got {'1D' if array.ndim else 'scalar'} array instead: X has shape {array.shape}. "
                "Reshape your data using array.reshape(-1, 1) for one column or array.reshape(1, -1) for one row"
            )
        raise ValueError(f"Found array with dim {array.ndim}, while dim <= 2 is required: X")
    if array.dtype not in (np.float64, np.float32) or not array.dtype.isnative:
        array = array.astype(np.float64)
    for size, what in zip(array.shape, ("sample(s)", "feature(s)"), strict=True):
        if size == 0:
            raise ValueError(
                f"Found array with 0 {what} (shape={array.shape}) while a minimum of 1 is required: X"
            )
    if any(stride % array.itemsize for stride in array.strides):
        array = np.ascontiguousarray(array)
    if reset:
        estimator.n_features_in_ = array.shape[1]
        if names is not None:
            estimator.feature_names_in_ = np.asarray(names, dtype=object)
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return array
    kind = type(estimator).__name__
    if array.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {array.shape[1]} features, but {kind} is expecting {estimator.n_features_in_} features as input"
        )
    known = getattr(estimator, "feature_names_in_", None)
    if names is not None and known is not None and names != list(known):
        raise ValueError(
            f"X: columns are {', '.join(names)}; {kind} was fitted with {', '.join(known)}, in this order"
        )
    return array


def binary_labels(y: Any, rows: int, estimator: Any) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """The two classes, sorted, and for each row 1 where it is of the second."""
    import numpy as np

    if y is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected; use y.ravel()",
            _of_sklearn("DataConversionWarning", UserWarning),
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


def weights(sample_weight: Any, rows: int) -> NDArray[np.float64] | None:
    import numpy as np

    if sample_weight is None:
        return None
    found = np.asarray(sample_weight, dtype=np.float64)
    if found.ndim == 0:
        found = np.full(rows, float(found))
    if found.ndim != 1:
        raise ValueError("Sample weights must be 1D array or scalar")
    if len(found) != rows:
        raise ValueError(f"sample_weight: {len(found)} for {rows} rows")
    return found
