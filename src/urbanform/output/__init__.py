"""Assessments to people."""
