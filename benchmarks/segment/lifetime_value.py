"""BG/NBD and Gamma-Gamma on the 23,570 customers of CDNOW beside lifetimes, and on 2.5 million simulated ones."""

from __future__ import annotations

import gzip
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import compare, threads

#: Customers of the large fit, and the seconds in which it is to be done.
MANY, SECONDS = 2_500_000, 10


def cdnow() -> tuple[Any, Any, Any, Any]:
    """(frequency, recency, T, mean value of the repeat purchases) of every customer, in weeks to the end of the log; days with
    several purchases are one."""
    folder = os.environ.get("CLARION_DATA")
    if folder is None:
        sys.exit("CLARION_DATA names the folder of the public data sets")
    with gzip.open(Path(folder) / "cdnow" / "CDNOW_master.txt.gz", "rt") as log:
        rows = np.array([line.split() for line in log][1:])
    customer = rows[:, 0].astype(np.int64)
    day = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in rows[:, 1]], "datetime64[D]").astype(np.int64)
    amount = rows[:, 3].astype(float)
    keys, at = np.unique(customer * 100_000 + day, return_inverse=True)
    amount = np.bincount(at, amount)
    customer, day = keys // 100_000, keys % 100_000
    first = np.flatnonzero(np.r_[True, np.diff(customer) != 0])
    size = np.diff(np.r_[first, len(customer)])
    start, last = day[first], day[first + size - 1]
    frequency = size - 1.0
    spent = np.add.reduceat(amount, first) - amount[first]
    monetary = np.where(frequency > 0, spent / np.maximum(frequency, 1), 0)
    return frequency, (last - start) / 7, (day.max() - start) / 7, monetary


def simulated(n: int, seed: int = 1) -> tuple[Any, Any, Any, Any]:
    """The same of customers of a BG/NBD and Gamma-Gamma model, in days of up to three years."""
    random = np.random.default_rng(seed)
    rate, loss = random.gamma(0.5, 1 / 60, n), random.beta(0.8, 2.5, n)
    T = np.ceil(random.uniform(30, 1095, n))
    x, t, time_now, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while len(alive):
        time_now[alive] += random.exponential(1 / rate[alive])
        alive = alive[time_now[alive] < T[alive]]
        x[alive] += 1
        t[alive] = np.maximum(np.ceil(time_now[alive]), t[alive])
        alive = alive[random.random(len(alive)) >= loss[alive]]
    t = np.minimum(t, T)
    nu = random.gamma(4, 1 / 15, n)
    mean = random.gamma(6 * np.maximum(x, 1)) / nu / np.maximum(x, 1)
    return x, t, T, np.where(x > 0, np.round(np.maximum(mean, 0.01), 2), 0)


def clarion_fits(x: Any, t: Any, T: Any, z: Any) -> Any:
    from clarion.segment import BetaGeo, GammaGamma

    bought = BetaGeo(n_jobs=threads()).fit(frequency=x, recency=t, T=T)
    repeats = z > 0  # a few bought for nothing
    spend = GammaGamma(n_jobs=threads()).fit(frequency=x[repeats], monetary=z[repeats])
    return bought, spend


def lifetimes_fits(x: Any, t: Any, T: Any, z: Any) -> Any:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    repeats = z > 0  # a few bought for nothing
    return BetaGeoFitter().fit(x, t, T), GammaGammaFitter().fit(x[repeats], z[repeats])


def same_fit(ours: Any, theirs: Any) -> None:
    """Ours have converged, and the parameters are equal to what the rival's stopping rule leaves open."""
    for mine, rival in zip(ours, theirs, strict=True):
        if not mine.converged_:
            raise AssertionError(mine.reason_)
        for name, value in rival.params_.items():
            if abs(mine.params_[name] / value - 1) > 1e-4:
                raise AssertionError(f"{name}: {mine.params_[name]}, {value}")


def run() -> None:
    data = cdnow()
    compare(
        "segment/lifetime_value",
        {"clarion": lambda: clarion_fits(*data), "lifetimes": lambda: lifetimes_fits(*data)},
        check=same_fit,
        data=f"CDNOW, {len(data[0]):,} customers: BG/NBD and Gamma-Gamma",
        packages=("lifetimes",),
        goal=50,
        memory=False,
    )

    many = simulated(MANY)
    begin = time.perf_counter()
    fits = clarion_fits(*many)
    seconds = time.perf_counter() - begin
    if not all(fit.converged_ for fit in fits):
        raise AssertionError([fit.reason_ for fit in fits])
    if seconds > SECONDS:
        raise AssertionError(f"{seconds:.1f} s, above {SECONDS}")
    compare(
        "segment/lifetime_value_many",
        {"clarion": lambda: clarion_fits(*many)},
        check=same_fit,
        data=f"{MANY:,} simulated customers: BG/NBD and Gamma-Gamma",
        repeats=3,
        facts={
            "distinct rows": [fit.n_distinct_ for fit in fits],
            "limit, s": SECONDS,
        },
    )


if __name__ == "__main__":
    run()
