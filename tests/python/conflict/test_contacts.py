from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from clarion import Audiences
from clarion.conflict import contacts, pile_ups
from hypothesis import given, settings
from hypothesis import strategies as st

MONDAY = date(2026, 3, 2)


@st.composite
def portfolios(draw):
    """{campaign: (members, first day, last day, touches in quarters)}"""
    out = {}
    for i in range(draw(st.integers(1, 6))):
        start = MONDAY + timedelta(days=draw(st.integers(-10, 25)))
        end = start + timedelta(days=draw(st.integers(0, 20)))
        members = draw(st.sets(st.integers(0, 15), min_size=1))
        out[f"c{i}"] = (members, start, end, draw(st.integers(0, 20)))
    return out


def audiences_of(portfolio):
    rows = [(name, member) for name, (members, *_) in portfolio.items() for member in sorted(members)]
    return Audiences.from_arrays([name for name, _ in rows], [member for _, member in rows])


def days_of(portfolio):
    return {name: (start, end) for name, (_, start, end, _) in portfolio.items()}


@settings(max_examples=60, deadline=None)
@given(portfolios(), st.lists(st.none() | st.integers(0, 4), min_size=6, max_size=6))
def test_each_customer_has_the_lowest_cap_of_its_campaigns(portfolio, some):
    caps = {name: cap for name, cap in zip(portfolio, some, strict=False) if cap is not None}
    touches = {name: quarters / 4 for name, (*_, quarters) in portfolio.items()}
    got = contacts(audiences_of(portfolio), days_of(portfolio), touches, cap=caps)
    for row, monday in enumerate(got.weeks["week"].tolist()):
        week = [monday + timedelta(days=d) for d in range(7)]
        capped, over, most = 0, 0, 0
        for customer in range(16):
            runs = {
                name: quarters * sum(start <= day <= end for day in week)
                for name, (members, start, end, quarters) in portfolio.items()
                if customer in members
            }
            limits = [caps[name] for name, units in runs.items() if units > 0 and name in caps]
            capped += bool(limits)
            if limits and sum(runs.values()) > min(limits) * 28:
                over += 1
                most = max(most, sum(runs.values()))
        assert got.weeks["capped"][row] == capped
        assert got.weeks["over_cap"][row] == over
        assert got.weeks["max_over"][row] == pytest.approx(most / 28)
    assert "over their cap" in repr(got)
    assert got.to_dict()["cap"] == caps


@settings(max_examples=60, deadline=None)
@given(portfolios(), st.integers(0, 6))
def test_contacts_day_by_day(portfolio, cap):
    touches = {name: quarters / 4 for name, (*_, quarters) in portfolio.items()}
    got = contacts(audiences_of(portfolio), days_of(portfolio), touches, cap=cap)
    customers = set().union(*(members for members, *_ in portfolio.values()))
    over_ever = set()
    for row, monday in enumerate(got.weeks["week"].tolist()):
        assert monday.weekday() == 0
        week = [monday + timedelta(days=d) for d in range(7)]
        sums = {}
        for customer in customers:
            # In twenty-eighths of a contact, so that the sums are exact.
            sums[customer] = sum(
                quarters * sum(start <= day <= end for day in week)
                for members, start, end, quarters in portfolio.values()
                if customer in members
            )
        over = {customer for customer, units in sums.items() if units > cap * 28}
        over_ever |= over
        assert got.weeks["reached"][row] == sum(units > 0 for units in sums.values())
        assert got.weeks["over_cap"][row] == len(over)
        assert got.weeks["contacts"][row] == pytest.approx(sum(sums.values()) / 28)
        assert got.weeks["excess"][row] == pytest.approx(sum(sums[c] / 28 - cap for c in over))
        assert got.weeks["max"][row] == pytest.approx(max(sums.values()) / 28)
        assert got.histogram[row].sum() == got.weeks["reached"][row]
    assert got.customers_over == len(over_ever)
    assert got.excess == pytest.approx(sum(got.weeks["excess"]))


@settings(max_examples=60, deadline=None)
@given(portfolios(), st.integers(1, 4))
def test_pile_ups_against_every_combination(portfolio, min_shared):
    got = pile_ups(audiences_of(portfolio), days_of(portfolio), k=2, min_shared=min_shared)
    found = {}
    for size in range(2, len(portfolio) + 1):
        for names in combinations(portfolio, size):
            start = max(portfolio[name][1] for name in names)
            end = min(portfolio[name][2] for name in names)
            shared = set.intersection(*(portfolio[name][0] for name in names))
            if start <= end and len(shared) >= min_shared:
                found[frozenset(names)] = (start, end, len(shared))
    maximal = {names: row for names, row in found.items() if not any(names < other for other in found)}
    table = got.combinations.to_dict()
    assert {
        frozenset(names): (start, end, shared)
        for names, start, end, shared in zip(*table.values(), strict=True)
    } == maximal
    order = [
        (-len(names), -shared) for names, shared in zip(table["campaigns"], table["shared"], strict=True)
    ]
    assert order == sorted(order)
    assert got.complete


@pytest.mark.parametrize("n_jobs", [1, 4])
def test_threads_do_not_matter(n_jobs):
    random = np.random.default_rng(4)
    audiences = Audiences.from_arrays(random.integers(0, 12, 600_000), random.integers(0, 150_000, 600_000))
    days = {
        c: (MONDAY + timedelta(days=3 * i), MONDAY + timedelta(days=3 * i + 20))
        for i, c in enumerate(audiences)
    }
    one = contacts(audiences, days, 1.7, cap=4, n_jobs=1)
    many = contacts(audiences, days, 1.7, cap=4, n_jobs=n_jobs)
    assert one.to_dict() == many.to_dict()
    deep = pile_ups(audiences, days, k=3, min_shared=500, n_jobs=n_jobs)
    assert deep.to_dict() == pile_ups(audiences, days, k=3, min_shared=500, n_jobs=1).to_dict()
    assert deep.customers == deep.customers_by_depth[3:].sum() > 0


def test_shapes_and_frames():
    audiences = Audiences.from_frame(pl.DataFrame({"campaign": ["a", "a", "b"], "customer": [1, 2, 2]}))
    days = {"a": (MONDAY, MONDAY + timedelta(days=13)), "b": (MONDAY, MONDAY)}
    got = contacts(audiences, days, {"a": 2, "b": 7}, cap=2, bins=5)
    frame = got.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame["week"].to_list() == [MONDAY, MONDAY + timedelta(days=7)]
    assert got.histogram.tolist() == [[0, 0, 1, 1, 0], [0, 0, 2, 0, 0]]
    assert got.contributions.to_dict() == {
        "week": [MONDAY, MONDAY],
        "campaign": ["a", "b"],
        "customers_over": [1, 1],
        "contacts": [2.0, 1.0],
    }
    assert "1 customers over 2 a week" in repr(got)
    assert "<table>" in got._repr_html_()
    deep = pile_ups(audiences, days, k=2, min_shared=1)
    assert deep.to_frame("pyarrow").to_pylist() == [
        {"campaigns": ["a", "b"], "start": MONDAY, "end": MONDAY, "shared": 1}
    ]
    assert "1 customers with 2 or more" in repr(deep)
    assert not pile_ups(audiences, days, k=2, min_shared=1, max_steps=0).complete


def test_nobody():
    nobody = Audiences.from_arrays([], [])
    assert len(contacts(nobody, {}, 1.0).weeks) == 0
    assert pile_ups(nobody, {}).customers == 0


def test_messages():
    audiences = Audiences.from_arrays(["a", "b"], [1, 1])
    days = {"a": (MONDAY, MONDAY), "b": (MONDAY, MONDAY)}
    with pytest.raises(ValueError, match="days: no dates for 'b'"):
        contacts(audiences, {"a": days["a"]}, 1.0)
    with pytest.raises(ValueError, match="touches"):
        contacts(audiences, days, -1.0)
    with pytest.raises(ValueError, match="cap"):
        contacts(audiences, days, 1.0, cap=float("nan"))
    with pytest.raises(ValueError, match="10000 weeks"):
        contacts(audiences, {**days, "b": (MONDAY, date(9999, 12, 31))}, 1.0)
    with pytest.raises(ValueError, match="k: 1"):
        pile_ups(audiences, days, k=1)
