import numpy as np
import pytest
from clarion.segment import ShiftedBetaGeo

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


def test_the_cohort_of_the_paper():
    # Fader and Hardie (2007), seven years of the "high end" segment; the twelfth year kept 38.0% in fact.
    model = ShiftedBetaGeo().fit(HIGH_END)
    assert model.params_["alpha"] == pytest.approx(0.668, abs=5e-4)
    assert model.params_["beta"] == pytest.approx(3.806, abs=5e-4)
    left = model.survival(12)
    assert left["value"][12] == pytest.approx(0.380, abs=0.005)
    stay = model.retention(12)
    np.testing.assert_allclose(np.cumprod(stay["value"]), left["value"][1:], rtol=1e-12)
    assert left.to_dict()["period"] == list(range(13))
    lifetime = model.residual_lifetime(1, discount=0.1)
    assert lifetime["low"] < lifetime["value"] < lifetime["high"]


def test_cohorts_of_different_length():
    model = ShiftedBetaGeo().fit(HIGH_END)
    # What the model expects of a cohort is fitted by the model.
    whole = 1000 * np.asarray(model.survival(9)["value"])
    again = ShiftedBetaGeo().fit([whole, 3 * whole[:4], whole[:2]])
    assert again.n_customers_ == 5000
    for name, value in model.params_.items():
        assert again.params_[name] == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("survivors", [[], [[]], [100], [100, 120], [100, -1], [100, np.nan]])
def test_no_cohorts(survivors):
    with pytest.raises(ValueError, match="survivors"):
        ShiftedBetaGeo().fit(survivors)


@pytest.mark.parametrize(
    ("survivors", "why"), [([50, 50], "no customer was lost"), ([100, 60], "flat|rises")]
)
def test_what_is_not_identified(survivors, why):
    with pytest.warns(RuntimeWarning, match=why):
        assert not ShiftedBetaGeo().fit(survivors).converged_


def test_plot():
    pytest.importorskip("matplotlib").use("Agg")
    assert len(ShiftedBetaGeo().fit([HIGH_END, HIGH_END[:4]]).plot(periods=12).lines) == 2
