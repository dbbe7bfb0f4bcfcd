"""Three sentences: what was found, how sure that is, what to do next."""

from collections.abc import Callable
from dataclasses import replace

from embprof.model import Stamp
from embprof.report.documents.answer import Reply, reply
from embprof.report.documents.contents import contents
from embprof.report.findings import findings
from embprof.report.study import Answer, Study

MakeAnswer = Callable[..., Answer]


def said(study: Study) -> Reply:
    return reply(study, findings(study))


def test_a_study_of_batch_sizes_is_answered_by_a_batch_size(batches: list[Answer]) -> None:
    answered = said(Study(name="test", answers=tuple(batches)))
    assert answered.found.startswith("Batches of 128 give 1,478 texts/s")
    assert answered.sure == (
        "Well: nothing disturbed the runs; half of the 95 % intervals are within ± 1.2 %."
    )
    assert answered.next.startswith("Encode in batches of 128")
    assert answered.command is not None
    assert "batch_size=32,128" in answered.command


def test_disturbed_runs_are_measured_again_first(answer: MakeAnswer) -> None:
    answers = [
        answer(
            f"batch_size={size}",
            figures={"throughput_texts_per_s": (rate, 0.3)},
            stamps=(Stamp(mark="B", detail="others"),),
        )
        for size, rate in ((8, 50.0), (32, 60.0))
    ]
    answered = said(Study(name="test", answers=tuple(answers)))
    assert answered.sure.startswith("Not very: 2 of 2 runs were disturbed (busy machine)")
    assert "how processes differ is not in them" in answered.sure
    assert answered.next.startswith("Measure again on a quiet machine")


def test_the_same_size_for_all_series_is_said_once(answer: MakeAnswer) -> None:
    answers = [
        answer(
            f"batch_size={size}",
            f"text_length={length}",
            figures={"throughput_texts_per_s": (rate / length, 0.01)},
        )
        for length in (1, 2)
        for size, rate in ((8, 50.0), (32, 60.0), (64, 90.0))
    ]
    assert (
        "The same size does in all 2 series."
        in said(Study(name="test", answers=tuple(answers))).found
    )


def test_what_to_do_next_is_its_command_where_it_would_only_repeat_the_answer() -> None:
    found = Reply(
        is_answer=True,
        found="Nothing is told.",
        conditions="",
        sure="",
        next="Ask: nothing is told.",
        command="x",
    )
    assert found.short_next == "x"
    assert replace(found, command=None).short_next == "Ask: nothing is told."
    assert replace(found, next="Measure again.").short_next == "Measure again."


def test_a_run_alone_is_answered_by_its_figure(answer: MakeAnswer) -> None:
    one = answer(figures={"throughput_texts_per_s": (1185.0, 0.012)})
    assert said(Study(name="test", answers=(one,))).found == "Throughput is 1,185 texts/s ± 1.2 %."


def test_a_run_alone_is_not_answered_by_what_disturbed_it(answer: MakeAnswer) -> None:
    spinning = (Stamp(mark="A", detail="wait_policy=default"),)
    one = answer(figures={"throughput_texts_per_s": (1185.0, 0.012)}, stamps=spinning)
    assert said(Study(name="test", answers=(one,))).found.startswith("Throughput is 1,185 texts/s")


def test_every_sentence_is_one_and_every_group_has_a_heading(study: Study) -> None:
    made = contents(study)
    for heading, sentence in made.reply.sentences:
        assert sentence.endswith(".")
        # Conditions begin with a name.
        assert heading == "Holds for" or sentence[0].isupper() or sentence[0].isdigit()
    assert sum(len(found) for _, found in made.groups) == len(made.findings)
