"""How well a row's answers agree with the reference's, as a line of evidence."""

from embprof.parity.names import LOSS, NDCG, NEAREST_KEPT, ODD_LEAST, RECALL, TOP_KEPT
from embprof.report.study import Answer

NEAREST, TOP, COSINE = NEAREST_KEPT, TOP_KEPT, "cosine_mean"
SEARCH = (NDCG, f"{NDCG}{LOSS}", RECALL)
CHECKED_WITH = {"parity.texts": 5000}
"""What makes the figures more precise."""


def evidence(answer: Answer) -> str:
    """``#3: cosine_mean 0.99451 (0.99432–0.99470), …``."""
    cosines = (COSINE, "cosine_p01", "cosine_min")
    names = (*cosines, NEAREST, TOP, "rank_correlation", ODD_LEAST, *SEARCH)
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
