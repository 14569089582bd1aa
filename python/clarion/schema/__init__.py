"""What is true: campaigns, portfolios, audiences, catalogues, records of customers, findings and their validation."""

from clarion.schema.audiences import AudienceReport, Audiences
from clarion.schema.audit import Audit, audit
from clarion.schema.catalog import Catalog, Product
from clarion.schema.finding import Finding, Findings
from clarion.schema.mapping import Mapping
from clarion.schema.portfolio import Campaign, Portfolio
from clarion.schema.records import Branches, Customers, Events, Records, Responses, Transactions
from clarion.schema.rules import explain, rules

__all__ = [
    "AudienceReport", "Audiences", "Audit", "Branches", "Campaign", "Catalog", "Customers", "Events", "Finding", "Findings", "Mapping",
    "Portfolio", "Product", "Records", "Responses", "Transactions", "audit", "explain", "rules",
]  # fmt: skip
