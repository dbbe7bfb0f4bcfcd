"""Under which conditions an answer holds: what was the same in all runs that it rests on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from embprof.config import subject
from embprof.report.change import rate_value, unit_of_length
from embprof.report.study import Answer
from embprof.units import counted, number


def conditions(answers: Sequence[Answer]) -> str:
    """``all-MiniLM-L6-v2, cpu, 2 threads, batch 32, texts of 128 characters (28 tokens each)``.

    What differs between the runs is left out; empty where nothing is known of them.
    """
    if not answers:
        return ""
    told = [tuple(_of(answer)) for answer in answers]
    same = [pair for pair in told[0] if all(pair in others for others in told[1:])]
    return ", ".join(filter(None, [*(text for _, text in same), _tokens(answers)]))


def _of(answer: Answer) -> Iterator[tuple[str, str]]:
    """What each thing is called, and how it is said."""
    config = answer.run.config
    yield "what", subject.label(config)
    yield "device", str(config.get("device") or "")
    if threads := answer.run.description.get("threads") or config.get("threads"):
        yield "threads", counted(int(threads), "thread")
    dtype = (config.get("backend") or {}).get("dtype")
    if dtype not in (None, "float32"):
        yield "dtype", str(dtype)
    if (size := subject.used(config, "batch_size")) is not None:
        yield "batch", f"batch {size}"
    if corpus := _corpus(answer):
        yield "corpus", corpus


def _corpus(answer: Answer) -> str:
    """Its texts, and how long they are."""
    config = answer.run.config
    length = subject.used(config, "text_length")
    if length is None:
        return ""
    corpus = config.get("corpus") or {}
    name = corpus.get("name") or Path(str(corpus.get("path") or "")).name
    which = f"texts of {name}" if name else "synthetic texts"
    if isinstance(length, int):
        return f"{which} of {length} {unit_of_length(answer)}"
    return f"{which}, their own lengths" if length == "own" else f"{which}, lengths {length}"


def _tokens(answers: Sequence[Answer]) -> str:
    """The tokens of a text, or from where to where they go."""
    known = [
        tokens / rate
        for answer in answers
        if (tokens := answer.value("tokens_per_s")) and (rate := rate_value(answer))
    ]
    if not known or len(known) < len(answers):
        return ""
    low, high = number(min(known)), number(max(known))
    return f"{low} tokens each" if low == high else f"{low} to {high} tokens each"
