"""Tables of records: customers, transactions, branches, campaign responses, tracker events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from clarion import _core
from clarion._core import ClarionError, JsonTable, Policy
from clarion.schema.finding import Findings
from clarion.schema.frames import arrow_source, is_rows, rows_json
from clarion.schema.mapping import Mapping
from clarion.schema.texts import quarantine_columns, text_array

if TYPE_CHECKING:
    import pyarrow as pa

    from clarion._core import RecordReading
    from clarion._core import Records as Columns
    from clarion.io import Table
    from clarion.schema.catalog import Catalog

__all__ = ["TABLES", "Branches", "Customers", "Events", "Parts", "Records", "Responses", "Transactions"]

R = TypeVar("R", bound="Records")

_NONE = 0xFFFFFFFF
_NO_DAY = -(2**31)


class Records:
    """Records that were accepted, by column, with what was found about them and the rows that were not.

    ``len(table) + len(table.quarantine) == table.rows_read``, always. A column is ``table["amount"]``, an Arrow array; ids and
    categories are dictionaries: a code of 4 bytes a row and each text once.
    """

    table: ClassVar[str] = ""
    #: Fields by which rows tell that they belong to the table.
    _needed: ClassVar[tuple[str, ...]] = ()

    __slots__ = ("_backend", "_core", "_reading", "counts", "findings", "mapping", "rows_read")

    _backend: str | None
    _core: Columns
    _reading: RecordReading
    #: What reading found: the file, the table, then the rows.
    findings: Findings
    #: Rows by code, however many findings are listed.
    counts: dict[str, int]
    #: The column that each field was read from.
    mapping: dict[str, str]
    rows_read: int

    def __init__(self, records: Any, mapping: Any = None, **options: Any) -> None:
        """Records of a list of dictionaries or any frame; as :meth:`read`."""
        other = type(self).read(records, mapping, **options)
        for name in Records.__slots__:
            setattr(self, name, getattr(other, name))

    @classmethod
    def read(
        cls,
        source: Any,
        mapping: Any = None,
        *,
        policy: Policy | None = None,
        customers: Customers | None = None,
        branches: Branches | None = None,
        catalog: Catalog | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Reads records from a file or a table and judges them.

        ``source`` is the path of a CSV, TSV, JSON, JSON lines, Parquet or Arrow file (also gzip, bzip2, zstd), any data frame, a
        duckdb relation, a mapping of columns or a list of mappings. ``mapping`` says how it stands for records: a
        :class:`Mapping`, its path, or a dictionary; fields that it leaves out are matched by name, and a finding says how.
        ``policy`` decides which findings are errors, and ``policy.today`` which dates lie in the future. ``customers``,
        ``branches`` and ``catalog`` are what ids may refer to. ``progress`` goes by the rows that were judged; it stays at 0 for
        a source that does not know how many it has.

        Raises ClarionError when the source cannot be read or lacks a required field, ValueError when the mapping does not fit.
        Rows never raise: those with errors are in ``.quarantine``.
        """
        from clarion.io import frame_kind

        chosen = Mapping.of(mapping, cls.table)
        known = {"customers": customers, "branches": branches, "catalog": catalog}
        references = {name: None if one is None else one._core for name, one in known.items()}
        rules = policy if policy is not None else Policy()
        given: dict[str, Any] = {**references, "n_jobs": n_jobs, "progress": progress}
        if isinstance(source, str | PathLike):
            from clarion.schema.files import about, read_table

            found = read_table(source, encoding=encoding, delimiter=delimiter, fits=cls._fits(chosen))
            given |= {"encoding": found.encoding, "skipped": found.skipped, "unreadable": found.unreadable}
            with about(source):
                stream: Any = found.table
                if found.json is not None:
                    stream = JsonTable(found.json, cls.table)
                    given["unreadable"] = stream.unreadable
                given["rows"] = _length(stream)
                reading = _core.read_records(stream, chosen._core, rules, **given)
            return cls._from(reading, reading, None)
        if is_rows(source):
            stream = JsonTable(rows_json(source), cls.table)
            given["unreadable"] = stream.unreadable
        else:
            stream = arrow_source(source, local=False)
        given["rows"] = _length(stream) or _length(source)
        reading = _core.read_records(stream, chosen._core, rules, **given)
        return cls._from(reading, reading, frame_kind(source))

    @classmethod
    def parts(
        cls,
        source: Any,
        mapping: Any = None,
        *,
        rows: int = 1 << 20,
        policy: Policy | None = None,
        customers: Customers | None = None,
        branches: Branches | None = None,
        catalog: Catalog | None = None,
        n_jobs: int | None = None,
    ) -> Parts[Self]:
        """Reads a source that is larger than memory, ``rows`` rows at a time: iterate over the parts, each a table as
        :meth:`read` gives it, and then ask for ``.findings`` and ``.counts`` of all.

        Sources are as for :meth:`read`; CSV, Parquet and Arrow files, duckdb relations and streams of Arrow batches are never held
        as a whole. Rows are judged as :meth:`read` judges them, however they are parted. Lines of a CSV that cannot be cut into
        cells are known when the file has ended: the last part has none of them, ``.unreadable`` lists them, and rows are counted
        without them.
        """
        return Parts(cls, source, mapping, rows, policy, customers, branches, catalog, n_jobs)

    @classmethod
    def _fits(cls, mapping: Mapping) -> Any:
        from clarion.schema.files import fields_in

        content = mapping.to_dict()
        rules = {
            name: rule if isinstance(rule, str) else rule.get("column")
            for name, rule in content.get("columns", {}).items()
        }
        constant = [name for name, column in rules.items() if column is None]
        chosen = [(name, column) for name, column in rules.items() if column is not None]
        needed = [name for name in cls._needed if name not in constant]
        return fields_in(cls.table, needed, chosen, content.get("guess_columns", True))

    @classmethod
    def _from(cls, part: Any, whole: Any, backend: str | None) -> Self:
        out = cls.__new__(cls)
        out.findings = Findings(part.findings, backend)
        out.counts = dict(whole.counts)
        out.mapping = dict(part.mapping)
        out.rows_read = part.rows_read
        out._backend = backend
        out._reading = part
        out._core = part.accepted
        return out

    @property
    def quarantine(self) -> Table:
        """The rows that were not accepted: row (1-based, in the source), reasons, and every cell as it came."""
        from clarion.io import Table

        return Table(quarantine_columns(self._reading.quarantine), self._backend)

    @property
    def columns(self) -> list[str]:
        """Fields that the source has."""
        return [name for name, *_ in _core.schema_fields(self.table) if self._core.column(name)]

    def source_row(self, record: int) -> int:
        """Row of the source, from 1, of a record, from 0."""
        if not 0 <= record < len(self):
            raise IndexError(f"record {record} of {len(self)}")
        return self._core.source_row(record)

    def codes(self, field: str) -> tuple[Any, Any]:
        """(codes, values) of an id or a category: a uint32 array with 2**32 - 1 where there is none, and an Arrow array."""
        column = self._core.column(field)
        if "codes" not in column:
            raise ValueError(
                f"field: {field!r} is not allowed; ids and categories of this table are {self._coded()}"
            )
        return column["codes"], _values(column)

    def _coded(self) -> str:
        return ", ".join(name for name in self.columns if "codes" in self._core.column(name)) or "none"

    def __getitem__(self, field: str) -> pa.Array:
        column = self._core.column(field)
        if not column:
            raise KeyError(f"the source has no {field}; it has {', '.join(self.columns)}")
        return _array(column)

    def __contains__(self, field: object) -> bool:
        return field in self.columns

    def __len__(self) -> int:
        return len(self._core)

    def to_arrow(self) -> pa.Table:
        """The columns as an Arrow table; ids and categories are dictionary-encoded."""
        import pyarrow as pa

        return pa.table({name: self[name] for name in self.columns})

    def to_frame(self, backend: str | None = None) -> Any:
        """The records as a data frame: 'pandas', 'polars' or 'pyarrow'; by default the kind that was read, else pandas. Ids are
        plain values there, categories stay categories."""
        import pyarrow as pa

        backend = backend or self._backend or "pandas"
        kinds = {name: kind for name, kind, *_ in _core.schema_fields(self.table)}
        table = pa.table(
            {
                name: column.dictionary_decode() if kinds[name] == "id" else column
                for name in self.columns
                for column in [self[name]]
            }
        )
        if backend == "pyarrow":
            return table
        if backend == "polars":
            import polars

            return polars.from_arrow(table)
        if backend == "pandas":
            return table.to_pandas(date_as_object=False)
        raise ValueError(f"backend: {backend!r} is not allowed; give 'pandas', 'polars', 'pyarrow' or None")

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        head = f"{type(self).__name__}({len(self):,} rows: {', '.join(self.columns)}"
        if self.rows_read != len(self):
            head += f"; {self.rows_read - len(self):,} in quarantine"
        counts = ", ".join(f"{code} {n:,}" for code, n in self.counts.items())
        return head + (f"; {counts})" if counts else ")")

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        shown = self.to_arrow().slice(0, 20)
        body = html_table({name: shown.column(name).to_pylist() for name in shown.column_names})
        more = f"<p>{len(self) - 20:,} more rows</p>" if len(self) > 20 else ""
        return f"<p>{escape(repr(self))}</p>{body}{more}"


class Transactions(Records):
    """Sales, returns and cancellations; the amounts of the latter two are zero or below."""

    table = "transactions"
    _needed = ("customer", "date")
    __slots__ = ()


class Customers(Records):
    """Who the customers are, and what they agreed to."""

    table = "customers"
    _needed = ("id",)
    __slots__ = ()


class Branches(Records):
    """Where they buy."""

    table = "branches"
    _needed = ("id",)
    __slots__ = ()


class Responses(Records):
    """Whom a campaign reached, and what they did."""

    table = "responses"
    _needed = ("campaign", "customer")
    __slots__ = ()


class Events(Records):
    """What a tracker saw: a customer or a cookie, when, and what."""

    table = "events"
    _needed = ("time",)
    __slots__ = ()


#: By the name that a mapping has for them.
TABLES: dict[str, type[Records]] = {
    kind.table: kind for kind in (Transactions, Customers, Branches, Responses, Events)
}


class Parts(Generic[R]):
    """The parts of a source, once; findings and counts of all of them when they have gone by."""

    def __init__(
        self, kind: type[R], source: Any, mapping: Any, rows: int, policy: Policy | None, customers: Any,
        branches: Any, catalog: Any, n_jobs: int | None,
    ) -> None:  # fmt: skip
        from clarion.io import frame_kind

        if not isinstance(rows, int) or rows < 1:
            raise ValueError(f"rows: {rows!r} is not allowed; give a number of rows of 1 or more")
        chosen = Mapping.of(mapping, kind.table)
        self._kind, self._rows, self._source = kind, rows, source
        self._backend = frame_kind(source)
        self._batches: Any = None
        known = {"customers": customers, "branches": branches, "catalog": catalog}
        given: dict[str, Any] = {name: None if one is None else one._core for name, one in known.items()}
        stream = self._open(source, chosen)
        self._reader = _core.RecordReader(
            stream, chosen._core, policy if policy is not None else Policy(),
            unreadable=getattr(stream, "unreadable", []), n_jobs=n_jobs, **given,
        )  # fmt: skip
        self._whole: Any = None
        #: Lines that could not be cut into cells: (row among all lines, text, reason).
        self.unreadable: list[tuple[int, str, str]] = []

    def _open(self, source: Any, mapping: Mapping) -> Any:
        if isinstance(source, str | PathLike):
            from clarion.schema.files import read_batches

            self._batches = read_batches(source, list, self._kind._fits(mapping))
            return self._batches.stream
        if is_rows(source):
            return JsonTable(rows_json(source), self._kind.table)
        if hasattr(source, "to_arrow_reader"):
            return source.to_arrow_reader()
        return arrow_source(source, local=False)

    def __iter__(self) -> Iterator[R]:
        while self._whole is None:
            part = self._reader.next(self._rows)
            if part is None:
                self._end()
                return
            yield self._kind._from(part, part, self._backend)

    def _end(self) -> None:
        if self._batches is not None:
            if self._batches.failure is not None:
                raise ClarionError(f"{self._source}: {self._batches.failure}")
            self.unreadable = list(self._batches.unreadable)
        self._whole = self._reader.finish()

    def _finished(self) -> Any:
        if self._whole is None:
            raise ClarionError("the source has not been read to its end; iterate over the parts first")
        return self._whole

    @property
    def findings(self) -> Findings:
        """About the whole table; those about rows are with their parts."""
        return Findings(self._finished().findings, self._backend)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by code over all parts."""
        return dict(self._finished().counts)

    @property
    def rows_read(self) -> int:
        return int(self._finished().rows_read)


def _length(source: Any) -> int:
    """Rows of a table that holds them; 0 of a query or a stream, which would have to be run to know."""
    if hasattr(source, "num_rows"):
        return int(source.num_rows)
    return len(source) if type(source).__name__ == "DataFrame" else 0


def _values(column: Any) -> pa.Array:
    import pyarrow as pa

    values = text_array(column["values"])
    return values.cast(pa.int64()) if column["whole"] else values


def _array(column: dict[str, Any]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if "codes" in column:
        codes = column["codes"]
        missing = codes == np.uint32(_NONE)
        at = pa.array(codes.view(np.int32), mask=missing if missing.any() else None)
        return pa.DictionaryArray.from_arrays(at, _values(column))
    if "days" in column:
        days = column["days"]
        missing = days == _NO_DAY
        mask = missing if missing.any() else None
        if "seconds" not in column:
            return pa.array(days, mask=mask).cast(pa.date32())
        seconds = days.astype(np.int64) * 86_400 + np.maximum(column["seconds"], 0)
        return pa.array(seconds, mask=mask).cast(pa.timestamp("s"))
    if "numbers" in column:
        return pa.array(column["numbers"], from_pandas=True)
    flags = column["flags"]
    return pa.array(flags == 1, mask=flags < 0)
