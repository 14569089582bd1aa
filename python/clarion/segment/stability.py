"""Whether clusters are there again in other data of the same kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.segment._methods import default_model, fitted_labels, method_of
from clarion.segment._rows import labels_of, rows_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["Stability", "adjusted_rand", "stability"]


@dataclass(frozen=True, eq=False, repr=False)
class Stability:
    """``table`` has a row a cluster: cluster, size, samples (that held a row of it), jaccard (mean over samples), jaccard_se,
    recovered (samples with .75 at least), dissolved (.5 at most), verdict ("highly stable", "valid", "pattern", "dissolved").

    ``sentences`` say the verdicts in words, ``jaccards`` are of samples x clusters (NaN: no row drawn), ``rand`` the mean adjusted Rand index of samples and labels.
    """

    table: Table
    sentences: list[str]
    jaccards: NDArray[np.float64]
    rand: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {"rand": self.rand, "sentences": list(self.sentences), **self.table.to_dict()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The similarities of each cluster over samples, on Hennig's bands."""
        from clarion.segment import _pictures

        return _pictures.jaccards(self, ax)

    def __repr__(self) -> str:
        return "Stability(\n  " + "\n  ".join(self.sentences) + "\n)"

    def _repr_html_(self) -> str:
        from html import escape

        words = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return f"{self.table._repr_html_()}<ul>{words}</ul><p>adjusted Rand index {self.rand:.3f}</p>"


def stability(
    X: Any,
    model_or_labels: Any,
    *,
    model: Any = None,
    n_bootstraps: int = 100,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Stability:
    """How stable each cluster is (Hennig, Computational Statistics and Data Analysis 52, 2007).

    Rows are drawn with replacement ``n_bootstraps`` times, the distinct ones are clustered again, and each cluster is
    compared, by Jaccard's similarity, with the cluster found there that is most like it.

    ``model_or_labels`` is an estimator with ``fit_predict`` (whose ``labels_`` are judged where it is fitted to these rows), or the labels themselves; samples are
    clustered by copies of the estimator, of ``model`` (or a function of rows) where labels are given, by default by k-means with as many clusters.

    Raises ValueError for NaN (naming the column), labels that do not fit and fewer than 2 rows.
    """
    rows = rows_of(X)
    if hasattr(model_or_labels, "fit_predict"):
        method = model_or_labels if model is None else model
        given = labels_of(fitted_labels(model_or_labels, X, rows.values, random_state), len(rows.values))
    else:
        given = labels_of(model_or_labels, len(rows.values))
        method = default_model(len(given.values), random_state, n_jobs) if model is None else model
    found = _core.stability(
        rows.values,
        given.numbers,
        method_of(method, random_state),
        {"n_bootstraps": n_bootstraps, "seed": random_state},
        given.names,
        n_jobs=n_jobs,
        progress=progress,
    )
    clusters = found["clusters"]
    columns = {name: [row[name] for row in clusters] for name in clusters[0]}
    columns["cluster"] = [given.values.tolist()[number] for number in columns["cluster"]]
    sentences = columns.pop("sentence")
    return Stability(Table(columns, rows.backend), sentences, found["jaccards"], found["rand"])


def adjusted_rand(a: Any, b: Any) -> float:
    """The adjusted Rand index (Hubert and Arabie, 1985) of two labelings of the same rows, labels of any kind: 1 where they cut
    alike, about 0 where they agree by chance. Raises ValueError for missing labels and labels that differ in number. O(n log n)."""
    first = labels_of(a, field="a")
    return _core.adjusted_rand(first.numbers, labels_of(b, len(first.numbers), "b").numbers)
