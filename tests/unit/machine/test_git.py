"""The commit of the folder the user stands in."""

import shutil
import subprocess
from pathlib import Path

import pytest

from embprof.machine import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that no repository reaches."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "my service"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository with one commit."""
    (folder / "service.py").write_text("one = 1\n")
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    for words in (("init", "-q"), ("add", "."), (*me, "commit", "-qm", "Begin")):
        subprocess.run(["git", *words], check=True)
    return folder


def test_outside_git_nothing_is_known(folder: Path) -> None:
    assert (git.state(), git.tags(), git.top()) == ({}, {}, None)
    assert folder == Path.cwd()


def test_a_clean_repository_is_its_commit(repository: Path) -> None:
    commit = git.output("rev-parse", "HEAD")
    assert commit is not None
    assert git.state() == {"git_commit": commit, "git_dirty": False}
    assert git.tags() == {"embprof.git_commit": commit, "embprof.git_dirty": "false"}
    (repository / "notes.txt").write_text("git does not track this one")
    assert git.state()["git_dirty"] is False


def test_a_change_of_a_tracked_file_makes_it_dirty(repository: Path) -> None:
    (repository / "service.py").write_text("one = 2\n")
    assert git.state()["git_dirty"] is True
    assert git.tags()["embprof.git_dirty"] == "true"


def test_below_its_top_a_repository_is_the_same(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = git.state()
    (repository / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repository / "deep" / "er")
    assert git.state() == before
    assert git.top() == repository.resolve()


def test_a_repository_without_a_commit_has_no_state(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert git.state() == {}
    assert git.top() == folder.resolve()


def test_where_git_is_not_installed_nothing_is_known(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert git.state() != {}
    monkeypatch.setenv("PATH", str(repository))
    assert git.state() == {}
    assert git.output("--version") is None
