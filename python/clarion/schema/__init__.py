"""What is true: campaigns, portfolios, audiences, catalogues, findings and their validation."""

from clarion.schema.audiences import AudienceReport, Audiences
from clarion.schema.finding import Finding, Findings

__all__ = ["AudienceReport", "Audiences", "Finding", "Findings"]
