"""What a model learns from and what it is judged by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from clarion import _core

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.recommend.interactions import Interactions

__all__ = [
    "Leakage", "Split", "StrongSplit", "k_fold", "leakage", "leave_last_out", "random_split", "split_by_time",
    "split_users",
]  # fmt: skip


class Split(NamedTuple):
    """Two parts with the users and items, and their numbers, of the whole."""

    train: Interactions
    test: Interactions


class StrongSplit(NamedTuple):
    """``train`` on the other users, ``fold_in`` one part of each held-out user, predict ``target``."""

    train: Interactions
    fold_in: Interactions
    target: Interactions
    held_out: NDArray[np.uint32]


def split_by_time(
    data: Interactions,
    cut: date | np.datetime64 | int | None = None,
    *,
    test_fraction: float | None = None,
    n_jobs: int | None = None,
) -> Split:
    """Entries from ``cut`` on are test.

    ``cut`` is a date, a datetime (UTC where it has no zone), a numpy datetime64, or a number in the unit of the times;
    with ``test_fraction`` instead, it is the latest that leaves at least that share to test. O(entries).
    """
    if (cut is None) == (test_fraction is None):
        raise ValueError("cut: give either a cut or test_fraction")
    if test_fraction is not None:
        cut = _core.time_cut(data._matrix, test_fraction)
    return _split(data, _core.split_by_time(data._matrix, _number(cut, data._matrix.unit), n_jobs=n_jobs))


def leave_last_out(data: Interactions, n: int = 1, *, n_jobs: int | None = None) -> Split:
    """The last ``n`` entries by time of each user are test; among equal times the higher item is the later one.

    A user with no more than ``n`` entries stays in train as a whole.
    """
    return _split(data, _core.leave_last_out(data._matrix, n, n_jobs=n_jobs))


def random_split(
    data: Interactions, test_fraction: float = 0.2, *, random_state: int = 0, n_jobs: int | None = None
) -> Split:
    """A share of each user's entries, rounded to the nearest number, is test; a user keeps at least one in train."""
    return _split(
        data, _core.random_split(data._matrix, n_jobs=n_jobs, test_fraction=test_fraction, seed=random_state)
    )


def split_users(
    data: Interactions,
    user_fraction: float = 0.2,
    target_fraction: float = 0.5,
    *,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> StrongSplit:
    """Strong generalization (Marlin, 2004): a model learns from the other users, folds in one part of each held-out
    user and is judged by the rest. Users with one entry are never held out.
    """
    train, fold_in, target, held_out = _core.split_users(
        data._matrix,
        n_jobs=n_jobs,
        user_fraction=user_fraction,
        target_fraction=target_fraction,
        seed=random_state,
    )
    return StrongSplit(data._part(train), data._part(fold_in), data._part(target), held_out)


def k_fold(
    data: Interactions, folds: int = 5, *, random_state: int = 0, n_jobs: int | None = None
) -> list[Split]:
    """Entries of each user dealt at random into ``folds`` parts; part i is the test of split i."""
    found = _core.k_fold(data._matrix, folds, random_state, n_jobs=n_jobs)
    return [_split(data, parts) for parts in found]


@dataclass(frozen=True)
class Leakage:
    """What a test part gives away (``in_both``, ``test_before_cut``, ``train_after_cut``) or cannot be judged by."""

    train: int
    test: int
    in_both: int
    users_not_in_train: int
    items_not_in_train: int
    entries_of_unknown_users: int
    entries_of_unknown_items: int
    cut: np.datetime64 | None
    test_before_cut: int
    train_after_cut: int

    @property
    def clean(self) -> bool:
        """Nothing of test could be seen in training."""
        return self.in_both == 0 and self.test_before_cut == 0 and self.train_after_cut == 0

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "cut": None if self.cut is None else str(self.cut), "clean": self.clean}

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        rows = self.to_dict()
        return html_table({"": list(rows), "value": [str(value) for value in rows.values()]})


def leakage(
    train: Interactions,
    test: Interactions,
    cut: date | np.datetime64 | int | None = None,
    *,
    n_jobs: int | None = None,
) -> Leakage:
    """Entries in both parts, users and items of test that train does not have, and events on the wrong side of the cut.

    Without ``cut`` it is the latest time of train. The parts must have the same users and items. O(entries).
    """
    import numpy as np

    unit = train._matrix.unit
    number = None if cut is None else _number(cut, unit)
    found = _core.leakage(train._matrix, test._matrix, number, n_jobs=n_jobs)
    if found["cut"] is not None:
        found["cut"] = np.array([found["cut"]], f"datetime64[{unit}]")[0]
    return Leakage(**found)


def _split(data: Interactions, parts: tuple[Any, Any]) -> Split:
    return Split(data._part(parts[0]), data._part(parts[1]))


def _number(cut: Any, unit: str) -> int:
    """Seconds or days since 1970-01-01. A cut within a day of data kept in days is a cut at the next day."""
    import numpy as np

    if isinstance(cut, datetime) and cut.tzinfo is not None:
        cut = cut.astimezone(UTC).replace(tzinfo=None)
    if isinstance(cut, int | np.integer) and not isinstance(cut, bool):
        return int(cut)
    if not isinstance(cut, date | np.datetime64 | str):
        raise TypeError(f"cut: {cut!r} is not allowed; give a date, a datetime or a whole number")
    moment = np.datetime64(cut)
    if np.isnat(moment):
        raise ValueError("cut: no time at all is not allowed; give a date, a datetime or a whole number")
    whole = moment.astype(f"datetime64[{unit}]")
    return int(whole.astype(np.int64)) + int(whole < moment)
