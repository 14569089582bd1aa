"""How much every campaign asks of its customers, week by week, and what it spends there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._core import LoadMeasure
from clarion._core import weekly_load as _weekly_load
from clarion.conflict._inputs import plan_of, policy_of
from clarion.io import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion._core import Policy
    from clarion.schema import Portfolio

__all__ = ["WeeklyLoad", "weekly_load"]


class WeeklyLoad(Table):
    """A row a campaign and week in which it runs: campaign, channel, week (its Monday), load, spend.

    ``load`` is contacts per customer of the audience in that week, ``spend`` the budget that falls into it; both pro rata
    by days. Attributes: ``campaigns``, ``channels``, ``capacity`` (by channel, NaN when not registered), ``weeks``.
    """

    __slots__ = ("_core", "campaigns", "capacity", "channels", "weeks")

    def __init__(self, core: Any, campaigns: list[str], backend: str | None = None) -> None:
        import numpy as np

        runs = core.columns()
        offsets, lengths = runs["offsets"], np.diff(runs["offsets"].astype(np.int64))
        row = np.repeat(np.arange(len(campaigns)), lengths)
        within = np.arange(len(row)) - np.repeat(offsets[:-1].astype(np.int64), lengths)
        weeks = np.array(core.weeks, dtype="datetime64[D]")
        names = [*core.channels, None]
        channel = np.minimum(runs["channel"], len(core.channels))
        super().__init__(
            {
                "campaign": [campaigns[c] for c in row.tolist()],
                "channel": [names[k] for k in channel[row].tolist()],
                "week": weeks[runs["first_week"][row].astype(np.int64) + within],
                "load": runs["load"],
                "spend": runs["spend"],
            },
            backend,
        )
        self._core = core
        self.campaigns = campaigns
        self.channels: list[str] = core.channels
        self.capacity: NDArray[np.float64] = core.capacity
        self.weeks = weeks

    def cube(self, measure: str = "contacts", max_bytes: int = 1 << 30) -> NDArray[np.float64]:
        """campaign x channel x week of 'contacts' or 'spend', 0 where a campaign does not run.

        Raises ClarionError when it would take more than ``max_bytes``.
        """
        measures = {"contacts": LoadMeasure.contacts, "spend": LoadMeasure.spend}
        if measure not in measures:
            raise ValueError(
                f"measure: {measure!r} is not allowed; give one of {', '.join(map(repr, measures))}"
            )
        cube: NDArray[np.float64] = self._core.cube(measures[measure], max_bytes)
        return cube


def weekly_load(portfolio: Portfolio, policy: Policy | None = None, **options: Any) -> WeeklyLoad:
    """Weekly load and spend of each campaign that is not cancelled.

    ``default_touches`` (1) is taken where neither the campaign nor its channel says. O(campaigns x their weeks).
    Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    return WeeklyLoad(_weekly_load(plan._core, policy_of(policy, plan), **options), plan.ids, plan._backend)
