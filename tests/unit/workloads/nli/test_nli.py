"""What can be asked of pairs, and what is refused before any job."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embprof.config.plan import plan
from embprof.corpora.pairs import Pair, Pairs
from embprof.errors import RequestError
from embprof.interface.workload import Counts, Cuts, LeavesFiles, Prepares, Quality, Stages
from embprof.workloads.nli import Nli
from embprof.workloads.nli.agreement import Lacks


def problems(*overrides: str) -> tuple[str, ...]:
    try:
        plan(["workload=nli", *overrides])
    except RequestError as error:
        return error.problems
    return ()


def test_the_workload_is_a_valid_request() -> None:
    assert problems() == ()


def test_it_offers_what_measurements_ask_for() -> None:
    for protocol in (Counts, LeavesFiles, Prepares, Quality, Stages):
        assert issubclass(Nli, protocol)
    assert not issubclass(Nli, Cuts)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("truncation=5", "truncation=5: must be at least 6 for pairs"),
        ("truncation=513", "truncation=513: the model takes at most 512 tokens"),
        ("workload.format=both", "workload.format=both: must be one of"),
        ("workload.truncate=all", "workload.truncate=all: must be one of"),
        ("workload.evidence_length=0", "workload.evidence_length=0: must be at least 1"),
        ("workload.evidence_length=own", "workload.evidence_length=own: must be a whole number"),
        ("workload.agreement_pairs=-1", "workload.agreement_pairs=-1: must be at least 0"),
        ("workload.label_names=[yes,no,maybe]", "workload.label_names="),
        ("workload.corpus.path=none.csv", "workload.corpus.path=none.csv: there is no such file"),
        ("+workload.normalise=true", "workload.normalise: Nli takes no normalise"),
    ],
)
def test_what_makes_no_sense_is_said_in_the_users_words(override: str, said: str) -> None:
    found = problems(override)
    assert any(line.startswith(said) for line in found), found


def test_names_of_labels_may_be_given_in_any_order() -> None:
    assert problems("workload.label_names=[neutral,CONTRADICTION,entailment]") == ()


def test_what_it_has_no_measure_of_is_refused_before_any_job() -> None:
    found = problems("measurement=truncation_loss", "corpus=evidence")
    assert any("truncation_loss" in line and "embeds texts" in line for line in found), found


def test_labels_of_a_file_are_looked_at_before_any_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.csv").write_text("claim,evidence,label\na,b,perhaps\n")
    assert any("the label 'perhaps'" in line for line in problems("workload.corpus.path=pairs.csv"))


@pytest.mark.parametrize(
    ("changes", "own_names", "label", "lacks"),
    [
        ({}, ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), "neutral", Lacks.NOTHING),
        ({"weights": "random"}, ("refutes", "supports", "neutral"), "neutral", Lacks.WEIGHTS),
        ({}, ("LABEL_0", "LABEL_1", "LABEL_2"), "neutral", Lacks.NAMES),
        ({}, ("refutes", "supports", "neutral"), None, Lacks.LABELS),
        ({"evidence_length": 9}, ("refutes", "supports", "neutral"), None, Lacks.WHOLE_EVIDENCE),
        (
            {"label_names": ["entailment", "neutral", "contradiction"]},
            ("LABEL_0", "LABEL_1", "LABEL_2"),
            "neutral",
            Lacks.NOTHING,
        ),
    ],
)
def test_what_an_accuracy_lacks_is_known(
    changes: dict[str, Any], own_names: tuple[str, ...], label: str | None, lacks: Lacks
) -> None:
    model = {"name": "x", "weights": changes.pop("weights", "pretrained")}
    given: dict[str, Any] = {
        "model": model,
        "backend": {},
        "corpus": Pairs(),
        "device": "cpu",
        "batch_size": 1,
        "texts_per_call": None,
        "format": "evidence_first",
        "truncation": None,
        "truncate": "longest_first",
        "evidence_length": None,
        "agreement_pairs": 9,
        "label_names": None,
        "seed": 0,
        **changes,
    }
    nli = Nli(**given)
    vars(nli)["_encoder"] = SimpleNamespace(labels=lambda: own_names)
    assert nli._lacks([Pair(claim="c", evidence="e", label=label)]) is lacks


def test_a_part_of_another_workload_is_found_at_its_place() -> None:
    node: dict[str, Any] = {
        "_target_": "embprof.workloads.nli.Nli",
        "truncation": 4,
        "label_names": ["a"],
    }
    config = {"workload": {"_target_": "embprof.workloads.pipeline.Pipeline", "nli": node}}
    found = list(Nli.refusals(config))
    assert found[0].startswith("truncation=4")
    assert found[1].startswith("workload.nli.label_names=")
