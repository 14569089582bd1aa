"""The brief and its findings as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import wrap
from typing import Any

__all__ = ["brief_text", "finding_text", "summary_line"]

Style = Callable[..., str]
COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def plain(text: str, **_: Any) -> str:
    """A style that leaves the text as it is."""
    return text


def _clean(text: str) -> str:
    """Control characters of a hostile name must not reach the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def _indent(text: str, width: int, by: str) -> list[str]:
    return wrap(_clean(text), width, initial_indent=by, subsequent_indent=by) or []


def finding_text(finding: dict[str, Any], style: Style = plain, width: int = 100, detail: bool = True) -> str:
    """One finding: severity, code and message; with ``detail`` also why, what to do and what it would change."""
    label = f"{finding['severity']:7} {finding['code']}"
    first, *rest = wrap(_clean(finding["message"]), width - len(label) - 2) or [""]
    lines = [f"{style(label, fg=COLOURS[finding['severity']], bold=True)}  {first}"]
    lines += [" " * (len(label) + 2) + line for line in rest]
    if detail:
        by = " " * 8
        for title, key in (("why", "why"), ("do", "suggestion"), ("effect", "expected_effect")):
            if finding[key]:
                lines += [style(line, dim=True) for line in _indent(f"{title}: {finding[key]}", width, by)]
    return "\n".join(lines)


def summary_line(findings: Iterable[dict[str, Any]]) -> str:
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in findings:
        counts[finding["severity"]] += 1
    return ", ".join(f"{n} {level}{'s' if n != 1 and level != 'info' else ''}" for level, n in counts.items())


def brief_text(brief: dict[str, Any], style: Style = plain, width: int = 100, most: int = 8) -> str:
    """The brief layer by layer, the ``most`` weightiest findings of each."""
    head = brief["headline"]
    money = f", {head['budget']:,.0f} {head['currency']}" if head["budget"] else ""
    span = f", {head['first_day']} to {head['last_day']}" if head["first_day"] else ""
    lines = [
        style(f"Pre-launch brief: {head['campaigns']} campaigns{money}{span}", bold=True),
        f"{head['errors']} errors, {head['warnings']} warnings, {head['infos']} info; {head['accepted']} accepted, "
        f"{head['quarantined']} rows in quarantine",
    ]
    sections = [("records", brief["validation"]), *brief["layers"].items()]
    for name, findings in sections:
        missing = [item for item in brief["missing"] if item["layer"] == name]
        if not findings and not missing:
            continue
        lines += ["", style(name.upper(), bold=True)]
        told = [f for f in findings if f["code"] != "P001"]  # said below as what is missing
        ranked = sorted(told, key=lambda f: ("error", "warning", "info").index(f["severity"]))
        lines += [finding_text(finding, style, width, detail=name == "risks") for finding in ranked[:most]]
        if len(ranked) > most:
            lines.append(style(f"        {len(ranked) - most} more in the page and the JSON", dim=True))
        for item in missing:
            lines += _indent(f"not done: {item['what']} To supply: {item['supply']}", width, " " * 8)
    return "\n".join(lines)
