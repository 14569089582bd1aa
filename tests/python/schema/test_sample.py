import tomllib

import polars as pl
import pyarrow.parquet as pq
import pytest
from clarion import Audiences, Catalog, Portfolio, sample


def test_the_portfolio_is_as_documented():
    plan = sample.portfolio()
    assert isinstance(plan, Portfolio)
    assert len(plan) == 15
    assert sum(campaign.budget for campaign in plan) == 212_000
    assert len({campaign.channel for campaign in plan}) == 8
    truth = sample.truth(customers=100)["portfolio"]
    assert plan[truth["black_friday"]].name == "Black Friday Blitz"
    assert plan[truth["black_friday"]].budget == 30_000
    assert plan[truth["gift_guide"]].name == "Holiday Gift Guide"
    assert plan[truth["gift_guide"]].budget == 25_000
    assert plan[truth["webinar"]].objective == "lead_generation"
    assert plan[truth["flash_sale"]].channel == "SMS"
    assert {plan[campaign].channel for campaign in truth["social"]} == {"Social Media"}
    acquires = [c for c in plan if c.group == "A"]
    assert not any(
        day.month in truth["empty_acquisition_months"] for c in acquires for day in (c.start, c.end)
    )


def test_validation_finds_the_confounded_groups_and_nothing_else():
    findings = sample.portfolio().findings
    assert [finding.severity for finding in findings] == ["warning"]
    assert "objective" in findings[0].message
    assert len(sample.history().findings) == 0


def test_the_catalog_has_48_products():
    shop = sample.catalog()
    assert isinstance(shop, Catalog)
    assert len(shop) == 48
    assert len({product.category for product in shop}) == 6


def test_the_policy_judges_before_the_first_launch():
    rules = sample.policy()
    assert rules.today < min(campaign.start for campaign in sample.portfolio())
    rules.today = None
    assert sample.policy().today is not None


def test_history_has_actuals_and_its_size_is_a_choice():
    past = sample.history()
    assert len(past) == 80
    assert all(campaign.conversions > 0 and campaign.spend <= campaign.budget for campaign in past)
    longer = sample.history(campaigns=120)
    assert longer[past[0].id] == past[0]
    assert sample.history(random_state=8)[0] != past[0]
    with pytest.raises(ValueError, match="campaigns"):
        sample.history(campaigns=3001)


def test_written_files_read_back(tmp_path):
    written = sample.write(tmp_path / "demo", customers=2000, random_state=3)
    assert sorted(written) == sorted((tmp_path / "demo").iterdir())
    place = tmp_path / "demo"
    plan = Portfolio.read(
        place / "portfolio.csv", policy=sample.policy(), catalog=Catalog.read(place / "catalog.csv")
    )
    assert list(plan) == list(sample.portfolio())
    past = Portfolio.read(place / "history.csv", policy=sample.policy(), history=True)
    assert list(past) == list(sample.history(random_state=3))
    members = Audiences.from_frame(pq.read_table(place / "audiences.parquet"))
    want = sample.audiences(customers=2000, random_state=3)
    assert members.campaigns == want.campaigns
    assert members.sizes.tolist() == want.sizes.tolist()
    lines = pl.read_parquet(place / "transactions.parquet")
    assert lines["customer"].max() < 2000
    assert pl.read_csv(place / "experiment.csv").height == len(
        sample.experiment(customers=2000, random_state=3)
    )
    settings = tomllib.loads((place / "clarion.toml").read_text())
    assert settings["today"] == sample.policy().today
