"""``embprof doctor``: what this machine can be trusted with, and what to mend."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from typer import Option

from embprof.commands.typed import Overrides, command
from embprof.config.plan import Plan, plan
from embprof.doctor.diagnosis import Diagnosis, Say, diagnose
from embprof.doctor.page import as_json, render
from embprof.errors import RequestError
from embprof.interruptions import interruptible_once
from embprof.machine.lock import only_one
from embprof.report.display import console, print_lines
from embprof.tracking.places import Places

SECONDS = 60.0
FEWEST_SECONDS = 10.0
"""Less tells nothing about noise."""


@command("embprof doctor")
def main(
    overrides: Overrides = None,
    *,
    seconds: Annotated[float, Option(help="How long to measure noise; 0 leaves it out.")] = SECONDS,
    json_: Annotated[bool, Option("--json", help="Print JSON, and nothing else.")] = False,
) -> None:
    """Measure this machine: its noise, the least change it can show, and what makes it worse.

    Noise is that of the default job, or of the one that the overrides ask for:
    embprof doctor batch_size=8 threads=1
    """
    planned = _one_job(overrides or [], seconds)
    out, places = console(), Places.here()

    def say(message: str) -> None:
        if json_:
            typer.echo(message, err=True)
        else:
            print_lines(out, message)

    with interruptible_once():
        diagnosis = _alone(planned, places, seconds, say)
    if json_:
        typer.echo(json.dumps(as_json(diagnosis), indent=2))
        return
    out.print()
    for part in render(diagnosis):
        out.print(part)


def _one_job(overrides: Sequence[str], seconds: float) -> Plan:
    """The job whose noise is asked for; raises RequestError with everything that is wrong."""
    problems = []
    if seconds != 0 and not FEWEST_SECONDS <= seconds < float("inf"):
        problems.append(f"--seconds {seconds:g}: 0 for no noise, or at least {FEWEST_SECONDS:g}")
    try:
        planned = plan(overrides)
    except RequestError as error:
        raise RequestError([*problems, *error.problems]) from None
    if len(planned.jobs) > 1:
        problems.append(f"doctor takes one job, this is a sweep of {len(planned.jobs)}")
    elif planned.jobs[0].skip:
        problems.append(f"device={planned.jobs[0].config['device']}: {planned.jobs[0].skip}")
    if problems:
        raise RequestError(problems)
    return planned


def _alone(planned: Plan, places: Places, seconds: float, say: Say) -> Diagnosis:
    """The diagnosis, made while no sweep measures on this machine."""
    waited_for: list[str] = []

    def waiting(holder: str) -> None:
        waited_for.append(holder)
        say(f"waiting for {holder} to finish on this machine …")

    with only_one("doctor", waiting=waiting):
        return diagnose(
            planned,
            places.root,
            seconds=seconds,
            waited_for=waited_for[0] if waited_for else None,
            say=say,
        )
