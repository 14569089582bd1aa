import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion.segment import adjusted_rand, drift
from hypothesis import given, settings
from hypothesis import strategies as st


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=80, deadline=None)
def test_no_matching_is_better(pairs):
    before, after = np.array(pairs).T
    found = drift(before, after)

    def jaccard(p, q):
        return ((before == p) & (after == q)).sum() / ((before == p) | (after == q)).sum()

    rows = found.to_dict()["clusters"]
    matched = [
        (p, q) for p, q in zip(rows["before"], rows["after"], strict=True) if p is not None and q is not None
    ]
    ours = sum(jaccard(p, q) for p, q in matched)
    left, right = np.unique(before), np.unique(after)
    small, large = (left, right) if len(left) <= len(right) else (right, left)
    best = max(
        sum(jaccard(p, q) if small is left else jaccard(q, p) for p, q in zip(small, order, strict=True))
        for order in itertools.permutations(large, len(small))
    )
    assert ours == pytest.approx(best)
    moves = found.transitions
    assert sum(moves["members"]) == len(pairs)
    assert found.rand == pytest.approx(adjusted_rand(before, after))


def periods():
    before = pd.DataFrame(
        {"customer": ["a", "b", "c", "d", "e"], "segment": ["Loyal", "Loyal", "Loyal", "Lost", "Lost"]}
    )
    after = pd.DataFrame(
        {"customer": ["b", "a", "f", "d", "g"], "segment": ["Loyal", "Loyal", "New", "Lost", "Lost"]}
    )
    return before, after


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_segments_by_name_and_members_by_id(kind):
    before, after = periods()
    if kind == "polars":
        before, after = pl.from_pandas(before), pl.from_pandas(after)
    found = drift(
        before["segment"], after["segment"], ids_before=before["customer"], ids_after=after["customer"]
    )
    assert type(found.to_frame()).__module__.split(".")[0] == kind
    columns = found.to_dict()["clusters"]
    records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows = {row["before"] or row["after"]: row for row in records}
    assert rows["Loyal"]["stayed"] == 2 and rows["Loyal"]["left"] == 1
    assert rows["Lost"]["joined"] == 1 and rows["Lost"]["verdict"] == "held"
    assert rows["New"]["verdict"] == "appeared"
    assert found.common == 3
    moves = list(zip(*found.transitions.to_dict().values(), strict=True))
    assert ("Loyal", "Loyal", 2) in moves and ("Loyal", None, 1) in moves and (None, "New", 1) in moves
    assert any(sentence.startswith("New is new: 1 member, 20% of all") for sentence in found.sentences)
    assert "New is new" in found._repr_html_()
    pytest.importorskip("matplotlib").use("agg")
    assert found.plot().get_title()


def test_centers_shift_in_standard_deviations():
    random = np.random.default_rng(0)
    first = pd.DataFrame(
        np.vstack([random.normal(0, 1, (300, 2)), random.normal(8, 1, (300, 2))]), columns=["r", "m"]
    )
    second = pd.DataFrame(
        np.vstack([random.normal(8, 1, (200, 2)), random.normal((0, 4), 1, (400, 2))]), columns=["r", "m"]
    )
    found = drift([0] * 300 + [1] * 300, [0] * 200 + [1] * 400, X_before=first, X_after=second, by="centers")
    rows = found.to_dict()["clusters"]
    assert rows["after"] == [1, 0]
    spread = np.sqrt((first.var(ddof=0) + second.var(ddof=0)) / 2)
    shift = (second[200:].mean() - first[:300].mean()) / spread
    table = found.shifts.to_frame("pandas")
    assert table[table.before == 0]["shift"].tolist() == pytest.approx(shift.tolist())
    assert table[table.before == 0]["column"].tolist() == ["r", "m"]
    assert rows["distance"][0] == pytest.approx(np.sqrt((shift**2).mean()))
    assert rows["verdict"][0] == "changed" and rows["verdict"][1] == "held"
    assert found.common == 0 and found.rand != found.rand


def test_ids_of_many_kinds():
    for ids in ([3, 1, 2], [10**12, 5, -7], ["x", "y", "z"], [1.5, 2.5, 3.5]):
        found = drift([0, 0, 1], [1, 0, 0], ids_before=ids, ids_after=ids[::-1])
        assert found.table["jaccard"] == [1.0, 1.0]


def test_columns_of_ids_in_any_frame():
    texts, numbers = ["x", "y", "z"], [7, 2**40, -1]
    for ids in (texts, numbers):
        for column in (
            np.asarray(ids),
            np.asarray(ids, dtype=object),
            pa.array(ids),
            pa.chunked_array([ids[:1], ids[1:]]),
            pl.Series(ids),
            pd.Series(ids),
            pd.Series(ids, dtype="category"),
            pl.Series(map(str, ids), dtype=pl.Categorical),
        ):
            found = drift([0, 0, 1], [1, 0, 0], ids_before=column, ids_after=ids[::-1])
            assert found.table["jaccard"] == [1.0, 1.0]
    found = drift([0, 0, 1], [1, 0, 0], ids_before=pd.Series([1, "b", 2.5]), ids_after=["2.5", "b", "1"])
    assert found.table["jaccard"] == [1.0, 1.0]
    narrow = np.array([3, 1, 2], np.int16)
    assert drift([0, 0, 1], [1, 0, 0], ids_before=narrow, ids_after=[2, 1, 3]).common == 3
    huge = np.array([2**63 + 5, 1], np.uint64)
    assert drift([0, 1], [0, 1], ids_before=huge, ids_after=huge).common == 2
    assert drift([0, 1], [0, 1], ids_before=huge, ids_after=[1, -(2**63) + 5]).common == 1


@pytest.mark.parametrize("kind", [int, float, str])
def test_an_id_that_stands_twice_is_named(kind):
    once = [kind(value) for value in range(1000, 1500)]
    twice = [*once[:499], once[250]]
    label = [0, 1] * 250
    with pytest.raises(ValueError, match=rf"ids_before: {once[250]} stands twice"):
        drift(label, label, ids_before=twice, ids_after=once)
    with pytest.raises(ValueError, match=rf"ids_after: {once[250]} stands twice"):
        drift(label, label, ids_before=once, ids_after=twice)
    unknown = [kind(7), kind(8), *once[2:499], kind(8)]
    with pytest.raises(ValueError, match=rf"ids_after: {kind(8)} stands twice"):
        drift(label, label, ids_before=once, ids_after=unknown)


def test_what_is_not_allowed():
    with pytest.raises(ValueError, match="after"):
        drift([0, 1], [0])
    with pytest.raises(ValueError, match="ids of one period"):
        drift([0, 1], [0, 1], ids_before=[1, 2])
    with pytest.raises(ValueError, match="b stands twice"):
        drift([0, 1], [0, 1], ids_before=["a", "b"], ids_after=["b", "b"])
    with pytest.raises(ValueError, match="ids_before: 1"):
        drift([0, 1], [0, 1], ids_before=["a"], ids_after=["b", "c"])
    with pytest.raises(ValueError, match="ids_after: 3"):
        drift([0, 1], [0, 1], ids_before=["a", "b"], ids_after=np.zeros((3, 2)))
    for gone in (
        ["a", None],
        pd.Series(["a", None]),
        pl.Series([1.5, float("nan")]),
        np.array([1.0, np.nan]),
    ):
        with pytest.raises(ValueError, match="ids_before: a missing id"):
            drift([0, 1], [0, 1], ids_before=gone, ids_after=["b", "c"])
    with pytest.raises(ValueError, match="missing id"):
        drift([0, 1], [0, 1], ids_before=["a", None], ids_after=["b", "c"])
    with pytest.raises(ValueError, match="X_before: 1 rows"):
        drift([0, 1], [0, 1], X_before=[[1.0]])
    with pytest.raises(ValueError, match="NaN of column spend"):
        drift([0, 1], [0, 1], X_before=pd.DataFrame({"spend": [1.0, np.nan]}))
    with pytest.raises(ValueError, match="give the same"):
        drift([0, 1], [0, 1], X_before=pd.DataFrame({"a": [1.0, 2]}), X_after=pd.DataFrame({"b": [1.0, 2]}))
    with pytest.raises(ValueError, match="by"):
        drift([0, 1], [0, 1], by="name")
    with pytest.raises(ValueError, match="centers without x"):
        drift([0, 1], [0, 1], by="centers")
    with pytest.raises(ValueError, match="no label"):
        drift([], [])
