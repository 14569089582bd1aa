import numpy as np
import pandas as pd
import pytest
from scipy import sparse


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


@pytest.fixture(scope="session")
def parts():
    """Train and test of 150 users with a taste for one of three kinds of 60 items, some of which everyone likes."""
    users, items = 150, 60
    random = np.random.default_rng(3)
    taste = random.integers(0, 3, users)
    liking = 0.05 + 0.3 * (np.arange(items)[None] % 3 == taste[:, None]) + 0.2 * (np.arange(items) < 5)
    seen = random.random((users, items)) < liking
    test = seen & (random.random((users, items)) < 0.3)
    test[::10] = False
    return sparse.csr_matrix((seen & ~test).astype(np.float32)), sparse.csr_matrix(test.astype(np.float32))
