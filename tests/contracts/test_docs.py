"""What the documentation shows works: the Python of each page runs, in order, in a folder that holds the embedded sample."""

import re
import shutil
import subprocess
import sys

import pytest
from house import ROOT, relative

PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted(p for p in ROOT.glob("docs/**/*.md") if "examples" not in p.parts)]


def blocks(pattern):
    return [
        pytest.param(path, found, id=relative(path))
        for path in PAGES
        if (found := pattern.findall(path.read_text(encoding="utf-8")))
    ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run(
        [sys.executable, "-m", "clarion.cli", "sample", str(folder)], check=True, capture_output=True
    )
    return folder


@pytest.fixture
def folder(sample, tmp_path):
    return shutil.copytree(sample, tmp_path / "work")


@pytest.mark.slow
@pytest.mark.parametrize(("path", "code"), blocks(PYTHON))
def test_python_of_the_page_runs(path, code, folder):
    script = folder / "page.py"
    script.write_text("\n".join(code), encoding="utf-8")
    run = subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{relative(path)}:\n{run.stdout}\n{run.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "code"), blocks(SHELL))
def test_commands_of_the_page_run(path, code, folder):
    """Each line is a command; one that says `# exit 1` ends so, and the others end well."""
    environment = f'PATH={ROOT}/.venv/bin:$PATH; clarion() {{ {sys.executable} -m clarion.cli "$@"; }}\n'
    for line in "\n".join(code).splitlines():
        command, _, remark = line.partition("#")
        if not command.strip():
            continue
        wanted = int(found.group(1)) if (found := re.search(r"exit (\d)", remark)) else 0
        run = subprocess.run(
            ["bash", "-c", environment + command], cwd=folder, capture_output=True, text=True, check=False
        )
        assert run.returncode == wanted, f"{relative(path)}: {command}\n{run.stdout}\n{run.stderr}"


def test_links_of_the_documents_lead_somewhere():
    broken = []
    for path in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{relative(path)}: {target}")
    assert not broken, "\n".join(broken)
