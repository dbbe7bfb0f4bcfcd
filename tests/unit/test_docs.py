"""The pages say what the code does: keys, metrics, commands, and links that lead somewhere."""

import re
import runpy
import shlex
import tomllib
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer
from hydra._internal.config_loader_impl import ConfigLoaderImpl

from embprof.commands import COMMANDS, compare, doctor, gate, parity
from embprof.commands.run import parse
from embprof.config.plan import plan
from embprof.interface.conclusions import conclude
from embprof.interface.figures import figures, in_words_of
from embprof.interface.finding import Kind
from embprof.interface.subjects import subject
from embprof.machine import gpu_memory, heap, process_memory, resources
from embprof.machine.process_facts import Facts
from embprof.machine.validity import MARKS
from embprof.measurements.load_time.starts import readings
from embprof.measurements.load_time.starts.start import Start
from embprof.measurements.memory import Memory, components
from embprof.measurements.parity import figures as parity_own
from embprof.measurements.parity.measurement import FAULTS
from embprof.measurements.throughput import Throughput
from embprof.measurements.truncation_loss import figures as truncation_loss
from embprof.model import Comparison, Figure, Run, Samples, Slice, Status, Verdict
from embprof.models import weights
from embprof.race import Standing
from embprof.run.gate import trees
from embprof.run.gate.arms import arms, asks_for_gate
from embprof.testing import FakeClock
from embprof.tracking.entries import comparison_metrics, standing_metrics, values
from embprof.tracking.places import Places

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "experiments" / "LOG.md"]
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\A(?:# @package \w+\n)?# ([\w/]+\.\w+)\n")
HERE_DOCUMENT = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:python -m embprof|embprof)( .*)?$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
OF_WORKLOADS = re.compile(
    r"^## (embedding|nli|vector_search|sql|pipeline|closed_loop|open_loop|capacity)\n"
    r"(?:(?!^## ).*\n)*",
    re.MULTILINE,
)
"""Sections of the metrics page that test_docs_of_workloads.py holds to the code."""
METRIC = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
LEAK_READINGS = (
    ("in_use", "MB", 1.0),
    ("gpu_in_use", "MB", 1.0),
    ("uss", "MB", 1.0),
    ("steady_rss", "MB", 1.0),
    ("python_blocks", "1", 1.0),
    ("in_calls", "s", 1.0),
    ("filling_entries", "1", 0.0),
    ("headroom", "MB", 1.0),
    ("gpu_headroom", "MB", 1.0),
)
"""Name, unit and growth a call."""


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path, *languages: str) -> Iterator[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return (text for language, text in found if language in languages)


def _files(page: Path) -> Mapping[str, str]:
    """The files a reader of the page has written by following it."""
    written = dict(HERE_DOCUMENT.findall("\n".join(_blocks(page, "bash"))))
    for text in _blocks(page, "yaml", "python", "toml"):
        if path := PATH.match(text):
            written[path[1]] = text
    return written


def _commands() -> dict[str, list[str]]:
    """The words after ``embprof`` of every command, by the page and the line as typed."""
    return {
        f"{_name(page)}:{line[0]}": shlex.split((line[1] or "").partition(" > ")[0], comments=True)
        for page in PAGES
        for text in _blocks(page, "bash")
        for line in COMMAND.finditer(text)
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of every page."""
    made = tmp_path_factory.mktemp("reader")
    for page in PAGES:
        for path, text in _files(page).items():
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            assert not file.exists(), f"{_name(page)} and another page write {path}"
            file.write_text(text, encoding="utf-8")
    for project in made.rglob("pyproject.toml"):
        _install(project)
    return made


def _install(project: Path) -> None:
    """What ``pip install -e`` leaves of a project: its entry points, beside its packages."""
    content = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    metadata = project.parent / f"{content['name'].replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    lines = [
        line
        for group, named in content["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in named.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def compositions() -> dict[Any, Any]:
    """What Hydra composed for the commands so far: equal choices of options need no second time."""
    return {}


@pytest.fixture
def _in_folder(folder: Path, compositions: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's folder, on a machine that has every device and every model."""
    compose = ConfigLoaderImpl.load_configuration

    def composed(self: Any, name: str, overrides: list[str], mode: Any) -> Any:
        asked = (mode, *overrides)
        if asked not in compositions:
            compositions[asked] = compose(self, name, overrides, mode)
        return compositions[asked]

    found = weights.Weights(folder=None, source="hub", sha256=None, tokenizer_sha256=None)
    monkeypatch.chdir(folder)
    for project in (folder, *(file.parent for file in folder.rglob("pyproject.toml"))):
        monkeypatch.syspath_prepend(project)
    monkeypatch.setattr(ConfigLoaderImpl, "load_configuration", composed)
    monkeypatch.setattr(weights, "find", lambda _model, **_: found)
    monkeypatch.setattr(resources, "why_unavailable", lambda _device: None)


def test_the_configuration_page_is_what_its_script_makes() -> None:
    script = ROOT / "docs" / "generate_reference.py"
    page = ROOT / "docs" / "reference" / "configuration.md"
    again = f"run: python {_name(script)}"
    assert page.read_text(encoding="utf-8") == runpy.run_path(str(script))["page"](), again


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    for path, anchor in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if path.startswith("https:"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), f"{_name(page)}: {path}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
            assert anchor in slugs, f"{_name(page)}: {path}#{anchor}"


def test_the_glossary_has_every_mark_verdict_ending_and_kind_of_finding() -> None:
    page = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    words = {
        word.strip("` ")
        for line in re.findall(r"^\| (.*?) \|", page, re.MULTILINE)
        for word in line.split(",")
    }
    endings = {status.value.replace("_", " ") for status in Status}
    shown = {*MARKS, *(verdict.value for verdict in Verdict), *(kind.value for kind in Kind)}
    assert {*shown, *endings} <= words


@pytest.mark.usefixtures("_in_folder", "_nothing_is_measured")
@pytest.mark.parametrize("words", _commands().values(), ids=_commands().keys())
def test_every_command_is_a_valid_request(words: list[str]) -> None:
    if words and words[0] in {"--help", "--version", *COMMANDS} - {"plan"}:
        assert words[0] not in _CHECKED or _CHECKED[words[0]].main(words[1:]) == 0
        return
    asked = parse(words[1:] if words[:1] == ["plan"] else words)
    overrides = [line for line in asked.overrides if not line.startswith("resume=")]
    assert plan(overrides, multirun=asked.multirun, download=False).jobs


_CHECKED = {"gate": gate, "parity": parity, "compare": compare, "doctor": doctor}


@pytest.fixture
def _nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands end well where they would begin to read or to measure what was asked for."""

    def composed(overrides: Sequence[str], *, multirun: bool) -> int:
        asked = plan(overrides, multirun=multirun, download=False)
        if asked.settings["against"]["baseline"] is None and asks_for_gate(asked.settings):
            arms(asked, overrides, Places.here())
        return 0

    def nothing(*_: object) -> NoReturn:
        raise typer.Exit

    monkeypatch.setattr(trees, "commit_of", lambda _option, ref: ref)
    monkeypatch.setattr(gate, "measure", composed)
    monkeypatch.setattr(compare, "find", nothing)
    monkeypatch.setattr(parity, "measure", lambda *_, **__: nothing())
    monkeypatch.setattr(doctor, "_alone", nothing)


class _Counting:
    """A workload of known cost that counts what an encoder counts."""

    items = "texts"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def load(self) -> None: ...

    def prepare(self, steps: int) -> None: ...

    def step(self) -> int:
        self.clock.advance(0.01)
        return 8

    def counts(self) -> Mapping[str, float]:
        return {"tokens": 90, "padded_tokens": 100, "forward_passes": 1}

    def close(self) -> None: ...


def _all_of(measurement: str, slices: Sequence[Slice]) -> tuple[Figure, ...]:
    """The figures of readings, and those that the measurement itself concludes."""
    described = subject(f"embprof.measurements.{measurement}")
    found = (
        *figures(slices, "texts", described.account.supporting),
        *conclude(slices, [described]).figures,
    )
    declared = {in_words_of("texts", name) for name in described.account.figures or ()}
    for one in found:
        assert any(fnmatchcase(one.name, name) for name in declared), f"not told: {one.name}"
    return found


class _Importing(_Counting):
    imports: tuple[str, ...] = ("json",)


def _of_starts() -> tuple[Figure, ...]:
    """The figures of a start."""
    memory = dict.fromkeys({*readings.SHOWN, *chain(*readings.SERVICE)}, 1)
    one = Start(
        interpreter=1.0,
        imports=1.0,
        load=1.0,
        parts={},
        calls=(1.0, 1.0, 1.0),
        resident=memory,
        peak=memory,
        wall=4.0,
        cpu=1.0,
        disk_bytes=0,
        import_log="",
        facts=Facts(python="3.11.0", packages={}, code_sha256=None),
        described={},
        files=(),
    )
    of_all = readings.samples([one])
    of_one = [readings.of_one(name, 1.0) for name in readings.BESIDE]
    samples = (*of_all, *of_one)
    piece = Slice(restart=0, warmup=False, started=0, seconds=1, samples=samples)
    return _all_of("load_time.LoadTime", [piece])


def _of_memory(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> tuple[Figure, ...]:
    """The figures of a process's memory, all parts found."""
    monkeypatch.setattr(process_memory, "shares", lambda: process_memory.Shares(pss=2, uss=1))
    monkeypatch.setattr(heap, "in_use", lambda: 1)
    monkeypatch.setattr(heap, "trim", lambda: True)
    weights_found = components.Weights(size=2, resident=1)
    monkeypatch.setattr(components, "weights", lambda _: weights_found)
    monkeypatch.setattr(components, "tokenizers", lambda _: 1)
    measurement, workload = Memory(clock=clock), _Importing(clock)
    measurement.load(workload)
    measurement.open(workload)
    measurement.observe(1)
    measurement.measuring()
    slices = [
        Slice(restart=0, warmup=False, started=0, seconds=1, samples=tuple(samples))
        for samples in (measurement.observe(1), measurement.finish())
    ]
    return _all_of("memory.Memory", slices)


def _of_profile() -> tuple[Figure, ...]:
    """The figures of a profile of one stage."""
    call = Samples(name="call_time", unit="s", better="lower", values=(0.01,) * 9, items=(1,) * 9)
    names = ("staged_call", "stage_forward", "stage_other", "profiled_call")
    others = [Samples(name=n, unit="ms", better="lower", values=(5.0,) * 9) for n in names]
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=(call, *others))
    return _all_of("profile.Profile", [piece])


def _of_truncation() -> tuple[Figure, ...]:
    """The figures of texts that were cut."""
    read = tuple(
        Samples(name=name, unit="1", better="lower", values=(1.0,) * 72)
        for name in truncation_loss.READ
    )
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=read)
    return _all_of("truncation_loss.TruncationLoss", [piece])


def _of_faults() -> tuple[Figure, ...]:
    """The figures of a check of answers."""
    read = tuple(Samples.of(name, "1", 1.0, summary="last") for name in (*parity_own.READ, FAULTS))
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=read)
    return _all_of("parity.Parity", [piece])


def _of_leak() -> tuple[Figure, ...]:
    """All that a measurement of leaks has, on a GPU too."""
    slices = [
        Slice(
            restart=restart,
            warmup=False,
            started=0.0,
            seconds=1.0,
            samples=tuple(
                Samples(
                    name=name,
                    unit=unit,
                    better="lower",
                    values=tuple(slope * call for call in range(1, 1000 * 2**restart + 1)),
                    items=(1,) * 1000 * 2**restart,
                    summary="last",
                )
                for name, unit, slope in LEAK_READINGS
            ),
        )
        for restart in range(2)
    ]
    return _all_of("leak.Leak", slices)


def _of_calls(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> tuple[Figure, ...]:
    """The figures of timed calls on a GPU."""
    memory = process_memory.ProcessMemory(rss=2, anonymous=1, file=1, peak_rss=3)
    monkeypatch.setattr(process_memory, "read", lambda: memory)
    monkeypatch.setattr(process_memory, "reset_peak", lambda: True)
    cuda = types.SimpleNamespace(
        reset_peak_memory_stats=lambda: None,
        max_memory_allocated=lambda: 1,
        max_memory_reserved=lambda: 2,
        utilization=lambda: 50,
        memory_allocated=lambda: 1,
        memory_stats=dict,
    )
    monkeypatch.setattr(gpu_memory, "cuda", lambda: cuda)
    throughput = Throughput(clock=clock, cpu_clock=clock)
    throughput.open(_Counting(clock))
    samples = tuple(throughput.observe(368))  # as many as p99 needs
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=3.68, samples=samples)
    return _all_of("throughput.Throughput", [piece])


def test_the_metrics_page_names_every_metric_and_no_other(
    run: Callable[..., Run],
    misnamed: Callable[[Iterable[Figure]], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock()
    of_calls = _of_calls(clock, monkeypatch)
    others = (*_of_starts(), *_of_profile(), *_of_truncation(), *_of_faults(), *_of_leak())
    of_memory = _of_memory(clock, monkeypatch)
    assert misnamed((*of_calls, *others, *of_memory)) == []
    names = [name for name, _ in values(run(figures=of_calls))]
    same = Comparison(
        figure="throughput_texts_per_s",
        a="main",
        b="last",
        ratio=1.0,
        low=0.99,
        high=1.01,
        verdict=Verdict.SAME,
        reason=None,
        smallest_detectable=0.02,
        p_value=1.0,
        basis="",
    )
    names += comparison_metrics(same)
    names += standing_metrics(Standing(run="s/0", word="fastest", rank=1))
    names += [figure.name for figure in (*others, *of_memory)]
    produced = {name for name in names if not name.endswith(("_low", "_high"))}
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    assert set(METRIC.findall(OF_WORKLOADS.sub("", page))) == produced
