"""Data tables of the words that bureaus use."""
