"""Models on disk: what numpy and hashlib make of them, hostile folders, and disks that fail."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from clarion import ClarionError
from clarion._model_folder import load_folder, save_folder, text_arrays, texts_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DTYPES = ["?", "u1", "<i4", "<u4", "<f4", "<i8", "<u8", "<f8"]
ARRAYS = {
    "item_factors": np.arange(12, dtype=np.float32).reshape(4, 3),
    "loss": np.array([2.5, 1.25]),
    "seen": np.array([True, False, True]),
}
METADATA = {"factors": 3, "options": {"regularization": 0.003, "solver": "auto", "mask": None}, "seed": 2**63}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    save_folder(path, "example", METADATA, ARRAYS)
    return path


def test_what_was_saved_is_loaded(folder):
    metadata, arrays = load_folder(folder, "example")
    assert metadata == METADATA
    assert sorted(arrays) == sorted(ARRAYS)
    for name, values in ARRAYS.items():
        assert arrays[name].dtype == values.dtype
        np.testing.assert_array_equal(arrays[name], values)
        with pytest.raises(ValueError, match="read-only"):
            arrays[name][0] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            arrays[name].flags.writeable = True
    assert sorted(os.listdir(folder.parent)) == ["model"]


def test_numpy_reads_each_array_and_hashlib_gives_the_same_checksums(folder):
    described = json.loads((folder / "model.json").read_text())
    assert sorted(described["arrays"]) == sorted(ARRAYS)
    for name, said in described["arrays"].items():
        path = folder / said["file"]
        found = np.load(path, mmap_mode="r", allow_pickle=False)
        np.testing.assert_array_equal(found, ARRAYS[name])
        assert list(found.shape) == said["shape"] and found.dtype == np.dtype(said["dtype"])
        assert said["bytes"] == path.stat().st_size
        assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        written = folder.parent / "numpy.npy"
        np.save(written, ARRAYS[name])
        assert written.read_bytes() == path.read_bytes()
    text = (folder / "model.json").read_bytes()
    assert described["sha256"] == hashlib.sha256(text[15 + 64 :]).hexdigest()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(0, 5), max_size=8),
    st.sampled_from("CF"),
    st.binary(min_size=8, max_size=8),
)
def test_any_shape_of_any_type(tmp_path, dtype, shape, order, seed):
    random = np.random.default_rng(int.from_bytes(seed, "little"))
    values = np.asarray(random.integers(0, 2 if dtype == "?" else 200, shape), dtype=dtype, order=order)
    save_folder(
        tmp_path / "model", "example", {}, {"a": values, "twice": values[..., ::2] if shape else values}
    )
    _, arrays = load_folder(tmp_path / "model")
    np.testing.assert_array_equal(arrays["a"], values)
    assert arrays["a"].shape == values.shape and arrays["a"].dtype == values.dtype
    np.testing.assert_array_equal(arrays["twice"], values[..., ::2] if shape else values)
    np.testing.assert_array_equal(
        np.load(tmp_path / "model" / "a.npy", mmap_mode="r", allow_pickle=False), values
    )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_any_metadata(tmp_path, metadata):
    save_folder(tmp_path / "model", "example", metadata, {})
    assert load_folder(tmp_path / "model", "example") == (metadata, {})


def test_numbers_of_numpy_are_metadata(tmp_path):
    save_folder(
        tmp_path / "model", "example", {"a": np.int64(3), "b": np.float32(0.5), "c": np.bool_(True)}, {}
    )
    assert load_folder(tmp_path / "model")[0] == {"a": 3, "b": 0.5, "c": True}


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"a": float("nan")}, ValueError),
        ({"a": 2**64}, ValueError),
        ({"a": "\ud800"}, ValueError),
        ({"a": {1, 2}}, TypeError),
        ({"a": "x" * 2**23}, ValueError),
    ],
)
def test_metadata_that_would_not_come_back(tmp_path, metadata, error):
    with pytest.raises(error):
        save_folder(tmp_path / "model", "example", metadata, {})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, "a", None], dtype=object),
        np.array(["a"]),
        np.zeros(2, ">f4"),
        np.zeros(2, np.float16),
        np.zeros(2, np.complex64),
        np.zeros(2, "M8[s]"),
        np.zeros(2, [("a", "<f4")]),
    ],
    ids=str,
)
def test_other_types_are_refused(tmp_path, values):
    with pytest.raises(ValueError, match=r"a: dtype .* is not allowed; give bool, uint8"):
        save_folder(tmp_path / "model", "example", {}, {"a": values})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", "a.npy", "x" * 65])
def test_names_stay_in_the_folder(tmp_path, name):
    with pytest.raises(ValueError, match=r"give 1 to 64 of a-z, 0-9 and _"):
        save_folder(tmp_path / "model", "example", {}, {name: np.zeros(1)})
    with pytest.raises(ValueError, match=r"give 1 to 64 of a-z, 0-9 and _"):
        save_folder(tmp_path / "model", name, {}, {})
    assert os.listdir(tmp_path) == []


def reseal(folder, change):
    """model.json after a change, under a checksum that is right: what a hostile program would write."""
    described = json.loads((folder / "model.json").read_text())
    del described["sha256"]
    change(described)
    rest = '",\n' + json.dumps(described).removeprefix("{") + "\n"
    digest = hashlib.sha256(rest.encode()).hexdigest()
    (folder / "model.json").write_text('{\n  "sha256": "' + digest + rest)


def replace_array(folder, name, save):
    """Another file in the place of an array, with the size and checksum of the new one in model.json."""
    path = folder / f"{name}.npy"
    path.unlink()
    save(path)
    data = path.read_bytes()

    def change(described):
        described["arrays"][name].update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

    reseal(folder, change)


def test_an_array_that_numpy_saved_is_read(folder):
    other = np.arange(12, dtype=np.float32).reshape(4, 3) * 2
    replace_array(folder, "item_factors", lambda path: np.save(path, other))
    np.testing.assert_array_equal(load_folder(folder)[1]["item_factors"], other)
    reseal(folder, lambda described: described["metadata"].update(factors=4))
    assert load_folder(folder)[0]["factors"] == 4


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.asfortranarray(np.zeros((4, 3), np.float32)), "its values are in Fortran order"),
        (np.full((4, 3), None, dtype=object), "the bytes of array item_factors|Python objects"),
        (np.zeros((4, 3), ">f4"), "its values are of type >f4"),
        (np.zeros((3, 4), np.float32), r"its header says <f4 \(3, 4\) and model.json says <f4 \(4, 3\)"),
        (np.zeros((4, 3), np.int32), "its header says <i4"),
        (np.zeros(12, np.float32), r"its header says <f4 \(12,\)"),
    ],
    ids=["fortran", "pickle", "big-endian", "transposed", "integers", "flat"],
)
def test_other_arrays_are_refused(folder, values, reason):
    replace_array(folder, "item_factors", lambda path: np.save(path, values, allow_pickle=True))
    with pytest.raises(ClarionError, match=rf"(item_factors\.npy|model\.json): {reason}"):
        load_folder(folder)


def test_a_payload_of_pickle_is_never_run(folder, tmp_path):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    payload = np.full(1, None, dtype=object)
    payload[0] = Payload()
    replace_array(folder, "loss", lambda path: np.save(path, payload, allow_pickle=True))
    # As small as the model.json says an array of two numbers may be, so that its header is what is read.
    with pytest.raises(ClarionError, match=r"Python objects, which are not read|are not those of a header"):
        load_folder(folder)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("shape", [[2**62, 4], [2**63 - 1], [2**64], [-1, 3], [4.0, 3], "43", [[4, 3]], None])
def test_shapes_that_cannot_be(folder, shape):
    reseal(folder, lambda described: described["arrays"]["item_factors"].update(shape=shape))
    with pytest.raises(ClarionError, match=r"model\.json: "):
        load_folder(folder)


def test_a_huge_shape_in_the_header_takes_no_memory(folder):
    path = folder / "item_factors.npy"
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 3), }"
    header += b" " * (117 - len(header)) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + header + bytes(48))
    with pytest.raises(
        ClarionError, match=r"item_factors\.npy: its header says <f4 \(4611686018427387904, 3\)"
    ):
        load_folder(folder)


def test_a_folder_of_another_kind_or_none(folder, tmp_path):
    with pytest.raises(ClarionError, match="it holds a model of kind example, not implicit_als"):
        load_folder(folder, "implicit_als")
    with pytest.raises(ClarionError, match="nowhere: the model folder cannot be opened: No such file"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(ClarionError, match=r"it holds no model\.json"):
        load_folder(tmp_path)


def test_names_that_are_no_text(tmp_path):
    """Linux takes any bytes for a name; a message is text all the same."""
    path = os.fsencode(tmp_path) + b"/model\xff"
    save_folder(path, "example", METADATA, ARRAYS)
    assert load_folder(path)[0] == METADATA
    with open(path + b"/\xfe.npy", "w"):
        pass
    with pytest.raises(ClarionError, match=r"model\ufffd/\ufffd\.npy: model\.json does not name it"):
        load_folder(path)
    with pytest.raises(
        ClarionError, match=r"model\ufffd: it is there and holds \ufffd\.npy, which is not of a model"
    ):
        save_folder(path, "example", METADATA, ARRAYS)
    with pytest.raises(ValueError, match="zero byte"):
        load_folder("a\0b")


def test_one_changed_byte_is_noticed_or_asked_for(folder):
    path = folder / "item_factors.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 64
    path.write_bytes(data)
    with pytest.raises(ClarionError, match=r"item_factors\.npy: its SHA-256 is not the one in model\.json"):
        load_folder(folder)
    assert load_folder(folder, verify=False)[1]["item_factors"].shape == (4, 3)


def test_arrays_stay_when_their_folder_is_replaced(folder):
    _, arrays = load_folder(folder)
    save_folder(folder, "example", {}, {"item_factors": np.zeros((4, 3), np.float32)})
    np.testing.assert_array_equal(arrays["item_factors"], ARRAYS["item_factors"])
    assert load_folder(folder)[1]["item_factors"].sum() == 0


def test_readers_beside_a_writer_see_one_model_or_the_next(tmp_path):
    """While a folder is replaced over and over, each reader finds a whole one."""
    path = tmp_path / "model"
    values = [np.full(1000, i, np.float64) for i in range(2)]
    save_folder(path, "example", {"i": 0}, {"a": values[0], "b": values[0]})
    done = threading.Event()
    failures = []

    def read():
        while not done.is_set():
            try:
                metadata, arrays = load_folder(path)
            except ClarionError as error:
                failures.append(error)
                continue
            if not (arrays["a"] == metadata["i"]).all() or not (arrays["b"] == metadata["i"]).all():
                failures.append(metadata)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(30):
        save_folder(path, "example", {"i": i % 2}, {"a": values[i % 2], "b": values[i % 2]})
    done.set()
    reader.join()
    assert failures == []
    assert os.listdir(tmp_path) == ["model"]


def child(tmp_path, code):
    """Runs code in a process of its own, in an open folder."""
    setup = """
        import os, resource, signal, sys
        import numpy as np
        from clarion import ClarionError
        from clarion._model_folder import load_folder, save_folder
        def fails(reason, *arguments):
            try:
                save_folder(*arguments)
            except ClarionError as error:
                assert reason in str(error), error
            else:
                raise AssertionError("it was written")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(setup) + textwrap.dedent(code)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_a_disk_that_is_full(folder, tmp_path):
    """A limit on the size of files fails as a full disk does: in the middle of a file."""
    before = {name: (folder / name).read_bytes() for name in os.listdir(folder)}
    child(
        tmp_path,
        """
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
        large = {"small": np.zeros(3), "large": np.zeros(2**18)}
        fails("model/large.npy: it cannot be written: File too large", "model", "example", {}, large)
        fails("other/large.npy: it cannot be written: File too large", "other", "example", {}, large)
        """,
    )
    assert os.listdir(tmp_path) == ["model"]
    assert {name: (folder / name).read_bytes() for name in os.listdir(folder)} == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root mounts file systems")
def test_a_file_system_without_room(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", small]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        save_folder(small / "model", "example", {}, {"a": np.zeros(2**14)})
        with pytest.raises(ClarionError, match=r"a\.npy: it cannot be written: No space left on device"):
            save_folder(small / "model", "example", {}, {"a": np.ones(2**18)})
        assert os.listdir(small) == ["model"]
        assert load_folder(small / "model")[1]["a"].sum() == 0
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_a_folder_that_may_not_be_written(folder, tmp_path):
    """As another user where this one may do everything."""
    tmp_path.chmod(0o555)
    try:
        child(
            tmp_path,
            """
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            fails("other: a folder beside it cannot be created: Permission denied", "other", "example", {}, {})
            fails("model: a folder beside it cannot be created: Permission denied", "model", "example", {}, {})
            assert load_folder("model")[0]["factors"] == 3
            """,
        )
    finally:
        tmp_path.chmod(0o755)
    assert os.listdir(tmp_path) == ["model"]


def test_an_interrupt_leaves_what_was_there(folder):
    def interrupt(fraction):
        raise KeyboardInterrupt

    large = {"a": np.zeros(2**22)}
    for n_jobs in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            save_folder(folder, "example", {}, large, n_jobs=n_jobs, progress=interrupt)
    assert os.listdir(folder.parent) == ["model"]
    assert load_folder(folder)[0] == METADATA


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts(texts):
    assert texts_of(text_arrays("a", texts), "a") == texts


@pytest.mark.parametrize(
    ("cells", "offsets"),
    [
        (b"ab", []),
        (b"ab", [0, 1]),
        (b"ab", [0, 3]),
        (b"ab", [1, 2]),
        (b"ab", [0, 2, 1, 2]),
        (b"\xff", [0, 1]),
    ],
)
def test_texts_that_cannot_be(cells, offsets):
    arrays = {"a_bytes": np.frombuffer(cells, np.uint8), "a_offsets": np.array(offsets, np.uint64)}
    with pytest.raises(ClarionError, match="array a_"):
        texts_of(arrays, "a")
    with pytest.raises(ClarionError, match="array a: it is missing"):
        texts_of({"a_bytes": arrays["a_bytes"]}, "a")
