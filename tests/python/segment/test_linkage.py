import numpy as np
import pytest
from clarion import ClarionError, _core
from clarion.segment import Linkage, linkage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist

METHODS = ["ward", "average", "complete", "single"]


def clouds(n, columns=4, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, columns)) + random.integers(0, 4, n)[:, None] * 2
    again = random.random(n) < 0.1
    x[again] = x[random.integers(0, n, again.sum())]
    return x


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(2, 1), (40, 1), (300, 2), (700, 8), (200, 40)])
def test_trees_are_those_of_scipy(method, shape):
    x = clouds(*shape)
    ours, theirs = linkage(x, method).matrix, hierarchy.linkage(x, method)
    assert hierarchy.is_valid_linkage(ours)
    assert hierarchy.is_monotonic(ours)
    # SciPy's heights of equal points under Ward are rounding, ours 0.
    np.testing.assert_allclose(ours[:, 2], theirs[:, 2], rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(hierarchy.cophenet(ours), hierarchy.cophenet(theirs), rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_without_ties_the_matrix_is_that_of_scipy(method):
    x = np.random.default_rng(1).normal(size=(400, 3))
    np.testing.assert_allclose(linkage(x, method).matrix, hierarchy.linkage(x, method), rtol=1e-9)


@pytest.mark.parametrize("columns", [2, 30])
@pytest.mark.parametrize("method", METHODS)
def test_trees_of_many_rows_are_those_of_scipy(method, columns):
    x = clouds(
        8500 if method in ("ward", "single") else 3000, columns
    )  # boxes of boxes, and rounds by a team
    ours, theirs = linkage(x, method).heights, hierarchy.linkage(x, method)[:, 2]
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("method", ["average", "complete"])
def test_where_pairs_are_few_chains_find_them(method):
    random = np.random.default_rng(4)
    for x in (np.arange(1500.0)[:, None] ** 2, random.normal(size=(1500, 6)) * random.pareto(1, (1500, 1))):
        ours, theirs = linkage(x, method), hierarchy.linkage(x, method)
        np.testing.assert_allclose(ours.matrix, theirs, rtol=1e-9)
        np.testing.assert_array_equal(linkage(x, method, n_jobs=1).matrix, ours.matrix)


def test_ward_of_iris():
    iris = pytest.importorskip("sklearn.datasets").load_iris().data
    tree = linkage(iris, "ward")
    np.testing.assert_allclose(tree.heights[-3:], [6.399407, 12.300396, 32.447607], atol=5e-7)
    assert sorted(np.bincount(tree.cut(3))) == sorted(
        np.bincount(hierarchy.fcluster(hierarchy.ward(iris), 3, "maxclust"))[1:]
    )


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        float, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=st.integers(-3, 3).map(float)
    ),
    st.sampled_from(METHODS),
)
def test_ties_and_duplicates(x, method):
    tree = linkage(x, method)
    n = len(x)
    if n == 1:
        assert tree.matrix.shape == (0, 4)
        return
    assert hierarchy.is_valid_linkage(tree.matrix)
    assert hierarchy.is_monotonic(tree.matrix)
    if method == "single":
        np.testing.assert_allclose(tree.heights, hierarchy.linkage(x, method)[:, 2])
    # A cluster's height is what its method says of its two parts.
    parts = {i: [i] for i in range(n)}
    for i, (left, right, height, size) in enumerate(tree.matrix):
        a, b = x[parts[int(left)]], x[parts[int(right)]]
        apart = np.linalg.norm(a[:, None] - b[None], axis=2)
        means = np.linalg.norm(a.mean(0) - b.mean(0))
        want = {
            "ward": np.sqrt(2 * len(a) * len(b) / (len(a) + len(b))) * means,
            "average": apart.mean(),
            "complete": apart.max(),
            "single": apart.min(),
        }[method]
        np.testing.assert_allclose(height, want, rtol=1e-9, atol=1e-12)
        parts[n + i] = parts[int(left)] + parts[int(right)]
        assert len(parts[n + i]) == size
    assert sorted(tree.leaves()) == list(range(n))
    for k in {1, (n + 1) // 2, n}:
        labels = tree.cut(k)
        assert len(set(labels)) == k
        first = [int(np.flatnonzero(labels == label)[0]) for label in range(k)]
        assert first == sorted(first)


@pytest.mark.parametrize("method", METHODS)
def test_cuts_are_those_of_scipy(method):
    x = np.random.default_rng(2).normal(size=(300, 3))
    tree = linkage(x, method)
    for k in (1, 2, 7, 300):
        theirs = hierarchy.fcluster(tree.matrix, k, "maxclust")
        ours = tree.cut(k)
        assert len({*zip(ours, theirs, strict=True)}) == len(set(ours)) == len(set(theirs))
    height = tree.heights[200]
    theirs = hierarchy.fcluster(tree.matrix, height, "distance")
    assert len({*zip(tree.cut(height=height), theirs, strict=True)}) == len(set(theirs))
    order = hierarchy.leaves_list(tree.matrix)
    np.testing.assert_array_equal(tree.leaves(), order)


@pytest.mark.parametrize("method", METHODS)
def test_cophenetic_correlation_is_that_of_scipy(method):
    x = clouds(400, 3, seed=3)
    tree = linkage(x, method)
    want = hierarchy.cophenet(tree.matrix, pdist(x))[0]
    assert tree.cophenetic_correlation(x) == pytest.approx(want, rel=1e-9)


def test_the_same_bits_for_any_number_of_threads():
    x = clouds(3000, 6)
    for method in METHODS:
        want = linkage(x, method, n_jobs=1).matrix
        np.testing.assert_array_equal(linkage(x, method, n_jobs=2).matrix, want)
        np.testing.assert_array_equal(linkage(x, method, n_jobs=5).matrix, want)


def test_frames_of_any_kind():
    pandas, polars, pyarrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    x = clouds(50, 3)
    columns = {"recency": x[:, 0], "frequency": x[:, 1], "monetary": x[:, 2]}
    want = linkage(x).matrix
    for frame in (pandas.DataFrame(columns), polars.DataFrame(columns), pyarrow.table(columns), columns):
        tree = linkage(frame)
        np.testing.assert_array_equal(tree.matrix, want)
    assert isinstance(linkage(polars.DataFrame(columns)).to_frame(), polars.DataFrame)
    np.testing.assert_array_equal(linkage(x.tolist()).matrix, want)
    np.testing.assert_array_equal(linkage(np.asfortranarray(x)).matrix, want)
    narrow = x.astype(np.float32)
    np.testing.assert_array_equal(linkage(narrow).matrix, linkage(narrow.astype(float)).matrix)
    whole = pandas.DataFrame({"a": [1, 2, 9], "b": [True, False, True]})
    assert linkage(whole).n == 3


def test_what_is_not_finite_is_named():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"recency": [1.0, 2.0, 3.0], "monetary": [1.0, np.nan, np.nan]})
    with pytest.raises(ValueError, match=r"NaN in column 'monetary', row 1.*2 such rows"):
        linkage(frame)
    with pytest.raises(ValueError, match=r"NaN in column 'monetary'"):
        linkage({"recency": [1.0, 2.0], "monetary": [1.0, None]})
    with pytest.raises(ValueError, match="infinity in column 1, row 0"):
        linkage([[1.0, np.inf]])
    with pytest.raises(TypeError, match="column 'city'"):
        linkage(pandas.DataFrame({"city": ["Rome", "Oslo"]}))
    for wrong in ([1.0, 2.0], np.zeros((3, 0)), np.zeros((0, 3)), np.zeros((2, 2, 2))):
        with pytest.raises(ValueError, match="X"):
            linkage(wrong)
    with pytest.raises(ValueError, match="method"):
        linkage([[1.0], [2.0]], "centroid")
    with pytest.raises(ValueError, match="n_jobs"):
        linkage([[1.0], [2.0]], n_jobs=0)


def test_distances_beyond_memory_are_refused_with_a_way_out():
    with pytest.raises(ClarionError, match="use method ward or single"):
        linkage(np.arange(2_000_000.0)[:, None], "average")
    assert _core.linkage_memory(2_000_000, 1, {"method": "ward"}) < 1e9


@pytest.mark.parametrize("method", METHODS)
def test_progress_ascends_and_stops(method):
    x = np.random.default_rng(0).normal(size=(4000 if method in ("average", "complete") else 40_000, 4))
    seen = []
    linkage(x[:4000], method, progress=seen.append)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        linkage(x, method, progress=stop)


def test_a_tree_is_a_result():
    x = clouds(200, 2)
    tree = linkage(x, "average")
    frame = tree.to_frame("pyarrow")
    assert frame.column_names == ["cluster", "left", "right", "height", "points"]
    assert frame["cluster"].to_pylist() == list(range(200, 399))
    assert tree.to_dict()["height"] == tree.heights.tolist()
    assert repr(tree).startswith("Linkage(average, 200 rows, top height")
    assert "<table>" in tree._repr_html_()
    with pytest.raises(AttributeError):
        tree.method = "ward"
    with pytest.raises(ValueError, match="one of the two"):
        tree.cut()
    with pytest.raises(ValueError, match="one of the two"):
        tree.cut(3, height=2)
    for k in (0, -1, 201):
        with pytest.raises(ValueError, match="n_clusters"):
            tree.cut(k)
    assert Linkage(hierarchy.linkage(x, "average"), "average").cut(4).max() == 3


def test_the_last_merges_are_drawn():
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    tree = linkage(clouds(5000, 2))
    axes = tree.plot(12)
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert len(names) == 13
    assert (
        sum(int(name.strip("()").replace(",", "")) for name in names if name.startswith("("))
        + sum(not name.startswith("(") for name in names)
        == 5000
    )
    small = linkage([[0.0], [1.0], [5.0]])
    axes = small.plot(ax=pyplot.figure().add_subplot())
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "0", "1"]
    assert linkage([[1.0]]).plot().get_title() == "ward linkage of 1 rows"
    with pytest.raises(ValueError, match="p:"):
        tree.plot(0)
    pyplot.close("all")


def test_options_are_those_of_the_core():
    assert [(name, default) for name, default, *_ in _core.linkage_options()] == [("method", "ward")]
