"""Check the plan, write its brief, stop the pipeline when a finding stands at the gate.

Each run writes into a folder of its own data interval, so running it again gives the same files. What goes through XCom
is a path and a few counts.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from airflow.sdk import dag, get_current_context, task

PLAN = os.environ.get("CLARION_PLAN", "/srv/clarion/plan")
BRIEFS = os.environ.get("CLARION_BRIEFS", "/srv/clarion/briefs")
FAIL_ON = os.environ.get("CLARION_FAIL_ON", "error")


def folder() -> Path:
    context = get_current_context()
    day = context.get("ds") or context["dag_run"].run_after.date().isoformat()
    made = Path(BRIEFS) / day
    made.mkdir(parents=True, exist_ok=True)
    return made


@dag(schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False, tags=["clarion"])
def clarion_brief():
    @task(retries=2)
    def check() -> dict[str, int]:
        import clarion as cl

        plan = cl.Portfolio.read(Path(PLAN) / "portfolio.csv")
        return {"read": plan.rows_read, "accepted": len(plan), "errors": plan.findings.count("error")}

    @task(retries=2)
    def brief(checked: dict[str, int]) -> str:
        import clarion as cl

        plan = Path(PLAN)
        made = cl.brief(
            cl.Portfolio.read(plan / "portfolio.csv"),
            audiences=cl.Audiences.read(plan / "audiences.parquet"),
            history=cl.Portfolio.read(plan / "history.csv", history=True),
            catalog=cl.Catalog.read(plan / "catalog.csv"),
        )
        place = folder()
        (place / "brief.html").write_text(made.to_html(), encoding="utf-8")
        (place / "brief.json").write_text(made.to_json(), encoding="utf-8")
        return str(place / "brief.json")

    @task(retries=2)
    def gate(path: str) -> dict[str, int]:
        from clarion.airflow import gate as stop_at

        return stop_at(path, fail_on=FAIL_ON)

    gate(brief(check()))


clarion_brief()
