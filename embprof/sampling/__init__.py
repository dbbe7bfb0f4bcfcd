"""Isolation and sampling: processes that measure, and the process that asks them slice by slice."""
