from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from clarion.recommend import (
    Interactions,
    k_fold,
    leakage,
    leave_last_out,
    random_split,
    split_by_time,
    split_users,
)
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture
def data(events):
    return Interactions.from_frame(events, weight="weight", time="time")


def cells(data):
    return set(zip(*data.to_csr().nonzero(), strict=True))


def check(whole, *parts):
    union = [cells(part) for part in parts]
    assert set().union(*union) == cells(whole)
    assert sum(map(len, union)) == whole.n_interactions
    total = sum((part.to_csr() for part in parts[1:]), parts[0].to_csr())
    assert (total != whole.to_csr()).nnz == 0
    for part in parts:
        assert (part.users == whole.users).all()
        assert part.shape == whole.shape


rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(-30, 30)), max_size=80)


@settings(deadline=None)
@given(rows, st.integers(-31, 31), st.integers(0, 2**64 - 1))
def test_parts_make_up_the_whole(table, cut, seed):
    data = Interactions.from_arrays(
        *([row[k] for row in table] for k in (0, 1)), time=[row[2] for row in table]
    )
    if not table:
        data = Interactions.from_arrays([], [], time=np.array([], np.int64))
    train, test = split_by_time(data, cut)
    check(data, train, test)
    check(data, *leave_last_out(data, 2))
    check(data, *random_split(data, 0.3, random_state=seed))
    check(data, *split_users(data, 0.5, random_state=seed)[:3])
    for fold in k_fold(data, 3, random_state=seed):
        check(data, *fold)
        assert leakage(*fold).in_both == 0
    assert leakage(train, test, cut).clean


def test_cuts_of_every_form(data):
    day = date(2025, 9, 1)
    moment = datetime(2025, 9, 1)
    want = split_by_time(data, int(np.datetime64("2025-09-01", "s").astype(int)))
    for cut in (day, moment, np.datetime64("2025-09-01"), "2025-09-01", moment.replace(tzinfo=UTC)):
        got = split_by_time(data, cut)
        assert cells(got.test) == cells(want.test)
    assert got.test.times.min() >= np.datetime64("2025-09-01")
    assert got.train.times.max() < np.datetime64("2025-09-01")
    shifted = moment.replace(tzinfo=timezone(timedelta(hours=2)))
    assert split_by_time(data, shifted).test.times.min() >= np.datetime64("2025-08-31T22:00")
    share = data.split_by_time(test_fraction=0.2)
    assert 0.2 <= share.test.n_interactions / data.n_interactions < 0.21
    for wrong in ({}, {"cut": 3, "test_fraction": 0.1}, {"test_fraction": 2}, {"cut": np.datetime64("NaT")}):
        with pytest.raises(ValueError, match=r"cut|test_fraction"):
            split_by_time(data, **wrong)
    with pytest.raises(TypeError):
        split_by_time(data, 3.5)


def test_a_cut_within_a_day_falls_between_days():
    data = Interactions.from_arrays(
        [1, 1], [1, 2], time=np.array(["2025-03-01", "2025-03-02"], "datetime64[D]")
    )
    assert split_by_time(data, datetime(2025, 3, 1, 12)).test.n_interactions == 1
    assert split_by_time(data, datetime(2025, 3, 1)).test.n_interactions == 2


def test_methods_are_the_functions(data):
    for ours, theirs in (
        (data.split_by_time(date(2025, 6, 1)), split_by_time(data, date(2025, 6, 1))),
        (data.split_leave_last_out(2), leave_last_out(data, 2)),
        (data.split_random(0.1, random_state=3), random_split(data, 0.1, random_state=3)),
        (data.split_users(0.1, 0.3, random_state=3)[:3], split_users(data, 0.1, 0.3, random_state=3)[:3]),
        (data.split_k_fold(3, random_state=1)[2], k_fold(data, 3, random_state=1)[2]),
    ):
        assert [cells(part) for part in ours] == [cells(part) for part in theirs]


def test_same_for_any_number_of_threads(data):
    for n in (2, 5):
        assert cells(random_split(data, n_jobs=n).test) == cells(random_split(data, n_jobs=1).test)
        assert cells(split_users(data, n_jobs=n).target) == cells(split_users(data, n_jobs=1).target)
        assert cells(k_fold(data, n_jobs=n)[0].test) == cells(k_fold(data, n_jobs=1)[0].test)


def test_held_out_users_are_not_in_train(data):
    parts = split_users(data, 0.3)
    lengths = np.diff(parts.train.to_csr().indptr)
    assert (lengths[parts.held_out] == 0).all()
    assert set(np.diff(parts.fold_in.to_csr().indptr).nonzero()[0]) == set(parts.held_out)
    assert set(np.diff(parts.target.to_csr().indptr).nonzero()[0]) == set(parts.held_out)


def test_leakage_names_what_is_wrong(data):
    train, test = data.split_by_time(date(2025, 9, 1))
    found = leakage(train, test, date(2025, 9, 1))
    assert found.clean
    assert found.cut == np.datetime64("2025-09-01")
    known = np.diff(train.to_csr().tocsc().indptr) > 0
    asked = np.diff(test.to_csr().tocsc().indptr) > 0
    assert found.items_not_in_train == (asked & ~known).sum()
    mixed = leakage(*data.split_random(0.3))
    assert not mixed.clean
    assert mixed.test_before_cut > 0
    assert leakage(data, test).in_both == test.n_interactions
    assert "in_both" in found._repr_html_()
    assert found.to_dict()["clean"]
    with pytest.raises(ValueError, match="same interactions"):
        leakage(train, Interactions.from_arrays([1], [1]))


def test_splits_in_time_need_times():
    data = Interactions.from_arrays([1, 1, 2], [1, 2, 3])
    for split in (lambda: split_by_time(data, 3), lambda: leave_last_out(data)):
        with pytest.raises(ValueError, match="times"):
            split()
    for wrong in (lambda: k_fold(data, 1), lambda: random_split(data, -1), lambda: split_users(data, 2)):
        with pytest.raises(ValueError, match=r"folds|fraction"):
            wrong()
