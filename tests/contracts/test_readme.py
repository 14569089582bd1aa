"""The README begins with two commands that exist."""

import re
import subprocess

from house import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_first_block_is_the_two_commands():
    block = re.search(r"```[a-z]*\n(.*?)```", README, re.DOTALL).group(1)
    commands = [line.split("#")[0].strip() for line in block.strip().splitlines()]
    assert commands == ["make demo", "make test"]


def test_every_make_target_named_in_the_documents_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = set()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        named |= set(
            re.findall(r"(?:`|^|&& )make ([a-z][a-z-]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert {"demo", "test"} <= named
    assert named <= targets, f"no such target: {sorted(named - targets)}"


def test_first_screen_names_the_line_for_missing_headers():
    assert "apt-get install" in "\n".join(README.splitlines()[:45])


def test_make_is_idempotent():
    """What is built and installed is not built and installed again."""
    run = subprocess.run(["make", "-n", "-C", str(ROOT), "setup"], capture_output=True, text=True, check=True)
    if (ROOT / ".venv" / "test.stamp").exists():
        assert "pip install" not in run.stdout
        assert "apt" not in run.stdout


def test_every_system_package_of_cmake_is_installed_by_setup():
    packages = set(
        re.findall(r"set\(clarion_apt_\w+ ([\w.-]+)\)", (ROOT / "cmake/dependencies.cmake").read_text())
    )
    assert len(packages) >= 10
    setup = (ROOT / "cmake" / "setup-system.sh").read_text()
    assert not [
        package for package in packages if not re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", setup)
    ]
