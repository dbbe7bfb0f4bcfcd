"""``embprof compare``: its options, what it prints, what it writes, how it ends."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from embprof.commands import compare as comparing
from embprof.commands.compare import bound_of
from embprof.errors import DiskError, RequestError
from embprof.model import Stored, StoredRuns
from embprof.tracking.places import Places

MakeStored = Callable[..., Stored]
PROFILE = "embprof.measurements.profile.Profile"


@pytest.fixture(autouse=True)
def _stored_runs(stored: MakeStored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``old`` with two rows, ``slow`` at five times the time, ``other`` that is much like it."""
    monkeypatch.chdir(tmp_path)
    values = {"old": (100.0, 200.0), "slow": (20.0, 40.0), "other": (101.0, 199.0)}

    def find(what: str, _places: Places) -> StoredRuns:
        if what not in values:
            raise RequestError([f"{what}: no such runs"])
        runs = (stored(v, number=at, session=what) for at, v in enumerate(values[what]))
        return StoredRuns(name=what, sessions=(tuple(map(_of_a_profile, runs)),))

    monkeypatch.setattr(comparing, "find", find)


def _of_a_profile(stored: Stored) -> Stored:
    config = {**stored.run.config, "measurement": {"_target_": PROFILE}}
    folder = Path("mlruns") / "sweeps" / stored.run.run_id
    return dataclasses.replace(
        stored,
        run=dataclasses.replace(stored.run, config=config),
        folder=folder if folder.is_dir() else None,
    )


@pytest.mark.parametrize("text", ["5%", "5 %", " 5.0% ", "0.05", ".05", "5.%"])
def test_a_bound_is_a_share_or_percent(text: str) -> None:
    assert bound_of(text) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "text", ["", "five", "-5%", "0", "0%", "5", "1.0", "nan", "inf", "5%%", "1e-2", "1001%", "%"]
)
def test_nonsense_is_no_bound(text: str) -> None:
    with pytest.raises(RequestError, match="write a share above 0"):
        bound_of(text)


def test_the_table_is_printed_and_the_exit_code_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert comparing.main(["old", "slow"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A: old, 2 runs\nB: slow, 2 runs\n")
    assert out.count("slower") == 4  # two rows and two lines of the legend
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 100


@pytest.mark.parametrize(
    ("b", "bound", "code", "said"),
    [
        ("slow", "5%", 3, "regression of more than 5.0 %: #0 (+400 %), #1 (+400 %)"),
        ("slow", "900 %", 0, "no row is worse by more than 900 %"),
        ("other", "0.05", 4, "more than 5.0 % can be neither shown nor ruled out: #0, #1"),
        ("old", "5%", 0, "no row is worse by more than 5.0 %"),
    ],
)
def test_a_bound_decides_the_exit_code(
    capsys: pytest.CaptureFixture[str], b: str, bound: str, code: int, said: str
) -> None:
    assert comparing.main(["old", b, "--fail-on-regression", bound]) == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("form", ["--json", "--markdown"])
def test_only_what_was_asked_for_is_on_standard_output(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    words = ["old", "slow", form, "--junit", "a.xml", "--fail-on-regression", "5%"]
    assert comparing.main(words) == 3
    out, err = capsys.readouterr()
    if form == "--json":
        assert len(json.loads(out)["rows"]) == 2
    else:
        assert out.startswith("**A: old, 2 runs**")
    assert "written" not in out
    assert err.startswith("regression of more than")


def test_files_are_written_and_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["old", "slow", "--junit", "report.xml", "--benchmark-action", "b.json"]
    assert comparing.main(words) == 0
    assert len(list(ET.parse(tmp_path / "report.xml").iter("failure"))) == 2
    assert [entry["value"] for entry in json.loads((tmp_path / "b.json").read_text())] == [20, 40]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.json", "report.xml"]
    out = capsys.readouterr().out
    assert "written to b.json (tool: customBiggerIsBetter)" in out
    assert "written to report.xml" in out


def test_everything_that_is_wrong_is_told_before_anything_is_written(tmp_path: Path) -> None:
    words = ["old", "slow", "--json", "--markdown", "--junit", "no/where.xml"]
    words += ["--benchmark-action", str(tmp_path), "--fail-on-regression", "lots"]
    with pytest.raises(RequestError) as error:
        comparing.main(words)
    assert error.value.problems == (
        "--json and --markdown: choose one, each prints nothing else",
        "no/where.xml: there is no folder no",
        f"{tmp_path}: is a folder; name a file",
        "--fail-on-regression lots: write a share above 0, as 5% or 0.05",
    )
    assert list(tmp_path.iterdir()) == []


def test_one_file_cannot_be_both_reports() -> None:
    with pytest.raises(RequestError, match="give each a file of its own"):
        comparing.main(["old", "slow", "--junit", "x", "--benchmark-action", "./x"])


def test_both_names_that_mean_nothing_are_told() -> None:
    with pytest.raises(RequestError) as error:
        comparing.main(["this", "that"])
    assert error.value.problems == ("this: no such runs", "that: no such runs")


def test_a_name_alone_is_not_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert comparing.main(["old"]) == 2
    assert "B" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_and_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(DiskError, match=r"cannot write a\.xml: Permission denied"):
        comparing.main(["old", "slow", "--junit", "a.xml"])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def _profiled(tmp_path: Path, stored: MakeStored) -> None:
    """Row 1 has a profile on both sides, in which a function grew; row 0 on one side only."""
    for session, numbers, ms in (("old", (1,), 10.0), ("slow", (0, 1), 60.0)):
        for number in numbers:
            run_id = stored(1.0, number=number, session=session).run.run_id
            folder = tmp_path / "mlruns" / "sweeps" / run_id
            folder.mkdir(parents=True)
            function = {"function": "slow_one", "file": "a.py", "line": 3, "self_ms": ms}
            row = {**function, "self_percent": ms}
            content = {"profiler": "cprofile", "call_ms": 100.0, "functions": [row]}
            (folder / "functions.json").write_text(json.dumps(content))


@pytest.mark.usefixtures("_profiled")
def test_where_both_sides_have_a_profile_the_function_that_grew_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert comparing.main(["old", "slow"]) == 0
    out = capsys.readouterr().out
    assert out.count("slow_one") == out.count("profile of batch_size=16, cprofile:") == 1
    assert comparing.main(["old", "slow", "--json"]) == 0
    (profiles,) = json.loads(capsys.readouterr().out)["profiles"].items()
    assert profiles[0] == "1"
    assert profiles[1]["functions"][0]["change_ms"] == 50.0
    assert comparing.main(["old", "slow", "--markdown"]) == 0
    assert "| `slow_one` a.py:3 | 10.0 | 60.0 | +50.0 |" in capsys.readouterr().out


def test_without_profiles_nothing_is_said_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert comparing.main(["old", "slow", "--json"]) == 0
    assert "profiles" not in json.loads(capsys.readouterr().out)
