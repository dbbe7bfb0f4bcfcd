"""Lets Hydra run jobs: it composes each anew, writes ``.hydra`` beside it and calls our task."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from embprof.config import folders, sources
from embprof.config.compose import CONFIG_NAME, VERSION_BASE


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
    quoted = str(output).replace("'", "\\'")
    return [
        *(["--multirun"] if multirun else []),
        *overrides,
        f"hydra.run.dir='{quoted}/0'",
        f"hydra.sweep.dir='{quoted}'",
        "hydra.sweep.subdir=${hydra.job.num}",
    ]


def _job_number() -> int:
    job = HydraConfig.get().job
    return 0 if OmegaConf.is_missing(job, "num") else int(job.num)
