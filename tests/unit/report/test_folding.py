"""Many findings that are alike are one."""

from embprof.interface.finding import Finding, Kind
from embprof.report.folding import NAMED, fold


def _facts(count: int, words: str = "Batches of") -> list[Finding]:
    return [
        Finding(
            rule="rule",
            kind=Kind.FACT,
            title=f"{words} {number} are enough",
            evidence=(f"evidence {number}",),
            runs=(f"s/{number}",),
        )
        for number in range(count)
    ]


def test_a_few_stay_apart() -> None:
    assert fold(_facts(3)) == _facts(3)


def test_many_that_differ_in_figures_alone_are_one_that_names_the_others() -> None:
    (folded,) = fold(_facts(5))
    assert folded.title == "Batches of 0 are enough, and 4 findings like it"
    assert folded.evidence == (
        "evidence 0",
        *(f"likewise: Batches of {number} are enough" for number in range(1, 5)),
    )
    assert folded.runs == tuple(f"s/{number}" for number in range(5))


def test_very_many_are_cut_short() -> None:
    (folded,) = fold(_facts(100))
    assert len(folded.evidence) == 2 + NAMED
    assert folded.evidence[-1] == f"and {99 - NAMED} more"


def test_what_says_something_else_stays() -> None:
    assert len(fold([*_facts(5), *_facts(2, "Threads")])) == 3
