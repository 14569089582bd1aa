"""Hierarchical clustering: a tree of merges, cut into as many segments as are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Linkage", "linkage"]


@dataclass(frozen=True, eq=False, repr=False)
class Linkage:
    """A tree of merges.

    ``matrix`` is SciPy's linkage matrix, n - 1 rows of left, right, height, points, by height: the rows of the data are clusters
    0 to n - 1, merge i makes cluster n + i. Functions of ``scipy.cluster.hierarchy`` take it as it is.
    """

    matrix: NDArray[np.float64]
    method: str
    _backend: str | None = None

    @property
    def n(self) -> int:
        """Rows of the data."""
        return len(self.matrix) + 1

    @property
    def heights(self) -> NDArray[np.float64]:
        """Of the merges, ascending."""
        return self.matrix[:, 2]

    def cut(self, n_clusters: int | None = None, *, height: float | None = None) -> NDArray[np.uint32]:
        """The cluster of each row, numbered as they first appear: ``n_clusters`` of them, or those that are left when all
        merges at ``height`` or below are done. Raises ValueError unless one of the two is given, and for a number of clusters
        that is not from 1 to n."""
        if (n_clusters is None) == (height is None):
            raise ValueError("cut: give n_clusters or height, one of the two")
        if height is not None:
            return _core.cut_at(self.matrix, height)
        if n_clusters is None or n_clusters < 1:
            raise ValueError(
                f"n_clusters: {n_clusters} is not allowed; give a number from 1 to {self.n}, the points"
            )
        return _core.cut_into(self.matrix, n_clusters)

    def leaves(self) -> NDArray[np.uint32]:
        """The rows in the order of a dendrogram, in which every cluster stands together."""
        return _core.leaf_order(self.matrix)

    def cophenetic_correlation(self, X: Any, *, n_jobs: int | None = None) -> float:
        """The correlation of the distances of all pairs of rows with the heights at which they merge: 1 where the tree tells
        distances exactly (Sokal and Rohlf, 1962). O(n^2)."""
        return _core.cophenetic_correlation(self.matrix, _points(X)[0], n_jobs)

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a merge: cluster (the one that it makes), left, right, height, points."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {"method": self.method, **{name: cells.tolist() for name, cells in self._columns().items()}}

    def plot(self, p: int = 30, ax: Axes | None = None) -> Axes:
        """The dendrogram of the last ``p`` merges; what merged before is a leaf that says how many rows it holds."""
        from clarion import _plot

        if p < 1:
            raise ValueError(f"p: {p} is not allowed; give at least 1, the merges to show")
        return _plot.dendrogram(self.matrix, p, f"{self.method} linkage of {self.n:,} rows", ax)

    def _columns(self) -> dict[str, NDArray[Any]]:
        import numpy as np

        left, right, height, points = self.matrix.T
        made = np.arange(self.n, 2 * self.n - 1)
        whole = {name: cells.astype(np.int64) for name, cells in (("left", left), ("right", right))}
        return {"cluster": made, **whole, "height": height, "points": points.astype(np.int64)}

    def __repr__(self) -> str:
        top = f", top height {self.heights[-1]:.4g}" if len(self.matrix) else ""
        return f"Linkage({self.method}, {self.n:,} rows{top})"

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        last = {name: cells[::-1].tolist() for name, cells in self._columns().items()}
        return f"<p>{escape(repr(self))}; the last merges first</p>{html_table(last, rows=10)}"


def linkage(
    X: Any,
    method: str = "ward",
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Linkage:
    """Clusters the rows of ``X`` into a tree.

    ``X`` is n x d numbers: an array, or a frame of numeric columns; scale columns first where their units differ. ``method``
    says how far two clusters are apart: ``ward`` (what a merge adds to the sum of squares), ``average``, ``complete`` or
    ``single`` (the mean, the greatest or the least distance between their rows).

    Ward and single linkage keep the rows alone in memory, average and complete linkage n^2 / 2 distances. Raises ValueError for NaN,
    infinities (naming the column) and an unknown method, ClarionError where memory cannot hold the distances.
    """
    points, backend = _points(X)
    if len(points) == 0:
        raise ValueError("X: no rows are not allowed; give at least 1")
    return Linkage(_core.linkage(points, {"method": method}, n_jobs, progress), method, backend)


def _points(X: Any) -> tuple[NDArray[Any], str | None]:
    """Rows of finite numbers, float32 where they were, and the kind of frame they came in."""
    import numpy as np

    from clarion.io import frame_kind

    names: list[Any] | None = None
    if isinstance(X, np.ndarray | list | tuple):
        points = _numbers(X, "X")
    else:
        columns = _columns(X)
        names = list(columns)
        cells = [_numbers(values, f"X: column {name!r}") for name, values in columns.items()]
        points = np.column_stack(cells) if cells else np.empty((0, 0))
    if points.ndim != 2 or points.shape[1] == 0:
        raise ValueError(f"X: shape {points.shape} is not allowed; give rows and columns, n x d")
    bad = ~np.isfinite(points)
    if bad.any():
        at = int(np.flatnonzero(bad.any(axis=0))[0])
        row = int(np.flatnonzero(bad[:, at])[0])
        name = repr(names[at]) if names else str(at)
        what = "NaN" if np.isnan(points[row, at]) else "infinity"
        raise ValueError(
            f"X: {what} in column {name}, row {row}, is not allowed; fill or drop {int(bad[:, at].sum()):,} such rows"
        )
    return points, frame_kind(X)


def _columns(X: Any) -> dict[Any, Any]:
    if (
        hasattr(X, "to_numpy") and hasattr(X, "columns") and hasattr(X, "iloc")
    ):  # pandas: columns may have no unique text
        return {name: X.iloc[:, at].to_numpy() for at, name in enumerate(X.columns)}
    import pyarrow as pa

    from clarion.schema.frames import arrow_source

    table = pa.table(arrow_source(X))
    return {name: table.column(name).to_numpy() for name in table.column_names}


def _numbers(values: ArrayLike, what: str) -> NDArray[Any]:
    import numpy as np

    cells = np.asarray(values)
    if cells.dtype == np.float32:
        return np.ascontiguousarray(cells)
    if cells.dtype.kind in "cMmSUV":
        raise TypeError(f"{what}: {cells.dtype} is no number; give numeric columns")
    try:
        return np.ascontiguousarray(cells, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{what}: {cells.dtype} is no number; give numeric columns") from None
