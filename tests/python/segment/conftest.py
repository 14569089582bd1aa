import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def cdnow_folder():
    folder = os.environ.get("CLARION_DATA")
    if folder is None or not (Path(folder) / "cdnow").exists():
        pytest.skip("CLARION_DATA names no folder with CDNOW")
    return Path(folder) / "cdnow"


@pytest.fixture(scope="session")
def cdnow(cdnow_folder):
    """frequency, recency and T of the 2,357 customers of CDNOW, in weeks."""
    rows = np.genfromtxt(cdnow_folder / "cdnow_customers_summary.csv.gz", delimiter=",", skip_header=1)
    return dict(zip(("frequency", "recency", "T"), rows[:, 1:].T, strict=True))


def bought(n=4000, seed=1, *, r=0.8, alpha=5.0, a=1.0, b=3.0, T=40.0):
    """frequency, recency and T of customers of a BG/NBD model."""
    random = np.random.default_rng(seed)
    rate, loss = random.gamma(r, 1 / alpha, n), random.beta(a, b, n)
    end = np.ceil(random.uniform(T / 2, T, n))
    x, last, now, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while len(alive):
        now[alive] += random.exponential(1 / rate[alive])
        alive = alive[now[alive] < end[alive]]
        x[alive] += 1
        last[alive] = now[alive]
        alive = alive[random.random(len(alive)) >= loss[alive]]
    return {"frequency": x, "recency": last, "T": end}


@pytest.fixture(scope="session")
def customers():
    return bought()


@pytest.fixture(scope="session")
def donated():
    """frequency, recency and n of a BG/BB model."""
    random = np.random.default_rng(6)
    customers, n = 3000, 6
    buy, lost = random.beta(1.2, 0.8, customers), random.beta(0.7, 2.8, customers)
    alive = np.cumprod(random.random((customers, n)) >= lost[:, None], axis=1)
    gave = (random.random((customers, n)) < buy[:, None]) & (alive > 0)
    recency = np.where(gave.any(1), n - np.argmax(gave[:, ::-1], axis=1), 0)
    return {"frequency": gave.sum(1), "recency": recency, "n": n}
