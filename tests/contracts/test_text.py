"""What the repository says is true on any machine."""

import re
import subprocess

import pytest
from house import ROOT

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:" + r"work|root|home/[a-z]+|Users/[A-Za-z]+" + r")/[\w.]"
    ),
    "a package index": re.compile(r"(?:extra-)?" + r"index-" + r"url|trusted-" + r"host|PIP_" + r"INDEX"),
    "a merge left half": re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE),
}


def tracked():
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_nothing_of_one_machine():
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                found.append(
                    f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group()}"
                )
    assert not found, "\n".join(found)


def test_nothing_built_or_large_is_tracked():
    large = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size}"
        for path in tracked()
        if path.stat().st_size > 2_000_000
    ]
    assert not large, large
    built = [
        path.relative_to(ROOT) for path in tracked() if path.suffix in (".so", ".o", ".a", ".pyc", ".whl")
    ]
    assert not built, built
