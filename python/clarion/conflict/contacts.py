"""How often customers are contacted when campaigns run side by side, and where campaigns pile up on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import contacts as _contacts
from clarion._core import pile_ups as _pile_ups
from clarion.conflict.overlap import day_numbers
from clarion.io import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.schema import Audiences

__all__ = ["Contacts", "PileUps", "contacts", "pile_ups"]

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, repr=False)
class Contacts:
    """Expected weekly contacts of customers against a cap."""

    weeks: Table
    """A row a week: week (its Monday), campaigns, reached, capped (of them, those with a cap), over_cap, contacts, excess,
    max, max_over (most contacts of one customer over the cap)."""
    contributions: Table
    """What campaigns add to the customers over the cap: week, campaign, customers_over, contacts."""
    histogram: NDArray[np.uint64]
    """weeks x bins: reached customers with k <= contacts < k + 1 in bin k, the last one with more."""
    customers_over: int
    """Customers who are over their cap in some week."""
    excess: float
    """Contacts above the cap, of all customers and weeks."""
    max: float
    """Most contacts of one customer in one week."""
    cap: float | dict[str, float]

    def to_frame(self, backend: str | None = None) -> Any:
        """``weeks`` as a data frame."""
        return self.weeks.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "weeks": self.weeks.to_dict(),
            "contributions": self.contributions.to_dict(),
            "histogram": self.histogram.tolist(),
            "customers_over": self.customers_over,
            "excess": self.excess,
            "max": self.max,
            "cap": self.cap,
        }

    def __repr__(self) -> str:
        cap = "their cap" if isinstance(self.cap, dict) else f"{self.cap:g}"
        return (
            f"Contacts({len(self.weeks)} weeks; {self.customers_over:,} customers over {cap} a week, "
            f"{self.excess:,.0f} contacts too many, at most {self.max:g})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.weeks._repr_html_()}"


@dataclass(frozen=True, repr=False)
class PileUps:
    """Campaigns that run at the same time on the same customers."""

    customers: int
    """Customers with k or more campaigns at a time."""
    customers_by_depth: NDArray[np.uint64]
    """[d]: customers with at most d campaigns at a time, d of them on some day."""
    combinations: Table
    """Maximal combinations: campaigns, start, end (the days on which all run), shared."""
    complete: bool
    """False when max_steps ran out, so that larger combinations may exist."""
    k: int

    def to_frame(self, backend: str | None = None) -> Any:
        """``combinations`` as a data frame."""
        return self.combinations.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "customers_by_depth": self.customers_by_depth.tolist(),
            "combinations": self.combinations.to_dict(),
            "complete": self.complete,
            "k": self.k,
        }

    def __repr__(self) -> str:
        cut = "" if self.complete else ", search cut short"
        return (
            f"PileUps({self.customers:,} customers with {self.k} or more campaigns at a time, "
            f"{len(self.combinations)} combinations{cut})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.combinations._repr_html_()}"


def contacts(
    audiences: Audiences,
    days: Mapping[Any, tuple[date, date]],
    touches: Mapping[Any, float] | float,
    *,
    cap: Mapping[Any, float] | float = 3.0,
    bins: int = 16,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Contacts:
    """Expected weekly contacts of each customer against a cap.

    ``days`` gives the first and last day of every campaign, ``touches`` the expected contacts of a member in a full
    week (one number, or one each; campaigns that are left out have none). A campaign that runs on d days of a week
    (Monday to Sunday) adds touches * d / 7. ``cap`` is what a customer should get a week at most: one number, or one a
    campaign (none for those left out), of which the lowest among the campaigns that contact a customer in a week counts.
    Exact, and the same for any ``n_jobs``.

    Raises ValueError for a campaign without days, an end before its start, a value out of range, or dates that span more
    than 10,000 weeks. O(memberships x weeks they run).
    """
    labels = audiences.campaigns
    if isinstance(touches, Mapping):
        by_label = {str(campaign): value for campaign, value in touches.items()}
        each = [float(by_label.get(label, 0.0)) for label in labels]
    else:
        each = [float(touches)] * len(labels)
    wanted: float | dict[str, float]
    if isinstance(cap, Mapping):
        wanted = {str(campaign): float(value) for campaign, value in cap.items()}
    else:
        wanted = cap
    out = _contacts(
        audiences._sets,
        day_numbers("days", labels, days),
        each,
        cap=0.0 if isinstance(wanted, dict) else wanted,
        caps=[wanted.get(label, math.inf) for label in labels] if isinstance(wanted, dict) else [],
        bins=bins,
        n_jobs=n_jobs,
        progress=progress,
    )
    weeks, given = out["weeks"], out["contributions"]
    mondays = weeks.pop("start").astype("datetime64[D]")
    given["campaign"] = [labels[i] for i in given["campaign"].tolist()]
    given["week"] = mondays[given["week"]]
    return Contacts(
        weeks=Table({"week": mondays, **weeks}, audiences._backend),
        contributions=Table(given, audiences._backend),
        histogram=out["histogram"].reshape(len(mondays), bins),
        customers_over=out["customers_over"],
        excess=out["excess"],
        max=out["max"],
        cap=wanted,
    )


def pile_ups(
    audiences: Audiences,
    days: Mapping[Any, tuple[date, date]],
    *,
    k: int = 3,
    min_shared: int = 100,
    top: int = 20,
    max_steps: int = 1_000_000,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> PileUps:
    """Customers in ``k`` or more campaigns at a time, and the campaigns that meet on them.

    The combinations are sets of at least ``k`` campaigns that all run on some day and share at least ``min_shared``
    customers, and to which no further campaign can be added; those of most campaigns first, then of most customers.
    Counts are exact. The search stops after ``max_steps`` intersections and says so in ``complete``.

    Raises ValueError for a campaign without days or an option out of range, ClarionError when it would need more than
    2 GiB.
    """
    labels = audiences.campaigns
    out = _pile_ups(
        audiences._sets,
        day_numbers("days", labels, days),
        k=k,
        min_shared=min_shared,
        top=top,
        max_steps=max_steps,
        n_jobs=n_jobs,
        progress=progress,
    )
    found = out["combinations"]
    table = {
        "campaigns": [[labels[i] for i in item[0]] for item in found],
        "start": [date.fromordinal(item[1] + _EPOCH) for item in found],
        "end": [date.fromordinal(item[2] + _EPOCH) for item in found],
        "shared": [item[3] for item in found],
    }
    return PileUps(
        customers=out["customers"],
        customers_by_depth=out["customers_by_depth"],
        combinations=Table(table, audiences._backend),
        complete=out["complete"],
        k=k,
    )
