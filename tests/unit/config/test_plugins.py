"""Classes named in YAML: where they lead, what they take, what they cannot answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embprof.config.plugins import imports_torch, own_class, plugin_problems

Defaults = dict[str, Any]

FILE = "embprof.corpora.file.File"
MEMORY = "embprof.measurements.memory.Memory"


def test_a_value_that_a_measurement_of_ours_refuses_is_told(resolved_defaults: Defaults) -> None:
    wrong = {**resolved_defaults, "measurement": {"_target_": MEMORY, "concurrency": 0}}
    assert list(plugin_problems(wrong)) == [
        "measurement.concurrency=0: must be a whole number from 1"
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


def test_a_duration_that_is_no_time_is_told(resolved_defaults: Defaults) -> None:
    wrong = {**resolved_defaults, "measurement": {"_target_": MEMORY, "duration": "soon"}}
    said = "measurement.duration=soon: must be a time, such as 90s, 30min or 2h"
    assert list(plugin_problems(wrong)) == [said]


def test_a_part_of_a_workload_is_checked_like_a_workload(resolved_defaults: Defaults) -> None:
    part = {**resolved_defaults["workload"], "sede": 1}
    whole = {"_target_": "embprof.testing.Sleep", "seconds": 1, "batch_size": 1, "inner": part}
    said = list(plugin_problems({**resolved_defaults, "workload": whole}))
    assert said == [
        "workload.inner: Sleep takes no inner",
        "workload.inner.sede: Embedding takes no sede, did you mean workload.inner.seed?",
    ]


def test_a_model_that_a_workload_names_itself_is_checked(resolved_defaults: Defaults) -> None:
    model = {**resolved_defaults["model"], "weights": "some"}
    workload = {**resolved_defaults["workload"], "model": model}
    (said,) = plugin_problems({**resolved_defaults, "workload": workload})
    assert said == "workload.model.weights: must be one of 'pretrained' or 'random'"


def test_a_measurement_tells_which_workload_it_needs(resolved_defaults: Defaults) -> None:
    judged = {"_target_": "embprof.measurements.truncation_loss.TruncationLoss", "texts": 100}
    sleep = {"_target_": "embprof.testing.Sleep", "seconds": 1, "batch_size": 1}
    corpus = {"_target_": "embprof.corpora.builtin.Builtin", "name": "evidence"}
    config = {**resolved_defaults, "measurement": judged, "workload": sleep, "corpus": corpus}
    (said,) = plugin_problems(config)
    assert said == (
        "measurement=truncation_loss: needs a workload that embeds texts, each cut at a number of "
        "tokens; Sleep is none"
    )


def test_only_ours_are_known_to_import_torch() -> None:
    assert imports_torch({"_target_": "embprof.workloads.embedding.Embedding"})
    assert not imports_torch({"_target_": "embprof.testing.Sleep"})
    assert not imports_torch({"_target_": "theirs.module.Workload"})
    assert own_class("embprof.no_such.Thing") is None
