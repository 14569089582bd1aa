"""Scores of customers, and why they are what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clarion.segment._encode import Columns

__all__ = ["CustomerScores", "Reasons"]


class Reasons:
    """What columns add to the log-odds of customers: ``base + contributions.sum(axis=1) == log_odds``.

    ``contributions`` is customers x ``columns``; ``base`` are the log-odds that the columns add to: of the mean customer for a linear
    model, the mean over customers of the fit for trees. A contribution says what the model does with a column, not what would
    happen if it were changed.
    """

    __slots__ = ("_data", "base", "columns", "contributions", "customers")

    def __init__(
        self,
        customers: NDArray[Any],
        columns: list[str],
        base: float,
        contributions: NDArray[np.float64],
        data: Columns,
    ) -> None:
        self.customers, self.columns, self.base, self.contributions = customers, columns, base, contributions
        self._data = data

    @property
    def log_odds(self) -> NDArray[np.float64]:
        odds: NDArray[np.float64] = self.base + self.contributions.sum(axis=1)
        return odds

    def top(self, k: int = 3) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Places in ``columns`` of the ``k`` that move each customer most, and what they add: customers x k."""
        import numpy as np

        order = np.argsort(-np.abs(self.contributions), axis=1, kind="stable")[:, :k]
        return order, np.take_along_axis(self.contributions, order, axis=1)

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a customer and column: customer, column, value, contribution."""
        import numpy as np

        from clarion.io import frame

        n, d = self.contributions.shape
        shown = [np.asarray(self._data.columns[name].to_numpy()).astype(str) for name in self.columns]
        return frame(
            {
                "customer": np.repeat(self.customers, d),
                "column": self.columns * n,
                "value": np.column_stack(shown).ravel().tolist(),
                "contribution": self.contributions.ravel(),
            },
            backend or self._data.backend,
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "customers": self.customers.tolist(),
            "columns": list(self.columns),
            "base": self.base,
            "contributions": self.contributions.tolist(),
        }

    def plot(self, row: int = 0, k: int = 8, ax: Axes | None = None) -> Axes:
        """The ``k`` columns that move one customer most."""
        from clarion import _plot

        places, parts = self.top(k)
        ax = _plot._axes(ax, 7, 1.2 + 0.34 * min(k, len(self.columns)))
        names = [
            f"{self.columns[at]} = {self._data.columns[self.columns[at]][row].as_py()}" for at in places[row]
        ]
        colours = [_plot.UP if part >= 0 else _plot.DOWN for part in parts[row]]
        ax.barh(range(len(names)), parts[row], color=colours)
        ax.axvline(0, color="black", linewidth=0.8)
        _plot._rows(ax, names)
        ax.set_xlabel(f"added to log-odds of {self.base:.2f}")
        ax.set_title(f"Customer {self.customers[row]}: log-odds {self.log_odds[row]:.2f}")
        return ax

    def __repr__(self) -> str:
        import numpy as np

        if not len(self.customers):
            return "Reasons(no customers)"
        size = np.abs(self.contributions).mean(axis=0)
        order = np.argsort(-size, kind="stable")[:3]
        shown = ", ".join(f"{self.columns[at]} {size[at]:.3g}" for at in order)
        return f"Reasons({len(self.customers):,} customers; mean size in log-odds: {shown})"

    def _repr_html_(self) -> str:
        import numpy as np

        from clarion.io import html_table

        size = np.abs(self.contributions).mean(axis=0) if len(self.customers) else np.zeros(len(self.columns))
        order = np.argsort(-size, kind="stable")
        columns = {
            "column": [self.columns[at] for at in order],
            "mean size in log-odds": size[order].tolist(),
        }
        return html_table(columns)


class CustomerScores:
    """``scores`` are chances by customer, ``ranks`` begin with 1 for the highest (equal scores share the best), ``tenths`` are 1 for
    the highest tenth; ``reasons`` is None where none were asked for."""

    __slots__ = ("_backend", "_k", "customers", "ranks", "reasons", "scores", "tenths", "what")

    def __init__(
        self,
        customers: NDArray[Any],
        scores: NDArray[np.float64],
        reasons: Reasons | None,
        k: int,
        backend: str | None,
        what: Any,
    ) -> None:
        import numpy as np

        self.customers, self.scores, self.reasons, self.what = customers, scores, reasons, what
        self.ranks: NDArray[np.int64] = 1 + np.searchsorted(np.sort(-scores), -scores).astype(np.int64)
        self.tenths: NDArray[np.int64] = 1 + (self.ranks - 1) * 10 // max(len(scores), 1)
        self._k, self._backend = k, backend

    def _columns(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "customer": self.customers,
            "score": self.scores,
            "rank": self.ranks,
            "tenth": self.tenths,
        }
        if self.reasons is not None:
            import numpy as np

            places, parts = self.reasons.top(self._k)
            names = np.asarray(self.reasons.columns, dtype=object)
            for j in range(places.shape[1]):
                out[f"reason_{j + 1}"] = names[places[:, j]]
                out[f"effect_{j + 1}"] = parts[:, j]
        return out

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a customer, in the order they came: customer, score, rank, tenth, reason_1, effect_1 (log-odds), ..."""
        from clarion.io import frame

        return frame(self._columns(), backend or self._backend)

    def to_dict(self) -> dict[str, Any]:
        return {name: values.tolist() for name, values in self._columns().items()}

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        mean = f", mean {self.scores.mean():.3f}" if len(self) else ""
        return f"CustomerScores({len(self):,} customers, chance of {self.what}{mean})"

    def _repr_html_(self) -> str:
        from clarion.io import html_table

        order = self.ranks.argsort(kind="stable")
        return html_table({name: values[order] for name, values in self._columns().items()})
