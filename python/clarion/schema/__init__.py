"""What is true: campaigns, portfolios, audiences, catalogues, findings and their validation."""

from clarion.schema.finding import Finding, Findings

__all__ = ["Finding", "Findings"]
