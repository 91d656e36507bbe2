"""Conversion: once, whole, under a lock, and never in silence wrong."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
from pathlib import Path

import pytest

from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import ModelSpec, Registry, convert, convert_models, hub
from tests.engines.checkpoints import ARCHITECTURES, nllb
from tests.models.samples import OWN_MODEL, write_yaml

NLLB = ARCHITECTURES["nllb"][1]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny NLLB in the files of a hub repository."""
    for module in ("torch", "transformers", "sentencepiece"):
        pytest.importorskip(module, reason="needs the `hub` extra: pip install 'mujaz[hub]'")
    directory = tmp_path_factory.mktemp("nllb")
    nllb(directory)
    return directory


def own(checkpoint: Path, **fields: object) -> ModelSpec:
    return ModelSpec(**{**OWN_MODEL, "id": "own", **NLLB, "source": f"path:{checkpoint}", **fields})


def test_a_checkpoint_is_told_from_a_converted_model(tmp_path):
    assert not convert.is_checkpoint(tmp_path)
    (tmp_path / "config.json").write_text('{"bos_token": "<s>"}')  # CTranslate2's own
    assert not convert.is_checkpoint(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "marian"}')
    assert convert.is_checkpoint(tmp_path)
    for broken in ("[1]", "{", '"model_type"'):
        (tmp_path / "config.json").write_text(broken)
        assert not convert.is_checkpoint(tmp_path)


@pytest.mark.hub
def test_the_command_converts_and_says_what_would_be(tmp_path, checkpoint):
    entry = {**OWN_MODEL, **NLLB, "source": f"path:{checkpoint}"}
    registry = Registry.load(write_yaml(tmp_path / "mine.yaml", {"models": {"own": entry}}))
    assert "mujaz models convert --model own" in registry.status("own").note
    seen = []
    (found,) = convert_models(registry, models=["own"], progress=lambda spec: seen.append(spec.id))
    assert seen == ["own"]
    assert found.name.startswith("own-int8-")
    assert registry.status("own").note == ""
    assert 0 < registry.status("own").disk_mb < 5
    with pytest.raises(ConfigError, match="nothing to convert"):
        convert_models(registry, models=["extractive"])


@pytest.mark.hub
def test_another_number_format_or_checkpoint_is_another_conversion(tmp_path, checkpoint):
    int8 = convert.converted_directory(own(checkpoint, compute_type="int8"), checkpoint)
    assert convert.converted_directory(own(checkpoint, compute_type="int8_float32"), checkpoint) == int8
    assert convert.converted_directory(own(checkpoint, compute_type="float32"), checkpoint) != int8
    other = tmp_path / "other"
    shutil.copytree(checkpoint, other)
    assert convert.converted_directory(own(other, compute_type="int8"), other) == int8
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "encoder_layerdrop": 0.1}))
    assert convert.converted_directory(own(other, compute_type="int8"), other) != int8


@pytest.mark.hub
def test_a_feed_that_the_vocabulary_does_not_know_is_refused_and_leaves_nothing(checkpoint, cache):
    wrong = {**NLLB["feed"], "target_prefix": ["eng_Xxxx"]}
    spec = own(checkpoint, feed=wrong, target_code="eng_Xxxx")
    with pytest.raises(ModelError, match="own: its vocabulary has no 'eng_Xxxx'; correct `feed`"):
        convert.convert(spec, checkpoint)
    assert [each for each in (cache / "converted").iterdir() if each.is_dir()] == []


@pytest.mark.hub
def test_a_kind_that_ctranslate2_does_not_know_names_the_other_engine(tmp_path, checkpoint, cache):
    (tmp_path / "bert").mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "bert" / name).write_bytes((checkpoint / name).read_bytes())
    (tmp_path / "bert" / "config.json").write_text('{"model_type": "electra", "vocab_size": 10}')
    with pytest.raises(ModelError, match=r"cannot be converted .*; engine `transformers` may run it"):
        convert.convert(own(tmp_path / "bert"), tmp_path / "bert")
    assert [each for each in (cache / "converted").iterdir() if each.is_dir()] == []


def test_converting_needs_the_extra_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text('{"model_type": "marian"}')
    monkeypatch.setattr(hub.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        MissingModelError, match=r"own needs torch, transformers.*: pip install 'mujaz\[hub\]'"
    ):
        convert.convert(own(tmp_path), tmp_path)


@pytest.mark.hub
@pytest.mark.skipif(sys.platform == "win32", reason="permissions are other there")
def test_a_cache_that_cannot_be_written_is_a_clear_error(checkpoint, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set MUJAZ_CACHE to another directory"):
        convert.convert(own(checkpoint), checkpoint)


def convert_in_process(checkpoint: str) -> tuple[str, int]:
    """Convert in a process of its own; return the result and how many conversions this process made."""
    made = []
    build = convert._build
    convert._build = lambda *arguments: (made.append(1), build(*arguments))[1]
    return str(convert.convert(own(Path(checkpoint)), Path(checkpoint))), len(made)


@pytest.mark.hub
def test_processes_that_start_together_convert_once(checkpoint):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(convert_in_process, [str(checkpoint)] * 2, chunksize=1)
    assert len({path for path, _ in found}) == 1
    assert sum(made for _, made in found) == 1


@pytest.mark.hub
def test_a_vocabulary_map_beside_a_checkpoint_restricts_what_is_written(tmp_path):
    for module in ("torch", "transformers", "sentencepiece"):
        pytest.importorskip(module, reason="needs the `hub` extra: pip install 'mujaz[hub]'")
    make, fields = ARCHITECTURES["marian"]
    generation = {"beam": 1, "length_ratio": 0, "length_constant": 8}

    def answer(folder: Path) -> str:
        folder.mkdir(exist_ok=True)
        make(folder)
        spec = ModelSpec(**{**OWN_MODEL, "id": folder.name, **fields, "source": f"path:{folder}",
                            "compute_type": "float32", "generation": generation})  # fmt: skip
        registry = Registry(models={spec.id: spec}, profiles={}, default_profile="none")
        return registry.engine(spec.id).generate(["وصل الوزير إلى بغداد."])[0][0].text

    free = answer(tmp_path / "free")
    mapped = tmp_path / "mapped"
    mapped.mkdir()
    words = json.loads((tmp_path / "free" / "vocab.json").read_text(encoding="utf-8"))
    allowed = [word for word in words if word.isascii() and word.isalpha()][:3]
    sources = [word for word in words if not word.isascii()]
    (mapped / "vmap.txt").write_text(
        "".join(f"{word}\t{' '.join(allowed)}\n" for word in sources), encoding="utf-8"
    )
    restricted = answer(mapped)
    assert restricted != free
    assert restricted
    assert set(restricted) <= set("".join(allowed))
