import os
import signal
import threading

import numpy as np
import pytest
from clarion.segment import BetaBinomial, BetaGeo, ModifiedBetaGeo, ParetoNBD
from hypothesis import given, settings
from hypothesis import strategies as st

TIMED = [BetaGeo, ModifiedBetaGeo, ParetoNBD]


@pytest.mark.parametrize("kind", TIMED)
def test_fitted_attributes(kind, customers):
    model = kind()
    with pytest.raises(ValueError, match="not fitted"):
        model.p_alive()
    assert model.fit(**customers) is model
    assert model.converged_
    assert model.intervals_.columns == ["parameter", "value", "sd", "low", "high"]
    assert model.covariance_.shape == (4, 4)
    assert model.n_customers_ == 4000
    assert model.to_frame("pyarrow").num_rows == 4
    assert model.to_dict()["converged"] is True
    assert "<table>" in model._repr_html_()
    alive = model.p_alive()
    assert alive.shape == (4000,) and (alive >= 0).all() and (alive <= 1).all()
    found = model.expected_purchases(10, intervals=True)
    np.testing.assert_array_equal(found["value"], model.expected_purchases(10))
    assert (found["low"] <= found["value"]).all() and (found["value"] <= found["high"]).all()
    np.testing.assert_allclose(
        model.expected_purchases_of_new([1, 20]), [model.expected_purchases_of_new(t) for t in (1, 20)]
    )
    assert model.purchase_probabilities(20, 200).sum() == pytest.approx(1, abs=1e-3)


def test_parameters_and_repr():
    model = BetaGeo(penalizer=0.1, n_jobs=1)
    assert model.get_params() == {"penalizer": 0.1, "level": 0.95, "starts": 3, "n_jobs": 1}
    assert repr(model.set_params(level=0.9)) == "BetaGeo(penalizer=0.1, level=0.9, n_jobs=1)"
    with pytest.raises(ValueError, match="not an option"):
        model.set_params(k=3)
    clone = pytest.importorskip("sklearn.base").clone
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("kind", TIMED)
def test_threads_and_order_change_nothing(kind, customers):
    one = kind(n_jobs=1).fit(**customers)
    order = np.random.default_rng(0).permutation(4000)
    other = kind(n_jobs=3).fit(**{name: values[order] for name, values in customers.items()})
    assert one.params_ == other.params_
    assert one.log_likelihood_ == other.log_likelihood_
    np.testing.assert_array_equal(one.expected_purchases(7)[order], other.expected_purchases(7))


def test_frequencies_and_tracking(customers):
    model = BetaGeo().fit(**customers)
    table = model.frequencies(3)
    assert table["purchases"] == ["0", "1", "2", "3", "4+"]
    x = customers["frequency"]
    np.testing.assert_array_equal(table["actual"], [*np.bincount(x.astype(int))[:4], (x > 3).sum()])
    np.testing.assert_allclose(table["expected"], table["actual"], rtol=0.1)
    repeats = np.random.default_rng(0).uniform(0, 40, int(x.sum()))
    tracked = model.tracking(repeats)
    assert tracked["actual"][-1] == x.sum()
    assert (np.diff(tracked["expected"]) > 0).all()
    assert tracked["expected"][-1] == pytest.approx(x.sum(), rel=0.05)
    assert len(model.tracking(repeats, [10, 20])) == 2


def test_plots(customers, donated):
    pytest.importorskip("matplotlib").use("Agg")
    model = BetaGeo().fit(**customers)
    assert len(model.plot().patches) == 18
    assert len(model.plot(repeats=[1, 2, 3]).lines) == 2
    donors = BetaBinomial().fit(**donated)
    assert len(donors.plot(most=4).patches) == 12
    assert donors.plot(repeats=[1, 2, 2, 3]).lines


def test_columns_go_together(customers):
    model = BetaGeo().fit(**customers)
    with pytest.raises(ValueError, match="T: missing"):
        model.p_alive([1], [1])
    with pytest.raises(ValueError, match="periods"):
        model.expected_purchases(-1)
    assert model.expected_purchases(3, [], [], []).shape == (0,)


def test_an_interrupted_fit_leaves_the_model_unfitted():
    random = np.random.default_rng(0)
    T = random.uniform(50, 100, 300_000)
    x = random.poisson(3, len(T)).astype(float)
    t = np.where(x > 0, T * random.uniform(0.1, 1, len(T)), 0)
    model = ParetoNBD(n_jobs=1)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(frequency=x, recency=t, T=T)
    assert not hasattr(model, "params_")


def test_progress_rises(customers):
    seen = []
    random = np.random.default_rng(0)
    T = random.uniform(50, 100, 100_000)
    x = random.poisson(random.gamma(1, 2, len(T))).astype(float)
    t = np.where(x > 0, T * random.uniform(0.1, 1, len(T)), 0)
    ParetoNBD(n_jobs=1).fit(frequency=x, recency=t, T=T, progress=seen.append)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)


def test_pickled_models_predict(customers):
    import pickle

    model = BetaGeo().fit(**customers)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.p_alive(), model.p_alive())


history = st.tuples(st.integers(0, 10**6), st.floats(0.001, 1), st.floats(1e-6, 1e6))
positive = st.floats(1e-4, 1e4)


@given(
    st.sampled_from(TIMED),
    st.tuples(positive, positive, positive, positive),
    st.lists(history, min_size=1, max_size=5),
    st.floats(0, 1e4),
)
@settings(max_examples=60, deadline=None)
def test_predictions_are_numbers_within_their_bounds(kind, params, histories, t):
    model = kind()
    model.params_ = dict(zip("abcd", params, strict=True))
    model.covariance_ = None
    x = np.array([float(n) for n, _, _ in histories])
    T = np.array([end for _, _, end in histories])
    recency = np.where(x > 0, T * [share for _, share, _ in histories], 0)
    alive = model.p_alive(x, recency, T)
    assert ((alive >= 0) & (alive <= 1)).all()
    t = t * float(T.min())
    found = model.expected_purchases(t, x, recency, T)
    assert (found >= 0).all() and np.isfinite(found).all()
    # Nobody buys more than if they were never lost.
    rate = (params[0] + x) / (params[1] + T) * t
    assert (found <= rate * (1 + 1e-9)).all()
