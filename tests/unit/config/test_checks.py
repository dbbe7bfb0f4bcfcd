"""What the schema alone cannot see: combinations, import paths, parameters of plug-ins."""

from typing import Any

import pytest

from embprof.config.checks import combination_problems, time_problems
from embprof.config.times import time_limit

Defaults = dict[str, Any]

FILE = "embprof.corpora.file.File"
SYNTHETIC = "embprof.corpora.synthetic.Synthetic"


def test_synthetic_text_has_no_length_of_its_own(resolved_defaults: Defaults) -> None:
    (said,) = combination_problems({**resolved_defaults, "text_length": "own"})
    assert said == "text_length=own: synthetic text has no length of its own; give a number"


def test_texts_of_a_file_may_keep_their_own_lengths(resolved_defaults: Defaults) -> None:
    corpus = {"_target_": FILE, "path": "x.txt", "unit": "characters"}
    config = {**resolved_defaults, "text_length": "own", "corpus": corpus}
    assert list(combination_problems(config)) == []


def test_a_unit_of_text_is_characters_or_tokens(resolved_defaults: Defaults) -> None:
    config = {**resolved_defaults, "corpus": {"_target_": SYNTHETIC, "unit": "words"}}
    assert list(combination_problems(config)) == ["corpus.unit=words: must be characters or tokens"]


@pytest.mark.parametrize("text_length", [1, 2, "lognormal:2:0.5"])
def test_a_text_in_tokens_needs_room_beside_the_special_ones(
    resolved_defaults: Defaults, text_length: int | str
) -> None:
    config = {
        **resolved_defaults,
        "text_length": text_length,
        "corpus": {"_target_": SYNTHETIC, "unit": "tokens"},
    }
    (said,) = combination_problems(config)
    assert said.startswith(f"text_length={text_length}: must be at least 3 with corpus.unit=tokens")


@pytest.mark.parametrize("text_length", [3, "lognormal:3:0.5"])
def test_three_tokens_are_enough(resolved_defaults: Defaults, text_length: int | str) -> None:
    config = {
        **resolved_defaults,
        "text_length": text_length,
        "corpus": {"_target_": SYNTHETIC, "unit": "tokens"},
    }
    assert list(combination_problems(config)) == []


@pytest.mark.parametrize(
    ("max_seconds", "time_limit", "told"),
    [(20, 36, 0), (20, 35, 1), (None, 35, 1), (None, 36, 0), (600, 600, 1)],
)
def test_a_time_limit_must_leave_time_to_warm_up_and_to_measure(
    resolved_defaults: Defaults, max_seconds: float | None, time_limit: float, told: int
) -> None:
    changed = {**resolved_defaults, "max_seconds": max_seconds, "time_limit": time_limit}
    found = list(time_problems(changed))
    assert len(found) == told
    assert all(said.startswith(f"time_limit={time_limit}: must be more than") for said in found)


def test_a_number_of_iterations_may_take_as_long_as_the_time_limit(
    resolved_defaults: Defaults,
) -> None:
    changed = {**resolved_defaults, "iterations": 5, "max_seconds": None, "time_limit": 1}
    assert list(time_problems(changed)) == []


MEMORY = "embprof.measurements.memory.Memory"


def test_a_duration_is_beside_the_time_limit_and_must_be_a_time(
    resolved_defaults: Defaults,
) -> None:
    watched = {**resolved_defaults, "measurement": {"_target_": MEMORY, "duration": "2h"}}
    assert list(time_problems(watched)) == []
    assert time_limit(watched) == resolved_defaults["time_limit"] + 7200
    said = "measurement.duration=soon: must be a time, such as 90s, 30min or 2h"
    wrong = {**resolved_defaults, "measurement": {"_target_": MEMORY, "duration": "soon"}}
    assert list(time_problems(wrong)) == [said]
