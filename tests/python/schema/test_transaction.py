"""Real sources through their declared mappings, row by row against a count that knows nothing of clarion."""

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pytest
from clarion._core import Policy
from clarion.schema import Catalog, Customers, Transactions

MAPPINGS = Path(__file__).resolve().parents[3] / "docs" / "examples" / "mappings"
needs_data = pytest.mark.skipif(
    "CLARION_DATA" not in os.environ, reason="CLARION_DATA names no folder with the public data sets"
)


def data(*parts):
    path = Path(os.environ["CLARION_DATA"]).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    return path


@pytest.fixture(scope="module")
def retail():
    pd = pytest.importorskip("pandas")
    path = data("online-retail", "online_retail.csv.gz")
    policy = Policy()
    policy.today = dt.date(2011, 12, 31)
    return Transactions.read(path, MAPPINGS / "online_retail.toml", policy=policy), pd.read_csv(
        path, dtype=str, keep_default_na=False
    )


@needs_data
def test_online_retail_is_what_a_brute_force_count_says(retail):
    import pandas as pd

    read, raw = retail
    quantity, price = raw.Quantity.astype(float), raw.UnitPrice.astype(float)
    cancelled = raw.InvoiceNo.str.startswith("C")
    back = cancelled | (quantity < 0)
    amount = np.where(back, -np.abs(quantity * price), quantity * price)
    nobody = raw.CustomerID == ""
    below = ~back & (amount < 0)
    refused = nobody | below
    repeated = raw[~refused].duplicated()
    kept = raw[~refused][~repeated]

    assert read.rows_read == len(raw) == 541_909
    assert int(nobody.sum()) == read.counts["S201"] == 135_080
    assert int(below.sum()) == read.counts["S208"] == 2
    assert int(repeated.sum()) == read.counts["S211"] == 5_225
    assert int((~back & (amount == 0)).sum()) == read.counts["S207"] == 1_179
    assert len(read) == len(kept) == 401_604
    assert len(read) + len(read.quarantine) == read.rows_read

    frame = read.to_frame()
    assert frame.customer.nunique() == kept.CustomerID.nunique() == 4_372
    assert frame.id.nunique() == kept.InvoiceNo.nunique()
    np.testing.assert_array_equal(frame.amount, amount[kept.index])
    assert (frame.date.to_numpy() == pd.to_datetime(kept.InvoiceDate).to_numpy()).all()
    kinds = np.where(cancelled, "cancellation", np.where(quantity < 0, "return", "sale"))[kept.index]
    assert (frame.kind.astype(str).to_numpy() == kinds).all()
    assert frame["product"].tolist() == kept.StockCode.tolist()
    # An id without the decimals that another library left on it.
    assert set(frame.customer) == {text.removesuffix(".0") for text in kept.CustomerID}
    assert [read.source_row(i) for i in (0, 1000, len(read) - 1)] == [
        kept.index[i] + 1 for i in (0, 1000, len(kept) - 1)
    ]


@needs_data
def test_cancellations_that_have_lost_their_sale(retail):
    import pandas as pd

    read, _ = retail
    frame = read.to_frame()
    frame["day"] = frame.date.dt.floor("D")
    sold = frame[frame.kind == "sale"].groupby(["customer", "product"]).day.min()
    lone = frame[frame.kind == "cancellation"].join(sold.rename("sold"), on=["customer", "product"])
    assert int((lone.sold.isna() | (lone.sold > lone.day)).sum()) == read.counts["S216"]
    assert isinstance(read.codes("product")[0], np.ndarray)
    assert pd.api.types.is_datetime64_any_dtype(frame.date)


@needs_data
def test_the_complete_journey_and_cdnow():
    pd = pytest.importorskip("pandas")
    path = data("complete-journey", "transactions_sample.csv.gz")
    policy = Policy()
    policy.today = dt.date(2018, 1, 31)
    raw = pd.read_csv(path, dtype=str)
    read = Transactions.read(path, MAPPINGS / "complete_journey.toml", policy=policy, catalog=None)
    repeated = raw.duplicated()
    assert read.rows_read == len(raw) == 75_000
    assert read.counts.get("S211", 0) == int(repeated.sum())
    kept = raw[~repeated]
    assert len(read) == len(kept)
    np.testing.assert_array_equal(read["amount"].to_numpy(), kept.sales_value.astype(float))
    assert read.counts.get("S207", 0) == int((kept.sales_value.astype(float) == 0).sum())
    assert read["branch"].dictionary_decode().to_pylist() == kept.store_id.tolist()
    assert set(read["currency"].to_pylist()) == {"USD"}

    raw = pd.read_csv(data("cdnow", "CDNOW_master.txt.gz"), sep=r"\s+", dtype=str)
    read = Transactions.read(raw, MAPPINGS / "cdnow.toml", policy=policy)
    assert len(read) == read.rows_read == 69_659
    assert len(read["customer"].dictionary) == 23_570
    assert read["date"].to_pylist() == pd.to_datetime(raw.date, format="%Y%m%d").dt.date.tolist()
    assert read["amount"].to_numpy().sum() == pytest.approx(raw.dollar_value.astype(float).sum(), rel=1e-12)
    assert read.counts.get("S207", 0) == int((raw.dollar_value.astype(float) == 0).sum())


def test_ids_refer_to_customers_and_the_catalogue():
    from clarion.schema import Product

    people = Customers.read([{"id": "a"}, {"id": "b"}])
    rows = {"customer": ["a", "c"], "date": ["2026-01-01"] * 2, "amount": [1.0, 2.0], "product": ["p", "q"]}
    read = Transactions.read(rows, customers=people, catalog=Catalog([Product("p")]))
    assert read.counts["S212"] == read.counts["S214"] == 1
    assert len(read) == 2


def test_times_of_a_zone_are_local_days():
    pa = pytest.importorskip("pyarrow")
    times = pa.array([dt.datetime(2026, 1, 1, 23, 30)], pa.timestamp("us", tz="Europe/Berlin"))
    stamp = pa.array([dt.datetime(2026, 1, 1, 23, 30)], pa.timestamp("us", tz="UTC"))
    for column, mapping in ((times, None), (stamp, {"time_zone": "Europe/Berlin"})):
        read = Transactions.read(pa.table({"customer": ["a"], "date": column, "amount": [1.0]}), mapping)
        assert read["date"].to_pylist() == [dt.datetime(2026, 1, 2, 0, 30)]
