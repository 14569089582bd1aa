"""Every detector of the room over one portfolio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import find_conflicts as _find_conflicts
from clarion.conflict._inputs import inputs_of, plan_of, policy_of
from clarion.conflict.concentration import Concentration
from clarion.conflict.load import WeeklyLoad
from clarion.conflict.pairs import Pairs
from clarion.conflict.saturation import Saturation
from clarion.conflict.timing import taken_table
from clarion.io import Table
from clarion.schema.finding import Finding, Findings

if TYPE_CHECKING:
    from clarion._core import Blackout, Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["Conflicts", "find_conflicts"]


class Conflicts:
    """What :func:`find_conflicts` found.

    ``findings`` are those that stand under the policy, worst first, and ``accepted`` those that someone accepted.
    ``pairs``, ``load``, ``saturation`` (without findings of its own), ``concentration`` (likewise) and ``taken`` are the
    numbers behind them; ``source`` says where audiences come from: 'membership', 'tags' or 'none'.
    """

    __slots__ = (
        "accepted", "campaigns", "concentration", "findings", "load", "pairs", "saturation", "source", "taken",
    )  # fmt: skip

    def __init__(
        self, result: dict[str, Any], policy: Policy, ids: list[str], backend: str | None = None
    ) -> None:
        self.findings: Findings
        self.accepted: Findings
        self.findings, self.accepted = Findings(result["findings"], backend).judge(policy)
        self.pairs = Pairs(result["pairs"], ids, backend)
        self.load = WeeklyLoad(result["load"], ids, backend)
        self.saturation = Saturation(result["saturation"], self.load, ids, backend)
        self.concentration = Concentration(result["concentration"], ids, backend)
        self.taken: Table = taken_table(result["taken"], ids, backend)
        self.source: str = result["source"]
        self.campaigns: int = result["campaigns"]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def to_frame(self, backend: str | None = None) -> Any:
        """The findings."""
        return self.findings.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "campaigns": self.campaigns,
            "findings": self.findings.to_dict(),
            "accepted": self.accepted.to_dict(),
            "pairs": self.pairs.to_dict(),
            "saturation": self.saturation.to_dict(),
            "concentration": self.concentration.to_dict(),
            "taken": self.taken.to_dict(),
        }

    def __repr__(self) -> str:
        return repr(self.findings).replace("Findings(", f"Conflicts({self.campaigns:,} campaigns, ", 1)

    def _repr_html_(self) -> str:
        return self.findings._repr_html_()


def find_conflicts(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    catalog: Catalog | None = None,
    policy: Policy | None = None,
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Conflicts:
    """Runs every detector: shared audiences, saturation, concentration and timing.

    ``portfolio`` is a Portfolio or anything ``Portfolio.read`` reads. With ``audiences`` overlaps are counted, without
    they are estimated from declared segments and say so. With a ``catalog``, a product and its category are common to two
    campaigns. ``holidays`` is a country ('US', 'US-CA') of the ``holidays`` library, a mapping day -> name, or Blackouts.
    Options are those of every detector, and ``max_findings`` (50) of one code.

    The same for any ``n_jobs``. Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    given = inputs_of(plan, audiences, catalog, policy, holidays)
    result = _find_conflicts(*given, n_jobs=n_jobs, progress=progress, **options)
    return Conflicts(result, policy_of(policy, plan), plan.ids, plan._backend)
