import json

import clarion as cl
import pyarrow as pa
import pytest
from clarion._core import Acceptance, Policy
from clarion.schema import Findings


@pytest.fixture(scope="module")
def findings():
    """Four campaigns, three of them wrong, one under a hostile name."""
    plan = pa.table(
        {
            "id": ["a", "b", "c", "d"],
            "name": ["Spring", "Backwards", "<script>alert(1)</script>", "Nobody's"],
            "start": ["2026-03-01", "2026-05-10", "2026-06-01", "2026-07-01"],
            "end": ["2026-03-31", "2026-05-01", "2026-06-30", "2026-07-31"],
            "budget": ["1000", "2000", "-5", "10"],
            "channel": ["Email", "Emial", "SMS", "Email"],
            "owner": ["Ana", "Bo", "Cy", None],
            "group": ["A", "A", "B", "B"],
        }
    )
    return cl.Portfolio.read(plan).findings


def test_is_a_sequence(findings):
    assert isinstance(findings, Findings)
    assert len(findings) >= 4
    assert findings[0] is next(iter(findings))
    assert isinstance(findings[1:], Findings)
    assert [f.code for f in findings[1:]] == [f.code for f in findings][1:]
    assert len(findings + findings) == 2 * len(findings)
    assert len(Findings()) == 0


def test_filters_and_counts_agree(findings):
    by_severity = {
        level: [f for f in findings if f.severity == level] for level in ("error", "warning", "info")
    }
    for level, rows in by_severity.items():
        assert findings.count(level) == len(rows)
    assert sum(map(len, by_severity.values())) == len(findings)
    assert list(findings.at_least("error")) == by_severity["error"]
    assert len(findings.at_least("info")) == len(findings)
    code = findings[0].code
    assert findings.count(code) == len(findings.with_code(code)) >= 1
    assert all("b" in f.campaigns for f in findings.about("b"))
    assert len(findings.about("b")) >= 2  # reversed dates and an unknown channel
    assert len(findings.about("nobody")) == 0
    with pytest.raises(ValueError, match="severity: 'fatal' is not allowed"):
        findings.at_least("fatal")


def test_every_finding_carries_what_it_must(findings):
    for finding in findings:
        assert finding.code
        assert finding.severity in ("error", "warning", "info")
        assert finding.message
        assert finding.suggestion
        assert set(finding.units) <= set(finding.evidence)
        assert finding.code in repr(finding)


def test_json_and_frame_hold_the_same_rows(findings):
    rows = json.loads(findings.to_json())
    assert [row["code"] for row in rows] == [f.code for f in findings]
    assert rows == findings.to_dict()
    frame = findings.to_frame("pyarrow")
    assert frame.num_rows == len(findings)
    assert frame["code"].to_pylist() == [f.code for f in findings]
    assert [json.loads(text) for text in frame["evidence"].to_pylist()] == [row["evidence"] for row in rows]
    assert json.loads(Findings().to_json()) == []


def test_views_escape_what_strangers_wrote(findings):
    html = findings._repr_html_()
    assert "<script>" not in html
    assert html.count("<tr>") == len(findings) + 1
    assert f"Findings({len(findings)}:" in repr(findings)


def test_judging_parts_the_accepted(findings):
    policy = Policy()
    code = findings[0].code
    policy.accepted = [Acceptance(code, by="Ana", reason="known")]
    kept, accepted = findings.judge(policy)
    assert {f.code for f in accepted} == {code}
    assert code not in {f.code for f in kept}
    assert len(kept) + len(accepted) == len(findings)
