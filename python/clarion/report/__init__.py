"""The brief as one HTML page: no network, light and dark, on a phone and in print."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from clarion.report.ranking import SAID_AS_TABLE, few, ranked, to_settle, told
from clarion.report.text import in_currency

__all__ = ["owner_lanes", "render"]

Row = dict[str, Any]
TITLES = {
    "strategies": "Strategies",
    "kpis": "KPIs",
    "risks": "Risks",
    "roadmap": "Roadmap",
    "team": "Team and investment",
}
LEADS = {
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
#: Findings of a layer on the page; the JSON has all of them.
MAX_CARDS = 400


def render(brief: Row) -> str:
    """The page for a brief in the form of ``Brief.to_dict()``. Every text of the user is escaped."""
    calendar = brief["calendar"]
    marks = {row["id"]: i for i, row in enumerate(calendar)}
    script = _source("brief.js")

    def mark(campaigns: Iterable[str]) -> str:
        return " ".join(str(marks[campaign]) for campaign in campaigns if campaign in marks)

    cards = {name: _cards(name, brief["layers"][name]) for name in TITLES}
    cards["records"] = _cards("records", brief["validation"])
    cards["accepted"] = _cards("accepted", brief["accepted"])
    sections = {name: [*of["shown"], *of["more"]] for name, of in cards.items()}
    page: str = template("brief.html").render(
        brief=brief,
        cards=cards,
        first=to_settle(sections)[:60],
        names=_names(calendar),
        twins=_twins(calendar),
        marks=marks,
        mark=mark,
        missing=_by(brief["missing"], "layer"),
        kpis=_by(brief["kpi_table"], "campaign"),
        people=[
            {key: row[key] for key in (*ROLES, "channel", "budget", "start", "end", "conflicts_with")}
            for row in calendar
        ],
        owners=owner_lanes(brief["owner_load"]),
        scale=_scale(brief["outcomes"]),
        rule_titles=_rule_titles(),
        titles=TITLES,
        leads=LEADS,
        roles=ROLES,
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )
    return page


def _twins(calendar: list[Row]) -> set[str]:
    """Ids of the campaigns that share their name with another."""
    used = Counter(row["name"] for row in calendar)
    return {row["id"] for row in calendar if row["name"] and used[row["name"]] > 1}


def _names(calendar: list[Row]) -> dict[str, str]:
    """What the page calls each campaign: its name, with its id where several have that name, or else its id."""
    twins = _twins(calendar)
    return {
        row["id"]: f"{row['name']} · {row['id']}" if row["id"] in twins else row["name"] or row["id"]
        for row in calendar
    }


def _cards(layer: str, findings: list[Row]) -> Row:
    """The findings of a layer, each with the anchor it is reached by: what is shown, what stands behind 'more', what is left."""
    own = [{**finding, "anchor": f"{layer}-{i}"} for i, finding in enumerate(findings)]
    shown = few((f for f in told(own) if f["code"] not in SAID_AS_TABLE), 8)
    first = {finding["anchor"] for finding in shown}
    more = [finding for finding in ranked(own) if finding["anchor"] not in first]
    room = MAX_CARDS - len(shown)
    return {"shown": shown, "more": more[:room], "left": len(more[room:])}


def _by(rows: list[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(row)
    return dict(grouped)


def owner_lanes(rows: list[Row]) -> Row:
    """Work by owner and week as the lanes of a chart."""
    from datetime import timedelta

    if not rows:
        return {"weeks": [], "rows": []}
    days = sorted({date.fromisoformat(row["week"]) for row in rows})
    weeks = [days[0] + timedelta(weeks=k) for k in range((days[-1] - days[0]).days // 7 + 1)]
    at = {week.isoformat(): k for k, week in enumerate(weeks)}
    lanes = []
    for owner, own in _by(rows, "owner").items():
        load, over = [0.0] * len(weeks), [False] * len(weeks)
        for row in own:
            load[at[row["week"]]] = row["load"]
            over[at[row["week"]]] = row["load"] > row["capacity"]
        lanes.append({"name": owner, "capacity": own[0]["capacity"], "load": load, "over": over})
    lanes.sort(key=lambda lane: -max(lane["load"]))
    return {"weeks": list(at), "rows": lanes[:12], "left": len(lanes[12:])}


def _scale(outcomes: list[Row]) -> tuple[float, float]:
    """The ends of the scale of indices, with room for the usual in it."""
    known = [row for row in outcomes if row["index"] is not None]
    low = min((row["index_low"] for row in known), default=1.0)
    high = max((row["index_high"] for row in known), default=1.0)
    return max(0.05, min(low, 0.8)), min(20.0, max(high, 1.25))


@cache
def _rule_titles() -> dict[str, str]:
    from clarion.plan.rules import rules

    return {rule.code: rule.title for rule in rules()}


@cache
def _source(name: str) -> Any:
    from importlib.resources import files

    from markupsafe import Markup

    return Markup(files("clarion.report").joinpath("templates", name).read_text(encoding="utf-8"))


@cache
def template(name: str) -> Any:
    """A page of this folder. What it shows is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from clarion.report import charts

    environment = Environment(
        loader=PackageLoader("clarion.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=_amount, measure=_measure, day=_day, evidence=_evidence)
    environment.globals.update(charts=charts, source=_source)
    return environment.get_template(name)


def _amount(value: float | None, unit: str = "") -> str:
    """12,345.6 to '12,346', 0.1234 to '0.123'; a dash for what is not known."""
    if value is None:
        return "–"
    return in_currency(f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}", unit)


def _measure(value: float | None, unit: str) -> str:
    """A KPI's value by its unit: 0.0691 of 'share' to '6.9%'."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}" if abs(value) >= 0.0095 else f"{value:.2%}"
    return f"{value:,.0f}" if unit == "count" or abs(value) >= 1000 else f"{value:,.2f}"


def _day(value: str | None) -> str:
    return "–" if not value else date.fromisoformat(value).strftime("%-d %b %Y")


def _evidence(value: Any, unit: str = "") -> str:
    if isinstance(value, list):
        shown = ", ".join(_evidence(item, "share" if unit == "share" else "") for item in value[:12])
        text = shown + (f" and {len(value) - 12} more" if len(value) > 12 else "")
        return text if unit == "share" else f"{text} {unit}".strip()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        text = "–" if value is None else str(value)
    elif unit == "share":
        return f"{value:.1%}"
    else:
        return _amount(value, unit)
    return f"{text} {unit}".strip()
