from datetime import date, timedelta

import clarion as cl
import pytest
from clarion._core import Acceptance, Blackout, Channel, Policy, default_channels
from clarion.schema import Findings

DAY = date(2026, 8, 1)


@pytest.fixture(scope="module")
def findings() -> Findings:
    found = cl.conflict.find_conflicts(cl.sample.portfolio(), audiences=cl.sample.audiences())
    return Findings(found)


def policy(**settings):
    out = Policy()
    out.today = DAY
    for name, value in settings.items():
        setattr(out, name, value)
    return out


def test_no_decision_changes_nothing(findings):
    kept, accepted = findings.judge(policy())
    assert [f.message for f in kept] == [f.message for f in findings]
    assert len(accepted) == 0


def test_ignore_wins_over_select(findings):
    code = findings[0].code
    kept, _ = findings.judge(policy(select=[code[:1]], ignore=[code]))
    assert len(kept) == len(findings.with_code(code[:1])) - len(findings.with_code(code))
    assert all(f.code.startswith(code[:1]) and not f.code.startswith(code) for f in kept)


def test_severities_by_code(findings):
    code = findings[0].code
    kept, _ = findings.judge(policy(severities={code: "error"}))
    assert {f.severity for f in kept.with_code(code)} == {"error"}
    with pytest.raises(ValueError, match=r"severity\.X1: 'fatal' is not allowed"):
        Policy().severities = {"X1": "fatal"}


def test_an_acceptance_is_for_one_campaign_and_expires(findings):
    finding = next(f for f in findings if f.campaigns)
    campaign = finding.campaigns[0]
    until = policy(accepted=[Acceptance(finding.code, campaign, "Ana", "known", DAY)])
    kept, accepted = findings.judge(until)
    assert len(accepted) >= 1
    assert all(f.code == finding.code and campaign in f.campaigns for f in accepted)
    assert len(kept) + len(accepted) == len(findings)

    until.today = DAY + timedelta(days=1)
    kept, accepted = findings.judge(until)
    assert len(accepted) == 0
    assert any("expired" in f.why for f in kept.with_code(finding.code))


def test_what_is_set_is_read_back():
    own = policy(
        blackouts=[Blackout(DAY, DAY + timedelta(days=2), "stocktaking", "Email")],
        channels=[*default_channels(), Channel("Print", 0.25, cost_per_contact=1.5)],
        tag_pattern="[a-z]+",
    )
    assert own.today == DAY
    assert own.blackouts[0].name == "stocktaking"
    assert own.blackouts[0].end - own.blackouts[0].start == timedelta(days=2)
    assert [channel.name for channel in own.channels][-1] == "Print"
    assert own.channels[-1].cost_per_contact == 1.5
    assert own.tag_pattern == "[a-z]+"


def test_the_eight_channels():
    names = {channel.name for channel in default_channels()}
    assert names == {
        "Email", "Social Media", "Influencer", "Webinar", "SMS", "Push Notifications", "Events", "Podcast",
    }  # fmt: skip
    assert all(channel.capacity > 0 for channel in default_channels())
