"""Rows and labels of a caller as what the core takes: a matrix of numbers, and clusters numbered from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._estimator import matrix_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Labels", "Rows", "labels_of", "rows_of"]


@dataclass(frozen=True, eq=False)
class Rows:
    """``values``: rows x columns; ``names`` where the columns have them, ``backend`` of the frame that they came from."""

    values: NDArray[np.float64]
    names: list[str] | None
    backend: str | None

    def name(self, column: int) -> str:
        return str(column) if self.names is None else self.names[column]


def rows_of(source: Any, field: str = "X") -> Rows:
    """A frame (pandas, polars, pyarrow) or array as float64, row after row.

    Raises TypeError for sparse matrices, ValueError for what is no table of numbers and, naming the column, for texts, NaN
    and infinities.
    """
    import numpy as np

    from clarion.io import frame_kind

    try:
        array, labels = matrix_of(source)
    except (TypeError, ValueError) as problem:
        if (text := _first_text(source)) is not None:
            raise ValueError(
                f"{field}: column {text} does not hold numbers; leave it out or encode it"
            ) from None
        raise type(problem)(str(problem).replace("X:", f"{field}:", 1)) from None
    rows = Rows(
        np.asarray(array, np.float64), None if labels is None else labels.tolist(), frame_kind(source)
    )
    with np.errstate(invalid="ignore", over="ignore"):
        finite = np.isfinite(rows.values.sum())
    if not finite and not (good := np.isfinite(rows.values)).all():
        row, column = np.argwhere(~good)[0]
        what = "NaN" if np.isnan(rows.values[row, column]) else "infinity (inf)"
        raise ValueError(
            f"{field}: {what} of column {rows.name(column)}, row {row}, is not allowed; give finite numbers"
        )
    return rows


def _first_text(source: Any) -> Any:
    """The first column of a frame that does not hold numbers."""
    import narwhals as nw

    frame = nw.from_native(source, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        return None
    numbers = (name for name, kind in frame.schema.items() if not (kind.is_numeric() or kind == nw.Boolean))
    return next(numbers, None)


@dataclass(frozen=True, eq=False)
class Labels:
    """``numbers`` from 0 without gaps, and what each stands for."""

    numbers: NDArray[np.uint32]
    values: NDArray[Any]

    @property
    def names(self) -> list[str]:
        """What a sentence calls the clusters."""
        return [value if isinstance(value, str) else f"Cluster {value}" for value in self.values.tolist()]


def labels_of(source: Any, rows: int | None = None, field: str = "labels") -> Labels:
    """Labels of any kind (numbers, texts) as numbers of clusters, in the order of the labels.

    Raises ValueError for missing labels and, where ``rows`` says how many there are to be, for another number.
    """
    import numpy as np

    array = np.asarray(source.to_numpy() if hasattr(source, "to_numpy") else source)
    if array.ndim != 1 or (rows is not None and len(array) != rows):
        wanted = "a label for each row" if rows is None else f"one for each of the {rows} rows"
        raise ValueError(
            f"{field}: {' x '.join(map(str, array.shape)) or 'a single value'} is not allowed; give {wanted}"
        )
    if len(array) == 0:
        raise ValueError(f"{field}: no label is not allowed; give at least one")
    if array.dtype.kind in "iu" and int(array.min()) >= 0 and int(array.max()) < len(array) + 1024:
        there = np.bincount(array) > 0
        values = np.flatnonzero(there)
        return Labels((np.cumsum(there) - 1)[array].astype(np.uint32), values)
    if array.dtype.kind == "O":
        if any(value is None or value != value for value in array):
            raise ValueError(f"{field}: a missing label is not allowed; give one for each row")
        kinds = {type(value) for value in array}
        array = np.array(
            [str(value) for value in array] if len(kinds) > 1 or str in kinds else array.tolist()
        )
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{field}: NaN is not allowed; give a label for each row")
    values, numbers = np.unique(array, return_inverse=True)
    return Labels(numbers.astype(np.uint32), values)
