"""The rules of this subject, one per file: from a study to findings."""
