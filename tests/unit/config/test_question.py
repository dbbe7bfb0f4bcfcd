"""What a run asks, said once, however often its configuration repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embprof.config.question import differing, question

if TYPE_CHECKING:
    from tests.unit.conftest import MakeRun

BERT = {"name": "nli", "weights": "random"}
MINILM = {"name": "minilm", "weights": "pretrained"}


def asked(run: MakeRun, workload: dict[str, Any], **top: Any) -> dict[str, Any]:
    config = {"batch_size": 8, "model": MINILM, "cross_encoder": BERT, "database": {"dsn": None}}
    return question(run(config={**config, "workload": workload, **top}))


def test_what_the_workload_repeats_at_any_depth_is_asked_once(run: MakeRun) -> None:
    part = {"_target_": "a.B", "model": MINILM, "batch_size": 8, "k": 5}
    found = asked(run, {"_target_": "a.C", "search": part, "retrieval": "parallel"})
    assert found == {
        "batch_size": 8,
        "prompt": None,  # as jobs had it that could not say so
        "truncate_dim": None,
        "model.name": "minilm",
        "model.weights": "pretrained",
        "workload._target_": "a.C",
        "workload.search._target_": "a.B",
        "workload.search.k": 5,
        "workload.retrieval": "parallel",
    }


def test_what_stands_under_another_name_is_the_same_thing(run: MakeRun) -> None:
    found = asked(run, {"_target_": "a.B", "model": BERT})
    assert found["cross_encoder.name"] == "nli"
    assert not [key for key in found if key.startswith("workload.model")]


def test_what_the_workload_does_not_refer_to_is_not_asked(run: MakeRun) -> None:
    found = asked(run, {"_target_": "a.B", "batch_size": 8})
    assert not [key for key in found if key.startswith(("cross_encoder", "database"))]


def test_a_part_that_is_given_something_else_asks_that(run: MakeRun) -> None:
    found = asked(run, {"_target_": "a.B", "embed": {"batch_size": 16, "model": BERT | {"x": 1}}})
    assert found["workload.embed.batch_size"] == 16
    assert found["workload.embed.model.x"] == 1


def test_parameters_of_the_workload_tell_runs_apart(run: MakeRun) -> None:
    configs = [
        asked(run, {"_target_": "a.B", "batch_size": size, "retrieval": way}, batch_size=size)
        for size in (8, 16)
        for way in ("sequential", "parallel")
    ]
    assert differing(configs) == ["batch_size", "workload.retrieval"]


def test_what_only_some_options_have_changes_along_with_the_option() -> None:
    torch = {"backend.name": "torch", "backend.dtype": "float32"}
    one: dict[str, Any] = {
        "backend.name": "openvino",
        "backend.dtype": "float32",
        "backend.streams": 1,
    }
    one |= {"backend._target_": "embprof.backends.openvino.Openvino"}
    assert differing([torch, one]) == ["backend.name"]
    assert differing([torch, {**one, "backend.dtype": "int8"}]) == ["backend.name", "backend.dtype"]
    several = [torch, one, {**one, "backend.streams": 2}]
    assert differing(several) == ["backend.name", "backend.streams"]
    assert differing(several[1:]) == ["backend.streams"]
