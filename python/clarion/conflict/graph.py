"""The structure of a portfolio's conflicts: what hangs together, what piles up, whose move frees most, launch waves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.conflict._inputs import catalog_of, plan_of, policy_of, sets_of
from clarion.io import Table, html_table
from clarion.schema.finding import Findings

if TYPE_CHECKING:
    from clarion._core import Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = ["ConflictGraph", "conflict_graph"]


class ConflictGraph:
    """Campaigns as nodes, conflicts as weighted edges that say why. Weights are weighted days (see `conflict_graph`)."""

    __slots__ = ("_backend", "_graph", "_ids", "_labels", "_max_findings")

    def __init__(
        self,
        graph: _core.ConflictGraph,
        ids: list[str],
        backend: str | None = None,
        max_findings: int = 50,
        labels: list[str] | None = None,
    ) -> None:
        self._graph = graph
        self._ids = ids
        self._labels = labels or []
        self._backend = backend
        self._max_findings = max_findings

    def _named(self, rows: list[int]) -> tuple[str, ...]:
        return tuple(self._ids[row] for row in rows)

    @property
    def campaigns(self) -> list[str]:
        """Ids, by row of the portfolio."""
        return list(self._ids)

    @property
    def weight(self) -> float:
        """All conflict together."""
        return self._graph.weight

    @property
    def edges(self) -> Table:
        """A row a conflict: campaign_a, campaign_b, weight, reason."""
        columns = self._graph.edges
        return Table(
            {
                "campaign_a": [self._ids[row] for row in columns["a"].tolist()],
                "campaign_b": [self._ids[row] for row in columns["b"].tolist()],
                "weight": columns["weight"],
                "reason": columns["reason"],
            },
            self._backend,
        )

    @property
    def components(self) -> list[tuple[str, ...]]:
        """Connected parts, largest first; a campaign without conflicts is a part of its own."""
        return [self._named(rows) for rows, _ in self._graph.components]

    @property
    def cliques(self) -> list[tuple[str, ...]]:
        """Pile-ups: campaigns that all conflict with each other and with no other campaign all of them, heaviest first."""
        return [self._named(rows) for rows, _ in self._graph.cliques]

    @property
    def cliques_truncated(self) -> bool:
        """True when more pile-ups exist than `cliques` lists."""
        return self._graph.cliques_truncated

    @property
    def articulation(self) -> Table:
        """Campaigns that hold their part together, those whose move frees most first: campaign, conflict_freed, parts
        (that are left without it), largest_part (campaigns in the largest)."""
        rows = self._graph.articulations
        return Table(
            {
                "campaign": [self._ids[row[0]] for row in rows],
                "conflict_freed": [row[1] for row in rows],
                "parts": [row[2] for row in rows],
                "largest_part": [row[3] for row in rows],
            },
            self._backend,
        )

    @property
    def waves(self) -> list[tuple[str, ...]]:
        """Launch waves in the order of their mean start; campaigns of one wave do not conflict."""
        out: list[list[str]] = [[] for _ in range(self._graph.waves)]
        for row, wave in enumerate(self._graph.wave.tolist()):
            out[wave].append(self._ids[row])
        return [tuple(wave) for wave in out]

    @property
    def waves_bound(self) -> int:
        """No division into waves needs fewer."""
        return self._graph.waves_bound

    @property
    def findings(self) -> Findings:
        """C501 to C506."""
        return Findings(self._graph.findings(self._ids, self._max_findings, self._labels), self._backend)

    def _columns(self) -> dict[str, Any]:
        holds = {row[0] for row in self._graph.articulations}
        return {
            "campaign": list(self._ids),
            "component": self._graph.component,
            "conflicts": self._graph.degree,
            "conflict": self._graph.strength,
            "wave": self._graph.wave + 1,
            "articulation": [row in holds for row in range(len(self._ids))],
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a campaign: campaign, component (0 is the largest), conflicts (how many), conflict (their weight), wave
        (from 1), articulation."""
        return Table(self._columns(), self._backend).to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "campaigns": Table(self._columns()).to_dict(),
            "edges": self.edges.to_dict(),
            "components": [list(group) for group in self.components],
            "cliques": [list(group) for group in self.cliques],
            "cliques_truncated": self.cliques_truncated,
            "articulation": self.articulation.to_dict(),
            "waves": [list(wave) for wave in self.waves],
            "waves_bound": self.waves_bound,
        }

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        parts = sum(len(rows) > 1 for rows, _ in self._graph.components)
        more = "+" if self.cliques_truncated else ""
        return (
            f"ConflictGraph({len(self)} campaigns, {len(self._graph.edges['a'])} conflicts in {parts} parts, "
            f"{len(self._graph.cliques)}{more} pile-ups, {self._graph.waves} waves)"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>" + html_table(self._columns())


def conflict_graph(
    portfolio: Portfolio,
    audiences: Audiences | None = None,
    catalog: Catalog | None = None,
    *,
    policy: Policy | None = None,
    min_weight: float = 0.0,
    min_clique: int = 3,
    max_cliques: int = 1000,
    max_steps: int = 1_000_000,
    cross_channel: float = 0.5,
    product_weight: float = 0.5,
    max_findings: int = 50,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> ConflictGraph:
    """The conflict graph of a portfolio.

    Two campaigns that run together and share customers conflict by the days they share, times the share of the smaller
    audience that is in both, times 1 on the same channel or ``cross_channel`` on two, times 1 + ``product_weight`` when they
    sell a common product. Memberships (``audiences``) give the share exactly, declared audience tags estimate it.

    ``min_weight`` leaves out lighter conflicts, ``min_clique`` is the size from which a pile-up is listed, ``max_cliques`` and
    ``max_steps`` bound their enumeration. Finished and cancelled campaigns, and those that ended before ``policy.today``,
    conflict with nothing. Raises ValueError for an option out of range. Deterministic for any ``n_jobs``.
    """
    plan = plan_of(portfolio)
    graph = _core.conflict_graph(
        plan._core,
        sets_of(audiences),
        catalog_of(catalog, plan),
        policy_of(policy, plan),
        options={
            "min_weight": min_weight,
            "min_clique": min_clique,
            "max_cliques": max_cliques,
            "max_steps": max_steps,
        },
        pairs={"cross_channel": cross_channel, "product_weight": product_weight},
        n_jobs=n_jobs,
        progress=progress,
    )
    return ConflictGraph(graph, plan.ids, plan._backend, max_findings, plan.names)
