import numpy as np
import pytest
from clarion.segment import ModifiedBetaGeo


def test_it_agrees_with_lifetimes(customers):
    lifetimes = pytest.importorskip("lifetimes")
    theirs = lifetimes.ModifiedBetaGeoFitter().fit(*customers.values())
    ours = ModifiedBetaGeo().fit(**customers)
    for name, value in theirs.params_.items():
        assert ours.params_[name] == pytest.approx(value, rel=1e-3)
    x, t, T = customers.values()
    np.testing.assert_allclose(ours.p_alive(), theirs.conditional_probability_alive(x, t, T), rtol=1e-3)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(20, x, t, T)
    np.testing.assert_allclose(ours.expected_purchases(20), expected, rtol=1e-3)
    assert ours.expected_purchases_of_new(20) == pytest.approx(
        theirs.expected_number_of_purchases_up_to_time(20), rel=1e-3
    )


def test_who_never_bought_again_may_be_lost(cdnow):
    model = ModifiedBetaGeo().fit(**cdnow)
    assert model.converged_
    assert model.p_alive()[cdnow["frequency"] == 0].max() < 1
