import numpy as np
import pytest
from clarion import ClarionError
from clarion.recommend import GraphFilter, Interactions
from scipy import sparse


def drawn(users=80, items=60, density=0.12, seed=1):
    random = np.random.default_rng(seed)
    return sparse.random(
        users,
        items,
        density,
        "csr",
        dtype=np.float32,
        rng=random,
        data_rvs=lambda n: random.integers(1, 5, n),
    )


def power(sums, exponent):
    return np.where(sums > 0, np.maximum(sums, 1e-300) ** exponent, 0)


def expected(matrix, rank, ideal_weight, sharpening, user_exponent, item_exponent):
    """The formula as it is written, in dense numpy."""
    x = matrix.toarray().astype(float)
    items = x.sum(0)
    r = power(x.sum(1), -user_exponent)[:, None] * x * power(items, -0.5)
    _, values, vectors = np.linalg.svd(r, full_matrices=False)
    r, values = r / values[0], values / values[0]
    v, few = vectors[:rank].T, min(rank, 64)
    square = (v[:, :few] * values[:few] ** 4) @ v[:, :few].T
    blurred = x @ (r.T @ r - sharpening * square) * power(items, 0.5 - item_exponent)
    return blurred + ideal_weight * (x * power(items, -0.5)) @ v @ v.T * power(items, 0.5)


def scores_of(model, rows):
    return model.user_factors_ @ model.item_factors_.T + rows @ model.weights_.toarray()


@pytest.mark.parametrize(
    "options",
    [
        {"rank": 60},
        {"rank": 1, "ideal_weight": 0.5},
        {"rank": 60, "sharpening": 0.9, "user_exponent": 0.5, "item_exponent": 0.5},
        {"rank": 60, "sharpening": 0, "ideal_weight": 0, "user_exponent": 0, "item_exponent": 0},
    ],
)
def test_scores_are_the_formula(options):
    matrix = drawn()
    model = GraphFilter(**options).fit(matrix)
    chosen = {k: v for k, v in model.get_params().items() if k not in ("random_state", "n_jobs")}
    whole = expected(matrix, **chosen)
    np.testing.assert_allclose(scores_of(model, matrix.toarray()), whole, atol=1e-3 * abs(whole).max())
    top = model.recommend(k=5, exclude_seen=False)
    np.testing.assert_allclose(top.scores, -np.sort(-whole)[:, :5], atol=1e-3 * abs(whole).max())


def test_new_users_are_filtered_like_those_of_the_fit():
    matrix = drawn()
    model = GraphFilter(rank=20).fit(matrix)
    part = model.fold_in(matrix[10:20])
    np.testing.assert_array_equal(part.user_factors_, model.user_factors_[10:20])
    np.testing.assert_array_equal(
        part.recommend(k=9).numbers, model.recommend(model.interactions_.users[10:20], k=9).numbers
    )


def test_an_explanation_is_by_items_as_a_whole():
    data = Interactions.from_csr(drawn())
    model = GraphFilter(rank=20).fit(data)
    found = model.explain(7, model.recommend([7], k=1).items[0, 0])
    assert sorted(found.causes.tolist()) == sorted(data.to_csr()[7].indices.tolist())
    assert found.rest == pytest.approx(0, abs=1e-5)


def test_another_seed_hardly_matters():
    matrix = drawn(300, 120, 0.08)
    one, two = (GraphFilter(rank=16, random_state=seed).fit(matrix).recommend(k=10) for seed in (0, 1))
    assert np.mean([len(set(a) & set(b)) / 10 for a, b in zip(one.numbers, two.numbers, strict=True)]) > 0.9


def test_what_is_not_allowed():
    for option in (
        {"rank": 0}, {"ideal_weight": -1}, {"sharpening": 5}, {"user_exponent": 3}, {"item_exponent": np.nan},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(option))):
            GraphFilter(**option).fit(drawn())
    with pytest.raises(ClarionError, match="lower rank"):
        GraphFilter(rank=4096).fit(
            sparse.csr_matrix(
                (np.ones(4096, np.float32), (range(4096), range(4096))), shape=(4096, 40_000_000)
            )
        )


def test_all_pairs_of_an_item_with_itself_and_popular_ones():
    # One user of everything links all items; the counts of the others order them.
    matrix = sparse.csr_matrix(
        np.vstack([np.ones(6), [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]).astype(np.float32)
    )
    model = GraphFilter(rank=3).fit(matrix)
    assert model.weights_.nnz == 36
    assert model.recommend([1], k=1).items[0, 0] == 2
    assert model.recommend([0], k=3).lengths[0] == 0
