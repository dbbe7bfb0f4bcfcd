"""The answer of a sweep that was measured in rounds, and the section of its report."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

from embprof.measurements.documents.embedding_profile import document
from embprof.model import Stamp
from embprof.report.documents import markdown, page
from embprof.report.documents.answer import Reply, reply
from embprof.report.documents.contents import contents
from embprof.report.findings import findings
from embprof.report.study import Answer, Study
from tests.unit.races import race_of, raced

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeAnswer = Callable[..., Answer]

ERROR = "Error of any of these words: at most 1 %"


def study(answers: list[Answer]) -> Study:
    return Study(name="test", answers=tuple(answers))


def said(answers: list[Answer]) -> Reply:
    made = study(answers)
    return reply(made, findings(made))


def sizes(answer: MakeAnswer, *values: int, more: tuple[str, ...] = (), **changes: Any) -> Any:
    figures = {"throughput_texts_per_s": (100.0, 0.01)}
    return [answer(f"batch_size={size}", *more, figures=figures, **changes) for size in values]


def test_it_names_the_fastest_what_is_as_good_and_what_is_slower(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16, 32, 64, 128, 256)
    raced(answers, 1.22, 1.10, 1.005, 1.0, 1.001, 1.13)
    answered = said(answers)
    assert answered.is_answer
    assert answered.found == (
        "batch_size=64 is fastest; 32 and 128 are within 4 % of it; 8, 16 and 256 are slower "
        f"(they take 22, 10 and 13 % more time per text). {ERROR}."
    )
    assert answered.sure == (
        "Well: every row is told from the fastest, or the same for practical purposes; 40 rounds "
        "in 1 min 23 s, in which the machine was the same for all; each row is one process, and "
        "how processes differ is not in its ratios."
    )


def test_what_is_open_is_said_with_what_it_would_take(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    raced(answers, 1.0, 1.035)
    answered = said(answers)
    assert answered.found == (
        "batch_size=8 is in front; whether 16 differs from 8 is open: between 0.5 and 6.6 % more "
        f"time per text; about 38 s more would settle it. {ERROR}."
    )
    assert answered.sure.startswith("Partly: 1 of 2 rows is not told from the one in front; 40 ")
    three = sizes(answer, 8, 16, 32, sweep_id="20260101-000000-open")
    raced(three, 1.0, 1.035, 1.03)
    assert (
        "whether 16 and 32 differ from 8 is open: 16 between 0.5 and 6.6 % more, 32 between "
        "0.0 and 6.1 % more time per text; about 38 s more would settle them"
    ) in said(three).found


def test_where_nothing_is_known_of_the_time_it_would_take_none_is_said(
    answer: MakeAnswer,
) -> None:
    answers = sizes(answer, 8, 16)
    costs = {one.run.run_id: cost for one, cost in zip(answers, (1.0, 1.035), strict=True)}
    (pair,) = race_of(costs).pairs
    raced(answers, 1.0, 1.035, pairs=(dataclasses.replace(pair, more_seconds=None),))
    assert "settle" not in said(answers).found


def test_a_pair_that_was_never_in_one_round_is_open_without_a_range(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    raced(answers, 1.0, 1.035, pairs=())
    assert said(answers).found == (
        f"batch_size=8 is in front; whether 16 differs from 8 is open. {ERROR}."
    )


def test_rows_that_differ_in_several_keys_are_named_by_all(answer: MakeAnswer) -> None:
    answers = [
        *sizes(answer, 8, 64, more=("device=cpu",)),
        *sizes(answer, 8, 64, more=("device=cuda",)),
    ]
    raced(answers, 1.5, 1.3, 1.1, 1.0)
    assert said(answers).found == (
        "cuda batch 64 is fastest; cpu batch 8, cpu batch 64 and cuda batch 8 are slower (they "
        f"take 50, 30 and 10 % more time per text). {ERROR}."
    )


def test_a_device_needs_no_key_beside_it(answer: MakeAnswer) -> None:
    figures = {"throughput_texts_per_s": (100.0, 0.01)}
    answers = [answer(f"device={name}", figures=figures) for name in ("cpu", "cuda")]
    raced(answers, 1.5, 1.0)
    assert said(answers).found == (
        f"cuda is fastest; cpu is slower (it takes 50 % more time per text). {ERROR}."
    )


def test_of_many_rows_the_nearest_are_named_and_the_rest_counted(answer: MakeAnswer) -> None:
    answers = sizes(answer, *range(1, 65))
    raced(answers, *(2.0 - at / 100 for at in range(56)), *(1.0 + at / 1000 for at in range(8)))
    found = said(answers).found
    assert found.startswith(
        "batch_size=57 is fastest; 58, 59, 60, 61, 62, 63 and 1 other are within 4 % of it; 56, "
        "55, 54, 53, 52, 51 and 50 others are slower (they take 45, 46, 47, 48, 49, 50 %, the "
        "others up to 100 % more time per text)"
    )
    assert len(found) < 400


def test_each_of_several_races_is_a_sentence_and_many_are_counted(answer: MakeAnswer) -> None:
    every = []
    for length in (10, 100, 512, 1024):
        answers = sizes(answer, 8, 64, more=(f"text_length={length}",))
        raced(answers, 1.22, 1.0)
        every += answers
    assert said(every[:4]).found == (
        "With text_length=10, batch_size=64 is fastest; 8 is slower (it takes 22 % more time per "
        "text). With text_length=100, batch_size=64 is fastest; 8 is slower (it takes 22 % more "
        f"time per text). {ERROR}, in each race."
    )
    found = said(every).found
    assert found.count("is fastest") == 3
    assert "1 further race is in the report" in found
    made = contents(study(every))
    assert [race.title for race in made.races][:2] == [
        "With text_length=10",
        "With text_length=100",
    ]


def test_parts_of_a_resumed_sweep_are_told_by_their_rows(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16, 32, 64)
    raced(answers[:2], 1.22, 1.0)
    raced(answers[2:], 1.0, 1.5)
    assert said(answers).found.startswith("Of #0 and #1, batch_size=16 is fastest; 8 is slower")


def test_a_study_of_several_sweeps_is_answered_by_its_findings(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    raced(answers, 1.22, 1.0)
    other = sizes(answer, 32, sweep_id="20260102-000000-bbbb")
    assert "is fastest;" not in said([*answers, *other]).found


def test_without_a_leader_nothing_is_called_fastest(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    raced(answers, 1.22, 1.0, leader=None)
    assert "is fastest;" not in said(answers).found


def test_a_busy_machine_is_told_and_is_no_reason_to_begin_again(answer: MakeAnswer) -> None:
    stamps = (Stamp(mark="B", detail="others"),)
    answers = sizes(answer, 8, 16, stamps=stamps)
    raced(answers, 1.22, 1.0)
    answered = said(answers)
    assert "2 of 2 runs were disturbed (busy machine)" in answered.sure
    assert not answered.next.startswith("Measure again")


def test_a_missed_target_is_said_before_what_is_fastest(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16, more=("+targets.throughput_texts_per_s=500",))
    raced(answers, 1.22, 1.0)
    found = said(answers).found
    assert found.index("500") < found.index("batch_size=16 is fastest")


def test_the_report_has_a_section_of_its_own(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16, 32)
    raced(answers, 1.22, 1.0, 1.035, notes=("row 8 <waited>",), seed="a|b")
    made = contents(study(answers))
    as_page, as_markdown = page.text(made, None, interactive=False), markdown.text(made, "p")
    assert "<h2>Rows measured in rounds</h2>" in as_page
    assert "row 8 &lt;waited&gt;" in as_page
    assert "## Rows measured in rounds" in as_markdown
    (found,) = made.races
    assert [row[:3] for row in found.rows] == [
        ("#1 batch_size=16", "1", "best"),
        ("#2 batch_size=32", "1?", "open"),
        ("#0 batch_size=8", "3", "slower"),
    ]
    assert found.rows[2][-1] == "told slower after 12 rounds"
    assert found.notes[-1] == (
        "Open: #2 batch_size=32 beside #1 batch_size=16, between 0.5 and 6.6 % more in cost; "
        "about 38 s more would settle it."
    )
    assert "from the seed a|b" in found.notes[0]
    assert "wrong in at most 1 % of such sweeps" in found.notes[1]
    alone = contents(study(sizes(answer, 8, 16, sweep_id="20260102-000000-bbbb")))
    assert "in rounds" not in page.text(alone, None, interactive=False)
    assert "in rounds" not in markdown.text(alone, "p")


def test_a_column_of_reasons_is_left_out_where_no_row_left(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    raced(answers, 1.001, 1.0)
    text = markdown.text(contents(study(answers)), "p")
    assert re.search(r"\| 95 % interval \| rounds \|$", text, re.MULTILINE)


def test_pairs_beyond_the_first_twenty_are_counted(answer: MakeAnswer) -> None:
    answers = sizes(answer, *range(1, 9))
    every = race_of({one.run.run_id: 1.0 for one in answers})
    pairs = tuple(dataclasses.replace(one, word="open") for one in every.pairs)
    raced(answers, *(1.0,) * 8, pairs=pairs)
    (found,) = contents(study(answers)).races
    assert found.notes[-1] == "Open: 8 further pairs."


def test_the_profile_has_standings_and_pairs(answer: MakeAnswer) -> None:
    answers = sizes(answer, 8, 16)
    race = raced(answers, 1.22, 1.0)
    made = document(contents(study(answers)), None)
    assert made is not None
    (told,) = json.loads(made.model_dump_json(by_alias=True))["races"]
    assert told["leader"] == answers[1].run.run_id
    assert [one["rank"] for one in told["standings"]] == [2, 1]
    assert told["pairs"][0]["word"] == race.pairs[0].word == "faster"
    assert told["seed"] == "seed"
