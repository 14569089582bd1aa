"""What stops a pipeline: the findings that stand in a brief or a check, and which of them fail it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["LEVELS", "failing", "standing"]

#: Severities that fail, by the level of the gate.
LEVELS = {"error": ("error",), "warning": ("error", "warning")}


def standing(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every finding that stands in the data of a brief, its quarantine included, or in those of ``clarion check``."""
    if "layers" not in report:
        return list(report["findings"])
    quarantined = [finding for row in report["quarantine"] for finding in row["findings"]]
    layers = [finding for layer in report["layers"].values() for finding in layer]
    return [*report["validation"], *layers, *quarantined]


def failing(findings: Iterable[Mapping[str, Any]], fail_on: str) -> list[Mapping[str, Any]]:
    """Those at or above a level; none at a level that is not one of LEVELS."""
    severities = LEVELS.get(fail_on, ())
    return [finding for finding in findings if finding["severity"] in severities]
