"""How well scores tell who responds from who does not."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from clarion import _core
from clarion.io import Table
from clarion.stats.calibration import Reliability, labels_of, reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScoreQuality", "score_quality"]

KINDS = ("gain", "lift", "roc", "pr", "reliability")


@dataclass(frozen=True, eq=False, repr=False)
class ScoreQuality:
    """``auc`` (the chance that a positive scores above a negative, ties half) with DeLong's interval, ``average_precision``,
    ``ks`` (the greatest true less false positive rate, at ``ks_score``); ``brier`` and ``log_loss``, NaN unless scores are
    probabilities.

    ``groups`` has a row a group from the highest scores down (deciles, by default): rate, lift, gain. ``curve`` has a row a
    threshold: depth, true and false positive rates, precision. ``reliability`` is None unless scores are probabilities.
    """

    n: int
    positives: int
    base_rate: float
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    ks: float
    ks_score: float
    brier: float
    log_loss: float
    groups: Table
    curve: Table
    reliability: Reliability | None
    level: float

    def to_frame(self, backend: str | None = None) -> Any:
        """The groups as a data frame."""
        return self.groups.to_frame(backend)

    def to_dict(self) -> dict[str, Any]:
        """Figures by name, and the groups."""
        return {**self.figures(), "groups": self.groups.to_dict()}

    def figures(self) -> dict[str, float]:
        """What is a number."""
        skipped = ("groups", "curve", "reliability")
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in skipped}

    def plot(self, kind: str = "gain", ax: Axes | None = None) -> Axes:
        """``kind`` is "gain" (share of positives found by depth), "lift" (by group), "roc", "pr" (precision by recall) or
        "reliability"."""
        from clarion.stats import _pictures

        if kind not in KINDS:
            raise ValueError(f"kind: {kind!r} is not allowed; give one of {', '.join(KINDS)}")
        curve = self.curve.to_dict()
        recall = curve["true_positive_rate"]
        if kind == "gain":
            labels = ("Cumulative gain", "share of customers, best first", "share of responders found")
            return _pictures.line(curve["depth"], recall, labels, chance=([0, 1], [0, 1]), ax=ax)
        if kind == "roc":
            labels = (f"ROC: area {self.auc:.3f}", "false positive rate", "true positive rate")
            return _pictures.line(
                curve["false_positive_rate"], recall, labels, chance=([0, 1], [0, 1]), ax=ax
            )
        if kind == "pr":
            labels = (f"Precision by recall: average {self.average_precision:.3f}", "recall", "precision")
            chance = ([0, 1], [self.base_rate] * 2)
            return _pictures.line(recall, curve["precision"], labels, chance=chance, steps=True, ax=ax)
        if kind == "reliability":
            if self.reliability is None:
                raise ValueError("kind: scores outside 0 to 1 are no probabilities; calibrate them first")
            return self.reliability.plot(ax)
        from clarion._plot import QUIET, _axes

        ax = _axes(ax, 6, 4)
        lift = self.groups.to_dict()["lift"]
        ax.bar(range(1, len(lift) + 1), lift, color="C0")
        ax.axhline(1, color=QUIET, linestyle="--", linewidth=1)
        ax.set_title("Lift by group, highest scores first")
        ax.set_xlabel("group")
        ax.set_ylabel("response over average")
        ax.spines[["top", "right"]].set_visible(False)
        return ax

    def __repr__(self) -> str:
        known = self.auc_low == self.auc_low
        reach = f" ({self.auc_low:.4f} to {self.auc_high:.4f})" if known else ""
        lift = self.groups["lift"]
        return (
            f"ScoreQuality({self.positives:,} of {self.n:,}: AUC {self.auc:.4f}{reach}, average precision "
            f"{self.average_precision:.4f}, KS {self.ks:.4f}, lift of the first group {lift[0]:.2f})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        from clarion.io import html_table

        words = repr(self)[len("ScoreQuality(") : -1]
        if self.brier == self.brier:
            words += f"; Brier {self.brier:.4f}, log loss {self.log_loss:.4f}"
        return html_table(self.groups.to_dict(), rows=len(self.groups)) + f"<p>{escape(words)}</p>"


def score_quality(
    scores: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    groups: int = 10,
    level: float = 0.95,
    bins: int = 10,
    curve_points: int = 1000,
) -> ScoreQuality:
    """How well scores tell labels apart: 1 from 0, or the second of two classes in sorted order from the first.

    ``groups`` are of equal weight from the highest scores down; equal scores on both sides of a border share their positives
    evenly. A weight is a number of rows. ``curve`` has about ``curve_points`` thresholds, figures are of all. ``bins`` are of the
    reliability. Raises ValueError for one class alone, NaN, infinity and lengths that differ. O(n log n).
    """
    labels = labels_of(y)
    found = _core.score_quality(
        scores, labels, sample_weight, groups=groups, level=level, curve_points=curve_points
    )
    table = Table({"group": list(range(1, len(found["groups"]["depth"]) + 1)), **found["groups"]})
    curve = Table(found["curve"])
    probabilities = found["brier"] == found["brier"]
    reliable = reliability(scores, labels, sample_weight, bins=bins, level=level) if probabilities else None
    figures = {
        field.name: found[field.name]
        for field in fields(ScoreQuality)
        if field.name not in ("groups", "curve", "reliability", "level")
    }
    return ScoreQuality(**figures, groups=table, curve=curve, reliability=reliable, level=level)
