"""ImplicitALS on Gowalla: exact rounds beside those of irspack and implicit, the objective compared first.

irspack minimises the same objective (alpha0, reg, nu = 1). implicit has no frequency-scaled regularization: its time is that of the
same number of exact rounds.
"""

from __future__ import annotations

import os
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


def clarion_fit(train: Any, factors: int) -> tuple[Any, Any]:
    from clarion.recommend import ImplicitALS

    model = ImplicitALS(factors, REGULARIZATION, UNOBSERVED, ROUNDS, n_jobs=threads()).fit(train)
    return model.user_factors_, model.item_factors_


def irspack_fit(train: Any, factors: int) -> tuple[Any, Any]:
    from irspack import IALSRecommender

    model = IALSRecommender(
        train, n_components=factors, alpha0=UNOBSERVED, reg=REGULARIZATION, nu=1.0, solver_type="CHOLESKY",
        train_epochs=ROUNDS, n_threads=threads(),
    ).learn()  # fmt: skip
    return model.trainer.core_trainer.user, model.trainer.core_trainer.item


def implicit_fit(train: Any, factors: int) -> None:
    from implicit.als import AlternatingLeastSquares

    AlternatingLeastSquares(
        factors=factors, regularization=0.01, iterations=ROUNDS, use_cg=False, num_threads=threads()
    ).fit(train, show_progress=False)


def run() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks
    train, _ = load("gowalla")

    def same_loss(ours: tuple[Any, Any], theirs: tuple[Any, Any] | None) -> None:
        # Ten rounds from other random vectors end this near.
        if theirs is not None:
            np.testing.assert_allclose(objective(*ours, train), objective(*theirs, train), rtol=2e-3)

    for factors in (64, 128):
        compare(
            f"recommend/implicit_als_{factors}",
            {
                "clarion": lambda factors=factors: clarion_fit(train, factors),
                "irspack": lambda factors=factors: irspack_fit(train, factors),
                "implicit": lambda factors=factors: implicit_fit(train, factors),
            },
            check=same_loss,
            data=f"Gowalla, {train.nnz:,} interactions, {factors} factors, {ROUNDS} exact rounds",
            packages=("irspack", "implicit"),
            repeats=3,
            goal=6 if factors == 128 else None,
            memory=False,  # a fork after OpenMP has run hangs
        )


if __name__ == "__main__":
    run()
