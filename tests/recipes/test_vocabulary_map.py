"""A map of a toy language, known by heart; and that CTranslate2 reads what is written as it is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="a vocabulary map needs the `hub` extra: pip install 'mujaz[hub]'")

import numpy as np

from recipes import vocabulary_map
from recipes.distill_settings import VocabularyMapSettings
from recipes.seq2seq_data import Cutter
from recipes.vocabulary_map import Coverage, VocabularyMap, build, coverage, write
from summarizer.engines.ctranslate2 import VOCABULARY_MAP_FILE
from summarizer.models import ModelSpec, Registry
from summarizer.models.specs import FeedSpec
from tests.engines.checkpoints import ARCHITECTURES
from tests.models.samples import OWN_MODEL

pytestmark = pytest.mark.hub

#: Source tokens 1 to 20 are rendered by 31 to 50, and 60 ends every sentence; the rest is never seen.
TOKENS = [f"▁t{number}" for number in range(61)]
SETTINGS = VocabularyMapSettings(renderings=1, frequent=1, pairs=10_000)


def toy(sentences: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    draw = np.random.default_rng(seed)
    sources = [draw.integers(1, 21, size=int(draw.integers(2, 7))) for _ in range(sentences)]
    return sources, [np.append(source[::-1] + 30, 60) for source in sources]


def test_each_source_token_brings_its_rendering_and_itself():
    found = build(*toy(400, seed=1), TOKENS, SETTINGS)
    assert {token: set(found.renderings[token]) for token in range(1, 21)} == {
        token: {token, token + 30} for token in range(1, 21)
    }
    assert found.renderings[25] == (25,), "what was never seen can still be copied"
    assert found.always == {60}, "the most frequent token"


def test_tokens_of_one_character_are_always_allowed():
    tokens = ["</s>", "▁", "a", "▁b", "▁ab", "7", *TOKENS[6:]]
    assert {1, 2, 3, 5} <= build(*toy(50, seed=2), tokens, SETTINGS).always
    assert 4 not in build(*toy(50, seed=2), tokens, SETTINGS).always


def test_only_the_first_pairs_are_learnt_from():
    sources, targets = toy(400, seed=1)
    late = build([*sources, np.array([25])], [*targets, np.array([55])], TOKENS,
                 SETTINGS.model_copy(update={"pairs": 400}))  # fmt: skip
    assert late == build(sources, targets, TOKENS, SETTINGS)


def test_coverage_is_exact():
    found = VocabularyMap(renderings={1: (1, 31), 2: (2, 32)}, always=frozenset({60}))
    measured = coverage(
        found, [np.array([1, 2]), np.array([2, 3])], [np.array([32, 31, 60]), np.array([33, 32, 60])]
    )
    assert measured == Coverage(allowed=5 / 6, candidates=5.0)
    assert (
        measured.described(61)
        == "batches of 32 unseen sentences may write 5 of 61 tokens, among them 83.3% of those of the English"
    )


def marian(folder: Path, name: str, found: VocabularyMap | None) -> str:
    """What a random Marian says, with a map or without."""
    make, fields = ARCHITECTURES["marian"]
    folder.mkdir()
    make(folder)
    if found is not None:
        write(found, tokens_of(folder), folder / VOCABULARY_MAP_FILE)
    spec = ModelSpec(**{**OWN_MODEL, "id": name, **fields, "source": f"path:{folder}", "compute_type": "float32",
                        "generation": {"beam": 1, "length_ratio": 0, "length_constant": 8}})  # fmt: skip
    registry = Registry(models={spec.id: spec}, profiles={}, default_profile="none")
    return registry.engine(spec.id).generate(["وصل الوزير إلى بغداد."])[0][0].text


def tokens_of(folder: Path) -> list[str]:
    return Cutter(folder, FeedSpec(special_tokens=True)).tokens


def test_ctranslate2_reads_what_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    free = marian(tmp_path / "free", "free", None)
    tokens = tokens_of(tmp_path / "free")
    everything = VocabularyMap(renderings={}, always=frozenset(range(len(tokens))))
    assert marian(tmp_path / "everything", "everything", everything) == free
    few = [number for number, token in enumerate(tokens) if token.isascii() and token.isalpha()][:3]
    always = marian(tmp_path / "always", "always", VocabularyMap(renderings={}, always=frozenset(few)))
    assert always != free
    assert always
    assert set(always) <= set("".join(tokens[each] for each in few))
    brought = VocabularyMap(renderings={each: tuple(few) for each in range(len(tokens))}, always=frozenset())
    assert marian(tmp_path / "brought", "brought", brought) == always


def test_the_command_writes_the_map_beside_the_checkpoint(tmp_path):
    make, _ = ARCHITECTURES["marian"]
    folder, pairs = tmp_path / "checkpoint", tmp_path / "pairs.tsv"
    folder.mkdir()
    make(folder)
    pairs.write_text("وصل الوزير إلى بغداد.\tThe minister arrived in Baghdad.\n" * 60, encoding="utf-8")
    said: list[str] = []
    vocabulary_map.main([str(folder), str(pairs), "--most-renderings", "3"], report=said.append)
    assert said[0].startswith(str(folder / VOCABULARY_MAP_FILE))
    lines = (folder / VOCABULARY_MAP_FILE).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("\t")
    assert all(len(line.split("\t")[1].split(" ")) <= 4 for line in lines[1:])
    pairs.write_text("نعم\tYes\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="too few"):
        vocabulary_map.main([str(folder), str(pairs)])
