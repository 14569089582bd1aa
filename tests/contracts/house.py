"""Where things are in the checkout, for the tests of its shape."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CLARION_BUILD", ROOT / "build" / "dev"))

# A room includes only from rooms of a lower level, never from a neighbour on its own.
LEVEL = {
    "core": 0,
    "stats": 1,
    "schema": 2,
    "segment": 3,
    "recommend": 4,
    "conflict": 4,
    "experiment": 4,
    "measure": 4,
    "govern": 4,
    "plan": 5,
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path: Path) -> list[tuple[str, str]]:
    """(form, target) of each #include; form is '<' or '"'."""
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def contract_headers() -> list[Path]:
    """The public headers that state a contract: include/clarion/<room>/<thing>.hpp."""
    return sorted(ROOT.glob("include/clarion/*/*.hpp"))


def reachable(room: str, other: str) -> bool:
    return room == other or LEVEL[other] < LEVEL[room]


def closure(header: Path) -> dict[str, str]:
    """Every header that this one reaches -> the file that names it."""
    reached: dict[str, str] = {}
    queue = [header]
    while queue:
        path = queue.pop()
        for _, target in includes(path):
            if target not in reached:
                reached[target] = relative(path)
                if target.startswith("clarion/"):
                    queue.append(ROOT / "include" / target)
    return reached


def speaks_xtensor(header: Path) -> bool:
    """core/xt.hpp, the one door to xtensor, and the contracts whose result is a cube: they are included on purpose."""
    return relative(header) == "include/clarion/core/xt.hpp" or "clarion/core/xt.hpp" in closure(header)
