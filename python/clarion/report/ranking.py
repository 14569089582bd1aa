"""What a reader is shown first: the order of findings in the text and on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["SAID_AS_TABLE", "few", "ranked", "to_settle", "told"]

Finding = dict[str, Any]
SEVERITIES = ("error", "warning", "info")
#: Said once for the whole layer, by what is missing.
SAID_AS_MISSING = ("P001", "P202")
#: One for each campaign, by a table that shows the same.
SAID_AS_TABLE = ("P101", "P201", "P501")
TO_SETTLE = ("risks", "strategies", "roadmap", "team", "kpis", "records")


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, then by the money at stake, then in the order of the layer; what a table says as well goes last."""
    return sorted(
        findings,
        key=lambda f: (
            SEVERITIES.index(f["severity"]),
            -(f["expected_loss"] or 0.0),
            f["code"] in SAID_AS_TABLE,
        ),
    )


def told(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are not said by what is missing."""
    return [finding for finding in findings if finding["code"] not in SAID_AS_MISSING]


def few(findings: Iterable[Finding], most: int) -> list[Finding]:
    """The most telling of the ranked: errors and warnings, three of a code at most, and room for two that only inform."""
    seen: Counter[str] = Counter()
    grave: list[Finding] = []
    quiet: list[Finding] = []
    for finding in ranked(findings):
        seen[finding["code"]] += 1
        kind, of_a_code = (quiet, 2) if finding["severity"] == "info" else (grave, 3)
        if seen[finding["code"]] <= of_a_code:
            kind.append(finding)
    grave = grave[: most - min(2, len(quiet))]
    return [*grave, *quiet[: most - len(grave)]]


def to_settle(sections: Mapping[str, Iterable[Finding]]) -> list[Finding]:
    """What stands above information, of all layers: by severity and money, conflicts first among equals; the third and
    further ones of a code after everything else."""
    grave = [f for name in TO_SETTLE for f in told(sections.get(name, ())) if f["severity"] != "info"]
    seen: Counter[str] = Counter()
    first: list[Finding] = []
    later: list[Finding] = []
    for finding in ranked(grave):
        seen[finding["code"]] += 1
        (first if seen[finding["code"]] <= 2 else later).append(finding)
    return first + later
