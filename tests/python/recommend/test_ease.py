import numpy as np
import pytest
from clarion import ClarionError
from clarion.recommend import EASE
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse


def drawn(users=300, items=60, density=0.2, seed=1):
    random = np.random.default_rng(seed)
    return sparse.random(
        users, items, density, "csr", dtype=np.float32, rng=random, data_rvs=lambda n: np.ones(n)
    )


def by_inverse(matrix, regularization, user_scaling=0.0, item_scaling=0.0):
    """As the paper has it, in double, with the scalings of the estimator."""
    x = matrix.toarray().astype(float)
    counts = np.maximum((x != 0).sum(1), 1)
    x *= (counts ** (-user_scaling / 2))[:, None]
    gram = x.T @ x
    square = gram.diagonal().copy()
    gram[np.diag_indices(len(gram))] += regularization * np.where(square > 0, square, 1) ** item_scaling
    p = np.linalg.inv(gram)
    weights = -p / p.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 300),
    st.floats(0.05, 0.9),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(0, 1000),
)
def test_weights_are_those_of_the_inverse(users, items, density, user_scaling, item_scaling, seed):
    matrix = drawn(users, items, density, seed)
    model = EASE(2, user_scaling, item_scaling).fit(matrix)
    # Single precision, on systems whose condition is at most some hundred.
    np.testing.assert_allclose(
        model.weights_, by_inverse(matrix, 2, user_scaling, item_scaling), rtol=1e-3, atol=2e-5
    )


def test_with_all_neighbours_the_sparse_form_is_the_dense_one():
    matrix = drawn()
    matrix.data *= np.random.default_rng(2).uniform(0.5, 3, matrix.nnz).astype(np.float32)
    dense = EASE(4).fit(matrix).weights_
    every = EASE(4, max_neighbors=59).fit(matrix).weights_
    assert sparse.issparse(every) and every.has_sorted_indices
    np.testing.assert_allclose(every.toarray(), dense, atol=2e-5)


def test_few_neighbours_are_the_strongest_and_have_their_own_regression():
    matrix = drawn()
    few = EASE(4, user_scaling=0, item_scaling=0, max_neighbors=7).fit(matrix).weights_
    assert (few.getnnz(axis=0) == 7).all()
    gram = (matrix.T @ matrix).toarray().astype(float)
    cosine = gram / np.sqrt(np.outer(gram.diagonal(), gram.diagonal()))
    for item in range(60):
        near = few[:, [item]].nonzero()[0]
        others = np.setdiff1d(np.arange(60), [*near, item])
        assert cosine[near, item].min() >= cosine[others, item].max() - 1e-6
        expected = np.linalg.solve(gram[np.ix_(near, near)] + 4 * np.eye(7), gram[near, item])
        np.testing.assert_allclose(few.toarray()[near, item], expected, rtol=1e-3, atol=1e-5)


def test_the_same_for_any_number_of_threads():
    matrix = drawn(500, 600, 0.03)
    one, three = (EASE(max_neighbors=25, n_jobs=n).fit(matrix).weights_ for n in (1, 3))
    np.testing.assert_array_equal(one.indices, three.indices)
    np.testing.assert_array_equal(one.data, three.data)
    one, three = (EASE(n_jobs=n).fit(matrix).weights_ for n in (1, 3))
    np.testing.assert_array_equal(one, three)


def test_what_is_not_allowed():
    matrix = drawn()
    with pytest.raises(ValueError, match="regularization: 0"):
        EASE(regularization=0).fit(matrix)
    with pytest.raises(ValueError, match="user_scaling: -1"):
        EASE(user_scaling=-1).fit(matrix)
    with pytest.raises(TypeError, match="max_neighbors"):
        EASE(max_neighbors=-3).fit(matrix)


def test_bad_values_are_set_aside():
    matrix = drawn()
    without = matrix.copy()
    without.data[3] = 0
    without.eliminate_zeros()
    expected = EASE(4).fit(without).weights_
    for weird in (np.nan, -1.0):
        odd = matrix.copy()
        odd.data[3] = weird
        np.testing.assert_array_equal(EASE(4).fit(odd).weights_, expected)


def test_what_memory_cannot_hold_is_refused_at_once():
    wide = sparse.csr_matrix(([1.0], ([0], [4_999_999])), shape=(1, 5_000_000))
    with pytest.raises(ClarionError, match="max_neighbors"):
        EASE().fit(wide)
    assert EASE(max_neighbors=10).fit(wide).weights_.nnz == 0


def test_it_finds_what_was_held_out():
    random = np.random.default_rng(3)
    taste = random.integers(0, 4, 400)
    liked = np.kron(np.eye(4), np.ones(15))[taste]
    matrix = sparse.csr_matrix((random.random(liked.shape) < 0.4 * liked + 0.02).astype(np.float32))
    for model in (EASE(10), EASE(10, max_neighbors=10)):
        found = model.fit(matrix).recommend(k=3)
        assert (found.numbers // 15 == taste[:, None]).mean() > 0.95
