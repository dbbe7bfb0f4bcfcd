"""What is written of a sweep before its first job: what the user set, and which jobs that makes."""

from collections.abc import Sequence
from typing import Any

from embprof.config import override
from embprof.config.plan import Plan
from embprof.config.question import axes, without_protocol
from embprof.machine import git
from embprof.masking import masked, masked_override
from embprof.tracking.sweep_folder import KIND
from embprof.units import utc_now


def request(sweep_id: str, plan: Plan, overrides: Sequence[str], *, kind: str) -> dict[str, Any]:
    """The content of ``sweep.json`` at its beginning."""
    settings = plan.settings
    shown = [masked_override(line) for line in overrides]
    keys = axes(plan.jobs)
    what = "gate " if kind != "sweep" else ""
    question = masked(settings["question"])
    return {
        "sweep_id": sweep_id,
        KIND: kind,
        "started": utc_now(),
        "ended": None,
        "status": None,
        "name": f"{what}{_subject(shown, keys)} {sweep_id}",
        "question": question,
        "experiment": settings["tracking"]["experiment"],
        "params": {
            "jobs": len(plan.jobs),
            "axes": " ".join(keys),
            "overrides": " ".join(shown),
        },
        "tags": {**git.tags(), **({} if question is None else {"embprof.question": question})},
        "jobs": [
            {
                "number": job.number,
                "overrides": list(job.overrides),
                "key": job.key,
                "environment": job.environment,
                "measurement": job.config["measurement"]["_target_"],
                "skip": job.skip,
            }
            for job in plan.jobs
        ],
        "overrides": shown,
        "multirun": plan.multirun,
    }


def _subject(overrides: Sequence[str], keys: Sequence[str]) -> str:
    """What a sweep is about, in a word or two: scenario, else its axes, else what the user set."""
    scenario = override.by_key(overrides).get("experiment")
    chosen = scenario.text if scenario is not None else ""
    return chosen or "×".join(keys) or " ".join(without_protocol(overrides)) or "job"
