from itertools import combinations
from math import factorial

import numpy as np
import pytest
from clarion import _core
from clarion.segment import tree_shap
from clarion.segment.tree_shap import trees_of
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_thread_of_openmp():
    """Teams of OpenMP spin where the machine is busy."""
    with threadpool_limits(1, "openmp"):
        yield


def drawn(n=600, seed=1):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 4))
    y = x[:, 0] * x[:, 1] + x[:, 2] > 0.3 * random.normal(size=n)
    x[random.random(x.shape) < 0.1] = np.nan
    return x, y


@pytest.mark.parametrize("kind", [HistGradientBoostingClassifier, HistGradientBoostingRegressor])
def test_values_sum_to_the_raw_score(kind):
    x, y = drawn()
    model = kind(max_iter=30).fit(x, y)
    base, values = tree_shap(model, x, n_jobs=2)
    raw = model.decision_function(x) if kind is HistGradientBoostingClassifier else model.predict(x)
    np.testing.assert_allclose(base + values.sum(1), raw, atol=1e-9)
    np.testing.assert_allclose(_core.tree_scores(trees_of(model), x), raw, atol=1e-9)
    assert np.abs(values[:, 3]).mean() < np.abs(values[:, 0]).mean()


def test_values_are_shapleys_by_all_subsets():
    x, y = drawn()
    model = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=8).fit(x, y)

    def mean(nodes, at, row, known):
        node = nodes[at]
        if node["is_leaf"]:
            return node["value"]
        left, right = node["left"], node["right"]
        if node["feature_idx"] in known:
            value = row[node["feature_idx"]]
            goes = node["missing_go_to_left"] if np.isnan(value) else value <= node["num_threshold"]
            return mean(nodes, left if goes else right, row, known)
        share = nodes[left]["count"] / node["count"]
        return share * mean(nodes, left, row, known) + (1 - share) * mean(nodes, right, row, known)

    def game(row, known):
        return sum(mean(stage[0].nodes, 0, row, known) for stage in model._predictors)

    base, values = tree_shap(model, x[:10])
    assert base == pytest.approx(float(model._baseline_prediction.ravel()[0]) + game(x[0], ()))
    for row, found in zip(x[:10], values, strict=True):
        for j in range(4):
            others = [k for k in range(4) if k != j]
            expected = sum(
                factorial(size)
                * factorial(3 - size)
                / factorial(4)
                * (game(row, (*known, j)) - game(row, known))
                for size in range(4)
                for known in combinations(others, size)
            )
            assert found[j] == pytest.approx(expected, abs=1e-10)


def test_what_is_not_explained():
    x, y = drawn()
    with pytest.raises(TypeError, match="RandomForest"):
        tree_shap(RandomForestClassifier(3).fit(x, y), x)
    three = HistGradientBoostingClassifier(max_iter=2).fit(x, np.arange(len(x)) % 3)
    with pytest.raises(ValueError, match="two classes"):
        tree_shap(three, x)
    x[:, 3] = np.arange(len(x)) % 5
    split = HistGradientBoostingClassifier(max_iter=5, categorical_features=[3]).fit(x, x[:, 3] % 2 == 0)
    with pytest.raises(ValueError, match="category"):
        tree_shap(split, x)
    good = HistGradientBoostingClassifier(max_iter=2).fit(x, y)
    with pytest.raises(ValueError, match="columns"):
        tree_shap(good, x[:, :2])
    assert tree_shap(good, x[:0])[1].shape == (0, 4)
