"""The codes of the conflict room."""

from __future__ import annotations

from typing import NamedTuple

from clarion._core import conflict_rules

__all__ = ["Rule", "rules"]


class Rule(NamedTuple):
    """What a code means."""

    code: str
    title: str
    severity: str
    explanation: str
    remedy: str


def rules() -> tuple[Rule, ...]:
    """Every rule of the room, by code."""
    return tuple(Rule(*row) for row in conflict_rules())
