"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.kmeans import KMeans, kmeans_plusplus
from clarion.segment.mini_batch_kmeans import MiniBatchKMeans

__all__ = ["KMeans", "MiniBatchKMeans", "kmeans_plusplus"]
