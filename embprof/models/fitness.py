"""Whether a saved model is of the kind that a workload runs: one that embeds, one that judges.

Libraries load nearly anything as anything, with a warning and random numbers where weights are
missing: a cross-encoder embeds then, and means nothing by it. Which kind a model is stands in its
files.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from embprof.corpora.labels import LABELS
from embprof.models.saved_model import SavedModel

EMBED, JUDGE = TASKS = ("embed", "judge")
"""Texts to vectors; pairs of texts to logits of three labels."""
EMBEDS = "SentenceTransformer"
JUDGES = "CrossEncoder"
CLASSIFIER = "ForSequenceClassification"
"""How the class of transformers ends that gives a number for each label."""
USUAL_LABELS = 2
"""How many labels a classifier has that does not say. Source: transformers, PretrainedConfig."""
OF_LABELS = ("id2label", "num_labels")
"""Keys of a configuration that speak for a classifier where it names no architecture."""
SPARSE = frozenset({"SpladePooling", "SparseStaticEmbedding", "SparseAutoEncoder", "CSRSparsity"})
BESIDE_TEXT = ("vision_config", "audio_config")
"""Keys of networks that read pictures or sounds too, and need what prepares those to be loaded."""
AS_CROSS_ENCODER = "a workload that judges pairs takes it, as cross_encoder="
AS_MODEL = "a workload that embeds texts takes it, as model="


def problems(saved: SavedModel, task: str, *, weights: str, key: str, name: str) -> Iterator[str]:
    """Why this model cannot do that task, each with a way on."""
    if weights == "random" and not saved.is_network:
        yield (
            f"{key}.weights=random: {name} has no network of transformers whose weights could be "
            f"drawn ({', '.join(saved.kinds)}); use {key}.weights=pretrained"
        )
        return
    why = _no_embedder(saved) if task == EMBED else _no_judge(saved, weights)
    if why is not None:
        yield f"{key}.name={name}: {why}"


def wrong_labels(count: int) -> str | None:
    """Why so many labels are not those of NLI; None for the right number."""
    if count == len(LABELS):
        return None
    return f"has {count} labels, and NLI has {len(LABELS)}: {', '.join(LABELS)}"


def _no_embedder(saved: SavedModel) -> str | None:
    kind = saved.settings.get("model_type", EMBEDS)
    if kind == JUDGES or "LogitScore" in saved.kinds:
        return f"is a cross-encoder; {AS_CROSS_ENCODER}"
    if not saved.modules and saved.architecture.endswith(CLASSIFIER):
        return (
            f"is a cross-encoder or another classifier ({saved.architecture}); {AS_CROSS_ENCODER}"
        )
    what = _no_dense_vector(saved, kind)
    return None if what is None else f"{what}; take a model of texts with one dense vector each"


def _no_dense_vector(saved: SavedModel, kind: str) -> str | None:
    """What the model gives instead."""
    if "BoW" in saved.kinds:
        return "counts the words of a list (BoW) and has no tokens to measure it by"
    if "CLIPModel" in saved.kinds or any(saved.config.get(key) is not None for key in BESIDE_TEXT):
        return f"reads more than texts ({saved.config.get('model_type', 'CLIPModel')})"
    if kind == "SparseEncoder" or SPARSE.intersection(saved.kinds):
        return "is a sparse encoder, one number for each word of a vocabulary"
    if kind != EMBEDS or "ColBERT" in saved.architecture:
        named = saved.architecture if kind == EMBEDS else kind
        return f"gives several vectors for a text, or none ({named})"
    return None


def _no_judge(saved: SavedModel, weights: str) -> str | None:
    kind = saved.settings.get("model_type")
    if saved.modules and kind != JUDGES:
        return f"is no cross-encoder ({', '.join(saved.kinds)}); {AS_MODEL}"
    if weights == "random":  # the network alone is built, with three labels
        return None
    if "LogitScore" in saved.kinds or saved.architecture.endswith("ForCausalLM"):
        return wrong_labels(1)
    if len(saved.kinds) > 1:  # a head of its own: how many numbers it gives is seen when loaded
        return None
    says_labels = not saved.architecture and any(key in saved.config for key in OF_LABELS)
    if not says_labels and not saved.architecture.endswith(CLASSIFIER):
        return f"is no classifier ({saved.architecture or 'it names no architecture'}); {AS_MODEL}"
    return wrong_labels(_labels(saved.config))


def _labels(config: Mapping[str, Any]) -> int:
    names, number = config.get("id2label"), config.get("num_labels")
    if isinstance(names, Mapping):
        return len(names)
    return number if isinstance(number, int) else USUAL_LABELS
