"""What every model does, whatever it has learned: one contract for all."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from clarion import ClarionError, recommend
from clarion.recommend import (
    BPR,
    EASE,
    SLIM,
    ExplicitMF,
    GraphFilter,
    ImplicitALS,
    Interactions,
    ItemKNN,
    Popular,
    Random,
    RP3beta,
    UserKNN,
)
from scipy import sparse

# Small settings of every model.
MODELS = {
    "BPR": BPR(factors=8, max_iter=30, candidates=4),
    "EASE": EASE(regularization=5),
    "ExplicitMF": ExplicitMF(factors=8, max_iter=4),
    "GraphFilter": GraphFilter(),
    "ImplicitALS": ImplicitALS(factors=8, max_iter=4),
    "ItemKNN": ItemKNN(k=12, shrinkage=2),
    "Popular": Popular(),
    "RP3beta": RP3beta(k=20),
    "Random": Random(),
    "SLIM": SLIM(l1_reg=0.1, l2_reg=2),
    "UserKNN": UserKNN(k=15, similarity="tfidf"),
}


def drawn(users=90, items=50, density=0.15, seed=1):
    random = np.random.default_rng(seed)
    return sparse.random(
        users, items, density, "csr", dtype=np.float32, rng=random, data_rvs=lambda n: np.ones(n)
    )


def named(matrix):
    coo = matrix.tocoo()
    return Interactions.from_arrays([f"u{u:03}" for u in coo.row], [f"i{i:03}" for i in coo.col])


def fresh(name):
    return type(MODELS[name])(**MODELS[name].get_params())


def weights_of(model):
    """Dense, written out where they are not."""
    if (walks := model._walks()) is not None:
        rows, terms = walks[0].toarray().astype(float), walks[1]
        once = rows.T @ rows
        return sum(term * np.linalg.matrix_power(once, n + 1) for n, term in enumerate(terms))
    if model.weights_ is None:
        return None
    dense = model.weights_ if isinstance(model.weights_, np.ndarray) else model.weights_.toarray()
    return dense.astype(float)


def scores_of(model):
    """Users x items, from the parts of the model."""
    scores = np.zeros(model.interactions_.shape)
    if model.user_factors_ is not None:
        scores += model.user_factors_.astype(float) @ model.item_factors_.astype(float).T
    weights = weights_of(model)
    if weights is not None:
        offsets, index, value = model._history()
        history = sparse.csr_matrix(
            (np.ones(len(index)) if value is None else value, index.astype(int), offsets.astype(int)),
            shape=(len(offsets) - 1, len(weights)),
        )
        scores += history.toarray() @ weights
    return scores


@pytest.fixture(scope="module")
def data():
    return named(drawn())


@pytest.fixture(scope="module", params=list(MODELS))
def model(request, data):
    return fresh(request.param).fit(data)


def test_every_model_is_here():
    known = {
        name
        for name in recommend.__all__
        if isinstance(getattr(recommend, name), type)
        and issubclass(getattr(recommend, name), recommend.Recommender)
    }
    assert known - {"Recommender"} == set(MODELS)


def test_lists_are_those_of_every_score(model, data):
    scores = scores_of(model)
    seen = data.to_csr().toarray() > 0
    scores[seen] = -np.inf
    found = model.recommend(k=12)
    assert (found.lengths > 0).all()
    for user in range(data.n_users):
        length = found.lengths[user]
        np.testing.assert_allclose(
            found.scores[user, :length], np.sort(scores[user])[::-1][:length], rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            scores[user, found.numbers[user, :length]], found.scores[user, :length], rtol=1e-4, atol=1e-5
        )
        assert not seen[user, found.numbers[user, :length]].any()


def test_scores_of_pairs(model, data):
    scores = scores_of(model)
    users, items = [5, 3, 3, 80], [7, 0, 49, 20]
    got = model.score(data.users[users], data.items[items])
    np.testing.assert_allclose(got, scores[users, items], rtol=1e-4, atol=1e-5)
    assert np.isnan(model.score(["u001", "nobody"], ["nothing", "i001"])).all()


def test_filters(model, data):
    mask = np.arange(data.n_items) % 3 > 0
    user, others = data.users[4], data.users[[7, 9]]
    found = model.recommend(
        [user, *others], k=30, mask=mask, allow={user: data.items[10:30]}, deny={others[0]: data.items[:20]}
    )
    used = found.numbers[found.numbers >= 0]
    assert mask[used].all()
    assert ((found.numbers[0] < 0) | ((found.numbers[0] >= 10) & (found.numbers[0] < 30))).all()
    assert ((found.numbers[1] < 0) | (found.numbers[1] >= 20)).all()
    grouped = model.recommend(k=30, groups=[f"g{i % 5}" for i in range(data.n_items)], group_quota=2)
    for row, length in zip(grouped.numbers, grouped.lengths, strict=True):
        assert np.bincount(row[:length] % 5).max() <= 2


def test_the_same_for_any_number_of_threads(model, data):
    found = model.recommend(k=9)
    for n_jobs in (1, 3):
        again = fresh(type(model).__name__).set_params(n_jobs=n_jobs).fit(data).recommend(k=9)
        np.testing.assert_array_equal(again.numbers, found.numbers)
        np.testing.assert_array_equal(again.scores, found.scores)


def test_users_of_the_fit_folded_in_are_like_themselves(model, data):
    part = data.to_csr()[:20]
    strangers = model.fold_in(
        Interactions.from_csr(part, users=[f"new{u}" for u in range(20)], items=data.items)
    )
    assert strangers.interactions_.users[0] == "new0"
    assert model.interactions_.n_users == data.n_users
    found, theirs = strangers.recommend(k=10), model.recommend(data.users[:20], k=10)
    shared = [
        len(set(a[a >= 0]) & set(b[b >= 0])) / max(1, (b >= 0).sum())
        for a, b in zip(found.numbers, theirs.numbers, strict=True)
    ]
    assert np.mean(shared) > 0.6
    by_matrix = model.fold_in(part).recommend(k=10)
    np.testing.assert_array_equal(by_matrix.numbers, found.numbers)


def test_similar_ones(model, data):
    for similar, ids in ((model.similar_items, data.items), (model.similar_users, data.users)):
        found = similar(ids[:5], k=6)
        assert found.ids.tolist() == ids[:5].tolist()
        for row, own in enumerate(ids[:5]):
            neighbors = found.neighbors[row].compressed().tolist()
            assert own not in neighbors
            assert len(set(neighbors)) == found.lengths[row]
            got = found.scores[row, : found.lengths[row]]
            assert (np.diff(got) <= 0).all()
        with pytest.raises(ValueError, match="nobody"):
            similar(["nobody"])
        assert len(similar(["nobody", ids[1]], unknown="skip")) == 1


def test_an_explanation_sums_to_the_score(model, data):
    found = model.recommend([data.users[3]], k=3)
    for item, score in zip(found.items[0].compressed(), found.scores[0], strict=False):
        explained = model.explain(data.users[3], item)
        assert explained.score == pytest.approx(score, rel=1e-4, abs=1e-6)
        assert explained.contributions.sum() + explained.rest == pytest.approx(explained.score, rel=1e-9)
        assert explained.to_frame().shape[0] == len(explained.causes)
    with pytest.raises(ValueError, match="nobody"):
        model.explain("nobody", data.items[0])


@pytest.mark.parametrize("name", MODELS)
def test_hard_data(name):
    for matrix in (
        sparse.csr_matrix((4, 5), dtype=np.float32),
        sparse.csr_matrix(np.ones((1, 1), np.float32)),
        sparse.csr_matrix(([1.0], ([2], [3])), shape=(4, 6)),
        sparse.csr_matrix(np.ones((6, 4), np.float32)),
        sparse.csr_matrix(np.tile([1, 0, 1, 0, 1], (8, 1)).astype(np.float32)),
        sparse.vstack(
            [sparse.csr_matrix((1, 50)), drawn(20, 50), sparse.csr_matrix(np.ones((1, 50)))]
        ).tocsr(),
    ):
        model = fresh(name).fit(matrix)
        found = model.recommend(k=1000)
        seen = matrix.toarray() > 0
        for user in range(matrix.shape[0]):
            used = found.numbers[user, : found.lengths[user]]
            assert not seen[user, used].any()
            assert np.isfinite(found.scores[user, : found.lengths[user]]).all()
        # Who has seen everything gets nothing.
        assert (found.lengths[seen.all(1)] == 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_what_is_not_allowed(name, data):
    with pytest.raises(ValueError, match="call fit first"):
        fresh(name).recommend()
    with pytest.raises(TypeError, match="ndarray"):
        fresh(name).fit(np.ones((3, 3)))
    model = fresh(name).fit(data)
    with pytest.raises(ValueError, match="nobody"):
        model.recommend(["nobody"])
    assert len(model.recommend(["nobody"], unknown="skip")) == 0
    with pytest.raises(ValueError, match="k: 0"):
        model.recommend(k=0)
    with pytest.raises(ValueError, match="columns"):
        model.fold_in(sparse.csr_matrix((2, 3)))
    with pytest.raises(ValueError, match="not an option"):
        model.set_params(magic=1)


# Fits of more than a moment, and of more than 100 MB where a model can be made to take as much.
LARGE = {
    "BPR": BPR(factors=512, max_iter=1),
    "EASE": EASE(),
    "EASE of neighbours": EASE(max_neighbors=200),
    "ExplicitMF": ExplicitMF(factors=512, max_iter=1),
    "GraphFilter": GraphFilter(),
    "ImplicitALS": ImplicitALS(factors=512, max_iter=1),
    "ItemKNN": ItemKNN(k=2000),
    "ItemKNN by target": ItemKNN(k=2000, similarity="bm25", by_target=True),
    "Popular": Popular(),
    "RP3beta": RP3beta(k=2000),
    "Random": Random(),
    "SLIM": SLIM(l1_reg=5, candidates=200),
    "UserKNN": UserKNN(k=500),
}

PEAK = """
import ctypes, gc, re, sys
from pathlib import Path
import scipy.sparse
from clarion import recommend

def memory(what):
    return int(re.search(what + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

model = eval(sys.argv[2], vars(recommend))
# What a first call loads and lays out once is none of the fit's.
type(model)(**{**model.get_params()}).fit(scipy.sparse.identity(20, "float32", "csr"))
data = recommend.Interactions.from_csr(scipy.sparse.load_npz(sys.argv[1]))
gc.collect()
ctypes.CDLL(None).malloc_trim(0)
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
model.fit(data)
print(memory("VmHWM") - before, model.memory_bytes(data))
"""


@pytest.mark.parametrize("name", MODELS)
def test_memory_is_known_before_a_fit(name):
    model = fresh(name)
    small, more_users, more_items = (
        model.memory_bytes(drawn(*shape)) for shape in ((50, 40), (5000, 40), (50, 4000))
    )
    assert 0 < small < min(more_users, more_items)
    assert model.memory_bytes(named(drawn(50, 40))) == pytest.approx(small, rel=0.2)
    assert not hasattr(model, "interactions_")
    if name not in ("Popular", "Random"):
        assert model.memory_bytes(drawn(500, 400, 0.9)) > model.memory_bytes(drawn(500, 400, 0.1))


def test_segments_take_memory_of_their_own(data):
    segments = np.arange(data.n_users) % 7
    assert Popular().memory_bytes(data, segments) == pytest.approx(8 * Popular().memory_bytes(data))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A million interactions of 20,000 users and 5,000 items."""
    path = tmp_path_factory.mktemp("large") / "drawn.npz"
    matrix = drawn(20_000, 5_000, 0.01)
    sparse.save_npz(path, matrix, compressed=False)
    return path, matrix


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_fit_takes_what_was_said(name, large):
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the peak of a process is read from /proc")
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, large[0], repr(LARGE[name])], capture_output=True, text=True, check=True
    )
    peak, estimate = map(float, ran.stdout.split())
    assert peak < 1.3 * estimate + 50e6
    if estimate > 100e6:
        assert peak > estimate / 4


def test_what_memory_cannot_hold_is_refused():
    wide = sparse.csr_matrix((np.ones(2, np.float32), [0, 3_999_999], [0, 1, 2]), shape=(2, 4_000_000))
    data = Interactions.from_csr(wide)
    for model in (
        EASE(),
        ItemKNN(k=4_000_000),
        SLIM(candidates=4_000_000),
        ImplicitALS(factors=4096, n_jobs=10_000),
    ):
        assert model.memory_bytes(data) > 1e13 or isinstance(model, ImplicitALS)
        with pytest.raises(
            ClarionError, match=r"takes .* GiB, more than the .* GiB that this process may use; "
        ):
            model.fit(data)
        assert not hasattr(model, "interactions_")


@pytest.mark.parametrize("name", MODELS)
def test_progress_never_runs_backwards(name):
    told = []
    fresh(name).fit(drawn(2000, 400, 0.1), progress=told.append)
    assert all(0 <= fraction <= 1 for fraction in told)
    assert told == sorted(told)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_an_interrupt_ends_a_fit_early(name, large):
    model = type(LARGE[name])(**LARGE[name].get_params())
    data = Interactions.from_csr(large[1])
    begun = time.perf_counter()
    model.fit(data)
    whole = time.perf_counter() - begun
    stopped = type(model)(**model.get_params())
    begun = time.perf_counter()

    def stop(_):
        if time.perf_counter() - begun > min(0.1, whole / 8):
            raise KeyboardInterrupt

    if whole < 0.8:  # progress is told ten times a second
        return
    with pytest.raises(KeyboardInterrupt):
        stopped.fit(data, progress=stop)
    assert time.perf_counter() - begun < whole / 2
    assert not hasattr(stopped, "interactions_")


@pytest.mark.parametrize("name", MODELS)
def test_very_large_weights_are_learned_from_or_refused_with_a_reason(name):
    matrix = drawn()
    matrix.data[:] = 1e20
    try:
        found = fresh(name).fit(matrix).recommend(k=5)
    except ClarionError as wrong:
        assert "smaller" in str(wrong)
    else:
        assert found.lengths.all()
        assert np.isfinite(
            found.scores.compressed() if np.ma.isMaskedArray(found.scores) else found.scores
        ).all()


@pytest.mark.parametrize("name", MODELS)
def test_weights_that_are_none_are_set_aside(name):
    matrix = drawn(60, 40)
    entries = matrix.tocoo()
    for bad in (np.nan, np.inf, -1, 0):
        values = entries.data.copy()
        values[::10] = bad
        data = Interactions.from_arrays(entries.row, entries.col, values)
        assert data.report.set_aside == len(values[::10])
        with_bad = fresh(name).fit(sparse.csr_matrix((values, (entries.row, entries.col)), shape=(60, 40)))
        without = fresh(name).fit(
            sparse.csr_matrix(
                (
                    np.delete(entries.data, slice(None, None, 10)),
                    (
                        np.delete(entries.row, slice(None, None, 10)),
                        np.delete(entries.col, slice(None, None, 10)),
                    ),
                ),
                shape=(60, 40),
            )
        )
        report = with_bad.interactions_.report
        assert report.set_aside == sum(report.by_reason.values()) == len(values[::10])
        found, expected = with_bad.recommend(k=5), without.recommend(k=5)
        np.testing.assert_array_equal(found.numbers, expected.numbers)
        np.testing.assert_array_equal(found.scores, expected.scores)


@pytest.mark.parametrize("name", MODELS)
def test_an_interrupt_leaves_the_model_as_it_was(name):
    model = fresh(name)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(drawn(3000, 500, 0.05), progress=stop)
    assert not hasattr(model, "interactions_")
    assert model.user_factors_ is None and model.weights_ is None


def test_a_copy_has_the_options(model):
    assert fresh(type(model).__name__).get_params() == model.get_params()
    assert type(model).__name__ in repr(model)


def test_a_saved_model_is_the_same(model, data, tmp_path):
    model.save(tmp_path / "model")
    found = model.recommend(k=8)
    for load in (type(model).load, recommend.Recommender.load):
        again = load(tmp_path / "model")
        assert type(again) is type(model)
        assert again.get_params() == model.get_params()
        assert again.interactions_.users.tolist() == data.users.tolist()
        theirs = again.recommend(k=8)
        np.testing.assert_array_equal(theirs.numbers, found.numbers)
        np.testing.assert_array_equal(theirs.scores, found.scores)
        folded = again.fold_in(data.to_csr()[:5]).recommend(k=4)
        np.testing.assert_array_equal(folded.numbers, model.fold_in(data.to_csr()[:5]).recommend(k=4).numbers)
        item = found.items[3, 0]
        assert again.explain(data.users[3], item).score == model.explain(data.users[3], item).score
    other = next(kind for kind in MODELS if kind != type(model).__name__)
    with pytest.raises(ClarionError, match=r"kind|model"):
        type(MODELS[other]).load(tmp_path / "model")


def test_a_folder_that_was_altered_is_refused(model, tmp_path):
    from clarion._model_folder import load_folder, save_folder

    model.save(tmp_path / "model")
    kind = type(model).__name__.lower()
    metadata, arrays = load_folder(tmp_path / "model", kind)
    # Whole arrays with checksums of their own, that do not fit together.
    for name in [name for name in arrays if not name.startswith("interactions_") and len(arrays[name]) > 1]:
        save_folder(tmp_path / "wrong", kind, metadata, {**arrays, name: arrays[name][:-1]})
        if name in ("loss", "segments_offsets"):
            continue
        with pytest.raises(ClarionError):
            type(model).load(tmp_path / "wrong").recommend()
    for key in ("model", "options", "fitted", "interactions"):
        save_folder(tmp_path / "wrong", kind, {**metadata, key: "os.system"}, arrays)
        with pytest.raises(ClarionError):
            type(model).load(tmp_path / "wrong")
    with (tmp_path / "model" / "model.json").open("a") as file:
        file.write(" ")
    with pytest.raises(ClarionError, match=r"model\.json"):
        type(model).load(tmp_path / "model")
