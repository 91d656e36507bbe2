from __future__ import annotations

import subprocess
import sys

import pytest

from summarizer.engines.extractive import ExtractiveEngine
from summarizer.errors import ConfigError
from summarizer.models import (
    Registry,
    config_directory,
    shipped_file,
)
from tests.conftest import ROOT
from tests.models.samples import OWN_MODEL, problems_of, write_yaml

# --- the shipped file ---


def test_the_shipped_file_is_right_and_names_both_profiles():
    registry = Registry.load()
    assert registry.default_profile == "embedded"
    assert set(registry.profiles) >= {"embedded", "standard"}
    assert registry.profile().name == "embedded"
    assert registry.task_model("summarization").engine == "extractive"
    assert registry.task_model("translation").source.startswith("bundled:")
    for profile in registry.profiles.values():
        assert set(profile.models) == {"summarization", "translation"}
    for spec in registry.models.values():
        assert spec.licence
        assert spec.notes or spec.citation


def test_the_shipped_file_lies_in_the_repository():
    assert shipped_file() == ROOT / "models.yaml"


def test_loading_the_registry_imports_no_heavy_library():
    code = (
        "import sys; from summarizer.models import Registry; r = Registry.load();"
        "[r.engine(m) for m in r.models if r.model(m).engine != 'transformers'];"
        "print([m for m in ('torch', 'transformers', 'ctranslate2', 'huggingface_hub') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "[]"


# --- the user's file ---


def test_a_user_file_changes_field_by_field_and_adds(tmp_path):
    path = write_yaml(
        tmp_path / "mine.yaml",
        {
            "default_profile": "mine",
            "profiles": {"mine": {"models": {"translation": "own", "summarization": "extractive"}}},
            "models": {"own": OWN_MODEL, "ar-en": {"generation": {"beam": 1}}},
        },
    )
    registry, shipped = Registry.load(path), Registry.load()
    assert registry.profile().name == "mine"
    assert registry.model("own").source == f"path:{tmp_path / 'weights'}"
    assert registry.model("ar-en").generation.beam == 1
    changed = registry.model("ar-en").model_dump()
    changed["generation"]["beam"] = shipped.model("ar-en").generation.beam
    assert changed == shipped.model("ar-en").model_dump()


def test_an_empty_user_file_changes_nothing(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert Registry.load(tmp_path / "empty.yaml").models == Registry.load().models


def test_all_problems_are_told_at_once_with_suggestions(tmp_path):
    path = write_yaml(
        tmp_path / "wrong.yaml",
        {
            "profile": {},
            "default_profile": "embeded",
            "profiles": {
                "mine": {"models": {"translation": "extractive", "summarization": "extractve"}},
                "bad": {"models": {"summarisation": "extractive"}},
                "worse": "x",
            },
            "models": {
                "ar-en": {"generation": {"beams": 4}, "feed": {"form": "decodr"}, "licens": "x"},
                "short": {"task": "translation"},
                "engineless": {**OWN_MODEL, "engine": "ctranslate"},
                "hubless": {**OWN_MODEL, "source": "https://a/b"},
                "named": {**OWN_MODEL, "id": "x"},
                "odd": {**OWN_MODEL, "engine": "transformers", "source": "hub:onlyname"},
                "climbing": {**OWN_MODEL, "source": "bundled:../x"},
                "sourceless": {**OWN_MODEL, "source": "ftp://x"},
                "numbered": {**OWN_MODEL, 5: 1},
            },
        },
    )
    text = "\n".join(problems_of(path))
    for expected in (
        "unknown key 'profile'; did you mean 'profiles'? there are: default_profile, profiles, models",
        "default_profile: unknown profile 'embeded'; did you mean 'embedded'?",
        "profiles.mine.models.translation: extractive is a model for summarization",
        "profiles.mine.models.summarization: unknown model 'extractve'; did you mean 'extractive'?",
        "profiles.bad.models.summarisation: Input should be 'summarization' or 'translation'",
        "profiles.worse: must be keys and values, not 'x'",
        "models.ar-en.generation: unknown key 'beams'; did you mean 'beam'?",
        "models.ar-en.feed.form: Input should be 'decoder' or 'encoder-decoder', not 'decodr'",
        "models.ar-en: unknown key 'licens'; did you mean 'licence'?",
        "models.short.engine: is missing",
        "models.engineless.engine: unknown engine 'ctranslate'; did you mean 'ctranslate2'? there are: ctranslate2",
        "models.hubless.source: engine ctranslate2 runs bundled or hub or path models, not 'https://a/b'",
        "models.named: 'id' is given by the entry's own name",
        "models.odd.source: must be hub:organisation/name, not 'hub:onlyname'",
        "models.climbing.source: must name a directory of models/, not 'bundled:../x'",
        "models.sourceless.source: String should match pattern",
        "models.numbered: every key must be a word",
    ):
        assert expected in text


def test_an_unknown_key_without_any_like_it_gets_the_list(tmp_path):
    path = write_yaml(tmp_path / "odd.yaml", {"models": {"ar-en": {"qqq": 1, "citation": {"xyz": 1}}}})
    text = "\n".join(problems_of(path))
    assert "models.ar-en: unknown key 'qqq'; there are: task, engine, source" in text


def test_sections_must_map_names(tmp_path):
    with pytest.raises(ConfigError) as caught:
        Registry.from_dict({"models": [], "profiles": None})
    assert caught.value.problems == (
        "models: must map names to entries",
        "profiles: must map names to entries",
        "default_profile: unknown profile 'None'; there are: none",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"models: [", "is not YAML"),
        (b"models: {a: 1, a: 2}", "the key 'a' is given twice"),
        (b"- a\n- b", "must hold keys and values, not a list"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"[" * 5000, "is not YAML"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path, content, message):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        Registry.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read: No such file"):
        Registry.load(tmp_path / "none.yaml")


def test_unknown_names_get_suggestions_and_the_list():
    registry = Registry.load()
    with pytest.raises(
        ConfigError, match="unknown profile 'standart'; did you mean 'standard'\\? there are: embedded"
    ):
        registry.profile("standart")
    with pytest.raises(ConfigError, match="unknown model 'extractiv'; did you mean 'extractive'"):
        registry.engine("extractiv")


def test_a_profile_may_lack_a_task(tmp_path):
    path = write_yaml(
        tmp_path / "p.yaml", {"profiles": {"half": {"models": {"summarization": "extractive"}}}}
    )
    with pytest.raises(ConfigError, match="profile 'half' names no model for translation"):
        Registry.load(path).engine_for("half", "translation")


def test_an_engine_is_made_once():
    registry = Registry.load()
    assert isinstance(registry.engine("extractive"), ExtractiveEngine)
    assert registry.engine("extractive") is registry.engine_for("embedded", "summarization")


def test_a_model_says_what_it_is():
    spec = Registry.load().model("mt5-xlsum")
    assert (spec.source_kind, spec.source_name) == ("hub", "csebuetnlp/mT5_multilingual_XLSum")
    assert (spec.info.id, spec.info.engine) == ("mt5-xlsum", "ctranslate2")
    assert spec.generation.length_limit(500) == 84
    assert spec.generation.length_limit(500, 10) == 10


def test_the_file_in_the_config_folder_is_read_and_the_option_goes_over_it(tmp_path, monkeypatch):
    folder = tmp_path / "config"
    folder.mkdir()
    write_yaml(folder / "models.yaml", {"models": {"own": OWN_MODEL, "ar-en": {"generation": {"beam": 3}}}})
    assert Registry.load().model("ar-en").generation.beam == 3
    assert Registry.load().model("own").source == f"path:{folder / 'weights'}"
    over = write_yaml(tmp_path / "over.yaml", {"models": {"ar-en": {"generation": {"beam": 4}}}})
    assert Registry.load(over).model("ar-en").generation.beam == 4
    assert "own" in Registry.load(over).models
    write_yaml(folder / "models.yaml", {"models": {"own": {**OWN_MODEL, "licens": "x"}}})
    with pytest.raises(ConfigError, match=r"config/models\.yaml is not right: .*unknown key 'licens'"):
        Registry.load()


def test_the_config_folder_is_where_the_user_keeps_such_things(monkeypatch, tmp_path):
    assert config_directory() == tmp_path / "config"
    monkeypatch.delenv("MUJAZ_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert config_directory() == tmp_path / "xdg" / "mujaz"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_directory() == tmp_path / ".config" / "mujaz"


def test_what_the_fields_say_against_each_other_is_told(tmp_path):
    server = {**OWN_MODEL, "engine": "openai", "source": "http://localhost:1/v1"}
    path = write_yaml(
        tmp_path / "wrong.yaml",
        {
            "models": {
                "coded": {**OWN_MODEL, "source_code": "arb_Arab", "target_code": "eng_Latn"},
                "served": {**OWN_MODEL, "server": {"model": "x"}},
                "misspelt": {**server, "server": {"modle": "x"}},
                "scored": {**OWN_MODEL, "scores": [{"dataset": "d", "metric": "m", "valeu": 1}]},
                "pinned": {**OWN_MODEL, "revision": "v1"},
                "decoder": {**OWN_MODEL, "feed": {"form": "decoder", "target_prefix": ["en"]}},
                "hostless": {**server, "source": "http:///v1"},
                "local": {**server, "source": "path:here"},
            },
            "profiles": {
                "direct": {"models": {"summarization": "crosssum-english", "translation": "ar-en"}},
                "fallen": {"models": {"translation": "ar-en"}, "fallback": {"translation": "ar-eng"}},
            },
        },
    )
    text = "\n".join(problems_of(path))
    for expected in (
        "models.coded.source_code: 'arb_Arab' does not stand in `feed`, so the model is never told",
        "models.coded.target_code: 'eng_Latn' does not stand in `feed`",
        "models.served.server: only of engine openai, not ctranslate2",
        "models.misspelt.server: unknown key 'modle'; did you mean 'model'?",
        "models.scored.scores.0: unknown key 'valeu'; did you mean 'value'?",
        "models.pinned.revision: only of a hub model",
        "models.decoder.feed.target_prefix: a decoder has no target of its own",
        "models.hostless.source: must be the base URL of a server",
        "models.local.source: engine openai runs http models, not 'path:",
        "profiles.direct.models.summarization: crosssum-english writes 'en', and a brief needs 'ar'",
        "profiles.fallen.fallback.translation: unknown model 'ar-eng'; did you mean 'ar-en'?",
    ):
        assert expected in text


def test_where_a_server_is_decides_whether_text_leaves_the_machine():
    spec = Registry.load().model("llm-translator")
    for url, sends in (
        ("http://127.0.0.1:8000/v1", False),
        ("http://localhost:8000/v1", False),
        ("http://[::1]:8000/v1", False),
        ("http://10.0.0.7:8000/v1", True),
        ("https://api.example.org/v1", True),
    ):
        assert spec.model_copy(update={"source": url}).sends_text is sends
