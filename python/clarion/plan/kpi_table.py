"""The table of KPIs: which an intent calls for, and where their numbers come from."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from clarion import _core
from clarion._core import ClarionError

__all__ = ["as_json", "kpi_table"]


def kpi_table(own: str | Path | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The table of KPIs, with one's own laid over it: {"kpis": {id: definition}, "intents": [...]}.

    ``own`` is a mapping of that form, or a file of it: JSON, TOML, or CSV. A CSV of definitions has the columns id, name,
    formula, unit, direction, numerator, denominator, measure and look_after_end (those that it needs); a CSV of intents
    has objective, channel, role and kpis, the ids apart by blanks. Raises ClarionError naming the place of what is wrong.
    """
    table: dict[str, Any] = json.loads(_core.kpi_table(as_json(own)))
    return table


def as_json(own: str | Path | Mapping[str, Any] | None) -> str | None:
    """The same in the form that the library reads."""
    if own is None:
        return None
    if isinstance(own, Mapping):
        return json.dumps(own)
    path = Path(own)
    kind = path.suffix.lower()
    if kind not in (".json", ".toml", ".csv"):
        raise ValueError(f"kpi_table: {path.name} is not allowed; give a .json, .toml or .csv file")
    try:
        text = path.read_text(encoding="utf-8-sig")
        if kind == ".json":
            json.loads(text)
            return text
        return json.dumps(tomllib.loads(text) if kind == ".toml" else _from_csv(text, path.name))
    except OSError as problem:
        raise ClarionError(f"kpi_table: {path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise ClarionError(f"kpi_table: {path}: is not UTF-8 text") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ClarionError(f"kpi_table: {path}: is not {kind[1:].upper()}: {problem}") from None


def _from_csv(text: str, name: str) -> dict[str, Any]:
    rows = [
        {key: value.strip() for key, value in row.items() if key and value}
        for row in csv.DictReader(StringIO(text, newline=""))
    ]
    rows = [row for row in rows if row]
    if rows and "role" in rows[0]:
        return {"intents": [{**row, "kpis": row.get("kpis", "").split()} for row in rows]}
    definitions: dict[str, Any] = {}
    for number, row in enumerate(rows, start=1):
        if "id" not in row:
            raise ValueError(f"kpi_table: row {number} of {name} has no id; its columns are {', '.join(row)}")
        members: dict[str, Any] = {key: value for key, value in row.items() if key != "id"}
        if members.get("look_after_end", "").lstrip("-").isdigit():
            members["look_after_end"] = int(members["look_after_end"])
        definitions[row["id"]] = members
    return {"kpis": definitions}
