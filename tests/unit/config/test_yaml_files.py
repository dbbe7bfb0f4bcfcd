"""Files in the user's folders that are no options: named where they are listed, and to who asks."""

from pathlib import Path

import pytest

from embprof.commands import help as help_page
from embprof.config import options, scenarios
from embprof.config.compose import compose

WRONG = {
    "a list": (b"- a\n- b\n", "holds a list"),
    "a text": (b"hello\n", "holds a text alone"),
    "a number": (b"42\n", "holds a value alone"),
    "nothing": (b"", "is empty"),
    "comments": (b"# @package _global_\n", "is empty"),
    "broken": (b"a: [1\n", "not valid YAML: line 2, column 1"),
    "two documents": (b"a: 1\n---\nb: 2\n", "not valid YAML: line 2"),
    "no such day": (b"a: 2024-13-45\n", "not valid YAML: month must be in 1..12"),
    "a tag": (b"!!python/object:os.x {}\n", "not valid YAML: line 1"),
    "a list as key": (b"? [1]\n: 2\n", "not valid YAML: line 1"),
    "UTF-16": ("a: 1".encode("utf-16"), "is not UTF-8"),
    "latin-1": ("question: Größe?".encode("latin-1"), "is not UTF-8 (byte 13)"),
}


@pytest.fixture(params=WRONG, autouse=True)
def why(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is wrong with ``mine.yaml`` in every folder of the user's."""
    content, why = WRONG[request.param]
    for folder in ("experiments", "conf/model", "conf/workload"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "mine.yaml").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return why


def test_the_help_page_names_the_file_and_goes_on(why: str) -> None:
    page = help_page.page()
    for file in ("experiments/mine.yaml", "conf/model/mine.yaml", "conf/workload/mine.yaml"):
        assert f"({file}: {why}" in page
    assert "EXIT CODES" in page
    assert max(map(len, page.splitlines())) <= 100


def test_lists_of_scenarios_and_options_name_it_too(why: str) -> None:
    assert scenarios.own()["mine"].startswith(f"(experiments/mine.yaml: {why}")
    assert options.unreadable("model")["mine"].startswith(f"conf/model/mine.yaml: {why}")
    assert options.target("workload", "mine") is None
    assert options.name_of("workload", "nowhere.Nothing") is None  # looks into every file


@pytest.mark.parametrize(
    ("override", "file"),
    [
        ("experiment=mine", "experiments/mine.yaml"),
        ("model=mine", "conf/model/mine.yaml"),
        ("workload=mine", "conf/workload/mine.yaml"),
    ],
)
def test_who_asks_for_it_gets_one_error(why: str, override: str, file: str) -> None:
    (problem,) = compose([override]).problems
    assert problem.startswith(f"{file}: {why}")
    assert "\n" not in problem


def test_nobody_else_does() -> None:
    assert compose(["model=minilm_l6"]).problems == []
