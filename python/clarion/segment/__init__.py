"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.beta_binomial import BetaBinomial
from clarion.segment.beta_geo import BetaGeo
from clarion.segment.choose_k import ChoiceOfK, choose_k, elbow
from clarion.segment.cluster_quality import ClusterQuality, cluster_quality, silhouettes
from clarion.segment.drift import Drift, drift
from clarion.segment.gamma_gamma import GammaGamma
from clarion.segment.kmeans import KMeans, kmeans_plusplus
from clarion.segment.lifetime_value import LifetimeValue, lifetime_value
from clarion.segment.linkage import Linkage, linkage
from clarion.segment.modified_beta_geo import ModifiedBetaGeo
from clarion.segment.pareto_nbd import ParetoNBD
from clarion.segment.purchase_model import PurchaseModel
from clarion.segment.rules import rules
from clarion.segment.scaling import Scaler
from clarion.segment.shifted_beta_geo import ShiftedBetaGeo
from clarion.segment.stability import Stability, adjusted_rand, stability

__all__ = [
    "BetaBinomial", "BetaGeo", "ChoiceOfK", "ClusterQuality", "Drift", "GammaGamma", "KMeans", "LifetimeValue", "Linkage", "ModifiedBetaGeo", "ParetoNBD", "PurchaseModel", "Scaler", "ShiftedBetaGeo", "Stability", "adjusted_rand", "choose_k", "cluster_quality", "drift", "elbow", "kmeans_plusplus", "lifetime_value", "linkage", "rules", "silhouettes", "stability",
]  # fmt: skip
