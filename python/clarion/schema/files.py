"""Tables in files: what the file is, in which encoding and with which delimiter, is found out; pyarrow reads it."""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FileTable", "columns_by_name", "read_table", "sniff_delimiter", "sniff_encoding"]

_PACKED = (".gz", ".bz2", ".zst", ".lz4", ".br")
_HEAD = 1 << 20


@dataclass
class FileTable:
    """Rows of a file as an Arrow table, or its JSON text, and what was found on the way."""

    table: pa.Table | None = None
    json: str | None = None
    encoding: str = ""  # empty: UTF-8
    unreadable: list[tuple[int, str, str]] = field(default_factory=list)
    own: bool = False  # written by clarion: columns need no guessing


def read_table(
    path: str | PathLike[str], *, encoding: str | None = None, delimiter: str | None = None
) -> FileTable:
    """The table in a CSV, TSV, JSON, JSON lines, Parquet or Arrow file, compressed or not."""
    if delimiter is not None and len(delimiter) != 1:
        raise ValueError(f"delimiter: {delimiter!r} is not allowed; give one character")
    place = Path(fspath(path))
    if place.is_dir():
        raise ClarionError(f"{place} is a folder; name the file in it that holds the table")
    if not place.exists():
        raise ClarionError(f"{place}: no such file")
    if place.stat().st_size == 0:
        raise ClarionError(f"{place} is empty")
    suffixes = [suffix.lower() for suffix in place.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _PACKED
    kind = suffixes[-2] if packed and len(suffixes) > 1 else suffixes[-1] if suffixes and not packed else ""
    if kind in (".xlsx", ".xls", ".ods"):
        raise ClarionError(
            f"{place} is a workbook; save the sheet as CSV, or pass pandas.read_excel({place.name!r}, dtype=str)"
        )
    try:
        if kind in (".parquet", ".pq"):
            return _parquet(place)
        if kind in (".arrow", ".feather", ".ipc"):
            import pyarrow.feather as feather

            return FileTable(table=feather.read_table(place))
        data = _bytes(place, packed)
        if data[:4] == b"PAR1":
            return _parquet(place)
        if kind in (".json", ".jsonl", ".ndjson"):
            return _json(data[:], encoding, lines=kind != ".json")
        return _csv(
            data, place, encoding, "\t" if delimiter is None and kind in (".tsv", ".tab") else delimiter
        )
    except ClarionError:
        raise
    except (OSError, ValueError, LookupError) as problem:
        raise ClarionError(f"{place} cannot be read: {problem}") from problem


def _bytes(place: Path, packed: bool) -> Any:
    if packed:
        import pyarrow as pa

        with pa.input_stream(str(place)) as stream:
            data = stream.read()
        if not data:
            raise ClarionError(f"{place} is empty")
        return data
    with place.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _parquet(place: Path) -> FileTable:
    import pyarrow.parquet as parquet

    table = parquet.read_table(place)
    return FileTable(table=table, own=b"clarion" in (table.schema.metadata or {}))


def columns_by_name(names: Sequence[str]) -> dict[str, str]:
    """The columns by their letters and digits in lower case; of two that agree the first counts."""
    return {"".join(char for char in name.lower() if char.isalnum()): name for name in reversed(names)}


def sniff_encoding(head: bytes, *, whole: bool = True) -> str:
    """'utf-8', 'utf-16', 'cp1252' or 'latin-1'; ClarionError for what is no text. ``whole``: nothing follows ``head``."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = head.count(0)
    if zeros:
        for name, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
            if len(head) >= 4 and zeros > len(head) // 4 and head[odd::2].count(0) == zeros:
                return name
        raise ClarionError("it is not text: it holds zero bytes")
    controls = sum(head.count(code) for code in range(32) if code not in (9, 10, 11, 12, 13, 26, 27))
    if controls > max(2, len(head) // 50):
        raise ClarionError("it is not text: it holds control characters")
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


def sniff_delimiter(head: str) -> str:
    """The one of ``, ; tab |`` that cuts the first lines into the most cells of equal number."""
    lines: list[str] = []
    line: list[str] = []
    quoted = False
    for char in head:
        if char == '"':
            quoted = not quoted
        if char in "\r\n" and not quoted:
            text = "".join(line)
            line = []
            if text.strip():
                lines.append(text)
            if len(lines) == 50:
                break
        else:
            line.append(char)
    if line and len(lines) < 50:
        lines.append("".join(line))
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        counts = [_outside_quotes(text, delimiter) for text in lines]
        if not counts or counts[0] == 0:
            continue
        same = sum(count == counts[0] for count in counts) / len(counts)
        score = same * 1000 + min(counts[0], 999) / 1000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _outside_quotes(text: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in text.split('"')[::2])


def _csv(data: Any, place: Path, encoding: str | None, delimiter: str | None) -> FileTable:
    import pyarrow as pa

    head = bytes(data[:_HEAD])
    whole = len(head) < _HEAD
    if encoding is None:
        try:
            encoding = sniff_encoding(head, whole=whole)
        except ClarionError as problem:
            raise ClarionError(f"{place}: {problem}") from None
    try:
        return _parse_csv(data, head, place, encoding, delimiter)
    except pa.ArrowInvalid as problem:
        if "UTF8" not in str(problem) or encoding != "utf-8":
            raise ClarionError(f"{place} cannot be read: {problem}") from None
    # Only a part behind the first megabyte tells that the file is of another encoding.
    return _parse_csv(data, head, place, sniff_encoding(bytes(data[:])), delimiter)


def _parse_csv(data: Any, head: bytes, place: Path, encoding: str, delimiter: str | None) -> FileTable:
    import pyarrow as pa
    from pyarrow import csv

    shown = codecs.decode(head, encoding, "ignore").removeprefix("\ufeff")
    if not shown.strip():
        raise ClarionError(f"{place} is empty: it holds blank lines only")
    if delimiter is None:
        delimiter = sniff_delimiter(shown)
    # Line breaks inside of cells need quotes; looking for quotes costs less than reading in a way that allows for breaks.
    quotes = data.find('"'.encode(encoding if encoding != "utf-16" else "utf-16-le")) >= 0
    utf8 = encoding == "utf-8"
    source = pa.py_buffer(data) if utf8 else pa.py_buffer(_utf8(bytes(data[:]), encoding))

    def read(handler: Callable[[Any], str], names: list[str] | None, *, threads: bool) -> pa.Table:
        return csv.read_csv(
            pa.BufferReader(source if names is not None else source.slice(0, min(source.size, _HEAD))),
            read_options=csv.ReadOptions(use_threads=threads, block_size=1 << 22),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=quotes, ignore_empty_lines=True, invalid_row_handler=handler
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names or [], pa.string()), strings_can_be_null=False,
            ),
        )  # fmt: skip

    names = _header(source, delimiter, quotes)
    bad: list[Any] = []

    def note(row: Any) -> str:
        bad.append(row)
        return "skip"

    table = read(note, names, threads=True)
    if bad:
        bad.clear()
        table = read(note, names, threads=False)  # one thread knows the numbers of rows
    unreadable = [
        (row.number - 1, row.text, f"{row.actual_columns} cells where {row.expected_columns} are expected")
        for row in bad
    ]
    return FileTable(table=table, encoding="" if utf8 else encoding, unreadable=unreadable)


def _header(source: pa.Buffer, delimiter: str, quotes: bool) -> list[str]:
    """The names of the columns, as pyarrow cuts them."""
    import pyarrow as pa
    from pyarrow import csv

    reader = csv.open_csv(
        pa.BufferReader(source),
        read_options=csv.ReadOptions(use_threads=False, block_size=1 << 20),
        parse_options=csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=quotes,
            ignore_empty_lines=True,
            invalid_row_handler=lambda row: "skip",
        ),
    )
    with reader:
        return list(reader.schema.names)


def _utf8(data: bytes, encoding: str) -> bytes:
    return codecs.decode(data, encoding, "replace").removeprefix("\ufeff").encode("utf-8")


def _json(data: bytes, encoding: str | None, *, lines: bool) -> FileTable:
    name = encoding or sniff_encoding(data)
    text = codecs.decode(data, name, "replace").removeprefix("\ufeff")
    if not text.strip():
        raise ClarionError("the file is empty: it holds blanks only")
    if lines or (text.lstrip().startswith("{") and '"campaigns"' not in text):
        text = "[" + ",".join(line for line in text.splitlines() if line.strip()) + "]"
    return FileTable(json=text, encoding="" if name == "utf-8" else name)
