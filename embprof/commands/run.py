"""``embprof [-m] [overrides]``: plan, measure, show.

Hydra runs the jobs one after the other and writes its ``.hydra`` folder beside each; what it is
about to run was composed, validated and numbered before (embprof.config.plan), so nothing can go
wrong half-way through a sweep that could have been known at its start.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.text import Text

from embprof.commands import COMMANDS
from embprof.config import folders, sources
from embprof.config.compose import CONFIG_NAME, VERSION_BASE
from embprof.config.plan import plan
from embprof.errors import RequestError
from embprof.interruptions import interruptible_once
from embprof.model import Status
from embprof.report import table
from embprof.report.display import console, display
from embprof.sweep import Sweep
from embprof.tracking import resuming
from embprof.tracking.places import Places
from embprof.tracking.recovery import recover
from embprof.tracking.sweep_folder import SweepFolder, new_sweep_id
from embprof.units import counted

INTERRUPTED = 130
"""Exit code after ctrl-C, as shells have it (128 + SIGINT)."""


def main(arguments: Sequence[str]) -> int:
    """Runs what the command line asks for; returns the exit code."""
    asked = parse(arguments)
    if asked.cfg or asked.info or asked.hydra_help or asked.shell_completion:
        if asked.shell_completion and "query=" in " ".join(asked.overrides):
            _complete_command()
        _hydra(list(arguments), lambda _: None)
        return 0
    places, out = Places.here(), console()
    screen = display(out)
    recover(places, say=screen.say)
    request = resuming.read(asked.overrides, places, multirun=asked.multirun)
    planned = plan(request.overrides, multirun=request.multirun)
    sweep = Sweep(
        planned,
        places,
        request.folder or SweepFolder(path=places.sweep(new_sweep_id())),
        display=screen,
        part=request.folder.next_part() if request.folder else "",
        answered=resuming.answered(planned.jobs, request, places),
    )
    _announce(sweep, out)
    hydra_arguments = _hydra_arguments(sweep, request.overrides)

    def run_jobs() -> None:
        if sweep.to_do:
            _hydra(hydra_arguments, lambda _: sweep.run_job(_job_number()))

    with interruptible_once():
        sweep.run(request.overrides, run_jobs)
    _conclude(sweep, out)
    return INTERRUPTED if sweep.status == Status.INTERRUPTED else sweep.exit_code


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as Hydra reads it; raises RequestError for flags of no use here."""
    asked = get_args_parser().parse_args(list(arguments))
    problems = []
    if asked.config_name or asked.config_path or asked.config_dir:
        problems.append(
            "--config-name, --config-path and --config-dir are not for embprof: put options into "
            "./conf/GROUP/NAME.yaml and scenarios into ./experiments/NAME.yaml"
        )
    if asked.experimental_rerun:
        problems.append("--experimental-rerun: use resume=SWEEP_ID, or the same command again")
    if problems:
        raise RequestError(problems)
    return asked


def _complete_command() -> None:
    """Completes a sub-command; Hydra, which completes the overrides after it, must not see it."""
    line = os.environ.get("COMP_LINE", "")
    _, *words = line.split() or [""]
    if words and words[0] in COMMANDS:
        os.environ["COMP_LINE"] = line.replace(f" {words[0]}", "", 1)
    elif not words or (len(words) == 1 and not line.endswith(" ")):
        for command in COMMANDS:
            if command.startswith(words[0] if words else ""):
                print(command)  # noqa: T201  (the shell reads this)


def _announce(sweep: Sweep, out: Console) -> None:
    settings = sweep.plan.settings
    if settings["question"]:
        out.print(Text(settings["question"], style="bold"))
    jobs = sweep.plan.jobs
    skipped = sum(bool(job.skip) for job in jobs)
    parts = [f"sweep {sweep.folder.sweep_id}: {counted(len(jobs), 'job')}"]
    if len(jobs) == 1 and jobs[0].overrides:
        parts.append(" ".join(jobs[0].overrides))
    if sweep.runs:
        parts.append(f"{len(sweep.runs)} answered before")
    if skipped:
        parts.append(f"{skipped} skipped")
    out.print(Text(", ".join(parts)))
    for line in table.reasons([row for row in sweep.rows if row.run is None]):
        out.print(Text(f"  {line}", style="yellow"))
    sources_used = {(w.source, str(w.folder)) for w in sweep.plan.weights.values()}
    for source, folder in sorted(sources_used):
        out.print(Text(f"  weights: {source} {folder if source != 'random' else ''}".rstrip()))


def _conclude(sweep: Sweep, out: Console) -> None:
    out.print()
    out.print(table.results(sweep.rows))
    out.print()
    for line in table.legend(sweep.rows):
        out.print(Text(line, style="dim"))
    out.print(Text(f"runs: {_shown(sweep.folder.path)}   look: {_program()} ui"))
    if sweep.status == Status.INTERRUPTED:
        out.print(Text(f"interrupted; go on with: {_program()} resume={sweep.folder.sweep_id}"))


def _program() -> str:
    """How to call embprof from here: by name where the shell finds this very installation."""
    installed = Path(sys.executable).with_name("embprof")
    if shutil.which("embprof") == str(installed):
        return "embprof"
    return f"{_shown(Path(sys.executable))} -m embprof"


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _hydra_arguments(sweep: Sweep, overrides: Sequence[str]) -> list[str]:
    flags = ["--multirun"] if sweep.plan.multirun else []
    output = str(sweep.output).replace("'", "\\'")
    return [
        *flags,
        *overrides,
        f"hydra.run.dir='{output}/0'",
        f"hydra.sweep.dir='{output}'",
        "hydra.sweep.subdir=${hydra.job.num}",
    ]


def _hydra(arguments: list[str], task: Callable[[DictConfig], None]) -> None:
    """Lets Hydra run ``task`` for every job, in this process, one after the other."""
    sources.register()
    before = sys.argv
    sys.argv = ["embprof", *arguments]
    try:
        hydra.main(
            version_base=VERSION_BASE,
            config_path=str(folders.shipped("conf")),
            config_name=CONFIG_NAME,
        )(task)()
    finally:
        sys.argv = before


def _job_number() -> int:
    job = HydraConfig.get().job
    return 0 if OmegaConf.is_missing(job, "num") else int(job.num)
