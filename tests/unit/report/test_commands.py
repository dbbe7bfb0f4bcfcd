"""The command that would check a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.report.check_command import command

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer


def test_what_was_asked_stays_and_how_it_was_measured_goes(answer: MakeAnswer) -> None:
    base = answer("device=cpu", "max_seconds=3", "warmup.iterations=1", "batch_size=8")
    assert command(base, {"batch_size": [8, 64], "restarts": 5}) == (
        "python -m embprof -m device=cpu batch_size=8,64 restarts=5"
    )


def test_a_scenario_stays_with_its_measurement(answer: MakeAnswer) -> None:
    base = answer("experiment=batch_size", "batch_size=8")
    assert command(base, {"measurement": "memory"}) == (
        "python -m embprof experiment=batch_size batch_size=8 measurement=memory"
    )
    assert command(base, {"measurement": "leak"}) == (
        "python -m embprof batch_size=8 measurement=leak"
    )


def test_a_gate_is_not_asked_again(answer: MakeAnswer) -> None:
    base = answer("experiment=gate", "batch_size=8")
    assert command(base, {"restarts": 5}) == "python -m embprof batch_size=8 restarts=5"


def test_options_of_the_old_measurement_go(answer: MakeAnswer) -> None:
    base = answer("measurement=load_time", "measurement.start=cold")
    assert command(base, {"measurement": "memory"}) == "python -m embprof measurement=memory"
    assert command(base, {"restarts": 9}) == (
        "python -m embprof measurement=load_time measurement.start=cold restarts=9"
    )


def test_words_that_a_shell_would_split_are_quoted(answer: MakeAnswer) -> None:
    base = answer("question='is it fast?'")
    assert command(base, {"model.name": "my model"}) == "python -m embprof 'model.name=my model'"
    assert command(None, {"normalize": True}) == "python -m embprof normalize=true"


def test_a_scenario_that_goes_leaves_the_workload_that_it_chose(answer: MakeAnswer) -> None:
    base = answer("experiment=heavy_search", "workload.arguments.vectors=1000", "threads=1")
    chosen = (
        "python -m embprof workload=callable "
        "workload.function=embprof.examples.heavy_search:HeavySearch "
        "'workload.arguments={vectors: 1000, method: differences}' workload.items=searches "
        "threads=1 measurement=leak"
    )
    assert command(base, {"measurement": "leak"}) == chosen
    kept = command(base, {"measurement": "memory"})
    assert kept == (
        "python -m embprof experiment=heavy_search workload.arguments.vectors=1000 threads=1 "
        "measurement=memory"
    )


def test_what_is_asked_anew_of_a_workload_is_not_said_twice(answer: MakeAnswer) -> None:
    base = answer("experiment=heavy_search")
    said = command(base, {"measurement": "leak", "workload.items": "queries"})
    assert said.count("workload.items") == 1
    assert "workload.items=queries" in said


def test_a_colon_is_typed_as_one(answer: MakeAnswer) -> None:
    base = answer("workload=callable", "workload.function=a.b\\:f")
    assert command(base, {"restarts": 5}) == (
        "python -m embprof workload=callable workload.function=a.b:f restarts=5"
    )
