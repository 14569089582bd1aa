"""The brief as one self-contained HTML page: no network, light and dark, on a phone and in print."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

__all__ = ["render"]

LAYERS = {
    "strategies": "What each campaign is likely to bring, judged by the most similar ones in history",
    "kpis": "What to measure, from where, to where, and when to look",
    "risks": "What collides, ranked by the money at stake",
    "roadmap": "When to launch what, what to move, and where the calendar is empty",
    "team": "How much work it is, and who carries it",
}
ROLES = {
    "owner": "Campaign owner",
    "approver": "Budget approver",
    "channel_manager": "Channel manager",
}


def render(brief: dict[str, Any]) -> str:
    """The page for a brief in the form of ``Brief.to_dict()``. Every text of the user is escaped."""
    calendar = brief["calendar"]
    holders = {row["id"]: row for row in calendar}

    def held_by(campaigns: list[str], role: str) -> list[str]:
        return sorted({holders[campaign][role] for campaign in campaigns if campaign in holders} - {""})

    page: str = _template().render(
        brief=brief,
        names={row["id"]: row["name"] for row in calendar},
        people={role: sorted({row[role] for row in calendar} - {""}) for role in ROLES},
        held_by=held_by,
        layers=LAYERS,
        roles=ROLES,
    )
    return page


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from clarion.report import charts

    environment = Environment(
        loader=PackageLoader("clarion.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=_amount, day=_day, evidence=_evidence)
    environment.globals["charts"] = charts
    return environment.get_template("brief.html")


def _amount(value: float | None, unit: str = "") -> str:
    """12,345.6 to '12,346', 0.1234 to '0.123'; nothing for what is not known."""
    if value is None:
        return "–"
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 else f"{value:,.4g}"
    return f"{text} {unit}".strip()


def _day(value: str | None) -> str:
    return "–" if not value else date.fromisoformat(value).strftime("%-d %b %Y")


def _evidence(value: Any, unit: str = "") -> str:
    if isinstance(value, list):
        shown = ", ".join(_evidence(item) for item in value[:12])
        text = shown + (f" and {len(value) - 12} more" if len(value) > 12 else "")
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        text = "–" if value is None else str(value)
    elif unit == "share":
        return f"{value:.1%}"
    else:
        text = _amount(value)
    return f"{text} {unit}".strip()
