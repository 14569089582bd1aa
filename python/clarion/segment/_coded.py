"""Columns of a caller's table as codes, days and numbers: what the kernels that group rows by customer take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion.segment._encode import plain_texts
from clarion.segment.purchases import read_only

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NONE", "NO_DAY", "Coded", "Source", "id_array", "matched"]

NONE = 0xFFFFFFFF
NO_DAY = -(2**31)
_CHUNK = 1 << 22


@dataclass(frozen=True, eq=False)
class Coded:
    """A code a row, ``NONE`` where there is nothing, and the Arrow values that codes stand for."""

    codes: NDArray[np.uint32]
    values: Any

    def found(self) -> Coded:
        """The same with the values that occur, ascending (numeric or bytewise): their codes among all, and they."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        count = len(self.values)
        seen = np.zeros(count + 1, dtype=bool)
        for at in range(0, len(self.codes), _CHUNK):
            seen[np.minimum(self.codes[at : at + _CHUNK], count)] = True
        there = np.flatnonzero(seen[:count]).astype(np.uint32)
        values = self.values.take(pa.array(there))
        order = pc.sort_indices(values)
        return Coded(there[order.to_numpy()], values.take(order))


class Source:
    """The columns of any frame, of a list of mappings, or of records, whose codes are taken as they are."""

    def __init__(self, source: Any, columns: Mapping[str, str]) -> None:
        from clarion._columns import only
        from clarion.io import frame_kind
        from clarion.schema.frames import arrow_source, is_rows
        from clarion.schema.records import Records

        for argument, column in columns.items():
            if not isinstance(column, str) or not column:
                raise ValueError(f"{argument}: {column!r} is not allowed; name a column")
        self._names = dict(columns)
        self._records = source if isinstance(source, Records) else None
        self.backend = source._backend if self._records is not None else frame_kind(source)
        self._columns: dict[str, Any] = {}
        if self._records is not None:
            known = self._records.columns
        else:
            import pyarrow as pa

            if is_rows(source):
                source = _of_rows(source, dict.fromkeys(columns.values()))
            table = pa.table(arrow_source(only(source, *columns.values()), columns.values()))
            known = table.column_names
            for name in set(columns.values()) & set(known):
                if known.count(name) > 1:
                    raise ValueError(f"{name}: there are two columns of this name; rename one")
                self._columns[name] = plain_texts(table[name])
        for argument, column in columns.items():
            if column not in known:
                raise ValueError(f"{argument}: there is no column {column!r}; there are {', '.join(known)}")

    def coded(self, argument: str, *, ids: bool = False) -> Coded:
        """A column of ids or texts. Blank texts are missing, and whole floats are integers."""
        import numpy as np
        import pyarrow as pa

        name = self._names[argument]
        if self._records is not None:
            try:
                return Coded(*self._records.codes(name))
            except ValueError as problem:
                raise ValueError(str(problem).replace("field:", f"{argument}:", 1)) from None
        column = self._columns[name]
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise ValueError(f"{argument}: column {name} holds {kind}; give one of texts or numbers")
        if pa.types.is_floating(kind) or pa.types.is_null(kind):
            column = _whole(column, name, argument)
        coded = _encoded(column)
        values, codes = coded.dictionary, coded.indices
        if codes.null_count:
            codes = codes.fill_null(-1)
        codes = np.ascontiguousarray(codes.to_numpy(zero_copy_only=False).astype(np.int32, copy=False))
        return _without_blanks(codes.view(np.uint32), _ids(values) if ids else values)

    def numbers(self, argument: str) -> NDArray[np.float64]:
        """A column of numbers; NaN where there is none."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        name = self._names[argument]
        column = self._columns[name] if self._records is None else self._records[name]
        kind = column.type
        if not (
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_null(kind)
        ):
            raise ValueError(f"{argument}: column {name} holds {kind}, no numbers; convert it")
        values = pc.cast(column, pa.float64(), safe=False).to_numpy(**_copied(column))
        return np.ascontiguousarray(values, dtype=np.float64)

    def days(self, argument: str) -> NDArray[np.int32]:
        """A column of days since 1970-01-01; ``NO_DAY`` where there is none or it cannot be read."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        name = self._names[argument]
        if self._records is not None:
            column = self._records._core.column(name)
            if "days" not in column:
                raise ValueError(f"{argument}: {name} holds no days; name a field that does")
            days: NDArray[np.int32] = column["days"]
            return days
        column = self._columns[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        kind = column.type
        if pa.types.is_integer(kind):
            # No number is both yyyymmdd and a day since 1970-01-01.
            numbers = pc.cast(column, pa.int64(), safe=False)
            dated = pc.greater_equal(numbers, 10_000_000)
            counted = pc.and_not(pc.greater(numbers, -1_000_000), dated)
            day = pc.coalesce(
                _parsed(pc.cast(pc.if_else(dated, numbers, None), pa.string())),
                pc.cast(pc.if_else(counted, numbers, None), pa.int32()),
            )
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            day = _parsed(pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(column), 0, 10))
        elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            day = _whole_days(column)
        elif pa.types.is_null(kind):
            day = pc.cast(column, pa.int32())
        else:
            raise ValueError(f"{argument}: column {name} holds {kind}; give dates, times or texts YYYY-MM-DD")
        out = pc.fill_null(day, NO_DAY).to_numpy(**_copied(day))
        return np.ascontiguousarray(out, dtype=np.int32)


def _parsed(texts: Any) -> Any:
    """Days since 1970-01-01 of ISO 8601 texts, null where they are no day. Each text is read once."""
    import pyarrow as pa

    coded = _encoded(texts)
    return pa.array([_day(text) for text in coded.dictionary.to_pylist()], pa.int32()).take(coded.indices)


def _day(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() - 719163
    except ValueError:
        return None


def _whole_days(times: Any) -> Any:
    """Days of dates or times as int32; null beyond what dates can tell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(times.type):
        times = pc.floor_temporal(times, unit="day")
    return pc.cast(pc.cast(times, pa.date32(), safe=False), pa.int32())


def _of_rows(rows: Any, names: Any) -> dict[str, list[Any]]:
    """The columns of these names that any of the rows has."""
    if not all(isinstance(row, Mapping) for row in rows):
        raise TypeError("cannot read rows that are no mappings; give a data frame or a list of mappings")
    if not rows:
        return {name: [] for name in names}
    return {name: [row.get(name) for row in rows] for name in names if any(name in row for row in rows)}


def _copied(column: Any) -> dict[str, bool]:
    """What to_numpy wants to be told of an array, and cannot be told of a chunked one."""
    import pyarrow as pa

    return {} if isinstance(column, pa.ChunkedArray) else {"zero_copy_only": False}


def _encoded(column: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(
            column.type.value_type
        )  # chunks may have dictionaries of their own, and values twice
    coded = column.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks() if coded.num_chunks else pa.array([], coded.type)
    return coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded


def _whole(column: Any, name: str, argument: str) -> Any:
    """Integers that missing values have made floats."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return pc.cast(pc.if_else(pc.is_nan(column), None, column) if column.type != pa.null() else column,
                       pa.int64())  # fmt: skip
    except pa.ArrowInvalid:
        raise ValueError(
            f"{argument}: column {name} holds numbers that are not whole; give texts or whole numbers"
        ) from None


def _ids(values: Any) -> Any:
    """Ids are int64 or texts, as those of the other functions of this room."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_string(kind) or kind == pa.int64():
        return values
    try:
        return values.cast(pa.int64() if pa.types.is_integer(kind) else pa.string())
    except pa.ArrowInvalid:
        return values.cast(pa.string())


def _without_blanks(codes: NDArray[np.uint32], values: Any) -> Coded:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return Coded(codes, values)
    blank = np.flatnonzero(pc.equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False))
    if len(blank):
        codes = np.where(np.isin(codes, blank.astype(np.uint32)), np.uint32(NONE), codes)
    return Coded(codes, values)


def id_array(values: Any) -> Any:
    """Ids as the results of this room have them: an array of int64, or of str objects."""
    import numpy as np
    import pyarrow as pa

    return read_only(
        values.to_numpy(zero_copy_only=False)
        if pa.types.is_integer(values.type)
        else np.array(values.to_pylist(), dtype=object)
    )


def matched(coded: Coded, customers: Any) -> tuple[Any, NDArray[np.int64]]:
    """The ids to answer for, as they came, and the code of each; -1 for one that has no row. Without any: those found, ascending."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if customers is None:
        found = coded.found()
        return id_array(found.values), found.codes.astype(np.int64)
    if isinstance(customers, str | bytes) or not (
        hasattr(customers, "__len__") or hasattr(customers, "__iter__")
    ):
        raise ValueError(f"customers: {customers!r} is not allowed; give ids, one for each customer")
    array = _array_of(customers)
    if array.null_count or (pa.types.is_floating(array.type) and pc.any(pc.is_nan(array)).as_py()):
        raise ValueError("customers: a missing id is not allowed; give the id of each customer")
    if pa.types.is_floating(array.type) or pa.types.is_null(array.type):
        array = _whole(array, "customers", "customers")
    wanted, known = _ids(array), coded.values
    if len(wanted) and len(known) and pa.types.is_integer(wanted.type) != pa.types.is_integer(known.type):
        texts = "texts" if pa.types.is_integer(wanted.type) else "numbers"
        raise ValueError(
            f"customers: {array[0].as_py()!r} is not allowed; the table has ids that are {texts}"
        )
    if wanted.type != known.type:
        known = known.cast(wanted.type) if len(known) else pa.array([], wanted.type)
    codes = pc.fill_null(pc.index_in(wanted, value_set=known), -1).to_numpy(zero_copy_only=False)
    return id_array(wanted), codes.astype(np.int64)


def _array_of(customers: Any) -> Any:
    import pyarrow as pa

    if hasattr(customers, "to_arrow"):
        customers = customers.to_arrow()
    array = customers if isinstance(customers, pa.Array | pa.ChunkedArray) else None
    if array is None:
        try:
            array = pa.array(
                list(customers) if not hasattr(customers, "__len__") else customers, from_pandas=True
            )
        except (pa.ArrowException, TypeError):
            raise ValueError(
                "customers: these are not ids of one kind; give texts or whole numbers"
            ) from None
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return plain_texts(array)
