"""``embprof baseline`` as a user has it: real sweeps and files, tags read by MLflow's client."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done, MakeDesk, Store

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "baselines.md"
BLOCK = re.compile(r"^```(bash|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROTOCOL = (
    *("iterations=5", "slice_seconds=0.02", "warmup.iterations=0", "warmup.seconds=0"),
    "report=false",
)
CLOSED = "http://127.0.0.1:9"
"""Port 9 (discard) is served nowhere any more."""
WITHOUT = """\
import sys
from embprof.cli import main
code = main(sys.argv[1:])
heavy = {"torch", "mlflow", "sentence_transformers"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else code)
"""
"""Runs a command and fails if it has imported what takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """A folder with two sweeps of the same two questions, oldest first."""

    desk: Desk
    store: Store
    ids: tuple[str, ...]

    def baseline(self, *words: str, **variables: str) -> Done:
        return self.desk.run("baseline", *words, **variables)

    def tags(self, sweep: int) -> list[str | None]:
        """The baselines that the parent and each child of a sweep are tagged with."""
        sweep_id = self.ids[sweep]
        runs = [self.store.parent(sweep_id), *self.store.children(sweep_id)]
        return [run.data.tags.get("embprof.baseline") for run in runs]


@pytest.fixture(scope="module")
def sessions(make_desk: MakeDesk) -> Sessions:
    desk = make_desk("baselines")
    done = [desk.run("-m", "workload=nap", "batch_size=1,2", *PROTOCOL) for _ in range(2)]
    assert [one.code for one in done] == [0, 0], done[0].text
    return Sessions(desk=desk, store=desk.store, ids=tuple(one.sweep_id for one in done))


@pytest.fixture(scope="module")
def ready(sessions: Sessions, make_desk: MakeDesk) -> Desk:
    """A folder with a baseline, and figures that are not those of any mapping."""
    desk = make_desk("ready")
    sweep = sessions.desk.sweep(sessions.ids[0])
    shutil.copytree(sweep, desk.sweep(sweep.name), ignore=shutil.ignore_patterns("mlflow.json"))
    assert desk.run("baseline", "set", "last/0").code == 0
    (desk.path / "figures.json").write_text("{}")
    return desk


def test_set_keeps_whole_runs_and_tags_them_with_their_parent(sessions: Sessions) -> None:
    done = sessions.baseline("set", sessions.ids[0], "--name", "whole")
    assert (done.code, done.err) == (0, "")
    assert f"baseline whole: 2 runs of {sessions.ids[0]}" in done.text
    assert "1 session of these questions so far" in done.text
    assert sessions.tags(0) == ["whole", "whole", "whole"]
    kept = json.loads((sessions.desk.mlruns / "baselines" / "whole.json").read_text())
    (session,) = kept["sessions"]
    assert [stored["run"] for stored in session["runs"]] == [
        sessions.desk.answer(sessions.ids[0], job) for job in (0, 1)
    ]
    environment = sessions.desk.sweep(sessions.ids[0]) / "0" / "environment.json"
    assert session["runs"][0]["hard"] == json.loads(environment.read_text())["hard"]

    assert sessions.baseline("unset", "whole").code == 0
    assert sessions.tags(0) == [None, None, None]


def test_a_run_of_several_baselines_is_tagged_with_all_their_names(sessions: Sessions) -> None:
    assert sessions.baseline("set", "last").code == 0
    assert sessions.baseline("set", "last/1", "--name", "a.single-run_1").code == 0
    assert sessions.tags(1) == ["main", "main", "a.single-run_1 main"]
    assert sessions.baseline("unset").code == 0
    assert sessions.tags(1) == [None, None, "a.single-run_1"]
    assert sessions.baseline("unset", "a.single-run_1").code == 0
    assert sessions.tags(1) == [None, None, None]


def test_setting_a_name_again_adds_a_session_and_replace_begins_anew(sessions: Sessions) -> None:
    for what in ("last", "last~1", "last"):
        done = sessions.baseline("set", what, "--name", "grown")
        assert done.code == 0, done.text
    assert "2 sessions of these questions so far: only large changes" in done.text
    listed = sessions.baseline("list")
    found = re.findall(r"^grown +(\S+) ", listed.out, re.MULTILINE)
    assert found == list(sessions.ids), "oldest first, each once"
    assert listed.width <= 100

    assert sessions.baseline("set", "last", "--name", "grown", "--replace").code == 0
    assert sessions.tags(0) == [None, None, None]
    assert sessions.tags(1) == ["grown", "grown", "grown"]
    assert sessions.baseline("unset", "grown").code == 0


def test_sessions_that_are_set_at_once_are_all_kept(sessions: Sessions) -> None:
    started = [
        sessions.desk.start("baseline", "set", what, "--name", name)
        for name in ("shared", "shared-too")
        for what in sessions.ids
    ]
    done = [one.finish() for one in started]
    assert [one.code for one in done] == [0] * 4, [one.text for one in done]
    for name in ("shared", "shared-too"):
        kept = json.loads((sessions.desk.mlruns / "baselines" / f"{name}.json").read_text())
        assert [session["name"] for session in kept["sessions"]] == list(sessions.ids)
    for sweep in (0, 1):
        assert sessions.tags(sweep) == ["shared shared-too"] * 3
    for name in ("shared", "shared-too"):
        assert sessions.baseline("unset", name).code == 0


def test_where_mlflow_cannot_be_reached_the_baseline_is_kept_all_the_same(
    sessions: Sessions,
) -> None:
    done = sessions.baseline("set", "last", "--name", "offline", MLFLOW_TRACKING_URI=CLOSED)
    assert done.code == 0
    assert "Traceback" not in done.text
    assert done.text.count(f"MLflow at {CLOSED} cannot be reached") == 1
    assert "the baseline itself is on disk" in done.out.splitlines()[-1]
    assert (sessions.desk.mlruns / "baselines" / "offline.json").is_file()
    assert sessions.baseline("set", "last", "--name", "offline").code == 0, (
        "set again, it is tagged"
    )
    assert sessions.tags(1) == ["offline"] * 3
    assert sessions.baseline("unset", "offline").code == 0


def test_runs_that_were_never_logged_become_a_baseline_without_a_tag(desk: Desk) -> None:
    measured = desk.run("workload=nap", *PROTOCOL, MLFLOW_TRACKING_URI=CLOSED)
    assert measured.code == 0
    done = desk.run("baseline", "set", "last")
    assert done.code == 0
    assert "1 run is not in MLflow, and without the tag embprof.baseline" in done.text
    assert desk.run("sync").code == 0
    assert desk.run("baseline", "set", "last").code == 0
    (run,) = desk.store.children(measured.sweep_id)
    assert run.data.tags["embprof.baseline"] == "main"


def test_a_sweep_in_which_nothing_succeeded_is_no_baseline(desk: Desk) -> None:
    (desk.path / "broken.py").write_text(
        "from embprof.testing import Sleep\n\n\nclass Broken(Sleep):\n"
        "    def step(self):\n        raise RuntimeError('on purpose')\n"
    )
    desk.option("workload", "broken", target="broken.Broken", seconds=0.01, batch_size=1)
    assert desk.run("workload=broken", *PROTOCOL).code == 1
    done = desk.run("baseline", "set", "last")
    assert done.code == 2
    assert "no run that ended well" in done.text
    assert "on purpose" in done.text
    assert not (desk.mlruns / "baselines").exists()


def test_an_export_is_taken_in_elsewhere_and_is_the_same_there(
    sessions: Sessions, desk: Desk
) -> None:
    assert sessions.baseline("set", "last", "--name", "moved").code == 0
    file = desk.path / "moved.json"
    assert sessions.baseline("export", str(file), "--name", "moved").code == 0
    done = desk.run("baseline", "import", "moved.json")
    assert done.code == 0
    assert "baseline moved: 1 session with 2 runs in all" in done.text
    here, there = (
        place / "baselines" / "moved.json" for place in (desk.mlruns, sessions.desk.mlruns)
    )
    assert json.loads(here.read_text()) == json.loads(there.read_text())
    refused = desk.run("baseline", "import", "moved.json")
    assert refused.code == 2
    assert "--replace" in refused.text
    assert desk.run("baseline", "import", "moved.json", "--replace").code == 0
    assert sessions.baseline("unset", "moved").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "last", "--name", "../main"), "--name ../main: a name has up to 64 letters"),
        (("set", "last", "--name", "last"), "could be meant for a sweep"),
        (("set", "nothing"), "nothing: no sweep or run in"),
        (("set",), "Missing argument"),
        (("set", "last", "--bogus"), "--bogus"),
        (("unset", "nothing"), "there is no such baseline"),
        (("export", "."), "not a file that could be replaced"),
        (("import", "none.json"), "cannot be read"),
        (("import", "figures.json"), "--mapping FILE"),
        (("import", "figures.json", "--mapping", "nothing"), "neither a file nor one that comes"),
        (
            ("import", "figures.json", "--mapping", "embedding_service"),
            "texts_per_second: there is",
        ),
        (("lsit",), "lsit"),
    ],
)
def test_a_wrong_request_ends_with_2_and_changes_nothing(
    ready: Desk, words: tuple[str, ...], said: str
) -> None:
    def files() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in ready.mlruns.rglob("*.json")}

    before = files()
    done = ready.run("baseline", *words)
    assert done.code == 2
    assert said in done.text
    assert "Traceback" not in done.text
    assert files() == before


@pytest.mark.parametrize("words", [("baseline", "list"), ("baseline", "--help"), ("--help",)])
def test_looking_imports_neither_torch_nor_mlflow(ready: Desk, words: tuple[str, ...]) -> None:
    done = ready.call(sys.executable, "-c", WITHOUT, *words)
    assert done.code == 0, done.text


def test_the_commands_of_the_page_do_what_it_says(sessions: Sessions, desk: Desk) -> None:
    """All in order, but for the measuring: the runs are those of two sweeps that are there."""
    (desk.mlruns / "sweeps").mkdir(parents=True)
    for sweep_id in sessions.ids:
        (desk.mlruns / "sweeps" / sweep_id).symlink_to(sessions.desk.sweep(sweep_id))
    desk.commands.put_stand_in(desk.path / "command")
    script = ['embprof() { ./command "$@"; }', "set -e"]
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "yaml":
            name = text.partition("\n")[0].removeprefix("# ")
            script += [f"cat > {name} <<'END'", f"{text}END"]
        else:
            lines = text.splitlines()
            script += [line for line in lines if not line.startswith("python -m embprof")]
    done = desk.call("bash", "-c", "\n".join(script))
    assert done.code == 0, done.text
    names = sorted(file.stem for file in (desk.mlruns / "baselines").glob("*.json"))
    assert names == ["batches", "main", "main-of-july", "reference", "release-2"]
    theirs = json.loads((desk.mlruns / "baselines" / "batches.json").read_text())
    found = [stored["run"] for stored in theirs["sessions"][0]["runs"]]
    assert [run["config"]["batch_size"] for run in found] == [8, 16, 32]
    estimates = [f["estimate"] for run in found for f in run["figures"]]
    assert [estimate["value"] for estimate in estimates[:2]] == pytest.approx([527, 15.2])
    assert {(estimate["low"], estimate["high"]) for estimate in estimates} == {(None, None)}
    assert sessions.tags(1) == ["main main-of-july release-2"] * 3
