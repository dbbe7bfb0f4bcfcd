"""``embprof [-m] [overrides]``: plan, measure, show.

All jobs are composed, validated and numbered (embprof.config.plan) before the first one is run, so
nothing can go wrong half-way through a sweep that could have been known at its start.
"""

import argparse
import os
from collections.abc import Sequence
from typing import Any, NoReturn

from hydra._internal.utils import get_args_parser

from embprof.commands import COMMANDS, gate
from embprof.comparison.stored import compare_with_baseline
from embprof.config import hydra_jobs
from embprof.config.checks import bounds_problems
from embprof.config.compose import compose
from embprof.config.plan import Plan, checked
from embprof.errors import RequestError
from embprof.interruptions import EXIT_CODE, interruptible_once
from embprof.model import Status
from embprof.report.display import console, display
from embprof.report.headline import announce, conclude
from embprof.run.gate.arms import asks_for_gate
from embprof.run.sweep import Compare, Sweep
from embprof.tracking import resuming
from embprof.tracking.baselines import DEFAULT, Baselines
from embprof.tracking.places import Places
from embprof.tracking.recovery import recover
from embprof.tracking.sweep_folder import SweepFolder, new_sweep_id

LINE = "COMP_LINE"
"""The command line so far, as the shell hands it over."""


def main(arguments: Sequence[str]) -> int:
    """Runs what the command line asks for; returns the exit code."""
    options = parse(arguments)
    if options.cfg or options.info or options.hydra_help or options.shell_completion:
        if options.shell_completion and "query=" in " ".join(options.overrides):
            _complete_command()
        hydra_jobs.show(arguments)
        return 0
    places, out = Places.here(), console()
    screen = display(out)
    recover(places, say=screen.say)
    request = resuming.read(options.overrides, places, multirun=options.multirun)
    composition = compose(request.overrides, multirun=request.multirun)
    planned = checked(composition)
    if asks_for_gate(planned.settings):
        return gate.judge(planned, request.overrides, places, screen, out)
    jobs = hydra_jobs.HydraJobs(composition)
    folder = request.folder or SweepFolder(path=places.sweep(new_sweep_id()))
    sweep = Sweep(
        planned,
        places,
        folder,
        display=screen,
        compare=_comparing(planned, places),
        part=folder.next_part() if request.folder else "",
        answered=resuming.answered(planned.jobs, request, places),
    )
    announce(planned, sweep.rows, folder, out)

    def run_jobs() -> None:
        if sweep.to_do:
            jobs.run([job.number for job in sweep.to_do], sweep.output, sweep.run_job)

    with interruptible_once():
        sweep.run(request.overrides, run_jobs)
        conclude(
            sweep.rows,
            folder,
            out,
            status=sweep.status,
            logged=sweep.logbook.problem is None,
            reply=sweep.reply,
        )
    return EXIT_CODE if sweep.status == Status.INTERRUPTED else sweep.exit_code


def _comparing(planned: Plan, places: Places) -> Compare:
    """How runs are compared with the stored baseline; raises RequestError for a name unknown."""
    bounds, name = planned.settings["verdict"], planned.settings["baseline"]
    if problems := list(bounds_problems(bounds)):
        raise RequestError(problems)
    baselines = Baselines(places)
    if name is None or (name == DEFAULT and baselines.get(DEFAULT) is None):
        return lambda _: {}
    baseline = baselines.existing(name)
    return lambda runs: compare_with_baseline(baseline, runs, bounds)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as Hydra reads it; raises RequestError for flags of no use here."""
    parser: Any = get_args_parser()
    parser.error = _refuse
    options: argparse.Namespace = parser.parse_args(list(arguments))
    problems = []
    if options.config_name or options.config_path or options.config_dir:
        problems.append(
            "--config-name, --config-path and --config-dir are not for embprof: put options into "
            "./conf/GROUP/NAME.yaml and scenarios into ./experiments/NAME.yaml"
        )
    if options.experimental_rerun:
        problems.append("--experimental-rerun: use resume=SWEEP_ID, or the same command again")
    if problems:
        raise RequestError(problems)
    return options


def _complete_command() -> None:
    """Prints the sub-commands that fit; takes one that is complete out of Hydra's sight.

    Hydra, which knows the keys and options, completes the overrides.
    """
    line = os.environ.get(LINE, "")
    _, *typed = line.split() or [""]
    if typed and typed[0] in COMMANDS:
        os.environ[LINE] = line.replace(f" {typed[0]}", "", 1)
    elif not typed or (len(typed) == 1 and not line.endswith(" ")):
        for command in COMMANDS:
            if command.startswith(typed[0] if typed else ""):
                print(command)  # noqa: T201  (the shell reads this)


def _refuse(message: str) -> NoReturn:
    raise RequestError([f"{message}; values are set as key=value (see embprof --help)"])
