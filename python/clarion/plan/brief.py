"""The pre-launch brief: a portfolio goes in, five layers come out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.conflict._inputs import catalog_of, holidays_of, plan_of, policy_of, sets_of
from clarion.io import Table
from clarion.plan._inputs import history_of
from clarion.plan.kpi_table import as_json
from clarion.schema.finding import SEVERITIES, Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion._core import Blackout, Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["LAYERS", "Brief", "brief"]

LAYERS = ("strategies", "kpis", "risks", "roadmap", "team")
#: The tables of a brief and their columns: docs/plan/brief.md says what they hold.
TABLES = {
    "calendar": (
        "id name channel group objective owner approver channel_manager region status start end budget fixed audience "
        "products wave conflicts_with codes"
    ),
    "outcomes": (
        "campaign outcome budget expected low high per_money usual_per_money index index_low index_high standing "
        "channel_factor objective_factor category_factor season_factor budget_factor neighbours_factor history_rows "
        "extrapolated"
    ),
    "neighbours": "campaign neighbour name similarity channel objective audience category season budget",
    "curves": "channel outcome spend expected",
    "reallocation": (
        "outcome campaign channel before after expected_before expected_after marginal_before marginal_after kept "
        "extrapolated"
    ),
    "kpi_table": (
        "campaign kpi name role formula unit direction baseline baseline_low baseline_high target warning check_on basis "
        "target_basis"
    ),
    "overlap": "campaign_a campaign_b jaccard shared",
    "channel_load": "channel week load capacity over",
    "concentration": "dimension key amount share hhi threshold",
    "moves": "campaign days from_start to_start from_end to_end removes",
    "team": "campaign complexity parts tier effort_weeks effort_low effort_high",
    "owner_load": "owner week load capacity",
    "gaps": "objective channel from to category index index_low index_high strong",
    "missing": "layer what supply",
}
DAYS = {"start", "end", "week", "from", "to", "check_on", "from_start", "to_start", "from_end", "to_end"}
PLOTS = ("calendar", "outcomes", "reallocation", "curves", "overlap", "load", "concentration", "team")


class Brief:
    """Five layers of findings, and the tables behind them. Made by :func:`brief`; immutable.

    ``strategies``, ``kpis``, ``risks``, ``roadmap`` and ``team`` are sequences of findings (code, severity, campaigns,
    message, evidence, why, suggestion); ``validation`` is what was found in the records, ``accepted`` what the policy
    accepts, ``quarantine`` the rows that were set aside.
    """

    __slots__ = ("_backend", "_core", "_dict", "_json")

    def __init__(self, core: _core.BriefData, backend: str | None = None) -> None:
        self._core = core
        self._backend = backend
        self._json: str | None = None
        self._dict: dict[str, Any] | None = None

    @property
    def strategies(self) -> Findings:
        """What each campaign is likely to bring, and where money would bring more."""
        return Findings(self._core.strategies, self._backend)

    @property
    def kpis(self) -> Findings:
        """What to measure, against which baseline, and when to look."""
        return Findings(self._core.kpis, self._backend)

    @property
    def risks(self) -> Findings:
        """What collides, by expected loss."""
        return Findings(self._core.risks, self._backend)

    @property
    def roadmap(self) -> Findings:
        """Gaps against the seasons in history, moves, waves and underused windows."""
        return Findings(self._core.roadmap, self._backend)

    @property
    def team(self) -> Findings:
        """Overload of owners; ownership and effort of each campaign."""
        return Findings(self._core.team, self._backend)

    @property
    def validation(self) -> Findings:
        """What is wrong with the records."""
        return Findings(self._core.validation, self._backend)

    @property
    def accepted(self) -> Findings:
        """Findings that the policy accepts, apart from those that stand."""
        return Findings(self._core.accepted, self._backend)

    @property
    def quarantine(self) -> tuple[tuple[int, str, Findings], ...]:
        """(row in the source, campaign id, findings) of each row that was set aside."""
        return tuple(
            (row, campaign, Findings(items, self._backend)) for row, campaign, items in self._core.quarantine
        )

    @property
    def findings(self) -> Findings:
        """Everything that stands: validation, then the layers."""
        return sum((getattr(self, layer) for layer in LAYERS), self.validation)

    def table(self, name: str) -> Table:
        """One of the tables behind the layers: calendar, outcomes (expected, with interval, index and its factors),
        neighbours, curves, reallocation, kpi_table, overlap, channel_load, concentration, moves, team, owner_load, gaps,
        missing. Days are numpy days (NaT where not known); other values that are not known are None."""
        if name not in TABLES:
            raise ValueError(f"name: {name!r} is not allowed; give one of {', '.join(TABLES)}")
        rows = _rows(self.to_dict(), name)
        import numpy as np

        columns: dict[str, Any] = {column: [row[column] for row in rows] for column in TABLES[name].split()}
        for column in columns.keys() & DAYS:
            columns[column] = np.array([day or "NaT" for day in columns[column]], dtype="datetime64[D]")
        return Table(columns, self._backend)

    def plot(self, what: str = "calendar", ax: Axes | None = None) -> Axes:
        """A picture, with matplotlib: calendar (campaigns over time with their conflicts), outcomes (expected against the
        usual), reallocation (budget before and after, of the most money), curves (response by channel, likewise), overlap,
        load (of channels against their capacity), concentration (by channel) or team (work of owners by week).

        Draws on ``ax``, or on new axes, and gives them back. Raises ImportError without matplotlib, ClarionError where the
        brief has nothing to draw.
        """
        if what not in PLOTS:
            raise ValueError(f"what: {what!r} is not allowed; give one of {', '.join(PLOTS)}")
        from clarion.plan import _pictures

        return _pictures.draw(self.to_dict(), what, ax)

    def to_dict(self) -> dict[str, Any]:
        """The brief as plain data, in the form of docs/plan/brief.md. Treat it as read-only."""
        if self._dict is None:
            self._dict = json.loads(self.to_json(indent=None))
        return self._dict

    def to_json(self, indent: int | None = 2) -> str:
        """The brief as JSON text; numbers that are not known are null."""
        if indent is not None:
            return self._core.to_json(indent)
        if self._json is None:
            self._json = self._core.to_json(-1)
        return self._json

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a finding that stands: layer, then the columns of ``Findings.to_frame``."""
        from clarion.io import frame

        layers = ["validation"] * len(self.validation)
        layers += [layer for layer in LAYERS for _ in range(len(getattr(self, layer)))]
        return frame({"layer": layers, **self.findings.columns()}, backend or self._backend)

    def to_html(self) -> str:
        """The brief as one self-contained page."""
        from clarion.report import render

        return render(self.to_dict())

    def write(self, path: str | Path) -> Path:
        """Writes the page (.html, .htm) or the data (.json) and gives the path back."""
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in (".html", ".htm", ".json"):
            raise ValueError(f"path: {str(path)!r} is not allowed; let it end in .html or .json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.to_json() + "\n" if kind == ".json" else self.to_html(), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        head = self.to_dict()["headline"]
        lines = [
            f"Brief({head['campaigns']} campaigns: {head['errors']} errors, {head['warnings']} warnings, "
            f"{head['infos']} info)"
        ]
        for layer in LAYERS:
            items = getattr(self, layer)
            first = f": {items[0].message}" if len(items) else ""
            lines.append(f"  {layer:10} {len(items):3}{first}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        head = self.to_dict()["headline"]
        money = f", {head['budget']:,.0f} {escape(head['currency'])}" if head["budget"] is not None else ""
        loss = head["expected_loss"]
        stake = f"; {loss:,.0f} {escape(head['currency'])} at stake in conflicts" if loss else ""
        parts = [
            f"<p><b>Pre-launch brief</b>: {head['campaigns']} campaigns{money}. {head['errors']} errors, "
            f"{head['warnings']} warnings, {head['infos']} info{stake}.</p>"
        ]
        for layer in LAYERS:
            items = sorted(
                getattr(self, layer), key=lambda f: (SEVERITIES.index(f.severity), -f.expected_loss)
            )
            shown = " open" if layer == "risks" else ""
            more = f"<p>{len(items) - 8} more in .{layer}</p>" if len(items) > 8 else ""
            parts.append(
                f"<details{shown}><summary><b>{layer}</b> ({len(items)})</summary>{Findings(items[:8])._repr_html_()}{more}"
                "</details>"
            )
        return "".join(parts)


def _rows(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a table; what the JSON nests by channel, dimension or pair has a row each."""
    if name == "reallocation":
        return [{"outcome": of["outcome"], **row} for of in data["reallocations"] for row in of["rows"]]
    if name == "curves":
        return [
            {**curve, "spend": spend, "expected": expected}
            for curve in data["curves"]
            for spend, expected in zip(curve["spend"], curve["expected"], strict=True)
        ]
    if name == "overlap":
        of = data["overlap"]
        return [
            {"campaign_a": a, "campaign_b": b, "jaccard": of["jaccard"][i][j], "shared": of["shared"][i][j]}
            for j, b in enumerate(of["campaigns"])
            for i, a in enumerate(of["campaigns"][:j])
        ]
    if name == "channel_load":
        return [
            {**channel, "channel": channel["name"], "week": week, "load": load, "over": over}
            for channel in data["channel_load"]["channels"]
            for week, load, over in zip(
                data["channel_load"]["weeks"], channel["load"], channel["over"], strict=True
            )
        ]
    if name == "concentration":
        return [{**of, **share} for of in data["concentration"] for share in of["shares"]]
    rows: list[dict[str, Any]] = data[name]
    return rows


def brief(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    history: Portfolio | None = None,
    catalog: Catalog | None = None,
    policy: Policy | None = None,
    *,
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None = None,
    today: date | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    kpi_table: str | Path | Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Brief:
    """The pre-launch brief of a portfolio: strategies, KPIs, risks, roadmap, team.

    ``portfolio`` is a Portfolio or anything ``Portfolio.read`` reads. ``audiences`` (who is in which campaign) makes overlaps exact, ``history`` (finished campaigns with what they came to)
    gives expectations, baselines and seasons, ``catalog`` the categories of products. Where something is not given the
    layers say what they could not do and what to supply. ``policy`` is the content of clarion.toml, by default that of
    the portfolio. ``holidays`` are days on which nothing should start: those of a country ("US", "US-CA") by the holidays
    library, a mapping day -> name, or Blackouts. ``today`` is the day of judgement;
    it wins over the policy's. ``options`` sets any option by section ({"team": {"owner_capacity": 0.8}});
    the sections and options are
    those of clarion.toml. ``kpi_table`` is a file (JSON, TOML or CSV) or a mapping that is laid over the table of KPIs.

    The result is the same for any ``n_jobs``. Raises ValueError for an option outside its range and TypeError for one
    that does not exist.
    """
    plan = plan_of(portfolio)
    rows = {row for row, _, _ in plan.quarantined}
    past = history_of(history)
    core = _core.brief(
        plan._core,
        audiences=sets_of(audiences),
        history=None if past is None else past._core,
        catalog=catalog_of(catalog, plan),
        policy=_on(policy_of(policy, plan), today),
        holidays=holidays_of(holidays, plan),
        # What set a row aside stands with the row.
        validation=[item for item in plan.findings if item.row is None or item.row not in rows],
        quarantine=plan.quarantined,
        options={name: dict(section) for name, section in (options or {}).items()},
        kpi_table=as_json(kpi_table),
        n_jobs=n_jobs,
        progress=progress,
    )
    return Brief(core, plan._backend)


def _on(policy: Policy, today: date | None) -> Policy:
    """The policy on another day of judgement; the caller's own stays as it is."""
    if today is None:
        return policy
    out = _core.Policy()
    for name in ("select", "ignore", "severities", "accepted", "blackouts", "channels", "tag_pattern"):
        setattr(out, name, getattr(policy, name))
    out.today = today
    return out
