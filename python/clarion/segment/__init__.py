"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.beta_binomial import BetaBinomial
from clarion.segment.beta_geo import BetaGeo
from clarion.segment.gamma_gamma import GammaGamma
from clarion.segment.lifetime_value import LifetimeValue, lifetime_value
from clarion.segment.modified_beta_geo import ModifiedBetaGeo
from clarion.segment.pareto_nbd import ParetoNBD
from clarion.segment.purchase_model import PurchaseModel
from clarion.segment.shifted_beta_geo import ShiftedBetaGeo

__all__ = [
    "BetaBinomial",
    "BetaGeo",
    "GammaGamma",
    "LifetimeValue",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "PurchaseModel",
    "ShiftedBetaGeo",
    "lifetime_value",
]
