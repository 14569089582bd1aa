"""The portfolio: campaigns read from any table, judged row by row, written back without loss."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion._core import ClarionError, Policy
from clarion.schema.finding import Finding, Findings
from clarion.schema.frames import adapted, arrow_source, is_rows, rows_json
from clarion.schema.texts import quarantine_columns, text_array, texts

if TYPE_CHECKING:
    import pyarrow as pa

    from clarion._core import Portfolio as Columns
    from clarion.io import Table
    from clarion.schema.catalog import Catalog

__all__ = ["Campaign", "Portfolio"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. Numbers and days that are not known are None, texts empty."""

    id: str
    name: str
    start: date
    end: date
    budget: float | None = None
    currency: str = ""
    channel: str = ""
    audience: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    owner: str = ""
    group: str = ""
    objective: str = ""
    region: str = ""
    status: str = ""
    approver: str = ""
    channel_manager: str = ""
    touches_per_week: float | None = None
    frequency_cap: float | None = None
    tags: list[str] = field(default_factory=list)
    earliest_start: date | None = None
    latest_end: date | None = None
    fixed_dates: bool = False
    targets: list[str] = field(default_factory=list)
    approved_on: date | None = None
    approved_hash: str = ""
    spend: float | None = None
    impressions: float | None = None
    clicks: float | None = None
    conversions: float | None = None
    revenue: float | None = None
    new_customers: float | None = None
    returns: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


_FIELDS = tuple(Campaign.__dataclass_fields__)
_ALWAYS = ("id", "name", "start", "end", "budget", "currency", "channel", "owner")


class Portfolio(Sequence[Campaign]):
    """Campaigns that were accepted, with what was found about them and the rows that were not.

    >>> plan = Portfolio.read("plan.csv", columns={"budget": "cost"})  # doctest: +SKIP
    >>> plan.findings, plan.quarantine.to_frame()  # doctest: +SKIP

    ``len(plan) + len(plan.quarantine) == plan.rows_read``, always. A portfolio does not change: what alters it gives a
    new one.
    """

    __slots__ = (
        "_backend",
        "_catalog",
        "_core",
        "_history",
        "_quarantine",
        "counts",
        "findings",
        "mapping",
        "policy",
        "rows_read",
    )

    _core: Columns
    _backend: str | None
    _catalog: Catalog | None
    _history: bool
    _quarantine: dict[str, Any] | None
    #: What reading and validation found, before any policy is applied.
    findings: Findings
    #: Rows by code, however many findings are listed.
    counts: dict[str, int]
    #: The column that each field was read from.
    mapping: dict[str, str]
    policy: Policy
    rows_read: int

    def __init__(
        self, campaigns: Iterable[Campaign | Mapping[str, Any]] = (), *, policy: Policy | None = None
    ) -> None:
        rows = [row.to_dict() if isinstance(row, Campaign) else row for row in campaigns]
        other = (
            Portfolio.read(rows, policy=policy) if rows else Portfolio._of(_core.Portfolio(), policy=policy)
        )
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    @classmethod
    def read(
        cls,
        source: Any,
        columns: Mapping[str, str] | None = None,
        *,
        policy: Policy | None = None,
        catalog: Catalog | None = None,
        history: bool = False,
        guess_columns: bool = True,
        dayfirst: bool | None = None,
        decimal: str | None = None,
        currency: str = "USD",
        list_separator: str = "",
        encoding: str | None = None,
        delimiter: str | None = None,
        n_jobs: int | None = None,
    ) -> Portfolio:
        """Reads campaigns from a file or a table and judges them.

        ``source`` is the path of a CSV, TSV, JSON, JSON lines, Parquet or Arrow file (also gzip, bzip2, zstd), a pandas,
        polars or pyarrow table, a duckdb relation, a mapping of columns or a list of mappings. ``columns`` maps fields to
        columns, {"budget": "cost"}; columns that it leaves out are matched by name (not with ``guess_columns=False``),
        and a finding says how. Columns that are no field are kept.

        Encoding, delimiter, date and number formats are found out; ``dayfirst``, ``decimal`` ("." or ","),
        ``list_separator``, ``encoding`` and ``delimiter`` say them outright. ``currency`` is that of amounts which name
        none. ``policy`` (of clarion.toml) decides which findings are errors, ``catalog`` gives launch dates, ``history``
        reads finished campaigns: owner, name and budget may then be empty.

        Raises ClarionError when the source cannot be read as a table of campaigns, ValueError when an argument does not
        fit it. Rows never raise: those with errors are in ``.quarantine``.
        """
        rules = policy if policy is not None else Policy()
        options: dict[str, Any] = {
            "columns": [(str(name), str(column)) for name, column in (columns or {}).items()],
            "guess_columns": guess_columns,
            "dayfirst": dayfirst,
            "decimal": decimal or "",
            "currency": currency,
            "list_separator": list_separator,
            "history": history,
        }
        products = None if catalog is None else catalog._core
        backend = None
        if isinstance(source, str | PathLike):
            from clarion.schema.files import about, fields_in, read_table

            found = read_table(
                source,
                encoding=encoding,
                delimiter=delimiter,
                fits=fields_in("campaigns", ("start", "end"), options["columns"], guess_columns),
            )
            options |= {
                "encoding": found.encoding, "unreadable": found.unreadable, "skipped": found.skipped
            }  # fmt: skip
            if found.own and found.table is not None:
                options["guess_columns"] = False
                given = {name for name, _ in options["columns"]}
                known = (name for name in found.table.column_names if name in _FIELDS and name not in given)
                options["columns"] += [(name, name) for name in known]
            with about(source):
                if found.json is not None:
                    reading = _core.read_json(found.json, rules, products, options, n_jobs)
                else:
                    reading = _core.read_arrow(adapted(found.table), rules, products, options, n_jobs)
        elif is_rows(source):
            reading = _core.read_json(rows_json(source), rules, products, options, n_jobs)
        else:
            from clarion.io import frame_kind

            backend = frame_kind(source)
            reading = _core.read_arrow(arrow_source(source), rules, products, options, n_jobs)
        return cls._from(reading, rules, catalog, history, backend)

    @classmethod
    def _from(
        cls, reading: Any, policy: Policy, catalog: Catalog | None, history: bool, backend: str | None
    ) -> Portfolio:
        out = cls.__new__(cls)
        out._core = reading.take_accepted()
        out._backend = backend
        out._catalog = catalog
        out._history = history
        out._quarantine = reading.quarantine
        out.findings = Findings(reading.findings, backend)
        out.counts = dict(reading.counts)
        out.mapping = dict(reading.mapping)
        out.policy = policy
        out.rows_read = reading.rows_read
        return out

    @classmethod
    def _of(
        cls, core: Any, *, policy: Policy | None = None, catalog: Catalog | None = None, history: bool = False,
        backend: str | None = None,
    ) -> Portfolio:  # fmt: skip
        """A portfolio of campaigns that are at hand: judged, and none of them set aside."""
        out = cls.__new__(cls)
        out._core = core
        out._backend = backend
        out._catalog = catalog
        out._history = history
        out._quarantine = None
        out.policy = policy if policy is not None else Policy()
        out.findings = Findings(
            _core.validate(core, out.policy, None if catalog is None else catalog._core, history), backend
        )
        out.counts = {code: out.findings.count(code) for code in sorted({item.code for item in out.findings})}
        out.mapping = {}
        out.rows_read = len(core)
        return out

    @property
    def accepted(self) -> int:
        """How many rows were accepted; the same as ``len(portfolio)``."""
        return len(self._core)

    @property
    def quarantine(self) -> Table:
        """The rows that were not accepted: row (1-based, in the source), reasons, and every cell as it came."""
        from clarion.io import Table

        if self._quarantine is None:
            return Table({"row": [], "reasons": []}, self._backend)
        return Table(quarantine_columns(self._quarantine), self._backend)

    @property
    def quarantined(self) -> list[tuple[int, str, list[Finding]]]:
        """(row, campaign id, findings) of each row that was not accepted; at most 1,000 findings a code are listed."""
        if self._quarantine is None:
            return []
        found = self._quarantine
        offsets, places, ids = found["offsets"], found["findings"], texts(found["id"])
        return [
            (int(row), ids[i], [self.findings[k] for k in places[offsets[i] : offsets[i + 1]]])
            for i, row in enumerate(found["row"].tolist())
        ]

    @property
    def ids(self) -> list[str]:
        return texts(self._core.column("id"))

    @property
    def names(self) -> list[str]:
        """What people call each campaign: its name, or its id where it has none."""
        return [name or known for name, known in zip(texts(self._core.column("name")), self.ids, strict=True)]

    @property
    def campaigns(self) -> list[Campaign]:
        """Every campaign as a record."""
        return list(self)

    @property
    def extras(self) -> list[str]:
        """Columns of the source that are no field of a campaign; they are kept and written back."""
        return list(self._core.extra_names)

    def __len__(self) -> int:
        return len(self._core)

    def __iter__(self) -> Iterator[Campaign]:
        return (Campaign(**self._core.row(i)) for i in range(len(self)))

    def __getitem__(self, which: int | str | slice) -> Any:
        """A campaign by position or id, or the campaigns of a slice as a portfolio of their own."""
        if isinstance(which, slice):
            rows = list(range(*which.indices(len(self))))
            return Portfolio._of(
                self._core.take(rows),
                policy=self.policy,
                catalog=self._catalog,
                history=self._history,
                backend=self._backend,
            )
        if isinstance(which, str):
            at = self._core.find(which)
            if at is None:
                near = _core.nearest_name(self.ids, which)
                raise KeyError(
                    f"no campaign has the id {which!r}" + (f"; did you mean {near!r}?" if near else "")
                )
            return Campaign(**self._core.row(at))
        if not -len(self) <= which < len(self):
            raise IndexError(f"campaign {which} of {len(self)}")
        return Campaign(**self._core.row(which % len(self)))

    def __contains__(self, campaign: object) -> bool:
        if isinstance(campaign, str):
            return self._core.find(campaign) is not None
        return any(campaign == one for one in self)

    def validate(
        self, policy: Policy | None = None, catalog: Catalog | None = None, *, n_jobs: int | None = None
    ) -> Findings:
        """The findings about the accepted campaigns under another policy; select, ignore and acceptances are applied."""
        rules = policy if policy is not None else self.policy
        products = catalog if catalog is not None else self._catalog
        found = _core.validate(
            self._core, rules, None if products is None else products._core, self._history, n_jobs=n_jobs
        )
        return Findings(found, self._backend).judge(rules)[0]

    def freeze_criteria(self, campaigns: Iterable[str] | None = None, *, on: date | None = None) -> Portfolio:
        """A portfolio in which the success criteria of these campaigns (all that have any, by default) are frozen: the
        day and the hash of the criteria are noted, and a later change of the criteria is finding S024."""
        day = on or self.policy.today or date.today()
        if campaigns is None:
            rows = [i for i, one in enumerate(self) if one.targets]
        else:
            rows = []
            for campaign in campaigns:
                at = self._core.find(campaign)
                if at is None:
                    raise ValueError(f"campaigns: {campaign!r} is not allowed; no campaign has that id")
                if not self._core.row(at)["targets"]:
                    raise ValueError(
                        f"campaigns: {campaign!r} is not allowed; it has no success criteria to freeze"
                    )
                rows.append(at)
        return Portfolio._of(
            self._core.freeze(rows, day),
            policy=self.policy,
            catalog=self._catalog,
            history=self._history,
            backend=self._backend,
        )

    def to_dict(self) -> list[dict[str, Any]]:
        return [one.to_dict() for one in self]

    def to_json(self, indent: int | None = 2) -> str:
        """The campaigns as JSON, extras included; ``Portfolio.read`` of a file of it gives the same portfolio."""
        return self._core.to_json(-1 if indent is None else indent)

    def to_frame(self, backend: str | None = None) -> Any:
        """The campaigns as a data frame: 'pandas', 'polars' or 'pyarrow'; by default the kind that was read, else pandas.
        Fields that no campaign has are left out."""
        backend = backend or self._backend or "pandas"
        table = self._arrow()
        if backend == "pyarrow":
            return table
        if backend == "polars":
            import polars

            return polars.from_arrow(table)
        if backend == "pandas":
            return table.to_pandas(date_as_object=False)
        raise ValueError(f"backend: {backend!r} is not allowed; give 'pandas', 'polars', 'pyarrow' or None")

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._arrow().__arrow_c_stream__(requested_schema)

    def write(self, path: str | PathLike[str]) -> None:
        """Writes CSV, TSV, JSON, Parquet or Arrow, by the name's ending (.gz packs text). Reading the file gives the same
        campaigns."""
        place = Path(fspath(path))
        suffixes = [suffix.lower() for suffix in place.suffixes]
        packed = bool(suffixes) and suffixes[-1] in (".gz", ".bz2", ".zst")
        kind = suffixes[-2] if packed and len(suffixes) > 1 else suffixes[-1] if suffixes else ""
        if kind not in (".csv", ".tsv", ".json", ".parquet", ".pq", ".arrow", ".feather"):
            raise ValueError(
                f"path: {str(place)!r} is not allowed; end it in .csv, .tsv, .json, .parquet or .arrow"
            )
        if not place.parent.is_dir():
            raise ClarionError(f"{place.parent}: no such folder")
        if kind in (".parquet", ".pq"):
            import pyarrow.parquet as parquet

            parquet.write_table(self._arrow(), place)
            return
        if kind in (".arrow", ".feather"):
            import pyarrow.feather as feather

            feather.write_feather(self._arrow(), place)
            return
        import pyarrow as pa

        with pa.output_stream(str(place)) as stream:
            if kind == ".json":
                stream.write((self.to_json() + "\n").encode("utf-8"))
            else:
                from pyarrow import csv

                table = _flat(self._arrow())
                csv.write_csv(table, stream, csv.WriteOptions(delimiter="\t" if kind == ".tsv" else ","))

    def _arrow(self) -> pa.Table:
        import pyarrow as pa

        core = self._core
        columns: dict[str, pa.Array] = {}
        for name in _FIELDS:
            column = _arrow_column(name, core.column(name))
            if name in _ALWAYS[:4] or _holds(column):
                columns[name] = column
        for at, name in enumerate(core.extra_names):
            unique = name
            while unique in columns or unique in _FIELDS:
                unique += " (extra)"
            columns[unique] = text_array(core.extra(at))
        return pa.table(columns).replace_schema_metadata({"clarion": "1"})

    def __repr__(self) -> str:
        head = f"Portfolio({len(self):,} campaigns"
        if self.rows_read != len(self):
            head += f", {self.rows_read - len(self):,} rows in quarantine"
        counts = ", ".join(f"{self.findings.count(level)} {level}" for level in ("error", "warning", "info"))
        return f"{head}; findings: {counts})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        rows = [Campaign(**self._core.row(i)) for i in range(min(20, len(self)))]
        shown = ("id", "name", "start", "end", "budget", "currency", "channel", "owner", "objective", "group")
        columns = {name: [getattr(row, name) for row in rows] for name in shown}
        more = f"<p>{len(self) - 20:,} more campaigns</p>" if len(self) > 20 else ""
        from html import escape

        return f"<p>{escape(repr(self))}</p>{html_table(columns)}{more}"


def _arrow_column(name: str, column: Any) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if isinstance(column, dict):
        if "bytes" in column:
            return text_array(column)
        values = pa.array(column["values"], pa.string())
        if "offsets" in column:
            items = values.take(pa.array(column["codes"]))
            return pa.ListArray.from_arrays(pa.array(column["offsets"], pa.int32()), items)
        codes = column["codes"]
        return values.take(pa.array(codes, mask=codes == np.uint32(0xFFFFFFFF)))
    if column.dtype.kind == "M":
        return pa.array(column, pa.date32())
    if column.dtype.kind == "f":
        return pa.array(column, mask=np.isnan(column))
    return pa.array(column)


def _holds(column: pa.Array) -> bool:
    """Whether any cell says something."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(column.type):
        return len(column.flatten()) > 0
    if pa.types.is_boolean(column.type):
        return bool(pc.any(column).as_py())
    if pa.types.is_string(column.type):
        return bool(pc.any(pc.greater(pc.binary_length(column), 0)).as_py())
    return bool(column.null_count < len(column))


def _flat(table: pa.Table) -> pa.Table:
    """Lists as one text a cell: items parted by semicolons, or JSON where an item holds what would part it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, column in enumerate(table.schema):
        if pa.types.is_list(column.type):
            cells = [_cell(items) for items in table.column(at).to_pylist()]
            table = table.set_column(at, column.name, pa.array(cells, pa.string()))
        elif pa.types.is_floating(column.type):
            # The shortest text that reads back the same; three digits behind the point could be a thousand, four are not.
            text = pc.cast(table.column(at), pa.string())
            doubtful = pc.match_substring_regex(text, r"\.[0-9]{3}$")
            text = pc.if_else(doubtful, pc.binary_join_element_wise(text, "0", ""), text)
            table = table.set_column(at, column.name, text)
    return table.replace_schema_metadata(None)


def _cell(items: list[str] | None) -> str:
    if not items:
        return ""
    if any(not item or item != item.strip() or any(char in item for char in ';|,[]"') for item in items):
        return json.dumps(items, ensure_ascii=False)
    return "; ".join(items) if len(items) > 1 else items[0]
