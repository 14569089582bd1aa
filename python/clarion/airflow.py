"""For Airflow tasks: a gate that fails a run for good when findings stand. Airflow itself is never a dependency."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from clarion.gate import LEVELS, failing, standing

__all__ = ["gate"]


def gate(source: Any, fail_on: str = "error") -> dict[str, int]:
    """Counts of the findings by severity, small enough for an XCom; an AirflowFailException when any is at the gate.

    ``source`` is a brief, a sequence of findings, or the path of a ``brief.json`` or of the JSON of ``clarion check``.
    ``fail_on`` is 'error' or 'warning'. AirflowFailException ends the task without a retry: the same plan would only
    fail again.
    """
    if fail_on not in LEVELS:
        raise ValueError(f"fail_on: {fail_on!r} is not allowed; give 'error' or 'warning'")
    findings = _findings(source)
    counts = {
        level: sum(finding["severity"] == level for finding in findings)
        for level in ("error", "warning", "info")
    }
    stopping = failing(findings, fail_on)
    if stopping:
        from airflow.sdk.exceptions import AirflowFailException

        shown = "; ".join(f"{finding['code']} {finding['message']}" for finding in stopping[:5])
        more = f"; {len(stopping) - 5} more" if len(stopping) > 5 else ""
        raise AirflowFailException(f"{len(stopping)} findings at the gate ({fail_on}): {shown}{more}")
    return counts


def _findings(source: Any) -> list[Mapping[str, Any]]:
    if isinstance(source, str | PathLike):
        source = json.loads(Path(fspath(source)).read_text(encoding="utf-8"))
    if hasattr(source, "to_dict"):
        source = source.to_dict()
    return standing(source) if isinstance(source, Mapping) else list(source)
