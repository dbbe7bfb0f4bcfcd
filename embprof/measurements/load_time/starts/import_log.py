"""What ``-X importtime`` wrote: a tree of the imports, and who took the time.

A line is written when an import is done, children before their parent, with microseconds of the
module's own code (*self*) and with all that it imported for the first time (*cumulative*). An
import that finds its module loaded costs nothing and is not there: whoever imports a library first
bears its time, so what an import costs depends on what came before it.
Source: Python documentation, command line, ``-X importtime``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)\n?")
HEADER = re.compile(r"import time: self \[us\] \| cumulative \| imported package\n?")
STAGE = re.compile(r"\n?embprof stage: (.+)\n")
BEFORE = "interpreter"
"""What goes on until the first stage is marked."""
LATE = ("load", "first call")
"""Stages after the imports that belong to the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A module imported for the first time; seconds. ``children`` in the order of import."""

    name: str
    own: float
    cumulative: float
    children: tuple[Import, ...] = ()

    def walk(self) -> Iterator[Import]:
        """This one and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def package(self) -> str:
        """The outermost package it belongs to."""
        return self.name.partition(".")[0]


def parse(log: str) -> Mapping[str, Sequence[Import]]:
    """The imports by stage, each stage's outermost ones in order."""
    stages: dict[str, list[Import]] = {}
    marks = [(0, BEFORE), *((mark.end(), mark[1]) for mark in STAGE.finditer(log))]
    ends = [*(start for start, _ in marks[1:]), len(log)]
    for (begin, stage), end in zip(marks, ends, strict=True):
        stages.setdefault(stage, []).extend(_tree(log[begin:end]))
    return stages


def _tree(log: str) -> list[Import]:
    waiting: list[tuple[int, Import]] = []
    for own, cumulative, indent, name in LINE.findall(log):
        depth = len(indent)
        children = []
        while waiting and waiting[-1][0] > depth:
            children.append(waiting.pop()[1])
        found = Import(
            name=name,
            own=int(own) / 1e6,
            cumulative=int(cumulative) / 1e6,
            children=tuple(reversed(children)),
        )
        waiting.append((depth, found))
    return [found for _, found in waiting]


def without_it(log: str) -> str:
    """What else was written to the same place."""
    for pattern in (STAGE, HEADER, LINE):
        log = pattern.sub("", log)
    return log
