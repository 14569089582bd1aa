"""What sets each segment apart from the other customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarion._core import count_levels, read_fields
from clarion._core import profile as _profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clarion.io import Table

__all__ = ["Profile", "profile"]


class Profile:
    """Differences of each segment from everybody else, the largest first. Immutable.

    ``names`` maps each segment to the name that its largest differences suggest.
    """

    __slots__ = ("_backend", "_result", "customers", "names", "regions", "segments")

    def __init__(
        self,
        segments: Sequence[str],
        result: Mapping[str, Any],
        regions: Table | None = None,
        backend: str | None = None,
    ) -> None:
        self.segments = list(segments)
        self._result = result
        self._backend = backend
        self.customers = dict(zip(self.segments, result["customers"], strict=True))
        self.names = dict(zip(self.segments, result["names"], strict=True))
        #: Customers by segment and level of the field ``region``; None where it was not given.
        self.regions = regions

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a difference: segment, field, level (of texts and booleans), inside and outside (means or shares),
        difference (standardized), missing (share inside)."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def _columns(self) -> dict[str, list[Any]]:
        keys = ("segment", "field", "level", "inside", "outside", "difference", "missing")
        rows = self._result["differences"]
        columns = {key: [row[k] for row in rows] for k, key in enumerate(keys)}
        columns["segment"] = [self.segments[code] for code in columns["segment"]]
        return columns

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "names": self.names,
            "differences": self._columns(),
            "regions": None if self.regions is None else self.regions.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The standardized differences of each segment as bars, those of one segment next to each other."""
        from clarion._plot import differences

        columns = self._columns()
        what = [f"{f} {v}".strip() for f, v in zip(columns["field"], columns["level"], strict=True)]
        names = [f"{s}: {w}" for s, w in zip(columns["segment"], what, strict=True)]
        return differences(names, columns["difference"], "What sets each segment apart", ax)

    def __repr__(self) -> str:
        told = "; ".join(f"{segment}: {name}" for segment, name in self.names.items())
        return f"Profile({told})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        named = {
            "segment": self.segments,
            "customers": list(self.customers.values()),
            "suggested name": list(self.names.values()),
        }
        where = "" if self.regions is None else self.regions._repr_html_()
        return html_table(named, rows=1000) + html_table(self._columns(), rows=1000) + where


def profile(
    customers: Any,
    segment: Any,
    fields: Iterable[str] | None = None,
    *,
    region: str | None = None,
    n_jobs: int | None = None,
    **options: Any,
) -> Profile:
    """Compares each segment with everybody else, field by field.

    ``customers`` is a data frame; ``segment`` is a :class:`Segmentation`, the name of one of its columns, or a label a row
    (numbers below zero, "none" and missing labels are in no segment). Numbers and dates are compared by their means, texts
    and booleans by the share of each level; differences are standardized: over the root mean square of the two standard
    deviations. ``fields`` names the columns, without it all of them; ``region`` a text by whose levels customers are counted.

    ``options`` are ``top`` (differences told of a segment, 5), ``max_levels`` (of a text, 50) and ``least_difference`` (for a
    name, 0.2).

    Raises ValueError for labels of another number than customers. O(rows x fields).
    """
    import numpy as np
    import pyarrow as pa

    from clarion.io import Table, frame_kind
    from clarion.schema.frames import arrow_source

    table = pa.RecordBatchReader.from_stream(arrow_source(customers)).read_all()
    if isinstance(segment, str) and segment not in table.column_names:
        raise ValueError(f"segment: {segment!r} is not allowed; name a column, or give a label a row")
    labels = table[segment] if isinstance(segment, str) else segment
    names, codes = _codes(labels)
    wanted = (
        [name for name in table.column_names if not isinstance(segment, str) or name != segment]
        if fields is None
        else list(fields)
    )
    absent = [name for name in wanted if name not in table.column_names]
    if absent:
        raise ValueError(f"fields: {absent[0]!r} is not allowed; name columns of the customers")
    read = read_fields(table, wanted, n_jobs=n_jobs)
    result = _profile(read, codes, len(names), options=options, n_jobs=n_jobs)
    regions = None
    if region is not None:
        counted = count_levels(read_fields(table, [region], n_jobs=n_jobs), codes, region, len(names))
        by_level = np.array(counted["customers"], dtype=np.int64).reshape(len(names) + 1, -1)
        regions = Table(
            {
                "segment": [*names, "none"],
                **{level: by_level[:, k] for k, level in enumerate(counted["levels"])},
            },
            frame_kind(customers),
        )
    return Profile(names, result, regions, frame_kind(customers))


def _codes(labels: Any) -> tuple[list[str], Any]:
    """Names of the segments, and the number of each row's; -1: none."""
    import numpy as np

    from clarion.segment.segmentation import Segmentation

    if isinstance(labels, Segmentation):
        return labels.definitions.names, np.ascontiguousarray(labels.codes, dtype=np.int32)
    import pyarrow as pa
    import pyarrow.compute as pc

    chunked = (
        labels
        if isinstance(labels, pa.ChunkedArray)
        else pa.chunked_array([pa.array(labels, from_pandas=True)])
    )
    encoded = pc.dictionary_encode(chunked.combine_chunks())
    values = encoded.dictionary.to_pylist()
    present = [
        k for k, value in enumerate(values) if value != "none" and (isinstance(value, str) or value >= 0)
    ]
    present.sort(key=lambda k: values[k])
    number = np.full(len(values) + 1, -1, np.int32)  # the last one: no label
    number[present] = np.arange(len(present))
    codes = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return [str(values[k]) for k in present], number[codes]
