import re
from pathlib import Path

from clarion.schema import explain
from clarion.segment import rules

PAGE = Path(__file__).parents[3] / "docs" / "segment" / "rules.md"


def test_codes_are_unique_and_ascending():
    codes = [rule.code for rule in rules()]
    assert codes == sorted(set(codes))
    assert {"G001", "G101", "G301"} <= set(codes)


def test_every_code_has_its_paragraph():
    page = PAGE.read_text(encoding="utf-8")
    written = re.findall(r"^## (G\d+) (.+) \((\w+)\)$", page, re.MULTILINE)
    assert written == [(rule.code, rule.title, rule.severity) for rule in rules()]
    for rule in rules():
        assert rule.explanation in page
        assert f"*Remedy.* {rule.remedy}" in page


def test_codes_are_explained():
    for rule in rules():
        assert explain(rule.code.lower()).title == rule.title
