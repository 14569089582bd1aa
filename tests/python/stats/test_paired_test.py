"""Tests between models stand on these; scipy is the oracle."""

import numpy as np
import pytest
from clarion import _core
from scipy import stats


@pytest.mark.parametrize("n", [8, 300])
def test_both_tests_are_those_of_scipy(n):
    random = np.random.default_rng(n)
    a, b = random.exponential(size=(2, n))
    a += 0.1
    found = _core.paired_test(a, b)
    theirs = stats.ttest_rel(a, b)
    assert found["t"] == pytest.approx(theirs.statistic) and found["p_t"] == pytest.approx(theirs.pvalue)
    interval = theirs.confidence_interval()
    assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high))
    signs = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=np.inf if n < 10 else 9999, rng=random,
    ).pvalue  # fmt: skip
    assert found["exact"] == (n < 10)
    assert found["p_sign_flip"] == pytest.approx(signs, rel=1e-9 if n < 10 else 0.15)


def test_holm():
    found = _core.holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005]))
    np.testing.assert_allclose(found, [0.03, 0.06, np.nan, 0.06, 0.02])


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="b: 1 values"):
        _core.paired_test(np.ones(2), np.ones(1))
