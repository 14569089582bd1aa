"""Is a channel asked to carry more than its customers take, and does another campaign on it still reach anyone new?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from clarion._core import saturation as _saturation
from clarion.conflict._inputs import named, plan_of, policy_of, sets_of
from clarion.conflict.load import WeeklyLoad
from clarion.io import Table
from clarion.schema.finding import Finding, Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion._core import Policy
    from clarion.schema import Audiences, Portfolio

__all__ = ["Saturation", "saturation"]


class Saturation:
    """``channels`` (channel x week against capacity), ``segments`` (declared segment x channel x week), ``reach`` (new
    people of each campaign of a channel and quarter, in start order), ``load`` and ``findings`` (C2xx).
    """

    __slots__ = ("_backend", "channels", "findings", "load", "reach", "segments")

    def __init__(
        self, columns: dict[str, Any], load: WeeklyLoad, campaigns: list[str], backend: str | None = None
    ) -> None:
        def by_name(table: dict[str, Any]) -> dict[str, Any]:
            out = dict(table)
            out["channel"] = named(load.channels, table["channel"])
            if "week" in table:
                out["week"] = load.weeks[table["week"]]
            return out

        loads = by_name(columns["segment_loads"])
        loads["segment"] = named(columns["segments"], loads["segment"])
        reach = by_name(columns["reach"])
        reach["campaign"] = named(campaigns, reach["campaign"])
        reach["quarter"] = [f"{q // 4:04}-Q{q % 4 + 1}" for q in reach["quarter"].tolist()]
        self._backend = backend
        self.channels = Table(by_name(columns["channel_loads"]), backend)
        self.segments = Table(loads, backend)
        self.reach = Table(reach, backend)
        self.load = load
        self.findings = Findings(columns["findings"], backend)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def to_frame(self, backend: str | None = None) -> Any:
        """The channel weeks."""
        return self.channels.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "channels": self.channels.to_dict(),
            "segments": self.segments.to_dict(),
            "reach": self.reach.to_dict(),
            "findings": self.findings.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Weekly load of each channel against its capacity, with matplotlib; red weeks are saturated."""
        from clarion import _plot

        weeks = [week.item() for week in self.load.weeks]
        at = {week: k for k, week in enumerate(weeks)}
        rows: dict[str, dict[str, Any]] = {}
        table = self.channels
        for i, channel in enumerate(table["channel"]):
            empty = {"name": channel, "capacity": float(table["capacity"][i]), "load": [0.0] * len(weeks)}
            row = rows.setdefault(channel, {**empty, "over": [False] * len(weeks)})
            k = at[table["week"][i].item()]
            row["load"][k], row["over"][k] = float(table["load"][i]), bool(table["saturated"][i])
        return _plot.lanes(weeks, list(rows.values()), "Contacts per customer and week", ax)

    def __repr__(self) -> str:
        return f"Saturation({len(self.channels):,} channel weeks, {len(self.findings)} findings)"

    def _repr_html_(self) -> str:
        return self.findings._repr_html_() + self.channels._repr_html_()


def saturation(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    policy: Policy | None = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Saturation:
    """Weekly load against the capacity of each channel, and the marginal new reach of its campaigns in a quarter.

    Loads are contacts per customer and week, reach is in customers. Exact where memberships are given, else an estimate
    from declared segments, marked ``estimated``. Options: ``over_share`` (0.05), ``min_new_reach`` (0.05), ``min_order``
    (3), ``default_touches`` (1).

    The same for any ``n_jobs``. O(memberships of the campaigns of each distinct week of a channel).
    Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    columns, load = _saturation(
        plan._core, sets_of(audiences), policy_of(policy, plan), n_jobs=n_jobs, progress=progress, **options
    )
    ids = plan.ids
    backend = plan._backend
    return Saturation(columns, WeeklyLoad(load, ids, backend), ids, backend)
