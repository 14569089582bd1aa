"""From transactions to segments in one go: records, scores, clusters, value, propensity, segments, suppression."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from os import PathLike
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError

if TYPE_CHECKING:
    from datetime import date as Date
    from pathlib import Path

    from clarion.io import Table
    from clarion.schema.audit import Audit
    from clarion.schema.records import Transactions
    from clarion.segment.choose_k import ChoiceOfK
    from clarion.segment.lifetime_value import LifetimeValue
    from clarion.segment.rfm import RFM
    from clarion.segment.score_quality import ScoreQuality
    from clarion.segment.segmentation import DefinitionSet, Segmentation
    from clarion.segment.stability import Stability
    from clarion.segment.suppression import Suppression

__all__ = ["Cycle", "cycle"]

#: Customers that the number of clusters is chosen by, and their stability judged: enough for either.
SAMPLE = 20_000


@dataclass(frozen=True, eq=False, repr=False)
class Cycle:
    """What :func:`cycle` found. ``customers`` has a row a customer; parts that the data could not carry are None, and ``notes``
    says why."""

    at: Date
    horizon_days: int
    customers: Table
    records: Transactions
    audit: Audit
    rfm: RFM
    clusters: Table  #: a row a cluster: size, means, what sets it apart in words, stability
    segmentation: Segmentation
    suppression: Suppression
    choice: ChoiceOfK | None = None
    stability: Stability | None = None
    value: LifetimeValue | None = None
    propensity: ScoreQuality | None = None
    places: dict[str, Table] = field(
        default_factory=dict
    )  #: of region, branch and channel: customers by level and segment
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Of the records, their audit, the scores, the segments and the suppression."""
        parts = (self.records, self.audit, self.rfm, self.segmentation, self.suppression)
        return [finding for part in parts for finding in part.findings.to_dict()]

    @property
    def told(self) -> list[tuple[dict[str, Any], int]]:
        """One finding of each code, the worst on top, and how many more there are of it; of rows the first."""
        findings = self.findings
        first: dict[str, dict[str, Any]] = {}
        counts = {**Counter(finding["code"] for finding in findings), **self.records.counts}
        for finding in findings:
            held = first.setdefault(finding["code"], finding)
            if "row" in finding and finding["row"] < held.get("row", finding["row"] + 1):
                first[finding["code"]] = finding
        order = ("error", "warning", "info")
        ranked = sorted(first.values(), key=lambda each: (order.index(each["severity"]), each["code"]))
        return [(each, counts[each["code"]] - 1) for each in ranked]

    def to_frame(self, backend: str | None = None) -> Any:
        return self.customers.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the rows of customers."""
        return {
            "at": self.at.isoformat(),
            "horizon_days": self.horizon_days,
            "records": {
                "rows_read": self.records.rows_read,
                "accepted": len(self.records),
                "quarantined": len(self.records.quarantine),
            },
            "findings": self.findings,
            "customers": len(self.customers),
            "rfm": {"segments": _plain(self.rfm._segments()), "boundaries": self.rfm.boundaries},
            "clusters": _plain(self.clusters.to_dict()),
            "value": None if self.value is None else dict(self.value.total),
            "propensity": None if self.propensity is None else self.propensity.figures(),
            "segments": self.segmentation.to_dict(),
            "suppression": self.suppression.to_dict(),
            "places": {name: _plain(table.to_dict()) for name, table in self.places.items()},
            "notes": list(self.notes),
            "seconds": dict(self.seconds),
        }

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Writes customers.parquet, quarantine.csv, cycle.json, logic.md, audit.html and report.html; the same input gives the same
        files but for the seconds. Returns their paths."""
        import json
        from pathlib import Path

        import pyarrow as pa
        from pyarrow import csv, parquet

        from clarion.report.cycle import render

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.table(dict(self.customers.to_dict())), place / "customers.parquet")
        csv.write_csv(pa.table(self.records.quarantine.to_dict()), place / "quarantine.csv")
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, default=str)
        (place / "cycle.json").write_text(text + "\n", encoding="utf-8")
        logic = self.suppression.document(date=self.at, segments=self.segmentation)
        (place / "logic.md").write_text(logic, encoding="utf-8")
        self.audit.to_html(place / "audit.html")
        (place / "report.html").write_text(render(self), encoding="utf-8")
        names = ("report.html", "customers.parquet", "cycle.json", "logic.md", "audit.html", "quarantine.csv")
        return [place / name for name in names]

    def __repr__(self) -> str:
        return (
            f"Cycle({len(self.customers):,} customers at {self.at}, {len(self.clusters)} clusters, "
            f"{self.suppression.remaining:,} to be contacted)"
        )

    def _repr_html_(self) -> str:
        from html import escape

        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<p>{escape(repr(self))}</p>{self.rfm._repr_html_()}{self.clusters._repr_html_()}<ul>{said}</ul>"
        )


def cycle(
    transactions: Any,
    mapping: Any = None,
    *,
    at: Date | str | None = None,
    horizon_days: int = 90,
    n_clusters: int | None = None,
    definitions: DefinitionSet | None = None,
    suppression: DefinitionSet | None = None,
    customers: Any = None,
    events: Any = None,
    previous: Transactions | None = None,
    currency: str | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Cycle:
    """One cycle of a campaign team: from raw transactions to whom to contact.

    ``transactions`` and ``mapping`` are as :meth:`clarion.schema.Transactions.read` takes them, or Transactions. Rows that are not
    accepted are in quarantine. ``at`` is the reference date (the latest day). In order:

    1. validation and audit, beside ``previous`` where it is given;
    2. RFM scores and segments; the branch, channel and product that each customer favours (:func:`preference`), where the
       transactions have them; the engagement score (:func:`engagement`), where ``events`` are given: a table
       with columns customer, time and kind, Events, or their file;
    3. k-means on recency, frequency, value, tenure and engagement (logarithms, standardized), k by :func:`choose_k` on a sample
       unless ``n_clusters`` says, with the stability of each cluster and what sets it apart;
    4. lifetime value for the next year by BG/NBD and Gamma-Gamma, the probability of being alive, expected purchases within the
       horizon;
    5. propensity to buy within ``horizon_days``: learned from where customers stood one horizon ago, judged on the horizon
       before it was learned from, scored today;
    6. segments by ``definitions`` (:func:`ready_segments` by default) and suppression by ``suppression`` (those of
       :func:`ready_suppression` whose fields are there), over the columns above and those of ``customers``, a frame with a column
       ``customer`` (consent, risk, days_since_contact, region, ...).

    What the data cannot carry is left out and said in ``notes``. The same input gives the same answer, on any number of threads.
    Raises ClarionError where no purchase is left, ValueError for options out of range.
    """

    from clarion.io import Table
    from clarion.schema.audit import audit
    from clarion.schema.records import Transactions
    from clarion.segment.purchases import Purchases
    from clarion.segment.rfm import rfm

    if isinstance(horizon_days, bool) or not isinstance(horizon_days, int) or horizon_days < 1:
        raise ValueError(
            f"horizon_days: {horizon_days!r} is not allowed; give a whole number of days, 1 or more"
        )
    steps = _Steps(progress)
    notes: list[str] = []
    with steps("records", 0.45) as tell:
        records = (
            transactions
            if isinstance(transactions, Transactions)
            else Transactions.read(transactions, mapping, n_jobs=n_jobs, progress=tell)
        )
    with steps("rfm", 0.52) as tell:
        columns: dict[str, Any] = {"amount": "amount", "kind": "kind"}
        if _has_any(records, "currency"):
            columns["currency"] = "currency"
        if currency is not None:
            columns["use_currency"] = currency
        purchases = Purchases.from_frame(
            records, at=at, n_jobs=n_jobs, progress=_within(tell, 0, 0.7), **columns
        )
        scored = rfm(purchases, n_jobs=n_jobs, progress=_within(tell, 0.7, 1))
        if len(scored) == 0:
            raise ClarionError(
                f"transactions: no purchase is left of {records.rows_read} rows; look at the quarantine"
            )
    with steps("audit", 0.6):
        audited = audit(records, previous, today=scored.at)
    found: dict[str, Any] = {
        "customer": scored.customers,
        "recency": scored.recency,
        "frequency": scored.frequency,
        "monetary": scored.monetary,
        "tenure": scored.tenure,
        "r": scored.r,
        "f": scored.f,
        "m": scored.m,
        "rfm_segment": scored.segment,
    }
    with steps("habits", 0.63):
        found |= _habits(records, scored, events, n_jobs)
    with steps("clusters", 0.76) as tell:
        labels, clusters, choice, stable = _clusters(found, n_clusters, random_state, n_jobs, notes, tell)
        found["cluster"] = labels
    with steps("value", 0.8) as tell:
        value = _value(purchases, horizon_days, found, n_jobs, notes, tell)
    with steps("propensity", 0.97) as tell:
        quality = _propensity(purchases, scored, horizon_days, found, n_jobs, notes, tell)
    with steps("segments", 1.0):
        fields = {**found, **_beside(customers, scored.customers)}
        segmented, suppressed = _segments(fields, definitions, suppression, n_jobs, notes)
        found["segment"] = segmented.segment
        found["suppressed"] = suppressed.reason
        places = _places(fields, segmented, n_jobs)
    return Cycle(
        scored.at, horizon_days, Table(found), records, audited, scored, clusters, segmented, suppressed, choice, stable, value,
        quality, places, notes, steps.seconds,
    )  # fmt: skip


class _Steps:
    """Times the steps and tells progress, within a step by what the step itself tells."""

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.done = 0.0

    @contextmanager
    def __call__(self, name: str, done: float) -> Iterator[Callable[[float], None]]:
        begin, before = time.perf_counter(), self.done

        def tell(part: float) -> None:
            if self.progress is not None:
                self.progress(before + (done - before) * part)

        yield tell
        self.seconds[name] = time.perf_counter() - begin
        self.done = done
        tell(1.0)


def _within(tell: Callable[[float], None], begin: float, end: float) -> Callable[[float], None]:
    """Progress of the part [begin, end) of a step."""
    return lambda part: tell(begin + (end - begin) * part)


def _features(scored: RFM) -> Any:
    import numpy as np

    return np.column_stack([scored.recency, scored.frequency, scored.monetary, scored.tenure]).astype(
        np.float64
    )


#: Favoured levels: what transactions may hold.
FAVOURED = ("branch", "channel", "product")
#: What customers are clustered by, where it is there.
VARIABLES = ("recency", "frequency", "monetary", "tenure", "engagement")
#: Texts by whose levels segments are counted, and how many levels are told.
PLACES, LEVELS = ("region", "branch", "channel"), 12


def _habits(records: Transactions, scored: RFM, events: Any, n_jobs: int | None) -> dict[str, Any]:
    from clarion.segment.engagement import engagement
    from clarion.segment.preference import preference

    out: dict[str, Any] = {}
    weight = "amount" if _has_any(records, "amount") else None
    for name in FAVOURED:
        if _has_any(records, name):
            out[name] = preference(
                records, name, weight=weight, customers=scored.customers, n_jobs=n_jobs
            ).favourite
    if events is not None:
        if isinstance(events, str | PathLike):
            from clarion.schema.records import Events

            events = Events.read(events, n_jobs=n_jobs)
        out["engagement"] = engagement(events, at=scored.at, customers=scored.customers, n_jobs=n_jobs).score
    return out


def _places(fields: Mapping[str, Any], segmented: Segmentation, n_jobs: int | None) -> dict[str, Table]:
    """Customers by level, the largest first, and segment."""
    import numpy as np
    import pyarrow as pa

    from clarion._core import count_levels, read_fields
    from clarion.io import Table

    out = {}
    names = segmented.definitions.names
    codes = np.ascontiguousarray(segmented.codes, dtype=np.int32)
    for name in PLACES:
        if name not in fields:
            continue
        text = pa.table({name: fields[name]})
        text = text.set_column(0, name, text[name].cast(pa.string()))
        counted = count_levels(read_fields(text, [name], n_jobs=n_jobs), codes, name, len(names))
        customers = np.array(counted["customers"], dtype=np.int64).reshape(len(names) + 1, -1)
        levels = list(counted["levels"])
        if len(levels) > LEVELS:
            rest = customers[:, LEVELS:].sum(axis=1, keepdims=True)
            customers = np.hstack([customers[:, :LEVELS], rest])
            levels = [*levels[:LEVELS], f"{len(levels) - LEVELS} others"]
        segments = [*names, "none"]
        out[name] = Table(
            {
                "level": [level for level in levels for _ in segments],
                "segment": segments * len(levels),
                "customers": customers.T.ravel(),
            }
        )
    return out


def _clusters(
    found: Mapping[str, Any],
    n_clusters: int | None,
    random_state: int,
    n_jobs: int | None,
    notes: list[str],
    tell: Callable[[float], None],
) -> tuple[Any, Table, ChoiceOfK | None, Stability | None]:
    import numpy as np

    from clarion.io import Table
    from clarion.segment.choose_k import choose_k
    from clarion.segment.kmeans import KMeans
    from clarion.segment.profile import profile
    from clarion.segment.scaling import Scaler
    from clarion.segment.stability import stability

    names = [name for name in VARIABLES if name in found]
    raw = np.column_stack([found[name] for name in names]).astype(np.float64)
    varied = [j for j in range(raw.shape[1]) if np.ptp(raw[:, j]) > 0]
    n = len(raw)
    if not varied or n < 4:
        notes.append(f"No clusters: {n} customers" + (" who are all alike." if n >= 4 else " are too few."))
        labels = np.zeros(n, np.int32)
        return labels, Table({"cluster": [0], "customers": [n]}), None, None
    # Who brought back more than they bought counts as who bought for nothing: a few of them would be clusters of their own.
    spent = np.maximum(raw[:, varied], 0)
    scaled = Scaler("log1p", n_jobs=n_jobs).fit_transform(spent).astype(np.float32)
    drawn = np.arange(n)
    if n > SAMPLE:
        drawn = np.sort(np.random.default_rng(random_state).choice(n, SAMPLE, replace=False))
    some = scaled[drawn]
    choice = None
    if n_clusters is None:
        most = min(10, len(np.unique(some, axis=0)) - 1)
        if most < 2:
            n_clusters = 1
        else:
            choice = choose_k(
                some,
                k=range(2, most + 1),
                random_state=random_state,
                n_jobs=n_jobs,
                progress=_within(tell, 0, 0.5),
            )
            n_clusters = choice.best
    model = KMeans(n_clusters, n_init=4, random_state=random_state, n_jobs=n_jobs)
    model.fit(scaled, progress=_within(tell, 0.5, 0.9))
    # The cluster of greatest mean value is the first.
    sums = np.bincount(model.labels_, found["monetary"], minlength=n_clusters)
    sizes = np.bincount(model.labels_, minlength=n_clusters)
    order = np.argsort(-sums / np.maximum(sizes, 1), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(n_clusters)
    labels = place[model.labels_].astype(np.int32)
    table: dict[str, Any] = {"cluster": np.arange(n_clusters), "customers": sizes[order]}
    for j, name in enumerate(names):
        table[name] = np.bincount(labels, raw[:, j], minlength=n_clusters) / np.maximum(sizes[order], 1)
    told = {name: found[name] for name in (*names, *FAVOURED) if name in found}
    apart = profile(told, labels, n_jobs=n_jobs)
    table["name"] = [apart.names.get(str(k), "") for k in range(n_clusters)]
    stable = None
    if len(np.unique(labels[drawn])) > 1:
        again = KMeans(n_clusters, n_init=1, random_state=random_state, n_jobs=n_jobs)
        stable = stability(
            some,
            labels[drawn],
            model=again,
            n_bootstraps=20,
            random_state=random_state,
            n_jobs=n_jobs,
            progress=_within(tell, 0.9, 1),
        )
        verdict = dict(zip(stable.table["cluster"], stable.table["verdict"], strict=True))
        table["stability"] = [verdict.get(k, "") for k in range(n_clusters)]
    return labels, Table(table), choice, stable


def _value(
    purchases: Any,
    horizon_days: int,
    found: dict[str, Any],
    n_jobs: int | None,
    notes: list[str],
    tell: Callable[[float], None],
) -> LifetimeValue | None:
    import warnings

    from clarion.segment.beta_geo import BetaGeo
    from clarion.segment.gamma_gamma import GammaGamma
    from clarion.segment.lifetime_value import lifetime_value
    from clarion.segment.rfm import purchase_summary

    week = purchase_summary(purchases, unit="weeks", n_jobs=n_jobs)
    x, t, age, money = (week[name] for name in ("frequency", "recency", "T", "monetary"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the reasons go into the notes
        model = BetaGeo(n_jobs=n_jobs).fit(frequency=x, recency=t, T=age, progress=_within(tell, 0.1, 0.3))
        if not model.converged_:
            notes.append(f"No lifetime value: {model.reason_}")
            return None
        found["p_alive"] = model.p_alive()
        found["expected_purchases"] = model.expected_purchases(horizon_days / 7)
        spend = GammaGamma(n_jobs=n_jobs).fit(frequency=x, monetary=money)
    if not spend.converged_:
        notes.append(f"No lifetime value in money: {spend.reason_}")
        return None
    value = lifetime_value(
        model,
        spend,
        horizon=12,
        period=365.25 / 12 / 7,
        customers=found["customer"],
        intervals=False,
        n_jobs=n_jobs,
        progress=_within(tell, 0.5, 1),
    )
    found["value"] = value.table["value"]
    return value


def _propensity(
    purchases: Any,
    scored: RFM,
    horizon_days: int,
    found: dict[str, Any],
    n_jobs: int | None,
    notes: list[str],
    tell: Callable[[float], None],
) -> ScoreQuality | None:
    """Bought within the horizon: learned from one horizon ago, judged on the one before, scored today."""
    import numpy as np

    from clarion.segment.rfm import rfm
    from clarion.segment.score_quality import score_quality
    from clarion.stats.logistic import LogisticRegression

    step = timedelta(days=horizon_days)
    span = int(scored.tenure.max())
    if span < 3 * horizon_days:
        notes.append(
            f"No propensity: {span} days of purchases are less than three horizons of {horizon_days} days; give a longer history or a shorter horizon."
        )
        return None
    late, early = (
        rfm(purchases, at=scored.at - k * step, n_jobs=n_jobs, progress=_within(tell, 0.4 * (k - 1), 0.4 * k))
        for k in (1, 2)
    )

    def bought(before: RFM, after: RFM) -> Any:
        at = np.searchsorted(after.customers, before.customers)
        return after.recency[at] < horizon_days

    y_early, y_late = bought(early, late), bought(late, scored)
    if y_early.all() or not y_early.any() or y_late.all() or not y_late.any():
        notes.append("No propensity: everybody, or nobody, bought within a horizon.")
        return None

    def inputs(of: RFM) -> Any:
        x = _features(of)
        x[:, 2] = np.maximum(x[:, 2], 0)
        pace = x[:, 1] / (x[:, 3] + 1)
        logs = np.log1p(np.column_stack([x, pace * 365]))
        return np.column_stack([logs, logs[:, 0] ** 2, logs[:, 0] * logs[:, 1]])

    judge = LogisticRegression(n_jobs=n_jobs).fit(inputs(early), y_early)
    quality = score_quality(judge.predict_proba(inputs(late))[:, 1], y_late)
    model = LogisticRegression(n_jobs=n_jobs).fit(inputs(late), y_late)
    found["propensity"] = model.predict_proba(inputs(scored))[:, 1]
    return quality


def _beside(customers: Any, ids: Any) -> dict[str, Any]:
    """Columns of a frame of customers in the order of the ids; missing where it does not have one."""
    if customers is None:
        return {}
    import pyarrow as pa

    from clarion.io import arrow_stream

    table = pa.table(arrow_stream(customers))
    if "customer" not in table.column_names:
        raise ValueError(f"customers: no column customer; there are {', '.join(table.column_names)}")
    keys = table["customer"].combine_chunks()
    if isinstance(keys, pa.DictionaryArray):
        keys = keys.dictionary_decode()
    wanted = pa.array(ids).cast(keys.type)
    import pyarrow.compute as pc

    if len(pc.unique(keys)) != len(keys):
        raise ValueError("customers: an id stands twice; give a row a customer")
    at = pc.index_in(wanted, value_set=keys)
    return {name: table[name].take(at) for name in table.column_names if name != "customer"}


def _segments(
    fields: dict[str, Any], definitions: Any, suppression: Any, n_jobs: int | None, notes: list[str]
) -> tuple[Segmentation, Suppression]:
    from clarion.segment.segmentation import DefinitionSet, ready_segments, segment_customers
    from clarion.segment.suppression import ready_suppression, suppress

    def that_fit(ready: DefinitionSet, what: str) -> DefinitionSet:
        fit = [each for each in ready if set(each.fields) <= set(fields)]
        for each in ready:
            if each not in fit:
                lacking = ", ".join(sorted(set(each.fields) - set(fields)))
                notes.append(f"{what} {each.name!r} is left out: there is no column {lacking}.")
        return DefinitionSet(fit)

    chosen = definitions if definitions is not None else that_fit(ready_segments(), "Segment")
    rules = suppression if suppression is not None else that_fit(ready_suppression(), "Suppression")
    used = {name for each in (*chosen, *rules) for name in each.fields}
    columns = {name: column for name, column in fields.items() if name in used}
    columns = columns or {"recency": fields["recency"]}
    return segment_customers(columns, chosen, n_jobs=n_jobs), suppress(columns, rules, n_jobs=n_jobs)


def _plain(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [each.item() if hasattr(each, "item") else each for each in values]
        for name, values in columns.items()
    }


def _has_any(records: Transactions, field: str) -> bool:
    return field in records and records[field].null_count < len(records)
