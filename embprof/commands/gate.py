"""``embprof gate``: two arms measured afresh, in turn, and a verdict that decides a pipeline."""

from collections.abc import Sequence
from typing import Annotated

from rich.console import Console
from typer import Exit, Option

from embprof.commands.typed import Overrides, command
from embprof.config.plan import Plan, plan
from embprof.config.quoting import literal
from embprof.errors import RequestError
from embprof.interruptions import EXIT_CODE, interruptible_once
from embprof.model import Status
from embprof.report.display import Display, console, display
from embprof.run.gate import messages, trees
from embprof.run.gate.arms import arms
from embprof.run.gate.gate import Gate
from embprof.run.gate.identical import are_identical
from embprof.run.sweep import Sweep
from embprof.tracking.places import Places
from embprof.tracking.recovery import recover
from embprof.tracking.sweep_folder import GATE, SweepFolder, new_sweep_id
from embprof.units import share


@command("embprof gate")
def main(
    overrides: Overrides = None,
    *,
    multirun: Annotated[
        bool, Option("-m", "--multirun", help="A row for each combination of values.")
    ] = False,
    against: Annotated[
        str | None, Option(metavar="NAME", help="Baseline: arm A is its code.")
    ] = None,
    a: Annotated[str | None, Option(metavar="OVERRIDES", help="Overrides of arm A.")] = None,
    b: Annotated[str | None, Option(metavar="OVERRIDES", help="Overrides of arm B.")] = None,
    a_ref: Annotated[str | None, Option(metavar="REF", help="Git ref of arm A's code.")] = None,
    b_ref: Annotated[str | None, Option(metavar="REF", help="Git ref of arm B's code.")] = None,
    a_python: Annotated[
        str | None, Option(metavar="PATH", help="Python, or virtual environment, of arm A.")
    ] = None,
    b_python: Annotated[
        str | None, Option(metavar="PATH", help="Python, or virtual environment, of arm B.")
    ] = None,
    a_a: Annotated[
        bool, Option("--a-a", help="Measure though nothing differs: an A/A trial.")
    ] = False,
    seconds: Annotated[
        float | None, Option(help="Seconds a row may take (max.); 180 if not given.")
    ] = None,
    bound: Annotated[
        str | None, Option(metavar="3%", help="Largest change that still passes for the same.")
    ] = None,
) -> None:
    """Is B slower than A? Measures both afresh, in turn, until the answer is clear.

    \b
      embprof gate                                  this code against the baseline main
      embprof gate batch_size=8 --against release   against another baseline
      embprof gate --a 'threads=1' --b 'threads=2'  two configurations
      embprof gate --a-ref main                     this working tree against a git ref
      embprof gate --b-python ../new-venv           another environment, after an upgrade
      embprof gate -m batch_size=8,32 --a-ref main  each row gated, corrected for their number
      embprof gate batch_size=8 --a-a               this against itself: an A/A trial of the machine

    What is not given for an arm is as it is here. Arms in which nothing differs are the same at
    once, and nothing is measured without --a-a. In a scenario the same stands under against:.

    Exit codes: 0 same or faster, 3 slower, 4 unclear, 1 a row failed, 2 the request is wrong.
    """  # noqa: D301  (the backslash keeps the lines apart)
    settings = {
        "against.baseline": against,
        "against.a": a,
        "against.b": b,
        "against.a_ref": a_ref,
        "against.b_ref": b_ref,
        "against.a_python": a_python,
        "against.b_python": b_python,
        "against.a_a": a_a or None,
        "against.max_seconds": seconds,
        "verdict.delta": None if bound is None else _share(bound),
    }
    given = [
        f"{key}={literal(value) if isinstance(value, str) else repr(value)}"
        for key, value in settings.items()
        if value is not None
    ]
    raise Exit(measure([*(overrides or []), *given], multirun=multirun))


def measure(overrides: Sequence[str], *, multirun: bool) -> int:
    """Measures what the overrides, with their ``against``, ask for; returns the exit code."""
    places, out = Places.here(), console()
    screen = display(out)
    recover(places, say=screen.say)
    return judge(plan(overrides, multirun=multirun), overrides, places, screen, out)


def judge(
    request: Plan, overrides: Sequence[str], places: Places, screen: Display, out: Console
) -> int:
    """As :func:`measure`, of a request that is planned already: ``request``, of ``overrides``."""
    planned = arms(request, overrides, places)
    if not request.settings["against"]["a_a"] and are_identical(planned):
        messages.nothing_differs(planned, out)
        return 0
    folder = SweepFolder(path=places.sweep(new_sweep_id()))
    # Whoever presses ctrl-C twice must not keep the trees from being removed, nor the end unsaid.
    with interruptible_once(), trees.checked_out(planned.commits) as paths:
        gate = Gate(planned, paths=paths, tell=lambda *row: screen.say(messages.pilot(*row)))
        sweep = Sweep(planned.plan, places, folder, display=screen, kind=GATE, compare=gate.compare)
        messages.announce(gate, folder, out)
        sweep.run(overrides, lambda: gate.run(sweep))
        messages.conclude(gate, sweep, out)
    return EXIT_CODE if sweep.status == Status.INTERRUPTED else messages.exit_code(gate, sweep)


def _share(bound: str) -> float:
    found = share(bound)
    if found is None:
        raise RequestError([f"--bound {bound}: write a share, as 3% or 0.03"])
    return found
