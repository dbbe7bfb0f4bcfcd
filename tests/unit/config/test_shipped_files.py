"""Every YAML that comes with embprof is composed and found valid."""

import copy
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from embprof.config.checks import combination_problems, schema_problems, time_problems
from embprof.config.compose import compose
from embprof.config.composition import ComposedJob
from embprof.config.folders import shipped
from embprof.config.plugins import plugin_problems
from embprof.config.references import missing, resolve

GROUPS = ("model", "cross_encoder", "corpus", "backend", "workload", "measurement")
OPTIONS = [
    (group, file.stem) for group in GROUPS for file in sorted((shipped("conf") / group).glob("*"))
]
SCENARIOS = sorted(shipped("experiments").glob("*.yaml"))
TO_BE_GIVEN: dict[tuple[str, str], dict[str, Any]] = {
    ("model", "any"): {"name": "owner/name"},
    ("cross_encoder", "any"): {"name": "owner/name"},
    ("corpus", "file"): {"path": "texts.txt"},
    ("workload", "callable"): {"function": "embprof.examples.sequential:Sequential"},
    ("workload", "http"): {"url": "http://localhost:8080"},
    ("measurement", "capacity"): {"latency_target_ms": 100},
}
TOGETHER = ("model", "cross_encoder", "corpus", "backend", "measurement")
"""Groups whose options are composed a row at a time; a workload stands alone."""
GOES_WITH = {("measurement", "truncation_loss"): {"corpus": "evidence"}}
"""Options that the defaults of another group would not do for."""


def problems(composed: dict[str, Any]) -> list[str]:
    """As a plan checks a job, but for weights and files."""
    config = resolve(composed)
    found = [*missing(config), *schema_problems(config)]
    return found or [
        *combination_problems(config),
        *time_problems(config),
        *plugin_problems(config),
    ]


@pytest.fixture(scope="module")
def jobs() -> dict[tuple[str, str], ComposedJob]:
    """A job with each option; one job has an option of many groups, as composing takes long."""
    found = {}
    options = {group: [option for of, option in OPTIONS if of == group] for group in GROUPS}
    rows = list(itertools.zip_longest(*(options[group] for group in TOGETHER)))
    every = [[pair for pair in zip(TOGETHER, row, strict=True) if pair[1]] for row in rows]
    every += [[("workload", option)] for option in options["workload"]]
    for chosen in every:
        words = dict(chosen)
        for pair in chosen:
            words |= GOES_WITH.get(pair, {})
        composition = compose([f"{group}={option}" for group, option in words.items()])
        assert composition.problems == []
        found.update(dict.fromkeys(chosen, composition.jobs[0]))
    return found


def test_options_of_every_group_and_scenarios_were_found() -> None:
    assert {group for group, _ in OPTIONS} == set(GROUPS)
    assert len(SCENARIOS) >= 6


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_of_a_group_is_valid(
    jobs: dict[tuple[str, str], ComposedJob], group: str, option: str
) -> None:
    config = copy.deepcopy(jobs[group, option].config)
    for (of, chosen), given in TO_BE_GIVEN.items():
        if jobs[of, chosen] is jobs[group, option]:
            assert {f"{of}.{key}" for key in given} <= set(missing(config))
            config[of].update(given)
    assert problems(config) == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_every_scenario_is_a_valid_request_with_a_question(file: Path) -> None:
    composition = compose([f"experiment={file.stem}"])
    assert composition.problems == []
    assert composition.jobs
    assert {line for job in composition.jobs for line in problems(job.config)} == set()
    assert {job.config["question"].endswith((")", "?")) for job in composition.jobs} == {True}


@pytest.mark.parametrize(
    "file",
    sorted(shipped("conf").rglob("*.yaml")),
    ids=lambda file: f"{file.parent.name}/{file.stem}",
)
def test_every_configuration_file_says_at_its_top_what_it_is(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if "@package" not in line]
    assert re.match(r"# \S", lines[0])
