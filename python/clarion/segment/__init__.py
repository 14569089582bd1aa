"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.definition import Definition, Explanation
from clarion.segment.profile import Profile, profile
from clarion.segment.purchases import PurchaseReport, Purchases
from clarion.segment.rfm import RFM, purchase_summary, rfm, rfm_segment_of
from clarion.segment.rules import rules
from clarion.segment.segmentation import DefinitionSet, Segmentation, ready_segments, segment_customers
from clarion.segment.suppression import Suppression, ready_suppression, suppress

__all__ = [
    "RFM", "Definition", "DefinitionSet", "Explanation", "Profile", "PurchaseReport", "Purchases", "Segmentation", "Suppression",
    "profile", "purchase_summary", "ready_segments", "ready_suppression", "rfm", "rfm_segment_of", "rules", "segment_customers",
    "suppress",
]  # fmt: skip
