"""What estimators over rows of numbers without labels do alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from clarion._estimator import Estimator, compare_columns, matrix_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PointsEstimator", "named", "seed_of"]


def seed_of(random_state: Any) -> int:
    """A seed from None (a new one each time), a whole number, or a generator of numpy, which moves on."""
    import numpy as np

    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState) or random_state is np.random:
        return int(random_state.randint(2**31))
    if isinstance(random_state, int | np.integer) and 0 <= random_state < 2**64:
        return int(random_state)
    raise ValueError(
        f"random_state: {random_state!r} is not allowed; give None, a whole number from 0, or a generator of numpy"
    )


class PointsEstimator(Estimator):
    """What estimators over rows of numbers do alike, as scikit-learn asks of them; it is not needed for them."""

    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _begin(self, X: Any) -> tuple[NDArray[Any], dict[str, Any]]:
        """The matrix of a fit, and what is known of its columns."""
        array, names = matrix_of(X)
        known: dict[str, Any] = {"n_features_in_": array.shape[1]}
        if names is not None:
            known["feature_names_in_"] = names
        return array, known

    def _take(self, found: dict[str, Any]) -> Self:
        """Fitted attributes, all at once; those of an earlier fit go."""
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("_")]:
            delattr(self, name)
        for name, value in found.items():
            setattr(self, name, value)
        return self

    def _more(self, X: Any, like: NDArray[Any] | None = None) -> NDArray[Any]:
        """Other rows of the same columns, in the precision of the fit."""
        import numpy as np

        self._require_fit("n_features_in_")
        array, names = matrix_of(X)
        compare_columns(self, array, names)
        return array if like is None else np.ascontiguousarray(array, like.dtype)


def named(names: NDArray[Any] | None, problem: ValueError) -> ValueError:
    """What the core says of a column, with its name where it has one."""
    column = re.search(r" of column (\d+)", str(problem))
    if column is None or names is None:
        return problem
    return ValueError(str(problem).replace(column.group(0), f" of column {names[int(column.group(1))]!r}"))
