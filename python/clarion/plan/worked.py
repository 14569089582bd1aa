"""Which finished campaigns actually worked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import which_worked as _which_worked
from clarion.conflict._inputs import catalog_of
from clarion.io import Table
from clarion.plan._inputs import history_of
from clarion.schema.finding import Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion.schema import Catalog, Portfolio

__all__ = ["Worked", "which_worked"]


class Worked(Table):
    """A row a finished campaign, by outcome and then best first, with its verdict and what that rests on."""

    __slots__ = ("findings",)

    def __init__(self, columns: dict[str, Any], findings: Findings, backend: str | None = None) -> None:
        super().__init__(columns, backend)
        self.findings = findings

    def _having(self, verdict: str) -> list[str]:
        pairs = zip(self["campaign"], self["verdict"], strict=True)
        return [campaign for campaign, said in pairs if said == verdict]

    @property
    def worked(self) -> list[str]:
        """Ids of the campaigns that worked, best first."""
        return self._having("worked")

    @property
    def did_not(self) -> list[str]:
        """Ids of the campaigns that did not."""
        return self._having("did not")

    def plot(self, ax: Axes | None = None, most: int = 20) -> Axes:
        """What campaigns made against what their kind makes of the same money, with matplotlib: the ``most`` that stand out
        most; green worked, orange did not."""
        import math

        from clarion import _plot

        colours = {"worked": _plot.UP, "did not": _plot.DOWN}
        names = ("name", "campaign", "index", "index_low", "index_high", "verdict")
        rows = [
            dict(zip(names, row, strict=True)) for row in zip(*(self[name] for name in names), strict=True)
        ]
        rows = [
            row
            for row in rows
            if row["index"] > 0 and row["index_low"] > 0 and math.isfinite(row["index_high"])
        ]
        rows = sorted(rows, key=lambda row: -abs(math.log(row["index"])))[:most]
        rows = sorted(rows, key=lambda row: -row["index"])
        drawn = [{**row, "colour": colours.get(row["verdict"], _plot.QUIET)} for row in rows]
        labels = [row["name"] or row["campaign"] for row in rows]
        return _plot.forest(drawn, labels, "Against what their kind makes of the same money", ax)


def which_worked(
    history: Portfolio,
    *,
    catalog: Catalog | None = None,
    from_: date | None = None,
    to: date | None = None,
    n_jobs: int | None = None,
    **options: Any,
) -> Worked:
    """Holds each finished campaign against its own success criterion, or else against what its kind comes to.

    ``from_`` and ``to`` limit who is judged to campaigns that ended in between; all of history is the yardstick.
    ``options`` are level, certainty and min_history. Raises ValueError for ``to`` before ``from_``.
    """
    if from_ is not None:
        options["from"] = from_
    if to is not None:
        options["to"] = to
    past = history_of(history)
    columns, findings = _which_worked(past._core, catalog_of(catalog, past), n_jobs=n_jobs, **options)
    return Worked(columns, Findings(findings, past._backend), past._backend)
