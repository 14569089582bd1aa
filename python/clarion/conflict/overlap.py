"""Which audiences share customers: every pair of campaigns, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import overlap as _overlap
from clarion.io import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion.schema import Audiences

__all__ = ["Overlap", "overlap"]

_EPOCH = date(1970, 1, 1).toordinal()


class Overlap(Table):
    """A row a pair of campaigns: campaign_a, campaign_b, size_a, size_b, shared, jaccard, containment.

    ``jaccard`` is shared / customers in either, ``containment`` shared / customers of the smaller one; both are 0 for
    empty audiences.
    """

    __slots__ = ()

    def top(self, n: int = 10, by: str = "shared") -> Table:
        """The n pairs with the largest value of a column; ties keep the order of the table."""
        import numpy as np

        if by not in self.columns[2:]:
            raise ValueError(f"by: {by!r} is not allowed; give one of {', '.join(self.columns[2:])}")
        order = np.argsort(-np.asarray(self[by], dtype=float), kind="stable")[:n]
        labels = {name: [self[name][i] for i in order] for name in self.columns[:2]}
        return Table({**labels, **{name: self[name][order] for name in self.columns[2:]}}, self._backend)

    def plot(self, ax: Axes | None = None, most: int = 30) -> Axes:
        """A heat map of Jaccard similarity, with matplotlib: of all campaigns, or of the ``most`` that share most."""
        import numpy as np

        from clarion import _plot

        best: dict[str, float] = {}
        for a, b, value in zip(self["campaign_a"], self["campaign_b"], self["jaccard"], strict=True):
            best[a], best[b] = max(best.get(a, 0.0), value), max(best.get(b, 0.0), value)
        kept = set(sorted(best, key=lambda campaign: -best[campaign])[:most])
        names = [campaign for campaign in best if campaign in kept]
        at = {campaign: i for i, campaign in enumerate(names)}
        square = np.zeros((len(names), len(names)))
        for a, b, value in zip(self["campaign_a"], self["campaign_b"], self["jaccard"], strict=True):
            if a in at and b in at:
                square[at[a], at[b]] = square[at[b], at[a]] = value
        return _plot.heatmap(names, square, "Audience overlap, percent of both", ax)


def day_numbers(
    name: str, labels: Sequence[str], days: Mapping[Any, tuple[date, date]]
) -> list[tuple[int, int]]:
    """(first, last) day of each campaign as days since 1970-01-01."""
    by_label = {str(campaign): both for campaign, both in days.items()}
    absent = [label for label in labels if label not in by_label]
    if absent:
        raise ValueError(f"{name}: no dates for {', '.join(map(repr, absent[:5]))}; give every campaign's")
    return [
        (start.toordinal() - _EPOCH, end.toordinal() - _EPOCH) for start, end in (by_label[x] for x in labels)
    ]


def overlap(
    audiences: Audiences,
    *,
    min_shared: int = 0,
    pairs: Iterable[tuple[Any, Any]] | None = None,
    concurrent_only: Mapping[Any, tuple[date, date]] | None = None,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Overlap:
    """Counts the customers that each pair of campaigns shares.

    ``min_shared`` leaves out pairs that share fewer, ``pairs`` keeps only the named pairs of campaigns, and
    ``concurrent_only`` (campaign -> (first day, last day), one entry each) only pairs that run on a common day.

    Exact, and the same for any ``n_jobs``. Raises ValueError for a campaign that the audiences do not have, or that has
    no dates. O(sum of squared campaigns per customer) at worst.
    """
    labels = audiences.campaigns
    wanted = None if pairs is None else [(audiences._index(a), audiences._index(b)) for a, b in pairs]
    days = [] if concurrent_only is None else day_numbers("concurrent_only", labels, concurrent_only)
    columns = _overlap(
        audiences._sets,
        min_shared=min_shared,
        pairs=wanted,
        concurrent_only=days,
        n_jobs=n_jobs,
        progress=progress,
    )
    first = [labels[i] for i in columns.pop("a").tolist()]
    second = [labels[i] for i in columns.pop("b").tolist()]
    return Overlap({"campaign_a": first, "campaign_b": second, **columns}, audiences._backend)
