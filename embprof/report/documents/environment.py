"""What the runs of a study were measured on: what holds for all of them, and what does not."""

from collections.abc import Mapping
from typing import Any

from embprof.config import subject
from embprof.config.references import flatten
from embprof.machine.fingerprint import MODEL_FILES, digest
from embprof.report.study import Answer, Study

NAMES: Mapping[str, str] = {
    "hostname": "host",
    "cpu_model": "processor",
    "cpus": "CPUs usable",
    "cgroup_cpu_quota": "CPU quota",
    "accelerator": "accelerator",
    "architecture": "architecture",
    "memory_mb": "memory in MB",
    "system": "system",
    "kernel": "kernel",
    "governor": "frequency governor",
    "threads": "compute threads",
    "wait_policy": "wait policy",
    "allocator": "allocator",
    "dtype": "type of weights",
    "model": "model",
    "weights_source": "weights from",
    "weights_sha256": "weights sha256",
    "tokenizer_sha256": "tokenizer sha256",
    MODEL_FILES: "models' other files",
    "corpus_sha256": "texts sha256",
    "python": "Python",
    "git_commit": "commit",
    "git_dirty": "uncommitted changes",
}
"""Parts of the environment as people call them, in the order in which they are told."""
SHORT = 16
"""Digits of a hash that are shown."""
PACKAGES = "packages."
VALUES_SHOWN = 6


def system(study: Study) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Values that hold for every run, and those of which there are several; raw, by name."""
    every = _every(study)
    common = {name: values[0] for name, values in every.items() if len(values) == 1}
    return common, {name: values for name, values in every.items() if len(values) > 1}


def lines(study: Study) -> list[tuple[str, str]]:
    """Name and value of each part, the machine first, then libraries; several values in a row."""
    every = _every(study)
    packages = sorted(name for name in every if name.startswith(PACKAGES))
    found = []
    for name in (*NAMES, *packages):
        values = [text for value in every.get(name, []) if (text := _as_text(name, value))]
        more = [f"… {len(values) - VALUES_SHOWN} more"] if len(values) > VALUES_SHOWN else []
        if values:
            label = NAMES.get(name, name.removeprefix(PACKAGES))
            found.append((label, ", ".join(values[:VALUES_SHOWN] + more)))
    return found


def _every(study: Study) -> dict[str, list[Any]]:
    """The values that each part has among the runs, each once."""
    seen: dict[str, list[Any]] = {}
    for answer in (*study.answers, *study.failed):
        for name, value in _values_of(answer).items():
            values = seen.setdefault(name, [])
            if value not in values:
                values.append(value)
    return seen


def _values_of(answer: Answer) -> dict[str, Any]:
    models = subject.models(answer.run.config)
    left_out = {"batch_size", "text_length", "executable", "cpu_flags_sha256"}
    left_out |= set() if models else {"dtype"}
    hard = dict(answer.stored.hard)
    if files := hard.get(MODEL_FILES):
        hard[MODEL_FILES] = digest(files)  # one word for a dozen hashes
    every = {
        **flatten(hard),
        **flatten(dict(answer.stored.soft)),
        "model": ", ".join(models) or None,
        "weights_source": answer.run.description.get("weights_source"),
    }
    return {key: value for key, value in every.items() if key not in left_out}


def _as_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:SHORT] if name.endswith(("sha256", "commit")) else str(value)
