import numpy as np
import pytest
from clarion import _core
from clarion.recommend import Interactions, ItemKNN, UserKNN
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse


def drawn(users=90, items=50, density=0.15, seed=1, weighted=False):
    random = np.random.default_rng(seed)
    return sparse.random(
        users, items, density, "csr", np.float32, rng=random,
        data_rvs=lambda n: random.integers(1, 5, n) if weighted else np.ones(n),
    )  # fmt: skip


def same_best(ours, theirs, k):
    """The same weights a row, and the same columns but where weights are equal."""
    for row, other in zip(ours.toarray(), theirs, strict=True):
        expected = np.sort(other)[::-1][:k]
        found = np.sort(row)[::-1][:k]
        np.testing.assert_allclose(found, np.where(expected > 1e-9, expected, 0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(row[row > 0], other[row > 0], rtol=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_cosines_are_those_of_numpy(weighted):
    matrix = drawn(weighted=weighted)
    x = matrix.toarray().astype(float)
    for model, y in ((ItemKNN(k=6), x.T), (UserKNN(k=6), x)):
        length = np.linalg.norm(y, axis=1)
        cosine = y @ y.T / np.where(length > 0, length, 1) / np.where(length > 0, length, 1)[:, None]
        np.fill_diagonal(cosine, 0)
        fitted = model.fit(matrix)
        same_best(fitted.weights_ if isinstance(model, ItemKNN) else fitted.neighbors_, cosine, 6)


@pytest.mark.filterwarnings("ignore")  # implicit converts its own matrices
@pytest.mark.parametrize("similarity", ["cosine", "tfidf", "bm25"])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_agrees_with_implicit(similarity, weighted):
    near = pytest.importorskip("implicit.nearest_neighbours")
    matrix = drawn(300, 120, 0.08, seed=3, weighted=weighted)
    # implicit counts an item among its own neighbours.
    rival = {
        "cosine": near.CosineRecommender(K=21),
        "tfidf": near.TFIDFRecommender(K=21),
        "bm25": near.BM25Recommender(K=21),
    }[similarity]
    rival.fit(matrix, show_progress=False)
    theirs = rival.similarity.toarray()
    own = theirs.diagonal().copy()
    np.fill_diagonal(theirs, 0)
    ours = ItemKNN(k=20, similarity=similarity).fit(matrix).weights_.toarray()
    for item in range(120):
        if own[item] == 0:
            continue  # its own similarity is no longer among the best, which are one fewer then
        np.testing.assert_allclose(np.sort(ours[item]), np.sort(theirs[item]), rtol=1e-5, atol=1e-6)


def test_scores_are_sums_over_a_history_and_over_neighbours():
    matrix = drawn(weighted=True)
    model = ItemKNN(k=8, similarity="jaccard").fit(matrix)
    expected = matrix.toarray() @ model.weights_.toarray()
    users, items = np.repeat(np.arange(90), 50), np.tile(np.arange(50), 90)
    np.testing.assert_allclose(model.score(users, items).reshape(90, 50), expected, rtol=1e-5, atol=1e-6)
    model = UserKNN(k=8, similarity="jaccard").fit(matrix)
    expected = model.neighbors_.toarray() @ matrix.toarray()
    np.testing.assert_allclose(model.score(users, items).reshape(90, 50), expected, rtol=1e-5, atol=1e-6)


def test_neighbours_explain_a_score():
    data = Interactions.from_arrays(
        ["ann", "ann", "bob", "bob", "bob", "eve"], ["tea", "milk", "tea", "milk", "cake", "beer"]
    )
    explained = UserKNN(k=2).fit(data).explain("ann", "cake")
    assert explained.causes.tolist() == ["bob"]
    assert explained.contributions[0] == pytest.approx(2 / np.sqrt(6))
    explained = ItemKNN(k=2).fit(data).explain("ann", "cake")
    assert sorted(explained.causes.tolist()) == ["milk", "tea"]
    assert explained.contributions.sum() == pytest.approx(2 / np.sqrt(2))


def test_other_users_have_neighbours_among_those_of_the_fit():
    matrix = drawn(weighted=True)
    model = UserKNN(k=90, similarity="tfidf").fit(matrix)
    strangers = model.fold_in(matrix[10:15])
    own = strangers.neighbors_[np.arange(5), np.arange(10, 15)]
    np.testing.assert_allclose(np.asarray(own).ravel(), 1, rtol=1e-6)
    without = strangers.neighbors_.toarray()
    without[np.arange(5), np.arange(10, 15)] = 0
    np.testing.assert_array_equal(without, model.neighbors_.toarray()[10:15])
    assert model.neighbors_.shape == (90, 90)


@given(
    st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=12),
    st.integers(1, 9),
    st.sampled_from(["cosine", "jaccard", "lift", "log_likelihood", "conditional_probability"]),
)
@settings(max_examples=60, deadline=None)
def test_neighbours_share_users_and_are_no_more_than_asked(rows, k, similarity):
    matrix = sparse.lil_matrix((len(rows), 8), dtype=np.float32)
    for user, items in enumerate(rows):
        matrix[user, sorted(items)] = 1
    matrix = matrix.tocsr()
    weights = ItemKNN(k=k, similarity=similarity, min_support=2, n_jobs=1).fit(matrix).weights_
    together = (matrix.T @ matrix).toarray()
    dense = weights.toarray()
    assert (np.diff(weights.indptr) <= k).all()
    assert (dense.diagonal() == 0).all()
    assert (together[dense > 0] >= 2).all()
    assert np.isfinite(dense).all() and (dense >= 0).all()


def test_options_are_those_of_the_core():
    known = {name: default for name, default, *_ in _core.knn_options()}
    assert ItemKNN()._options() == known
    del known["by_target"]  # of items alone
    assert UserKNN()._options() == known


def test_what_is_not_allowed():
    matrix = drawn()
    with pytest.raises(ValueError, match='similarity: "magic"'):
        ItemKNN(similarity="magic").fit(matrix)
    for options in (
        {"k": 0},
        {"shrinkage": -1},
        {"min_support": 0},
        {"bm25_b": 2},
        {"popularity_damping": 3},
    ):
        with pytest.raises(ValueError, match=next(iter(options))):
            UserKNN(**options).fit(matrix)
    with pytest.raises(TypeError, match="k"):
        ItemKNN(k="many").fit(matrix)
