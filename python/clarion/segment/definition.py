"""A segment as a named, versioned, readable rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._columns import only
from clarion._core import (
    CustomerFields,
    SegmentDefinition,
    definition_difference,
    parse_definition,
    read_fields,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clarion.io import Table

__all__ = ["Definition", "Explanation"]


@dataclass(frozen=True)
class Explanation:
    """Which conditions a customer meets: (place, condition, value, holds) of each, and whether all of it holds."""

    holds: bool
    tests: tuple[tuple[str, str, str, bool], ...]

    def to_dict(self) -> dict[str, Any]:
        keys = ("place", "condition", "value", "holds")
        return {"holds": self.holds, "tests": [dict(zip(keys, test, strict=True)) for test in self.tests]}

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a condition: place, condition, value, holds."""
        from clarion.io import frame

        return frame(self._columns(), backend)

    def _columns(self) -> dict[str, list[Any]]:
        keys = ("place", "condition", "value", "holds")
        return {key: [test[k] for test in self.tests] for k, key in enumerate(keys)}

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        return f"<p>{'in' if self.holds else 'not in'} the segment</p>" + html_table(
            self._columns(), rows=1000
        )


class Definition:
    """A named, versioned rule about fields of customers. Immutable.

    ``when`` is ``{"field": ..., "op": ..., "value": ...}``, or conditions joined: ``{"all": [...]}``, ``{"any": [...]}``,
    ``{"not": {...}}``. Operators are ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in``, ``not in`` (lists), ``between``
    (two values, both included) and ``is missing``; days are texts, YYYY-MM-DD. A missing field meets no condition but
    ``is missing``. ``minimum_size`` customers, and a ``precision`` in which the ``expected_response`` is to be known, are
    asked of the segment where they are given.

    Raises ClarionError naming the place for anything that is no definition.
    """

    __slots__ = ("_core",)

    def __init__(
        self,
        name: str,
        when: Mapping[str, Any],
        *,
        version: str = "1",
        description: str = "",
        minimum_size: int = 0,
        expected_response: float = 0.0,
        precision: float = 0.0,
    ) -> None:
        given = {
            "name": name,
            "version": version,
            "description": description,
            "when": when,
            "minimum_size": minimum_size,
            "expected_response": expected_response,
            "precision": precision,
        }
        self._core = parse_definition(_json(given))

    @classmethod
    def _of(cls, core: SegmentDefinition) -> Definition:
        out = object.__new__(cls)
        out._core = core
        return out

    @classmethod
    def from_json(cls, text: str | bytes) -> Definition:
        return cls._of(parse_definition(text.decode("utf-8") if isinstance(text, bytes) else text))

    @classmethod
    def from_dict(cls, definition: Mapping[str, Any]) -> Definition:
        return cls._of(parse_definition(_json(definition)))

    def to_json(self, indent: int = 2) -> str:
        return self._core.to_json(indent)

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = json.loads(self._core.to_json(-1))
        return out

    @property
    def name(self) -> str:
        return self._core.name

    @property
    def version(self) -> str:
        return self._core.version

    @property
    def description(self) -> str:
        return self._core.description

    @property
    def minimum_size(self) -> int:
        return self._core.minimum_size

    @property
    def expected_response(self) -> float:
        return self._core.expected_response

    @property
    def precision(self) -> float:
        return self._core.precision

    @property
    def fields(self) -> list[str]:
        """Names of the fields that it is about."""
        return self._core.fields

    @property
    def text(self) -> str:
        """The condition in English."""
        return self._core.text

    def evaluate(self, customers: Any, *, n_jobs: int | None = None) -> NDArray[np.bool_]:
        """Who meets it, by row of a data frame.

        Raises ValueError naming the place for a field that is not there and for values and operators that do not fit it.
        O(rows x conditions).
        """
        return self._core.evaluate(fields_of(customers, [self], n_jobs), n_jobs=n_jobs)

    def explain(self, customers: Any, row: int) -> Explanation:
        """Which of the conditions the customer in this row meets, with the values."""
        told = self._core.explain(fields_of(customers, [self], None), row)
        return Explanation(told["holds"], tuple(told["tests"]))

    def diff(self, after: Definition) -> Table:
        """What ``after`` changes: kind (added, removed, changed), what, before, after, in words."""
        from clarion.io import Table

        changes = definition_difference(self._core, after._core)
        keys = ("kind", "what", "before", "after")
        return Table({key: [change[k] for change in changes] for k, key in enumerate(keys)})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self._core.same_as(other._core)

    def __hash__(self) -> int:
        return hash((self.name, self.version))

    def __repr__(self) -> str:
        return f"Definition({self.name!r}, version {self.version}: {self.text})"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p><b>{escape(self.name)}</b> {escape(self.version)}: {escape(self.text)}</p>"


def fields_of(customers: Any, definitions: Iterable[Definition], n_jobs: int | None) -> CustomerFields:
    """The fields that the definitions are about, of any data frame."""
    from clarion.io import arrow_stream
    from clarion.schema.frames import arrow_source, is_rows

    if isinstance(customers, CustomerFields):
        return customers
    names = sorted({name for definition in definitions for name in definition.fields})
    if is_rows(customers):
        source = arrow_stream(customers)
    else:
        source = arrow_source(only(customers, *names) if names else customers, names or None)
    return read_fields(source, names, n_jobs=n_jobs)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"definition: {value!r} is no number, text, boolean or date")
