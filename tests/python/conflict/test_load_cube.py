from datetime import date

import clarion as cl
import numpy as np
import pytest
from clarion.conflict import weekly_load


def test_the_cube_is_the_table_spread_out():
    load = weekly_load(cl.sample.portfolio())
    frame = load.to_frame("pandas")
    for measure, column in (("contacts", "load"), ("spend", "spend")):
        cube = load.cube(measure)
        assert cube.shape == (15, len(load.channels), len(load.weeks))
        want = np.zeros_like(cube)
        weeks = {week: i for i, week in enumerate(load.weeks.tolist())}
        for row in frame.itertuples():
            at = (
                load.campaigns.index(row.campaign),
                load.channels.index(row.channel),
                weeks[row.week.date()],
            )
            want[at] += getattr(row, column)
        np.testing.assert_array_equal(cube, want)
    assert load.cube("spend").sum() == pytest.approx(212_000)


def test_partial_weeks_and_names(plan):
    load = weekly_load(
        plan(
            {"start": date(2026, 3, 4), "days": 7, "touches_per_week": 7.0, "budget": 700.0},
            {"channel": "Skywriting", "days": 7},
        ),
        default_touches=2.5,
    )
    assert load.to_dict() == {
        "campaign": ["C0", "C0", "C1"],
        "channel": ["Email", "Email", "Skywriting"],
        "week": [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 2)],
        "load": [5.0, 2.0, 2.5],
        "spend": [500.0, 200.0, 1000.0],
    }
    assert np.isnan(load.capacity[load.channels.index("Skywriting")])


def test_refusals():
    load = weekly_load(cl.sample.portfolio())
    with pytest.raises(cl.ClarionError, match="15 campaigns x 8 channels"):
        load.cube(max_bytes=1000)
    with pytest.raises(ValueError, match="measure: 'euros' is not allowed"):
        load.cube("euros")
    with pytest.raises(ValueError, match="default_touches: -1 is not allowed"):
        weekly_load(cl.sample.portfolio(), default_touches=-1)


def test_no_campaign():
    load = weekly_load(cl.Portfolio())
    assert len(load) == 0
    assert load.cube().size == 0
