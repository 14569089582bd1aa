"""Which rows a model is judged on, and which it learns from then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["blocks_by_time", "rounds", "stratified", "time_numbers"]


def time_numbers(column: Any, name: str) -> NDArray[np.int64] | NDArray[np.float64]:
    """Times as numbers that keep their order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.sum(pc.is_null(column, nan_is_null=True)).as_py():
        raise ValueError(f"time: column {name} has missing values; leave these rows out")
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            column = pc.cast(pc.cast(column, pa.string()), pa.timestamp("us"))
        except pa.ArrowInvalid:
            raise ValueError(
                f"time: column {name} holds texts that are no ISO dates; parse them first"
            ) from None
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        return np.asarray(pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64()).to_numpy())
    try:
        found = np.asarray(pc.cast(column, pa.float64()).to_numpy())
    except pa.ArrowException:
        raise ValueError(f"time: column {name} is {kind}; give dates, times or numbers") from None
    if not np.isfinite(found).all():
        raise ValueError(f"time: column {name} has values that are not finite")
    return found


def blocks_by_time(times: NDArray[Any], folds: int) -> NDArray[np.int64]:
    """The place of each row among ``folds`` + 1 blocks of about equal size, by time; equal times are in one block."""
    import numpy as np

    distinct, place, count = np.unique(times, return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        raise ValueError("time: all rows have one time; nothing is later than the rest")
    # A time goes where its middle row lies.
    middle = (np.cumsum(count) - count / 2) / len(times)
    block = np.minimum((middle * (folds + 1)).astype(int), folds)
    _, block = np.unique(block, return_inverse=True)  # a long tie may leave blocks empty
    if block.max() == 0:
        raise ValueError("time: nearly all rows have one time; give finer times")
    return block[place]


def stratified(labels: NDArray[np.uint8], folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for each row at random, each with its share of both classes."""
    import numpy as np

    random = np.random.default_rng(seed)
    out = np.empty(len(labels), dtype=np.int64)
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)
        if len(rows) < folds:
            raise ValueError(
                f"folds: {folds} is more than the {len(rows)} rows of a class; give fewer, or more rows"
            )
        out[random.permutation(rows)] = np.arange(len(rows)) % folds
    return out


def rounds(
    fold: NDArray[np.int64], by_time: bool
) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.intp]]]:
    """(fold, rows to learn from, rows to judge): the past where folds are blocks of time, else all others."""
    import numpy as np

    for k in range(1 if by_time else 0, int(fold.max()) + 1):
        yield k, np.flatnonzero(fold < k if by_time else fold != k), np.flatnonzero(fold == k)
