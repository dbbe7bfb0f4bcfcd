"""What a run of truncation_loss says, in words, and which runs of speed it belongs to."""

from typing import Any

from embprof.config.question import question
from embprof.machine.fingerprint import MODEL_FILES, digest
from embprof.report import phrases
from embprof.report.study import Answer
from embprof.units import percent

DEPENDS_ON = ("model.", "corpus.", "text_length", "truncation", "backend.dtype")
"""Keys on which a loss depends: neither the machine nor the batch size is one."""
HASHES = ("weights_sha256", "tokenizer_sha256", MODEL_FILES, "corpus_sha256")


def subject(answer: Answer) -> str:
    """What is embedded, and how: all that a loss of meaning depends on."""
    settings: dict[str, Any] = {
        key: value for key, value in question(answer.run).items() if key.startswith(DEPENDS_ON)
    }
    return digest({**settings, **{name: answer.stored.hard.get(name) for name in HASHES}})


def loss_line(loss: Answer) -> str:
    """The loss with its intervals: neighbours first, then the cosine, then what was cut."""
    cosine, low = loss.estimate("cosine_to_full"), loss.value("cosine_to_full_p05")
    texts = 0 if cosine is None else cosine.n
    losses = [
        f"another nearest neighbour for {changed_share(loss)} of {texts:,} texts ({loss.label})"
    ]
    if cosine is not None:
        tail = "" if low is None else f", p05 {low:.3f}"
        interval = phrases.between(cosine, ".4f", unit="")
        losses.append(f"cosine to the full embedding {cosine.value:.4f}{interval}{tail}")
    shares = [(loss.value("texts_cut_percent"), "of texts cut")]
    shares.append((loss.value("tokens_kept_percent"), "of tokens kept"))
    losses += [f"{share:.1f} % {what}" for share, what in shares if share is not None]
    return ", ".join(losses)


def changed_share(loss: Answer) -> str:
    """``18 % (14.6 to 22.0 %)``: the share of texts that get another nearest neighbour."""
    share = loss.estimate("neighbour_changed_percent")
    if share is None:
        return "an unknown share"
    return f"{percent(share.value / 100)}{phrases.between(share, '.1f')}"


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
