"""The codes of the segment room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._core import segment_rules

if TYPE_CHECKING:
    from clarion._core import Rule

__all__ = ["rules"]


def rules() -> tuple[Rule, ...]:
    """Every rule of the room, by code: code, title, severity, explanation, remedy."""
    return tuple(segment_rules())
