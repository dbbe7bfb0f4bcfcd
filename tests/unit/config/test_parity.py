"""Which jobs' answers are compared with the reference, and what they must keep."""

import pytest

from embprof.config.parity import is_compared, minima
from embprof.config.plan import plan

KEPT = "top10_kept_percent"


def config(*words: str) -> dict[str, object]:
    (job,) = plan(list(words)).jobs
    return dict(job.config)


@pytest.mark.parametrize(
    ("words", "is_so"),
    [
        ((), False),
        (("backend.dtype=bfloat16",), True),
        (("backend.dtype=int8",), True),
        (("backend.dtype=int8", "parity.texts=0"), False),
        (("truncate_dim=64",), True),
        (("prompt=query: ",), False),  # the reference has it too
        (("workload=nli", "backend.dtype=bfloat16"), False),  # has its own agreement
        (("workload=callable", "workload.function=time:sleep", "backend.dtype=bfloat16"), False),
    ],
)
def test_what_may_change_vectors_is_compared(words: tuple[str, ...], *, is_so: bool) -> None:
    assert is_compared(config(*words)) is is_so


def test_shares_are_given_and_figures_are_percent() -> None:
    found = minima(config("backend.dtype=int8", "parity.min_nearest_kept=0.95"))
    assert found == {"nearest_kept_percent": 95, KEPT: 90}
    assert minima(config("backend.dtype=int8", "parity.min_top10_kept=null")) == {}
    assert minima(config()) == {}


def test_stored_jobs_of_before_are_held_to_nothing() -> None:
    stored = config("backend.dtype=int8")
    del stored["parity"]
    assert minima(stored) == {}


def test_what_must_be_kept_is_no_part_of_the_question() -> None:
    (one,) = plan(["parity.texts=10", "parity.min_top10_kept=0.5"]).jobs
    (other,) = plan([]).jobs
    assert one.key == other.key
