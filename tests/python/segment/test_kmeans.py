import pickle

import numpy as np
import pytest
from clarion.segment import KMeans, kmeans_plusplus
from hypothesis import given, settings
from hypothesis import strategies as st

sklearn = pytest.importorskip("sklearn")


def cloud(rows=2000, columns=6, groups=5, seed=0, spread=0.6, dtype=np.float64):
    random = np.random.default_rng(seed)
    centers = random.normal(size=(groups, columns))
    return (centers[random.integers(groups, size=rows)] + spread * random.normal(size=(rows, columns))).astype(dtype)


def rival(x, start, **options):
    from sklearn.cluster import KMeans as Theirs

    return Theirs(len(start), init=start, n_init=1, **options).fit(x)


@pytest.fixture(scope="module")
def iris():
    from sklearn.datasets import load_iris

    return load_iris()


# Best of 100 starts, computed elsewhere.
@pytest.mark.parametrize(("k", "inertia"), [(2, 152.347952), (3, 78.851441), (4, 57.228473)])
@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_iris(iris, k, inertia, init):
    model = KMeans(k, init=init, n_init=30, random_state=0).fit(iris.data)
    assert model.inertia_ == pytest.approx(inertia, abs=1e-5)
    assert -model.score(iris.data) == pytest.approx(inertia, abs=1e-5)


def test_clusters_of_iris(iris):
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    labels = KMeans(3, n_init=30, random_state=0).fit_predict(iris.data)
    assert sorted(np.bincount(labels)) == [38, 50, 62]
    assert silhouette_score(iris.data, labels) == pytest.approx(0.552819, abs=1e-6)
    assert adjusted_rand_score(iris.target, labels) == pytest.approx(0.730238, abs=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("columns", [2, 6, 40])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("tol", [1e-4, 0])
def test_it_agrees_with_scikit_learn(dtype, columns, weighted, tol):
    x = cloud(columns=columns, dtype=dtype)
    weight = np.random.default_rng(1).random(len(x)) if weighted else None
    start = x[:7].copy()
    ours = KMeans(7, init=start, tol=tol).fit(x, sample_weight=weight)
    from sklearn.cluster import KMeans as Theirs

    theirs = Theirs(7, init=start, n_init=1, tol=tol).fit(x, sample_weight=weight)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-3 if dtype == np.float32 else 1e-9)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-4)
    assert ours.cluster_centers_.dtype == dtype
    other = cloud(300, columns, seed=5, dtype=dtype)
    np.testing.assert_array_equal(ours.predict(other), theirs.predict(other))
    np.testing.assert_allclose(ours.transform(other), theirs.transform(other), rtol=1e-3)
    assert ours.score(other) == pytest.approx(theirs.score(other), rel=1e-4)


def test_an_empty_cluster_is_filled_as_scikit_learn_does():
    x = cloud(500, 3)
    start = np.vstack([x[:3], [[90.0, 90, 90]], [[95.0, 95, 95]]])
    ours, theirs = KMeans(5, init=start).fit(x), rival(x, start)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 200),
    columns=st.integers(1, 20),
    k=st.integers(1, 12),
    kinds=st.integers(1, 30),
)
@pytest.mark.filterwarnings("ignore:.*found no row:UserWarning")
def test_a_fit_is_a_fixed_point(seed, rows, columns, k, kinds):
    """Whatever the data, duplicates among them: labels are nearest centers, and centers the means of their rows."""
    random = np.random.default_rng(seed)
    x = random.integers(0, kinds, (rows, columns)).astype(float)
    k = min(k, rows)
    model = KMeans(k, tol=0, random_state=seed % 1000).fit(x)
    apart = ((x[:, None] - model.cluster_centers_[None]) ** 2).sum(2)
    mine = apart[np.arange(rows), model.labels_]
    np.testing.assert_allclose(mine, apart.min(1), rtol=1e-12, atol=1e-12)
    assert model.inertia_ == pytest.approx(mine.sum(), rel=1e-9, abs=1e-9)
    for c in np.unique(model.labels_):
        np.testing.assert_allclose(model.cluster_centers_[c], x[model.labels_ == c].mean(0), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(model.predict(x), model.labels_)


def test_the_same_bits_for_any_number_of_threads():
    x = cloud(20000, 8, 9, dtype=np.float32)
    one, three = (KMeans(9, random_state=3, n_init=2, n_jobs=n).fit(x) for n in (1, 3))
    np.testing.assert_array_equal(one.cluster_centers_, three.cluster_centers_)
    np.testing.assert_array_equal(one.labels_, three.labels_)
    assert one.inertia_ == three.inertia_


def test_a_start_is_as_good_as_scikit_learns():
    from sklearn.cluster import kmeans_plusplus as theirs

    x = cloud(4000, 4, 10, spread=0.2)

    def potential(start):
        return np.mean([((x[:, None] - start(s)[None]) ** 2).sum(2).min(1).sum() for s in range(20)])

    ours = potential(lambda s: kmeans_plusplus(x, 10, random_state=s)[0])
    assert ours < 1.15 * potential(lambda s: theirs(x, 10, random_state=s)[0])
    centers, rows = kmeans_plusplus(x, 10, random_state=1)
    np.testing.assert_array_equal(centers, x[rows])
    assert len(set(rows)) == 10


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_frames(kind):
    x = cloud(400, 3)
    columns = {"recency": x[:, 0], "frequency": x[:, 1], "monetary": x[:, 2]}
    frame = pytest.importorskip(kind)
    table = frame.table(columns) if kind == "pyarrow" else frame.DataFrame(columns)
    model = KMeans(4, random_state=0).fit(table)
    assert model.feature_names_in_.tolist() == list(columns)
    np.testing.assert_array_equal(model.labels_, KMeans(4, random_state=0).fit(x).labels_)
    np.testing.assert_array_equal(model.predict(table), model.labels_)
    with pytest.warns(UserWarning, match="valid feature names"):
        model.predict(x)
    columns["monetary"] = np.where(np.arange(400) == 7, np.nan, columns["monetary"])
    bad = frame.table(columns) if kind == "pyarrow" else frame.DataFrame(columns)
    with pytest.raises(ValueError, match="NaN in row 7 of column 'monetary'"):
        KMeans(4).fit(bad)
    with pytest.raises(ValueError, match="column 'monetary'"):
        model.predict(bad)


def test_starts_of_ones_own():
    x = cloud(300, 2)
    model = KMeans(3, init=lambda X, k, random_state: X[random_state.permutation(len(X))[:k]], random_state=0)
    assert model.fit(x).inertia_ <= KMeans(3, init=x[:3]).fit(x).inertia_ * 1.01
    assert KMeans(3, random_state=np.random.default_rng(1)).fit(x).n_iter_ > 0
    assert KMeans(3, random_state=np.random.RandomState(1)).fit(x).n_iter_ > 0


def test_it_is_an_estimator():
    from sklearn.base import clone, is_clusterer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = cloud(300, 2)
    model = KMeans(3, random_state=0)
    assert repr(model) == "KMeans(n_clusters=3, random_state=0)"
    assert is_clusterer(model)
    assert clone(model.set_params(tol=0.5)).tol == 0.5
    assert make_pipeline(StandardScaler(), KMeans(3)).fit_predict(x).shape == (300,)
    assert model.fit(x).get_feature_names_out().tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(x), model.labels_)


@pytest.mark.filterwarnings("ignore:.*found no row:UserWarning", "ignore:.*BaseEstimator:UserWarning")
def test_scikit_learns_own_checks():
    from sklearn.utils.estimator_checks import check_estimator

    # Draws follow the order of the rows; scikit-learn excepts its own KMeans as well.
    excepted = {"check_sample_weight_equivalence_on_dense_data": "other draws for other rows"}
    failed = [
        f"{result['check_name']}: {result['exception']}"
        for result in check_estimator(
            KMeans(n_jobs=1), on_fail=None, on_skip=None, expected_failed_checks=excepted
        )
        if result["status"] == "failed"
    ]
    assert not failed, "\n".join(failed)


def test_what_is_not_allowed():
    x = cloud(20, 3)
    for options, message in (
        ({"n_clusters": 21}, "n_clusters: 21 with n_samples=20"),
        ({"n_clusters": 0}, "n_clusters"),
        ({"tol": -1}, "tol"),
        ({"max_iter": 0}, "max_iter"),
        ({"init": "magic"}, "init: "),
        ({"init": x[:3]}, "init: "),
        ({"n_init": "many"}, "n_init"),
        ({"random_state": "one"}, "random_state"),
        ({"n_jobs": 0}, "n_jobs"),
    ):
        with pytest.raises(ValueError, match=message):
            KMeans(**options).fit(x)
    for weight in (np.ones(19), -np.ones(20), np.zeros(20), np.full(20, np.nan)):
        with pytest.raises(ValueError, match="weight"):
            KMeans(2).fit(x, sample_weight=weight)
    for bad in (np.inf, np.nan):
        y = x.copy()
        y[4, 1] = bad
        with pytest.raises(ValueError, match="row 4 of column 1"):
            KMeans(2).fit(y)
    with pytest.raises(ValueError, match="out of range"):
        KMeans(2).fit(np.full((5, 2), 1e30, np.float32))
    with pytest.warns(UserWarning, match="1 clusters have rows, of 3"):
        assert KMeans(3).fit(np.ones((9, 2))).inertia_ == 0
    assert KMeans(2, tol=0).fit(np.array([[1e12], [1.0], [2.0]])).inertia_ == pytest.approx(0.5)


def test_an_interrupt_leaves_it_unfitted():
    x = cloud(200000, 8)
    model = KMeans(50, tol=0, max_iter=10**6)

    def stop(part):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(x, progress=stop)
    assert not hasattr(model, "labels_")
    seen = []
    KMeans(5, n_init=3, random_state=0).fit(x, progress=seen.append)
    assert seen == sorted(seen)
