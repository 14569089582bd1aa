"""How a source stands for clarion's records: which column is what, and what its codes, signs and marks mean. Data, not code."""

from __future__ import annotations

import json
import tomllib
from collections import abc
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from clarion import _core
from clarion._core import ClarionError

__all__ = ["Mapping"]


class Mapping:
    """A mapping, read from a TOML or JSON file or made of a dictionary.

    >>> Mapping({"table": "transactions", "columns": {"customer": "CustomerID"}, "currency": "GBP"}).table
    'transactions'

    Keys and values that are not known raise ValueError, naming the place and what may stand there; see docs/schema/mapping.md for
    all of them.
    """

    __slots__ = ("_core",)

    def __init__(self, content: abc.Mapping[str, Any]) -> None:
        try:
            text = json.dumps(content, ensure_ascii=False)
        except (TypeError, ValueError) as problem:
            raise ValueError(
                f"mapping: {problem}; write tables, lists, texts, numbers and true or false"
            ) from None
        self._core = _core.Mapping(text)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Mapping:
        """Reads a .toml or .json file. Raises ClarionError when it cannot be read, ValueError as the class does."""
        place = Path(fspath(path))
        try:
            text = place.read_text(encoding="utf-8-sig")
            content = json.loads(text) if place.suffix.lower() == ".json" else tomllib.loads(text)
        except OSError as problem:
            raise ClarionError(f"{place}: cannot be read ({problem.strerror})") from None
        except UnicodeDecodeError:
            raise ClarionError(f"{place}: is not UTF-8 text") from None
        except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as problem:
            kind = "JSON" if place.suffix.lower() == ".json" else "TOML"
            raise ClarionError(f"{place}: is not {kind}: {problem}") from None
        try:
            return cls(content)
        except ValueError as problem:
            raise ValueError(f"{place}: {problem}") from None

    @classmethod
    def of(cls, source: Any, table: str) -> Mapping:
        """A mapping from a mapping, a dictionary, a path, or nothing: then columns of ``table`` are found by name. Raises
        ValueError when it is one of another table."""
        if source is None:
            return cls({"table": table})
        if isinstance(source, str | PathLike):
            out = cls.read(source)
        elif isinstance(source, Mapping):
            out = source
        else:
            out = cls({"table": table, **source})
        if out.table != table:
            raise ValueError(f"mapping: table {out.table!r} is not allowed; this reads {table}")
        return out

    @property
    def table(self) -> str:
        """'transactions', 'customers', 'branches', 'responses' or 'events'."""
        return self._core.table

    @property
    def name(self) -> str:
        """What the source is called."""
        return self._core.name

    def to_dict(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.to_json())
        return content

    def to_json(self, indent: int | None = 2) -> str:
        return self._core.to_json(-1 if indent is None else indent)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return f"Mapping({self.to_dict()!r})"
