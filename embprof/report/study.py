"""Stored runs that are looked at together, and the series that they form.

A *series* is what findings and pictures are made of: runs that differ in one key alone.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from embprof.config import options, subject
from embprof.config.override import by_key
from embprof.config.question import (
    ARGUMENTS,
    BESIDE,
    NOT_ASKED,
    axes,
    differing,
    environment,
    question,
    without,
)
from embprof.interface.account import Account
from embprof.interface.subjects import Subject, measurement_of, subjects_of, workload_of
from embprof.machine.fingerprint import digest
from embprof.model import Comparison, Estimate, Run, Slice, Status, Stored
from embprof.race import Race, Standing
from embprof.tracking.folder import read_comparison, read_slices
from embprof.tracking.races import race_of

IMPORT_PATH = re.compile(r"[a-z_][\w.]*\.[A-Z]\w*")
ALWAYS_SAID = ("device", "batch_size", "text_length")
"""Keys that a reader wants to know of a series wherever a study has several of their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One stored run, in the words of a study.

    Of a run that is an answer the status is ok; those that failed are in ``Study.failed``.
    """

    stored: Stored

    @property
    def folder(self) -> Path | None:
        """Where its slices and files are, None where only the figures are left."""
        return self.stored.folder

    @property
    def run(self) -> Run:
        """Its figures and configuration."""
        return self.stored.run

    @property
    def label(self) -> str:
        """What it is called in a list of others: ``#3``."""
        return f"#{self.run.number}"

    @property
    def measurement(self) -> str:
        """What the measurement is called: by its option if it is ours, else by its class path."""
        return measurement_of(self.run.config).name

    @property
    def workload(self) -> str:
        """What the workload is called, likewise."""
        return workload_of(self.run.config).name

    @property
    def account(self) -> Account:
        """What the measurement tells of itself."""
        return measurement_of(self.run.config).account

    @property
    def race(self) -> Race | None:
        """The race that it was measured in, with others of its sweep; None where in none."""
        return None if self.folder is None else race_of(self.run.run_id, self.folder)

    @property
    def standing(self) -> Standing | None:
        """How it stands in that race."""
        race = self.race
        return None if race is None else race.standing(self.run.run_id)

    @property
    def comparison(self) -> Comparison | None:
        """How it compared with its baseline, or with arm A of its gate; None where it did not."""
        return None if self.folder is None else read_comparison(self.folder)

    def value(self, name: str) -> float | None:
        """A figure's value, None where it has none."""
        return self.run.value(name)

    def estimate(self, name: str) -> Estimate | None:
        """A figure's estimate, None where it has none."""
        return self.run.estimate(name)

    def slices(self) -> Iterator[Slice]:
        """Raw readings, warm-up included; none where the folder is gone."""
        return iter(()) if self.folder is None else read_slices(self.folder)

    def document(self, name: str) -> Any | None:
        """A JSON file that the measurement left (``stages.json``), None where there is none."""
        file = None if self.folder is None else self.folder / name
        if file is None or not file.is_file():
            return None
        return json.loads(file.read_text(encoding="utf-8"))

    def rows(self, name: str, key: str | None = None) -> list[Any]:
        """The rows under a key of such a file, or of all of it; none where it has none."""
        found = self.document(name)
        if key is not None:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Answers of one measurement that differ in ``axis`` alone, in ascending order of its value.

    ``fixed`` names what else was swept, with the values that hold in this series: all that tells it
    from the other series along this axis, and of ``ALWAYS_SAID`` what differs in the study.
    ``question`` is equal for series of other studies that ask the same on the same machine.
    """

    axis: str
    measurement: str
    fixed: Mapping[str, Any]
    values: tuple[Any, ...]
    answers: tuple[Answer, ...]
    question: str = ""

    @property
    def title(self) -> str:
        """What tells it from the other series: ``device=cpu text_length=128``; may be empty."""
        pairs = (
            (_word(key.removeprefix(ARGUMENTS)), "null" if value is None else _word(_short(value)))
            for key, value in self.fixed.items()
        )
        return " ".join(f"{key}={value}" for key, value in pairs)


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: what is worked out is remembered
class Study:
    """All that a report is made of. ``name`` is what the user asked for."""

    name: str
    answers: tuple[Answer, ...]
    failed: tuple[Answer, ...] = ()
    question: str | None = None

    @cached_property
    def subjects(self) -> Sequence[Subject]:
        """The measurements and the workloads of its runs, each once."""
        every = (*self.answers, *self.failed)
        found = (one for answer in every for one in subjects_of(answer.run.config))
        return tuple({one.target: one for one in found}.values())

    def of(self, measurement: str) -> list[Answer]:
        """The answers of one measurement."""
        return [answer for answer in self.answers if answer.measurement == measurement]

    def swept(self, measurement: str) -> tuple[str, ...]:
        """The keys and groups of which the runs of a measurement were given several values."""
        keys = axes(answer.run for answer in self.of(measurement))
        asked = (key for key in keys if key != "measurement")
        return tuple(key for key in asked if key.partition(".")[0] not in NOT_ASKED)

    @cached_property
    def plain(self) -> Sequence[Answer]:
        """The answers that the general protocol makes more precise: longer, in more processes."""
        return [answer for answer in self.answers if not answer.account.has_own_protocol]

    def series(self, axis: str, measurement: str | None = None) -> list[Series]:
        """Every series along a key or group (``batch_size``, ``device``, ``threads``, ``model``).

        ``measurement``: the default one where none is named. Of a question that was answered more
        than once the newest counts; a series has two values at least, all of one environment but
        for what the axis itself changes.
        """
        measurement = measurement or options.default("measurement")
        known = self._known_series
        if (axis, measurement) not in known:
            known[axis, measurement] = self._series_along(axis, measurement)
        return known[axis, measurement]

    @cached_property
    def _known_series(self) -> dict[tuple[str, str], list[Series]]:
        """Those that were asked for before: every rule and picture asks, and each takes a while."""
        return {}

    def _series_along(self, axis: str, measurement: str) -> list[Series]:
        grouped: dict[str, dict[Any, Answer]] = {}
        swept = axis
        for answer in self.of(measurement):
            config = self._questions[answer.run.run_id]
            # A group is swept by the name of an option, which is what its node is called.
            swept = next((key for key in (axis, f"{axis}.name") if key in config), axis)
            typed = by_key(answer.run.overrides).get(axis)
            if swept not in config and typed is None:
                continue
            value = config.get(swept, typed and typed.meant)
            by_value = grouped.setdefault(self._question_without(answer, [axis]), {})
            before = by_value.get(value)
            if before is None or before.run.started <= answer.run.started:
                by_value[value] = answer
        found = []
        several = [(rest, by_value) for rest, by_value in grouped.items() if len(by_value) > 1]
        telling = self._telling([next(iter(by_value.values())) for _, by_value in several])
        for rest, by_value in several:
            values = sorted(by_value, key=_in_order)
            answers = tuple(by_value[value] for value in values)
            config = self._questions[answers[0].run.run_id]
            own = (swept, f"{axis}.")
            fixed = {
                key: config[key] for key in telling if key in config and not key.startswith(own)
            }
            found.append(
                Series(
                    axis=axis,
                    measurement=measurement,
                    fixed=fixed,
                    values=tuple(values),
                    answers=answers,
                    question=rest,
                )
            )
        return found

    def companion(self, answer: Answer, measurement: str) -> Answer | None:
        """The newest answer of another measurement to the same question, on the same machine."""
        return self._companions.get((measurement, self._question_without(answer, BESIDE)))

    @cached_property
    def _companions(self) -> Mapping[tuple[str, str], Answer]:
        ordered = sorted(self.answers, key=lambda answer: answer.run.started)
        return {(one.measurement, self._question_without(one, BESIDE)): one for one in ordered}

    def _question_without(self, answer: Answer, keys: Collection[str]) -> str:
        """What is asked, and on what machine, whatever the values of these keys."""
        config = without(self._questions[answer.run.run_id], keys)
        return digest({"config": config, "environment": environment(answer.stored, keys)})

    @cached_property
    def _questions(self) -> Mapping[str, Mapping[str, Any]]:
        """What each run asked, flattened, by its id."""
        return {answer.run.run_id: question(answer.run) for answer in self.answers}

    def _telling(self, answers: Sequence[Answer]) -> Sequence[str]:
        """Keys that tell these answers of one measurement apart, and those that are always said."""
        configs = [self._questions[answer.run.run_id] for answer in answers]
        return [
            key
            for key in (self._swept[answers[0].measurement] if answers else ())
            if key in ALWAYS_SAID or len({repr(config.get(key)) for config in configs}) > 1
        ]

    @cached_property
    def _swept(self) -> Mapping[str, Sequence[str]]:
        """Keys that have several values among the answers of a measurement, but for its own."""
        questions: dict[str, list[Mapping[str, Any]]] = {}
        for answer in self.answers:
            questions.setdefault(answer.measurement, []).append(self._questions[answer.run.run_id])
        return {measurement: differing(configs) for measurement, configs in questions.items()}


def labels(answers: Sequence[Answer]) -> list[str]:
    """What tells each of some answers from the others, in few words."""
    configs = [question(answer.run) for answer in answers]
    keys = differing(configs)
    if not keys:
        return [
            f"{subject.setting(answer.run.config, 'batch_size')}, {config['device']}"
            if {"batch_size", "device"} <= config.keys()
            else f"#{answer.run.number}"
            for config, answer in zip(configs, answers, strict=True)
        ]
    return [
        " ".join(f"{_prefix(key)}{_short(config.get(key))}" for key in keys) for config in configs
    ]


def names(answers: Sequence[Answer]) -> tuple[str, list[str]]:
    """The one key in which they differ and its values; of other answers no key, and their labels.

    What a device or a model is needs no key beside it.
    """
    configs = [question(answer.run) for answer in answers]
    keys = differing(configs)
    if len(keys) != 1 or not _prefix(keys[0]):
        return "", labels(answers)
    name = _word(keys[0].removesuffix(".name").removeprefix(ARGUMENTS))
    return name, [_short(config.get(keys[0])) for config in configs]


def answers(stored: Sequence[Stored]) -> tuple[list[Answer], list[Answer]]:
    """Those that ended well, and the others."""
    every = [Answer(stored=one) for one in stored]
    well = [answer for answer in every if answer.run.status == Status.OK]
    return well, [answer for answer in every if answer.run.status != Status.OK]


def _word(text: str) -> str:
    """``corpus`` for ``corpus._target_``, ``Synthetic`` for its import path; else as it is."""
    if text.endswith("._target_"):
        return text.removesuffix("._target_")
    return text.rpartition(".")[2] if IMPORT_PATH.fullmatch(text) else text


def _prefix(key: str) -> str:
    """A key before its value: a device or a model says itself what it is."""
    name = key.removesuffix(".name").removeprefix(ARGUMENTS)
    spoken = {"batch_size": "batch ", "text_length": "length ", "device": "", "model": ""}
    return spoken.get(name, f"{name}=")


def _short(value: object) -> str:
    """A hub's name without its owner."""
    return str(value).rstrip("/").rpartition("/")[2]


def _in_order(value: Any) -> tuple[int, float, str]:
    """Numbers by size, then words, and nothing (null) last."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, float(value), ""
    return (2 if value is None else 1), 0.0, str(value)
