"""The command line: brief, check, explain, reschedule, sample."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

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


PortfolioArgument = Annotated[
    Path | None,
    typer.Argument(help="CSV, JSON or Parquet; the embedded sample where none is given.", show_default=False),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN", help="Where a field stands under another name."),
]
AudiencesOption = Annotated[
    Path | None, typer.Option(help="Table of campaign and customer, a row a membership.")
]
HistoryOption = Annotated[Path | None, typer.Option(help="Finished campaigns with what they came to.")]
CatalogOption = Annotated[
    Path | None, typer.Option(help="Products: id, name, category, price, cost, launch, stock.")
]
ConfigOption = Annotated[
    Path | None, typer.Option(help="clarion.toml; by default the one beside the portfolio or in this folder.")
]
SelectOption = Annotated[
    list[str] | None, typer.Option(metavar="CODES", help="Keep only these codes or prefixes.")
]
IgnoreOption = Annotated[
    list[str] | None, typer.Option(metavar="CODES", help="Drop these codes or prefixes.")
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Write the result as JSON; '-' for standard output.")
]
FailOption = Annotated[Gate, typer.Option(help="Exit 1 when a finding of this severity or worse stands.")]
TodayOption = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of judgement.")]


@app.command()
def brief(
    portfolio: PortfolioArgument = None,
    audiences: AudiencesOption = None,
    history: HistoryOption = None,
    catalog: CatalogOption = None,
    map_: MapOption = None,
    config: ConfigOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the brief as one HTML page.")] = None,
    json_: JsonOption = None,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    fail_on: FailOption = Gate.never,
    today: TodayOption = None,
) -> None:
    """The pre-launch brief: strategies, KPIs, risks, roadmap, team."""
    from clarion.plan import brief as make_brief
    from clarion.report.text import brief_text

    with _inputs():
        inputs = _read(portfolio, audiences, history, catalog, map_, config, select, ignore, today)
        with _progress("planning"):
            result = make_brief(**inputs)
        plan = result.to_dict()
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(result.to_html(), encoding="utf-8")
        _write_json(json_, result.to_json())
    if json_ is None or str(json_) != "-":
        typer.echo(brief_text(plan, typer.style, _width()))
        for path in (out, json_):
            if path is not None:
                typer.echo(f"wrote {path}")
    standing = [
        plan["validation"],
        *plan["layers"].values(),
        *(row["findings"] for row in plan["quarantine"]),
    ]
    _gate([finding for part in standing for finding in part], fail_on)


@app.command()
def check(
    portfolio: PortfolioArgument = None,
    catalog: CatalogOption = None,
    map_: MapOption = None,
    config: ConfigOption = None,
    json_: JsonOption = None,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    fail_on: FailOption = Gate.never,
    today: TodayOption = None,
) -> None:
    """Validation only: what is wrong with the records, row by row."""
    import json

    from clarion.report.text import finding_text, summary_line

    with _inputs():
        inputs = _read(portfolio, None, None, catalog, map_, config, select, ignore, today)
        read = inputs["portfolio"]
        findings, accepted = read.findings.judge(inputs["policy"])
        report = {
            "rows_read": read.rows_read,
            "accepted_rows": len(read),
            "quarantined_rows": read.rows_read - len(read),
            "findings": findings.to_dict(),
            "accepted": accepted.to_dict(),
        }
        _write_json(json_, json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False))
    if json_ is None or str(json_) != "-":
        for finding in report["findings"]:
            typer.echo(finding_text(finding, typer.style, _width()))
        typer.echo(
            f"{read.rows_read:,} rows read, {len(read):,} accepted, {report['quarantined_rows']:,} in quarantine; "
            f"{summary_line(report['findings'])}; {len(accepted)} accepted findings"
        )
    _gate(report["findings"], fail_on)


@app.command()
def explain(code: Annotated[str, typer.Argument(help="A code such as S001.")]) -> None:
    """What a code means, when it fires and what resolves it."""
    from clarion.schema import explain as look_up

    with _inputs():
        rule = look_up(code)
    typer.echo(typer.style(f"{rule.code} {rule.title}", bold=True) + f" ({rule.severity})")
    typer.echo(f"\n{rule.explanation}\n\nRemedy: {rule.remedy}")


@app.command()
def reschedule(
    portfolio: PortfolioArgument = None,
    audiences: AudiencesOption = None,
    map_: MapOption = None,
    config: ConfigOption = None,
    limit: Annotated[
        float | None, typer.Option(help="Conflict to stay under; half of today's where not given.")
    ] = None,
    max_shift_days: Annotated[
        int, typer.Option(help="Farthest a campaign without a window of its own may move.")
    ] = 28,
    out: Annotated[
        Path | None, typer.Option(help="Write the rescheduled portfolio (CSV, JSON or Parquet).")
    ] = None,
    json_: JsonOption = None,
    today: TodayOption = None,
) -> None:
    """The cheapest moves that bring conflict under a limit, with the proof that no cheaper ones do."""
    import json

    from clarion import conflict
    from clarion.report.text import finding_text

    with _inputs():
        inputs = _read(portfolio, audiences, None, None, map_, config, None, None, today)
        with _progress("rescheduling"):
            result = conflict.reschedule(
                inputs["portfolio"], audiences=inputs["audiences"], policy=inputs["policy"], limit=limit,
                max_shift_days=max_shift_days,
            )  # fmt: skip
        if out is not None:
            result.portfolio().write(out)
        _write_json(json_, json.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    if json_ is None or str(json_) != "-":
        for move in result.moves.to_dict():
            typer.echo(finding_text(move, typer.style, _width()))
        proof = "proved cheapest" if result.proved else f"not proved: at least {result.bound:,.4g}"
        typer.echo(
            f"{len(result.moves)} moves, conflict {result.conflict_before:,.4g} to {result.conflict_after:,.4g}, "
            f"cost {result.cost:,.4g} ({proof})"
        )
        if out is not None:
            typer.echo(f"wrote {out}")


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


def _read(
    portfolio: Path | None, audiences: Path | None, history: Path | None, catalog: Path | None, map_: list[str] | None,
    config: Path | None, select: list[str] | None, ignore: list[str] | None, today: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Everything that the options name, read: the sample in full where no portfolio is named."""
    from clarion import config as settings
    from clarion import sample as world
    from clarion.schema import Audiences, Catalog, Portfolio

    beside = portfolio.parent / "clarion.toml" if portfolio is not None else Path("clarion.toml")
    place = config or (beside if beside.is_file() else None)
    loaded = settings.load(place) if place is not None else settings.Config()
    policy = loaded.policy
    if select is not None:
        policy.select = _codes(select)
    if ignore is not None:
        policy.ignore = [*policy.ignore, *_codes(ignore)]
    if today is not None:
        policy.today = settings.parse_day("--today", today)

    if portfolio is None and map_:
        raise ValueError("--map goes with a PORTFOLIO; the sample needs no mapping")
    if portfolio is None and place is None:
        policy.tag_pattern = policy.tag_pattern or world.policy().tag_pattern
        policy.today = policy.today or world.policy().today
    products = (
        Catalog.read(catalog) if catalog is not None else world.catalog() if portfolio is None else None
    )
    if portfolio is None:
        plan = world.portfolio(policy=policy)
    else:
        plan = Portfolio.read(portfolio, columns=_mapping(map_), policy=policy, catalog=products)
    past: Portfolio | None = None
    members: Audiences | None = None
    if history is not None:
        past = Portfolio.read(history, policy=policy, history=True)
    elif portfolio is None:
        past = world.history()
    if audiences is not None:
        members = Audiences.read(audiences)
    elif portfolio is None:
        members = world.audiences()
    return {
        "portfolio": plan, "audiences": members, "history": past, "catalog": products, "policy": policy,
        "options": loaded.options,
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


def _codes(values: list[str]) -> list[str]:
    return [code.strip() for value in values for code in value.split(",") if code.strip()]


@contextmanager
def _inputs() -> Iterator[None]:
    """Input that cannot be read and options that cannot be used end with one line and exit status 2."""
    try:
        yield
    except (ClarionError, ValueError, TypeError, KeyError, OSError) as problem:
        text = problem.args[0] if isinstance(problem, KeyError) and problem.args else problem
        typer.echo(typer.style(f"clarion: {text}", fg="red"), err=True)
        raise typer.Exit(2) from None


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """A line on a terminal while long work runs; gone when it ends."""
    if not sys.stderr.isatty():
        yield
        return
    sys.stderr.write(f"{what} ...")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write("\r\033[K")


def _write_json(path: Path | None, text: str) -> None:
    if path is None:
        return
    if str(path) == "-":
        typer.echo(text)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _gate(findings: list[dict[str, Any]], fail_on: Gate) -> None:
    failing = {"never": (), "error": ("error",), "warning": ("error", "warning")}[fail_on]
    if any(finding["severity"] in failing for finding in findings):
        raise typer.Exit(1)


def _width() -> int:
    from shutil import get_terminal_size

    return min(120, get_terminal_size((100, 24)).columns)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
