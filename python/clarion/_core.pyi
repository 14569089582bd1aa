"""
The compiled part of clarion; use the clarion package instead.
"""

from __future__ import annotations

import collections.abc
import datetime
import typing

import numpy
import numpy.typing

__all__: list[str] = [
    "Acceptance",
    "AudienceSets",
    "Blackout",
    "BriefData",
    "Cancelled",
    "Catalog",
    "Channel",
    "ClarionError",
    "ConflictGraph",
    "CustomerFields",
    "Finding",
    "InteractionMatrix",
    "ItemIndex",
    "JsonTable",
    "LoadMeasure",
    "Mapping",
    "PairTable",
    "Policy",
    "Portfolio",
    "PreferenceData",
    "Product",
    "PurchaseData",
    "Reading",
    "RecordReader",
    "RecordReading",
    "Records",
    "Rescheduling",
    "Rule",
    "Scaling",
    "SegmentDefinition",
    "TreeEnsemble",
    "WeeklyLoad",
    "adjusted_rand",
    "affinities",
    "alive_probability",
    "audit",
    "audit_options",
    "bootstrap_means",
    "bpr",
    "bpr_fold_in",
    "bpr_memory",
    "bpr_options",
    "brief",
    "brief_options",
    "build_audiences",
    "build_interactions",
    "choose_k",
    "choose_k_options",
    "cluster_quality",
    "cluster_quality_options",
    "cohort_retention",
    "cohort_survival",
    "concentration",
    "conflict_graph",
    "conflict_rules",
    "contacts",
    "contributions",
    "cophenetic_correlation",
    "count_levels",
    "criteria_hash",
    "cut_at",
    "cut_into",
    "default_channels",
    "definition_difference",
    "drift",
    "drift_options",
    "ease",
    "ease_memory",
    "ease_options",
    "elbow",
    "engagement",
    "engagement_options",
    "engagement_scores",
    "evaluate",
    "expected_frequencies",
    "expected_purchases",
    "expected_purchases_of_new",
    "expected_spend",
    "expected_tracking",
    "explicit_mf",
    "explicit_mf_fold_in",
    "explicit_mf_memory",
    "explicit_mf_options",
    "find_conflicts",
    "find_pairs",
    "fit_beta_binomial",
    "fit_beta_geo",
    "fit_gamma_gamma",
    "fit_modified_beta_geo",
    "fit_pareto_nbd",
    "fit_scaling",
    "fit_shifted_beta_geo",
    "graph_filter",
    "graph_filter_factors",
    "graph_filter_memory",
    "graph_filter_options",
    "graph_options",
    "holdout_quality",
    "holm",
    "implicit_als",
    "implicit_als_contributions",
    "implicit_als_fold_in",
    "implicit_als_memory",
    "implicit_als_options",
    "interaction_arrays",
    "interaction_options",
    "interactions_from",
    "isotonic",
    "isotonic_values",
    "item_knn",
    "item_knn_memory",
    "judge",
    "k_fold",
    "kmeans",
    "kmeans_distances",
    "kmeans_options",
    "kmeans_plusplus",
    "kmeans_predict",
    "knn_options",
    "kpi_table",
    "leaf_order",
    "leakage",
    "leave_last_out",
    "lifetime_value",
    "lifetime_value_options",
    "linkage",
    "linkage_memory",
    "linkage_options",
    "log_odds",
    "logic_document",
    "logistic",
    "logistic_options",
    "match_columns",
    "matrix_interactions",
    "metric_list",
    "mini_batch_kmeans",
    "mini_batch_kmeans_options",
    "mini_batch_step",
    "nearest_name",
    "open_model",
    "overlap",
    "paired_test",
    "parse_definition",
    "parse_definitions",
    "pile_ups",
    "plan_rules",
    "planted_truth",
    "platt",
    "platt_values",
    "popular",
    "popular_memory",
    "popular_options",
    "preference",
    "preference_options",
    "profile",
    "projected_contributions",
    "purchase_fit_options",
    "purchase_holdout",
    "purchase_log_likelihood",
    "purchase_options",
    "purchase_probabilities",
    "purchase_summary",
    "random_scores",
    "random_scores_memory",
    "random_split",
    "ranks",
    "read_arrow",
    "read_audiences",
    "read_catalog",
    "read_fields",
    "read_interactions",
    "read_json",
    "read_purchases",
    "read_records",
    "read_rfm",
    "ready_segments",
    "ready_suppression",
    "recommend_rules",
    "reliability",
    "reliability_options",
    "reschedule",
    "reschedule_options",
    "residual_lifetime",
    "rfm",
    "rfm_segment_of",
    "rp3beta",
    "rp3beta_memory",
    "rp3beta_options",
    "sample_catalog",
    "sample_policy",
    "sample_portfolio",
    "saturation",
    "save_model",
    "scaling_options",
    "schema_fields",
    "schema_rules",
    "score_pairs",
    "score_quality",
    "score_quality_options",
    "segment_customers",
    "segment_rules",
    "silhouettes",
    "simulate_history",
    "simulate_memberships",
    "simulate_portfolio",
    "slim",
    "slim_memory",
    "slim_options",
    "split_by_time",
    "split_users",
    "stability",
    "stability_options",
    "sufficiency",
    "suppress",
    "time_cut",
    "timing",
    "top_k",
    "tree_scores",
    "tree_shap",
    "truncated_svd",
    "user_knn",
    "user_knn_fold_in",
    "user_knn_memory",
    "validate",
    "weekly_load",
    "which_worked",
    "world_audiences",
    "world_customers",
    "world_experiment",
    "world_interactions",
    "world_journeys",
    "world_products",
    "world_regions",
    "world_segments",
    "world_transactions",
]

class ClarionError(Exception):
    """
    Root of clarion's own exceptions: input that cannot be read, a limit of the machine, a broken file.
    """

class Cancelled(ClarionError):
    pass

class Finding:
    """
    A statement that carries its evidence.
    """
    def __repr__(self) -> str: ...
    @property
    def campaigns(self) -> list[str]:
        """
        Ids, the most concerned first; empty for the whole portfolio.
        """
    @property
    def code(self) -> str:
        """
        Stable code, explained by `clarion explain CODE`.
        """
    @property
    def column(self) -> str:
        """
        Column in the source.
        """
    @property
    def evidence(self) -> dict[str, typing.Any]:
        """
        Named numbers, texts or lists that the statement rests on.
        """
    @property
    def expected_effect(self) -> str:
        """
        What doing it would change.
        """
    @property
    def expected_loss(self) -> float:
        """
        Money at stake, 0 when not estimated.
        """
    @property
    def message(self) -> str:
        """
        One sentence with its numbers.
        """
    @property
    def row(self) -> int | None:
        """
        1-based row of data in the source, where the finding is about input.
        """
    @property
    def severity(self) -> str:
        """
        'error', 'warning' or 'info'.
        """
    @property
    def suggestion(self) -> str:
        """
        What to do about it.
        """
    @property
    def units(self) -> dict[str, typing.Any]:
        """
        Unit of each item of the evidence that has one.
        """
    @property
    def value(self) -> str:
        """
        The text found there.
        """
    @property
    def why(self) -> str:
        """
        How the statement follows from the evidence.
        """

class Channel:
    """
    A way to reach customers.
    """

    name: str
    def __init__(
        self,
        name: str,
        capacity: typing.SupportsFloat | typing.SupportsIndex,
        touches_per_week: typing.SupportsFloat | typing.SupportsIndex = 1.0,
        cost_per_contact: typing.SupportsFloat | typing.SupportsIndex = 0.0,
        effort_days: typing.SupportsFloat | typing.SupportsIndex = 5.0,
    ) -> None: ...
    @property
    def capacity(self) -> float:
        """
        Contacts that one customer takes a week.
        """
    @capacity.setter
    def capacity(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None: ...
    @property
    def cost_per_contact(self) -> float:
        """
        Typical, in the portfolio's currency.
        """
    @cost_per_contact.setter
    def cost_per_contact(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None: ...
    @property
    def effort_days(self) -> float:
        """
        Person-days to set up a typical campaign.
        """
    @effort_days.setter
    def effort_days(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None: ...
    @property
    def touches_per_week(self) -> float:
        """
        Contacts per customer and week where a campaign does not say.
        """
    @touches_per_week.setter
    def touches_per_week(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None: ...

class Acceptance:
    """
    A finding that someone lives with, until a day.
    """

    by: str
    campaign: str
    code: str
    reason: str
    until: datetime.date | None
    def __init__(
        self,
        code: str,
        campaign: str = "",
        by: str = "",
        reason: str = "",
        until: datetime.date | None = None,
    ) -> None: ...

class Blackout:
    """
    Days in which nothing may run.
    """

    channel: str
    end: datetime.date
    name: str
    start: datetime.date
    def __init__(
        self, start: datetime.date, end: datetime.date, name: str = "", channel: str = ""
    ) -> None: ...

class Policy:
    """
    What a team has decided about its findings.
    """

    tag_pattern: str
    today: datetime.date | None
    def __init__(self) -> None: ...
    @property
    def accepted(self) -> list[Acceptance]: ...
    @accepted.setter
    def accepted(self, arg0: collections.abc.Sequence[Acceptance]) -> None: ...
    @property
    def blackouts(self) -> list[Blackout]: ...
    @blackouts.setter
    def blackouts(self, arg0: collections.abc.Sequence[Blackout]) -> None: ...
    @property
    def channels(self) -> list[Channel]: ...
    @channels.setter
    def channels(self, arg0: collections.abc.Sequence[Channel]) -> None: ...
    @property
    def ignore(self) -> list[str]: ...
    @ignore.setter
    def ignore(self, arg0: collections.abc.Sequence[str]) -> None: ...
    @property
    def select(self) -> list[str]: ...
    @select.setter
    def select(self, arg0: collections.abc.Sequence[str]) -> None: ...
    @property
    def severities(self) -> dict[str, typing.Any]: ...
    @severities.setter
    def severities(self, arg1: collections.abc.Mapping[str, str]) -> None: ...

class Product:
    """
    Something that is sold.
    """
    def __init__(
        self,
        id: str,
        name: str = "",
        category: str = "",
        price: typing.SupportsFloat | typing.SupportsIndex = ...,
        cost: typing.SupportsFloat | typing.SupportsIndex = ...,
        launch: datetime.date | None = None,
        stock: typing.SupportsFloat | typing.SupportsIndex = ...,
    ) -> None: ...
    @property
    def category(self) -> str: ...
    @property
    def cost(self) -> float: ...
    @property
    def id(self) -> str: ...
    @property
    def launch(self) -> datetime.date | None: ...
    @property
    def name(self) -> str: ...
    @property
    def price(self) -> float: ...
    @property
    def stock(self) -> float: ...

class Catalog:
    """
    The products; clarion.Catalog wraps it.
    """
    def __init__(self, products: collections.abc.Sequence[Product]) -> None: ...
    def __len__(self) -> int: ...
    def category_of(self, entry: str) -> str: ...
    def find(self, id_or_name: str) -> Product | None: ...
    @property
    def products(self) -> list[Product]: ...

class Rule:
    """
    What a code means.
    """
    def __repr__(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def explanation(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def title(self) -> str: ...

class Portfolio:
    """
    Campaigns by column; clarion.Portfolio wraps it.
    """
    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def column(self, name: str) -> typing.Any:
        """
        A field of all campaigns, in the layout of Arrow.
        """
    def extra(self, at: typing.SupportsInt | typing.SupportsIndex) -> dict[str, typing.Any]: ...
    def find(self, id: str) -> int | None:
        """
        Position of the first campaign with this id, or None.
        """
    def freeze(
        self, rows: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], day: datetime.date
    ) -> Portfolio:
        """
        A copy in which the success criteria of these rows are frozen.
        """
    def has_actuals(self) -> bool: ...
    def row(self, at: typing.SupportsInt | typing.SupportsIndex) -> dict[str, typing.Any]:
        """
        The fields of one campaign; None where a number or a date is not known.
        """
    def take(
        self, rows: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]
    ) -> Portfolio: ...
    def to_json(self, indent: typing.SupportsInt | typing.SupportsIndex = 2) -> str: ...
    @property
    def extra_names(self) -> list[str]: ...
    @property
    def source_row(self) -> numpy.typing.NDArray[numpy.uint64]: ...

class Reading:
    """
    What came of reading a table of campaigns.
    """
    def take_accepted(self) -> Portfolio:
        """
        Moves the portfolio out: ask once.
        """
    @property
    def columns(self) -> list[str]: ...
    @property
    def counts(self) -> list[tuple[str, int]]: ...
    @property
    def findings(self) -> list[Finding]: ...
    @property
    def mapping(self) -> list[tuple[str, str]]: ...
    @property
    def quarantine(self) -> dict[str, typing.Any]: ...
    @property
    def rows_read(self) -> int: ...

class JsonTable:
    """
    Records in JSON as a table; it can be read once.
    """
    def __arrow_c_stream__(self, requested_schema: typing.Any = None) -> typing.Any: ...
    def __init__(self, text: bytes, records: str = "campaigns") -> None: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def num_rows(self) -> int: ...
    @property
    def unreadable(self) -> list[tuple[int, str, str]]: ...

class Mapping:
    """
    How a source stands for records; clarion.schema.Mapping wraps it.
    """
    def __init__(self, json: str) -> None: ...
    def to_json(self, indent: typing.SupportsInt | typing.SupportsIndex = 2) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def table(self) -> str: ...

class Records:
    """
    Records by column; clarion.schema wraps them.
    """
    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def column(self, name: str) -> dict[str, typing.Any]:
        """
        A field of all records, in the layout of Arrow; an empty dict where the source has no such column.
        """
    def source_row(self, record: typing.SupportsInt | typing.SupportsIndex) -> int:
        """
        Row of the source, from 1, of a record, from 0.
        """
    @property
    def first_row(self) -> int: ...
    @property
    def left_out(self) -> numpy.typing.NDArray[numpy.uint64]: ...
    @property
    def table(self) -> str: ...

class RecordReading:
    """
    What came of reading a table of records, or a part of one.
    """
    @property
    def accepted(self) -> Records:
        """
        The records; they live as long as the reading.
        """
    @property
    def columns(self) -> list[str]: ...
    @property
    def counts(self) -> list[tuple[str, int]]: ...
    @property
    def findings(self) -> list[Finding]: ...
    @property
    def mapping(self) -> list[tuple[str, str]]: ...
    @property
    def quarantine(self) -> dict[str, typing.Any]: ...
    @property
    def rows_read(self) -> int: ...

class RecordReader:
    """
    Reads and judges records part by part.
    """
    def __init__(
        self,
        source: typing.Any,
        mapping: Mapping,
        policy: Policy,
        customers: Records | None = None,
        branches: Records | None = None,
        catalog: Catalog | None = None,
        most_per_code: typing.SupportsInt | typing.SupportsIndex = 1000,
        encoding: str = "",
        skipped: collections.abc.Sequence[str] = [],
        unreadable: collections.abc.Sequence[tuple[typing.SupportsInt | typing.SupportsIndex, str, str]] = [],
        n_jobs: typing.Any = None,
    ) -> None: ...
    def finish(self) -> RecordReading:
        """
        Findings about all of it, and counts.
        """
    def next(self, rows: typing.SupportsInt | typing.SupportsIndex) -> RecordReading | None:
        """
        The next rows of the source, or None at its end.
        """

class AudienceSets:
    """
    Campaign x customer membership as compressed sets.
    """
    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def contains(
        self,
        campaign: typing.SupportsInt | typing.SupportsIndex,
        customer: typing.SupportsInt | typing.SupportsIndex,
    ) -> bool:
        """
        Whether the customer of an index is in the campaign of an index.
        """
    def find(self, campaign: str) -> int | None:
        """
        Index of a label, or None.
        """
    @typing.overload
    def find_customer(self, customer: typing.SupportsInt | typing.SupportsIndex) -> int | None:
        """
        Index of a customer id, or None.
        """
    @typing.overload
    def find_customer(self, customer: str) -> int | None: ...
    def member_ids(self, campaign: typing.SupportsInt | typing.SupportsIndex) -> typing.Any:
        """
        Customer ids of a campaign, ascending.
        """
    def members(
        self, campaign: typing.SupportsInt | typing.SupportsIndex
    ) -> numpy.typing.NDArray[numpy.uint32]:
        """
        Customer indices of a campaign, ascending.
        """
    @property
    def campaigns(self) -> list[str]:
        """
        Labels, by campaign index.
        """
    @property
    def memory_bytes(self) -> int:
        """
        Bytes held.
        """
    @property
    def n_customers(self) -> int:
        """
        Customers in at least one campaign.
        """
    @property
    def n_memberships(self) -> int:
        """
        Distinct (campaign, customer) pairs.
        """
    @property
    def sizes(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Audience sizes, by campaign index.
        """

class LoadMeasure:
    """
    What a cube of weekly load holds.

    Members:

      contacts

      spend
    """

    __members__: typing.ClassVar[dict[str, LoadMeasure]]
    contacts: typing.ClassVar[LoadMeasure]
    spend: typing.ClassVar[LoadMeasure]
    @typing.overload
    def __eq__(self, other: LoadMeasure) -> bool: ...
    @typing.overload
    def __eq__(self, other: typing.Any) -> bool: ...
    def __getstate__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __index__(self) -> int: ...
    def __init__(self, value: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __int__(self) -> int: ...
    @typing.overload
    def __ne__(self, other: LoadMeasure) -> bool: ...
    @typing.overload
    def __ne__(self, other: typing.Any) -> bool: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, state: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __str__(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> int: ...

class WeeklyLoad:
    """
    Weekly load and spend of each campaign.
    """
    def __len__(self) -> int: ...
    def columns(self) -> dict[str, typing.Any]:
        """
        Runs of weekly values: those of campaign c are [offsets[c], offsets[c + 1]).
        """
    def cube(
        self,
        measure: LoadMeasure = LoadMeasure.contacts,
        max_bytes: typing.SupportsInt | typing.SupportsIndex = 1073741824,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        campaign x channel x week; ClarionError when it would take more than max_bytes.
        """
    @property
    def capacity(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        By channel, contacts that a customer takes a week; NaN when not registered.
        """
    @property
    def channels(self) -> list[str]:
        """
        Names, registered ones first.
        """
    @property
    def weeks(self) -> list[datetime.date]:
        """
        Mondays.
        """

class PairTable:
    """
    Pairs of campaigns that touch each other.
    """
    def __len__(self) -> int: ...
    def columns(self) -> dict[str, typing.Any]:
        """
        Columns by name, without a copy; a and b are rows of the portfolio.
        """
    @property
    def left_out(self) -> int:
        """
        Pairs that max_pairs left out.
        """

class ConflictGraph:
    """
    Which campaigns conflict, by row of their portfolio.
    """
    def findings(
        self,
        ids: collections.abc.Sequence[str],
        max_findings: typing.SupportsInt | typing.SupportsIndex = 50,
        labels: collections.abc.Sequence[str] = [],
    ) -> list[Finding]:
        """
        C501 to C506; labels are what sentences call the campaigns.
        """
    @property
    def articulations(self) -> list[tuple[int, float, int, int]]:
        """
        [(row, conflict freed, parts left, campaigns in the largest)].
        """
    @property
    def campaigns(self) -> int: ...
    @property
    def cliques(self) -> list[tuple[list[int], float]]:
        """
        [(rows, weight)], heaviest first.
        """
    @property
    def cliques_truncated(self) -> bool: ...
    @property
    def component(self) -> numpy.typing.NDArray[numpy.uint32]: ...
    @property
    def components(self) -> list[tuple[list[int], float]]:
        """
        [(rows, weight)], largest first.
        """
    @property
    def degree(self) -> numpy.typing.NDArray[numpy.uint32]: ...
    @property
    def edges(self) -> dict[str, typing.Any]:
        """
        Columns a, b, weight, reason.
        """
    @property
    def locked(self) -> numpy.typing.NDArray[numpy.uint32]: ...
    @property
    def strength(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def wave(self) -> numpy.typing.NDArray[numpy.uint32]: ...
    @property
    def waves(self) -> int: ...
    @property
    def waves_bound(self) -> int: ...
    @property
    def weight(self) -> float: ...

class Rescheduling:
    """
    The cheapest set of shifts, and what is proved about it.
    """
    @property
    def bound(self) -> float: ...
    @property
    def conflict_after(self) -> float: ...
    @property
    def conflict_before(self) -> float: ...
    @property
    def conflict_held(self) -> float: ...
    @property
    def cost(self) -> float: ...
    @property
    def feasible(self) -> bool: ...
    @property
    def findings(self) -> list[Finding]: ...
    @property
    def gap(self) -> float: ...
    @property
    def least_conflict(self) -> float | None: ...
    @property
    def limit(self) -> float: ...
    @property
    def moves(self) -> list[dict[str, typing.Any]]: ...
    @property
    def nodes(self) -> int: ...
    @property
    def parts(self) -> list[dict[str, typing.Any]]: ...
    @property
    def portfolio(self) -> Portfolio:
        """
        The portfolio at its new dates.
        """
    @property
    def proved(self) -> bool: ...
    @property
    def rates(self) -> dict[str, typing.Any]:
        """
        Columns a, b, rate, reason: conflict of a shared day.
        """
    @property
    def start(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]: ...
    @property
    def windows(
        self,
    ) -> list[tuple[str, datetime.date, datetime.date, datetime.date, datetime.date, bool, bool, float]]:
        """
        [(id, start, end, earliest start, latest start, fixed, over, weight)], by row.
        """

class InteractionMatrix:
    """
    Users x items, by user and by item.
    """
    def __init__(self) -> None: ...
    def __len__(self) -> int:
        """
        Distinct (user, item) pairs.
        """
    def by_item(
        self,
    ) -> tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32] | None,
    ]:
        """
        (offsets, users, weights or None), rows are items.
        """
    def by_user(
        self,
    ) -> tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32] | None,
    ]:
        """
        (offsets, items, weights or None), rows are users.
        """
    def filter(
        self,
        min_user_count: typing.SupportsInt | typing.SupportsIndex,
        min_item_count: typing.SupportsInt | typing.SupportsIndex,
        n_jobs: typing.Any = None,
    ) -> InteractionMatrix:
        """
        The core in which users and items have enough of each other.
        """
    def find_items(self, ids: typing.Any) -> numpy.typing.NDArray[numpy.int64]:
        """
        Numbers of items, -1 for an id that is not there.
        """
    def find_users(self, ids: typing.Any) -> numpy.typing.NDArray[numpy.int64]:
        """
        Numbers of users, -1 for an id that is not there.
        """
    @property
    def has_times(self) -> bool:
        """
        Whether entries have times.
        """
    @property
    def item_texts(self) -> bool:
        """
        Whether ids of items are texts.
        """
    @property
    def items(self) -> typing.Any:
        """
        Ids: an int64 array or a list of str.
        """
    @property
    def memory_bytes(self) -> int:
        """
        Bytes held.
        """
    @property
    def n_items(self) -> int:
        """
        Items.
        """
    @property
    def n_users(self) -> int:
        """
        Users.
        """
    @property
    def times(self) -> numpy.typing.NDArray[numpy.int64]:
        """
        Times of the entries, in the order of by_user; empty where there are none.
        """
    @property
    def unit(self) -> str:
        """
        Unit of the times, as numpy names it.
        """
    @property
    def user_texts(self) -> bool:
        """
        Whether ids of users are texts.
        """
    @property
    def users(self) -> typing.Any:
        """
        Ids: an int64 array or a list of str.
        """

class ItemIndex:
    """
    The side of items of the scores of a model, laid out for top_k.
    """
    def __init__(
        self,
        factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
        weights: tuple[
            typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
            typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
            typing.Any,
        ]
        | None = None,
        dense_weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
        columns: typing.SupportsInt | typing.SupportsIndex = 0,
        terms: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
        n_jobs: typing.Any = None,
    ) -> None: ...
    @property
    def n_items(self) -> int: ...

class Scaling:
    """
    A fitted scaling of columns.
    """
    def __getstate__(self) -> tuple[str, list[float], list[float], list[float], list[int], list[int]]: ...
    def __init__(
        self,
        method: str,
        center: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        scale: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        power: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
        constant: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
        collapsed: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    ) -> None: ...
    def __setstate__(
        self,
        arg0: tuple[
            str,
            collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
            collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
            collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
            collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
            collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
        ],
    ) -> None: ...
    def apply(
        self, x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], n_jobs: typing.Any = None
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Rows scaled.
        """
    def findings(self, names: collections.abc.Sequence[str]) -> list[Finding]:
        """
        What was not as a scaling wants it.
        """
    def invert(
        self, x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], n_jobs: typing.Any = None
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Scaled rows as they were.
        """
    @property
    def center(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]: ...
    @property
    def collapsed(self) -> list[int]: ...
    @property
    def constant(self) -> list[int]: ...
    @property
    def power(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]: ...
    @property
    def scale(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]: ...

class PurchaseData:
    """
    Customers x their purchases.
    """
    def __init__(self) -> None: ...
    def __len__(self) -> int:
        """
        Customers.
        """
    def rows(self) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.float64]]:
        """
        (days, amounts) of all purchases, by customer.
        """
    def until(self, at: datetime.date, n_jobs: typing.Any = None) -> PurchaseData:
        """
        As if read with `at` as the reference date.
        """
    @property
    def at(self) -> datetime.date:
        """
        The reference date.
        """
    @property
    def bought(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Sum of the purchases by customer.
        """
    @property
    def count(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Purchases by customer.
        """
    @property
    def customers(self) -> typing.Any:
        """
        Ids: an int64 array or a list of str.
        """
    @property
    def first_day(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Days since 1970-01-01.
        """
    @property
    def has_amounts(self) -> bool:
        """
        Whether amounts are known.
        """
    @property
    def last_day(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Days since 1970-01-01.
        """
    @property
    def memory_bytes(self) -> int:
        """
        Bytes held.
        """
    @property
    def n_purchases(self) -> int:
        """
        Purchases of all customers.
        """
    @property
    def returned(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Sum of the returns by customer, 0 or less.
        """

class CustomerFields:
    """
    What is known of customers, by field.
    """
    def __len__(self) -> int:
        """
        Customers.
        """
    @property
    def names(self) -> list[str]:
        """
        Names of the fields.
        """

class SegmentDefinition:
    """
    A segment as a named, versioned rule.
    """
    def evaluate(
        self, customers: CustomerFields, n_jobs: typing.Any = None
    ) -> numpy.typing.NDArray[numpy.bool]:
        """
        Who meets it.
        """
    def explain(
        self, customers: CustomerFields, row: typing.SupportsInt | typing.SupportsIndex
    ) -> dict[str, typing.Any]:
        """
        Which of its tests one customer meets.
        """
    def same_as(self, other: SegmentDefinition) -> bool:
        """
        Whether the two are the same.
        """
    def to_json(self, indent: typing.SupportsInt | typing.SupportsIndex = 2) -> str:
        """
        As JSON.
        """
    @property
    def description(self) -> str:
        """
        What it is for.
        """
    @property
    def expected_response(self) -> float:
        """
        Share of customers; 0: not asked for.
        """
    @property
    def fields(self) -> list[str]:
        """
        Names of its fields.
        """
    @property
    def minimum_size(self) -> int:
        """
        Customers it needs; 0: not asked for.
        """
    @property
    def name(self) -> str:
        """
        Its name.
        """
    @property
    def precision(self) -> float:
        """
        Half the width of the interval asked for; 0: not asked for.
        """
    @property
    def text(self) -> str:
        """
        The condition in English.
        """
    @property
    def version(self) -> str:
        """
        Its version.
        """

class PreferenceData:
    """
    What customers favour; clarion.segment.Preference wraps it.
    """
    def __len__(self) -> int: ...
    @property
    def affinity(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Shrunken lift of the favourite.
        """
    @property
    def distinct(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Levels by customer.
        """
    @property
    def effective(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Effective number of levels by customer.
        """
    @property
    def favourite(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Code of a level by customer, 2^32 - 1 where there is none.
        """
    @property
    def no_customer(self) -> int: ...
    @property
    def no_level(self) -> int: ...
    @property
    def no_weight(self) -> int: ...
    @property
    def prior_weight(self) -> float: ...
    @property
    def share(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Share of the favourite in the weight of the customer.
        """
    @property
    def shares(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Share of each level in all weight.
        """
    @property
    def total(self) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
        """
        Weight by customer.
        """
    @property
    def used(self) -> int: ...
    @property
    def weights(
        self,
    ) -> tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32] | None,
    ]:
        """
        (offsets, levels, weights): customers x levels, by row.
        """

class BriefData:
    """
    A pre-launch brief; clarion.Brief is its Python face.
    """
    def to_json(self, indent: typing.SupportsInt | typing.SupportsIndex = 2) -> str:
        """
        The brief in the form of docs/plan/brief.md; indent < 0 gives one line.
        """
    @property
    def accepted(self) -> list[Finding]: ...
    @property
    def kpis(self) -> list[Finding]: ...
    @property
    def quarantine(self) -> tuple[tuple[int, str, list[Finding]], ...]:
        """
        (row, campaign, findings) of each row that reading set aside.
        """
    @property
    def risks(self) -> list[Finding]: ...
    @property
    def roadmap(self) -> list[Finding]: ...
    @property
    def strategies(self) -> list[Finding]: ...
    @property
    def team(self) -> list[Finding]: ...
    @property
    def validation(self) -> list[Finding]: ...

class TreeEnsemble:
    """
    Trees whose leaves are summed, as columns of their nodes.
    """
    def __init__(
        self,
        left: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        right: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        feature: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        threshold: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        missing_left: typing.Annotated[numpy.typing.ArrayLike, numpy.uint8],
        value: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        cover: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        roots: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        base: typing.SupportsFloat | typing.SupportsIndex,
        columns: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    @property
    def columns(self) -> int: ...

def adjusted_rand(
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
) -> float:
    """
    The adjusted Rand index of two labelings.
    """

def affinities(
    data: PreferenceData,
    levels: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Shrunken lifts, customers x these levels; no levels: all of them.
    """

def alive_probability(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    P(alive) of each customer.
    """

def audit(
    reading: RecordReading,
    previous: RecordReading | None = None,
    today: datetime.date | None = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    What a table holds, and what moved in it.
    """

def audit_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    (name, default, meaning, low, high) of each option.
    """

def bootstrap_means(
    columns: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    *,
    n_jobs: typing.Any = None,
    **kwargs: typing.Any,
) -> list[tuple[int, float, float, float, float]]:
    """
    Of each column (columns x rows, NaN left out): number of values, mean, its standard deviation, and its interval.
    """

def bpr(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float64],
]:
    """
    (user factors, item factors, loss of each epoch)
    """

def bpr_fold_in(
    item_factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Factors of new users from their items.
    """

def bpr_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def bpr_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def brief(
    portfolio: Portfolio,
    *,
    audiences: AudienceSets | None = None,
    history: Portfolio | None = None,
    catalog: Catalog | None = None,
    policy: Policy,
    holidays: collections.abc.Sequence[Blackout],
    validation: collections.abc.Sequence[Finding] | None = None,
    quarantine: collections.abc.Sequence[
        tuple[typing.SupportsInt | typing.SupportsIndex, str, collections.abc.Sequence[Finding]]
    ],
    options: dict[str, typing.Any],
    kpi_table: str | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> BriefData:
    """
    Every layer of the brief, once.
    """

def brief_options() -> dict[str, typing.Any]:
    """
    Section -> [(name, default, meaning, low, high)] of everything that a brief can be told.
    """

def build_audiences(
    campaign: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    customer: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    labels: collections.abc.Sequence[str] = [],
    keep_customer_ids: bool = True,
    report_rows: typing.SupportsInt | typing.SupportsIndex = 100,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[AudienceSets, dict[str, typing.Any]]:
    """
    (AudienceSets, report) of two integer columns.
    """

def build_interactions(
    user: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    item: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    weight: typing.Any = None,
    time: typing.Any = None,
    event: typing.Any = None,
    base: InteractionMatrix | None = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[InteractionMatrix, dict[str, typing.Any]]:
    """
    (InteractionMatrix, report) of columns of one length, added to base where there is one.
    """

def choose_k(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    k: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    method: collections.abc.Callable[
        [numpy.typing.NDArray[numpy.float64], int], typing.Annotated[numpy.typing.ArrayLike, numpy.uint32]
    ],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What indices say of each k; method(x, k) gives labels.
    """

def choose_k_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def cluster_quality(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Indices of clusters, by name.
    """

def cluster_quality_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def cohort_retention(
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    level: typing.SupportsFloat | typing.SupportsIndex,
    periods: typing.SupportsInt | typing.SupportsIndex,
) -> dict[str, numpy.typing.NDArray[numpy.float64]]:
    """
    Shares that stay in period 1, 2, ...
    """

def cohort_survival(
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    level: typing.SupportsFloat | typing.SupportsIndex,
    periods: typing.SupportsInt | typing.SupportsIndex,
) -> dict[str, numpy.typing.NDArray[numpy.float64]]:
    """
    Shares still there after 0, 1, ... periods.
    """

def concentration(portfolio: Portfolio, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    Herfindahl index, shares and findings by dimension.
    """

def conflict_graph(
    portfolio: Portfolio,
    audiences: AudienceSets,
    catalog: Catalog,
    policy: Policy,
    options: dict[str, typing.Any] = {},
    pairs: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> ConflictGraph:
    """
    The conflict graph of a portfolio.
    """

def conflict_rules() -> list[Rule]:
    """
    The rules of the conflict room.
    """

def contacts(
    audiences: AudienceSets,
    days: collections.abc.Sequence[
        tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]
    ],
    touches: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    cap: typing.SupportsFloat | typing.SupportsIndex = 3.0,
    caps: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex] = [],
    bins: typing.SupportsInt | typing.SupportsIndex = 16,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Expected weekly contacts of customers against a cap.
    """

@typing.overload
def contributions(
    items: ItemIndex,
    factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None,
    history: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        typing.Any,
    ]
    | None,
    user: typing.SupportsInt | typing.SupportsIndex,
    item: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    What each entry of a user's history contributes to the score of an item.
    """

@typing.overload
def contributions(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    coefficients: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    means: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    names: collections.abc.Sequence[str] = [],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    (x - mean) b, rows x columns.
    """

def cophenetic_correlation(
    merges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    n_jobs: typing.Any = None,
) -> float:
    """
    The correlation of distances with the heights at which points merge.
    """

def count_levels(
    customers: CustomerFields,
    segment: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    field: str,
    n_segments: typing.SupportsInt | typing.SupportsIndex,
) -> dict[str, typing.Any]:
    """
    Customers by segment and level of a text field.
    """

def criteria_hash(targets: collections.abc.Sequence[str]) -> str:
    """
    SHA-256 of success criteria, whatever their order.
    """

def cut_at(
    merges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    height: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    The cluster of each point.
    """

def cut_into(
    merges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    n_clusters: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    The cluster of each point.
    """

def default_channels() -> list[Channel]:
    """
    The eight channels that clarion knows.
    """

def definition_difference(
    before: SegmentDefinition, after: SegmentDefinition
) -> list[tuple[str, str, str, str]]:
    """
    (kind, what, before, after) of each change.
    """

def drift(
    before: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    after: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ids_before: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64] | None,
    ids_after: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64] | None,
    x_before: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    x_after: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    names_before: collections.abc.Sequence[str],
    names_after: collections.abc.Sequence[str],
    options: dict[str, typing.Any],
) -> dict[str, typing.Any]:
    """
    What became of the clusters of one period in the next.
    """

def drift_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def ease(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32] | None,
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (weights, items x items, or None; offsets, columns and values of those of neighbours)
    """

def ease_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def ease_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def elbow(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> int | None:
    """
    The index of the first knee of a falling curve.
    """

def engagement(
    customer: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    day: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    kind: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None,
    customers: typing.SupportsInt | typing.SupportsIndex,
    kinds: typing.SupportsInt | typing.SupportsIndex,
    weights: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex | None] | None = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Points, events and days since the last one by customer, of coded columns.
    """

def engagement_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    Options of how engaged customers are: (name, default, meaning, low, high).
    """

def engagement_scores(
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], n_jobs: typing.Any = None
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Mid-rank percentiles from 0 to 100.
    """

def evaluate(
    items: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    lengths: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    relevant: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ],
    gains: typing.Any,
    columns: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    *,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    history: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    popularity: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    n_users: typing.SupportsInt | typing.SupportsIndex = 0,
    item_vectors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
    by_item: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    by_item_columns: typing.SupportsInt | typing.SupportsIndex = 0,
    group: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    ahead: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    candidates: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    segment: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Counts of users, and metrics as (name, k, mean, users, by user, by segment, users by segment).
    """

def expected_frequencies(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    most: typing.SupportsInt | typing.SupportsIndex,
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Customers expected with 0, ..., most and more repeat purchases.
    """

def expected_purchases(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    level: typing.SupportsFloat | typing.SupportsIndex,
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    periods: typing.SupportsFloat | typing.SupportsIndex,
    intervals: bool = False,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, numpy.typing.NDArray[numpy.float64]]:
    """
    Purchases of each customer in the periods to come.
    """

def expected_purchases_of_new(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    periods: typing.SupportsFloat | typing.SupportsIndex,
) -> float:
    """
    Repeat purchases of a new customer.
    """

def expected_spend(
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    level: typing.SupportsFloat | typing.SupportsIndex,
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    monetary: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    intervals: bool = False,
    n_jobs: typing.Any = None,
) -> dict[str, numpy.typing.NDArray[numpy.float64]]:
    """
    Expected value of a transaction of each customer.
    """

def expected_tracking(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    times: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Repeat purchases of all customers expected by each time.
    """

def explicit_mf(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    float,
    numpy.typing.NDArray[numpy.float64],
]:
    """
    (user factors, item factors, mean, loss after each round)
    """

def explicit_mf_fold_in(
    item_factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    mean: typing.SupportsFloat | typing.SupportsIndex,
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Any,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Factors of new users from their ratings.
    """

def explicit_mf_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def explicit_mf_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def find_conflicts(
    portfolio: Portfolio,
    audiences: AudienceSets,
    catalog: Catalog,
    policy: Policy,
    holidays: collections.abc.Sequence[Blackout],
    *,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    Every detector over one portfolio.
    """

def find_pairs(
    portfolio: Portfolio,
    audiences: AudienceSets | None = None,
    catalog: Catalog | None = None,
    *,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
    **kwargs: typing.Any,
) -> PairTable:
    """
    Pairs of campaigns that touch each other.
    """

def fit_beta_binomial(
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def fit_beta_geo(
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def fit_gamma_gamma(
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    monetary: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def fit_modified_beta_geo(
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def fit_pareto_nbd(
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def fit_scaling(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> Scaling:
    """
    A scaling of columns.
    """

def fit_shifted_beta_geo(
    cohorts: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex]],
    options: dict[str, typing.Any],
) -> dict[str, typing.Any]:
    """
    What the fit says of its parameters.
    """

def graph_filter(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
    ],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (user factors, item factors, basis, normalized interactions, terms)
    """

def graph_filter_factors(
    basis: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Any,
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Factors of users from their items.
    """

def graph_filter_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def graph_filter_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def graph_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def holdout_quality(
    expected: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    seen: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    most: typing.SupportsInt | typing.SupportsIndex = 6,
) -> dict[str, typing.Any]:
    """
    Forecast and truth.
    """

def holm(p: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]) -> numpy.typing.NDArray[numpy.float64]:
    """
    p-values adjusted for their number.
    """

def implicit_als(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    start: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
    validation: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    patience: typing.SupportsInt | typing.SupportsIndex = 2,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.float64],
]:
    """
    (user factors, item factors, loss after each round, NDCG of what was held out after each round)
    """

def implicit_als_contributions(
    items: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None,
    item: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    What each entry of a user contributes to the score of an item.
    """

def implicit_als_fold_in(
    fixed: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Any,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Factors of new rows, one exact half of a round against the fixed side.
    """

def implicit_als_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def implicit_als_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def interaction_arrays(data: InteractionMatrix, prefix: str = "") -> dict[str, typing.Any]:
    """
    What a model folder keeps of interactions: arrays by name, read-only.
    """

def interaction_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    Options of interactions: (name, default, meaning, low, high).
    """

def interactions_from(
    arrays: dict[str, typing.Any], prefix: str = "", n_jobs: typing.Any = None, progress: typing.Any = None
) -> InteractionMatrix:
    """
    Interactions of the arrays that interaction_arrays gave, checked and copied.
    """

def isotonic(
    scores: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
    """
    (scores, values) of the curve's points.
    """

def isotonic_values(
    score: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    value: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    at: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The curve at other scores.
    """

def item_knn(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (offsets, columns, values) of items x items: the neighbours of each item.
    """

def item_knn_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def judge(findings: collections.abc.Sequence[Finding], policy: Policy) -> tuple[list[Finding], list[Finding]]:
    """
    (open, accepted): the findings after the policy.
    """

def k_fold(
    data: InteractionMatrix,
    folds: typing.SupportsInt | typing.SupportsIndex = 5,
    seed: typing.SupportsInt | typing.SupportsIndex = 0,
    n_jobs: typing.Any = None,
) -> list[tuple[InteractionMatrix, InteractionMatrix]]:
    """
    [(train, test)]: each entry is in the test of one fold.
    """

def kmeans(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    options: dict[str, typing.Any],
    sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    centers: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]] | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    float,
    int,
    int,
]:
    """
    (centers, labels, inertia, iterations, clusters that have rows)
    """

def kmeans_distances(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    centers: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    n_jobs: typing.Any = None,
) -> numpy.ndarray[typing.Any, numpy.dtype[typing.Any]]:
    """
    Distances, rows x centers.
    """

def kmeans_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def kmeans_plusplus(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    n_clusters: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex = 0,
    sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Rows to begin with.
    """

def kmeans_predict(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    centers: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    n_jobs: typing.Any = None,
) -> tuple[numpy.ndarray[typing.Any, numpy.dtype[typing.Any]], float]:
    """
    (labels, inertia)
    """

def knn_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def kpi_table(own: str | None = None) -> str:
    """
    The table of KPIs as JSON, with one's own (JSON) laid over it.
    """

def leaf_order(
    merges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    The points in the order of a dendrogram.
    """

def leakage(
    train: InteractionMatrix,
    test: InteractionMatrix,
    cut: typing.SupportsInt | typing.SupportsIndex | None = None,
    n_jobs: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What a test part gives away or cannot be judged by.
    """

def leave_last_out(
    data: InteractionMatrix, n: typing.SupportsInt | typing.SupportsIndex = 1, n_jobs: typing.Any = None
) -> tuple[InteractionMatrix, InteractionMatrix]:
    """
    (train, test): the last n entries of each user are test.
    """

def lifetime_value(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    spend_parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    spend_covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    spend_frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    monetary: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[dict[str, numpy.typing.NDArray[numpy.float64]], dict[str, typing.Any]]:
    """
    (values of customers, value of all), each with its interval.
    """

def lifetime_value_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def linkage(
    points: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The merges of rows: left, right, height, points.
    """

def linkage_memory(
    n: typing.SupportsInt | typing.SupportsIndex,
    columns: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
) -> float:
    """
    Bytes that a tree takes at its peak.
    """

def linkage_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def log_odds(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    coefficients: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    intercept: typing.SupportsFloat | typing.SupportsIndex,
    names: collections.abc.Sequence[str] = [],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    intercept + x b for each row.
    """

def logic_document(
    segments: collections.abc.Sequence[SegmentDefinition],
    segmented: dict[str, typing.Any],
    rules: collections.abc.Sequence[SegmentDefinition],
    suppressed: dict[str, typing.Any],
    title: str,
    version: str,
    day: datetime.date,
    html: bool,
) -> str:
    """
    The logic of segments and suppression for audit.
    """

def logistic(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.uint8],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    options: dict[str, typing.Any],
    names: collections.abc.Sequence[str] = [],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    A logistic regression, as clarion::stats::logistic_fit.
    """

def logistic_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def match_columns(
    columns: collections.abc.Sequence[str],
    chosen: collections.abc.Sequence[tuple[str, str]],
    guess: bool = True,
    of: str = "campaigns",
) -> dict[str, typing.Any]:
    """
    Which column holds which field of a table.
    """

def matrix_interactions(
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Any,
    columns: typing.SupportsInt | typing.SupportsIndex,
    users: typing.Any = None,
    items: typing.Any = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[InteractionMatrix, dict[str, typing.Any]]:
    """
    (InteractionMatrix, report) of the arrays of a CSR matrix.
    """

def metric_list() -> list[tuple[str, bool, bool, bool, str]]:
    """
    The metrics as (name, measured at each k, has a value for each user, better when higher, meaning).
    """

def mini_batch_kmeans(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    options: dict[str, typing.Any],
    sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    centers: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]] | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    float,
    int,
    int,
    int,
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
]:
    """
    (centers, labels, inertia, iterations, clusters that have rows, steps, weights seen)
    """

def mini_batch_kmeans_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def mini_batch_step(
    x: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    centers: numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    counts: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    sample_weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    n_jobs: typing.Any = None,
) -> tuple[
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    numpy.ndarray[typing.Any, numpy.dtype[typing.Any]],
    float,
]:
    """
    (centers, weights seen, inertia before)
    """

def nearest_name(names: collections.abc.Sequence[str], name: str) -> str | None:
    """
    The name that was probably meant, or None.
    """

def open_model(
    folder: bytes, kind: str = "", verify: bool = True, n_jobs: typing.Any = None, progress: typing.Any = None
) -> tuple[str, str, dict[str, typing.Any]]:
    """
    (kind, metadata as JSON, arrays by name: read-only, in the mapped files).
    """

def overlap(
    audiences: AudienceSets,
    min_shared: typing.SupportsInt | typing.SupportsIndex = 0,
    pairs: collections.abc.Sequence[
        tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]
    ]
    | None = None,
    concurrent_only: collections.abc.Sequence[
        tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]
    ] = [],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Columns of the pairs of campaigns and the customers they share.
    """

def paired_test(
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    *,
    n_jobs: typing.Any = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    Whether two columns of the same units have the same mean: paired t test and permutation of signs.
    """

def parse_definition(json: str) -> SegmentDefinition:
    """
    A definition from JSON.
    """

def parse_definitions(json: str) -> list[SegmentDefinition]:
    """
    Definitions from JSON.
    """

def pile_ups(
    audiences: AudienceSets,
    days: collections.abc.Sequence[
        tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]
    ],
    k: typing.SupportsInt | typing.SupportsIndex = 3,
    min_shared: typing.SupportsInt | typing.SupportsIndex = 100,
    top: typing.SupportsInt | typing.SupportsIndex = 20,
    max_steps: typing.SupportsInt | typing.SupportsIndex = 1000000,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Campaigns that pile up on the same customers.
    """

def plan_rules() -> list[Rule]:
    """
    The rules of every room, by code.
    """

def planted_truth() -> dict[str, typing.Any]:
    """
    Parameters that the sample and its world were made from.
    """

def platt(
    scores: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
) -> tuple[float, float, bool]:
    """
    (slope, intercept, converged)
    """

def platt_values(
    slope: typing.SupportsFloat | typing.SupportsIndex,
    intercept: typing.SupportsFloat | typing.SupportsIndex,
    at: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The sigmoid at other scores.
    """

def popular(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    segment: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[numpy.typing.NDArray[numpy.float32], numpy.typing.NDArray[numpy.float32]]:
    """
    (user factors, item factors): of all users, and of each segment.
    """

def popular_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_segments: typing.SupportsInt | typing.SupportsIndex = 0,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def popular_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def preference(
    customer: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    level: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    weight: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    customers: typing.SupportsInt | typing.SupportsIndex,
    levels: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> PreferenceData:
    """
    What each customer favours, of coded columns.
    """

def preference_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    Options of what customers favour: (name, default, meaning, low, high).
    """

def profile(
    customers: CustomerFields,
    segment: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    n_segments: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    What sets each segment apart from the other customers.
    """

def projected_contributions(
    items: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    user: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    item: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    What each of a user's items accounts for in the product of the user's vector with an item's.
    """

def purchase_fit_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def purchase_holdout(
    data: PurchaseData,
    cut: datetime.date,
    unit: typing.SupportsFloat | typing.SupportsIndex = 1.0,
    n_jobs: typing.Any = None,
) -> tuple[PurchaseData, dict[str, typing.Any]]:
    """
    (the purchases until the cut, what models take of them and what came after).
    """

def purchase_log_likelihood(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    frequency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    recency: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    age: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    n_jobs: typing.Any = None,
) -> float:
    """
    Log-likelihood of histories.
    """

def purchase_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    Options of reading transactions: (name, default, meaning, low, high).
    """

def purchase_probabilities(
    family: str,
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    periods: typing.SupportsFloat | typing.SupportsIndex,
    most: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    P(X = 0), ..., P(X = most) of a new customer.
    """

def purchase_summary(
    data: PurchaseData, unit: typing.SupportsFloat | typing.SupportsIndex = 1.0, n_jobs: typing.Any = None
) -> dict[str, typing.Any]:
    """
    Repeat purchases, recency, T and mean spend.
    """

def random_scores(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex = 0,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[numpy.typing.NDArray[numpy.float32], numpy.typing.NDArray[numpy.float32]]:
    """
    (user factors, item factors) whose products are in random order.
    """

def random_scores_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex, n_items: typing.SupportsInt | typing.SupportsIndex
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def random_split(
    data: InteractionMatrix, n_jobs: typing.Any = None, **kwargs: typing.Any
) -> tuple[InteractionMatrix, InteractionMatrix]:
    """
    (train, test): a share of each user's entries is test.
    """

def ranks(
    items: ItemIndex,
    factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None,
    history: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        typing.Any,
    ]
    | None,
    pairs: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ],
    exclude: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    How many items come before the item of each pair in the endless list of its user.
    """

def read_arrow(
    source: typing.Any,
    policy: Policy,
    catalog: Catalog | None = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
) -> Reading:
    """
    Reads and judges the rows of an Arrow stream.
    """

def read_audiences(
    source: typing.Any,
    campaign: str = "campaign",
    customer: str = "customer",
    keep_customer_ids: bool = True,
    report_rows: typing.SupportsInt | typing.SupportsIndex = 100,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[AudienceSets, dict[str, typing.Any]]:
    """
    (AudienceSets, report) of an object that exports an Arrow stream.
    """

def read_catalog(
    source: typing.Any, columns: collections.abc.Sequence[tuple[str, str]] = [], n_jobs: typing.Any = None
) -> Catalog:
    """
    Reads products from an Arrow stream.
    """

def read_fields(
    source: typing.Any, names: collections.abc.Sequence[str], n_jobs: typing.Any = None
) -> CustomerFields:
    """
    The fields of these names that an object that exports an Arrow stream has.
    """

def read_interactions(
    source: typing.Any,
    columns: collections.abc.Mapping[str, str],
    base: InteractionMatrix | None = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[InteractionMatrix, dict[str, typing.Any]]:
    """
    (InteractionMatrix, report) of an object that exports an Arrow stream, added to base where there is one.
    """

def read_json(
    text: bytes,
    policy: Policy,
    catalog: Catalog | None = None,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
) -> Reading:
    """
    Reads and judges campaigns in JSON.
    """

def read_purchases(
    source: typing.Any,
    columns: collections.abc.Mapping[str, str],
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[PurchaseData, dict[str, typing.Any]]:
    """
    (PurchaseData, report) of an object that exports an Arrow stream.
    """

def read_records(
    source: typing.Any,
    mapping: Mapping,
    policy: Policy,
    customers: Records | None = None,
    branches: Records | None = None,
    catalog: Catalog | None = None,
    most_per_code: typing.SupportsInt | typing.SupportsIndex = 1000,
    rows: typing.SupportsInt | typing.SupportsIndex = 0,
    encoding: str = "",
    skipped: collections.abc.Sequence[str] = [],
    unreadable: collections.abc.Sequence[tuple[typing.SupportsInt | typing.SupportsIndex, str, str]] = [],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> RecordReading:
    """
    Reads and judges the rows of an Arrow stream.
    """

def read_rfm(
    source: typing.Any,
    columns: collections.abc.Mapping[str, str],
    reading: dict[str, typing.Any] = {},
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[PurchaseData, dict[str, typing.Any], dict[str, typing.Any]]:
    """
    (PurchaseData, result, report) of an object that exports an Arrow stream.
    """

def ready_segments(**kwargs: typing.Any) -> list[SegmentDefinition]:
    """
    The business segments of a bank or a pharmacy chain.
    """

def ready_suppression(**kwargs: typing.Any) -> list[SegmentDefinition]:
    """
    No consent, high risk, recent contact and low value.
    """

def recommend_rules() -> list[Rule]:
    """
    The rules of the recommender.
    """

def reliability(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    Bins (from, to, n, weight, predicted, observed, low, high), the Brier score, its parts and the errors.
    """

def reliability_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def reschedule(
    portfolio: Portfolio,
    audiences: AudienceSets,
    catalog: Catalog,
    policy: Policy,
    options: dict[str, typing.Any] = {},
    pairs: dict[str, typing.Any] = {},
    weights: collections.abc.Mapping[str, typing.SupportsFloat | typing.SupportsIndex] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> Rescheduling:
    """
    The cheapest set of shifts under a conflict limit.
    """

def reschedule_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def residual_lifetime(
    parameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None,
    level: typing.SupportsFloat | typing.SupportsIndex,
    renewals: typing.SupportsInt | typing.SupportsIndex,
    discount: typing.SupportsFloat | typing.SupportsIndex,
) -> dict[str, numpy.typing.NDArray[numpy.float64]]:
    """
    Discounted periods that a customer will still pay.
    """

def rfm(
    data: PurchaseData,
    options: dict[str, typing.Any] = {},
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    Measures, scores and segments of purchases.
    """

def rfm_segment_of(
    recency_score: typing.SupportsInt | typing.SupportsIndex,
    frequency_score: typing.SupportsInt | typing.SupportsIndex,
) -> str:
    """
    The segment of two scores.
    """

def rp3beta(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (offsets, columns, values) of items x items.
    """

def rp3beta_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def rp3beta_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def sample_catalog() -> Catalog:
    """
    The 48 products of the embedded sample.
    """

def sample_policy() -> Policy:
    """
    The embedded sample's clarion.toml.
    """

def sample_portfolio() -> Portfolio:
    """
    The 15 campaigns of the embedded sample.
    """

def saturation(
    portfolio: Portfolio,
    audiences: AudienceSets,
    policy: Policy,
    *,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
    **kwargs: typing.Any,
) -> tuple[dict[str, typing.Any], WeeklyLoad]:
    """
    (columns, WeeklyLoad): load against capacity, new reach, findings.
    """

def save_model(
    folder: bytes,
    kind: str,
    metadata: str,
    arrays: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> None:
    """
    Writes a model folder whole or not at all; metadata is the text of a JSON object.
    """

def scaling_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def schema_fields(of: str = "campaigns") -> list[tuple[str, str, bool, str, list[str]]]:
    """
    The fields of a table: (name, kind, required, meaning, other column names).
    """

def schema_rules() -> list[Rule]:
    """
    The rules of reading and validation.
    """

def score_pairs(
    items: ItemIndex,
    factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None,
    history: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        typing.Any,
    ]
    | None,
    user: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    item: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    n_jobs: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Scores of the pairs (user[p], item[p]).
    """

def score_quality(
    scores: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    y: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    Figures by name, groups and curve by column.
    """

def score_quality_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def segment_customers(
    customers: CustomerFields,
    segments: collections.abc.Sequence[SegmentDefinition],
    n_jobs: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    The first definition that holds, by customer.
    """

def segment_rules() -> list[Rule]:
    """
    The rules of the segment room.
    """

def silhouettes(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The silhouette of every row.
    """

def simulate_history(**kwargs: typing.Any) -> Portfolio:
    """
    Finished campaigns with actuals; keywords are the fields of history_options.
    """

def simulate_memberships(
    customers: typing.SupportsInt | typing.SupportsIndex,
    mean_share: typing.SupportsFloat | typing.SupportsIndex,
    *,
    n_jobs: typing.Any = None,
    **kwargs: typing.Any,
) -> dict[str, typing.Any]:
    """
    Audiences of simulate_portfolio() in long form: the row of the campaign, the customer.
    """

def simulate_portfolio(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> Portfolio:
    """
    A clean portfolio of any size; keywords are the fields of portfolio_options.
    """

def slim(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (offsets, columns, values) of items x items.
    """

def slim_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def slim_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def split_by_time(
    data: InteractionMatrix, cut: typing.SupportsInt | typing.SupportsIndex, n_jobs: typing.Any = None
) -> tuple[InteractionMatrix, InteractionMatrix]:
    """
    (train, test): entries from the cut on are test.
    """

def split_users(
    data: InteractionMatrix, n_jobs: typing.Any = None, **kwargs: typing.Any
) -> tuple[InteractionMatrix, InteractionMatrix, InteractionMatrix, numpy.typing.NDArray[numpy.uint32]]:
    """
    (train, fold_in, target, held_out): some users are held out.
    """

def stability(
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    method: collections.abc.Callable[
        [numpy.typing.NDArray[numpy.float64]], typing.Annotated[numpy.typing.ArrayLike, numpy.uint32]
    ],
    options: dict[str, typing.Any],
    names: collections.abc.Sequence[str],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> dict[str, typing.Any]:
    """
    How often clusters come back in samples; method(x) gives labels.
    """

def stability_options() -> list[tuple[str, typing.Any, str, float, float]]:
    """
    [(name, default, meaning, low, high)]
    """

def sufficiency(data: InteractionMatrix, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    Whether there is enough to learn from.
    """

def suppress(
    customers: CustomerFields, rules: collections.abc.Sequence[SegmentDefinition], n_jobs: typing.Any = None
) -> dict[str, typing.Any]:
    """
    The first rule that suppresses, by customer.
    """

def time_cut(data: InteractionMatrix, test_fraction: typing.SupportsFloat | typing.SupportsIndex) -> int:
    """
    The latest cut that leaves at least this share to test.
    """

def timing(
    portfolio: Portfolio,
    audiences: AudienceSets,
    catalog: Catalog,
    policy: Policy,
    holidays: collections.abc.Sequence[Blackout],
    *,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
    **kwargs: typing.Any,
) -> tuple[list[Finding], dict[str, typing.Any]]:
    """
    (findings, days that are taken)
    """

def top_k(
    items: ItemIndex,
    factors: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None,
    history: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
        typing.Any,
    ]
    | None,
    k: typing.SupportsInt | typing.SupportsIndex,
    exclude: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    allow: tuple[
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    ]
    | None = None,
    available: typing.Annotated[numpy.typing.ArrayLike, numpy.uint8] | None = None,
    boost: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
    group: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32] | None = None,
    group_quota: typing.SupportsInt | typing.SupportsIndex = 0,
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.uint32],
]:
    """
    (items, scores, lengths) of the best items of each user; 2^32 - 1 and NaN in places that are not used.
    """

def tree_scores(
    trees: TreeEnsemble, x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], n_jobs: typing.Any = None
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The sum of the leaves for each row.
    """

def tree_shap(
    trees: TreeEnsemble,
    x: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
    """
    (expected score, what each column adds to a row's score)
    """

def truncated_svd(
    offsets: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
    index: typing.Annotated[numpy.typing.ArrayLike, numpy.uint32],
    value: typing.Any,
    columns: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (singular values, left vectors, right vectors) of a CSR matrix.
    """

def user_knn(
    data: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
    progress: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (offsets, columns, values) of users x users: the neighbours of each user.
    """

def user_knn_fold_in(
    data: InteractionMatrix,
    rows: InteractionMatrix,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> tuple[
    numpy.typing.NDArray[numpy.uint64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    (offsets, columns, values) of rows x users of data: the neighbours of other users.
    """

def user_knn_memory(
    n_users: typing.SupportsInt | typing.SupportsIndex,
    n_items: typing.SupportsInt | typing.SupportsIndex,
    n_interactions: typing.SupportsInt | typing.SupportsIndex,
    options: dict[str, typing.Any],
    n_jobs: typing.Any = None,
) -> float:
    """
    Bytes that a fit takes beside the interactions.
    """

def validate(
    portfolio: Portfolio,
    policy: Policy,
    catalog: Catalog | None = None,
    history: bool = False,
    most_per_code: typing.SupportsInt | typing.SupportsIndex = 1000,
    n_jobs: typing.Any = None,
) -> list[Finding]:
    """
    Judges campaigns by the rules.
    """

def weekly_load(portfolio: Portfolio, policy: Policy, **kwargs: typing.Any) -> WeeklyLoad:
    """
    Weekly load and spend of each campaign.
    """

def which_worked(
    history: Portfolio, catalog: Catalog | None = None, *, n_jobs: typing.Any = None, **kwargs: typing.Any
) -> tuple[dict[str, typing.Any], list[Finding]]:
    """
    (columns, findings): which finished campaigns worked.
    """

def world_audiences(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> AudienceSets:
    """
    AudienceSets of the sample's campaigns.
    """

def world_customers(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    People, a row each.
    """

def world_experiment(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    A randomised test and its contacts.
    """

def world_interactions(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    Product events.
    """

def world_journeys(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    Paths and their touches.
    """

def world_products() -> list[str]:
    """
    Ids of the catalogue's products, by row.
    """

def world_regions() -> list[str]:
    """
    Names of the regions, by code.
    """

def world_segments() -> list[str]:
    """
    Names of the segments, by bit.
    """

def world_transactions(*, n_jobs: typing.Any = None, **kwargs: typing.Any) -> dict[str, typing.Any]:
    """
    Order lines.
    """

__version__: str = "0.1.0"
