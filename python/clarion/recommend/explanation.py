"""Why an item was recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Explanation"]


class Explanation:
    """What past items of a user contribute to the score of an item: ``score = contributions.sum() + rest``.

    ``causes`` are the ids of past items (of similar users, in a model of users), ``contributions`` what each adds, by
    size; ``rest`` is what the model knows of the item or the user beside them.
    """

    __slots__ = ("causes", "contributions", "item", "rest", "score", "user")

    def __init__(
        self, user: Any, item: Any, score: float, parts: tuple[NDArray[Any], NDArray[np.float64]]
    ) -> None:
        import numpy as np

        causes, contributions = parts
        order = np.argsort(-np.abs(contributions), kind="stable")
        order = order[contributions[order] != 0]
        self.user, self.item, self.score = user, item, score
        self.causes: NDArray[Any] = causes[order]
        self.contributions: NDArray[np.float64] = contributions[order]
        self.rest = score - float(self.contributions.sum())

    def to_dict(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "item": self.item,
            "score": self.score,
            "contributions": dict(zip(self.causes.tolist(), self.contributions.tolist(), strict=True)),
            "rest": self.rest,
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """A row a cause, the largest first: cause, contribution."""
        from clarion.io import frame

        return frame({"cause": self.causes, "contribution": self.contributions}, backend)

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{cause} {part:+.3g}"
            for cause, part in zip(self.causes[:3], self.contributions[:3], strict=True)
        )
        more = f" and {len(self.causes) - 3} more" if len(self.causes) > 3 else ""
        return f"Explanation(score {self.score:.3g} = {shown or 'nothing'}{more}, rest {self.rest:+.3g})"
