"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.choose_k import ChoiceOfK, choose_k, elbow
from clarion.segment.cluster_quality import ClusterQuality, cluster_quality, silhouettes
from clarion.segment.drift import Drift, drift
from clarion.segment.kmeans import KMeans, kmeans_plusplus
from clarion.segment.linkage import Linkage, linkage
from clarion.segment.rules import rules
from clarion.segment.scaling import Scaler
from clarion.segment.stability import Stability, adjusted_rand, stability

__all__ = [
    "ChoiceOfK", "ClusterQuality", "Drift", "KMeans", "Linkage", "Scaler", "Stability", "adjusted_rand", "choose_k", "cluster_quality", "drift", "elbow", "kmeans_plusplus", "linkage", "rules", "silhouettes", "stability",
]  # fmt: skip
