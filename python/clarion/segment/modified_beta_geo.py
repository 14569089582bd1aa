"""The MBG/NBD model of repeat purchases."""

from __future__ import annotations

from clarion.segment.purchase_model import TimedPurchaseModel

__all__ = ["ModifiedBetaGeo"]


class ModifiedBetaGeo(TimedPurchaseModel):
    """MBG/NBD (Batislam, Denizel and Filiztekin, IJRM 24, 2007): BG/NBD in which the first purchase may be the last.

    Parameters and options are those of :class:`BetaGeo`.
    """

    _family = "modified_beta_geo"
