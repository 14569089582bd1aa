import datetime as dt
import os
from pathlib import Path

import clarion as cl
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.segment import Engagement, engagement
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = Path(os.environ.get("CLARION_DATA", "missing"))
WEIGHTS = {"view": 1, "cart": 2.5, "buy": 10}


def seen(n=5000, customers=300, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, n),
            "time": np.datetime64("2026-01-01T00:00") + random.integers(0, 400 * 1440, n).astype("timedelta64[m]"),
            "kind": random.choice(["view", "cart", "buy", "spam"], n, p=[0.6, 0.2, 0.1, 0.1]),
        }
    )  # fmt: skip


def expected(frame, weights, half_life, at, customers):
    at = pd.Timestamp(at)
    frame = frame[frame["customer"].notna() & frame["time"].notna()]
    age = (at - frame["time"].dt.normalize()).dt.days
    weight = 1.0 if weights is None else frame["kind"].map(weights).astype(float).fillna(0.0)
    frame = frame.assign(age=age, w=weight)
    frame = frame[(frame["age"] >= 0) & (frame["w"] > 0)]
    frame = frame.assign(points=frame["w"] * 2.0 ** (-frame["age"] / half_life))
    by = frame.groupby("customer")
    out = pd.DataFrame(
        {"points": by["points"].sum(), "events": by.size(), "days_since_event": by["age"].min()}
    )
    out = out.reindex(customers)
    out[["points", "events"]] = out[["points", "events"]].fillna(0)
    points = out["points"].to_numpy()
    same = np.abs(points[:, None] - points) <= 1e-12 * np.maximum(points[:, None], points)
    fewer = (points < points[:, None]) & ~same
    out["engagement"] = 100 * (fewer.sum(axis=1) + same.sum(axis=1) / 2) / max(len(points), 1)
    return out


def compare(got, wanted):
    frame = got.to_frame("pandas")
    assert frame.iloc[:, 0].tolist() == wanted.index.tolist()
    assert frame["events"].tolist() == wanted["events"].tolist()
    for name in ("points", "engagement", "days_since_event"):
        np.testing.assert_allclose(frame[name], wanted[name], rtol=1e-11, err_msg=name)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("seed", range(3))
def test_as_pandas_says(weights, seed):
    frame, at = seen(seed=seed), "2026-11-30"
    got = engagement(frame, weights=weights, half_life=45, at=at)
    compare(got, expected(frame, weights, 45, at, sorted(frame["customer"].unique())))
    later = int((frame["time"] >= "2026-12-01").sum())
    spam = int(((frame["kind"] == "spam") & (frame["time"] < "2026-12-01")).sum())
    assert got.rows == {
        "read": len(frame),
        "used": len(frame) - later - (spam if weights else 0),
        "no customer": 0,
        "no day": 0,
        "after the reference date": later,
        "no weight above 0": spam if weights else 0,
    }
    kinds = got.kinds.to_frame("pandas").set_index("kind")
    assert kinds["events"].to_dict() == frame[frame["time"] < "2026-12-01"]["kind"].value_counts().to_dict()
    assert np.isnan(kinds["weight"]["spam"]) == (weights is not None)
    assert got.score.mean() == pytest.approx(50)
    again = engagement(frame, weights=weights, half_life=45, at=at, n_jobs=1)
    pd.testing.assert_frame_equal(again.to_frame("pandas"), got.to_frame("pandas"), check_exact=True)


cells = st.tuples(
    st.one_of(st.none(), st.integers(0, 4)),
    st.one_of(st.none(), st.integers(0, 40)),
    st.sampled_from(["view", "buy", "spam", None, ""]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(cells, min_size=1, max_size=40), st.integers(1, 3), st.booleans())
def test_small_tables(table, n_jobs, weighted):
    frame = pd.DataFrame(table, columns=["customer", "day", "kind"])
    days = [None if day is None else dt.date(2026, 1, 1) + dt.timedelta(day) for _, day, _ in table]
    source = {"customer": [row[0] for row in table], "time": days, "kind": frame["kind"].tolist()}
    weights = WEIGHTS if weighted else None
    asked = [4, 77, 2, 0]
    got = engagement(source, weights=weights, customers=asked, n_jobs=n_jobs)
    frame["time"] = pd.to_datetime(pd.Series(days, dtype=object))
    known = [day for day in days if day is not None]
    assert got.at == (max(known) if known else None)
    compare(got, expected(frame, weights, 30, got.at or dt.date(2026, 1, 1), asked))
    assert sum(got.rows.values()) == 2 * got.rows["read"] == 2 * len(table)


SMALL = pd.DataFrame(
    {
        "who": ["b", "a", "b", None, "a", " "],
        "when": pd.to_datetime(["2026-01-01", "2026-01-02 23:59", None, "2026-01-09", "2026-01-08", "2026-01-01"],
                               format="ISO8601"),
        "what": ["view", "view", "view", "view", "buy", "buy"],
    }
)  # fmt: skip
NAMES = {"customer": "who", "date": "when", "kind": "what"}


@pytest.mark.parametrize(
    "kind", ["pandas", "categories", "polars", "pyarrow", "chunks", "duckdb", "columns", "rows", "texts"]
)
def test_any_frame(kind):
    table = pa.Table.from_pandas(SMALL, preserve_index=False)
    rows = SMALL.astype(object).where(SMALL.notna(), None).to_dict("records")
    source = {
        "pandas": lambda: SMALL,
        "categories": lambda: SMALL.astype("category"),
        "polars": lambda: pl.from_pandas(SMALL),
        "pyarrow": lambda: table,
        "chunks": lambda: pa.concat_tables([table.slice(k, 1) for k in range(6)]),
        "duckdb": lambda: duckdb.arrow(table),
        "columns": lambda: SMALL.to_dict("list"),
        "rows": lambda: rows,
        "texts": lambda: SMALL.assign(when=SMALL["when"].dt.strftime("%Y-%m-%dT%H:%M:%S")),
    }[kind]()
    got = engagement(source, **NAMES, half_life=1)
    assert got.customers.tolist() == ["a", "b"]
    assert got.at == dt.date(2026, 1, 9)
    assert got.points.tolist() == [0.5 + 2**-7, 2**-8]
    assert got.score.tolist() == [75, 25]
    assert got.days_since.tolist() == [1, 8]
    assert (got.rows["no customer"], got.rows["no day"]) == (2, 1)


def test_days_of_any_form():
    for days in (
        [20260101, 20260131, 20261301, None],
        [20260101, 20260131, -(2**40), 2**62],
        ["2026-01-01", "2026-01-31 10:00", "2026-02-30", ""],
        [dt.date(2026, 1, 1), dt.datetime(2026, 1, 31, 10), None, None],
        pa.array([20454, 20484, None, None], pa.int32()),
        pa.array([0, 1, 2, 3], pa.int8()).cast(pa.int64()),
    ):
        got = engagement({"customer": ["a", "a", "b", "c"], "time": days}, kind=None)
        assert got.days_since[0] == (2 if got.rows["used"] == 4 else 0)
        if got.rows["used"] == 2:
            assert got.points[0] == pytest.approx(1.5)
            assert got.rows["no day"] == 2


def test_records_as_frames():
    frame = seen(400, 30).drop_duplicates()
    frame["time"] -= pd.Timedelta(days=1000)  # nothing of it lies in the future
    read = cl.schema.Events.read(frame)
    assert len(read) == len(frame)
    at = frame["time"].max().date()
    compare(
        engagement(read, weights=WEIGHTS), expected(frame, WEIGHTS, 30, at, sorted(set(frame["customer"])))
    )
    cookies = cl.schema.Events.read(
        [
            {"cookie": "k", "time": "2026-01-02", "kind": "view"},
            {"customer": "a", "time": "2026-01-01", "kind": "view"},
        ]
    )
    got = engagement(cookies)
    assert got.customers.tolist() == ["a"]
    assert got.rows["no customer"] == 1
    assert got.at == dt.date(2026, 1, 2)
    responses = cl.schema.Responses.read(
        {
            "campaign": ["c1", "c2", "c1"],
            "customer": ["a", "a", "b"],
            "contacted_at": ["2026-01-01"] * 3,
            "responded_at": ["2026-01-03", None, None],
            "outcome": ["bought", "none", "none"],
        }
    )
    got = engagement(responses, date="responded_at", kind="outcome", at="2026-02-02")
    assert got.points.tolist() == [0.5, 0]
    assert got.score.tolist() == [75, 25]
    with pytest.raises(ValueError, match="date: outcome holds no days"):
        engagement(responses, date="outcome", kind=None)


def test_customers_to_answer_for():
    frame = seen()
    asked = [9999, 5, 8888, 6]
    got = engagement(frame, customers=np.array(asked), at="2026-12-31")
    compare(got, expected(frame, None, 30, "2026-12-31", asked))
    assert got.score[0] == got.score[2] == 25
    assert np.isnan(got.days_since[0])
    with pytest.raises(ValueError, match="ids that are numbers"):
        engagement(frame, customers=["5"])


def test_the_order_of_events_does_not_part_equals():
    rows = {
        "customer": [1, 1, 1, 2, 2, 2],
        "time": ["2026-01-01"] * 6,
        "kind": ["a", "b", "c", "c", "b", "a"],
    }
    got = engagement(rows, weights={"a": 0.1, "b": 0.2, "c": 0.3})
    assert got.points[0] != got.points[1]
    assert got.score.tolist() == [50, 50]


def test_nothing_at_all():
    for source in ({"customer": [], "time": [], "kind": []}, [], SMALL.rename(columns=dict(zip(NAMES.values(), NAMES, strict=True))).iloc[:0].rename(columns={"date": "time"})):  # fmt: skip
        got = engagement(source)
        assert (len(got), got.at) == (0, None)
        assert got.to_frame("pandas").empty
        assert got._repr_html_()
        got.plot()
    asked = engagement([], customers=["a", "b"], at="2026-01-01")
    assert asked.points.tolist() == [0, 0]
    assert asked.score.tolist() == [50, 50]
    missing = engagement({"customer": [None, "a"], "time": ["2026-01-01", None], "kind": [None, None]})
    assert missing.score.tolist() == [50]
    assert missing.events.tolist() == [0]
    unweighted = engagement({"customer": ["a"], "time": ["2026-01-01"], "kind": [None]}, weights={"view": 1})
    assert unweighted.rows["no weight above 0"] == 1
    future = engagement(SMALL, **NAMES, at="2020-01-01")
    assert future.rows["used"] == 0
    assert future.rows["after the reference date"] == 3


def test_shown():
    got = engagement(seen(), weights=WEIGHTS)
    assert isinstance(got, Engagement)
    assert repr(got) == f"Engagement(300 customers on {got.at}, 300 with events)"
    assert "spam" in got._repr_html_()
    assert got.to_dict()["half_life"] == 30
    axes = got.plot()
    assert len(axes.patches) == 6
    assert sum(patch.get_width() for patch in axes.patches) == pytest.approx(1)


def test_what_is_refused():
    with pytest.raises(ValueError, match="date: there is no column 'time'"):
        engagement(SMALL, customer="who", kind="what")
    with pytest.raises(ValueError, match="kind: there is no column 'kind'"):
        engagement(SMALL, customer="who", date="when")
    with pytest.raises(ValueError, match="the table has no kinds to weigh"):
        engagement(SMALL, customer="who", date="when", kind=None, weights={"view": 1})
    for bad in (-1, float("nan"), float("inf"), 1e16, "much", None):
        with pytest.raises(ValueError, match=r"weights: .* of 'view' is not allowed"):
            engagement(SMALL, **NAMES, weights={"view": bad, "buy": 1})
    with pytest.raises(ValueError, match="give a mapping"):
        engagement(SMALL, **NAMES, weights=[1, 2])
    assert engagement(SMALL, **NAMES, weights={"view": 1, "never seen": 3}).rows["used"] == 2
    for bad in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"half_life: .* is not allowed"):
            engagement(SMALL, **NAMES, half_life=bad)
    with pytest.raises(TypeError, match="half_life: 'long' has the wrong type"):
        engagement(SMALL, **NAMES, half_life="long")
    with pytest.raises(ValueError, match="at: 'soon' is not allowed"):
        engagement(SMALL, **NAMES, at="soon")
    with pytest.raises(ValueError, match="date: column paid holds double; give dates"):
        engagement({"customer": [1], "paid": [1.5]}, date="paid", kind=None)
    with pytest.raises(ClarionError, match="differ in length"):
        engagement({"customer": [1, 2], "time": ["2026-01-01"]}, kind=None)


def test_interrupted():
    def stop(fraction):
        raise KeyboardInterrupt

    random = np.random.default_rng(1)
    n = 20_000_000
    big = pa.table(
        {
            "customer": random.integers(0, 1_000_000, n, np.int32),
            "time": pa.array(random.integers(20000, 20400, n, np.int32)).cast(pa.date32()),
        }
    )
    with pytest.raises(KeyboardInterrupt):
        engagement(big, kind=None, progress=stop)


@pytest.mark.skipif(not (DATA / "online-retail").exists(), reason="needs Online Retail in CLARION_DATA")
def test_invoices_of_online_retail():
    frame = pd.read_csv(DATA / "online-retail" / "online_retail.csv.gz")
    names = {name.lower().replace(" ", ""): name for name in frame.columns}
    frame = pd.DataFrame(
        {
            "customer": frame[names["customerid"]],
            "time": pd.to_datetime(frame[names["invoicedate"]]),
            "kind": np.where(frame["Quantity"] < 0, "return", "sale"),
        }
    )
    weights = {"sale": 1.0}
    got = engagement(frame, weights=weights, half_life=60)
    known = sorted(frame["customer"].dropna().unique())
    compare(got, expected(frame, weights, 60, frame["time"].max().date(), known))
    assert got.rows["no customer"] == int(frame["customer"].isna().sum())
    returned = (frame["kind"] == "return") & frame["customer"].notna()
    assert got.rows["no weight above 0"] == int(returned.sum())
