"""What would they like: interactions, splits, models and their evaluation."""

from clarion.recommend.bpr import BPR
from clarion.recommend.compare import Comparison, compare
from clarion.recommend.evaluate import Evaluation, evaluate, metrics
from clarion.recommend.explanation import Explanation
from clarion.recommend.explicit_mf import ExplicitMF
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
from clarion.recommend.tune import Tuning, tune

__all__ = [
    "BPR", "Comparison", "Evaluation", "Explanation", "ExplicitMF", "ImplicitALS", "InteractionReport",
    "Interactions", "Leakage", "Neighbors", "Recommendations", "Recommender", "Split", "StrongSplit", "Sufficiency",
    "Tuning", "compare", "evaluate", "k_fold", "leakage", "leave_last_out", "metrics", "random_split", "rules",
    "split_by_time", "split_users", "sufficiency", "tune",
]  # fmt: skip
