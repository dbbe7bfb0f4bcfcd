"""Which jobs' answers are compared with the reference, and what they must keep."""

from pathlib import Path

import pytest

from embprof.config.parity import held_to, is_compared
from embprof.config.plan import plan
from embprof.errors import RequestError
from tests.unit.corpora.test_labelled_queries import folder

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
        (("parity.labelled=builtin",), True),  # how good the reference is, too
        (("workload=nli", "backend.dtype=bfloat16"), False),  # has its own agreement
        (("workload=callable", "workload.function=time:sleep", "backend.dtype=bfloat16"), False),
    ],
)
def test_what_may_change_vectors_is_compared(words: tuple[str, ...], *, is_so: bool) -> None:
    assert is_compared(config(*words)) is is_so


def test_shares_are_given_and_figures_are_percent() -> None:
    found = held_to(config("backend.dtype=int8", "parity.min_nearest_kept=0.95"))
    assert found == {"nearest_kept_percent": 95, KEPT: 90}
    assert held_to(config("backend.dtype=int8", "parity.min_top10_kept=null")) == {}
    assert held_to(config()) == {}


def test_odd_texts_and_labelled_queries_are_held_to_as_they_are_given() -> None:
    words = ("parity.labelled=builtin", "parity.max_ndcg10_loss=0.02", "parity.min_top10_kept=null")
    found = held_to(config("backend.dtype=int8", "parity.min_probes_cosine=0.9", *words))
    assert found == {"probes_cosine_min": 0.9, "ndcg10_loss": 0.02}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (
            ("parity.max_ndcg10_loss=0.02",),
            "parity.max_ndcg10_loss=0.02: needs labelled queries; set parity.labelled to builtin",
        ),
        (
            ("parity.labelled=builtin", "parity.texts=0"),
            "parity.labelled=builtin: parity.texts=0 compares nothing",
        ),
        (
            ("parity.labelled=builtin", "workload=nli"),
            "parity.labelled=builtin: only what embeds texts on a backend can be asked; Nli does",
        ),
        (
            ("parity.labelled=builtin", "parity.max_ndcg10_loss=0", "model.weights=random"),
            "parity.max_ndcg10_loss=0: model.weights=random finds nothing that could be lost",
        ),
        (("measurement=parity", "parity.texts=0"), "parity.texts=0: measurement=parity compares"),
        (("parity.labelled=nowhere",), "parity.labelled=nowhere: there is no such folder"),
        (("parity.labelled=''",), "parity.labelled="),
        (("parity.min_probes_cosine=2",), "parity.min_probes_cosine=2: must be at most 1"),
        (
            ("measurement=parity", "workload=http", "workload.url=http://localhost:1"),
            "measurement=parity: needs a workload whose answers can be held against",
        ),
    ],
)
def test_what_cannot_be_judged_is_said_while_planning(words: tuple[str, ...], problem: str) -> None:
    with pytest.raises(RequestError) as raised:
        plan(list(words))
    assert any(one.startswith(problem) for one in raised.value.problems), raised.value.problems


def test_queries_that_are_left_out_are_told(tmp_path: Path) -> None:
    labelled = folder(tmp_path)
    assert plan([f"parity.labelled={labelled}"]).notes == (
        f"parity.labelled={labelled}: 1 of 3 queries have no relevant document and are left out",
    )


def test_stored_jobs_of_before_are_held_to_nothing() -> None:
    stored = config("backend.dtype=int8")
    del stored["parity"]
    assert held_to(stored) == {}


def test_what_must_be_kept_is_no_part_of_the_question() -> None:
    (one,) = plan(["parity.texts=10", "parity.min_top10_kept=0.5"]).jobs
    (other,) = plan([]).jobs
    assert one.key == other.key
