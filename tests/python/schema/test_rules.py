from pathlib import Path

import pytest
from clarion.schema import explain, rules
from clarion.schema.rules import page

DOCS = Path(__file__).resolve().parents[3] / "docs" / "schema" / "rules.md"


def test_the_page_is_that_of_the_table():
    remedy = "write it again: from clarion.schema.rules import page; print(page(), end='')"
    assert DOCS.read_text(encoding="utf-8") == page(), remedy


def test_codes_are_explained():
    assert len(rules()) > 40
    assert explain("s001").title == "end before start"
    for rule in rules():
        assert explain(rule.code).code == rule.code
        assert rule.severity in ("error", "warning", "info")
    with pytest.raises(ValueError, match="S0"):
        explain("S00")
    with pytest.raises(ValueError, match="code"):
        explain("hello")
