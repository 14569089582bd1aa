"""ImplicitALS on Gowalla beside irspack and implicit, the objective compared first.

Exact rounds: from the vectors that irspack begins with, so that the objectives agree; implicit has no frequency-scaled
regularization, and its time is that of the same number of exact rounds. Default solver: the time until the objective is within 0.1 %
of that of 15 exact rounds, beside irspack's approximate solvers, which minimise the same objective (alpha0, reg, nu = 1).
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads
from benchmarks.recommend.data import load

ROUNDS, REGULARIZATION, UNOBSERVED = 10, 0.003, 0.1


def objective(users: Any, items: Any, train: Any) -> float:
    x, y = users.astype(np.float64), items.astype(np.float64)
    rows = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))
    scores = np.einsum("ij,ij->i", x[rows], y[train.indices])
    per_user = np.diff(train.indptr) + UNOBSERVED * train.shape[1]
    per_item = np.bincount(train.indices, minlength=train.shape[1]) + UNOBSERVED * train.shape[0]
    short = per_user @ (x**2).sum(1) + per_item @ (y**2).sum(1)
    return float(
        ((1 - scores) ** 2).sum() + UNOBSERVED * ((x.T @ x) * (y.T @ y)).sum() + REGULARIZATION * short
    )


def clarion_fit(train: Any, factors: int, rounds: int, solver: str = "auto", start: Any = None) -> Any:
    from clarion.recommend import ImplicitALS

    model = ImplicitALS(factors, REGULARIZATION, UNOBSERVED, rounds, solver=solver, n_jobs=threads())
    return model.fit(train, item_factors=start)


def irspack_trainer(train: Any, factors: int, solver: str) -> Any:
    from irspack import IALSRecommender

    model = IALSRecommender(
        train, n_components=factors, alpha0=UNOBSERVED, reg=REGULARIZATION, nu=1.0, solver_type=solver,
        n_threads=threads(),
    )  # fmt: skip
    model.start_learning()
    return model


def irspack_fit(train: Any, factors: int, rounds: int, solver: str) -> tuple[Any, Any]:
    model = irspack_trainer(train, factors, solver)
    for _ in range(rounds):
        model.run_epoch()
    return model.trainer.core_trainer.user, model.trainer.core_trainer.item


def implicit_fit(train: Any, factors: int) -> None:
    from implicit.als import AlternatingLeastSquares

    AlternatingLeastSquares(
        factors=factors, regularization=0.01, iterations=ROUNDS, use_cg=False, num_threads=threads()
    ).fit(train, show_progress=False)


def exact_rounds(train: Any, factors: int) -> None:
    start = irspack_trainer(train, factors, "CHOLESKY").trainer.core_trainer.item.copy()

    def same_loss(ours: Any, theirs: tuple[Any, Any] | None) -> None:
        if theirs is not None:
            np.testing.assert_allclose(
                objective(ours.user_factors_, ours.item_factors_, train),
                objective(*theirs, train),
                rtol=1e-4,
            )

    compare(
        f"recommend/implicit_als_{factors}",
        {
            "clarion": partial(clarion_fit, train, factors, ROUNDS, "cholesky", start),
            "irspack": partial(irspack_fit, train, factors, ROUNDS, "CHOLESKY"),
            "implicit": partial(implicit_fit, train, factors),
        },
        check=same_loss,
        data=f"Gowalla, {train.nnz:,} interactions, {factors} factors, {ROUNDS} exact rounds",
        packages=("irspack", "implicit"),
        repeats=3,
        goal=6 if factors == 128 else None,
        memory=False,  # a fork after OpenMP has run hangs
    )


def time_to_loss(train: Any, factors: int) -> None:
    wanted = 1.001 * clarion_fit(train, factors, 15, "cholesky").loss_[-1]
    rounds = 1 + int(np.argmax(clarion_fit(train, factors, 30).loss_ <= wanted))

    def rounds_of(solver: str) -> int:
        model = irspack_trainer(train, factors, solver)
        for taken in range(1, 31):
            model.run_epoch()
            core = model.trainer.core_trainer
            if objective(core.user, core.item, train) <= wanted:
                return taken
        raise AssertionError(f"irspack {solver}: not there after 30 rounds")

    rival_rounds = {solver: rounds_of(solver) for solver in ("CG", "IALSPP")}

    def low_enough(ours: Any, theirs: tuple[Any, Any]) -> None:
        assert objective(ours.user_factors_, ours.item_factors_, train) <= wanted * 1.0001
        assert objective(*theirs, train) <= wanted * 1.0001

    compare(
        f"recommend/implicit_als_to_loss_{factors}",
        {
            "clarion": partial(clarion_fit, train, factors, rounds),
            **{
                f"irspack {solver}": partial(irspack_fit, train, factors, taken, solver)
                for solver, taken in rival_rounds.items()
            },
        },
        check=low_enough,
        data=f"Gowalla, {factors} factors, to within 0.1 % of the objective of 15 exact rounds",
        packages=("irspack",),
        repeats=3,
        goal=2,
        memory=False,
        facts={"rounds": rounds, **{f"rounds of {s}": n for s, n in rival_rounds.items()}},
    )


def run() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks
    train, _ = load("gowalla")
    for factors in (64, 128):
        exact_rounds(train, factors)
    for factors in (64, 128, 256):
        time_to_loss(train, factors)


if __name__ == "__main__":
    run()
