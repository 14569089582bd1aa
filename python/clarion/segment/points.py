"""Rows of numbers as estimators take them: arrays and frames, checked, with the names of their columns."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, Self

from clarion._options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PointsEstimator", "matrix_of", "named", "not_fitted", "seed_of", "weights_of"]


def matrix_of(rows: Any) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """A C-contiguous matrix, float32 where the rows are, else float64, and the names of the columns of a frame."""
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
    return np.ascontiguousarray(array), names


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


def seed_of(random_state: Any) -> int:
    """A seed from None (a new one each time), a whole number, or a generator of numpy, which moves on."""
    import numpy as np

    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState) or random_state is np.random:
        return int(random_state.randint(2**31))
    if isinstance(random_state, int | np.integer) and 0 <= random_state < 2**64:
        return int(random_state)
    raise ValueError(
        f"random_state: {random_state!r} is not allowed; give None, a whole number from 0, or a generator of numpy"
    )


class PointsEstimator(Options):
    """What estimators over rows of numbers do alike, as scikit-learn asks of them; it is not needed for them."""

    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _begin(self, X: Any) -> tuple[NDArray[Any], dict[str, Any]]:
        """The matrix of a fit, and what is known of its columns."""
        array, names = matrix_of(X)
        known: dict[str, Any] = {"n_features_in_": array.shape[1]}
        if names is not None:
            known["feature_names_in_"] = names
        return array, known

    def _take(self, found: dict[str, Any]) -> Self:
        """Fitted attributes, all at once; those of an earlier fit go."""
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("_")]:
            delattr(self, name)
        for name, value in found.items():
            setattr(self, name, value)
        return self

    def _more(self, X: Any, like: NDArray[Any] | None = None) -> NDArray[Any]:
        """Other rows of the same columns, in the precision of the fit."""
        import numpy as np

        if not self.__sklearn_is_fitted__():
            raise not_fitted()(f"This {type(self).__name__} instance is not fitted yet; call fit first")
        array, names = matrix_of(X)
        known = getattr(self, "feature_names_in_", None)
        owner = type(self).__name__
        if names is not None and known is not None and not np.array_equal(names, known):
            raise ValueError(_mismatch(list(known), list(names)))
        if names is None and known is not None:
            warnings.warn(
                f"X does not have valid feature names, but {owner} was fitted with feature names",
                stacklevel=3,
            )
        if names is not None and known is None:
            warnings.warn(f"X has feature names, but {owner} was fitted without feature names", stacklevel=3)
        if array.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {array.shape[1]} features, but {owner} is expecting {self.n_features_in_} features as input"
            )
        return array if like is None else np.ascontiguousarray(array, like.dtype)


def named(names: NDArray[Any] | None, problem: ValueError) -> ValueError:
    """What the core says of a column, with its name where it has one."""
    column = re.search(r" of column (\d+)", str(problem))
    if column is None or names is None:
        return problem
    return ValueError(str(problem).replace(column.group(0), f" of column {names[int(column.group(1))]!r}"))


def not_fitted() -> type[Exception]:
    """scikit-learn's exception for it where that is installed."""
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return ValueError
    found: type[Exception] = NotFittedError
    return found


def _mismatch(known: list[str], names: list[str]) -> str:
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
    return text
