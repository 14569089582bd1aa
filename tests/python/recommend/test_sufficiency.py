import numpy as np
import pytest
from clarion.recommend import Interactions, sufficiency
from scipy import sparse


def codes(result):
    return [finding.code for finding in result]


def test_counts_are_those_of_the_matrix():
    matrix = sparse.random(200, 40, 0.1, "csr", np.float32, np.random.default_rng(2))
    result = sufficiency(matrix, min_co_occurrences=60)
    together = (matrix > 0).astype(np.int64)
    pairs = (together.T @ together).toarray()
    np.fill_diagonal(pairs, 0)
    assert result.median_co_occurrences == np.quantile(pairs.sum(axis=1), 0.5, method="lower")
    assert result.items_below == (pairs.sum(axis=1) < 60).sum()
    assert result.interactions == matrix.nnz


def test_little_is_called_noise(events):
    assert codes(sufficiency(Interactions.from_frame(events[:300]))) == ["R002", "R003"]
    enough = Interactions.from_frame(events).sufficiency()
    assert enough.enough_for_users
    assert "R002" not in codes(enough)
    assert codes(sufficiency(Interactions.from_arrays([], []))) == ["R001"]
    assert codes(sufficiency(Interactions.from_arrays([1], [1]))) == ["R002", "R003", "R004"]


def test_looks(events):
    result = sufficiency(Interactions.from_frame(events[:300]))
    assert result.to_dict()["findings"]
    assert "R002" in result._repr_html_()
    with pytest.raises(ValueError, match="min_co_occurrences"):
        sufficiency(Interactions.from_frame(events), min_co_occurrences=-1)
