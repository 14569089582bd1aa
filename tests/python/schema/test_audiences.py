import gzip
import os
import uuid
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import Audiences, ClarionError
from hypothesis import given, settings
from hypothesis import strategies as st


def sets_of(campaigns, customers):
    out = defaultdict(set)
    for campaign, customer in zip(campaigns, customers, strict=True):
        out[campaign].add(customer)
    return out


def check(audiences, campaigns, customers, label=str):
    want = sets_of(campaigns, customers)
    assert set(audiences.campaigns) == {label(c) for c in want}
    assert audiences.n_customers == len(set(customers))
    assert audiences.n_memberships == sum(map(len, want.values()))
    for campaign, members in want.items():
        got = audiences.members(label(campaign))
        assert list(got) == sorted(members)
    report = audiences.report
    assert report.rows_read == len(campaigns) == report.rows_accepted + report.rows_quarantined
    assert report.duplicates == report.rows_accepted - audiences.n_memberships


ids = st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1))
rows = st.lists(st.tuples(st.integers(-3, 3), ids), max_size=80)


@settings(deadline=None)
@given(rows)
def test_integer_ids_are_sets(table):
    campaigns = np.array([c for c, _ in table], dtype=np.int32)
    customers = np.array([i for _, i in table], dtype=np.int64)
    audiences = Audiences.from_arrays(campaigns, customers)
    check(audiences, campaigns.tolist(), customers.tolist())
    assert audiences.campaigns == [str(c) for c in sorted(set(campaigns.tolist()))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=6)), max_size=60))
def test_text_ids_are_sets(table):
    campaigns, customers = [c for c, _ in table], [i for _, i in table]
    frame = pa.table(
        {"campaign": pa.array(campaigns, pa.string()), "customer": pa.array(customers, pa.large_string())}
    )
    check(Audiences.from_frame(frame), campaigns, customers)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_any_frame(kind):
    data = {"when": [1.5, 2, 3, 4], "mail": ["b", "a", "b", "b"], "who": [7, 7, -9, 7]}
    audiences = Audiences.from_frame(kind(data), campaign="mail", customer="who")
    check(audiences, data["mail"], data["who"])
    assert type(audiences.to_frame()).__module__.split(".")[0] == (
        "pandas" if kind is dict else kind.__module__.split(".")[0]
    )


def test_duckdb_relations_stream():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select i % 7 as campaign, (i * 31) % 1000 as customer from range(500000) t(i)")
    audiences = Audiences.from_frame(relation)
    i = np.arange(500000)
    check(audiences, (i % 7).tolist(), (i * 31 % 1000).tolist())


def test_batches_and_dictionaries():
    random = np.random.default_rng(2)
    names = np.array(["spring", "autumn", "winter", "never"])
    table = pa.table(
        {
            "campaign": pa.array(names[random.integers(0, 3, 300_000)]).dictionary_encode(),
            "customer": random.integers(-40_000, 40_000, 300_000).astype(np.int32),
        }
    )
    parts = pa.concat_tables(
        [table.slice(0, 10), table.slice(10, 0), table.slice(10, 150_001), table.slice(150_011)]
    )
    audiences = Audiences.from_frame(parts)
    check(audiences, parts["campaign"].to_pylist(), parts["customer"].to_pylist())
    whole = Audiences.from_frame(
        table.cast(pa.schema([("campaign", pa.string()), ("customer", pa.float64())])), n_jobs=1
    )
    for campaign in audiences.campaigns:
        np.testing.assert_array_equal(audiences.members(campaign), whole.members(campaign))


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_threads_do_not_matter(n_jobs):
    random = np.random.default_rng(5)
    campaigns = random.integers(0, 30, 400_000).astype(np.int32)
    for customers in (random.integers(0, 50_000, 400_000), random.integers(0, 50_000, 400_000) * 982_451_653):
        one = Audiences.from_arrays(campaigns, customers, n_jobs=1)
        many = Audiences.from_arrays(campaigns, customers, n_jobs=n_jobs)
        assert one.memory_bytes == many.memory_bytes
        for campaign in one.campaigns:
            np.testing.assert_array_equal(one.members(campaign), many.members(campaign))


def test_rows_without_an_id_are_quarantined():
    frame = pa.table(
        {
            "campaign": pa.array(["a", None, "a", "b", "b", "b"]),
            "customer": pa.array([1.0, 2.0, None, 3.5, float("nan"), 1e300]),
        }
    )
    audiences = Audiences.from_frame(frame)
    report = audiences.report
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (6, 1, 5)
    assert [row for row, _ in report.quarantined] == [1, 2, 3, 4, 5]
    assert report.quarantined[0][1] == "the campaign is missing"
    assert report.quarantined[1][1] == report.quarantined[3][1] == "the customer is missing"
    assert "whole number" in report.quarantined[2][1]
    assert audiences.campaigns == ["a", "b"]
    assert audiences.sizes.tolist() == [1, 0]

    nothing = Audiences.from_frame(pa.table({"campaign": pa.nulls(3), "customer": pa.nulls(3)}))
    assert nothing.report.rows_quarantined == 3
    assert len(nothing) == 0


def test_pandas_integers_with_a_hole_stay_integers():
    frame = pd.DataFrame({"campaign": [1, 2, None], "customer": [10, None, 30]})
    audiences = Audiences.from_frame(frame)
    assert audiences.campaigns == ["1", "2"]
    assert audiences.members(1).tolist() == [10]
    assert audiences.report.rows_quarantined == 2


def test_uuids():
    people = [uuid.UUID(int=i * 7919) for i in range(50)]
    audiences = Audiences.from_arrays(["x"] * 50 + ["y"] * 2, people + people[3:5])
    assert audiences.members("y") == [str(people[3]), str(people[4])]
    assert audiences.contains("x", str(people[49]))
    assert not audiences.contains("y", str(people[0]))


def test_ids_beyond_63_bits():
    audiences = Audiences.from_arrays(np.zeros(3, np.int64), np.array([1, 2**63, 2**64 - 1], np.uint64))
    assert audiences.report.rows_quarantined == 2
    assert audiences.members(0).tolist() == [1]


def test_labels_keep_campaigns_without_members():
    audiences = Audiences.from_arrays([2, 0, 2, 9], [5, 5, 6, 7], labels=["a", "b", "c"])
    assert audiences.sizes.tolist() == [1, 0, 2]
    assert audiences.report.quarantined == ((3, "the campaign index has no label"),)
    assert "c" in audiences and "d" not in audiences
    assert list(audiences) == ["a", "b", "c"]


def test_empty():
    audiences = Audiences.from_arrays([], [])
    assert len(audiences) == audiences.n_customers == audiences.n_memberships == 0
    assert len(audiences.to_frame()) == 0
    assert "0 campaigns" in repr(audiences)
    frame = pd.DataFrame({"campaign": pd.Series([], dtype="int64"), "customer": pd.Series([], dtype="int64")})
    assert len(Audiences.from_frame(frame)) == 0


def test_round_trip_through_a_frame():
    audiences = Audiences.from_arrays(["b", "a", "b"], ["y", "x", "x"])
    again = Audiences.from_frame(audiences.to_frame("polars"))
    assert again.campaigns == audiences.campaigns
    assert again.members("b") == audiences.members("b") == ["x", "y"]


def test_messages():
    frame = pd.DataFrame({"campaign": ["spring"], "customer": [1], "score": [[1]]})
    with pytest.raises(ValueError, match=r"customer.*household.*campaign, customer"):
        Audiences.from_frame(frame, customer="household")
    with pytest.raises(ClarionError, match=r"score.*cannot be read"):
        Audiences.from_frame(frame, customer="score")
    with pytest.raises(ValueError, match=r"'sprung'.*known are 'spring'"):
        Audiences.from_frame(frame).members("sprung")
    with pytest.raises(ValueError, match="equal length"):
        Audiences.from_arrays([1, 2], [1])
    with pytest.raises(ValueError, match="twice"):
        Audiences.from_arrays([0], [0], labels=["a", "a"])
    with pytest.raises(ValueError, match="n_jobs"):
        Audiences.from_arrays([0], [0], n_jobs=0)
    with pytest.raises(TypeError, match="cannot read rows"):
        Audiences.from_frame(3)


def test_html_is_escaped():
    assert "<script>" not in Audiences.from_arrays(["<script>"], [1])._repr_html_()


@pytest.mark.skipif("CLARION_DATA" not in os.environ, reason="CLARION_DATA names no folder of data sets")
def test_complete_journey():
    path = Path(os.environ["CLARION_DATA"]) / "complete-journey" / "campaigns.csv.gz"
    with gzip.open(path, "rt") as file:
        lines = [line.rstrip("\n").split(",") for line in file][1:]
    audiences = Audiences.from_frame(pd.read_csv(path), campaign="campaign_id", customer="household_id")
    check(audiences, [int(a) for a, _ in lines], [int(b) for _, b in lines])
    assert len(audiences) == 27
    assert audiences.n_memberships == 6589
