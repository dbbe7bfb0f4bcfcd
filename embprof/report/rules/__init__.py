"""One rule per file: a function from a study to findings."""
