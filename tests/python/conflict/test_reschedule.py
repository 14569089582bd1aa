"""Rescheduling: the optimum that HiGHS finds, windows, fixed dates, proofs."""

import json
from datetime import date, timedelta

import clarion as cl
import numpy as np
import pytest
from clarion._core import Blackout, Policy
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = date(2027, 3, 1)


def campaign(name, start=0, days=10, channel="Email", audience=("loyal",), **fields):
    return {
        "id": name,
        "name": name.title(),
        "start": (DAY + timedelta(start)).isoformat(),
        "end": (DAY + timedelta(start + days - 1)).isoformat(),
        "budget": 1000,
        "channel": channel,
        "audience": list(audience),
        "owner": "Ada",
        **fields,
    }


def portfolio(rows):
    plan = cl.Portfolio.read(list(rows))
    assert len(plan) == len(rows)
    return plan


def random_portfolio(seed, n=7, horizon=30):
    random = np.random.default_rng(seed)
    segments = ["new", "loyal", "young", "lapsed"]
    return portfolio(
        [
            campaign(
                f"c{i}",
                int(random.integers(horizon)),
                int(random.integers(3, 12)),
                channel=str(random.choice(["Email", "SMS"])),
                audience=sorted(random.choice(segments, size=random.integers(1, 4), replace=False)),
                products=[f"p{random.integers(3)}"],
                fixed_dates=bool(random.random() < 0.15),
            )
            for i in range(n)
        ]
    )


def starts(result):
    """campaign -> first day after the moves."""
    out = dict(zip(result.windows["campaign"], result.windows["start"], strict=True))
    moved = result.to_frame("pandas")
    return out | dict(zip(moved.campaign, moved.to_start, strict=True))


def conflict_at(result, start):
    days = {
        row[0]: (row[2] - row[1]).days + 1
        for row in zip(*(result.windows[name] for name in ("campaign", "start", "end")), strict=True)
    }
    total = 0.0
    rates = result.rates
    for a, b, rate in zip(rates["campaign_a"], rates["campaign_b"], rates["rate"], strict=True):
        first = max(start[a], start[b])
        last = min(start[a] + timedelta(days[a]), start[b] + timedelta(days[b]))
        total += rate * max(0, (last - first).days)
    return total


def highs_optimum(result, limit, cost_per_day=1.0, cost_per_move=1.0):
    """Least cost by mixed-integer programming: a binary for each campaign and start, and for each pair and day the overlap,
    which is at least the sum of "runs on this day" of both, less one. None when there is no schedule."""
    import highspy

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-7)
    windows = result.windows
    runs, objective = {}, 0
    for row in range(len(windows)):
        name, start, end = windows["campaign"][row], windows["start"][row], windows["end"][row]
        days = (end - start).days + 1
        if windows["fixed"][row]:
            choices = [start]
        else:
            span = (windows["latest"][row] - windows["earliest"][row]).days
            choices = [windows["earliest"][row] + timedelta(k) for k in range(span + 1)]
        flags = [solver.addBinary() for _ in choices]
        solver.addConstr(sum(flags) == 1)
        for flag, day in zip(flags, choices, strict=True):
            moved = abs((day - start).days)
            if moved:
                objective += windows["weight"][row] * (cost_per_day * moved + cost_per_move) * flag
            for k in range(days):
                runs.setdefault(name, {}).setdefault(day + timedelta(k), []).append(flag)
    total = 0
    rates = result.rates
    for a, b, rate in zip(rates["campaign_a"], rates["campaign_b"], rates["rate"].tolist(), strict=True):
        for day in runs[a].keys() & runs[b].keys():
            both = solver.addVariable(lb=0, ub=1)
            solver.addConstr(both - sum(runs[a][day]) - sum(runs[b][day]) >= -1)
            total += rate * both
    if not isinstance(total, int):
        solver.addConstr(total <= limit)
    if isinstance(objective, int):
        objective = 0 * solver.addVariable(lb=0, ub=1)
    solver.minimize(objective)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        assert solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible
        return None
    return solver.getInfo().objective_function_value


@pytest.mark.parametrize("seed", range(10))
def test_highs_finds_the_same_optimum(seed):
    plan = random_portfolio(seed, n=5 + seed % 3)
    share = 0.2 + 0.06 * seed
    result = cl.conflict.reschedule(
        plan, keep_share=share, max_shift_days=3 + seed % 4, cost_per_move=seed % 3
    )
    assert result.proved
    expected = highs_optimum(result, result.limit, cost_per_move=seed % 3)
    assert result.feasible == (expected is not None)
    if result.feasible:
        # HiGHS meets constraints to 1e-6.
        assert result.cost == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("seed", [2, 5, 10])
def test_highs_finds_the_same_optimum_of_crowded_calendars(seed):
    plan = random_portfolio(1000 + seed, n=9 + seed % 4, horizon=18)
    result = cl.conflict.reschedule(plan, keep_share=0.25 + 0.02 * seed, max_shift_days=4 + seed % 3)
    assert result.proved
    assert result.feasible
    assert result.cost == pytest.approx(highs_optimum(result, result.limit), abs=1e-4)


def test_a_year_of_two_hundred_campaigns_is_proved():
    random = np.random.default_rng(200)
    plan = portfolio(
        [
            campaign(
                f"c{i:03}",
                int(random.integers(365)),
                int(random.integers(6, 28)) + 1,
                str(random.choice(["Email", "SMS", "Social Media", "Push Notifications", "Webinar"])),
                [f"segment {k}" for k in random.choice(50, random.integers(1, 3), replace=False)],
                fixed_dates=bool(random.random() < 0.1),
            )
            for i in range(200)
        ]
    )
    result = cl.conflict.reschedule(plan, max_nodes=50_000)
    assert result.proved
    assert result.cost == 231  # what HiGHS finds and proves in a minute: benchmarks/conflict/reschedule.py


def test_highs_agrees_that_a_limit_is_out_of_reach():
    plan = portfolio([campaign(f"c{i}", 0, 10) for i in range(4)])
    result = cl.conflict.reschedule(plan, limit=10, max_shift_days=4)
    assert not result.feasible
    assert result.proved
    assert highs_optimum(result, 10) is None
    assert highs_optimum(result, result.least_conflict + 1e-6) == pytest.approx(result.cost, abs=1e-4)
    assert highs_optimum(result, result.least_conflict - 1e-3) is None
    assert result.findings.with_code("C512")


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(0, 1), st.integers(1, 9), st.integers(1, 3))
def test_schedules_keep_their_promises(seed, n, share, reach, step):
    plan = random_portfolio(seed, n)
    options = {"keep_share": share, "max_shift_days": reach, "step_days": step}
    result = cl.conflict.reschedule(plan, n_jobs=1, **options)
    again = cl.conflict.reschedule(plan, n_jobs=2, **options)
    assert again.to_dict() == result.to_dict()
    start = starts(result)
    windows, cost = result.windows, 0.0
    for row, name in enumerate(windows["campaign"]):
        days = (start[name] - windows["start"][row]).days
        assert abs(days) <= reach
        assert days % step == 0
        assert days == 0 or not windows["fixed"][row]
        cost += (abs(days) + 1) * (days != 0)
    assert result.cost == pytest.approx(cost)
    assert result.conflict_after == pytest.approx(conflict_at(result, start))
    assert result.bound <= result.cost
    assert result.conflict_after <= result.conflict_before + 1e-9
    if result.feasible:
        assert result.conflict_after <= result.limit + 1e-6
    moved = result.portfolio()
    assert [one.start for one in moved] == [start[name] for name in windows["campaign"]]
    assert [one.end - one.start for one in moved] == [one.end - one.start for one in plan]


def test_black_friday_stays():
    plan = portfolio([campaign("black friday", 0, 7, fixed_dates=True), campaign("rival", 0, 7)])
    result = cl.conflict.reschedule(plan, limit=0)
    assert [move.campaigns[0] for move in result.moves] == ["rival"]
    assert abs(result.moves[0].evidence["days"]) == 7
    assert result.moves[0].evidence["removes"] == pytest.approx(result.conflict_before)
    assert result.moves[0].expected_effect
    assert result.moves[0].message.startswith("Move Rival 7 days ")
    assert "weighted days of conflict less" in result.moves[0].message
    assert result.proved


def test_windows_of_the_plan_are_respected():
    first = campaign("a", 0, 7, earliest_start=DAY.isoformat(), latest_end=(DAY + timedelta(8)).isoformat())
    plan = portfolio([first, campaign("b", 0, 7)])
    result = cl.conflict.reschedule(plan, limit=0, weights={"b": 100.0})
    assert starts(result)["a"] <= DAY + timedelta(2)
    assert starts(result)["a"] >= DAY
    with pytest.raises(ValueError, match="nobody"):
        cl.conflict.reschedule(plan, weights={"nobody": 1.0})


def test_nothing_moves_to_the_past_or_into_a_blackout():
    policy = Policy()
    policy.today = DAY
    policy.blackouts = [Blackout(DAY + timedelta(9), DAY + timedelta(9), "audit")]
    plan = portfolio([campaign("runs", -3, 10), campaign("b", 2, 3)])
    result = cl.conflict.reschedule(plan, limit=0, policy=policy)
    assert starts(result) == {"runs": DAY - timedelta(3), "b": DAY + timedelta(10)}


def test_out_of_nodes_is_said():
    plan = random_portfolio(3, n=16, horizon=40)
    exact = cl.conflict.reschedule(plan, max_shift_days=10)
    rough = cl.conflict.reschedule(plan, max_shift_days=10, max_nodes=1)
    assert exact.proved
    assert rough.bound <= exact.cost + 1e-9 <= rough.cost + 2e-9
    if not rough.proved:
        assert rough.gap > 0
        assert rough.findings.with_code("C513")


def test_each_component_by_itself():
    plan = portfolio(
        [campaign("a", 0, 10), campaign("b", 0, 10), campaign("c", 100, 10), campaign("d", 100, 10)]
    )
    result = cl.conflict.reschedule(plan, limit=4, per_component=True)
    assert len(result.parts) == 2
    assert all(part["conflict_after"] <= 4 for part in result.parts)
    assert sum(part["cost"] for part in result.parts) == pytest.approx(result.cost)


def test_memberships_count_instead_of_tags():
    plan = portfolio([campaign("a"), campaign("b")])
    members = cl.Audiences.from_frame(
        {"campaign": ["a"] * 4 + ["b"] * 4, "customer": [1, 2, 3, 4, 4, 5, 6, 7]},
        campaign="campaign",
        customer="customer",
    )
    assert cl.conflict.reschedule(plan, keep_share=1).conflict_before == pytest.approx(10)
    assert cl.conflict.reschedule(plan, members, keep_share=1).conflict_before == pytest.approx(2.5)


def test_shapes():
    plan = random_portfolio(5)
    result = cl.conflict.reschedule(plan)
    frame = result.to_frame("polars")
    assert frame.columns == [
        "campaign",
        "days",
        "from_start",
        "to_start",
        "from_end",
        "to_end",
        "cost",
        "removes",
    ]
    assert len(result.moves) == len(frame)
    assert json.loads(json.dumps(result.to_dict()))["proved"] is True
    assert "conflict" in repr(result)
    evil = portfolio([campaign("<script>"), campaign("b")])
    assert "<script>" not in cl.conflict.reschedule(evil)._repr_html_()
    with pytest.raises(ValueError, match="keep_share"):
        cl.conflict.reschedule(plan, keep_share=2)
    with pytest.raises(ValueError, match="limit"):
        cl.conflict.reschedule(plan, limit=-1)


def test_progress_can_stop_it():
    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cl.conflict.reschedule(random_portfolio(1), progress=stop)
