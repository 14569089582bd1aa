"""The cheapest set of shifts that brings conflict under a limit, with the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.conflict._inputs import catalog_of, plan_of, policy_of, sets_of
from clarion.io import Table, html_table
from clarion.schema.finding import Findings

if TYPE_CHECKING:
    from clarion._core import Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["Rescheduling", "reschedule"]

_MOVE_COLUMNS = ("campaign", "days", "from_start", "to_start", "from_end", "to_end", "cost", "removes")


class Rescheduling:
    """A schedule within every campaign's window, what it costs, and what is proved about it."""

    __slots__ = ("_core", "_portfolio")

    def __init__(self, core: _core.Rescheduling, portfolio: Portfolio) -> None:
        self._core = core
        self._portfolio = portfolio

    @property
    def moves(self) -> Findings:
        """A finding (C511) a campaign that moves, those that remove most conflict first."""
        return self.findings.with_code("C511")

    @property
    def findings(self) -> Findings:
        """The moves, a limit out of reach (C512), an optimum not proved (C513), conflict held by fixed dates (C514)."""
        return Findings(self._core.findings, self._backend)

    @property
    def feasible(self) -> bool:
        """The limit is met. Where not, the moves are the cheapest found to the least conflict found."""
        return self._core.feasible

    @property
    def proved(self) -> bool:
        """No schedule within the windows is cheaper; where not feasible, none has less conflict."""
        return self._core.proved

    @property
    def cost(self) -> float:
        """Sum over moved campaigns of weight * (cost_per_day * days + cost_per_move)."""
        return self._core.cost

    @property
    def bound(self) -> float:
        """No schedule that meets the limit costs less."""
        return self._core.bound

    @property
    def gap(self) -> float:
        """cost - bound: 0 when the cost is proved."""
        return self._core.gap

    @property
    def limit(self) -> float:
        return self._core.limit

    @property
    def conflict_before(self) -> float:
        return self._core.conflict_before

    @property
    def conflict_after(self) -> float:
        return self._core.conflict_after

    @property
    def conflict_held(self) -> float:
        """Of conflict_after: between campaigns that cannot move."""
        return self._core.conflict_held

    @property
    def least_conflict(self) -> float | None:
        """Where the limit is out of reach: no schedule has less conflict. Else None."""
        return self._core.least_conflict

    @property
    def nodes(self) -> int:
        """Work done: partial schedules examined, and passes over the tables of bounds."""
        return self._core.nodes

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Connected parts of the search: campaigns, conflict_before, conflict_after, cost, proved, nodes."""
        return self._core.parts

    @property
    def rates(self) -> Table:
        """Pairs that conflict or could within their windows: campaign_a, campaign_b, rate (conflict of a shared day),
        reason."""
        columns = self._core.rates
        ids = [row[0] for row in self._core.windows]
        return Table(
            {
                "campaign_a": [ids[row] for row in columns["a"].tolist()],
                "campaign_b": [ids[row] for row in columns["b"].tolist()],
                "rate": columns["rate"],
                "reason": columns["reason"],
            },
            self._backend,
        )

    @property
    def windows(self) -> Table:
        """What the search was allowed: campaign, start, end, earliest and latest (start), fixed, over, weight."""
        names = ("campaign", "start", "end", "earliest", "latest", "fixed", "over", "weight")
        rows = self._core.windows
        return Table({name: [row[i] for row in rows] for i, name in enumerate(names)}, self._backend)

    def portfolio(self) -> Portfolio:
        """The portfolio at its new dates."""
        from clarion.schema import Portfolio

        source = self._portfolio
        return Portfolio._of(
            self._core.portfolio,
            policy=source.policy,
            catalog=source._catalog,
            history=source._history,
            backend=source._backend,
        )

    @property
    def _backend(self) -> str | None:
        return self._portfolio._backend

    def _columns(self) -> dict[str, list[Any]]:
        rows = self._core.moves
        return {name: [row[name] for row in rows] for name in _MOVE_COLUMNS}

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a move: campaign, days, from_start, to_start, from_end, to_end, cost, removes (conflict that would come back
        if this move alone were undone)."""
        return Table(self._columns(), self._backend).to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""

        def plain(row: dict[str, Any]) -> dict[str, Any]:
            return {
                name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in row.items()
            }

        return {
            "moves": [plain(row) for row in self._core.moves],
            "feasible": self.feasible,
            "proved": self.proved,
            "cost": self.cost,
            "bound": self.bound,
            "gap": self.gap,
            "limit": self.limit,
            "conflict_before": self.conflict_before,
            "conflict_after": self.conflict_after,
            "conflict_held": self.conflict_held,
            "least_conflict": self.least_conflict,
            "nodes": self.nodes,
            "parts": self.parts,
            "findings": self.findings.to_dict(),
        }

    def _headline(self) -> str:
        if not self.feasible:
            verdict = "limit proved out of reach" if self.proved else "limit not met"
        else:
            verdict = "proved cheapest" if self.proved else f"at least {self.bound:,.4g}"
        return (
            f"{len(self._core.moves)} moves, conflict {self.conflict_before:,.4g} to {self.conflict_after:,.4g} "
            f"(limit {self.limit:,.4g}), cost {self.cost:,.4g} ({verdict})"
        )

    def __repr__(self) -> str:
        return f"Rescheduling({self._headline()})"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self._headline())}</p>" + html_table(self._columns())


def reschedule(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    catalog: Catalog | None = None,
    *,
    policy: Policy | None = None,
    limit: float | None = None,
    keep_share: float = 0.5,
    per_component: bool = False,
    max_shift_days: int = 14,
    step_days: int = 1,
    cost_per_day: float = 1.0,
    cost_per_move: float = 1.0,
    weights: Mapping[str, float] | None = None,
    cross_channel: float = 0.5,
    product_weight: float = 0.5,
    max_nodes: int = 500_000,
    time_limit: float = 0.0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Rescheduling:
    """The cheapest set of shifts after which conflict is at most ``limit`` (``keep_share`` of today's without one).

    Conflict is that of `conflict_graph`: shared days times a rate for each pair, summed. A campaign may start anywhere from
    its earliest_start to its latest_end less its length, or ``max_shift_days`` around its plan where it has no window of its
    own, in steps of ``step_days``. Fixed dates, running campaigns, and what began before ``policy.today`` stay; nothing moves to before
    that day or into a blackout. Moving costs ``weights[campaign] * (cost_per_day * days + cost_per_move)``, with weight 1
    where none is given. ``per_component`` holds each connected part to the limit by itself instead of their sum.

    The optimum is proved by branch and bound on each connected part, and the parts are combined exactly. ``max_nodes``
    bounds the work on a part; when it is reached ``proved`` is False and ``bound`` says how cheap another
    schedule could be at best. The answer is the same for any ``n_jobs``; only a ``time_limit`` (seconds) can change it.
    Raises ValueError for an option out of range or a weight of an unknown campaign. Worst case exponential in the number of campaigns that
    can all come to conflict with each other.
    """
    plan = plan_of(portfolio)
    core = _core.reschedule(
        plan._core,
        sets_of(audiences),
        catalog_of(catalog, plan),
        policy_of(policy, plan),
        options={
            "limit": limit,
            "keep_share": keep_share,
            "per_component": per_component,
            "max_shift_days": max_shift_days,
            "step_days": step_days,
            "cost_per_day": cost_per_day,
            "cost_per_move": cost_per_move,
            "max_nodes": max_nodes,
            "time_limit": time_limit,
        },
        pairs={"cross_channel": cross_channel, "product_weight": product_weight},
        weights={str(campaign): float(weight) for campaign, weight in (weights or {}).items()},
        n_jobs=n_jobs,
        progress=progress,
    )
    return Rescheduling(core, plan)
