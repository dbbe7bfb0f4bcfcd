"""A gate from its rows to its verdicts.

Every row is measured with its share of the error; when all are, what the decided rows leave over
goes to the others (Holm). Verdicts are written when the last row is done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from embprof.errors import WorkerError
from embprof.model import THROUGHPUT, Comparison, Run, Status, Stored
from embprof.run.gate.arms import Arms, GateRow
from embprof.run.gate.judging import Measured, comparison, stepped_down
from embprof.run.gate.layout import row_seconds
from embprof.run.gate.looks import Bounds, Looks
from embprof.run.gate.row import RowMeasuring, Terms, Trial
from embprof.run.gate.undeclared import undeclared
from embprof.run.recorder import Recorder
from embprof.run.stop import StopSweep
from embprof.run.sweep import Sweep
from embprof.statistics.signed_rank import fewest_units
from embprof.units import duration, signed


@dataclass(eq=False)
class Gate:
    """The rows of one gate, measured through a sweep that keeps their runs.

    ``paths``: where checked-out code is imported from. ``tell`` is called once a row is known a
    little, with the change that it will detect.
    """

    arms: Arms
    paths: Mapping[str, tuple[str, ...]]
    tell: Callable[[GateRow, Trial, float | None], None]

    def __post_init__(self) -> None:
        settings = self.arms.plan.settings
        self.bounds = Bounds(**settings["verdict"])
        self.to_do = [row for row in self.arms.rows if not (row.a.job.skip or row.b.job.skip)]
        self.alpha = self.bounds.alpha / max(len(self.to_do), 1)
        self.pairs = max(settings["against"]["pairs"], fewest_units(self.alpha))
        self.seconds = row_seconds(settings["against"]["max_seconds"], len(self.to_do))
        self.measured: dict[int, Measured] = {}

    def run(self, sweep: Sweep) -> None:
        """Measures every row; raises StopSweep on ctrl-C."""
        executables = [arm.executable for row in self.to_do for arm in (row.a, row.b)]
        try:
            if executables:
                sweep.warm_up(list(dict.fromkeys(executables)))
        except WorkerError as error:  # each row will say the same
            sweep.display.say(str(error))
        for row in self.to_do:
            self._measure(row, sweep)

    def compare(self, _runs: Sequence[Stored]) -> Mapping[int, Comparison]:
        """The comparison of each row, under the number of its candidate's job."""
        looks = stepped_down(self.measured, self.bounds.alpha)
        found = {
            number: comparison(one, looks.get(number), self.bounds)
            for number, one in self.measured.items()
        }
        return {number: one for number, one in found.items() if one is not None}

    def _measure(self, row: GateRow, sweep: Sweep) -> None:
        sweep.display.job(row.b.job)
        looks = Looks(pairs=self.pairs, bounds=self.bounds, alpha=self.alpha)
        runs: dict[int, Run] = {}
        with sweep.on_disk():
            a, b = (
                Recorder(arm.job, sweep.run_folder(arm.job), sweep.context())
                for arm in (row.a, row.b)
            )
            a.begin()
            b.begin()
            terms = self._terms(row, looks, sweep.folder.sweep_id)
            pilot = partial(self._tell, row, looks)
            trial = RowMeasuring((row.a, row.b), (a, b), self.paths, terms, pilot).run()
            for recorder in (a, b):
                run = recorder.finish(trial.ending)
                runs[run.number] = run
                sweep.keep(run)
                sweep.log(run)
        measured = Measured(
            row=row,
            trial=trial,
            looks=looks,
            runs=runs,
            against=self.arms.against,
            rows=len(self.to_do),
        )
        self.measured[row.b.job.number] = measured
        found = comparison(measured, trial.look, self.bounds)
        sweep.display.done(_in_words(trial, found))
        if trial.ending.status == Status.INTERRUPTED:
            raise StopSweep

    def _terms(self, row: GateRow, looks: Looks, sweep_id: str) -> Terms:
        void = partial(
            undeclared,
            declared=self.arms.declared,
            stored=None if row.a.stored is None else row.a.stored.run.description,
            against=self.arms.against,
        )
        job = row.b.job
        seed = f"{sweep_id} {job.number} {job.config['seed']}"
        return Terms(seconds=self.seconds, looks=looks, seed=seed, void=void)

    def _tell(self, row: GateRow, looks: Looks, trial: Trial) -> None:
        done = len(trial.effects)
        expected = min(looks.pairs, int(self.seconds / trial.seconds * done))
        self.tell(row, trial, looks.smallest_detectable(trial.effects, expected))


def _in_words(trial: Trial, found: Comparison | None) -> str:
    if found is None:
        ending = trial.ending
        return f"{ending.status.value.replace('_', ' ')}: {ending.reason}"
    if found.ratio is None:
        return f"{found.verdict.value}: {found.reason}"
    what = "time" if found.figure.startswith(THROUGHPUT) else found.figure
    change = f"{signed(found.ratio - 1)} {what}"
    return f"{found.verdict.value}: {change} after {duration(trial.seconds)}"
