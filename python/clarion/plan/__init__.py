"""What to do: strategies, KPIs, risks, roadmap and team, in one pre-launch brief."""

from clarion.plan.brief import Brief, brief
from clarion.plan.kpi_table import kpi_table
from clarion.plan.rules import explain, rules
from clarion.plan.worked import Worked, which_worked

__all__ = ["Brief", "Worked", "brief", "explain", "kpi_table", "rules", "which_worked"]
