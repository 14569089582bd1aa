import numpy as np
import pytest
from clarion import _core
from clarion.recommend import ImplicitALS, Interactions, evaluate, metrics
from scipy import sparse


@pytest.fixture(scope="module")
def model(parts):
    return ImplicitALS(factors=8, regularization=0.01, max_iter=6).fit(parts[0])


def unseen_scores(model, train):
    scores = model.user_factors_.astype(float) @ model.item_factors_.T.astype(float)
    scores[train.toarray() > 0] = -np.inf
    return scores


def test_metrics_are_those_of_numpy(model, parts):
    train, test = parts
    found = evaluate(model, test, (3, 10))
    wanted = test.toarray() > 0
    some = wanted.any(1)
    scores = unseen_scores(model, train)
    for k in (3, 10):
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        hits = np.take_along_axis(wanted, order, 1)[some]
        n = wanted.sum(1)[some]
        weights = 1 / np.log2(np.arange(2, k + 2))
        ideal = np.array([weights[: min(k, m)].sum() for m in n])
        precisions = (np.cumsum(hits, 1) / np.arange(1, k + 1) * hits).sum(1)
        expected = {
            "recall": hits.sum(1) / n,
            "recall_min": hits.sum(1) / np.minimum(n, k),
            "precision": hits.mean(1),
            "ndcg": hits @ weights / ideal,
            "map": precisions / np.minimum(n, k),
            "mrr": np.where(hits.any(1), 1 / (1 + hits.argmax(1)), 0),
            "hit_rate": hits.any(1),
        }
        for name, values in expected.items():
            np.testing.assert_allclose(found.by_user[f"{name}@{k}"], values, err_msg=name)
            assert found[f"{name}@{k}"] == pytest.approx(values.mean())
        shown = np.bincount(order[some].ravel(), minlength=60)
        assert found[f"coverage@{k}"] == pytest.approx((shown > 0).mean())
        popularity = np.asarray(train.sum(0)).ravel()
        assert found[f"arp@{k}"] == pytest.approx(popularity[order[some]].mean(1).mean())
        assert found[f"novelty@{k}"] == pytest.approx(-np.log2(popularity[order[some]] / 150).mean(1).mean())
    assert found.users == some.sum() and found.without_relevant == (~some).sum()


def test_ndcg_and_auc_are_those_of_scikit_learn(model, parts):
    from sklearn.metrics import ndcg_score, roc_auc_score

    train, test = parts
    found = evaluate(model, test, 5, ["ndcg", "auc"])
    scores = unseen_scores(model, train)
    rows = np.flatnonzero(test.toarray().any(1))
    for i, row in enumerate(rows):
        left = np.isfinite(scores[row])
        mine = test.toarray()[row, left]
        assert found.by_user["auc"][i] == pytest.approx(roc_auc_score(mine, scores[row, left]))
        assert found.by_user["ndcg@5"][i] == pytest.approx(ndcg_score([mine], [scores[row, left]], k=5))
    assert found["auc"] > 0.6
    graded = test.copy()
    graded.data = np.random.default_rng(1).integers(1, 5, test.nnz).astype(np.float32)
    found = evaluate(model, graded, 5, "ndcg", gains="linear")
    for i, row in enumerate(rows):
        left = np.isfinite(scores[row])
        expected = ndcg_score([graded.toarray()[row, left]], [scores[row, left]], k=5)
        assert found.by_user["ndcg@5"][i] == pytest.approx(expected)


def test_everything_there_is(model, parts):
    names = [metric.name for metric in metrics()]
    groups = np.array(list("abc"))[np.arange(60) % 3]
    found = evaluate(model, parts[1], 10, names, groups=groups, segments=np.arange(150) % 2)
    assert len(found.values) == len(names)
    assert all(np.isfinite(value) for value in found.values.values())
    # The model learns the taste: its lists are near what users had, and alike.
    shuffled = evaluate(
        model, parts[1], 10, "miscalibration", groups=np.random.default_rng(1).permutation(groups)
    )
    assert found["miscalibration@10"] > 0 and shuffled["miscalibration@10"] > 0
    vectors = evaluate(model, parts[1], 10, item_vectors=model.item_factors_)
    assert vectors["diversity@10"] != found["diversity@10"]


def test_ids_are_looked_up(parts):
    train, test = parts
    users, items = [f"u{u:03}" for u in range(150)], [f"i{i:02}" for i in range(60)]

    def named(matrix, keep=slice(None)):
        coo = matrix.tocoo()
        return Interactions.from_arrays(
            np.array(users, object)[coo.row][keep], np.array(items, object)[coo.col][keep]
        )

    model = ImplicitALS(factors=8, regularization=0.01, max_iter=6).fit(named(train))
    by_id = evaluate(model, named(test), 10)
    plain = evaluate(ImplicitALS(factors=8, regularization=0.01, max_iter=6).fit(train), test, 10)
    # The ids of test are fewer, and numbered otherwise.
    for name, value in plain.values.items():
        assert by_id[name] == pytest.approx(value), name
    assert by_id.by_user["user"][0].startswith("u")
    strange = Interactions.from_arrays(["u001", "u001", "nobody"], ["i05", "unheard of", "i01"])
    found = evaluate(model, strange, 60, ["recall", "auc"], exclude_seen=False)
    assert found.unknown_users == 1 and found.users == 1
    assert found["recall@60"] == 0.5  # half of what is relevant is not in the fit
    assert found["auc"] <= 0.5


def test_splits_are_judged_as_they_are_made(parts):
    train, test = parts
    data = Interactions.from_csr(train + test)
    split = data.split_random(0.3)
    model = ImplicitALS(factors=8, max_iter=4).fit(split.train)
    assert evaluate(model, split, 5).to_dict() == evaluate(model, split.test, 5).to_dict()
    strong = data.split_users(0.3)
    model = ImplicitALS(factors=8, regularization=0.01, max_iter=6).fit(strong.train)
    found = evaluate(model, strong, 10)
    assert found.users == len(strong.held_out)
    folded = model.fold_in(strong.fold_in)
    assert found["recall@10"] == evaluate(folded, strong.target, 10)["recall@10"]
    assert found["recall@10"] > 0.2
    # Popularity is that of the train part, whoever is judged.
    assert found["arp@10"] > evaluate(folded, strong.target, 10)["arp@10"]


def test_segments(model, parts):
    train, test = parts
    labels = {user: "heavy" if n > 10 else "light" for user, n in enumerate(np.diff(train.indptr))}
    labels.pop(3)
    found = evaluate(model, test, 10, ["recall"], segments=labels)
    table = found.by_segment.to_dict()
    assert table["segment"] == ["heavy", "light"] and table["metric"] == ["recall"] * 2
    of = [labels.get(user) for user in found.by_user["user"].tolist()]
    heavy = found.by_user["recall@10"][[label == "heavy" for label in of]]
    assert table["value"][0] == pytest.approx(heavy.mean()) and table["users"][0] == len(heavy)
    assert found.by_segment.to_frame("polars").shape == (2, 5)
    with pytest.raises(ValueError, match="segments: shape"):
        evaluate(model, test, 10, segments=[1, 2])


def test_results_can_be_looked_at(model, parts):
    found = evaluate(model, parts[1], (5, 10), ["ndcg", "coverage"])
    frame = found.to_frame("polars")
    assert frame.columns == ["metric", "k", "value", "users"] and frame.height == 4
    assert found.to_dict()["ndcg@5"] == found["ndcg@5"]
    assert "ndcg@5" in repr(found) and "<td" in found._repr_html_() and "@10" in found._repr_html_()
    interval = found.interval("ndcg@10", random_state=1)
    assert interval.low < interval.value < interval.high and interval.users == found.users
    assert interval == found.interval("ndcg@10", random_state=1, n_jobs=1)
    assert set(found.intervals()) == {"ndcg@5", "ndcg@10"}
    with pytest.raises(ValueError, match="coverage"):
        found.interval("coverage@5")
    with pytest.raises(KeyError, match="recall"):
        found["recall@5"]
    with pytest.raises(AttributeError):
        found.users = 3


def test_threads_change_nothing(parts):
    train, test = parts
    names = [metric.name for metric in metrics()]
    runs = [
        evaluate(
            ImplicitALS(factors=8, max_iter=3, n_jobs=n).fit(train), test, (5, 9), names,
            groups=np.arange(60) % 4, n_jobs=n,
        ).to_dict()
        for n in (1, 3)
    ]  # fmt: skip
    assert runs[0] == runs[1]


def test_edges(parts):
    train, test = parts
    everything = sparse.csr_matrix(np.ones((4, 6), np.float32))
    model = ImplicitALS(factors=2, max_iter=2).fit(everything)
    found = evaluate(model, everything, 3)  # nothing is left to recommend
    assert found.without_list == 4 and found["recall@3"] == 0 and np.isnan(found["novelty@3"])
    model = ImplicitALS(factors=4, max_iter=2).fit(train)
    long = evaluate(model, test, 500, ["recall", "precision"])  # longer than the catalogue
    assert long["recall@500"] == 1
    nothing = evaluate(model, sparse.csr_matrix(train.shape, dtype=np.float32), 5)
    assert nothing.users == 0 and np.isnan(nothing["recall@5"]) and nothing.without_relevant == 150
    assert np.isnan(nothing.interval("recall@5").low)
    one = evaluate(model, sparse.csr_matrix(([1.0], ([7], [3])), shape=train.shape), 5, ["recall", "auc"])
    assert one.users == 1 and np.isnan(one.interval("recall@5").low)


def test_bad_arguments(model, parts):
    test = parts[1]
    with pytest.raises(ValueError, match="fit first"):
        evaluate(ImplicitALS(), test)
    for k in (0, -1, 2.5, [], [3, 0], "ten"):
        with pytest.raises(ValueError, match="k: "):
            evaluate(model, test, k)
    with pytest.raises(ValueError, match=r"accuracy.*known are recall"):
        evaluate(model, test, 5, ["accuracy"])
    with pytest.raises(ValueError, match="empty list"):
        evaluate(model, test, 5, [])
    with pytest.raises(ValueError, match="groups"):
        evaluate(model, test, 5, ["miscalibration"])
    with pytest.raises(ValueError, match="groups: shape"):
        evaluate(model, test, 5, groups=[1, 2])
    with pytest.raises(ValueError, match="item_vectors: shape"):
        evaluate(model, test, 5, item_vectors=np.ones((3, 2)))
    with pytest.raises(ValueError, match="item_vectors"):
        evaluate(model, test, 5, item_vectors=np.full((60, 2), np.nan))
    with pytest.raises(ValueError, match="test: 2 x 3"):
        evaluate(model, sparse.csr_matrix(np.ones((2, 3), np.float32)))
    with pytest.raises(TypeError, match="list"):
        evaluate(model, [1, 2])
    with pytest.raises(ValueError, match="gains"):
        evaluate(model, test, 5, gains="cubic")
    with pytest.raises(ValueError, match="propensity_gamma"):
        evaluate(model, test, 5, propensity_gamma=-1)
    with pytest.raises(ValueError, match="twice"):
        _core.evaluate(
            np.array([[1, 1]], np.uint32), np.array([2], np.uint32),
            (np.array([0, 1], np.uint64), np.array([0], np.uint32)), None, 3, {"k": [2]}, n_items=3,
        )  # fmt: skip


def test_interrupt(model, parts):
    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(model, parts[1], 5, progress=stop)


def test_progress_rises_to_its_end(model, parts):
    told = []
    evaluate(model, parts[1], 5, progress=told.append)
    assert told == sorted(told) and told[-1] == 1
