"""What a gate prints: what it is about to do, what it can detect, and its verdicts."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from embprof.config.question import axes, typed
from embprof.machine.validity import MARKS
from embprof.model import THROUGHPUT, Comparison, Job, Run, Status, Verdict
from embprof.report.comparison_phrases import (
    STYLES,
    TYPICAL,
    a_value,
    b_value,
    change,
    detectable,
    interval,
)
from embprof.report.headline import shown_path
from embprof.report.legend import reasons
from embprof.report.rows import Row, heading
from embprof.report.table import WIDTH
from embprof.run.gate.arms import Arm, Arms, GateRow
from embprof.run.gate.gate import Gate
from embprof.run.gate.judging import Measured
from embprof.run.gate.row import Trial
from embprof.run.gate.undeclared import in_vain
from embprof.run.sweep import Sweep
from embprof.tracking.sweep_folder import SweepFolder
from embprof.units import counted, duration, percent, signed

REGRESSION = 3
INCONCLUSIVE = 4


def exit_code(gate: Gate, sweep: Sweep) -> int:
    """3 for a row that is slower, else 1 for one that failed, else 4 for one that is not clear."""
    verdicts = [comparison.verdict for comparison in sweep.comparisons.values()]
    if Verdict.SLOWER in verdicts:
        return REGRESSION
    if sweep.exit_code:
        return sweep.exit_code
    passed = sum(verdict in (Verdict.SAME, Verdict.FASTER) for verdict in verdicts)
    return 0 if passed and passed == len(gate.to_do) else INCONCLUSIVE


def announce(gate: Gate, sweep: SweepFolder, out: Console) -> None:
    """What will be compared, and how long that takes at most."""
    arms = gate.arms
    if arms.plan.settings["question"]:
        out.print(Text(arms.plan.settings["question"], style="bold"))
    count = len(gate.to_do)
    each = duration(gate.seconds)
    if count > 1:
        each = f"{each} each, {duration(count * gate.seconds)} in all,"
    out.print(
        Text(
            f"gate {sweep.sweep_id}: {counted(count, 'row')}, at most {each} after loading "
            f"({gate.pairs} pairs of restarts, fewer if it is clear before)"
        )
    )
    for line in [*_sides(arms), *_skipped(arms), *arms.notes]:
        out.print(Text(f"  {line}", style="" if line[1] == ":" else "yellow"), soft_wrap=True)


def nothing_differs(arms: Arms, out: Console) -> None:
    """That the arms are one and the same, which is an answer, and how to measure all the same."""
    out.print(Text(f"gate: {counted(len(arms.rows), 'row')}"))
    for line in [*(_arm_line(arm, arms) for arm in _first(arms)), *_skipped(arms), *arms.notes]:
        out.print(Text(f"  {line}", style="" if line[1] == ":" else "yellow"), soft_wrap=True)
    out.print(Text("same, nothing differs: one code, one environment, the same overrides", "bold"))
    out.print(Text("nothing was measured; --a-a (against.a_a=true) measures it as an A/A trial"))


def pilot(row: GateRow, trial: Trial, detectable: float | None) -> str:
    """What a row's first pairs of restarts tell of what it will detect."""
    assert trial.layout is not None, "restart pairs were measured"
    layout, done = trial.layout, len(trial.effects)
    each = f"{layout.slice_pairs} slice pairs of {layout.calls} calls in each pair of restarts"
    if detectable is None:
        return f"#{row.b.job.number}: {each}; too few of them fit into the time for a verdict"
    expected = f"the first {done} are expected to find {signed(detectable)}"
    return f"#{row.b.job.number}: {each}; {expected}"


def conclude(gate: Gate, sweep: Sweep, out: Console) -> None:
    """The table, how to read it, and where the runs are."""
    rows = [_Judged(one, sweep.comparisons.get(number)) for number, one in gate.measured.items()]
    out.print()
    if rows:
        out.print(_table(rows))
        out.print()
        for line in _legend(gate, rows):
            out.print(Text(line, style="dim"), soft_wrap=True)
    out.print(Text(_sentence(gate, sweep), style="bold"), soft_wrap=True)
    out.print(Text(f"runs: {shown_path(sweep.folder.path)}"), soft_wrap=True)


def _sides(arms: Arms) -> list[str]:
    lines = [_arm_line(arm, arms) for arm in _first(arms)]
    if arms.declared.nothing:
        lines.append("nothing differs between the arms: this is an A/A trial")
    return lines


def _first(arms: Arms) -> tuple[Arm, Arm]:
    return arms.rows[0].a, arms.rows[0].b


def _arm_line(arm: Arm, arms: Arms) -> str:
    return f"{arm.name.upper()}: {_side(arm, arms)}"


def _side(arm: Arm, arms: Arms) -> str:
    settings = arms.plan.settings["against"]
    phrases = [str(settings[arm.name])] if settings[arm.name] else []
    if arm.stored is not None:
        phrases.append(f"baseline {arms.against}, measured {arm.stored.run.started[:10]}")
    ref = settings[f"{arm.name}_ref"]
    if arm.commit is not None:
        phrases.append(f"code of {f'{ref}, ' if ref else ''}commit {arm.commit[:12]}")
    elif arms.declared.code:
        phrases.append("the code in this folder")
    if settings[f"{arm.name}_python"]:
        phrases.append(f"Python {shown_path(arm.executable)}")
    return "; ".join(phrases) or "as it is here"


def _skipped(arms: Arms) -> list[str]:
    rows = [Row(job=row.b.job, run=None) for row in arms.rows if row.b.job.skip]
    return reasons(rows)


class _Judged(NamedTuple):
    """A measured row and what is said of it."""

    measured: Measured
    comparison: Comparison | None

    @property
    def candidate(self) -> Run:
        """Arm B's run."""
        return self.measured.run(self.measured.row.b)

    @property
    def job(self) -> Job:
        """Arm B's job."""
        return self.measured.row.b.job


def _table(rows: Sequence[_Judged]) -> Table:
    keys = axes(row.job for row in rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    figures = ["A", "B", "change", "95 % interval", "detects", "pairs", "took"]
    for name in ["#", *map(heading, keys), *figures]:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("verdict", "marks"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        values = typed(row.job)
        table.add_row(
            str(row.candidate.number),
            *(values.get(key, "") for key in keys),
            *_figures(row),
            _verdict(row),
            "".join(stamp.mark for stamp in row.candidate.stamps),
        )
    return table


def _figures(row: _Judged) -> list[str]:
    cells = (a_value, b_value, change, interval, detectable)
    compared = ["" if row.comparison is None else cell(row.comparison) for cell in cells]
    trial = row.measured.trial
    return [*compared, str(len(trial.effects)), duration(trial.seconds)]


def _verdict(row: _Judged) -> Text:
    if row.comparison is None:
        return Text(row.candidate.status.value.replace("_", " "), style="red")
    verdict = row.comparison.verdict
    return Text(verdict.value, style=STYLES.get(verdict, "yellow"))


def _subject(rows: Sequence[_Judged]) -> str:
    """What stands in the columns A and B, and of what the change is."""
    primaries = [row.candidate.primary for row in rows]
    names = sorted({figure.name for figure in primaries if figure is not None})
    if others := [name for name in names if not name.startswith(THROUGHPUT)]:
        return f"A, B: {', '.join(others)}; change: + is worse"
    items = {row.candidate.description.get("items", "items") for row in rows}
    unit = f"{items.pop()}/s" if len(items) == 1 else "items/s"
    return f"A, B: {unit}; change: of the time an item takes, + is slower"


def _legend(gate: Gate, rows: Sequence[_Judged]) -> list[str]:
    bounds = gate.bounds
    together = f" of {len(gate.to_do)} rows" if len(gate.to_do) > 1 else ""
    falsely = f"falsely in at most {percent(bounds.alpha)} of gates{together}"
    beyond, within = percent(bounds.theta), percent(bounds.delta)
    lines = [
        _subject(rows),
        TYPICAL,
        f"slower, faster: by over {beyond}, {falsely}; same: within {within}",
        "detects: the least slowdown that 95 % of gates like this find",
    ]
    for row in rows:
        run, found = row.candidate, row.comparison
        if found is not None and found.reason:
            lines.append(f"#{run.number} {found.verdict.value}: {found.reason}")
        if note := in_vain(row.measured.trial.facts, gate.arms.declared):
            lines.append(f"#{run.number} note: {note}")
        if run.status != Status.OK:
            lines.append(f"#{run.number} {run.status.value.replace('_', ' ')}: {run.reason}")
    used = {stamp.mark: stamp.detail for row in rows for stamp in row.candidate.stamps}
    for mark, detail in used.items():
        lines += textwrap.wrap(f"{mark} {MARKS[mark]} ({detail})", WIDTH, subsequent_indent="  ")
    return lines


def _sentence(gate: Gate, sweep: Sweep) -> str:
    """What the exit code says, in words."""
    if sweep.status == Status.INTERRUPTED:
        return "interrupted: no verdict on what was not finished"
    if not gate.to_do:
        return "nothing was measured: every row was skipped"
    counts = Counter(comparison.verdict.value for comparison in sweep.comparisons.values())
    failed = len(gate.to_do) - len(sweep.comparisons)
    outcomes = [f"{count} {verdict}" for verdict, count in counts.items()]
    outcomes += [f"{failed} failed"] if failed else []
    meaning = {
        0: "passed",
        1: "failed",
        REGRESSION: "regression",
        INCONCLUSIVE: "inconclusive",
    }[exit_code(gate, sweep)]
    return f"{meaning}: {', '.join(outcomes)}"
