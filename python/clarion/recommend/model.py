"""What all recommenders do alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from clarion._core import ItemIndex, contributions, projected_contributions, score_pairs
from clarion._options import Options
from clarion.recommend.explanation import Explanation
from clarion.recommend.interactions import Interactions, interactions_of
from clarion.recommend.top_k import Neighbors, Recommendations, chosen_rows, lists, rows_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from clarion.schema.finding import Findings

__all__ = ["Recommender"]

Csr = tuple[Any, Any, Any]  # offsets, columns, values or None


class Recommender(Options):
    """Base of the models. A score is made of factors, or of a history and weights, or of both::

        score(u, i) = user_factors_[u] . item_factors_[i] + sum over j of history[u, j] * weights_[j, i]

    A model says in ``_learn`` what a fit finds: a mapping of the names of fitted attributes to their values, among
    them ``user_factors_`` and ``item_factors_`` (float32), or ``weights_`` (a scipy CSR matrix, or an array where they
    are dense; ``_walks`` where they are not written out). History is the interactions of a user, unless ``_history`` says otherwise. What ``_fold`` gives are the
    attributes that belong to other users of the same items; ``_attributed`` explains factors by past interactions.
    """

    interactions_: Interactions
    findings_: Findings
    n_jobs: int | None
    user_factors_: Any = None
    item_factors_: Any = None
    weights_: Any = None
    _names: tuple[str, ...] = ()  # of what a fit found
    _prepared: ItemIndex | None = None

    def fit(self, interactions: Any, *, progress: Callable[[float], None] | None = None) -> Self:
        """Learns from Interactions or a scipy sparse matrix, users x items.

        Raises ValueError for options out of range and ClarionError where memory cannot hold the model; an interrupt
        leaves the model as it was.
        """
        data = interactions_of(interactions)
        return self._take(data, self._learn(data, progress))

    def memory_bytes(self, interactions: Any) -> float:
        """Bytes that a fit takes at its peak beside the interactions, the result included: an estimate from above.

        A fit that takes more than this process may use is a ClarionError before it begins.
        """
        return self._memory(interactions_of(interactions))

    def fold_in(self, rows: Any) -> Self:
        """The same model for other users, from their interactions: a new model that shares what is of items.

        ``rows`` are Interactions with ids of items of the fit, or a scipy sparse matrix with a column for each of these
        items; entries of other items have no part in it.
        """
        data = self._same_items(rows)
        found = type(self)(**self.get_params())
        kept = {name: getattr(self, name) for name in self._names}
        return found._take(data, {**kept, **self._fold(data)})

    def recommend(
        self,
        users: ArrayLike | None = None,
        k: int = 10,
        *,
        mask: ArrayLike | None = None,
        exclude_seen: bool = True,
        deny: Mapping[Any, Iterable[Any]] | None = None,
        allow: Mapping[Any, Iterable[Any]] | None = None,
        boost: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        group_quota: int = 0,
        unknown: str = "raise",
        progress: Callable[[float], None] | None = None,
    ) -> Recommendations:
        """The k items with the highest scores for each user, exact under the filters.

        ``users`` are ids (None: all); an ``unknown`` one is a ValueError ("raise") or left out ("skip"). ``mask`` is a
        bool an item, in the order of ``interactions_.items``: False is returned to no one. ``exclude_seen`` leaves out a
        user's own items; ``deny`` and ``allow`` map a user to item ids that are never, or alone, returned. ``boost``
        >= 0, a number an item, multiplies scores. With ``groups``, a label an item, a list has at most ``group_quota``
        items of a group. Equal scores are in the order of items.
        """
        data = self._fitted()
        rows = chosen_rows(data.users, data.user_numbers, users, unknown, "users")
        factors, history = self._user_side(rows)
        return lists(
            self._index(),
            factors,
            history,
            data,
            rows,
            k,
            mask=mask,
            exclude_seen=exclude_seen,
            deny=deny,
            allow=allow,
            boost=boost,
            groups=groups,
            group_quota=group_quota,
            n_jobs=self.n_jobs,
            progress=progress,
        )

    def score(self, users: ArrayLike, items: ArrayLike) -> NDArray[np.float32]:
        """Scores of the pairs (users[p], items[p]), by id; NaN where one of the two is not in the fit."""
        import numpy as np

        data = self._fitted()
        u, i = data.user_numbers(users), data.item_numbers(items)
        if len(u) != len(i):
            raise ValueError(
                f"items: {len(i)} entries are not allowed; give one for each of the {len(u)} users"
            )
        known = (u >= 0) & (i >= 0)
        rows, places = np.unique(u[known], return_inverse=True)
        out = np.full(len(u), np.nan, np.float32)
        if len(rows):
            factors, history = self._user_side(rows)
            out[known] = score_pairs(
                self._index(), factors, history, places, i[known].astype(np.uint32), n_jobs=self.n_jobs
            )
        return out

    def similar_items(self, items: ArrayLike, k: int = 10, *, unknown: str = "raise") -> Neighbors:
        """The k items most like each of ``items``: by the cosine of their factors, or by their weights."""
        import numpy as np

        data = self._fitted()
        asked = chosen_rows(data.items, data.item_numbers, items, unknown, "items")
        if self.item_factors_ is not None:
            unit = _unit(self._directions(self.item_factors_))
            index, factors, history = ItemIndex(unit, n_jobs=self.n_jobs), unit[asked], None
        elif self._weights_of_items():
            # An item's row of weights is what a user with nothing but it would get.
            one = (np.arange(len(asked) + 1, dtype=np.uint64), asked.astype(np.uint32), None)
            index, factors, history = self._index(), None, one
        else:
            by_item = _csr(data._matrix.by_item())
            index, factors, history = self._cosines(by_item, asked)
        return self._neighbors(index, factors, history, data.items, asked, k)

    def similar_users(self, users: ArrayLike, k: int = 10, *, unknown: str = "raise") -> Neighbors:
        """The k users most like each of ``users``: by the cosine of their factors, or of their interactions."""
        data = self._fitted()
        asked = chosen_rows(data.users, data.user_numbers, users, unknown, "users")
        if self.user_factors_ is not None:
            unit = _unit(self._directions(self.user_factors_))
            return self._neighbors(
                ItemIndex(unit, n_jobs=self.n_jobs), unit[asked], None, data.users, asked, k
            )
        index, factors, history = self._cosines(_csr(data._matrix.by_user()), asked)
        return self._neighbors(index, factors, history, data.users, asked, k)

    def explain(self, user: Any, item: Any) -> Explanation:
        """Which past interactions of a user contribute how much to the score of an item, summing to the score.

        What they do not account for stands as ``rest``.
        """
        import numpy as np

        data = self._fitted()
        u = chosen_rows(data.users, data.user_numbers, [user], "raise", "user")
        i = int(chosen_rows(data.items, data.item_numbers, [item], "raise", "item")[0])
        score = float(self.score([user], [item])[0])
        factors, history = self._user_side(u)
        numbers: NDArray[np.int64] = np.empty(0, np.int64)
        parts: NDArray[Any] = np.empty(0)
        if history is not None:
            numbers, parts = history[1].astype(np.int64), contributions(self._index(), factors, history, 0, i)
        if (attributed := self._attributed(int(u[0]), i)) is not None:
            numbers, parts = attributed if history is None else (numbers, parts + attributed[1])
        return Explanation(user, item, score, self._causes(data, int(u[0]), i, numbers, parts))

    def save(self, path: str | PathLike[str], *, progress: Callable[[float], None] | None = None) -> None:
        """Writes the model, with its interactions, as a folder of arrays and one model.json, whole or not at all.

        A folder that holds nothing but a model is replaced. Raises ClarionError where it cannot be written.
        """
        import numpy as np

        from clarion._model_folder import save_folder, text_arrays

        metadata, arrays = self._fitted()._stored("interactions_")
        forms: dict[str, Any] = {}  # a number itself, "array", "texts", or the shape of a sparse matrix
        for name in self._names:
            value = getattr(self, name)
            if isinstance(value, float):
                forms[name] = value
            elif not isinstance(value, np.ndarray):
                forms[name] = list(value.shape)
                arrays |= dict(zip(_csr_names(name), _arrays(value), strict=True))
            elif value.dtype.kind in "OU":
                forms[name] = "texts"
                arrays |= text_arrays(name.rstrip("_"), [str(text) for text in value])
            else:
                forms[name] = "array"
                arrays[name.rstrip("_")] = value
        save_folder(
            path,
            type(self).__name__.lower(),
            {
                "model": type(self).__name__,
                "options": self.get_params(),
                "fitted": forms,
                "interactions": metadata,
            },
            arrays,
            n_jobs=self.n_jobs,
            progress=progress,
        )

    @classmethod
    def load(cls, path: str | PathLike[str], *, progress: Callable[[float], None] | None = None) -> Self:
        """What ``save`` wrote; ``Recommender.load`` takes any model. Arrays lie in the mapped files.

        Raises ClarionError, naming the file and the reason, for a folder that was cut short or altered, or holds
        another model.
        """
        from os import fspath

        from clarion import ClarionError
        from clarion._model_folder import load_folder

        metadata, arrays = load_folder(
            path, "" if cls is Recommender else cls.__name__.lower(), progress=progress
        )
        try:
            return cls._restored(metadata, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, ClarionError) as wrong:
            raise ClarionError(f"{fspath(path)}: no model that fits together: {wrong}") from None

    # What a model tells.

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        raise NotImplementedError

    def _memory(self, data: Interactions) -> float:
        raise NotImplementedError

    def _fold(self, data: Interactions) -> dict[str, Any]:
        return {}

    def _history(self) -> Csr:
        return _csr(self.interactions_._matrix.by_user())

    def _walks(self) -> tuple[Any, NDArray[np.float32]] | None:
        """Interactions, a scipy CSR matrix R, and the terms of a polynomial in R'R that weights are."""
        return None

    def _has_history(self) -> bool:
        return self.weights_ is not None or self._walks() is not None

    def _attributed(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """Numbers of items of the user's past and what each contributes to the product of the factors.

        Where there are weights too: in the order of the history.
        """
        return None

    def _projected(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """``_attributed`` of vectors that were learned by steps: the user's is fitted by those of their items."""
        import numpy as np

        offsets, index, _ = self.interactions_._matrix.by_user()
        own = index[int(offsets[user]) : int(offsets[user + 1])]
        items, users = (
            np.ascontiguousarray(self._directions(each))
            for each in (self.item_factors_, self.user_factors_[user : user + 1])
        )
        parts = projected_contributions(items, users[0], own, item)
        return own.astype(np.int64), parts.astype(np.float64)

    def _directions(self, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """What of the factors says which rows are alike: without biases."""
        return factors

    def _weights_of_items(self) -> bool:
        """Whether weights go from items to items."""
        return self.weights_ is not None

    def _causes(
        self, data: Interactions, user: int, item: int, numbers: NDArray[np.int64], parts: Any
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Ids of past items and what they contribute."""
        import numpy as np

        return data.items[numbers], np.asarray(parts, np.float64)

    def _options(self, *besides: str) -> dict[str, Any]:
        """Options as the core calls them, without those named and those that say how to run."""
        names = {"random_state": "seed"}
        return {
            names.get(name, name): value
            for name, value in self.get_params().items()
            if name not in (*besides, "n_jobs")
        }

    # What all share.

    def _sized(self, of: Callable[..., float], data: Interactions, **changed: Any) -> float:
        """What a function of the core says of a fit of these interactions."""
        options = {**self._options(), **changed}
        return of(data.n_users, data.n_items, len(data), options, n_jobs=self.n_jobs)

    @classmethod
    def _restored(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        import numpy as np
        from scipy.sparse import csr_matrix

        from clarion._model_folder import texts_of

        known: dict[str, Any] = {
            each.__name__: each for each in (cls, *_below(cls)) if each is not Recommender
        }
        model: Self = known[metadata["model"]](**metadata["options"])
        data = Interactions._restored(metadata["interactions"], arrays, "interactions_")
        found: dict[str, Any] = {}
        for name, form in metadata["fitted"].items():
            if not name.endswith("_") or name.startswith("_"):
                raise ValueError(f"fitted: {name!r} is not allowed")
            if isinstance(form, float):
                found[name] = form
            elif form == "texts":
                found[name] = np.array(texts_of(arrays, name.rstrip("_")), dtype=object)
            elif form == "array":
                found[name] = arrays[name.rstrip("_")]
            else:
                offsets, index, value = (arrays[part] for part in _csr_names(name))
                found[name] = csr_matrix(
                    (
                        value,
                        index.astype(np.int32 if max(form) < 2**31 else np.int64),
                        offsets.astype(np.int64),
                    ),
                    shape=tuple(form),
                )
        model._take(data, found)
        if model._index().n_items != data.n_items:
            raise ValueError(f"{model._index().n_items} items are not the {data.n_items} of the interactions")
        history = model._history() if model._has_history() else None
        for rows in (
            data.n_users if model.user_factors_ is None else len(model.user_factors_),
            data.n_users if history is None else len(history[0]) - 1,
        ):
            if rows != data.n_users:
                raise ValueError(f"{rows} users are not the {data.n_users} of the interactions")
        nobody = np.empty(0, np.uint32)
        score_pairs(model._index(), model.user_factors_, history, nobody, nobody)  # refuses what does not fit
        return model

    def _take(self, data: Interactions, found: Mapping[str, Any]) -> Self:
        for name, value in found.items():
            setattr(self, name, value)
        self.interactions_ = data
        self.findings_ = data.sufficiency().findings
        self._prepared = None
        self._names = tuple(dict.fromkeys((*self._names, *found)))
        return self

    def _fitted(self) -> Interactions:
        if not hasattr(self, "interactions_"):
            raise ValueError(f"this {type(self).__name__} has learned nothing yet; call fit first")
        return self.interactions_

    def _index(self) -> ItemIndex:
        """The side of items, laid out once after a fit."""
        if self._prepared is None:
            import numpy as np

            weights, terms = self._walks() or (self.weights_, None)
            dense = isinstance(weights, np.ndarray)
            self._prepared = ItemIndex(
                self.item_factors_,
                None if weights is None or dense else _arrays(weights),
                weights if dense else None,
                0 if weights is None else weights.shape[1],
                terms,
                n_jobs=self.n_jobs,
            )
        return self._prepared

    def _user_side(self, rows: NDArray[np.int64]) -> tuple[Any, Csr | None]:
        import numpy as np

        factors = self.user_factors_
        history = self._history() if self._has_history() else None
        n = len(factors) if factors is not None else 0 if history is None else len(history[0]) - 1
        if len(rows) == n and bool((rows == np.arange(n)).all()):
            return factors, history
        return (
            None if factors is None else factors[rows],
            None if history is None else rows_of(history, rows),
        )

    def _same_items(self, rows: Any) -> Interactions:
        """Interactions of these users with the items of the fit, numbered as in the fit."""
        import numpy as np
        from scipy.sparse import csr_matrix

        data = self._fitted()
        if not isinstance(rows, Interactions):
            if not hasattr(rows, "tocsr"):
                raise TypeError(
                    f"rows: {type(rows).__name__} is not allowed; give Interactions or a scipy sparse matrix, users x items"
                )
            if rows.shape[1] != data.n_items:
                raise ValueError(
                    f"rows: {rows.shape[1]} columns are not allowed; give one for each of the {data.n_items} items"
                )
            return Interactions.from_csr(rows, items=data.items)
        if rows.n_items == data.n_items and np.array_equal(rows.items, data.items):
            return rows
        given = rows.to_csr(copy=False).tocoo()
        numbers = data.item_numbers(rows.items)[given.col]
        known = numbers >= 0
        kept = csr_matrix(
            (given.data[known], (given.row[known], numbers[known])), shape=(rows.n_users, data.n_items)
        )
        kept.sort_indices()
        return Interactions.from_csr(kept, users=rows.users, items=data.items)

    def _cosines(self, matrix: Any, asked: NDArray[np.int64]) -> tuple[ItemIndex, None, Csr]:
        """Cosines of rows of a sparse matrix as scores: rows times the transpose, both scaled to length 1."""
        import numpy as np
        from scipy.sparse import csr_matrix

        offsets, index, value = matrix
        width = int(index.max()) + 1 if len(index) else 0
        rows = csr_matrix(
            (
                np.ones(len(index), np.float32) if value is None else value.astype(np.float32),
                index.astype(np.int64),
                offsets.astype(np.int64),
            ),
            shape=(len(offsets) - 1, width),
        )
        length = np.sqrt(np.asarray(rows.multiply(rows).sum(1))).ravel()
        rows.data = rows.data / np.repeat(np.where(length > 0, length, 1), np.diff(rows.indptr)).astype(
            np.float32
        )
        turned = rows.T.tocsr()
        turned.sort_indices()
        return (
            ItemIndex(None, _arrays(turned), None, turned.shape[1], n_jobs=self.n_jobs),
            None,
            rows_of(_arrays(rows), asked),
        )

    def _neighbors(
        self,
        index: ItemIndex,
        factors: Any,
        history: Csr | None,
        ids: NDArray[Any],
        asked: NDArray[np.int64],
        k: int,
    ) -> Neighbors:
        import numpy as np

        from clarion._core import top_k

        itself = (np.arange(len(asked) + 1, dtype=np.uint64), asked.astype(np.uint32))
        found = top_k(index, factors, history, k, exclude=itself, n_jobs=self.n_jobs)
        return Neighbors(ids[asked], ids, found, self.interactions_._backend)


def _csr(arrays: Any) -> Csr:
    offsets, index, value = arrays
    return offsets, index, value


def _arrays(matrix: Any) -> Csr:
    """Of a scipy CSR matrix, as the core takes them."""
    import numpy as np

    if not matrix.has_sorted_indices:
        matrix = matrix.sorted_indices()
    return (
        matrix.indptr.astype(np.uint64),
        matrix.indices.view(np.uint32)
        if matrix.indices.dtype == np.int32
        else matrix.indices.astype(np.uint32),
        matrix.data.astype(np.float32, copy=False),
    )


def _csr_names(name: str) -> tuple[str, str, str]:
    stem = name.rstrip("_")
    return f"{stem}_offsets", f"{stem}_index", f"{stem}_value"


def _below(cls: type[Any]) -> list[type[Any]]:
    """Classes that derive from one, at any distance."""
    children: list[type[Any]] = cls.__subclasses__()
    return [each for child in children for each in (child, *_below(child))]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)
