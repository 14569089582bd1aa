"""Columns of customers as numbers that a model takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Columns", "Encoder", "columns_of", "plain_texts"]

MOST_TEXTS = 255
OTHER = "(missing or new)"


@dataclass(frozen=True)
class Columns:
    """Arrow columns by name, and what kind of frame they came in."""

    columns: dict[str, Any]
    rows: int
    backend: str | None

    def without(self, *names: str | None) -> Columns:
        return Columns({n: c for n, c in self.columns.items() if n not in names}, self.rows, self.backend)

    def pick(self, name: str, argument: str) -> Any:
        if name not in self.columns:
            known = ", ".join(map(str, self.columns))
            raise ValueError(f"{argument}: there is no column {name!r}; there are {known}")
        return self.columns[name]


def columns_of(source: Any) -> Columns:
    """Columns of a frame, a mapping, or an array (x0, x1, ...)."""
    import pyarrow as pa

    from clarion.io import frame_kind
    from clarion.schema.frames import arrow_source

    if (
        hasattr(source, "__array__")
        and not hasattr(source, "columns")
        and not hasattr(source, "column_names")
    ):
        import numpy as np

        array = np.asarray(source)
        if array.ndim != 2:
            raise ValueError(f"X: give rows and columns, not an array of shape {array.shape}")
        held = {
            f"x{j}": pa.chunked_array([pa.array(array[:, j], from_pandas=True)])
            for j in range(array.shape[1])
        }
        return Columns(held, len(array), None)
    table = pa.table(arrow_source(source))
    columns = {
        name: plain_texts(column) for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return Columns(columns, table.num_rows, frame_kind(source))


def plain_texts(column: Any) -> Any:
    """Views of texts have few functions in Arrow yet, and dictionaries of them fewer."""
    import pyarrow as pa

    if column.type == pa.string_view():
        return column.cast(pa.string())
    if pa.types.is_dictionary(column.type) and column.type.value_type == pa.string_view():
        texts = [chunk.dictionary.cast(pa.string()).take(chunk.indices) for chunk in column.chunks]
        return pa.chunked_array(texts, pa.string())
    return column


def _numbers(column: Any) -> NDArray[np.float64]:
    """Numbers and truth values, NaN where missing."""
    import numpy as np
    import pyarrow.compute as pc

    values = pc.cast(column, "float64", safe=False).to_numpy()
    return np.asarray(values, dtype=np.float64)


def _texts(column: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct texts, and for each row the place of its own, -1 where missing."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.cast(column, pa.string())
    coded = (whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole).dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return coded.dictionary.to_pylist(), np.asarray(places, dtype=np.int64)


class Encoder:
    """Texts become a column a value and one for what is missing or was not there in the fit. Numbers stay as they are for a model
    that takes NaN (``plain``); for others they are standardized, and where values are missing the mean stands in, beside a column
    that says so.

    ``names`` are of the columns that come out, ``source`` the place in ``columns`` of the one that each comes from.
    """

    def __init__(self, plain: bool) -> None:
        self.plain = plain

    def fit(self, data: Columns) -> Self:
        import numpy as np
        import pyarrow as pa

        if not data.columns:
            raise ValueError("X: no column is left to learn from")
        self.columns = list(data.columns)
        self.names: list[str] = []
        self.source: list[int] = []
        self.kinds: dict[str, Any] = {}
        for place, (name, column) in enumerate(data.columns.items()):
            kind = column.type
            if pa.types.is_dictionary(kind):
                kind = kind.value_type
            if pa.types.is_temporal(kind):
                raise ValueError(
                    f"column {name}: a date is no property of a customer; give time= or days until then"
                )
            if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                texts, places = _texts(column)
                texts = sorted({texts[at] for at in np.unique(places[places >= 0])})
                if len(texts) > MOST_TEXTS:
                    raise ValueError(
                        f"column {name}: {len(texts):,} different texts in {data.rows:,} rows, more than {MOST_TEXTS}; "
                        "leave ids out, group rare values, and convert numbers that are written as texts"
                    )
                self.kinds[name] = texts
                self._add([f"{name}={text}" for text in [*texts, OTHER]], place)
                continue
            if pa.types.is_null(kind):
                raise ValueError(f"column {name}: every value is missing; leave it out")
            values = self._finite(name, column)
            known = values[~np.isnan(values)]
            if not len(known):
                raise ValueError(f"column {name}: every value is missing; leave it out")
            missing = len(known) < len(values) and not self.plain
            spread = float(known.std())
            self.kinds[name] = (float(known.mean()), spread if spread > 0 else 1.0, missing)
            self._add([name, f"{name} (missing)"] if missing else [name], place)
        return self

    def _add(self, names: list[str], place: int) -> None:
        self.names += names
        self.source += [place] * len(names)

    @staticmethod
    def _finite(name: str, column: Any) -> NDArray[np.float64]:
        import numpy as np
        import pyarrow as pa

        try:
            values = _numbers(column)
        except pa.ArrowException:
            raise ValueError(f"column {name}: {column.type} is neither numbers nor texts") from None
        if np.isinf(values).any():
            raise ValueError(
                f"column {name}: infinity in row {int(np.isinf(values).argmax())}; give finite numbers"
            )
        return values

    def transform(self, data: Columns) -> NDArray[np.float64]:
        """Rows x names. Columns may come in any order; those that were not in the fit are left alone."""
        import numpy as np

        absent = [name for name in self.columns if name not in data.columns]
        if absent:
            raise ValueError(f"X: the model was fitted with columns that are not there: {', '.join(absent)}")
        out = np.zeros((data.rows, len(self.names)), order="F")
        at = 0
        for name in self.columns:
            column, kind = data.columns[name], self.kinds[name]
            if isinstance(kind, list):
                texts, places = _texts(column)
                known = {text: i for i, text in enumerate(kind)}
                # The last place is for what is missing (-1) or new.
                to = np.array([known.get(text, len(kind)) for text in texts] + [len(kind)])
                out[np.arange(data.rows), at + to[places]] = 1
                at += len(kind) + 1
                continue
            mean, spread, missing = kind
            values = self._finite(name, column)
            if self.plain:
                out[:, at] = values
            else:
                gone = np.isnan(values)
                out[:, at] = np.where(gone, 0.0, (values - mean) / spread)
                if missing:
                    out[:, at + 1] = gone
            at += 2 if missing else 1
        return out

    def gather(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What names add, summed by column: rows x columns."""
        import numpy as np

        first = [self.source.index(place) for place in range(len(self.columns))]
        return np.add.reduceat(values, first, axis=1)
