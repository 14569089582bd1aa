"""The fields of a campaign and the columns that mean them."""

from pathlib import Path

import pytest
from clarion import _core
from clarion.schema import Campaign

PAGES = Path(__file__).resolve().parents[3] / "docs" / "schema"


def test_records_have_the_fields_of_the_table():
    assert [name for name, *_ in _core.schema_fields()] == list(Campaign.__dataclass_fields__)


@pytest.mark.parametrize(
    ("of", "page"),
    [
        ("campaigns", "fields"),
        ("products", "catalog"),
        ("memberships", "audiences"),
        ("transactions", "transaction"),
        ("customers", "customer"),
    ],
)
def test_the_page_lists_every_field(of, page):
    fields = _core.schema_fields(of)
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for name, kind, required, meaning, also in fields:
        row = f"| `{name}` | {kind} | {'yes' if required else ''} | {meaning} | {', '.join(also)} |"
        assert row in text, f"docs/schema/{page}.md lacks: {row}"
    assert text.count("\n| `") == len(fields)


def test_the_page_of_records_lists_the_fields_of_the_others():
    text = (PAGES / "records.md").read_text(encoding="utf-8")
    tables = [field for of in ("branches", "responses", "events") for field in _core.schema_fields(of)]
    for name, kind, required, meaning, also in tables:
        row = f"| `{name}` | {kind} | {'yes' if required else ''} | {meaning} | {', '.join(also)} |"
        assert row in text, f"docs/schema/records.md lacks: {row}"
    assert text.count("\n| `") == len(tables)


def test_other_tables_are_refused():
    with pytest.raises(ValueError, match="campaigns, products, memberships, transactions"):
        _core.schema_fields("sales")


def test_every_other_name_finds_its_field():
    tables = (
        "campaigns",
        "products",
        "memberships",
        "transactions",
        "customers",
        "branches",
        "responses",
        "events",
    )
    for of in tables:
        for name, _, _, _, also in _core.schema_fields(of):
            for other in also:
                assert name in _core.match_columns([other], [], of=of) or other == "cost"
    assert _core.match_columns(["cost", "Budget (EUR)"], []) == {"budget": "Budget (EUR)", "spend": "cost"}
    assert _core.match_columns(["cost"], [], False) == {}
