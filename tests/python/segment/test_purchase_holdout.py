import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from clarion.segment import BetaGeo, Purchases, holdout_quality, purchase_holdout, purchase_summary, rfm

DATA = Path(os.environ.get("CLARION_DATA", ""))


def transactions(n=4000, customers=300):
    random = np.random.default_rng(5)
    days = np.datetime64("2025-01-01") + random.integers(0, 365, n)
    return pd.DataFrame(
        {
            "customer": [f"c{c}" for c in random.integers(0, customers, n)],
            "date": days,
            "amount": random.gamma(2, 20, n).round(2) - 8,
        }
    )


@pytest.mark.parametrize("at", ["2024-12-31", "2025-01-01", "2025-06-30", "2025-12-31"])
def test_purchases_until_a_day_are_those_that_are_read_until_it(at):
    frame = transactions()
    every = Purchases.from_frame(frame, at="2025-12-31")
    cut, read = every.until(at), Purchases.from_frame(frame, at=at)
    pd.testing.assert_frame_equal(cut.to_frame(), read.to_frame())
    assert (cut.returned == read.returned).all()
    assert cut.at == read.at
    assert cut.report is every.report
    scored = rfm(every, at=at)
    pd.testing.assert_frame_equal(scored.to_frame(), rfm(frame, at=at).to_frame())
    pd.testing.assert_frame_equal(
        purchase_summary(every, at=at, unit="weeks").to_frame(),
        purchase_summary(frame, at=at, unit="weeks").to_frame(),
    )
    with pytest.raises(ValueError, match="at: 2026-01-01"):
        every.until("2026-01-01")


def test_a_holdout_is_what_pandas_counts():
    frame = transactions()
    got = purchase_holdout(frame, at="2025-12-31", cut="2025-08-31", unit="weeks").to_frame("pandas")
    learned = purchase_summary(frame, at="2025-08-31", unit="weeks").to_frame("pandas")
    pd.testing.assert_frame_equal(got[learned.columns], learned)
    sales = frame[frame["amount"] >= 0].groupby(["customer", "date"])["amount"].sum().reset_index()
    later = sales[sales["date"] > "2025-08-31"].groupby("customer")["amount"]
    expected = later.agg(["size", "mean"]).reindex(got["customer"]).fillna(0)
    assert (got["holdout_frequency"].to_numpy() == expected["size"].to_numpy()).all()
    np.testing.assert_allclose(got["holdout_monetary"], expected["mean"], rtol=1e-12)
    assert (got["holdout_T"] == 122 / 7).all()
    every = Purchases.from_frame(frame, at="2025-12-31")
    again = purchase_holdout(every, cut="2025-08-31", unit="weeks").to_frame("pandas")
    pd.testing.assert_frame_equal(again, got)
    with pytest.raises(ValueError, match="cut: 2025-12-31"):
        purchase_holdout(every, cut="2025-12-31")
    with pytest.raises(ValueError, match="unit: 'fortnights'"):
        purchase_holdout(every, cut="2025-08-31", unit="fortnights")


def test_quality_is_that_of_numpy():
    random = np.random.default_rng(1)
    frequency, seen = random.poisson(2, 500), random.poisson(1.5, 500)
    expected = random.gamma(2, 0.7, 500)
    got = holdout_quality(expected, seen, frequency, most=4)
    assert got.seen == seen.sum()
    assert got.expected == pytest.approx(expected.sum())
    assert got.mean_absolute_error == pytest.approx(np.abs(expected - seen).mean())
    assert got.root_mean_square_error == pytest.approx(np.sqrt(((expected - seen) ** 2).mean()))
    table = got.to_frame("pandas").set_index("frequency")
    assert list(table.index) == ["0", "1", "2", "3", "4", "5+"]
    assert table["customers"].sum() == got.customers == 500
    assert table.loc["2", "mean_seen"] == pytest.approx(seen[frequency == 2].mean())
    assert table.loc["5+", "mean_expected"] == pytest.approx(expected[frequency >= 5].mean())
    assert got.to_dict()["by_frequency"]["customers"] == table["customers"].tolist()
    assert "expected" in repr(got)
    assert "mean_seen" in got._repr_html_()
    axes = got.plot()
    assert axes.get_xlabel() == "repeat purchases before the cut"
    with pytest.raises(ValueError, match="frequency"):
        holdout_quality(expected, seen, frequency[:3])
    with pytest.raises(ValueError, match=r"seen.*row 0"):
        holdout_quality(expected, -seen - 1.0, frequency)


@pytest.mark.skipif(not (DATA / "cdnow").exists(), reason="needs CDNOW in CLARION_DATA")
def test_cdnow_is_forecast_from_its_first_39_weeks():
    """Fader, Hardie and Lee (2005) cut CDNOW after 39 of 78 weeks; the forecast of the second half falls short by some percent."""
    names = ["customer", "date", "cds", "amount"]
    log = pd.read_csv(DATA / "cdnow" / "CDNOW_master.txt.gz", sep=r"\s+", names=names, skiprows=1)
    table = purchase_holdout(log, at="1998-06-30", cut="1997-09-30", unit="weeks")
    history = {name: table[name] for name in ("frequency", "recency", "T")}
    model = BetaGeo().fit(**history)
    quality = holdout_quality(
        model.expected_purchases(table["holdout_T"][0], **history),
        table["holdout_frequency"],
        table["frequency"],
    )
    assert quality.customers == 23570
    days = log.drop_duplicates(["customer", "date"])
    assert quality.seen == (days["date"] > 19970930).sum()
    assert 0.85 < quality.expected / quality.seen < 1.05
    everybody_alike = np.full(len(table), quality.seen / quality.customers)
    alike = holdout_quality(everybody_alike, table["holdout_frequency"], table["frequency"])
    assert quality.root_mean_square_error < 0.85 * alike.root_mean_square_error
