import numpy as np
import pytest
from clarion import ClarionError
from clarion.recommend import ImplicitALS, Interactions, Recommender, evaluate, tune
from scipy import sparse, stats

SPACE = {"regularization": [1e-4, 0.01, 1.0], "factors": [2, 8]}
MODEL = ImplicitALS(max_iter=4)


@pytest.fixture(scope="module")
def data(parts):
    train, test = parts
    return Interactions.from_csr(train + test)


def rows(found):
    return found.to_frame("polars").rows(named=True)


def test_a_grid_on_the_whole_finds_the_best(data):
    split = data.split_random(0.2)
    found = tune(MODEL, SPACE, split, "recall", 5, search="grid", min_resource=1)
    scores = {
        (r, f): evaluate(ImplicitALS(f, r, max_iter=4).fit(split.train), split, 5, "recall")["recall@5"]
        for r in SPACE["regularization"]
        for f in SPACE["factors"]
    }
    assert [row["score"] for row in rows(found)] == list(scores.values())
    assert found.best_score == max(scores.values()) and found.metric == "recall@5"
    assert tuple(found.best_options.values()) == max(scores, key=scores.get)
    assert found.validation == "given"
    assert found.best_model.interactions_.n_interactions == split.train.n_interactions


def test_halving_gives_more_to_fewer(data):
    found = tune(MODEL, SPACE, data, search="grid", min_resource=1 / 4, eta=2)
    by_round = {}
    for row in rows(found):
        by_round.setdefault((row["round"], row["resource"]), []).append(row)
    assert {key: len(of) for key, of in by_round.items()} == {(1, 0.25): 6, (2, 0.5): 3, (3, 1): 1}
    for (number, _), of in by_round.items():
        kept = {row["trial"] for row in rows(found) if row["round"] == number + 1}
        if kept:
            best = sorted(of, key=lambda row: (-row["score"], row["trial"]))[: len(kept)]
            assert kept == {row["trial"] for row in best}
    assert found.validation == "random" and found.best_model.interactions_ is data
    assert found.best_options == {name: rows(found)[-1][name] for name in SPACE}


def test_draws_from_distributions_and_lists(data):
    space = {"regularization": stats.loguniform(1e-4, 1), "factors": [2, 4]}
    found = tune(MODEL, space, data, n_trials=9, random_state=5, refit=False)
    first = [row for row in rows(found) if row["round"] == 1]
    assert len({row["regularization"] for row in first}) == 9
    assert all(1e-4 <= row["regularization"] <= 1 and row["factors"] in (2, 4) for row in first)
    assert found.best_model is None
    again = tune(ImplicitALS(max_iter=4, n_jobs=1), space, data, n_trials=9, random_state=5, refit=False)
    assert again.to_frame().drop(columns="seconds").equals(found.to_frame().drop(columns="seconds"))
    # Draws that repeat count once, and what there is ends.
    assert len({row["trial"] for row in rows(tune(MODEL, {"factors": [2, 4]}, data, n_trials=50))}) == 2


def test_rounds_of_the_model_as_the_resource(data):
    found = tune(MODEL, {"factors": [2, 4, 8]}, data, resource="max_iter", min_resource=1 / 4, eta=2)
    assert [row["resource"] for row in rows(found)] == [0.5] * 3 + [1]
    assert found.best_model.max_iter == 4 and len(found.best_model.loss_) == 4


def test_validation_is_by_time_where_there_are_times(events):
    timed = Interactions.from_frame(events, "user", "item", time="time")
    found = tune(MODEL, {"factors": [1, 2]}, timed, validation_fraction=0.3)
    assert found.validation == "time"
    assert found.best_model.interactions_ is timed


def test_a_lower_metric_is_better_where_it_is(data):
    found = tune(MODEL, SPACE, data, "gini", 5, search="grid", min_resource=1)
    assert found.best_score == min(row["score"] for row in rows(found))


class Fails(ImplicitALS):
    def _learn(self, data, progress, *start):
        if self.factors > 4:
            raise ClarionError("too large")
        return super()._learn(data, progress, *start)


def test_a_trial_that_cannot_be_fitted_has_no_score(data):
    found = tune(Fails(max_iter=2), {"factors": [8, 2, 16]}, data, search="grid", min_resource=1)
    assert found.best_options == {"factors": 2}
    assert [row["error"] for row in rows(found)] == ["too large", "", "too large"]
    with pytest.raises(ClarionError, match="no trial has a score: too large"):
        tune(Fails(), {"factors": [8, 9]}, data)
    nothing = Interactions.from_csr(sparse.csr_matrix(np.eye(3, dtype=np.float32)))
    with pytest.raises(ClarionError, match="nobody has validation entries"):
        tune(MODEL, {"factors": [1, 2]}, nothing)


def test_results_can_be_looked_at(data):
    found = tune(MODEL, {"factors": [2, 4]}, data)
    assert found.to_dict()["best_options"] == found.best_options
    assert "ndcg@20" in repr(found) and "<td" in found._repr_html_()
    assert isinstance(found.best_model, Recommender)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"metric": "accuracy"}, "metric: 'accuracy'"),
        ({"search": "bayes"}, "search: 'bayes'"),
        ({"resource": "money"}, "resource: 'money'"),
        ({"min_resource": 0}, "min_resource: 0"),
        ({"eta": 1}, "eta: 1"),
        ({"n_trials": 0}, "n_trials: 0"),
        ({"k": 0}, "k: 0"),
        ({"validation_fraction": 2}, "test_fraction"),
    ],
)
def test_bad_arguments(data, options, words):
    with pytest.raises(ValueError, match=words):
        tune(MODEL, {"factors": [2, 4]}, data, **options)


@pytest.mark.parametrize(
    ("space", "search", "words"),
    [
        ({}, "random", "at least one option"),
        ({"factors": []}, "random", "factors has no value"),
        ({"depth": [1]}, "random", "depth: not an option of ImplicitALS"),
        ({"factors": stats.randint(1, 3)}, "grid", "a grid needs lists"),
        ({"factors": [0]}, "grid", "factors: 0"),
    ],
)
def test_bad_spaces(data, space, search, words):
    with pytest.raises(ValueError, match=words):
        tune(MODEL, space, data, search=search)


def test_a_split_of_users_has_no_validation_entries(data):
    with pytest.raises(TypeError, match="split of users"):
        tune(MODEL, {"factors": [2]}, data.split_users(0.2))


def test_progress_and_interrupt(data):
    told = []
    tune(MODEL, SPACE, data, progress=told.append)
    assert told == sorted(told) and told[-1] == 1

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(MODEL, SPACE, data, progress=stop)
