"""Frames and rows of a caller as what the readers take: Arrow streams, or JSON for a list of rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["adapted", "arrow_source", "is_rows", "rows_json"]


def is_rows(source: Any) -> bool:
    """Whether the source is a list of rows."""
    return isinstance(source, Sequence) and not isinstance(source, str | bytes)


def rows_json(rows: Iterable[Any]) -> bytes:
    """Rows (mappings or records) as a JSON array."""
    text = json.dumps([_plain(row) for row in rows], ensure_ascii=False)
    return text.encode("utf-8", "replace")  # half of a surrogate pair is no text


def arrow_source(source: Any, columns: Iterable[str] | None = None, *, local: bool = True) -> Any:
    """An object that exports the rows of a frame or a mapping of columns as an Arrow stream.

    Columns of mixed objects become texts, times with a zone the local times there, and what the C++ side does not know is
    turned into what it does. ``columns`` names the ones that matter, so that others need not be converted. With
    ``local=False`` times with a zone stay what they are, and the C++ side finds the local ones.
    """
    from clarion.io import arrow_stream, frame_kind

    try:
        if frame_kind(source) == "pandas":
            return adapted(_of_pandas(source, columns), local=local)
        if isinstance(source, Mapping):
            return adapted(_table({str(name): _column(cells) for name, cells in source.items()}), local=local)
        if type(source).__name__ == "LazyFrame" and hasattr(source, "collect"):
            source = source.collect()
        return adapted(arrow_stream(source), local=local)
    except (TypeError, ClarionError):
        raise
    except Exception as problem:
        raise ClarionError(f"the {type(source).__name__} cannot be read as a table: {problem}") from problem


def _of_pandas(source: Any, columns: Iterable[str] | None) -> pa.Table:
    import pyarrow as pa

    if not hasattr(source, "columns"):
        raise TypeError(f"cannot read rows from a {type(source).__name__}; give the frame: to_frame()")
    frame = source.reset_index() if any(name is not None for name in source.index.names) else source
    names = [_name(name) for name in frame.columns]
    wanted = set(names if columns is None else columns)
    # A column that is not there is the reader's to report.
    places = [at for at, name in enumerate(names) if not wanted <= set(names) or name in wanted]
    return pa.Table.from_arrays(
        [_column(frame.iloc[:, at]) for at in places], names=[names[at] for at in places]
    )


def _name(name: Any) -> str:
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _table(columns: Mapping[str, Any]) -> pa.Table:
    import pyarrow as pa

    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        sizes = ", ".join(f"{name} {len(column)}" for name, column in list(columns.items())[:8])
        raise ClarionError(f"the columns differ in length: {sizes}")
    return pa.table(dict(columns))


def _column(cells: Any) -> Any:
    """Cells as an Arrow array; texts where they are of several types, or of one that only pandas knows."""
    import pyarrow as pa

    try:
        array = pa.array(cells, from_pandas=True)
        own = (
            pa.types.is_timestamp(array.type)
            and array.type.tz
            and str(getattr(cells, "dtype", "")) == "object"
        )
        if not own and not isinstance(array.type, pa.BaseExtensionType):
            return array
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        pass
    return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    plain = _plain(cell)
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return None
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list | dict):
        return json.dumps(plain, ensure_ascii=False)
    return str(plain)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)  # JSON has no more digits
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    text = str(value)
    return None if text == "NaN" else text  # a decimal that is none


def adapted(source: Any, *, local: bool = True) -> Any:
    """The stream as it is, where the C++ side reads every column of it; else a table in which it can."""
    import pyarrow as pa

    try:
        stream = pa.RecordBatchReader.from_stream(source)
    except (pa.ArrowException, AttributeError, TypeError):  # a type that pyarrow does not know either
        return source
    if not any(_is_foreign(field, local) for field in stream.schema):
        return stream
    columns: list[tuple[str, Any]] = []
    for field, column in zip(stream.schema, stream.read_all().columns, strict=True):
        columns += _read_as(field, column) if _is_foreign(field, local) else [(field.name, column)]
    return pa.Table.from_arrays([column for _, column in columns], names=[name for name, _ in columns])


def _is_foreign(field: pa.Field, local: bool) -> bool:
    import pyarrow as pa

    kind = field.type
    return (
        (local and pa.types.is_timestamp(kind) and kind.tz is not None)
        or pa.types.is_run_end_encoded(kind)
        or pa.types.is_decimal256(kind)
        or (pa.types.is_struct(kind) and field.name in _PARTS)
    )


# Fields that are one object in JSON, and the names of parts that stand for the whole.
_PARTS: dict[str, dict[str, str]] = {"actuals": {}, "extras": {}, "budget": {"amount": "budget"}}


def _read_as(field: pa.Field, column: Any) -> list[tuple[str, Any]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    name, kind = field.name, field.type
    try:
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            return [(name, pc.local_timestamp(column))]
        if pa.types.is_run_end_encoded(kind):
            return [(name, pc.run_end_decode(column))]
        if pa.types.is_decimal256(kind):
            return [(name, pc.cast(column, pa.float64()))]
        if pa.types.is_struct(kind) and name in _PARTS:
            return [
                part
                for at, inner in enumerate(kind)
                for part in _read_as(
                    inner.with_name(_PARTS[name].get(inner.name, inner.name)), pc.struct_field(column, at)
                )
            ]
    except pa.ArrowException:  # no time zone data, for one: the C++ side says what it made of the column
        pass
    return [(name, column)]
