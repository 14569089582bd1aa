"""A forecast of purchases held against what came: learned until a day, judged on the days after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.segment.purchases import day_of, ids_of
from clarion.segment.rfm import purchases_of, unit_of

if TYPE_CHECKING:
    from datetime import date as Date

    from matplotlib.axes import Axes

__all__ = ["HoldoutQuality", "holdout_quality", "purchase_holdout"]


def purchase_holdout(
    transactions: Any,
    customer: str = "customer",
    date: str = "date",
    amount: str | None = "amount",
    at: Date | str | None = None,
    *,
    cut: Date | str,
    unit: float | str = "days",
    n_jobs: int | None = None,
    **options: Any,
) -> Table:
    """What models of repeat buying take until ``cut``, and what came from then until ``at``, by customer who had bought by the cut.

    Columns: the customer, ``frequency``, ``recency``, ``T`` and ``monetary`` as :func:`purchase_summary` has them on the day of
    the cut; ``holdout_frequency`` (purchases after it), ``holdout_monetary`` (their mean; 0 without one) and ``holdout_T`` (the
    time from the cut to ``at``, the same for all). The other options are those of :func:`purchase_summary`.

    Raises ValueError for a cut that is not before ``at``, unknown columns and option values. O(rows).
    """
    import numpy as np

    data = purchases_of(transactions, customer, date, amount, at, n_jobs, options)
    before, found = _core.purchase_holdout(data._data, day_of(cut, "cut"), unit=unit_of(unit), n_jobs=n_jobs)
    found["holdout_T"] = np.full(len(before), found["holdout_T"])
    return Table({data._name: ids_of(before), **found}, data._backend)


@dataclass(frozen=True, eq=False, repr=False)
class HoldoutQuality:
    """``seen`` and ``expected`` purchases of all customers, the mean absolute and the root mean square error of a customer, and
    ``by_frequency``: customers, mean seen and mean expected by repeat purchases before the cut."""

    customers: int
    seen: float
    expected: float
    mean_absolute_error: float
    root_mean_square_error: float
    by_frequency: Table

    def to_frame(self, backend: str | None = None) -> Any:
        """``by_frequency`` as a data frame."""
        return self.by_frequency.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {**self.figures(), "by_frequency": self.by_frequency.to_dict()}

    def figures(self) -> dict[str, float]:
        """What is a number."""
        return {name: value for name, value in vars(self).items() if name != "by_frequency"}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean purchases after the cut by purchases before it: seen and expected."""
        from clarion._plot import pairs

        table = self.by_frequency
        means = {"seen": table["mean_seen"], "expected": table["mean_expected"]}
        ax = pairs(table["frequency"], means, self._words(), ax)
        ax.set_xlabel("repeat purchases before the cut")
        ax.set_ylabel("purchases after it, mean of a customer")
        return ax

    def _words(self) -> str:
        share = self.expected / self.seen if self.seen > 0 else float("nan")
        return f"{self.expected:,.0f} purchases expected, {self.seen:,.0f} seen ({share:.1%})"

    def __repr__(self) -> str:
        return f"HoldoutQuality({self.customers:,} customers: {self._words()}, off by {self.mean_absolute_error:.3f} a customer)"

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        return (
            html_table(self.by_frequency.to_dict(), rows=len(self.by_frequency))
            + f"<p>{escape(repr(self)[15:-1])}</p>"
        )


def holdout_quality(expected: Any, seen: Any, frequency: Any, *, most: int = 6) -> HoldoutQuality:
    """Holds expected purchases against those seen, by customer: of all, and by ``frequency``, the repeat purchases before the
    cut (0 to ``most``, then more).

    Raises ValueError for columns of different length, no customer, negative numbers, NaN and infinities. O(customers).
    """
    found = _core.holdout_quality(expected, seen, frequency, most=most)
    table = Table(
        {
            "frequency": [*(str(k) for k in range(most + 1)), f"{most + 1}+"],
            **{name: found.pop(name) for name in ("customers", "mean_seen", "mean_expected")},
        }
    )
    return HoldoutQuality(int(sum(table["customers"])), **found, by_frequency=table)
