"""The embedded sample: 15 campaigns for $212,000, and one simulated world behind them with planted truths.

>>> import clarion as cl
>>> plan, members = cl.sample.portfolio(), cl.sample.audiences()
>>> past = cl.sample.history()

``customers`` is the size of the world and ``random_state`` its seed; a customer stays the same person in a larger world, and every
part of one world belongs to the others. docs/schema/world.md states every distribution; :func:`truth` gives the parameters.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table

if TYPE_CHECKING:
    from clarion._core import Policy
    from clarion.schema import Audiences, Catalog, Portfolio

__all__ = [
    "audiences", "catalog", "experiment", "exposures", "history", "interactions", "journeys", "people", "policy",
    "portfolio", "transactions", "truth", "write",
]  # fmt: skip

_EVENTS = ("view", "cart", "purchase")


def portfolio(policy: Policy | None = None) -> Portfolio:
    """The 15 campaigns. ``policy`` judges them; the sample's own by default."""
    from clarion.schema import Portfolio

    return Portfolio._of(_core.sample_portfolio(), policy=policy or _core.sample_policy(), catalog=catalog())


def policy() -> Policy:
    """The sample's ``clarion.toml``: judged on 2026-08-10, a tag standard and one blackout."""
    return _core.sample_policy()


def catalog() -> Catalog:
    """The 48 products that the sample's company sells."""
    from clarion.schema import Catalog

    return Catalog._of(_core.sample_catalog())


def audiences(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Audiences:
    """Who is in the audience of which of the 15 campaigns."""
    from clarion.schema import AudienceReport, Audiences

    sets = _core.world_audiences(customers=customers, seed=random_state, n_jobs=n_jobs)
    rows = sets.n_memberships
    return Audiences(sets, AudienceReport(rows, rows, 0, 0))


def history(*, campaigns: int = 80, random_state: int = 7) -> Portfolio:
    """Finished campaigns with actuals, 40 a year, the latest year ending in July 2026."""
    from clarion.schema import Portfolio

    return Portfolio._of(
        _core.simulate_history(campaigns=campaigns, seed=random_state),
        policy=_core.sample_policy(),
        history=True,
    )


def people(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """People: customer, joined, region, lifecycle, one column a trait, consents, and orders_per_year.

    ``orders_per_year`` is the true rate while active: something to recover, not a feature.
    """
    import numpy as np

    rows = _core.world_customers(customers=customers, seed=random_state, n_jobs=n_jobs)
    segments = _core.world_segments()
    columns: dict[str, Any] = {
        "customer": np.arange(len(rows["joined"]), dtype=np.int64),
        "joined": rows["joined"],
        "region": _named(_core.world_regions(), rows["region"]),
        "lifecycle": _named(segments, rows["lifecycle"]),
    }
    for bit, name in enumerate(segments[5:], start=5):
        columns[name.lower().replace(" ", "_")] = (rows["segments"] >> bit & 1).astype(bool)
    for bit, name in enumerate(("email", "sms", "push")):
        columns[f"consents_{name}"] = (rows["consent"] >> bit & 1).astype(bool)
    columns["orders_per_year"] = rows["orders_per_year"]
    return Table(columns)


def transactions(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """Order lines of two years: order, customer, product, day, quantity, amount (USD), returned (units)."""
    lines = _core.world_transactions(customers=customers, seed=random_state, n_jobs=n_jobs)
    return Table({**lines, "product": _named(_core.world_products(), lines["product"])})


def interactions(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """Product events: customer, product, day, event ('view', 'cart' or 'purchase'). Purchases are the order lines."""
    events = _core.world_interactions(customers=customers, seed=random_state, n_jobs=n_jobs)
    return Table(
        {
            **events,
            "product": _named(_core.world_products(), events["product"]),
            "event": _named(_EVENTS, events["event"]),
        }
    )


def journeys(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """Touches, a row each: journey, customer, touch (from 1), channel, day, converted, value (USD).

    A path ends with the touch that converts, so ``converted`` and ``value`` are those of the touch.
    """
    import numpy as np

    paths = _core.world_journeys(customers=customers, seed=random_state, n_jobs=n_jobs)
    offsets = paths["touch_offsets"].astype(np.int64)
    lengths = np.diff(offsets)
    journey = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    touch = np.arange(len(journey), dtype=np.int64) - offsets[journey]
    last = touch + 1 == lengths[journey]
    channels = [effect["channel"] for effect in _core.planted_truth()["journeys"]["effects"]]
    return Table(
        {
            "journey": journey,
            "customer": paths["customer"][journey],
            "touch": touch + 1,
            "channel": _named(channels, paths["channel"]),
            "day": paths["day"],
            "converted": paths["converted"][journey] & last,
            "value": np.where(last, paths["value"][journey], 0.0),
        }
    )


def experiment(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """A randomised test: customer, campaign, segment, treated, exposures, pre_spend, spend, converted."""
    import numpy as np

    rows = _core.world_experiment(customers=customers, seed=random_state, n_jobs=n_jobs)
    campaign = _core.planted_truth()["experiment"]["campaign"]
    return Table(
        {
            "customer": rows["customer"],
            "campaign": np.full(len(rows["customer"]), campaign),
            "segment": _named(_core.world_segments(), rows["lifecycle"]),
            **{name: rows[name] for name in ("treated", "exposures", "pre_spend", "spend", "converted")},
        }
    )


def exposures(*, customers: int = 20_000, random_state: int = 7, n_jobs: int | None = None) -> Table:
    """The contacts of :func:`experiment` one by one: customer, campaign, day."""
    import numpy as np

    rows = _core.world_experiment(customers=customers, seed=random_state, n_jobs=n_jobs)
    who = rows["exposure_customer"]
    campaign = _core.planted_truth()["experiment"]["campaign"]
    return Table({"customer": who, "campaign": np.full(len(who), campaign), "day": rows["exposure_day"]})


def truth(*, customers: int = 20_000, random_state: int = 7) -> dict[str, Any]:
    """What was planted: parameters, never estimates.

    ``journeys.removal_effect`` belongs to the paths of this world; everything else is the same for any of them.
    """
    planted = _core.planted_truth()
    paths = _core.world_journeys(customers=customers, seed=random_state)
    names = [effect["channel"] for effect in planted["journeys"]["effects"]]
    planted["journeys"]["removal_effect"] = dict(zip(names, paths["removal_effect"].tolist(), strict=True))
    return planted


def write(
    folder: str | os.PathLike[str],
    *,
    customers: int = 20_000,
    random_state: int = 7,
    n_jobs: int | None = None,
) -> list[Path]:
    """Writes the sample and its world as files that every other command reads; returns their paths.

    Small tables are CSV, large ones Parquet. Files of the same names are replaced.
    """
    import json

    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    world: dict[str, Any] = {"customers": customers, "random_state": random_state, "n_jobs": n_jobs}
    written: list[Path] = []

    def path(name: str) -> Path:
        written.append(place / name)
        return written[-1]

    portfolio().write(path("portfolio.csv"))
    history(random_state=random_state).write(path("history.csv"))
    catalog().write(path("catalog.csv"))
    for name, table in (
        ("audiences", audiences(**world).to_frame("pyarrow")),
        ("customers", people(**world)),
        ("transactions", transactions(**world)),
        ("interactions", interactions(**world)),
        ("journeys", journeys(**world)),
    ):
        pa.parquet.write_table(pa.table(table), path(f"{name}.parquet"))
    for name, small in (("experiment", experiment(**world)), ("exposures", exposures(**world))):
        pa.csv.write_csv(pa.table(small), path(f"{name}.csv"))
    planted = truth(customers=customers, random_state=random_state)
    path("truth.json").write_text(json.dumps(planted, indent=2) + "\n", encoding="utf-8")
    path("clarion.toml").write_text(_settings(), encoding="utf-8")
    return written


def _settings() -> str:
    rules = _core.sample_policy()
    closed = "\n".join(
        f'[[blackout]]\nstart = {b.start.isoformat()}\nend = {b.end.isoformat()}\nname = "{b.name}"'
        for b in rules.blackouts
    )
    return f"""# How the sample is judged.
today = {rules.today}
tag_pattern = '{rules.tag_pattern}'

{closed}
"""


def _named(names: Any, codes: Any) -> Any:
    import numpy as np

    return np.array(names)[codes]
