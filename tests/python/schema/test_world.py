import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from clarion import Audiences, _core, sample

SMALL = {"customers": 3000, "random_state": 11}


@pytest.fixture(scope="module")
def truth():
    return sample.truth(customers=20_000)


TABLES = {
    "people": "customer joined region lifecycle social_followers trend_shoppers deal_seekers wellness_enthusiasts students "
    "podcast_listeners outdoor_fans app_users consents_email consents_sms consents_push orders_per_year",
    "transactions": "order customer product day quantity amount returned",
    "interactions": "customer product day event",
    "journeys": "journey customer touch channel day converted value",
    "experiment": "customer campaign segment treated exposures pre_spend spend converted",
    "exposures": "customer campaign day",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_columns_in_every_frame(name):
    table = getattr(sample, name)(**SMALL)
    assert table.columns == TABLES[name].split()
    assert len(table) > 1000
    assert table.to_frame().shape == (len(table), len(table.columns))
    assert pl.DataFrame(table).height == len(table) == pa.table(table).num_rows
    if "day" in table.columns:
        assert pd.api.types.is_datetime64_any_dtype(table.to_frame()["day"])


@pytest.mark.parametrize("name", TABLES)
def test_threads_do_not_matter_and_seeds_do(name):
    simulate = getattr(sample, name)
    one, three = simulate(**SMALL, n_jobs=1), simulate(**SMALL, n_jobs=3)
    assert one.to_dict() == three.to_dict()
    assert simulate(customers=3000, random_state=12).to_dict() != one.to_dict()


def test_audiences_are_those_of_people(truth):
    audiences = sample.audiences()
    people = sample.people().to_frame().set_index("customer")
    assert isinstance(audiences, Audiences)
    assert audiences.campaigns == [f"CMP-{i:02}" for i in range(1, 16)]
    assert audiences.report.rows_accepted == audiences.n_memberships
    social = people.loc[audiences.members("CMP-03")]
    assert (social["social_followers"] | social["trend_shoppers"]).all()
    friday = people.loc[audiences.members(truth["portfolio"]["black_friday"])]
    assert ((friday["lifecycle"] == "Active Buyers") | friday["deal_seekers"]).all()
    assert friday["consents_email"].all()


def test_the_fifth_social_campaign_adds_three_percent(truth):
    audiences = sample.audiences(customers=100_000)
    reached = set()
    for campaign, planted in zip(
        truth["portfolio"]["social"], truth["memberships"]["social_new_reach"], strict=True
    ):
        members = set(audiences.members(campaign).tolist())
        assert len(members - reached) / len(members) == pytest.approx(planted, abs=0.012)
        reached |= members


def test_purchases_are_the_order_lines():
    lines = sample.transactions(**SMALL).to_frame()
    events = sample.interactions(**SMALL).to_frame()
    keys = ["customer", "product", "day"]
    bought = events[events["event"] == "purchase"]
    assert len(bought) == len(lines)
    assert (
        bought[keys].sort_values(keys).to_numpy().tolist()
        == lines[keys].sort_values(keys).to_numpy().tolist()
    )
    assert set(events["event"]) == {"view", "cart", "purchase"}
    assert lines["order"].nunique() == lines["order"].max() + 1
    assert (lines["amount"] > 0).all()


def test_paths_end_with_their_conversion(truth):
    touches = sample.journeys(customers=20_000).to_frame()
    last = touches.groupby("journey")["touch"].transform("max") == touches["touch"]
    assert not touches.loc[~last, "converted"].any()
    assert ((touches["value"] > 0) == touches["converted"]).all()
    assert touches.groupby("journey")["converted"].sum().max() == 1
    effects = {effect["channel"]: effect for effect in truth["journeys"]["effects"]}
    assert set(touches["channel"]) == set(effects)
    # On the first touch nothing has assisted yet, so the share that converts is the direct effect alone.
    first = touches[touches["touch"] == 1].groupby("channel")["converted"].agg(["mean", "size"])
    for channel, row in first.iterrows():
        chance = 1 / (1 + np.exp(-(truth["journeys"]["base"] + effects[channel]["direct"])))
        assert row["mean"] == pytest.approx(chance, abs=4 * np.sqrt(chance / row["size"]))
    assert set(truth["journeys"]["removal_effect"]) == set(effects)
    assert all(0 < share < 1 for share in truth["journeys"]["removal_effect"].values())


def test_the_experiment_recovers_uplift_by_segment(truth):
    planted = truth["experiment"]
    rows = sample.experiment(customers=100_000).to_frame()
    assert set(rows["campaign"]) == {planted["campaign"]}
    for uplift in planted["uplifts"]:
        of = rows[rows["segment"] == uplift["segment"]]
        treated, control = of[of["treated"]], of[~of["treated"]]
        for column in ("spend", "conversion"):
            outcome = "converted" if column == "conversion" else column
            lift = treated[outcome].mean() - control[outcome].mean()
            error = np.sqrt(treated[outcome].var() / len(treated) + control[outcome].var() / len(control))
            assert abs(lift - planted["exposed"] * uplift[column]) < 4 * error
    contacts = sample.exposures(customers=100_000).to_frame()
    counts = contacts.groupby("customer").size()
    assert (rows.set_index("customer")["exposures"].loc[counts.index] == counts).all()


def test_truth_is_plain_data(truth):
    assert json.loads(json.dumps(truth)) == truth
    assert truth["portfolio"]["budget"] == 212_000
    assert len(truth["history"]["performers"]) == 6


def test_options_are_checked():
    with pytest.raises(ValueError, match="customers"):
        sample.people(customers=5_000_000_000)
    with pytest.raises(TypeError, match="unknown option people"):
        _core.world_customers(people=3)
    with pytest.raises(ValueError, match="n_jobs"):
        sample.people(n_jobs=0)
    assert len(sample.transactions(customers=0)) == 0
    assert len(sample.journeys(customers=0)) == 0


def test_memberships_for_load_tests():
    members = _core.simulate_memberships(10_000, 0.05, campaigns=40, seed=3)
    assert members["campaign"].max() == 39
    assert members["customer"].max() < 10_000
    assert len(members["customer"]) == pytest.approx(40 * 500, rel=0.4)
