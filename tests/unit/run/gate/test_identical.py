"""Arms in which nothing differs, in a real repository."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from embprof.model import Job, Stored
from embprof.run.gate.arms import Arm, Arms, Declared, GateRow
from embprof.run.gate.identical import are_identical

NOTHING = Declared(overrides=False, interpreter=False, code=False)


def git(*words: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@x")
    command = ["git", *identity, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three: of another tree, then two of that which lies here."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    found = []
    for content in ("old", "new", "new"):
        Path("code.py").write_text(content)
        git("add", "code.py")
        git("commit", "-q", "--allow-empty", "-m", content)
        found.append(git("rev-parse", "HEAD"))
    return found


@pytest.fixture
def arms(job: Callable[..., Job]) -> Callable[..., Arms]:
    def make(a: str | None = None, b: str | None = None, stored: Stored | None = None) -> Arms:
        sides = [Arm(name=name, job=job(), commit=commit) for name, commit in (("a", a), ("b", b))]
        row = GateRow(a=replace(sides[0], stored=stored), b=sides[1])
        declared = replace(NOTHING, code=a != b)
        plan = None  # not looked at
        return Arms(plan=plan, rows=(row,), declared=declared, against=None, notes=())  # type: ignore[arg-type]

    return make


Make = Callable[..., Arms]


def test_code_is_the_same_where_its_tree_is(commits: list[str], arms: Make) -> None:
    old, new, again = commits
    assert are_identical(arms())
    assert are_identical(arms(old, old))
    assert are_identical(arms(new, again))
    assert are_identical(arms(new, None))
    assert not are_identical(arms(old, None))
    assert not are_identical(arms(old, new))


def test_a_folder_with_changes_or_new_code_is_no_commit(commits: list[str], arms: Make) -> None:
    Path("notes.txt").write_text("no code")
    assert are_identical(arms(commits[-1]))
    Path("more.py").write_text("code")
    assert not are_identical(arms(commits[-1]))
    Path("more.py").unlink()
    Path("code.py").write_text("newer")
    assert not are_identical(arms(commits[-1]))
    assert are_identical(arms()), "both arms run what lies here"


@pytest.mark.usefixtures("commits")
def test_overrides_environments_and_uncommitted_baselines_differ(
    arms: Make, stored: Callable[..., Stored]
) -> None:
    assert not are_identical(replace(arms(), declared=replace(NOTHING, overrides=True)))
    assert not are_identical(replace(arms(), declared=replace(NOTHING, interpreter=True)))
    assert are_identical(arms(stored=stored(soft={"git_dirty": False})))
    assert not are_identical(arms(stored=stored(soft={"git_dirty": True})))
    assert not are_identical(arms(stored=stored(soft={})))


def test_outside_of_git_a_commit_is_never_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arms: Make
) -> None:
    monkeypatch.chdir(tmp_path)
    assert are_identical(arms())
    assert not are_identical(arms("51d3f9e8992f"))
