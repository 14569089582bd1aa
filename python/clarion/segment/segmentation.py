"""Each customer in one segment: the first of the definitions that holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from clarion._core import logic_document, parse_definitions
from clarion._core import ready_segments as _ready_segments
from clarion._core import segment_customers as _segment_customers
from clarion.schema.finding import Findings
from clarion.segment.definition import Definition, fields_of
from clarion.segment.purchases import read_only

if TYPE_CHECKING:
    from datetime import date as Date

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["DefinitionSet", "Segmentation", "ready_segments", "segment_customers"]


class DefinitionSet(Sequence[Definition]):
    """Definitions in their order, which is their priority; no two of one name. Immutable."""

    __slots__ = ("_items",)

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        self._items = tuple(definitions)
        names = [item.name for item in self._items]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"name: {name!r} is not allowed; give each definition a name of its own")

    @classmethod
    def from_json(cls, text: str | bytes) -> DefinitionSet:
        """Raises ClarionError naming the place for anything that is no list of definitions."""
        read = parse_definitions(text.decode("utf-8") if isinstance(text, bytes) else text)
        return cls(Definition._of(core) for core in read)

    def to_json(self, indent: int = 2) -> str:
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        definitions = [item.to_dict() for item in self._items]
        for one in definitions:
            one.pop("format")
        return {"format": 1, "definitions": definitions}

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a definition: name, version, condition, description."""
        from clarion.io import frame

        return frame(self._columns(), backend)

    def _columns(self) -> dict[str, list[Any]]:
        return {
            "name": [item.name for item in self._items],
            "version": [item.version for item in self._items],
            "condition": [item.text for item in self._items],
            "description": [item.description for item in self._items],
        }

    @property
    def names(self) -> list[str]:
        return [item.name for item in self._items]

    @overload
    def __getitem__(self, index: int) -> Definition: ...
    @overload
    def __getitem__(self, index: slice) -> DefinitionSet: ...
    def __getitem__(self, index: int | slice) -> Definition | DefinitionSet:
        return DefinitionSet(self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._items)

    def __add__(self, other: Iterable[Definition]) -> DefinitionSet:
        return DefinitionSet((*self._items, *other))

    def __repr__(self) -> str:
        return f"DefinitionSet({', '.join(self.names)})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        return html_table(self._columns(), rows=1000)


class Segmentation:
    """Customers by segment. ``codes`` is the place of each customer's definition, -1 where none holds. Immutable."""

    __slots__ = ("_backend", "_result", "definitions", "findings")

    def __init__(
        self, definitions: DefinitionSet, result: Mapping[str, Any], backend: str | None = None
    ) -> None:
        self.definitions = definitions
        self._result = result
        self._backend = backend
        self.findings = Findings(result["findings"], backend)

    @property
    def codes(self) -> NDArray[np.int32]:
        return read_only(self._result["segment"])

    @property
    def segment(self) -> NDArray[np.object_]:
        """The name of each customer's segment; "none" where no definition holds."""
        import numpy as np

        names: NDArray[np.object_] = np.array([*self.definitions.names, "none"], dtype=object)
        return names[self.codes]

    @property
    def counts(self) -> dict[str, int]:
        """Customers by segment, "none" last."""
        counted = dict(zip(self.definitions.names, self._result["customers"], strict=True))
        return {**counted, "none": self._result["unassigned"]}

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a segment: segment, customers, share, meeting (who meet it, whatever came before), minimum_size,
        expected_response, half_width (of its 95% interval)."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def _columns(self) -> dict[str, list[Any]]:
        counts, total = self.counts, max(len(self), 1)
        nan = float("nan")
        return {
            "segment": list(counts),
            "customers": list(counts.values()),
            "share": [n / total for n in counts.values()],
            "meeting": [*self._result["meeting"], self._result["unassigned"]],
            "minimum_size": [*(item.minimum_size for item in self.definitions), 0],
            "expected_response": [*(item.expected_response or nan for item in self.definitions), nan],
            "half_width": [*self._result["half_width"], nan],
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": len(self),
            "segments": self.counts,
            "definitions": self.definitions.to_dict(),
            "findings": self.findings.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of each segment."""
        from clarion._plot import bars

        columns = self._columns()
        return bars(columns["segment"], columns["share"], f"{len(self):,} customers by segment", ax)

    def document(
        self, *, date: Date | str, version: str = "1", title: str = "Segment logic", html: bool = False
    ) -> str:
        """The logic for audit, from the definitions themselves: conditions in words, order and counts; Markdown or HTML."""
        from clarion.segment.purchases import day_of

        return logic_document(
            [item._core for item in self.definitions],
            {**self._result, "total": len(self)},
            [],
            {},
            title=title,
            version=version,
            day=day_of(date, "date"),
            html=html,
        )

    def __len__(self) -> int:
        return len(self._result["segment"])

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Segmentation({len(self):,} customers: {', '.join(f'{n:,} {name}' for name, n in self.counts.items())})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        said = self.findings._repr_html_() if len(self.findings) else ""
        return html_table(self._columns(), rows=1000) + said


def segment_customers(
    customers: Any, definitions: DefinitionSet | Iterable[Definition], *, n_jobs: int | None = None
) -> Segmentation:
    """Puts each customer of a data frame into the first segment whose definition holds, or none.

    Definitions that ask for a minimum size, or for an expected response within a precision, are checked (G101 to G103).

    Raises ValueError naming the place for fields that are not there and for values that do not fit. O(rows x conditions).
    """
    from clarion.io import frame_kind

    chosen = definitions if isinstance(definitions, DefinitionSet) else DefinitionSet(definitions)
    fields = fields_of(customers, chosen, n_jobs)
    result = _segment_customers(fields, [item._core for item in chosen], n_jobs=n_jobs)
    return Segmentation(chosen, result, frame_kind(customers))


def ready_segments(
    *, inactive_days: float = 180, counter_share: float = 0.5, high_value_score: float = 5
) -> DefinitionSet:
    """The business segments of a bank or a pharmacy chain: inactive (``recency`` above ``inactive_days``), high-value (``m``
    from ``high_value_score``) and OTC, over the counter (``counter_share`` from that share)."""
    ready = _ready_segments(
        inactive_days=inactive_days, counter_share=counter_share, high_value_score=high_value_score
    )
    return DefinitionSet(Definition._of(core) for core in ready)
