"""A thing has one stem in every tree, so that who knows its name can open all of it."""

from pathlib import Path

from house import LEVEL, ROOT, contract_headers, includes, relative

# Contracts without a page, a Python test or both of their own, each with the reason.
NO_TEST = {
    "core/export": "a macro; the consumers of tests/consumers link with it",
}
VOCABULARY = {
    "core/error": "vocabulary; documented in docs/concepts.md, seen from Python as exceptions in every test",
    "core/export": "a macro",
    "core/parallel": "vocabulary; documented in docs/concepts.md",
    "core/memory": "vocabulary; documented in docs/concepts.md",
    "core/date": "vocabulary; datetime.date in Python",
    "core/columns": "storage of a portfolio; C++ only",
    "core/ids": "ids of audiences and interactions; documented with them, C++ only",
    "core/sparse": "views of matrices; documented in docs/recommend/interactions.md, scipy's in Python",
    "core/options": "how options are declared; documented in CONTRIBUTING.md, C++ only",
    "core/random": "streams of the simulators and bootstraps; C++ only",
}
# Of no thing, each with the reason.
SHARED = {
    "benchmarks/recommend/accuracy.py": "measures every model of the room beside published figures",
    "benchmarks/recommend/data.py": "reads the public data sets that several benchmarks of the room use",
    "docs/recommend/choosing.md": "which model of the room for what",
}


def stem(header: Path) -> str:
    return header.relative_to(ROOT / "include" / "clarion").with_suffix("").as_posix()


THINGS = sorted(stem(header) for header in contract_headers())
BOUND = sorted(
    {
        target.removeprefix("clarion/").removesuffix(".hpp")
        for path in ROOT.glob("bindings/*.[hc]pp")
        for _, target in includes(path)
        if target.count("/") == 2
    }
    - set(VOCABULARY)
)


def missing(things, place):
    return [
        f"{thing}: {place(*thing.split('/'))}"
        for thing in things
        if not (ROOT / place(*thing.split("/"))).exists()
    ]


def test_every_contract_has_a_cpp_test():
    things = [thing for thing in THINGS if thing not in NO_TEST]
    absent = missing(things, lambda room, name: f"tests/cpp/{room}/{name}_test.cpp")
    assert not absent, "no C++ test:\n" + "\n".join(absent)


def test_every_thing_has_a_page():
    absent = missing([t for t in THINGS if t not in VOCABULARY], lambda room, name: f"docs/{room}/{name}.md")
    assert not absent, "no documentation page:\n" + "\n".join(absent)


def test_every_bound_thing_has_a_python_test():
    assert BOUND
    absent = missing(BOUND, lambda room, name: f"tests/python/{room}/test_{name}.py")
    assert not absent, "no Python test:\n" + "\n".join(absent)


def test_exemptions_are_used():
    stale = [thing for thing in {**NO_TEST, **VOCABULARY} if thing not in THINGS]
    assert not stale, f"exempted, yet no such contract: {stale}"
    gone = [path for path in SHARED if not (ROOT / path).exists()]
    assert not gone, f"exempted, yet no such file: {gone}"


def known_stems() -> set[str]:
    """Contracts, their mathematics, and what exists in Python alone."""
    known = set(THINGS)
    known |= {f"{p.parts[-3]}/{p.stem}" for p in ROOT.glob("include/clarion/*/detail/*.hpp")}
    known |= {f"core/{p.stem}" for p in ROOT.glob("src/kernels/*.hpp")}
    for path in (ROOT / "python" / "clarion").rglob("*.py"):
        parts = path.relative_to(ROOT / "python" / "clarion").with_suffix("").parts
        known.add("/".join(parts))
        known.add(f"{parts[0]}/{parts[0]}")
    return known


def test_nothing_is_called_otherwise():
    known = known_stems()
    strays = []
    for pattern, prefix, suffix in (
        ("tests/cpp/*/*.cpp", "", "_test"),
        ("tests/python/*/test_*.py", "test_", ""),
        ("benchmarks/*/*.py", "", ""),
        ("docs/*/*.md", "", ""),
    ):
        for path in sorted(ROOT.glob(pattern)):
            room = path.parent.name
            name = path.stem.removeprefix(prefix)
            if room not in LEVEL or name in ("index", "__init__", "conftest") or relative(path) in SHARED:
                continue
            if suffix and not name.endswith(suffix):
                strays.append(f"{relative(path)}: the name ends in {suffix}{path.suffix}")
            elif f"{room}/{name.removesuffix(suffix)}" not in known:
                strays.append(
                    f"{relative(path)}: no {room}/{name.removesuffix(suffix)} in include/ or python/"
                )
    assert not strays, "\n".join(strays)


def test_sources_have_a_header():
    strays = []
    for path in sorted(ROOT.glob("src/*/*.cpp")):
        room, name = path.parent.name, path.stem
        headers = [
            ROOT / "include/clarion" / room / f"{name}.hpp",
            # What a thing says of its numbers may have a file of its own.
            ROOT / "include/clarion" / room / f"{name.removesuffix('_findings')}.hpp",
            ROOT / "include/clarion" / room / "detail" / f"{name}.hpp",
            path.with_suffix(".hpp"),
            ROOT / "include/clarion/core/kernels.hpp" if room == "kernels" else path.with_suffix(".hpp"),
        ]
        if not any(header.exists() for header in headers):
            strays.append(relative(path))
    assert not strays, f"no header of the same stem: {strays}"


def test_a_test_includes_its_header_first():
    wrong = []
    for thing in THINGS:
        room, name = thing.split("/")
        path = ROOT / "tests" / "cpp" / room / f"{name}_test.cpp"
        if path.exists():
            first = next((target for _, target in includes(path)), "")
            if first != f"clarion/{thing}.hpp":
                wrong.append(
                    f"{relative(path)} starts with {first}: start with clarion/{thing}.hpp, which shows it stands alone"
                )
    assert not wrong, "\n".join(wrong)
