"""The pictures behind every ``.plot()``: matplotlib, loaded with the first one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "bars", "calendar", "curves", "dendrogram", "differences", "dots", "dumbbells", "forest", "heatmap", "intervals", "lanes", "lines", "pairs", "score_grid",
]  # fmt: skip

Row = Mapping[str, Any]
OVER, UP, DOWN, QUIET = "#c2362b", "#2c8a62", "#c2651a", "#8391a3"


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes that were given, or new ones of this size in inches."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'clarion[plot]'") from None
    made: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def _rows(ax: Axes, names: Sequence[str]) -> None:
    """Names down the left side, the first on top."""
    ax.set_yticks(range(len(names)), [_literal(name) for name in names])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _literal(text: str) -> str:
    """A name with dollars in it is no formula."""
    return text.replace("$", r"\$")


def heatmap(names: Sequence[str], values: Any, title: str, ax: Axes | None = None) -> Axes:
    """A square of similarities below its diagonal, each pair once, in percent."""
    import numpy as np

    n = len(names)
    ax = _axes(ax, 3 + 0.38 * n, 1.5 + 0.32 * n)
    square = np.ma.masked_where(np.triu(np.ones((n, n), dtype=bool)), np.asarray(values, dtype=float))
    peak = float(square.max()) if square.count() else 1.0
    image = ax.imshow(square, cmap="Blues", vmin=0, vmax=peak or 1.0, aspect="auto")
    if n <= 24:
        for i in range(n):
            for j in range(i):
                if square[i, j] >= 0.005:
                    colour = "white" if square[i, j] > 0.6 * peak else "black"
                    ax.text(
                        j, i, f"{100 * square[i, j]:.0f}", ha="center", va="center", fontsize=8, color=colour
                    )
    ax.set_xticks(range(n), [_literal(name) for name in names], rotation=90)
    ax.set_yticks(range(n), [_literal(name) for name in names])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title)
    ax.figure.colorbar(image, ax=ax, format=lambda value, _: f"{value:.0%}", shrink=0.6)
    return ax


def lanes(weeks: Sequence[Any], rows: Sequence[Row], title: str, ax: Axes | None = None) -> Axes:
    """A lane a row (name, capacity, load and over by week): columns against the line of the capacity, each lane to its own
    scale."""
    ax = _axes(ax, 10, 1.2 + 0.6 * len(rows))
    for i, row in enumerate(rows):
        load = [value or 0.0 for value in row["load"]]
        capacity = row["capacity"] or 0.0
        scale = 0.8 / (max([*load, capacity]) or 1.0)
        colours = [OVER if over else "C0" for over in row["over"]]
        # Upside down, for the first lane is on top.
        ax.bar(
            weeks, [-value * scale for value in load], bottom=i + 0.4, width=6, align="edge", color=colours
        )
        if capacity:
            ends = [weeks[0], weeks[-1] + timedelta(days=7)]
            ax.plot(
                ends, [i + 0.4 - capacity * scale] * 2, color="black", linewidth=1, linestyle="--", alpha=0.6
            )
        ax.axhline(i + 0.4, color=QUIET, linewidth=0.5)
    _rows(
        ax,
        [
            f"{row['name']}\npeak {max(row['load'], default=0):.2g} of {row['capacity'] or 0:g}"
            for row in rows
        ],
    )
    ax.set_title(title)
    return ax


def bars(keys: Sequence[str], shares: Sequence[float], title: str, ax: Axes | None = None) -> Axes:
    """Shares as bars, with their percentages."""
    ax = _axes(ax, 6, 1 + 0.32 * len(keys))
    drawn = ax.barh(range(len(keys)), shares, color="C0")
    ax.bar_label(drawn, [f"{share:.0%}" for share in shares], padding=4)
    _rows(ax, [key or "(none)" for key in keys])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_title(title)
    return ax


def calendar(rows: Sequence[Row], ax: Axes | None = None) -> Axes:
    """Campaigns as bars by A/B group; a red line joins two that collide, and the days that they share are red."""
    ax = _axes(ax, 10, 1.2 + 0.3 * len(rows))
    at = {row["id"]: i for i, row in enumerate(rows)}
    groups = sorted({row["group"] for row in rows if row["group"]})
    labelled = set()
    for i, row in enumerate(rows):
        group = row["group"]
        colour = f"C{groups.index(group)}" if group in groups else QUIET
        label = None if group in labelled else f"Group {group}" if group else "no group"
        labelled.add(group)
        ax.barh(
            i,
            row["end"] - row["start"] + timedelta(days=1),
            left=row["start"],
            height=0.6,
            color=colour,
            label=label,
        )
        for other in row["conflicts_with"]:
            j = at.get(other, -1)
            if j <= i:
                continue
            start, end = max(row["start"], rows[j]["start"]), min(row["end"], rows[j]["end"])
            if start <= end:
                for k in (i, j):
                    ax.barh(k + 0.25, end - start + timedelta(days=1), left=start, height=0.12, color=OVER)
            middle = min(start, end) + abs(end - start) / 2
            ax.plot([middle, middle], [i, j], color=OVER, linewidth=1.2)
    _rows(ax, [row["name"] or row["id"] for row in rows])
    if groups:
        ax.legend(frameon=False)
    ax.set_title("Calendar and conflicts")
    return ax


def dumbbells(rows: Sequence[Row], names: Mapping[str, str], title: str, ax: Axes | None = None) -> Axes:
    """Before (hollow) and after (filled), the largest changes first."""
    rows = sorted(rows, key=lambda row: -abs(row["after"] - row["before"]))
    ax = _axes(ax, 8, 1 + 0.32 * len(rows))
    for i, row in enumerate(rows):
        colour = UP if row["after"] >= row["before"] else DOWN
        ax.plot([row["before"], row["after"]], [i, i], color=colour, linewidth=2, zorder=1)
        ax.scatter(row["before"], i, facecolor="white", edgecolor=QUIET, zorder=2)
        ax.scatter(row["after"], i, color=colour, zorder=3)
        ax.annotate(f"{row['after'] - row['before']:+,.0f}", (max(row["before"], row["after"]), i), (8, -3),
                    textcoords="offset points", fontsize=8)  # fmt: skip
    _rows(ax, [names.get(row["campaign"], row["campaign"]) for row in rows])
    ax.set_xlim(left=0)
    ax.margins(x=0.12)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_title(title)
    return ax


def forest(rows: Sequence[Row], names: Sequence[str], title: str, ax: Axes | None = None) -> Axes:
    """Indices with their intervals against 1, on a scale on which half and double are as far; ``colour`` says the verdict."""
    ax = _axes(ax, 7, 1 + 0.3 * len(rows))
    for i, row in enumerate(rows):
        ax.plot([row["index_low"], row["index_high"]], [i, i], color=row["colour"], linewidth=2)
        ax.scatter(row["index"], i, color=row["colour"], zorder=3)
    ax.axvline(1, color="black", linewidth=1, linestyle="--")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if value in (0.3, 0.5, 2, 3, 5) else "")
    _rows(ax, names)
    ax.set_title(title)
    return ax


def intervals(rows: Sequence[Row], title: str, ax: Axes | None = None) -> Axes:
    """A value a row (model, value) with its interval (low, high), where it has one."""
    ax = _axes(ax, 7, 1 + 0.32 * len(rows))
    for i, row in enumerate(rows):
        if row["low"] == row["low"]:
            ax.plot([row["low"], row["high"]], [i, i], color="C0", linewidth=2)
        ax.scatter(row["value"], i, color="C0", zorder=3)
        ax.annotate(f"{row['value']:.4f}", (row["value"], i), (0, 6), textcoords="offset points", ha="center",
                    fontsize=8)  # fmt: skip
    _rows(ax, [row["model"] for row in rows])
    ax.margins(y=0.15)
    ax.set_title(title)
    return ax


def curves(rows: Sequence[Row], title: str, ax: Axes | None = None) -> Axes:
    """Response curves, solid where history has spent and dotted beyond."""
    ax = _axes(ax, 8, 5)
    for k, row in enumerate(rows):
        seen = [row["min_spend"] <= spend <= row["max_spend"] for spend in row["spend"]]
        ax.plot(row["spend"], row["expected"], color=f"C{k}", linestyle=":", linewidth=1)
        ax.plot(
            [spend for spend, within in zip(row["spend"], seen, strict=True) if within],
            [value for value, within in zip(row["expected"], seen, strict=True) if within],
            color=f"C{k}", linewidth=2, label=_literal(row["channel"]),
        )  # fmt: skip
    if rows:
        ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel("spend of one campaign")
    ax.set_title(title)
    return ax


def dendrogram(merges: Any, last: int, title: str, ax: Axes | None = None) -> Axes:
    """The last merges of a tree (left, right, height, points; SciPy's numbering); what merged before them is a leaf."""
    n, first = len(merges) + 1, max(0, len(merges) - last)
    ax = _axes(ax, max(4.0, min(16.0, 2 + 0.3 * (len(merges) - first + 1))), 4.5)
    leaves: list[int] = []
    waiting = [n + len(merges) - 1]
    while waiting:
        cluster = waiting.pop()
        if cluster >= n + first:
            waiting += [int(merges[cluster - n][1]), int(merges[cluster - n][0])]
        else:
            leaves.append(cluster)
    at = {cluster: (float(x), 0.0) for x, cluster in enumerate(leaves)}
    for i in range(first, len(merges)):
        (x, low), (other, base) = at[int(merges[i][0])], at[int(merges[i][1])]
        height = float(merges[i][2])
        ax.plot([x, x, other, other], [low, height, height, base], color="C0", linewidth=1.2)
        at[n + i] = ((x + other) / 2, height)
    if first:
        # Nothing is shown below it.
        ax.axhline(float(merges[first - 1][2]), color=QUIET, linewidth=0.8, linestyle=":")
    names = [str(cluster) if cluster < n else f"({int(merges[cluster - n][3]):,})" for cluster in leaves]
    ax.set_xticks(range(len(names)), names, rotation=90 if len(names) > 12 else 0)
    ax.tick_params(axis="x", length=0)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("rows, or (how many of them)")
    ax.set_ylabel("height of the merge")
    ax.set_title(title)
    return ax


def pairs(
    keys: Sequence[str], values: Mapping[str, Sequence[float]], title: str, ax: Axes | None = None
) -> Axes:
    """Several values a key as bars beside each other."""
    ax = _axes(ax, 7, 4)
    width = 0.8 / len(values)
    for k, (name, heights) in enumerate(values.items()):
        at = [i + (k - (len(values) - 1) / 2) * width for i in range(len(keys))]
        ax.bar(at, heights, width, label=name, color=f"C{k}")
    ax.set_xticks(range(len(keys)), [_literal(key) for key in keys])
    return _framed(ax, title)


def lines(
    x: Sequence[float], values: Mapping[str, Sequence[float]], title: str, ax: Axes | None = None
) -> Axes:
    """Several lines over one axis, the first solid and the others dashed."""
    ax = _axes(ax, 7, 4)
    for k, (name, heights) in enumerate(values.items()):
        ax.plot(x, heights, color=f"C{k}", linestyle="-" if k == 0 else "--", label=name)
    ax.set_ylim(bottom=0)
    return _framed(ax, title)


def dots(x: Any, y: Any, names: tuple[str, str], title: str, ax: Axes | None = None) -> Axes:
    """A dot a row, and the line on which the two are equal."""
    ax = _axes(ax, 5, 5)
    ax.scatter(x, y, s=8, alpha=0.4, color="C0", linewidth=0, rasterized=len(x) > 10000)
    ax.axline((0, 0), slope=1, color=QUIET, linewidth=1, linestyle="--")
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(title)
    return ax


def _framed(ax: Axes, title: str) -> Axes:
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 10 else f"{value:g}")
    ax.set_title(title)
    return ax


def score_grid(counts: Any, names: Sequence[Sequence[str]], title: str, ax: Axes | None = None) -> Axes:
    """Counts by two scores, the first upwards and the second to the right, each cell with its name and share."""
    import numpy as np

    counts = np.asarray(counts, dtype=float)
    ax = _axes(ax, 9, 5)
    peak, total = float(counts.max(initial=0)) or 1.0, float(counts.sum()) or 1.0
    ax.imshow(counts, cmap="Blues", vmin=0, vmax=peak, aspect="auto", origin="lower")
    for i in range(counts.shape[0]):
        for j in range(counts.shape[1]):
            text = f"{names[i][j]}\n{counts[i, j]:,.0f} ({counts[i, j] / total:.0%})"
            colour = "white" if counts[i, j] > 0.6 * peak else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize=8, color=colour)
    ax.set_xticks(range(counts.shape[1]), [str(j + 1) for j in range(counts.shape[1])])
    ax.set_yticks(range(counts.shape[0]), [str(i + 1) for i in range(counts.shape[0])])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("frequency score")
    ax.set_ylabel("recency score")
    ax.set_title(title)
    return ax


def differences(names: Sequence[str], values: Sequence[float], title: str, ax: Axes | None = None) -> Axes:
    """Differences to both sides of zero; infinite ones reach as far as the largest finite one."""
    finite = [abs(value) for value in values if abs(value) < float("inf")]
    reach = max(finite, default=1.0) or 1.0
    shown = [max(-reach, min(reach, value)) for value in values]
    ax = _axes(ax, 7, 1 + 0.3 * len(names))
    ax.barh(range(len(names)), shown, color=[UP if value >= 0 else DOWN for value in shown])
    ax.axvline(0, color="black", linewidth=1)
    _rows(ax, names)
    ax.set_xlabel("standardized difference")
    ax.set_title(title)
    return ax
