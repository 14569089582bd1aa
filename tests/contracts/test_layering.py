"""Rooms stand on the rooms below them, and contracts on the standard library."""

import ast
import re
from pathlib import Path

import pytest
from house import LEVEL, ROOT, closure, contract_headers, includes, reachable, relative

STD = re.compile(r"[a-z_]+$")
# What a kernel may include: declarations and plain functions, nothing whose inline code the linker could merge between CPU levels.
KERNEL_STD = {
    "bit",
    "climits",
    "cfloat",
    "cmath",
    "concepts",
    "cstddef",
    "cstdint",
    "cstring",
    "immintrin.h",
    "limits",
    "type_traits",
}


def room_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "include":
        room = parts[2]
    elif parts[0] == "bindings":
        # A room whose bindings fill more than one file names the others for their things.
        room = next(
            (header.parent.name for header in contract_headers() if header.stem == path.stem), path.stem
        )
    else:
        room = parts[1]
    return "core" if room == "kernels" else room if room in LEVEL else None


def sources() -> list[Path]:
    globs = ("include/clarion/*/**/*.hpp", "src/**/*.[hc]pp", "bindings/*.cpp")
    return [path for pattern in globs for path in ROOT.glob(pattern)]


def target_room(target: str) -> str | None:
    parts = target.removeprefix("clarion/").split("/")
    if len(parts) < 2:
        return None
    return "core" if parts[0] == "kernels" else parts[0] if parts[0] in LEVEL else None


def test_every_source_belongs_to_a_room():
    strays = [
        relative(path)
        for path in sources()
        if room_of(path) is None and relative(path) not in ("bindings/module.cpp",)
    ]
    assert not strays, f"these are in no room ({', '.join(LEVEL)}): {strays}"


def test_includes_go_down():
    wrong = []
    for path in sources():
        room = room_of(path) if path.parent.name != "bindings" else None  # they stand on every room
        for form, target in includes(path):
            other = target_room(target) if form == '"' or target.startswith("clarion/") else None
            if room and other and not reachable(room, other):
                wrong.append(f"{relative(path)} ({room}) includes {target} ({other})")
    assert not wrong, "\n".join(wrong)


def test_no_room_includes_the_umbrella():
    users = [
        relative(path) for path in sources() if any(t == "clarion/clarion.hpp" for _, t in includes(path))
    ]
    assert not users, f"include what is used, not clarion.hpp: {users}"


def test_python_imports_go_down():
    wrong = []
    package = ROOT / "python" / "clarion"
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room not in LEVEL:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                parts = name.split(".")
                if (
                    len(parts) > 1
                    and parts[0] == "clarion"
                    and parts[1] in LEVEL
                    and not reachable(room, parts[1])
                ):
                    wrong.append(f"{relative(path)}:{node.lineno} ({room}) imports {name}")
    assert not wrong, "\n".join(wrong)


def test_contracts_need_only_the_standard_library():
    """Through everything that they include: a consumer of an installed clarion needs no other header."""
    wrong = []
    for header in contract_headers():
        for target, path in closure(header).items():
            if (
                not target.startswith("clarion/")
                and not STD.match(target)
                and path != "include/clarion/core/xt.hpp"
            ):
                wrong.append(f"{relative(header)} reaches <{target}> through {path}")
    assert not wrong, "\n".join(wrong)


def test_kernels_include_only_raw_things():
    wrong = []
    for path in sorted((ROOT / "src" / "kernels").glob("*.[hc]pp")):
        for form, target in includes(path):
            own = form == '"' and target.startswith(("kernels/", "clarion/core/"))
            if not own and target not in KERNEL_STD and not target.startswith("hwy/"):
                wrong.append(f"{relative(path)} includes {target}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("header", contract_headers(), ids=relative)
def test_contracts_are_small(header):
    lines = header.read_text(encoding="utf-8").count("\n")
    assert lines <= 220, f"{lines} lines: move mathematics to detail/ and split what is two things"
