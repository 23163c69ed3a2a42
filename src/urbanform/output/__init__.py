"""Assessments to people: maps, the report, the evidence as GIS data, and the machine-readable results."""
