"""The catalogue: reference data is right or refused."""

import datetime as dt

import pyarrow as pa
import pytest
from clarion import Catalog, ClarionError, sample
from clarion.schema import Product


def test_read_from_frames_and_files(tmp_path):
    (tmp_path / "goods.csv").write_text(
        "SKU;Product Name;Department;Unit Price;Launch Date\np1;Lamp;Light;9.5;2026-03-02\np2;Bulb;;;\n"
    )
    goods = Catalog.read(tmp_path / "goods.csv")
    assert [item.id for item in goods] == ["p1", "p2"]
    assert goods[0].launch == dt.date(2026, 3, 2) and goods[1].launch is None
    assert goods[0].price == 9.5 and goods[1].price != goods[1].price
    assert goods.category_of("Lamp") == "Light" and goods.category_of("Gift cards") == "Gift cards"
    assert goods.find("p9") is None and goods.find("Bulb").id == "p2"
    assert "Lamp" in goods._repr_html_()
    frame = pa.table({"code": [7], "launch": [dt.datetime(2026, 1, 2)], "stock": [3]})
    assert Catalog.read(frame, columns={"id": "code"})[0].launch == dt.date(2026, 1, 2)


def test_what_is_written_is_read_again(tmp_path):
    goods = sample.catalog()
    assert len(goods) == 48
    for name in ("goods.csv", "goods.parquet"):
        goods.write(tmp_path / name)
        back = Catalog.read(tmp_path / name)
        assert back.to_frame("pyarrow").equals(goods.to_frame("pyarrow"))


def test_wrong_entries_are_refused_by_row():
    def refused(why, **columns):
        with pytest.raises(ClarionError, match=why):
            Catalog.read(pa.table(columns))

    refused("no column holds the ids", mood=["x"])
    refused("row 2 has no product id", id=["a", ""])
    refused("two products have the id 'a'", id=["a", "a"])
    refused("row 1: 'x' in price is no number", id=["a"], price=["x"])
    refused("row 1: 'soon' in launch is no date", id=["a"], launch=["soon"])
    with pytest.raises(ValueError, match="the fields are"):
        Catalog.read(pa.table({"id": ["a"]}), columns={"idd": "id"})
    assert len(Catalog([Product("a"), Product("b")])) == 2
