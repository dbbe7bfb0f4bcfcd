"""Servers that workloads need, started once a sweep, outside of all that is measured."""
