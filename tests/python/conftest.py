import sys

import pytest


@pytest.fixture(autouse=True)
def no_figures_are_left():
    """What one test has drawn is not open in the next."""
    yield
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")
