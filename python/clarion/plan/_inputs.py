"""What the layers take, turned into what the compiled part takes."""

from __future__ import annotations

from typing import Any


def history_of(history: Any) -> Any:
    """A Portfolio (or None) as it is, anything else as ``Portfolio.read`` reads finished campaigns."""
    from clarion.schema import Portfolio

    return (
        history
        if history is None or isinstance(history, Portfolio)
        else Portfolio.read(history, history=True)
    )
