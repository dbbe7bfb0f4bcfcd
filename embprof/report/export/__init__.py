"""Comparisons for other programs to read: one file a format, each a function that returns text."""
