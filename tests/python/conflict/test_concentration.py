from datetime import date, timedelta

import clarion as cl
import pytest
from clarion.conflict import concentration
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(["", "Email", "email", "SMS", "Podcast"])


def test_the_sample():
    result = concentration(cl.sample.portfolio())
    assert (result.total, result.currency) == (212_000, "USD")
    assert [finding.code for finding in result] == ["C305"]
    assert result.findings[0].evidence["share"] == pytest.approx(117 / 212, abs=0.001)
    shares = result.to_frame("pandas")
    owner = shares[shares["dimension"] == "owner"].iloc[0]
    assert (owner["key"], owner["amount"], owner["largest"]) == ("Maya Chen", 76_000, "CMP-08")
    for _, group in shares.groupby("dimension"):
        assert group["share"].sum() == pytest.approx(1)
        assert group["amount"].is_monotonic_decreasing


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, st.integers(0, 5000), st.integers(0, 300), st.integers(1, 90)),
        min_size=1,
        max_size=12,
    )
)
def test_index_is_that_of_a_sum(plan, rows):
    campaigns = [
        {
            "channel": channel or "None",
            "budget": float(budget),
            "start": date(2026, 1, 1) + timedelta(days=s),
            "days": d,
        }
        for channel, budget, s, d in rows
    ]
    result = concentration(plan(*campaigns))
    by_channel, by_month = {}, {}
    for row in campaigns:
        key = row["channel"].lower()
        by_channel[key] = by_channel.get(key, 0) + row["budget"]
        for i in range(row["days"]):
            month = f"{row['start'] + timedelta(days=i):%Y-%m}"
            by_month[month] = by_month.get(month, 0) + row["budget"] / row["days"]
    dimensions = dict(
        zip(
            result.dimensions["dimension"],
            zip(result.dimensions["hhi"], result.dimensions["assigned"], strict=True),
            strict=True,
        )
    )
    for name, amounts in (("channel", by_channel), ("month", by_month)):
        total = sum(amounts.values())
        hhi, assigned = dimensions[name]
        assert assigned == pytest.approx(total)
        assert hhi == pytest.approx(sum((a / total) ** 2 for a in amounts.values()) if total else 0)


def test_thresholds_come_from_options():
    everything = concentration(
        cl.sample.portfolio(), high_hhi=0.1, spread_slack=0, top_share=0.1, single_exposure=0.1
    )
    assert {finding.code for finding in everything} == {"C301", "C302", "C305"}
    assert not concentration(cl.sample.portfolio(), window_share=0.6).findings
    with pytest.raises(ValueError, match="high_hhi: 2 is not allowed"):
        concentration(cl.sample.portfolio(), high_hhi=2)


def test_results_without_a_campaign():
    result = concentration(cl.Portfolio())
    assert result.dimensions["hhi"] == [0] * 5
    assert len(result.shares) == 0
    assert result.to_dict()["total"] == 0
    assert "<table>" in result._repr_html_()
