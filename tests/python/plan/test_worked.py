"""Which finished campaigns worked."""

from datetime import date

import clarion as cl
import pytest


@pytest.fixture(scope="module")
def history():
    return cl.sample.history()


def test_the_planted_performers_are_found(history):
    result = cl.plan.which_worked(history, catalog=cl.sample.catalog())
    assert len(result) == 80
    assert {"H25-03", "H25-20", "H26-34"} <= set(result.worked)
    assert {"H25-16", "H24-22", "H26-28"} <= set(result.did_not)
    assert not set(result.worked) & set(result.did_not)
    assert {finding.code[:3] for finding in result.findings} == {"P11"}
    assert result.to_frame("pyarrow").num_rows == 80


def test_last_year_alone_is_judged(history):
    result = cl.plan.which_worked(history, from_=date(2026, 1, 1), to=date(2026, 7, 31))
    ended = {row.id for row in history if date(2026, 1, 1) <= row.end <= date(2026, 7, 31)}
    assert set(result["campaign"]) == ended
    with pytest.raises(ValueError, match="to"):
        cl.plan.which_worked(history, from_=date(2026, 7, 1), to=date(2026, 1, 1))
    with pytest.raises(TypeError, match="certainty"):
        cl.plan.which_worked(history, surety=0.9)
