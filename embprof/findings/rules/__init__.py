"""One rule a file: a function from a study to findings, named in ``embprof.findings.RULES``."""
