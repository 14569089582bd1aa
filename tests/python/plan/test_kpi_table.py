"""The table of KPIs, and a team's own laid over it."""

import json

import clarion as cl
import pytest

OWN = {
    "kpis": {"store_visits": {"numerator": "visits", "unit": "count", "look_after_end": 2}},
    "intents": [
        {"objective": "clearance", "channel": "SMS", "role": "primary", "kpis": ["store_visits", "revenue"]}
    ],
}
TOML = """
[kpis.store_visits]
numerator = "visits"
unit = "count"
look_after_end = 2
[[intents]]
objective = "clearance"
channel = "SMS"
role = "primary"
kpis = ["store_visits", "revenue"]
"""


def definition_of(table):
    return table["kpis"]["store_visits"]


def test_default_lists_every_kpi_with_a_formula():
    table = cl.plan.kpi_table()
    assert {"roas", "cac", "sell_through", "attendance", "rpau"} <= set(table["kpis"])
    assert all(kpi["formula"] and kpi["measure"] for kpi in table["kpis"].values())
    assert cl.plan.kpi_table(table) == table


def test_mapping_json_toml_and_csv_say_the_same(tmp_path):
    (tmp_path / "own.json").write_text(json.dumps(OWN), encoding="utf-8")
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "kpis.csv").write_text(
        "id,numerator,unit,look_after_end,name\nstore_visits,visits,count,2,\n", encoding="utf-8-sig"
    )
    (tmp_path / "intents.csv").write_text(
        "objective,channel,role,kpis\nclearance,SMS,primary,roas revenue\n", encoding="utf-8"
    )
    wanted = cl.plan.kpi_table(OWN)
    assert cl.plan.kpi_table(tmp_path / "own.json") == wanted
    assert cl.plan.kpi_table(str(tmp_path / "own.toml")) == wanted
    assert definition_of(cl.plan.kpi_table(tmp_path / "kpis.csv")) == definition_of(wanted)
    intents = cl.plan.kpi_table(tmp_path / "intents.csv")["intents"]
    own = {"objective": "clearance", "channel": "SMS", "role": "primary", "kpis": ["roas", "revenue"]}
    assert own in intents


def test_a_brief_follows_the_table():
    portfolio, history = cl.sample.portfolio(), cl.sample.history()

    def primary(brief, campaign):
        rows = brief.to_dict()["kpi_table"]
        return [row["kpi"] for row in rows if row["campaign"] == campaign and row["role"] == "primary"]

    assert primary(cl.brief(portfolio, history=history), "CMP-11") == ["sell_through"]
    own = cl.brief(portfolio, history=history, kpi_table=OWN)
    assert primary(own, "CMP-11") == ["store_visits", "revenue"]
    assert primary(own, "CMP-02") == ["cost_per_lead", "leads"]


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ({"kpis": {"roas": {"direction": "left"}}}, "kpis.roas.direction"),
        ({"intents": [{"role": "primary", "kpis": ["fame"]}]}, "fame"),
        ({"metrics": {}}, "metrics"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(own, place):
    with pytest.raises(cl.ClarionError, match=place):
        cl.plan.kpi_table(own)


def test_files_that_cannot_be_tables(tmp_path):
    (tmp_path / "no_id.csv").write_text("name,unit\nVisits,count\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"row 1 of no_id\.csv has no id"):
        cl.plan.kpi_table(tmp_path / "no_id.csv")
    with pytest.raises(ValueError, match=r"\.json, \.toml or \.csv"):
        cl.plan.kpi_table(tmp_path / "table.xlsx")
    (tmp_path / "cut.json").write_text('{"kpis": ', encoding="utf-8")
    with pytest.raises(cl.ClarionError, match="not JSON"):
        cl.plan.kpi_table(tmp_path / "cut.json")
