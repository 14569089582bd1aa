"""One version number: include/clarion/version.hpp."""

import importlib.metadata
import re
import tomllib

import clarion
from house import BUILD, ROOT

HEADER = (ROOT / "include" / "clarion" / "version.hpp").read_text(encoding="utf-8")
VERSION = re.search(r'#define CLARION_VERSION "([^"]+)"', HEADER).group(1)


def test_parts_agree():
    parts = [
        re.search(rf"#define CLARION_VERSION_{part} (\d+)", HEADER).group(1)
        for part in ("MAJOR", "MINOR", "PATCH")
    ]
    assert ".".join(parts) == VERSION


def test_python_reads_it():
    assert clarion.__version__ == VERSION
    assert importlib.metadata.version("clarion") == VERSION
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"] == ["version"]


def test_cmake_reads_it():
    cache = (BUILD / "CMakeCache.txt").read_text()
    assert f"CMAKE_PROJECT_VERSION:STATIC={VERSION}\n" in cache


def test_changelog_knows_it():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
