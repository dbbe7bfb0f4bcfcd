"""What a folder lacks to be a model, what it is for, whose code it brings: said from its files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.models import fitness, foreign_code
from embprof.models.saved_model import Module, NoModelError, SavedModel, read

OURS = "sentence_transformers.models"
Change = Callable[[Path], object]


def put(folder: Path, name: str, content: Any) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def list_modules(folder: Path, *modules: tuple[str, str]) -> None:
    listed = [{"path": path, "type": kind} for path, kind in modules]
    put(folder, "modules.json", listed)


def shards(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    put(folder, "model.safetensors.index.json", {"weight_map": {"a": "model-1-of-2.safetensors"}})


def adapter(folder: Path) -> None:
    (folder / "config.json").unlink()
    put(folder, "adapter_config.json", {"base_model_name_or_path": "owner/base"})


def only_readme(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    put(folder, "README.md", b"words")


def emptied(folder: Path) -> None:
    only_readme(folder)
    (folder / "README.md").unlink()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
SHORT = json.dumps({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}).encode()
DAMAGE: dict[str, Change] = {
    "is empty": emptied,
    "is no saved model: it has no config.json, only README.md": only_readme,
    "has a config.json that is no JSON: ": lambda at: put(at, "config.json", b"{"),
    "has a config.json that is no mapping": lambda at: put(at, "config.json", []),
    "has no weights: there is no model.safetensors and no pytorch_model.bin": lambda at: (
        at / "model.safetensors"
    ).unlink(),
    "has a model.safetensors that is empty": lambda at: put(at, "model.safetensors", b""),
    "has a model.safetensors that holds no weights: it is a pointer of Git LFS": lambda at: put(
        at, "model.safetensors", POINTER
    ),
    "has a config.json that is no JSON: it is a pointer of Git LFS": lambda at: put(
        at, "config.json", POINTER
    ),
    "has a model.safetensors that is cut short": lambda at: put(
        at, "model.safetensors", len(SHORT).to_bytes(8, "little") + SHORT + bytes(20)
    ),
    "model.safetensors.index.json: names model-1-of-2.safetensors, which is not there": shards,
    "is an adapter of owner/base, which needs the package peft": adapter,
    "is an adapter of owner/b, which needs the package peft": lambda at: put(
        at, "adapter_config.json", {"base_model_name_or_path": "owner/b"}
    ),
    "has no tokenizer": lambda at: (at / "tokenizer.json").unlink(),
    "has a modules.json that lists no module": lambda at: put(at, "modules.json", []),
    "has a modules.json that leads out of its folder: ../x": lambda at: list_modules(
        at, ("../x", f"{OURS}.Transformer")
    ),
    "it has no 0_Transformer/config.json": lambda at: list_modules(
        at, ("0_Transformer", f"{OURS}.Transformer")
    ),
    "lacks pool/config.json": lambda at: list_modules(
        at, ("", f"{OURS}.Transformer"), ("pool", f"{OURS}.Pooling")
    ),
    "has no weights: there is no model.safetensors and no pytorch_model.bin (in 0_Static)": (
        lambda at: list_modules(at, ("0_Static", f"{OURS}.StaticEmbedding"))
    ),
}


@pytest.mark.parametrize("said", DAMAGE)
def test_what_a_folder_lacks_is_said_before_it_is_loaded(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr("embprof.models.saved_model.find_spec", lambda _: None)
    DAMAGE[said](model_folder)
    with pytest.raises(NoModelError) as caught:
        read(model_folder)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "is an adapter without weights: it has no adapter_model.safetensors"),
        (("adapter_model.bin", "config.json"), "remove the config.json"),
        (("adapter_model.safetensors",), None),
        (("adapter_model.safetensors", "config.json", "model.safetensors"), None),
    ],
)
def test_an_adapter_is_taken_where_peft_reads_it(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], said: str | None
) -> None:
    monkeypatch.setattr("embprof.models.saved_model.find_spec", lambda _: object())
    weights = (model_folder / "model.safetensors").read_bytes()
    adapter(model_folder)
    (model_folder / "model.safetensors").unlink()
    for name in files:
        put(model_folder, name, {} if name == "config.json" else weights)
    if said is None:
        assert read(model_folder).base == "owner/base"
        return
    with pytest.raises(NoModelError, match=said):
        read(model_folder)


def test_a_file_is_no_folder_of_a_model(model_folder: Path) -> None:
    with pytest.raises(NoModelError, match="is a file; give the folder"):
        read(model_folder / "config.json")


def test_folders_are_called_what_the_list_of_modules_says(model_folder: Path) -> None:
    inside = model_folder / "network"
    inside.mkdir()
    for file in [one for one in model_folder.iterdir() if one.is_file()]:
        file.rename(inside / file.name)
    put(model_folder, "how it pools/config.json", {})
    list_modules(
        model_folder, ("network", f"{OURS}.Transformer"), ("how it pools", f"{OURS}.Pooling")
    )
    saved = read(model_folder)
    assert (saved.first, saved.config, saved.assumed_pooling) == (
        inside,
        {"model_type": "bert"},
        None,
    )


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({}, "mean"),
        ({"architectures": ["BertModel"]}, "mean"),
        ({"architectures": ["LlamaForCausalLM"]}, "lasttoken"),
        ({"architectures": ["LlamaForCausalLM"], "is_causal": False}, "mean"),
    ],
)
def test_a_network_without_modules_pools_as_the_library_assumes(
    model_folder: Path, config: dict[str, Any], pooling: str
) -> None:
    put(model_folder, "config.json", config)
    assert read(model_folder).assumed_pooling == pooling


CLASSIFIER = {"model_type": "bert", "architectures": ["BertForSequenceClassification"]}
THREE = {"0": "a", "1": "b", "2": "c"}


def saved(
    config: dict[str, Any] | None = None, kinds: tuple[str, ...] = (), model_type: str | None = None
) -> SavedModel:
    return SavedModel(
        folder=Path(),
        modules=tuple(Module(target=f"{OURS}.{kind}", folder=Path()) for kind in kinds),
        settings={} if model_type is None else {"model_type": model_type},
        config={"model_type": "bert", "architectures": ["BertModel"]} if config is None else config,
    )


EMBEDDER = saved(kinds=("Transformer", "Pooling"))
UNFIT: list[tuple[str, SavedModel, str, str]] = [
    ("embed", saved(CLASSIFIER), "pretrained", "is a cross-encoder or another classifier"),
    ("embed", saved(kinds=("Transformer",), model_type="CrossEncoder"), "random", "cross_encoder="),
    ("embed", saved(kinds=("MLMTransformer", "SpladePooling")), "pretrained", "sparse encoder"),
    (
        "embed",
        saved(kinds=("Transformer",), model_type="SparseEncoder"),
        "random",
        "sparse encoder",
    ),
    (
        "embed",
        saved(kinds=("Transformer",), model_type="ColBERT"),
        "random",
        "several vectors for a text",
    ),
    ("embed", saved({"architectures": ["HF_ColBERT"]}), "pretrained", "several vectors for a text"),
    ("embed", saved({"model_type": "clip", "vision_config": {}}), "pretrained", "more than texts"),
    ("embed", saved(kinds=("CLIPModel",)), "pretrained", "more than texts"),
    ("embed", saved(kinds=("BoW",)), "pretrained", "no tokens"),
    ("embed", saved({}, ("StaticEmbedding",)), "random", "model.weights=random: "),
    ("judge", EMBEDDER, "random", "is no cross-encoder (Transformer, Pooling)"),
    ("judge", saved(), "pretrained", "is no classifier (BertModel)"),
    ("judge", saved({"model_type": "bert"}), "pretrained", "it names no architecture"),
    ("judge", saved({"id2label": {"0": "a"}}), "pretrained", "has 1 labels"),
    ("judge", saved(CLASSIFIER), "pretrained", "has 2 labels, and NLI has 3"),
    ("judge", saved(CLASSIFIER | {"id2label": {"0": "a"}}), "pretrained", "has 1 labels"),
    ("judge", saved({"architectures": ["XForCausalLM"]}), "pretrained", "has 1 labels"),
]


@pytest.mark.parametrize(("task", "model", "weights", "said"), UNFIT)
def test_a_model_of_another_kind_is_refused_with_a_way_on(
    task: str, model: SavedModel, weights: str, said: str
) -> None:
    (problem,) = fitness.problems(model, task, weights=weights, key="model", name="x")
    assert said in problem


@pytest.mark.parametrize(
    ("task", "model", "weights"),
    [
        ("embed", EMBEDDER, "random"),
        ("embed", saved(), "pretrained"),
        ("embed", saved({}, ("StaticEmbedding", "Normalize")), "pretrained"),
        ("embed", saved({}, ("Router",)), "pretrained"),
        ("embed", saved({"vision_config": None}), "pretrained"),
        ("judge", saved(CLASSIFIER | {"id2label": THREE}), "pretrained"),
        ("judge", saved({"model_type": "bert", "id2label": THREE}), "pretrained"),
        (
            "judge",
            saved(CLASSIFIER | {"id2label": THREE}, ("Transformer",), "CrossEncoder"),
            "random",
        ),
        ("judge", saved(), "random"),
    ],
)
def test_a_model_of_the_kind_is_not(task: str, model: SavedModel, weights: str) -> None:
    assert list(fitness.problems(model, task, weights=weights, key="model", name="x")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"auto_map": {"AutoModel": "net.Net"}}, "brings code of its own (net.Net)"),
        (
            {
                "model_type": "mine",
                "auto_map": {"AutoConfig": "a/b--conf.C", "AutoModel": "net.Net"},
            },
            "brings code of its own (a/b--conf.C and 1 more)",
        ),
        ({"auto_map": {"AutoModelForCausalLM": "net.Net"}}, None),
        ({"model_type": "nobodys"}, "has the model_type nobodys, which transformers "),
        ({"model_type": None}, "has no model_type"),
    ],
)
def test_code_of_a_model_runs_only_where_that_is_allowed(
    model_folder: Path, change: dict[str, Any], said: str | None
) -> None:
    put(model_folder, "config.json", {"model_type": "bert"} | change)
    found = read(model_folder)
    problems = list(foreign_code.problems(found, is_trusted=False, key="model", name="x"))
    assert len(problems) == (said is not None)
    assert said is None or said in problems[0]
    if foreign_code.references(found):
        assert list(foreign_code.problems(found, is_trusted=True, key="model", name="x")) == []


JINA = {"AutoConfig": "jina/x--c.JinaBertConfig", "AutoModel": "jina/x--m.JinaBertModel"}
NOMIC = {"AutoConfig": "nomic/x--c.NomicBertConfig", "AutoModel": "nomic/x--m.NomicBertModel"}
TOKENIZERS = {"AutoTokenizer": ["t.Qwen2Tokenizer", "t.Qwen2TokenizerFast"]}


@pytest.mark.parametrize(
    ("kind", "auto_map", "tokenizer", "said"),
    [
        ("nomic_bert", NOMIC, {}, "NomicBertConfig, NomicBertModel"),
        ("qwen2", {"AutoModel": "m.Qwen2Model"}, TOKENIZERS, "Qwen2Model, Qwen2TokenizerFast"),
        ("bert", JINA, {}, None),
        ("xlm-roberta", {"AutoModel": "jina/y--m.XLMRobertaLoRA"}, {}, None),
        ("nobodys", {"AutoModel": "m.BertModel"}, {}, None),
        ("bert", {"AutoModel": "m.BertModel"}, {"AutoTokenizer": ["tok.Tok", None]}, None),
        ("bert", {}, ["tok.Tok", None], None),
        ("bert", {}, {"AutoProcessor": "p.Processor"}, None),
    ],
)
def test_a_class_of_the_library_is_taken_for_the_models_own_only_by_the_same_name(
    model_folder: Path, kind: str, auto_map: Any, tokenizer: Any, said: str | None
) -> None:
    put(model_folder, "config.json", {"model_type": kind, "auto_map": auto_map})
    put(model_folder, "tokenizer_config.json", {"auto_map": tokenizer})
    found = read(model_folder)
    problems = list(foreign_code.problems(found, is_trusted=False, key="model", name="x"))
    notes = list(foreign_code.notes(found, is_trusted=False, key="model", name="x"))
    assert (len(problems), len(notes)) == ((1, 0) if said is None else (0, 1))
    assert said is None or said in notes[0]
    assert list(foreign_code.notes(found, is_trusted=True, key="model", name="x")) == []
    assert list(foreign_code.problems(found, is_trusted=True, key="model", name="x")) == []


def test_files_of_code_that_are_named_and_not_there_are_told(model_folder: Path) -> None:
    named = {"AutoConfig": "a/b--conf.C", "AutoModel": "net.Net"}
    put(model_folder, "config.json", {"model_type": "mine", "auto_map": named})
    put(model_folder, "tokenizer_config.json", {"auto_map": ["tok.Tok", None]})
    (model_folder / "tok.py").touch()
    assert foreign_code.missing_files(read(model_folder)) == ["net.py"]
    assert foreign_code.files_elsewhere(read(model_folder)) == {"a/b": ["conf.py"]}


def test_a_module_of_a_class_from_elsewhere_is_code_of_the_model(model_folder: Path) -> None:
    list_modules(model_folder, ("", f"{OURS}.Transformer"), ("1_Mine", "mine.Module"))
    (found,) = foreign_code.references(read(model_folder))
    assert found.target == "mine.Module"
