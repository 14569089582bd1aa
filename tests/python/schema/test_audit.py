"""The data audit and its gate."""

import json
import subprocess
import sys

import numpy as np
import pytest
from clarion.gate import failing, standing
from clarion.schema import Customers, Transactions, audit


def cycle(n, scale, channels, seed=0):
    random = np.random.default_rng(seed)
    return {
        "customer": [f"c{i}" for i in random.integers(0, 200, n)],
        "date": [f"2026-01-{day:02}" for day in random.integers(1, 29, n)],
        "amount": random.gamma(2, scale, n),
        "channel": random.choice(channels, n),
        "note": np.arange(n),
    }


def test_drift_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    before, now = cycle(3000, 10, ["web", "store"]), cycle(2500, 13, ["web", "phone"], seed=1)
    report = audit(Transactions.read(now), Transactions.read(before))
    fields = {one["field"]: one for one in report.fields}
    wanted = stats.ks_2samp(now["amount"], before["amount"], method="asymp")
    assert fields["amount"]["ks"] == pytest.approx(wanted.statistic, abs=1e-12)
    # scipy's asymptotic form rounds the size of the smaller sample.
    assert fields["amount"]["ks_p"] == pytest.approx(wanted.pvalue, rel=0.2, abs=1e-12)
    edges = np.sort(before["amount"])[[k * 3000 // 10 for k in range(1, 10)]]
    p = np.bincount(np.searchsorted(edges, now["amount"]), minlength=10) / 2500
    q = np.bincount(np.searchsorted(edges, before["amount"]), minlength=10) / 3000
    assert fields["amount"]["psi"] == pytest.approx(((p - q) * np.log(p / q)).sum(), rel=1e-9)
    assert fields["channel"]["added"] == ["phone"]
    assert fields["channel"]["vanished"] == ["store"]
    assert {"S409", "S410", "S411"} <= {finding.code for finding in report.findings}


def test_a_report_shows_and_gates(tmp_path):
    rows = cycle(100, 10, ["<script>alert(1)</script>", "web"])
    rows["customer"][:20] = [""] * 20
    read = Transactions.read(rows)
    report = audit(read, today=None)
    assert report.rows_read == 100
    assert report.quarantined == 20
    assert report.findings.count("S404") == 1
    assert report.passes("warning")
    assert not report.passes("info")
    with pytest.raises(ValueError, match="max_severity"):
        report.passes("fatal")
    page = report.to_html(tmp_path / "audit.html")
    assert page == (tmp_path / "audit.html").read_text()
    assert "<script>" not in page
    other = audit(read, Transactions.read(cycle(100, 10, ["web"])))
    assert "<script>" not in other.to_html()
    assert "&lt;script&gt;" in other.to_html()
    assert report.to_frame().field.tolist() == [one["field"] for one in report.fields]
    content = json.loads(report.to_json())
    assert failing(standing(content), "warning")
    assert not failing(standing(content), "error")
    with pytest.raises(TypeError, match="no table of records"):
        audit([1])
    with pytest.raises(TypeError, match="unknown option"):
        audit(read, mood=1)
    with pytest.raises(ValueError, match="complete"):
        audit(read, complete=2)
    with pytest.raises(ValueError, match="previous"):
        audit(read, Customers.read([{"id": "1"}]))


def test_nothing_at_all():
    report = audit(Transactions.read({"customer": [], "date": [], "amount": []}))
    assert report.rows_read == 0
    assert report.days_since_last is None
    assert "0 rows read" in repr(report)
    report.to_html()


def run(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "clarion.cli", "audit", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    return done


def test_the_command_ends_as_the_gate_says(tmp_path):
    import pyarrow as pa
    from pyarrow import csv

    csv.write_csv(pa.table(cycle(300, 10, ["web", "store"])), tmp_path / "now.csv")
    csv.write_csv(pa.table(cycle(900, 40, ["web"], seed=1)), tmp_path / "before.csv")
    (tmp_path / "map.toml").write_text(
        'table = "transactions"\nduplicates = "keep"\n[columns]\ncustomer = "customer"\n'
    )
    done = run(tmp_path, "now.csv", "--map", "map.toml", "--today", "2026-01-30")
    assert done.returncode == 0, done.stderr
    assert "300 rows read, 300 accepted" in done.stdout
    done = run(tmp_path, "now.csv", "--map", "map.toml", "--previous", "before.csv", "--today", "2026-01-30", "--fail-on", "warning",
               "--json", "audit.json", "--out", "audit.html")  # fmt: skip
    assert done.returncode == 1
    assert "S409" in done.stdout
    assert json.loads((tmp_path / "audit.json").read_text())["previous_rows"] == 900
    assert (tmp_path / "audit.html").read_text().startswith("<!doctype html>")
    for arguments in (
        ("now.csv", "--map", "none.toml"),
        ("none.csv",),
        ("now.csv", "--table", "sales"),
        ("now.csv", "--map", "customer=mood"),
    ):
        done = run(tmp_path, *arguments)
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stderr.startswith("clarion: ")
