import numpy as np
import pytest
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


@pytest.fixture(scope="module")
def matrix():
    return drawn()


@pytest.fixture(scope="module")
def model(matrix):
    return ImplicitALS(factors=8, max_iter=4).fit(matrix)


def test_lists_are_those_of_every_score(model, matrix):
    scores = model.user_factors_ @ model.item_factors_.T
    scores[matrix.toarray() > 0] = -np.inf
    found = model.recommend(k=7)
    for user in range(matrix.shape[0]):
        best = np.argsort(-scores[user], kind="stable")[: found.lengths[user]]
        np.testing.assert_allclose(found.scores[user, : len(best)], scores[user, best], rtol=1e-4, atol=1e-6)
        assert not (matrix[user].toarray()[0, found.numbers[user, : len(best)]] > 0).any()


def test_ids_go_in_and_come_out():
    data = named(drawn())
    model = ImplicitALS(factors=6, max_iter=4).fit(data)
    found = model.recommend(["u003", "u001"], k=5)
    assert found.users.tolist() == ["u003", "u001"]
    assert all(item.startswith("i") for item in found.to_dict()["u003"])
    frame = found.to_frame("polars")
    assert frame.columns == ["user", "rank", "item", "score"]
    assert frame["rank"].to_list()[:5] == [1, 2, 3, 4, 5]
    first = frame.row(0, named=True)
    assert model.score([first["user"]], [first["item"]])[0] == pytest.approx(first["score"], rel=1e-5)
    assert np.isnan(model.score(["u001", "nobody"], ["nothing", "i001"])).all()
    # The whole and a part of it agree.
    np.testing.assert_array_equal(model.recommend(k=5).items[[3, 1]], found.items)


def test_filters():
    matrix = drawn()
    data = named(matrix)
    model = ImplicitALS(factors=6, max_iter=4).fit(data)
    mask = np.arange(data.n_items) % 3 > 0
    assert (model.recommend(k=50, mask=mask).numbers % 3 != 0)[
        ~model.recommend(k=50, mask=mask).items.mask
    ].all()
    best = model.recommend(["u001"], k=3).items[0].tolist()
    denied = model.recommend(["u001"], k=3, deny={"u001": [best[0], "unheard of"]})
    assert best[0] not in denied.items[0].tolist() and denied.items[0, 0] == best[1]
    alone = model.recommend(["u001", "u002"], k=3, allow={"u001": best[1:]})
    assert alone.to_dict()["u001"] == best[1:] and alone.lengths.tolist() == [2, 3]
    groups = np.arange(data.n_items) % 2
    quota = model.recommend(k=6, groups=groups, group_quota=1)
    assert quota.lengths.max() == 2
    boost = np.ones(data.n_items)
    boost[data.item_numbers([best[2]])] = 1000
    assert model.recommend(["u001"], k=1, boost=boost).items[0, 0] == best[2]
    everything = model.recommend(k=data.n_items, exclude_seen=False)
    assert (everything.lengths == data.n_items).all()
    short = model.recommend(k=data.n_items)
    assert short.lengths.sum() == data.n_users * data.n_items - data.n_interactions
    assert np.isnan(short.scores[short.items.mask]).all() and (short.numbers[short.items.mask] == -1).all()
