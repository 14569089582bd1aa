"""Intervals of evaluations stand on these; scipy is the oracle."""

import numpy as np
import pytest
from clarion import _core
from scipy import stats


def test_interval_is_that_of_scipy():
    values = np.random.default_rng(1).exponential(size=200)
    n, mean, sd, low, high = _core.bootstrap_means(values[None], replicates=20000, level=0.9)[0]
    theirs = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=20000,
        confidence_level=0.9,
        method="BCa",
        rng=np.random.default_rng(2),
    )
    assert n == 200 and mean == pytest.approx(values.mean())
    # The ends of two sets of 20,000 draws differ by about 0.02 standard errors each.
    assert low == pytest.approx(theirs.confidence_interval.low, abs=0.08 * sd)
    assert high == pytest.approx(theirs.confidence_interval.high, abs=0.08 * sd)
    assert sd == pytest.approx(theirs.standard_error, rel=0.03)


def test_values_that_are_not_there_and_threads():
    columns = np.random.default_rng(3).normal(size=(3, 50))
    columns[1, ::2] = np.nan
    one = _core.bootstrap_means(columns, seed=4, n_jobs=1)
    assert one == _core.bootstrap_means(columns, seed=4, n_jobs=3)
    assert [row[0] for row in one] == [50, 25, 50]
    with pytest.raises(ValueError, match="level"):
        _core.bootstrap_means(columns, level=2)
    with pytest.raises(ValueError, match="columns"):
        _core.bootstrap_means(columns[0])
