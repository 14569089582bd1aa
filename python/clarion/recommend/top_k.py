"""Lists of items for users, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import top_k

if TYPE_CHECKING:
    import numpy as np
    from numpy.ma import MaskedArray
    from numpy.typing import ArrayLike, NDArray

    from clarion.recommend.interactions import Interactions

__all__ = ["Recommendations", "recommend_by_factors", "user_rows"]


class Recommendations:
    """A list of items for each user, best first; a short list is short.

    ``items`` and ``scores`` are users x k: places that are not used are masked and NaN, and ``lengths`` counts the used
    ones. ``numbers`` are the items by number, -1 where a place is not used. ``users`` are the ids asked for.
    """

    __slots__ = ("_backend", "items", "lengths", "numbers", "scores", "users")

    def __init__(
        self, users: NDArray[Any], item_ids: NDArray[Any], found: tuple[Any, Any, Any], backend: str | None
    ) -> None:
        import numpy as np

        numbers, self.scores, self.lengths = found
        unused = np.arange(numbers.shape[1]) >= self.lengths[:, None]
        self.numbers: NDArray[np.int64] = np.where(unused, -1, numbers.astype(np.int64))
        ids = (
            item_ids[np.where(unused, 0, numbers)]
            if len(item_ids)
            else np.empty(numbers.shape, item_ids.dtype)
        )
        self.items: MaskedArray[Any, Any] = np.ma.MaskedArray(ids, mask=unused)
        self.users = users
        self._backend = backend

    def __len__(self) -> int:
        return len(self.users)

    def to_dict(self) -> dict[Any, list[Any]]:
        """User -> items, best first."""
        return {
            user: row[:length].tolist()
            for user, row, length in zip(self.users.tolist(), self.items.data, self.lengths, strict=True)
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """A long table: user, rank from 1, item, score."""
        import numpy as np

        from clarion.io import frame

        used = ~np.ma.getmaskarray(self.items)
        columns = {
            "user": np.repeat(self.users, self.lengths),
            "rank": np.broadcast_to(np.arange(1, used.shape[1] + 1), used.shape)[used],
            "item": self.items.data[used],
            "score": self.scores[used],
        }
        return frame(columns, backend or self._backend)

    def __repr__(self) -> str:
        return f"Recommendations({int(self.lengths.sum()):,} items for {len(self):,} users)"


def user_rows(data: Interactions, users: ArrayLike | None, unknown: str) -> NDArray[np.int64]:
    """Numbers of the users asked for; None: all. ``unknown`` ids raise a ValueError or are skipped."""
    import numpy as np

    if unknown not in ("raise", "skip"):
        raise ValueError(f"unknown: {unknown!r} is not allowed; give 'raise' or 'skip'")
    if users is None:
        return np.arange(data.n_users)
    rows = data.user_numbers(users)
    if unknown == "raise" and (rows < 0).any():
        strange = np.asarray(users)[rows < 0].tolist()[0]
        raise ValueError(
            f"users: {strange!r} is not among the users of the fit; fold it in, or give unknown='skip'"
        )
    return rows[rows >= 0]


def recommend_by_factors(
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    data: Interactions,
    rows: NDArray[np.int64],
    k: int,
    *,
    mask: ArrayLike | None = None,
    exclude_seen: bool = True,
    deny: Mapping[Any, Iterable[Any]] | None = None,
    allow: Mapping[Any, Iterable[Any]] | None = None,
    boost: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    group_quota: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recommendations:
    """The k items with the highest products of factors for users ``rows`` of ``data``, under the filters of a model."""
    import numpy as np

    every = len(rows) == data.n_users and bool((rows == np.arange(data.n_users)).all())
    ids = data.users[rows]
    found = top_k(
        user_factors if every else user_factors[rows],
        item_factors,
        k,
        exclude=_union(_seen(data, rows, every) if exclude_seen else None, _listed(data, ids, deny, "deny")),
        allow=_listed(data, ids, allow, "allow"),
        available=_by_item(data, mask, "mask", np.bool_, np.uint8),
        boost=_by_item(data, boost, "boost", np.number, np.float32),
        group=None if groups is None else _codes(data, groups),
        group_quota=group_quota,
        n_jobs=n_jobs,
        progress=progress,
    )
    return Recommendations(ids, data.items, found, data._backend)


def _seen(data: Interactions, rows: NDArray[np.int64], every: bool) -> tuple[Any, Any]:
    import numpy as np

    offsets, index, _ = data._matrix.by_user()
    if every:
        return offsets, index
    starts = offsets.astype(np.int64)
    lengths = np.diff(starts)[rows]
    to = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(to[-1]) + np.repeat(starts[rows] - to[:-1], lengths)
    return to.astype(np.uint64), index[places]


def _listed(
    data: Interactions, ids: NDArray[Any], lists: Mapping[Any, Iterable[Any]] | None, field: str
) -> tuple[Any, Any] | None:
    """Lists by user as offsets and ascending item numbers; items that are not in the fit have none."""
    import numpy as np

    if lists is None:
        return None
    if not isinstance(lists, Mapping):
        raise TypeError(
            f"{field}: {type(lists).__name__} is not allowed; give a mapping of user ids to item ids"
        )
    offsets = [0]
    parts: list[NDArray[np.int64]] = []
    for user in ids.tolist():
        wanted = list(lists.get(user, ()))
        numbers = np.unique(data.item_numbers(wanted)) if wanted else np.empty(0, np.int64)
        known = numbers[numbers >= 0]
        if wanted and field == "allow" and not len(known):
            raise ValueError(f"allow: none of the items of user {user!r} is in the fit; leave the user out")
        parts.append(known)
        offsets.append(offsets[-1] + len(known))
    index = np.concatenate(parts) if parts else np.empty(0, np.int64)
    return np.asarray(offsets, np.uint64), index.astype(np.uint32)


def _union(a: tuple[Any, Any] | None, b: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
    """Of two sets of pairs in CSR form."""
    import numpy as np

    if a is None or b is None:
        return b if a is None else a
    n = len(a[0]) - 1
    keys = [
        np.repeat(np.arange(n) << 32, np.diff(o.astype(np.int64))) | i.astype(np.int64) for o, i in (a, b)
    ]
    both = np.unique(np.concatenate(keys))
    offsets = np.searchsorted(both >> 32, np.arange(n + 1))
    return offsets.astype(np.uint64), (both & 0xFFFFFFFF).astype(np.uint32)


def _by_item(
    data: Interactions, values: ArrayLike | None, field: str, kind: Any, to: Any
) -> NDArray[Any] | None:
    import numpy as np

    if values is None:
        return None
    given = np.asarray(values)
    if given.shape != (data.n_items,) or not np.issubdtype(given.dtype, kind):
        wanted = "bool" if kind is np.bool_ else "number"
        raise ValueError(
            f"{field}: {given.dtype} of shape {given.shape} is not allowed; "
            f"give a {wanted} for each of the {data.n_items} items, in their order"
        )
    return given.astype(to)


def _codes(data: Interactions, groups: ArrayLike) -> NDArray[np.uint32]:
    import numpy as np

    given = np.asarray(groups)
    if given.shape != (data.n_items,):
        raise ValueError(
            f"groups: shape {given.shape} is not allowed; give a label for each of the {data.n_items} items"
        )
    return np.unique(given, return_inverse=True)[1].astype(np.uint32)
