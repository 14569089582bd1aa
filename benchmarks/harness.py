"""Measures clarion beside its rivals: equal answers first, then a ratio.

A benchmark is a module `benchmarks/<room>/<thing>.py` that calls `compare` when it is run:

    compare("conflict/overlap", {"clarion": ours, "scipy": theirs}, check=same_pairs, data="300 audiences, 2M customers")

All contenders run in one process tree, on the same data, with the same number of threads, in turn and several times; what is
reported is the ratio of medians. `python -m benchmarks` runs all of them and writes docs/benchmarks.md.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "out" / "benchmarks"


def threads() -> int:
    """CPUs of this process: what every contender is given."""
    return len(os.sched_getaffinity(0))


def machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model,
        "cpus": threads(),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
    }


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def peak_mebibytes(work: Callable[[], object]) -> float:
    """Resident memory that one run adds, at its peak, in a process forked for it."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            before = pages * os.sysconf("SC_PAGE_SIZE")
            work()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            os.write(writer, str(max(0, peak - before)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0 or not text:
        raise RuntimeError("the measured process failed")
    return int(text) / 2**20


def compare(
    thing: str,
    contenders: Mapping[str, Callable[[], Any]],
    *,
    check: Callable[[Any, Any], None],
    data: str,
    packages: Sequence[str] = (),
    repeats: int = 5,
    goal: float | None = None,
    memory: bool = True,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Runs the contenders, "clarion" among them; `check(clarion's answer, a rival's)` raises where they differ.

    Prints and saves machine, versions, median seconds, spread, peak memory, and `ratio`: the best rival's median over clarion's.
    """
    answers = {name: work() for name, work in contenders.items()}
    for name, answer in answers.items():
        if name != "clarion":
            check(answers["clarion"], answer)
    del answers
    gc.collect()

    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, work in contenders.items():
            begin = time.perf_counter()
            answer = work()
            seconds[name].append(time.perf_counter() - begin)
            del answer
            gc.collect()

    rows = {
        name: {
            "median_s": statistics.median(times),
            "min_s": min(times),
            "max_s": max(times),
            "peak_mib": peak_mebibytes(contenders[name]) if memory else None,
        }
        for name, times in seconds.items()
    }
    return record(thing, rows, data=data, packages=packages, repeats=repeats, goal=goal, facts=facts)


def record(
    thing: str,
    rows: Mapping[str, Mapping[str, Any]],
    *,
    data: str,
    packages: Sequence[str] = (),
    repeats: int = 1,
    goal: float | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Prints and saves what was measured: of each contender median_s, min_s, max_s and peak_mib."""
    rivals = {name: row["median_s"] for name, row in rows.items() if name != "clarion"}
    best = min(rivals, key=rivals.__getitem__) if rivals else None
    report = {
        "thing": thing,
        "data": data,
        "machine": machine(),
        "versions": {name: version(name) for name in ("clarion", "numpy", *packages)},
        "repeats": repeats,
        "contenders": dict(rows),
        "best_rival": best,
        "ratio": rivals[best] / rows["clarion"]["median_s"] if best else None,
        "goal": goal,
        **({"facts": dict(facts)} if facts else {}),
    }
    target = RESULTS / f"{thing}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))
    return report
