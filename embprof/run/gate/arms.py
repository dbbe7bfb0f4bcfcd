"""What a gate compares: a row is one question, asked of two arms that differ as was declared."""

import contextlib
import dataclasses
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.config import options, override
from embprof.config.checks import bounds_problems
from embprof.config.plan import Plan, plan
from embprof.config.plugins import ungated
from embprof.errors import RequestError
from embprof.machine import fingerprint, git
from embprof.model import Job, Stored
from embprof.run.gate import trees
from embprof.tracking.baselines import Baselines
from embprof.tracking.places import Places

EXPLICIT = ("a", "b", "a_ref", "b_ref", "a_python", "b_python")
"""Keys of ``against`` that name the arms themselves."""
NOT_OF_GATES = frozenset({"restarts", "iterations", "precision", "max_seconds"})
"""Keys of the protocol that a gate's own takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a row. ``commit`` None is the code in this folder, ``executable`` the Python.

    ``stored`` is the run of a baseline that this arm measures again.
    """

    name: str
    job: Job
    executable: str = sys.executable
    commit: str | None = None
    stored: Stored | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """How the arms differ by intention, the same for every row."""

    overrides: bool
    interpreter: bool
    code: bool

    @property
    def nothing(self) -> bool:
        """Whether this is an A/A trial."""
        return not (self.overrides or self.interpreter or self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One question and its arms."""

    a: Arm
    b: Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """All rows of a gate. ``plan`` has every arm as a job: even numbers are A's, odd ones B's."""

    plan: Plan
    rows: tuple[GateRow, ...]
    declared: Declared
    against: str | None
    notes: tuple[str, ...]

    @property
    def commits(self) -> list[str]:
        """Commits to check out."""
        arms = [arm for row in self.rows for arm in (row.a, row.b)]
        return list(dict.fromkeys(arm.commit for arm in arms if arm.commit is not None))


def asks_for_gate(settings: Mapping[str, Any]) -> bool:
    """Whether a configuration, of a scenario say, is that of a gate."""
    against = settings["against"]
    return against["a_a"] or any(against[name] is not None for name in ("baseline", *EXPLICIT))


def arms(request: Plan, overrides: Sequence[str], places: Places) -> Arms:
    """The rows of a gate; raises RequestError with every problem of the request.

    ``request`` is the plan of the ``overrides``. An arm is planned once more only where it has
    overrides of its own.
    """
    request = dataclasses.replace(request, notes=(*request.notes, *_of_no_use(request)))
    against = request.settings["against"]
    if problems := [*_contradictions(request.settings), *_without_verdict(request)]:
        raise RequestError(problems)
    is_trial = against["a_a"] and against["baseline"] is None
    if is_trial or any(against[name] is not None for name in EXPLICIT):
        return _explicit(overrides, request, against)
    name = against["baseline"] or request.settings["baseline"]
    return _against_baseline(request, name, Baselines(places))


def _contradictions(settings: Mapping[str, Any]) -> Iterator[str]:
    against, bounds = settings["against"], settings["verdict"]
    explicit = any(against[name] is not None for name in EXPLICIT)
    if explicit and against["baseline"] is not None:
        yield "--against goes without --a, --b, --a-ref, --b-ref, --a-python and --b-python"
    yield from bounds_problems(bounds)
    if settings["resume"]:
        yield "resume: a gate is not taken up again; run it anew"


def _without_verdict(request: Plan) -> Iterator[str]:
    """Measurements that no gate can judge."""
    for target in dict.fromkeys(job.config["measurement"]["_target_"] for job in request.jobs):
        if (why := ungated(target)) is not None:
            name = options.name_of("measurement", target) or target
            yield f"measurement={name} cannot be gated: {why}"


def _of_no_use(request: Plan) -> Iterator[str]:
    """Notes on what was given for how long to measure, which a gate decides itself."""
    given = {key for job in request.jobs for key in override.by_key(job.overrides)}
    for key in sorted(given & NOT_OF_GATES):
        yield f"note: {key} changes nothing in a gate; against.max_seconds bounds its time"


def _explicit(overrides: Sequence[str], request: Plan, against: Mapping[str, str | None]) -> Arms:
    problems: dict[str, None] = {}
    planned: dict[str, Plan] = {}
    commits: dict[str, str | None] = {}
    pythons: dict[str, str] = {}
    for arm in ("a", "b"):
        with _collected(problems):
            own = _words(arm, against[arm])
            planned[arm] = plan([*overrides, *own], multirun=request.multirun) if own else request
        with _collected(problems):
            ref = against[f"{arm}_ref"]
            commits[arm] = trees.commit_of(f"--{arm}-ref", ref) if ref else None
        with _collected(problems):
            pythons[arm] = _executable(arm, against[f"{arm}_python"])
    counts = [len(one.jobs) for one in planned.values()]
    if len(set(counts)) > 1:
        problem = f"--a and --b must leave as many rows: A has {counts[0]}, B has {counts[1]}"
        problems[problem] = None
    if problems:
        raise RequestError(list(problems))
    sides = {
        arm: [
            Arm(name=arm, job=job, executable=pythons[arm], commit=commits[arm])
            for job in planned[arm].jobs
        ]
        for arm in ("a", "b")
    }
    differs = any(
        a.config != b.config for a, b in zip(planned["a"].jobs, planned["b"].jobs, strict=True)
    )
    declared = Declared(
        overrides=differs,
        interpreter=pythons["a"] != pythons["b"],
        code=commits["a"] != commits["b"],
    )
    notes = [*request.notes, *planned["a"].notes, *planned["b"].notes]
    return _arms(planned, sides, declared, against=None, notes=notes)


def _against_baseline(request: Plan, name: str | None, baselines: Baselines) -> Arms:
    baseline = baselines.get(name) if name is not None else None
    if name is None or baseline is None:
        known = ", ".join(baselines.names()) or "none"
        problem = f"there is no baseline {name or ''} to gate against (there are: {known})"
        hint = "set one with embprof baseline set last, or name both arms with --a and --b"
        raise RequestError([f"{problem}: {hint}"])
    problems: dict[str, None] = {}
    sides: dict[str, list[Arm]] = {"a": [], "b": []}
    notes = dict.fromkeys(request.notes)
    for job in request.jobs:
        stored = baseline.newest_of(job.key)
        if stored is None:
            what = " ".join(job.overrides) or "the default job"
            problem = (
                f"baseline {name} has no answer to this question: {what}; two configurations are "
                "gated with --a 'key=value' --b 'key=value'"
            )
            problems[problem] = None
            continue
        with _collected(problems):
            commit, note = _code_of(stored, name)
            notes.update(dict.fromkeys(note))
            sides["a"].append(Arm(name="a", job=job, commit=commit, stored=stored))
            sides["b"].append(Arm(name="b", job=job))
    if problems:
        raise RequestError(list(problems))
    declared = Declared(
        overrides=False, interpreter=False, code=any(arm.commit for arm in sides["a"])
    )
    return _arms({"a": request, "b": request}, sides, declared, against=name, notes=list(notes))


def _code_of(stored: Stored, name: str) -> tuple[str | None, list[str]]:
    """The commit to check out for a baseline's code, if it is not what lies here; and notes."""
    notes = []
    before, now = stored.soft.get("packages", {}), _packages_now()
    changed = [
        f"{package} {before[package]} -> {now[package]}"
        for package in now
        if package in before and before[package] != now[package]
    ]
    if changed:
        notes.append(
            f"note: since {name} was measured: {', '.join(changed)}; both arms run the new ones "
            "(--a-python gives arm A an environment of its own)"
        )
    commit = stored.soft.get("git_commit")
    here = git.state()
    is_here = here.get("git_commit") == commit and not here.get("git_dirty")
    if commit is None or is_here:
        return None, notes
    return trees.commit_of(f"the commit of baseline {name},", str(commit)), notes


def _packages_now() -> Mapping[str, str | None]:
    packages: Mapping[str, str | None] = fingerprint.soft()["packages"]
    return {name: packages[name] for name in packages if name not in ("embprof", "mlflow")}


def _arms(
    planned: Mapping[str, Plan],
    sides: Mapping[str, Sequence[Arm]],
    declared: Declared,
    *,
    against: str | None,
    notes: Sequence[str],
) -> Arms:
    rows = []
    for number, (a, b) in enumerate(zip(sides["a"], sides["b"], strict=True)):
        skip = a.job.skip or b.job.skip  # without one arm the other is of no use
        a_job = dataclasses.replace(a.job, number=2 * number, skip=skip)
        b_job = dataclasses.replace(b.job, number=2 * number + 1, skip=skip)
        rows.append(
            GateRow(a=dataclasses.replace(a, job=a_job), b=dataclasses.replace(b, job=b_job))
        )
    jobs = tuple(arm.job for row in rows for arm in (row.a, row.b))
    together = dataclasses.replace(
        planned["b"],
        jobs=jobs,
        weights={**planned["a"].weights, **planned["b"].weights},
        notes=tuple(dict.fromkeys(notes)),
    )
    return Arms(
        plan=together, rows=tuple(rows), declared=declared, against=against, notes=together.notes
    )


@contextlib.contextmanager
def _collected(problems: dict[str, None]) -> Iterator[None]:
    """Keeps the problems that are raised, so that one attempt shows them all."""
    try:
        yield
    except RequestError as error:
        problems.update(dict.fromkeys(error.problems))


def _words(arm: str, overrides: str | None) -> list[str]:
    try:
        return shlex.split(overrides or "")
    except ValueError as error:
        raise RequestError([f"--{arm} {overrides}: {error}"]) from None


def _executable(arm: str, given: str | None) -> str:
    """The interpreter's path: a Python, or the folder of a virtual environment."""
    if given is None:
        return sys.executable
    path = Path(given).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    if not path.is_file():
        raise RequestError([f"--{arm}-python {given}: there is no interpreter {path}"])
    return str(path.absolute())  # a virtual environment's Python is a link that must stay one
