"""Every architecture, from a checkpoint's own files through our conversion to the same answers on both engines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from summarizer.engines import AligningEngine, Engine, Hypothesis
from summarizer.errors import ModelError
from summarizer.models import Registry
from tests.engines.checkpoints import ARCHITECTURES, SENTENCES

pytestmark = pytest.mark.hub
GREEDY = {"beam": 1, "length_ratio": 0, "length_constant": 12}


@pytest.fixture(scope="module", autouse=True)
def hub() -> None:
    for module in ("torch", "transformers", "sentencepiece"):
        pytest.importorskip(module, reason="needs the `hub` extra: pip install 'mujaz[hub]'")


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Path]:
    """A registry with one checkpoint under both engines: models ``reference`` and ``fast``."""
    make, fields = ARCHITECTURES[request.param]
    directory = tmp_path_factory.mktemp(request.param)
    make(directory)
    common = {
        "task": "translation",
        "source": f"path:{directory}",
        "licence": "none",
        "size_mb": 1,
        "source_language": "ar",
        "target_language": "en",
        "input_limit": 64,
        "compute_type": "float32",
        "generation": GREEDY,
        **fields,
    }
    registry = Registry.from_dict(
        {
            "default_profile": "none",
            "profiles": {"none": {"models": {}}},
            "models": {
                "reference": {**common, "engine": "transformers"},
                "fast": {**common, "engine": "ctranslate2"},
            },
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUJAZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("MUJAZ_DEVICE", "cpu")
        registry.locate(registry.model("fast"))  # converts
        yield registry, directory


def answers(engine: Engine, **options: int) -> list[list[Hypothesis]]:
    return engine.generate(SENTENCES, **options)


def test_both_engines_give_the_same_tokens_under_greedy_search(pair):
    registry, _ = pair
    reference, fast = registry.engine("reference"), registry.engine("fast")
    assert [fast.count_tokens(each) for each in SENTENCES] == [
        reference.count_tokens(each) for each in SENTENCES
    ]
    expected, found = answers(reference), answers(fast)
    assert [(each[0].text, each[0].finished) for each in found] == [
        (each[0].text, each[0].finished) for each in expected
    ]
    assert len({each[0].text for each in found}) > 1, "the model answers without regard to its input"


def test_beams_and_further_hypotheses_come_best_first(pair):
    registry, _ = pair
    for found in answers(registry.engine("fast"), hypotheses=3):
        assert 1 <= len(found) <= 3
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_language_marks_are_no_part_of_an_answer(pair):
    registry, _ = pair
    marks = registry.model("fast").feed.tokens
    for name in ("reference", "fast"):
        for found in answers(registry.engine(name)):
            assert not any(mark in found[0].text for mark in marks)


def test_int8_runs_and_answers_every_text(pair):
    registry, _ = pair
    small = registry.model("fast").model_copy(update={"compute_type": "int8"})
    found = answers(Registry(models={"fast": small}, profiles={}, default_profile="none").engine("fast"))
    assert len(found) == len(SENTENCES)
    assert all(each[0].score <= 0 for each in found)


def test_alignments_agree_between_the_engines(pair):
    registry, _ = pair
    targets = [
        "The minister arrived in Baghdad.",
        "The spokesman said the forces will stay.",
        "Yes.",
        "The talks.",
    ]
    reference, fast = registry.engine("reference"), registry.engine("fast")
    assert isinstance(reference, AligningEngine)
    assert isinstance(fast, AligningEngine)
    if registry.model("fast").feed.form == "decoder":
        for engine in (reference, fast):
            with pytest.raises(ModelError, match="is a decoder"):
                engine.align(SENTENCES, targets)
        return
    expected, found = reference.align(SENTENCES, targets), fast.align(SENTENCES, targets)
    assert found == expected
    assert sum(map(len, found)) >= 10
    for source, target, links in zip(SENTENCES, targets, found, strict=True):
        linked = [link.target for link in links]
        assert sorted(set(linked)) == linked  # each word once, in order
        assert all(target[slice(*each)] in target.split() for each in linked)
        assert all(source[slice(*link.source)] in source.split() for link in links)


def test_a_beginning_is_kept_and_gone_on_from_alike(pair):
    registry, _ = pair
    reference, fast = registry.engine("reference"), registry.engine("fast")
    beginnings = ["The forces arrived", "The spokesman", "The", "The government announced the talks"]
    assert isinstance(reference, AligningEngine)
    assert isinstance(fast, AligningEngine)
    if not fast.aligns:
        assert not reference.aligns
        for engine in (reference, fast):
            with pytest.raises(ModelError, match="is a decoder"):
                engine.complete(SENTENCES, beginnings)
        return
    found = fast.complete(SENTENCES, beginnings)
    for beginning, each in zip(beginnings, found, strict=True):
        assert each.text.startswith(beginning)
        assert not each.finished or each.score <= 0
    for one, other in zip(found, reference.complete(SENTENCES, beginnings), strict=True):
        assert one.finished == other.finished
        # Only random weights write what fills up a vocabulary; the engines call it by different names.
        ours, theirs = (re.sub(r"madeupword\d+|<unk>", "", each.text) for each in (one, other))
        # A batch shares one limit of length, counted from its longest beginning.
        assert ours == theirs or (not one.finished and ours.startswith(theirs))
    free = [each[0].text for each in answers(fast)]
    assert [each.text for each in found] != free


def test_what_is_converted_is_whole_and_used_again(pair):
    registry, _ = pair
    spec = registry.model("fast")
    found = registry.locate(spec)
    assert {"model.bin", "config.json", "tokenizer.json"} <= {each.name for each in found.iterdir()}
    stamp = (found / "model.bin").stat().st_mtime_ns
    assert registry.locate(spec) == found
    assert (found / "model.bin").stat().st_mtime_ns == stamp
    assert not list(found.parent.glob(".partial-*"))
    words = json.loads(next(found.glob("*vocabulary.json")).read_text(encoding="utf-8"))
    assert set(spec.feed.tokens) <= set(words)
    assert registry.status("fast").ready
    assert registry.status("fast").note == ""
