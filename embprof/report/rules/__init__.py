"""One rule a file: a function from a study to findings."""
