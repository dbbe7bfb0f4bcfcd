"""Overrides to configurations: what Hydra would compose for every job, without running any.

Composing one configuration with Hydra takes 60–130 ms. A sweep seldom changes groups (model,
corpus, …) from job to job, so one composition serves all jobs with the same choices; plain values
(``batch_size=8``) are then set in a copy. What Hydra runs later is the same: it applies the same
overrides to the same files.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.utils import create_config_search_path
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from yaml import YAMLError

from embprof.config import folders, sources
from embprof.config.references import flatten

VERSION_BASE = "1.3"
CONFIG_NAME = "config"
OPEN = (["targets"], ["limits"])
"""Mappings that take whatever name a metric has."""
PACKAGE_LINE = "a scenario's first line must be: # @package _global_"
UNREADABLE = (HydraException, YAMLError, UnicodeDecodeError, OSError, ValueError)
"""What Hydra lets through when a file of the user's cannot be composed."""
OURS = ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.output_subdir")
"""Hydra's settings of where output lies: decided here, so that a run is found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedJob:
    """One point of a sweep: its overrides and its configuration, references not yet resolved."""

    overrides: tuple[str, ...]
    config: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Composition:
    """Every job of a request in Hydra's order, and every problem met on the way there."""

    multirun: bool
    jobs: list[ComposedJob] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def compose(overrides: Sequence[str], *, multirun: bool = False) -> Composition:
    """What the overrides ask for; problems are collected, never raised."""
    return _Composer().compose(overrides, multirun=multirun)


class _Composer:
    def __init__(self) -> None:
        sources.register()
        version.setbase(VERSION_BASE)
        self.loader = ConfigLoaderImpl(create_config_search_path(str(folders.shipped("conf"))))
        self.parser = OverridesParser.create(config_loader=self.loader)
        self.templates: dict[tuple[str, ...], dict[str, Any] | None] = {}
        self.parsed: dict[str, Override] = {}
        self.problems: dict[str, None] = {}
        self.unknown: set[str] = set()

    def compose(self, overrides: Sequence[str], *, multirun: bool) -> Composition:
        asked = [parsed for line in overrides if (parsed := self._parse(line)) is not None]
        asked = [override for override in asked if self._is_allowed(override)]
        sweep_params: dict[str, Any] = {}
        if (master := self._master(asked)) is not None:
            multirun = multirun or master.hydra.mode == RunMode.MULTIRUN
            sweep_params = dict(master.hydra.sweeper.get("params") or {})
        if sweep_params and not multirun:
            self._problem(
                "the scenario has hydra.sweeper.params: add hydra.mode: MULTIRUN to it, or -m"
            )
        task = [override for override in asked if not override.is_hydra_override()]
        composition = Composition(multirun=multirun)
        for line in self._points(task, sweep_params, multirun=multirun):
            config = self._configuration(line)
            if config is not None:
                composition.jobs.append(ComposedJob(overrides=tuple(line), config=config))
        composition.problems = list(self.problems)
        return composition

    @cached_property
    def groups(self) -> list[str]:
        return [g for g in self.loader.list_groups("") if g != "hydra"]

    def _parse(self, line: str) -> Override | None:
        if line not in self.parsed:
            try:
                self.parsed[line] = self.parser.parse_override(line)
            except HydraException:
                self._problem(f"{line}: cannot be read; overrides look like key=value or key=a,b")
                return None
        return self.parsed[line]

    def _is_allowed(self, override: Override) -> bool:
        key = override.get_key_element().lstrip("+~")
        line = str(override.input_line)
        if override.is_add() and key == "experiment":
            self._problem(f"{line}: write experiment={override.value()} (without the +)")
            return False
        if key in OURS:
            self._problem(f"{line}: runs lie below ./mlruns, in folders that embprof names")
            return False
        if key in ("hydra/launcher", "hydra/sweeper") and override.value() != "basic":
            self._problem(
                f"{line}: embprof plans the whole sweep and runs one job at a time; "
                f"only the basic {key.removeprefix('hydra/')} does that"
            )
            return False
        return True

    def _master(self, asked: Iterable[Override]) -> DictConfig | None:
        """The configuration that says how to sweep; None when it cannot be composed."""
        chosen = [
            str(override.input_line)
            for override in asked
            if not override.is_sweep_override()
            and (override.is_hydra_override() or override.key_or_group == "experiment")
            and self._has_option(override)
        ]
        try:
            master = self.loader.load_configuration(CONFIG_NAME, chosen, RunMode.MULTIRUN)
        except UNREADABLE as error:
            self._problem(_in_a_line(error))
            return None
        # The same lines give the template of every job that changes no other group.
        self.templates[tuple(chosen)] = _plain(master)
        return master

    def _points(
        self, asked: list[Override], sweep_params: dict[str, Any], *, multirun: bool
    ) -> list[list[str]]:
        if not multirun:
            for override in asked:
                if override.is_sweep_override():
                    line = str(override.input_line)
                    self._problem(f"{line}: several values are a sweep: add -m")
            if self.problems:
                asked = [override for override in asked if not override.is_sweep_override()]
            return [[str(override.input_line) for override in asked]]
        scenario = [self._parse(f"{key}={value}") for key, value in sweep_params.items()]
        every = [override for override in scenario if override is not None] + asked
        try:
            (points,) = BasicSweeper.split_arguments(every, max_batch_size=None)
        except UNREADABLE as error:
            self._problem(_in_a_line(error))
            return []
        return points

    def _configuration(self, lines: Iterable[str]) -> dict[str, Any] | None:
        overrides = [parsed for line in lines if (parsed := self._parse(line)) is not None]
        overrides = [override for override in overrides if self._has_option(override)]
        composed_by_hydra = tuple(
            str(override.input_line) for override in overrides if not self._is_plain(override)
        )
        template = self._template(composed_by_hydra)
        if template is None:
            return None
        config = copy.deepcopy(template)
        for override in overrides:
            if self._is_plain(override):
                self._set(config, override)
        return config

    def _is_plain(self, override: Override) -> bool:
        """Whether it only gives a new value to a key that is there."""
        is_group = override.key_or_group in self.groups or "/" in override.key_or_group
        return not (
            is_group or override.is_add() or override.is_force_add() or override.is_delete()
        )

    def _has_option(self, override: Override) -> bool:
        group, option = override.key_or_group, override.value()
        if group not in self.groups or override.is_sweep_override() or option is None:
            return True
        options = self.loader.get_group_options(group, ObjectType.CONFIG)
        if option in options:
            return True
        options = [name for name in options if name != sources.AnyModelSource.TEMPLATE]
        if not isinstance(option, str):
            self._problem(f"{override.input_line}: {group} takes one of {', '.join(options)}")
            return False
        if group == "model" and sources.names_a_model(option):
            return True
        hint = f"{group}={option}: there is no such {group}{_did_you_mean(option, options) or ';'} "
        hint += f"there are {', '.join(options)}"
        if group == "model":
            hint += ", or any owner/name of the hub or path (./folder)"
        if group == "experiment":
            hint += " (a scenario is a file experiments/NAME.yaml)"
        self._problem(hint)
        return False

    def _template(self, lines: tuple[str, ...]) -> dict[str, Any] | None:
        if lines not in self.templates:
            try:
                composed = self.loader.load_configuration(CONFIG_NAME, list(lines), RunMode.RUN)
                self.templates[lines] = _plain(composed)
            except UNREADABLE as error:
                self._problem(_in_a_line(error))
                self.templates[lines] = None
        return self.templates[lines]

    def _set(self, config: dict[str, Any], override: Override) -> None:
        *parents, last = override.key_or_group.split(".")
        node: Any = config
        for part in parents:
            node = node.get(part) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last not in node:
            if override.key_or_group not in self.unknown:
                self.unknown.add(override.key_or_group)
                if parents in OPEN:
                    self._problem(f"{override.input_line}: write +{override.input_line}")
                else:
                    known = [*flatten(config), *config, *self.groups]
                    self._problem(_unknown_key(override, known))
            return
        value = override.value()
        if (
            [*parents, last] in OPEN
            and isinstance(value, dict)
            and value.keys() - node[last].keys()  # which Hydra would refuse
        ):
            added = " ".join(f"+{last}.{name}={wanted}" for name, wanted in value.items())
            self._problem(f"{override.input_line}: write {added}")
            return
        if isinstance(node[last], dict) and isinstance(value, dict):
            node[last] = {**node[last], **value}
        else:
            node[last] = value

    def _problem(self, text: str) -> None:
        self.problems[text] = None


def _plain(composed: DictConfig) -> dict[str, Any]:
    """A composed configuration as plain values, without Hydra's own part."""
    plain = OmegaConf.to_container(composed, resolve=False)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items() if key != "hydra"}


def _unknown_key(override: Override, known: Sequence[str]) -> str:
    key = override.key_or_group
    names = list(dict.fromkeys(known))
    return f"{override.input_line}: there is no key {key}{_did_you_mean(key, names)}"


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    by_last_part = {name.rsplit(".", 1)[-1]: name for name in reversed(known)}
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if not close:
        last = word.rsplit(".", 1)[-1]
        close = [by_last_part[hit] for hit in difflib.get_close_matches(last, by_last_part, n=1)]
    return f", did you mean {close[0]}?" if close else ""


def _in_a_line(error: Exception) -> str:
    """The message in one line, causes included; Hydra's without the search path it appends."""
    if isinstance(error, YAMLError):
        return f"not valid YAML: {' '.join(str(error).split())}"
    if "@experiment." in str(error):
        return f"{str(error).splitlines()[0]} ({PACKAGE_LINE})"
    cause = f" ({str(error.__cause__).splitlines()[0]})" if error.__cause__ else ""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__) + cause
