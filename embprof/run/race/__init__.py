"""Rows of a sweep measured in rounds."""
