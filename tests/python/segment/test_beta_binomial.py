import numpy as np
import pytest
from clarion.segment import BetaBinomial


@pytest.fixture(scope="module")
def donors(cdnow_folder):
    rows = np.genfromtxt(cdnow_folder / "donations.csv", delimiter=",", skip_header=1)
    return dict(zip(("frequency", "recency", "n", "counts"), rows.T, strict=True))


def test_donations(donors):
    # BTYD walkthrough; Fader, Hardie and Shang (2010), table 3.
    model = BetaBinomial().fit(**donors)
    assert model.converged_
    expected = {"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6568, "delta": 2.7838}
    for name, value in expected.items():
        assert model.params_[name] == pytest.approx(value, rel=5e-4)
    assert model.log_likelihood_ == pytest.approx(-33225.58, abs=0.01)
    assert model.n_customers_ == 11104
    table = model.frequencies(6)
    assert sum(table["actual"]) == pytest.approx(11104)
    assert sum(table["expected"]) == pytest.approx(11104)
    # The paper's histogram is within some 5% of the data.
    np.testing.assert_allclose(table["expected"][:7], table["actual"][:7], rtol=0.08)


def test_donations_to_come(donors):
    model = BetaBinomial().fit(**donors)
    # Who gave every year is expected to give most; one who never did, least (the paper's table of 1996-2001 to 2002-2006: 3.75
    # and .07).
    assert model.expected_purchases(5, [6], [6], [6])[0] == pytest.approx(3.75, abs=0.01)
    assert model.expected_purchases(5, [0], [0], [6])[0] == pytest.approx(0.07, abs=0.01)
    found = model.expected_purchases(5, intervals=True)
    assert (found["low"] < found["value"]).all() and (found["value"] < found["high"]).all()
    assert 0 < model.p_alive().min() < model.p_alive().max() < 1


def test_occasions(donated):
    one = BetaBinomial().fit(**donated)
    assert one.converged_
    each = BetaBinomial().fit(**{**donated, "n": np.full(len(donated["recency"]), donated["n"])})
    assert each.params_ == one.params_
    with pytest.raises(ValueError, match="whole"):
        one.expected_purchases(1.5)
    for changed, named in (
        ({"frequency": [3]}, "frequency: 3 at row 0"),
        ({"recency": [1.5]}, "recency: 1.5 at row 0"),
        ({"n": [1]}, "at most the n"),
        ({"counts": [np.nan]}, "counts: nan"),
    ):
        with pytest.raises(ValueError, match=named):
            BetaBinomial().fit(**({"frequency": [1], "recency": [2], "n": [4]} | changed))
    with pytest.warns(RuntimeWarning, match="no customer bought at any occasion"):
        BetaBinomial().fit(frequency=[0, 0], recency=[0, 0], n=[4, 5])
