"""Campaign intelligence: validate, compare and plan a marketing portfolio before launch."""

from clarion._core import __version__

__all__ = ["__version__"]
