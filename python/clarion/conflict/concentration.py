"""How much of the money hangs on how few things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from clarion._core import concentration as _concentration
from clarion.conflict._inputs import plan_of
from clarion.io import Table
from clarion.schema.finding import Finding, Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion.schema import Portfolio

__all__ = ["Concentration", "concentration"]

_NUMBERS = ("hhi", "normalised_hhi", "effective", "threshold", "assigned", "unassigned")
_HELD = ("key", "amount", "share", "campaigns", "largest", "largest_amount")


class Concentration:
    """``dimensions`` (a row each of channel, month, audience, product, owner: hhi, normalised_hhi, effective, threshold,
    assigned, unassigned), ``shares`` (dimension, key, amount, share, campaigns, largest, largest_amount; largest first)
    and ``findings`` (C3xx). Amounts are in ``currency``.
    """

    __slots__ = (
        "_backend", "campaigns", "currency", "dimensions", "findings", "other_currency", "shares", "total",
        "without_budget",
    )  # fmt: skip

    def __init__(self, columns: dict[str, Any], campaigns: list[str], backend: str | None = None) -> None:
        rows = columns["dimensions"]
        self._backend = backend
        self.currency: str = columns["currency"]
        self.total: float = columns["total"]
        self.campaigns: int = columns["campaigns"]
        self.without_budget: int = columns["without_budget"]
        self.other_currency: int = columns["other_currency"]
        self.dimensions = Table(
            {
                "dimension": [row["dimension"] for row in rows],
                **{n: [row[n] for row in rows] for n in _NUMBERS},
            },
            backend,
        )
        shares: dict[str, list[Any]] = {"dimension": [row["dimension"] for row in rows for _ in row["key"]]}
        for name in _HELD:
            shares[name] = [value for row in rows for value in list(row[name])]
        shares["largest"] = [campaigns[c] for c in shares["largest"]]
        self.shares = Table(
            {n: [v.item() if hasattr(v, "item") else v for v in column] for n, column in shares.items()},
            backend,
        )
        self.findings = Findings(columns["findings"], backend)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def to_frame(self, backend: str | None = None) -> Any:
        """The shares."""
        return self.shares.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "total": self.total,
            "dimensions": self.dimensions.to_dict(),
            "shares": self.shares.to_dict(),
            "findings": self.findings.to_dict(),
        }

    def plot(self, dimension: str = "channel", ax: Axes | None = None, most: int = 15) -> Axes:
        """Shares of the budget along a dimension (channel, month, audience, product, owner) as bars, with matplotlib."""
        from clarion import _plot

        known = list(self.dimensions["dimension"])
        if dimension not in known:
            raise ValueError(f"dimension: {dimension!r} is not allowed; give one of {', '.join(known)}")
        of = zip(self.shares["dimension"], self.shares["key"], self.shares["share"], strict=True)
        held = [(key, share) for name, key, share in of if name == dimension]
        held = sorted(held) if dimension == "month" else held[:most]
        title = f"Budget by {dimension}"
        return _plot.bars([key for key, _ in held], [share for _, share in held], title, ax)

    def __repr__(self) -> str:
        return f"Concentration({self.total:,.0f} {self.currency}, {len(self.findings)} findings)"

    def _repr_html_(self) -> str:
        return self.findings._repr_html_() + self.dimensions._repr_html_()


def concentration(portfolio: Portfolio, **options: Any) -> Concentration:
    """Herfindahl index, top shares and largest exposure of the budget by channel, month, audience, product and owner.

    Options: ``high_hhi`` (0.25), ``spread_slack`` (0.1), ``top_share`` (0.5), ``single_exposure`` (0.25),
    ``window_months`` (3), ``window_share`` (0.5), ``min_campaigns`` (8). Currencies are never added.
    O(campaigns x (months + entries)). Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    return Concentration(_concentration(plan._core, **options), plan.ids, plan._backend)
