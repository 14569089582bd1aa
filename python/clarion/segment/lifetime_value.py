"""The value of customers to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.segment._fit import numbers
from clarion.segment.gamma_gamma import GammaGamma
from clarion.segment.purchase_model import PurchaseModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from clarion.io import Table

__all__ = ["LifetimeValue", "lifetime_value"]


@dataclass(frozen=True, eq=False, repr=False)
class LifetimeValue:
    """``table`` has a row a customer: customer (where there are ids), value, and sd, low and high where there are intervals.
    ``total`` is the same of all together: the uncertainty of parameters is one for all, and does not average out."""

    table: Table
    total: dict[str, float]
    horizon: int
    period: float
    discount: float
    level: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {"total": self.total, **self.table.to_dict()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shares of the value by tenths of the customers, the most valuable on top."""
        import numpy as np

        from clarion import _plot

        value = np.sort(np.asarray(self.table["value"]))[::-1]
        parts = np.array_split(value, min(10, max(1, len(value))))
        whole = float(value.sum()) or 1.0
        names = [f"tenth {k}" for k in range(1, len(parts) + 1)]
        return _plot.bars(
            names, [float(part.sum()) / whole for part in parts], "Share of the value to come", ax
        )

    def __repr__(self) -> str:
        reach = f" ({self.total['low']:,.4g} to {self.total['high']:,.4g})" if "low" in self.total else ""
        return f"LifetimeValue({len(self.table):,} customers, {self.total['value']:,.4g}{reach} in {self.horizon} periods)"

    def _repr_html_(self) -> str:
        from html import escape

        return self.table._repr_html_() + f"<p>{escape(repr(self))}</p>"


def lifetime_value(
    model: PurchaseModel,
    spend: GammaGamma,
    *,
    horizon: int = 12,
    period: float = 1.0,
    discount: float = 0.01,
    frequency: ArrayLike | None = None,
    recency: ArrayLike | None = None,
    T: ArrayLike | None = None,
    monetary: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    customers: ArrayLike | None = None,
    level: float = 0.95,
    intervals: bool = True,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> LifetimeValue:
    """Expected value of each customer's purchases in the ``horizon``: those expected in each period times the expected value
    of one, discounted by (1 + ``discount``) a period.

    ``period`` is the length of one in the unit of the model (30 where that is days and a period is a month). Without data the
    customers are those of both fits, in the same rows; else ``frequency``, ``recency``, ``T`` (the occasions, of
    BetaBinomial) and ``monetary``, the mean value of the ``frequency`` transactions. ``weights`` are how many customers a row
    stands for, ``customers`` their ids.

    Intervals tell the uncertainty of the parameters of the two models, which are taken as independent. Raises ValueError for
    models that are not fitted, and for what their own predictions refuse.
    """
    import numpy as np

    from clarion.io import Table

    params, amounts = model._fitted(), spend._fitted()
    given = [frequency, recency, T, monetary]
    if all(values is None for values in given):
        history, money, weight = model._history, spend._spend, model._weights
    else:
        if monetary is None:
            raise ValueError(
                "monetary: missing; give frequency, recency, T and monetary together, or none of them"
            )
        history = model._columns(frequency, recency, T)
        money, weight = (history[0], numbers("monetary", monetary)), None
    if weights is not None:
        weight = numbers("weights", weights)
    options = {
        "horizon": horizon,
        "period": float(period),
        "discount": float(discount),
        "level": level,
        "intervals": intervals,
    }
    found, total = _core.lifetime_value(
        model._family,
        params,
        model.covariance_,
        *history,
        weight,
        amounts,
        spend.covariance_,
        *money,
        options,
        n_jobs=n_jobs,
        progress=progress,
    )
    columns: dict[str, Any] = dict(found)
    if customers is not None:
        ids = np.asarray(customers)
        if ids.shape != found["value"].shape:
            raise ValueError(
                f"customers: {len(ids)} ids are not allowed; give one for each of the {len(found['value'])} rows"
            )
        columns = {"customer": ids, **columns}
    return LifetimeValue(Table(columns), total, horizon, float(period), float(discount), level)
