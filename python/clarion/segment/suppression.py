"""Who is left out of a campaign and why, and the document that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from clarion._core import logic_document
from clarion._core import ready_suppression as _ready_suppression
from clarion._core import suppress as _suppress
from clarion.schema.finding import Findings
from clarion.segment.definition import Definition, fields_of
from clarion.segment.purchases import read_only
from clarion.segment.segmentation import DefinitionSet, Segmentation

if TYPE_CHECKING:
    from datetime import date as Date

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["Suppression", "ready_suppression", "suppress"]


class Suppression:
    """Who is kept, and the first reason of those who are not. Immutable.

    ``codes`` is the place of the first rule that each customer meets, -1 where the customer is kept.
    """

    __slots__ = ("_backend", "_result", "findings", "rules")

    def __init__(self, rules: DefinitionSet, result: Mapping[str, Any], backend: str | None = None) -> None:
        self.rules = rules
        self._result = result
        self._backend = backend
        self.findings = Findings(result["findings"], backend)

    @property
    def codes(self) -> NDArray[np.int32]:
        return read_only(self._result["rule"])

    @property
    def kept(self) -> NDArray[np.bool_]:
        return self.codes < 0

    @property
    def reason(self) -> NDArray[np.object_]:
        """The name of the first rule that each customer meets; None where the customer is kept."""
        import numpy as np

        names: NDArray[np.object_] = np.array([*self.rules.names, None], dtype=object)
        return names[self.codes]

    @property
    def remaining(self) -> int:
        """Customers who are kept: all of them less the first reasons."""
        return self._result["remaining"]  # type: ignore[no-any-return]

    def to_frame(self, backend: str | None = None) -> Any:
        """One row a rule, in order: rule, first (customers for whom it is the first reason), all (who meet it), left
        (customers after it)."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def _columns(self) -> dict[str, list[Any]]:
        left, after = len(self), []
        for n in self._result["first"]:
            left -= n
            after.append(left)
        return {
            "rule": self.rules.names,
            "first": list(self._result["first"]),
            "all": list(self._result["all"]),
            "left": after,
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": len(self),
            "remaining": self.remaining,
            "first": dict(zip(self.rules.names, self._result["first"], strict=True)),
            "all": dict(zip(self.rules.names, self._result["all"], strict=True)),
            "rules": self.rules.to_dict(),
            "findings": self.findings.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of customers by first reason, and of those who remain."""
        from clarion._plot import bars

        total = max(len(self), 1)
        shares = [n / total for n in (*self._result["first"], self.remaining)]
        return bars([*self.rules.names, "remaining"], shares, f"{len(self):,} customers by first reason", ax)

    def document(
        self,
        *,
        date: Date | str,
        version: str = "1",
        title: str = "Segment and suppression logic",
        html: bool = False,
        segments: Segmentation | None = None,
    ) -> str:
        """The logic for audit, from the rules themselves: conditions in words, order and counts, with those of the segments
        where they are given; Markdown or HTML."""
        from clarion.segment.purchases import day_of

        given = {} if segments is None else {**segments._result, "total": len(segments)}
        return logic_document(
            [] if segments is None else [item._core for item in segments.definitions],
            given,
            [item._core for item in self.rules],
            dict(self._result),
            title=title,
            version=version,
            day=day_of(date, "date"),
            html=html,
        )

    def __len__(self) -> int:
        return len(self._result["rule"])

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Suppression({self.remaining:,} of {len(self):,} customers remain)"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        said = self.findings._repr_html_() if len(self.findings) else ""
        return f"<p>{self!r}</p>" + html_table(self._columns(), rows=1000) + said


def suppress(
    customers: Any, rules: DefinitionSet | Iterable[Definition], *, n_jobs: int | None = None
) -> Suppression:
    """Leaves out the customers of a data frame who meet a rule; the order of the rules decides the first reason.

    Raises ValueError naming the place for fields that are not there and for values that do not fit. O(rows x conditions).
    """
    from clarion.io import frame_kind

    chosen = rules if isinstance(rules, DefinitionSet) else DefinitionSet(rules)
    result = _suppress(fields_of(customers, chosen, n_jobs), [item._core for item in chosen], n_jobs=n_jobs)
    return Suppression(chosen, result, frame_kind(customers))


def ready_suppression(
    *, low_value: float = 0, high_risk: float = 0.8, recent_contact_days: float = 7
) -> DefinitionSet:
    """No consent (``consent`` false or missing), high risk (``risk`` from ``high_risk``), recent contact
    (``days_since_contact`` below ``recent_contact_days``) and low value (``monetary`` up to ``low_value``), in this order."""
    ready = _ready_suppression(
        low_value=low_value, high_risk=high_risk, recent_contact_days=recent_contact_days
    )
    return DefinitionSet(Definition._of(core) for core in ready)
