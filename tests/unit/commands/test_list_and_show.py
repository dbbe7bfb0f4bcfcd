"""What is stored is listed and shown again, from disk alone."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.commands import list as listing
from embprof.commands import show
from embprof.errors import RequestError
from embprof.model import Comparison, Run, Stamp, Verdict
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.folder import read_stored, write_comparison, write_json, write_run
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder

MakeRun = Callable[..., Run]
OLD, NEW, GATE = "20260101-000000-aaaa", "20260102-000000-bbbb", "20260103-000000-cccc"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.chdir(tmp_path)
    return Places.here()


@pytest.fixture
def store(places: Places, run: MakeRun) -> Places:
    """Two sweeps of two jobs and a gate, the newer sweep compared with the older one."""
    for sweep_id, name, kind in (
        (OLD, "batch_size", "sweep"),
        (NEW, "batch_size", "sweep"),
        (GATE, "gate job", "gate"),
    ):
        sweep = SweepFolder(path=places.sweep(sweep_id))
        jobs = [
            {
                "number": number,
                "overrides": [f"batch_size={8 * 2**number}"],
                "key": f"key{number}",
                "environment": "environment0",
                "skip": None,
            }
            for number in (0, 1)
        ]
        content = {
            "sweep_id": sweep_id,
            "kind": kind,
            "name": f"{name} {sweep_id}",
            "started": "2026-01-01T00:00:00.000+00:00",
            "status": "ok",
            "question": "Which batch size?",
            "overrides": ["batch_size=8,16"],
            "jobs": jobs,
            "tracking": {"run_id": f"{sweep_id[-4:]}0123456789abcdef"},
        }
        sweep.write(content)
        for number in (0, 1):
            answer(sweep, run(number, f"batch_size={8 * 2**number}", sweep_id=sweep_id))
    write_comparison(places.sweep(NEW) / "1", COMPARISON)
    return places


COMPARISON = Comparison(
    figure="throughput_texts_per_s",
    a=f"main {OLD}/1",
    b=f"{NEW}/1",
    ratio=1.05,
    low=1.02,
    high=1.08,
    verdict=Verdict.SLOWER,
    reason=None,
    smallest_detectable=0.01,
    p_value=0.0001,
    basis="3 sessions",
)


def answer(sweep: SweepFolder, run: Run) -> None:
    folder = sweep.path / str(run.number)
    folder.mkdir()
    for name in ("job.json", "environment.json"):
        write_json(folder / name, {"hard": {"cpus": 1}, "soft": {}})
    write_json(folder / "mlflow.json", {"run_id": "f" * 32})
    (folder / "profile.html").write_text("x" * 1234)
    write_run(folder, dataclasses.replace(run, config={**run.config, "targets": {}, "limits": {}}))


@pytest.mark.usefixtures("store")
def test_sweeps_and_gates_are_listed_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert listing.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [GATE, NEW, OLD]


@pytest.mark.usefixtures("store")
def test_older_sweeps_are_counted_and_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert listing.main(["-n", "1"]) == 0
    said = capsys.readouterr().out
    assert GATE in said
    assert NEW not in said
    assert "2 older sweeps not shown (--all)" in said
    assert listing.main(["-n", "1", "--all"]) == 0
    assert OLD in capsys.readouterr().out


def test_an_empty_store_says_how_to_begin(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert listing.main([]) == 0
    assert "measure first" in capsys.readouterr().out
    assert not places.root.exists()


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "what", [[], ["last"], [NEW], ["20260102"], [f"mlruns/sweeps/{NEW}"], ["bbbb0123456789ab"]]
)
def test_the_table_of_a_sweep_is_shown_with_its_comparisons(
    what: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert show.main(what) == 0
    said = capsys.readouterr().out
    assert "Which batch size?" in said
    assert "12,346" in said
    assert "slower" in said
    assert "#1 against main; noise: 3 sessions" in said
    assert f"runs: mlruns/sweeps/{NEW}" in said


@pytest.mark.usefixtures("store")
def test_of_a_gate_both_arms_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert show.main([GATE]) == 0
    table = capsys.readouterr().out
    assert [line.split()[:2] for line in table.splitlines() if line.startswith(("0", "1"))] == [
        ["0", "A"],
        ["1", "B"],
    ]


def test_arms_that_ask_the_same_are_shown_with_their_own_figures(
    store: Places, run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = SweepFolder(path=store.sweep(GATE))
    jobs = [{**job, "key": "key0", "overrides": []} for job in sweep.read()["jobs"]]
    sweep.write({**sweep.read(), "jobs": jobs})
    for number, value in enumerate((1000.0, 2000.0)):
        made = run(number, sweep_id=GATE, key="key0")
        (first, *others) = made.figures
        assert first.estimate is not None
        estimate = dataclasses.replace(first.estimate, value=value)
        figures = (dataclasses.replace(first, estimate=estimate), *others)
        wanted = {**made.config, "targets": {}, "limits": {}}
        write_run(
            sweep.path / str(number), dataclasses.replace(made, figures=figures, config=wanted)
        )
    assert show.main([GATE]) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:3] for line in table if line and line[0] in "01"] == [
        ["0", "A", "1,000"],
        ["1", "B", "2,000"],
    ]


def test_of_a_gate_the_typical_values_of_both_arms_stand_beside_their_change(
    store: Places, agree: Callable[..., bool], capsys: pytest.CaptureFixture[str]
) -> None:
    """The runs of both arms have the same mean, 12,346; what was compared differs by 5 %."""
    paired = dataclasses.replace(
        COMPARISON,
        a=f"{GATE}/0",
        b=f"{GATE}/1",
        basis="24 pairs of restarts",
        a_value=12_650.0,
        b_value=12_650.0 / 1.05,
        is_paired=True,
    )
    write_comparison(store.sweep(GATE) / "1", paired)
    assert show.main([GATE]) == 0
    said = capsys.readouterr().out
    (heading,) = [line.split() for line in said.splitlines() if "verdict" in line]
    (b,) = [line for line in said.splitlines() if line.startswith("1 ")]
    assert heading[heading.index("change") - 2 : heading.index("change")] == ["A", "B"]
    values = ["12,650", "12,048", "+5.0", "%"]
    assert " ".join(values) in " ".join(b.split())
    assert agree(values[0], values[1], "+5.0 %", better="higher")
    assert "A and B are typical values" in said
    assert "highest: " not in said
    assert show.main([f"{GATE}/1"]) == 0
    assert f"against {GATE}/0: A 12,650, B 12,048, change +5.0 %" in capsys.readouterr().out


def test_a_sweep_of_which_no_job_has_finished_has_a_table(
    store: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = SweepFolder(path=store.sweep("20260104-000000-dddd"))
    sweep.write({**SweepFolder(path=store.sweep(NEW)).read(), "status": None})
    assert show.main(["last"]) == 0
    said = capsys.readouterr().out
    assert "not ended" in said
    assert said.count("not run") == 2


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("what", [f"{NEW}/1", "last/1", f"mlruns/sweeps/{NEW}/1"])
def test_a_job_is_shown_with_every_figure_its_marks_and_its_files(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show.main([what]) == 0
    said = capsys.readouterr().out
    assert f"{NEW}/1  batch_size=16" in said
    assert "12,197 – 12,494" in said
    assert "n<368" in said
    assert "change +5.0 %, 95 % interval +2.0 … +8.0 %, detects +1.0 %, verdict slower" in said
    assert "B busy machine" in said
    assert "profile.html (1.23 kB)" in said
    assert f"in MLflow: {'f' * 32}" in said


def test_marks_of_another_version_are_shown_as_they_are(
    store: Places, run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = run(0, sweep_id=NEW, stamps=(Stamp(mark="?", detail="something"),))
    wanted = {**odd.config, "targets": {}, "limits": {}}
    write_run(store.sweep(NEW) / "0", dataclasses.replace(odd, config=wanted))
    assert show.main([f"{NEW}/0"]) == 0
    assert "? mark (something)" in capsys.readouterr().out


def test_a_baseline_is_no_sweep(store: Places) -> None:
    stored = [read_stored(store.sweep(NEW) / str(number)) for number in (0, 1)]
    session = Session(name=NEW, set_at="", runs=tuple(one for one in stored if one))
    Baselines(store).change("main", lambda _: Baseline(name="main", sessions=(session,)))
    with pytest.raises(RequestError, match="neither a sweep nor a run"):
        show.main(["main"])


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("what", ["nonsense", "2027", f"{NEW}/7", "last~9"])
def test_what_is_not_there_is_an_error_that_says_so(what: str) -> None:
    with pytest.raises(RequestError, match=r"no |only "):
        show.main([what])
