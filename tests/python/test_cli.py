"""The command line as a shell sees it: what it prints where, and how it ends."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

import pytest

CLARION = [sys.executable, "-m", "clarion.cli"]
COLOUR = "\x1b["


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The sample as files, small."""
    place = tmp_path_factory.mktemp("sample")
    subprocess.run([*CLARION, "sample", str(place), "--customers", "2000"], check=True, capture_output=True)
    return place


@pytest.fixture
def run(folder):
    def call(*arguments, **environment):
        env = {**os.environ, "COLUMNS": "80", **environment}
        done = subprocess.run([*CLARION, *arguments], cwd=folder, env=env, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        return done

    return call


class Terminal:
    """A process with standard output and error on a terminal of its own, and everything it wrote there."""

    def __init__(self, *arguments, cwd, **environment):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        self.process = subprocess.Popen(
            [*CLARION, *arguments], cwd=cwd, env={**env, "TERM": "xterm", **environment}, stdin=theirs, stdout=theirs,
            stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.text, self.ours = "", ours
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        while True:
            try:
                got = os.read(self.ours, 65536)
            except OSError:  # the other end is closed
                got = b""
            if not got:
                return
            self.text += got.decode("utf-8", "replace")

    def end(self):
        code = self.process.wait(timeout=120)
        self.reader.join()
        os.close(self.ours)
        return code


INPUTS = ("portfolio.csv", "--audiences", "audiences.parquet", "--history", "history.csv")


def test_brief_fits_eighty_columns_and_leads_with_the_money(run):
    done = run("brief", *INPUTS, "--catalog", "catalog.csv")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert COLOUR not in done.stdout
    assert len(lines) < 160
    at = lines.index("TO SETTLE FIRST")
    stakes = [float(line.split()[0].replace("$", "").replace(",", "")) for line in lines[at + 1 : at + 6]]
    assert stakes == sorted(stakes, reverse=True)
    sections = [
        line for line in lines if line in ("STRATEGIES", "KPIS", "RISKS", "ROADMAP", "TEAM AND INVESTMENT")
    ]
    assert sections == ["STRATEGIES", "KPIS", "RISKS", "ROADMAP", "TEAM AND INVESTMENT"]
    strategies = lines[lines.index("STRATEGIES") : lines.index("KPIS")]
    assert any("P104" in line and "Moving $" in line for line in strategies)
    kpis = lines[lines.index("KPIS") : lines.index("RISKS")]
    assert sum("not done" in line for line in kpis) == 1
    assert any("10 more for want of data" in line for line in kpis)


def test_brief_of_the_sample_needs_no_file(run, tmp_path):
    done = run(
        "brief", "--out", str(tmp_path / "deep" / "brief.html"), "--json", str(tmp_path / "brief.json")
    )
    assert done.returncode == 0
    assert "15 campaigns, $212,000" in done.stdout
    assert (tmp_path / "deep" / "brief.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((tmp_path / "brief.json").read_text(encoding="utf-8"))["format"] == 1


@pytest.mark.parametrize("command", ["brief", "check", "reschedule"])
def test_json_on_standard_output_is_alone_there(run, command):
    done = run(command, "--json", "-")
    assert done.returncode == 0
    json.loads(done.stdout)
    assert done.stderr.strip()


def test_the_gate(run):
    assert run("check").returncode == 0
    shut = run("check", "--fail-on", "warning")
    assert shut.returncode == 1
    assert shut.stderr == "clarion: 1 finding at the gate (--fail-on warning)\n"
    assert run("check", "--fail-on", "error").returncode == 0
    assert run("check", "--fail-on", "warning", "--ignore", "S109").returncode == 0
    assert run("brief", *INPUTS, "--fail-on", "warning").returncode == 1
    assert run("brief", *INPUTS, "--fail-on", "warning", "--select", "P5", "--ignore", "P502").returncode == 0


def test_rows_in_quarantine_stand_at_the_gate(run, folder):
    rows = (folder / "portfolio.csv").read_text(encoding="utf-8").splitlines()
    (folder / "odd.csv").write_text("\n".join([rows[0], rows[1].replace("2026-08-24", "someday"), *rows[2:]]))
    done = run("brief", "odd.csv", "--fail-on", "error")
    assert done.returncode == 1
    assert "1 row in quarantine" in done.stdout
    assert run("check", "odd.csv", "--fail-on", "error").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["brief", "nowhere.csv"], "nowhere.csv: no such file"),
        (["brief", "portfolio.csv", "--audiences", "nowhere.parquet"], "nowhere.parquet"),
        (["brief", "portfolio.csv", "--history", "nowhere.csv"], "nowhere.csv"),
        (["brief", "portfolio.csv", "--catalog", "nowhere.csv"], "nowhere.csv"),
        (["brief", "portfolio.csv", "--kpi-table", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["brief", "portfolio.csv", "--kpi-table", "truth.txt"], "give a .json, .toml or .csv file"),
        (["brief", "portfolio.csv", "--kpi-table", "broken.toml"], "broken.toml: is not TOML"),
        (["brief", "portfolio.csv", "--holidays", "Atlantis"], "'Atlantis' is not allowed"),
        (["brief", "portfolio.csv", "--config", "nowhere.toml"], "nowhere.toml"),
        (["brief", "portfolio.csv", "--config", "typo.toml"], "did you mean 'owner_capacity'"),
        (["brief", "portfolio.csv", "--map", "budget"], "write it as field=column"),
        (["brief", "portfolio.csv", "--map", "budgt=cost"], 'did you mean "budget"'),
        (["brief", "--map", "budget=cost"], "goes with a PORTFOLIO"),
        (["brief", "portfolio.csv", "--today", "soon"], "write the day as YYYY-MM-DD"),
        (["brief", "--out", "brief.pdf"], "let it end in .html or .json"),
        (["brief", "--out", "portfolio.csv/brief.html"], "portfolio.csv"),
        (["brief", "--fail-on", "fatal"], "fatal"),
        (["brief", "--colour"], "--colour"),
        (["check", "audiences.parquet"], "start and end"),
        (["check", "."], "is a folder"),
        (["explain", "S0001"], "did you mean S001"),
        (["reschedule", "--limit", "-1"], "limit: -1"),
        (["reschedule", "--limit", "low"], "--limit"),
        (["sample", "portfolio.csv"], "portfolio.csv"),
        (["sample", "new", "--customers", "0"], "--customers"),
        (["forecast"], "forecast"),
    ],
)  # fmt: skip
def test_bad_usage_and_unreadable_input_end_with_two(run, folder, arguments, said):
    (folder / "truth.txt").write_text("{}")
    (folder / "broken.toml").write_text("[")
    (folder / "typo.toml").write_text("[team]\nowner_capcity = 1\n")
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    if done.stderr.startswith("clarion:"):
        assert done.stderr.count("\n") == 1


def test_kpi_table_and_holidays(run, folder):
    (folder / "own.json").write_text(
        '{"kpis": {"visits": {"name": "Store visits", "numerator": "visits", "unit": "count"}},'
        ' "intents": [{"objective": "clearance", "channel": "SMS", "role": "primary", "kpis": ["visits"]}]}'
    )
    rows = json.loads(run("brief", "--kpi-table", "own.json", "--json", "-").stdout)["kpi_table"]
    assert "visits" in {row["kpi"] for row in rows if row["role"] == "primary"}
    (folder / "day.toml").write_text('kpi_table = "own.json"\nholidays = "US"\n')
    config = ("brief", "portfolio.csv", "--config", "day.toml", "--json", "-")
    found = json.loads(run(*config).stdout)
    assert "visits" in {row["kpi"] for row in found["kpi_table"]}
    # Christmas is a holiday that nothing of the sample starts on; moved there, a campaign is told so.
    rows = (folder / "portfolio.csv").read_text(encoding="utf-8")
    (folder / "christmas.csv").write_text(rows.replace("2027-01-11", "2026-12-25", 1), encoding="utf-8")
    for plan, holidays, told in (
        ("portfolio.csv", [], False),
        ("christmas.csv", [], False),
        ("christmas.csv", ["--holidays", "US"], True),
    ):
        risks = json.loads(run("brief", plan, *holidays, "--json", "-").stdout)["layers"]["risks"]
        assert any("Christmas" in finding["message"] for finding in risks) is told


def test_options_of_the_configuration_reach_every_command(run, folder):
    (folder / "small.toml").write_text(
        "[brief]\noverlap_rows = 3\n[graph]\nmin_clique = 4\n[similarity]\nbudget = 2\n"
    )
    found = json.loads(run("brief", *INPUTS, "--config", "small.toml", "--json", "-").stdout)
    assert len(found["overlap"]["campaigns"]) == 3
    (folder / "still.toml").write_text("[reschedule]\nkeep_share = 1.0\n")
    told = ("reschedule", *INPUTS[:3], "--json", "-")
    assert json.loads(run(*told).stdout)["moves"]
    assert json.loads(run(*told, "--config", "still.toml").stdout)["moves"] == []


def test_explain(run):
    one = run("explain", "c101")
    assert one.returncode == 0 and one.stdout.startswith("C101 ")
    assert max(map(len, one.stdout.splitlines())) <= 80
    listed = run("explain").stdout.splitlines()
    assert {"S001", "C101", "P104"} <= {line.split()[0] for line in listed}


def test_reschedule_writes_a_portfolio_that_reads_again(run, folder):
    done = run("reschedule", *INPUTS[:3], "--out", "moved.csv")
    assert done.returncode == 0 and "wrote moved.csv" in done.stdout and "(proved)" in done.stdout
    assert run("check", "moved.csv").returncode == 0
    assert (folder / "moved.csv").read_text(encoding="utf-8") != (folder / "portfolio.csv").read_text(
        encoding="utf-8"
    )


def test_colour_on_a_terminal_alone(folder):
    shown = Terminal("check", cwd=folder)
    assert shown.end() == 0 and COLOUR in shown.text
    plain = Terminal("check", cwd=folder, NO_COLOR="1")
    assert plain.end() == 0 and COLOUR not in plain.text
    refused = Terminal("check", "nowhere.csv", cwd=folder, NO_COLOR="1")
    assert refused.end() == 2 and COLOUR not in refused.text


def many(folder, campaigns):
    """A portfolio that takes some seconds."""
    path = folder / f"many{campaigns}.csv"
    if not path.exists():
        from clarion import Portfolio, _core

        Portfolio._of(_core.simulate_portfolio(campaigns=campaigns)).write(path)
    return path.name


@pytest.mark.slow
def test_progress_is_a_fraction_on_a_terminal(folder, run):
    plan = many(folder, 1500)
    shown = Terminal("brief", plan, cwd=folder)
    assert shown.end() == 0
    told = [int(percent) for percent in re.findall(r"planning +(\d+)%", shown.text)]
    assert told == sorted(told) and any(0 < percent < 100 for percent in told)
    assert "planning" not in run("brief", plan).stderr


@pytest.mark.slow
def test_interrupt_ends_with_130_and_one_line(folder):
    shown = Terminal("brief", many(folder, 6000), cwd=folder)
    while "planning" not in shown.text and shown.process.poll() is None:
        time.sleep(0.05)
    os.kill(shown.process.pid, signal.SIGINT)
    assert shown.end() == 130
    assert "Traceback" not in shown.text
    assert shown.text.rstrip().endswith("clarion: stopped")


def test_a_reader_who_leaves_is_no_error(folder):
    line = f"{sys.executable} -m clarion.cli brief | head -n 1"
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True)
    assert done.stdout.startswith("Pre-launch brief") and done.stderr == ""


def test_segment_goes_from_transactions_to_segments(run, folder):
    done = run("segment", "transactions.parquet", "--map", "date=day", "--out", "segments", "--json", "-")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["records"]["rows_read"] == found["records"]["accepted"] + found["records"]["quarantined"]
    assert "Champions" in done.stderr and "wrote" in done.stderr
    written = {path.name for path in (folder / "segments").iterdir()}
    assert written == {
        "report.html", "customers.parquet", "cycle.json", "logic.md", "audit.html", "quarantine.csv",
    }  # fmt: skip
    wrong = run("segment", "transactions.parquet", "--map", "date=days")
    assert wrong.returncode == 2 and "days" in wrong.stderr
    assert run("segment", "--map", "date=day").returncode == 2
