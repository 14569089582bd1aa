import numpy as np
import pytest
from clarion.segment import KMeans, MiniBatchKMeans

pytest.importorskip("sklearn")


def cloud(rows=20000, columns=6, groups=5, seed=0, spread=0.4, dtype=np.float64):
    random = np.random.default_rng(seed)
    centers = random.normal(size=(groups, columns))
    return (
        centers[random.integers(groups, size=rows)] + spread * random.normal(size=(rows, columns))
    ).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_it_is_nearly_as_good_as_all_rows_and_as_scikit_learns(dtype, init):
    from sklearn.cluster import MiniBatchKMeans as Theirs

    x = cloud(dtype=dtype)
    whole = KMeans(5, n_init=5, random_state=0).fit(x)
    ours = [MiniBatchKMeans(5, init=init, n_init=3, random_state=s).fit(x) for s in range(5)]
    theirs = [Theirs(5, init=init, n_init=3, random_state=s).fit(x).inertia_ for s in range(5)]
    found = np.median([model.inertia_ for model in ours])
    if init == "k-means++":  # random rows end in one local minimum or another
        assert found < 1.05 * whole.inertia_
        assert found < 1.05 * np.median(theirs)
    assert found < 1.05 * np.max(theirs)
    model = ours[0]
    assert model.cluster_centers_.dtype == dtype
    assert model.n_steps_ > 1
    assert model.n_iter_ >= 1
    np.testing.assert_array_equal(model.predict(x), model.labels_)
    assert -model.score(x) == pytest.approx(model.inertia_)


def test_the_same_bits_for_any_number_of_threads():
    x = cloud(dtype=np.float32)
    one, three = (MiniBatchKMeans(9, random_state=3, n_jobs=n).fit(x) for n in (1, 3))
    np.testing.assert_array_equal(one.cluster_centers_, three.cluster_centers_)
    np.testing.assert_array_equal(one.labels_, three.labels_)


def test_parts_one_after_another():
    x = cloud()
    model = MiniBatchKMeans(5, random_state=0)
    for part in np.array_split(x, 20):
        assert model.partial_fit(part) is model
    assert model.n_steps_ == 20
    assert model.counts_.sum() == len(x)
    assert -model.score(x) < 1.2 * KMeans(5, n_init=5, random_state=0).fit(x).inertia_
    with pytest.raises(ValueError, match="expecting 6 features"):
        model.partial_fit(x[:, :4])
    with pytest.raises(ValueError, match="n_samples=3"):
        MiniBatchKMeans(5).partial_fit(x[:3])


def test_weights_and_starts_of_ones_own():
    x = cloud(2000)
    weight = np.zeros(2000)
    weight[:50] = 1
    model = MiniBatchKMeans(3, init=x[:3], random_state=0).fit(x, sample_weight=weight)
    assert model.counts_.sum() < 2000 * model.n_steps_
    MiniBatchKMeans(3, init=lambda X, k, random_state: X[:k]).fit(x)
    assert MiniBatchKMeans(3, max_no_improvement=None, max_iter=2, batch_size=100).fit(x).n_steps_ == 40


@pytest.mark.filterwarnings("ignore:.*found no row:UserWarning", "ignore:.*BaseEstimator:UserWarning")
def test_scikit_learns_own_checks():
    from sklearn.utils.estimator_checks import check_estimator

    # Draws follow the order of the rows; scikit-learn excepts its own as well.
    excepted = {"check_sample_weight_equivalence_on_dense_data": "other draws for other rows"}
    failed = [
        f"{result['check_name']}: {result['exception']}"
        for result in check_estimator(
            MiniBatchKMeans(n_jobs=1), on_fail=None, on_skip=None, expected_failed_checks=excepted
        )
        if result["status"] == "failed"
    ]
    assert not failed, "\n".join(failed)


def test_what_is_not_allowed():
    x = cloud(20)
    for options, message in (
        ({"n_clusters": 21}, "n_samples=20"),
        ({"batch_size": 0}, "batch_size"),
        ({"reassignment_ratio": 2}, "reassignment_ratio"),
        ({"init": "magic"}, "init"),
        ({"init": x[:3]}, "init"),
    ):
        with pytest.raises(ValueError, match=message):
            MiniBatchKMeans(**options).fit(x)
    x[2, 3] = np.nan
    with pytest.raises(ValueError, match="NaN in row 2 of column 3"):
        MiniBatchKMeans(2).fit(x)
