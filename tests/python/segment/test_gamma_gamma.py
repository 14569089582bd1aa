import numpy as np
import pytest
from clarion.segment import GammaGamma


def spent(n=3000, seed=2, p=6.0, q=4.0, v=15.0):
    random = np.random.default_rng(seed)
    x = random.integers(0, 6, n).astype(float)
    z = random.gamma(p * np.maximum(x, 1)) / random.gamma(q, 1 / v, n) / np.maximum(x, 1)
    return {"frequency": x, "monetary": np.where(x > 0, z, np.nan)}


def test_cdnow(cdnow_folder):
    # lifetimes, on the 946 customers who bought again; published as 6.25, 3.74, 15.44.
    rows = np.genfromtxt(
        cdnow_folder / "cdnow_customers_summary_with_transactions.csv.gz", delimiter=",", skip_header=1
    )
    model = GammaGamma().fit(frequency=rows[:, 1], monetary=rows[:, 4])
    assert model.n_customers_ == 946
    for name, value in {"p": 6.248804, "q": 3.744588, "v": 15.447745}.items():
        assert model.params_[name] == pytest.approx(value, rel=1e-6)
    assert model.log_likelihood_ == pytest.approx(-4055.92324, abs=1e-4)


def test_values_and_intervals():
    data = spent()
    model = GammaGamma().fit(**data)
    p, q, v = model.params_.values()
    x, z = data.values()
    amount = np.where(x > 0, x * np.nan_to_num(z), 0)
    np.testing.assert_allclose(model.expected_value(), p * (v + amount) / (p * x + q - 1), rtol=1e-12)
    found = model.expected_value([0, 3], [np.nan, 20], intervals=True)
    assert (found["low"] < found["value"]).all() and (found["value"] < found["high"]).all()
    low, high = model.intervals_["low"], model.intervals_["high"]
    for name, truth, below, above in zip("pqv", (6, 4, 15), low, high, strict=True):
        assert below < truth < above, name


def test_large_amounts_and_none():
    data = spent()
    one = GammaGamma().fit(**data)
    large = GammaGamma().fit(frequency=data["frequency"], monetary=1e12 * data["monetary"])
    assert large.params_["v"] == pytest.approx(1e12 * one.params_["v"], rel=1e-6)
    for value in (0, -5, np.nan, np.inf):
        with pytest.raises(ValueError, match="monetary"):
            GammaGamma().fit(frequency=[1, 2], monetary=[10, value])
    with pytest.warns(RuntimeWarning, match="no customer has a transaction"):
        GammaGamma().fit(frequency=[0, 0], monetary=[0, 0])
    with pytest.warns(RuntimeWarning, match="every mean value is the same"):
        GammaGamma().fit(frequency=[1, 2, 3], monetary=[5, 5, 5])


def test_plot():
    pytest.importorskip("matplotlib").use("Agg")
    assert len(GammaGamma().fit(**spent(200)).plot().collections) == 1
