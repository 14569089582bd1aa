import copy
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from clarion.segment import Scaler
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

METHODS = ["standard", "robust", "minmax", "log1p", "yeo_johnson"]


class Scaling(Scaler):
    """scikit-learn's checks set options of its own scalers on a class that is called Scaler."""


@parametrize_with_checks([Scaling(), Scaling("yeo_johnson"), Scaling("robust")])
def test_it_is_a_transformer_of_scikit_learn(estimator, check):
    check(estimator)


def money(rows=800, seed=0):
    random = np.random.default_rng(seed)
    return np.column_stack(
        [random.lognormal(3, 2, rows), random.normal(40, 12, rows), random.lognormal(1, 1, rows) - 3]
    )


@pytest.mark.parametrize(
    ("method", "theirs", "tolerance"),
    [
        ("standard", StandardScaler(), 1e-12),
        ("robust", RobustScaler(), 1e-12),
        ("minmax", MinMaxScaler(), 1e-12),
        ("yeo_johnson", PowerTransformer(), 1e-4),  # both searches stop where the likelihood is flat
    ],
)
def test_it_agrees_with_scikit_learn(method, theirs, tolerance):
    x = money()
    np.testing.assert_allclose(
        Scaler(method).fit_transform(x), theirs.fit_transform(x), rtol=tolerance, atol=tolerance
    )


def test_log1p_keeps_the_sign():
    x = money()
    logs = np.sign(x) * np.log1p(np.abs(x))
    np.testing.assert_allclose(
        Scaler("log1p").fit_transform(x), (logs - logs.mean(0)) / logs.std(0), atol=1e-12
    )


@pytest.mark.parametrize("method", METHODS)
def test_parameters_serve_new_rows_and_come_back(method):
    x, new = money(), money(50, seed=1)
    scaler = Scaler(method).fit(x)
    np.testing.assert_allclose(scaler.transform(x), Scaler(method).fit_transform(x), atol=0)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(new)), new, rtol=1e-6)
    for other in (pickle.loads(pickle.dumps(scaler)), copy.deepcopy(scaler)):
        np.testing.assert_array_equal(other.transform(new), scaler.transform(new))
    one = Scaler(method, n_jobs=1).fit(x)
    np.testing.assert_array_equal(one.transform(x), scaler.transform(x))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_frames_keep_their_names(kind):
    frame = kind({"spend": [1.0, 5, 100, 7], "country": [3, 3, 3, 3], "visits": [1, 2, 3, 4]})
    scaler = Scaler("robust").fit(frame)
    assert scaler.get_feature_names_out().tolist() == ["spend", "country", "visits"]
    assert scaler.feature_names_in_.tolist() == ["spend", "country", "visits"]
    assert scaler.constant_features_ == ["country"]
    assert scaler.scale_[1] == 1
    assert [finding.code for finding in scaler.findings_] == ["G301"]
    assert "country" in scaler.findings_[0].message
    assert "G301" in scaler._repr_html_()
    with pytest.raises(ValueError, match="same order"):
        scaler.transform(frame[["visits", "country", "spend"]])
    with pytest.raises(ValueError, match="unseen"):
        scaler.transform(kind({"spend": [1.0], "country": [3], "other": [1]}))
    with pytest.raises(ValueError, match="2 features"):
        scaler.transform([[1.0, 2.0]])


def test_spend_that_is_mostly_nothing():
    x = np.where(np.arange(100)[:, None] % 10 == 0, np.arange(100)[:, None] * 5.0, 0)
    scaler = Scaler("robust").fit(x)
    assert [finding.code for finding in scaler.findings_] == ["G302"]
    assert scaler.scale_[0] == pytest.approx(x.std())


@given(
    st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=40),
    st.sampled_from(METHODS),
)
@settings(max_examples=150, deadline=None)
@example([0.0, 7.7e-215], "standard")
def test_no_column_makes_what_is_not_finite(values, method):
    x = np.array(values)[:, None]
    out = Scaler(method, n_jobs=1).fit_transform(x)
    assert np.isfinite(out).all()
    # Equal values stay equal, and order stays order.
    order = np.argsort(x[:, 0], kind="stable")
    assert (np.diff(out[order, 0]) >= -1e-9 * max(1, np.abs(out).max())).all()


def test_in_a_pipeline_and_cloned():
    from sklearn.cluster import KMeans

    pipe = make_pipeline(Scaler("log1p"), KMeans(3, n_init=1, random_state=0))
    assert len(set(pipe.fit_predict(money()))) == 3
    assert clone(Scaler("robust")).method == "robust"
    assert repr(Scaler("robust")) == "Scaler(method='robust')"


def test_what_is_not_allowed():
    with pytest.raises(ValueError, match='method: "magic"'):
        Scaler("magic").fit([[1.0]])
    with pytest.raises(ValueError, match="NaN of column spend"):
        Scaler().fit(pd.DataFrame({"spend": [1.0, np.nan]}))
    with pytest.raises(ValueError, match="call fit first"):
        Scaler().transform([[1.0]])
    with pytest.raises(ValueError, match="not an option"):
        Scaler().set_params(speed=1)
    with pytest.raises(ValueError, match="squares are finite"):
        Scaler().fit([[-1e300], [1e300]])
