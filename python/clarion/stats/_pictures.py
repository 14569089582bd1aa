"""Pictures of how well probabilities and scores do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clarion._plot import QUIET, _axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["line", "reliability"]


def line(
    x: Sequence[float],
    y: Sequence[float],
    labels: tuple[str, str, str],
    *,
    chance: tuple[Sequence[float], Sequence[float]] | None = None,
    steps: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """One curve with its title and the names of both axes; ``chance`` is what scores that say nothing would give."""
    ax = _axes(ax, 5.5, 4.5)
    if chance is not None:
        ax.plot(*chance, color=QUIET, linestyle="--", linewidth=1, label="chance")
    ax.plot(x, y, color="C0", linewidth=2, drawstyle="steps-pre" if steps else "default")
    title, across, up = labels
    ax.set_title(title)
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def reliability(bins: dict[str, Any], title: str, ax: Axes | None = None) -> Axes:
    """Observed shares with their intervals against mean probabilities; on the diagonal they come true."""
    ax = _axes(ax, 5.5, 5)
    ax.plot([0, 1], [0, 1], color=QUIET, linestyle="--", linewidth=1)
    ax.vlines(bins["predicted"], bins["low"], bins["high"], color="C0", linewidth=1.5)
    ax.plot(bins["predicted"], bins["observed"], color="C0", marker="o", linewidth=1)
    most = max([*bins["high"], *bins["predicted"], 1e-9])
    ax.set_xlim(0, min(1.0, 1.05 * most))
    ax.set_ylim(0, min(1.0, 1.05 * most))
    ax.set_title(title)
    ax.set_xlabel("mean probability")
    ax.set_ylabel("observed share")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
