"""What is true: campaigns, portfolios, audiences, catalogues, findings and their validation."""

from clarion.schema.audiences import AudienceReport, Audiences
from clarion.schema.catalog import Catalog, Product
from clarion.schema.finding import Finding, Findings
from clarion.schema.portfolio import Campaign, Portfolio
from clarion.schema.rules import explain, rules

__all__ = [
    "AudienceReport", "Audiences", "Campaign", "Catalog", "Finding", "Findings", "Portfolio", "Product", "explain", "rules",
]  # fmt: skip
