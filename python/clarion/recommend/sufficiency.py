"""Whether there is enough to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clarion._core import sufficiency as _sufficiency
from clarion.recommend.interactions import interactions_of
from clarion.schema.finding import Finding, Findings

__all__ = ["Sufficiency", "sufficiency"]


@dataclass(frozen=True)
class Sufficiency:
    """How much the data holds, and ``findings`` (R001 to R004) where an answer is likely noise.

    ``users`` and ``items`` count those with an entry; half of the items have at most ``median_co_occurrences`` pairs
    (user, other item) with them, ``items_below`` fewer than the limit.
    """

    interactions: int
    users: int
    items: int
    median_co_occurrences: float
    items_below: int
    users_with_one: int
    enough_for_users: bool
    enough_for_items: bool
    findings: Findings

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {
            "interactions": self.interactions,
            "users": self.users,
            "items": self.items,
            "median_co_occurrences": self.median_co_occurrences,
            "items_below": self.items_below,
            "users_with_one": self.users_with_one,
            "enough_for_users": self.enough_for_users,
            "enough_for_items": self.enough_for_items,
            "findings": self.findings.to_dict(),
        }

    def _repr_html_(self) -> str:
        return self.findings._repr_html_()


def sufficiency(data: Any, **options: Any) -> Sufficiency:
    """Judges Interactions, or a scipy sparse matrix, by their size.

    ``options`` are ``min_interactions`` (1,000: for methods that compare users) and ``min_co_occurrences`` (500: of the
    middle item, for methods that compare items). O(entries).
    """
    found = _sufficiency(interactions_of(data)._matrix, **options)
    return Sufficiency(**{**found, "findings": Findings(found["findings"])})
