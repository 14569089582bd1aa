"""Fitted models on disk: a folder of .npy arrays and one model.json (docs/core/model_folder.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from os import PathLike, fsencode
from typing import TYPE_CHECKING, Any

from clarion._core import ClarionError, open_model, save_model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["load_folder", "save_folder", "text_arrays", "texts_of"]


def save_folder(
    path: str | bytes | PathLike[str],
    kind: str,
    metadata: Mapping[str, Any],
    arrays: Mapping[str, ArrayLike],
    *,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Writes the folder whole or not at all. A model that is there is replaced, anything else but an empty folder refused.

    ``kind`` and names of arrays are 1 to 64 of a-z, 0-9 and ``_``; ``metadata`` is what JSON holds, integers within 64
    bits; arrays are of bool, uint8, int32, uint32, float32, int64, uint64 or float64. Raises ValueError for what is not,
    and ClarionError, naming the file and the reason, where the folder cannot be written.
    """
    import numpy as np

    text = json.dumps(dict(metadata), allow_nan=False, default=_plain)
    kept = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    save_model(fsencode(path), kind, text, kept, n_jobs=n_jobs, progress=progress)


def load_folder(
    path: str | bytes | PathLike[str],
    kind: str = "",
    *,
    verify: bool = True,
    n_jobs: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """(metadata, arrays by name) of a folder that holds a model of this kind (empty: of any).

    Arrays are read-only and lie in the mapped files. ``verify`` compares their checksums, which reads all of them; sizes,
    headers and model.json are compared in any case. Raises ClarionError, naming the file and the reason, for a folder
    that was cut short or altered.
    """
    _, metadata, arrays = open_model(fsencode(path), kind, verify, n_jobs=n_jobs, progress=progress)
    return json.loads(metadata), arrays


def text_arrays(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Texts as arrays: their UTF-8 end to end, and where each begins and the last ends."""
    import numpy as np

    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.uint64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return {
        f"{name}_bytes": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_offsets": offsets,
    }


def texts_of(arrays: Mapping[str, NDArray[Any]], name: str) -> list[str]:
    """What :func:`text_arrays` was given. Raises ClarionError for arrays that are no such texts."""
    import numpy as np

    cells, offsets = arrays.get(f"{name}_bytes"), arrays.get(f"{name}_offsets")
    if cells is None or offsets is None or cells.dtype != np.uint8 or offsets.dtype != np.uint64:
        raise ClarionError(f"array {name}: it is missing or no list of texts")
    rise = (
        offsets.ndim == 1
        and len(offsets) > 0
        and offsets[0] == 0
        and bool((offsets[1:] >= offsets[:-1]).all())
    )
    if cells.ndim != 1 or not rise or offsets[-1] != len(cells):
        raise ClarionError(
            f"array {name}_offsets: it does not rise from 0 to the {cells.size} bytes of {name}_bytes"
        )
    data, ends = cells.tobytes(), offsets.tolist()
    try:
        return [data[begin:end].decode() for begin, end in pairwise(ends)]
    except UnicodeDecodeError as wrong:
        raise ClarionError(f"array {name}_bytes: {wrong}") from None


def _plain(value: Any) -> Any:
    """Numbers of numpy as those of Python."""
    import numpy as np

    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"metadata: {type(value).__name__} is not allowed; give what JSON holds")
