"""The page of ``embprof --help``: complete, up to date, and narrow enough."""

import re
from pathlib import Path

import pytest
import yaml

from embprof import cli
from embprof.commands import COMMANDS
from embprof.commands import help as helping
from embprof.config.folders import shipped
from embprof.config.key_roles import HOUSEKEEPING_KEYS
from embprof.config.references import flatten
from embprof.config.schema import Scenario
from embprof.interruptions import EXIT_CODE
from embprof.run.gate import messages

OPTIONS = sorted(
    (file.parent.name, file.stem)
    for group in helping.GROUPS
    for file in (shipped("conf") / group).glob("*.yaml")
    if file.stem != "any"
)
SCENARIOS = sorted(shipped("experiments").glob("*.yaml"))


@pytest.fixture(scope="module")
def page() -> str:
    return helping.page()


def test_the_page_is_not_much_longer_than_a_screen(page: str) -> None:
    assert len(page.splitlines()) <= 70


def test_every_exit_code_is_on_the_page(page: str) -> None:
    (line,) = re.findall(r"^EXIT CODES +(.*)$", page, re.MULTILINE)
    codes = [0, 1, 2, messages.REGRESSION, messages.INCONCLUSIVE, EXIT_CODE]
    assert [int(part.split()[0]) for part in line.split(", ")] == codes


def test_no_line_is_wider_than_a_hundred_columns(page: str) -> None:
    assert [line for line in page.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_is_listed_in_the_line_of_its_group(
    page: str, group: str, option: str
) -> None:
    (lines,) = re.findall(rf"^  {group} +(.*(?:\n {{20}}.*)*)$", page, re.MULTILINE)
    assert option in re.split(r",\s+", lines)


def test_every_scenario_is_named(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = helping.page()
    named = page[page.index("SCENARIOS") : page.index("COMMANDS")].replace(",", " ").split()
    assert {file.stem for file in SCENARIOS} <= set(named)


def test_scenarios_are_listed_with_their_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "quick.yaml").write_text('question: "Mine: quick?"\n')
    assert cli.main(["scenarios"]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "quick Mine: quick?" in listed
    for file in SCENARIOS:
        question = yaml.safe_load(file.read_text())["question"]
        is_taken = file.stem == "quick"
        assert (f" {file.stem} {question}" in listed) is not is_taken


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed(page: str, command: str) -> None:
    assert re.search(rf"^  embprof {command}\b", page, re.MULTILINE)


@pytest.mark.parametrize(
    "key",
    sorted(
        {"baseline", "verdict"}
        | set(Scenario.model_fields) - HOUSEKEEPING_KEYS - set(helping.GROUPS)
    ),
)
def test_every_axis_and_every_key_of_the_protocol_is_listed(page: str, key: str) -> None:
    assert re.search(rf"\b{key}[=.]", page)


def test_every_group_of_the_configuration_has_a_line() -> None:
    folders = {folder.name for folder in shipped("conf").iterdir() if folder.is_dir()}
    assert folders == set(helping.GROUPS)


def test_defaults_on_the_page_are_those_of_the_configuration(page: str) -> None:
    defaults = flatten(yaml.safe_load((shipped("conf") / "config.yaml").read_text()))
    axes_and_protocol = page[page.index("AXES:") : page.index("SWEEP\n")]
    lines = [line for line in axes_and_protocol.splitlines() if line.startswith("  ")]
    shown = dict(re.findall(r"(?<!\S)([\w.]+)=([\w.]+)(?!\S)", "\n".join(lines)))
    assert len(shown) >= 15
    assert shown == {key: yaml.safe_dump(defaults[key]).split()[0] for key in shown}


def test_scenarios_and_options_of_the_user_are_listed_before_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "quick.yaml").write_text('question: "Mine: quick?"\n')
    (tmp_path / "experiments" / "mine.yaml").write_text("batch_size: 8\n")
    (tmp_path / "conf" / "corpus").mkdir(parents=True)
    (tmp_path / "conf" / "corpus" / "letters.yaml").write_text("path: x\n")
    page = helping.page()
    assert re.search(r"^  quick +Mine: quick\?$", page, re.MULTILINE)
    assert re.search(r"^  mine *$", page, re.MULTILINE)
    assert "letters" in page
    assert page.index("  mine") < page.index(" devices,")


def test_a_long_name_of_a_scenario_does_not_run_into_its_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    name = "a_scenario_with_a_very_long_name"
    (tmp_path / "experiments" / f"{name}.yaml").write_text("question: Does it fit?\n")
    assert f"{name} " in helping.page()


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert helping.main([]) == 0
    assert capsys.readouterr().out == helping.page() + "\n"
