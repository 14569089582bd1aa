"""The data audit: what a table holds, what was refused, and what has moved since the last cycle."""

from __future__ import annotations

import json
from datetime import date
from html import escape
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from clarion import _core
from clarion.schema.finding import SEVERITIES, Findings
from clarion.schema.records import Records

__all__ = ["Audit", "audit"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: .93rem; } th, td { padding: .25rem .7rem; border-bottom: 1px solid #8884; text-align: right; }
th { font-weight: 600; } td:first-child, th:first-child { text-align: left; }
.scroll { overflow-x: auto; } .verdict { font-weight: 600; } .none { opacity: .7; }
"""


def audit(
    table: Records, previous: Records | None = None, *, today: date | None = None, **options: Any
) -> Audit:
    """Looks at what was read of a table: completeness, freshness, uniqueness, validity, and, where the ``previous`` cycle is given,
    columns that came or went and distributions that moved.

    ``today`` is the day that freshness is counted to; the clock's where it is not given. Options: ``complete``, ``stale_days``,
    ``refused``, ``volume``, ``psi``, ``ks``, ``most_values``; docs/schema/audit.md says what they mean. Raises TypeError for an
    option that is not known and for what is no table of records, ValueError for one out of range and two tables of different
    kinds. O(n log n).
    """
    for name, one in (("table", table), ("previous", previous)):
        if not isinstance(one, Records) and not (name == "previous" and one is None):
            raise TypeError(
                f"{name}: {type(one).__name__} is no table of records; read it: clarion.schema.Transactions.read(...)"
            )
    before = None if previous is None else previous._reading
    return Audit(_core.audit(table._reading, before, today, **options), table.findings, table._backend)


class Audit:
    """What an audit found. ``findings`` are those of the audit; ``rows`` those that reading had about the file and its rows."""

    __slots__ = ("_backend", "_report", "findings", "rows")

    def __init__(self, report: dict[str, Any], rows: Findings, backend: str | None = None) -> None:
        self._report = report
        self._backend = backend
        self.findings = Findings(report["findings"], backend)
        self.rows = rows

    @property
    def table(self) -> str:
        return str(self._report["table"])

    @property
    def rows_read(self) -> int:
        return int(self._report["rows_read"])

    @property
    def accepted(self) -> int:
        return int(self._report["accepted"])

    @property
    def quarantined(self) -> int:
        return int(self._report["quarantined"])

    @property
    def repeated(self) -> int:
        """Rows that repeat an earlier one."""
        return int(self._report["repeated"])

    @property
    def days_since_last(self) -> int | None:
        """Days from the last record to the day of the audit; None where the table has no days."""
        days = int(self._report["days_since_last"])
        return None if days == -1 else days

    @property
    def fields(self) -> list[dict[str, Any]]:
        """What each field holds: values, distinct, complete, low, median, high, first, last, psi, ks, ks_p, added, vanished."""
        return list(self._report["fields"])

    def passes(self, max_severity: str = "warning") -> bool:
        """Whether nothing worse than ``max_severity`` was found: 'info' lets no warning pass, 'warning' no error."""
        if max_severity not in SEVERITIES:
            raise ValueError(
                f"max_severity: {max_severity!r} is not allowed; give one of {', '.join(SEVERITIES)}"
            )
        worse = SEVERITIES[: SEVERITIES.index(max_severity)]
        return not any(finding.severity in worse for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain data; ``clarion.gate`` and ``clarion.airflow.gate`` read it."""
        fields = [{name: _plain(value) for name, value in one.items()} for one in self.fields]
        counts = {
            name: getattr(self, name)
            for name in ("table", "rows_read", "accepted", "quarantined", "repeated")
        }
        return {
            **counts,
            "previous_rows": int(self._report["previous_rows"]),
            "days_since_last": self.days_since_last,
            "fields": fields,
            "findings": self.findings.to_dict(),
        }

    def to_json(self, indent: int | None = 2) -> str:
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def _columns(self) -> dict[str, list[Any]]:
        names = (
            "field",
            "column",
            "values",
            "complete",
            "distinct",
            "low",
            "median",
            "high",
            "first",
            "last",
            "psi",
            "ks",
            "ks_p",
        )
        columns = {name: [one[name] for one in self.fields] for name in names}
        columns["added"] = [one["n_added"] for one in self.fields]
        columns["vanished"] = [one["n_vanished"] for one in self.fields]
        return columns

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a field; ``added`` and ``vanished`` count values."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.findings.count(level)} {level}" for level in SEVERITIES)
        return (
            f"Audit({self.table}: {self.rows_read:,} rows read, {self.accepted:,} accepted, {self.quarantined:,} in quarantine; "
            f"{counts})"
        )

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        columns = self._columns()
        shown: dict[str, list[Any]] = {}
        for name, cells in columns.items():
            if name == "complete":
                cells = [None if cell is None else f"{cell:.1%}" for cell in cells]
            elif name in ("values", "distinct", "added", "vanished"):
                cells = [f"{cell:,}" if cell else "" for cell in cells]
            elif name in ("first", "last"):
                cells = [cell.isoformat().replace("-", "\u2011") if cell else "" for cell in cells]
            if any(cell not in (None, "", 0) for cell in cells):
                shown[name] = cells
        return (
            f"<p>{escape(repr(self))}</p>{self.findings._repr_html_() if self.findings else ''}"
            f"{html_table(shown, rows=len(self.fields))}"
        )

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """The audit as a page that stands alone; written to ``path`` where one is given."""
        verdict = "Nothing above information was found." if self.passes("info") else ""
        if not verdict:
            levels = {level: self.findings.count(level) for level in ("error", "warning")}
            verdict = (
                " and ".join(f"{n} {level}{'s' * (n != 1)}" for level, n in levels.items() if n) + " found."
            )
        codes = sorted({finding.code for finding in self.rows})
        by_code = {code: [finding for finding in self.rows if finding.code == code] for code in codes}
        rows = "".join(
            f"<tr><td><code>{escape(code)}</code></td><td>{escape(found[0].severity)}</td>"
            f"<td style='text-align:left'>{escape(found[0].message)}</td></tr>"
            for code, found in by_code.items()
        )
        refused = (
            f"<h2>What reading found</h2><div class=scroll><table><thead><tr><th>code</th><th>severity</th>"
            f"<th style='text-align:left'>the first</th></tr></thead><tbody>{rows}</tbody></table></div>"
            if codes
            else ""
        )
        text = (
            f"<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>Audit of {escape(self.table)}</title>"
            f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style></head><body>"
            f"<h1>Audit of {escape(self.table)}</h1><p class=verdict>{escape(verdict)}</p>"
            f"<div class=scroll>{self._repr_html_()}</div>{refused}</body></html>\n"
        )
        if path is not None:
            Path(fspath(path)).write_text(text, encoding="utf-8")
        return text


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
