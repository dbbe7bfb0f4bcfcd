"""From what was asked to rows of two arms, or to every problem with it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from embprof.config.plan import plan
from embprof.config.quoting import literal
from embprof.errors import RequestError
from embprof.machine import fingerprint, git, resources
from embprof.model import Stored
from embprof.run.gate import trees
from embprof.run.gate.arms import EXPLICIT, Arms, arms, asks_for_gate
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.places import Places

MakeStored = Callable[..., Stored]
SetBaseline = Callable[..., None]
NAP = """\
_target_: embprof.testing.Sleep
seconds: 0.01
batch_size: ${batch_size}
"""
HERE, OLD = "1" * 40, "0" * 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, so that its compositions are remembered."""
    path = tmp_path_factory.mktemp("desk")
    (path / "conf" / "workload").mkdir(parents=True)
    (path / "conf" / "workload" / "nap.yaml").write_text(NAP)
    return path


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(resources, "nvidia_gpus", lambda: ())


@pytest.fixture
def places(folder: Path) -> Iterator[Places]:
    yield Places(root=folder / "mlruns")
    for file in (folder / "mlruns").glob("baselines/*.json"):
        file.unlink()


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Git says; commits are known by the refs in it."""
    said: dict[str, Any] = {"git_commit": HERE, "git_dirty": False, "old": OLD, OLD: OLD}

    def commit_of(option: str, ref: str) -> str:
        if ref not in said:
            raise RequestError([f"{option} {ref}: there is no such ref in this repository"])
        return str(said[ref])

    def state() -> dict[str, Any]:
        return {name: said[name] for name in ("git_commit", "git_dirty") if name in said}

    monkeypatch.setattr(git, "state", state)
    monkeypatch.setattr(trees, "commit_of", commit_of)
    return said


@pytest.fixture
def set_baseline(places: Places, stored: MakeStored) -> SetBaseline:
    """Makes one that answers the questions of these requests."""

    def make(*words: str, name: str = "main", multirun: bool = False, **soft: Any) -> None:
        planned = asked(*words, "--a=", multirun=multirun)
        runs = [
            stored(number=number, key=row.a.job.key, soft={"git_commit": HERE, **soft})
            for number, row in enumerate(planned.rows)
        ]
        session = Session(name="s1", set_at="", runs=tuple(runs))
        Baselines(places).change(name, lambda _: Baseline(name=name, sessions=(session,)))

    return make


def asked(*words: str, multirun: bool = False) -> Arms:
    """The rows of ``embprof gate`` with a workload of known cost, and these words."""
    lines = ["workload=nap"]
    for word in words:
        option, _, text = word.partition("=")
        key = f"against.{option[2:].replace('-', '_').replace('against', 'baseline')}"
        lines.append(f"{key}={literal(text)}" if word.startswith("--") else word)
    return arms(plan(lines, multirun=multirun), lines, Places.here())


def problems_of(*words: str, multirun: bool = False) -> tuple[str, ...]:
    with pytest.raises(RequestError) as caught:
        asked(*words, multirun=multirun)
    return caught.value.problems


def seconds(found: Arms) -> list[tuple[float, float]]:
    return [
        (row.a.job.config["workload"]["seconds"], row.b.job.config["workload"]["seconds"])
        for row in found.rows
    ]


def test_arms_differ_in_their_overrides() -> None:
    found = asked("batch_size=2", "--a=workload.seconds=0.1", "--b=workload.seconds=0.2 threads=1")
    assert seconds(found) == [(0.1, 0.2)]
    (row,) = found.rows
    assert (row.a.job.config["batch_size"], row.b.job.config["batch_size"]) == (2, 2)
    assert (row.a.job.config["threads"], row.b.job.config["threads"]) == (None, 1)
    assert (row.a.name, row.b.name) == ("a", "b")
    declared = found.declared
    assert (declared.overrides, declared.interpreter, declared.code) == (True, False, False)


def test_an_arm_that_is_not_given_is_as_it_is_here() -> None:
    assert seconds(asked("--b=workload.seconds=0.2")) == [(0.01, 0.2)]
    assert seconds(asked("--a=workload.seconds=0.2")) == [(0.2, 0.01)]


def test_equal_arms_are_a_trial_of_nothing() -> None:
    found = asked("--a=", "--b=")
    assert found.declared.nothing
    assert [job.key for job in found.plan.jobs] == [found.rows[0].a.job.key] * 2
    assert {arm.executable for arm in (found.rows[0].a, found.rows[0].b)} == {sys.executable}


def test_a_trial_of_nothing_needs_no_arms_and_no_baseline() -> None:
    assert asked("against.a_a=true").declared.nothing


def test_an_arm_is_asked_as_on_a_command_line() -> None:
    found = asked("--b=workload.seconds=0.2 question='is it slower?'")
    assert found.rows[0].b.job.config["question"] == "is it slower?"
    assert found.rows[0].a.job.config["question"] is None


def test_references_mean_the_keys_of_their_own_arm() -> None:
    found = asked("batch_size=3", "--b=batch_size=5 threads=${batch_size}")
    assert found.rows[0].b.job.config["threads"] == 5


def test_rows_of_a_sweep_are_paired_in_order_and_numbered_in_twos() -> None:
    found = asked("batch_size=1,2,3", "--b=workload.seconds=0.02", multirun=True)
    sizes = [tuple(arm.job.config["batch_size"] for arm in (row.a, row.b)) for row in found.rows]
    assert sizes == [(1, 1), (2, 2), (3, 3)]
    assert [(row.a.job.number, row.b.job.number) for row in found.rows] == [(0, 1), (2, 3), (4, 5)]
    assert [job.number for job in found.plan.jobs] == list(range(6))


def test_arms_may_be_sweeps_of_their_own() -> None:
    words = ("--a=workload.seconds=0.1,0.2", "--b=workload.seconds=0.3,0.4")
    assert seconds(asked(*words, multirun=True)) == [(0.1, 0.3), (0.2, 0.4)]


def test_arms_of_different_numbers_of_rows_cannot_be_paired() -> None:
    words = ("--a=workload.seconds=0.1,0.2", "--b=workload.seconds=0.3")
    (problem,) = problems_of(*words, multirun=True)
    assert problem == "--a and --b must leave as many rows: A has 2, B has 1"


def test_refs_are_commits_of_their_arms(repository: dict[str, Any]) -> None:
    found = asked("--a-ref=old")
    assert (found.rows[0].a.commit, found.rows[0].b.commit) == (OLD, None)
    assert found.declared.code
    assert found.commits == [OLD]
    both = asked("batch_size=1,2", "--a-ref=old", "--b-ref=old", multirun=True)
    assert both.commits == [OLD], "checked out once"
    assert both.declared.nothing
    repository["new"] = HERE
    assert asked("--a-ref=old", "--b-ref=new").commits == [OLD, HERE]


def test_an_interpreter_is_a_python_or_the_folder_of_an_environment(tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    for given in (python, python.parent.parent):
        found = asked(f"--b-python={given}")
        assert found.rows[0].b.executable == str(python), "the link, which makes it what it is"
        assert found.rows[0].a.executable == sys.executable
        assert found.declared.interpreter


def test_an_interpreter_is_looked_for_from_where_the_user_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "here").mkdir()
    (folder / "here" / "python").symlink_to(sys.executable)
    assert asked("--a-python=here/python").rows[0].a.executable == str(folder / "here" / "python")
    monkeypatch.setenv("HOME", str(folder))
    assert asked("--a-python=~/here/python").rows[0].a.executable.endswith("here/python")


def test_this_interpreter_under_its_own_name_is_no_other() -> None:
    assert asked(f"--b-python={sys.executable}").declared.nothing


def test_an_arm_on_a_device_that_is_not_there_skips_its_row_whichever_it_is() -> None:
    for words in (("--a=device=cuda",), ("--b=device=cuda",), ("device=cuda", "--a=")):
        (row,) = asked(*words).rows
        assert row.a.job.skip == row.b.job.skip == "no NVIDIA GPU on this machine"


def test_every_problem_of_both_arms_comes_at_once(
    repository: dict[str, Any], tmp_path: Path
) -> None:
    assert repository
    problems = problems_of(
        "--a=batch_size=0 nothing=1",
        "--b=threads=-1",
        "--a-ref=unknown",
        "--b-ref=unheard-of",
        f"--a-python={tmp_path}",
        "--b-python=/no/python",
    )
    said = "\n".join(problems)
    for part in ("batch_size", "nothing=1", "threads", "unknown", "unheard-of", "/no/python"):
        assert part in said
    assert f"--a-python {tmp_path}: there is no interpreter {tmp_path}/bin/python" in problems
    assert len(problems) == len(set(problems))


@pytest.mark.parametrize("text", ["'unclosed", 'question="', "a\\"])
def test_overrides_that_no_shell_would_take_are_a_wrong_request(text: str) -> None:
    (problem,) = problems_of(f"--b={text}")
    assert problem.startswith(f"--b {text}: No ")


def test_an_arm_that_is_a_sweep_needs_m() -> None:
    (problem,) = problems_of("--b=batch_size=1,2")
    assert problem == "batch_size=1,2: several values are a sweep: add -m"


def test_a_baseline_goes_without_arms() -> None:
    problems = problems_of("--against=main", "--b=batch_size=2")
    assert problems == (
        "--against goes without --a, --b, --a-ref, --b-ref, --a-python and --b-python",
    )


def test_bounds_that_contradict_each_other_and_resume_are_refused() -> None:
    problems = problems_of("--a=", "verdict.delta=0.005", "resume=last")
    assert len(problems) == 2
    assert "verdict.delta=0.005" in problems[0]
    assert "run it anew" in problems[1]


def test_what_a_gate_decides_itself_is_noted_where_it_was_given() -> None:
    found = asked("--a=", "restarts=5", "max_seconds=3")
    assert [note.partition(" changes")[0] for note in found.notes] == [
        "note: max_seconds",
        "note: restarts",
    ]
    assert asked("--a=").notes == ()


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("words", [(), ("--against=nothing",), ("--against=../main",)])
def test_a_baseline_that_is_not_there_is_an_error_that_says_what_is(
    set_baseline: SetBaseline, words: tuple[str, ...]
) -> None:
    set_baseline(name="other")
    (problem,) = problems_of(*words)
    assert "(there are: other)" in problem
    assert "embprof baseline set last" in problem


@pytest.mark.usefixtures("repository")
def test_a_baseline_is_measured_again_as_arm_a(set_baseline: SetBaseline) -> None:
    set_baseline("batch_size=1,2", multirun=True)
    found = asked("batch_size=2,1", multirun=True)
    assert found.against == "main"
    assert [row.a.stored is not None for row in found.rows] == [True, True]
    assert all(row.a.job.key == row.b.job.key == _stored_key(row.a.stored) for row in found.rows)
    assert all(row.b.stored is None for row in found.rows)
    assert found.declared.nothing, "its code is the code in this folder"


def _stored_key(stored: Stored | None) -> str:
    assert stored is not None
    return stored.run.key


@pytest.mark.usefixtures("repository")
def test_questions_that_a_baseline_has_no_answer_to_are_all_named(
    set_baseline: SetBaseline,
) -> None:
    set_baseline()
    problems = problems_of("batch_size=1,2,32", multirun=True)
    assert [problem.partition(";")[0] for problem in problems] == [
        f"baseline main has no answer to this question: workload=nap batch_size={size}"
        for size in (1, 2)
    ]


@pytest.mark.parametrize(
    ("state", "commit"),
    [
        ({}, None),
        ({"git_dirty": True}, HERE),
        ({"git_commit": OLD}, HERE),
        ({"git_commit": OLD, "git_dirty": True}, HERE),
    ],
)
def test_the_code_of_a_baseline_is_checked_out_unless_it_is_what_lies_here(
    repository: dict[str, Any],
    set_baseline: SetBaseline,
    state: dict[str, Any],
    commit: str | None,
) -> None:
    set_baseline()
    repository.update({HERE: HERE, **state})
    found = asked()
    assert found.rows[0].a.commit == commit
    assert found.rows[0].b.commit is None
    assert found.declared.code == (commit is not None)


def test_a_baseline_of_a_commit_that_is_not_here_is_a_wrong_request_said_once(
    repository: dict[str, Any], set_baseline: SetBaseline
) -> None:
    assert repository
    set_baseline("batch_size=1,2", multirun=True, git_commit="f" * 40)
    (problem,) = problems_of("batch_size=1,2", multirun=True)
    assert problem.startswith(f"the commit of baseline main, {'f' * 40}: there is no such ref")


@pytest.mark.usefixtures("repository")
def test_a_baseline_measured_outside_git_is_gated_with_what_lies_here(
    set_baseline: SetBaseline,
) -> None:
    set_baseline(git_commit=None)
    assert asked().rows[0].a.commit is None


@pytest.mark.usefixtures("repository")
def test_libraries_that_changed_since_the_baseline_are_noted_once(
    set_baseline: SetBaseline,
) -> None:
    now = fingerprint.soft()["packages"]
    packages = {**now, "numpy": "0.1", "mlflow": "0.1", "gone": "1.0"}
    set_baseline("batch_size=1,2", multirun=True, packages=packages)
    (note,) = asked("batch_size=1,2", multirun=True).notes
    assert f"since main was measured: numpy 0.1 -> {now['numpy']}; both arms run" in note
    set_baseline(packages=now)
    assert asked().notes == ()


def test_the_name_of_a_baseline_is_taken_as_it_is(set_baseline: SetBaseline) -> None:
    set_baseline(name="1.5", git_commit=None)
    assert asked("--against=1.5").against == "1.5"


@pytest.mark.parametrize("name", ["baseline", *EXPLICIT])
def test_a_configuration_asks_for_a_gate_where_it_says_against_what(name: str) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("baseline", *EXPLICIT))
    nothing.update(max_seconds=30, pairs=24, a_a=False)
    assert not asks_for_gate({"against": nothing})
    assert asks_for_gate({"against": {**nothing, name: ""}})
