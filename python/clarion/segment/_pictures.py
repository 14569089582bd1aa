"""The pictures of the segment room: matplotlib, loaded with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._plot import DOWN, OVER, QUIET, UP, _axes, _literal, _rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from clarion.segment.choose_k import ChoiceOfK
    from clarion.segment.drift import Drift
    from clarion.segment.stability import Stability

__all__ = ["choice", "jaccards", "transitions"]

PANELS = (
    ("silhouette", "silhouette", "silhouette_se", "Silhouette (higher)"),
    ("calinski_harabasz", "calinski_harabasz", None, "Calinski-Harabasz (higher)"),
    ("davies_bouldin", "davies_bouldin", None, "Davies-Bouldin (lower)"),
    ("gap", "gap", "gap_se", "Gap (first not below the next less its error)"),
    ("elbow", "inertia", None, "Inertia (elbow)"),
)


def choice(of: ChoiceOfK) -> Figure:
    """A panel an index: its curve, a ring around the k that it names, a line at the recommendation."""
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'clarion[plot]'") from None
    columns = of.table.to_dict()
    panels = [panel for panel in PANELS if any(value == value for value in columns[panel[1]])]
    figure, grid = pyplot.subplots(
        1, len(panels), figsize=(3.2 * len(panels), 3.2), layout="constrained", squeeze=False
    )
    for ax, (index, name, error, title) in zip(grid[0], panels, strict=True):
        x, y = list(columns["k"]), list(columns[name])
        wide = [0.0] * len(y) if error is None else list(columns[error])
        if index == "gap":
            x, y, wide = [1, *x], [of.gap_of_one, *y], [of.gap_of_one_se, *wide]
        if index == "elbow" and x[0] == 2:
            x, y, wide = [1, *x], [of.inertia_of_one, *y], [0.0, *wide]
        ax.axvline(of.best, color=QUIET, linewidth=1, linestyle="--")
        ax.errorbar(
            x, y, yerr=wide if any(wide) else None, color="C0", marker="o", markersize=4, linewidth=1.5
        )
        named = of.votes[index]
        if named in x:
            ax.scatter(named, y[x.index(named)], s=110, facecolor="none", edgecolor=UP, linewidth=2, zorder=3)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("k")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{of.best} clusters" if of.best > 1 else "No clusters")
    return figure


def jaccards(of: Stability, ax: Axes | None = None) -> Axes:
    """A box a cluster over its similarities in samples; colours are verdicts, lines the bands."""
    columns = of.table.to_dict()
    names = [
        f"{name}: {verdict}" for name, verdict in zip(columns["cluster"], columns["verdict"], strict=True)
    ]
    ax = _axes(ax, 7, 1.2 + 0.4 * len(names))
    colours = {"highly stable": UP, "valid": UP, "pattern": DOWN, "dissolved": OVER}
    for bar in (0.6, 0.75, 0.85):
        ax.axvline(bar, color=QUIET, linewidth=1, linestyle=":")
    for i, verdict in enumerate(columns["verdict"]):
        known = of.jaccards[:, i]
        known = known[known == known]
        if len(known):
            drawn = ax.boxplot(
                known,
                positions=[i],
                orientation="horizontal",
                widths=0.5,
                patch_artist=True,
                manage_ticks=False,
            )
            drawn["boxes"][0].set(facecolor=colours[verdict], alpha=0.5)
            drawn["medians"][0].set(color="black")
    _rows(ax, names)
    ax.set_xlim(0, 1.02)
    ax.set_title("Jaccard similarity in samples")
    return ax


def transitions(of: Drift, ax: Axes | None = None) -> Axes:
    """A square of moves: clusters before down, after across, with those who left and joined."""
    import numpy as np

    moves = of.transitions.to_dict()
    before: list[Any] = list(dict.fromkeys([*_known(of, "before"), *moves["before"]]))
    after: list[Any] = list(dict.fromkeys([*_known(of, "after"), *moves["after"]]))
    counts = np.zeros((len(before), len(after)))
    for i, j, members in zip(moves["before"], moves["after"], moves["members"], strict=True):
        counts[before.index(i), after.index(j)] = members
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    ax = _axes(ax, 2.5 + 0.6 * len(after), 1.8 + 0.45 * len(before))
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i in range(len(before)):
        for j in range(len(after)):
            if counts[i, j]:
                colour = "white" if share[i, j] > 0.6 else "black"
                ax.text(j, i, f"{share[i, j]:.0%}", ha="center", va="center", fontsize=8, color=colour)
    ax.set_xticks(range(len(after)), [_literal("left" if v is None else str(v)) for v in after], rotation=45)
    ax.set_yticks(range(len(before)), [_literal("joined" if v is None else str(v)) for v in before])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("after")
    ax.set_ylabel("before")
    ax.set_title("Where members went")
    return ax


def _known(of: Drift, side: str) -> list[Any]:
    """Clusters in the order of the table, so that matched ones stand on the diagonal."""
    return [value for value in of.table.to_dict()[side] if value is not None]
