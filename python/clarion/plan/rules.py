"""The codes of every room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._core import plan_rules
from clarion.schema.rules import explain

if TYPE_CHECKING:
    from clarion._core import Rule

__all__ = ["explain", "rules"]


def rules() -> tuple[Rule, ...]:
    """Every rule: S of validation, C of conflicts, R of the recommender, P of the plan; by code: code, title, severity, explanation, remedy."""
    return tuple(plan_rules())
