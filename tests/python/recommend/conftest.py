import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def events():
    """3,000 events of 200 users and 80 items in a year, times in seconds."""
    random = np.random.default_rng(4)
    n = 3000
    start = np.datetime64("2025-01-01", "s")
    return pd.DataFrame(
        {
            "user": random.integers(0, 200, n) ** 2 - 50,
            "item": random.integers(0, 80, n) * 7,
            "weight": random.integers(1, 9, n) / 4,
            "time": start + random.integers(0, 365 * 86400, n).astype("timedelta64[s]"),
            "event": random.choice(["view", "cart", "purchase"], n),
        }
    )
