"""The pictures of a brief."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from clarion import _plot
from clarion._core import ClarionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STANDING = {"under": _plot.DOWN, "over": _plot.UP}


def draw(data: dict[str, Any], what: str, ax: Axes | None) -> Axes:
    """The picture of this name for a brief in the form of ``Brief.to_dict()``."""
    names = {row["id"]: row["name"] or row["id"] for row in data["calendar"]}
    if what == "calendar":
        rows = [
            {**row, "start": date.fromisoformat(row["start"]), "end": date.fromisoformat(row["end"])}
            for row in sorted(data["calendar"], key=lambda row: (row["start"], row["end"], row["id"]))
        ]
        return _plot.calendar(_some(rows, what), ax)
    if what == "outcomes":
        rows = [
            {**row, "colour": STANDING.get(row["standing"], _plot.QUIET)}
            for row in data["outcomes"]
            if row["index"] is not None
        ]
        title = "Expected against what history makes of the same money"
        return _plot.forest(_some(rows, what), [names[row["campaign"]] for row in rows], title, ax)
    if what == "reallocation":
        of = data["reallocation"]
        rows = [row for row in of["rows"] if row["before"] is not None and row["after"] is not None]
        _some(rows, what)
        title = f"Budget before and after: {of['outcome'].replace('_', ' ')} {of['expected_before']:,.0f} to {of['expected_after']:,.0f}"
        return _plot.dumbbells(rows, names, title, ax)
    if what == "curves":
        outcome = data["reallocation"]["outcome"]
        rows = [row for row in data["curves"] if row["rows"] and row["outcome"] == outcome]
        return _plot.curves(_some(rows, what), f"Response: {str(outcome).replace('_', ' ')} by spend", ax)
    if what == "overlap":
        of = data["overlap"]
        _some(of["campaigns"][1:], what)
        square = [[value or 0.0 for value in row] for row in of["jaccard"]]
        return _plot.heatmap(
            [names[each] for each in of["campaigns"]], square, "Audience overlap, percent of both", ax
        )
    if what == "concentration":
        of = next((of for of in data["concentration"] if of["dimension"] == "channel"), {"shares": []})
        shares = _some(of["shares"], what)
        return _plot.bars(
            [share["key"] for share in shares], [share["share"] for share in shares], "Budget by channel", ax
        )
    if what == "load":
        weeks = [date.fromisoformat(week) for week in data["channel_load"]["weeks"]]
        channels = [row for row in data["channel_load"]["channels"] if any(row["load"])]
        return _plot.lanes(weeks, _some(channels, what), "Contacts per customer and week", ax)
    from clarion.report import owner_lanes

    of = owner_lanes(data["owner_load"])
    weeks = [date.fromisoformat(week) for week in of["weeks"]]
    return _plot.lanes(weeks, _some(of["rows"], what), "Person-weeks by owner and week", ax)


def _some(rows: list[Any], what: str) -> list[Any]:
    if not rows:
        raise ClarionError(f"there is nothing to draw for {what!r}: see the brief's table 'missing'")
    return rows
