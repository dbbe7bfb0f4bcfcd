"""What ``embprof parity`` asks of its two sides, before anything is loaded."""

import json
from pathlib import Path

import pytest

from embprof import cli
from embprof.commands import parity
from embprof.config.plan import Plan
from embprof.parity.comparison import Parity
from embprof.parity.fault import Fault


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Asked:
    """What would have been loaded."""

    def __init__(self) -> None:
        self.plans: list[tuple[Plan, Plan]] = []
        self.faults: tuple[Fault, ...] = ()

    def measure(
        self, planned: tuple[Plan, Plan], texts: int, least_kept: float, *, is_json: bool
    ) -> Parity:
        del texts, is_json
        self.plans.append(planned)
        return Parity(
            figures=(),
            faults=self.faults,
            texts=500,
            left_out=0,
            probes=90,
            least_kept=least_kept,
        )

    def config(self, side: int, key: str) -> object:
        return self.plans[0][side].jobs[0].config[key]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    found = Asked()
    monkeypatch.setattr(parity, "measure", found.measure)
    return found


def test_each_side_has_overrides_of_its_own_and_both_have_the_rest(asked: Asked) -> None:
    cli.main(["parity", "truncation=64", "truncation=32 batch_size=4", "batch_size=8", "seed=3"])
    assert [asked.config(side, "truncation") for side in (0, 1)] == [64, 32]
    assert [asked.config(side, "batch_size") for side in (0, 1)] == [8, 4]
    assert [asked.config(side, "seed") for side in (0, 1)] == [3, 3]


def test_texts_mean_something_unless_others_are_asked_for(asked: Asked) -> None:
    cli.main(["parity", "seed=0", "seed=0"])
    assert asked.config(0, "corpus") == {
        "_target_": "embprof.corpora.builtin.Builtin",
        "name": "evidence",
        "unit": "characters",
    }
    assert str(asked.config(0, "text_length")).startswith("lognormal")


def test_texts_that_are_asked_for_are_taken(asked: Asked) -> None:
    cli.main(["parity", "seed=0", "seed=0", "corpus=claims"])
    assert asked.config(0, "text_length") == "own"


def test_a_url_is_a_server(asked: Asked) -> None:
    url = "http://localhost:8080/v1?deployment=a=b"
    cli.main(["parity", "seed=0", f"{url} workload.model_name=mine"])
    workload = asked.config(1, "workload")
    assert isinstance(workload, dict)
    assert (workload["url"], workload["model_name"]) == (url, "mine")


def test_a_fault_of_structure_is_exit_code_3(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.faults = (Fault(name="pooling", words="pooling differs"),)
    assert cli.main(["parity", "seed=0", "seed=1", "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["a"], said["exit_code"]) == ("seed=0", 3)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["seed=0", "workload=nli"], "B: workload=nli makes no vectors of texts"),
        (["seed=0", "nothing=1"], "nothing"),
        (["seed=0", "seed='"], "B seed=': No closing quotation"),
        (["seed=0", "seed=0", "--texts", "3"], "--texts 3: 20 at least"),
        (["seed=0", "seed=0", "--min-top10-kept", "95"], "--min-top10-kept 95: a share"),
        (
            ["seed=0", "http://localhost:1 workload.model_name=x corpus.unit=tokens"],
            "corpus.unit=tokens",
        ),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_loaded(
    asked: Asked, words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["parity", *words]) == 2
    assert wrong in capsys.readouterr().err
    assert not asked.plans
