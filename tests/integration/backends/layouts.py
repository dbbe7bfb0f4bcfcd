"""Small models with random weights, in the layouts that sentence-transformers saves."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from embprof.models.weights import bert_tokenizer_folder

PROMPT = "query of the day: "
SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 600,
}


def word_pieces() -> Any:
    """The packaged vocabulary, BERT's."""
    return AutoTokenizer.from_pretrained(str(bert_tokenizer_folder()))


def byte_pairs(corpus: Sequence[str]) -> Any:
    """A tokeniser as decoders have it: bytes, padding on the left, an end behind each text."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<pad>", "<end>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(corpus, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="$A <end>", pair="$A <end> $B <end>", special_tokens=[("<end>", 1)]
    )
    fast: Any = PreTrainedTokenizerFast
    return fast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="<end>",
        padding_side="left",
        model_max_length=64,
    )


def save(
    folder: Path,
    tokenizer: Any,
    *,
    kind: str = "bert",
    pooling: Any = "mean",
    include_prompt: bool = True,
    prompted: bool = False,
    after: Sequence[torch.nn.Module] = (),
    **settings: Any,
) -> Path:
    """A model of that architecture of transformers, with pooling and further modules."""
    torch.manual_seed(3)
    more = {"num_key_value_heads": 2} if kind == "qwen2" else {}
    shape = {**SHAPE, **more, "vocab_size": len(tokenizer) + 8, "pad_token_id": 0}
    networks: Any = AutoModel
    network = networks.from_config(AutoConfig.for_model(kind, **shape)).eval()
    network.save_pretrained(folder / "network")
    tokenizer.save_pretrained(folder / "network")
    first = Transformer(str(folder / "network"))
    pooled = Pooling(32, pooling_mode=pooling, include_prompt=include_prompt)
    prompts: dict[str, Any] = {}
    if prompted:
        prompts = {"prompts": {"query": PROMPT}, "default_prompt_name": "query"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SentenceTransformer(modules=[first, pooled, *after], **prompts, **settings)
        model.save(str(folder / "saved"), create_model_card=False)
    return folder / "saved"


def dense(out: int) -> list[torch.nn.Module]:
    """A projection and its length made 1."""
    torch.manual_seed(4)
    return [Dense(32, out), Normalize()]
