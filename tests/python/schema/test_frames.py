"""Frames and rows of a caller as what the C++ readers take."""

import datetime as dt
import decimal
import json
import uuid
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.schema.frames import adapted, arrow_source, is_rows, rows_json


def table(source, **options):
    return pa.table(arrow_source(source, **options))


@dataclass
class Row:
    id: str
    day: dt.date


def test_rows_are_lists_of_rows():
    assert is_rows([]) and is_rows(({"a": 1},))
    assert not any(is_rows(other) for other in ("text", b"bytes", {"a": [1]}, pd.DataFrame(), None))


def test_rows_as_json_keep_what_they_say():
    person = uuid.uuid4()
    rows = [
        {"id": 1, 2: True, "day": dt.date(2026, 3, 1), "at": dt.datetime(2026, 3, 1, 12)},
        {"id": 2**64 - 1, "far": 2**64, "low": -(2**63), "lower": -(2**63) - 1},
        {"x": float("nan"), "y": float("inf"), "z": pd.NaT, "n": pd.NA, "d": decimal.Decimal("1.10")},
        {
            "s": {"b", "a"},
            "t": (1, 2),
            "u": np.int32(3),
            "v": np.array([1.5]),
            "w": b"caf\xc3\xa9",
            "id": person,
        },
        Row("a", dt.date(2026, 1, 2)),
    ]
    assert json.loads(rows_json(rows)) == [
        {"id": 1, "2": True, "day": "2026-03-01", "at": "2026-03-01T12:00:00"},
        {"id": 2**64 - 1, "far": str(2**64), "low": -(2**63), "lower": str(-(2**63) - 1)},
        {"x": None, "y": "inf", "z": None, "n": None, "d": "1.10"},
        {"s": ["a", "b"], "t": [1, 2], "u": 3, "v": [1.5], "w": "café", "id": str(person)},
        {"id": "a", "day": "2026-01-02"},
    ]
    assert json.loads(rows_json([{"a": "half \ud800"}])) == [{"a": "half ?"}]


def test_mappings_and_frames_are_tables():
    data = {"a": [1, 2], "b": ["x", None]}
    for kind in (dict, pd.DataFrame, pl.DataFrame, pa.table):
        assert table(kind(data)).to_pydict() == data
    assert table(pl.DataFrame(data).lazy()).to_pydict() == data
    with pytest.raises(ClarionError, match="differ in length: a 2, b 1"):
        table({"a": [1, 2], "b": [1]})
    with pytest.raises(TypeError, match="cannot read rows from"):
        table(3)
    with pytest.raises(TypeError, match=r"to_frame\(\)"):
        table(pd.Series([1]))


def test_columns_of_pandas_have_one_type():
    frame = pd.DataFrame(
        {
            "mixed": ["a", 1, 2.5, None],
            "flags": [True, "no", None, False],
            "period": pd.period_range("2026-01", periods=4, freq="M"),
            ("two", "levels"): [1, 2, 3, 4],
        }
    )
    assert table(frame).to_pydict() == {
        "mixed": ["a", "1", "2.5", None],
        "flags": ["true", "no", None, "false"],
        "period": ["2026-01", "2026-02", "2026-03", "2026-04"],
        "two levels": [1, 2, 3, 4],
    }
    indexed = pd.DataFrame({"v": [1]}, index=pd.Index(["a"], name="id"))
    assert table(indexed).to_pydict() == {"id": ["a"], "v": [1]}
    assert table(frame, columns=("mixed",)).column_names == ["mixed"]
    assert len(table(frame, columns=("absent",)).column_names) == 4  # the reader says which there are


def test_times_with_a_zone_are_local_times():
    midnight = [dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)]
    zoned = pa.table({"start": pa.array(midnight, pa.timestamp("s", "Europe/Berlin"))})
    assert table(zoned)["start"].to_pylist() == [dt.datetime(2026, 3, 1)]


def test_types_that_are_not_read_become_ones_that_are():
    runs = pa.RunEndEncodedArray.from_arrays([2, 3], ["x", "y"])
    big = pa.array([decimal.Decimal("1.50")] * 3, pa.decimal256(40, 2))
    parts = pa.array([{"amount": 5.0, "currency": "EUR"}] * 3)
    result = pa.array([{"spend": 1.0}] * 3)
    other = pa.array([{"z": 1}] * 3)
    read = table(pa.table({"runs": runs, "big": big, "budget": parts, "actuals": result, "other": other}))
    assert read.to_pydict() == {
        "runs": ["x", "x", "y"],
        "big": [1.5] * 3,
        "budget": [5.0] * 3,
        "currency": ["EUR"] * 3,
        "spend": [1.0] * 3,
        "other": [{"z": 1}] * 3,
    }


def test_a_stream_of_known_types_is_passed_on_as_it_is():
    reader = pa.table({"a": [1]}).to_reader()
    assert isinstance(adapted(reader), pa.RecordBatchReader)
