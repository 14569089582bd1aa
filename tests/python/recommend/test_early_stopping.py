import numpy as np
import pytest
from clarion.recommend import ImplicitALS, Interactions
from scipy import sparse


def drawn(users, items, density=0.15, seed=1):
    random = np.random.default_rng(seed)
    return sparse.random(
        users, items, density, "csr", dtype=np.float32, rng=random, data_rvs=lambda n: np.ones(n)
    )


def test_a_fit_ends_where_rounds_no_longer_help():
    split = Interactions.from_csr(drawn(300, 80, 0.2, seed=5)).split_random(0.25, random_state=1)
    model = ImplicitALS(factors=16, regularization=1e-4, unobserved_weight=0.5, max_iter=60)
    model.fit(split.train, validation=split.test, patience=3)
    rounds = len(model.validation_)
    best = int(np.argmax(model.validation_))
    assert rounds == len(model.loss_) == min(60, best + 4)
    again = ImplicitALS(factors=16, regularization=1e-4, unobserved_weight=0.5, max_iter=best + 1).fit(
        split.train
    )
    np.testing.assert_array_equal(again.item_factors_, model.item_factors_)
    with pytest.raises(ValueError, match="validation"):
        model.fit(split.train, validation=drawn(3, 4))
    with pytest.raises(ValueError, match="no entry"):
        model.fit(split.train, validation=sparse.csr_matrix(split.train.shape))
