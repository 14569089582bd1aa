import numpy as np
import pytest
from clarion.recommend import ImplicitALS, Interactions, compare, evaluate
from scipy import stats

GOOD, POOR = ImplicitALS(factors=8, regularization=0.01, max_iter=6), ImplicitALS(factors=1, max_iter=1)


@pytest.fixture(scope="module")
def split(parts):
    train, test = parts
    return Interactions.from_csr(train + test).split_random(0.3)


@pytest.fixture(scope="module")
def found(split):
    return compare({"good": GOOD, "poor": POOR}, split, k=(5, 10))


def test_table_holds_what_evaluations_and_scipy_say(found, split):
    rows = {(row["model"], row["metric"]): row for row in found.to_frame().to_dict("records")}
    assert len(rows) == 8 and found.against == "good"
    for name in ("good", "poor"):
        alone = evaluate(found.models[name], split, (5, 10), ["recall", "ndcg"])
        assert alone.to_dict() == found.evaluations[name].to_dict()
        interval = alone.interval("ndcg@10")
        assert (rows[name, "ndcg@10"]["low"], rows[name, "ndcg@10"]["high"]) == interval[1:3]
        assert rows[name, "ndcg@10"]["fit_seconds"] > 0 and rows[name, "ndcg@10"]["recommend_seconds"] > 0
    mine, best = (found.evaluations[name].by_user["ndcg@10"] for name in ("poor", "good"))
    row = rows["poor", "ndcg@10"]
    assert row["difference"] == pytest.approx((mine - best).mean()) and row["difference"] < 0
    assert row["p_t"] == pytest.approx(stats.ttest_rel(mine, best).pvalue)
    assert row["p_sign_flip"] <= row["p_holm"] <= 4 * row["p_sign_flip"] < 0.05
    assert np.isnan(rows["good", "ndcg@10"]["p_holm"]) and np.isnan(rows["good", "ndcg@10"]["difference"])


def test_models_that_were_given_stay_as_they_were(found):
    assert not hasattr(GOOD, "interactions_") and found.models["good"].interactions_.n_users == 150


def test_a_matrix_beside_named_train_entries_is_of_the_same_users_and_items(parts):
    train, test = parts
    names = [f"user {i}" for i in range(train.shape[0])], [f"item {i}" for i in range(train.shape[1])]
    one = compare([GOOD], (Interactions.from_csr(train, *names), test), k=5)
    assert (
        one.to_frame()["value"].tolist() == compare([GOOD], (train, test), k=5).to_frame()["value"].tolist()
    )


def test_names_baseline_and_the_same_model_twice(split):
    found = compare([GOOD, GOOD], split, 5, ["recall", "coverage"], against="ImplicitALS 2")
    row = found.to_frame("polars").row(0, named=True)
    assert row["model"] == "ImplicitALS" and row["difference"] == 0
    assert row["p_t"] == row["p_sign_flip"] == row["p_holm"] == 1
    coverage = found.to_frame("polars").row(1, named=True)  # of all lists: no interval, and no test
    assert np.isnan(coverage["low"]) and np.isnan(coverage["p_sign_flip"]) and coverage["difference"] == 0


def test_interactions_are_split_by_time_where_there_are_times(events):
    timed = Interactions.from_frame(events, "user", "item", time="time")
    found = compare([POOR], timed, 5, "recall")
    cut = timed.split_by_time(test_fraction=0.2)
    assert found.models["ImplicitALS"].interactions_.n_interactions == cut.train.n_interactions
    plain = compare([POOR], Interactions.from_frame(events, "user", "item"), 5, "recall", random_state=3)
    drawn = Interactions.from_frame(events, "user", "item").split_random(0.2, random_state=3)
    assert plain.models["ImplicitALS"].interactions_.n_interactions == drawn.train.n_interactions
    pair = compare([POOR], (drawn.train, drawn.test), 5, "recall")
    assert pair.evaluations["ImplicitALS"].to_dict() == plain.evaluations["ImplicitALS"].to_dict()
    strong = timed.split_users(0.2)
    assert compare([GOOD, POOR], strong, 5).evaluations["ImplicitALS"].users == len(strong.held_out)


def test_results_can_be_looked_at(found):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    ax = found.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["good", "poor"]
    ax.figure.canvas.draw()
    assert "ndcg@5" in found.plot("ndcg@5", ax=ax).get_title()
    pyplot.close("all")
    with pytest.raises(ValueError, match="was not measured"):
        found.plot("map")
    html = found._repr_html_()
    assert "recall@5" in html and "fit seconds" in html and "against" not in html
    assert found.to_dict()["against"] == "good" and "good" in repr(found)


def test_the_same_for_any_number_of_threads(split):
    tables = []
    for n in (1, 3):
        model = ImplicitALS(factors=4, max_iter=2, n_jobs=n)
        table = compare([model, POOR], split, 5, permutations=199, n_jobs=n).to_frame()
        tables.append(table.drop(columns=["fit_seconds", "recommend_seconds"]))
    assert tables[0].equals(tables[1])


def test_bad_arguments(split):
    with pytest.raises(ValueError, match="models: none"):
        compare([], split)
    with pytest.raises(TypeError, match="estimator"):
        compare([ImplicitALS], split)
    with pytest.raises(ValueError, match="against: 'x'"):
        compare([POOR], split, against="x")
    with pytest.raises(ValueError, match="metrics"):
        compare([POOR], split, metrics=[])
    with pytest.raises(ValueError, match="level"):
        compare([POOR], split, level=1.5)
    with pytest.raises(ValueError, match="factors"):
        compare([ImplicitALS(factors=0)], split)
    with pytest.raises(TypeError, match="interactions"):
        compare([POOR], "gowalla")


def test_progress_and_interrupt(split):
    told = []
    compare([POOR, POOR], split, 5, permutations=99, progress=told.append)
    assert told == sorted(told) and told[-1] == 1

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare([POOR], split, progress=stop)
