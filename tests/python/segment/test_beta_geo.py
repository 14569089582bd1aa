import numpy as np
import pytest
from clarion.segment import BetaGeo


def test_cdnow(cdnow):
    # Fader, Hardie and Lee (2005); full precision on this file by another implementation.
    model = BetaGeo().fit(**cdnow)
    assert model.converged_ and model.reason_ == ""
    expected = {"r": 0.242593, "alpha": 4.413532, "a": 0.792886, "b": 2.425754}
    assert list(model.params_) == list(expected)
    for name, value in expected.items():
        assert model.params_[name] == pytest.approx(value, rel=1e-6)
    assert model.log_likelihood_ == pytest.approx(-9582.42556, abs=1e-5)
    assert model.score(**cdnow) == pytest.approx(model.log_likelihood_, rel=1e-12)
    assert model.expected_purchases_of_new(52) == pytest.approx(1.444004, rel=1e-4)
    # BTYD walkthrough: 26 repeat purchases.
    assert model.expected_purchases(52, [26], [30.857], [31])[0] == pytest.approx(25.75659, rel=1e-4)
    assert model.p_alive([26], [30.857], [31])[0] == pytest.approx(0.9688523, rel=1e-5)


def test_it_agrees_with_lifetimes(customers):
    lifetimes = pytest.importorskip("lifetimes")
    theirs = lifetimes.BetaGeoFitter().fit(*customers.values())
    ours = BetaGeo().fit(**customers)
    for name, value in theirs.params_.items():
        assert ours.params_[name] == pytest.approx(value, rel=1e-4)
    x, t, T = customers.values()
    np.testing.assert_allclose(ours.p_alive(), theirs.conditional_probability_alive(x, t, T), rtol=1e-4)
    for time in (0.5, 10, 200):
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(time, x, t, T)
        np.testing.assert_allclose(ours.expected_purchases(time), expected, rtol=2e-4)
        assert ours.expected_purchases_of_new(time) == pytest.approx(
            theirs.expected_number_of_purchases_up_to_time(time), rel=1e-4
        )
    np.testing.assert_allclose(
        ours.purchase_probabilities(10, 5),
        [theirs.probability_of_n_purchases_up_to_time(10, n) for n in range(6)],
        rtol=1e-4,
    )


def test_all_customers_once_is_said_and_predicts_nothing():
    with pytest.warns(RuntimeWarning, match="no customer bought again"):
        model = BetaGeo().fit(frequency=[0, 0, 0], recency=[0, 0, 0], T=[5, 6, 7])
    assert not model.converged_
    assert "none of r, alpha, a and b is identified" in model.reason_
    assert np.isnan(list(model.params_.values())).all()
    assert np.isnan(model.expected_purchases(5)).all()
    assert np.isnan(model.expected_purchases_of_new(5))
    assert "not converged" in model._repr_html_()


@pytest.mark.parametrize("n", [1, 5])
def test_equal_customers_are_not_enough(n):
    with pytest.warns(RuntimeWarning, match="identified|climb"):
        model = BetaGeo().fit(frequency=[2] * n, recency=[4] * n, T=[9] * n)
    assert not model.converged_
    assert np.isnan(model.intervals_["low"]).all()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"frequency": [1, np.nan]}, "frequency: nan at row 1"),
        ({"frequency": [1, 0.5]}, "frequency: 0.5 at row 1"),
        ({"frequency": [1, -1]}, "frequency: -1 at row 1"),
        ({"recency": [1, np.inf]}, "recency: inf at row 1"),
        ({"recency": [1, 11]}, "recency: 11 at row 1"),
        ({"recency": [0, 2]}, "recency: 0 at row 0"),
        ({"T": [10, np.nan]}, "T: nan at row 1"),
        ({"T": [10]}, "T: 1 rows"),
        ({"T": ["a", "b"]}, "T: list holds no numbers"),
        ({"T": [[10], [10]]}, "T: 2 dimensions"),
        ({"weights": [1, -1]}, "weights: -1 at row 1"),
        ({"weights": [0, 0]}, "weights: 0 in every row"),
    ],
)
def test_what_is_no_history_is_named(changed, named):
    data = {"frequency": [1, 2], "recency": [1, 2], "T": [10, 10]} | changed
    with pytest.raises(ValueError, match=named):
        BetaGeo().fit(**data)


def test_bad_options():
    with pytest.raises(ValueError, match="level"):
        BetaGeo(level=1.5).fit(frequency=[1], recency=[1], T=[2])
    with pytest.raises(ValueError, match="penalizer"):
        BetaGeo(penalizer=-1).fit(frequency=[1], recency=[1], T=[2])


def test_a_penalty_pulls_parameters_in(customers):
    plain, pulled = BetaGeo().fit(**customers), BetaGeo(penalizer=0.1).fit(**customers)
    assert pulled.params_["b"] < plain.params_["b"]
    assert pulled.log_likelihood_ < plain.log_likelihood_
    assert pulled.score(**customers) == pytest.approx(pulled.log_likelihood_)


def test_any_columns(customers):
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    one = BetaGeo().fit(**customers)
    for kind in (pandas.DataFrame, polars.DataFrame):
        frame = kind(customers)
        other = BetaGeo().fit(**{name: frame[name] for name in customers})
        assert other.params_ == one.params_
    missing = pandas.Series([1, None], dtype="Int64")
    with pytest.raises(ValueError, match="frequency: nan at row 1"):
        BetaGeo().fit(frequency=missing, recency=[1, 1], T=[2, 2])
