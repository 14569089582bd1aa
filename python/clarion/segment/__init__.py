"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.kmeans import KMeans, kmeans_plusplus
from clarion.segment.linkage import Linkage, linkage

__all__ = [
    "KMeans", "Linkage", "kmeans_plusplus", "linkage",
]  # fmt: skip
