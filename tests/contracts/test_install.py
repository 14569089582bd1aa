"""Three ways to use clarion from C++, each really built and run."""

import os
import re
import subprocess

import pytest
from clarion import __version__
from house import BUILD, ROOT

CONSUMERS = ROOT / "tests" / "consumers"
# The static library is compiled here: on a busy machine that takes longer than any other test may.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def run(*command, **environment):
    result = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert result.returncode == 0, (
        f"{' '.join(map(str, command))}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    )
    return result.stdout


def build_and_run(name, folder, *options, **environment):
    run("cmake", "-G", "Ninja", "-S", CONSUMERS / name, "-B", folder, *options, **environment)
    run("cmake", "--build", folder, "-j", os.cpu_count())
    assert run(folder / "consumer", **environment) == f"clarion {__version__}\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The build under test, installed."""
    prefix = tmp_path_factory.mktemp("shared")
    run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


@pytest.fixture(scope="module")
def nested():
    """A consumer that builds clarion inside its own tree, as a static library; kept, for it takes a while."""
    folder = BUILD.parent / "consumer"
    quick = ("-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    build_and_run("add_subdirectory", folder, "-DBUILD_SHARED_LIBS=OFF", *quick)
    return folder


def test_find_package(shared, tmp_path):
    build_and_run("find_package", tmp_path, f"-DCMAKE_PREFIX_PATH={shared}")


def test_pkg_config(shared, tmp_path):
    library = next(shared.rglob("libclarion.so")).parent
    build_and_run(
        "pkg_config", tmp_path, PKG_CONFIG_PATH=str(library / "pkgconfig"), LD_LIBRARY_PATH=str(library)
    )


def test_add_subdirectory(nested):
    # Being part of another project turns on nothing of ours.
    targets = run("cmake", "--build", nested, "--target", "help")
    assert "clarion" in targets
    assert "clarion_test" not in targets
    assert "_core" not in targets


def test_find_package_static(nested, tmp_path):
    prefix = tmp_path / "prefix"
    run("cmake", "--install", nested, "--prefix", prefix)
    assert not list(prefix.rglob("*.so*"))
    build_and_run("find_package", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    library = next(prefix.rglob("libclarion.a")).parent
    build_and_run("pkg_config", tmp_path / "pc", PKG_CONFIG_PATH=str(library / "pkgconfig"))


def test_headers_and_library_are_installed(shared):
    assert (shared / "include/clarion/clarion.hpp").exists()
    library = next(shared.rglob("libclarion.so")).resolve()
    assert library.name == f"libclarion.so.{__version__}"
    soname = re.search(r"SONAME.*\[(.*)\]", run("readelf", "-d", library)).group(1)
    assert soname == "libclarion.so." + ".".join(__version__.split(".")[:2])


def exported(library):
    rows = (line.split(maxsplit=2) for line in run("nm", "-DC", "--defined-only", library).splitlines())
    return {name: kind for _, kind, name in rows}


def test_third_party_code_stays_inside(shared):
    """Two copies of Eigen in one process, compiled for different CPUs, must not be merged."""
    names = exported(next(shared.rglob("libclarion.so")))
    assert any(name.startswith("clarion::") for name in names)
    foreign = re.compile(r"\b(Eigen|boost|nlohmann|fmt|xt|xtl|hwy|date|r123)::")
    assert not [name for name in names if foreign.search(name)]


def test_every_contract_is_exported(shared):
    """The C++ tests link with the objects, so a forgotten CLARION_API would only show in another's program."""
    names = set(exported(next(shared.rglob("libclarion.so"))))
    missing = set()
    for test in BUILD.glob("CMakeFiles/clarion_test_*.dir/**/*.cpp.o"):
        for line in run("nm", "-C", "--undefined-only", test).splitlines():
            name = line.split(maxsplit=1)[1]
            if (
                name.startswith("clarion::")
                and not re.search(r"::(kernels|detail)::", name)
                and name not in names
            ):
                missing.add(name)
    assert not missing, "mark with CLARION_API, or test through a contract:\n" + "\n".join(sorted(missing))


def test_extension_exports_its_entry_point_alone():
    module = next((ROOT / "python" / "clarion").glob("_core.*.so"))
    assert set(exported(module)) == {"PyInit__core"}


def test_kernel_objects_have_no_weak_symbols():
    """A weak symbol compiled for one CPU level may be the one that the linker keeps for every level."""
    objects = sorted(BUILD.glob("CMakeFiles/clarion_objects.dir/src/kernels/*.o"))
    assert len(objects) == len(list(ROOT.glob("src/kernels/*.cpp")))
    weak = []
    for path in objects:
        for line in run("nm", "-C", "--defined-only", path).splitlines():
            kind, name = line.split(maxsplit=2)[1:]
            if kind in "WVuwv" and not name.startswith("clarion::"):
                weak.append(f"{path.name}: {name}")
    assert not weak, "\n".join(weak)
