import numpy as np
import pytest
from clarion import ClarionError
from clarion.recommend import ImplicitALS, Interactions
from scipy import sparse


def drawn(users=90, items=50, density=0.15, seed=1):
    random = np.random.default_rng(seed)
    return sparse.random(
        users, items, density, "csr", dtype=np.float32, rng=random, data_rvs=lambda n: np.ones(n)
    )


def named(matrix):
    coo = matrix.tocoo()
    return Interactions.from_arrays([f"u{u:03}" for u in coo.row], [f"i{i:03}" for i in coo.col])


def objective(x, y, matrix, regularization, unobserved_weight):
    scores = x.astype(float) @ y.astype(float).T
    seen = matrix.toarray() > 0
    per_user = seen.sum(1) + unobserved_weight * seen.shape[1]
    per_item = seen.sum(0) + unobserved_weight * seen.shape[0]
    return (
        ((1 - scores[seen]) ** 2).sum()
        + unobserved_weight * (scores**2).sum()
        + regularization
        * (per_user @ (x.astype(float) ** 2).sum(1) + per_item @ (y.astype(float) ** 2).sum(1))
    )


@pytest.fixture(scope="module")
def matrix():
    return drawn()


@pytest.fixture(scope="module")
def model(matrix):
    return ImplicitALS(factors=8, regularization=0.01, unobserved_weight=0.2, max_iter=6).fit(matrix)


def test_the_loss_is_the_objective_and_falls(model, matrix):
    assert (np.diff(model.loss_) < 1e-6 * model.loss_[0]).all()
    whole = objective(model.user_factors_, model.item_factors_, matrix, 0.01, 0.2)
    assert model.loss_[-1] == pytest.approx(whole, rel=1e-4)


def test_it_agrees_with_irspack_on_the_objective():
    irspack = pytest.importorskip("irspack")
    matrix = drawn(400, 150, 0.05, seed=3)
    rival = irspack.IALSRecommender(
        matrix,
        n_components=6,
        alpha0=0.2,
        reg=0.01,
        nu=1.0,
        solver_type="CHOLESKY",
        train_epochs=200,
        n_threads=1,
    ).learn()
    theirs = objective(rival.trainer.core_trainer.user, rival.trainer.core_trainer.item, matrix, 0.01, 0.2)
    ours = (
        ImplicitALS(factors=6, regularization=0.01, unobserved_weight=0.2, max_iter=200).fit(matrix).loss_[-1]
    )
    # Both are at a minimum; random starts lead to neighbouring ones.
    assert ours == pytest.approx(theirs, rel=0.01)


def test_a_fit_says_where_there_is_too_little(model):
    assert [finding.code for finding in model.findings_] == ["R002", "R003"]
    plenty = ImplicitALS(factors=4, max_iter=1).fit(drawn(900, 60, 0.3))
    assert list(plenty.findings_) == []


def test_the_same_for_any_number_of_threads(matrix):
    one, four = (ImplicitALS(factors=5, max_iter=3, n_jobs=n).fit(matrix) for n in (1, 4))
    np.testing.assert_array_equal(one.user_factors_, four.user_factors_)
    np.testing.assert_array_equal(one.item_factors_, four.item_factors_)


def test_new_users_are_folded_in(model, matrix):
    vectors = model.fold_in(matrix[:10]).user_factors_
    gram = model.item_factors_.astype(float).T @ model.item_factors_
    for user in range(10):
        seen = model.item_factors_[matrix[user].indices].astype(float)
        system = seen.T @ seen + 0.2 * gram + 0.01 * (len(seen) + 0.2 * matrix.shape[1]) * np.eye(8)
        np.testing.assert_allclose(vectors[user], np.linalg.solve(system, seen.sum(0)), atol=1e-4)
    data = named(matrix)
    by_name = ImplicitALS(factors=6, max_iter=4).fit(data)
    stranger = Interactions.from_arrays(["new"] * 4, ["i001", "i002", "i003", "what is that"])
    columns = data.item_numbers(["i001", "i002", "i003"])
    row = sparse.csr_matrix((np.ones(3), (np.zeros(3, int), columns)), shape=(1, data.n_items))
    folded = by_name.fold_in(stranger)
    np.testing.assert_array_equal(folded.user_factors_, by_name.fold_in(row).user_factors_)
    assert folded.recommend(k=3).users.tolist() == ["new"]


def test_a_fit_goes_on_from_vectors_of_items(matrix):
    whole = ImplicitALS(factors=6, max_iter=5).fit(matrix)
    half = ImplicitALS(factors=6, max_iter=3).fit(matrix)
    rest = ImplicitALS(factors=6, max_iter=2).fit(matrix, item_factors=half.item_factors_)
    np.testing.assert_allclose(np.concatenate([half.loss_, rest.loss_]), whole.loss_, rtol=1e-4)


def test_what_is_not_allowed(model, matrix):
    with pytest.raises(ValueError, match="call fit first"):
        ImplicitALS().recommend()
    with pytest.raises(ValueError, match="factors: 0"):
        ImplicitALS(factors=0).fit(matrix)
    with pytest.raises(ValueError, match="regularization: 0"):
        ImplicitALS(regularization=0).fit(matrix)
    with pytest.raises(ValueError, match="solver: magic"):
        ImplicitALS(solver="magic").fit(matrix)
    with pytest.raises(TypeError, match="ndarray"):
        ImplicitALS().fit(matrix.toarray())
    with pytest.raises(ValueError, match="k: 0"):
        model.recommend(k=0)
    with pytest.raises(ValueError, match="users: 9999"):
        model.recommend([1, 9999])
    assert model.recommend([1, 9999], unknown="skip").users.tolist() == [1]
    with pytest.raises(ValueError, match="unknown: 'ask'"):
        model.recommend(unknown="ask")
    with pytest.raises(ValueError, match="mask"):
        model.recommend(mask=[True])
    with pytest.raises(ValueError, match="boost"):
        model.recommend(boost=-np.ones(matrix.shape[1]))
    with pytest.raises(ValueError, match="groups"):
        model.recommend(groups=["a"], group_quota=1)
    with pytest.raises(TypeError, match="deny"):
        model.recommend(deny=[1])
    with pytest.raises(ValueError, match="rows: 3 columns"):
        model.fold_in(sparse.csr_matrix((1, 3)))
    with pytest.raises(ValueError, match="item_factors"):
        ImplicitALS(factors=3).fit(matrix, item_factors=np.ones((2, 3)))
    with pytest.raises(ClarionError, match="fewer"):
        ImplicitALS(factors=4096).fit(sparse.csr_matrix((1, 5_000_000)))


def test_nobody_one_and_a_user_who_has_seen_everything():
    empty = ImplicitALS(factors=3).fit(sparse.csr_matrix((4, 5)))
    assert (empty.user_factors_ == 0).all() and empty.loss_[-1] == 0
    one = ImplicitALS(factors=3).fit(sparse.csr_matrix(np.ones((1, 1), np.float32)))
    assert one.recommend(k=3).lengths.tolist() == [0]
    assert one.recommend(k=3, exclude_seen=False).items[0, 0] == 0


def test_new_items_are_folded_in(matrix):
    data = named(matrix)
    model = ImplicitALS(factors=8, max_iter=6).fit(data)
    # New ones that were used as some of the fit were.
    like = data.items[[4, 9]]
    seen = matrix.tocsc()[:, data.item_numbers(like)].tocoo()
    fresh = Interactions.from_arrays(
        [*data.users[seen.row], "stranger"], [*(f"new{column}" for column in seen.col), "new0"]
    )
    grown = model.fold_in_items(fresh)
    assert grown.interactions_.items.tolist() == [*data.items, "new0", "new1"]
    assert model.interactions_.n_items == data.n_items
    np.testing.assert_array_equal(grown.item_factors_[: data.n_items], model.item_factors_)
    for new, old in zip(["new0", "new1"], like, strict=True):
        assert grown.similar_items([new], k=1).neighbors[0, 0] == old
    with pytest.raises(ValueError, match="items of the fit"):
        model.fold_in_items(data)
    with pytest.raises(TypeError, match="csr"):
        model.fold_in_items(matrix)
