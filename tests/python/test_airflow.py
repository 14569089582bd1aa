"""The gate without Airflow: counting and choosing. With Airflow it runs in docs/examples/airflow/run.sh."""

import json

import pytest
from clarion.airflow import gate


def finding(severity):
    return {"severity": severity, "code": "S001", "message": "end before start"}


def test_counts_what_passes():
    assert gate([finding("info"), finding("warning")]) == {"error": 0, "warning": 1, "info": 1}


def test_reads_the_json_of_a_brief(tmp_path):
    path = tmp_path / "brief.json"
    brief = {
        "validation": [finding("info")],
        "layers": {"risks": [finding("warning")]},
        "quarantine": [{"findings": [finding("info")]}],
    }
    path.write_text(json.dumps(brief))
    assert gate(path) == {"error": 0, "warning": 1, "info": 2}


def test_reads_the_json_of_a_check(tmp_path):
    path = tmp_path / "check.json"
    path.write_text(json.dumps({"findings": [finding("info")]}))
    assert gate(str(path)) == {"error": 0, "warning": 0, "info": 1}


def test_unknown_level_is_refused():
    with pytest.raises(ValueError, match="fail_on: 'fatal' is not allowed"):
        gate([], fail_on="fatal")
