"""What a reader is shown first: the order of findings in the text and on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

__all__ = ["few", "ranked", "told"]

Finding = dict[str, Any]
SEVERITIES = ("error", "warning", "info")
#: Said once for the whole layer, by what is missing.
SAID_AS_MISSING = ("P001", "P202")
#: One for each campaign, by a table that shows the same.
SAID_AS_TABLE = ("P101", "P201", "P501")


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
    spare: list[Finding] = []
    for finding in ranked(findings):
        seen[finding["code"]] += 1
        kind, of_a_code = (quiet, 2) if finding["severity"] == "info" else (grave, 3)
        (kind if seen[finding["code"]] <= of_a_code else spare).append(finding)
    grave = grave[: most - min(2, len(quiet))]
    chosen = [*grave, *quiet[: most - len(grave)]]
    return ranked([*chosen, *spare[: most - 2 - len(chosen)]] if len(chosen) < most - 2 else chosen)
