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


def expected(matrix, rank, ideal_weight, sharpening, user_exponent):
    """The formula as it is written, in dense numpy."""
    x = matrix.toarray().astype(float)
    items = x.sum(0)
    r = power(x.sum(1), -user_exponent)[:, None] * x * power(items, -0.5)
    _, values, vectors = np.linalg.svd(r, full_matrices=False)
    v, p = vectors[:rank].T, r.T @ r / values[0] ** 2
    blurred = x @ p + ideal_weight * (x * power(items, -0.5)) @ v @ v.T * power(items, 0.5)
    out = blurred
    for n in range(1, 5):
        blurred = -sharpening / n * blurred @ p
        out = out + blurred
    return out


@pytest.mark.parametrize(
    "options",
    [
        {"rank": 60},
        {"rank": 60, "sharpening": 0.9, "user_exponent": 0.3},
        {"rank": 60, "sharpening": 0, "ideal_weight": 0, "user_exponent": 0},
    ],
)
def test_scores_are_the_formula(options):
    matrix = drawn()
    model = GraphFilter(**options).fit(matrix)
    chosen = {k: v for k, v in model.get_params().items() if k not in ("random_state", "n_jobs")}
    whole = expected(matrix, **chosen)
    users, items = np.indices(whole.shape)
    np.testing.assert_allclose(
        model.score(users.ravel(), items.ravel()).reshape(whole.shape), whole, atol=1e-3 * abs(whole).max()
    )
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
        {"rank": 0}, {"ideal_weight": -1}, {"sharpening": 5}, {"user_exponent": 3}, {"user_exponent": np.nan},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(option))):
            GraphFilter(**option).fit(drawn())
    with pytest.raises(ClarionError, match="lower rank"):
        GraphFilter(rank=4096).fit(
            sparse.csr_matrix(
                (np.ones(4096, np.float32), (range(4096), range(4096))), shape=(4096, 40_000_000)
            )
        )


def test_what_was_saved_walks_the_same_ways(tmp_path):
    matrix = drawn()
    model = GraphFilter(rank=20).fit(matrix)
    model.save(tmp_path / "model")
    again = GraphFilter.load(tmp_path / "model")
    np.testing.assert_array_equal(again.recommend(k=7).scores, model.recommend(k=7).scores)
    # People it never saw, too: walks go over those of the fit.
    few = sparse.csr_matrix(matrix[:3].toarray()[:, ::-1])
    np.testing.assert_array_equal(
        again.fold_in(few).recommend(k=7).numbers, model.fold_in(few).recommend(k=7).numbers
    )


def test_who_has_everything_gets_nothing_new():
    matrix = sparse.csr_matrix(
        np.vstack([np.ones(6), [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]).astype(np.float32)
    )
    model = GraphFilter(rank=3).fit(matrix)
    assert model.recommend([1], k=1).items[0, 0] == 2
    assert model.recommend([0], k=3).lengths[0] == 0
