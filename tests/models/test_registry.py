from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import (
    GoldenResult,
    Registry,
    bundled,
    bundled_directory,
    fetch,
)
from summarizer.models import (
    hub as hub_module,
)
from tests.fakes import FakeEngine, OneTranslator
from tests.models.samples import OWN_MODEL, write_model, write_yaml

# --- finding models ---


def test_a_bundled_model_that_is_not_installed_says_so():
    with pytest.raises(MissingModelError, match="no-such is not in this installation; reinstall"):
        bundled_directory("no-such")


def test_a_file_that_is_not_installed_says_so():
    with pytest.raises(ConfigError, match=r"none\.yaml is not in this installation"):
        bundled._shipped("none.yaml")


def bundled_registry(monkeypatch: pytest.MonkeyPatch, directory: Path) -> Registry:
    """The shipped registry with ``directory`` in place of the bundled weights, taken as they are."""
    monkeypatch.setattr(bundled, "bundled_directory", lambda name: directory)
    registry = Registry.load()
    registry.models["ar-en"] = registry.model("ar-en").model_copy(update={"adapter": None, "multi_query": False})
    return registry


def test_the_status_of_a_bundled_model_checks_every_byte(monkeypatch, tmp_path):
    registry = bundled_registry(monkeypatch, write_model(tmp_path / "m"))
    assert registry.status("ar-en").ready
    joined = registry.locate(registry.model("ar-en")) / "model.bin"
    joined.write_bytes(b"FIRST second third")
    status = registry.status("ar-en")
    assert not status.ready
    assert "model.bin is damaged" in status.problem


def test_a_path_model_is_taken_as_it_is_or_joined(tmp_path):
    path = write_yaml(tmp_path / "mine.yaml", {"models": {"own": OWN_MODEL}})
    registry = Registry.load(path)
    with pytest.raises(
        MissingModelError, match=r"there is no directory .*weights; correct `source` of model own"
    ):
        registry.locate(registry.model("own"))
    (tmp_path / "weights").mkdir()
    assert registry.locate(registry.model("own")) == tmp_path / "weights"
    (tmp_path / "weights").rmdir()
    write_model(tmp_path / "weights")
    assert (registry.locate(registry.model("own")) / "model.bin").read_bytes() == b"first second third"


def test_a_missing_extra_names_the_command(monkeypatch):
    monkeypatch.setattr(hub_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        MissingModelError, match=r"arabart-xlsum needs torch, transformers: pip install 'mujaz\[hub\]'"
    ):
        Registry.load().require("quality")
    status = Registry.load().status("arabart-xlsum")
    assert not status.ready
    assert "pip install 'mujaz[hub]'" in status.problem


def test_hub_models_need_the_hub_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    registry = Registry.load()
    with pytest.raises(MissingModelError, match=r"needs huggingface-hub: pip install 'mujaz\[hub\]'"):
        registry.locate(registry.model("mt5-xlsum"))


class FakeHub:
    """Stands for huggingface_hub: one repository, here or not, and a record of what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        import types

        self.path, self.here, self.error = path, False, None
        self.asked: list[dict[str, object]] = []
        hub, errors = types.ModuleType("huggingface_hub"), types.ModuleType("huggingface_hub.errors")
        errors.LocalEntryNotFoundError = type("LocalEntryNotFoundError", (FileNotFoundError,), {})
        errors.HfHubHTTPError = type("HfHubHTTPError", (OSError,), {})
        hub.snapshot_download = self.snapshot_download
        self.errors = errors
        monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
        monkeypatch.setitem(sys.modules, "huggingface_hub.errors", errors)
        monkeypatch.setattr(hub_module.importlib.util, "find_spec", lambda name: object())

    def snapshot_download(self, repository: str, **options: object) -> str:
        self.asked.append({"repository": repository, **options})
        if self.error is not None:
            raise self.error
        if options["local_files_only"] and not self.here:
            raise self.errors.LocalEntryNotFoundError("not here")
        self.here = True
        return str(self.path)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeHub:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return FakeHub(monkeypatch, tmp_path / "snapshot")


def test_a_hub_model_that_is_not_here_names_the_command_and_downloads_nothing(hub):
    with pytest.raises(
        MissingModelError,
        match="mt5-xlsum is not on this machine; get it with: mujaz models fetch --profile standard",
    ):
        Registry.load().require("standard")
    assert [each["local_files_only"] for each in hub.asked] == [True]


def test_fetching_downloads_what_a_profile_needs(monkeypatch, tmp_path, hub):
    registry, seen = bundled_registry(monkeypatch, write_model(tmp_path / "m")), []
    *found, joined = fetch(registry, profile="standard", progress=lambda spec: seen.append(spec.id))
    assert found == [hub.path, hub.path]
    assert (joined / "model.bin").exists()
    assert seen == ["mt5-xlsum", "opus-mt-tc-big-ar-en", "ar-en"]
    assert [each["repository"] for each in hub.asked] == [
        "csebuetnlp/mT5_multilingual_XLSum",
        "Helsinki-NLP/opus-mt-tc-big-ar-en",
    ]
    assert not any(each["local_files_only"] for each in hub.asked)
    registry.require("standard")


def test_fetching_an_embedded_profile_joins_its_weights(monkeypatch, tmp_path, hub):
    registry = bundled_registry(monkeypatch, write_model(tmp_path / "m"))
    nothing, joined = fetch(registry)
    assert nothing == Path()
    assert (joined / "model.bin").exists()
    assert hub.asked == []


def test_offline_means_offline(monkeypatch, hub):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        fetch(Registry.load(), models=["mt5-xlsum"])
    assert hub.asked == []


def test_a_hub_that_fails_is_a_model_error(hub):
    hub.error = hub.errors.HfHubHTTPError("404 no such\nrepository")
    with pytest.raises(ModelError, match="mt5-xlsum: 404 no such repository"):
        fetch(Registry.load(), models=["mt5-xlsum"])
    hub.error = hub.errors.LocalEntryNotFoundError("no network")
    with pytest.raises(ModelError, match="the model hub cannot be reached"):
        fetch(Registry.load(), models=["mt5-xlsum"])


# --- golden sentences ---


def test_golden_sentences_are_those_that_lie_beside_the_weights(monkeypatch, tmp_path):
    directory = write_model(tmp_path / "m")
    registry = bundled_registry(monkeypatch, directory)
    assert registry.golden("extractive") == registry.golden("ar-en") == []
    rows = [
        {"ar": "نعم.", "en": "Yes.", "beam": 1},
        {"ar": "لا.", "en": "No."},
        {"ar": "نعم.", "summary": "لا."},
    ]
    (directory / "golden.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    assert registry.golden("ar-en") == [{"ar": "نعم.", "en": "Yes."}, {"ar": "لا.", "en": "No."}]
    for damaged in ("{}", "[", "5"):
        (directory / "golden.jsonl").write_text(damaged)
        with pytest.raises(ModelError, match=r"golden\.jsonl is damaged"):
            registry.golden("ar-en")


def test_a_model_is_known_by_its_golden_sentences_even_if_a_word_differs(monkeypatch, tmp_path):
    directory = write_model(tmp_path / "m")
    registry = bundled_registry(monkeypatch, directory)
    answers = {
        "وصل الوزير إلى بغداد.": "He is here.",
        "نعم.": "Yes, it is so indeed.",
        "لا.": "No.",
    }
    registry._engines["ar-en"] = FakeEngine(answers)
    assert registry.try_golden("ar-en") == GoldenResult(total=0, same=0, likeness=1.0)
    for useless in ("", "وصل الوزير إلى بغداد."):  # without a record, it must at least answer in English
        registry._engines["ar-en"] = FakeEngine(lambda text, answer=useless: answer)
        assert not registry.try_golden("ar-en").ok
    registry._engines["ar-en"] = FakeEngine(answers)
    rows = [{"ar": "نعم.", "en": "Yes, it is so today."}, {"ar": "لا.", "en": "No."}]
    (directory / "golden.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    result = registry.try_golden("ar-en")
    assert (result.total, result.same, result.ok) == (2, 1, True)
    assert result.likeness == pytest.approx((0.8 + 1) / 2)
    registry._engines["ar-en"] = FakeEngine(lambda text: "Something else entirely.")
    assert not registry.try_golden("ar-en").ok


def test_a_model_of_no_profile_is_fetched_by_its_own_name(hub, tmp_path):
    own = {**OWN_MODEL, "engine": "transformers", "source": "hub:someone/else"}
    registry = Registry.load(write_yaml(tmp_path / "mine.yaml", {"models": {"own": own}}))
    with pytest.raises(
        MissingModelError, match="own is not on this machine; get it with: mujaz models fetch --model own"
    ):
        registry.locate(registry.model("own"))


# --- warming ---


class Counting(FakeEngine):
    """Says which texts it was asked to count: what loads the weights of a real engine."""

    def __init__(self) -> None:
        super().__init__(lambda _text: "x")
        self.counted: list[str] = []

    def count_tokens(self, text: str) -> int:
        self.counted.append(text)
        return super().count_tokens(text)


def test_warming_loads_the_models_of_the_profile():
    engine = Counting()
    OneTranslator(engine).warm()
    assert len(engine.counted) == 1


def test_warming_an_unknown_profile_is_refused():
    engine = Counting()
    with pytest.raises(ConfigError, match="embeded"):
        OneTranslator(engine).warm("embeded")
    assert engine.counted == []
