"""A decoder with one head of keys: in the wide form it answers as in the narrow one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from summarizer.errors import ModelError
from summarizer.models import ModelSpec, Registry, bundled
from summarizer.models.bundled import read_sums, unpack_bundled, verify
from summarizer.models.multiquery import share_keys
from summarizer.models.weights import read_index, write
from tests.engines.checkpoints import ARCHITECTURES, SENTENCES, gemma
from tests.models.samples import OWN_MODEL, write_sums

LAYER = "decoder/layer_0/"


def variables(**changes: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return those of a decoder of width 4 with two heads of 3; None takes one away."""
    made: dict[str, np.ndarray | None] = {
        "decoder/embeddings/weight": np.arange(28, dtype=np.int8).reshape(7, 4),
        "decoder/embeddings/weight_scale": np.ones(7, np.float32),
        "decoder/num_heads": np.array(2, np.int16),
        "decoder/scale_embeddings": np.array(1, np.int8),
        "decoder/layer_norm/gamma": np.full(4, 2.0, np.float32),
        f"{LAYER}self_attention/num_heads_kv": np.array(1, np.int32),
        f"{LAYER}self_attention/head_dim": np.array(3, np.int32),
        f"{LAYER}self_attention/q_norm/gamma": np.full(3, 5.0, np.float32),
        f"{LAYER}self_attention/linear_0/weight": np.ones((12, 4), np.int8),
        f"{LAYER}self_attention/linear_1/weight": np.ones((4, 6), np.int8),
        f"{LAYER}self_attention/linear_1/weight_scale": np.ones(4, np.float32),
        f"{LAYER}input_layer_norm/gamma": np.zeros(4, np.float32),
        f"{LAYER}input_layer_norm/layer_norm_use_residual": np.array(1, np.int8),
        **{name.replace("__", "/"): values for name, values in changes.items()},
    }
    return {name: values for name, values in made.items() if values is not None}


def write_decoder(directory: Path, **changes: np.ndarray | None) -> Path:
    directory.mkdir()
    write(
        directory / "model.bin",
        variables(**changes).items(),
        specification="TransformerDecoderModelSpec",
        revision=8,
        aliases={"decoder/projection/weight": "decoder/embeddings/weight"},
    )
    (directory / "config.json").write_text(json.dumps({"layer_norm_epsilon": None, "bos_token": "<s>"}))
    return directory


def read(directory: Path) -> dict[str, np.ndarray]:
    with (directory / "model.bin").open("rb") as stream:
        return {name: at.read(stream) for name, at in read_index(stream).items()}


def test_what_is_written_is_read(tmp_path):
    found = read(write_decoder(tmp_path / "m"))
    assert {name: values.tolist() for name, values in variables().items()} == {
        name: values.tolist() for name, values in found.items() if name != "decoder/projection/weight"
    }
    assert (found["decoder/projection/weight"] == found["decoder/embeddings/weight"]).all()


def test_the_width_grows_by_zeros_and_the_gains_shrink(tmp_path):
    directory = write_decoder(tmp_path / "m")
    before = read(directory)
    share_keys(directory)
    found = read(directory)
    embeddings = found["decoder/embeddings/weight"]
    assert embeddings.shape == (7, 6)
    assert (embeddings[:, :4] == before["decoder/embeddings/weight"]).all()
    assert not embeddings[:, 4:].any()
    assert (found["decoder/projection/weight"] == embeddings).all()
    assert not found[f"{LAYER}self_attention/linear_0/weight"][:, 4:].any()
    assert found[f"{LAYER}self_attention/linear_1/weight"].sum(axis=1).tolist() == [6, 6, 6, 6, 0, 0]
    assert (found[f"{LAYER}self_attention/linear_1/weight_scale"] > 0).all()
    shrunk = np.sqrt(4 / 6)
    assert found["decoder/layer_norm/gamma"] == pytest.approx([2 * shrunk] * 4 + [0, 0])
    # Gemma's gains are kept as what they are above one.
    assert found[f"{LAYER}input_layer_norm/gamma"] == pytest.approx([shrunk - 1] * 4 + [-1, -1])
    assert found[f"{LAYER}self_attention/q_norm/gamma"].tolist() == [5, 5, 5], "a head is as wide as before"
    assert found["decoder/scale_embeddings"] == pytest.approx(2.0)
    assert found[f"{LAYER}self_attention/multi_query"] == 1
    config = json.loads((directory / "config.json").read_text())
    assert config["layer_norm_epsilon"] == pytest.approx(1e-6 * 4 / 6)
    assert config["bos_token"] == "<s>"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{LAYER}self_attention/num_heads_kv": np.array(2, np.int32)}, "no single head"),
        ({f"{LAYER}self_attention/num_heads_kv": None}, "no single head"),
        ({f"{LAYER}input_layer_norm/beta": np.zeros(4, np.float32)}, "not root mean squares"),
        ({f"{LAYER}self_attention/head_dim": np.array(1, np.int32)}, "together 2 wide, and the model 4"),
        ({"decoder/layer_1/self_attention/num_heads_kv": np.array(1, np.int32), "decoder/layer_1/self_attention/head_dim": np.array(4, np.int32)}, "not of one width"),
        ({"decoder/num_heads": None}, "it has no 'decoder/num_heads'"),
        ({"decoder/layer_norm/gamma": np.ones(4, np.uint16)}, "in bfloat16 or integers"),
        ({"decoder/new/weight": np.ones((4, 9), np.int8)}, "decoder/new/weight, of which it is not known"),
    ],
)
def test_what_it_cannot_do_is_told(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message):
        share_keys(write_decoder(tmp_path / "m", **changes))


def test_the_cache_has_both_forms_apart_and_whole(tmp_path):
    directory = write_decoder(tmp_path / "m")
    write_sums(directory)
    assert unpack_bundled(directory) == directory
    shared = unpack_bundled(directory, multi_query=True)
    assert read(shared)["decoder/embeddings/weight"].shape == (7, 6)
    assert read(directory)["decoder/embeddings/weight"].shape == (7, 4)
    assert set(read_sums(shared)) == {"model.bin", "config.json"}
    verify(shared, read_sums(shared))
    stamp = (shared / "model.bin").stat().st_mtime_ns
    assert unpack_bundled(directory, multi_query=True) == shared
    assert (shared / "model.bin").stat().st_mtime_ns == stamp
    (shared / "model.bin").write_bytes(b"cut")
    assert read(unpack_bundled(directory, multi_query=True))["decoder/embeddings/weight"].shape == (7, 6)


def test_the_status_of_a_shared_model_checks_every_byte(tmp_path, monkeypatch):
    directory = write_decoder(tmp_path / "m")
    write_sums(directory)
    monkeypatch.setattr(bundled, "bundled_directory", lambda name: directory)
    registry = Registry.load()
    spec = registry.model("ar-en").model_copy(update={"adapter": None})
    registry.models["ar-en"] = spec
    assert spec.multi_query
    assert registry.status("ar-en").ready
    weights = registry.locate(spec) / "model.bin"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert "model.bin is damaged" in registry.status("ar-en").problem


def test_a_converted_model_without_checksums_says_what_to_do(tmp_path):
    directory = write_decoder(tmp_path / "m")
    fields = {**OWN_MODEL, "id": "own", "source": f"path:{directory}", "feed": {"form": "decoder"}, "multi_query": True}
    registry = Registry(models={"own": ModelSpec(**fields)}, profiles={}, default_profile="none")
    with pytest.raises(ModelError, match="own: a converted model takes multi_query only with its SHA256SUMS"):
        registry.locate(registry.model("own"))


@pytest.mark.hub
@pytest.mark.parametrize("beam", [1, 4])
def test_both_forms_answer_alike(tmp_path, cache, beam):
    pytest.importorskip("torch", reason="needs the `hub` extra: pip install 'mujaz[hub]'")
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    gemma(checkpoint, heads=4, local_layers=2)  # its heads are together wider, as those of 270M are

    def answers(multi_query: bool) -> list[list[Any]]:
        fields = ARCHITECTURES["gemma"][1]
        spec = ModelSpec(**{**OWN_MODEL, "id": "gemma", **fields, "source": f"path:{checkpoint}", "compute_type": "float32",
                            "generation": {"beam": beam, "length_ratio": 0, "length_constant": 24}, "multi_query": multi_query})  # fmt: skip
        registry = Registry(models={spec.id: spec}, profiles={}, default_profile="none")
        found = read(registry.locate(spec))
        assert found["decoder/embeddings/weight"].shape[1] == (32 if multi_query else 16)
        assert ("decoder/layer_0/self_attention/multi_query" in found) == multi_query
        return registry.engine(spec.id).generate(SENTENCES, hypotheses=beam)

    for narrow, wide in zip(answers(False), answers(True), strict=True):
        assert [each.text for each in narrow] == [each.text for each in wide]
        assert [each.score for each in narrow] == pytest.approx([each.score for each in wide], abs=1e-4)
