"""How far apart clusters are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.segment._rows import labels_of, rows_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["ClusterQuality", "cluster_quality", "silhouettes"]


@dataclass(frozen=True, eq=False, repr=False)
class ClusterQuality:
    """``table`` has a row a cluster: cluster, size, share, silhouette, silhouette_se, mean_distance (of its rows from their
    mean). ``silhouette_se`` is 0 where every row was taken."""

    table: Table
    rows: int
    clusters: int
    inertia: float
    silhouette: float
    silhouette_se: float
    silhouette_rows: int
    calinski_harabasz: float
    davies_bouldin: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {**self._indices(), "by_cluster": self.table.to_dict()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The silhouette of each cluster, with two standard errors where rows were sampled."""
        from clarion import _plot

        columns = self.table.to_dict()
        rows = [
            {"model": str(cluster), "value": value, "low": value - 2 * error, "high": value + 2 * error}
            for cluster, value, error in zip(
                columns["cluster"], columns["silhouette"], columns["silhouette_se"], strict=True
            )
        ]
        axes = _plot.intervals(rows, f"Silhouettes, {self.silhouette:.2f} on average", ax)
        axes.axvline(self.silhouette, color=_plot.QUIET, linestyle="--", linewidth=1)
        return axes

    def _indices(self) -> dict[str, Any]:
        names = (
            "rows", "clusters", "inertia", "silhouette", "silhouette_se", "silhouette_rows", "calinski_harabasz",
            "davies_bouldin",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def _words(self) -> str:
        sampled = (
            f" ± {self.silhouette_se:.3f}, of {self.silhouette_rows:,} rows" if self.silhouette_se else ""
        )
        return (
            f"{self.clusters} clusters of {self.rows:,} rows: silhouette {self.silhouette:.3f}{sampled}, Calinski-Harabasz "
            f"{self.calinski_harabasz:,.1f}, Davies-Bouldin {self.davies_bouldin:.3f}"
        )

    def __repr__(self) -> str:
        return f"ClusterQuality({self._words()})"

    def _repr_html_(self) -> str:
        return f"<p>{self._words()}</p>{self.table._repr_html_()}"


def cluster_quality(
    X: Any,
    labels: Any,
    *,
    sample: int = 0,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> ClusterQuality:
    """Judges clusters of the rows of X: silhouette (Rousseeuw, 1987), Calinski-Harabasz (1974), Davies-Bouldin (1979).

    ``X`` is a frame or array of numbers, ``labels`` of any kind, one a row. ``sample`` rows, drawn, have their silhouettes computed, each against
    all rows, which gives the mean a standard error and no bias; 0: all. Distances are Euclidean: scale columns first.

    Raises ValueError for NaN (naming the column), labels that do not fit and fewer than 2 clusters.
    O(rows² columns), with a sample O(sample rows columns).
    """
    rows = rows_of(X)
    given = labels_of(labels, len(rows.values))
    found = _core.cluster_quality(
        rows.values,
        given.numbers,
        {"sample": sample, "seed": random_state},
        n_jobs=n_jobs,
        progress=progress,
    )
    table = Table(_by_cluster(given.values, found), rows.backend)
    return ClusterQuality(table, **found)


def _by_cluster(values: Any, found: dict[str, Any]) -> dict[str, Any]:
    size = found.pop("size")
    return {
        "cluster": values,
        "size": size,
        "share": size / found["rows"],
        "silhouette": found.pop("cluster_silhouette"),
        "silhouette_se": found.pop("cluster_silhouette_se"),
        "mean_distance": found.pop("mean_distance"),
    }


def silhouettes(
    X: Any,
    labels: Any,
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> NDArray[np.float64]:
    """The silhouette of every row, from -1 (nearer to another cluster) to 1; 0 alone in a cluster. O(rows² columns)."""
    rows = rows_of(X)
    given = labels_of(labels, len(rows.values))
    return _core.silhouettes(rows.values, given.numbers, n_jobs=n_jobs, progress=progress)
