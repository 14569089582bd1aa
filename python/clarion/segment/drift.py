"""What became of the clusters of one period in the next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table, frame_kind
from clarion.segment._rows import Rows, labels_of, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Drift", "drift"]


@dataclass(frozen=True, eq=False, repr=False)
class Drift:
    """``table`` has a row a cluster: before, after (None: gone, or new), size_before, size_after, share_before, share_after,
    stayed, moved (elsewhere now), left (no longer known), joined (not known before), jaccard, distance (of its center, in
    standard deviations), verdict ("held", "drifted", "changed", "vanished", "appeared").

    ``sentences`` say the verdicts in words. ``transitions`` counts members: before, after, members (None: not known in that
    period). ``shifts`` has a row a matched cluster and column of X: the shift of its mean in standard deviations. ``common``
    members are known in both periods; ``rand`` is the adjusted Rand index over them.
    """

    table: Table
    sentences: list[str]
    transitions: Table
    shifts: Table
    common: int
    rand: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "common": self.common,
            "rand": self.rand,
            "sentences": list(self.sentences),
            "clusters": self.table.to_dict(),
            "transitions": self.transitions.to_dict(),
            "shifts": self.shifts.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Where the members of each cluster went, in percent of the cluster before."""
        from clarion.segment import _pictures

        return _pictures.transitions(self, ax)

    def __repr__(self) -> str:
        return "Drift(\n  " + "\n  ".join(self.sentences) + "\n)"

    def _repr_html_(self) -> str:
        from html import escape

        words = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return f"{self.table._repr_html_()}<ul>{words}</ul>"


def drift(
    before: Any,
    after: Any,
    *,
    ids_before: Any = None,
    ids_after: Any = None,
    X_before: Any = None,
    X_after: Any = None,
    by: str = "overlap",
) -> Drift:
    """Matches the clusters of two periods one to one and says what became of each.

    ``before`` and ``after`` are labels; ``ids_before`` and ``ids_after`` say who the rows are (without them row i is row i of the other
    period, or, by centers, nobody is known in both); ``X_before`` and ``X_after`` are what they were clustered by, on one scale.
    ``by`` "overlap" matches so that Jaccard similarities of members add up to the most, "centers" so that the distances of means add
    up to the least (Kuhn, 1955).

    Raises ValueError for labels, ids and X that do not fit together, an id twice, NaN (naming the column).
    O(n log n + clusters³).
    """
    first, second = labels_of(before, field="before"), labels_of(after, field="after")
    xs = [
        None if X is None else _beside(rows_of(X, field), labels.numbers, field)
        for X, labels, field in ((X_before, first, "X_before"), (X_after, second, "X_after"))
    ]
    names = None if xs[0] is None else xs[0].names
    if xs[0] is not None and xs[1] is not None and None not in (names, xs[1].names) and names != xs[1].names:
        raise ValueError(f"X_after: columns {xs[1].names} are not those of X_before, {names}; give the same")
    if (ids_before is None) != (ids_after is None):
        raise ValueError("ids_after: ids of one period alone are not allowed; give both or none")
    one, other = (None, None) if ids_before is None else _numbered(ids_before, ids_after, first, second)
    found = _core.drift(
        first.numbers,
        second.numbers,
        one,
        other,
        None if xs[0] is None else xs[0].values,
        None if xs[1] is None else xs[1].values,
        first.names,
        second.names,
        {"by": by},
    )
    values = [*first.values.tolist(), None], [*second.values.tolist(), None]
    clusters = found["clusters"]
    shifts: dict[str, list[Any]] = {"before": [], "after": [], "column": [], "shift": []}
    for row in clusters:
        for side, at in (("before", 0), ("after", 1)):
            row[side] = None if row[side] is None else values[at][row[side]]
        for column, shift in enumerate(row.pop("shift")):
            assert xs[0] is not None
            added = (row["before"], row["after"], xs[0].name(column), shift)
            for name, value in zip(shifts, added, strict=True):
                shifts[name].append(value)
    columns = {name: [row[name] for row in clusters] for name in clusters[0]}
    sentences = columns.pop("sentence")
    moves = found["transitions"]
    cells = [(i, j) for i in range(moves.shape[0]) for j in range(moves.shape[1]) if moves[i, j] > 0]
    transitions = {
        "before": [values[0][i] for i, _ in cells],
        "after": [values[1][j] for _, j in cells],
        "members": [int(moves[i, j]) for i, j in cells],
    }
    backend = frame_kind(before)
    return Drift(
        Table(columns, backend),
        sentences,
        Table(transitions, backend),
        Table(shifts, backend),
        found["common"],
        found["rand"],
    )


def _beside(rows: Rows, labels: Any, field: str) -> Rows:
    if len(rows.values) != len(labels):
        raise ValueError(
            f"{field}: {len(rows.values)} rows are not allowed; give one for each of the {len(labels)} labels"
        )
    return rows


def _numbered(before: Any, after: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """Ids of any kind as numbers, the same in both periods."""
    import numpy as np
    import pyarrow as pa

    fields = "ids_before", "ids_after"
    given = zip((before, after), (first, second), fields, strict=True)
    parts = [_ids_of(source, len(labels.numbers), field) for source, labels, field in given]
    if parts[0].type != parts[1].type:
        whole = all(pa.types.is_integer(part.type) for part in parts)
        fits = whole and pa.uint64() not in (parts[0].type, parts[1].type)
        parts = [part.cast(pa.int64() if fits else pa.large_string()) for part in parts]
    n = len(parts[0])
    if pa.types.is_integer(parts[0].type):  # they are numbers that tell members apart
        numbers = [part.to_numpy().astype(np.int64, copy=False).view(np.uint64) for part in parts]
        for part, field in zip(numbers, fields, strict=True):
            ascending = np.sort(part)
            if (again := ascending[1:] == ascending[:-1]).any():
                _refuse(parts, fields.index(field), part == ascending[again.argmax()])
        return numbers[0], numbers[1]
    # Numbers go by who comes first: what is distinct stands at its own place.
    codes = pa.concat_arrays(parts).dictionary_encode().indices.to_numpy()
    known = int(codes[:n].max()) + 1
    if known < n:
        _refuse(parts, 0, codes[:n] == np.bincount(codes[:n]).argmax())
    times = np.bincount(codes[n:])
    if times.max() > 1:
        _refuse(parts, 1, codes[n:] == times.argmax())
    codes = codes.astype(np.uint64)
    return codes[:n], codes[n:]


def _refuse(parts: list[Any], period: int, rows: Any) -> None:
    field = ("ids_before", "ids_after")[period]
    raise ValueError(
        f"{field}: {parts[period][int(rows.argmax())].as_py()} stands twice; give each member once"
    )


def _ids_of(source: Any, rows: int, field: str) -> Any:
    """A column of ids as an Arrow array without missing ones."""
    import numpy as np
    import pyarrow as pa

    from clarion._columns import arrow
    from clarion.segment._encode import plain_texts

    column: Any = None
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        with suppress(pa.ArrowException):  # objects of several kinds
            column = pa.chunked_array(source if hasattr(source, "__arrow_c_stream__") else [pa.array(source)])
    if column is None:
        array = np.asarray(source)
        column = pa.chunked_array([arrow(array)]) if array.ndim == 1 else array
    if len(column) != rows or not isinstance(column, pa.ChunkedArray):
        raise ValueError(
            f"{field}: {len(column)} of them are not allowed; give one for each of the {rows} labels"
        )
    column = plain_texts(column)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == pa.string():
        column = column.cast(pa.large_string())
    if column.null_count or (
        pa.types.is_floating(column.type) and column.is_null(nan_is_null=True).to_numpy().any()
    ):
        raise ValueError(f"{field}: a missing id is not allowed; give one for each row")
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
