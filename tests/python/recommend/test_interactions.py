import uuid
from collections import defaultdict
from datetime import date, datetime

import clarion as cl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.recommend import Interactions
from clarion.recommend.interactions import interactions_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse


def cells_of(data):
    frame = data.to_frame("pandas")
    return {(u, i): w for u, i, w in zip(frame["user"], frame["item"], frame["weight"], strict=True)}


def sums(report):
    assert report.rows_read == report.interactions + report.merged + report.filtered + report.set_aside
    assert sum(report.by_reason.values()) == report.set_aside


def counted(rows):
    out = defaultdict(float)
    for user, item, weight in rows:
        out[user, item] += weight
    return dict(out)


ids = st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1))
quarters = st.integers(1, 40).map(lambda n: n / 4)


@settings(deadline=None)
@given(st.lists(st.tuples(ids, ids, quarters), max_size=60))
def test_integer_ids_add_up(rows):
    users, items, weights = (
        np.array([row[k] for row in rows], dtype) for k, dtype in ((0, np.int64), (1, np.int64), (2, float))
    )
    data = Interactions.from_arrays(users, items, weights)
    assert cells_of(data) == counted(rows)
    assert data.users.tolist() == sorted({row[0] for row in rows})
    assert data.items.tolist() == sorted({row[1] for row in rows})
    sums(data.report)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=3)), max_size=50))
def test_text_ids_add_up(rows):
    frame = pa.table(
        {
            "user": pa.array([u for u, _ in rows], pa.string()),
            "item": pa.array([i for _, i in rows], pa.large_string()),
        }
    )
    data = Interactions.from_frame(frame)
    assert cells_of(data) == counted((u, i, 1) for u, i in rows)
    assert data.users.tolist() == sorted({u for u, _ in rows}, key=str.encode)


weights = st.one_of(quarters, st.sampled_from([0.0, -1.0, float("nan"), float("inf"), -float("inf"), None]))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 4)), st.one_of(st.none(), st.integers(0, 4)), weights)
    )
)
def test_every_row_is_accounted_for(rows):
    frame = pa.table(
        {
            "user": pa.array([r[0] for r in rows], pa.int64()),
            "item": pa.array([r[1] for r in rows], pa.int32()),
            "weight": pa.array([r[2] for r in rows], pa.float64()),
        }
    )
    data = Interactions.from_frame(frame, weight="weight")
    good = [r for r in rows if None not in r and r[2] > 0 and np.isfinite(r[2])]
    assert cells_of(data) == counted(good)
    assert data.report.rows_read == len(rows)
    assert data.report.set_aside == len(rows) - len(good)
    sums(data.report)
    assert [row for row, _, _ in data.report.faults] == [i for i, r in enumerate(rows) if r not in good][:100]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=80),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_a_core_is_stable_and_the_largest(rows, k, m):
    data = Interactions.from_arrays(
        [r[0] for r in rows], [r[1] for r in rows], min_user_count=k, min_item_count=m
    )
    left = set(rows)
    while True:
        users, items = defaultdict(int), defaultdict(int)
        for u, i in left:
            users[u] += 1
            items[i] += 1
        core = {(u, i) for u, i in left if users[u] >= k and items[i] >= m}
        if core == left:
            break
        left = core
    assert set(cells_of(data)) == left
    sums(data.report)
    assert (
        set(cells_of(Interactions.from_arrays([r[0] for r in rows], [r[1] for r in rows]).filter(k, m)))
        == left
    )


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_any_frame(kind):
    columns = {"junk": [1, 2, 3, 4], "who": ["b", "a", "b", "b"], "what": [7, 7, -9, 7], "n": [1, 2, 3, 4]}
    data = Interactions.from_frame(kind(columns), user="who", item="what", weight="n")
    assert cells_of(data) == {("a", 7): 2, ("b", -9): 3, ("b", 7): 5}
    assert type(data.to_frame()).__module__.split(".")[0] == (
        "pandas" if kind is dict else kind.__module__.split(".")[0]
    )


def test_duckdb_relations_stream():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select (i * 31) % 997 as user, i % 101 as item from range(300000) t(i)")
    data = Interactions.from_frame(relation)
    i = np.arange(300000)
    assert data.n_interactions == len(set(zip((i * 31 % 997).tolist(), (i % 101).tolist(), strict=True)))
    assert data.to_csr().sum() == 300000


def test_uuids_become_text():
    who = [uuid.UUID(int=k * 2**80 + 1) for k in (3, 1, 3)]
    want = sorted({str(w) for w in who})
    frame = pd.DataFrame({"user": who, "item": [1, 2, 3]})
    assert Interactions.from_frame(frame).users.tolist() == want
    assert Interactions.from_arrays(np.array(who, dtype=object), [1, 2, 3]).users.tolist() == want
    column = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([w.bytes for w in who], pa.binary(16)))
    assert Interactions.from_frame(pa.table({"user": column, "item": [1, 2, 3]})).users.tolist() == want


def test_dictionaries_and_pandas_with_holes():
    frame = pd.DataFrame({"user": pd.Categorical(["x", None, "y", "x"]), "item": [1.0, 2.0, np.nan, 1.0]})
    data = Interactions.from_frame(frame)
    assert cells_of(data) == {("x", 1): 2}
    assert data.report.by_reason == {"the user is missing": 1, "the item is missing": 1}


def test_events_and_decay(events):
    weights = {"view": 1, "cart": 3, "purchase": 5}
    data = Interactions.from_frame(events, time="time", event="event", event_weights=weights, half_life=30)
    age = (events["time"].max() - events["time"]).dt.total_seconds() / 86400
    want = defaultdict(float)
    for user, item, event, days in zip(events["user"], events["item"], events["event"], age, strict=True):
        want[user, item] += weights[event] * 0.5 ** (days / 30)
    got = cells_of(data)
    assert set(got) == set(want)
    # Weights are kept as float32: seven digits, of sums of a few.
    assert all(got[key] == pytest.approx(want[key], rel=1e-6) for key in want)
    with pytest.raises(ValueError, match="purchase"):
        Interactions.from_frame(
            events, event="event", event_weights={"view": 1, "cart": 2}, allow_unknown_events=False
        )
    some = Interactions.from_frame(events, event="event", event_weights={"view": 1, "cart": 2})
    assert some.report.by_reason == {"the type of event has no weight": (events["event"] == "purchase").sum()}
    with pytest.raises(ValueError, match="event_weights"):
        Interactions.from_frame(events, event="event")
    later = Interactions.from_frame(events, time="time", half_life=30, reference=date(2026, 12, 31))
    assert later.to_csr().max() < 0.01


def test_times_come_back(events):
    data = Interactions.from_frame(events, time="time", duplicates="last")
    latest = events.groupby(["user", "item"])["time"].max()
    frame = data.to_frame()
    assert (frame.set_index(["user", "item"])["time"].to_numpy() == latest.to_numpy()).all()
    assert data.times.dtype == "datetime64[s]"
    days = Interactions.from_arrays([1, 2], [1, 1], time=np.array(["2025-03-01", "NaT"], "datetime64[D]"))
    assert days.times.tolist() == [date(2025, 3, 1)]
    assert days.report.by_reason == {"the time is missing": 1}
    assert Interactions.from_arrays([1], [1], time=[5], unit="days").times[0] == np.datetime64("1970-01-06")
    assert Interactions.from_arrays([1], [1]).times is None


@pytest.mark.parametrize("rule", ["sum", "max", "last", "first", "binary"])
def test_rules_for_duplicates(events, rule):
    data = Interactions.from_frame(events, weight="weight", time="time", duplicates=rule)
    groups = events.sort_values("time", kind="stable").groupby(["user", "item"])["weight"]
    want = groups.size() * 0 + 1 if rule == "binary" else getattr(groups, rule)()
    assert list(cells_of(data).values()) == want.tolist()


def test_csr_round_trip():
    matrix = sparse.random(60, 40, 0.1, "csr", np.float32, np.random.default_rng(1))
    data = Interactions.from_csr(matrix)
    assert data.shape == matrix.shape
    assert (data.to_csr() != matrix).nnz == 0
    assert (data.to_csr(copy=False) != matrix).nnz == 0
    assert data.report.rows_read == data.report.interactions == matrix.nnz
    assert data.to_csr().has_canonical_format
    for other in (matrix.tocoo(), matrix.tocsc(), sparse.csr_array(matrix)):
        assert (Interactions.from_csr(other).to_csr() != matrix).nnz == 0
    copy = data.to_csr()
    copy.data[:] = 0
    assert (data.to_csr() != matrix).nnz == 0
    with pytest.raises(ValueError, match="read-only"):
        data.to_csr(copy=False).data[:] = 0


def test_csr_with_ids_and_bad_values():
    matrix = sparse.csr_matrix(
        (np.array([1, np.nan, -2, 0, 3]), np.array([1, 0, 2, 1, 0]), np.array([0, 2, 2, 5])), shape=(3, 3)
    )
    data = Interactions.from_csr(matrix, users=["c", "a", "b"], items=[30, 10, 20])
    assert cells_of(data) == {("c", 10): 1, ("b", 30): 3}
    assert data.user_numbers(["a", "b", "zz"]).tolist() == [1, 2, -1]
    assert data.item_numbers([10, 30, 5]).tolist() == [1, 0, -1]
    assert data.report.set_aside == 3
    with pytest.raises(ValueError, match="ids"):
        Interactions.from_csr(matrix, users=[1, 2])
    with pytest.raises(ValueError, match="twice"):
        Interactions.from_csr(matrix, users=[1, 2, 2])
    with pytest.raises(TypeError, match="complex"):
        Interactions.from_csr(matrix.astype(complex))
    with pytest.raises(TypeError, match="sparse"):
        Interactions.from_csr(matrix.toarray())
    broken = sparse.csr_matrix((3, 3))
    broken.indptr, broken.indices, broken.data = np.array([0, 1, 1, 1]), np.array([7]), np.ones(1)
    with pytest.raises(ValueError, match="column 7"):
        Interactions.from_csr(broken)
    broken.indices = np.array([-1], np.int32)
    with pytest.raises(ValueError, match="column"):
        Interactions.from_csr(broken)
    broken.indices, broken.indptr = np.array([0]), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="fall"):
        Interactions.from_csr(broken)


def test_what_fit_takes():
    data = Interactions.from_arrays([1], [2])
    assert interactions_of(data) is data
    assert interactions_of(sparse.eye(3, format="csr")).n_interactions == 3
    with pytest.raises(TypeError, match="give Interactions"):
        interactions_of([[1, 2]])


def test_append(events):
    first, second = events[:1800], events[1800:]
    before = Interactions.from_frame(first, weight="weight", time="time")
    after = before.append(second)
    assert cells_of(after) == cells_of(Interactions.from_frame(events, weight="weight", time="time"))
    assert (after.users[: before.n_users] == before.users).all()
    assert (after.items[: before.n_items] == before.items).all()
    assert after.n_interactions == before.n_interactions + after.report.interactions
    sums(after.report)
    assert before.n_interactions == len(first.drop_duplicates(["user", "item"]))
    renamed = second.rename(columns={"user": "who"})
    assert cells_of(before.append(renamed, user="who")) == cells_of(after)
    with pytest.raises(ValueError, match="time"):
        before.append(second, time=None)
    with pytest.raises(TypeError, match="unknown column"):
        before.append(second, users="user")
    with pytest.raises(ValueError, match="texts beside numbers"):
        before.append(second.assign(user="x"))


def test_same_for_any_number_of_threads(events):
    many = pd.concat([events.assign(user=events["user"] + 7 * k) for k in range(80)])
    found = [
        Interactions.from_frame(many, weight="weight", time="time", half_life=9, n_jobs=n)._matrix
        for n in (1, 2, 5)
    ]
    for other in found[1:]:
        for a, b in zip(
            found[0].by_user() + found[0].by_item(), other.by_user() + other.by_item(), strict=True
        ):
            assert np.array_equal(a, b)


def test_empty_and_one():
    none = Interactions.from_frame(
        pa.table({"user": pa.array([], pa.int64()), "item": pa.array([], pa.int64())})
    )
    assert none.shape == (0, 0)
    assert none.to_csr().shape == (0, 0)
    assert len(none.to_frame()) == 0
    assert Interactions.from_csr(sparse.csr_matrix((3, 5), dtype=np.float32)).shape == (3, 5)
    assert Interactions.from_csr(sparse.csr_matrix((0, 5))).to_csr().shape == (0, 5)
    one = Interactions.from_arrays([3], [9], [2.0])
    assert cells_of(one) == {(3, 9): 2}
    alike = Interactions.from_arrays([3] * 1000, [9] * 1000)
    assert cells_of(alike) == {(3, 9): 1000}
    assert alike.report.merged == 999


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1], [2]]),
        pa.array([{"a": 1}, {"a": 2}]),
        pa.array([1, 2], pa.duration("s")),
    ],
)
def test_hostile_types(column):
    good = pa.array([1, 2])
    for name in ("user", "item", "weight", "time"):
        table = pa.table({"user": good, "item": good, "weight": good, "time": good, name: column})
        with pytest.raises(ClarionError, match=f"column {name}"):
            Interactions.from_frame(table, weight="weight", time="time")


def test_texts_of_numbers_and_times():
    frame = {
        "user": [1, 2, 3],
        "item": [1, 1, 1],
        "n": ["2.5", "many", "1"],
        "at": ["2026-03-01", "2026-03-01", "soon"],
    }
    data = Interactions.from_frame(frame, weight="n", time="at")
    assert cells_of(data) == {(1, 1): 2.5}
    assert data.times.tolist() == [datetime(2026, 3, 1)]
    assert data.report.faults == (
        (1, "the weight is not a number", "many"),
        (2, "the time cannot be read", "soon"),
    )


def test_bad_arguments(events):
    with pytest.raises(ValueError, match="who"):
        Interactions.from_frame(events, user="who")
    with pytest.raises(ValueError, match="item"):
        Interactions.from_frame(events, item="")
    with pytest.raises(TypeError, match="the options are"):
        Interactions.from_frame(events, halflife=3)
    for options in (
        {"half_life": -1},
        {"half_life": float("nan")},
        {"duplicates": "mean"},
        {"unit": "weeks"},
    ):
        with pytest.raises(ValueError, match=next(iter(options))):
            Interactions.from_frame(events, time="time", **options)
    with pytest.raises(ValueError, match="half_life"):
        Interactions.from_frame(events, half_life=3)
    with pytest.raises(ValueError, match="rows"):
        Interactions.from_arrays([1, 2], [1])
    with pytest.raises(ValueError, match="one dimension"):
        Interactions.from_arrays([[1, 2]], [1])
    with pytest.raises(ClarionError, match="weights of Arrow type"):
        Interactions.from_frame(events, weight="time")
    with pytest.raises(ValueError, match="whole numbers"):
        Interactions.from_frame(events).user_numbers(["a"])
    with pytest.raises(TypeError, match="cannot read rows"):
        Interactions.from_frame(3)


def test_too_much_is_refused_before_it_is_touched():
    class Claims:
        """A batch that says it has 2^40 rows."""

        def __arrow_c_stream__(self, requested_schema=None):
            one = pa.array([1], pa.int64()).buffers()[1]
            column = pa.Array.from_buffers(pa.null(), 2**40, [None])
            del one
            return pa.table({"user": column, "item": column}).__arrow_c_stream__()

    with pytest.raises(ClarionError, match="GiB"):
        Interactions.from_frame(Claims())
    many = np.broadcast_to(np.int64(1), (2**44,))
    with pytest.raises((ClarionError, MemoryError)):
        Interactions.from_arrays(many, many)


def test_progress_can_stop_it(events):
    many = pd.concat([events] * 200)

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for _ in range(50):
            Interactions.from_frame(many, progress=stop)


def test_looks(events):
    data = cl.recommend.Interactions.from_frame(events)
    assert repr(data).startswith("Interactions(")
    assert "set aside" in data._repr_html_()
    assert data.memory_bytes > 0
    assert len(data) == data.n_interactions
    assert bool(Interactions.from_arrays([], []))
