"""The fields of a campaign and the columns that mean them."""

from pathlib import Path

from clarion import _core
from clarion.schema import Campaign

PAGE = Path(__file__).resolve().parents[3] / "docs" / "schema" / "fields.md"


def test_records_have_the_fields_of_the_table():
    assert [name for name, *_ in _core.schema_fields()] == list(Campaign.__dataclass_fields__)


def test_the_page_lists_every_field():
    page = PAGE.read_text(encoding="utf-8")
    for name, kind, required, meaning, also in _core.schema_fields():
        row = f"| `{name}` | {kind} | {'yes' if required else ''} | {meaning} | {', '.join(also)} |"
        assert row in page, f"docs/schema/fields.md lacks: {row}"
    assert page.count("\n| `") == len(_core.schema_fields())


def test_every_other_name_finds_its_field():
    for name, _, _, _, also in _core.schema_fields():
        for other in also:
            assert name in _core.match_columns([other], []) or other == "cost"
    assert _core.match_columns(["cost", "Budget (EUR)"], []) == {"budget": "Budget (EUR)", "spend": "cost"}
    assert _core.match_columns(["cost"], [], False) == {}
