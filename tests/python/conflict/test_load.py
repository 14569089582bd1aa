from datetime import date, timedelta

import numpy as np
import pytest
from clarion.conflict import weekly_load
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

rows = st.lists(
    st.fixed_dictionaries(
        {
            "start": st.dates(date(2025, 12, 1), date(2026, 2, 28)),
            "days": st.integers(1, 40),
            "budget": st.integers(0, 5000).map(float),
            "touches_per_week": st.none() | st.integers(0, 7).map(float),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_load_and_spend_day_by_day(plan, given_rows):
    portfolio = plan(*({k: v for k, v in row.items() if v is not None} for row in given_rows))
    usual = next(channel for channel in portfolio.policy.channels if channel.name == "Email").touches_per_week
    got = weekly_load(portfolio)
    want = {}
    for i, row in enumerate(given_rows):
        touches = usual if row["touches_per_week"] is None else row["touches_per_week"]
        for n in range(row["days"]):
            day = row["start"] + timedelta(days=n)
            load, spend = want.get((f"C{i}", day - timedelta(days=day.weekday())), (0.0, 0.0))
            want[f"C{i}", day - timedelta(days=day.weekday())] = (
                load + touches / 7,
                spend + row["budget"] / row["days"],
            )
    weeks = zip(got["campaign"], got["week"].tolist(), strict=True)
    table = dict(zip(weeks, zip(got["load"].tolist(), got["spend"].tolist(), strict=True), strict=True))
    assert set(table) == set(want)
    for key, both in want.items():
        assert table[key] == pytest.approx(both)
    assert got.capacity.shape == (len(got.channels),)
    assert (np.diff(got.weeks).astype(int) == 7).all()


def test_cancelled_campaigns_load_nothing(plan):
    got = weekly_load(plan({}, {"status": "cancelled"}))
    assert set(got["campaign"]) == {"C0"}


def test_options(plan):
    assert weekly_load(plan({"channel": "Skywriting"}), default_touches=4)["load"].tolist() == [4.0]
    with pytest.raises(ValueError, match="default_touches"):
        weekly_load(plan({}), default_touches=-1)
    with pytest.raises(TypeError, match="unknown option touches"):
        weekly_load(plan({}), touches=1)
