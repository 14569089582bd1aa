"""The catalogue: what is sold, since when, and in which category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from clarion import _core
from clarion._core import ClarionError, Product

__all__ = ["Catalog", "Product"]

_NAMES = {
    "id": ("id", "product_id", "product", "sku", "item", "item_id", "code"),
    "name": ("name", "product_name", "title", "description"),
    "category": ("category", "product_category", "department", "group", "type"),
    "price": ("price", "unit_price", "list_price"),
    "cost": ("cost", "unit_cost", "cogs"),
    "launch": ("launch", "launch_date", "available_from", "released", "release_date"),
    "stock": ("stock", "inventory", "units", "on_hand"),
}


class Catalog(Sequence[Product]):
    """Products, unique by id."""

    __slots__ = ("_backend", "_core")

    def __init__(self, products: Sequence[Product] = ()) -> None:
        seen: set[str] = set()
        for product in products:
            if product.id in seen:
                raise ClarionError(f"two products have the id {product.id!r}; ids are unique in a catalogue")
            seen.add(product.id)
        self._core = _core.Catalog(list(products))
        self._backend: str | None = None

    @classmethod
    def _of(cls, core: Any, backend: str | None = None) -> Catalog:
        out = cls.__new__(cls)
        out._core = core
        out._backend = backend
        return out

    @classmethod
    def read(cls, source: Any, columns: Mapping[str, str] | None = None) -> Catalog:
        """Products from a file or a table with the columns id, name, category, price, cost, launch, stock; only id is
        required. ``columns`` maps these names to those of the source.

        Raises ClarionError when it cannot be read, has no ids, names an id twice, or a number or a date of it cannot be
        read: a catalogue is reference data, and a wrong entry would judge campaigns wrongly.
        """
        import pyarrow as pa

        from clarion.io import arrow_stream, frame_kind

        label = "the catalogue"
        if isinstance(source, str | PathLike):
            from clarion.schema.files import read_table

            found = read_table(source)
            label = fspath(source)
            if found.unreadable:
                row, _, reason = found.unreadable[0]
                raise ClarionError(f"{label}: row {row}: {reason}")
            if found.json is not None:
                import json

                content = json.loads(found.json)
                rows = content.get("products", content) if isinstance(content, dict) else content
                table = pa.Table.from_pylist(rows)
            else:
                assert found.table is not None
                table = found.table
        else:
            table = pa.table(arrow_stream(source))
        places = _match(table.column_names, columns or {}, label)
        cells = {name: table.column(column).to_pylist() for name, column in places.items()}
        products = [
            Product(
                _text(cells["id"][row]) or _missing(label, row),
                _text(cells["name"][row]) if "name" in cells else "",
                _text(cells["category"][row]) if "category" in cells else "",
                **{
                    name: _number(cells[name][row], label, row, name)
                    for name in ("price", "cost", "stock")
                    if name in cells
                },
                launch=_day(cells["launch"][row], label, row) if "launch" in cells else None,
            )
            for row in range(table.num_rows)
        ]
        out = cls(products)
        out._backend = frame_kind(source)
        return out

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, at: Any) -> Any:
        return self._core.products[at]

    def __iter__(self) -> Iterator[Product]:
        return iter(self._core.products)

    def find(self, id_or_name: str) -> Product | None:
        """The product of this id, or else of this name."""
        return self._core.find(id_or_name)

    def category_of(self, entry: str) -> str:
        """The category of a campaign's product entry: the product's, or the entry itself when it names no product."""
        return self._core.category_of(entry)

    def _arrow(self) -> Any:
        import pyarrow as pa

        def numbers(name: str) -> Any:
            return pa.array([None if (x := getattr(item, name)) != x else x for item in self], pa.float64())

        return pa.table(
            {
                "id": [item.id for item in self],
                "name": [item.name for item in self],
                "category": [item.category for item in self],
                "price": numbers("price"),
                "cost": numbers("cost"),
                "launch": pa.array([item.launch for item in self], pa.date32()),
                "stock": numbers("stock"),
            }
        )

    def to_frame(self, backend: str | None = None) -> Any:
        """The products as a data frame: 'pandas', 'polars' or 'pyarrow'."""
        from clarion.io import frame

        table = self._arrow()
        backend = backend or self._backend
        return (
            table
            if backend == "pyarrow"
            else frame({name: table.column(name).to_pylist() for name in table.column_names}, backend)
        )

    def write(self, path: str | PathLike[str]) -> None:
        """Writes the products as CSV, or as Parquet where the name ends so."""
        place = fspath(path)
        if place.endswith((".parquet", ".pq")):
            import pyarrow.parquet as parquet

            parquet.write_table(self._arrow(), place)
        else:
            import pyarrow as pa
            from pyarrow import csv

            with pa.output_stream(place) as stream:
                csv.write_csv(self._arrow(), stream)

    def __repr__(self) -> str:
        return f"Catalog({len(self):,} products)"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        table = self._arrow()
        return html_table({name: table.column(name).to_pylist() for name in table.column_names})


def _match(names: list[str], chosen: Mapping[str, str], label: str) -> dict[str, str]:
    from clarion.schema.files import columns_by_name

    out: dict[str, str] = {}
    for name, column in chosen.items():
        if name not in _NAMES:
            raise ValueError(f"columns: {name!r} is not allowed; the fields are {', '.join(_NAMES)}")
        if column not in names:
            raise ValueError(
                f"columns: {column!r} for {name} is not allowed; the columns are {', '.join(names[:30])}"
            )
        out[name] = column
    squashed = columns_by_name(names)
    for name, others in _NAMES.items():
        for other in others:
            found = squashed.get(other.replace("_", ""))
            if name not in out and found is not None and found not in out.values():
                out[name] = found
    if "id" not in out:
        raise ClarionError(
            f'{label}: no column holds the ids of the products; say which one does: columns={{"id": "..."}}'
        )
    return out


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _missing(label: str, row: int) -> str:
    raise ClarionError(f"{label}: row {row + 1} has no product id")


def _number(value: Any, label: str, row: int, name: str) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ClarionError(f"{label}: row {row + 1}: {value!r} in {name} is no number") from None


def _day(value: Any, label: str, row: int) -> Any:
    from datetime import date, datetime

    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise ClarionError(
            f"{label}: row {row + 1}: {value!r} in launch is no date; write YYYY-MM-DD"
        ) from None
