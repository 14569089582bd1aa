"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.beta_binomial import BetaBinomial
from clarion.segment.beta_geo import BetaGeo
from clarion.segment.choose_k import ChoiceOfK, choose_k, elbow
from clarion.segment.cluster_quality import ClusterQuality, cluster_quality, silhouettes
from clarion.segment.cycle import Cycle, cycle
from clarion.segment.definition import Definition, Explanation
from clarion.segment.drift import Drift, drift
from clarion.segment.engagement import Engagement, engagement
from clarion.segment.gamma_gamma import GammaGamma
from clarion.segment.kmeans import KMeans, kmeans_plusplus
from clarion.segment.lifetime_value import LifetimeValue, lifetime_value
from clarion.segment.linkage import Linkage, linkage
from clarion.segment.mini_batch_kmeans import MiniBatchKMeans
from clarion.segment.modified_beta_geo import ModifiedBetaGeo
from clarion.segment.pareto_nbd import ParetoNBD
from clarion.segment.preference import Preference, preference
from clarion.segment.profile import Profile, profile
from clarion.segment.propensity import Propensity
from clarion.segment.purchase_holdout import HoldoutQuality, holdout_quality, purchase_holdout
from clarion.segment.purchase_model import PurchaseModel
from clarion.segment.purchases import PurchaseReport, Purchases
from clarion.segment.reasons import CustomerScores, Reasons
from clarion.segment.rfm import RFM, purchase_summary, rfm, rfm_segment_of
from clarion.segment.rules import rules
from clarion.segment.scaling import Scaler
from clarion.segment.score_quality import ScoreQuality, score_quality
from clarion.segment.segmentation import DefinitionSet, Segmentation, ready_segments, segment_customers
from clarion.segment.shifted_beta_geo import ShiftedBetaGeo
from clarion.segment.stability import Stability, adjusted_rand, stability
from clarion.segment.suppression import Suppression, ready_suppression, suppress
from clarion.segment.tree_shap import tree_shap
from clarion.stats import LogisticRegression

__all__ = [
    "RFM",
    "BetaBinomial",
    "BetaGeo",
    "ChoiceOfK",
    "ClusterQuality",
    "CustomerScores",
    "Cycle",
    "Definition",
    "DefinitionSet",
    "Drift",
    "Engagement",
    "Explanation",
    "GammaGamma",
    "HoldoutQuality",
    "KMeans",
    "LifetimeValue",
    "Linkage",
    "LogisticRegression",
    "MiniBatchKMeans",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "Preference",
    "Profile",
    "Propensity",
    "PurchaseModel",
    "PurchaseReport",
    "Purchases",
    "Reasons",
    "Scaler",
    "ScoreQuality",
    "Segmentation",
    "ShiftedBetaGeo",
    "Stability",
    "Suppression",
    "adjusted_rand",
    "choose_k",
    "cluster_quality",
    "cycle",
    "drift",
    "elbow",
    "engagement",
    "holdout_quality",
    "kmeans_plusplus",
    "lifetime_value",
    "linkage",
    "preference",
    "profile",
    "purchase_holdout",
    "purchase_summary",
    "ready_segments",
    "ready_suppression",
    "rfm",
    "rfm_segment_of",
    "rules",
    "score_quality",
    "segment_customers",
    "silhouettes",
    "stability",
    "suppress",
    "tree_shap",
]  # fmt: skip
