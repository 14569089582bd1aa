"""Which campaigns touch each other, why and how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._core import find_pairs
from clarion.conflict._inputs import catalog_of, named, plan_of, sets_of
from clarion.io import Table

if TYPE_CHECKING:
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["Pairs", "pairs"]

_REASONS = {"shares_audience": 1, "shares_channel": 2, "shares_products": 4, "estimated": 8}


class Pairs(Table):
    """A row a pair: campaign_a, campaign_b, shared_days, days_apart, shared, jaccard, share_a, share_b, containment, rate,
    weight, shares_audience, shares_channel, shares_products, estimated.

    ``shared`` customers are NaN where the audience numbers are ``estimated`` from declared segments. ``weight`` is the
    weighted number of days that a customer of the smaller audience spends in both; it is ``rate`` x ``shared_days``.
    ``left_out`` counts the pairs that ``max_pairs`` dropped.
    """

    __slots__ = ("_core", "left_out")

    def __init__(self, core: Any, campaigns: list[str], backend: str | None = None) -> None:
        columns = core.columns()
        reasons = columns.pop("reasons")
        first, second = named(campaigns, columns.pop("a")), named(campaigns, columns.pop("b"))
        flags = {name: (reasons & bit) != 0 for name, bit in _REASONS.items()}
        super().__init__({"campaign_a": first, "campaign_b": second, **columns, **flags}, backend)
        self._core = core
        self.left_out: int = core.left_out


def pairs(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    catalog: Catalog | None = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Pairs:
    """Pairs of campaigns that run together and share customers, or both channel and products.

    Options: ``cross_channel`` (0.5), ``product_weight`` (0.5), ``within_days`` (0: also pairs at most so many days apart),
    ``max_pairs`` (5,000,000). The same for any ``n_jobs``. O(n log n + pairs found).
    Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    table = find_pairs(
        plan._core, sets_of(audiences), catalog_of(catalog, plan), n_jobs=n_jobs, progress=progress, **options
    )
    return Pairs(table, plan.ids, plan._backend)
