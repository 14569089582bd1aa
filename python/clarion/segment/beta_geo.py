"""The BG/NBD model of repeat purchases."""

from __future__ import annotations

from clarion.segment.purchase_model import TimedPurchaseModel

__all__ = ["BetaGeo"]


class BetaGeo(TimedPurchaseModel):
    """BG/NBD (Fader, Hardie and Lee, Marketing Science 24, 2005): lost, if at all, right after a repeat purchase.

    Rates of purchase are gamma(``r``, ``alpha``) distributed over customers, chances of loss beta(``a``, ``b``).
    ``penalizer`` weighs the sum of squared parameters against the mean log-likelihood; intervals hold the truth with probability
    ``level``; the likelihood is climbed from ``starts`` points. Equal customers are one row of the likelihood.
    """

    _family = "beta_geo"
