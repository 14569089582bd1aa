import numpy as np
import pandas as pd
import pytest
from clarion.segment import adjusted_rand, stability
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), min_size=1, max_size=50))
@settings(max_examples=150, deadline=None)
def test_the_index_is_that_of_scikit_learn(pairs):
    a, b = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert adjusted_rand(a, b) == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)


def test_the_index_of_many_rows():
    random = np.random.default_rng(0)
    a, b = random.integers(0, 300, 200_000), random.integers(0, 40, 200_000)
    b[:100_000] = a[:100_000] % 40
    assert adjusted_rand(a, b) == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)


def apart(rows=150):
    return make_blobs(rows, centers=[[0, 0], [15, 0], [0, 15]], random_state=0)


def test_clusters_apart_are_stable_and_cuts_are_not():
    x, _ = apart()
    found = stability(x, KMeans(3, n_init=3), n_bootstraps=20)
    assert found.to_dict()["verdict"] == ["highly stable"] * 3
    assert found.rand == pytest.approx(1)
    cloud = np.random.default_rng(0).normal(size=(200, 2))
    cut = stability(cloud, KMeans(6, n_init=1), n_bootstraps=20)
    assert max(cut.table["jaccard"]) < 0.85


def test_similarities_are_those_of_a_plain_loop():
    x, labels = make_blobs(90, centers=4, cluster_std=3, random_state=1)
    seen = []

    def method(rows):
        found = KMeans(4, n_init=2, random_state=0).fit_predict(rows)
        # Which rows they are, by their values.
        seen.append(([int(np.flatnonzero((x == row).all(1))[0]) for row in rows], found))
        return found

    result = stability(x, labels, model=method, n_bootstraps=12)
    for b, (which, found) in enumerate(seen):
        for c in range(4):
            mine = {row for row in which if labels[row] == c}
            theirs = [{row for row, f in zip(which, found, strict=True) if f == g} for g in range(4)]
            best = max(len(mine & other) / len(mine | other) for other in theirs)
            assert result.jaccards[b, c] == pytest.approx(best)
    assert result.table["jaccard"] == pytest.approx(result.jaccards.mean(0))
    shares = [len(which) / 90 for which, _ in seen]
    assert np.mean(shares) == pytest.approx(1 - np.exp(-1), abs=0.03)


def test_models_labels_and_names():
    x, labels = apart()
    frame = pd.DataFrame(x, columns=["r", "m"])
    fitted = KMeans(3, n_init=2, random_state=5).fit(frame)
    found = stability(frame, fitted, n_bootstraps=5)
    assert found.table["size"] == np.bincount(fitted.labels_).tolist()
    # Fitted to other rows, as many: clustered anew.
    other = KMeans(3, n_init=2, random_state=5).fit(x[::-1])
    assert stability(x, other, n_bootstraps=5).to_dict()["verdict"] == ["highly stable"] * 3
    names = np.array(["Loyal", "New", "Lost"])[labels]
    found = stability(frame, names, n_bootstraps=5, random_state=2)
    assert found.to_frame()["cluster"].tolist() == ["Lost", "Loyal", "New"]
    assert found.sentences[0].startswith("Lost is highly stable")
    again = stability(frame, names, n_bootstraps=5, random_state=2, n_jobs=1)
    np.testing.assert_array_equal(again.jaccards, found.jaccards)
    stability(x, labels, model=AgglomerativeClustering(3), n_bootstraps=3)
    pytest.importorskip("matplotlib").use("agg")
    assert found.plot().get_title()
    assert "Lost" in found._repr_html_() and "Lost" in repr(found)


@pytest.mark.filterwarnings("ignore")
def test_hostile_input():
    x, labels = apart(30)
    same = stability(np.ones((12, 2)), np.zeros(12), n_bootstraps=3)
    assert same.table["jaccard"] == [1.0]
    few = stability(x[:3], [0, 1, 2], n_bootstraps=10)  # samples with fewer rows than clusters
    assert len(few.table) == 3
    with pytest.raises(ValueError, match="NaN of column 1"):
        stability(np.where(x == x[4, 1], np.nan, x), labels)
    with pytest.raises(ValueError, match="labels"):
        stability(x, labels[:-1])
    with pytest.raises(ValueError, match="n_bootstraps"):
        stability(x, labels, n_bootstraps=0)
    with pytest.raises(TypeError, match="model"):
        stability(x, labels, model=3)
    with pytest.raises(ValueError, match="b: 3"):
        adjusted_rand([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="missing"):
        adjusted_rand([1, None], [1, 2])
    assert adjusted_rand([1], ["a"]) == 1

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stability(x, labels, n_bootstraps=3, progress=interrupt)
