"""A package by somebody else, built as a wheel and installed: it can do all that embprof's own can.

The package is tests/outside_package. Of its parts that fail, each costs itself and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

PACKAGE = Path(__file__).parents[1] / "outside_package"
FOOTPRINT = "acme_embprof.memory.Footprint"
SORTING = "acme_embprof.sorting.Sorting"
SHORT = ("warmup.iterations=1", "warmup.seconds=0", "max_seconds=20")
ASKED = ("workload=sorting", "measurement=footprint")
OTHERS = (
    *("agreement", "capacity", "cosine_to_full", "gap", "in_system", "phase_ends", "probe_rate"),
    *("profiled_call", "round_time", "staged_call", "tokens", "window"),
)

DRIVER = '''
"""Runs commands one after the other in one process, each with one part of the package broken."""

import contextlib, dataclasses, io, json, sys, traceback

from embprof.cli import main
from embprof.interface.chart import Axis, Chart, Curve
from embprof.interface.column import Column


def boom(*_):
    raise RuntimeError("boom")


def odd(*_):
    return ["odd"]


def uneven(*_):
    curve = Curve(name="moves", x=(1.0, 2.0), y=(float("nan"),))
    axis = Axis(title="moves")
    yield Chart(name="moves", title="moves", x=axis, y=axis, curves=(curve,))


def broken(part):
    from acme_embprof import account, memory

    name, _, entry = part.partition(".")
    entry, _, how = entry.partition(":")
    if how:
        return account, name, replaced(getattr(account, name), entry, globals()[how])
    if name == "class":
        value = 5 if entry == "needs" else classmethod(boom)
        return memory.Footprint, entry, value
    whole = getattr(account, name)
    if not entry:
        return account, name, None
    if entry == "cell":
        return account, name, dataclasses.replace(
            whole, columns=lambda _: [Column(heading="moves", cell=boom)]
        )
    if entry in ("rule", "answer"):
        rule = dataclasses.replace(whole.rules[0], **{"find" if entry == "rule" else entry: boom})
        return account, name, dataclasses.replace(whole, rules=(rule,))
    return account, name, replaced(whole, entry, boom)


def replaced(whole, entry, boom):
    now = getattr(whole, entry)
    if entry == "rules":
        return dataclasses.replace(whole, rules=(dataclasses.replace(now[0], find=boom),))
    if entry == "documents":
        value = {key: dataclasses.replace(one, make=boom) for key, one in now.items()}
    elif isinstance(now, dict):
        value = dict.fromkeys(now, boom)
    elif isinstance(now, tuple):
        value = (boom,)
    else:
        value = boom if callable(now) else 7
    return dataclasses.replace(whole, **{entry: value})


@contextlib.contextmanager
def breaking(part):
    if not part:
        yield
        return
    owner, name, value = broken(part)
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


done = []
for part, words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with breaking(part), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except BaseException:
            code = traceback.format_exc()
    done.append({"code": code, "out": out.getvalue(), "err": err.getvalue()})
json.dump(done, sys.stdout)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command that has ended, in a process that it shared with others."""

    code: int
    out: str
    err: str


def said(desk: Desk, commands: list[tuple[str, list[str]]], **variables: str) -> list[Said]:
    """Runs commands, each with a part of the package that fails ("": none)."""
    done = desk.call(sys.executable, "-c", DRIVER, json.dumps(commands), **variables)
    assert done.code == 0, done.err
    return [Said(**one) for one in json.loads(done.out)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package installed from its wheel."""
    for needed in ("build", "hatchling", "pip"):
        if PathFinder.find_spec(needed) is None:  # setuptools' own finder warns of pip
            pytest.skip(f"{needed} is not installed here, and a build may not download it")
    folder = tmp_path_factory.mktemp("acme")
    for words in (
        ("build", "--wheel", "--no-isolation", "--outdir", str(folder), str(PACKAGE)),
        *(
            ("pip", "install", "--no-deps", "--no-index", "--no-compile", "--target", *words)
            for words in [(str(folder / "site"), "acme-embprof", "--find-links", str(folder))]
        ),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return folder / "site"


@pytest.fixture(scope="module")
def acme(site: Path, make_desk: MakeDesk) -> Measured:
    """A sweep of the package's workload and measurement; its environment has the package."""
    desk = make_desk("acme")
    path = desk.environment.get("PYTHONPATH", "")
    desk.environment["PYTHONPATH"] = os.pathsep.join([*filter(None, [path]), str(site)])
    words = ("-m", *ASKED, "workload.rows=20,40", "iterations=200", *SHORT)
    return desk.measure(*words, report=True)


@pytest.fixture(scope="module")
def page(acme: Measured) -> str:
    """The report of that sweep."""
    return (acme.desk.sweep(acme.sweep_id) / "report" / "report.html").read_text()


@pytest.fixture(scope="module")
def commands(acme: Measured) -> dict[str, Said]:
    """Commands of the same user, by their first word."""
    every = {
        "--help": ["--help"],
        "plan": ["plan", "-m", *ASKED, "workload.rows=20,40"],
        "again": [*ASKED, "workload.rows=20", "iterations=200", *SHORT, "report=false"],
        "compare": ["compare", f"{acme.sweep_id}/0", "last"],
        "gate": ["gate", "workload=sorting", "measurement=snapshot", "--a-a", "--seconds", "2"],
        "refused": [
            *("-m", "measurement=footprint", "workload=nap,sorting", "seed=13"),
            *("+measurement.scael=2",),
        ],
        "unmet": ["-m", "measurement=footprint", "workload=nap,sorting", "seed=1,13"],
        "scale": [*ASKED, "measurement.scale=0"],
    }
    return dict(zip(every, said(acme.desk, [("", words) for words in every.values()]), strict=True))


def test_its_options_are_those_of_the_help_page_and_of_a_plan(commands: dict[str, Said]) -> None:
    assert "sorting" in commands["--help"].out
    assert "footprint" in commands["--help"].out
    assert commands["plan"].code == 0, commands["plan"].err
    assert "2 jobs" in commands["plan"].out


def test_its_figures_are_in_the_table_by_its_own_columns(acme: Measured) -> None:
    assert acme.done.code == 0, acme.done.text
    assert acme.done.err == ""
    heading = next(line for line in acme.done.out.splitlines() if line.startswith("#"))
    assert heading.split() == ["#", "rows", "elapsed", "s", "±", "moves", "algorithm", "marks"]
    assert "insertion" in acme.done.row(1)


def test_quantities_may_have_the_names_of_ours(acme: Measured) -> None:
    for job in (0, 1):
        figures = {one["name"]: one for one in acme.answer(job)["figures"]}
        for name in OTHERS:
            assert figures[name]["estimate"]["value"] == 7, name
        assert {"elapsed_s", "moves_per_call"} <= figures.keys()
        assert "moves" not in figures, "it only serves"
        assert acme.answer(job)["outcomes"] == {"order": "random"}
        assert "faults" not in acme.answer(job)["description"]


def test_its_report_has_its_findings_charts_notes_and_documents(acme: Measured, page: str) -> None:
    assert "Insertion sorts: 40 rows take" in page
    for part in MARKERS.values():
        assert part in page
    assert "Not told here" not in page
    assert "Peak memory" not in page, "it is not our memory"
    folder = acme.desk.sweep(acme.sweep_id)
    assert json.loads((folder / "report" / "moves_profile.json").read_text())["runs"] == 2
    assert "moves a call" in (folder / "0" / "moves.txt").read_text()


def test_mlflow_has_its_metrics_words_and_files(acme: Measured) -> None:
    for run in acme.children:
        assert {"elapsed_s", "moves_per_call", "capacity"} <= run.data.metrics.keys()
        assert run.data.tags["embprof.order"] == "random"
        assert any(Path(name).name == "moves.txt" for name in acme.store.artifacts(run))


def test_two_of_its_runs_are_compared_with_what_its_account_tells(
    commands: dict[str, Said],
) -> None:
    assert commands["again"].code == 0, commands["again"].err
    assert commands["compare"].code == 0, commands["compare"].err
    assert "elapsed_s" in commands["compare"].out
    assert "moves a call became" in commands["compare"].out


def test_a_gate_judges_its_measurement(acme: Measured) -> None:
    arms = ("--a", "measurement.scale=1", "--b", "measurement.scale=2", "--seconds", "4")
    done = acme.desk.run("gate", *ASKED, "workload.rows=20", *arms)
    assert done.code in (3, 4), done.text  # slower, or a machine too busy to tell
    assert "elapsed_s" in done.text
    assert "Traceback" not in done.text


def test_requests_that_it_cannot_answer_are_refused_before_the_first_job(
    commands: dict[str, Said],
) -> None:
    assert commands["gate"].code == 2
    assert (
        "measurement=snapshot cannot be gated: it looks at one moment; gate measurement=footprint"
    ) in commands["gate"].err
    assert commands["refused"].code == commands["unmet"].code == commands["scale"].code == 2
    assert (
        "measurement.scael: Footprint takes no scael, did you mean measurement.scale?"
        in commands["refused"].err
    )
    assert "measurement.scale=0: must be above 0" in commands["scale"].err
    assert (
        "measurement=footprint: needs a workload that counts the rows it moves; Sleep is none"
        in commands["unmet"].err
    )
    assert "seed=13: measurement=footprint takes no unlucky seed" in commands["unmet"].err


MARKERS = {
    "rule": "rows take",
    "chart": "moves of 40 rows",
    "note": "rows that a call of insertion sort moves",
    "method": "what it moves is counted",
    "column": ">elapsed s<",
    "workload column": "algorithm",
}
"""What the page has of each part."""
WITHOUT_ACCOUNT = {"rule", "chart", "note", "method", "column"}
IN_REPORTS = {
    "FOOTPRINT.columns": (f"{FOOTPRINT}: its columns failed: RuntimeError: boom", {"column"}),
    "FOOTPRINT.cell": (f"{FOOTPRINT}: its column moves failed: RuntimeError: boom", {"column"}),
    "FOOTPRINT.rule": (f"{FOOTPRINT}: its rule moves failed: RuntimeError: boom", {"rule"}),
    "FOOTPRINT.answer": ("the answer of its rule moves failed: RuntimeError: boom", set()),
    "FOOTPRINT.charts": (f"{FOOTPRINT}: its chart 1 failed: RuntimeError: boom", {"chart"}),
    "FOOTPRINT.documents": (
        f"{FOOTPRINT}: its document moves_profile.json failed: RuntimeError: boom",
        set(),
    ),
    "FOOTPRINT.method": (f"{FOOTPRINT}: method of its account failed: must be text", {"method"}),
    "FOOTPRINT.label": (f"{FOOTPRINT}: label of its account failed: must be text", set()),
    "FOOTPRINT.table_note": (
        f"{FOOTPRINT}: table_note of its account failed: must be text",
        {"note"},
    ),
    "FOOTPRINT": (f"{FOOTPRINT}: its account failed: TypeError", WITHOUT_ACCOUNT),
    "FOOTPRINT.columns:odd": (f"{FOOTPRINT}: its columns failed: TypeError: 'odd'", {"column"}),
    "FOOTPRINT.rules:odd": (f"{FOOTPRINT}: its rule moves failed: TypeError: 'odd'", {"rule"}),
    "FOOTPRINT.charts:odd": (f"{FOOTPRINT}: its chart 1 failed: TypeError: 'odd'", {"chart"}),
    "FOOTPRINT.charts:uneven": (
        f"{FOOTPRINT}: its chart 1 failed: ValueError: moves: moves has unequal numbers",
        {"chart"},
    ),
    "SORTING.columns": (f"{SORTING}: its columns failed: RuntimeError: boom", {"workload column"}),
    "SORTING.reference": (f"{SORTING}: reference of its account failed: RuntimeError", set()),
}
"""By the part that fails while a report is made: what is said, and what the page goes without."""
IN_SWEEPS = {
    "FOOTPRINT.conclusions": f"{FOOTPRINT}: what follows of moves failed: RuntimeError: boom",
    "FOOTPRINT.conclusions:odd": f"{FOOTPRINT}: what follows of moves failed: TypeError",
    "FOOTPRINT.pictures:odd": f"{FOOTPRINT}: its picture moves.txt failed: TypeError",
    "FOOTPRINT.pictures": f"{FOOTPRINT}: its picture moves.txt failed: RuntimeError: boom",
    "class.refusals": f"{FOOTPRINT}: its refusals failed: RuntimeError: boom",
    "class.needs": f"{FOOTPRINT}: what it needs failed: TypeError",
}


@pytest.fixture(scope="module")
def faulty(acme: Measured) -> dict[str, Said]:
    """Reports, sweeps and a comparison, each with one part of the package that fails."""
    words = {
        part: ["report", acme.sweep_id, "-o", str(acme.desk.path / f"without-{part}")]
        for part in IN_REPORTS
    }
    sweep = [*ASKED, "workload.rows=5", "iterations=10", *SHORT, "report=false"]
    words |= dict.fromkeys(IN_SWEEPS, sweep)
    words["FOOTPRINT.difference"] = ["compare", f"{acme.sweep_id}/0", f"{acme.sweep_id}/0"]
    return dict(zip(words, said(acme.desk, list(words.items())), strict=True))


@pytest.mark.parametrize("part", IN_REPORTS)
def test_a_part_that_fails_costs_a_report_nothing_else(
    acme: Measured, faulty: dict[str, Said], part: str
) -> None:
    complaint, lost = IN_REPORTS[part]
    assert faulty[part].code == 0, faulty[part]
    assert complaint in faulty[part].err
    written = (acme.desk.path / f"without-{part}" / "report.html").read_text()
    assert {name for name, text in MARKERS.items() if text not in written} == lost


@pytest.mark.parametrize("part", IN_SWEEPS)
def test_a_part_that_fails_costs_a_sweep_nothing_else(faulty: dict[str, Said], part: str) -> None:
    assert faulty[part].code == 0, faulty[part]
    assert IN_SWEEPS[part] in faulty[part].err
    assert "elapsed" in faulty[part].out
    assert "insertion" in faulty[part].out


def test_differences_that_fail_cost_a_comparison_nothing_else(faulty: dict[str, Said]) -> None:
    done = faulty["FOOTPRINT.difference"]
    assert done.code == 0, done
    assert f"{FOOTPRINT}: what two of its runs differ in failed: RuntimeError: boom" in done.err
    assert "elapsed_s" in done.out


def test_stored_runs_are_read_when_the_package_is_gone(
    acme: Measured, site: Path, commands: dict[str, Said]
) -> None:
    assert commands["again"].code == 0
    path = acme.desk.environment["PYTHONPATH"].replace(str(site), "")
    name = acme.sweep_id
    words = (
        ["report", name, "-o", str(acme.desk.path / "gone")],
        ["show", name],
        ["show", f"{name}/0"],
        ["list"],
        ["compare", name, name],
    )
    done = said(acme.desk, [("", list(one)) for one in words], PYTHONPATH=path)
    assert [one.code for one in done] == [0] * len(words), done
    gone = "there is no such class here; its runs are shown as those of any subject"
    for one in (done[0], done[1]):
        assert f"{FOOTPRINT}: its import failed: {gone}" in one.err
        assert f"{SORTING}: its import failed: {gone}" in one.err
    assert "elapsed_s" in done[1].out
    assert "elapsed_s" in (acme.desk.path / "gone" / "report.html").read_text()
