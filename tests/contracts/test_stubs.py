"""The committed stubs are those of the compiled module."""

import difflib

import pytest
import stubs


@pytest.mark.slow
def test_stubs_are_current():
    committed = stubs.COMMITTED.read_text(encoding="utf-8")
    generated = stubs.generate()
    difference = difflib.unified_diff(
        committed.splitlines(), generated.splitlines(), "committed", "generated", lineterm=""
    )
    assert committed == generated, "run `make stubs`:\n" + "\n".join(difference)
