"""How engaged each customer is, from tracker events or campaign responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import engagement as _engagement
from clarion._core import engagement_scores
from clarion.segment._coded import Source, matched
from clarion.segment.purchases import day_of, read_only

if TYPE_CHECKING:
    from datetime import date as Date

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clarion.io import Table

__all__ = ["Engagement", "engagement"]

# Days since the last event, for the picture.
BANDS = (("a week", 7), ("30 days", 30), ("90 days", 90), ("a year", 365))


class Engagement:
    """How engaged customers are, in the order of ``customers``. Immutable.

    ``points`` are the sum of what the events are worth by their kind and age, ``score`` the percentile of them among these
    customers (0 to 100; 50 in the mean), ``events`` how many counted, ``days_since`` days from the last of them to ``at`` (NaN
    without any). ``rows`` counts the rows of the table by what became of them, ``kinds`` the events by kind.
    """

    __slots__ = ("_backend", "_kind", "_name", "_values", "at", "half_life", "kinds", "rows")

    def __init__(
        self,
        values: Mapping[str, Any],
        rows: Mapping[str, int],
        kinds: Table,
        at: Date | None,
        half_life: float,
        *,
        name: str = "customer",
        backend: str | None = None,
    ) -> None:
        self._values = dict(values)
        self._name = name
        self._backend = backend
        #: The reference date; None where no row has a day.
        self.at = at
        self.half_life = half_life
        #: Rows of the table: all, used, and those that count for nothing, by reason.
        self.rows = dict(rows)
        #: kind, weight (NaN: none was given), events (of known customers until ``at``), the most frequent first.
        self.kinds = kinds

    @property
    def customers(self) -> Any:
        """Ids of the customers: an array of int64, or of str objects."""
        return self._values["customers"]

    @property
    def points(self) -> NDArray[np.float64]:
        return read_only(self._values["points"])

    @property
    def score(self) -> NDArray[np.float64]:
        """100 x (those with fewer points + half of those with as many, oneself included) / all."""
        return read_only(self._values["score"])

    @property
    def events(self) -> NDArray[np.uint32]:
        return read_only(self._values["events"])

    @property
    def days_since(self) -> NDArray[np.float64]:
        return read_only(self._values["days_since"])

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a customer: its id, engagement (the score), points, events, days_since_event."""
        from clarion.io import frame

        columns = {
            self._name: self.customers,
            "engagement": self.score,
            "points": self.points,
            "events": self.events,
            "days_since_event": self.days_since,
        }
        return frame(columns, backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": len(self),
            "at": None if self.at is None else self.at.isoformat(),
            "half_life": self.half_life,
            "rows": dict(self.rows),
            "kinds": self.kinds.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Customers by the days since their last event, as bars."""
        import numpy as np

        from clarion._plot import bars

        # Up to a week, up to 30 days, ..., longer ago, never.
        bounds = [bound for _, bound in BANDS]
        band = np.searchsorted(bounds, np.nan_to_num(self.days_since))
        band[np.isnan(self.days_since)] = len(BANDS) + 1
        counts = np.bincount(band, minlength=len(BANDS) + 2)
        keys = [f"within {name}" for name, _ in BANDS] + ["longer ago", "never"]
        on = "" if self.at is None else f" on {self.at}"
        title = f"{len(self):,} customers by their last event{on}"
        return bars(keys, (counts / max(len(self), 1)).tolist(), title, ax)

    def __len__(self) -> int:
        return len(self._values["points"])

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        active = int((self.events > 0).sum())
        on = "" if self.at is None else f" on {self.at}"
        return f"Engagement({len(self):,} customers{on}, {active:,} with events)"

    def _repr_html_(self) -> str:
        from html import escape

        left_out = ", ".join(f"{name}: {count:,}" for name, count in self.rows.items() if count)
        return f"<p>{escape(repr(self))}</p>{self.kinds._repr_html_()}<p>Rows {escape(left_out)}</p>"


def engagement(
    events: Any,
    customer: str = "customer",
    date: str = "time",
    kind: str | None = "kind",
    weights: Mapping[Any, float] | None = None,
    half_life: float = 30,
    at: Date | str | None = None,
    customers: Any = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Engagement:
    """Scores customers by what they did and how long ago: points are the sum of weight(kind) x 2^(-age / half_life).

    ``events`` are any data frame, a mapping of columns, a list of mappings, or records (Events, Responses, Transactions), whose
    codes are used as they are. ``weights`` says what an event of each kind is worth; kinds that it leaves out are worth
    nothing, and ``kinds`` says how many there were. Without it each event is 1. ``kind=None``: the table has no kinds.
    ``half_life`` is in days. ``at`` is the reference date, without it the latest day of the table; later events are set
    aside and counted. Events of nobody known (cookies) are counted and left out, as are those without a day.

    ``customers`` are the ids to answer for, in this order, as from :func:`rfm`: those without events have 0 points and take part in
    the percentiles. Without them: all that the table has, ascending.

    Raises ValueError for unknown columns, weights that are negative or no finite numbers, and half-lives that are not above 0;
    ClarionError for what does not fit into memory. O(rows + customers log customers).
    """
    import numpy as np

    from clarion.io import Table

    names = {"customer": customer, "date": date}
    if kind is not None:
        names["kind"] = kind
    elif weights is not None:
        raise ValueError("weights: the table has no kinds to weigh; name their column: kind=")
    worth = None if weights is None else _checked(weights)
    options: dict[str, Any] = {"half_life": half_life}
    if at is not None:
        options["at"] = day_of(at)
    source = Source(events, names)
    who, days = source.coded("customer", ids=True), source.days("date")
    what = source.coded("kind") if kind is not None else None
    labels = [] if what is None else what.values.to_pylist()
    found = _engagement(
        who.codes,
        days,
        None if what is None else what.codes,
        len(who.values),
        len(labels),
        None if worth is None else [worth.get(label) for label in labels],
        options=options,
        n_jobs=n_jobs,
        progress=progress,
    )
    ids, place = matched(who, customers)

    def of(values: NDArray[Any], missing: Any) -> NDArray[Any]:
        # One place more, for customers without a row: -1.
        return np.append(values, np.asarray([missing], dtype=values.dtype))[place]

    since = of(found["days_since"], -1).astype(np.float64)
    since[since < 0] = np.nan
    points = of(found["points"], 0)
    values = {
        "customers": ids,
        "points": points,
        "score": engagement_scores(points, n_jobs=n_jobs),
        "events": of(found["events"], 0),
        "days_since": since,
    }
    rows = {
        "read": len(who.codes),
        "used": found["used"],
        "no customer": found["no_customer"],
        "no day": found["no_day"],
        "after the reference date": found["future"],
        "no weight above 0": found["no_weight"],
    }
    order = np.argsort(-found["kinds"].astype(np.int64), kind="stable")
    each = [1.0 if worth is None else worth.get(label, float("nan")) for label in labels]
    kinds = Table(
        {
            "kind": [labels[k] for k in order],
            "weight": np.array(each, dtype=np.float64)[order],
            "events": found["kinds"][order],
        },
        source.backend,
    )
    return Engagement(
        values, rows, kinds, found["at"], float(half_life), name=customer, backend=source.backend
    )


def _checked(weights: Any) -> dict[Any, float]:
    if not isinstance(weights, Mapping):
        raise ValueError(
            f"weights: {weights!r} is not allowed; give a mapping of kinds to what they are worth"
        )
    out = {}
    for kind, weight in weights.items():
        try:
            out[kind] = float(weight)
        except (TypeError, ValueError):
            out[kind] = float("nan")
        if not 0 <= out[kind] <= 1e15:
            raise ValueError(f"weights: {weight!r} of {kind!r} is not allowed; give a number from 0 to 1e15")
    return out
