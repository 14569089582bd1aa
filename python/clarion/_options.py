"""Options of estimators and models by name, as scikit-learn asks of them."""

from __future__ import annotations

import inspect
from typing import Any, Self

__all__ = ["Options"]


class Options:
    """Options are the arguments of ``__init__``, which only stores them."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Options by name."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **options: Any) -> Self:
        """Changes options by name."""
        known = self._defaults()
        for name, value in options.items():
            if name not in known:
                raise ValueError(
                    f"{name}: not an option of {type(self).__name__}; give one of {', '.join(known)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, default in self._defaults().items()
            if not _same(getattr(self, name), default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        parameters = inspect.signature(cls.__init__).parameters
        return {name: each.default for name, each in parameters.items() if name != "self"}


def _same(value: Any, default: Any) -> bool:
    # An array compares with nothing as a whole.
    return value is default or repr(value) == repr(default)
