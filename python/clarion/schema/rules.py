"""What the codes mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion import _core

if TYPE_CHECKING:
    from clarion._core import Rule

__all__ = ["explain", "rules"]


def rules() -> tuple[Rule, ...]:
    """Every rule of reading and validation, by code: code, title, severity, explanation, remedy."""
    return tuple(_core.schema_rules())


def explain(code: str) -> Rule:
    """The rule of a code of any room, whatever its case. Raises ValueError, naming the nearest code, when there is none."""
    # Each room's part of the extension offers its table as <room>_rules.
    tables = (getattr(_core, name) for name in dir(_core) if name.endswith("_rules"))
    known: dict[str, Rule] = {rule.code: rule for table in tables for rule in table()}
    rule = known.get(code.strip().upper())
    if rule is None:
        near = _core.nearest_name(list(known), code)
        hint = f"did you mean {near}?" if near else f"codes are such as {', '.join(list(known)[:3])}"
        raise ValueError(f"code: {code!r} is not allowed; {hint}")
    return rule


def page() -> str:
    """The text of docs/schema/rules.md."""
    parts = [
        "# Codes",
        "`clarion/schema/rules.hpp` · `clarion::schema::rules` · `cl.schema.rules`",
        "Every code of reading and validation. S0xx are about one campaign, S1xx about the portfolio or its file, S2xx about one\n"
        "record of a customer, a transaction or another table, S3xx about the table, S4xx about an audit. The severity\n"
        "is the one that a finding has unless the policy says otherwise; an error puts the row into quarantine and leaves the\n"
        "file alone. `clarion explain CODE` prints the same.",
    ]
    for rule in rules():
        parts += [
            f"## {rule.code} {rule.title} ({rule.severity})",
            rule.explanation,
            f"*Remedy.* {rule.remedy}",
        ]
    return "\n\n".join(parts) + "\n"
