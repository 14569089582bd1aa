"""Mappings: TOML, JSON and dictionaries that say how a source stands for records."""

from pathlib import Path

import pytest
from clarion import ClarionError
from clarion.schema import Customers, Mapping, Transactions

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "mappings"
ROWS = {"customer": ["a", ""], "date": ["2026-01-01", "2026-01-02"], "amount": ["1", "2"]}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_read_and_written(path, tmp_path):
    mapping = Mapping.read(path)
    assert mapping.table == "transactions"
    assert mapping.name
    copy = tmp_path / "copy.json"
    copy.write_text(mapping.to_json(), encoding="utf-8")
    assert Mapping.read(copy) == mapping
    assert Mapping(mapping.to_dict()) == mapping
    assert hash(Mapping(mapping.to_dict())) == hash(mapping)


def test_what_is_not_known_is_refused_with_its_place(tmp_path):
    for content, why in (
        ({"colums": {}}, 'key "colums".*did you mean "columns"'),
        ({"columns": {"custmer": "x"}}, 'did you mean "customer"'),
        ({"return": [{"field": "quantity", "bellow": 0}]}, r'return\[0\]: key "bellow".*below'),
        ({"table": object()}, "mapping: "),
    ):
        with pytest.raises(ValueError, match=why):
            Mapping(content)
    path = tmp_path / "map.toml"
    path.write_text("tabel = 'customers'")
    with pytest.raises(ValueError, match=r"map\.toml: mapping: key \"tabel\""):
        Mapping.read(path)
    path.write_text("table = ")
    with pytest.raises(ClarionError, match="is not TOML"):
        Mapping.read(path)
    with pytest.raises(ClarionError, match="cannot be read"):
        Mapping.read(tmp_path / "none.toml")
    (tmp_path / "map.json").write_text("{" * 5)
    with pytest.raises(ClarionError, match="is not JSON"):
        Mapping.read(tmp_path / "map.json")


def test_a_table_is_read_with_its_own_mapping():
    with pytest.raises(ValueError, match="this reads customers"):
        Customers.read(ROWS, Mapping({"table": "transactions"}))
    assert len(Transactions.read(ROWS, {"severity": {"S201": "warning"}})) == 2
    assert len(Transactions.read(ROWS)) == 1
