"""What each customer favours: a category, channel, branch or region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from clarion._core import affinities as _affinities
from clarion._core import preference as _preference
from clarion.segment._coded import NONE, Source, matched
from clarion.segment.purchases import read_only

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from clarion._core import PreferenceData
    from clarion.io import Table

__all__ = ["Preference", "preference"]

SHOWN = 20


class Preference:
    """What customers favour, in the order of ``customers``. Immutable.

    ``favourite`` is the level of greatest weight (None for a customer without a row that counts), ``share`` its share of the
    customer's weight, ``affinity`` its shrunken lift (1: as everyone, 2: twice as much), ``distinct`` the number of levels and
    ``effective`` how many it is as good as, were they equal. ``rows`` counts the rows of the table by what became of them.
    """

    __slots__ = ("_at", "_backend", "_customers", "_data", "_level", "_name", "levels", "rows")

    def __init__(
        self,
        data: PreferenceData,
        levels: Sequence[Any],
        customers: Any,
        at: NDArray[np.int64],
        *,
        names: tuple[str, str] = ("customer", "level"),
        backend: str | None = None,
    ) -> None:
        self._data = data
        self._customers = customers
        self._at = at
        self._name, self._level = names
        self._backend = backend
        #: Levels in the order of their codes.
        self.levels = list(levels)
        #: Rows of the table: all, used, and those that count for nothing, by reason.
        self.rows: dict[str, int] = {
            "read": data.used + data.no_customer + data.no_level + data.no_weight,
            "used": data.used,
            "no customer": data.no_customer,
            "no level": data.no_level,
            "no weight above 0": data.no_weight,
        }

    @property
    def customers(self) -> Any:
        """Ids of the customers: an array of int64, or of str objects."""
        return self._customers

    @property
    def favourite(self) -> NDArray[np.object_]:
        """The level that each favours, or None."""
        import numpy as np

        names = np.empty(len(self.levels) + 1, dtype=object)
        names[:-1] = self.levels
        names[-1] = None
        out: NDArray[np.object_] = names[np.minimum(self._codes(), len(self.levels))]
        return out

    @property
    def share(self) -> NDArray[np.float64]:
        return self._of(self._data.share, float("nan"))

    @property
    def affinity(self) -> NDArray[np.float64]:
        return self._of(self._data.affinity, float("nan"))

    @property
    def distinct(self) -> NDArray[np.uint32]:
        return self._of(self._data.distinct, 0)

    @property
    def effective(self) -> NDArray[np.float64]:
        return self._of(self._data.effective, float("nan"))

    @property
    def total(self) -> NDArray[np.float64]:
        """Weight, by customer."""
        return self._of(self._data.total, 0)

    @property
    def shares(self) -> Table:
        """By level, the largest first: level, share (of all weight in the table), customers (here, whose favourite it is)."""
        import numpy as np

        from clarion.io import Table

        order = np.argsort(-self._data.shares, kind="stable")
        counts = np.bincount(self._codes()[self._codes() != NONE], minlength=len(self.levels))
        return Table(
            {
                self._level: [self.levels[at] for at in order],
                "share": self._data.shares[order],
                "customers": counts[order],
            },
            self._backend,
        )

    @property
    def weights(self) -> csr_matrix:
        """The weight of each level as a scipy CSR matrix of float32, customers x levels."""
        import numpy as np
        from scipy.sparse import csr_matrix

        offsets, index, value = self._data.weights
        shape = (len(self._data) + 1, len(self.levels))
        # One row more, without entries, for the customers that the table does not have.
        whole = csr_matrix((value, index, np.append(offsets, offsets[-1])), shape=shape)
        return whole[np.where(self._at < 0, len(self._data), self._at)]

    def affinities(self, levels: Sequence[Any] | None = None, n_jobs: int | None = None) -> Table:
        """Shrunken lifts, a column a level: what to cluster customers by. 1 where nothing is known. Without ``levels``: of all.

        Raises ValueError for a level that the table does not have, ClarionError for what does not fit into memory. O(customers x
        levels).
        """
        import numpy as np

        from clarion.io import Table

        known = {level: code for code, level in enumerate(self.levels)}
        chosen = self.levels if levels is None else list(levels)
        if isinstance(levels, str) or (absent := [level for level in chosen if level not in known]):
            told = repr(levels if isinstance(levels, str) else absent[0])
            some = ", ".join(map(str, self.levels[:SHOWN]))
            raise ValueError(f"levels: {told} is not allowed; give a list of those that there are: {some}")
        if not chosen:
            return Table({}, self._backend)
        codes = np.array([known[level] for level in chosen], dtype=np.uint32)
        lifts = _affinities(self._data, codes, n_jobs=n_jobs)
        return Table(
            {str(level): self._of(lifts[:, k], 1.0) for k, level in enumerate(chosen)}, self._backend
        )

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a customer: its id, favourite, share, affinity, distinct, effective."""
        from clarion.io import frame

        names = ("favourite", "share", "affinity", "distinct", "effective")
        columns = {self._name: self.customers, **{name: getattr(self, name) for name in names}}
        columns["favourite"] = columns["favourite"].tolist()  # an array of objects is no text to polars
        return frame(columns, backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {"customers": len(self), "rows": dict(self.rows), "levels": self.shares.to_dict()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Customers by favourite as bars, the most frequent ones."""
        from clarion._plot import bars

        levels, _, counts = self.shares.to_dict().values()
        order = sorted(range(len(levels)), key=lambda at: -counts[at])
        shown = [at for at in order if counts[at]][:SHOWN]
        keys = [str(levels[at]) for at in shown]
        rest = len(self) - sum(counts[at] for at in shown)
        without = int((self._codes() == NONE).sum())
        values = [counts[at] for at in shown]
        for name, count in (("(other)", rest - without), ("(none)", without)):
            if count:
                keys.append(name)
                values.append(count)
        title = f"{len(self):,} customers by favourite {self._level}"
        return bars(keys, [count / max(len(self), 1) for count in values], title, ax)

    def _codes(self) -> NDArray[np.uint32]:
        return self._of(self._data.favourite, NONE)

    def _of(self, values: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Values by code as those of ``customers``."""
        import numpy as np

        if len(values) == 0:
            return read_only(np.full(len(self._at), missing, dtype=values.dtype))
        out = values[self._at]
        absent = self._at < 0
        if absent.any():
            out[absent] = missing
        return read_only(out)

    def __len__(self) -> int:
        return len(self._at)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        levels, _, counts = self.shares.to_dict().values()
        largest = sorted(range(len(levels)), key=lambda at: -counts[at])[:3]
        told = ", ".join(f"{counts[at]:,} {levels[at]}" for at in largest if counts[at])
        return f"Preference({len(self):,} customers by {self._level}{': ' if told else ''}{told})"

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        columns = self.shares.to_dict()
        shown = {**columns, "share": [f"{share:.1%}" for share in columns["share"]]}
        left_out = ", ".join(f"{name}: {count:,}" for name, count in self.rows.items() if count)
        return f"<p>{escape(repr(self))}</p>{html_table(shown)}<p>Rows {escape(left_out)}</p>"


def preference(
    transactions: Any,
    level: str,
    customer: str = "customer",
    weight: str | None = None,
    customers: Any = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Preference:
    """What each customer favours among the levels of a column.

    ``transactions`` are any data frame, a mapping of columns, a list of mappings, or records (Transactions, Events, Responses),
    whose codes are used as they are. ``level`` names the column of texts or whole numbers: a category, channel, branch,
    page. ``weight`` names one of numbers, amounts for one; rows whose weight is not above 0 count for nothing, and ``rows`` says
    how many. Without it each row is 1. ``customers`` are the ids to answer for, in this order, as from :func:`rfm`; without
    them all that the table has, ascending. What everyone likes is always that of the whole table.

    ``options``: ``prior`` (5), rows of mean weight that count as if the customer were like everyone; more of them pull the
    affinity of customers with few rows towards 1.

    Raises ValueError for unknown columns and option values, ClarionError for what does not fit into memory. O(rows).
    """
    names = {"customer": customer, "level": level}
    if weight is not None:
        names["weight"] = weight
    source = Source(transactions, names)
    who, what = source.coded("customer", ids=True), source.coded("level")
    data = _preference(
        who.codes,
        what.codes,
        None if weight is None else source.numbers("weight"),
        len(who.values),
        len(what.values),
        options=options,
        n_jobs=n_jobs,
        progress=progress,
    )
    ids, at = matched(who, customers)
    return Preference(data, what.values.to_pylist(), ids, at, names=(customer, level), backend=source.backend)
