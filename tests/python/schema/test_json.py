"""JSON in and out."""

import json

import pytest
from clarion import ClarionError, Portfolio, sample
from clarion._core import Policy


def test_the_sample_comes_back(tmp_path):
    plan = sample.portfolio()
    content = json.loads(plan.to_json())
    assert content["format"] == 1 and len(content["campaigns"]) == 15
    assert "NaN" not in plan.to_json() and "spend" not in content["campaigns"][0]
    (tmp_path / "plan.json").write_text(plan.to_json(None), encoding="utf-8")
    back = Portfolio.read(tmp_path / "plan.json", policy=sample.policy())
    assert back.campaigns == plan.campaigns
    assert back.to_json() == plan.to_json()


def test_a_history_comes_back(tmp_path):
    past = sample.history()
    for name in ("history.json", "history.csv", "history.parquet"):
        past.write(tmp_path / name)
        back = Portfolio.read(tmp_path / name, policy=sample.policy(), history=True)
        assert back.campaigns == past.campaigns
        assert back.findings.count("error") == 0


def test_rows_that_are_no_campaigns(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text('[1, "x", null, [], {"id": "a", "start": "2026-01-01", "end": "2026-01-02"}]')
    policy = Policy()
    policy.ignore = ["S00"]
    plan = Portfolio.read(path, policy=policy)
    assert (len(plan), plan.rows_read) == (1, 5)
    assert plan.quarantine["row"].tolist() == [1, 2, 3, 4]
    path.write_text('{"plans": []}')
    with pytest.raises(ClarionError):
        Portfolio.read(path)
