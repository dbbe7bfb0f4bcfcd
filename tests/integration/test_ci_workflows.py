"""The pipelines of docs/how-to/ci, run: every command in them, in a repository as the page has it.

What a CI system itself does (machines, caches, artifacts) is out of reach here; every line that a
shell gets from these files is run, but for those that install.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done, MakeDesk

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash"
)

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
GITHUB, GITLAB = (
    yaml.safe_load((HOW_TO / "ci" / name).read_text(encoding="utf-8"))
    for name in ("github-actions.yml", "gitlab-ci.yml")
)
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
"""What ``shell: bash`` means on GitHub, and a runner of GitLab's sets where it finds bash."""
BLOCK = re.compile(
    r"^```\w+\n((?:# @package \w+\n)?# ([\w/]+\.\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL
)
SERVICE = """
import time


class ClaimDedup:
    items = "claims"

    def __init__(self, claims, seed):
        pass

    def load(self):
        pass

    def step(self):
        time.sleep({seconds})
        return 1

    def close(self):
        pass
"""
"""The workload of the page, with a known cost in place of its work."""
QUICKLY = {
    "EMBPROF_JOBS": "experiment=service workload.claims=100 warmup.iterations=1 warmup.seconds=0 "
    "warmup.max_seconds=0.05 slice_seconds=0.05 max_seconds=0.3 against.pairs=10",
    "EMBPROF_GATE_SECONDS": "15",
}
"""The variables that make a pipeline short: one row, few pairs of restarts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A machine of a CI system with a checked-out repository."""

    desk: Desk
    system: str

    @property
    def commands(self) -> Path:
        return self.desk.path.parent / "bin"

    @property
    def summary(self) -> str:
        return (self.desk.path / "summary.md").read_text()

    def scripts(self, job: str) -> list[str]:
        """What the job's shells are given, but for installing."""
        if self.system == "gitlab":
            return ["\n".join(GITLAB[job]["script"])]
        steps = [step for step in GITHUB["jobs"][job]["steps"] if "run" in step]
        return [step["run"] for step in steps if step["name"] != "Install"]

    def run(self, script: str, **variables: str) -> Done:
        """Runs a script with the variables that its pipeline and the CI system define."""
        defined = GITHUB["env"] if self.system == "github" else GITLAB["variables"]
        given = {
            **defined,
            "PATH": f"{self.commands}:{self.desk.environment['PATH']}",
            "GITHUB_STEP_SUMMARY": str(self.desk.path / "summary.md"),
            "GITHUB_OUTPUT": str(self.desk.path / "output"),
            "BASE": "origin/main",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        }
        return self.desk.call(*SHELL, script, **{**given, **variables})

    def pretend(self, command: str) -> None:
        """Puts a shell script in place of embprof; nothing is measured then."""
        executable(self.commands / "embprof", command)
        executable(self.commands / "python", "true")


def executable(file: Path, command: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{command}\n")
    file.chmod(0o755)


MakeRunner = Callable[[str, str], Runner]


@pytest.fixture(scope="module")
def make_runner(make_desk: MakeDesk) -> MakeRunner:
    """Clones a repository with the page's files; it has the branches main, same and slower."""

    def make(system: str, name: str) -> Runner:
        desk = make_desk(f"ci-{system}-{name}")
        origin, clone = desk.path / "origin.git", desk.path / "clone"
        git(desk, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        git(desk, "clone", "--quiet", str(origin), str(clone))
        desk.path = clone
        desk.environment["GIT_CEILING_DIRECTORIES"] = str(clone.parent)
        for page in ("ci.md", "own-workload.md"):
            for text, path in BLOCK.findall((HOW_TO / page).read_text(encoding="utf-8")):
                (clone / path).parent.mkdir(parents=True, exist_ok=True)
                (clone / path).write_text(text)
        for branch, seconds in (("main", 0.004), ("same", 0.004), ("slower", 0.006)):
            commit(desk, branch, SERVICE.format(seconds=seconds))
        git(desk, "push", "--quiet", "origin", "main")
        runner = Runner(desk=desk, system=system)
        executable(runner.commands / "python", f'exec {sys.executable} "$@"')
        desk.commands.put_stand_in(runner.commands / "embprof")
        return runner

    return make


def commit(desk: Desk, branch: str, service: str) -> None:
    git(desk, "checkout", "--quiet", "-B", branch)
    (desk.path / "claim_dedup.py").write_text(service)
    (desk.path / "NOTES.md").write_text(f"{branch}\n")
    git(desk, "add", "--all")
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    git(desk, *me, "commit", "--quiet", "--message", branch)


def git(desk: Desk, *words: str) -> None:
    done = desk.call("git", *words)
    assert done.code == 0, done.err


@pytest.fixture(scope="module")
def pretending(make_runner: MakeRunner) -> dict[str, Runner]:
    """Runners on which embprof does what a test says."""
    made = {system: make_runner(system, "pretending") for system in ("github", "gitlab")}
    for runner in made.values():
        (runner.desk.path / "baseline.json").write_text("{}")
    return made


@pytest.mark.parametrize(
    ("code", "unclear", "ends_with", "says"),
    [
        (0, "warn", 0, "no row is slower"),
        (3, "warn", 3, "::error title=embprof gate::slower than origin/main"),
        (4, "warn", 0, "::warning title=embprof gate::unclear"),
        (4, "fail", 4, "::warning title=embprof gate::unclear"),
        (1, "warn", 1, "::error title=embprof gate::no verdict (exit code 1)"),
        (2, "warn", 2, "::error title=embprof gate::no verdict (exit code 2)"),
        (130, "warn", 130, "::error title=embprof gate::no verdict (exit code 130)"),
    ],
)
def test_on_github_each_exit_code_of_a_gate_is_told_and_unclear_is_no_silent_pass(
    pretending: dict[str, Runner], code: int, unclear: str, ends_with: int, says: str
) -> None:
    runner = pretending["github"]
    (runner.desk.path / "summary.md").unlink(missing_ok=True)
    runner.pretend(f"echo its table; exit {code}")
    done = runner.run(runner.scripts("gate")[-1], EMBPROF_UNCLEAR=unclear)
    assert done.code == ends_with, done.text
    assert says in done.out
    assert runner.summary == f"### embprof gate: exit code {code}\n```\nits table\n```\n"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 130])
def test_on_gitlab_a_gate_ends_with_its_own_exit_code(
    pretending: dict[str, Runner], code: int
) -> None:
    runner = pretending["gitlab"]
    runner.pretend(f'[ "$1" = gate ] || exit 0; echo its table; exit {code}')
    done = runner.run(*runner.scripts("gate"))
    assert done.code == code, done.text
    assert (runner.desk.path / "gate.txt").read_text() == "its table\n"


@pytest.mark.parametrize("system", ["github", "gitlab"])
@pytest.mark.parametrize(("code", "is_kept"), [(0, 1), (3, 0), (4, 1), (2, 0)])
def test_a_comparison_ends_with_its_code_and_what_is_worse_becomes_no_baseline(
    pretending: dict[str, Runner], system: str, code: int, is_kept: int
) -> None:
    runner = pretending[system]
    (runner.desk.path / "words").unlink(missing_ok=True)
    runner.pretend(f'echo "$@" >> words; [ "$1" != compare ] || exit {code}')
    done = runner.run(runner.scripts("measure")[-1], EMBPROF_UNCLEAR="fail")
    assert done.code == code, done.text
    words = (runner.desk.path / "words").read_text()
    assert "compare main last --fail-on-regression 5%" in words
    assert words.count("baseline export new-baseline.json") == is_kept


def test_on_github_an_unclear_comparison_is_a_warning(pretending: dict[str, Runner]) -> None:
    runner = pretending["github"]
    runner.pretend('[ "$1" != compare ] || exit 4')
    done = runner.run(runner.scripts("measure")[-1])
    assert done.code == 0
    assert "::warning title=embprof compare::unclear" in done.out


@pytest.mark.alone
def test_the_gate_on_github_finds_a_slower_branch(make_runner: MakeRunner) -> None:
    runner = make_runner("github", "gate")
    git(runner.desk, "checkout", "--quiet", "slower")
    check, gate = runner.scripts("gate")
    assert "1 job" in runner.run(check, **QUICKLY).out
    # A machine whose time is taken away while 15 s are measured has the gate say so, rightly.
    for _ in range(3):
        done = runner.run(gate, **QUICKLY)
        if "unclear: it was not shown" not in done.out:
            break
    assert done.code == 3, done.text
    assert "::error title=embprof gate::slower than origin/main" in done.out
    assert "A: code of " in runner.summary
    assert "regression: 1 slower" in runner.summary


def test_the_gate_on_gitlab_does_not_call_the_same_code_slower(make_runner: MakeRunner) -> None:
    runner = make_runner("gitlab", "gate")
    git(runner.desk, "checkout", "--quiet", "same")
    done = runner.run(*runner.scripts("gate"), **QUICKLY)
    assert done.code in (0, 4), done.text
    assert "B: the code in this folder" in done.text
    assert (runner.desk.path / "gate.txt").read_text() in done.out


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_the_default_branch_is_measured_compared_and_kept(
    make_runner: MakeRunner, system: str
) -> None:
    runner = make_runner(system, "measure")
    for sessions, codes in ((1, (0,)), (2, (0, 4))):  # the second finds a committed baseline
        for script in runner.scripts("measure"):
            done = runner.run(script, **QUICKLY)
            assert done.code in codes, done.text
        new = runner.desk.path / "new-baseline.json"
        assert len(json.loads(new.read_text())["sessions"]) == sessions
        shutil.move(new, runner.desk.path / "baseline.json")
    assert ET.parse(runner.desk.path / "embprof.xml").getroot().get("tests") == "1"
    if system == "github":
        assert "| verdict |" in runner.summary
        assert "chart=yes" in (runner.desk.path / "output").read_text()
        (entry,) = json.loads((runner.desk.path / "benchmark.json").read_text())
        assert entry["unit"] == "claims/s"
