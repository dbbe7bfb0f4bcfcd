"""What the schema alone cannot see: combinations, import paths, parameters of plug-ins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embprof.config.checks import (
    combination_problems,
    plugin_problems,
    time_problems,
    truncation_problems,
)
from embprof.config.times import time_limit

Defaults = dict[str, Any]

SYNTHETIC = "embprof.corpora.synthetic.Synthetic"
FILE = "embprof.corpora.file.File"


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
    assert list(plugin_problems(wrong)) == [said]


def test_a_value_that_a_measurement_of_ours_refuses_is_told(resolved_defaults: Defaults) -> None:
    wrong = {**resolved_defaults, "measurement": {"_target_": MEMORY, "concurrency": 0}}
    assert list(plugin_problems(wrong)) == [
        "measurement.concurrency=0: must be a whole number from 1"
    ]


@pytest.mark.parametrize(("truncation", "told"), [(None, 0), (512, 0), (513, 1)])
def test_no_more_tokens_than_the_model_can_take(
    resolved_defaults: Defaults, truncation: int | None, told: int
) -> None:
    found = list(truncation_problems({**resolved_defaults, "truncation": truncation}, None))
    assert found == ["truncation=513: the model takes at most 512 tokens"] * told


def test_what_a_saved_model_can_take_is_read_from_its_folder(
    resolved_defaults: Defaults, model_folder: Path
) -> None:
    config = {**resolved_defaults, "truncation": 200}
    assert list(truncation_problems(config, str(model_folder))) == []
    (model_folder / "config.json").write_text('{"max_position_embeddings": 128}')
    assert list(truncation_problems(config, str(model_folder))) == [
        "truncation=200: the model takes at most 128 tokens"
    ]


def test_a_module_that_is_not_there_is_told_with_where_to_put_it(
    resolved_defaults: Defaults,
) -> None:
    config = {**resolved_defaults, "workload": {"_target_": "no_such_module.sub.Mine"}}
    (said,) = plugin_problems(config)
    assert said.startswith(
        "workload._target_=no_such_module.sub.Mine: there is no module no_such_module.sub;"
    )
    assert "PYTHONPATH" in said


def test_a_module_of_ours_without_the_class_is_told(resolved_defaults: Defaults) -> None:
    config = {**resolved_defaults, "corpus": {"_target_": "embprof.corpora.file.Fil"}}
    assert list(plugin_problems(config)) == [
        "corpus._target_=embprof.corpora.file.Fil: the module has no Fil"
    ]


def test_a_parameter_that_a_class_of_ours_does_not_take_names_the_nearest(
    resolved_defaults: Defaults,
) -> None:
    corpus = {"_target_": FILE, "path": "x.txt", "colum": "text"}
    (said,) = plugin_problems({**resolved_defaults, "corpus": corpus})
    assert said == "corpus.colum: File takes no colum, did you mean corpus.column?"


def test_a_parameter_that_a_class_of_ours_needs_must_be_given(
    resolved_defaults: Defaults,
) -> None:
    (said,) = plugin_problems({**resolved_defaults, "corpus": {"_target_": FILE}})
    assert said == "corpus.path: must be given"


def test_anothers_module_is_found_and_not_imported(
    resolved_defaults: Defaults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "embprof_test_plugin.py").write_text("raise AssertionError('was imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = {**resolved_defaults, "workload": {"_target_": "embprof_test_plugin.Mine", "x": 1}}
    assert list(plugin_problems(config)) == []


def test_the_defaults_have_plug_ins_that_exist_and_take_their_parameters(
    resolved_defaults: Defaults,
) -> None:
    assert list(plugin_problems(resolved_defaults)) == []


def test_meaning_is_not_judged_where_there_is_none(resolved_defaults: Defaults) -> None:
    judged = {"_target_": "embprof.measurements.truncation_loss.TruncationLoss", "texts": 5}
    model = {**resolved_defaults["model"], "weights": "random"}
    config = {**resolved_defaults, "measurement": judged, "model": model}
    weights, corpus, texts = plugin_problems(config)
    assert weights == (
        "model.weights=random: measurement=truncation_loss judges meaning, and embeddings of "
        "random weights have none; use model.weights=pretrained"
    )
    assert corpus == (
        "corpus=synthetic: measurement=truncation_loss judges meaning, and random words have none; "
        "use corpus=evidence, corpus=claims or corpus=file"
    )
    assert texts == "measurement.texts=5: must be a whole number, 20 at least"
