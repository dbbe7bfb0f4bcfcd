"""``embprof gate`` as a user has it: real workers, real refs and environments, planted changes.

A gate's canary may void it in a hundredth of cases though nothing is the matter, and a busy machine
may leave it unclear: where a change was planted it is then run again, for longer. Two gates look
for small changes, with nothing else of ours beside them; the others find an arm thrice as slow.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import Desk, Done, MakeDesk

ALONE = pytest.mark.alone

SHORT = (
    *("against.pairs=8", "slice_seconds=0.02"),
    *("warmup.iterations=3", "warmup.seconds=0", "warmup.max_seconds=0.5"),
    "report=false",
)
QUICK = (
    *("iterations=5", "slice_seconds=0.02", "warmup.iterations=0", "warmup.seconds=0"),
    "report=false",
)
LIMIT = 12.0
"""Seconds a row may take, which a gate fills with its eight pairs of restarts."""
ROUGH = 5.0
"""Seconds that are enough for a change of 200 %, on a machine with nothing else to do."""
INCONCLUSIVE = 4
TOO_FEW = "fitted into the time, a verdict needs"
SERVICE = """\
from cost import SECONDS
from embprof.testing import Sleep


class Service(Sleep):
    def step(self):
        self.seconds = SECONDS
        return super().step()
"""
CLOSED = "http://127.0.0.1:9"
"""Port 9 (discard) is served nowhere any more."""
RANDOM = """\
import random
import time

from embprof.testing import Sleep


class Random(Sleep):
    def load(self):
        self.drawn = random.Random(time.time_ns())

    def step(self):
        time.sleep(self.seconds * self.drawn.lognormvariate(0, 0.3))
        return self.batch_size
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """A gate that has ended, and what it left."""

    desk: Desk
    done: Done

    @property
    def gate_id(self) -> str:
        found = re.search(r"^gate (\d{8}-\d{6}-[0-9a-f]{4}): ", self.done.out, re.MULTILINE)
        assert found, f"no gate was announced:\n{self.done.out}\n{self.done.err}"
        return found[1]

    @property
    def folder(self) -> Path:
        return self.desk.sweep(self.gate_id)

    @property
    def sweep(self) -> dict[str, Any]:
        return self.read("sweep.json")

    def read(self, file: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / file).read_text(), parse_constant=_no)
        return content

    def comparison(self, job: int = 1) -> dict[str, Any]:
        return self.read(f"{job}/comparison.json")


def _no(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def gate(desk: Desk, *words: str, seconds: float = LIMIT) -> Gated:
    done = desk.run("gate", *words, *SHORT, "--seconds", str(seconds))
    assert "Traceback" not in done.text
    return Gated(desk=desk, done=done)


def planted(desk: Desk, *words: str, seconds: float = ROUGH) -> Gated:
    """A gate of a change that is there to be found, with more time where it was not clear."""
    for times in (1, 3, 9):
        gated = gate(desk, *words, seconds=times * seconds)
        if gated.done.code != INCONCLUSIVE:
            break
    return gated


def git(folder: Path, *words: str) -> str:
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    done = subprocess.run(
        ["git", *me, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def slower(make_desk: MakeDesk) -> Gated:
    """Eight percent, planted in arm B; its rows have a question."""
    desk = make_desk("slower")
    words = ("workload=nap", "--a", "workload.seconds=0.01", "--b", "workload.seconds=0.0108")
    return planted(desk, *words, "question='Is it slower?'", seconds=LIMIT)


@pytest.fixture(scope="module")
def rows(make_desk: MakeDesk) -> Gated:
    """A sweep of two rows: equal arms that compute, and twenty percent."""
    desk = make_desk("rows")
    desk.option("workload", "busy", target="embprof.testing.Busy", seconds=0.005)
    desk.option("workload", "late", target="embprof.testing.Sleep", seconds=0.012)
    words = ("-m", "--a", "workload=busy,nap", "--b", "workload=busy,late")
    return planted(desk, *words, seconds=LIMIT)


@pytest.fixture(scope="module")
def repository(make_desk: MakeDesk) -> Desk:
    """A folder of a repository whose own service costs 4 ms a step; a baseline of it is set."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    top = make_desk("repository")
    folder = top.path / "bench"
    folder.mkdir()
    desk = dataclasses.replace(top, path=folder)
    desk.option("workload", "service", target="service.Service")
    (folder / "service.py").write_text(SERVICE)
    (folder / "cost.py").write_text("SECONDS = 0.004\n")
    (top.path / ".gitignore").write_text("mlruns\n__pycache__\n.said*\n")
    git(top.path, "init", "-q", "-b", "main")
    git(top.path, "add", ".")
    git(top.path, "commit", "-qm", "Begin")
    git(top.path, "tag", "old")
    assert desk.run("workload=service", *QUICK).code == 0
    assert desk.run("baseline", "set", "last").code == 0
    return desk


def trees(desk: Desk) -> int:
    return len(git(desk.path, "worktree", "list").splitlines())


@ALONE
def test_a_planted_change_is_a_regression(slower: Gated) -> None:
    assert slower.done.code == 3
    assert "slower" in slower.done.row(1)
    assert "regression: 1 slower" in slower.done.text
    assert "A: workload.seconds=0.01" in slower.done.text
    assert slower.done.width <= 120


@ALONE
def test_a_comparison_lies_beside_the_run_of_arm_b(slower: Gated) -> None:
    found = slower.comparison()
    assert found["verdict"] == "slower"
    assert found["low"] < found["ratio"] < found["high"]
    assert found["ratio"] == pytest.approx(1.08, abs=0.03)
    assert (found["a"], found["b"]) == (f"{slower.gate_id}/0", f"{slower.gate_id}/1")
    assert found["figure"] == "throughput_naps_per_s"
    assert (found["reason"], found["rows"]) == (None, 1)
    assert not (slower.folder / "0" / "comparison.json").exists()


@ALONE
def test_both_arms_agree_with_the_change_beside_them_wherever_they_are_shown(
    slower: Gated, agree: Callable[..., bool]
) -> None:
    found = slower.comparison()
    assert found["is_paired"]
    assert found["a_value"] / found["b_value"] == pytest.approx(found["ratio"], rel=1e-12)
    _, a, b, change, *_ = slower.done.row(1).split()
    assert agree(a, b, change, better="higher")
    assert float(a.replace(",", "")) == pytest.approx(32 / 0.01, rel=0.1)
    for what in (slower.gate_id, f"{slower.gate_id}/1"):
        shown = slower.desk.run("show", what)
        assert shown.code == 0, shown.text
        assert a in shown.text
        assert b in shown.text
        assert "A and B are typical values" in shown.text or "/" in what
    b_run = slower.desk.store.children(slower.gate_id)[1]
    assert b_run.data.metrics["baseline_a"] == pytest.approx(found["a_value"])
    assert b_run.data.metrics["baseline_b"] == pytest.approx(found["b_value"])


@ALONE
def test_both_arms_are_runs_with_figures_of_what_was_measured(slower: Gated) -> None:
    for job in (0, 1):
        answer = slower.desk.answer(slower.gate_id, job)
        assert answer["status"] == "ok"
        figure = next(f for f in answer["figures"] if f["name"] == "throughput_naps_per_s")
        assert figure["estimate"]["value"] == pytest.approx(32 / (0.01 + 0.0008 * job), rel=0.1)
    a, b = (slower.desk.slices(slower.gate_id, job) for job in (0, 1))
    assert len(a) == len(b)
    assert [len(one["samples"][0]["values"]) for one in a] == [
        len(one["samples"][0]["values"]) for one in b
    ]


@ALONE
def test_a_gate_is_a_sweep_of_its_own_kind(slower: Gated) -> None:
    sweep = slower.sweep
    assert (sweep["kind"], sweep["status"]) == ("gate", "ok")
    assert len(sweep["jobs"]) == 2
    assert slower.desk.run("resume=last").code == 2, "there is no sweep that was not a gate"
    resumed = slower.desk.run(f"resume={slower.gate_id}")
    assert resumed.code == 2
    assert "run the gate again" in resumed.text


@ALONE
def test_mlflow_has_the_verdict_where_it_is_looked_for(slower: Gated) -> None:
    found = slower.comparison()
    a, b = slower.desk.store.children(slower.gate_id)
    assert b.data.tags["embprof.verdict"] == "slower"
    assert b.data.metrics["baseline_ratio"] == pytest.approx(found["ratio"])
    assert b.data.metrics["baseline_ratio_low"] == pytest.approx(found["low"])
    assert "embprof.verdict" not in a.data.tags
    parent = slower.desk.store.parent(slower.gate_id)
    assert parent.data.tags["embprof.verdict"] == "slower"
    assert parent.info.status == "FINISHED"
    note = parent.data.tags["mlflow.note.content"]
    assert note.startswith("Is it slower?")
    assert "slower" in note.partition("|")[2]


@ALONE
def test_a_gate_is_compared_and_made_a_baseline_as_its_arm_b(slower: Gated) -> None:
    arms = slower.desk.run("compare", f"{slower.gate_id}/0", f"{slower.gate_id}/1")
    assert arms.code == 0, arms.text
    assert "+8" in arms.text or "+7" in arms.text
    done = slower.desk.run("baseline", "set", slower.gate_id, "--name", "gated")
    assert done.code == 0
    assert f"1 run of {slower.gate_id}" in done.text
    assert slower.desk.run("compare", "gated", slower.gate_id).code == 0


@ALONE
def test_rows_are_judged_together_and_one_regression_is_enough(rows: Gated) -> None:
    assert rows.done.code == 3, rows.done.text
    assert re.search(r"2 rows, at most \d+ s each, .+ in all,", rows.done.text)
    verdicts = [rows.comparison(job)["verdict"] for job in (1, 3)]
    assert verdicts[0] not in ("slower", "faster")
    assert verdicts[1] == "slower"
    assert rows.comparison(3)["rows"] == 2
    assert "of gates of 2 rows" in rows.done.text


def test_too_little_time_is_inconclusive_and_says_what_to_do(desk: Desk) -> None:
    gated = gate(desk, "workload=nap", "--a-a", seconds=2)
    assert gated.done.code == 4
    assert "this is an A/A trial" in gated.done.text
    assert f"{TOO_FEW} 8" in gated.done.text
    assert gated.comparison()["verdict"] == "unclear"


def test_an_arm_that_fails_fails_the_gate_and_the_other_rows_go_on(desk: Desk) -> None:
    desk.option("workload", "fails", target="embprof.testing.Fails", seconds=0.01, at=8000)
    words = ("-m", "workload=fails", "--a", "workload.at=7000,8000", "--b", "workload.at=5,8000")
    gated = gate(desk, *words, seconds=2)
    assert gated.done.code == 1
    assert "#1 failed: arm B: RuntimeError: failed on purpose (while restart pair 1" in (
        gated.done.text
    )
    statuses = [desk.answer(gated.gate_id, job)["status"] for job in range(4)]
    assert statuses == ["failed", "failed", "ok", "ok"]
    assert gated.comparison(3)["verdict"] == "unclear"
    assert not (gated.folder / "1" / "comparison.json").exists()


def test_a_device_that_is_not_there_skips_its_row(desk: Desk) -> None:
    gated = gate(desk, "workload=nap", "--a", "", "--b", "device=cuda")
    assert gated.done.code == 4
    assert "#1 skipped: no NVIDIA GPU" in gated.done.text
    assert "nothing was measured" in gated.done.text
    assert gated.sweep["status"] == "ok"


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        (
            ("--a", "batch_size=0", "--b", "nothing=1", "--a-ref", "v1", "--b-python", "/none"),
            ("batch_size", "nothing=1", "--a-ref v1: this folder is in no git", "/none"),
        ),
        ((), ("there is no baseline main", "embprof baseline set last")),
        (("--against", "x", "--a", ""), ("--against goes without",)),
        (("--a", "", "--bound", "0.1%", "against.max_seconds=-1"), ("max_seconds",)),
        (("--a", "", "--bound", "0.1%", "resume=last"), ("verdict.delta=0.001", "resume")),
    ],
)
def test_a_wrong_request_ends_with_2_and_measures_nothing(
    make_desk: MakeDesk, words: tuple[str, ...], problems: tuple[str, ...]
) -> None:
    desk = make_desk("wrong")
    done = desk.run("gate", "workload=nap", *words)
    assert done.code == 2
    assert "Traceback" not in done.text
    for problem in problems:
        assert problem in done.text
    assert not (desk.mlruns / "sweeps").exists()


def test_ctrl_c_leaves_nothing_behind_but_what_was_measured(repository: Desk) -> None:
    before = set(repository.mlruns.glob("sweeps/*"))
    status = git(repository.path, "status", "--porcelain")
    started = repository.start(
        "gate", "workload=service", "--a-ref", "old", "--a-a", "warmup.seconds=0"
    )

    def folder() -> Path | None:
        return next(iter(set(repository.mlruns.glob("sweeps/*")) - before), None)

    def has_measured() -> bool:
        here = folder()
        samples = here / "1" / "samples.jsonl" if here else None
        return samples is not None and samples.exists() and '"warmup":false' in samples.read_text()

    started.wait_for(has_measured, "a slice of arm B")
    assert trees(repository) == 2
    family = psutil.Process(started.process.pid).children(recursive=True)
    assert len(family) >= 3, "a fork server and two workers"
    for _ in range(3):
        started.interrupt()
        time.sleep(0.05)
    done = started.finish()
    assert done.code == 130
    assert "Traceback" not in done.text
    assert "interrupted: no verdict" in done.text
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    assert trees(repository) == 1
    assert git(repository.path, "status", "--porcelain") == status
    sweep = folder()
    assert sweep is not None
    for job in (0, 1):
        answer = repository.answer(sweep.name, job)
        assert answer["status"] == "interrupted"
        assert "ctrl-C, while restart pair" in answer["reason"]
    assert not list(repository.mlruns.glob("active/*"))
    assert repository.store.parent(sweep.name).info.status == "KILLED"


def test_code_is_gated_against_the_commit_of_a_baseline_dirty_then_clean(repository: Desk) -> None:
    cost = repository.path / "cost.py"
    cost.write_text("SECONDS = 0.012\n")
    dirty = planted(repository, "workload=service")
    assert dirty.done.code == 3, dirty.done.text
    old = git(repository.path, "rev-parse", "old").strip()
    assert "A: baseline main, measured 20" in dirty.done.text
    assert f"code of commit {old[:12]} B: the code in this folder" in dirty.done.text
    assert dirty.comparison()["a"] == "main"
    assert cost.read_text() == "SECONDS = 0.012\n"

    git(repository.path, "commit", "-qam", "Slower")
    clean = gate(repository, "workload=service", "--against", "main", seconds=2)
    assert TOO_FEW in clean.done.text, "nothing else is the matter"
    codes = [repository.answer(clean.gate_id, job)["description"]["code_sha256"] for job in (0, 1)]
    assert codes[0] != codes[1]
    assert trees(repository) == 1


def test_refs_are_gated_against_each_other(repository: Desk) -> None:
    git(repository.path, "commit", "-q", "--allow-empty", "-m", "Nothing")
    words = ("workload=service", "--a-ref", "HEAD", "--b-ref", "HEAD~1")
    sweeps = set(repository.mlruns.glob("sweeps/*"))
    same = repository.run("gate", *words)
    assert (same.code, set(repository.mlruns.glob("sweeps/*"))) == (0, sweeps)
    assert "same, nothing differs" in same.text
    assert "--a-a" in same.text
    gated = gate(repository, *words, "--a-a", seconds=2)
    assert gated.done.code == 4
    assert "code of HEAD~1, commit" in gated.done.text
    assert "both arms imported the same code" in gated.done.text
    assert trees(repository) == 1


def test_code_of_a_baseline_that_was_never_committed_voids_the_gate(repository: Desk) -> None:
    kept = (repository.path / "cost.py").read_text()
    (repository.path / "cost.py").write_text("SECONDS = 0.030\n")
    assert repository.run("workload=service", *QUICK).code == 0
    assert repository.run("baseline", "set", "last", "--name", "dirty").code == 0
    (repository.path / "cost.py").write_text(kept)
    gated = gate(repository, "workload=service", "--against", "dirty")
    assert gated.done.code == 4
    assert "the code that dirty was measured with is no longer to be had" in gated.done.text
    found = gated.comparison()
    assert (found["verdict"], found["ratio"]) == ("unclear", None)


def test_another_environment_is_an_arm_and_a_faster_one_passes(desk: Desk) -> None:
    venv = desk.path / "venv"
    assert desk.call(sys.executable, "-m", "venv", "--without-pip", str(venv)).code == 0
    lacking = gate(desk, "workload=nap", "--b-python", "venv", seconds=2)
    assert lacking.done.code == 1
    assert "failed: arm B: " in lacking.done.text
    assert "No module named" in lacking.done.text

    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"])
    slow, fast = "workload.seconds=0.012", "workload.seconds=0.004"
    words = ("workload=nap", fast, "--a", slow, "--b-python", "venv")
    gated = planted(desk, *words)
    assert gated.done.code == 0, gated.done.text
    assert "passed: 1 faster" in gated.done.text
    assert f"B: Python {venv.name}/bin/python" in gated.done.text


def test_a_scenario_with_arms_is_a_gate_however_it_is_started(desk: Desk) -> None:
    (desk.path / "experiments").mkdir()
    (desk.path / "experiments" / "naps.yaml").write_text(
        "# @package _global_\n"
        "defaults:\n  - override /workload: nap\n"
        "question: Is a longer nap slower?\n"
        "against: {a: workload.seconds=0.004, b: 'workload.seconds=0.012', max_seconds: 20}\n"
    )
    for seconds in (ROUGH, 3 * ROUGH, 9 * ROUGH):
        done = desk.run("experiment=naps", *SHORT, f"against.max_seconds={seconds}")
        if done.code != INCONCLUSIVE:
            break
    assert done.code == 3, done.text
    assert "Is a longer nap slower?" in done.text
    again = gate(desk, "experiment=naps", seconds=2)
    assert again.done.code == 4
    assert "at most 2.0 s after loading" in again.done.text
    assert again.sweep["kind"] == "gate"


def test_noise_is_hardly_ever_taken_for_a_change(make_desk: MakeDesk) -> None:
    """Steps that scatter by 30 %, each process with a course of its own; five gates at once.

    Each may err with a chance of 1 %: one of five does in 5 % of test runs, two in 0.1 %.
    """
    gates = []
    for number in range(5):
        desk = make_desk(f"noise-{number}")
        (desk.path / "randomly.py").write_text(RANDOM)
        desk.option("workload", "random", target="randomly.Random", seconds=0.01, batch_size=1)
        alone = {"EMBPROF_LOCK_DIR": str(desk.path), "MLFLOW_TRACKING_URI": CLOSED}
        words = ("workload=random", "--a-a", *SHORT, "--seconds", "12")
        gates.append((desk, desk.start("gate", *words, **alone)))
    verdicts = []
    for desk, started in gates:
        gated = Gated(desk=desk, done=started.finish())
        assert gated.done.code in (0, 3, 4), gated.done.text
        verdicts.append(gated.comparison()["verdict"])
    assert sum(verdict in ("slower", "faster") for verdict in verdicts) <= 1, verdicts
