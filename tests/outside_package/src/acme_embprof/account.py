"""What Acme's measurement and workload tell of themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from embprof.interface.account import Account, Call, Document, Gap, Rule
from embprof.interface.chart import Axis, Chart, Curve
from embprof.interface.column import Column, interval, value
from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure, plain
from embprof.interface.finding import Finding, Kind
from embprof.interface.readings import values
from embprof.model import Run, Slice
from embprof.report.check_command import command
from embprof.report.study import Study

TARGET = "acme_embprof.memory.Footprint"
MOVES = "moves_per_call"


def moves(measured: Sequence[Slice]) -> Conclusion:
    """A figure and a word of many readings."""
    read = values(measured, "moves")
    per_call = sum(read) / len(read)
    return Conclusion(
        figures=(plain(MOVES, "", per_call, "mean"), figure("lost_rows", "", None, note="n/a")),
        outcomes={"order": "random" if per_call else "sorted"},
    )


def columns(_runs: Sequence[Run]) -> list[Column]:
    """Seconds of a call, and rows moved."""
    return [value("elapsed_s", "elapsed s"), interval("elapsed_s"), value(MOVES, "moves")]


def sorting_columns(_runs: Sequence[Run]) -> list[Column]:
    """How it sorts."""
    return [Column(heading="algorithm", cell=lambda run: str(run.description["algorithm"]))]


def growth(study: Study) -> Iterator[Finding]:
    """How moves grow with rows."""
    for series in study.series("workload.rows", TARGET):
        first, last = series.answers[0], series.answers[-1]
        yield Finding(
            rule="moves",
            kind=Kind.FACT,
            title=f"{series.values[-1]} rows take {last.value(MOVES):.0f} moves, "
            f"{series.values[0]} take {first.value(MOVES):.0f}",
            evidence=tuple(f"{one.label}: {one.value(MOVES):.0f} moves" for one in series.answers),
            runs=tuple(one.run.run_id for one in series.answers),
            check=command(last, {"measurement": "footprint", "workload.rows": 2000}),
        )


def answer(_study: Study, headline: Finding) -> str:
    """The headline of a whole study."""
    return f"Insertion sorts: {headline.title}"


def chart(study: Study) -> Iterator[Chart]:
    """Moves over rows."""
    for series in study.series("workload.rows", TARGET):
        x = tuple(float(rows) for rows in series.values)
        y = tuple(one.value(MOVES) or 0.0 for one in series.answers)
        yield Chart(
            name="moves_by_rows",
            title=f"{y[-1]:.0f} moves of {x[-1]:.0f} rows",
            x=Axis(title="rows"),
            y=Axis(title="moves of a call"),
            curves=(Curve(name="moves", x=x, y=y),),
        )


def picture(run: Run, slices: Sequence[Slice]) -> str:
    """A file beside the run."""
    return f"{len(slices)} slices, {run.value(MOVES):.0f} moves a call\n"


class MovesProfile(BaseModel):
    """A document of a report, for programs."""

    runs: int
    moves: list[float | None]


def document(contents: Any, _generated: str | None) -> MovesProfile:
    """Moves of every run."""
    found = contents.study.of(TARGET)
    return MovesProfile(runs=len(found), moves=[one.value(MOVES) for one in found])


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreMoves:
    """What two runs differ in beside figures."""

    section: ClassVar[str] = "moves"
    a: str
    b: str

    def lines(self, label: str) -> list[str]:
        return [f"{label}: {self.a.strip()} became {self.b.strip()}"]

    def markdown(self, label: str) -> str:
        return f"**{label}**: {self.a.strip()} became {self.b.strip()}\n"

    def as_json(self) -> Mapping[str, str]:
        return {"a": self.a, "b": self.b}


def difference(a: Path, b: Path) -> MoreMoves:
    """The pictures of two runs."""
    return MoreMoves(a=(a / "moves.txt").read_text(), b=(b / "moves.txt").read_text())


FOOTPRINT = Account(
    supporting=frozenset({"moves"}),
    conclusions={"moves": moves},
    columns=columns,
    table_note="moves: rows that a call of insertion sort moves",
    label="Time of a call",
    method="Each call is timed, and what it moves is counted.",
    rules=(Rule(name="moves", find=growth, headline=10, answer=answer),),
    charts=(chart,),
    documents={"moves_profile.json": Document(model=MovesProfile, make=document)},
    pictures={"moves.txt": picture},
    difference=difference,
    gap=Gap(title="What sorting moves was not counted", changes={"measurement": "footprint"}),
)
SORTING = Account(
    columns=sorting_columns,
    call=Call(name="sort(rows)", verb="sorts", item="row", result="its place"),
    named=lambda workload: f"{workload['rows']} rows",
    reference=lambda workload: f"sorting of {workload['rows']} rows",
    items_of_a_call=lambda workload: int(workload["rows"]),
)
