"""How many clusters there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.segment._methods import method_with_k
from clarion.segment._rows import rows_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["ChoiceOfK", "choose_k", "elbow"]


@dataclass(frozen=True, eq=False, repr=False)
class ChoiceOfK:
    """``best``, and in ``reason`` why, with the disagreement between indices; ``agreed`` where there is none.

    ``table`` has a row a k: k, clusters (found), smallest (rows of the smallest), inertia, silhouette, silhouette_se,
    calinski_harabasz, davies_bouldin, gap, gap_se. ``votes`` says which k each index names (None: no answer; 1 by the gap:
    no clusters), ``labels`` the cluster of each row, by k. ``gap_of_one`` and ``inertia_of_one`` are of all rows together.
    """

    best: int
    reason: str
    agreed: bool
    table: Table
    votes: Mapping[str, int | None]
    labels: Mapping[int, NDArray[np.uint32]]
    inertia_of_one: float
    gap_of_one: float
    gap_of_one_se: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "reason": self.reason,
            "agreed": self.agreed,
            "votes": dict(self.votes),
            "inertia_of_one": self.inertia_of_one,
            "gap_of_one": self.gap_of_one,
            "gap_of_one_se": self.gap_of_one_se,
            **self.table.to_dict(),
        }

    def plot(self) -> Figure:
        """A panel an index over k, with what it names and what is recommended."""
        from clarion.segment import _pictures

        return _pictures.choice(self)

    def __repr__(self) -> str:
        return f"ChoiceOfK({self.reason})"

    def _repr_html_(self) -> str:
        from html import escape

        columns = {
            name: values
            for name, values in self.table.to_dict().items()
            if any(value == value for value in values)
        }
        columns["named by"] = [
            ", ".join(name.replace("_", "-") for name, named in self.votes.items() if named == k)
            for k in columns["k"]
        ]
        from clarion.io import html_table

        return f"<p>{escape(self.reason)}</p>{html_table(columns, rows=len(self.table))}"


def choose_k(
    X: Any,
    k: Iterable[int] = range(2, 11),
    *,
    model: Any = None,
    n_references: int = 10,
    sample: int = 10_000,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> ChoiceOfK:
    """Clusters the rows of X once for each k and asks five indices how many clusters there are.

    The silhouette, the Calinski-Harabasz ratio, the Davies-Bouldin index, the gap statistic (Tibshirani, Walther and Hastie,
    2001, with its one-standard-error rule, over ``n_references`` data sets without clusters; 0: none) and the elbow of the inertia (kneedle, Satopaa et al., 2011). The k that most
    name is recommended.

    ``model`` is an estimator with ``fit_predict`` and ``n_clusters`` or ``n_components`` (copied for each k), or a function of rows and k; by
    default k-means. Where there are more than ``sample`` rows, silhouettes are of so many, drawn, and the gap is of so many; 0: all.
    Distances are Euclidean: scale columns first (:class:`Scaler`).

    Raises ValueError for NaN (naming the column) and for k below 2, twice or above the number of rows.
    """
    rows = rows_of(X)
    found = _core.choose_k(
        rows.values,
        _checked(k),
        method_with_k(model, random_state, n_jobs),
        {"n_references": n_references, "sample": sample, "seed": random_state},
        n_jobs=n_jobs,
        progress=progress,
    )
    tried = found.pop("tried")
    table = Table({name: [row[name] for row in tried] for name in tried[0]}, rows.backend)
    labels = dict(zip(table["k"], found.pop("labels"), strict=True))
    return ChoiceOfK(table=table, labels=labels, **found)


def _checked(k: Iterable[int]) -> list[int]:
    import operator

    try:
        numbers = [operator.index(each) for each in ([k] if isinstance(k, int) else k)]
    except TypeError:
        raise TypeError(f"k: {k!r} is not allowed; give whole numbers, such as range(2, 11)") from None
    for each in numbers:
        if each < 2 or each >= 2**32:
            raise ValueError(f"k: {each} is not allowed; give numbers from 2 on")
    return numbers


def elbow(x: Any, y: Any) -> int | None:
    """The place in x and y of the first knee of a falling curve (kneedle, Satopaa et al., 2011, sensitivity 1); None
    where it has none. Raises ValueError for x that does not rise, and values that are not finite."""
    return _core.elbow(x, y)
