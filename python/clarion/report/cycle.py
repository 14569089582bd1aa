"""A cycle of segments as one HTML page: no network, light and dark, on a phone and in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.report import template

if TYPE_CHECKING:
    from clarion.segment.cycle import Cycle

__all__ = ["render"]


def render(cycle: Cycle) -> str:
    """The page; every text of the user is escaped."""
    found = cycle.to_dict()
    grid = cycle.rfm.grid
    most = max(1, int(grid.max()))
    page: str = template("cycle.html").render(
        found=found,
        grid=[
            {"r": r + 1, "cells": [(int(grid[r, f]), float(grid[r, f] / most) ** 0.5) for f in range(5)]}
            for r in range(4, -1, -1)
        ],
        segments=_rows(found["rfm"]["segments"]),
        clusters=_rows(found["clusters"]),
        choice=None if cycle.choice is None else cycle.choice.reason,
        gain=_rows({} if cycle.propensity is None else cycle.propensity.groups.to_dict()),
        rules=_rows(cycle.suppression._columns()),
        places={name: _pivot(_rows(table)) for name, table in found["places"].items()},
        told=cycle.told,
    )
    return page


def _pivot(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Levels with their customers by segment, and what share of the segment they are."""
    segments = list(dict.fromkeys(row["segment"] for row in rows))
    totals = {s: max(1, sum(row["customers"] for row in rows if row["segment"] == s)) for s in segments}
    levels: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        levels.setdefault(row["level"], []).append(
            (row["customers"], row["customers"] / totals[row["segment"]])
        )
    return {"segments": segments, "levels": levels}


def _rows(columns: Any) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
