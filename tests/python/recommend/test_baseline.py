import numpy as np
import pytest
from clarion.recommend import Interactions, Popular, Random


@pytest.fixture
def data():
    days = np.array(["2026-01-01", "2026-01-01", "2026-01-11", "2026-01-11", "2026-01-21", "2026-01-21"])
    return Interactions.from_arrays(
        ["a", "a", "b", "b", "c", "c"], ["x", "y", "x", "z", "x", "z"], time=days.astype("datetime64[D]")
    )


def test_popularity(data):
    assert Popular().fit(data).item_factors_.ravel().tolist() == [3, 1, 2]
    assert Popular().fit(data).recommend(["a"], k=3).to_dict() == {"a": ["z"]}
    recent = Popular(half_life=10).fit(data)
    np.testing.assert_allclose(recent.item_factors_.ravel(), [1.75, 0.25, 1.5])
    by_segment = Popular().fit(data, segments=["north", "south", "north"])
    assert by_segment.segments_.tolist() == ["north", "south"]
    assert by_segment.score(["a", "b"], ["x", "x"]).tolist() == [2, 1]
    assert by_segment.fold_in(data).score(["a"], ["x"]).tolist() == [3]


def test_what_is_not_allowed(data):
    with pytest.raises(ValueError, match="segments: 2 entries"):
        Popular().fit(data, segments=["n", "s"])
    with pytest.raises(ValueError, match="half_life"):
        Popular(half_life=3).fit(data.to_csr())


def test_chance_depends_on_its_seed_alone(data):
    first, again, other = (
        Random(random_state=seed).fit(data).recommend(k=2, exclude_seen=False) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (first.scores != other.scores).any()
