"""Options of a model, chosen on a validation part."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError
from clarion.io import Table
from clarion.recommend.compare import copy_of, split_of
from clarion.recommend.evaluate import evaluate, metrics, rising, stretch
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.split import Split, split_users

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Tuning", "tune"]


@dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """``trials`` has a row a trial and round: trial, round, resource (share of the whole), score (NaN: the fit failed,
    and ``error`` says why), seconds, and the options that were tried.

    ``best_options`` had the ``best_score`` on the whole; ``best_model`` is fitted with them, on train and validation.
    ``validation`` is "time", "random" or "given".
    """

    trials: Table
    best_options: Mapping[str, Any]
    best_score: float
    best_model: Any
    metric: str
    validation: str

    def to_frame(self, backend: str | None = None) -> Any:
        return self.trials.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        return {
            "best_options": dict(self.best_options),
            "best_score": self.best_score,
            "metric": self.metric,
            "validation": self.validation,
            "trials": self.trials.to_dict(),
        }

    def __repr__(self) -> str:
        return f"Tuning({self.metric} {self.best_score:.4f} with {dict(self.best_options)!r})"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>" + self.trials._repr_html_()


def tune(
    model: Any,
    space: Mapping[str, Any],
    data: Any,
    metric: str = "ndcg",
    k: int = 20,
    *,
    n_trials: int = 27,
    search: str = "random",
    resource: str = "users",
    min_resource: float = 1 / 9,
    eta: float = 3,
    validation_fraction: float = 0.1,
    refit: bool = True,
    random_state: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Tuning:
    """Successive halving (Jamieson and Talwalkar, AISTATS 2016; the inner loop of Hyperband, JMLR 18, 2018).

    ``space`` maps options to what may be tried: a list of values, or a distribution with ``rvs`` such as
    ``scipy.stats.loguniform(1e-4, 1)``. ``search`` is "random" (``n_trials`` draws, repeated ones counted once) or
    "grid" (every combination of lists). All trials run on ``min_resource`` of the ``resource``, the best 1/``eta`` of
    them on ``eta`` times as much, and so on until the last round, which is on the whole. The resource is a share of the
    "users" (of their train and validation entries), which serves every model, or of "max_iter", the rounds of models
    that have them. An option whose best value depends on how many users there are comes out a little low from the first
    rounds: ``min_resource=1`` tries everything on the whole.

    ``data`` is interactions, of which the last ``validation_fraction`` by time is validation where there are times, else
    that share of each user's entries at random; or a split, whose test part then is the validation. The best options are
    fitted again on train and validation (on the train part of a given split), unless ``refit`` is False. A trial whose
    fit cannot be (ClarionError) has no score; a value out of range is a ValueError, as it is for the model. Equal scores:
    the earlier trial. The same answer for the same ``random_state`` and any number of threads.
    """
    import numpy as np

    known = {m.name: m for m in metrics()}
    if metric not in known:
        raise ValueError(f"metric: {metric!r} is not allowed; give one of {', '.join(known)}")
    if resource not in ("users", "max_iter"):
        raise ValueError(f"resource: {resource!r} is not allowed; give 'users' or 'max_iter'")
    if resource == "max_iter" and "max_iter" not in model.get_params():
        raise ValueError(f"resource: {type(model).__name__} has no max_iter; give 'users'")
    if not 0 < min_resource <= 1:
        raise ValueError(f"min_resource: {min_resource} is not allowed; give a number above 0, up to 1")
    if not eta > 1:
        raise ValueError(f"eta: {eta} is not allowed; give a number above 1")
    options = list(_candidates(space, search, n_trials, random_state))
    for chosen in options:
        copy_of(model, **chosen)  # names, before any work

    split, validation = split_of(data, validation_fraction, random_state)
    if not isinstance(split, Split):
        raise TypeError(
            "data: a split of users is not allowed; give interactions, or a split of their entries"
        )
    whole = split.train if validation == "given" else interactions_of(data)
    test = split.test.to_csr()

    rounds = _rounds(len(options), min_resource, eta)
    work = sum(share * n for share, n in rounds) + (1 if refit else 0)
    done = 0.0
    progress = rising(progress)
    table: dict[str, list[Any]] = {
        **{name: [] for name in ("trial", "round", "resource", "score", "seconds", "error")},
        **{name: [] for name in space},
    }
    sign = 1 if known[metric].higher else -1
    alive = list(range(len(options)))
    scores: dict[int, float] = {}
    for number, (share, n) in enumerate(rounds, 1):
        alive = alive[:n]
        train, judged = split.train, test
        if resource == "users" and share < 1:
            train, judged = _some_users(split.train, test, share, random_state)
        scores = {}
        for trial in alive:
            step = stretch(progress, done / work, (done + share) / work)
            chosen = dict(options[trial])
            if resource == "max_iter":
                rounds_asked = chosen.get("max_iter", model.max_iter)
                chosen["max_iter"] = max(1, round(share * rounds_asked))
            begin = time.perf_counter()
            error = ""
            try:
                fitted = copy_of(model, **chosen).fit(train, progress=step)
                found = evaluate(fitted, judged, k, [metric], n_jobs=getattr(model, "n_jobs", None))
                scores[trial] = next(iter(found.values.values()))
            except ClarionError as reason:
                scores[trial], error = math.nan, str(reason)
            row = (trial, number, share, scores[trial], time.perf_counter() - begin, error)
            for name, value in zip(table, (*row, *(options[trial][name] for name in space)), strict=True):
                table[name].append(value)
            done += share
        # Best first; failed ones last; the order of trials among equals.
        alive.sort(key=lambda trial: (math.isnan(scores[trial]), -sign * np.nan_to_num(scores[trial]), trial))
    if math.isnan(scores[alive[0]]):
        reasons = next((error for error in table["error"] if error), "nobody has validation entries")
        raise ClarionError(f"no trial has a score: {reasons}")
    best = options[alive[0]]
    refitted = None
    if refit:
        refitted = copy_of(model, **best).fit(whole, progress=stretch(progress, done / work, 1))
    if progress is not None:
        progress(1.0)
    key = f"{metric}@{k}" if known[metric].at_k else metric
    return Tuning(Table(table, whole._backend), best, scores[alive[0]], refitted, key, validation)


def _candidates(
    space: Mapping[str, Any], search: str, n_trials: int, random_state: int
) -> Iterator[dict[str, Any]]:
    import numpy as np

    if not isinstance(space, Mapping) or not space:
        raise ValueError("space: give a mapping of at least one option to what may be tried")
    lists = {name: None if hasattr(values, "rvs") else list(values) for name, values in space.items()}
    for name, values in lists.items():
        if values is not None and not values:
            raise ValueError(f"space: {name} has no value; give at least one")
    if search == "grid":
        for name, values in lists.items():
            if values is None:
                raise ValueError(
                    f"space: {name} is a distribution, and a grid needs lists; give search='random'"
                )
        for combination in product(*(values or [] for values in lists.values())):
            yield dict(zip(lists, combination, strict=True))
        return
    if search != "random":
        raise ValueError(f"search: {search!r} is not allowed; give 'random' or 'grid'")
    if n_trials < 1:
        raise ValueError(f"n_trials: {n_trials} is not allowed; give at least 1")
    random = np.random.default_rng(random_state)
    tried: set[str] = set()
    for _ in range(20 * n_trials):
        row: dict[str, Any] = {}
        for name, values in lists.items():
            if values is None:
                drawn = space[name].rvs(random_state=random)
                row[name] = drawn.item() if hasattr(drawn, "item") else drawn
            else:
                row[name] = values[int(random.integers(len(values)))]
        if repr(row) not in tried:
            tried.add(repr(row))
            yield row
        if len(tried) == n_trials:
            return


def _rounds(n: int, min_resource: float, eta: float) -> list[tuple[float, int]]:
    """(share, trials) of each round; the last is on the whole."""
    halvings = min(
        math.floor(math.log(1 / min_resource, eta) + 1e-9),
        math.floor(math.log(n, eta) + 1e-9) if n > 1 else 0,
    )
    return [(eta ** (i - halvings), max(1, math.floor(n / eta**i + 1e-9))) for i in range(halvings + 1)]


def _some_users(
    train: Interactions, test: csr_matrix, share: float, random_state: int
) -> tuple[Interactions, csr_matrix]:
    """The entries of a share of the users, drawn at random; numbers stay as they are."""
    import numpy as np
    from scipy.sparse import diags

    part = split_users(train, 1 - share, random_state=random_state).train
    with_entries = np.diff(part.to_csr(copy=False).indptr) > 0
    judged = (diags(with_entries.astype(np.float32)) @ test).tocsr()
    judged.eliminate_zeros()
    return part, judged
