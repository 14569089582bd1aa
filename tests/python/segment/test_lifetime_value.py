import numpy as np
import pytest
from clarion.segment import BetaBinomial, BetaGeo, GammaGamma, lifetime_value


@pytest.fixture(scope="module")
def fits(customers):
    random = np.random.default_rng(4)
    x = customers["frequency"]
    z = random.gamma(6 * np.maximum(x, 1)) / random.gamma(4, 1 / 15, len(x)) / np.maximum(x, 1)
    money = {"frequency": x, "monetary": np.where(x > 0, z, 0)}
    return BetaGeo().fit(**customers), GammaGamma().fit(**money), money["monetary"]


def test_values_of_the_fit(fits, customers):
    model, spend, monetary = fits
    found = lifetime_value(model, spend, horizon=3, period=4, discount=0.02)
    before, expected = 0, 0
    for k in (1, 2, 3):
        until = model.expected_purchases(4 * k)
        expected = expected + (until - before) * spend.expected_value() / 1.02**k
        before = until
    np.testing.assert_allclose(found.table["value"], expected, rtol=1e-10)
    assert found.total["value"] == pytest.approx(expected.sum())
    assert found.total["low"] < found.total["value"] < found.total["high"]
    ids = [f"c{i}" for i in range(len(monetary))]
    given = lifetime_value(
        model,
        spend,
        horizon=3,
        period=4,
        discount=0.02,
        **customers,
        monetary=monetary,
        customers=ids,
        intervals=False,
    )
    np.testing.assert_array_equal(given.table["value"], found.table["value"])
    frame = given.to_frame("pyarrow")
    assert frame.column_names == ["customer", "value"]
    assert "LifetimeValue(4,000 customers" in repr(found)
    assert "<table>" in found._repr_html_()
    assert set(found.to_dict()) == {"total", "value", "sd", "low", "high"}


def test_it_agrees_with_lifetimes(fits, customers):
    lifetimes, pandas = pytest.importorskip("lifetimes"), pytest.importorskip("pandas")
    model, spend, monetary = fits
    bought = lifetimes.BetaGeoFitter().fit(*customers.values())
    has = monetary > 0
    money = lifetimes.GammaGammaFitter().fit(customers["frequency"][has], monetary[has])
    theirs = money.customer_lifetime_value(
        bought,
        *(pandas.Series(values[has]) for values in [*customers.values(), monetary]),
        time=6,
        freq="D",
        discount_rate=0.01,
    )
    ours = lifetime_value(
        model, spend, horizon=6, period=30, discount=0.01, monetary=monetary[has],
        **{name: values[has] for name, values in customers.items()},
    )  # fmt: skip
    np.testing.assert_allclose(ours.table["value"], theirs, rtol=1e-3)


def test_occasions_and_weights(fits, donated):
    model = BetaBinomial().fit(**donated)
    _, spend, _ = fits
    found = lifetime_value(
        model, spend, horizon=5, frequency=[1, 3], recency=[2, 4], T=[4, 4], monetary=[10, 30], weights=[2, 3]
    )
    assert found.total["value"] == pytest.approx(float(np.dot([2, 3], found.table["value"])))
    with pytest.raises(ValueError, match="period"):
        lifetime_value(model, spend, period=1.5, frequency=[1], recency=[2], T=[4], monetary=[10])


def test_what_does_not_fit_together(fits):
    model, spend, _ = fits
    with pytest.raises(ValueError, match="not fitted"):
        lifetime_value(BetaGeo(), spend)
    with pytest.raises(ValueError, match="monetary: missing"):
        lifetime_value(model, spend, frequency=[1], recency=[1], T=[2])
    with pytest.raises(ValueError, match="recency: missing"):
        lifetime_value(model, spend, frequency=[1], T=[2], monetary=[1])
    with pytest.raises(ValueError, match="horizon"):
        lifetime_value(model, spend, horizon=0)
    with pytest.raises(ValueError, match="customers: 1 ids"):
        lifetime_value(model, spend, customers=["a"])


def test_unknown_parameters_make_unknown_values(fits):
    _, spend, _ = fits
    with pytest.warns(RuntimeWarning, match="bought again"):
        model = BetaGeo().fit(frequency=[0], recency=[0], T=[5])
    found = lifetime_value(model, spend, frequency=[0], recency=[0], T=[5], monetary=[0])
    assert np.isnan(found.table["value"][0]) and np.isnan(found.total["value"])


def test_plot(fits):
    pytest.importorskip("matplotlib").use("Agg")
    assert len(lifetime_value(*fits[:2]).plot().patches) == 10
