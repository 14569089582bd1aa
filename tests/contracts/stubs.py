"""Writes python/clarion/_core.pyi from the compiled module: stubs.py --write."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "python" / "clarion" / "_core.pyi"


def spelled_out(text: str) -> str:
    """What pybind11 leaves unsaid: a pointer whose default is None may be None; our dicts are columns or records by name."""
    text = re.sub(r"(: \w+) = None\b", r"\1 | None = None", text)
    text = re.sub(r"(?<=[:>,] )dict\b(?!\[)|(?<=\[)dict\b(?!\[)", "dict[str, typing.Any]", text)
    return text.replace("**kwargs)", "**kwargs: typing.Any)")


def generate() -> str:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pybind11_stubgen",
            "clarion._core",
            "-o",
            folder,
            "--numpy-array-use-type-var",
        ]
        command += ["--enum-class-locations", "LoadMeasure:clarion._core"]
        run = subprocess.run([*command, "--exit-code"], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise RuntimeError(f"pybind11-stubgen failed:\n{run.stdout}{run.stderr}")
        stub = Path(folder) / "clarion" / "_core.pyi"
        if not stub.exists():
            stub = Path(folder) / "clarion" / "_core" / "__init__.pyi"
        stub.write_text(spelled_out(stub.read_text(encoding="utf-8")), encoding="utf-8")
        # Under its final name and the repository's settings, so that ruff treats it as it treats the committed one.
        for arguments in (
            ["check", "--quiet", "--fix", "--unsafe-fixes", "--exit-zero"],
            ["format", "--quiet"],
        ):
            config = ["--config", str(ROOT / "pyproject.toml")]
            subprocess.run(
                [sys.executable, "-m", "ruff", *arguments, *config, str(stub)],
                check=True,
                capture_output=True,
            )
        return stub.read_text(encoding="utf-8")


if __name__ == "__main__":
    text = generate()
    if "--write" in sys.argv[1:]:
        COMMITTED.write_text(text, encoding="utf-8")
        print(f"wrote {COMMITTED.relative_to(ROOT)}")
    else:
        print(text, end="")
