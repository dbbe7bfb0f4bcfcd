"""Overrides to configurations: every job of a request, composed once and before any of them runs.

Composing one configuration with Hydra takes 60–130 ms. A sweep seldom changes groups (model,
corpus, …) from job to job, so one composition serves all jobs with the same choices; plain values
(``batch_size=8``) are then set in a copy. Nothing composes them again:
:mod:`embprof.config.hydra_jobs` runs the jobs that are composed here.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from yaml import YAMLError

from embprof.config import compose_problems, folders, options, quoting, sources
from embprof.config.combinations import combinations
from embprof.config.compose_problems import PLUGINS, in_a_line, unknown_key
from embprof.config.composition import ComposedJob, Composition
from embprof.config.hints import did_you_mean
from embprof.config.merging import added, merged
from embprof.config.references import ABSENT, flatten, value_at
from embprof.config.subject import typed
from embprof.interface.network import Model

VERSION_BASE = "1.3"
CONFIG_NAME = "config"
OPEN = (["targets"], ["limits"], ["workload", "arguments"])
"""Mappings that take whatever name a metric has, or a parameter of the user's own function."""
UNREADABLE = (HydraException, YAMLError, UnicodeDecodeError, OSError, ValueError)
"""What Hydra lets through when a file of the user's cannot be composed."""


MAY_LACK = frozenset(name for name, one in Model.model_fields.items() if not one.is_required())
"""Keys of a model that its option need not have, to be given another value all the same."""


def compose(overrides: Sequence[str], *, multirun: bool = False) -> Composition:
    """What the overrides ask for; problems are collected, never raised."""
    return _Composer().compose(overrides, multirun=multirun)


class _Composer:
    def __init__(self) -> None:
        self.loader = _loader()
        self.parser = OverridesParser.create(config_loader=self.loader)
        self.of_hydra: list[str] = []
        # What one composition of Hydra's gives for all jobs with the same choices.
        self.templates: dict[tuple[str, ...], ComposedJob | None] = {}
        self.decided: dict[tuple[str, ...], bool] = {}
        self.parsed: dict[str, Override] = {}
        self.problems: dict[str, None] = {}
        self.left_out: set[str] = set()
        self.lacking: dict[str, dict[str, tuple[Override, dict[str, Any]]]] = {}
        self.having: dict[str, dict[str, None]] = {}

    def compose(self, overrides: Sequence[str], *, multirun: bool) -> Composition:
        parsed = [one for line in overrides if (one := self._parse(line)) is not None]
        given = [override for override in parsed if self._is_allowed(override)]
        self.of_hydra = [str(one.input_line) for one in given if one.is_hydra_override()]
        sweep_params: dict[str, Any] = {}
        if (settings := self._settings(given)) is not None:
            multirun = multirun or settings.mode == RunMode.MULTIRUN
            sweep_params = dict(settings.sweeper.get("params") or {})
        if sweep_params and not multirun:
            self._problem(
                "the scenario has hydra.sweeper.params: add hydra.mode: MULTIRUN to it, or -m"
            )
        task = [override for override in given if not override.is_hydra_override()]
        typed_lines = tuple(str(override.input_line) for override in task)
        composition = Composition(multirun=multirun, loader=self.loader, overrides=typed_lines)
        points = self._points(task, sweep_params, multirun=multirun)
        composition.jobs += [job for lines in points if (job := self._job(lines)) is not None]
        self._name_unknown_keys()
        composition.problems = list(self.problems)
        return composition

    @cached_property
    def groups(self) -> list[str]:
        return [g for g in self.loader.list_groups("") if g != "hydra"]

    def _parse(self, line: str) -> Override | None:
        if line not in self.parsed:
            try:
                self.parsed[line] = self._read(line)
            except HydraException:
                better = quoting.quoted(line, self._read)
                self._problem(compose_problems.unreadable(line, better))
                if better is None:
                    return None
                self.parsed[line] = self._read(better)  # what else is wrong is told too
        return self.parsed[line]

    def _read(self, line: str) -> Override:
        (override,) = self.parser.parse_overrides([line])
        return override

    def _is_allowed(self, override: Override) -> bool:
        if (why := compose_problems.objection(override)) is not None:
            self._problem(f"{override.input_line}: {why}")
        return why is None

    def _settings(self, given: Iterable[Override]) -> DictConfig | None:
        """Hydra's settings, which say how to sweep; None when they cannot be composed."""
        chosen = [
            override
            for override in given
            if not override.is_hydra_override() and not self._is_plain(override)
        ]
        fixed = [one for one in chosen if not one.is_sweep_override() and self._has_option(one)]
        scenario = [one for one in fixed if one.key_or_group == "experiment"]
        # Where nothing but plain values is swept, this is the template of every job.
        template = self._template(_lines(fixed if len(fixed) == len(chosen) else scenario))
        if template is None and self.of_hydra:  # without them, what else is wrong is told too
            self.of_hydra = []
            self.templates.clear()
        if template is None:
            template = self._template(_lines(scenario))
        return None if template is None else template.hydra

    def _points(
        self, given: list[Override], sweep_params: dict[str, Any], *, multirun: bool
    ) -> list[tuple[str, ...]]:
        if not multirun:
            for override in given:
                if override.is_sweep_override():
                    self._problem(compose_problems.several_values(str(override.input_line)))
            if self.problems:
                self.left_out = {o.key_or_group for o in given if o.is_sweep_override()}
                given = [override for override in given if not override.is_sweep_override()]
            return [_lines(given)]
        scenario = [self._parse(f"{key}={value}") for key, value in sweep_params.items()]
        every = [override for override in scenario if override is not None] + given
        try:
            return combinations(every)
        except UNREADABLE as error:
            self._problem(in_a_line(error))
            return []

    def _job(self, lines: tuple[str, ...]) -> ComposedJob | None:
        overrides = [parsed for line in lines if (parsed := self._parse(line)) is not None]
        overrides = [override for override in overrides if self._has_option(override)]
        plain = [override for override in overrides if self._is_plain(override)]
        others = [override for override in overrides if not self._is_plain(override)]
        template = self._template(_lines(others))
        if template is None or not self._is_decided(template):
            return None
        config = copy.deepcopy(template.config)
        choices = {override.key_or_group: override.value() for override in others}
        for override in plain:
            self._set(config, override, choices)
        return replace(template, overrides=lines, config=config, left_out=frozenset(self.left_out))

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
        if option in self.loader.get_group_options(group, ObjectType.CONFIG):
            return True
        known, takes_any = self._names(group), group in options.OF_MODELS
        if not isinstance(option, str):
            self._problem(f"{override.input_line}: {group} takes one of {', '.join(known)}")
            return False
        if takes_any and sources.names_a_model(option):
            return True
        hint = f"{group}={option}: there is no such {group}{did_you_mean(option, known) or ';'} "
        hint += f"there are {', '.join(known)}"
        if takes_any:
            hint += ", or any owner/name of the hub or path (./folder)"
        if group == "experiment":
            hint += " (a scenario is a file experiments/NAME.yaml)"
        self._problem(hint)
        return False

    def _template(self, lines: tuple[str, ...]) -> ComposedJob | None:
        if lines not in self.templates:
            every = [*self.of_hydra, *lines]
            try:
                composed = self.loader.load_configuration(CONFIG_NAME, every, RunMode.MULTIRUN)
            except UNREADABLE as error:
                self._problem(in_a_line(error))
                self.templates[lines] = None
            else:
                self._refuse_plug_ins(composed.hydra.runtime.choices)
                self.templates[lines] = ComposedJob(
                    overrides=lines, config=_plain(composed), hydra=composed.hydra
                )
        return self.templates[lines]

    def _refuse_plug_ins(self, choices: Mapping[str, str]) -> None:
        """A scenario may choose what the command line may not."""
        for kind, why in compose_problems.REFUSED.items():
            if choices[f"hydra/{kind}"] != "basic":
                self._problem(f"hydra/{kind}={choices[f'hydra/{kind}']}: {why}")

    def _is_decided(self, template: ComposedJob) -> bool:
        """Whether each group has an option, and one alone; looked at once for all its jobs."""
        if template.overrides not in self.decided:
            choices = template.hydra.runtime.choices
            problems = [why for group in choices if (why := self._undecided(str(group), choices))]
            for problem in problems:
                self._problem(problem)
            self.decided[template.overrides] = not problems
        return self.decided[template.overrides]

    def _undecided(self, group: str, choices: DictConfig) -> str | None:
        """Why nobody knows what a group's option is; None where that is clear."""
        if OmegaConf.is_missing(choices, group):
            return f"{group}: must be chosen: {group}=one of {', '.join(self._names(group))}"
        option = str(choices[group])
        if sources.names_a_path(option) and group not in options.OF_MODELS:
            names = ", ".join(self._names(group))
            return f"{group}={option}: {group} takes no path; there are {names}"
        if packages := folders.ambiguous(group, option):
            return (
                f"{group}={option}: {' and '.join(packages)} both have an option of that name; "
                f"conf/{group}/{option}.yaml in this folder would decide it"
            )
        return None

    def _names(self, group: str) -> list[str]:
        """The options of a group that can be asked for by name."""
        every = self.loader.get_group_options(group, ObjectType.CONFIG)
        return [name for name in every if name != options.TEMPLATE]

    def _set(
        self, config: dict[str, Any], override: Override, choices: Mapping[str, object]
    ) -> None:
        *parents, last = override.key_or_group.split(".")
        node = value_at(config, parents)
        key, group = override.key_or_group, parents[0] if parents else ""
        line, by = str(override.input_line), group if group in choices else "experiment"
        chosen = f"{by}={choices[by]}" if by in choices else ""
        if isinstance(node, dict) and group in options.OF_MODELS and last in MAY_LACK:
            node.setdefault(last, None)
        if not isinstance(node, dict) or last not in node:
            if _is_open(parents, config):
                self._problem(f"{line}: write +{line}")
            else:
                self.lacking.setdefault(key, {}).setdefault(chosen, (override, config))
            return
        self.having.setdefault(key, {})[chosen] = None
        value = override.value()
        if not isinstance(node[last], dict) or not isinstance(value, dict):
            node[last] = value
            return
        new = dict(added(key, node[last], value))
        if new and (group in PLUGINS or [*parents, last] in OPEN):  # which Hydra would refuse
            additions = " ".join(f"+{key}={typed(wanted)}" for key, wanted in new.items())
            self._problem(f"{line}: write {additions}")
            return
        node[last] = merged(node[last], value)

    def _name_unknown_keys(self) -> None:
        """Keys that no job has, and those that some option of a swept group does not have."""
        for key, lacking in self.lacking.items():
            (override, config), having = next(iter(lacking.values())), self.having.get(key, {})
            if having and all((*lacking, *having)):
                self._problem(
                    f"{override.input_line}: {', '.join(lacking)} has no {key.rpartition('.')[2]}, "
                    f"{', '.join(having)} has: ask for them in commands of their own"
                )
            else:
                self._problem(unknown_key(override, [*flatten(config), *config, *self.groups]))

    def _problem(self, text: str) -> None:
        self.problems[text] = None


def _lines(overrides: Iterable[Override]) -> tuple[str, ...]:
    return tuple(str(override.input_line) for override in overrides)


def _loader() -> ConfigLoader:
    """What composes with Hydra, from our files and the user's."""
    sources.register()
    conf = str(folders.shipped("conf"))
    with initialize_config_dir(conf, job_name="embprof", version_base=VERSION_BASE):
        return GlobalHydra.instance().config_loader()


def _plain(composed: DictConfig) -> dict[str, Any]:
    """A composed configuration as plain values, without Hydra's own part."""
    plain = OmegaConf.to_container(composed, resolve=False)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items() if key != "hydra"}


def _is_open(parents: Sequence[str], config: Mapping[str, Any]) -> bool:
    """Whether a key lies in a mapping that takes names which its YAML does not have."""
    return any(
        list(parents[: len(place)]) == place and value_at(config, place) is not ABSENT
        for place in OPEN
    )
