"""The first word decides; errors of ours are told on standard error, without a traceback."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import embprof
from embprof import cli
from embprof.commands import COMMANDS
from embprof.errors import ModelNotFoundError, RequestError


class Commands:
    """Stands where the commands' modules are imported; remembers what was called."""

    def __init__(self) -> None:
        self.called: list[tuple[str, list[str]]] = []
        self.error: BaseException | None = None

    def __call__(self, module: str) -> SimpleNamespace:
        def main(words: list[str]) -> int:
            self.called.append((module.removeprefix("embprof.commands."), words))
            if self.error is not None:
                raise self.error
            return 7

        return SimpleNamespace(main=main)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    fake = Commands()
    monkeypatch.setattr(importlib, "import_module", fake)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return fake


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_gets_the_words_after_it_and_gives_its_exit_code(
    commands: Commands, command: str
) -> None:
    assert cli.main([command, "-m", "batch_size=8"]) == 7
    assert commands.called == [(command, ["-m", "batch_size=8"])]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-m", "batch_size=8,16"],
        ["batch_size=8"],
        ["experiment=quick", "plan"],
        ["+workload.x=1"],
        ["~truncation"],
        ["--cfg", "job"],
    ],
)
def test_everything_else_is_a_run(commands: Commands, words: list[str]) -> None:
    assert cli.main(words) == 7
    assert commands.called == [("run", words)]


@pytest.mark.parametrize("word", ["-h", "--help", "help"])
def test_help_may_be_asked_for_in_any_way(commands: Commands, word: str) -> None:
    assert cli.main([word]) == 7
    assert commands.called == [("help", [])]


def test_the_version_is_printed(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"embprof {embprof.__version__}\n"
    assert commands.called == []


def test_an_unknown_command_names_the_nearest_and_lists_all(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["plam", "batch_size=8"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("embprof: the request is wrong:\n  plam: there is no such command")
    assert "did you mean plan?" in said
    assert all(command in said for command in COMMANDS)
    assert "key=value" in said
    assert commands.called == []


def test_one_problem_is_told_with_exit_code_2(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.error = RequestError(["batch_size=0: must be at least 1"])
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ("embprof: the request is wrong:\n  batch_size=0: must be at least 1\n")


def test_several_problems_are_counted_and_told_a_line_each(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.error = RequestError(["first", "second"])
    assert cli.main([]) == 2
    assert capsys.readouterr().err == (
        "embprof: 2 things are wrong with the request:\n  first\n  second\n"
    )


def test_any_error_of_ours_is_told_with_its_own_exit_code(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.error = ModelNotFoundError("no weights")
    assert cli.main([]) == 2
    assert capsys.readouterr().err == "embprof: no weights\n"


def test_an_interruption_ends_with_130(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.error = KeyboardInterrupt()
    assert cli.main([]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_error_that_is_not_ours_is_not_hidden(commands: Commands) -> None:
    commands.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main([])


def test_modules_in_the_folder_of_the_user_can_be_imported(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    cli.main([])
    cli.main([])
    assert sys.path == [str(tmp_path), "/elsewhere"]
    assert len(commands.called) == 2


def test_a_traceback_that_nobody_foresaw_has_no_secrets(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    commands.error = ValueError("no way to http://ann:hunter2@host with typed-hunter3")
    with pytest.raises(ValueError, match="no way") as raised:
        cli.main(["+workload.password=typed-hunter3"])
    sys.excepthook(raised.type, raised.value, raised.tb)
    told = capsys.readouterr().err
    assert "ValueError: no way to http://ann:***@host with ***" in told
