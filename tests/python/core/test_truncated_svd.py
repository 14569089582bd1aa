import numpy as np
import pytest
from clarion._core import truncated_svd
from scipy import sparse
from scipy.sparse.linalg import svds


def ours(matrix, **options):
    return truncated_svd(
        matrix.indptr.astype(np.uint64),
        matrix.indices.astype(np.uint32),
        matrix.data,
        matrix.shape[1],
        options,
    )


@pytest.mark.parametrize("shape", [(400, 250), (250, 400)])
def test_it_agrees_with_scipy(shape):
    random = np.random.default_rng(2)
    matrix = sparse.random(*shape, 0.05, "csr", dtype=np.float32, rng=random)
    # Values that fall, as those of interactions do.
    matrix = sparse.csr_matrix(
        matrix @ sparse.diags_array(np.arange(1, shape[1] + 1, dtype=np.float32) ** -0.7)
    )
    matrix.sort_indices()
    values, left, right = ours(matrix, rank=20)
    _, theirs, vectors = svds(matrix.astype(float), 20, random_state=0)
    np.testing.assert_allclose(values, theirs[::-1], rtol=1e-4)
    # The leading vectors; close values later on may share theirs.
    np.testing.assert_allclose(abs((right[:, :5] * vectors[::-1][:5].T).sum(0)), 1, atol=1e-3)
    np.testing.assert_allclose(left.T @ left, np.eye(20), atol=1e-4)
    np.testing.assert_allclose(left * values, matrix @ right, atol=1e-4)


def test_what_is_not_allowed():
    matrix = sparse.csr_matrix(np.ones((2, 3), np.float32))
    assert len(ours(matrix, rank=2)[0]) == 1
    with pytest.raises(ValueError, match="rank: 0"):
        ours(matrix, rank=0)
    with pytest.raises(ValueError, match="matrix"):
        truncated_svd(np.array([0, 1], np.uint64), np.array([3], np.uint32), None, 2, {})
