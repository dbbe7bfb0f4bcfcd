"""A saved cross-encoder of three labels and the default one: speed, predictions, what is refused.

The saved models are BERT in small with the real vocabulary, written without torch. One has large
random weights, so that its logits lie apart as those of a trained model do; one always says
``supports``, so that its accuracy is known; one has a single label.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from embprof.models.weights import bert_tokenizer_folder

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

HIDDEN, LAYERS, INNER, VOCABULARY, LONGEST = 32, 2, 64, 30522, 512
NAMES = ("CONTRADICTION", "neutral", "entailment")
SUPPORTS = NAMES.index("entailment")
SMALL = (
    *("threads=1", "wait_policy=passive", "iterations=3", "slice_seconds=0.05", "report=false"),
    *("warmup.iterations=1", "warmup.seconds=0", "warmup.max_seconds=0.05"),
)
COMPARED = 40
SCRIPT = """
import json, itertools
import numpy as np
from sentence_transformers import CrossEncoder
from embprof.corpora.pairs import Pairs
from embprof.workloads.nli import Nli

def made(**changes):
    model = dict(name="./judge", revision=None, path="judge", weights="pretrained", sha256=None,
                 architecture=None)
    given = dict(model=model, backend=dict(name="torch", dtype="float32"), corpus=Pairs(),
                 device="cpu", batch_size=4, texts_per_call=6, format="evidence_first",
                 truncation=None, truncate="longest_first", evidence_length=None,
                 agreement_pairs=4, label_names=None, seed=0)
    nli = Nli(**{**given, **changes})
    nli.load()
    return nli

pairs = Pairs().pairs()[:10]
plain = CrossEncoder("judge", device="cpu")
expected = plain.predict([(one.evidence, one.claim) for one in pairs], show_progress_bar=False)
turned = plain.predict([(one.claim, one.evidence) for one in pairs], show_progress_bar=False)
nli = made()
done = nli.step()
counted = nli.counts()
with nli.time_stages() as timer:
    nli.step()
    times = timer.take()
top = {name: one.seconds for name, one in times.items() if "/" not in name}
parts = [name for name in times if "/" in name]
after = nli.predict(pairs)
short = made(truncation=32, truncate="evidence")
ids = short._encoder.model.preprocess([short.in_order(pairs[0])])["input_ids"][0]
behind, first = made()._encoder, nli.in_order(pairs[0])
before = behind.tokens([first])[0]
behind.model.prompts, behind.model.default_prompt_name = {"q": "one two three: "}, "q"
behind.predict([first], batch_size=1)
prompted = [behind.tokens([first])[0], behind.counts()["tokens"]]
fewest = [behind.fewest_tokens("ice floats", cut) for cut in ("first", "second")]
print(json.dumps({
    "before": before, "prompted": prompted, "fewest": fewest,
    "labels": nli.labels,
    "own": nli.predict(pairs).tolist(), "plain": expected.tolist(),
    "dtype": str(after.dtype), "none": list(nli.predict([]).shape),
    "claim_first": made(format="claim_first").predict(pairs).tolist(), "turned": turned.tolist(),
    "renamed": made(label_names=["neutral", "refutes", "supports"]).labels,
    "done": done, "counted": dict(counted),
    "stages": list(nli.stages()), "timed": list(top), "parts": parts,
    "cut": plain.tokenizer.decode(ids), "claim": pairs[0].claim.lower(), "length": len(ids),
}))
"""


def save(folder: Path, *, spread: float, bias: tuple[float, ...], names: tuple[str, ...]) -> None:
    """A model as transformers saves it; weights are normal with that standard deviation."""
    rng = np.random.default_rng(0)
    shapes = {
        "embeddings.word_embeddings.weight": (VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": (LONGEST, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "pooler.dense.weight": (HIDDEN, HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        place = f"encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            shapes[f"{place}.attention.self.{name}.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{place}.attention.output.dense.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{place}.intermediate.dense.weight"] = (INNER, HIDDEN)
        shapes[f"{place}.output.dense.weight"] = (HIDDEN, INNER)
        norms += [f"{place}.attention.output.LayerNorm", f"{place}.output.LayerNorm"]
    weights = {f"bert.{name}": rng.normal(0, spread, shape) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        if "embeddings" not in name:
            weights[f"bert.{name.removesuffix('weight')}bias"] = np.zeros(shape[0])
    for name in norms:
        weights |= {f"bert.{name}.weight": np.ones(HIDDEN), f"bert.{name}.bias": np.zeros(HIDDEN)}
    weights["classifier.weight"] = rng.normal(0, spread, (len(names), HIDDEN))
    weights["classifier.bias"] = np.array(bias)
    folder.mkdir()
    save_file(
        {name: value.astype(np.float32) for name, value in weights.items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "intermediate_size": INNER,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": LONGEST,
        "id2label": dict(enumerate(names)),
        "label2id": {name: number for number, name in enumerate(names)},
    }
    (folder / "config.json").write_text(json.dumps(config))
    packaged = bert_tokenizer_folder()
    assert packaged is not None
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (packaged / name).is_file():
            shutil.copy(packaged / name, folder / name)


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    """A folder with three saved models, two files of pairs, and a cache of its own."""
    desk = make_desk("nli")
    desk.environment["EMBPROF_CACHE_DIR"] = str(desk.path / "cache")
    save(desk.path / "judge", spread=0.5, bias=(0.0, 0.0, 0.0), names=NAMES)
    sure = tuple(9.0 * (place == SUPPORTS) for place in range(len(NAMES)))
    save(desk.path / "supporter", spread=0.01, bias=sure, names=NAMES)
    save(desk.path / "nameless", spread=0.5, bias=(0.0, 0.0, 0.0), names=("A", "B", "C"))
    save(desk.path / "reranker", spread=0.5, bias=(0.0,), names=("LABEL_0",))
    (desk.path / "bare.csv").write_text("claim,evidence\n" + "Ice floats.,Ice is light.\n" * 2)
    return desk


@pytest.fixture(scope="module")
def judged(desk: Desk) -> Measured:
    """Both types at two batch sizes, pairs cut, with a report."""
    measured = desk.measure(
        *("-m", "workload=nli", "cross_encoder=./judge", "batch_size=1,8", "truncation=48"),
        *("backend.dtype=float32,bfloat16", f"workload.agreement_pairs={COMPARED}"),
        *SMALL,
        "report=true",
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def default(desk: Desk) -> Measured:
    """The model with random weights under measurements of each kind of process."""
    measured = desk.measure(
        *("-m", "workload=nli", "measurement=throughput,profile,memory,load_time"),
        *("batch_size=2", "restarts=1", "workload.agreement_pairs=6", *SMALL),
        *("warmup.iterations=0", "iterations=1"),
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def several(desk: Desk) -> Measured:
    """A model of known accuracy, and one that does not name its labels, on pairs with labels and
    on some without.
    """
    return desk.measure(
        *("-m", "workload=nli", "cross_encoder=./supporter,./nameless"),
        *("workload.corpus.path=null,bare.csv", "+targets.throughput_pairs_per_s=2"),
        *SMALL,
    )


@pytest.fixture(scope="module")
def by_hand(desk: Desk) -> dict[str, Any]:
    """What the workload gives to whoever calls it in Python."""
    done = desk.call(sys.executable, "-c", SCRIPT)
    assert done.code == 0, done.text
    found: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    return found


def figures(answer: dict[str, Any]) -> dict[str, Any]:
    return {figure["name"]: figure["estimate"] for figure in answer["figures"]}


def note(answer: dict[str, Any], name: str) -> str:
    found = {figure["name"]: figure["note"] for figure in answer["figures"]}
    return str(found[name])


def test_pairs_a_second_are_read_with_tokens_and_padding(judged: Measured) -> None:
    single, batch = figures(judged.answer(0)), figures(judged.answer(2))
    assert single["throughput_pairs_per_s"]["value"] > 0
    assert single["padding_percent"]["value"] == 0
    assert 0 < batch["padding_percent"]["value"] < 90
    assert batch["tokens_per_s"]["value"] > 0
    assert "pairs/s" in judged.done.out


def test_predictions_in_float32_do_not_depend_on_the_batch(judged: Measured) -> None:
    for job in (0, 2):
        found = figures(judged.answer(job))
        assert found["agreement_percent"]["value"] == 100
        assert found["agreement_percent"]["n"] == COMPARED
        assert found["max_logit_difference"]["value"] < 1e-3
        assert judged.answer(job)["outcomes"] == {"predictions": "too_few_to_tell"}


def test_a_type_of_fewer_bits_has_logits_further_off(judged: Measured) -> None:
    exact, rounded = (figures(judged.answer(job))["max_logit_difference"] for job in (2, 3))
    assert rounded["value"] > 10 * exact["value"]


def test_what_the_cut_changes_is_told_from_what_the_type_changes(judged: Measured) -> None:
    found = [figures(judged.answer(job)) for job in range(4)]
    assert len({one["uncut_agreement_percent"]["value"] for one in found}) == 1
    assert 0 < found[0]["pairs_cut_percent"]["value"] < 100


def test_the_reference_is_made_once_for_all_jobs(desk: Desk, judged: Measured) -> None:
    assert judged.done.code == 0
    kept = list((desk.path / "cache").rglob("*.npy"))
    shapes = [np.load(file).shape for file in kept]
    assert (COMPARED, 3) in shapes
    assert all(shape[1] == 3 for shape in shapes)


def test_the_table_by_label_and_margin_is_kept_with_the_run(judged: Measured) -> None:
    assert "agreement.json" in judged.store.artifacts(judged.children[3])
    file = judged.desk.sweep(judged.sweep_id) / "3" / "agreement.json"
    document = json.loads(file.read_text())
    assert document["pairs"] == COMPARED
    assert sum(row["pairs"] for row in document["by_label"]) == COMPARED
    assert sum(row["agreed"] for row in document["by_margin"]) == document["agreed"]
    assert {row["label"] for row in document["by_label"]} == {"supports", "refutes", "neutral"}
    assert len(document["changed"]) == document["pairs"] - document["agreed"]


def test_the_report_speaks_of_predictions(judged: Measured) -> None:
    report = judged.desk.sweep(judged.sweep_id) / "report" / "PROFILING_REPORT.md"
    text = report.read_text()
    assert "predictions are those of the reference" in text
    assert "nearest neighbour" not in text


def test_accuracy_is_that_of_labelled_pairs_whatever_order_the_labels_have(
    several: Measured,
) -> None:
    answer = several.answer(0)
    found = figures(answer)
    assert found["accuracy_percent"]["value"] == 25  # 105 of the 420 built-in pairs
    assert found["reference_accuracy_percent"]["value"] == 25
    assert found["agreement_supports_percent"]["n"] == 420
    assert "agreement_refutes_percent" not in found
    assert answer["outcomes"] == {"predictions": "unchanged"}
    assert answer["description"]["labels"] == "refutes, neutral, supports"


def test_a_target_of_pairs_a_second_is_checked(several: Measured) -> None:
    assert "targets" in several.done.out


def test_random_weights_have_no_accuracy(default: Measured) -> None:
    assert note(default.answer(0), "accuracy_percent") == "n/a (random weights)"
    assert "n/a" in default.done.out


def test_measurements_of_every_kind_can_look_at_it(default: Measured) -> None:
    statuses = {run.data.tags["embprof.status"] for run in default.children}
    assert statuses == {"ok"}
    memory, start = (figures(default.answer(job)) for job in (2, 3))
    assert memory["component_weights_mb"]["value"] > 80
    assert memory["component_tokenizer_mb"]["value"] > 0
    assert start["total_load_s"]["value"] > start["import_time_s"]["value"] > 0


def test_a_profile_divides_a_call_into_the_stages_of_predict(default: Measured) -> None:
    found = figures(default.answer(1))
    names = ("prepare", "tokenize", "pad_collate", "to_device", "forward", "to_host", "other")
    shares = [found[f"stage_{name}_percent"]["value"] for name in names]
    assert sum(shares) == pytest.approx(100)
    assert "stage_pooling_percent" not in found
    assert "stage_normalize_percent" not in found


def test_pairs_without_labels_and_labels_without_names_have_no_accuracy(
    several: Measured,
) -> None:
    bare, nameless = several.answer(1), several.answer(2)
    assert note(bare, "accuracy_percent") == "n/a (no labels)"
    assert figures(bare)["agreement_percent"]["n"] == 1
    assert "does not name its labels" in note(nameless, "accuracy_percent")
    assert nameless["description"]["labels"] == "A, B, C"
    assert {name for name in figures(nameless) if name.startswith("agreement_")} == {
        "agreement_percent"
    }


def test_a_model_with_another_number_of_labels_is_refused_before_any_job(desk: Desk) -> None:
    done = desk.run("workload=nli", "cross_encoder=./reranker")
    assert done.code == 2
    assert "has 1 labels, and NLI has 3: supports, refutes, neutral" in done.text


def test_a_measurement_that_has_nothing_to_look_at_is_refused_before_any_job(desk: Desk) -> None:
    done = desk.run("workload=nli", "measurement=truncation_loss", "corpus=evidence")
    assert done.code == 2
    assert "needs a workload that embeds texts" in done.text
    assert "Traceback" not in done.text


def test_predict_gives_the_logits_of_a_plain_cross_encoder(by_hand: dict[str, Any]) -> None:
    np.testing.assert_allclose(by_hand["own"], by_hand["plain"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(by_hand["claim_first"], by_hand["turned"], rtol=1e-3, atol=1e-4)
    assert np.abs(np.subtract(by_hand["own"], by_hand["claim_first"])).max() > 0.1
    assert by_hand["dtype"] == "float32"
    assert by_hand["none"] == [0, 3]
    assert by_hand["labels"] == ["refutes", "neutral", "supports"]
    assert by_hand["renamed"] == ["neutral", "refutes", "supports"]


def test_a_prompt_counts_with_the_first_text(by_hand: dict[str, Any]) -> None:
    assert by_hand["prompted"] == [by_hand["before"] + 4] * 2, "one two three :"
    # [CLS] ice floats [SEP] x [SEP], with the prompt unless that is cut as well
    assert by_hand["fewest"] == [6, 10]


def test_a_step_counts_its_pairs_tokens_and_passes(by_hand: dict[str, Any]) -> None:
    assert by_hand["done"] == 6
    assert by_hand["counted"]["forward_passes"] == 2
    assert by_hand["counted"]["padded_tokens"] > by_hand["counted"]["tokens"] > 6 * 10


def test_stages_are_timed_with_the_layers_and_the_head_as_parts(by_hand: dict[str, Any]) -> None:
    assert set(by_hand["timed"]) == {name for name in by_hand["stages"] if "/" not in name}
    inside = {f"forward/layer_{layer}" for layer in range(LAYERS)}
    assert inside | {"forward/embeddings", "forward/pooler", "forward/classifier"} <= set(
        by_hand["parts"]
    )


def test_the_text_that_is_not_to_be_cut_stays_whole(by_hand: dict[str, Any]) -> None:
    assert by_hand["length"] == 32
    words = "".join(by_hand["cut"].split())
    assert "".join(by_hand["claim"].split()) in words
