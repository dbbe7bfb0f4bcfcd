"""Figures of others become runs that match by configuration and can never be judged."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from embprof.config.references import flatten
from embprof.errors import RequestError
from embprof.model import Stored
from embprof.tracking import foreign

DOCUMENT = {
    "machine": "a desk",
    "results": [{"batch": 8, "rate": 527, "seconds": 0.0152}, {"batch": 16, "rate": 782.5}],
    "named": {"8": {"rate": 527}, "16": {"rate": 782}},
    "summary": {"peaks": [1, 537.9], "gain": 1.5},
}


def layout(tmp_path: Path, *entries: dict[str, Any]) -> foreign.Layout:
    file = tmp_path / "mapping.yaml"
    file.write_text(yaml.safe_dump({"entries": list(entries)}, sort_keys=False))
    return foreign.layout(str(file))


def mapped(tmp_path: Path, *entries: dict[str, Any]) -> tuple[Stored, ...]:
    return foreign.figures_of_others(DOCUMENT, layout(tmp_path, *entries), "their.json")


def test_every_entry_of_a_list_is_a_run_that_says_what_it_matches(tmp_path: Path) -> None:
    found = mapped(
        tmp_path,
        {
            "each": "results",
            "match": {"device": "cpu", "batch_size": "${batch}", "truncation": None},
            "figures": {"throughput_texts_per_s": "rate"},
        },
    )
    assert [stored.run.config for stored in found] == [
        {"device": "cpu", "batch_size": 8, "truncation": None},
        {"device": "cpu", "batch_size": 16, "truncation": None},
    ]
    assert [stored.run.value("throughput_texts_per_s") for stored in found] == [527, 782.5]
    assert found[0].run.overrides == ("device=cpu", "batch_size=8", "truncation=null")
    assert [stored.run.run_id for stored in found] == ["their.json/0", "their.json/1"]


def test_entries_of_a_mapping_have_names_to_match_with(tmp_path: Path) -> None:
    entry = {
        "each": "named",
        "match": {"batch_size": "${each}"},
        "figures": {"throughput_texts_per_s": "rate"},
    }
    assert [s.run.config for s in mapped(tmp_path, entry)] == [
        {"batch_size": 8},
        {"batch_size": 16},
    ]


def test_a_path_goes_through_names_and_positions_and_a_factor_gives_our_unit(
    tmp_path: Path,
) -> None:
    (found,) = mapped(
        tmp_path,
        {
            "figures": {
                "peak_rss_mb": "summary.peaks.1",
                "latency_p50_ms": {"path": "results.0.seconds", "factor": 1000},
                "gain": {"path": "summary.gain", "better": "higher"},
            }
        },
    )
    values = {
        figure.name: figure.estimate and figure.estimate.value for figure in found.run.figures
    }
    assert values == {"peak_rss_mb": 537.9, "latency_p50_ms": pytest.approx(15.2), "gain": 1.5}
    better = {figure.name: figure.better for figure in found.run.figures}
    assert better == {"peak_rss_mb": "lower", "latency_p50_ms": "lower", "gain": "higher"}


def test_figures_of_others_have_no_interval_and_nothing_to_judge_them_by(tmp_path: Path) -> None:
    found = mapped(tmp_path, {"each": "results", "figures": {"throughput_texts_per_s": "rate"}})
    for stored in found:
        assert stored.is_foreign
        assert (stored.hard, stored.run.key, stored.run.environment) == ({}, "", "")
        for figure in stored.run.figures:
            assert figure.estimate is not None
            assert (figure.estimate.low, figure.estimate.high) == (None, None)
            assert figure.estimate.basis == "a figure of others"


def test_figures_match_a_configuration_that_has_all_their_values(
    tmp_path: Path, resolved_defaults: dict[str, Any]
) -> None:
    def matches(**match: Any) -> bool:
        entry = {"match": match, "figures": {"x_s": "summary.gain"}}
        return foreign.matches(mapped(tmp_path, entry)[0], resolved_defaults)

    assert matches()
    assert matches(device="cpu", batch_size=32, iterations=None)
    assert matches(**{"model.name": "sentence-transformers/all-MiniLM-L6-v2", "seed": 0})
    assert not matches(device="cpu", batch_size=64)
    assert not matches(**{"corpus.path": None}), "a key that the job has not got"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"figures": {"x_s": "nothing"}}, "their.json: nothing: there is nothing of that name"),
        ({"figures": {"x_s": "results.7.rate"}}, "results.7.rate: there is nothing"),
        ({"figures": {"x_s": "machine"}}, 'machine: "a desk" is not a number'),
        ({"figures": {"x_s": "summary"}}, "is not a number"),
        ({"each": "none", "figures": {"x_s": "rate"}}, "none: there is nothing of that name"),
        ({"each": "machine", "figures": {"x_s": "rate"}}, "neither a list nor a mapping"),
        (
            {"each": "results", "figures": {"x_s": "seconds"}},
            "results.1: seconds: there is nothing of that name",
        ),
        (
            {"match": {"batch_size": "${none}"}, "figures": {"x_s": "summary.gain"}},
            "none: there is nothing of that name",
        ),
    ],
)
def test_what_the_document_has_not_got_is_an_error_that_names_it(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError) as caught:
        mapped(tmp_path, entry)
    assert said in str(caught.value)


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        mapped(tmp_path, {"figures": {"x_s": "a"}}, {"each": "b", "figures": {"x_s": "c"}})
    assert len(caught.value.problems) == 2


def test_an_empty_list_is_an_error(tmp_path: Path) -> None:
    entry = {"each": "results", "figures": {"x_s": "rate"}}
    with pytest.raises(RequestError, match="finds no figures"):
        foreign.figures_of_others({"results": []}, layout(tmp_path, entry), "their.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("entries: [", "cannot be read"),
        ("", "the file: "),
        ("entries: []", "entries: "),
        ("entries: [{figures: {}}]", "entries.0.figures: "),
        ("entries: [{figures: {Not a name: x}}]", "figures.Not a name"),
        ("entries: [{figurs: {x_s: x}}]", "entries.0.figurs: "),
        ("entries: [{figures: {x_s: {path: a, factor: .nan}}}]", "factor"),
        ("entries: [{match: {batchsize: 8}, figures: {x_s: x}}]", "there is no key batchsize"),
        ("entries: [{match: {model.nam: m}, figures: {x_s: x}}]", "there is no key model.nam"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(text)
    with pytest.raises(RequestError) as caught:
        foreign.layout(str(file))
    assert f"--mapping {file}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_mapping_that_is_not_there_names_those_that_come_with_embprof() -> None:
    with pytest.raises(RequestError, match=r"neither a file .* \(embedding_service\)"):
        foreign.layout("../mappings/embedding_service")


@pytest.mark.parametrize("name", sorted(foreign.shipped()))
def test_every_mapping_that_comes_with_embprof_is_valid_and_says_at_its_top_what_it_is(
    name: str,
) -> None:
    assert foreign.layout(name).entries
    assert foreign.shipped()[name].read_text().startswith("# ")


def test_the_reference_service_stands_beside_the_jobs_it_is_about(
    resolved_defaults: dict[str, Any],
) -> None:
    document = {"texts_per_second": 1185, "single_text_ms": 6.66, "peak_memory_mb": 537.9}
    found = foreign.figures_of_others(document, foreign.layout("embedding_service"), "s.json")

    def figures(**changes: Any) -> dict[str, float | None]:
        config = {**resolved_defaults, **changes}
        beside = [stored for stored in found if foreign.matches(stored, config)]
        return {f.name: stored.run.value(f.name) for stored in beside for f in stored.run.figures}

    both = {"throughput_texts_per_s": 1185, "peak_rss_mb": 537.9}
    assert figures() == both
    assert figures(batch_size=1) == {**both, "latency_per_text_p50_ms": 6.66}
    assert figures(device="cuda") == {}
    assert "model.name" in flatten(resolved_defaults)
