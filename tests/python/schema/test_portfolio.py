"""The portfolio as a value: rows, findings, freezing, writing without loss."""

import datetime as dt

import pytest
from clarion import Catalog, ClarionError, Portfolio, sample
from clarion._core import Acceptance, Policy
from clarion.schema import Campaign, Product
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = dt.date(2026, 1, 1)


def policy():
    out = Policy()
    out.today = DAY
    return out


def campaign(campaign_id="a", **changes):
    return Campaign(
        **{
            "id": campaign_id, "name": f"Campaign {campaign_id}", "start": dt.date(2026, 3, 1), "end": dt.date(2026, 3, 10),
            "budget": 1000.0, "currency": "USD", "channel": "Email", "owner": "Ann", **changes,
        }
    )  # fmt: skip


def test_the_sample_is_clean_but_for_what_is_planted():
    plan = sample.portfolio()
    assert len(plan) == plan.rows_read == plan.accepted == 15
    assert sum(one.budget for one in plan) == 212_000
    assert plan.findings.count("error") == 0
    assert [item.code for item in plan.findings] == ["S109"]
    assert len(plan.quarantine) == 0 and plan.quarantined == []


def test_access_by_position_id_and_slice():
    plan = Portfolio([campaign("a"), campaign("b"), campaign("c")], policy=policy())
    assert plan["b"] == plan[1] == plan[-2] == campaign("b")
    assert plan.ids == ["a", "b", "c"] == [one.id for one in plan[:]]
    assert len(plan[1:]) == 2
    assert "c" in plan and "d" not in plan and campaign("a") in plan
    with pytest.raises(KeyError, match="no campaign has the id 'x'"):
        plan["x"]
    with pytest.raises(IndexError):
        plan[3]
    assert plan.campaigns == [campaign("a"), campaign("b"), campaign("c")]
    assert len(Portfolio()) == 0


def test_texts_and_notebook_view():
    plan = Portfolio([campaign("a", name="<script>alert(1)</script>")], policy=policy())
    assert "1 campaigns" in repr(plan)
    assert "<script>" not in plan._repr_html_()
    assert "&lt;script&gt;" in plan._repr_html_()


def test_another_policy_and_acceptances():
    plan = Portfolio(
        [campaign("a"), campaign("b", channel="Emial"), campaign("c", channel="Emial")], policy=policy()
    )
    assert plan.findings.count("S014") == 2
    other = policy()
    other.accepted = [Acceptance("S014", "b", "Ann", "a pilot")]
    assert [item.campaigns for item in plan.validate(other)] == [["c"]]
    other.ignore = ["S014"]
    assert len(plan.validate(other)) == 0
    strict = policy()
    strict.severities = {"S014": "error"}
    assert len(Portfolio(plan.campaigns, policy=strict)) == 1


def test_frozen_criteria_do_not_move():
    plan = Portfolio(
        [campaign("a", status="approved", targets=["roas >= 3", "cpa <= 12"]), campaign("b", targets=[])],
        policy=policy(),
    )
    assert plan.counts == {"S026": 1}
    frozen = plan.freeze_criteria(on=DAY)
    assert frozen.counts == {}
    assert frozen["a"].approved_on == DAY and len(frozen["a"].approved_hash) == 64
    assert plan["a"].approved_hash == ""
    rows = frozen.to_dict()
    rows[0]["targets"] = ["cpa at most 12", "ROAS >= 3.0"]
    assert Portfolio(rows, policy=policy()).counts == {}
    rows[0]["targets"] = ["roas >= 2", "cpa <= 12"]
    assert Portfolio(rows, policy=policy()).counts == {"S024": 1}
    with pytest.raises(ValueError, match="no campaign has that id"):
        plan.freeze_criteria(["z"])
    with pytest.raises(ValueError, match="no success criteria"):
        plan.freeze_criteria(["b"])


def test_launch_dates_come_from_the_catalogue():
    goods = Catalog([Product("p1", launch=dt.date(2026, 3, 2))])
    rows = [campaign("a", products=["p1"]).to_dict()]
    assert Portfolio.read(rows, catalog=goods, policy=policy()).counts == {"S021": 1}


def test_validation_is_the_same_for_any_number_of_threads():
    plan = Portfolio(
        [campaign(f"c{i}", name=f"n{i % 7}", budget=float(i % 3)) for i in range(500)], policy=policy()
    )
    one, three = plan.validate(n_jobs=1), plan.validate(n_jobs=3)
    assert one.to_dict() == three.to_dict() and len(one) > 100


def test_what_cannot_be_written(tmp_path):
    plan = Portfolio([campaign()], policy=policy())
    with pytest.raises(ValueError, match=r"end it in \.csv"):
        plan.write(tmp_path / "plan.docx")
    with pytest.raises(ClarionError, match="no such folder"):
        plan.write(tmp_path / "absent" / "plan.csv")
    with pytest.raises(ValueError, match="backend"):
        plan.to_frame("numpy")


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=8).map(
    str.strip
)
word = text.filter(bool)
number = st.one_of(st.none(), st.floats(0, 1e12), st.integers(0, 10**9).map(float), st.just(1.125))
days = st.one_of(st.none(), st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)))
# A list that reads as one text in the form of a JSON array is that array.
items = st.lists(word.filter(lambda item: not item.startswith("[")), max_size=3)


@st.composite
def campaigns(draw):
    out = []
    for i in range(draw(st.integers(1, 4))):
        start = draw(st.dates(dt.date(2025, 6, 1), dt.date(2026, 12, 31)))
        out.append(
            campaign(
                f"c{i}", name=draw(word), start=start, end=start + dt.timedelta(draw(st.integers(0, 300))),
                budget=draw(st.floats(0, 1e9)), currency=draw(st.sampled_from(["USD", "EUR", "CHF"])),
                channel=draw(st.sampled_from(["Email", "SMS", "Radio"])), owner=draw(word), group=draw(text), region=draw(text),
                audience=draw(items), products=draw(items), tags=draw(items), objective=draw(st.sampled_from(["", "revenue"])),
                status=draw(st.sampled_from(["", "planned", "finished"])), approver=draw(text), fixed_dates=draw(st.booleans()),
                touches_per_week=draw(number), spend=draw(number), clicks=draw(number), earliest_start=draw(days),
                approved_on=draw(days), targets=draw(st.sampled_from([[], ["roas >= 3"], ["cpa <= 0.1", "roas >= 3.125"]])),
            )
        )  # fmt: skip
    return out


@settings(max_examples=60, deadline=None)
@given(
    campaigns(),
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), min_size=4, max_size=4),
)
def test_what_is_written_is_read_again(rows, notes):
    import tempfile
    from pathlib import Path

    lenient = policy()
    lenient.ignore = ["S"]
    plan = Portfolio.read(
        [{**row.to_dict(), "extras": {"Мнение": note}} for row, note in zip(rows, notes, strict=False)],
        policy=lenient,
    )
    assert plan.campaigns == rows
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("csv", "tsv", "json", "parquet", "arrow", "csv.gz", "json.gz"):
            path = Path(folder) / f"plan.{ending}"
            plan.write(path)
            back = Portfolio.read(path, policy=lenient)
            assert back.campaigns == rows, ending
            assert back.to_json() == plan.to_json(), ending
