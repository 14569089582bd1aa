import numpy as np
import pytest
from clarion import _core
from clarion.recommend import SLIM
from scipy import sparse


def drawn(weighted=False):
    random = np.random.default_rng(4)
    taste = random.integers(0, 4, 200)
    chance = np.where(np.arange(60) % 4 == taste[:, None], 0.4, 0.06)
    x = (random.random((200, 60)) < chance).astype(np.float32)
    return sparse.csr_matrix(x * random.integers(1, 4, x.shape) if weighted else x)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_agrees_with_the_elastic_net_of_scikit_learn(weighted):
    linear_model = pytest.importorskip("sklearn.linear_model")
    matrix = drawn(weighted)
    x = matrix.toarray().astype(float)
    l1, l2 = 1.5, 6.0
    ours = SLIM(l1, l2, max_iter=5000, tol=1e-7).fit(matrix).weights_.toarray()
    for item in range(0, 60, 7):
        others = x.copy()
        others[:, item] = 0
        rival = linear_model.ElasticNet(
            alpha=(l1 + l2) / 200, l1_ratio=l1 / (l1 + l2), positive=True, fit_intercept=False,
            max_iter=100_000, tol=1e-10,
        ).fit(others, x[:, item])  # fmt: skip
        np.testing.assert_allclose(ours[:, item], rival.coef_, atol=2e-5)


def test_more_l1_leaves_fewer_weights_and_candidates_bound_them():
    matrix = drawn()
    sizes = [SLIM(l1_reg=l1).fit(matrix).weights_.nnz for l1 in (0, 1, 5, 1000)]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] == 0 and sizes[0] > sizes[1]
    few = SLIM(l1_reg=0.1, candidates=4).fit(matrix).weights_
    assert np.diff(few.tocsc().indptr).max() <= 4


def test_options_are_those_of_the_core():
    assert SLIM()._options() == {name: default for name, default, *_ in _core.slim_options()}
    with pytest.raises(ValueError, match="l2_reg: 0"):
        SLIM(l2_reg=0).fit(drawn())
