"""Who did what with which item: users x items, by user and by item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from os import fspath
from typing import TYPE_CHECKING, Any

from clarion._columns import arrow, only, plain, wide
from clarion._core import (
    ClarionError,
    InteractionMatrix,
    build_interactions,
    interaction_arrays,
    interactions_from,
    matrix_interactions,
    read_interactions,
)

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    import numpy as np
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_matrix

    from clarion.recommend.split import Split, StrongSplit
    from clarion.recommend.sufficiency import Sufficiency

__all__ = ["InteractionReport", "Interactions", "interactions_of"]


@dataclass(frozen=True)
class InteractionReport:
    """What became of the rows: ``rows_read = interactions + merged + filtered + set_aside``.

    ``merged`` rows went into the entry of another row of their user and item, ``filtered`` entries were of users or
    items below the minimum counts, and rows ``set_aside`` are bad: ``by_reason`` counts them, ``faults`` names the
    first as (row from 0, reason, value). After ``append`` it is about the new rows: ``interactions`` is what was gained.
    """

    rows_read: int
    interactions: int
    merged: int
    filtered: int
    set_aside: int
    users_filtered: int = 0
    items_filtered: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[tuple[int, str, str], ...] = field(default=(), repr=False)


class Interactions:
    """Users x items with a positive weight an entry. Immutable; copies and splits share what they can.

    Build it with :meth:`from_frame`, :meth:`from_arrays` or :meth:`from_csr`. Users and items have numbers 0..n-1 in
    the order of their ids; ids that :meth:`append` brings in come after those that were there.

    The keyword ``options`` of the builders are: ``event_weights`` (a mapping of types of events to their weights, e.g.
    ``{"view": 1, "cart": 3, "purchase": 5}``; 0 leaves them out), ``allow_unknown_events`` (True: they are set aside;
    False: a ValueError), ``half_life`` (days after which an event weighs half), ``reference`` (the date from whose end
    age counts; the latest event where there is none), ``duplicates`` ("sum", "max", "last", "first" by time, or
    "binary": what rows of one user and item become), ``min_user_count`` and ``min_item_count`` (a core: applied until
    nothing changes), ``unit`` ("seconds" or "days" since 1970, of times that are plain numbers) and ``report_rows``.
    """

    __slots__ = ("_backend", "_items", "_matrix", "_named", "_options", "_users", "report")

    def __init__(
        self,
        matrix: InteractionMatrix,
        report: InteractionReport | None = None,
        *,
        columns: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
        backend: str | None = None,
    ) -> None:
        size = len(matrix)
        self._matrix = matrix
        self.report = report or InteractionReport(size, size, 0, 0, 0)
        self._named = dict(columns or {})
        self._options = dict(options or {})
        self._backend = backend
        self._users: Any = None
        self._items: Any = None

    @classmethod
    def from_frame(
        cls,
        data: Any,
        user: str = "user",
        item: str = "item",
        weight: str | None = None,
        time: str | None = None,
        event: str | None = None,
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Interactions:
        """Reads a long table, one row an event.

        ``data`` is any data frame (pandas, polars, pyarrow, duckdb), an object that exports an Arrow stream (read
        batch by batch), a mapping of columns or a list of mappings; the other arguments name its columns. Ids may be
        integers, text, UUIDs or dates; weights any number or the text of one; times timestamps and ISO 8601 texts (kept
        in seconds, UTC), dates (kept in days) or whole numbers. Bad rows are set aside, see ``report``.

        Raises ValueError for an unknown column or option value and ClarionError for a column of the wrong type or for
        what does not fit into memory. O(rows).
        """
        from clarion.io import frame_kind

        columns = _columns(user, item, weight, time, event)
        options = _checked(options)
        matrix, report = read_interactions(
            _stream(data, columns), columns, options=options, n_jobs=n_jobs, progress=progress
        )
        return cls(
            matrix, InteractionReport(**report), columns=columns, options=options, backend=frame_kind(data)
        )

    @classmethod
    def from_arrays(
        cls,
        user: ArrayLike,
        item: ArrayLike,
        weight: ArrayLike | None = None,
        time: ArrayLike | None = None,
        event: ArrayLike | None = None,
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Interactions:
        """Reads columns of one length, each one dimension. Plain numbers are read in place.

        Raises ValueError when lengths differ. O(rows).
        """
        given = _arrays(user=user, item=item, weight=weight, time=time, event=event)
        options = _checked(options)
        matrix, report = _read_arrays(given, None, options, n_jobs, progress)
        return cls(
            matrix, InteractionReport(**report), columns={name: name for name in given}, options=options
        )

    @classmethod
    def from_csr(
        cls,
        matrix: Any,
        users: ArrayLike | None = None,
        items: ArrayLike | None = None,
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Interactions:
        """Takes a scipy sparse matrix, users x items; rows and columns without an entry stay.

        ``users`` and ``items`` are their ids, by default their numbers. Values that are zero, negative or not finite
        are set aside. O(entries).
        """
        import numpy as np

        if not hasattr(matrix, "tocsr"):
            raise TypeError(
                f"matrix: {type(matrix).__name__} is not allowed; give a scipy sparse matrix, users x items"
            )
        csr = matrix.tocsr()
        if csr.data.dtype.kind not in "biuf":
            raise TypeError(f"matrix: values of type {csr.data.dtype} are not allowed; give real numbers")
        options = _checked(options)
        # Negative columns wrap around to ones that no matrix has.
        index = csr.indices.view(np.uint32) if csr.indices.dtype == np.int32 else _narrow(csr.indices)
        if len(csr.indptr) and csr.indptr.min() < 0:
            raise ValueError("matrix: negative offsets are not allowed; give a valid CSR matrix")
        found, report = matrix_interactions(
            csr.indptr.astype(np.uint64),
            index,
            csr.data.astype(np.float32, copy=False),
            csr.shape[1],
            _labels(users),
            _labels(items),
            options=options,
            n_jobs=n_jobs,
            progress=progress,
        )
        return cls(
            found, InteractionReport(**report), columns={"user": "user", "item": "item"}, options=options
        )

    def append(
        self,
        data: Any,
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
        **columns: str | None,
    ) -> Interactions:
        """New interactions that hold the rows of ``data`` too; this object stays as it is.

        ``data`` is a frame with columns of the same names, or of those given (``user=``, ``item=``, ``weight=``,
        ``time=``, ``event=``). Options are those of the first build, but minimum counts are not applied. Numbers of
        users and items stay, and new ids come after them.
        """
        from clarion.io import frame_kind

        unknown = set(columns) - {"user", "item", "weight", "time", "event"}
        if unknown:
            raise TypeError(f"unknown column {min(unknown)}; the columns are user, item, weight, time, event")
        named = {**self._named, **{name: column for name, column in columns.items() if column is not None}}
        named = {name: column for name, column in named.items() if columns.get(name, "") is not None}
        matrix, report = read_interactions(
            _stream(data, named),
            named,
            base=self._matrix,
            options=self._options,
            n_jobs=n_jobs,
            progress=progress,
        )
        return Interactions(
            matrix,
            InteractionReport(**report),
            columns=named,
            options=self._options,
            backend=self._backend or frame_kind(data),
        )

    def save(
        self,
        path: str | PathLike[str],
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Writes a folder of arrays that any program can read, with what :meth:`append` needs to know of the first build.

        An earlier folder of clarion is replaced in one step, anything else but an empty folder refused with a
        ClarionError. O(entries).
        """
        from clarion._model_folder import save_folder

        metadata, arrays = self._stored()
        save_folder(path, "interactions", metadata, arrays, n_jobs=n_jobs, progress=progress)

    @classmethod
    def load(
        cls,
        path: str | PathLike[str],
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Interactions:
        """What :meth:`save` wrote. Raises ClarionError, naming the file, for a folder that was cut short or altered."""
        from clarion._model_folder import load_folder

        metadata, arrays = load_folder(path, "interactions", n_jobs=n_jobs, progress=progress)
        try:
            return cls._restored(metadata, arrays, n_jobs=n_jobs)
        except ClarionError as wrong:
            raise ClarionError(f"{fspath(path)}: {wrong}") from None

    def _stored(self, prefix: str = "") -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """(metadata, arrays whose names begin with prefix) for the folder of a model that holds this object."""
        options = dict(self._options)
        if (day := options.get("reference")) is not None:
            options["reference"] = f"{day.year:04}-{day.month:02}-{day.day:02}"
        report = {**asdict(self.report), "faults": self.report.faults[:100]}
        metadata = {"columns": self._named, "options": options, "backend": self._backend, "report": report}
        return metadata, interaction_arrays(self._matrix, prefix)

    @classmethod
    def _restored(
        cls,
        metadata: Mapping[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        prefix: str = "",
        *,
        n_jobs: int | None = None,
    ) -> Interactions:
        """What :meth:`_stored` gave."""
        from datetime import date

        matrix = interactions_from(dict(arrays), prefix, n_jobs=n_jobs)
        try:
            options = dict(metadata.get("options", {}))
            if (day := options.get("reference")) is not None:
                options["reference"] = date.fromisoformat(day)
            report = None
            if (given := metadata.get("report")) is not None:
                faults = tuple((int(row), str(reason), str(value)) for row, reason, value in given["faults"])
                report = InteractionReport(**{**given, "faults": faults})
            columns = {str(name): str(column) for name, column in metadata.get("columns", {}).items()}
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise ClarionError(f"metadata of interactions: {wrong}") from None
        return cls(matrix, report, columns=columns, options=options, backend=metadata.get("backend"))

    @property
    def n_users(self) -> int:
        return self._matrix.n_users

    @property
    def n_items(self) -> int:
        return self._matrix.n_items

    @property
    def n_interactions(self) -> int:
        """Distinct (user, item) pairs."""
        return len(self._matrix)

    @property
    def shape(self) -> tuple[int, int]:
        return self.n_users, self.n_items

    @property
    def users(self) -> Any:
        """Ids of the users, by number: an array of int64, or of str objects."""
        if self._users is None:
            self._users = _ids(self._matrix.users)
        return self._users

    @property
    def items(self) -> Any:
        """Ids of the items, by number: an array of int64, or of str objects."""
        if self._items is None:
            self._items = _ids(self._matrix.items)
        return self._items

    @property
    def times(self) -> NDArray[np.datetime64] | None:
        """When, in the order of the entries of ``to_csr()``: datetime64 in seconds (UTC) or days; None without times."""
        if not self._matrix.has_times:
            return None
        return self._matrix.times.view(f"datetime64[{self._matrix.unit}]")

    @property
    def memory_bytes(self) -> int:
        return self._matrix.memory_bytes

    def user_numbers(self, ids: ArrayLike) -> NDArray[np.int64]:
        """Numbers of users by id, -1 for an id that is not there."""
        return self._matrix.find_users(_asked(ids, self._matrix.user_texts))

    def item_numbers(self, ids: ArrayLike) -> NDArray[np.int64]:
        """Numbers of items by id, -1 for an id that is not there."""
        return self._matrix.find_items(_asked(ids, self._matrix.item_texts))

    def to_csr(self, *, copy: bool = True) -> csr_matrix:
        """The weights as a scipy CSR matrix of float32, users x items, columns ascending within a row.

        With ``copy=False`` its columns and weights are read-only views of this object where they can be.
        """
        import numpy as np
        from scipy.sparse import csr_matrix

        offsets, index, value = self._matrix.by_user()
        if value is None:
            value = np.ones(len(index), np.float32)
        narrow = max(len(index), *self.shape) < 2**31
        out = csr_matrix(self.shape, dtype=np.float32)
        out.indptr = offsets.astype(np.int32 if narrow else np.int64)
        out.indices = index.view(np.int32) if narrow else index.astype(np.int64)
        out.data = value
        if copy:
            out.indices, out.data = out.indices.copy(), out.data.copy()
        out.has_canonical_format = True
        return out

    def to_frame(self, backend: str | None = None) -> Any:
        """The entries as a long table: user, item, weight and, where they are known, time."""
        import numpy as np

        from clarion.io import frame

        offsets, index, value = self._matrix.by_user()
        lengths = (offsets[1:] - offsets[:-1]).astype(np.int64)
        columns: dict[str, Any] = {
            "user": self.users[np.repeat(np.arange(self.n_users), lengths)],
            "item": self.items[index],
            "weight": np.ones(len(index), np.float32) if value is None else value.copy(),
        }
        if (times := self.times) is not None:
            # No frame holds days of its own as numpy does; seconds they all do.
            columns["time"] = times.astype("datetime64[s]")
        return frame(columns, backend or self._backend)

    def filter(
        self, min_user_count: int = 0, min_item_count: int = 0, *, n_jobs: int | None = None
    ) -> Interactions:
        """The core in which each user has that many items and each item that many users: the largest such part."""
        return self._part(self._matrix.filter(min_user_count, min_item_count, n_jobs=n_jobs))

    def sufficiency(self, **options: Any) -> Sufficiency:
        """Whether there is enough to learn from: :func:`clarion.recommend.sufficiency`."""
        from clarion.recommend.sufficiency import sufficiency

        return sufficiency(self, **options)

    def split_by_time(
        self, cut: date | np.datetime64 | int | None = None, *, test_fraction: float | None = None
    ) -> Split:
        """Entries from ``cut`` on are test: :func:`clarion.recommend.split_by_time`."""
        from clarion.recommend.split import split_by_time

        return split_by_time(self, cut, test_fraction=test_fraction)

    def split_leave_last_out(self, n: int = 1) -> Split:
        """The last ``n`` entries of each user are test: :func:`clarion.recommend.leave_last_out`."""
        from clarion.recommend.split import leave_last_out

        return leave_last_out(self, n)

    def split_random(self, test_fraction: float = 0.2, *, random_state: int = 0) -> Split:
        """A share of each user's entries is test: :func:`clarion.recommend.random_split`."""
        from clarion.recommend.split import random_split

        return random_split(self, test_fraction, random_state=random_state)

    def split_users(
        self, user_fraction: float = 0.2, target_fraction: float = 0.5, *, random_state: int = 0
    ) -> StrongSplit:
        """Some users are held out: :func:`clarion.recommend.split_users`."""
        from clarion.recommend.split import split_users

        return split_users(self, user_fraction, target_fraction, random_state=random_state)

    def split_k_fold(self, folds: int = 5, *, random_state: int = 0) -> list[Split]:
        """Each entry is in the test of one fold: :func:`clarion.recommend.k_fold`."""
        from clarion.recommend.split import k_fold

        return k_fold(self, folds, random_state=random_state)

    def _part(self, matrix: InteractionMatrix) -> Interactions:
        return Interactions(matrix, columns=self._named, options=self._options, backend=self._backend)

    def __len__(self) -> int:
        return len(self._matrix)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        cells = self.n_users * self.n_items
        share = f", {self.n_interactions / cells:.3%} of all pairs" if cells else ""
        return (
            f"Interactions({self.n_interactions:,} of {self.n_users:,} users and {self.n_items:,} items{share}, "
            f"{self.memory_bytes / 2**20:.1f} MiB)"
        )

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        rows = {
            "rows read": self.report.rows_read,
            "merged": self.report.merged,
            "filtered": self.report.filtered,
            "set aside": self.report.set_aside,
            **{f"set aside: {reason}": count for reason, count in self.report.by_reason.items()},
        }
        return f"<p>{self!r}</p>" + html_table({"": list(rows), "rows": list(rows.values())})


def interactions_of(data: Any, **options: Any) -> Interactions:
    """Interactions as they are, or those of a scipy sparse matrix: what ``fit`` takes."""
    if isinstance(data, Interactions):
        return data
    if hasattr(data, "tocsr"):
        return Interactions.from_csr(data, **options)
    raise TypeError(
        f"interactions: {type(data).__name__} is not allowed; give Interactions or a scipy sparse matrix, users x items"
    )


def _columns(user: str, item: str, weight: str | None, time: str | None, event: str | None) -> dict[str, str]:
    given = {"user": user, "item": item, "weight": weight, "time": time, "event": event}
    for name, column in given.items():
        if column is not None and (not isinstance(column, str) or not column):
            raise ValueError(f"{name}: {column!r} is not allowed; name a column")
    return {name: column for name, column in given.items() if column is not None}


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    weights = options.get("event_weights")
    if weights is None:
        options.pop("event_weights", None)
    elif isinstance(weights, Mapping):
        options["event_weights"] = {str(event): weight for event, weight in weights.items()}
    return options


def _stream(data: Any, columns: Mapping[str, str]) -> Any:
    from clarion.io import arrow_stream

    source = only(data, *columns.values())
    if type(source).__module__.split(".")[0] == "pandas":
        source = _uuids_as_text(source, [columns["user"], columns["item"]])
    return arrow_stream(source)


def _uuids_as_text(frame: Any, names: Sequence[str]) -> Any:
    """pandas holds UUIDs as objects, which Arrow does not take."""
    from uuid import UUID

    changed = {}
    for name in names:
        if name in frame.columns and frame[name].dtype == object:
            first = frame[name].first_valid_index()
            if first is not None and isinstance(frame[name].loc[first], UUID):
                changed[name] = frame[name].map(lambda v: str(v) if isinstance(v, UUID) else v)
    return frame.assign(**changed) if changed else frame


def _arrays(**given: Any) -> dict[str, Any]:
    import numpy as np

    out = {name: np.asarray(values) for name, values in given.items() if values is not None}
    for name, values in out.items():
        if values.ndim != 1:
            raise ValueError(f"{name}: shape {values.shape} is not allowed; give one dimension")
        if len(values) != len(out["user"]):
            raise ValueError(
                f"{name}: {len(values)} rows are not allowed; give as many as users: {len(out['user'])}"
            )
    return out


def _read_arrays(
    given: dict[str, Any], base: InteractionMatrix | None, options: dict[str, Any], n_jobs: Any, progress: Any
) -> tuple[InteractionMatrix, dict[str, Any]]:
    import numpy as np

    def is_plain(name: str, kinds: str) -> bool:
        return name not in given or (given[name].dtype.kind in kinds and not wide(given[name]))

    if (
        is_plain("user", "iu")
        and is_plain("item", "iu")
        and is_plain("event", "iu")
        and is_plain("time", "iu")
    ):
        weight = given.get("weight")
        if weight is None or weight.dtype.kind in "biuf":
            if weight is not None:
                single = weight.dtype == np.float32
                weight = np.ascontiguousarray(weight, dtype=np.float32 if single else np.float64)
            time = given.get("time")
            return build_interactions(
                plain(given["user"]),
                plain(given["item"]),
                weight,
                None if time is None else np.ascontiguousarray(time, dtype=np.int64),
                plain(given["event"]) if "event" in given else None,
                base=base,
                options=options,
                n_jobs=n_jobs,
                progress=progress,
            )
    import pyarrow as pa

    if (
        "time" in given
        and given["time"].dtype.kind == "M"
        and np.datetime_data(given["time"].dtype)[0] in "Wmh"
    ):
        given["time"] = given["time"].astype("datetime64[s]")  # Arrow knows no weeks, hours and minutes
    table = pa.table({name: arrow(values) for name, values in given.items()})
    columns = {name: name for name in given}
    return read_interactions(table, columns, base=base, options=options, n_jobs=n_jobs, progress=progress)


def _narrow(columns: Any) -> Any:
    import numpy as np

    if len(columns) and (columns.min() < 0 or columns.max() >= 2**32):
        raise ValueError("matrix: columns out of range are not allowed; give a valid CSR matrix")
    return columns.astype(np.uint32)


def _labels(ids: Any) -> Any:
    import numpy as np

    if ids is None:
        return None
    values = np.asarray(ids)
    if values.ndim != 1:
        raise ValueError(f"ids: shape {values.shape} is not allowed; give one dimension")
    if values.dtype.kind in "iu":
        return plain(values)
    return [str(value) for value in values]


def _ids(ids: Any) -> Any:
    import numpy as np

    out = np.array(ids, dtype=object) if isinstance(ids, list) else ids
    out.flags.writeable = False
    return out


def _asked(ids: Any, texts: bool) -> Any:
    import numpy as np

    if texts:
        return [
            value if isinstance(value, str) else str(value) for value in np.asarray(ids, dtype=object).ravel()
        ]
    values = np.asarray(ids)
    if values.dtype.kind not in "iu":
        raise ValueError("ids: these are not whole numbers, and those of the interactions are; give integers")
    return plain(values.ravel())
