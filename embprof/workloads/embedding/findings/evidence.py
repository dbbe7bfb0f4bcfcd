"""How well a row's answers agree with the reference's, as a line of evidence."""

from embprof.report.study import Answer

NEAREST, TOP, COSINE = "nearest_kept_percent", "top10_kept_percent", "cosine_mean"
CHECKED_WITH = {"parity.texts": 5000}
"""What makes the figures more precise."""


def evidence(answer: Answer) -> str:
    """``#3: cosine_mean 0.99451 (0.99432–0.99470), …``."""
    names = (COSINE, "cosine_p01", "cosine_min", NEAREST, TOP, "rank_correlation")
    said = [
        f"{name} {_with_interval(answer, name)}" for name in names if answer.value(name) is not None
    ]
    return f"#{answer.run.number}: {', '.join(said)}"


def _with_interval(answer: Answer, name: str) -> str:
    estimate = answer.estimate(name)
    assert estimate is not None
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.5g}"
    return f"{estimate.value:.5g} ({estimate.low:.5g}–{estimate.high:.5g})"
