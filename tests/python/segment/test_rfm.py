import os
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import clarion as cl
import numpy as np
import pandas as pd
import pytest
from clarion.segment import Purchases, purchase_summary, rfm, rfm_segment_of
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = Path(os.environ.get("CLARION_DATA", "missing"))


def transactions(n=3000, customers=400, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, n),
            "date": np.datetime64("2026-01-01") + random.integers(0, 300, n),
            "amount": random.integers(-20, 400, n) / 4,
        }
    )


def expected(frame, at):
    sales = frame[frame["amount"] >= 0]
    by = sales.groupby("customer")
    out = pd.DataFrame(
        {
            "recency": (pd.Timestamp(at) - by["date"].max()).dt.days,
            "tenure": (pd.Timestamp(at) - by["date"].min()).dt.days,
            "frequency": by["date"].nunique(),
            "monetary": frame.groupby("customer")["amount"].sum(),
        }
    ).loc[by.size().index]
    n = len(out)
    fifths = lambda worse: 1 + 5 * (worse.rank(method="min").astype(int) - 1) // n  # noqa: E731
    return out.assign(r=fifths(-out["recency"]), f=fifths(out["frequency"]), m=fifths(out["monetary"]))


@pytest.mark.parametrize("seed", range(3))
def test_as_pandas_says(seed):
    frame = transactions(seed=seed)
    at = date(2026, 12, 1)
    want = expected(frame, at)
    got = rfm(frame, at=at)
    table = got.to_frame().set_index("customer")
    for name in want:
        np.testing.assert_array_equal(table[name], want[name], err_msg=name)
    np.testing.assert_allclose(table["mean"], want["monetary"] / want["frequency"])
    assert table["segment"].tolist() == [
        rfm_segment_of(r, f) for r, f in zip(want["r"], want["f"], strict=True)
    ]
    counts = got.segments().set_index("segment")["customers"]
    assert counts.to_dict() == {**dict.fromkeys(counts.index, 0), **table["segment"].value_counts().to_dict()}
    assert got.grid.sum() == len(got) == len(want)
    same = rfm(Purchases.from_frame(frame, at=at))
    pd.testing.assert_frame_equal(same.to_frame(), got.to_frame())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12), st.integers(0, 6)), min_size=1, max_size=60))
def test_equal_values_have_equal_scores(rows):
    frame = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    frame["date"] = np.datetime64("2026-01-01") + frame["date"].to_numpy()
    got = rfm(frame).to_frame("pandas")
    for measure, score in (("recency", "r"), ("frequency", "f"), ("monetary", "m")):
        assert got.groupby(measure)[score].nunique().max() == 1
        order = got.sort_values(measure)[score].tolist()
        assert order == sorted(order, reverse=score == "r")


def test_boundaries_carry_over():
    first = rfm(transactions(), at="2026-12-01")
    again = rfm(transactions(), at="2026-12-01", **first.boundaries)
    assert (again.r == first.r).all()
    assert (again.m == first.m).all()
    with pytest.raises(ValueError, match="frequency_boundaries"):
        rfm(transactions(), frequency_boundaries=[3, 2, 1, 0])
    with pytest.raises(TypeError, match="unknown option quantiles"):
        rfm(transactions(), quantiles=4)
    with pytest.raises(ValueError, match="read until"):
        rfm(Purchases.from_frame(transactions(), at="2026-12-01"), at="2026-12-02")


def test_shown():
    got = rfm(transactions(), at="2026-12-01")
    assert "Champions" in got._repr_html_()
    assert got.to_dict()["at"] == "2026-12-01"
    axes = got.plot()
    assert axes.get_xlabel() == "frequency score"
    assert len(axes.texts) == 25
    assert rfm({"customer": [], "date": [], "amount": []}).to_frame("pandas").empty
    one = rfm({"customer": ["x"], "date": ["2026-01-01"], "amount": [1e12]})
    assert one.monetary.tolist() == [1e12]
    assert one._repr_html_()


@pytest.mark.skipif(not (DATA / "cdnow").exists(), reason="needs CDNOW in CLARION_DATA")
def test_cdnow_summary():
    """The summary that lifetimes ships of the 2,357 customers of the sample: time in weeks, money by repeat purchase."""
    names = ["customer", "date", "cds", "amount"]
    log = pd.read_csv(DATA / "cdnow" / "CDNOW_master.txt.gz", sep=r"\s+", names=names, skiprows=1)
    summary = purchase_summary(log, at="1997-09-30", unit="weeks").to_frame("pandas")
    assert len(summary) == 23570
    known = pd.read_csv(DATA / "cdnow" / "cdnow_customers_summary_with_transactions.csv.gz")
    # The sample has ids of its own: each of its customers is one of the whole log.
    ours = Counter(zip(summary["frequency"], summary["recency"].round(2), summary["T"].round(2), strict=True))
    theirs = Counter(zip(known["x"], known["t_x"], known["T"], strict=True))
    assert theirs <= ours
    spend = defaultdict(list)
    for row in summary.itertuples():
        spend[row.frequency, round(row.recency, 2), round(row.T, 2)].append(row.monetary)
    for row in known.itertuples():
        assert min(abs(m - row.zbar) for m in spend[row.x, row.t_x, row.T]) < 0.0051


def test_summary_by_hand():
    rows = {
        "customer": ["a", "a", "a", "b"],
        "date": ["2026-01-01", "2026-01-08", "2026-01-22", "2026-01-15"],
        "amount": [100, 1, 3, 7],
    }
    got = purchase_summary(rows, at="2026-01-29", unit="weeks").to_dict()
    assert got == {
        "customer": ["a", "b"],
        "frequency": [2, 0],
        "recency": [3, 0],
        "T": [4, 2],
        "monetary": [2, 0],
    }
    with pytest.raises(ValueError, match="unit: 'fortnights'"):
        purchase_summary(rows, unit="fortnights")


def test_interrupted():
    def stop(fraction):
        raise KeyboardInterrupt

    random = np.random.default_rng(1)
    n = 3_000_000
    big = {
        "customer": random.integers(0, 2**62, n),
        "date": np.zeros(n, "datetime64[D]"),
        "amount": np.ones(n),
    }
    with pytest.raises(KeyboardInterrupt):
        rfm(big, progress=stop)
    assert cl.segment.rules()
