"""Classes named in YAML: where they lead, what they take, what they cannot answer."""

import sys
from pathlib import Path
from typing import Any

import pytest

from embprof.config import heavy_classes
from embprof.config.plugins import contents, imports_torch, needs_torch, plugin_problems, ungated
from embprof.interface import faults

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


THEIRS = """
from typing import Annotated, Protocol, runtime_checkable
from pydantic import Field
import sys

@runtime_checkable
class Weighs(Protocol):
    '''A workload that has a weight.'''
    def weight(self): ...

class Scale:
    needs = Weighs
    def __init__(self, unit: Annotated[str, Field(max_length=2)] = "kg", step: int = 1) -> None:
        if step < 1:
            raise ValueError(f"step={step}: must be 1 or more")
    @classmethod
    def refusals(cls, config):
        if config["seed"] == 13:
            yield "seed=13: brings bad luck"
        if config["seed"] == 14:
            raise KeyError("lost")

class Stone:
    imports = ("torch", "json")
    def __init__(self, **anything): ...
    def weight(self): ...

class Texts:
    def __init__(self, name): ...
    def fingerprint(self):
        return "f" * 64
    def torch(self):
        return "torch" in sys.modules
"""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Classes of a package that embprof knows nothing of: the name of their module."""
    name = f"theirs_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def _asked(config: Defaults, measurement: Defaults, workload: str = "Stone") -> Defaults:
    module = measurement["_target_"].rpartition(".")[0]
    stone = {"_target_": f"{module}.{workload}", "size": 1}
    return {**config, "measurement": measurement, "workload": stone}


@pytest.mark.parametrize(
    ("parameters", "seed", "complaint"),
    [
        ({}, 0, None),
        ({"unti": "g"}, 0, "measurement.unti: Scale takes no unti, did you mean measurement.unit?"),
        ({"unit": "stone"}, 0, "measurement.unit=stone: String should have at most 2 characters"),
        ({"step": 0}, 0, "measurement.step=0: must be 1 or more"),
        ({}, 13, "seed=13: brings bad luck"),
    ],
)
def test_anothers_class_is_asked_as_ours_are(
    resolved_defaults: Defaults,
    theirs: str,
    parameters: Defaults,
    seed: int,
    complaint: str | None,
) -> None:
    scale = {"_target_": f"{theirs}.Scale", **parameters}
    config = _asked({**resolved_defaults, "seed": seed}, scale)
    assert list(plugin_problems(config)) == ([] if complaint is None else [complaint])


def test_anothers_measurement_says_what_it_needs(resolved_defaults: Defaults, theirs: str) -> None:
    config = _asked(resolved_defaults, {"_target_": f"{theirs}.Scale"}, "Texts")
    config["workload"] = {"_target_": f"{theirs}.Texts", "name": "x"}
    assert list(plugin_problems(config)) == [
        f"measurement={theirs}.Scale: needs a workload that has a weight; Texts is none"
    ]


def test_a_fault_in_anothers_refusals_is_named_and_the_job_is_measured(
    resolved_defaults: Defaults, theirs: str
) -> None:
    config = _asked({**resolved_defaults, "seed": 14}, {"_target_": f"{theirs}.Scale"})
    with faults.collected() as found:
        assert list(plugin_problems(config)) == []
    assert [str(fault) for fault in found] == [
        f"{theirs}.Scale: its refusals failed: KeyError: 'lost'"
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def", "SyntaxError: invalid syntax"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_a_module_that_is_broken_is_told_before_any_job(
    resolved_defaults: Defaults,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    complaint: str,
) -> None:
    name = f"broken_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(f"print('chatter')\n{source}\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = {**resolved_defaults, "workload": {"_target_": f"{name}.Mine", "x": 1}}
    (said,) = plugin_problems(config)
    assert said.startswith(f"workload._target_={name}.Mine: {name} cannot be imported: {complaint}")


@pytest.mark.parametrize("where", ["module", "package"])
def test_a_class_whose_module_imports_torch_is_asked_in_a_process_of_its_own(
    resolved_defaults: Defaults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    # A torch of this test's own: the real one takes seconds, and the rule is about the name.
    (tmp_path / "tensorflow.py").write_text("")
    package = tmp_path / f"heavy_{tmp_path.name}"
    package.mkdir()
    heavy = "import tensorflow\nprint('chatter')\n"
    (package / "__init__.py").write_text(heavy if where == "package" else "")
    (package / "scales.py").write_text((heavy if where == "module" else "") + THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    target = f"{package.name}.scales"
    unlucky = {**resolved_defaults, "seed": 13}
    with heavy_classes.one_process():
        refused = plugin_problems(_asked(unlucky, {"_target_": f"{target}.Scale"}))
        assert list(refused) == ["seed=13: brings bad luck"]
        wrong = plugin_problems(_asked(unlucky, {"_target_": f"{target}.Scale", "unti": 1}))
        assert list(wrong) == [
            "measurement.unti: Scale takes no unti, did you mean measurement.unit?"
        ]
        with faults.collected() as found:
            config = _asked({**unlucky, "seed": 14}, {"_target_": f"{target}.Scale"})
            assert list(plugin_problems(config)) == []
        assert [fault.error for fault in found] == ["KeyError: 'lost'"]
        assert contents({"_target_": f"{target}.Texts", "name": "x"}) == ("f" * 64, None)
        assert ungated(f"{target}.Scale") is None
    assert "tensorflow" not in sys.modules


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


def test_a_workload_says_itself_that_it_imports_torch(
    theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert imports_torch({"_target_": "embprof.workloads.embedding.Embedding"})
    assert not imports_torch({"_target_": "embprof.testing.Sleep"})
    sleep, beside = {"_target_": "embprof.testing.Sleep"}, "embprof.measurements"
    asks = {"_target_": f"{beside}.parity.Parity", "batch_size": 1}
    starts = {"_target_": f"{beside}.load_time.LoadTime", "imports": ["torch"]}
    assert needs_torch({"workload": sleep, "measurement": asks})
    assert not needs_torch({"workload": sleep, "measurement": starts})
    assert not imports_torch({"_target_": "no_such.module.Workload"})
    assert imports_torch({"_target_": f"{theirs}.Stone"})
    assert not imports_torch({"_target_": f"{theirs}.Texts"})
    (tmp_path / f"at_top_{theirs}.py").write_text("import torch")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert imports_torch({"_target_": f"at_top_{theirs}.Mine"})
