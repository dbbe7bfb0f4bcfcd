"""The pipelines of docs/how-to/ci, as files: what they may do, and that their scripts are sound.

tests/integration/test_ci_workflows.py runs them.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "docs" / "how-to" / "ci"
GITHUB, GITLAB = (
    yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    for name in ("github-actions.yml", "gitlab-ci.yml")
)
MEASURING = ("gate", "measure")


def _scripts() -> Iterator[tuple[str, str]]:
    """Every script that a shell gets, under the name of its job."""
    for name, job in GITHUB["jobs"].items():
        for step in job["steps"]:
            if "run" in step:
                yield f"github {name}: {step['name']}", step["run"]
    for name, job in GITLAB.items():
        for key in {"before_script", "script"} & set(job):
            yield f"gitlab {name}: {key}", "\n".join(job[key])


SCRIPTS = dict(_scripts())


def merged(name: str) -> dict[str, Any]:
    """A job of GitLab's with what it extends."""
    return {**GITLAB[GITLAB[name]["extends"]], **GITLAB[name]}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_script_is_one_that_bash_can_parse(script: str) -> None:
    words = ("bash", "-n", "-c", script)
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_scripts_take_what_differs_from_variables_alone(script: str) -> None:
    """An expression inside a script would let the name of a branch be run as a command."""
    assert "${{" not in script


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_variable_of_ours_in_a_script_is_defined_at_the_top(script: str) -> None:
    assert set(re.findall(r"\bEMBPROF_\w+", script)) <= set(GITHUB["env"])


def test_both_pipelines_have_the_same_variables_and_defaults() -> None:
    assert GITHUB["env"] == {**GITLAB["variables"], "EMBPROF_UNCLEAR": "warn"}


def test_embprof_is_installed_with_its_constraints() -> None:
    installing = [script for script in SCRIPTS.values() if "pip install" in script]
    assert len(installing) == 3
    for script in installing:
        assert '-m pip install -c constraints.txt "$EMBPROF_INSTALL"' in script


def test_only_the_job_that_runs_nothing_of_the_repository_may_write() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    may_write = [name for name, job in GITHUB["jobs"].items() if "permissions" in job]
    assert may_write == ["chart"]
    assert all("run" not in step for step in GITHUB["jobs"]["chart"]["steps"])
    for name in MEASURING:
        assert GITHUB["jobs"][name]["steps"][0]["with"]["persist-credentials"] is False


def test_every_action_is_named_by_its_major_version() -> None:
    used = [
        step["uses"] for job in GITHUB["jobs"].values() for step in job["steps"] if "uses" in step
    ]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", name)] == []


def test_measuring_jobs_wait_for_each_other_and_end_some_time() -> None:
    gate, measure = (GITHUB["jobs"][name] for name in MEASURING)
    assert gate["concurrency"] == measure["concurrency"]
    assert {gate["timeout-minutes"], measure["timeout-minutes"]} == {45}
    for name in MEASURING:
        assert merged(name)["resource_group"] == "embprof"
        assert merged(name)["timeout"] == "45 minutes"


def test_the_gate_has_the_history_it_needs() -> None:
    assert GITHUB["jobs"]["gate"]["steps"][0]["with"]["fetch-depth"] == 0
    assert merged("gate")["variables"]["GIT_DEPTH"] == "0"


@pytest.mark.parametrize("name", MEASURING)
def test_sweeps_are_kept_however_a_job_ends(name: str) -> None:
    upload = GITHUB["jobs"][name]["steps"][-1]
    assert upload["if"] == "always()"
    assert "mlruns/sweeps" in upload["with"]["path"].split()
    assert merged(name)["artifacts"]["when"] == "always"
    assert "mlruns/sweeps" in merged(name)["artifacts"]["paths"]


def test_on_gitlab_4_alone_is_a_failure_that_lets_the_pipeline_pass() -> None:
    for name in MEASURING:
        assert merged(name)["allow_failure"] == {"exit_codes": [4]}
