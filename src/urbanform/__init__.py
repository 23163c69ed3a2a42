"""Measure a planning submission's GIS layers against the physical-form rules of carbon-peak plans."""

__version__ = "0.1.0"
