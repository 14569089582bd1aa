"""Importing clarion is quick and brings in nothing that the caller may not need."""

import json
import statistics
import subprocess
import sys

PROBE = """
import json, sys, time
begin = time.perf_counter()
import clarion
print(json.dumps([time.perf_counter() - begin, sorted(sys.modules)]))
"""
HEAVY = ("pandas", "polars", "sklearn", "scipy", "matplotlib", "duckdb", "IPython")


def probe():
    run = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_import_takes_less_than_a_quarter_second():
    probe()  # the first one writes byte code
    # The median forgives one process that was scheduled badly on a busy machine.
    seconds = statistics.median(probe()[0] for _ in range(7))
    assert seconds < 0.25


def test_import_is_light():
    loaded = {name.split(".")[0] for name in probe()[1]}
    assert not loaded.intersection(HEAVY)
