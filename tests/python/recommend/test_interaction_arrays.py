"""Interactions on disk come back as they were, or not at all."""

import datetime
import os

import numpy as np
import pandas as pd
import pytest
from clarion import ClarionError
from clarion._model_folder import load_folder, save_folder
from clarion.recommend import Interactions
from scipy.sparse import csr_matrix


def check_same(a, b):
    assert a.shape == b.shape
    assert list(a.users) == list(b.users) and list(a.items) == list(b.items)
    assert (a.to_csr() != b.to_csr()).nnz == 0
    assert (a.times is None) == (b.times is None)
    if a.times is not None:
        assert a.times.dtype == b.times.dtype
        np.testing.assert_array_equal(a.times, b.times)
    for ours, theirs in zip(a._matrix.by_item(), b._matrix.by_item(), strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_array_equal(ours, theirs)
    assert a.report == b.report


OPTIONS = {
    "event_weights": {"view": 1, "cart": 3.5, "purchase": np.float32(5)},
    "half_life": 90,
    "reference": datetime.date(2026, 1, 1),
    "duplicates": "max",
}


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "options"])
def test_what_was_saved_is_loaded(events, tmp_path, texts, options):
    events["weight"] = np.where(np.arange(len(events)) % 100 == 3, -1, events["weight"])
    if texts:
        events["user"] = "naïve " + events["user"].astype(str)
    columns = {"weight": "weight", "time": "time", "event": "event" if options else None}
    data = Interactions.from_frame(events, **columns, **options)
    assert data.report.set_aside > 0
    data.save(tmp_path / "data")
    again = Interactions.load(tmp_path / "data")
    check_same(data, again)
    # It goes on as the first one would: the same columns, options and ageing.
    more = events.head(50).assign(time=events["time"].head(50) + pd.Timedelta(days=900), item=4)
    check_same(data.append(more), again.append(more))
    assert type(again.to_frame()) is type(data.to_frame())
    again.save(tmp_path / "data")
    check_same(Interactions.load(tmp_path / "data", n_jobs=1), data)
    assert os.listdir(tmp_path) == ["data"]


@pytest.mark.parametrize(
    "matrix",
    [csr_matrix((0, 0)), csr_matrix((3, 4)), csr_matrix(np.eye(1)), csr_matrix(np.ones((5, 2)))],
    ids=["nothing", "no entry", "one", "all alike"],
)
def test_small_ones(tmp_path, matrix):
    data = Interactions.from_csr(matrix)
    data.save(tmp_path / "data")
    check_same(data, Interactions.load(tmp_path / "data"))


def test_many_faults_are_kept_to_the_first(tmp_path):
    data = Interactions.from_arrays(
        np.arange(500), np.arange(500), np.where(np.arange(500) % 2, -1.0, 1.0), report_rows=500
    )
    assert len(data.report.faults) == 250
    data.save(tmp_path / "data")
    again = Interactions.load(tmp_path / "data")
    assert again.report.faults == data.report.faults[:100]
    assert again.report.by_reason == data.report.by_reason


def test_beside_a_model(events, tmp_path):
    """A model keeps the interactions that it learned from in its own folder."""
    data = Interactions.from_frame(events, time="time")
    metadata, arrays = data._stored("train_")
    assert all(name.startswith("train_") for name in arrays)
    save_folder(tmp_path / "model", "example", {"train": metadata}, {**arrays, "factors": np.ones((2, 3))})
    metadata, arrays = load_folder(tmp_path / "model", "example")
    check_same(data, Interactions._restored(metadata["train"], arrays, "train_"))


def test_altered_folders_are_refused(events, tmp_path):
    data = Interactions.from_frame(events)
    data.save(tmp_path / "data")
    path = tmp_path / "data" / "index.npy"
    good = path.read_bytes()
    path.write_bytes(good[:-4])
    with pytest.raises(ClarionError, match=r"index\.npy: it has \d+ bytes and model\.json says"):
        Interactions.load(tmp_path / "data")
    path.write_bytes(good[:-1] + b"\x01")
    with pytest.raises(ClarionError, match=r"index\.npy: its SHA-256 is not the one in model\.json"):
        Interactions.load(tmp_path / "data")
    # With checksums that are right the arrays are still not believed.
    metadata, arrays = data._stored()
    wrong = arrays["index"].copy()
    wrong[-1] = 10_000
    save_folder(tmp_path / "data", "interactions", metadata, {**arrays, "index": wrong})
    with pytest.raises(ClarionError, match=r"data: array index: its matrix: column 10000 in row \d+"):
        Interactions.load(tmp_path / "data")
    save_folder(tmp_path / "data", "other", metadata, arrays)
    with pytest.raises(ClarionError, match="it holds a model of kind other, not interactions"):
        Interactions.load(tmp_path / "data")


@pytest.mark.parametrize(
    "metadata",
    [
        {"report": 3},
        {"report": {"faults": [], "rows": 1}},
        {"report": {"faults": [["x", "y", "z"]]}},
        {"columns": []},
        {"options": {"reference": "soon"}},
        {"options": 7},
    ],
    ids=str,
)
def test_metadata_is_not_believed(events, tmp_path, metadata):
    _, arrays = Interactions.from_frame(events)._stored()
    save_folder(tmp_path / "data", "interactions", metadata, arrays)
    with pytest.raises(ClarionError, match="data: metadata of interactions"):
        Interactions.load(tmp_path / "data")


def test_what_a_program_in_cpp_wrote_has_no_metadata(events, tmp_path):
    data = Interactions.from_frame(events)
    save_folder(tmp_path / "data", "interactions", {}, data._stored()[1])
    assert Interactions.load(tmp_path / "data").shape == data.shape
