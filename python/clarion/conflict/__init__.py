"""What collides: audiences, channels, budgets and dates."""

from clarion.conflict.concentration import Concentration, concentration
from clarion.conflict.contacts import Contacts, PileUps, contacts, pile_ups
from clarion.conflict.find_conflicts import Conflicts, find_conflicts
from clarion.conflict.graph import ConflictGraph, conflict_graph
from clarion.conflict.load import WeeklyLoad, weekly_load
from clarion.conflict.overlap import Overlap, overlap
from clarion.conflict.pairs import Pairs, pairs
from clarion.conflict.reschedule import Rescheduling, reschedule
from clarion.conflict.rules import rules
from clarion.conflict.saturation import Saturation, saturation
from clarion.conflict.timing import Timing, timing

__all__ = [
    "Concentration", "ConflictGraph", "Conflicts", "Contacts", "Overlap", "Pairs", "PileUps",
    "Rescheduling", "Saturation", "Timing", "WeeklyLoad", "concentration", "conflict_graph", "contacts",
    "find_conflicts", "overlap", "pairs", "pile_ups", "reschedule", "rules", "saturation", "timing",
    "weekly_load",
]  # fmt: skip
