"""Tables in files: what a file is, in which encoding, with which delimiter and from which line on, is found out; pyarrow
reads it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError, match_columns
from clarion.schema.header import Header, find_header, sniff_delimiter, unwrapped

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FileTable",
    "about",
    "fields_in",
    "read_batches",
    "read_table",
    "sniff_delimiter",
    "sniff_encoding",
]

#: A line that could not be cut into cells: row (1-based, among all rows of data), text, reason.
Unreadable = tuple[int, str, str]
#: How many fields of the table that is looked for the cells of a line name; 0 where they are not its columns.
Fits = Callable[[Sequence[str]], int]

_HEAD = 1 << 20
_BLOCK = 1 << 22  # what pyarrow cuts at a time; a line fits into one
_LARGEST_BLOCK = (1 << 31) - 1
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
_PACKED_ENDINGS = (".gz", ".bz2", ".zst", ".lz4", ".br")
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
# What a cell without an id holds where it is not empty.
_NO_ID = ["", "NULL", "null", "Null", "NaN", "nan", "None", "N/A", "#N/A", "\\N"]


@dataclass
class FileTable:
    """Rows of a file as an Arrow table, or its JSON text, and what was found on the way."""

    table: pa.Table | None = None
    json: bytes | None = None
    encoding: str = ""  # empty: UTF-8
    skipped: list[str] = field(default_factory=list)  # lines above the header
    unreadable: list[Unreadable] = field(default_factory=list)
    own: bool = False  # written by clarion: columns need no guessing


@dataclass
class Batches:
    """A stream of batches, and what became of it once it has ended."""

    stream: Any
    unreadable: list[Unreadable] = field(default_factory=list)
    failure: Exception | None = None


@contextmanager
def about(label: Any) -> Iterator[None]:
    """What is wrong with a source begins with its name."""
    try:
        yield
    except ClarionError as problem:
        if str(problem).startswith(str(label)):
            raise
        raise ClarionError(f"{label}: {problem}") from None


def fields_in(table: str, needed: Sequence[str], chosen: list[tuple[str, str]], guess: bool = True) -> Fits:
    """Counts the fields of a table ('campaigns', 'products', 'memberships') that cells name, where those needed are among
    them."""

    def count(cells: Sequence[str]) -> int:
        try:
            found = match_columns([cell.strip() for cell in cells], chosen, guess, table)
        except ValueError:  # a chosen column is not among them
            return 0
        return len(found) if all(name in found for name in needed) else 0

    return count


def read_table(
    path: str | PathLike[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    fits: Fits | None = None,
) -> FileTable:
    """The table in a CSV, TSV, JSON, JSON lines, Parquet or Arrow file, compressed or not; lines above its header, the
    one that ``fits`` best, are passed over."""
    if delimiter is not None and len(delimiter) != 1:
        raise ValueError(f"delimiter: {delimiter!r} is not allowed; give one character")
    with _opened(path) as (place, kind, data):
        if kind in ("parquet", "arrow"):
            from pyarrow import feather, parquet

            table = parquet.read_table(place) if kind == "parquet" else feather.read_table(place)
            return FileTable(table=table, own=b"clarion" in (table.schema.metadata or {}))
        if kind == "json":
            return _json(data, encoding)
        return _text(data, encoding, delimiter or _delimiter_of(kind), fits).table()


def read_batches(
    path: str | PathLike[str],
    choose: Callable[[Sequence[str]], list[str]],
    fits: Fits,
    *,
    to_the_end: bool = False,
) -> Batches:
    """A stream of the columns that ``choose`` picks among the names, batch by batch. Texts of a CSV come without blanks
    around them and as nulls where they are empty. Which lines cannot be read is known when the stream has ended.

    The encoding is that of the first megabyte; where the stream fails over it, the file is looked at ``to_the_end``.
    """
    import pyarrow as pa

    with _opened(path) as (place, kind, data):
        if kind == "json":
            from clarion._core import JsonTable

            table = JsonTable(_json(data, None).json or b"", "memberships")
            choose(table.columns)
            return Batches(table, table.unreadable)
        if kind in ("csv", "tsv"):
            encoding = sniff_encoding(data.to_pybytes()) if to_the_end else None
            text = _text(data, encoding, _delimiter_of(kind), fits)
            return text.batches(choose(text.header.names))
        if kind == "parquet":
            from pyarrow import parquet

            file = parquet.ParquetFile(place)
            schema, batches = file.schema_arrow, file.iter_batches
        else:
            file = pa.ipc.open_file(pa.memory_map(str(place)))
            schema = file.schema

            def batches(columns: list[str]) -> Iterator[Any]:
                return (file.get_batch(i).select(columns) for i in range(file.num_record_batches))

        chosen = choose(schema.names)
        fields = pa.schema([schema.field(name) for name in chosen])
        return Batches(pa.RecordBatchReader.from_batches(fields, batches(columns=chosen)))


@contextmanager
def _opened(path: str | PathLike[str]) -> Iterator[tuple[Path, str, Any]]:
    """The file, what it is ('parquet', 'arrow', 'json', 'tsv', 'csv') and, of texts, its bytes."""
    place = Path(fspath(path))
    if place.is_dir():
        raise ClarionError(f"{place} is a folder; name the file in it that holds the table")
    if not place.exists():
        raise ClarionError(f"{place}: no such file")
    if place.stat().st_size == 0:
        raise ClarionError(f"{place} is empty")
    try:
        with about(place):
            yield place, *_look_into(place)
    except ClarionError:
        raise
    except (OSError, ValueError, LookupError) as problem:
        if type(problem) is ValueError:  # an argument that does not fit the file
            raise
        raise ClarionError(f"{place} cannot be read: {problem}") from problem


def _look_into(place: Path) -> tuple[str, Any]:
    """What the file is and, of texts, its bytes: in memory of Arrow's own, for its threads may let go of it when Python is on
    its way out."""
    import pyarrow as pa

    data = pa.memory_map(str(place)).read_buffer()
    endings = [suffix.lower() for suffix in place.suffixes]
    packing = next((name for magic, name in _PACKED.items() if _start(data, len(magic)) == magic), None)
    if endings and endings[-1] in _PACKED_ENDINGS:
        packed = endings.pop()
        packing = packing or ("brotli" if packed == ".br" else None)
        if packing is None:
            raise ClarionError(f"{place} cannot be read: it is named {packed} and is not packed at all")
    ending = endings[-1] if endings else ""
    if packing is not None:
        with pa.CompressedInputStream(pa.BufferReader(data), packing) as stream:
            data = stream.read_buffer()
        if not data.size:
            raise ClarionError("it is empty")
    start = _start(data, 1024)
    if start[:4] == b"PAR1" and packing is None:
        return "parquet", None
    if start[:6] == b"ARROW1" and packing is None:
        return "arrow", None
    _refuse_no_table(place, data, ending)
    start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if ending in (".json", ".jsonl", ".ndjson") or start[:2] in (b"[{", b'{"'):
        return "json", data
    return ("tsv" if ending in (".tsv", ".tab") else "csv"), data


def _start(data: pa.Buffer, size: int) -> bytes:
    return bytes(memoryview(data)[:size])


def _native(text: bytes) -> pa.Buffer:
    import pyarrow as pa

    stream = pa.BufferOutputStream()
    stream.write(text)
    return stream.getvalue()


def _refuse_no_table(place: Path, data: pa.Buffer, ending: str) -> None:
    """Files that people take for tables of text say what they are."""
    workbook = f"a workbook; save the sheet as CSV, or pass pandas.read_excel({place.name!r}, dtype=str)"
    start = _start(data, 1024)
    what = ""
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta")):
        what = "a page of HTML or XML and no table; a download that asks to sign in ends so"
    elif start[:4] == b"PK\x03\x04" and ending not in _WORKBOOKS:
        members = _members(data.to_pybytes())
        if any(name.startswith("xl/") or name in ("[Content_Types].xml", "mimetype") for name in members):
            what = workbook
        else:
            what = f"a zip archive of {', '.join(members[:3]) or 'nothing'}; unpack it first"
    elif ending in _WORKBOOKS or start[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        what = workbook
    elif start[:5] == b"%PDF-":
        what = "a PDF; export its table as CSV"
    if what:
        raise ClarionError(f"{place} is {what}")
    if ending in (".parquet", ".pq", ".arrow", ".feather", ".ipc"):
        raise ClarionError(f"{place} cannot be read: it is named {ending} and is no such file")


def _members(data: bytes) -> list[str]:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except zipfile.BadZipFile:
        return []


def sniff_encoding(head: bytes, *, whole: bool = True) -> str:
    """'utf-8', 'utf-16', 'utf-32', 'cp1252' or 'latin-1'; ClarionError for what is no text. ``whole``: nothing follows
    ``head``."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = head.count(0)
    if zeros:
        for name, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
            if len(head) >= 4 and zeros > len(head) // 4 and head[odd::2].count(0) == zeros:
                return name
    # A cell may hold a stray one.
    controls = sum(head.count(code) for code in range(32) if code not in (9, 10, 11, 12, 13, 26, 27))
    if controls > max(2, len(head) // 50):
        held = "zero bytes" if 2 * zeros > controls else "control characters"
        raise ClarionError(f"it is not text: it holds {held}")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        head.decode("cp1252")
        return "cp1252"
    except UnicodeDecodeError:
        return "latin-1"


def _delimiter_of(kind: str) -> str | None:
    return "\t" if kind == "tsv" else None


def _text(data: pa.Buffer, encoding: str | None, delimiter: str | None, fits: Fits | None) -> _Text:
    out = _Text(data, encoding, delimiter, fits)
    if out.header.wrapped:
        return _Text(_native(unwrapped(out.text()).encode()), "utf-8", delimiter, fits)
    return out


class _Text:
    """A file of delimited text: its encoding, its header, and the rows below it."""

    def __init__(
        self, data: pa.Buffer, encoding: str | None, delimiter: str | None, fits: Fits | None
    ) -> None:
        head = _start(data, _HEAD)
        self._data, self._delimiter, self._fits = data, delimiter, fits
        self._found_out = encoding is None
        self.encoding = encoding or sniff_encoding(head, whole=len(head) < _HEAD)
        self._utf8 = codecs.lookup(self.encoding).name == "utf-8"
        content = data if self._utf8 else _native(_decoded(data, self.encoding).encode())
        self._content = content
        # A header may be longer than what is looked at first.
        for size in (_HEAD, 64 * _HEAD, content.size):
            shown = codecs.decode(_start(content, size), "utf-8", "ignore")
            text = shown.lstrip("\ufeff")
            found = find_header(text, delimiter, fits or len, whole=size >= content.size)
            if found is not None:
                break
        assert found is not None
        if not found.names:
            raise ClarionError("it is empty: it holds blank lines only")
        if len(found.names) > 100_000:
            raise ClarionError(f"its first line has {len(found.names):,} cells; a table has a few dozen")
        self.header: Header = found
        self._rows = content.slice(len(shown[: len(shown) - len(text) + found.end].encode()))
        # Line breaks inside of cells need quotes; looking for quotes costs less than reading in a way that allows for breaks.
        self._quotes = re.search(b'"', memoryview(self._rows)) is not None
        self._bad: list[Any] = []

    def text(self) -> str:
        return _decoded(self._content, "utf-8")

    def table(self) -> FileTable:
        import pyarrow as pa

        try:
            try:
                table = self._read(threads=True)
            except pa.ArrowInvalid as problem:
                if "UTF8" in str(problem):
                    raise
                # A line that has more or fewer cells, or is longer than a block. One thread knows the numbers of rows.
                table = self._read(threads=False)
        except pa.ArrowInvalid as problem:
            if "UTF8" not in str(problem) or not self._found_out or not self._utf8:
                raise
            # Only a part behind the first megabyte tells that the file is of another encoding.
            whole = sniff_encoding(self._data.to_pybytes())
            return _text(self._data, whole, self._delimiter, self._fits).table()
        return FileTable(
            table=table,
            encoding="" if self._utf8 else self.encoding,
            skipped=self.header.skipped,
            unreadable=self._unreadable(),
        )

    def _read(self, *, threads: bool, block: int = _BLOCK) -> pa.Table:
        import pyarrow as pa
        from pyarrow import csv

        names = self.header.names
        if not self._rows.size:
            return pa.Table.from_arrays([pa.array([], pa.string())] * len(names), names=names)
        try:
            return csv.read_csv(
                pa.BufferReader(self._rows),
                csv.ReadOptions(use_threads=threads, block_size=block, column_names=names),
                self._parse_options(noting=not threads),
                csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            )
        except pa.ArrowInvalid as problem:
            largest = min(self._rows.size + 1, _LARGEST_BLOCK)
            if threads or "straddl" not in str(problem) or block >= largest:
                raise
            self._bad.clear()
            return self._read(threads=False, block=largest)

    def batches(self, columns: list[str]) -> Batches:
        """The columns as a stream of batches. An exception within it would reach the reader as a text with its traceback: the
        stream ends, and the outcome says why."""
        import pyarrow as pa
        import pyarrow.compute as pc
        from pyarrow import csv

        schema = pa.schema([(name, pa.string()) for name in columns])

        def cleaned(column: Any) -> Any:
            column = pc.utf8_trim_whitespace(column)
            return pc.if_else(pc.equal(column, ""), None, column)

        def read() -> Iterator[pa.RecordBatch]:
            reader = csv.open_csv(
                pa.BufferReader(self._rows),
                csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=self.header.names),
                self._parse_options(noting=True),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()), include_columns=columns,
                    strings_can_be_null=True, null_values=_NO_ID,
                ),
            )  # fmt: skip
            with reader:
                for batch in reader:
                    yield pa.RecordBatch.from_arrays(list(map(cleaned, batch.columns)), schema=schema)

        def guarded() -> Iterator[pa.RecordBatch]:
            try:
                if self._rows.size:
                    yield from read()
            except pa.ArrowInvalid as problem:
                out.failure = problem
                if "straddl" in str(problem):
                    longest = f"a line is longer than {_BLOCK >> 20} MiB"
                    out.failure = ClarionError(f"{longest}; a quote may not be closed")
            out.unreadable += self._unreadable()

        out = Batches(pa.RecordBatchReader.from_batches(schema, guarded()))
        return out

    def _parse_options(self, *, noting: bool) -> Any:
        """``noting``: lines that cannot be cut are noted and passed over, not refused. Not for reading with threads: one of
        them may be the last to hold the callback, when Python is on its way out."""
        from pyarrow import csv

        def note(row: Any) -> str:
            self._bad.append(row)
            return "skip"

        return csv.ParseOptions(
            delimiter=self.header.delimiter,
            newlines_in_values=self._quotes,
            ignore_empty_lines=True,
            invalid_row_handler=note if noting else None,
        )

    def _unreadable(self) -> list[Unreadable]:
        out: list[Unreadable] = []
        blank = 0
        for row in self._bad:
            if not row.text.strip():  # pyarrow skips lines without a character, not lines of blanks
                blank += 1
                continue
            cells = "1 cell" if row.actual_columns == 1 else f"{row.actual_columns} cells"
            reason = f"{cells} where {row.expected_columns} are expected"
            lines = row.text.strip().count("\n") + 1
            if lines > 1:
                reason += f", over {lines:,} lines: a quote may not be closed"
            out.append((row.number - blank, row.text, reason))
        return out


def _decoded(data: pa.Buffer, encoding: str) -> str:
    return codecs.decode(data.to_pybytes(), encoding, "replace").removeprefix("\ufeff")


def _json(data: pa.Buffer, encoding: str | None) -> FileTable:
    name = encoding or sniff_encoding(data.to_pybytes())
    text = _decoded(data, name)
    if not text.strip():
        raise ClarionError("it is empty: it holds blanks only")
    return FileTable(json=text.encode(), encoding="" if name == "utf-8" else name)
