import gzip
import os
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import clarion as cl
import polars as pl
import pytest
from clarion._core import Acceptance
from clarion.conflict import find_conflicts, rules


@pytest.fixture(scope="module")
def found():
    return find_conflicts(cl.sample.portfolio(), audiences=cl.sample.audiences())


def named(found, code):
    return {frozenset(finding.campaigns) for finding in found.findings if finding.code == code}


def test_what_is_planted_is_found_and_nothing_else(found):
    truth = cl.sample.truth()["portfolio"]
    social = truth["social"]
    overlaps = {frozenset(pair) for pair in pairwise(social[:4])}
    overlaps.add(frozenset((truth["black_friday"], truth["gift_guide"])))
    assert named(found, "C101") == overlaps
    assert named(found, "C104") == overlaps
    assert named(found, "C201") == {frozenset((truth["black_friday"], truth["gift_guide"]))}
    assert named(found, "C203") == {frozenset(social)}
    assert {finding.code for finding in found} == {"C101", "C104", "C201", "C203", "C305"}
    assert found.source == "membership"


def test_every_finding_is_explained(found):
    known = {rule.code for rule in rules()}
    for finding in found:
        assert finding.code in known
        for text in (finding.message, finding.why, finding.suggestion, finding.expected_effect):
            assert text and "nan" not in text.lower().split()
        assert finding.evidence
        assert finding.expected_loss > 0
    order = {"error": 0, "warning": 1, "info": 2}
    ranks = [(order[finding.severity], -finding.expected_loss) for finding in found]
    assert ranks == sorted(ranks)


def test_tags_alone_are_estimates():
    tags = find_conflicts(cl.sample.portfolio())
    assert tags.source == "tags"
    assert named(tags, "C102") == named(find_conflicts(cl.sample.portfolio(), cl.sample.audiences()), "C101")
    assert not named(tags, "C101")


def test_policy_selects_ignores_and_accepts():
    portfolio, audiences = cl.sample.portfolio(), cl.sample.audiences()
    policy = cl.sample.policy()
    policy.select = ["C1", "C2"]
    policy.ignore = ["C104"]
    policy.accepted = [Acceptance("C203", "CMP-07", by="Ada", reason="brand", until=date(2099, 1, 1))]
    judged = find_conflicts(portfolio, audiences, policy=policy)
    assert {finding.code for finding in judged} == {"C101", "C201"}
    assert [finding.code for finding in judged.accepted] == ["C203"]


def test_parts_and_exports(found):
    assert len(found) == len(found.findings) == len(found.to_frame("polars"))
    assert isinstance(found.to_frame("polars"), pl.DataFrame)
    pairs = found.pairs.to_frame("pandas").set_index(["campaign_a", "campaign_b"])
    assert pairs.loc[("CMP-08", "CMP-09"), "shared"] == 2793
    assert found.load.cube().shape[0] == 15
    assert found.concentration.total == 212_000
    assert set(found.to_dict()) == {
        "source", "campaigns", "findings", "accepted", "pairs", "saturation", "concentration", "taken",
    }  # fmt: skip
    assert "Conflicts(15 campaigns" in repr(found)


def test_names_are_escaped(plan):
    html = find_conflicts(
        plan({"name": "<script>alert(1)</script>", "audience": ["A"]}, {"audience": ["A"]})
    )._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_frames_are_read_on_the_way():
    frame = pl.DataFrame(
        {
            "id": ["a", "b"],
            "name": ["Spring", "Easter"],
            "start": [date(2026, 3, 2)] * 2,
            "end": [date(2026, 3, 8)] * 2,
            "channel": ["Email"] * 2,
            "budget": [100.0, 200.0],
            "owner": ["Ada"] * 2,
            "audience": ["Loyal"] * 2,
        }
    )
    found = find_conflicts(frame)
    assert [finding.code for finding in found] == ["C102"]
    assert isinstance(found.to_frame(), pl.DataFrame)


def test_threads_agree(found):
    again = find_conflicts(cl.sample.portfolio(), audiences=cl.sample.audiences(), n_jobs=3)
    assert again.to_dict() == found.to_dict()


def test_edges(plan):
    assert len(find_conflicts(cl.Portfolio())) == 0
    assert len(find_conflicts(plan({"audience": ["A"]}))) == 0
    bare = find_conflicts(plan({"budget": 10.0}, {"budget": 10.0}))
    assert [finding.code for finding in bare] == ["C105"]
    assert bare.source == "none"
    with pytest.raises(TypeError, match="unknown option rest; the options are max_findings, over_cap_share"):
        find_conflicts(plan({}), rest=3)
    with pytest.raises(ValueError, match="max_findings: 0 is not allowed"):
        find_conflicts(plan({}), max_findings=0)


def test_max_findings_reaches_every_detector(plan):
    crowd = find_conflicts(plan(*({"audience": ["A"]} for _ in range(12))), max_findings=3)
    assert crowd.findings.count("C102") == 3
    hidden = {f.evidence["of"]: f.evidence["not_shown"] for f in crowd.findings.with_code("C001")}
    assert hidden["C102"] == 12 * 11 // 2 - 3


@pytest.mark.skipif("CLARION_DATA" not in os.environ, reason="CLARION_DATA is not set")
def test_complete_journey():
    folder = Path(os.environ["CLARION_DATA"]) / "complete-journey"
    with gzip.open(folder / "campaign_descriptions.csv.gz") as file:
        described = pl.read_csv(file, try_parse_dates=True)
    with gzip.open(folder / "campaigns.csv.gz") as file:
        rows = pl.read_csv(file)
    audiences = cl.Audiences.from_frame(rows, campaign="campaign_id", customer="household_id")
    portfolio = cl.Portfolio.read(
        described.with_columns(name=pl.col("campaign_id").cast(pl.String)),
        columns={"id": "campaign_id", "start": "start_date", "end": "end_date"},
        history=True,
    )
    assert len(portfolio) == 27
    found = find_conflicts(portfolio, audiences)
    assert found.source == "membership"
    assert found.findings.count("C303") == 1
    assert not found.findings.with_code("C3").at_least("warning")

    sets = {str(c): set(group["household_id"]) for (c,), group in rows.group_by("campaign_id")}
    runs = {str(r["campaign_id"]): (r["start_date"], r["end_date"]) for r in described.to_dicts()}
    want = {}
    for a, b in combinations(portfolio.ids, 2):
        days = (min(runs[a][1], runs[b][1]) - max(runs[a][0], runs[b][0])).days + 1
        shared = len(sets[a] & sets[b])
        if days > 0 and shared:
            want[a, b] = (days, shared)
    table = found.pairs
    got = {
        (a, b): (days, int(shared))
        for a, b, days, shared in zip(
            table["campaign_a"],
            table["campaign_b"],
            table["shared_days"].tolist(),
            table["shared"].tolist(),
            strict=True,
        )
        if days > 0
    }
    assert got == want
