"""What collides: audiences, channels, budgets and dates."""

from clarion.conflict.overlap import Overlap, overlap

__all__ = ["Overlap", "overlap"]
