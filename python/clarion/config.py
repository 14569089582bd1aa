"""clarion.toml: what a team has decided about findings, channels and limits, read into a policy and tables of options."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

from clarion._core import Acceptance, Blackout, Channel, ClarionError, Policy, brief_options

__all__ = ["OPTION_TABLES", "Config", "load", "parse_day", "read_channels"]

#: Tables of options, each handed to the detector or layer of its name, with the options that it knows.
OPTION_TABLES = {name: tuple(row[0] for row in rows) for name, rows in brief_options().items()}
KEYS = (
    "select", "ignore", "severity", "accept", "blackout", "channel", "channels", "tag_pattern", "today", "holidays",
    "kpi_table",
)  # fmt: skip
CHANNEL_FIELDS = ("name", "capacity", "touches_per_week", "cost_per_contact", "effort_days")


@dataclass(frozen=True)
class Config:
    """A policy, the options of each detector and layer by table name, and what else a brief is told."""

    policy: Policy = field(default_factory=Policy)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    holidays: str | None = None
    """A country of the holidays library: 'US', 'US-CA'."""
    kpi_table: Path | None = None
    """A file that is laid over the table of KPIs."""


def load(path: str | PathLike[str]) -> Config:
    """Reads a clarion.toml.

    Raises ClarionError when the file cannot be read or is no TOML, and ValueError naming the key, the value and what is
    allowed when its content cannot be used. Files of channels and KPIs are looked up beside the file that names them.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ClarionError(f"{path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise ClarionError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as problem:
        raise ClarionError(f"{path}: is not TOML: {problem}") from None
    return _config(content, path.parent)


def parse_day(name: str, value: Any) -> date:
    """A date, or an ISO 8601 text of one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{name}: {value!r} is not allowed; write the day as YYYY-MM-DD") from None


def read_channels(path: str | PathLike[str]) -> list[Channel]:
    """Channels from a TOML ([[channel]] tables), JSON (a list of objects) or CSV file with the columns name, capacity,
    touches_per_week, cost_per_contact, effort_days; name and capacity are required."""
    import csv
    import json

    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".toml":
            rows = tomllib.loads(text).get("channel", [])
        elif path.suffix == ".json":
            rows = json.loads(text)
        else:
            rows = list(csv.DictReader(text.splitlines()))
    except OSError as problem:
        raise ClarionError(f"{path}: cannot be read ({problem.strerror})") from None
    except (UnicodeDecodeError, ValueError) as problem:
        raise ClarionError(f"{path}: no channels can be read from it: {problem}") from None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ClarionError(f"{path}: no channels can be read from it: it is no list of channels")
    return [_channel(row, f"{path}: channel {i + 1}") for i, row in enumerate(rows)]


def _config(content: Mapping[str, Any], folder: Path) -> Config:
    _known(content, (*KEYS, *OPTION_TABLES), "clarion.toml")
    policy = Policy()
    policy.select = _texts("select", content.get("select", []))
    policy.ignore = _texts("ignore", content.get("ignore", []))
    policy.severities = _table("severity", content.get("severity", {}))
    policy.accepted = [_acceptance(row) for row in _tables("accept", content.get("accept", []))]
    policy.blackouts = [_blackout(row) for row in _tables("blackout", content.get("blackout", []))]
    policy.tag_pattern = str(content.get("tag_pattern", ""))
    if "today" in content:
        policy.today = parse_day("today", content["today"])
    added = read_channels(folder / str(content["channels"])) if "channels" in content else []
    added += [_channel(row, "channel") for row in _tables("channel", content.get("channel", []))]
    policy.channels = _merged(policy.channels, added)
    options = {name: dict(_table(name, content[name])) for name in OPTION_TABLES if name in content}
    for name, table in options.items():
        _known(table, OPTION_TABLES[name], f"clarion.toml: [{name}]")
    return Config(
        policy,
        options,
        holidays=_text("holidays", content.get("holidays")),
        kpi_table=folder / content["kpi_table"] if _text("kpi_table", content.get("kpi_table")) else None,
    )


def _merged(defaults: Iterable[Channel], added: Iterable[Channel]) -> list[Channel]:
    """A team's own channels replace those of the same name."""
    channels = {channel.name.casefold(): channel for channel in defaults}
    channels.update((channel.name.casefold(), channel) for channel in added)
    return list(channels.values())


def _channel(row: Mapping[str, Any], where: str) -> Channel:
    _known(row, CHANNEL_FIELDS, where)
    name = str(row.get("name") or "").strip()
    if not name:
        raise ValueError(f"{where}: name is missing; give the channel a name")
    numbers = {}
    for key in CHANNEL_FIELDS[1:]:
        if row.get(key) in (None, ""):
            continue
        try:
            numbers[key] = float(row[key])
        except (TypeError, ValueError):
            raise ValueError(
                f"{where}: {key}: {row[key]!r} is not allowed; give a number of 0 or more"
            ) from None
        if not 0 <= numbers[key] < float("inf"):
            raise ValueError(f"{where}: {key}: {row[key]!r} is not allowed; give a number of 0 or more")
    if "capacity" not in numbers:
        raise ValueError(f"{where}: capacity is missing; give the contacts that one customer takes a week")
    return Channel(name, **numbers)


def _acceptance(row: Mapping[str, Any]) -> Acceptance:
    _known(row, ("code", "campaign", "by", "reason", "until"), "accept")
    for key in ("code", "by", "reason"):
        if not row.get(key):
            raise ValueError(f"accept: {key} is missing; an acceptance names its code, who accepts and why")
    until = parse_day("accept: until", row["until"]) if "until" in row else None
    return Acceptance(
        str(row["code"]), str(row.get("campaign", "")), str(row["by"]), str(row["reason"]), until
    )


def _blackout(row: Mapping[str, Any]) -> Blackout:
    _known(row, ("start", "end", "name", "channel"), "blackout")
    if "start" not in row:
        raise ValueError("blackout: start is missing; give its first day as YYYY-MM-DD")
    start = parse_day("blackout: start", row["start"])
    end = parse_day("blackout: end", row.get("end", start))
    if end < start:
        raise ValueError(f"blackout: end: {end} is not allowed; it must not be before the start {start}")
    return Blackout(start, end, str(row.get("name", "")), str(row.get("channel", "")))


def _known(row: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    names = tuple(names)
    for key in row:
        if key not in names:
            near = get_close_matches(str(key), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(names)}"
            raise ValueError(f"{where}: {key!r} is not known; {hint}")


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name}: {value!r} is not allowed; give a list of codes or prefixes")
    return value


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is not allowed; give it as text")
    return value


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: {value!r} is not allowed; write it as a table [{name}]")
    return value


def _tables(name: str, value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise ValueError(f"{name}: {value!r} is not allowed; write each as a table [[{name}]]")
    return value
