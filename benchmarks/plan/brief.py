"""The brief: the sample end to end (the goal is 100 ms in the compiled part) and 1,500 campaigns with memberships and a history of
1,500 (the goal is 5 s). Nobody else makes one: what is measured is clarion against itself on one thread, whose answer must be the same.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.harness import compare, threads

CAMPAIGNS = 1_500
CUSTOMERS = 200_000


def large() -> dict[str, Any]:
    import clarion as cl
    from clarion import _core

    plan = cl.Portfolio._of(_core.simulate_portfolio(campaigns=CAMPAIGNS))
    past = cl.Portfolio._of(
        _core.simulate_portfolio(campaigns=CAMPAIGNS, actuals=True, seed=11), history=True
    )
    rows = _core.simulate_memberships(CUSTOMERS, 0.02, campaigns=CAMPAIGNS)
    members = cl.Audiences.from_arrays(rows["campaign"], rows["customer"], labels=plan.ids)
    return {"portfolio": plan, "audiences": members, "history": past, "today": min(one.start for one in plan)}


def small() -> dict[str, Any]:
    import clarion as cl

    return {
        "portfolio": cl.sample.portfolio(), "audiences": cl.sample.audiences(), "history": cl.sample.history(),
        "catalog": cl.sample.catalog(), "policy": cl.sample.policy(),
    }  # fmt: skip


def median_ms(inputs: dict[str, Any], repeats: int = 9) -> float:
    import clarion as cl

    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        cl.brief(**inputs, n_jobs=threads()).to_json()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def run() -> None:
    import clarion as cl

    inputs = large()

    def same(ours: Any, theirs: Any) -> None:
        assert ours == theirs

    compare(
        "plan/brief",
        {
            "clarion": lambda: cl.brief(**inputs, n_jobs=threads()).to_json(),
            "clarion, one thread": lambda: cl.brief(**inputs, n_jobs=1).to_json(),
        },
        check=same,
        data=f"{CAMPAIGNS:,} campaigns, {inputs['audiences'].n_memberships:,} memberships, history of {CAMPAIGNS:,}",
        repeats=3,
        facts={"goal_s": 5, "sample_median_ms": median_ms(small()), "sample_goal_ms": 100},
    )


if __name__ == "__main__":
    run()
