"""What every detector takes, turned into what the compiled part takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._core import AudienceSets, Blackout, Policy, campaign_ids

if TYPE_CHECKING:
    from clarion.schema import Audiences, Catalog, Portfolio

_NO_DAYS = (date.max, date.min)


def portfolio_of(portfolio: Portfolio) -> Any:
    """The compiled portfolio; anything that ``Portfolio.read`` reads will do."""
    from clarion.schema import Portfolio

    if not isinstance(portfolio, Portfolio):
        portfolio = Portfolio.read(portfolio)
    return portfolio._core


def sets_of(audiences: Audiences | None) -> AudienceSets | None:
    if audiences is None:
        return None
    sets = getattr(audiences, "_sets", None)
    if not isinstance(sets, AudienceSets):
        raise TypeError(
            f"audiences: {type(audiences).__name__} is not Audiences; build it with Audiences.from_frame"
        )
    return sets


def catalog_of(catalog: Catalog | None) -> Any:
    return getattr(catalog, "_core", catalog)


def policy_of(policy: Policy | None) -> Policy:
    policy = getattr(policy, "_core", policy)
    return Policy() if policy is None else policy


def days_of(portfolio: Any) -> tuple[date, date]:
    """First and last day of the campaigns that have weeks of load; an empty span without any."""
    from clarion._core import weekly_load

    weeks = weekly_load(portfolio, Policy()).weeks
    return (weeks[0], weeks[-1]) if weeks else _NO_DAYS


def holidays_of(
    holidays: str | Mapping[date, str] | Iterable[Blackout] | None, portfolio: Any
) -> list[Blackout]:
    """Named days: of a country ('US', or 'US-CA' with a subdivision) from the ``holidays`` library, of a mapping day ->
    name, or as they are."""
    if holidays is None:
        return []
    if isinstance(holidays, str):
        first, last = days_of(portfolio)
        if first > last:
            return []
        holidays = _calendar(holidays, range(first.year, last.year + 2))
    if isinstance(holidays, Mapping):
        return [Blackout(day, day, name) for day, name in sorted(holidays.items())]
    return list(holidays)


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


def ids_of(portfolio: Any) -> list[str]:
    ids: list[str] = campaign_ids(portfolio)
    return ids
