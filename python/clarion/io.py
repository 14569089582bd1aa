"""Frames in and out: any data frame arrives as an Arrow stream, any result leaves as the caller's kind of frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clarion._core import ClarionError

__all__ = ["Table", "arrow_stream", "frame", "frame_kind", "html_table"]


def arrow_stream(source: Any) -> Any:
    """An object with ``__arrow_c_stream__`` that holds the rows of ``source``.

    ``source`` is a pandas, polars or pyarrow table, a duckdb relation, anything that exports an Arrow stream, a mapping
    of columns, or a sequence of mappings (rows). Zero-copy where the source allows.
    """
    if hasattr(source, "__arrow_c_stream__"):
        return source
    if hasattr(source, "to_arrow_table"):
        return source.to_arrow_table()
    import pyarrow as pa

    if isinstance(source, Mapping):
        return pa.table(dict(source))
    if isinstance(source, Sequence) and not isinstance(source, str | bytes):
        rows = list(source)
        if all(isinstance(row, Mapping) for row in rows):
            return pa.Table.from_pylist(rows)
    try:
        import narwhals as nw

        return nw.from_native(source, eager_only=True).to_arrow()
    except TypeError:
        raise TypeError(
            f"cannot read rows from {type(source).__name__}; give a data frame (pandas, polars, pyarrow, duckdb), "
            "a mapping of columns or a list of mappings"
        ) from None


def frame_kind(source: Any) -> str | None:
    """'pandas', 'polars' or 'pyarrow' for a frame of that kind, else None."""
    root = type(source).__module__.split(".")[0]
    return root if root in ("pandas", "polars", "pyarrow") else None


def frame(columns: Mapping[str, Any], backend: str | None = None) -> Any:
    """The columns as a data frame: of ``backend``, or of pandas, or, where pandas is not installed, of pyarrow."""
    import narwhals as nw

    if backend is None:
        try:
            import pandas  # noqa: F401

            backend = "pandas"
        except ImportError:
            backend = "pyarrow"
    if backend not in ("pandas", "polars", "pyarrow"):
        raise ValueError(f"backend: {backend!r} is not allowed; give 'pandas', 'polars', 'pyarrow' or None")
    if backend == "pyarrow":
        import pyarrow as pa

        return pa.table(dict(columns))
    return nw.from_dict(dict(columns), backend=backend).to_native()  # type: ignore[arg-type]


#: Notebooks set every cell to the right, which suits numbers alone.
LEFT = 'style="text-align:left"'


def html_table(columns: Mapping[str, Sequence[Any]], rows: int = 20) -> str:
    """The first rows as an HTML table, text to the left, numbers to the right, every text escaped."""
    from html import escape

    names = list(columns)
    total = len(next(iter(columns.values()), ()))
    shown = {name: [_plain(value) for value in columns[name][:rows]] for name in names}
    side = {
        name: "" if values and all(value is None or _is_number(value) for value in values) else f" {LEFT}"
        for name, values in shown.items()
    }
    head = "".join(f"<th{side[name]}>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td{side[name]}>{escape(_text(shown[name][i]))}</td>" for name in names) + "</tr>"
        for i in range(min(rows, total))
    )
    more = f"<p>{total - rows:,} more rows</p>" if total > rows else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _plain(value: Any) -> Any:
    """A scalar of numpy as the value of Python that it stands for."""
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


class Table:
    """Columns of equal length, by name: what functions answer with when the answer is a table.

    It exports an Arrow stream, so every frame library reads it without a copy of ours in between.
    """

    __slots__ = ("_backend", "_columns")

    def __init__(self, columns: Mapping[str, Any], backend: str | None = None) -> None:
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ClarionError(f"columns differ in length: {lengths}")
        self._columns = dict(columns)
        self._backend = backend

    @property
    def columns(self) -> list[str]:
        return list(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __getitem__(self, column: str) -> Any:
        return self._columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def to_frame(self, backend: str | None = None) -> Any:
        """The table as a data frame: 'pandas', 'polars' or 'pyarrow'; by default the kind that the input had."""
        return frame(self._columns, backend or self._backend)

    def to_dict(self) -> dict[str, list[Any]]:
        return {name: _as_list(values) for name, values in self._columns.items()}

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return frame(self._columns, "pyarrow").__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"Table({len(self):,} rows: {', '.join(self._columns)})"

    def _repr_html_(self) -> str:
        return html_table(self._columns)


def _as_list(values: Any) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)
