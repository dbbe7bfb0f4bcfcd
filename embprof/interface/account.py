"""What a subject tells of itself, so that everything around it need not know it.

A *subject* is a workload or a measurement. Its class names its account by import path
(``account = "acme.footprint.account.FOOTPRINT"``), as YAML names the class: there is no list to
enter it into. What a run shows comes from the accounts of its own measurement and its own workload
and from nothing else, so quantities of two subjects may have the same name.

Everything in an account may be left out: what is not told is done as for any subject.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from embprof.interface.chart import Chart
from embprof.interface.column import Column
from embprof.interface.conclusion import Conclusion
from embprof.interface.finding import Finding
from embprof.model import Run, Slice

Study = Any
"""A study (:class:`embprof.report.study.Study`): runs that are looked at together."""
Answer = Any
"""One run of a study with its files (:class:`embprof.report.study.Answer`)."""
Contents = Any
"""All that a report says (:class:`embprof.report.documents.contents.Contents`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """From a study to findings; ``name`` is that of its findings.

    ``headline`` orders the rules whose findings answer what a sweep asks, the lowest first; None:
    its findings are only listed. With ``gap_answers`` even that it cannot be told is an answer. A
    finding with ``axes`` answers a sweep of these in any case, before those that have none.
    ``answer`` says a headline in the words of a whole study, its title where there is none.
    """

    name: str
    find: Callable[[Study], Iterable[Finding]]
    headline: int | None = None
    gap_answers: bool = False
    answer: Callable[[Study, Finding], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A JSON document of a report: ``model`` is a pydantic model, which publishes its schema.

    ``make`` is given what the report says and when it was made; None: there is nothing to tell.
    """

    model: type[Any]
    make: Callable[[Contents, str | None], Any | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What nobody knows as long as this measurement was not asked for, and how to ask for it.

    Those with the lowest ``order`` are told first. With ``of_process`` it is about the worker
    itself, of no interest where servers do the work.
    """

    title: str
    changes: Mapping[str, object]
    of_process: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a workload does in a call, in the words of whoever wrote the service.

    ``name``: the function with its usual batch size; ``verb``, ``item``: what it does to what;
    ``result``: what comes of an item.
    """

    name: str
    verb: str
    item: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What is known of the answers of a run, as parts of a sentence.

    ``agreement``: how many are those of a reference; ``accuracy``: how many are right, None where
    nobody knows.
    """

    agreement: str
    accuracy: str | None


class Difference(Protocol):
    """What two stored runs differ in beside their figures: two profiles, say."""

    section: ClassVar[str]
    """The key of such differences in the JSON of a comparison."""

    def lines(self, label: str) -> Sequence[str]:
        """For a terminal, at most 100 columns wide; ``label`` says of which row."""

    def markdown(self, label: str) -> str:
        """The same for a pull request."""

    def as_json(self) -> Mapping[str, Any]:
        """All of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that a subject tells of itself.

    Readings to figures:

    - ``supporting``: quantities that are no figures of their own, read for what they say together.
    - ``conclusions``: figures and words of several readings, by the quantity that they rest on;
      asked where that was read, with the measured slices of the whole job.
    - ``figures``: the names of all figures that it can have, in runs of whatever other subject;
      ``*`` stands for what depends on the job. With them a target or a limit on any other name is
      refused before the first job; None: nobody knows them beforehand.

    A run in a table and in a sentence:

    - ``columns``: its figures in the table, most important first; None: its throughput and service
      times where calls were timed, else its first quantities.
    - ``has_room``: whether the columns of the workload may stand beside those of the measurement.
    - ``table_note``: how to read columns that do not explain themselves.
    - ``label``: what its first figure is called in a sentence ("Peak memory").
    - ``method``: how it was measured, in a sentence or two.
    - ``call``: of a workload, what a call does.
    - ``named``, ``reference``: what a workload with these parameters is called, in a few words and
      in full, where the name of its option says too little.
    - ``items_of_a_call``: of a workload, how many items a call is handed, where ``batch_size`` and
      ``texts_per_call`` do not say it.
    - ``unused_axes``: keys among a workload's parameters that make no difference to it.
    - ``quality``: of a workload, what a run read of its answers; None where it read nothing.
    - ``stage_advice``: of a workload, what makes one of its stages quicker, given an answer
      (:class:`embprof.report.study.Answer`) and the stage; None where it knows nothing.

    A study of runs:

    - ``rules``, ``charts``, ``documents`` (by file name): findings, pictures and JSON of a report.
    - ``pictures``: text of files made of one run and its slices, by file name; "" makes no file.
    - ``difference``: what two stored runs of it, given by their folders, differ in beside figures.
    - ``gap``: of a measurement, what is not known without it; ``fills`` names the measurements of
      which it leaves no gap either.

    How its figures are to be taken:

    - ``times_calls``: of a measurement, whether its latencies are those of each call by itself
      (``call_time``), so that rows can be compared in a percentile of them.
    - ``is_timed``: whether other work on the machine changes them (bytes and meaning it does not).
    - ``has_own_protocol``: whether restarts, iterations and precision are its own affair, so that
      advice of the kind "measure longer" is not for it.
    - ``fits_no_scenario``: whether the protocol of a scenario that was made for another measurement
      would spoil it.
    - ``asks_others``: of a workload, whether other processes do the work that is measured.
    """

    supporting: frozenset[str] = frozenset()
    conclusions: Mapping[str, Callable[[Sequence[Slice]], Conclusion]] = field(default_factory=dict)
    figures: frozenset[str] | None = None
    columns: Callable[[Sequence[Run]], Sequence[Column]] | None = None
    has_room: bool = True
    table_note: str = ""
    label: str = ""
    method: str = ""
    call: Call | None = None
    named: Callable[[Mapping[str, Any]], str] | None = None
    reference: Callable[[Mapping[str, Any]], str] | None = None
    items_of_a_call: Callable[[Mapping[str, Any]], int] | None = None
    unused_axes: Callable[[Mapping[str, Any]], Collection[str]] | None = None
    quality: Callable[[Run], Quality | None] | None = None
    stage_advice: Callable[[Answer, str], str | None] | None = None
    rules: tuple[Rule, ...] = ()
    charts: tuple[Callable[[Study], Iterable[Chart]], ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    pictures: Mapping[str, Callable[[Run, Sequence[Slice]], str]] = field(default_factory=dict)
    difference: Callable[[Path, Path], Difference | None] | None = None
    gap: Gap | None = None
    fills: frozenset[str] = frozenset()
    times_calls: bool = True
    is_timed: bool = True
    has_own_protocol: bool = False
    fits_no_scenario: bool = False
    asks_others: bool = False


NOTHING = Account()
"""The account of a subject that tells nothing, or whose package is not there any more."""
