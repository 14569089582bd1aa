"""The Pareto/NBD model of repeat purchases."""

from __future__ import annotations

from clarion.segment.purchase_model import TimedPurchaseModel

__all__ = ["ParetoNBD"]


class ParetoNBD(TimedPurchaseModel):
    """Pareto/NBD (Schmittlein, Morrison and Colombo, Management Science 33, 1987): lost at any moment.

    Rates of purchase are gamma(``r``, ``alpha``) distributed over customers, rates of loss gamma(``s``, ``beta``); options are
    those of :class:`BetaGeo`.
    """

    _family = "pareto_nbd"
