"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

__all__: list[str] = []
