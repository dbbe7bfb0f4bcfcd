"""What agreement pair by pair allows to conclude, and what it does not."""

from collections.abc import Sequence

import pytest

from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.figures import figures
from embprof.interface.subjects import subject
from embprof.model import Figure, Samples, Slice
from embprof.workloads.nli.agreement import Lacks
from embprof.workloads.nli.figures import MAY_BE_LOST, NOTES

NLI = subject("embprof.workloads.nli.Nli")
ENOUGH = 381


def conclude(slices: Sequence[Slice]) -> Conclusion:
    return conclusions.conclude(slices, [NLI])


def asked(
    agree: int, pairs: int, *, lacks: Lacks = Lacks.LABELS, restart: int = 0, **more: float
) -> Slice:
    """A slice of so many pairs of which some agree; ``more``: shares of the pairs, in percent."""
    values = {
        "agreement": [100.0] * agree + [0.0] * (pairs - agree),
        "near_ties": [0.0] * pairs,
        "pairs_cut": [0.0] * pairs,
        "reference_label": [float(at % 2) for at in range(pairs)],
        "reference_margin": [1.0] * pairs,
        "accuracy_lacks": [float(lacks)],
        "accuracy": [],
    }
    for name, percent in more.items():
        hits = round(percent * pairs / 100)
        values[name] = [100.0] * hits + [0.0] * (pairs - hits)
    samples = tuple(
        Samples(name=name, unit="%", better="higher", values=tuple(given))
        for name, given in values.items()
    )
    return Slice(restart=restart, warmup=False, started=0.0, seconds=1.0, samples=samples)


def named(conclusion: Conclusion) -> dict[str, Figure]:
    return {figure.name: figure for figure in conclusion.figures}


@pytest.mark.parametrize(
    ("agree", "pairs", "word"),
    [
        (ENOUGH, ENOUGH, "unchanged"),
        (ENOUGH - 1, ENOUGH - 1, "too_few_to_tell"),
        (419, 420, "too_few_to_tell"),
        (400, 420, "changed"),
        (0, 20, "changed"),
        (9999, 10000, "unchanged"),
        (9000, 10000, "changed"),
    ],
)
def test_the_word_says_what_the_interval_rules_out(agree: int, pairs: int, word: str) -> None:
    conclusion = conclude([asked(agree, pairs)])
    assert conclusion.outcomes == {"predictions": word}
    estimate = named(conclusion)["agreement_percent"].estimate
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert (estimate.low >= 100 - MAY_BE_LOST) == (word == "unchanged")
    assert (estimate.high < 100 - MAY_BE_LOST) == (word == "changed")


def test_of_random_weights_only_that_nothing_changed_can_be_told() -> None:
    words = {
        agree: conclude([asked(agree, 420, lacks=Lacks.WEIGHTS)]).outcomes["predictions"]
        for agree in (420, 419, 300)
    }
    assert words == {420: "unchanged", 419: "ties", 300: "ties"}


def test_an_accuracy_has_an_interval_and_the_reference_s_beside_it() -> None:
    found = named(
        conclude([asked(100, 100, lacks=Lacks.NOTHING, accuracy=70, reference_accuracy=75)])
    )
    mine, reference = (found[f"{name}accuracy_percent"].estimate for name in ("", "reference_"))
    assert mine is not None
    assert reference is not None
    assert (mine.value, reference.value) == (70, 75)
    assert mine.low is not None
    assert mine.low < 70


@pytest.mark.parametrize("lacks", list(NOTES))
def test_without_an_accuracy_the_figure_says_why(lacks: Lacks) -> None:
    figure = named(conclude([asked(10, 10, lacks=lacks)]))["accuracy_percent"]
    assert figure.estimate is None
    assert str(figure.note).startswith("n/a (")


def test_every_reason_has_words() -> None:
    assert set(NOTES) == set(Lacks) - {Lacks.NOTHING}


def test_agreement_is_told_by_label_where_the_labels_are_known() -> None:
    found = named(conclude([asked(9, 10)]))
    estimates = {
        label: found[f"agreement_{label}_percent"].estimate for label in ("supports", "refutes")
    }
    assert {label: one.value for label, one in estimates.items() if one} == {
        "supports": 100,
        "refutes": 80,
    }
    assert "agreement_neutral_percent" not in found


def test_a_second_restart_asks_the_same_pairs_and_adds_no_evidence() -> None:
    slices = [asked(10, 10), asked(10, 10, restart=1)]
    estimate = named(conclude(slices))["agreement_percent"].estimate
    assert estimate is not None
    assert estimate.n == 10


def test_readings_of_pairs_are_no_figures_by_themselves() -> None:
    difference = Samples(
        name="max_logit_difference", unit="1", better="lower", values=(0.0, 0.2, 0.1),
        summary="largest",
    )  # fmt: skip
    one = asked(10, 10)
    piece = Slice(
        restart=0, warmup=False, started=0.0, seconds=1.0, samples=(difference, *one.samples)
    )
    (figure,) = figures([piece], "pairs", NLI.account.supporting)
    assert figure.name == "max_logit_difference"
    assert figure.estimate is not None
    assert figure.estimate.value == 0.2
