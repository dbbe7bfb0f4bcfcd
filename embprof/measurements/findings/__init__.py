"""Rules that several measurements share, one per file: from a study to findings."""
