"""Comparisons for other programs: one file per format, each a function that returns text."""
