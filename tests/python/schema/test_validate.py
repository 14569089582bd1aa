"""Validation from Python: the rules' own tests are in C++; here is what a policy makes of them."""

import datetime as dt

import pytest
from clarion import Portfolio, _core, sample
from clarion._core import Policy

HEAD = ("id", "name", "start", "end", "budget", "channel", "owner", "tags", "group", "objective")


def plan(*rows, policy=None):
    day = policy or Policy()
    day.today = dt.date(2026, 1, 1)
    return Portfolio.read([dict(zip(HEAD, row, strict=False)) for row in rows], policy=day)


def row(campaign, **changes):
    cells = dict(
        zip(
            HEAD,
            (campaign, f"n{campaign}", "2026-03-01", "2026-03-10", 100, "Email", "Ann", "", "", ""),
            strict=True,
        )
    )
    return tuple({**cells, **changes}.values())


def test_a_finding_says_where_it_was_read_and_what_to_do():
    read = plan(row("a"), row("b", end="2026-02-01"))
    (found,) = read.findings
    assert (found.code, found.severity, found.row, found.column, found.value) == (
        "S001",
        "error",
        2,
        "end",
        "2026-02-01",
    )
    assert found.campaigns == ["b"]
    assert found.evidence == {"start": "2026-03-01", "end": "2026-02-01", "days": 28}
    assert found.message == "b ends on 2026-02-01, 28 days before it starts on 2026-03-01."
    assert found.why and found.suggestion


def test_severities_and_ignored_codes_decide_on_quarantine():
    policy = Policy()
    policy.severities = {"S001": "warning"}
    assert len(plan(row("b", end="2026-02-01"), policy=policy)) == 1
    policy = Policy()
    policy.ignore = ["S0"]
    assert len(plan(row("b", end="2026-02-01"), policy=policy)) == 1
    assert len(plan(row("b", end="someday"), policy=policy)) == 0


def test_tag_standard():
    policy = Policy()
    policy.tag_pattern = "[a-z]+-[0-9]{4}"
    read = plan(row("a", tags="sale-2026"), row("b", tags="sale-2026; Sale"), policy=policy)
    assert [(item.code, item.value) for item in read.findings] == [("S020", "Sale")]
    policy.tag_pattern = "("
    with pytest.raises(ValueError, match="tag_pattern"):
        plan(row("a", tags="x"), policy=policy)


def test_confounded_groups_name_what_a_comparison_would_measure():
    rows = [row(f"a{i}", group="A", objective="acquisition") for i in range(3)]
    rows += [row(f"b{i}", group="B", objective="revenue") for i in range(3)]
    (found,) = plan(*rows).findings
    assert found.code == "S109" and found.evidence["cramers_v"] == pytest.approx(1.0)
    assert "measure the objective" in found.message
    assert found.evidence["groups"] == ["A: 3 acquisition", "B: 3 revenue"]


def test_reading_and_validating_agree():
    past = sample.history(campaigns=300)
    again = _core.validate(past._core, past.policy, None, True)
    assert [item.message for item in again] == [item.message for item in past.findings]


def test_many_findings_are_counted_and_not_all_listed():
    read = plan(*(row(f"c{i}", owner="") for i in range(1500)), row("z"))
    assert read.counts["S007"] == 1500
    assert read.findings.count("S007") == 1001
    assert any("500 more rows" in item.message for item in read.findings)
    assert len(read.quarantine) == 1500
