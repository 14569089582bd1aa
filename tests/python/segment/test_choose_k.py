import numpy as np
import pandas as pd
import pytest
from clarion.segment import KMeans, choose_k, cluster_quality, elbow
from sklearn import cluster, metrics
from sklearn.datasets import load_iris, make_blobs
from sklearn.mixture import GaussianMixture


def blobs(rows=240, centers=4, seed=3):
    return make_blobs(
        rows, centers=[[10 * (i % 2), 10 * (i // 2)] for i in range(centers)], random_state=seed
    )


def test_indices_are_those_of_the_labels():
    x, _ = blobs()
    found = choose_k(x, range(2, 7), model=KMeans(n_init=3))
    assert found.best == 4
    assert found.agreed and set(found.votes.values()) == {4}
    for k, silhouette, inertia in zip(
        found.table["k"], found.table["silhouette"], found.table["inertia"], strict=True
    ):
        assert silhouette == pytest.approx(metrics.silhouette_score(x, found.labels[k]), abs=1e-6)
        assert inertia == pytest.approx(cluster_quality(x, found.labels[k]).inertia)
    assert "4 clusters" in found.reason and "5 of 5" in found.reason
    again = choose_k(x, range(2, 7), model=KMeans(n_init=3), n_jobs=1)
    assert again.table.to_dict() == found.table.to_dict()


def test_gap_is_that_of_its_definition():
    x, _ = blobs(centers=3, rows=150)
    found = choose_k(x, [2, 3, 4], model=KMeans(n_init=3), n_references=40)
    # Over the same kind of references, drawn by numpy: equal within what chance gives.
    random = np.random.default_rng(0)
    axes = np.linalg.eigh(np.cov(x.T))[1]
    turned = (x - x.mean(0)) @ axes
    logs = []
    for _ in range(40):
        drawn = random.uniform(turned.min(0), turned.max(0), turned.shape)
        logs.append([np.log(KMeans(k, n_init=3, random_state=0).fit(drawn).inertia_) for k in (2, 3, 4)])
    logs = np.array(logs)
    for at, k in enumerate((2, 3, 4)):
        gap = logs[:, at].mean() - np.log(found.table["inertia"][at])
        error = logs[:, at].std() * np.sqrt(1 + 1 / 40)
        assert found.table["gap"][at] == pytest.approx(gap, abs=5 * error / np.sqrt(40)), k
        assert found.table["gap_se"][at] == pytest.approx(error, rel=0.6)
    assert found.votes["gap"] == 3


def test_disagreement_is_said():
    found = choose_k(load_iris().data, range(2, 8), model=KMeans(n_init=5))
    assert found.votes["silhouette"] == 2 and found.votes["calinski_harabasz"] == 3
    assert not found.agreed
    assert "Calinski-Harabasz" in found.reason
    random = np.random.default_rng(0).uniform(size=(300, 4))
    found = choose_k(random, [2, 3, 4])
    assert "no clusters at all" in found.reason


@pytest.mark.parametrize(
    "model",
    [
        None,
        cluster.KMeans(n_init=2),
        cluster.AgglomerativeClustering(),
        GaussianMixture(n_init=2),
        lambda x, k: cluster.KMeans(k, n_init=2, random_state=0).fit_predict(x),
    ],
    ids=["default", "scikit-learn", "ward", "mixture", "function"],
)
def test_any_method_will_do(model):
    x, _ = blobs()
    found = choose_k(pd.DataFrame(x, columns=["r", "m"]), [3, 4, 5], model=model, n_references=3)
    assert found.best == 4
    assert isinstance(found.to_frame(), pd.DataFrame)
    assert len(found.labels[4]) == len(x)
    if model is not None and hasattr(model, "n_clusters"):
        assert model.n_clusters in (2, 8)  # the caller's own is left alone


def test_it_can_be_looked_at():
    pytest.importorskip("matplotlib").use("agg")
    x, _ = blobs()
    found = choose_k(x, [2, 3, 4, 5], n_references=3)
    figure = found.plot()
    assert len(figure.axes) == 5
    assert "4 clusters" in found._repr_html_() and "named by" in found._repr_html_()
    assert found.to_dict()["best"] == 4
    assert len(choose_k(x, [2, 3], n_references=0).plot().axes) == 4
    assert (
        "gap" not in choose_k(x, [2, 3], n_references=0)._repr_html_().split("<table>")[1].split("<tbody>")[0]
    )


@pytest.mark.filterwarnings("ignore")  # scikit-learn says that rows are equal
def test_equal_rows_have_no_clusters():
    found = choose_k(np.ones((20, 3)), [2, 3], n_references=2)
    assert found.best == 1
    assert "No number of clusters" in found.reason
    pytest.importorskip("matplotlib").use("agg")
    found.plot()


def test_knees():
    x = np.arange(1, 11)
    assert elbow(x, 1 / x) == 2
    assert elbow(x, -x) is None


def test_what_is_not_allowed():
    x, _ = blobs(20)
    with pytest.raises(ValueError, match="k: 21"):
        choose_k(x, [2, 21])
    for k in ([], [1, 2], [2, 2], [-3]):
        with pytest.raises(ValueError, match="k:"):
            choose_k(x, k)
    with pytest.raises(TypeError, match="k:"):
        choose_k(x, [2.5])
    with pytest.raises(TypeError, match="model"):
        choose_k(x, [2], model="k-means")
    with pytest.raises(TypeError, match="n_clusters"):
        choose_k(x, [2], model=cluster.DBSCAN())
    with pytest.raises(ValueError, match="NaN of column spend"):
        choose_k(pd.DataFrame({"spend": [1.0, np.nan, 3]}), [2])
    with pytest.raises(ZeroDivisionError):
        choose_k(x, [2], model=lambda x, k: 1 // 0)
    with pytest.raises(ValueError, match="labels of the m"):
        choose_k(x, [2], model=lambda x, k: [0])
