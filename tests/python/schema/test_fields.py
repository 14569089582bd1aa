"""The fields of a campaign and the columns that mean them."""

from pathlib import Path

import pytest
from clarion import _core
from clarion.schema import Campaign

PAGES = Path(__file__).resolve().parents[3] / "docs" / "schema"


def test_records_have_the_fields_of_the_table():
    assert [name for name, *_ in _core.schema_fields()] == list(Campaign.__dataclass_fields__)


@pytest.mark.parametrize(
    ("of", "page"), [("campaigns", "fields"), ("products", "catalog"), ("memberships", "audiences")]
)
def test_the_page_lists_every_field(of, page):
    fields = _core.schema_fields(of)
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for name, kind, required, meaning, also in fields:
        row = f"| `{name}` | {kind} | {'yes' if required else ''} | {meaning} | {', '.join(also)} |"
        assert row in text, f"docs/schema/{page}.md lacks: {row}"
    assert text.count("\n| `") == len(fields)


def test_tables_are_three():
    with pytest.raises(ValueError, match="campaigns, products or memberships"):
        _core.schema_fields("customers")


def test_every_other_name_finds_its_field():
    for of in ("campaigns", "products", "memberships"):
        for name, _, _, _, also in _core.schema_fields(of):
            for other in also:
                assert name in _core.match_columns([other], [], of=of) or other == "cost"
    assert _core.match_columns(["cost", "Budget (EUR)"], []) == {"budget": "Budget (EUR)", "spend": "cost"}
    assert _core.match_columns(["cost"], [], False) == {}
