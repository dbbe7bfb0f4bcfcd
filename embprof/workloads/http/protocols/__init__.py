"""Embedding servers that are asked over HTTP: two protocols, connections, and who listens."""
