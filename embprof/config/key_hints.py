"""Which key was meant by one that the configuration does not have."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from embprof.config import options
from embprof.config.hints import did_you_mean

GROUPS = ("measurement", "workload", "corpus", "backend")
"""Whose options have keys that the others do not."""
HYDRAS = "_target_"
NAMED = 3
"""Options with a key that are named."""
ALIKE = 0.6
"""How alike the last parts of two keys must be, the groups before them apart."""
OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "batch": ("batch_size",),
    "batchsize": ("batch_size",),
    "bs": ("batch_size",),
    "cpus": ("threads",),
    "cuda": ("device",),
    "default_prompt_name": ("prompt",),
    "dim": ("truncate_dim",),
    "dimension": ("truncate_dim",),
    "dimensions": ("truncate_dim",),
    "dims": ("truncate_dim",),
    "embedding_dim": ("truncate_dim",),
    "epochs": ("iterations",),
    "gpu": ("device",),
    "instruction": ("prompt",),
    "iters": ("iterations",),
    "length": ("text_length",),
    "max_length": ("truncation",),
    "max_seq_length": ("truncation",),
    "max_tokens": ("truncation",),
    "matryoshka_dim": ("truncate_dim",),
    "n": ("iterations",),
    "omp_num_threads": ("threads",),
    "seconds": ("max_seconds",),
    "prefix": ("prompt",),
    "processes": ("restarts",),
    "prompt_name": ("prompt",),
    "prompts": ("prompt",),
    "query_prefix": ("prompt",),
    "repeat": ("restarts",),
    "repetitions": ("restarts",),
    "rows": ("corpus_size", "claims", "texts"),
    "runs": ("restarts",),
    "seq_length": ("text_length",),
    "size": ("batch_size",),
    "timeout": ("time_limit",),
    "tokens": ("truncation",),
    "vectors": ("corpus_size",),
    "workers": ("threads", "concurrency"),
}
"""What other tools call it, and what it is called here: the first that there is."""


def key_hint(line: str, key: str, known: Sequence[str]) -> str:
    """``, did you mean batch_size?``, or which option of a group has the key; empty if none."""
    group, _, last = key.rpartition(".")
    every = [name for name in _with_parents(known) if not name.endswith(HYDRAS)]
    ours = [
        name
        for word in OTHER_WORDS.get(last.lower(), ())
        for name in every
        if name.rpartition(".")[2] == word
    ]
    beside = [name for name in ours if name.rpartition(".")[0] == group]
    same = [name for name in every if name.rpartition(".")[2] == last]
    having = _having(group, last)
    if beside:
        return _meant(beside[0])
    if same and not (group and having):
        return _meant(same[0])
    if having:
        return f"{having}: {_option(having)} {line}" if group else having
    if ours:
        return _meant(ours[0])
    return did_you_mean(key, [name for name in every if _likeness(name, last) >= ALIKE])


def _with_parents(known: Sequence[str]) -> list[str]:
    """The keys, and the mappings that they are in."""
    parts = [name.split(".") for name in known]
    parents = [".".join(one[:at]) for one in parts for at in range(2, len(one))]
    return list(dict.fromkeys([*known, *parents]))


def _having(group: str, last: str) -> str:
    """Which options of the group, or of any, have a key of that name."""
    for one in [group] if group else GROUPS:
        if one in GROUPS and (names := options.having(one, last)):
            named = ", ".join(f"{one}={name}" for name in names[:NAMED])
            if group:
                return f"; {named} {'has' if len(names) == 1 else 'have'} it"
            return f", did you mean {one}.{last} of {named}?"
    return ""


def _option(having: str) -> str:
    """The first of the options that are named there."""
    return having.split()[1].rstrip(",")


def _meant(key: str) -> str:
    return f", did you mean {key}?"


def _likeness(name: str, last: str) -> float:
    return SequenceMatcher(None, name.rpartition(".")[2], last).ratio()
