from collections import defaultdict
from datetime import date, timedelta

import clarion as cl
import pytest
from clarion.conflict import saturation
from hypothesis import given, settings
from hypothesis import strategies as st


def test_the_fifth_social_campaign_adds_three_per_cent():
    result = saturation(cl.sample.portfolio(), cl.sample.audiences())
    (finding,) = result.findings.with_code("C203")
    assert finding.campaigns[0] == "CMP-07"
    assert "campaign 5 on Social Media in 2026-Q4 and adds 3.0% new people" in finding.message
    reach = result.reach.to_frame("pandas").query("channel == 'Social Media' and quarter == '2026-Q4'")
    assert reach["order"].tolist() == [1, 2, 3, 4, 5]
    assert reach["new_share"].tolist() == pytest.approx([1, 0.25, 0.12, 0.06, 0.03], abs=0.01)
    assert not reach["estimated"].any()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 120), st.sets(st.integers(0, 40), max_size=30)), min_size=1, max_size=8)
)
def test_new_reach_is_that_of_python_sets(plan, members, rows):
    portfolio = plan(*({"start": date(2026, 1, 5) + timedelta(days=day)} for day, _ in rows))
    everyone = [
        {-1, *chosen} for _, chosen in rows
    ]  # nobody's audience is empty, so that each is in the table
    reach = saturation(portfolio, members(*everyone)).reach
    seen = defaultdict(set)
    order = sorted(range(len(rows)), key=lambda i: (rows[i][0], i))
    want = []
    for i in order:
        day = date(2026, 1, 5) + timedelta(days=rows[i][0])
        before = seen[f"{day.year}-Q{(day.month + 2) // 3}"]
        want.append((f"C{i}", len(everyone[i]), len(everyone[i] - before)))
        before |= everyone[i]
    assert list(zip(reach["campaign"], reach["audience"], reach["new_reach"], strict=True)) == want


def test_load_by_segment_where_there_are_no_members(plan):
    result = saturation(
        plan(
            {"audience": ["Loyal"], "touches_per_week": 2.0},
            {"audience": ["loyal ", "New"], "touches_per_week": 2.0},
        )
    )
    assert result.segments.to_dict()["segment"] == ["Loyal", "New"]
    assert result.segments.to_dict()["load"] == [4.0, 2.0]
    assert result.channels["estimated"].all()
    (finding,) = result.findings
    assert finding.code == "C202"
    assert finding.evidence["segments"] == ["Loyal"]


def test_threads_and_results():
    one, four = (saturation(cl.sample.portfolio(), cl.sample.audiences(), n_jobs=n) for n in (1, 4))
    assert one.to_dict() == four.to_dict()
    assert one.to_frame("pandas")["week"].dt.day_name().eq("Monday").all()
    assert "<table>" in one._repr_html_()
    assert [finding.code for finding in one] == [finding.code for finding in one.findings]


def test_refusals():
    with pytest.raises(
        TypeError, match="unknown option nonsense; the options are default_touches, over_share"
    ):
        saturation(cl.sample.portfolio(), nonsense=1)
    with pytest.raises(TypeError, match="audiences: list is not Audiences"):
        saturation(cl.sample.portfolio(), [1])
