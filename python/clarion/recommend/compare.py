"""Models side by side, on the same users."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.recommend.evaluate import Evaluation, evaluate, metrics, rising, stretch
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.split import Split, StrongSplit, random_split, split_by_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Comparison", "compare", "copy_of", "split_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """``table`` has a row a model and metric: the mean and its interval, the difference from the model ``against``
    with its interval, and p-values of that difference: ``p_t`` of the paired t test, ``p_sign_flip`` of the signs of
    the differences, ``p_holm`` the latter adjusted for all the tests of the table.

    ``models`` are fitted, by name; ``evaluations`` what :func:`evaluate` says of each.
    """

    table: Table
    against: str
    models: Mapping[str, Any]
    evaluations: Mapping[str, Evaluation]
    level: float

    def to_frame(self, backend: str | None = None) -> Any:
        return self.table.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {"against": self.against, "level": self.level, **self.table.to_dict()}

    def plot(self, metric: str | None = None, ax: Axes | None = None) -> Axes:
        """Means and intervals of a metric, by default the first, the best model on top."""
        from clarion import _plot

        rows = self._rows()
        names = list(dict.fromkeys(row["metric"] for row in rows))
        metric = metric or names[0]
        if metric not in names:
            raise ValueError(f"metric: {metric!r} was not measured; there are {', '.join(names)}")
        chosen = [row for row in rows if row["metric"] == metric]
        chosen.sort(key=lambda row: -row["value"] if _higher(metric) else row["value"])
        return _plot.intervals(chosen, f"{metric} with {self.level:.0%} intervals", ax)

    def _rows(self) -> list[dict[str, Any]]:
        columns = self.table.to_dict()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def __repr__(self) -> str:
        rows = self._rows()
        first = rows[0]["metric"] if rows else ""
        shown = ", ".join(f"{row['model']} {row['value']:.4f}" for row in rows if row["metric"] == first)
        return f"Comparison({first}: {shown})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        rows = self._rows()
        columns: dict[str, list[Any]] = {"model": list(self.models)}
        for metric in dict.fromkeys(row["metric"] for row in rows):
            cells = []
            for row in (row for row in rows if row["metric"] == metric):
                known = row["low"] == row["low"]
                reach = f" ({row['low']:.4f} to {row['high']:.4f})" if known else ""
                p = row["p_holm"]
                cells.append(f"{row['value']:.4f}{reach}" + ("" if p != p else f", p {p:.2g}"))
            columns[metric] = cells
        by_model = {row["model"]: row for row in rows}
        for name in ("fit_seconds", "recommend_seconds"):
            columns[name.replace("_", " ")] = [by_model[model][name] for model in self.models]
        words = f"p: no difference from {self.against}, by signs, adjusted (Holm); intervals {self.level:.0%}"
        from html import escape

        return html_table(columns, rows=len(self.models)) + f"<p>{escape(words)}</p>"


def compare(
    models: Mapping[str, Any] | Sequence[Any],
    data: Any,
    k: int | Sequence[int] = 20,
    metrics: Sequence[str] = ("recall", "ndcg"),
    *,
    against: str | None = None,
    test_fraction: float = 0.2,
    level: float = 0.95,
    permutations: int = 9999,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Comparison:
    """Fits copies of the models on the same train part and judges them on the same users.

    ``models`` are estimators, by name or in a list (then named by their class). ``data`` is a split, a pair of
    train and test, or interactions: of these the last ``test_fraction`` by time is test where there are times, else that share of each user's entries at
    random. Of a ``split_users`` each model folds in the held-out users. ``against`` names the model that the others are
    tested against, by default the best by the first metric. ``options`` are those of :func:`evaluate`.

    Intervals are bootstrapped over users, and differences tested user by user. Seconds are of the wall clock. Raises
    ValueError for no model, an unknown name and what the models and ``evaluate`` refuse.
    """
    import numpy as np

    named = _named(models)
    if against is not None and against not in named:
        raise ValueError(f"against: {against!r} is none of the models; give one of {', '.join(named)}")
    wanted = [metrics] if isinstance(metrics, str) else list(metrics)
    if not wanted:
        raise ValueError("metrics: an empty list is not allowed; name at least one")
    split, _ = split_of(data, test_fraction, random_state)

    progress = rising(progress)
    fitted: dict[str, Any] = {}
    evaluations: dict[str, Evaluation] = {}
    seconds: dict[str, float] = {}
    for i, (name, model) in enumerate(named.items()):
        step = stretch(progress, i / len(named), (i + 1) / len(named))
        begin = time.perf_counter()
        fitted[name] = copy_of(model).fit(split.train, progress=stretch(step, 0, 0.5))
        seconds[name] = time.perf_counter() - begin
        evaluations[name] = evaluate(
            fitted[name], split, k, wanted, n_jobs=n_jobs, progress=stretch(step, 0.5, 1), **options
        )

    keys = list(next(iter(evaluations.values())).values)
    first = keys[0]
    order = sorted(named, key=lambda name: evaluations[name][first], reverse=_higher(first))
    against = against or order[0]
    intervals = {
        name: found.intervals(level=level, random_state=random_state, n_jobs=n_jobs)
        for name, found in evaluations.items()
    }
    rows: list[dict[str, Any]] = []
    nothing = float("nan")
    for name in named:
        for key in keys:
            row: dict[str, Any] = {"model": name, "metric": key, "value": evaluations[name][key]}
            interval = intervals[name].get(key)
            row |= {
                "low": interval.low if interval else nothing,
                "high": interval.high if interval else nothing,
            }
            row |= dict.fromkeys(
                ("difference", "difference_low", "difference_high", "p_t", "p_sign_flip"), nothing
            )
            if name != against:
                row["difference"] = row["value"] - evaluations[against][key]
            if name != against and interval:
                found = _core.paired_test(
                    evaluations[name].by_user[key],
                    evaluations[against].by_user[key],
                    n_jobs=n_jobs,
                    permutations=permutations,
                    level=level,
                    seed=random_state,
                )
                row |= {
                    "difference": found["difference"],
                    "difference_low": found["low"],
                    "difference_high": found["high"],
                    "p_t": found["p_t"],
                    "p_sign_flip": found["p_sign_flip"],
                }
            rows.append(row)
    adjusted = _core.holm(np.array([row["p_sign_flip"] for row in rows]))
    for row, p in zip(rows, adjusted, strict=True):
        row |= {
            "p_holm": float(p),
            "fit_seconds": seconds[row["model"]],
            "recommend_seconds": evaluations[row["model"]].recommend_seconds,
        }
    backend = split.train._backend
    table = Table({name: [row[name] for row in rows] for name in rows[0]}, backend)
    return Comparison(table, against, fitted, evaluations, level)


def copy_of(model: Any, **options: Any) -> Any:
    """An unfitted model with the options of this one, but for those given."""
    known = model.get_params()
    for name in options:
        if name not in known:
            raise ValueError(
                f"{name}: not an option of {type(model).__name__}; give one of {', '.join(known)}"
            )
    return type(model)(**{**known, **options})


def split_of(data: Any, test_fraction: float, random_state: int) -> tuple[Split | StrongSplit, str]:
    """A given split (or pair of train and test); else the last part by time is test where there are times, else a share of
    each user's entries at random. With what it is by: "given", "time" or "random"."""
    if isinstance(data, Split | StrongSplit):
        return data, "given"
    if isinstance(data, tuple) and len(data) == 2:
        train, test = interactions_of(data[0]), data[1]
        if not isinstance(test, Interactions) and getattr(test, "shape", None) == train.shape:
            test = Interactions.from_csr(test, users=train.users, items=train.items)
        return Split(train, interactions_of(test)), "given"
    whole: Interactions = interactions_of(data)
    if whole.times is not None:
        return split_by_time(whole, test_fraction=test_fraction), "time"
    return random_split(whole, test_fraction, random_state=random_state), "random"


def _named(models: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    if isinstance(models, Mapping):
        named = {str(name): model for name, model in models.items()}
    else:
        named = {}
        for model in models:
            name, n = type(model).__name__, 1
            while (key := name if n == 1 else f"{name} {n}") in named:
                n += 1
            named[key] = model
    if not named:
        raise ValueError("models: none is not allowed; give at least one")
    for name, model in named.items():
        if isinstance(model, type) or not hasattr(model, "fit") or not hasattr(model, "get_params"):
            raise TypeError(f"models: {name} is {model!r}; give an estimator, such as ImplicitALS()")
    return named


def _higher(key: str) -> bool:
    return next(metric.higher for metric in metrics() if metric.name == key.partition("@")[0])
