"""Stored runs beside stored runs: which belong together, what differs, what may be said of it.

Pure functions of runs that were read already; nothing here knows where they were stored.
"""
