"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.linkage import Linkage, linkage

__all__ = ["Linkage", "linkage"]
