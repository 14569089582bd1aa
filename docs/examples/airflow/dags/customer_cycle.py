"""Once a month: from the transactions that were exported at its end to segments and suppression; a finding at the gate stops it.

What is read and the reference date are those of the data interval, never of the clock. The folder of an interval appears whole or
not at all: it is written under another name and moved, and a rerun puts the same files in its place.
"""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path

from airflow.sdk import dag, get_current_context, task

TRANSACTIONS = os.environ.get("CLARION_TRANSACTIONS", "/srv/clarion/transactions")
CYCLES = os.environ.get("CLARION_CYCLES", "/srv/clarion/cycles")
FAIL_ON = os.environ.get("CLARION_FAIL_ON", "error")


def interval_end() -> date:
    context = get_current_context()
    return (context.get("data_interval_end") or context["dag_run"].run_after).date()


@dag(schedule="@monthly", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["clarion"])
def customer_cycle():
    @task(retries=2)
    def cycle() -> str:
        from dataclasses import replace

        import clarion as cl

        day = interval_end()
        mapping = Path(TRANSACTIONS) / "mapping.toml"
        made = cl.segment.cycle(
            Path(TRANSACTIONS) / f"{day}.parquet", mapping if mapping.exists() else None, at=day
        )
        place = Path(CYCLES) / day.isoformat()
        half, old = place.with_name(f".{day}.half"), place.with_name(f".{day}.old")
        for left in (half, old):
            shutil.rmtree(left, ignore_errors=True)
        replace(made, seconds={}).write(
            half
        )  # how long it took is the one thing that another run would not repeat
        if place.exists():
            place.rename(old)
        half.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        return str(place / "cycle.json")

    @task(retries=2)
    def gate(path: str) -> dict[str, int]:
        from clarion.airflow import gate as stop_at

        return stop_at(path, fail_on=FAIL_ON)

    gate(cycle())


customer_cycle()
