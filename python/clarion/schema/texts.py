"""Columns of texts as the compiled part hands them over: bytes end to end, and offsets."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["quarantine_columns", "text_array", "texts"]


def texts(column: Mapping[str, Any]) -> list[str]:
    data, offsets = column["bytes"].tobytes(), column["offsets"].tolist()
    return [data[begin:end].decode("utf-8", "replace") for begin, end in pairwise(offsets)]


def text_array(column: Mapping[str, Any]) -> pa.Array:
    import pyarrow as pa

    offsets = column["offsets"]
    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(column["bytes"])
    ).cast(pa.string())


def quarantine_columns(found: Mapping[str, Any]) -> dict[str, Any]:
    """Rows that were not accepted: row, reasons, and every cell as it came."""
    columns: dict[str, Any] = {"row": found["row"], "reasons": texts(found["reasons"])}
    for name, cells in zip(found["columns"], found["cells"], strict=False):
        columns[name if name not in columns else f"{name} (source)"] = texts(cells)
    return columns
