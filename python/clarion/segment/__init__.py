"""Who are they: recency, frequency and value, clusters, lifetime value, propensity, and segments as rules."""

from clarion.segment.propensity import Propensity
from clarion.segment.reasons import CustomerScores, Reasons
from clarion.segment.score_quality import ScoreQuality, score_quality
from clarion.segment.tree_shap import tree_shap
from clarion.stats import LogisticRegression

__all__ = [
    "CustomerScores", "LogisticRegression", "Propensity", "Reasons", "ScoreQuality", "score_quality", "tree_shap",
]  # fmt: skip
