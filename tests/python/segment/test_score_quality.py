import numpy as np
import pytest
from clarion.segment import score_quality
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics


def drawn(n=4000, seed=1, levels=20):
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.2).astype(int)
    p = 1 / (1 + np.exp(-(random.normal(size=n) + y - 1)))
    return (p * levels).round() / levels, y, random.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("levels", [20, 10**9])
def test_figures_are_those_of_scikit_learn(weighted, levels):
    p, y, weight = drawn(levels=levels)
    weight = weight if weighted else None
    found = score_quality(p, y, weight)
    assert found.auc == pytest.approx(metrics.roc_auc_score(y, p, sample_weight=weight), abs=1e-12)
    assert found.average_precision == pytest.approx(
        metrics.average_precision_score(y, p, sample_weight=weight), abs=1e-12
    )
    assert found.brier == pytest.approx(metrics.brier_score_loss(y, p, sample_weight=weight))
    assert found.log_loss == pytest.approx(metrics.log_loss(y, p, sample_weight=weight))
    false, true, _ = metrics.roc_curve(y, p, sample_weight=weight)
    assert found.ks == pytest.approx((true - false).max())
    assert found.auc_low < found.auc < found.auc_high
    assert found.reliability.brier == pytest.approx(found.brier)


def test_lift_is_that_of_sorted_rows():
    p, y, _ = drawn(levels=10**12)
    table = score_quality(p, y).groups.to_dict()
    best = y[np.argsort(-p)].reshape(10, -1)
    np.testing.assert_allclose(table["rate"], best.mean(1))
    np.testing.assert_allclose(table["lift"], best.mean(1) / y.mean())
    np.testing.assert_allclose(table["gain"], best.sum(1).cumsum() / y.sum())
    assert table["group"] == list(range(1, 11))


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_groups_share_out_all_rows(rows):
    scores, y, weight = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if not 0 < (y * weight).sum() < weight.sum():
        with pytest.raises(ValueError, match="one class"):
            score_quality(scores, y, weight)
        return
    found = score_quality(scores, y, weight)
    table = found.groups.to_dict()
    assert sum(table["weight"]) == pytest.approx(weight.sum())
    assert sum(table["positives"]) == pytest.approx((y * weight).sum())
    assert table["gain"][-1] == pytest.approx(1) and table["depth"][-1] == pytest.approx(1)
    assert found.auc == pytest.approx(metrics.roc_auc_score(y, scores, sample_weight=weight))


def test_frames_pictures_and_words():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    p, y, _ = drawn()
    found = score_quality(p, np.where(y == 1, "yes", "no"), groups=5)
    assert len(found.to_frame()) == 5 and found.to_dict()["positives"] == y.sum()
    assert "AUC" in repr(found) and "<table>" in found._repr_html_()
    for kind in ("gain", "lift", "roc", "pr", "reliability"):
        assert found.plot(kind).get_title()
    with pytest.raises(ValueError, match="kind"):
        found.plot("pie")
    margins = score_quality(p - 5, y)
    assert margins.reliability is None and np.isnan(margins.log_loss)
    with pytest.raises(ValueError, match="probabilities"):
        margins.plot("reliability")


def test_what_is_not_allowed():
    for scores, y, word in (
        ([0.1, 0.2], [1, 1], "one class"),
        ([0.1, np.inf], [0, 1], "scores"),
        ([0.1], [0, 1], "y"),
        ([0.1, 0.2], [0, 3], "y"),
    ):
        with pytest.raises(ValueError, match=word):
            score_quality(scores, y)
    with pytest.raises(ValueError, match="groups"):
        score_quality([0.1, 0.2], [0, 1], groups=0)
