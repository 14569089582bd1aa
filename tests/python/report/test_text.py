"""Order and text of what a terminal shows."""

import clarion as cl
import pytest
from clarion.report.ranking import few, ranked, to_settle, told
from clarion.report.text import brief_text, finding_text, plain


def finding(code, severity="warning", loss=0.0, message="something"):
    return {
        "code": code, "severity": severity, "campaigns": ["a"], "message": message, "evidence": {}, "units": {},
        "why": "because", "suggestion": "Move it. Or: Leave it.", "expected_effect": "better", "expected_loss": loss,
    }  # fmt: skip


def codes(findings):
    return [item["code"] for item in findings]


def test_severity_then_money_then_the_order_of_the_layer():
    given = [finding("A", "info"), finding("B"), finding("C", loss=5), finding("D", loss=9), finding("E", "error"),
             finding("F", loss=None)]  # fmt: skip
    assert codes(ranked(given)) == ["E", "D", "C", "B", "F", "A"]
    assert codes(ranked([finding("P501", "info"), finding("P104", "info")])) == ["P104", "P501"]


def test_few_leave_room_for_what_only_informs():
    given = [finding("P102", loss=10 - i) for i in range(9)] + [finding("P105"), finding("P104", "info")]
    assert codes(few(given, 7)) == ["P102", "P102", "P102", "P105", "P104"]
    assert codes(few([finding(str(i)) for i in range(9)] + [finding("x", "info")] * 3, 7)) == [
        *"01234",
        "x",
        "x",
    ]
    assert few([], 7) == []


def test_what_is_missing_is_said_once():
    assert codes(told([finding("P001", "info"), finding("P202", "info"), finding("P201", "info")])) == [
        "P201"
    ]


def test_to_settle_varies_and_begins_with_conflicts():
    sections = {
        "kpis": [finding("P205")] * 4,
        "risks": [finding("C101"), finding("C101"), finding("C101"), finding("C502", "info")],
        "strategies": [finding("P102", loss=3)],
    }
    assert codes(to_settle(sections)) == ["P102", "C101", "C101", "P205", "P205", "C101", "P205", "P205"]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_lines_keep_to_the_width_and_lose_nothing(width):
    message = "Layer Up Apparel Drop and Tech Gadgets Countdown share 2,899 customers on Social Media"
    text = finding_text(finding("C101", message=message, loss=3552.4), width=width, currency="USD")
    lines = text.splitlines()
    assert max(map(len, lines)) <= max(width, 34)
    words = " ".join(line[14:].strip() for line in lines)
    assert f"{message} [$3,552 at stake]" in words
    assert "why: because do: Move it. Or: Leave it. effect: better" in words
    short = finding_text(finding("C101", message=message), width=width, detail=False)
    assert "Move it." in short and "Or:" not in short and "because" not in short


def test_control_characters_stay_off_the_terminal():
    rows = cl.sample.portfolio().to_frame("pyarrow").to_pylist()
    rows[0]["name"] = "\x1b[2JCleared\x07"
    text = brief_text(cl.brief(cl.Portfolio.read(rows)).to_dict(), plain, 80)
    assert "Cleared" in text and "\x1b" not in text and "\x07" not in text


def test_an_empty_plan_reads_well():
    text = brief_text(cl.brief(cl.Portfolio()).to_dict(), plain, 80)
    assert text.startswith("Pre-launch brief: 0 campaigns\n0 errors, 1 warning, 1 info\n")
    assert "There are no campaigns" in text
