import numpy as np
import pytest
from clarion import ClarionError
from clarion._core import explicit_mf_options
from clarion.recommend import ExplicitMF, Interactions
from scipy import sparse


def drawn(users=120, items=60, density=0.25, seed=1, noise=0.3):
    """Ratings from 0.5 up that three hidden traits and two biases explain."""
    random = np.random.default_rng(seed)
    ratings = (
        random.normal(size=(users, 3)) @ random.normal(size=(3, items))
        + random.normal(size=(users, 1))
        + random.normal(size=items)
    )
    ratings = np.maximum(0.5, 6 + ratings + noise * random.normal(size=ratings.shape))
    kept = random.random(ratings.shape) < density
    return sparse.csr_matrix(np.where(kept, ratings, 0).astype(np.float32))


def solved(fixed, bias, rest, rows, regularization, scaling):
    """One half of a round in double: vectors and biases of `rows`, ratings without their mean."""
    vectors, own = np.zeros((rest.shape[0], fixed.shape[1])), np.zeros(rest.shape[0])
    for r in range(rest.shape[0]):
        seen = rows[r]
        if seen.any():
            f = np.column_stack([fixed[seen], np.ones(seen.sum())])
            a = f.T @ f + regularization * seen.sum() ** scaling * np.eye(f.shape[1])
            *vectors[r], own[r] = np.linalg.solve(a, f.T @ (rest[r, seen] - bias[seen]))
    return vectors, own


@pytest.fixture(scope="module")
def matrix():
    return drawn()


@pytest.fixture(scope="module")
def model(matrix):
    return ExplicitMF(factors=4, regularization=0.5, max_iter=6).fit(matrix)


def test_options_are_those_of_the_core():
    core = {name: default for name, default, *_ in explicit_mf_options()}
    ours = ExplicitMF().get_params()
    assert {("seed" if name == "random_state" else name): value for name, value in ours.items()} == {
        **core,
        "n_jobs": None,
    }


@pytest.mark.parametrize("scaling", [0, 0.5, 1])
def test_it_agrees_with_alternating_least_squares_in_numpy(matrix, scaling):
    options = {"factors": 4, "regularization": 0.7, "frequency_scaling": scaling}
    first = ExplicitMF(**options, max_iter=1).fit(matrix)
    dense, seen = matrix.toarray().astype(float), matrix.toarray() > 0
    mean = matrix.data.astype(float).mean()
    y, b = first.item_factors_[:, :4].astype(float), first.item_factors_[:, 5].astype(float)
    for _ in range(3):
        x, a = solved(y, b, dense - mean, seen, 0.7, scaling)
        y, b = solved(x, a, (dense - mean).T, seen.T, 0.7, scaling)
    model = ExplicitMF(**options, max_iter=4).fit(matrix)
    assert model.mean_ == pytest.approx(mean)
    expected = mean + a[:, None] + b + x @ y.T
    np.testing.assert_allclose(model.user_factors_ @ model.item_factors_.T, expected, atol=2e-3)
    loss = (
        ((dense - expected)[seen] ** 2).sum()
        + 0.7 * (seen.sum(1) ** scaling) @ ((x**2).sum(1) + a**2)
        + 0.7 * (seen.sum(0) ** scaling) @ ((y**2).sum(1) + b**2)
    )
    assert model.loss_[-1] == pytest.approx(loss, rel=1e-4)
    assert (np.diff(model.loss_) < 1e-6 * model.loss_[0]).all()


def test_it_expects_ratings_that_were_held_out():
    whole = drawn(400, 150, 0.4)
    coo = whole.tocoo()
    held = np.random.default_rng(2).random(coo.nnz) < 0.2

    def part(chosen):
        return sparse.csr_matrix((coo.data[chosen], (coo.row[chosen], coo.col[chosen])), whole.shape)

    train, test = part(~held), part(held)
    model = ExplicitMF(factors=6, regularization=0.5).fit(train)
    biases = ExplicitMF(factors=1, regularization=20).fit(train)
    # The noise has a deviation of 0.3, ratings one of about 2.2.
    assert model.rmse(test) < 0.5 < biases.rmse(test)
    expected = model.score(coo.row[held], coo.col[held])
    assert model.rmse(test) == pytest.approx(np.sqrt(np.mean((expected - coo.data[held]) ** 2)), rel=1e-5)


def test_ratings_by_id_and_strangers():
    data = Interactions.from_arrays(["a", "a", "b", "c"], ["x", "y", "x", "z"], [5.0, 1.0, 4.0, 3.0])
    model = ExplicitMF(factors=2, regularization=0.1).fit(data)
    assert model.score(["a", "a"], ["x", "y"]) == pytest.approx([5, 1], abs=0.5)
    assert np.isnan(model.rmse(Interactions.from_arrays(["a"], ["w"], [2.0])))
    found = model.fold_in(Interactions.from_arrays(["new"], ["y"], [1.0]))
    assert found.score(["new"], ["x"])[0] < model.mean_ + model.item_factors_[data.item_numbers(["x"])[0], -1]


def test_new_users_are_solved_for_exactly(model, matrix):
    folded = model.fold_in(matrix[:10]).user_factors_
    seen = matrix[:10].toarray() > 0
    y, b = model.item_factors_[:, :4].astype(float), model.item_factors_[:, 5].astype(float)
    x, a = solved(y, b, matrix[:10].toarray() - model.mean_, seen, 0.5, 0.5)
    np.testing.assert_allclose(folded[:, :4], x, atol=1e-3)
    np.testing.assert_allclose(folded[:, 4], model.mean_ + a, atol=1e-3)
    nobody = model.fold_in(sparse.csr_matrix((1, matrix.shape[1]))).user_factors_[0]
    np.testing.assert_allclose(nobody, [0, 0, 0, 0, model.mean_, 1], rtol=1e-6)


def test_items_are_alike_by_their_vectors_not_by_their_biases(model):
    unit = model.item_factors_[:, :4] / np.linalg.norm(model.item_factors_[:, :4], axis=1, keepdims=True)
    cosines = unit @ unit[7]
    cosines[7] = -2
    found = model.similar_items([7], k=3)
    np.testing.assert_allclose(found.scores[0], np.sort(cosines)[::-1][:3], rtol=1e-5)


def test_it_agrees_with_surprise(matrix):
    surprise = pytest.importorskip("surprise")
    pandas = pytest.importorskip("pandas")
    coo = matrix.tocoo()
    frame = pandas.DataFrame({"user": coo.row, "item": coo.col, "rating": coo.data})
    low, high = float(coo.data.min()), float(coo.data.max())
    data = surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=(low, high)))
    rival = surprise.SVD(n_factors=4, reg_all=0.02, n_epochs=100, random_state=1)
    rival.fit(data.build_full_trainset())
    theirs = np.sqrt(np.mean([(rival.predict(u, i).est - r) ** 2 for u, i, r in frame.to_numpy()]))
    assert ExplicitMF(factors=4, regularization=0.02, frequency_scaling=1).fit(matrix).rmse(matrix) < theirs


def test_what_is_not_allowed(matrix):
    for option, value in (("factors", 0), ("regularization", 0), ("frequency_scaling", 1.5), ("max_iter", 0)):
        with pytest.raises(ValueError, match=option):
            ExplicitMF(**{option: value}).fit(matrix)
    with pytest.raises(ClarionError, match="fewer"):
        ExplicitMF(factors=4000).fit(sparse.csr_matrix((1, 5_000_000)))
    with pytest.raises(ClarionError, match="regularization"):
        ExplicitMF(regularization=1e-9).fit(sparse.csr_matrix(1e30 * matrix.toarray().astype(np.float32)))
    # Ratings that are not above 0 are no interactions.
    data = Interactions.from_arrays(["a", "a", "b"], ["x", "y", "x"], [0.0, -1.0, 3.0])
    assert data.report.set_aside == 2
    assert ExplicitMF(factors=2).fit(data).mean_ == 3
