import datetime
import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.segment import Definition
from hypothesis import given, settings
from hypothesis import strategies as st

FRAME = pd.DataFrame(
    {
        "recency": [5.0, 100.0, np.nan, 30.0],
        "region": ["N", None, "S", "N"],
        "since": pd.to_datetime(["2020-01-01", "2025-01-01", None, "2024-06-01"]),
        "consent": [True, False, True, True],
        "cluster": [0, 1, 2, 1],
    }
)
LOYAL = {
    "all": [
        {"field": "recency", "op": "<=", "value": 40},
        {"not": {"field": "consent", "op": "==", "value": False}},
    ]
}


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb", "columns"])
def test_any_frame(kind):
    table = pa.Table.from_pandas(FRAME, preserve_index=False)
    source = {
        "pandas": lambda: FRAME,
        "polars": lambda: pl.from_pandas(FRAME),
        "pyarrow": lambda: table,
        "duckdb": lambda: duckdb.arrow(table),
        "columns": lambda: {name: table[name] for name in table.column_names},
    }[kind]()
    assert Definition("loyal", LOYAL).evaluate(source).tolist() == [True, False, False, True]
    early = Definition("early", {"field": "since", "op": "<", "value": datetime.date(2024, 12, 31)})
    assert early.evaluate(source).tolist() == [True, False, False, True]
    assert Definition("c", {"field": "cluster", "op": "in", "value": [1, 2]}).evaluate(source).tolist() == [
        False,
        True,
        True,
        True,
    ]


fields = st.sampled_from(["a", "b"])
tests = st.builds(
    lambda field, op, value: {"field": field, "op": op, "value": value},
    fields,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.integers(0, 5),
) | st.builds(lambda field: {"field": field, "op": "is missing"}, fields)
conditions = st.recursive(
    tests,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=8,
)
OPS = {
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


def holds(when, row):
    if "all" in when:
        return all(holds(part, row) for part in when["all"])
    if "any" in when:
        return any(holds(part, row) for part in when["any"])
    if "not" in when:
        return not holds(when["not"], row)
    value = row[when["field"]]
    if when["op"] == "is missing":
        return value is None
    return value is not None and OPS[when["op"]](value, when["value"])


@settings(deadline=None)
@given(conditions, st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 5))] * 2), max_size=130))
def test_as_a_loop_says(when, rows):
    table = pa.table({name: pa.array([row[k] for row in rows], pa.float64()) for k, name in enumerate("ab")})
    definition = Definition("d", when)
    expected = [holds(when, dict(zip("ab", row, strict=True))) for row in rows]
    assert definition.evaluate(table, n_jobs=2).tolist() == expected
    if rows:
        assert definition.explain(table, 0).holds == expected[0]
    assert Definition.from_json(definition.to_json()) == definition
    assert not len(definition.diff(Definition.from_dict(definition.to_dict())))


def test_explained():
    told = Definition("loyal", LOYAL).explain(FRAME, 1)
    assert not told.holds
    assert told.tests == (
        ("when.all[0]", "recency is at most 40", "100", False),
        ("when.all[1].not", "consent is false", "false", True),
    )
    assert told.to_frame("pandas")["holds"].tolist() == [False, True]
    assert "not in the segment" in told._repr_html_()
    with pytest.raises(ValueError, match="row: 4"):
        Definition("loyal", LOYAL).explain(FRAME, 4)


def test_differences():
    before = Definition("loyal", LOYAL)
    after = Definition("loyal", {"all": [{"field": "recency", "op": "<=", "value": 30}]}, version="2")
    changes = before.diff(after).to_frame("pandas")
    assert changes["kind"].tolist() == ["changed", "changed", "removed"]
    assert changes["after"].tolist() == ["2", "recency is at most 30", ""]


def test_hostile():
    with pytest.raises(ClarionError, match=r"when\.all\[0\]\.op"):
        Definition("x", {"all": [{"field": "f", "op": "eval", "value": "1"}]})
    with pytest.raises(ClarionError, match="no such key"):
        Definition("x", {"field": "f", "op": "==", "value": 1, "code": "import os"})
    with pytest.raises(ValueError, match=r"when\.field: \"recensy\""):
        Definition("x", {"field": "recensy", "op": "<", "value": 1}).evaluate(
            FRAME[["recency"]].rename(columns={"recency": "r"})
        )
    with pytest.raises(ValueError, match="give a number"):
        Definition("x", {"field": "recency", "op": "<", "value": "1"}).evaluate(FRAME)
    with pytest.raises(ValueError):
        Definition("x", {"field": "f", "op": "==", "value": float("nan")})
    with pytest.raises(ClarionError, match="twice"):
        Definition.from_json('{"name": "x", "when": {"field": "f", "field": "g", "op": "is missing"}}')
    with pytest.raises(ClarionError, match="deeper"):
        Definition.from_json("[" * 100_000)
    with pytest.raises(TypeError):
        Definition("x", {"field": "f", "op": "==", "value": object()})
    name = "<img src=x onerror=alert(1)>"
    assert "<img" not in Definition(name, LOYAL)._repr_html_()


def test_values_of_numpy_and_order_of_keys():
    made = Definition("x", {"value": np.int64(3), "op": "<", "field": "f"}, minimum_size=5)
    assert json.loads(made.to_json())["when"] == {"field": "f", "op": "<", "value": 3}
    assert made.minimum_size == 5
    assert made.fields == ["f"]
