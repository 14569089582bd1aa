"""Transactions by customer: what each bought on which day, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clarion._columns import only
from clarion._core import PurchaseData, read_purchases
from clarion.schema.finding import Findings

if TYPE_CHECKING:
    from datetime import date as Date

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PurchaseReport", "Purchases"]


@dataclass(frozen=True)
class PurchaseReport:
    """What became of the rows: ``rows_read = sales + returns + set_aside``.

    ``by_reason`` counts the rows set aside; ``quarantine()`` names each of them.
    """

    rows_read: int
    sales: int
    returns: int
    set_aside: int
    by_reason: Mapping[str, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings, repr=False)
    _set_aside: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _backend: str | None = field(default=None, repr=False)

    def quarantine(self, backend: str | None = None) -> Any:
        """Every row set aside: row (from 0, in the order read), reason, value (of the first ones, what stood there)."""
        import numpy as np

        from clarion.io import frame

        rows, reasons = self._set_aside["rows"], self._set_aside["reasons"]
        values = [value or None for value in self._set_aside["values"]]
        names = np.array(self._set_aside["reason_names"], dtype=object)
        columns = {
            "row": rows,
            "reason": names[reasons],
            "value": np.array(values + [None] * (len(rows) - len(values)), dtype=object),
        }
        return frame(columns, backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows_read": self.rows_read,
            "sales": self.sales,
            "returns": self.returns,
            "set_aside": self.set_aside,
            "by_reason": dict(self.by_reason),
            "findings": self.findings.to_dict(),
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Rows by what became of them: what, rows."""
        from clarion.io import frame

        return frame(self._counts(), backend or self._backend)

    def _counts(self) -> dict[str, list[Any]]:
        rows = {
            "read": self.rows_read,
            "sales": self.sales,
            "returns": self.returns,
            "set aside": self.set_aside,
            **{f"set aside: {reason}": count for reason, count in self.by_reason.items()},
        }
        return {"what": list(rows), "rows": list(rows.values())}

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        return html_table(self._counts())


class Purchases:
    """Customers x their purchases, read once from transactions. Immutable.

    Customers are in the order of their ids; each has a purchase. Build it with :meth:`from_frame`; ``report`` says what
    became of the rows.
    """

    __slots__ = ("_backend", "_customers", "_data", "_name", "report")

    def __init__(
        self,
        data: PurchaseData,
        report: PurchaseReport,
        *,
        name: str = "customer",
        backend: str | None = None,
    ) -> None:
        self._data = data
        self.report = report
        self._name = name
        self._backend = backend
        self._customers: Any = None

    @classmethod
    def from_frame(
        cls,
        transactions: Any,
        customer: str = "customer",
        date: str = "date",
        amount: str | None = "amount",
        *,
        at: Date | str | None = None,
        invoice: str | None = None,
        kind: str | None = None,
        currency: str | None = None,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Purchases:
        """Reads transactions, one a row.

        ``transactions`` is any data frame (pandas, polars, pyarrow, duckdb), an object that exports an Arrow stream (read
        batch by batch), a mapping of columns or a list of mappings; the other arguments name its columns. Negative
        amounts, and rows whose ``kind`` is among ``return_kinds``, are returns: no purchases, and taken off the customer's
        total. ``at`` is the reference date, after which rows are set aside; without it the latest day counts.

        ``options`` are ``purchase`` ("days": what one purchase is, a day with sales; "invoices", of the column
        ``invoice``; or "rows"), ``return_kinds`` ("return", "refund", "cancellation"), ``use_currency`` (the one to use
        where ``currency`` holds several) and ``report_rows`` (rows whose value the quarantine shows).

        Raises ValueError for an unknown column or option value and for several currencies where none is chosen,
        ClarionError for a column of the wrong type or for what does not fit into memory. O(rows).
        """
        from clarion.io import frame_kind

        columns = named(
            customer=customer, date=date, amount=amount, invoice=invoice, kind=kind, currency=currency
        )
        data, report = read_purchases(
            source_of(transactions, columns),
            columns,
            options=reading(at, options),
            n_jobs=n_jobs,
            progress=progress,
        )
        backend = frame_kind(transactions)
        return cls(data, report_of(report, backend), name=customer, backend=backend)

    @property
    def customers(self) -> Any:
        """Ids of the customers: an array of int64, or of str objects."""
        if self._customers is None:
            self._customers = ids_of(self._data)
        return self._customers

    @property
    def n_purchases(self) -> int:
        return self._data.n_purchases

    @property
    def at(self) -> Date:
        """The reference date."""
        return self._data.at

    @property
    def first(self) -> NDArray[np.datetime64]:
        """The day of the first purchase, by customer."""
        return self._data.first_day.astype("datetime64[D]")

    @property
    def last(self) -> NDArray[np.datetime64]:
        return self._data.last_day.astype("datetime64[D]")

    @property
    def count(self) -> NDArray[np.uint32]:
        """Purchases, by customer."""
        return self._data.count

    @property
    def bought(self) -> NDArray[np.float64]:
        """The sum of the purchases, by customer."""
        return self._data.bought

    @property
    def returned(self) -> NDArray[np.float64]:
        """The sum of the returns, by customer; 0 or less."""
        return self._data.returned

    def until(self, at: Date | str, *, n_jobs: int | None = None) -> Purchases:
        """The purchases until a day, as if they had been read with ``at`` as the reference date (an invoice counts whole on
        its first day); ``report`` stays that of the reading. Customers who had not bought by then are left out.

        Raises ValueError for a later day than they were read until. O(purchases).
        """
        cut = self._data.until(day_of(at), n_jobs=n_jobs)
        return Purchases(cut, self.report, name=self._name, backend=self._backend)

    def to_frame(self, backend: str | None = None) -> Any:
        """Every purchase: customer, date, amount."""
        import numpy as np

        from clarion.io import frame

        day, amount = self._data.rows()
        columns: dict[str, Any] = {
            self._name: self.customers[np.repeat(np.arange(len(self)), self.count)],
            "date": day.astype("datetime64[D]").astype("datetime64[s]"),
        }
        if self._data.has_amounts:
            columns["amount"] = amount
        return frame(columns, backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": len(self),
            "purchases": self.n_purchases,
            "at": self.at.isoformat(),
            "report": self.report.to_dict(),
        }

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Purchases({self.n_purchases:,} of {len(self):,} customers until {self.at})"

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>" + self.report._repr_html_()


def named(**columns: str | None) -> dict[str, str]:
    for name, column in columns.items():
        if column is not None and (not isinstance(column, str) or not column):
            raise ValueError(f"{name}: {column!r} is not allowed; name a column")
    return {name: column for name, column in columns.items() if column is not None}


def source_of(transactions: Any, columns: Mapping[str, str]) -> Any:
    from clarion.schema.frames import arrow_source, is_rows

    if is_rows(transactions):
        from clarion.io import arrow_stream

        return arrow_stream(transactions)
    return arrow_source(only(transactions, *columns.values()), columns.values())


def reading(at: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of reading as the compiled part has them."""
    out = dict(options)
    if "use_currency" in out:
        out["currency"] = out.pop("use_currency")
    elif "currency" in out:
        raise TypeError("unknown option currency")
    if at is not None:
        out["at"] = day_of(at)
    return out


def day_of(day: Any, name: str = "at") -> Date:
    """A date from a date, a datetime, a numpy day or ISO 8601 text."""
    from datetime import date

    if isinstance(day, str):
        try:
            return date.fromisoformat(day[:10])
        except ValueError:
            raise ValueError(f"{name}: {day!r} is not allowed; give a date or YYYY-MM-DD") from None
    if hasattr(day, "astype"):
        day = day.astype("datetime64[D]").item()
    if not hasattr(day, "toordinal"):
        raise ValueError(f"{name}: {day!r} is not allowed; give a date or YYYY-MM-DD")
    return day  # type: ignore[no-any-return]


def report_of(report: dict[str, Any], backend: str | None) -> PurchaseReport:
    return PurchaseReport(
        report["rows_read"],
        report["sales"],
        report["returns"],
        report["set_aside"],
        report["by_reason"],
        Findings(report["findings"]),
        {name: report[name] for name in ("rows", "reasons", "reason_names", "values")},
        backend,
    )


def read_only(values: Any) -> NDArray[Any]:
    out: NDArray[Any] = values.view()
    out.flags.writeable = False
    return out


def ids_of(data: PurchaseData) -> Any:
    import numpy as np

    ids = data.customers
    out = np.array(ids, dtype=object) if isinstance(ids, list) else ids
    out.flags.writeable = False
    return out
