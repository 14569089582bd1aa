"""Columns of ids as the compiled part reads them."""

from __future__ import annotations

from typing import Any

__all__ = ["arrow", "only", "plain", "wide"]


def only(source: Any, *columns: str) -> Any:
    """These columns of a table that can be asked for them, so that others are not converted."""
    names = getattr(source, "columns", None)
    if names is None or type(source).__module__.split(".")[0] not in ("pandas", "polars"):
        return source
    return source[list(dict.fromkeys(columns))] if all(name in names for name in columns) else source


def wide(*arrays: Any) -> bool:
    return any(array.dtype.kind == "u" and array.dtype.itemsize == 8 for array in arrays)


def plain(values: Any) -> Any:
    import numpy as np

    if values.dtype in (np.int32, np.uint32, np.int64) and values.dtype.isnative:
        return np.ascontiguousarray(values)
    return np.ascontiguousarray(values, dtype=np.int64)


def arrow(values: Any) -> Any:
    import pyarrow as pa

    if values.dtype.kind == "O":
        kinds = {type(value) for value in values if value is not None and value == value}
        if len(kinds) > 1 or any(kind.__name__ == "UUID" for kind in kinds):
            return pa.array([None if v is None or v != v else str(v) for v in values])
    return pa.array(values, from_pandas=True)
