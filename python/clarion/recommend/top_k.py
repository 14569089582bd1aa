"""Lists of items for users, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import top_k

if TYPE_CHECKING:
    import numpy as np
    from numpy.ma import MaskedArray
    from numpy.typing import ArrayLike, NDArray

    from clarion._core import ItemIndex
    from clarion.recommend.interactions import Interactions

__all__ = ["Neighbors", "Recommendations", "chosen_rows", "lists", "rows_of"]


class _Lists:
    """Lists of ids for each of some ids, best first; a short list is short."""

    __slots__ = ("_asked", "_backend", "_found", "lengths", "numbers", "scores")
    _columns: tuple[str, str]

    def __init__(
        self, asked: NDArray[Any], ids: NDArray[Any], found: tuple[Any, Any, Any], backend: str | None
    ) -> None:
        import numpy as np

        numbers, self.scores, self.lengths = found
        unused = np.arange(numbers.shape[1]) >= self.lengths[:, None]
        self.numbers: NDArray[np.int64] = np.where(unused, -1, numbers.astype(np.int64))
        values = ids[np.where(unused, 0, numbers)] if len(ids) else np.empty(numbers.shape, ids.dtype)
        self._found: MaskedArray[Any, Any] = np.ma.MaskedArray(values, mask=unused)
        self._asked = asked
        self._backend = backend

    def __len__(self) -> int:
        return len(self._asked)

    def to_dict(self) -> dict[Any, list[Any]]:
        """Id asked for -> ids found, best first."""
        return {
            asked: row[:length].tolist()
            for asked, row, length in zip(self._asked.tolist(), self._found.data, self.lengths, strict=True)
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """A long table: the id asked for, rank from 1, the id found, score."""
        import numpy as np

        from clarion.io import frame

        used = ~np.ma.getmaskarray(self._found)
        asked, found = self._columns
        columns = {
            asked: np.repeat(self._asked, self.lengths),
            "rank": np.broadcast_to(np.arange(1, used.shape[1] + 1), used.shape)[used],
            found: self._found.data[used],
            "score": self.scores[used],
        }
        return frame(columns, backend or self._backend)


class Recommendations(_Lists):
    """A list of items for each user, best first; a short list is short.

    ``items`` and ``scores`` are users x k: places that are not used are masked and NaN, and ``lengths`` counts the used
    ones. ``numbers`` are the items by number, -1 where a place is not used. ``users`` are the ids asked for.
    """

    __slots__ = ()
    _columns = ("user", "item")

    @property
    def users(self) -> NDArray[Any]:
        return self._asked

    @property
    def items(self) -> MaskedArray[Any, Any]:
        return self._found

    def __repr__(self) -> str:
        return f"Recommendations({int(self.lengths.sum()):,} items for {len(self):,} users)"


class Neighbors(_Lists):
    """Similar ones of each id asked for, the most similar first: ``ids`` and their ``neighbors``, ``scores``,
    ``lengths`` and ``numbers`` as those of :class:`Recommendations`."""

    __slots__ = ()
    _columns = ("id", "neighbor")

    @property
    def ids(self) -> NDArray[Any]:
        return self._asked

    @property
    def neighbors(self) -> MaskedArray[Any, Any]:
        return self._found

    def __repr__(self) -> str:
        return f"Neighbors({int(self.lengths.sum()):,} of {len(self):,})"


def chosen_rows(
    ids: NDArray[Any],
    find: Callable[[Any], NDArray[np.int64]],
    asked: ArrayLike | None,
    unknown: str,
    field: str,
) -> NDArray[np.int64]:
    """Numbers of the ids asked for; None: all. ``unknown`` ones raise a ValueError or are skipped."""
    import numpy as np

    if unknown not in ("raise", "skip"):
        raise ValueError(f"unknown: {unknown!r} is not allowed; give 'raise' or 'skip'")
    if asked is None:
        return np.arange(len(ids))
    rows = find(asked)
    if unknown == "raise" and (rows < 0).any():
        strange = np.asarray(asked, dtype=object)[rows < 0].tolist()[0]
        remedy = "fold it in, or give unknown='skip'" if field == "users" else "give one of the fit"
        raise ValueError(f"{field}: {strange!r} is not in the fit; {remedy}")
    return rows[rows >= 0]


def rows_of(matrix: tuple[Any, Any, Any], rows: NDArray[np.int64]) -> tuple[Any, Any, Any]:
    """Some rows of a CSR matrix, in the order asked for."""
    import numpy as np

    offsets, index, value = matrix
    starts = offsets.astype(np.int64)
    lengths = np.diff(starts)[rows]
    to = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(to[-1]) + np.repeat(starts[rows] - to[:-1], lengths)
    return to.astype(np.uint64), index[places], None if value is None else value[places]


def lists(
    index: ItemIndex,
    factors: Any,
    history: tuple[Any, Any, Any] | None,
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
    """The k items with the highest scores for users ``rows`` of ``data``, under the filters of a model."""
    import numpy as np

    ids = data.users[rows]
    seen = None
    if exclude_seen:
        every = len(rows) == data.n_users and bool((rows == np.arange(data.n_users)).all())
        by_user = data._matrix.by_user()
        seen = (by_user if every else rows_of((*by_user[:2], None), rows))[:2]
    found = top_k(
        index,
        factors,
        history,
        k,
        exclude=_union(seen, _listed(data, ids, deny, "deny")),
        allow=_listed(data, ids, allow, "allow"),
        available=_by_item(data, mask, "mask", np.bool_, np.uint8),
        boost=_by_item(data, boost, "boost", np.number, np.float32),
        group=None if groups is None else _codes(data, groups),
        group_quota=group_quota,
        n_jobs=n_jobs,
        progress=progress,
    )
    return Recommendations(ids, data.items, found, data._backend)


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
