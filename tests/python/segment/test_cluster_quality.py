import numpy as np
import pandas as pd
import polars as pl
import pytest
from clarion.segment import cluster_quality, silhouettes
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, make_blobs


def test_iris_has_the_published_silhouette():
    x = load_iris().data
    labels = KMeans(3, n_init=100, random_state=0).fit_predict(x)
    found = cluster_quality(x, labels)
    assert found.silhouette == pytest.approx(0.552819, abs=1e-6)
    assert found.inertia == pytest.approx(78.851441, abs=1e-6)
    assert sorted(found.table["size"].tolist()) == [38, 50, 62]


@pytest.mark.parametrize(("rows", "columns", "k"), [(200, 1, 2), (700, 8, 5), (300, 64, 17)])
def test_it_agrees_with_scikit_learn(rows, columns, k):
    x, _ = make_blobs(rows, columns, centers=k, cluster_std=4, random_state=1)
    labels = np.random.default_rng(2).integers(0, k, rows)
    for each in (labels, KMeans(k, n_init=1, random_state=0).fit_predict(x)):
        found = cluster_quality(x, each)
        np.testing.assert_allclose(silhouettes(x, each), metrics.silhouette_samples(x, each), atol=1e-6)
        assert found.silhouette == pytest.approx(metrics.silhouette_score(x, each), abs=1e-6)
        assert found.calinski_harabasz == pytest.approx(metrics.calinski_harabasz_score(x, each), rel=1e-9)
        assert found.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(x, each), rel=1e-9)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3)), min_size=2, max_size=30), st.integers(-2, 2)
)
@settings(max_examples=60, deadline=None)
def test_moving_all_rows_changes_nothing(rows, by):
    x = np.array([[value] for value, _ in rows], float)
    labels = np.array([label for _, label in rows])
    if len(set(labels.tolist())) < 2:
        return
    found = silhouettes(x, labels)
    assert ((found >= -1) & (found <= 1)).all()
    np.testing.assert_allclose(silhouettes(x + by, labels), found, atol=1e-12)


def test_labels_and_frames_of_any_kind():
    x, numbers = make_blobs(120, 3, random_state=0)
    expected = cluster_quality(x, numbers).silhouette
    texts = np.array(["loyal", "new", "lost"])[numbers]
    frame = pd.DataFrame(x, columns=["r", "f", "m"])
    for each, labels in (
        (frame, texts),
        (pl.from_pandas(frame), pl.Series(texts)),
        (x.astype(np.float32).tolist(), list(texts)),
        (frame, pd.Series(numbers - 1)),  # the noise of a density method is a cluster like others
    ):
        assert cluster_quality(each, labels).silhouette == pytest.approx(expected, abs=1e-5)
    found = cluster_quality(frame, texts)
    assert found.to_frame()["cluster"].tolist() == ["lost", "loyal", "new"]
    assert type(cluster_quality(pl.from_pandas(frame), texts).to_frame()).__module__.startswith("polars")
    assert found.to_dict()["by_cluster"]["size"] == [40, 40, 40]
    assert "silhouette" in found._repr_html_() and "3 clusters" in repr(found)
    pytest.importorskip("matplotlib").use("agg")
    assert found.plot().get_title()


def test_a_sample_says_how_sure_it_is():
    x, labels = make_blobs(3000, 4, centers=5, cluster_std=3, random_state=0)
    truth = cluster_quality(x, labels)
    found = cluster_quality(x, labels, sample=500, random_state=3)
    assert truth.silhouette_se == 0 and truth.silhouette_rows == 3000
    assert found.silhouette_rows == 500
    assert abs(found.silhouette - truth.silhouette) < 4 * found.silhouette_se
    again = cluster_quality(x, labels, sample=500, random_state=3, n_jobs=1)
    assert again.silhouette == found.silhouette


def test_what_is_not_allowed():
    x = np.arange(8.0).reshape(4, 2)
    with pytest.raises(ValueError, match="at least 2 clusters"):
        cluster_quality(x, [1, 1, 1, 1])
    with pytest.raises(ValueError, match="labels: 3"):
        cluster_quality(x, [0, 1, 1])
    with pytest.raises(ValueError, match="missing label"):
        cluster_quality(x, [0, 1, None, 1])
    with pytest.raises(ValueError, match="NaN"):
        cluster_quality(x, [0, 1, np.nan, 1])
    bad = pd.DataFrame({"spend": [1.0, 2, 3, 4], "visits": [1, 2, np.nan, 4]})
    with pytest.raises(ValueError, match="NaN of column visits, row 2"):
        cluster_quality(bad, [0, 0, 1, 1])
    bad["visits"] = [1.0, 2, np.inf, 3]
    with pytest.raises(ValueError, match=r"infinity .*column visits"):
        cluster_quality(bad, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="column city"):
        cluster_quality(pd.DataFrame({"city": list("abcd")}), [0, 0, 1, 1])
    with pytest.raises(ValueError, match="Expected 2D"):
        cluster_quality([1.0, 2.0], [0, 1])
    with pytest.raises(ValueError, match="0 sample"):
        cluster_quality(np.empty((0, 2)), [])
    with pytest.raises(TypeError, match="sparse"):
        from scipy import sparse

        cluster_quality(sparse.eye(4).tocsr(), [0, 0, 1, 1])
    with pytest.raises((ValueError, TypeError), match="sample"):
        cluster_quality(x, [0, 0, 1, 1], sample=-1)


def test_ctrl_c_stops_it():
    x = np.random.default_rng(0).normal(size=(20000, 8))

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cluster_quality(x, np.arange(20000) % 7, progress=stop)
