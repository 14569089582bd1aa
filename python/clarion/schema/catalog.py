"""The catalogue: what is sold, since when, and in which category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from clarion import _core
from clarion._core import ClarionError, JsonTable, Product
from clarion.schema.frames import adapted, arrow_source, is_rows, rows_json

__all__ = ["Catalog", "Product"]


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
        required. ``columns`` maps these names to those of the source; what it leaves out is matched by name. Numbers and
        dates may be typed, or text in any form that portfolios may have.

        Raises ClarionError when it cannot be read, has no ids, names an id twice, or a number or a date of it cannot be
        read: a catalogue is reference data, and a wrong entry would judge campaigns wrongly. Raises ValueError when
        ``columns`` names a field or a column that is not there.
        """
        from clarion.io import frame_kind
        from clarion.schema.files import about

        chosen = [(str(name), str(column)) for name, column in (columns or {}).items()]
        path = isinstance(source, str | PathLike)
        with about(source if path else "the catalogue"):
            core = _core.read_catalog(_stream(source, chosen), chosen)
        return cls._of(core, frame_kind(source))

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


def _stream(source: Any, chosen: list[tuple[str, str]]) -> Any:
    """The rows of a file or a table."""
    if not isinstance(source, str | PathLike):
        return JsonTable(rows_json(source), "products") if is_rows(source) else arrow_source(source)
    from clarion.schema.files import fields_in, read_table

    found = read_table(source, fits=fields_in("products", ("id",), chosen))
    rows = adapted(found.table) if found.json is None else JsonTable(found.json, "products")
    for row, _, reason in found.unreadable or getattr(rows, "unreadable", []):
        raise ClarionError(f"row {row}: {reason}")
    return rows
