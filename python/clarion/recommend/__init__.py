"""What would they like: interactions, splits, models and their evaluation."""

from clarion.recommend.bpr import BPR
from clarion.recommend.explanation import Explanation
from clarion.recommend.explicit_mf import ExplicitMF
from clarion.recommend.graph_filter import GraphFilter
from clarion.recommend.implicit_als import ImplicitALS
from clarion.recommend.interactions import InteractionReport, Interactions
from clarion.recommend.model import Recommender
from clarion.recommend.rules import rules
from clarion.recommend.split import (
    Leakage,
    Split,
    StrongSplit,
    k_fold,
    leakage,
    leave_last_out,
    random_split,
    split_by_time,
    split_users,
)
from clarion.recommend.sufficiency import Sufficiency, sufficiency
from clarion.recommend.top_k import Neighbors, Recommendations

__all__ = [
    "BPR", "Explanation", "ExplicitMF", "GraphFilter", "ImplicitALS", "InteractionReport", "Interactions", "Leakage", "Neighbors", "Recommendations", "Recommender", "Split", "StrongSplit", "Sufficiency", "k_fold", "leakage",
    "leave_last_out", "random_split", "rules", "split_by_time", "split_users", "sufficiency",
]  # fmt: skip
