import numpy as np
import pytest
from clarion.stats import IsotonicCalibration, PlattCalibration, reliability
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss


def drawn(n=3000, seed=1):
    random = np.random.default_rng(seed)
    odds = random.normal(size=n).round(1)
    return (
        odds,
        (random.random(n) < 1 / (1 + np.exp(-1.7 * odds + 0.4))).astype(int),
        random.exponential(size=n),
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_isotonic_is_that_of_scikit_learn(weighted):
    scores, y, weight = drawn()
    weight = weight if weighted else None
    ours = IsotonicCalibration().fit(scores, y, weight)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, y, weight)
    at = np.linspace(-5, 5, 1001)
    np.testing.assert_allclose(ours.predict(at), theirs.predict(at), atol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_platt_is_that_of_scikit_learn(weighted):
    scores, y, weight = drawn()
    weight = weight if weighted else None
    ours = PlattCalibration().fit(scores, y, weight)
    theirs = _SigmoidCalibration().fit(scores, y, weight)
    assert ours.converged_
    assert (ours.slope_, ours.intercept_) == pytest.approx((theirs.a_, theirs.b_), rel=1e-3)
    np.testing.assert_allclose(ours.predict(scores), theirs.predict(scores), atol=1e-4)


def test_reliability_is_that_of_scikit_learn():
    scores, y, weight = drawn()
    p = 1 / (1 + np.exp(-scores))
    found = reliability(p, y, by="width", bins=7)
    observed, predicted = calibration_curve(y, p, n_bins=7)
    np.testing.assert_allclose(found.bins["observed"], observed)
    np.testing.assert_allclose(found.bins["predicted"], predicted)
    assert reliability(p, y, weight).brier == pytest.approx(brier_score_loss(y, p, sample_weight=weight))
    parts = found.miscalibration - found.resolution + found.uncertainty + found.within
    assert found.brier == pytest.approx(parts)
    assert len(found.to_frame()) == 7 and "brier" in found.to_dict()
    assert "Brier" in repr(found) and "<table>" in found._repr_html_()


def test_calibration_mends_probabilities():
    scores, y, _ = drawn(20000)
    before = reliability(1 / (1 + np.exp(-scores)), y).expected_error
    for kind in (IsotonicCalibration, PlattCalibration):
        half = kind().fit(scores[::2], y[::2])
        assert reliability(half.predict(scores[1::2]), y[1::2]).expected_error < before / 3


def test_labels_as_texts_and_plots():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    scores, y, _ = drawn(200)
    words = np.where(y == 1, "yes", "no")
    np.testing.assert_array_equal(
        IsotonicCalibration().fit(scores, words).predict(scores),
        IsotonicCalibration().fit(scores, y).predict(scores),
    )
    found = reliability(1 / (1 + np.exp(-scores)), words)
    assert found.plot().get_xlabel() == "mean probability"


def test_what_is_not_allowed():
    with pytest.raises(ValueError, match="one class"):
        PlattCalibration().fit([1, 2], [1, 1])
    with pytest.raises(ValueError, match="scores"):
        IsotonicCalibration().fit([1, np.nan], [0, 1])
    with pytest.raises(ValueError, match=r"probabilities: 1\.5"):
        reliability([0.5, 1.5], [0, 1])
    with pytest.raises(ValueError, match="by"):
        reliability([0.5, 0.5], [0, 1], by="magic")
    with pytest.raises(ValueError, match="classes"):
        reliability([0.1, 0.2, 0.3], ["a", "b", "c"])
    with pytest.raises(AttributeError, match="not fitted"):
        PlattCalibration().predict([1.0])
