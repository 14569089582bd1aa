"""Who is in which campaign: campaign x customer membership, held as compressed sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from typing import TYPE_CHECKING, Any

from clarion._columns import arrow, only, plain, wide
from clarion._core import AudienceSets, ClarionError, build_audiences, read_audiences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["AudienceReport", "Audiences"]

_CAMPAIGN = ("campaign", "campaignid", "id")
_CUSTOMER = (
    "customer",
    "customerid",
    "household",
    "householdid",
    "user",
    "userid",
    "member",
    "memberid",
    "contact",
    "contactid",
)


@dataclass(frozen=True)
class AudienceReport:
    """What became of the rows of a membership table.

    ``rows_read = rows_accepted + rows_quarantined``; accepted rows that repeat a membership are counted in
    ``duplicates`` and dropped. ``quarantined`` names the first such rows as (row from 0, reason).
    """

    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    duplicates: int
    quarantined: tuple[tuple[int, str], ...] = ()


class Audiences:
    """Campaign x customer membership. Immutable; build it with :meth:`read`, :meth:`from_frame` or :meth:`from_arrays`.

    A campaign is named by its id, as text: ``audiences.members("spring")``, or ``audiences.members(8)`` for the
    campaign whose id is 8.
    """

    __slots__ = ("_backend", "_sets", "report")

    def __init__(self, sets: AudienceSets, report: AudienceReport, backend: str | None = None) -> None:
        self._sets = sets
        self._backend = backend
        self.report = report

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        campaign: str | None = None,
        customer: str | None = None,
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Audiences:
        """Reads a long table, one row a membership, from a CSV, TSV, JSON, Parquet or Arrow file, compressed or not.

        ``campaign`` and ``customer`` name its columns; where they are not given, common names are looked for. Lines
        that cannot be cut into cells are quarantined. Raises ClarionError when the file cannot be read or no column
        holds the ids.
        """
        from clarion.schema.files import read_table

        found = read_table(path)
        if found.json is not None:
            import pyarrow as pa

            table = pa.Table.from_pylist(json.loads(found.json))
        else:
            assert found.table is not None
            table = found.table
        names = table.column_names
        out = cls.from_frame(
            table,
            campaign or _column(names, _CAMPAIGN, "campaign", path),
            customer or _column(names, _CUSTOMER, "customer", path),
            n_jobs=n_jobs,
            progress=progress,
        )
        lost = len(found.unreadable)
        if lost:
            reasons = tuple((row - 1, reason) for row, _, reason in found.unreadable[:100])
            out.report = replace(
                out.report,
                rows_read=out.report.rows_read + lost,
                rows_quarantined=out.report.rows_quarantined + lost,
                quarantined=(*out.report.quarantined, *reasons),
            )
        out._backend = None
        return out

    @classmethod
    def from_frame(
        cls,
        data: Any,
        campaign: str = "campaign",
        customer: str = "customer",
        *,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Audiences:
        """Reads a long table, one row a membership.

        ``data`` is any data frame (pandas, polars, pyarrow, duckdb), an object that exports an Arrow stream (read
        batch by batch), a mapping of columns or a list of mappings; ``campaign`` and ``customer`` name its columns.
        Ids may be integers, text, UUIDs or dates. Rows without an id are quarantined, see ``report``.

        Raises ValueError for an unknown column and ClarionError for one that holds no ids. O(rows).
        """
        from clarion.io import arrow_stream, frame_kind

        sets, report = read_audiences(
            only(arrow_stream(data), campaign, customer),
            campaign,
            customer,
            n_jobs=n_jobs,
            progress=progress,
        )
        return cls(sets, AudienceReport(**report), frame_kind(data))

    @classmethod
    def from_arrays(
        cls,
        campaign: ArrayLike,
        customer: ArrayLike,
        *,
        labels: Sequence[str] | None = None,
        n_jobs: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Audiences:
        """Reads two columns of equal length.

        With ``labels`` the campaigns are indices into them (a campaign without members stays), otherwise ids. Integer
        arrays of 32 and 64 bits are read in place.

        Raises ValueError when lengths differ or a label occurs twice. O(rows).
        """
        import numpy as np

        campaigns, customers = np.asarray(campaign), np.asarray(customer)
        if campaigns.shape != customers.shape or campaigns.ndim != 1:
            raise ValueError(
                f"campaign: shape {campaigns.shape} is not allowed beside customers of shape {customers.shape}; "
                "give two columns of equal length"
            )
        if campaigns.dtype.kind in "iu" and customers.dtype.kind in "iu" and not wide(campaigns, customers):
            sets, report = build_audiences(
                plain(campaigns), plain(customers), list(labels or ()), n_jobs=n_jobs, progress=progress
            )
            return cls(sets, AudienceReport(**report))
        if labels is not None:
            raise ValueError("labels: not allowed beside ids that are not integers; leave them out")
        import pyarrow as pa

        table = pa.table({"campaign": arrow(campaigns), "customer": arrow(customers)})
        return cls.from_frame(table, n_jobs=n_jobs, progress=progress)

    @property
    def campaigns(self) -> list[str]:
        """Ids of the campaigns, in the order of ``sizes``."""
        return self._sets.campaigns

    @property
    def sizes(self) -> NDArray[np.uint64]:
        """Exact audience sizes."""
        return self._sets.sizes

    @property
    def n_customers(self) -> int:
        """Customers that are in at least one campaign."""
        return self._sets.n_customers

    @property
    def n_memberships(self) -> int:
        """Distinct (campaign, customer) pairs."""
        return self._sets.n_memberships

    @property
    def memory_bytes(self) -> int:
        """Bytes that the sets, the labels and the customer ids take."""
        return self._sets.memory_bytes

    def members(self, campaign: Any) -> Any:
        """Customer ids of a campaign, ascending: an int64 array, or a list of str where ids are text."""
        return self._sets.member_ids(self._index(campaign))

    def contains(self, campaign: Any, customer: Any) -> bool:
        """Whether the customer with this id is in the campaign."""
        index = self._sets.find_customer(customer)
        return index is not None and self._sets.contains(self._index(campaign), index)

    def to_frame(self, backend: str | None = None) -> Any:
        """The memberships as a long table: columns campaign and customer, ordered by both."""
        import numpy as np

        from clarion.io import frame

        parts = [self._sets.member_ids(i) for i in range(len(self))]
        labels = [label for label, part in zip(self.campaigns, parts, strict=True) for _ in range(len(part))]
        customers: Any
        if any(isinstance(part, list) for part in parts):
            customers = [customer for part in parts for customer in part]
        else:
            customers = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return frame({"campaign": labels, "customer": customers}, backend or self._backend)

    def _index(self, campaign: Any) -> int:
        index = self._sets.find(str(campaign))
        if index is None:
            near = get_close_matches(str(campaign), self.campaigns, n=3)
            known = ", ".join(map(repr, near or self.campaigns[:5])) or "none"
            raise ValueError(f"campaign: {campaign!r} is not allowed; known are {known}")
        return index

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[str]:
        return iter(self.campaigns)

    def __contains__(self, campaign: Any) -> bool:
        return self._sets.find(str(campaign)) is not None

    def __repr__(self) -> str:
        return (
            f"Audiences({len(self):,} campaigns, {self.n_customers:,} customers, "
            f"{self.n_memberships:,} memberships, {self.memory_bytes / 2**20:.1f} MiB)"
        )

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        return f"<p>{self!r}</p>" + html_table({"campaign": self.campaigns, "size": self.sizes.tolist()})


def _column(names: Sequence[str], known: Sequence[str], what: str, path: Any) -> str:
    from clarion.schema.files import columns_by_name

    squashed = columns_by_name(names)
    for name in known:
        if name in squashed:
            return squashed[name]
    raise ClarionError(
        f"{path}: no column holds the {what} ids; say which one does: {what}=... (columns: {', '.join(names[:30])})"
    )
