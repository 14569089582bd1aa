import numpy as np
import pytest
from clarion import _core
from clarion.recommend import RP3beta
from scipy import sparse


def drawn(weighted=False):
    random = np.random.default_rng(2)
    return sparse.random(
        120, 60, 0.1, "csr", np.float32, rng=random,
        data_rvs=lambda n: random.integers(1, 5, n) if weighted else np.ones(n),
    )  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
def test_weights_are_products_of_transitions(weighted):
    x = drawn(weighted).toarray().astype(float)
    to_users = (x / x.sum(0)).T ** 0.8
    to_items = (x / np.maximum(x.sum(1, keepdims=True), 1e-9)) ** 0.8
    expected = to_users @ to_items / (x > 0).sum(0) ** 0.4
    np.fill_diagonal(expected, 0)
    got = RP3beta(k=60, alpha=0.8, beta=0.4).fit(drawn(weighted)).weights_.toarray()
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    few = RP3beta(k=5, alpha=0.8, beta=0.4).fit(drawn(weighted)).weights_.toarray()
    np.testing.assert_allclose(np.sort(few)[:, -5:], np.sort(expected)[:, -5:], rtol=1e-5)


def test_it_agrees_with_irspack():
    irspack = pytest.importorskip("irspack")
    matrix = drawn()
    rival = irspack.RP3betaRecommender(matrix, alpha=1, beta=0.6, n_threads=1).learn()
    theirs = sparse.csr_matrix(rival.W).toarray()
    np.fill_diagonal(theirs, 0)
    ours = RP3beta(k=60, beta=0.6).fit(matrix).weights_.toarray()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-9)


def test_options_are_those_of_the_core():
    assert RP3beta()._options() == {name: default for name, default, *_ in _core.rp3beta_options()}
    with pytest.raises(ValueError, match="beta: -1"):
        RP3beta(beta=-1).fit(drawn())
