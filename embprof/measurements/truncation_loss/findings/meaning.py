"""What a run of truncation_loss says, in words, and which runs of speed it belongs to."""

from __future__ import annotations

from typing import Any

from embprof.config.question import question
from embprof.machine.fingerprint import digest
from embprof.report.study import Answer
from embprof.units import percent

DEPENDS_ON = ("model.", "corpus.", "text_length", "truncation", "backend.dtype")
"""Keys on which a loss depends: neither the machine nor the batch size is one."""
HASHES = ("weights_sha256", "tokenizer_sha256", "corpus_sha256")


def subject(answer: Answer) -> str:
    """What is embedded, and how: all that a loss of meaning depends on."""
    asked: dict[str, Any] = {
        key: value for key, value in question(answer.run).items() if key.startswith(DEPENDS_ON)
    }
    return digest({**asked, **{name: answer.stored.hard.get(name) for name in HASHES}})


def lost(loss: Answer) -> str:
    """The loss with its intervals: neighbours first, then the cosine, then what was cut."""
    cosine, low = loss.run.figure("cosine_to_full"), loss.value("cosine_to_full_p05")
    texts = cosine.estimate.n if cosine is not None and cosine.estimate is not None else 0
    said = [f"another nearest neighbour for {changed(loss)} of {texts:,} texts ({loss.label})"]
    if cosine is not None and cosine.estimate is not None:
        tail = "" if low is None else f", p05 {low:.3f}"
        bounds = ""
        if cosine.estimate.low is not None and cosine.estimate.high is not None:
            bounds = f" ({cosine.estimate.low:.4f} to {cosine.estimate.high:.4f})"
        said.append(f"cosine to the full embedding {cosine.estimate.value:.4f}{bounds}{tail}")
    shares = [(loss.value("texts_cut_percent"), "of texts cut")]
    shares.append((loss.value("tokens_kept_percent"), "of tokens kept"))
    said += [f"{share:.1f} % {what}" for share, what in shares if share is not None]
    return ", ".join(said)


def changed(loss: Answer) -> str:
    """``18 % (14.6 to 22.0 %)``: the share of texts that get another nearest neighbour."""
    figure = loss.run.figure("neighbour_changed_percent")
    if figure is None or figure.estimate is None:
        return "an unknown share"
    one = figure.estimate
    said = percent(one.value / 100)
    if one.low is None or one.high is None:
        return said
    return f"{said} ({one.low:.1f} to {one.high:.1f} %)"


def means_nothing(answer: Answer) -> bool:
    """Whether its weights or its texts are random, so that no quality can be read."""
    config = answer.run.config
    return bool(
        config["model"]["weights"] == "random"
        or config["corpus"]["_target_"].endswith(".Synthetic")
    )


def is_shipped(answer: Answer) -> bool:
    """Whether its texts came with embprof, and so are not the user's own."""
    return str(answer.run.config["corpus"]["_target_"]).startswith("embprof.corpora.builtin.")
