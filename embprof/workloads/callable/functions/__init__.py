"""The user's own function or class: named in YAML, looked at before any job, called in the worker.

What is said before the first job is read from the source text. The module itself is imported by
workers alone: it may import torch, or do anything else.
"""
