import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from clarion.segment import Propensity
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression as Rival
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

DATA = os.environ.get("CLARION_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="CLARION_DATA names no folder of public data sets")


@pytest.fixture(autouse=True)
def one_thread_of_openmp():
    """Teams of OpenMP spin where the machine is busy."""
    with threadpool_limits(1, "openmp"):
        yield


def customers(n=2000, seed=1):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(n) + 1000,
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, n), "D"),
            "visits": random.poisson(4, n).astype(float),
            "spend": random.lognormal(3, 1, n),
            "city": random.choice(["Riga", "Oslo", "Bonn"], n),
            "member": random.random(n) < 0.4,
        }
    )
    odds = 0.4 * (frame.visits - 4) + 0.8 * (frame.city == "Oslo") + 0.5 * frame.member - 0.6
    frame["bought"] = np.where(random.random(n) < 1 / (1 + np.exp(-odds)), "yes", "no")
    frame.loc[::17, "visits"] = np.nan
    frame.loc[::23, "city"] = None
    return frame


def fitted(model=None, **options):
    return Propensity(model, customer="id", time="joined", **options).fit(customers(), "bought")


@pytest.mark.parametrize(
    ("model", "calibration"),
    [
        (None, None),
        (None, "isotonic"),
        ("trees", "platt"),
        (GaussianNB(), "isotonic"),
        (LinearSVC(), "platt"),
        (RandomForestClassifier(20, random_state=0), None),
    ],
)
def test_any_classifier_fits_the_slot(model, calibration):
    model = fitted(model, calibration=calibration)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.columns_ == ["visits", "spend", "city", "member"]
    quality = model.evaluate()
    assert 0.55 < quality.auc < 0.9
    fresh = customers(seed=2)
    assert model.evaluate(fresh, "bought").auc == pytest.approx(quality.auc, abs=0.08)
    p = model.predict_proba(fresh)
    assert p.shape == (2000, 2) and ((p >= 0) & (p <= 1)).all()
    if calibration:
        assert model.evaluate().reliability.expected_error < 0.08
    assert len(model.score_customers(fresh, reasons=0).to_frame()) == 2000


def test_time_is_respected():
    frame = customers()
    model = fitted()
    assert sorted(set(model.fold_.tolist())) == [-1, 1, 2, 3, 4, 5]
    assert np.isnan(model.oof_scores_[model.fold_ == -1]).all()
    days = frame.joined.to_numpy()
    for k in range(1, 6):
        assert days[model.fold_ < k].max() < days[model.fold_ == k].min()
    table = model.folds_.to_dict()
    assert table["train"] == sorted(table["train"]) and len(table["auc"]) == 5
    # What a block is judged by does not depend on what comes after.
    later = frame.joined > days[model.fold_ == 3].max()
    changed = frame.assign(visits=frame.visits.where(~later, 3.0))
    again = Propensity(customer="id", time="joined").fit(changed, "bought")
    np.testing.assert_array_equal(again.oof_scores_[~later], model.oof_scores_[~later])
    with pytest.raises(ValueError, match="one time"):
        Propensity(time="joined").fit(frame.assign(joined="2024-01-01"), "bought")
    texts = frame.assign(joined=frame.joined.dt.strftime("%Y-%m-%d"))
    np.testing.assert_array_equal(
        Propensity(customer="id", time="joined").fit(texts, "bought").fold_, model.fold_
    )
    with pytest.raises(ValueError, match="ISO dates"):
        Propensity(time="joined").fit(frame.assign(joined="soon"), "bought")


def test_calibration_is_judged_on_rows_it_has_not_seen():
    model = fitted(calibration="isotonic")
    # The first block that is judged has no earlier one to be calibrated by.
    assert np.isnan(model.oof_calibrated_[model.fold_ == 1]).all()
    assert np.isfinite(model.oof_calibrated_[model.fold_ > 1]).all()
    drawn = Propensity(calibration="isotonic", customer="id").fit(
        customers().drop(columns="joined"), "bought"
    )
    assert np.isfinite(drawn.oof_calibrated_).all() and (drawn.fold_ >= 0).all()


@pytest.mark.parametrize("model", [None, "trees", Rival()])
def test_reasons_sum_to_the_score(model):
    model = fitted(model)
    fresh = customers(seed=3).drop(columns=["bought", "joined"])
    fresh.loc[0, "city"] = "Rome"  # a city that is new
    why = model.explain(fresh)
    p = model.predict_proba(fresh)[:, 1]
    np.testing.assert_allclose(why.log_odds, np.log(p / (1 - p)), atol=1e-6)
    assert why.contributions.shape == (2000, 4)
    scored = model.score_customers(fresh, reasons=2)
    frame = scored.to_frame()
    assert list(frame.columns) == [
        "customer", "score", "rank", "tenth", "reason_1", "effect_1", "reason_2", "effect_2",
    ]  # fmt: skip
    assert frame.customer.tolist() == fresh.id.tolist()
    assert (frame.effect_1.abs() >= frame.effect_2.abs()).all()
    best = frame.sort_values("rank")
    assert best.score.is_monotonic_decreasing and best.tenth.is_monotonic_increasing
    assert frame.tenth.max() == 10
    assert len(why.to_frame()) == 8000 and set(why.to_dict()) >= {"base", "contributions"}
    for thing in (why, scored):
        assert "customers" in repr(thing) and "<table>" in thing._repr_html_()


def test_pictures_of_reasons():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    assert "Customer" in fitted().explain(customers()).plot(3).get_title()


def test_frames_of_other_kinds_and_arrays():
    polars = pytest.importorskip("polars")
    frame = customers()
    model = fitted()
    other = Propensity(customer="id", time="joined").fit(polars.from_pandas(frame), "bought")
    np.testing.assert_allclose(other.oof_scores_, model.oof_scores_)
    assert type(other.score_customers(polars.from_pandas(frame)).to_frame()).__module__.startswith("polars")
    kinds = frame.assign(city=frame.city.astype("category"), visits=frame.visits.astype("Int64"))
    for table in (kinds, polars.from_pandas(kinds)):
        same = Propensity(customer="id", time="joined").fit(table, "bought")
        np.testing.assert_allclose(same.oof_scores_, model.oof_scores_)
    x = frame[["visits", "spend"]].to_numpy()
    assert Propensity().fit(x, frame.bought).columns_ == ["x0", "x1"]
    weight = np.random.default_rng(1).exponential(size=len(frame))
    assert 0.5 < Propensity().fit(x, frame.bought, weight).evaluate().auc < 1


def test_the_same_answer_twice_and_for_any_number_of_threads():
    one, many = (fitted(calibration="platt", n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.oof_calibrated_, many.oof_calibrated_)


def test_what_is_not_allowed():
    frame = customers()
    for options, change, word in (
        ({"folds": 1}, {}, "folds"),
        ({"calibration": "magic"}, {}, "calibration"),
        ({"model": "forest"}, {}, "model"),
        ({"time": "when"}, {}, "time: there is no column 'when'"),
        ({"customer": "who"}, {}, "customer: there is no column 'who'"),
        ({"time": None}, {}, "column joined: a date"),
        ({}, {"visits": np.inf}, "column visits: infinity"),
        ({}, {"visits": np.nan}, "column visits: every value is missing"),
        (
            {},
            {"city": [f"c{i}" for i in range(2000)]},
            "column city: 2,000 different texts|column city: 1,.* texts|texts in",
        ),
        ({}, {"joined": None}, "time"),
        ({}, {"bought": "yes"}, "one class alone"),
    ):
        with pytest.raises(ValueError, match=word):
            Propensity(**{"time": "joined", "customer": "id", **options}).fit(
                frame.assign(**change), "bought"
            )
    with pytest.raises(ValueError, match="y: there is no column"):
        Propensity().fit(frame, "sold")
    with pytest.raises(TypeError, match="classifier"):
        Propensity(3).fit(frame.drop(columns="joined"), "bought")
    with pytest.raises(ValueError, match="folds"):
        Propensity(folds=30).fit(frame.head(20).drop(columns="joined"), "bought")
    with pytest.raises(ValueError, match="no rows"):
        Propensity().fit(frame.head(0), "bought")
    with pytest.raises(AttributeError, match="not fitted"):
        Propensity().score_customers(frame)
    model = fitted(RandomForestClassifier(5))
    with pytest.raises(TypeError, match="no exact reasons"):
        model.explain(frame)
    with pytest.raises(ValueError, match="city"):
        model.predict_proba(frame.drop(columns="city"))
    with pytest.raises(ValueError, match="classes"):
        model.evaluate(frame, np.full(2000, "maybe"))


def telco():
    frame = pd.read_csv(Path(DATA) / "telco-churn" / "Telco-Customer-Churn.csv.gz")
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    return frame.drop(columns="customerID"), "Churn"


def bank():
    frame = pd.read_csv(Path(DATA) / "bank-marketing" / "bank-additional-full.csv.gz", sep=";")
    # The length of the call is known after the call: who answers yes talks longer.
    return frame.drop(columns="duration"), "y"


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("load", [telco, bank])
def test_public_data_are_ranked_as_well_as_by_scikit_learn(load):
    frame, target = load()
    x, y = frame.drop(columns=target), (frame[target].str.lower() == "yes").to_numpy()
    texts = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
    ours = {name: Propensity(name).fit(frame, target) for name in ("logistic", "trees")}
    folds = ours["trees"].fold_
    np.testing.assert_array_equal(ours["logistic"].fold_, folds)
    filled = x.fillna(x.mean(numeric_only=True))
    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), remainder=StandardScaler()
    )
    rivals = {
        "logistic": (make_pipeline(encoded, Rival(max_iter=1000)), filled),
        "trees": (
            HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0),
            x.astype(dict.fromkeys(texts, "category")),
        ),
    }
    best = 0.0
    for model, table in rivals.values():
        scores = np.zeros(len(y))
        for k in range(5):
            model.fit(table[folds != k], y[folds != k])
            scores[folds == k] = model.predict_proba(table[folds == k])[:, 1]
        best = max(best, roc_auc_score(y, scores))
    found = max(model.evaluate().auc for model in ours.values())
    assert found > best - 0.005
    # The same regression, but for what stands in for missing values.
    assert ours["logistic"].evaluate().auc > 0.75
