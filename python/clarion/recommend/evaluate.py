"""How good a model's lists are: for the users they are for, for the catalogue, and for groups of users."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from clarion import _core
from clarion.io import Table
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.model import Recommender
from clarion.recommend.split import Split, StrongSplit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_matrix

__all__ = ["Evaluation", "Interval", "Metric", "evaluate", "metrics", "rising", "stretch"]


class Metric(NamedTuple):
    """``at_k``: measured at each k; ``by_user``: has a value for each user; ``higher``: better when higher."""

    name: str
    at_k: bool
    by_user: bool
    higher: bool
    meaning: str


class Interval(NamedTuple):
    """``value`` is the mean over ``users``, ``sd`` the standard deviation of that mean."""

    value: float
    low: float
    high: float
    sd: float
    users: int


def metrics() -> list[Metric]:
    """Every metric, in the order of results; docs/recommend/evaluate.md defines them."""
    return [Metric(*row) for row in _core.metric_list()]


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """``values`` maps "recall@20" to the mean over the users who have a value of it, whose numbers are ``counts``.

    ``users`` have relevant items and are judged; ``without_list`` of them got an empty list. Left out and counted are
    users ``without_relevant`` items and ``unknown_users``, who are not in the fit. ``by_user`` is a table of the users
    and their values (NaN: none), ``by_segment`` one of segment, metric, k, value and users (None without segments).
    """

    values: Mapping[str, float]
    counts: Mapping[str, int]
    users: int
    without_relevant: int
    without_list: int
    unknown_users: int
    by_user: Table
    by_segment: Table | None = None
    recommend_seconds: float = 0.0
    _backend: str | None = field(default=None)

    def __getitem__(self, metric: str) -> float:
        """The mean of a metric, such as ``"recall@20"``."""
        if metric not in self.values:
            raise KeyError(f"{metric!r} was not measured; there are {', '.join(self.values)}")
        return self.values[metric]

    def interval(
        self,
        metric: str,
        level: float = 0.95,
        *,
        replicates: int = 1000,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> Interval:
        """The bootstrap interval (bias-corrected and accelerated) of a mean over users, who are drawn anew.

        Raises ValueError for a metric of all lists together (coverage, gini). O(replicates x users).
        """
        return self.intervals([metric], level, replicates, random_state, n_jobs)[metric]

    def intervals(
        self,
        metrics: Sequence[str] | None = None,
        level: float = 0.95,
        replicates: int = 1000,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> dict[str, Interval]:
        """The same of several metrics, by default all that have one, from the same draws of users."""
        import numpy as np

        held = self.by_user.columns[1:]
        chosen = held if metrics is None else list(metrics)
        for name in chosen:
            self[name]
            if name not in held:
                raise ValueError(f"metric: {name!r} is of all lists together and has no interval over users")
        if not chosen:
            return {}
        columns = np.array([self.by_user[name] for name in chosen])
        if columns.shape[1] == 0:
            columns = np.full((len(chosen), 1), np.nan)
        found = _core.bootstrap_means(
            columns, n_jobs=n_jobs, replicates=replicates, level=level, seed=random_state
        )
        return {
            name: Interval(mean, low, high, sd, n)
            for name, (n, mean, sd, low, high) in zip(chosen, found, strict=True)
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.values,
            "users": self.users,
            "without_relevant": self.without_relevant,
            "without_list": self.without_list,
            "unknown_users": self.unknown_users,
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a metric and k: metric, k (0: not at a k), value, users."""
        from clarion.io import frame

        names = [_parts(key) for key in self.values]
        columns = {
            "metric": [name for name, _ in names],
            "k": [k for _, k in names],
            "value": list(self.values.values()),
            "users": list(self.counts.values()),
        }
        return frame(columns, backend or self._backend)

    def _pivot(self) -> dict[str, list[Any]]:
        names = list(dict.fromkeys(_parts(key)[0] for key in self.values))
        cutoffs = sorted({_parts(key)[1] for key in self.values})
        return {
            "metric": names,
            **{f"@{k}" if k else "": [self.values.get(_key(name, k)) for name in names] for k in cutoffs},
        }

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {value:.4f}" for name, value in list(self.values.items())[:6])
        more = f", {len(self.values) - 6} more" if len(self.values) > 6 else ""
        return f"Evaluation({self.users:,} users: {shown}{more})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        left = [
            f"{count:,} {what}"
            for count, what in (
                (self.without_relevant, "without relevant items"),
                (self.unknown_users, "not in the fit"),
            )
            if count
        ]
        words = f"{self.users:,} users" + (f"; left out: {', '.join(left)}" if left else "")
        return f"<p>{words}</p>" + html_table(self._pivot(), rows=len(self.values))


def evaluate(
    model: Any,
    test: Any,
    k: int | Sequence[int] = (10, 20),
    metrics: str | Sequence[str] | None = None,
    *,
    segments: Mapping[Any, Any] | ArrayLike | None = None,
    groups: ArrayLike | None = None,
    item_vectors: ArrayLike | None = None,
    gains: str = "binary",
    propensity_gamma: float = 1.5,
    exclude_seen: bool = True,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Evaluation:
    """Judges a fitted model by what users did after it, or out of its sight.

    ``test`` is Interactions, whose ids are looked up among those of the fit (an item that is not there counts as
    missed), or a scipy sparse matrix of the fit's shape, or a split: of ``split_users`` the model folds in one part of
    the held-out users and is judged by the other. ``k`` are lengths of list. ``metrics`` are names (``metrics()`` lists
    them); by default all that are cheap: ``diversity`` and ``auc`` are measured when they are named.

    ``segments`` are labels of users (a mapping by id, or one a user in the order of the fit), by which means are taken
    too. ``groups``, a label an item in the order of the fit, is for miscalibration. ``item_vectors`` (items x any
    number) are for diversity, which is by cosine of the interactions without them. ``gains`` of ndcg are "binary",
    "linear" (the weight of the test entry) or "exponential" (2^weight - 1). ``propensity_gamma`` is the exponent of the
    power law of popularity (Yang et al., RecSys 2018) for metrics weighted by inverse propensity.

    Raises ValueError for an unknown metric, a k below 1 and shapes that do not fit. Each user's list is made once, at
    the largest k; memory is users x k and users x metrics.
    """
    import numpy as np

    background = _data_of(model)
    if isinstance(test, StrongSplit):
        model, test = model.fold_in(test.fold_in), test.target
    elif isinstance(test, Split):
        test = test.test
    data = _data_of(model)
    cutoffs = _cutoffs(k)
    wanted = _wanted(metrics, groups, item_vectors)
    rows, relevant, left_out = _relevant(data, test)

    begin = time.perf_counter()
    lists = model.recommend(
        data.users[rows], k=max(cutoffs), exclude_seen=exclude_seen, progress=stretch(progress, 0, 0.8)
    )
    seconds = time.perf_counter() - begin

    trained = background.to_csr(copy=False)
    inputs: dict[str, Any] = {
        "popularity": np.bincount(trained.indices, minlength=background.n_items).astype(np.uint32),
        "n_users": int((np.diff(trained.indptr) > 0).sum()),
        "history": _arrays(data.to_csr(copy=False)[rows]),
    }
    if groups is not None:
        inputs["group"] = _codes(groups, data.n_items)[0]
    if item_vectors is not None:
        inputs["item_vectors"] = _vectors(item_vectors, data.n_items)
    elif "diversity" in wanted:
        inputs["by_item"] = _arrays(trained.T.tocsr())
        inputs["by_item_columns"] = background.n_users
    if {"auc", "auc_snips"} & set(wanted):
        inputs |= _ranks(model, data, rows, relevant, inputs["history"] if exclude_seen else None)
    labels: list[Any] = []
    if segments is not None:
        inputs["segment"], labels = _segments(segments, data, rows)

    found = _core.evaluate(
        np.where(lists.numbers < 0, 2**32 - 1, lists.numbers).astype(np.uint32),
        np.asarray(lists.lengths, np.uint32),
        _arrays(relevant),
        None if gains == "binary" else relevant.data.astype(np.float32),
        relevant.shape[1],
        {"k": cutoffs, "metrics": wanted, "gains": gains, "propensity_gamma": propensity_gamma},
        n_items=data.n_items,
        n_jobs=n_jobs,
        progress=stretch(progress, 0.8, 1),
        **inputs,
    )
    return _evaluation(found, data, rows, labels if segments is not None else None, left_out, seconds)


def _evaluation(
    found: dict[str, Any],
    data: Interactions,
    rows: NDArray[np.int64],
    labels: list[Any] | None,
    left_out: tuple[int, int],
    seconds: float,
) -> Evaluation:
    values: dict[str, float] = {}
    counts: dict[str, int] = {}
    by_user: dict[str, Any] = {"user": data.users[rows]}
    parts: dict[str, list[Any]] = {"segment": [], "metric": [], "k": [], "value": [], "users": []}
    known = {metric.name: metric for metric in metrics()}
    for name, k, mean, users, each, by_segment, segment_users in found["metrics"]:
        key = _key(name, k)
        values[key], counts[key] = mean, users
        if not known[name].by_user:
            continue
        by_user[key] = each
        for label, value, n in zip(labels or (), by_segment, segment_users, strict=True):
            for column, cell in zip(parts.values(), (label, name, k, float(value), int(n)), strict=True):
                column.append(cell)
    return Evaluation(
        values,
        counts,
        found["users"],
        left_out[0],
        found["without_list"],
        left_out[1],
        Table(by_user, data._backend),
        None if labels is None else Table(parts, data._backend),
        seconds,
        data._backend,
    )


def _key(name: str, k: int) -> str:
    return f"{name}@{k}" if k else name


def _parts(key: str) -> tuple[str, int]:
    name, _, k = key.partition("@")
    return name, int(k or 0)


def _data_of(model: Any) -> Interactions:
    data = getattr(model, "interactions_", None)
    if data is None:
        raise ValueError(f"model: this {type(model).__name__} has learned nothing yet; call fit first")
    out: Interactions = data
    return out


def _cutoffs(k: int | Sequence[int]) -> list[int]:
    import numpy as np

    given = np.atleast_1d(np.asarray(k))
    if given.ndim != 1 or not len(given) or given.dtype.kind not in "iu" or (given < 1).any():
        raise ValueError(f"k: {k!r} is not allowed; give whole numbers of at least 1")
    return [int(value) for value in given]


def _wanted(chosen: str | Sequence[str] | None, groups: Any, item_vectors: Any) -> list[str]:
    names = [metric.name for metric in metrics()]
    if chosen is None:
        costly = {"auc", "auc_snips", "diversity", "miscalibration"}
        given = {"diversity": item_vectors is not None, "miscalibration": groups is not None}
        return [name for name in names if name not in costly or given.get(name, False)]
    wanted = [chosen] if isinstance(chosen, str) else list(chosen)
    for name in wanted:
        if name not in names:
            raise ValueError(f"metrics: {name!r} is not allowed; known are {', '.join(names)}")
    if not wanted:
        raise ValueError("metrics: an empty list is not allowed; give names, or None for all that are cheap")
    if "miscalibration" in wanted and groups is None:
        raise ValueError("groups: miscalibration needs a label for each item; give groups")
    return wanted


def _relevant(data: Interactions, test: Any) -> tuple[NDArray[np.int64], csr_matrix, tuple[int, int]]:
    """Users of the fit with relevant items, those items, and how many users were left out (nothing relevant, unknown).

    Items that are not in the fit get columns after its own.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    named = isinstance(test, Interactions)
    given = interactions_of(test)
    matrix = given.to_csr(copy=False)
    if not named and given.shape != data.shape:
        raise ValueError(
            f"test: {given.n_users} x {given.n_items} is not allowed; "
            f"give {data.n_users} users x {data.n_items} items, as the fit has, or Interactions with their ids"
        )
    active = np.flatnonzero(np.diff(matrix.indptr))
    without = given.n_users - len(active)
    if not named:
        return active, matrix[active], (without, 0)
    numbers = data.user_numbers(given.users[active]) if len(active) else np.empty(0, np.int64)
    kept = active[numbers >= 0]
    columns = data.item_numbers(given.items) if given.n_items else np.empty(0, np.int64)
    strange = np.flatnonzero(columns < 0)
    columns[strange] = data.n_items + np.arange(len(strange))
    part = matrix[kept]
    mapped = csr_matrix(
        (part.data, columns[part.indices], part.indptr), shape=(len(kept), data.n_items + len(strange))
    )
    mapped.sort_indices()
    return numbers[numbers >= 0], mapped, (without, len(active) - len(kept))


def _arrays(matrix: csr_matrix) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    import numpy as np

    matrix.sort_indices()
    return matrix.indptr.astype(np.uint64), matrix.indices.astype(np.uint32)


def _codes(labels: ArrayLike, n_items: int) -> tuple[NDArray[np.uint32], list[Any]]:
    import numpy as np

    given = np.asarray(labels)
    if given.shape != (n_items,):
        raise ValueError(
            f"groups: shape {given.shape} is not allowed; give a label for each of the {n_items} items"
        )
    names, codes = np.unique(given, return_inverse=True)
    return codes.astype(np.uint32), names.tolist()


def _vectors(vectors: ArrayLike, n_items: int) -> NDArray[np.float32]:
    import numpy as np

    given = np.asarray(vectors, np.float32)
    if given.ndim != 2 or given.shape[0] != n_items:
        raise ValueError(
            f"item_vectors: shape {given.shape} is not allowed; give a vector for each of the {n_items} items"
        )
    return given


def _segments(
    segments: Mapping[Any, Any] | ArrayLike, data: Interactions, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], list[Any]]:
    """The segment of each row by number, 2^32 - 1 for none, and their labels."""
    import numpy as np

    if isinstance(segments, Mapping):
        of = [segments.get(user) for user in data.users[rows].tolist()]
    else:
        given = np.asarray(segments)
        if given.shape != (data.n_users,):
            raise ValueError(
                f"segments: shape {given.shape} is not allowed; "
                f"give a label for each of the {data.n_users} users, or a mapping by id"
            )
        of = given[rows].tolist()
    absent = [label is None or label != label for label in of]
    labels = sorted(
        {label for label, no in zip(of, absent, strict=True) if not no}, key=lambda v: (str(type(v)), v)
    )
    number = {label: i for i, label in enumerate(labels)}
    return np.array(
        [2**32 - 1 if no else number[label] for label, no in zip(of, absent, strict=True)], np.uint32
    ), labels


def _ranks(
    model: Any,
    data: Interactions,
    rows: NDArray[np.int64],
    relevant: csr_matrix,
    seen: tuple[Any, Any] | None,
) -> dict[str, Any]:
    """How many items come before each relevant one, and how many each user may be shown."""
    import numpy as np

    if not isinstance(model, Recommender):
        raise TypeError(
            f"metrics: auc needs scores of all items, and {type(model).__name__} is no Recommender; leave it out"
        )
    left = np.full(len(rows), data.n_items, np.int64)
    if seen is not None:
        left -= np.diff(seen[0].astype(np.int64))
    factors, history = model._user_side(rows)
    inside = relevant[:, : data.n_items].tocsr()
    found = _core.ranks(model._index(), factors, history, _arrays(inside), seen, n_jobs=model.n_jobs)
    # Items that are not in the fit come after all that are.
    ahead = np.repeat(left, np.diff(relevant.indptr)).astype(np.uint32)
    ahead[relevant.indices < data.n_items] = found
    return {"ahead": ahead, "candidates": left.astype(np.uint32)}


def stretch(
    progress: Callable[[float], None] | None, low: float, high: float
) -> Callable[[float], None] | None:
    """Progress of the part [low, high) of a longer job."""
    return None if progress is None else lambda done: progress(low + (high - low) * done)


def rising(progress: Callable[[float], None] | None) -> Callable[[float], None] | None:
    """The same progress without steps back, which the parts of a fit may take."""
    if progress is None:
        return None
    most = 0.0

    def told(done: float) -> None:
        nonlocal most
        most = max(most, done)
        progress(most)

    return told
