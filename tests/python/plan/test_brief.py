"""The pre-launch brief from Python: the sample, plans with little, real data."""

import gzip
import json
import os
from datetime import date
from pathlib import Path

import clarion as cl
import pytest

DATA = os.environ.get("CLARION_DATA")


@pytest.fixture(scope="module")
def sample():
    return {
        "portfolio": cl.sample.portfolio(),
        "audiences": cl.sample.audiences(),
        "history": cl.sample.history(),
        "catalog": cl.sample.catalog(),
        "policy": cl.sample.policy(),
    }


@pytest.fixture(scope="module")
def brief(sample):
    return cl.brief(**sample)


def small(**fields):
    row = {
        "id": "a", "name": "Campaign a", "start": date(2026, 5, 4), "end": date(2026, 5, 17), "budget": 8000.0,
        "channel": "Email", "owner": "Ada", "group": "A", "audience": ["Buyers"], "products": ["Shoes"],
        "objective": "revenue",
    }  # fmt: skip
    return {**row, **fields}


def test_layers_are_sequences_of_findings(brief):
    for layer in (brief.strategies, brief.kpis, brief.risks, brief.roadmap, brief.team):
        assert isinstance(layer, cl.Findings)
        assert len(layer) > 0
        for finding in layer:
            assert (
                finding.code and finding.message and finding.why and finding.suggestion and finding.evidence
            )
    assert set(brief.risks[0].campaigns) == {"CMP-08", "CMP-09"}


def test_whatever_is_said_is_a_sentence(brief):
    said = [
        text
        for layer in (brief.strategies, brief.kpis, brief.risks, brief.roadmap, brief.team, brief.validation)
        for finding in layer
        for text in (finding.message, finding.why, finding.suggestion, finding.expected_effect)
    ]
    assert [text for text in said if text and not text.endswith(".")] == []


def test_the_planted_insights_are_told(brief):
    said = " ".join(finding.message for finding in brief.findings)
    assert "3.0% new people" in said
    assert "No acquisition campaign runs in January and February 2027" in said
    assert "Health & Wellness" in said
    assert "Maya Chen has up to" in said
    assert "Black Friday Blitz: cross-functional" in said
    assert "Winter Clearance Flash Sale: one owner" in said


def test_frames_json_and_dict_agree(brief):
    data = brief.to_dict()
    assert json.loads(brief.to_json()) == data
    assert data["layers"]["risks"] == brief.risks.to_dict()
    frame = brief.to_frame("pyarrow")
    assert frame.num_rows == len(brief.findings)
    assert set(frame.column("layer").to_pylist()) <= {"validation", *data["layers"]}
    assert frame.column_names[1:] == brief.risks.to_frame("pyarrow").column_names
    assert frame.filter([layer == "risks" for layer in frame.column("layer").to_pylist()]).drop(
        ["layer"]
    ) == (brief.risks.to_frame("pyarrow"))
    assert len(brief.table("calendar")) == 15
    assert brief.table("team").to_frame("polars").height == 15
    with pytest.raises(ValueError, match="calendar"):
        brief.table("nothing")


def test_it_reads_in_a_notebook_and_a_terminal(brief):
    assert "<details" in brief._repr_html_()
    assert "Brief(15 campaigns" in repr(brief)


def test_write(brief, tmp_path):
    page = brief.write(tmp_path / "deep" / "brief.html")
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    data = json.loads(brief.write(tmp_path / "brief.json").read_text(encoding="utf-8"))
    assert data["format"] == 1
    with pytest.raises(ValueError, match=r"\.html or \.json"):
        brief.write(tmp_path / "brief.txt")


def test_the_same_for_any_number_of_threads(sample, brief):
    for n_jobs in (1, 2, 5):
        assert cl.brief(**sample, n_jobs=n_jobs).to_json() == brief.to_json()


def test_policy_and_today(sample, brief):
    policy = cl.sample.policy()
    policy.ignore = ["P5"]
    policy.accepted = [cl._core.Acceptance(code="C203", campaign="CMP-07", by="Elena", reason="brand")]
    given = {**sample, "policy": policy}
    judged = cl.brief(**given)
    assert len(judged.team) == 0
    assert [finding.code for finding in judged.accepted] == ["C203"]
    assert judged.risks.count("C203") == brief.risks.count("C203") - 1
    later = cl.brief(**given, today=date(2027, 3, 1))
    assert later.to_dict()["today"] == "2027-03-01"
    assert policy.today == date(2026, 8, 10)


def test_options_by_section(sample):
    calm = cl.brief(**sample, options={"team": {"owner_capacity": 5.0}})
    assert calm.team.count("P502") == 0
    with pytest.raises(ValueError, match="owner_capacity"):
        cl.brief(**sample, options={"team": {"owner_capacity": 0}})
    with pytest.raises(TypeError, match="owner_capacity"):
        cl.brief(**sample, options={"team": {"capacity": 1}})
    with pytest.raises(TypeError, match="sections are"):
        cl.brief(**sample, options={"crew": {}})


def test_holidays(sample):
    busy = cl.brief(**sample, holidays={date(2026, 11, 20): "Children's Day"})
    assert busy.risks.with_code("C404").about("CMP-08")
    assert cl.brief(**sample, holidays="US").to_dict()["format"] == 1


def test_progress_and_interrupt(sample):
    seen = []
    cl.brief(**sample, progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cl.brief(**sample, progress=stop)


def test_nothing_but_a_portfolio():
    brief = cl.brief(cl.Portfolio([small()]), today=date(2026, 1, 1))
    lacking = {row["layer"] for row in brief.to_dict()["missing"]}
    assert lacking == {"strategies", "kpis", "risks", "roadmap", "team"}
    assert brief.to_html()


def test_an_empty_portfolio():
    brief = cl.brief(cl.Portfolio(), today=date(2026, 1, 1))
    assert brief.to_dict()["headline"]["campaigns"] == 0
    assert len(brief.risks) == 0
    assert brief.to_html()


def test_rows_that_were_set_aside_stand_with_their_reasons():
    rows = [small(), small(id="b", name="Campaign b", start=date(2026, 6, 9), end=date(2026, 6, 1))]
    plan = cl.Portfolio.read(rows)
    brief = cl.brief(plan, today=date(2026, 1, 1))
    assert len(plan) + len(brief.quarantine) == plan.rows_read
    ((row, campaign, findings),) = brief.quarantine
    assert (row, campaign) == (2, "b")
    assert "S001" in {finding.code for finding in findings}
    assert all(finding.row != 2 for finding in brief.validation)
    assert brief.to_dict()["headline"]["quarantined"] == 1
    assert brief.to_dict()["headline"]["errors"] >= 1


def test_hostile_names_are_harmless():
    name = "<script>alert(1)</script>"
    brief = cl.brief(cl.Portfolio([small(name=name)]), today=date(2026, 1, 1))
    assert name not in brief.to_html()
    assert name not in brief._repr_html_()


def test_any_table_of_campaigns_will_do():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"id": ["a", "b"], "name": ["A", "B"], "start": ["2026-05-04", "2026-05-10"],
                              "end": ["2026-05-17", "2026-05-20"], "cost": [1000, 2000], "channel": ["Email", "Email"],
                              "owner": ["Ada", "Bo"]})  # fmt: skip
    plan = cl.Portfolio.read(frame, columns={"budget": "cost"})
    brief = cl.brief(plan, today=date(2026, 1, 1))
    assert isinstance(brief.to_frame(), polars.DataFrame)


@pytest.mark.skipif(not DATA, reason="CLARION_DATA is not set: the complete-journey data are not at hand")
def test_complete_journey_without_budgets():
    pa_csv = pytest.importorskip("pyarrow.csv")
    folder = Path(DATA) / "complete-journey"

    def read(name):
        with gzip.open(folder / name) as file:
            return pa_csv.read_csv(file)

    columns = {"id": "campaign_id", "name": "campaign_type", "start": "start_date", "end": "end_date"}
    plan = cl.Portfolio.read(read("campaign_descriptions.csv.gz"), columns=columns)
    table = read("campaigns.csv.gz")
    members = cl.Audiences.from_frame(table, campaign="campaign_id", customer="household_id")
    assert len(plan) == 27
    brief = cl.brief(plan, audiences=members, today=date(2017, 1, 1))
    data = brief.to_dict()
    assert data["headline"]["campaigns"] == 27
    assert data["headline"]["budget"] is None
    assert data["headline"]["audience_source"] == "membership"
    assert data["headline"]["customers"] == len(set(table.column("household_id").to_pylist()))
    assert {row["layer"] for row in data["missing"]} >= {"strategies", "kpis", "risks", "team"}
    assert brief.risks.with_code("C1")
    sets = {}
    for campaign, household in zip(
        table["campaign_id"].to_pylist(), table["household_id"].to_pylist(), strict=True
    ):
        sets.setdefault(str(campaign), set()).add(household)
    ids, shared = data["overlap"]["campaigns"], data["overlap"]["shared"]
    assert len(ids) == 27
    for i, a in enumerate(ids):
        for j, b in enumerate(ids):
            assert shared[i][j] == len(sets[a] & sets[b])
    assert brief.to_html()


def test_every_table_has_the_columns_that_are_documented(brief):
    from clarion.plan.brief import TABLES

    for name, columns in TABLES.items():
        table = brief.table(name)
        assert table.columns == columns.split()
        assert len(table) > 0, name
        for backend in ("pandas", "polars", "pyarrow"):
            table.to_frame(backend)
        assert cl.brief(cl.Portfolio()).table(name).columns == table.columns
    assert str(brief.table("moves")["to_start"].dtype) == "datetime64[D]"


def test_outcomes_are_the_usual_times_its_factors(brief):
    table = brief.table("outcomes").to_frame("pandas")
    factors = table.filter(like="_factor").prod(axis=1)
    assert factors.to_numpy() == pytest.approx(table["index"].to_numpy())
    assert ((table["low"] < table["expected"]) & (table["expected"] < table["high"])).all()
    assert set(table["standing"]) == {"under", "usual", "over"}


def test_tables_agree_with_the_layers(brief, sample):
    moved = brief.table("reallocation").to_frame("pandas").groupby("outcome")[["before", "after"]].sum()
    assert moved["before"].to_numpy() == pytest.approx(moved["after"].to_numpy())
    assert set(moved.index) == {"revenue", "new_customers"}
    near = brief.table("neighbours").to_frame("pandas")
    assert set(near["neighbour"]) <= set(sample["history"].ids)
    assert (near.groupby("campaign")["similarity"].diff().dropna() <= 0).all()
    pairs = brief.table("overlap").to_frame("pandas").set_index(["campaign_a", "campaign_b"])
    exact = (
        cl.conflict.overlap(sample["audiences"]).to_frame("pandas").set_index(["campaign_a", "campaign_b"])
    )
    assert (pairs["shared"] == exact["shared"].reindex(pairs.index)).all()
    shares = brief.table("concentration").to_frame("pandas").groupby("dimension")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
