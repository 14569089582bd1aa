"""A wheel holds the package and nothing else, and works where it is unpacked."""

import os
import re
import subprocess
import sys
import tempfile
import zipfile

wheel = zipfile.ZipFile(sys.argv[1])
names = wheel.namelist()
extensions = [name for name in names if name.endswith(".so")]
assert len(extensions) == 1 and extensions[0].startswith("clarion/_core."), extensions
for needed in ("clarion/py.typed", "clarion/_core.pyi", "clarion/cli.py"):
    assert needed in names, f"{needed} is not in the wheel"
strays = [
    name
    for name in names
    if not re.match(r"clarion(-[\d.]+\.dist-info)?/", name) or name.endswith((".hpp", ".cpp", ".a"))
]
assert not strays, strays

with tempfile.TemporaryDirectory() as folder:
    wheel.extractall(folder)
    needed = subprocess.run(
        ["readelf", "-d", f"{folder}/{extensions[0]}"], capture_output=True, text=True, check=True
    ).stdout
    libraries = set(re.findall(r"NEEDED.*\[(.*)\]", needed))
    # libcrypto and libhwy are those that auditwheel packs into a wheel that is to be published.
    foreign = {
        name
        for name in libraries
        if not re.match(r"(libc|libm|libstdc\+\+|libgcc_s|libcrypto|libhwy|ld-linux[\w-]*)\.so", name)
    }
    assert not foreign, f"the extension needs {foreign}"
    # A checkout that is installed in place answers before any path; its finder goes.
    program = """import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in type(finder).__module__]
sys.path.insert(0, sys.argv[1])
import clarion
assert clarion.__file__.startswith(sys.argv[1]), clarion.__file__
print(clarion.__version__)"""
    version = subprocess.run(
        [sys.executable, "-c", program, os.path.realpath(folder)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

print(
    f"{os.path.basename(sys.argv[1])}: {len(names)} files, {os.path.getsize(sys.argv[1]) / 1e6:.1f} MB, clarion {version} imports"
)
