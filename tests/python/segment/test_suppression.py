import pandas as pd
import pytest
from clarion.segment import Definition, ready_segments, ready_suppression, segment_customers, suppress

FRAME = pd.DataFrame(
    {
        "consent": [True, False, None, True, True, True],
        "risk": [0, 0.9, 0, 0.95, 0.1, 0.1],
        "days_since_contact": [30, 1, 30, 1, 2, None],
        "monetary": [10, 10, 10, -5, 10, 10],
    }
)


def test_reasons():
    got = suppress(FRAME, ready_suppression())
    assert got.reason.tolist() == [None, "no consent", "no consent", "high risk", "recent contact", None]
    assert got.kept.tolist() == [True, False, False, False, False, True]
    assert got.remaining == 2
    frame = got.to_frame("pandas")
    assert frame["first"].tolist() == [2, 1, 1, 0]
    assert frame["all"].tolist() == [2, 2, 3, 1]
    assert frame["left"].tolist() == [4, 3, 2, 2]
    assert got.to_dict()["remaining"] == 2
    assert got.plot() is not None
    assert "2 of 6 customers remain" in got._repr_html_()


def test_order_decides_the_reason_and_not_who_is_left():
    rules = ready_suppression()
    assert (suppress(FRAME, rules[::-1]).kept == suppress(FRAME, rules).kept).all()


def test_nobody_left():
    got = suppress(FRAME, ready_suppression(low_value=1000, high_risk=2))
    assert [finding.code for finding in got.findings] == ["G104", "G105"]
    with pytest.raises(TypeError, match="low_values"):
        ready_suppression(low_values=3)


def test_document_is_escaped():
    evil = Definition("<script>alert(1)</script>", {"field": "risk", "op": ">", "value": 0.5})
    found = suppress(FRAME, [evil])
    segments = segment_customers(
        FRAME.assign(recency=[1, 2, 3, 4, 5, 400], m=5, counter_share=0.0), ready_segments()
    )
    for html in (False, True):
        text = found.document(date="2026-11-27", version="2", html=html, segments=segments)
        assert "<script>" not in text
        assert "risk is above 0.5" in text
        assert "inactive" in text
        assert "2026-11-27" in text
