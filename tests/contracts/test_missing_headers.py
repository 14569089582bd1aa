"""A machine without the headers gets one message, with the line to run."""

import os
import re
import subprocess
import sys

import pytest
from house import ROOT

HIDDEN = ("Eigen3", "xtensor")
LINE = re.compile(r"sudo apt-get install -y ([\w. -]+)")


def check(output):
    assert output.count("headers are missing") == 1, output
    assert "Eigen3, xtensor" in output
    packages = LINE.search(output).group(1).split()
    assert packages == ["libeigen3-dev", "libxtensor-dev"]
    for remedy in ("make setup", "environment.yml", "vcpkg.json"):
        assert remedy in output


def test_cmake(tmp_path):
    hide = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON" for package in HIDDEN]
    run = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", ROOT, "-B", tmp_path, *hide],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    check(run.stdout + run.stderr)
    assert (run.stdout + run.stderr).count("CMake Error") == 1


@pytest.mark.slow
def test_pip_install(tmp_path):
    hide = " ".join(f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON" for package in HIDDEN)
    run = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path,
         f"--config-settings=build-dir={tmp_path / 'build'}", ROOT],
        capture_output=True, text=True, check=False, env={**os.environ, "CMAKE_ARGS": hide},
    )  # fmt: skip
    assert run.returncode != 0
    check(run.stdout + run.stderr)
