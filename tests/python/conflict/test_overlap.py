import os
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from clarion import Audiences
from clarion.conflict import overlap
from hypothesis import given, settings
from hypothesis import strategies as st


def brute_force(campaigns, customers):
    members = defaultdict(set)
    for campaign, customer in zip(campaigns, customers, strict=True):
        members[campaign].add(customer)
    rows = []
    for a, b in combinations(sorted(members), 2):
        x, y = members[a], members[b]
        both = len(x & y)
        rows.append((str(a), str(b), len(x), len(y), both, both / len(x | y), both / min(len(x), len(y))))
    return rows


def rows_of(table):
    return [tuple(row) for row in table.to_frame("pandas").itertuples(index=False)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-20, 20)), max_size=150))
def test_pairs_against_python_sets(table):
    campaigns = np.array([c for c, _ in table], dtype=np.int32)
    customers = np.array([i for _, i in table], dtype=np.int64)
    got = overlap(Audiences.from_arrays(campaigns, customers))
    assert rows_of(got) == brute_force(campaigns.tolist(), customers.tolist())


@pytest.mark.parametrize("level", ["scalar", "avx2", "avx512"])
@pytest.mark.parametrize("n_jobs", [1, 3])
def test_threads_and_cpu_levels_agree(level, n_jobs, monkeypatch):
    random = np.random.default_rng(8)
    share = np.array([0.7, 0.5, 0.4, 0.3, 0.3, 0.2, 0.1, 0.02, 0.01, 0.001])
    customers, campaigns = np.nonzero(random.random((150_000, 10)) < share)
    audiences = Audiences.from_arrays(campaigns.astype(np.int32), customers)
    dense = np.zeros((150_000, 10), np.float64)
    dense[customers, campaigns] = 1
    gram = (dense.T @ dense).astype(np.int64)
    monkeypatch.setenv("CLARION_SIMD", level)
    got = overlap(audiences, n_jobs=n_jobs)
    np.testing.assert_array_equal(got["shared"], gram[np.triu_indices(10, 1)])


def test_frame_and_selection():
    audiences = Audiences.from_frame(
        pl.DataFrame({"campaign": ["a", "a", "b", "b", "c", "d"], "customer": [1, 2, 2, 3, 9, 2]})
    )
    table = overlap(audiences)
    frame = table.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == [
        "campaign_a",
        "campaign_b",
        "size_a",
        "size_b",
        "shared",
        "jaccard",
        "containment",
    ]
    assert len(table) == 6
    assert frame["jaccard"].to_list() == [1 / 3, 0, 1 / 2, 0, 1 / 2, 0]
    assert len(overlap(audiences, min_shared=1)) == 3
    assert rows_of(overlap(audiences, pairs=[("d", "a"), ("a", "d")])) == [("a", "d", 2, 1, 1, 0.5, 1.0)]
    top = table.top(1, by="containment")
    assert (top["campaign_a"], top["campaign_b"]) == (["a"], ["d"])
    assert "6 rows" in repr(table)
    assert "campaign_a" in table._repr_html_()


def test_only_campaigns_that_run_on_a_common_day():
    audiences = Audiences.from_arrays(["a", "b", "c"], [1, 1, 1])
    days = {
        "a": (date(2026, 1, 1), date(2026, 1, 31)),
        "b": (date(2026, 1, 31), date(2026, 2, 5)),
        "c": (date(2026, 2, 5), date(2026, 2, 5)),
    }
    got = overlap(audiences, concurrent_only=days)
    assert list(zip(got["campaign_a"], got["campaign_b"], strict=True)) == [("a", "b"), ("b", "c")]
    with pytest.raises(ValueError, match="no dates for 'c'"):
        overlap(audiences, concurrent_only={"a": days["a"], "b": days["b"]})
    with pytest.raises(ValueError, match="ends on day"):
        overlap(audiences, concurrent_only={**days, "c": (date(2026, 2, 5), date(2026, 2, 4))})


def test_nothing_to_compare():
    assert len(overlap(Audiences.from_arrays([], []))) == 0
    assert len(overlap(Audiences.from_arrays([1], [1]))) == 0
    nobody = np.array([], np.int64)
    empty = overlap(Audiences.from_arrays(nobody, nobody, labels=["a", "b"]))
    assert rows_of(empty) == [("a", "b", 0, 0, 0, 0.0, 0.0)]


def test_messages():
    audiences = Audiences.from_arrays(["a", "b"], [1, 1])
    with pytest.raises(ValueError, match=r"'z'.*known are"):
        overlap(audiences, pairs=[("a", "z")])
    with pytest.raises(ValueError, match="two different"):
        overlap(audiences, pairs=[("a", "a")])
    with pytest.raises(ValueError, match="by: 'size'"):
        overlap(audiences).top(by="size")


@pytest.mark.skipif("CLARION_DATA" not in os.environ, reason="CLARION_DATA names no folder of data sets")
def test_complete_journey():
    frame = pd.read_csv(Path(os.environ["CLARION_DATA"]) / "complete-journey" / "campaigns.csv.gz")
    audiences = Audiences.from_frame(frame, campaign="campaign_id", customer="household_id")
    assert rows_of(overlap(audiences)) == brute_force(
        frame["campaign_id"].tolist(), frame["household_id"].tolist()
    )
