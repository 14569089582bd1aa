"""What every detector takes, turned into what the compiled part takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import AudienceSets, Blackout, Policy, weekly_load

if TYPE_CHECKING:
    from clarion.schema import Audiences, Catalog, Portfolio


def plan_of(portfolio: Any) -> Portfolio:
    """A Portfolio as it is, anything else as ``Portfolio.read`` reads it."""
    from clarion.schema import Portfolio

    return portfolio if isinstance(portfolio, Portfolio) else Portfolio.read(portfolio)


def sets_of(audiences: Audiences | None) -> Any:
    """The compiled audiences, or None; the stubs of the extension do not say that None will do."""
    if audiences is None:
        return None
    sets = getattr(audiences, "_sets", None)
    if not isinstance(sets, AudienceSets):
        raise TypeError(
            f"audiences: {type(audiences).__name__} is not Audiences; build it with Audiences.from_frame"
        )
    return sets


def catalog_of(catalog: Catalog | None, plan: Portfolio) -> Any:
    """The compiled catalogue that is given, else the one that the plan was read with."""
    catalog = plan._catalog if catalog is None else catalog
    return None if catalog is None else catalog._core


def policy_of(policy: Policy | None, plan: Portfolio) -> Policy:
    """The policy that is given, else the one that the plan was read with."""
    return plan.policy if policy is None else policy


def holidays_of(
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None, plan: Portfolio
) -> list[Blackout]:
    """Named days: of a country ('US', or 'US-CA' with a subdivision) from the ``holidays`` library, of a mapping day ->
    name, or as they are."""
    if holidays is None:
        return []
    if isinstance(holidays, str):
        weeks = weekly_load(plan._core, plan.policy).weeks
        years = range(weeks[0].year, min(weeks[-1].year + 1, date.max.year) + 1) if weeks else range(0)
        holidays = _calendar(holidays, years)
    if isinstance(holidays, Mapping):
        return [Blackout(day, day, name) for day, name in sorted(holidays.items())]
    return list(holidays)


def inputs_of(
    plan: Portfolio,
    audiences: Audiences | None,
    catalog: Catalog | None,
    policy: Policy | None,
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None,
) -> tuple[Any, Any, Any, Policy, list[Blackout]]:
    """All of them, in the order in which the compiled part takes them."""
    return (
        plan._core,
        sets_of(audiences),
        catalog_of(catalog, plan),
        policy_of(policy, plan),
        holidays_of(holidays, plan),
    )


def _calendar(code: str, years: range) -> Mapping[date, str]:
    import holidays

    country, _, subdivision = code.partition("-")
    try:
        calendar: Mapping[date, str] = holidays.country_holidays(
            country, subdiv=subdivision or None, years=list(years)
        )
    except NotImplementedError:
        raise ValueError(
            f"holidays: {code!r} is not allowed; give an ISO 3166 code that the holidays library knows, such as 'US', "
            "'DE' or 'US-CA', or a mapping day -> name"
        ) from None
    return calendar


def named(ids: list[str], rows: Any) -> list[str]:
    """Ids of these rows."""
    return [ids[row] for row in rows.tolist()]
