"""Recency, frequency and monetary value, scores of them, and the ten named segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import purchase_summary as _purchase_summary
from clarion._core import read_rfm, rfm_segment_of
from clarion._core import rfm as _rfm
from clarion.schema.finding import Findings
from clarion.segment.purchases import Purchases, ids_of, named, read_only, reading, report_of, source_of

if TYPE_CHECKING:
    from datetime import date as Date

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clarion._core import PurchaseData
    from clarion.io import Table
    from clarion.segment.purchases import PurchaseReport

__all__ = ["RFM", "purchase_summary", "rfm", "rfm_segment_of"]

READING = ("purchase", "return_kinds", "use_currency", "report_rows")


class RFM:
    """Measures, scores and segments by customer, in the order of ``customers``. Immutable.

    ``recency`` and ``tenure`` are days from the last and the first purchase to ``at``, ``frequency`` counts purchases,
    ``monetary`` is what was bought less what was returned, ``mean`` that of a purchase; ``r``, ``f`` and ``m`` are scores
    from 1, worst, to 5. ``boundaries`` holds what the scores follow from: give it to another period to compare with.
    """

    __slots__ = ("_backend", "_customers", "_data", "_name", "_result", "at", "findings", "report")

    def __init__(
        self,
        data: PurchaseData,
        result: Mapping[str, Any],
        report: PurchaseReport,
        *,
        name: str = "customer",
        backend: str | None = None,
    ) -> None:
        self._data = data
        self._result = result
        self._name = name
        self._backend = backend
        self._customers: Any = None
        self.at: Date = data.at
        self.report = report
        self.findings = report.findings + Findings(result["findings"])

    @property
    def customers(self) -> Any:
        """Ids of the customers: an array of int64, or of str objects."""
        if self._customers is None:
            self._customers = ids_of(self._data)
        return self._customers

    @property
    def recency(self) -> NDArray[np.int32]:
        return self._array("recency")

    @property
    def frequency(self) -> NDArray[np.uint32]:
        return self._array("frequency")

    @property
    def monetary(self) -> NDArray[np.float64]:
        return self._array("monetary")

    @property
    def mean(self) -> NDArray[np.float64]:
        return self._array("mean")

    @property
    def tenure(self) -> NDArray[np.int32]:
        return self._array("tenure")

    @property
    def r(self) -> NDArray[np.uint8]:
        return self._array("r")

    @property
    def f(self) -> NDArray[np.uint8]:
        return self._array("f")

    @property
    def m(self) -> NDArray[np.uint8]:
        return self._array("m")

    @property
    def segment(self) -> NDArray[np.object_]:
        """The name of the segment, by customer."""
        import numpy as np

        names: NDArray[np.object_] = np.array(list(self._result["counts"]), dtype=object)
        codes: NDArray[np.uint8] = self._array("codes")
        return names[codes]

    @property
    def boundaries(self) -> dict[str, list[float]]:
        """``recency_boundaries``, ``frequency_boundaries`` and ``monetary_boundaries``, as :func:`rfm` takes them."""
        names = ("recency_boundaries", "frequency_boundaries", "monetary_boundaries")
        return {name: list(self._result[name]) for name in names}

    @property
    def grid(self) -> NDArray[np.int64]:
        """Customers by [r - 1, f - 1]."""
        import numpy as np

        return np.array(self._result["grid"], dtype=np.int64)

    def segments(self, backend: str | None = None) -> Any:
        """The ten segments: segment, customers, share, and the means of recency, frequency and monetary."""
        from clarion.io import frame

        return frame(self._segments(), backend or self._backend)

    def _segments(self) -> dict[str, Any]:
        import numpy as np

        names, codes = list(self._result["counts"]), self._result["codes"]
        counts = np.bincount(codes, minlength=len(names))
        columns: dict[str, Any] = {
            "segment": names,
            "customers": counts,
            "share": counts / max(len(codes), 1),
        }
        with np.errstate(invalid="ignore"):
            for name in ("recency", "frequency", "monetary"):
                columns[name] = np.bincount(codes, self._result[name], minlength=len(names)) / counts
        return columns

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a customer: its id, the measures, the scores and the segment."""
        from clarion.io import frame

        names = ("recency", "frequency", "monetary", "mean", "tenure", "r", "f", "m")
        columns = {self._name: self.customers, **{name: self._result[name] for name in names}}
        return frame({**columns, "segment": self.segment}, backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "customers": len(self),
            "segments": dict(self._result["counts"]),
            "boundaries": self.boundaries,
            "findings": self.findings.to_dict(),
            "report": self.report.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The grid of scores: customers by recency and frequency, with the segments' names."""
        from clarion._plot import score_grid

        names = [[rfm_segment_of(r, f) for f in range(1, 6)] for r in range(1, 6)]
        return score_grid(self.grid, names, f"{len(self):,} customers on {self.at}", ax)

    def _array(self, name: str) -> NDArray[Any]:
        return read_only(self._result[name])

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        counts = {name: n for name, n in self._result["counts"].items() if n}
        largest = sorted(counts, key=lambda name: -counts[name])[:3]
        told = ", ".join(f"{counts[name]:,} {name}" for name in largest)
        return f"RFM({len(self):,} customers on {self.at}{': ' if told else ''}{told})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        columns = self._segments()
        shown = {**columns, "share": [f"{share:.1%}" for share in columns["share"]]}
        said = self.findings._repr_html_() if len(self.findings) else ""
        return f"<p>{len(self):,} customers on {self.at}</p>" + html_table(shown) + said


def rfm(
    transactions: Any,
    customer: str = "customer",
    date: str = "date",
    amount: str | None = "amount",
    at: Date | str | None = None,
    *,
    invoice: str | None = None,
    kind: str | None = None,
    currency: str | None = None,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> RFM:
    """Scores customers by how recently, how often and for how much they bought.

    ``transactions`` are a table as :meth:`Purchases.from_frame` reads it, with its options, or :class:`Purchases` (whose
    columns are settled; an earlier ``at`` is as good as one that they were read with). ``recency_boundaries``, ``frequency_boundaries`` and ``monetary_boundaries`` are four
    ascending numbers each; without them scores are fifths: 1 + the whole part of 5 w / n, where w of n customers are worse.
    Equal values have equal scores.

    Raises ValueError for unknown columns and option values. O(rows).
    """
    if isinstance(transactions, Purchases):
        if at is not None:
            transactions = transactions.until(at, n_jobs=n_jobs)
        result = _rfm(transactions._data, options=options, n_jobs=n_jobs, progress=progress)
        report, backend = transactions.report, transactions._backend
        return RFM(transactions._data, result, report, name=transactions._name, backend=backend)
    from clarion.io import frame_kind

    columns = named(
        customer=customer, date=date, amount=amount, invoice=invoice, kind=kind, currency=currency
    )
    read_as = reading(at, {name: options.pop(name) for name in READING if name in options})
    data, result, told = read_rfm(
        source_of(transactions, columns),
        columns,
        reading=read_as,
        options=options,
        n_jobs=n_jobs,
        progress=progress,
    )
    backend = frame_kind(transactions)
    return RFM(data, result, report_of(told, backend), name=customer, backend=backend)


def purchase_summary(
    transactions: Any,
    customer: str = "customer",
    date: str = "date",
    amount: str | None = "amount",
    at: Date | str | None = None,
    *,
    unit: float | str = "days",
    n_jobs: int | None = None,
    **options: Any,
) -> Table:
    """What models of repeat buying take, by customer: frequency, recency, T, monetary.

    ``frequency`` counts the purchases after the first, ``recency`` is the time from the first to the last, ``T`` from the
    first to ``at``, ``monetary`` the mean of the repeat purchases (0 without a repeat), as BTYD and lifetimes have them.
    ``unit`` is the unit of time: "days", "weeks", "months" (365.25 / 12 days), "years", or a number of days.
    ``transactions`` and the other options are those of :func:`rfm`.

    Raises ValueError for unknown columns and option values. O(rows).
    """
    from clarion.io import Table

    data = purchases_of(transactions, customer, date, amount, at, n_jobs, options)
    found = _purchase_summary(data._data, unit=unit_of(unit), n_jobs=n_jobs)
    return Table({data._name: data.customers, **found}, data._backend)


def purchases_of(
    transactions: Any,
    customer: str,
    date: str,
    amount: str | None,
    at: Any,
    n_jobs: int | None,
    options: Mapping[str, Any],
) -> Purchases:
    """Purchases until ``at``, of a table or of purchases that were read."""
    if not isinstance(transactions, Purchases):
        return Purchases.from_frame(transactions, customer, date, amount, at=at, n_jobs=n_jobs, **options)
    return transactions if at is None else transactions.until(at, n_jobs=n_jobs)


def unit_of(unit: float | str) -> float:
    """A unit of time in days."""
    if not isinstance(unit, str):
        return float(unit)
    if unit not in UNITS:
        raise ValueError(
            f"unit: {unit!r} is not allowed; give one of {', '.join(UNITS)}, or a number of days"
        )
    return UNITS[unit]


UNITS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
