"""Verifying a claim, but for the models and the database: queries, passages, votes, memory."""
