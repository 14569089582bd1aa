"""What collides: audiences, channels, budgets and dates."""

from clarion.conflict.concentration import Concentration, concentration
from clarion.conflict.find_conflicts import Conflicts, find_conflicts
from clarion.conflict.load import WeeklyLoad, weekly_load
from clarion.conflict.overlap import Overlap, overlap
from clarion.conflict.pairs import Pairs, pairs
from clarion.conflict.rules import rules
from clarion.conflict.saturation import Saturation, saturation
from clarion.conflict.timing import Timing, timing

__all__ = [
    "Concentration", "Conflicts", "Overlap", "Pairs", "Saturation", "Timing", "WeeklyLoad", "concentration",
    "find_conflicts", "overlap", "pairs", "rules", "saturation", "timing", "weekly_load",
]  # fmt: skip
