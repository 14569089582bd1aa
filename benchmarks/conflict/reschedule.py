"""The cheapest shifts under a conflict limit, proved, beside HiGHS.

HiGHS gets the same campaigns, windows and rates as a mixed-integer program, in two forms: "days" has a binary for each campaign
and start and an overlap variable for each pair and day; "marginals" has a variable for each pair and pair of starts that conflict,
tied to the binaries on both sides, which bounds better and is larger. Each form is given all threads. Costs must be equal before times
are compared. The year of 200 campaigns is measured for clarion alone, with what HiGHS reaches in a minute as a fact beside it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from benchmarks.harness import compare, threads

YEAR = date(2027, 1, 1)
CHANNELS = ["Email", "SMS", "Social Media", "Push Notifications", "Webinar"]


def plan(campaigns: int, days: int, segments: int, seed: int) -> Any:
    """A portfolio in which each campaign names one or two segments, on one of five channels, for one to four weeks."""
    import numpy as np
    from clarion import Portfolio

    random = np.random.default_rng(seed)
    rows = []
    for i in range(campaigns):
        start = YEAR + timedelta(int(random.integers(days)))
        rows.append(
            {
                "id": f"c{i:03}",
                "name": f"Campaign {i}",
                "start": start.isoformat(),
                "end": (start + timedelta(int(random.integers(6, 28)))).isoformat(),
                "budget": 1000,
                "channel": str(random.choice(CHANNELS)),
                "audience": [
                    f"segment {k}" for k in random.choice(segments, random.integers(1, 3), replace=False)
                ],
                "owner": "Ada",
                "fixed_dates": bool(random.random() < 0.1),
            }
        )
    return Portfolio.read(rows)


class Model:
    """The windows, rates and limit of a rescheduling, as a mixed-integer program."""

    def __init__(self, result: Any) -> None:
        windows, rates = result.windows, result.rates
        row_of = {name: row for row, name in enumerate(windows["campaign"])}
        self.limit = result.limit
        self.length, self.starts, self.costs = [], [], []
        for row in range(len(windows)):
            start, end = windows["start"][row].toordinal(), windows["end"][row].toordinal()
            first, last = windows["earliest"][row].toordinal(), windows["latest"][row].toordinal()
            choices = [start] if windows["fixed"][row] else list(range(first, last + 1))
            self.length.append(end - start + 1)
            self.starts.append(choices)
            self.costs.append([abs(day - start) + (day != start) for day in choices])
        self.pairs = [
            (row_of[a], row_of[b], rate)
            for a, b, rate in zip(
                rates["campaign_a"], rates["campaign_b"], rates["rate"].tolist(), strict=True
            )
        ]

    def shared(self, a: int, day_a: int, b: int, day_b: int) -> int:
        return max(0, min(day_a + self.length[a], day_b + self.length[b]) - max(day_a, day_b))

    def solve(self, form: str, seconds: float = 600.0) -> tuple[float, float]:
        """(cost, bound)."""
        import highspy
        import numpy as np

        cost, binary = [], []
        low, high, starts, index, value = [], [], [], [], []

        def column(c: float, is_binary: bool) -> int:
            cost.append(c)
            binary.append(is_binary)
            return len(cost) - 1

        def row(lower: float, upper: float, entries: list[tuple[int, float]]) -> None:
            low.append(lower)
            high.append(upper)
            starts.append(len(index))
            index.extend(j for j, _ in entries)
            value.extend(v for _, v in entries)

        inf = highspy.kHighsInf
        pick = [[column(c, True) for c in costs] for costs in self.costs]
        for flags in pick:
            row(1, 1, [(j, 1.0) for j in flags])
        total: list[tuple[int, float]] = []
        constant = 0.0
        for a, b, rate in self.pairs:
            if form == "days":
                runs: list[dict[int, list[int]]] = [{}, {}]
                for side, c in enumerate((a, b)):
                    for flag, first in zip(pick[c], self.starts[c], strict=True):
                        for day in range(first, first + self.length[c]):
                            runs[side].setdefault(day, []).append(flag)
                for day in sorted(runs[0].keys() & runs[1].keys()):
                    both = column(0.0, False)
                    row(-1, inf, [(both, 1.0), *((j, -1.0) for j in runs[0][day] + runs[1][day])])
                    total.append((both, rate))
                continue
            conflict = [[rate * self.shared(a, x, b, y) for y in self.starts[b]] for x in self.starts[a]]
            if not any(map(any, conflict)):
                continue
            least = min(map(min, conflict))
            constant += least
            cells = [[column(0.0, False) for _ in line] for line in conflict]
            for flag, line in zip(pick[a], cells, strict=True):
                row(0, 0, [(flag, -1.0), *((j, 1.0) for j in line)])
            for k, flag in enumerate(pick[b]):
                row(0, 0, [(flag, -1.0), *((line[k], 1.0) for line in cells)])
            total += [
                (j, c - least)
                for line, values in zip(cells, conflict, strict=True)
                for j, c in zip(line, values, strict=True)
                if c > least
            ]
        row(-inf, self.limit - constant, total)
        starts.append(len(index))

        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(cost), len(low)
        lp.col_cost_ = np.array(cost)
        lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), np.ones(len(cost))
        lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts)
        lp.a_matrix_.index_ = np.array(index)
        lp.a_matrix_.value_ = np.array(value)
        lp.integrality_ = [
            highspy.HighsVarType.kInteger if b else highspy.HighsVarType.kContinuous for b in binary
        ]
        solver = highspy.Highs()
        solver.silent()
        solver.setOptionValue("threads", threads())
        solver.setOptionValue("time_limit", seconds)
        # Costs are whole numbers: a gap below one is a proof.
        solver.setOptionValue("mip_abs_gap", 0.999)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.passModel(lp)
        solver.run()
        info = solver.getInfo()
        return info.objective_function_value, info.mip_dual_bound


def run() -> None:
    import time

    from clarion.conflict import reschedule

    for campaigns, days, segments, reach in ((15, 120, 12, 14), (25, 120, 15, 10)):
        portfolio = plan(campaigns, days, segments, seed=campaigns)

        def ours(portfolio: Any = portfolio, reach: int = reach) -> Any:
            return reschedule(portfolio, max_shift_days=reach, n_jobs=threads())

        known = ours()
        assert known.proved
        assert known.feasible
        model = Model(known)

        def same(found: Any, rival: Any) -> None:
            assert abs(found.cost - rival[0]) < 1e-3, (found.cost, rival)

        compare(
            f"conflict/reschedule-{campaigns}",
            {
                "clarion": ours,
                "HiGHS, days": lambda model=model: model.solve("days"),
                "HiGHS, marginals": lambda model=model: model.solve("marginals"),
            },
            check=same,
            data=f"{campaigns} campaigns in {days} days, moves of up to {reach} days, half of the conflict to go",
            packages=("highspy",),
            repeats=3,
            memory=False,
            facts={"cost": known.cost, "parts": [len(part["campaigns"]) for part in known.parts]},
        )

    portfolio = plan(200, 365, 50, seed=200)
    begin = time.perf_counter()
    result = reschedule(portfolio, n_jobs=threads())
    seconds = time.perf_counter() - begin
    assert result.proved
    cost, bound = Model(result).solve("days", seconds=60)
    assert bound <= result.cost + 1e-3
    assert result.cost <= cost + 1e-3
    compare(
        "conflict/reschedule-200",
        {"clarion": lambda: reschedule(portfolio, n_jobs=threads())},
        check=lambda a, b: None,
        data="200 campaigns in a year, moves of up to 14 days, half of the conflict to go",
        packages=("highspy",),
        memory=False,
        facts={
            "proved": result.proved,
            "cost": result.cost,
            "bound": result.bound,
            "first_s": seconds,
            "parts": sorted((len(part["campaigns"]) for part in result.parts), reverse=True),
            "HiGHS after 60 s": {"cost": cost, "bound": bound},
        },
    )


if __name__ == "__main__":
    run()
