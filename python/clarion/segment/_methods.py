"""Methods of clustering as the core calls them: any estimator with fit_predict, or a function."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

__all__ = ["default_model", "fitted_labels", "method_of", "method_with_k"]


def default_model(n_clusters: int, random_state: int, n_jobs: int | None) -> Any:
    """k-means with several starts."""
    from clarion.segment.kmeans import KMeans

    return KMeans(n_clusters, n_init=4, random_state=random_state, n_jobs=n_jobs)


def method_of(model: Any, random_state: int) -> Callable[[Any], Any]:
    """rows -> numbers of clusters, by a copy of the model for each call; a function is called as it is."""
    if not hasattr(model, "fit_predict"):
        if callable(model) and not isinstance(model, type):
            return lambda x: _numbers(model(x))
        raise TypeError(
            f"model: {model!r} is not allowed; give an estimator with fit_predict, such as KMeans(4), or a function"
        )

    def labels(x: Any) -> Any:
        one = _copy(model, random_state)
        for name in ("n_clusters", "n_components"):
            # A sample may have fewer rows than there are to be clusters.
            if isinstance(wanted := getattr(one, name, None), int) and wanted > len(x):
                setattr(one, name, len(x))
        return _numbers(one.fit_predict(x))

    return labels


def method_with_k(model: Any, random_state: int, n_jobs: int | None) -> Callable[[Any, int], Any]:
    """(rows, k) -> numbers of clusters."""
    if model is None:
        return lambda x, k: _numbers(default_model(k, random_state, n_jobs).fit_predict(x))
    if not hasattr(model, "fit_predict"):
        if callable(model) and not isinstance(model, type):
            return lambda x, k: _numbers(model(x, k))
        raise TypeError(
            f"model: {model!r} is not allowed; give an estimator with fit_predict and n_clusters, such as KMeans(), "
            "or a function of rows and k"
        )
    name = next((each for each in ("n_clusters", "n_components") if hasattr(model, each)), None)
    if name is None:
        raise TypeError(
            f"model: {model!r} has neither n_clusters nor n_components; give one whose k can be set"
        )

    def labels(x: Any, k: int) -> Any:
        one = _copy(model, random_state)
        setattr(one, name, k)
        return _numbers(one.fit_predict(x))

    return labels


def fitted_labels(model: Any, X: Any, rows: Any, random_state: int) -> Any:
    """The labels that a fitted model has of these rows, else those that a copy gives them."""
    known = getattr(model, "labels_", None)
    if known is None or len(known) != len(rows) or not hasattr(model, "predict"):
        return _copy(model, random_state).fit_predict(rows)
    if (model.predict(X) == known).all():  # as many rows may be other rows
        return known
    return _copy(model, random_state).fit_predict(rows)


def _copy(model: Any, random_state: int) -> Any:
    """An unfitted copy; one without a random state of its own is given this, for the same answer twice."""
    if not hasattr(model, "get_params"):
        return copy.deepcopy(model)
    options = {name: copy.deepcopy(value) for name, value in model.get_params(deep=False).items()}
    if options.get("random_state", 0) is None:
        options["random_state"] = random_state
    return type(model)(**options)


def _numbers(labels: Any) -> Any:
    from clarion.segment._rows import labels_of

    return labels_of(labels, field="the labels of the model").numbers
