from collections import defaultdict
from datetime import date, datetime

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.segment import Purchases
from hypothesis import given, settings
from hypothesis import strategies as st


def sums(report):
    assert report.rows_read == report.sales + report.returns + report.set_aside
    assert sum(report.by_reason.values()) == report.set_aside == len(report.quarantine("pandas"))


ids = st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1))
amounts = st.integers(-40, 200).map(lambda n: n / 4)


@settings(deadline=None)
@given(st.lists(st.tuples(ids, st.integers(0, 30), amounts), max_size=60), st.integers(1, 3))
def test_purchases_are_days_with_sales(rows, n_jobs):
    table = pa.table(
        {
            "customer": pa.array([r[0] for r in rows], pa.int64()),
            "date": pa.array([r[1] for r in rows], pa.int32()).cast(pa.date32()),
            "amount": pa.array([r[2] for r in rows], pa.float64()),
        }
    )
    got = Purchases.from_frame(table, n_jobs=n_jobs)
    sums(got.report)
    bought, returned = defaultdict(float), defaultdict(float)
    for customer, day, amount in rows:
        if amount >= 0:
            bought[customer, day] += amount
        else:
            returned[customer] += amount
    frame = got.to_frame("pandas")
    days = frame["date"].to_numpy().astype("datetime64[D]").astype(int)
    assert dict(zip(zip(frame["customer"], days, strict=True), frame["amount"], strict=True)) == bought
    assert got.customers.tolist() == sorted({customer for customer, _ in bought})
    assert got.returned.tolist() == [returned[c] for c in got.customers]
    orphans = {c for c in returned if c not in set(got.customers.tolist())}
    assert got.report.set_aside == sum(1 for c, _, a in rows if a < 0 and c in orphans)


FRAME = pd.DataFrame(
    {
        "who": ["a", "b", "a", None, "c", "a"],
        "when": pd.to_datetime(
            ["2026-01-01", "2026-01-02", "2026-01-03 23:59", "2026-01-04", "2027-01-01", None],
            format="ISO8601",
        ),
        "paid": [10.0, np.inf, -2.5, 1.0, 1.0, 1.0],
    }
)
NAMES = {"customer": "who", "date": "when", "amount": "paid"}


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb", "columns", "rows", "batches"])
def test_any_frame(kind):
    rows = FRAME.astype(object).where(FRAME.notna(), None).to_dict("records")
    for row in rows:
        row["when"] = None if row["when"] is None else row["when"].to_pydatetime()
    table = pa.Table.from_pandas(FRAME, preserve_index=False)
    source = {
        "pandas": lambda: FRAME,
        "polars": lambda: pl.from_pandas(FRAME),
        "pyarrow": lambda: table,
        "duckdb": lambda: duckdb.arrow(table),
        "columns": lambda: FRAME.to_dict("list"),
        "rows": lambda: rows,
        "batches": lambda: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2)),
    }[kind]()
    got = Purchases.from_frame(source, **NAMES, at=date(2026, 6, 1))
    assert got.customers.tolist() == ["a"]
    assert (got.bought[0], got.returned[0], got.count[0]) == (10, -2.5, 1)
    assert got.report.by_reason == {
        "no customer": 1,
        "no date": 1,
        "date after the reference date": 1,
        "amount beyond 1e15": 1,
    }
    sums(got.report)
    quarantine = got.report.quarantine("pandas")
    assert quarantine["row"].tolist() == [1, 3, 4, 5]
    assert quarantine["reason"][2] == "date after the reference date"
    assert quarantine["value"][2].startswith("2027-01-01")
    assert [finding.code for finding in got.report.findings] == ["G002", "G004"]
    assert "set aside" in got.report._repr_html_()
    assert "2026-06-01" in repr(got)


def test_reference_date_forms():
    for at in (
        date(2026, 6, 1),
        datetime(2026, 6, 1, 12),
        "2026-06-01",
        np.datetime64("2026-06-01"),
        pd.Timestamp("2026-06-01"),
    ):
        assert Purchases.from_frame(FRAME, **NAMES, at=at).at == date(2026, 6, 1)
    with pytest.raises(ValueError, match="at: 'soon'"):
        Purchases.from_frame(FRAME, **NAMES, at="soon")


def test_invoices_rows_and_kinds():
    rows = {
        "customer": [1, 1, 1, 1],
        "date": ["2026-01-01", "2026-01-01", "2026-01-01", "2026-01-02"],
        "amount": [5, 6, 7, 8],
        "invoice": ["x", "x", "y", "z"],
        "kind": ["sale", "sale", "sale", "return"],
    }
    days = Purchases.from_frame(rows)
    assert (days.count[0], days.bought[0]) == (2, 26)
    invoices = Purchases.from_frame(rows, invoice="invoice", kind="kind", purchase="invoices")
    assert (invoices.count[0], invoices.returned[0]) == (2, -8)
    assert Purchases.from_frame(rows, kind="kind", purchase="rows").count[0] == 3
    assert Purchases.from_frame(rows, amount=None).to_frame("pandas").columns.tolist() == ["customer", "date"]


def test_currencies():
    rows = {"customer": [1, 1], "date": [20260101, 20260102], "amount": [1, 2], "currency": ["EUR", "USD"]}
    with pytest.raises(ValueError, match="EUR, USD"):
        Purchases.from_frame(rows, currency="currency")
    assert Purchases.from_frame(rows, currency="currency", use_currency="USD").bought.tolist() == [2]


def test_what_is_refused():
    with pytest.raises(ValueError, match='customer: "whom"'):
        Purchases.from_frame(FRAME, customer="whom", date="when", amount="paid")
    with pytest.raises(TypeError, match="unknown option frequency"):
        Purchases.from_frame(FRAME, **NAMES, frequency="days")
    with pytest.raises(ClarionError, match="days of Arrow type"):
        Purchases.from_frame({"customer": [1], "date": [True], "amount": [1]})
    with pytest.raises(ValueError, match="date: '' is not allowed"):
        Purchases.from_frame(FRAME, customer="who", date="", amount="paid")


def test_interrupted():
    rows = pa.table(
        {"customer": np.arange(400_000), "date": np.zeros(400_000, np.int32), "amount": np.ones(400_000)}
    )

    def stop(fraction):
        raise KeyboardInterrupt

    def forever():
        batch = rows.to_batches()[0]
        while True:
            yield batch

    with pytest.raises(KeyboardInterrupt):
        Purchases.from_frame(pa.RecordBatchReader.from_batches(rows.schema, forever()), progress=stop)
