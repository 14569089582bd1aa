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
from clarion.segment import Preference, preference
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = Path(os.environ.get("CLARION_DATA", "missing"))


def rows(n=4000, customers=300, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, n),
            "category": random.choice(["food", "home", "toys", "garden"], n, p=[0.5, 0.25, 0.15, 0.1]),
            "amount": random.integers(-20, 400, n) / 4,
        }
    )


def expected(frame, level, weight=None, prior=5.0, customer="customer"):
    frame = frame.assign(w=1.0 if weight is None else frame[weight])
    frame = frame[(frame["w"] > 0) & frame[customer].notna() & frame[level].notna()]
    wide = frame.pivot_table(index=customer, columns=level, values="w", aggfunc="sum", fill_value=0.0)
    overall = wide.sum() / wide.to_numpy().sum()
    total, a = wide.sum(axis=1), prior * frame["w"].mean()
    within = wide.div(total, axis=0)
    lifts = wide.add(a * overall, axis=1).div(total + a, axis=0).div(overall, axis=1)
    logs = np.log(within.where(within > 0, 1.0))
    top = wide.max(axis=1)
    # Ties go to the level with more weight overall.
    favourite = wide.ge(top * (1 - 1e-12), axis=0).mul(overall, axis=1).idxmax(axis=1)
    out = pd.DataFrame(
        {
            "favourite": favourite,
            "share": top / total,
            "affinity": [lifts.loc[c, name] for c, name in favourite.items()],
            "distinct": (wide > 0).sum(axis=1),
            "effective": np.exp(-(within * logs).sum(axis=1)),
        }
    )
    return out, lifts, overall


def compare(got, wanted):
    assert got.customers.tolist() == wanted.index.tolist()
    assert got.favourite.tolist() == wanted["favourite"].tolist()
    assert got.distinct.tolist() == wanted["distinct"].tolist()
    for name in ("share", "affinity", "effective"):
        np.testing.assert_allclose(getattr(got, name), wanted[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("weight", [None, "amount"])
@pytest.mark.parametrize("seed", range(3))
def test_as_pandas_says(weight, seed):
    frame = rows(seed=seed)
    got = preference(frame, "category", weight=weight, prior=3)
    wanted, lifts, overall = expected(frame, "category", weight, prior=3)
    compare(got, wanted)
    np.testing.assert_allclose(got.affinities(lifts.columns).to_frame("pandas"), lifts, rtol=1e-6)
    shares = got.shares.to_frame("pandas").set_index("category")
    assert shares["share"].is_monotonic_decreasing
    np.testing.assert_allclose(shares["share"], overall[shares.index])
    assert shares["customers"].to_dict() == {
        **dict.fromkeys(overall.index, 0),
        **wanted["favourite"].value_counts().to_dict(),
    }
    below = 0 if weight is None else int((frame["amount"] <= 0).sum())
    assert got.rows["no weight above 0"] == below
    assert got.rows["used"] == len(frame) - below == got.rows["read"] - below
    np.testing.assert_allclose(got.weights.sum(axis=1).A1, got.total)
    again = preference(frame, "category", weight=weight, prior=3, n_jobs=1)
    pd.testing.assert_frame_equal(again.to_frame("pandas"), got.to_frame("pandas"), check_exact=True)


cells = st.tuples(
    st.one_of(st.none(), st.integers(0, 5)), st.sampled_from([None, "", "a", "b", "c"]), st.integers(-2, 6)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(cells, min_size=1, max_size=50), st.integers(1, 3))
def test_small_tables(table, n_jobs):
    frame = pd.DataFrame(table, columns=["customer", "level", "amount"])
    got = preference({name: frame[name].tolist() for name in frame}, "level", weight="amount", n_jobs=n_jobs)
    assert sum(got.rows.values()) == 2 * got.rows["read"] == 2 * len(frame)
    frame["level"] = frame["level"].where(frame["level"] != "")
    used = frame[frame["customer"].notna() & frame["level"].notna() & (frame["amount"] > 0)]
    assert got.customers.tolist() == sorted(frame["customer"].dropna().unique())
    sums = used.groupby(["customer", "level"])["amount"].sum()
    for customer, favourite, share in zip(got.customers, got.favourite, got.share, strict=True):
        if customer not in sums.index.get_level_values(0):
            assert favourite is None
            assert np.isnan(share)
        else:
            assert sums[customer][favourite] == sums[customer].max()
            assert share == sums[customer].max() / sums[customer].sum()
    lifts = got.affinities().to_frame("pandas").to_numpy()
    assert np.isfinite(lifts).all()


SMALL = pd.DataFrame(
    {
        "who": ["b", "a", "b", None, "a", " "],
        "channel": ["web", "web", "web", "web", "store", "store"],
        "paid": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0],
    }
)


@pytest.mark.parametrize(
    "kind", ["pandas", "categories", "polars", "pyarrow", "chunks", "duckdb", "columns", "rows"]
)
def test_any_frame(kind):
    table = pa.Table.from_pandas(SMALL, preserve_index=False)
    source = {
        "pandas": lambda: SMALL,
        "categories": lambda: SMALL.astype({"who": "category", "channel": "category"}),
        "polars": lambda: pl.from_pandas(SMALL),
        "pyarrow": lambda: table,
        "chunks": lambda: pa.concat_tables([table.slice(k, 1) for k in range(6)]),
        "duckdb": lambda: duckdb.arrow(table),
        "columns": lambda: SMALL.to_dict("list"),
        "rows": lambda: SMALL.astype(object).where(SMALL.notna(), None).to_dict("records"),
    }[kind]()
    got = preference(source, "channel", customer="who", weight="paid")
    assert got.customers.tolist() == ["a", "b"]
    assert got.favourite.tolist() == ["store", "web"]
    assert got.rows == {"read": 6, "used": 3, "no customer": 2, "no level": 0, "no weight above 0": 1}
    frame = got.to_frame("polars")
    assert frame.columns == ["who", "favourite", "share", "affinity", "distinct", "effective"]
    assert frame["favourite"].dtype == pl.String


def test_records_as_frames():
    frame = rows(500, 40).rename(columns={"category": "channel"})
    frame["date"] = np.datetime64("2026-01-01")
    frame["amount"] = np.arange(len(frame)) % 97 + np.arange(len(frame)) / 4 + 1
    read = cl.schema.Transactions.read(frame)
    assert len(read) == len(frame)
    for weight in (None, "amount"):
        got = preference(read, "channel", weight=weight)
        compare(got, expected(frame, "channel", weight)[0])
    with pytest.raises(ValueError, match="level: 'amount' is not allowed; ids and categories"):
        preference(read, "amount")
    with pytest.raises(ValueError, match="level: there is no column 'branch'"):
        preference(read, "branch")


def test_customers_to_answer_for():
    frame = rows()
    every = preference(frame, "category").to_frame("pandas").set_index("customer")
    asked = [7, 9999, 3, 7]
    for ids in (asked, np.array(asked), pd.Series(asked), pl.Series(asked), pa.array(asked), map(int, asked)):
        got = preference(frame, "category", customers=ids)
        assert got.customers.tolist() == asked
        table = got.to_frame("pandas")
        pd.testing.assert_frame_equal(
            table.iloc[[0, 2, 3]].set_index("customer"), every.loc[[7, 3, 7]], check_exact=True
        )
        assert got.favourite[1] is None
        assert np.isnan(got.share[1])
        assert got.distinct[1] == 0
        assert got.affinities().to_frame("pandas").iloc[1].tolist() == [1] * 4
        assert got.weights[1].nnz == 0
    scored = cl.segment.rfm(frame.assign(date="2026-01-01"))
    assert (preference(frame, "category", customers=scored.customers).customers == scored.customers).all()
    assert len(preference(frame, "category", customers=[])) == 0
    for bad, what in (
        ("7", "give ids"),
        (7, "give ids"),
        (["a"], "ids that are numbers"),
        ([7, None], "a missing id"),
        ([1.5], "not whole"),
        ([7, "a"], "of one kind"),
    ):
        with pytest.raises(ValueError, match=what):
            preference(frame, "category", customers=bad)
    with pytest.raises(ValueError, match="ids that are texts"):
        preference(SMALL, "channel", customer="who", customers=[1])


def test_ids_come_back_as_they_came():
    floats = pd.DataFrame({"customer": [17850.0, None, 12.0], "channel": ["web", "web", None]})
    got = preference(floats, "channel")
    assert got.customers.tolist() == [12, 17850]
    assert got.customers.dtype == np.int64
    assert got.favourite.tolist() == [None, "web"]
    numbers = preference({"customer": ["x", "y"], "branch": [3, 4]}, "branch")
    assert numbers.favourite.tolist() == [3, 4]
    assert numbers.affinities([4]).columns == ["4"]


def test_nothing_at_all():
    for source in ({"customer": [], "channel": []}, [], pd.DataFrame({"customer": [], "channel": []})):
        got = preference(source, "channel")
        assert len(got) == 0
        assert got.to_frame("pandas").empty
        assert got._repr_html_()
        assert got.affinities().columns == []
    asked = preference([], "channel", customers=["a"])
    assert asked.favourite.tolist() == [None]
    missing = preference({"customer": [None, 1], "channel": ["web", None]}, "channel")
    assert missing.customers.tolist() == [1]
    assert missing.favourite.tolist() == [None]
    assert missing.shares.to_dict() == {"channel": ["web"], "share": [0.0], "customers": [0]}
    missing.plot()
    one = preference({"customer": ["x"], "channel": ["web"], "amount": [1e12]}, "channel", weight="amount")
    assert (one.share[0], one.affinity[0], one.effective[0]) == (1, 1, 1)


def test_shown():
    got = preference(rows(), "category")
    assert isinstance(got, Preference)
    assert repr(got).startswith("Preference(300 customers by category: ")
    assert "food" in got._repr_html_()
    assert got.to_dict()["customers"] == 300
    axes = got.plot()
    assert len(axes.patches) == 4
    assert sum(patch.get_width() for patch in axes.patches) == pytest.approx(1)
    many = preference({"customer": range(60), "level": [f"<{k % 40}>" for k in range(60)]}, "level")
    assert len(many.plot().patches) == 21
    assert "&lt;0&gt;" in many._repr_html_()


def test_what_is_refused():
    with pytest.raises(ValueError, match="level: there is no column 'colour'; there are"):
        preference(SMALL, "colour", customer="who")
    with pytest.raises(ValueError, match="customer: there is no column 'customer'"):
        preference(SMALL, "channel")
    with pytest.raises(ValueError, match=r"weight: column channel holds .*, no numbers"):
        preference(SMALL, "channel", customer="who", weight="channel")
    with pytest.raises(ValueError, match="level: column paid holds numbers that are not whole"):
        preference({"customer": [1], "paid": [1.5]}, "paid")
    with pytest.raises(ValueError, match="level: '' is not allowed"):
        preference(SMALL, "", customer="who")
    with pytest.raises(ValueError, match="prior: -1 is not allowed"):
        preference(SMALL, "channel", customer="who", prior=-1)
    with pytest.raises(TypeError, match="unknown option k"):
        preference(SMALL, "channel", customer="who", k=1)
    with pytest.raises(ClarionError, match="differ in length"):
        preference({"customer": [1, 2], "channel": ["web"]}, "channel")
    got = preference(SMALL, "channel", customer="who")
    for bad in (["phone"], "web"):
        with pytest.raises(ValueError, match=r"levels: .* is not allowed"):
            got.affinities(bad)
    with pytest.raises(ValueError, match="twice"):
        got.affinities(["web", "web"])


def test_interrupted():
    def stop(fraction):
        raise KeyboardInterrupt

    random = np.random.default_rng(1)
    n = 20_000_000
    big = pa.table(
        {"customer": random.integers(0, 1_000_000, n, np.int32), "level": random.integers(0, 50, n, np.int8)}
    )
    with pytest.raises(KeyboardInterrupt):
        preference(big, "level", progress=stop)


def test_clusters_of_affinities():
    random = np.random.default_rng(3)
    kind = np.arange(300) % 2
    chance = np.where(kind[:, None] == 0, [0.8, 0.1, 0.1], [0.1, 0.1, 0.8])
    picks = np.array([random.choice(3, 20, p=p) for p in chance])
    table = {"customer": np.repeat(np.arange(300), 20), "level": np.array(["a", "b", "c"])[picks.ravel()]}
    lifts = preference(table, "level").affinities(["a", "c"]).to_frame()
    labels = cl.segment.KMeans(2, random_state=0).fit(lifts).labels_
    assert cl.segment.adjusted_rand(labels, kind) > 0.95


@pytest.mark.skipif(not (DATA / "complete-journey").exists(), reason="needs complete-journey in CLARION_DATA")
def test_departments_of_the_complete_journey():
    folder = DATA / "complete-journey"
    bought = pd.read_csv(folder / "transactions_sample.csv.gz")
    products = pd.read_csv(folder / "products.csv.gz")
    frame = bought.merge(products[["product_id", "department"]], on="product_id")
    wanted, lifts, _ = expected(frame, "department", "sales_value", customer="household_id")
    every = preference(frame, "department", customer="household_id", weight="sales_value")
    assert len(every) == frame["household_id"].nunique()
    assert every.rows["no weight above 0"] == int((frame["sales_value"] <= 0).sum())
    got = preference(
        frame, "department", customer="household_id", weight="sales_value", customers=wanted.index
    )
    compare(got, wanted)
    assert (got.favourite == "GROCERY").mean() > 0.5
    np.testing.assert_allclose(got.affinities(lifts.columns).to_frame("pandas"), lifts, rtol=1e-5)


@pytest.mark.skipif(not (DATA / "online-retail").exists(), reason="needs Online Retail in CLARION_DATA")
def test_countries_of_online_retail():
    frame = pd.read_csv(DATA / "online-retail" / "online_retail.csv.gz")
    names = {name.lower().replace(" ", ""): name for name in frame.columns}
    customer, country = names.get("customerid"), names["country"]
    got = preference(frame, country, customer=customer)
    wanted, _, _ = expected(frame, country, customer=customer)
    compare(got, wanted)
    assert got.rows["no customer"] == int(frame[customer].isna().sum())
    assert (got.favourite == "United Kingdom").mean() > 0.85
