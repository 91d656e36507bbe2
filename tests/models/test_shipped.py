"""Every entry of the shipped models.yaml says what it must, and every key of the form is documented."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel

from summarizer.models import FeedSpec, GenerationSpec, ModelSpec, Profile, Registry, ScoreSpec, ServerSpec
from summarizer.models.hub import _ENGINE_EXTRAS
from summarizer.models.specs import ENGINE_SOURCES
from tests.conftest import ROOT

REGISTRY = Registry.load()
MODELS = list(REGISTRY.models.values())
ids = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)


def test_every_serious_model_is_one_name_away():
    """Those that issue and readers ask for, by what they do."""
    names = {
        "translation": {
            "opus-mt-ar-en", "opus-mt-tc-big-ar-en", "nllb-200-distilled-600m", "nllb-200-distilled-1.3b",
            "nllb-200-3.3b", "m2m100-418m", "m2m100-1.2b", "madlad400-3b", "gguf-translator", "llm-translator",
        },
        "summarization": {
            "mt5-xlsum", "arabart-xlsum", "arat5v2-xlsum", "crosssum-english", "gguf-summarizer", "llm-summarizer",
        },
    }  # fmt: skip
    for task, wanted in names.items():
        assert wanted <= {spec.id for spec in MODELS if spec.task == task}


@ids
def test_licence_and_source_are_stated(spec):
    assert spec.licence
    assert spec.notes or spec.citation
    assert spec.source_language == "ar"
    assert spec.source_kind in ENGINE_SOURCES[spec.engine]
    assert spec.revision is None  # left to the user: none of them could be verified
    if re.search(r"(?i)\bNC\b|non-?commercial", spec.licence):
        assert spec.non_commercial
    for score in spec.scores:
        assert score.source.startswith(("https://huggingface.co/", "https://github.com/"))


@ids
def test_models_of_the_hub_state_size_and_what_to_cite(spec):
    if spec.source_kind == "hub":
        assert spec.size_mb > 100
        assert re.search(r", (19|20)\d\d$", spec.citation)
        assert "card" in spec.notes or "page" in spec.notes, "what was verified must be said"


@ids
def test_nothing_that_decides_how_a_model_is_fed_is_left_to_a_default(spec):
    """What the shipped file does not say itself may change with the code, and nobody would notice."""
    assert {"task", "engine", "source", "licence", "size_mb", "source_language", "target_language"} <= said(
        spec
    )
    assert "input_limit" in said(spec)
    if spec.engine in ("ctranslate2", "transformers"):
        assert {"feed", "generation"} <= said(spec)
        assert {"form", "special_tokens"} <= spec.feed.model_fields_set
        assert {"beam", "length_ratio", "length_constant", "batch_tokens"} <= spec.generation.model_fields_set
    if spec.source_kind == "http":
        assert {"server", "generation"} <= said(spec)


def said(spec: ModelSpec) -> set[str]:
    return spec.model_fields_set


@ids
def test_limits_hang_together(spec):
    generation = spec.generation
    assert generation.length_limit(1) >= 10
    if spec.engine in ("ctranslate2", "transformers"):
        assert generation.length_limit(spec.input_limit) <= 1600
        # An input at the limit must fit into a batch at least alone, and each of its kind end by itself.
        assert spec.input_limit <= 1024
        assert generation.batch_tokens >= 400
    if spec.word_limit is not None:
        assert spec.word_limit < spec.input_limit


@ids
def test_multilingual_models_are_told_their_languages(spec):
    """The most common mistake of all: NLLB, M2M and MADLAD answer in any language without their marks."""
    family = spec.source_name.lower()
    feed = spec.feed
    if "nllb" in family:
        assert (feed.before, feed.target_prefix) == (("arb_Arab",), ("eng_Latn",))
    if "m2m100" in family:
        assert (feed.before, feed.target_prefix) == (("__ar__",), ("__en__",))
    if "nllb" in family or "m2m100" in family:
        assert feed.after == ("</s>",)
        assert not feed.special_tokens, "the tokenizer would add the marks of its own default language"
    if "madlad" in family:
        assert feed.text_prefix == "<2en> "
    if "opus-mt" in family:
        assert feed.text_prefix == "", "a model of one target language takes no >>eng<<"
    if any(name in family for name in ("mt5", "arat5", "madlad")) and spec.engine != "openai":
        assert spec.half_precision == "bfloat16", "T5 overflows in float16"


def test_profiles_have_both_tasks_and_a_way_out():
    assert set(REGISTRY.profiles) == {"embedded", "careful", "fused", "standard", "quality", "llm"}
    assert REGISTRY.default_profile == "embedded"
    for profile in REGISTRY.profiles.values():
        assert set(profile.models) == {"summarization", "translation"}
        assert profile.description
        embedded = profile.name in ("embedded", "careful", "fused")  # the way out of the others
        assert REGISTRY.fallback_for(profile.name) is (None if embedded else REGISTRY.engine("ar-en"))


def test_only_profile_llm_asks_a_server_and_that_is_on_this_machine():
    for profile in REGISTRY.profiles.values():
        kinds = {REGISTRY.model(each).source_kind for each in profile.models.values()}
        assert ("http" in kinds) == (profile.name == "llm")
    assert not any(spec.sends_text for spec in MODELS)


def test_a_profile_with_a_model_of_the_light_install_needs_no_extra():
    for model_id in REGISTRY.profile("embedded").models.values():
        assert REGISTRY.model(model_id).engine not in _ENGINE_EXTRAS


@pytest.mark.parametrize("form", [ModelSpec, FeedSpec, GenerationSpec, ServerSpec, ScoreSpec, Profile])
def test_every_key_is_documented(form: type[BaseModel]):
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    missing = [key for key in form.model_fields if key not in ("id", "name") and f"`{key}`" not in page]
    assert missing == []


def test_every_model_and_profile_is_in_the_documents_table():
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for name in (*REGISTRY.models, *REGISTRY.profiles):
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("name", ["opus-mt-ar-en", "opus-mt-tc-big-ar-en"])
def test_no_answer_of_marian_passes_its_table_of_positions(name: str) -> None:
    """CTranslate2 does not raise there: it ends the process."""
    spec = Registry.load().model(name)
    assert spec.generation.length_limit(spec.input_limit) + 2 < 512
    assert spec.generation.capped(1000) + 2 < 512  # with what is forced before it
