"""Findings: the sequence of statements that validation, detectors and plan layers answer with."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, overload

from clarion._core import Finding

if TYPE_CHECKING:
    from clarion._core import Policy

__all__ = ["Finding", "Findings", "finding_dict"]

SEVERITIES = ("error", "warning", "info")


def finding_dict(finding: Finding) -> dict[str, Any]:
    """The finding as plain data; numbers that are not finite become None, as JSON has no NaN."""
    out: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity,
        "campaigns": finding.campaigns,
        "message": finding.message,
        "evidence": {name: _finite(value) for name, value in finding.evidence.items()},
        "units": finding.units,
        "why": finding.why,
        "suggestion": finding.suggestion,
        "expected_effect": finding.expected_effect,
        "expected_loss": _finite(finding.expected_loss),
    }
    if finding.row is not None:
        out["row"] = finding.row
    if finding.column:
        out["column"] = finding.column
    if finding.value:
        out["value"] = finding.value
    return out


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


class Findings(Sequence[Finding]):
    """An immutable sequence of findings with counts, filters and exports."""

    __slots__ = ("_backend", "_items")

    def __init__(self, items: Iterable[Finding] = (), backend: str | None = None) -> None:
        self._items = tuple(items)
        self._backend = backend

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        if isinstance(index, slice):
            return Findings(self._items[index], self._backend)
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    def __add__(self, other: Iterable[Finding]) -> Findings:
        return Findings((*self._items, *other), self._backend)

    def count(self, value: Any) -> int:
        """How many findings have this severity ('error', 'warning', 'info') or this code."""
        if value in SEVERITIES:
            return sum(item.severity == value for item in self._items)
        return sum(item.code == value for item in self._items)

    def with_code(self, prefix: str) -> Findings:
        """The findings whose code is or begins with ``prefix``: 'C1' gives all of the overlap detector."""
        return Findings((item for item in self._items if item.code.startswith(prefix)), self._backend)

    def about(self, campaign: str) -> Findings:
        """The findings that name this campaign id."""
        return Findings((item for item in self._items if campaign in item.campaigns), self._backend)

    def at_least(self, severity: str) -> Findings:
        """The findings of this severity or worse."""
        if severity not in SEVERITIES:
            raise ValueError(f"severity: {severity!r} is not allowed; give one of {', '.join(SEVERITIES)}")
        wanted = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return Findings((item for item in self._items if item.severity in wanted), self._backend)

    def judge(self, policy: Policy) -> tuple[Findings, Findings]:
        """(open, accepted) under a policy."""
        from clarion._core import judge

        kept, accepted = judge(list(self._items), policy)
        return Findings(kept, self._backend), Findings(accepted, self._backend)

    def to_dict(self) -> list[dict[str, Any]]:
        return [finding_dict(item) for item in self._items]

    def to_json(self, indent: int | None = 2) -> str:
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def columns(self) -> dict[str, list[Any]]:
        """The findings by column, as ``to_frame`` has them."""
        names = (
            "code",
            "severity",
            "campaigns",
            "message",
            "evidence",
            "why",
            "suggestion",
            "expected_effect",
            "expected_loss",
        )
        rows = self.to_dict()
        columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in names}
        columns["evidence"] = [json.dumps(item, ensure_ascii=False) for item in columns["evidence"]]
        return columns

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a finding: code, severity, campaigns, message, evidence (JSON text), why, suggestion,
        expected_effect, expected_loss."""
        from clarion.io import frame

        return frame(self.columns(), backend or self._backend)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(level)} {level}" for level in SEVERITIES)
        lines = [f"Findings({len(self)}: {counts})"]
        lines += [f"  {item.severity:7} {item.code}  {item.message}" for item in self._items[:20]]
        if len(self) > 20:
            lines.append(f"  ... {len(self) - 20} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from clarion.io import LEFT

        concerned = any(item.campaigns for item in self._items)
        rows = "".join(
            f'<tr><td {LEFT}><span style="color:{_COLOUR[item.severity]};font-weight:600">{item.severity}</span></td>'
            f"<td {LEFT}><code>{escape(item.code)}</code></td>"
            + "".join(
                f"<td {LEFT}>{escape(text)}</td>"
                for text in (item.message, *[_few(item.campaigns)] * concerned, item.suggestion)
            )
            + "</tr>"
            for item in self._items[:50]
        )
        more = f"<p>{len(self) - 50} more</p>" if len(self) > 50 else ""
        names = ("severity", "code", "finding", *["campaigns"] * concerned, "suggestion")
        head = "".join(f"<th {LEFT}>{name}</th>" for name in names)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"


#: Readable on white and on black.
_COLOUR = {"error": "#d9483b", "warning": "#b7791f", "info": "#6b8299"}


def _few(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
