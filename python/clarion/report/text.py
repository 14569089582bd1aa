"""The brief and its findings as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from clarion.report.ranking import few, ranked, to_settle, told

if TYPE_CHECKING:
    from clarion._core import Rule

__all__ = ["brief_text", "finding_text", "plain", "rule_text", "summary_line"]

Style = Callable[..., str]
COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
TITLES = {
    "records": "RECORDS",
    "strategies": "STRATEGIES",
    "kpis": "KPIS",
    "risks": "RISKS",
    "roadmap": "ROADMAP",
    "team": "TEAM AND INVESTMENT",
}
MARGIN = 14  # where a finding's sentences begin, after its severity and code


def plain(text: str, **_: Any) -> str:
    """A style that leaves the text as it is."""
    return text


def _clean(text: str) -> str:
    """Control characters of a hostile name must not reach the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def _wrapped(text: str, width: int, by: str, first: str | None = None) -> list[str]:
    """Lines of at most ``width``, indented; a word is broken only where it is longer than a line."""
    return wrap(
        _clean(text), max(width, len(by) + 20), initial_indent=by if first is None else first, subsequent_indent=by,
        break_on_hyphens=False,
    )  # fmt: skip


def in_currency(digits: str, currency: str) -> str:
    """'-$12,345', '12,345 EUR': what ``digits`` says of an amount, as the sentences of findings write it."""
    if currency != "USD":
        return f"{digits} {currency}".strip()
    return f"-${digits[1:]}" if digits.startswith("-") else f"${digits}"


def _money(amount: float, currency: str) -> str:
    return in_currency(f"{amount:,.0f}", currency)


def _count(n: int, of: str) -> str:
    return f"{n:,} {of}{'' if n == 1 else 's'}"


def finding_text(
    finding: dict[str, Any], style: Style = plain, width: int = 100, detail: bool = True, currency: str = ""
) -> str:
    """One finding: severity, code, message and money at stake; with ``detail`` also why, what to do and what it would change,
    without it in three lines or with the first thing to do about an error or a warning."""
    by = " " * MARGIN
    stake = finding["expected_loss"]
    at_stake = f" [{_money(stake, currency)} at stake]" if stake and currency else ""
    message = finding["message"]
    if not detail and finding["severity"] == "info":
        message = shorten(message, 3 * max(20, width - MARGIN) - 12, placeholder=" ...")
    lines = _wrapped(message + at_stake, width, by) or [by]
    label = f"{finding['severity']:7} {finding['code']}"
    lines[0] = style(label, fg=COLOURS[finding["severity"]], bold=True) + lines[0][len(label) :]
    said = [("why", finding["why"]), ("do", finding["suggestion"]), ("effect", finding["expected_effect"])]
    if not detail:
        said = [("do", finding["suggestion"].split(" Or: ")[0])] if finding["severity"] != "info" else []
    for title, text in said:
        if text:
            lines += [style(line, dim=True) for line in _wrapped(f"{title}: {text}", width, by)]
    return "\n".join(lines)


def rule_text(rule: Rule, style: Style = plain, width: int = 100) -> str:
    """A code: its title and severity, when it fires and what resolves it."""
    lines = [style(f"{rule.code} {rule.title}", bold=True) + f" ({rule.severity})", ""]
    lines += _wrapped(rule.explanation, width, "")
    lines += ["", *_wrapped(f"Remedy: {rule.remedy}", width, "")]
    return "\n".join(lines)


def summary_line(findings: Iterable[dict[str, Any]]) -> str:
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in findings:
        counts[finding["severity"]] += 1
    return ", ".join(f"{n} {level}{'s' if n != 1 and level != 'info' else ''}" for level, n in counts.items())


def brief_text(brief: dict[str, Any], style: Style = plain, width: int = 100, most: int = 7) -> str:
    """The brief for a terminal: what to settle first, then of each layer its ``most`` weightiest findings."""
    head = brief["headline"]
    currency = head["currency"]
    sections = {"records": brief["validation"], **brief["layers"]}
    lines = [*_headline(head, style), *_first(sections, style, width, currency)]
    for name, findings in sections.items():
        missing = [item for item in brief["missing"] if item["layer"] == name]
        if not findings and not missing:
            continue
        lines += ["", style(TITLES[name], bold=True)]
        shown = few(told(findings), most)
        lines += [finding_text(finding, style, width, False, currency) for finding in shown]
        left = Counter(f["code"] for f in ranked(told(findings))) - Counter(f["code"] for f in shown)
        if left:
            codes = ", ".join(f"{n} {code}" for code, n in left.items())
            lines += [style(line, dim=True) for line in _wrapped(f"more: {codes}", width, " " * MARGIN)]
        lines += _missing(missing, style, width)
    lines += [
        "",
        style("--out brief.html has everything; clarion explain CODE says what a code means.", dim=True),
    ]
    return "\n".join(lines)


def _headline(head: dict[str, Any], style: Style) -> list[str]:
    money = f", {_money(head['budget'], head['currency'])}" if head["budget"] else ""
    span = f", {head['first_day']} to {head['last_day']}" if head["first_day"] else ""
    counts = [_count(head["errors"], "error"), _count(head["warnings"], "warning"), f"{head['infos']:,} info"]
    if head["expected_loss"]:
        counts.append(f"{_money(head['expected_loss'], head['currency'])} at stake in conflicts")
    if head["quarantined"]:
        counts.append(f"{_count(head['quarantined'], 'row')} in quarantine")
    if head["accepted"]:
        counts.append(f"{_count(head['accepted'], 'finding')} accepted")
    return [
        style(f"Pre-launch brief: {_count(head['campaigns'], 'campaign')}{money}{span}", bold=True),
        ", ".join(counts),
    ]


def _first(
    sections: dict[str, list[dict[str, Any]]], style: Style, width: int, currency: str, most: int = 5
) -> list[str]:
    """The weightiest of all layers, a line each; nothing where nothing stands in the way."""
    grave = to_settle(sections)
    if not grave:
        return []
    lines = ["", style("TO SETTLE FIRST", bold=True)]
    for finding in grave[:most]:
        stake = _money(finding["expected_loss"], currency) if finding["expected_loss"] else ""
        label = f"{stake:>13}  {finding['code']}"
        message = shorten(_clean(finding["message"]), max(20, width - len(label) - 2), placeholder=" ...")
        lines.append(style(label, fg=COLOURS[finding["severity"]]) + f"  {message}")
    return lines


def _missing(missing: list[dict[str, Any]], style: Style, width: int, most: int = 3) -> list[str]:
    """What the layer could not do and what it would take; of a long list the first, and where the others stand."""
    if not missing:
        return []
    by = " " * MARGIN
    shown = missing if len(missing) <= most else missing[:1]
    lines = []
    for item in shown:
        lines += _wrapped(f"{item['what']} To supply: {item['supply']}", width, by, "    not done  ")
    if len(missing) > len(shown):
        more = f"Likewise {len(missing) - len(shown)} more for want of data: under 'missing' in the JSON and on the page."
        lines += _wrapped(more, width, by)
    return [style(line, dim=True) for line in lines]
