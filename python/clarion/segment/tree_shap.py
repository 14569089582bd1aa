"""What columns add to the scores of boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion import _core

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["is_boosted_trees", "tree_shap", "trees_of"]


def is_boosted_trees(model: Any) -> bool:
    return type(model).__name__.startswith("HistGradientBoosting") and hasattr(model, "_predictors")


def trees_of(model: Any) -> _core.TreeEnsemble:
    """The trees of a fitted HistGradientBoosting model of scikit-learn, as the core reads them."""
    import numpy as np

    if not is_boosted_trees(model):
        raise TypeError(
            f"model: {type(model).__name__} is no fitted HistGradientBoosting model of scikit-learn"
        )
    if any(len(stage) != 1 for stage in model._predictors):
        raise ValueError("model: more than two classes; give a model of two")
    nodes = [stage[0].nodes for stage in model._predictors]
    if any(tree["is_categorical"].any() for tree in nodes):
        raise ValueError(
            "model: splits by category are not explained; encode categories as columns of 0 and 1"
        )
    starts = np.cumsum([0, *(len(tree) for tree in nodes)])
    base = float(np.ravel(model._baseline_prediction)[0])
    if not nodes:
        none = np.zeros(0)
        return _core.TreeEnsemble(none, none, none, none, none, none, none, none, base, model.n_features_in_)
    inner = [tree["is_leaf"] == 0 for tree in nodes]
    left, right = (
        np.concatenate(
            [
                np.where(own, tree[side] + start, 0)
                for tree, own, start in zip(nodes, inner, starts, strict=False)
            ]
        )
        for side in ("left", "right")
    )
    whole = np.concatenate(nodes)
    own = np.concatenate(inner)
    return _core.TreeEnsemble(
        left, right, np.where(own, whole["feature_idx"], 0), np.where(own, whole["num_threshold"], 0.0),
        whole["missing_go_to_left"], whole["value"], whole["count"].astype(np.float64), starts[:-1], base,
        model.n_features_in_,
    )  # fmt: skip


def tree_shap(
    model: Any, X: Any, *, n_jobs: int | None = None, progress: Callable[[float], None] | None = None
) -> tuple[float, NDArray[np.float64]]:
    """(expected score, rows x columns): what each column adds to the raw score (log-odds) of a row, and what is left without any;
    they sum to the score.

    Path-dependent TreeSHAP (Lundberg, Erion and Lee, 2018) of a fitted HistGradientBoostingClassifier of two classes or
    HistGradientBoostingRegressor of scikit-learn, without splits by category. O(rows x trees x leaves x depth²).
    """
    import numpy as np

    x = np.asarray(X, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != getattr(model, "n_features_in_", x.shape[-1]):
        raise ValueError(f"X: shape {x.shape} is not rows x {getattr(model, 'n_features_in_', '?')} columns")
    return _core.tree_shap(trees_of(model), x, n_jobs=n_jobs, progress=progress)
