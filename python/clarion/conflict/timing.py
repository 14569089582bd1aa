"""Dates that clash: runs at the same time, runs without rest between them, runs on days that are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import timing as _timing
from clarion.conflict._inputs import inputs_of, named, plan_of
from clarion.io import Table
from clarion.schema.finding import Finding, Findings

if TYPE_CHECKING:
    from clarion._core import Blackout, Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["Timing", "taken_table", "timing"]


def taken_table(columns: dict[str, Any], campaigns: list[str], backend: str | None = None) -> Table:
    """campaign, days, first, name, holiday: blackouts that a campaign runs into and holidays on which it starts."""
    return Table({**columns, "campaign": named(campaigns, columns["campaign"])}, backend)


class Timing:
    """``findings`` (C101, C102 and C4xx) and ``taken`` (campaign, days, first, name, holiday)."""

    __slots__ = ("findings", "taken")

    def __init__(self, findings: Findings, taken: Table) -> None:
        self.findings = findings
        self.taken = taken

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def to_frame(self, backend: str | None = None) -> Any:
        """The findings."""
        return self.findings.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {"findings": self.findings.to_dict(), "taken": self.taken.to_dict()}

    def __repr__(self) -> str:
        return f"Timing({len(self.findings)} findings, {len(self.taken)} taken days met)"

    def _repr_html_(self) -> str:
        return self.findings._repr_html_()


def timing(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    catalog: Catalog | None = None,
    policy: Policy | None = None,
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None = None,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Timing:
    """Overlapping runs that share customers or products, missing rest, blackouts of the policy and holidays.

    ``holidays`` is a country ('US', 'US-CA') of the ``holidays`` library, a mapping day -> name, or Blackouts. Options:
    ``rest_days`` (7), ``rest_containment`` (0.5), ``min_containment`` (0.5), ``max_findings`` (50), and those of
    :func:`pairs`.

    The same for any ``n_jobs``. O(pairs + campaigns x (blackouts + holidays)).
    Raises TypeError for an unknown option and ValueError for one outside its range.
    """
    plan = plan_of(portfolio)
    given = inputs_of(plan, audiences, catalog, policy, holidays)
    findings, taken = _timing(*given, n_jobs=n_jobs, progress=progress, **options)
    backend = plan._backend
    return Timing(Findings(findings, backend), taken_table(taken, plan.ids, backend))
