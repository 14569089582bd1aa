"""Campaign intelligence: validate, compare and plan a marketing portfolio before launch.

>>> import clarion as cl
>>> brief = cl.brief(cl.sample.portfolio())  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError, __version__

if TYPE_CHECKING:
    from clarion import conflict, plan, recommend, sample, schema, segment, stats
    from clarion.plan.brief import Brief, brief
    from clarion.schema import Audiences, Catalog, Finding, Findings, Portfolio

# Names load with their first use: `import clarion` costs the extension and nothing else.
_HOME = {
    "Audiences": "clarion.schema",
    "Brief": "clarion.plan",
    "Catalog": "clarion.schema",
    "Finding": "clarion.schema",
    "Findings": "clarion.schema",
    "Portfolio": "clarion.schema",
    "brief": "clarion.plan",
}
_ROOMS = ("conflict", "plan", "recommend", "sample", "schema", "segment", "stats")

__all__ = [
    "Audiences", "Brief", "Catalog", "ClarionError", "Finding", "Findings", "Portfolio", "__version__",
    "brief", "conflict", "plan", "recommend", "sample", "schema", "segment", "stats",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _ROOMS:
        return import_module(f"clarion.{name}")
    raise AttributeError(f"module 'clarion' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
