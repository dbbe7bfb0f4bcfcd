"""Hydra's part in running jobs that are composed already, and its own commands (``--cfg``).

Each job is run as a launcher of Hydra's would run it, by ``hydra.core.utils.run_job``: its folder
gets ``.hydra``, ``hydra.job`` is obeyed (``env_set``, ``chdir``), callbacks are called.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import hydra
from hydra._internal.callbacks import Callbacks
from hydra.core.utils import JobReturn, JobStatus, run_job
from hydra.errors import HydraException
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf

from embprof.config import folders, sources
from embprof.config.compose import CONFIG_NAME, VERSION_BASE
from embprof.config.composition import Composition
from embprof.errors import RequestError
from embprof.masking import is_secret, masked, masked_override, masked_text


def show(arguments: Sequence[str]) -> None:
    """Answers what Hydra answers by itself: its help, a configuration, completions of a shell."""
    sources.register()
    before, printed = sys.argv, io.StringIO()
    sys.argv = ["embprof", *arguments]  # hydra.main reads nothing else
    try:
        with contextlib.redirect_stdout(printed):
            hydra.main(
                version_base=VERSION_BASE,
                config_path=str(folders.shipped("conf")),
                config_name=CONFIG_NAME,
            )(lambda _: None)()
    finally:
        sys.argv = before
        sys.stdout.write(masked_text(printed.getvalue()))


class HydraJobs:
    """Runs the jobs of a request as a launcher of Hydra's would, with what it asks of Hydra."""

    def __init__(self, composition: Composition) -> None:
        """Raises RequestError when ``hydra.callbacks`` cannot be made."""
        self._composition = composition
        try:
            self._callbacks = Callbacks(OmegaConf.create({"hydra": composition.jobs[0].hydra}))
        except HydraException as error:
            why = " ".join(str(error.__cause__ or error).split())
            raise RequestError([f"hydra.callbacks: {why}"]) from None

    def run(self, numbers: Iterable[int], output: Path, task: Callable[[int], None]) -> None:
        """Calls ``task`` with these numbers of jobs, one after the other, in this process.

        The folder of a job is ``output`` and its number. An Exception of a task is raised when all
        have been called, as by Hydra's own launcher; whatever else it raises ends them at once.
        Raises OSError when a folder cannot be written.
        """
        failed: list[JobReturn] = []
        with self._announced(output):
            for number in numbers:
                done = self._run(number, output, task)
                if done.status == JobStatus.FAILED:
                    failed.append(done)
        for one in failed:
            _ = one.return_value  # raises what the task raised

    @contextlib.contextmanager
    def _announced(self, output: Path) -> Iterator[None]:
        """Tells callbacks of a sweep, and keeps its settings; nothing where one job runs alone."""
        if not self._composition.multirun:
            yield
            return
        config = self._config(0, output, self._composition.overrides)
        _secrets_taken_out(config.hydra.job.env_set)
        output.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(config, output / "multirun.yaml")
        self._callbacks.on_multirun_start(config=config, config_name=CONFIG_NAME)
        yield
        self._callbacks.on_multirun_end(config=config, config_name=CONFIG_NAME)

    def _run(self, number: int, output: Path, task: Callable[[int], None]) -> JobReturn:
        config = self._config(number, output, self._composition.jobs[number].overrides)
        config.hydra.job.num, config.hydra.job.id = number, str(number)
        alone = not self._composition.multirun
        if alone:
            self._callbacks.on_run_start(config=config, config_name=CONFIG_NAME)
        with _variables(_secrets_taken_out(config.hydra.job.env_set)):
            done = run_job(
                task_function=lambda _: task(number),
                config=config,
                job_dir_key="hydra.run.dir",
                job_subdir_key=None,
                hydra_context=HydraContext(
                    config_loader=self._composition.loader, callbacks=self._callbacks
                ),
            )
        if alone:
            self._callbacks.on_run_end(config=config, config_name=CONFIG_NAME, job_return=done)
        return done

    def _config(self, number: int, output: Path, overrides: Sequence[str]) -> DictConfig:
        """A job's configuration with Hydra's own settings, as these overrides asked for it."""
        job = self._composition.jobs[number]
        # It is only stored: a job has its own, secrets included.
        config: DictConfig = OmegaConf.create(masked(job.config))
        config.hydra = job.hydra  # a copy
        own = config.hydra
        own.mode = RunMode.MULTIRUN if self._composition.multirun else RunMode.RUN
        own.run.dir = str(output / str(number))
        own.sweep.dir, own.sweep.subdir = str(output), "${hydra.job.num}"
        shown = [masked_override(line) for line in overrides]
        own.overrides.task = shown
        own.overrides.hydra = [masked_override(line) for line in own.overrides.hydra]
        own.job.override_dirname = ",".join(sorted(shown))
        return config


def _secrets_taken_out(variables: DictConfig) -> dict[str, str]:
    """The secret ones of ``hydra.job.env_set``, which Hydra would store with the others."""
    names = [str(name) for name in variables if is_secret(str(name))]
    return {name: str(variables.pop(name)) for name in names}


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
