from datetime import date, timedelta
from itertools import combinations

import clarion as cl
import numpy as np
import pytest
from clarion.conflict import pairs
from hypothesis import given, settings
from hypothesis import strategies as st

ROW = st.tuples(
    st.integers(0, 40),
    st.integers(1, 20),
    st.sampled_from(["Email", "SMS"]),
    st.sets(st.sampled_from("ABCD"), max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=10))
def test_estimates_are_those_of_python_sets(plan, rows):
    campaigns = [
        {
            "start": date(2026, 3, 2) + timedelta(days=s),
            "days": d,
            "channel": channel,
            "audience": sorted(segments),
        }
        for s, d, channel, segments in rows
    ]
    got = pairs(plan(*campaigns)) if rows else pairs(cl.Portfolio())
    want = []
    for (i, x), (j, y) in combinations(enumerate(rows), 2):
        days = min(x[0] + x[1], y[0] + y[1]) - max(x[0], y[0])
        shared = x[3] & y[3]
        if days > 0 and shared:
            containment = len(shared) / min(len(x[3]), len(y[3]))
            rate = containment * (1 if x[2] == y[2] else 0.5)
            want.append((f"C{i}", f"C{j}", days, len(shared) / len(x[3] | y[3]), containment, rate * days))
    columns = ("campaign_a", "campaign_b", "shared_days", "jaccard", "containment", "weight")
    assert list(zip(*(got[name] for name in columns), strict=True)) == want
    assert np.isnan(got["shared"]).all()
    assert all(got["estimated"])


def test_memberships_are_counted(plan, members):
    got = pairs(plan({}, {}, {"audience": ["A"]}), members([1, 2, 3], [3, 4]))
    assert got.to_dict()["shared"] == [1]
    assert got.to_dict()["containment"] == [0.5]
    assert not got["estimated"].any()


def test_far_pairs_and_the_heaviest(plan):
    three = plan(*({"audience": ["A"], "start": date(2026, 3, 2) + timedelta(days=10 * i)} for i in range(3)))
    assert len(pairs(three)) == 0
    near = pairs(three, within_days=4)
    assert near.to_dict()["days_apart"] == [4, 4]
    assert near.to_dict()["weight"] == [0, 0]
    together = pairs(plan(*({"audience": ["A"]} for _ in range(5))), max_pairs=3)
    assert (len(together), together.left_out) == (3, 7)


def test_columns_outlive_the_result():
    weight = pairs(cl.sample.portfolio())["weight"]
    assert weight.sum() > 0


def test_threads_and_refusals():
    plan_, sets = cl.sample.portfolio(), cl.sample.audiences()
    assert pairs(plan_, sets, n_jobs=1).to_dict() == pairs(plan_, sets, n_jobs=3).to_dict()
    with pytest.raises(ValueError, match="cross_channel: 3 is not allowed; give a number from 0 to 1"):
        pairs(plan_, cross_channel=3)
    with pytest.raises(TypeError, match="within_days: 'soon' has the wrong type"):
        pairs(plan_, within_days="soon")
