"""The header of a table in text: by which delimiter cells are parted, and which line names the columns.

Reports begin with a title, a period, blank lines. The header is the line that names the most fields, the first of them, and from
which on the lines have its number of cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

__all__ = ["Header", "find_header", "records", "sniff_delimiter", "unwrapped"]

DELIMITERS = (",", ";", "\t", "|")
_SEARCHED = 200  # lines in which a header is looked for
_COMPARED = 20  # lines below it that tell whether a table begins


@dataclass(frozen=True)
class Header:
    """Where the rows of a text begin and what their cells are called."""

    names: list[str]
    delimiter: str
    end: int = 0  #: characters up to and with the line of the names
    skipped: list[str] = field(default_factory=list)  #: the lines above it that are not blank
    wrapped: bool = False  #: each line is one quoted cell that holds a line of the table


@dataclass(frozen=True)
class _Record:
    end: int
    cells: list[str]

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def find_header(
    text: str, delimiter: str | None, fits: Callable[[Sequence[str]], int], *, whole: bool = True
) -> Header | None:
    """The header of a text that begins with ``text``; None when its line goes on behind it (not with ``whole``).

    ``fits`` tells how many fields of the table that is looked for the cells name, 0 where they are not its columns. Where no
    line fits, the first line that is as wide as most are is taken.
    """
    start = 0
    if told := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):  # how Excel is told the delimiter
        delimiter, start = delimiter or told[1], told.end()
    if not text[start:].strip():
        return Header([], delimiter or ",")
    order = [delimiter] if delimiter else _by_score(text[start:])
    cut = [list(records(text, char, _SEARCHED, start)) for char in order]
    best, place, at = 0, 0, -1
    for which, lines in enumerate(cut):
        for line_at, line in enumerate(lines):
            known = 0 if line.blank else fits(_names(line))
            if known > best and (line_at == 0 or _begins_table(lines, line_at)):
                best, place, at = known, which, line_at
            if line_at == 0 and 2 * known >= min(8, len(line.cells)):
                break  # nobody writes a title so
        if at == 0:
            break
    if best == 0:
        inner = next((_one_cell(line) for line in cut[0] if not line.blank), None)
        if inner is not None and any(fits(inner.split(char)) for char in DELIMITERS):
            return Header([inner], order[0], wrapped=True)
        at = _widest(cut[0])
    lines = cut[place]
    if not whole and lines[at].end >= len(text):
        return None
    names = _names(lines[at])
    if _one_wider(lines, at):
        names.append("")
    skipped = [" ".join(cell.strip() for cell in line.cells if cell.strip()) for line in lines[:at]]
    return Header(names, order[place], lines[at].end, [line for line in skipped if line])


def unwrapped(text: str) -> str:
    """The lines that stand quoted, each in a single cell, as lines."""
    return "\n".join(line.cells[0] for line in records(text, "\0")) + "\n"


def records(text: str, delimiter: str, most: int | None = None, start: int = 0) -> Iterator[_Record]:
    """The lines of a text cut into cells; a quoted cell may hold delimiters and line breaks."""
    stop_at = re.compile(f"[{re.escape(delimiter)}\r\n]")
    at, count = start, 0
    while at < len(text) and (most is None or count < most):
        cells: list[str] = []
        while True:
            parts: list[str] = []
            if text[at : at + 1] == '"':
                at += 1
                while True:
                    quote = text.find('"', at)
                    quote = quote if quote >= 0 else len(text)
                    doubled = text[quote + 1 : quote + 2] == '"'
                    parts.append(text[at : quote + doubled])
                    at = quote + 1 + doubled
                    if not doubled:
                        break
            found = stop_at.search(text, at)
            stop = found.start() if found else len(text)
            cells.append("".join(parts) + text[at:stop])
            at = stop + 1
            if text[stop : stop + 1] != delimiter:
                break
        if text[stop : stop + 2] == "\r\n":
            at += 1
        yield _Record(min(at, len(text)), cells)
        count += 1


def sniff_delimiter(head: str) -> str:
    """The one of ``, ; tab |`` that cuts the first lines into the most cells of equal number."""
    return _by_score(head)[0]


def _by_score(head: str) -> list[str]:
    """The delimiters, the likeliest first."""
    lines = _lines(head, 50)
    scores: dict[str, float] = {}
    for delimiter in DELIMITERS:
        counts = [_outside_quotes(text, delimiter) for text in lines]
        usual, lines_with = Counter(filter(None, counts)).most_common(1)[0] if any(counts) else (0, 0)
        scores[delimiter] = lines_with / len(lines) * 1000 + min(usual, 999) / 1000 if usual else 0
    return sorted(DELIMITERS, key=lambda delimiter: -scores[delimiter])


def _lines(head: str, most: int) -> list[str]:
    """The first lines that are not blank; line breaks between quotes do not end one."""
    lines: list[str] = []
    open_line = ""
    for line in re.split(r"\r\n|\r|\n", head[: 1 << 16]):
        open_line = f"{open_line}\n{line}" if open_line else line
        if open_line.count('"') % 2:
            continue
        if open_line.strip():
            lines.append(open_line)
        open_line = ""
        if len(lines) == most:
            return lines
    if open_line.strip():
        lines.append(open_line)
    return lines


def _outside_quotes(text: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in text.split('"')[::2])


def _names(record: _Record) -> list[str]:
    return [cell.strip("\ufeff") for cell in record.cells]


def _below(lines: list[_Record], at: int) -> list[_Record]:
    return [line for line in lines[at + 1 :] if not line.blank or len(line.cells) > 1][:_COMPARED]


def _begins_table(lines: list[_Record], at: int) -> bool:
    """Whether at least half of the lines below have as many cells as this one (or one more, which is empty)."""
    width, below = len(lines[at].cells), _below(lines, at)
    same = sum(
        len(line.cells) == width or (len(line.cells) == width + 1 and not line.cells[-1]) for line in below
    )
    return 2 * same >= len(below)


def _one_wider(lines: list[_Record], at: int) -> bool:
    """Whether every line below ends in a delimiter that the header lacks."""
    width, below = len(lines[at].cells), _below(lines, at)
    return bool(below) and all(len(line.cells) == width + 1 and not line.cells[-1] for line in below)


def _widest(lines: list[_Record]) -> int:
    """The first line that is as wide as most are and says something in at least half of its cells."""
    widths = Counter(len(line.cells) for line in lines if not line.blank)
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    for at, line in enumerate(lines):
        told = sum(bool(cell.strip()) for cell in line.cells)
        if len(line.cells) == usual > 1 and 2 * told >= usual:
            return at
    return next((at for at, line in enumerate(lines) if not line.blank), 0)


def _one_cell(line: _Record) -> str | None:
    return line.cells[0] if len(line.cells) == 1 else None
