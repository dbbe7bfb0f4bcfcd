"""Deciding passages found, and verdicts that are right."""

from embprof.workloads.pipeline.verification.claims import Claim
from embprof.workloads.pipeline.verification.quality import evidence_recall, verdict_accuracy
from embprof.workloads.pipeline.verification.verdict import Ruling

ICE = Claim(text="Ice floats.", truth=Ruling.SUPPORTED, decisive=frozenset({"a", "b"}))
MOON = Claim(text="The Moon glows.", truth=Ruling.REFUTED, decisive=frozenset({"c"}))


def test_recall_counts_the_passages_that_decide_and_no_others() -> None:
    (found,) = evidence_recall([ICE, MOON], [("a", "x", "y"), ("c",)], "abcxy")
    assert (found.name, found.unit, found.values) == ("evidence_recall", "%", (50.0, 100.0))


def test_passages_that_are_not_searched_cannot_be_missed() -> None:
    (found,) = evidence_recall([ICE, MOON], [("a",), ()], ["a", "x"])
    assert found.values == (100.0,)
    assert evidence_recall([ICE, MOON], [(), ()], ["x"]) == []


def test_a_claim_left_undecided_is_not_right() -> None:
    found = verdict_accuracy([ICE, MOON], [Ruling.SUPPORTED, Ruling.UNDECIDED])
    assert (found.name, found.values) == ("verdict_accuracy", (100.0, 0.0))
