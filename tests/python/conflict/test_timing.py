from datetime import date

import clarion as cl
import pytest
from clarion.conflict import timing

BLACK_FRIDAY = {"Black Friday Blitz", "Holiday Gift Guide"}


def codes(result):
    return [finding.code for finding in result.findings]


def test_the_sample():
    result = timing(cl.sample.portfolio(), cl.sample.audiences())
    assert codes(result) == ["C101"] * 4
    first = result.findings[0]
    assert first.campaigns == ["CMP-08", "CMP-09"]
    assert first.evidence["shared"] == 2793
    assert (first.evidence["move"], first.evidence["move_days"]) == ("CMP-09", 7)


def test_holidays_by_country_mapping_and_none(plan):
    on_july_4 = plan({"start": date(2026, 7, 4)}, {"start": date(2026, 7, 6)})
    assert codes(timing(on_july_4)) == []
    (finding,) = timing(on_july_4, holidays="US").findings
    assert finding.code == "C404"
    assert finding.campaigns == ["C0"]
    assert finding.evidence["holiday"] == "Independence Day"
    assert codes(timing(on_july_4, holidays="DE")) == []
    named = timing(on_july_4, holidays={date(2026, 7, 6): "Founders' day"})
    assert named.taken.to_dict() == {
        "campaign": ["C1"],
        "days": [1],
        "first": [date(2026, 7, 6)],
        "name": ["Founders' day"],
        "holiday": [True],
    }


def test_a_subdivision_and_an_unknown_country(plan):
    chavez = plan({"start": date(2027, 3, 31)})
    assert codes(timing(chavez, holidays="US-CA")) == ["C404"]
    assert codes(timing(chavez, holidays="US")) == []
    with pytest.raises(ValueError, match="holidays: 'XX' is not allowed"):
        timing(chavez, holidays="XX")
    with pytest.raises(ValueError, match="holidays: 'US-QQ' is not allowed"):
        timing(chavez, holidays="US-QQ")


def test_blackouts_of_the_plans_policy_and_of_another(plan):
    policy = cl.sample.policy()
    christmas = cl.Portfolio([*(cl.sample.portfolio().campaigns)], policy=policy)
    assert "C403" not in codes(timing(christmas))
    late = plan({"start": date(2026, 12, 20), "days": 10, "budget": 1000.0})
    (finding,) = timing(late, policy=policy).findings
    assert (finding.code, finding.severity) == ("C403", "error")
    assert finding.expected_loss == pytest.approx(400)


def test_rest(plan, members):
    follow = plan({"audience": ["A"]}, {"audience": ["A"], "start": date(2026, 3, 12)})
    (guess,) = timing(follow).findings
    assert (guess.code, guess.severity, guess.evidence["rest_days"]) == ("C402", "info", 3)
    (exact,) = timing(follow, members([1, 2], [2, 3])).findings
    assert (exact.code, exact.severity) == ("C402", "warning")
    assert codes(timing(follow, rest_days=3)) == []


def test_catalog_makes_a_product_and_its_category_common(plan):
    rows = ({"products": ["AP-02"]}, {"products": ["Apparel"]})
    assert codes(timing(plan(*rows))) == []
    assert codes(timing(plan(*rows), catalog=cl.sample.catalog())) == ["C401"]


def test_results():
    result = timing(cl.sample.portfolio(), cl.sample.audiences(), n_jobs=2)
    assert result.to_frame("pandas")["code"].tolist() == codes(result)
    assert len(result.to_dict()["findings"]) == 4
    assert "Holiday Gift Guide" in result._repr_html_()
    assert "4 findings" in repr(result)
