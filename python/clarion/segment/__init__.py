"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.kmeans import KMeans, kmeans_plusplus

__all__ = ["KMeans", "kmeans_plusplus"]
