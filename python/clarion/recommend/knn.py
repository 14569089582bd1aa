"""Nearest neighbours of items and of users."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._core import item_knn, item_knn_memory, user_knn, user_knn_fold_in, user_knn_memory
from clarion.recommend.interactions import Interactions
from clarion.recommend.model import Csr, Recommender, _arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ItemKNN", "UserKNN", "weights_of"]


def weights_of(found: Csr, columns: int) -> Any:
    """A scipy CSR matrix over what the core found."""
    import numpy as np
    from scipy.sparse import csr_matrix

    offsets, index, value = found
    kind = np.int32 if len(index) < 2**31 and columns < 2**31 else np.int64
    indices = index.view(np.int32) if kind is np.int32 else index.astype(np.int64)
    out = csr_matrix((value, indices, offsets.astype(kind)), shape=(len(offsets) - 1, columns))
    out.has_sorted_indices = True
    return out


class ItemKNN(Recommender):
    """Nearest neighbours of items by the users that they share (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004).

    A user's score of an item is the sum, over the user's items j, of their weight in the interactions times the
    similarity of j to it, where it is among the ``k`` nearest of j; ``by_target``: where j is among the ``k`` nearest of it.

    ``similarity`` is "cosine", "adjusted_cosine", "pearson", "jaccard", "dot", "bm25" (with ``bm25_k1`` and ``bm25_b``),
    "tfidf", "conditional_probability" (over the neighbour's count to the power of ``popularity_damping``), "lift" or
    "log_likelihood". Similarities are multiplied by c / (c + ``shrinkage``), c the users in common, of which there are
    ``min_support`` at least. With ``normalize`` the similarities of an item's neighbours add up to 1.

    After ``fit``: ``weights_`` (scipy CSR, items x items: row j has the neighbours of j; with
    ``by_target`` column i has those of i), ``interactions_``, and
    ``findings_`` (R001 to R004) where there is too little to learn from. O(sum over users of n_u^2).
    """

    def __init__(
        self,
        k: int = 100,
        similarity: str = "cosine",
        shrinkage: float = 0.0,
        *,
        min_support: int = 1,
        normalize: bool = False,
        by_target: bool = False,
        popularity_damping: float = 0.0,
        bm25_k1: float = 1.2,
        bm25_b: float = 0.75,
        n_jobs: int | None = None,
    ) -> None:
        self.k = k
        self.similarity = similarity
        self.shrinkage = shrinkage
        self.min_support = min_support
        self.normalize = normalize
        self.by_target = by_target
        self.popularity_damping = popularity_damping
        self.bm25_k1 = bm25_k1
        self.bm25_b = bm25_b
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        found = item_knn(data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress)
        return {"weights_": weights_of(found, data.n_items)}

    def _memory(self, data: Interactions) -> float:
        return self._sized(item_knn_memory, data)


class UserKNN(Recommender):
    """Nearest neighbours of users by the items that they share (Resnick et al., CSCW 1994).

    A user's score of an item is the sum, over their ``k`` nearest neighbours, of similarity times the neighbour's weight
    of the item in the interactions. The options are those of :class:`ItemKNN` but ``by_target``, with users in the place of items.

    After ``fit``: ``neighbors_`` (scipy CSR, users x users: row u has the neighbours of u), ``known_users_`` (ids
    of its columns), ``weights_`` (their interactions), ``interactions_``, and
    ``findings_`` (R001 to R004) where there is too little to learn from. ``explain`` names neighbours. O(sum over items
    of n_i^2).
    """

    neighbors_: Any
    known_users_: NDArray[Any]

    def __init__(
        self,
        k: int = 100,
        similarity: str = "cosine",
        shrinkage: float = 0.0,
        *,
        min_support: int = 1,
        normalize: bool = False,
        popularity_damping: float = 0.0,
        bm25_k1: float = 1.2,
        bm25_b: float = 0.75,
        n_jobs: int | None = None,
    ) -> None:
        self.k = k
        self.similarity = similarity
        self.shrinkage = shrinkage
        self.min_support = min_support
        self.normalize = normalize
        self.popularity_damping = popularity_damping
        self.bm25_k1 = bm25_k1
        self.bm25_b = bm25_b
        self.n_jobs = n_jobs

    def _learn(self, data: Interactions, progress: Callable[[float], None] | None) -> dict[str, Any]:
        found = user_knn(data._matrix, self._options(), n_jobs=self.n_jobs, progress=progress)
        return {
            "weights_": data.to_csr(copy=False),
            "neighbors_": weights_of(found, data.n_users),
            "known_users_": data.users,
        }

    def _memory(self, data: Interactions) -> float:
        return self._sized(user_knn_memory, data)

    def _fold(self, data: Interactions) -> dict[str, Any]:
        known = Interactions.from_csr(self.weights_)
        found = user_knn_fold_in(known._matrix, data._matrix, self._options(), n_jobs=self.n_jobs)
        return {"neighbors_": weights_of(found, known.n_users)}

    def _history(self) -> Csr:
        return _arrays(self.neighbors_)

    def _weights_of_items(self) -> bool:
        return False

    def _causes(
        self, data: Interactions, user: int, item: int, numbers: NDArray[Any], parts: Any
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        return self.known_users_[numbers], np.asarray(parts, np.float64)
