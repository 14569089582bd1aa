"""The command line: audit, brief, check, explain, reschedule, sample, segment."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import partial, wraps
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from clarion import ClarionError, __version__

app = typer.Typer(
    name="clarion",
    help="Check a campaign portfolio before launch: what collides, what to expect, what to do about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Gate(StrEnum):
    """The least severity of a finding that makes the exit status 1."""

    never = "never"
    error = "error"
    warning = "warning"


@dataclass
class Given:
    """What several commands take; `command` says which of them."""

    portfolio: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, JSON or Parquet; the embedded sample where none is given.", show_default=False
        ),
    ] = None
    audiences: Annotated[
        Path | None, typer.Option(help="Table of campaign and customer, a row a membership.")
    ] = None
    history: Annotated[Path | None, typer.Option(help="Finished campaigns with what they came to.")] = None
    catalog: Annotated[
        Path | None, typer.Option(help="Products: id, name, category, price, cost, launch, stock.")
    ] = None
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Where a field stands under another name."),
    ] = None
    kpi_table: Annotated[
        Path | None,
        typer.Option(help="The team's own KPIs (JSON, TOML or CSV), laid over the table of KPIs."),
    ] = None
    holidays: Annotated[
        str | None,
        typer.Option(metavar="COUNTRY", help="Nothing should start on its holidays: US, DE, US-CA, ..."),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option(help="clarion.toml; by default the one beside the portfolio or in this folder."),
    ] = None
    select: Annotated[
        list[str] | None, typer.Option(metavar="CODES", help="Keep only these codes or prefixes.")
    ] = None
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODES", help="Drop these codes or prefixes.")
    ] = None
    json_: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="Write the result as JSON; '-' for standard output, the text then goes to standard error.",
        ),
    ] = None
    fail_on: Annotated[Gate, typer.Option(help="Exit 1 when a finding of this severity or worse stands.")] = (
        Gate.never
    )
    today: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of judgement.")] = None


def command(taken: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function of a Given and its own options as a command that takes these fields of Given as well."""
    hints = get_type_hints(Given, include_extras=True)
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(Given)
        if field.name in taken.split()
    ]

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        parameters = [*shared, *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own)]

        @wraps(function)
        def run(**values: Any) -> None:
            given = Given(**{each.name: values.pop(each.name) for each in shared})
            try:
                function(given, **values)
            except KeyboardInterrupt:
                typer.echo("\nclarion: stopped", err=True)
                raise typer.Exit(130) from None

        run.__dict__["__signature__"] = inspect.Signature(parameters)
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command()(run)
        return function

    return register


INPUTS = "portfolio audiences catalog map_ config today json_"


@command(f"{INPUTS} history kpi_table holidays select ignore fail_on")
def brief(
    given: Given,
    out: Annotated[Path | None, typer.Option(help="Write the brief as one HTML page.")] = None,
) -> None:
    """The pre-launch brief: strategies, KPIs, risks, roadmap, team."""
    from clarion.plan import brief as make_brief
    from clarion.report.text import brief_text

    with _inputs():
        inputs = _read(given)
        with _progress("planning") as progress:
            result = make_brief(**inputs, progress=progress)
        if out is not None:
            result.write(out)
        _write_json(given.json_, result.to_json())
    plan = result.to_dict()
    err = _to_stderr(given)
    say, style = partial(typer.echo, err=err), _style(err)
    say(brief_text(plan, style, _width()))
    for path in (out, given.json_):
        if path is not None and str(path) != "-":
            say(f"wrote {path}")
    _gate(plan, given.fail_on)


@command("portfolio catalog map_ config select ignore json_ fail_on today")
def check(given: Given) -> None:
    """Validation only: what is wrong with the records, row by row."""
    import json

    from clarion.report.text import finding_text, summary_line

    with _inputs():
        inputs = _read(given)
        read = inputs["portfolio"]
        findings, accepted = read.findings.judge(inputs["policy"])
        report = {
            "rows_read": read.rows_read,
            "accepted_rows": len(read),
            "quarantined_rows": read.rows_read - len(read),
            "findings": findings.to_dict(),
            "accepted": accepted.to_dict(),
        }
        _write_json(given.json_, json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False))
    err = _to_stderr(given)
    say, style = partial(typer.echo, err=err), _style(err)
    for finding in report["findings"]:
        say(finding_text(finding, style, _width()))
    say(
        f"{read.rows_read:,} rows read, {len(read):,} accepted, {report['quarantined_rows']:,} in quarantine; "
        f"{summary_line(report['findings'])}; {len(accepted)} accepted findings"
    )
    _gate(report, given.fail_on)


@command("")
def explain(
    _: Given,
    code: Annotated[
        str | None,
        typer.Argument(help="A code such as S001; all of them where none is given.", show_default=False),
    ] = None,
) -> None:
    """What a code means, when it fires and what resolves it."""
    from clarion.report.text import rule_text
    from clarion.schema import explain as look_up

    style = _style()
    if code is None:
        from clarion.plan import rules

        for rule in rules():
            typer.echo(f"{style(rule.code, bold=True)}  {rule.severity:7}  {rule.title}")
        return
    with _inputs():
        rule = look_up(code)
    typer.echo(rule_text(rule, style, _width()))


@command(INPUTS)
def reschedule(
    given: Given,
    limit: Annotated[
        float | None, typer.Option(help="Conflict to stay under; half of today's where not given.")
    ] = None,
    max_shift_days: Annotated[
        int | None,
        typer.Option(help="Farthest a campaign without a window of its own may move; 14 where not given."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the rescheduled portfolio (CSV, JSON or Parquet).")
    ] = None,
) -> None:
    """The cheapest moves that bring conflict under a limit, with the proof that no cheaper ones do."""
    import json

    from clarion import conflict
    from clarion.report.text import finding_text

    with _inputs():
        inputs = _read(given)
        tables = inputs["options"]
        rates = {name: tables.get("pairs", {}).get(name) for name in ("cross_channel", "product_weight")}
        chosen = {**tables.get("reschedule", {}), **rates}
        for name, value in (("limit", limit), ("max_shift_days", max_shift_days)):
            chosen[name] = chosen.get(name) if value is None else value
        options = {name: value for name, value in chosen.items() if value is not None}
        with _progress("rescheduling") as progress:
            result = conflict.reschedule(
                inputs["portfolio"], audiences=inputs["audiences"], catalog=inputs["catalog"], policy=inputs["policy"],
                progress=progress, **options,
            )  # fmt: skip
        if out is not None:
            result.portfolio().write(out)
        _write_json(given.json_, json.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    err = _to_stderr(given)
    say, style = partial(typer.echo, err=err), _style(err)
    for finding in result.findings.to_dict():
        say(finding_text(finding, style, _width()))
    verdict = "proved" if result.proved else f"not proved: at best {result.bound:,.4g}"
    say(
        f"{len(result.moves)} move{'s' * (len(result.moves) != 1)}: {result.conflict_before:,.4g} to "
        f"{result.conflict_after:,.4g} weighted days of conflict (limit {result.limit:,.4g}{'' if result.feasible else ', out of reach'}), cost {result.cost:,.4g} ({verdict})"
    )
    if out is not None:
        say(f"wrote {out}")


@command("json_ fail_on today")
def audit(
    given: Given,
    file: Annotated[Path, typer.Argument(help="CSV, JSON, Parquet or Arrow: a table of records.")],
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FILE|FIELD=COLUMN", help="A mapping (TOML or JSON), or where a field stands."
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            help="transactions, customers, branches, responses or events; the mapping's where not given."
        ),
    ] = None,
    previous: Annotated[Path | None, typer.Option(help="The same table of the cycle before.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the audit as one HTML page.")] = None,
) -> None:
    """The data audit: what a table of records holds, what was refused, what has moved since the last cycle."""
    from clarion import config as settings
    from clarion.report.text import finding_text, summary_line
    from clarion.schema import audit as look_at
    from clarion.schema.records import TABLES

    with _inputs():
        mapping = _records_mapping(map_, table or "transactions")
        if table is not None and table != mapping.table:
            raise ValueError(f"--table: {table!r} is not allowed; the mapping is of {mapping.table}")
        policy = settings.Config().policy
        if given.today is not None:
            policy.today = settings.parse_day("--today", given.today)
        kind = TABLES[mapping.table]
        now = kind.read(file, mapping, policy=policy)
        before = kind.read(previous, mapping, policy=policy) if previous is not None else None
        report = look_at(now, before, today=policy.today)
        if out is not None:
            report.to_html(out)
        _write_json(given.json_, report.to_json())
    err = _to_stderr(given)
    say, style = partial(typer.echo, err=err), _style(err)
    plain = report.to_dict()
    for finding in plain["findings"]:
        say(finding_text(finding, style, _width()))
    say(
        f"{report.rows_read:,} rows read, {report.accepted:,} accepted, {report.quarantined:,} in quarantine; "
        f"{summary_line(plain['findings'])}"
    )
    for path in (out, given.json_):
        if path is not None and str(path) != "-":
            say(f"wrote {path}")
    _gate(plain, given.fail_on)


#: Columns of a cycle and of the sample.
_PEOPLE = {"customer": "customer", "consent": "consents_email", "region": "region"}
_SEEN = {"customer": "customer", "time": "day", "kind": "event"}


@command("map_ json_ fail_on")
def segment(
    given: Given,
    transactions: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, JSON, Parquet or Arrow; the embedded sample where none is given.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report, customers, logic, audit and quarantine.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The reference date; the latest day of the data.")
    ] = None,
    customers: Annotated[
        Path | None, typer.Option(help="What is known of customers: customer, consent, risk, ...")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="What a tracker saw: customer, time, kind; for the engagement score.")
    ] = None,
    definitions: Annotated[Path | None, typer.Option(help="Segments, as JSON of a DefinitionSet.")] = None,
    suppression: Annotated[
        Path | None, typer.Option(help="Rules of suppression, as JSON of a DefinitionSet.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="The one to use where there are several.")] = None,
    horizon_days: Annotated[int, typer.Option(min=1, help="How far ahead purchases are foreseen.")] = 90,
    clusters: Annotated[
        int | None, typer.Option(min=1, help="How many; chosen where not given.", show_default=False)
    ] = None,
    previous: Annotated[Path | None, typer.Option(help="Transactions of the cycle before.")] = None,
) -> None:
    """One cycle: records and audit, RFM, clusters, lifetime value, propensity, segments, suppression."""
    import json

    from clarion.report.text import finding_text
    from clarion.schema import Transactions
    from clarion.segment import DefinitionSet, cycle

    with _inputs():
        known: Any = None
        source: Any = transactions
        chosen: dict[str, Any] = {"events": events}
        if transactions is None:
            from clarion import sample as world

            if given.map_ or previous:
                raise ValueError("--map and --previous go with TRANSACTIONS; the sample needs neither")
            source, people, seen = world.transactions(), world.people(), world.interactions()
            known = {name: people[column] for name, column in _PEOPLE.items()}
            chosen["events"] = {name: seen[column] for name, column in _SEEN.items()}
        mapping = _records_mapping(
            given.map_, "transactions", {"date": "day"} if transactions is None else {}
        )
        if customers is not None:
            from clarion.schema.files import read_table

            known = read_table(customers).table
        for name, path in (("definitions", definitions), ("suppression", suppression)):
            if path is not None:
                chosen[name] = DefinitionSet.from_json(path.read_text(encoding="utf-8"))
        with _progress("segmenting") as progress:
            result = cycle(
                source, mapping, at=at, horizon_days=horizon_days, n_clusters=clusters, customers=known, currency=currency,
                previous=None if previous is None else Transactions.read(previous, mapping), progress=progress, **chosen,
            )  # fmt: skip
        written = [] if out is None else result.write(out)
        plain = result.to_dict()
        _write_json(given.json_, json.dumps(plain, indent=2, ensure_ascii=False, default=str))
    err = _to_stderr(given)
    say, style = partial(typer.echo, err=err), _style(err)
    for finding, more in result.told:
        say(finding_text(finding, style, _width()))
        if more:
            say(f"        and {more:,} more of {finding['code']}")
    for note in result.notes:
        say(note)
    table = plain["rfm"]["segments"]
    for name, count, share in zip(table["segment"], table["customers"], table["share"], strict=True):
        say(f"{name:20}{count:12,}  {share:6.1%}")
    say(f"{result!r}")
    for path in (*written, given.json_):
        if path is not None and str(path) != "-":
            say(f"wrote {path}")
    _gate(plain, given.fail_on)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where to write; made when it does not exist.")],
    customers: Annotated[int, typer.Option(min=1, help="Size of the simulated world.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulation.")] = 7,
) -> None:
    """Write the embedded sample: portfolio, audiences, history, catalogue and the simulated world, as files."""
    from clarion import sample as world

    with _inputs():
        for path in world.write(folder, customers=customers, random_state=seed):
            typer.echo(f"wrote {path}")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clarion {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _read(given: Given) -> dict[str, Any]:
    """What the options name, read, as `clarion.brief` takes it: the sample in full where no portfolio is named."""
    from clarion import config as settings
    from clarion import sample as world
    from clarion.schema import Audiences, Catalog, Portfolio

    beside = given.portfolio.parent / "clarion.toml" if given.portfolio else Path("clarion.toml")
    place = given.config or (beside if beside.is_file() else None)
    loaded = settings.load(place) if place is not None else settings.Config()
    policy = loaded.policy
    if given.select is not None:
        policy.select = _codes(given.select)
    if given.ignore is not None:
        policy.ignore = [*policy.ignore, *_codes(given.ignore)]
    if given.today is not None:
        policy.today = settings.parse_day("--today", given.today)

    embedded = given.portfolio is None
    if embedded and given.map_:
        raise ValueError("--map goes with a PORTFOLIO; the sample needs no mapping")
    if embedded and place is None:
        policy.tag_pattern = world.policy().tag_pattern
        policy.today = policy.today or world.policy().today
    products = Catalog.read(given.catalog) if given.catalog else world.catalog() if embedded else None
    plan = (
        Portfolio.read(given.portfolio, columns=_mapping(given.map_), policy=policy, catalog=products)
        if given.portfolio
        else world.portfolio(policy=policy)
    )
    past = (
        Portfolio.read(given.history, policy=policy, history=True)
        if given.history
        else world.history()
        if embedded
        else None
    )
    members = Audiences.read(given.audiences) if given.audiences else world.audiences() if embedded else None
    return {
        "portfolio": plan, "audiences": members, "history": past, "catalog": products, "policy": policy,
        "options": loaded.options, "kpi_table": given.kpi_table or loaded.kpi_table,
        "holidays": given.holidays or loaded.holidays,
    }  # fmt: skip


def _mapping(pairs: list[str] | None) -> dict[str, str]:
    mapping = {}
    for pair in pairs or []:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise ValueError(
                f"--map: {pair!r} is not allowed; write it as field=column, e.g. --map budget=cost"
            )
        mapping[field.strip()] = column.strip()
    return mapping


def _records_mapping(given: list[str] | None, table: str, columns: dict[str, str] | None = None) -> Any:
    """A mapping of records: a file, or pairs of field and column."""
    from clarion.schema import Mapping

    files = [one for one in given or [] if "=" not in one]
    if len(files) > 1 or (files and len(given or []) > 1):
        raise ValueError("--map: give one file, or pairs such as --map customer=CustomerID")
    if files:
        return Mapping.read(files[0])
    return Mapping({"table": table, "columns": {**(columns or {}), **_mapping(given)}})


def _codes(values: list[str]) -> list[str]:
    return [code.strip() for value in values for code in value.split(",") if code.strip()]


@contextmanager
def _inputs() -> Iterator[None]:
    """Input that cannot be read and options that cannot be used end with one line and exit status 2."""
    try:
        yield
    except (ClarionError, ValueError, TypeError, KeyError, OSError) as problem:
        text = problem.args[0] if isinstance(problem, KeyError) and problem.args else problem
        if isinstance(problem, OSError) and problem.filename is not None and problem.strerror:
            text = f"{problem.filename}: {problem.strerror.lower()}"
        typer.echo(_style(err=True)(f"clarion: {text}", fg="red"), err=True)
        raise typer.Exit(2) from None


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on a terminal while long work runs; gone when it ends."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(
        total=1.0,
        desc=what,
        leave=False,
        delay=0.2,  # no flash for what is quick
        ncols=min(80, _width()),
        bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}",
    ) as bar:
        yield lambda done: bar.update(done - bar.n) and None


def _write_json(path: Path | None, text: str) -> None:
    if path is None:
        return
    if str(path) == "-":
        typer.echo(text)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _gate(report: dict[str, Any], fail_on: Gate) -> None:
    from clarion.gate import failing, standing

    at_gate = len(failing(standing(report), fail_on))
    if at_gate:
        typer.echo(
            f"clarion: {at_gate} finding{'s' * (at_gate > 1)} at the gate (--fail-on {fail_on})", err=True
        )
        raise typer.Exit(1)


def _to_stderr(given: Given) -> bool:
    """Where JSON has standard output, text for people goes to standard error."""
    return str(given.json_) == "-"


def _style(err: bool = False) -> Callable[..., str]:
    """Colour on a terminal that wants it (https://no-color.org), else the text as it is."""
    from clarion.report.text import plain

    stream = sys.stderr if err else sys.stdout
    wanted = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return typer.style if wanted else plain


def _width() -> int:
    from shutil import get_terminal_size

    return min(120, get_terminal_size((100, 24)).columns)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name's letters shows a mark in their place.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
