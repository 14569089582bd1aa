import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from clarion import _core
from clarion.segment import LogisticRegression as InSegment
from clarion.stats import LogisticRegression
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression as Rival
from sklearn.utils.estimator_checks import parametrize_with_checks


def drawn(rows=800, columns=6, seed=1):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns)) * np.arange(1, columns + 1) + np.arange(columns)
    odds = (x - x.mean(0)) @ (random.normal(size=columns) / np.arange(1, columns + 1)) - 0.3
    return x, (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)


@parametrize_with_checks([LogisticRegression()])
def test_it_is_an_estimator_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("penalty", "ratio"), [("l2", 0.0), ("l1", 1.0), ("elasticnet", 0.5), (None, 0.0)])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 1, 1: 3}])
def test_coefficients_are_those_of_scikit_learn(penalty, ratio, C, intercept, class_weight):
    x, y = drawn()
    weight = np.random.default_rng(2).exponential(size=len(y))
    ours = LogisticRegression(
        penalty, C=C, l1_ratio=ratio, fit_intercept=intercept, class_weight=class_weight, tol=1e-8
    ).fit(x, y, weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # saga wants columns of one size, which a penalty does not forgive: its steps are many instead.
        theirs = Rival(
            C=np.inf if penalty is None else C, l1_ratio=ratio, fit_intercept=intercept, class_weight=class_weight,
            tol=1e-10, max_iter=100_000, solver="saga" if ratio else "newton-cholesky",
        ).fit(x, y, weight)  # fmt: skip
    assert ours.converged_
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), atol=1e-4)
    np.testing.assert_allclose(ours.predict_log_proba(x), theirs.predict_log_proba(x), atol=1e-3)
    assert ours.score(x, y) == pytest.approx(theirs.score(x, y), abs=0.003)


def test_errors_are_those_of_the_information_matrix():
    x, y = drawn()
    model = LogisticRegression(None, tol=1e-10).fit(x, y)
    p = model.predict_proba(x)[:, 1]
    design = np.column_stack([x, np.ones(len(x))])
    covariance = np.linalg.inv(design.T @ ((p * (1 - p))[:, None] * design))
    np.testing.assert_allclose(model.standard_errors_, np.sqrt(covariance.diagonal()), rtol=1e-6)
    assert model.log_likelihood_ == pytest.approx(np.log(np.where(y == 1, p, 1 - p)).sum())
    table = model.summary().to_dict()
    assert table["term"][-1] == "(intercept)" and len(table["p"]) == 7
    assert np.isnan(LogisticRegression("l1").fit(x, y).standard_errors_).all()


def test_labels_names_and_frames():
    x, y = drawn()
    frame = pd.DataFrame(x, columns=list("abcdef"))
    words = np.where(y == 1, "yes", "no")
    model = InSegment().fit(frame, words)
    assert model.classes_.tolist() == ["no", "yes"] and set(model.predict(frame)) == {"no", "yes"}
    np.testing.assert_array_equal(model.feature_names_in_, list("abcdef"))
    assert model.summary()["term"][0] == "a"
    polars = pytest.importorskip("polars")
    np.testing.assert_allclose(model.predict_proba(polars.from_pandas(frame)), model.predict_proba(frame))
    with pytest.raises(ValueError, match="in this order"):
        model.predict(frame[list("bacdef")])
    frame.loc[7, "c"] = np.nan
    with pytest.raises(ValueError, match="column c: NaN in row 7"):
        model.fit(frame, words)
    with pytest.raises(ValueError, match="column c: NaN"):
        LogisticRegression().fit(x, y).set_params(C=2).fit(frame, y)


def test_the_same_bits_for_any_number_of_threads_and_through_a_pickle():
    x, y = drawn(5000, 9)
    one, many = (LogisticRegression(n_jobs=n).fit(x, y) for n in (1, 3))
    assert one.coef_.tobytes() == many.coef_.tobytes()
    again = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(again.predict_proba(x), one.predict_proba(x))


def test_separated_classes_and_columns_that_say_nothing():
    x = np.column_stack([np.arange(20.0), np.full(20, 3.0)])
    y = np.arange(20) >= 10
    with pytest.warns(Warning, match="without a penalty"):
        model = LogisticRegression(None).fit(x, y)
    assert model.separated_ and not model.converged_
    held = LogisticRegression().fit(x, y)
    assert held.converged_ and held.separated_ and held.coef_[0, 1] == 0
    flat = LogisticRegression(None).fit(x, np.arange(20) % 2)
    assert flat.aliased_ == ["x1"] and np.isnan(flat.standard_errors_[1])


@given(
    st.integers(1, 12), st.integers(1, 4), st.integers(0, 10**6), st.sampled_from(["l2", "l1", "elasticnet"])
)
@settings(max_examples=60, deadline=None)
def test_any_small_table_has_an_answer(half, columns, seed, penalty):
    random = np.random.default_rng(seed)
    x = random.integers(-2, 3, (2 * half, columns)) * 10.0 ** random.integers(-6, 12, columns)
    y = np.repeat([0, 1], half)
    model = LogisticRegression(penalty, l1_ratio=0.5, n_jobs=1).fit(x, y)
    assert model.converged_ and np.isfinite(model.coef_).all()
    assert np.isfinite(model.predict_proba(x)).all()


def test_options_are_those_of_the_core():
    known = {name for name, *_ in _core.logistic_options()}
    assert set(LogisticRegression().get_params()) - {"class_weight", "n_jobs"} == known - {"balanced"}


def test_what_is_not_allowed():
    x, y = drawn(50)
    for options, word in (
        ({"penalty": "l3"}, "penalty"),
        ({"C": -1}, "C"),
        ({"tol": 0}, "tol"),
        ({"penalty": "elasticnet", "l1_ratio": 2}, "l1_ratio"),
        ({"max_iter": 0}, "max_iter"),
        ({"class_weight": "heavy"}, "class_weight"),
        ({"class_weight": {5: 1}}, "class_weight"),
        ({"n_jobs": 0}, "n_jobs"),
    ):
        with pytest.raises(ValueError, match=word):
            LogisticRegression(**options).fit(x, y)
    with pytest.raises(ValueError, match="one class alone"):
        LogisticRegression().fit(x, np.ones(50))
    with pytest.raises(ValueError, match="one class alone"):
        LogisticRegression().fit(x, y, sample_weight=y)
    with pytest.raises(AttributeError, match="not fitted"):
        LogisticRegression().predict(x)


def test_a_fit_that_is_stopped_leaves_nothing():
    x, y = drawn(200_000, 30)

    def stop(_):
        raise KeyboardInterrupt

    model = LogisticRegression()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, progress=stop)
    assert not hasattr(model, "coef_")
