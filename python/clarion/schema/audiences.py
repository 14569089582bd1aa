"""Who is in which campaign: campaign x customer membership, held as compressed sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion._columns import plain, wide
from clarion._core import AudienceSets, ClarionError, JsonTable, build_audiences, read_audiences
from clarion.schema.frames import arrow_source, is_rows, rows_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["AudienceReport", "Audiences"]


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
        """Reads a long table, one row a membership, from a CSV, TSV, JSON, Parquet or Arrow file, compressed or not, batch
        by batch.

        ``campaign`` and ``customer`` name its columns; where they are not given, common names are looked for. Ids in a CSV
        are texts, as they stand there but for blanks around them; empty ones are quarantined, as are lines that cannot be
        cut into cells. Raises ClarionError when the file cannot be read or no column holds the ids, ValueError when a column
        that was named is not there.
        """
        from clarion.schema.files import about, fields_in, read_batches

        given = {"campaign": campaign, "customer": customer}
        chosen = [(name, column) for name, column in given.items() if column is not None]
        names: dict[str, str] = {}

        def choose(columns: Sequence[str]) -> list[str]:
            names.update(_core.match_columns(list(columns), chosen, of="memberships"))
            for name in given:
                if name not in names:
                    raise ClarionError(
                        f"no column holds the {name} ids; say which one does: {name}=... "
                        f"(columns: {', '.join(columns[:30])})"
                    )
            return [names[name] for name in given]

        fits = fields_in("memberships", tuple(given), chosen)
        for to_the_end in (False, True):
            batches = read_batches(path, choose, fits, to_the_end=to_the_end)
            with about(path):
                sets, report = read_audiences(
                    batches.stream, names["campaign"], names["customer"], n_jobs=n_jobs, progress=progress
                )
            if batches.failure is None:
                break
            if "UTF8" not in str(batches.failure) or to_the_end:
                raise ClarionError(f"{path}: {batches.failure}") from batches.failure
        return cls(sets, _with_lines(AudienceReport(**report), batches.unreadable))

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
        Ids may be integers, text as it stands, UUIDs or dates. Rows without an id are quarantined, see ``report``.

        Raises ValueError for an unknown column and for one that is to hold both, ClarionError for one that holds no ids.
        O(rows).
        """
        from clarion.io import frame_kind

        if is_rows(data):
            source: Any = JsonTable(rows_json(data), "memberships")
        else:
            source = arrow_source(data, columns=(campaign, customer))
        sets, report = read_audiences(source, campaign, customer, n_jobs=n_jobs, progress=progress)
        lines = getattr(source, "unreadable", ())
        return cls(sets, _with_lines(AudienceReport(**report), lines), frame_kind(data))

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
        ids = {"campaign": campaigns, "customer": customers}
        return cls.from_frame(ids, n_jobs=n_jobs, progress=progress)

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
        if index is None and not isinstance(customer, str):
            index = self._sets.find_customer(str(customer))  # ids that are texts
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


def _with_lines(report: AudienceReport, lines: Sequence[tuple[int, str, str]]) -> AudienceReport:
    """The report of a file of which some lines could not be cut into cells: rows are counted with them."""
    if not lines:
        return report
    stray = [row - 1 for row, _, _ in lines]
    shifted = []
    passed = 0
    for row, reason in report.quarantined:
        while passed < len(stray) and stray[passed] <= row + passed:
            passed += 1
        shifted.append((row + passed, reason))
    named = sorted([*shifted, *((row - 1, reason) for row, _, reason in lines[:100])])[:100]
    return replace(
        report,
        rows_read=report.rows_read + len(lines),
        rows_quarantined=report.rows_quarantined + len(lines),
        quarantined=tuple(named),
    )
