"""Lets Hydra run jobs: it composes each anew, writes ``.hydra`` beside it and calls our task."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import hydra
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from embprof.config import folders, sources
from embprof.config.compose import CONFIG_NAME, VERSION_BASE

QUOTES = "''"
"""Text of no letters."""


def run(arguments: Sequence[str], task: Callable[[int], None]) -> None:
    """Calls ``task`` with the number of each job, in this process, one after the other."""
    sources.register()
    before = sys.argv
    sys.argv = ["embprof", *arguments]  # hydra.main reads nothing else

    def numbered(_config: DictConfig) -> None:
        task(_job_number())

    try:
        hydra.main(
            version_base=VERSION_BASE,
            config_path=str(folders.shipped("conf")),
            config_name=CONFIG_NAME,
        )(numbered)()
    finally:
        sys.argv = before


def arguments(overrides: Sequence[str], output: Path, *, multirun: bool) -> list[str]:
    """Hydra's command line for jobs whose folders are to lie below ``output``, by number."""
    if multirun:
        overrides = [_of_each_job(line) for line in overrides]
    quoted = str(output).replace("'", "\\'")
    return [
        *(["--multirun"] if multirun else []),
        *overrides,
        f"hydra.run.dir='{quoted}/0'",
        f"hydra.sweep.dir='{quoted}'",
        "hydra.sweep.subdir=${hydra.job.num}",
    ]


def _of_each_job(line: str) -> str:
    """A value of some part (``workload.x=1``) as a sweep over this value alone.

    Hydra would apply any other to the configuration that it starts a sweep with, too, which has the
    default options of swept groups: keys of those that are asked for are not in it.
    """
    key, _, value = line.partition("=")
    given = _parsed(line)
    is_plain = "." in key and not key.startswith(("~", "hydra.")) and not given.is_sweep_override()
    if not is_plain:
        return line
    alone = f"{key}=choice({value or QUOTES})"
    try:
        point = BasicSweeper.split_arguments([_parsed(alone)], max_batch_size=None)[0][0][0]
        return alone if _parsed(point).value() == given.value() else line
    except HydraException:
        return line


def _parsed(line: str) -> Override:
    return OverridesParser.create().parse_override(line)


def _job_number() -> int:
    job = HydraConfig.get().job
    return 0 if OmegaConf.is_missing(job, "num") else int(job.num)
