from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from summarizer import models
from summarizer.engines.extractive import ExtractiveEngine
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import (
    GoldenResult,
    Registry,
    bundled_directory,
    cache_directory,
    fetch,
    shipped_file,
    unpack_bundled,
)
from tests.fakes import FakeEngine

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own for every test, and no way to the hub."""
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return tmp_path / "cache"


def write_model(directory: Path, *, parts: tuple[bytes, ...] = (b"first ", b"second ", b"third")) -> Path:
    """Write a bundled model of three small parts, its files and its SHA256SUMS."""
    directory.mkdir(parents=True)
    files = {"config.json": b"{}", "vocabulary.json": b"[]", "tokenizer.json": b"{}", "CARD.md": b"# card"}
    files |= {f"model.bin.part-{number:02}": part for number, part in enumerate(parts)}
    for name, content in files.items():
        (directory / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    sums["model.bin"] = hashlib.sha256(b"".join(parts)).hexdigest()
    (directory / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    return directory


def write_yaml(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        Registry.load(path)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


OWN_MODEL = {
    "task": "translation",
    "engine": "ctranslate2",
    "source": "path:weights",
    "licence": "MIT",
    "size_mb": 1,
    "source_language": "ar",
    "target_language": "en",
    "input_limit": 100,
}


# --- the shipped file -------------------------------------------------------------------------------


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


# --- the user's file ----------------------------------------------------------------------------------


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
                "hubless": {**OWN_MODEL, "source": "hub:a/b"},
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
        "models.hubless.source: engine ctranslate2 runs bundled or path models, not 'hub:a/b'",
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
    assert (spec.info.id, spec.info.engine) == ("mt5-xlsum", "transformers")
    assert spec.generation.length_limit(500) == 84
    assert spec.generation.length_limit(500, 10) == 10


# --- the cache ------------------------------------------------------------------------------------------


def test_the_cache_is_where_the_user_wants_it(monkeypatch, tmp_path):
    assert cache_directory() == tmp_path / "cache"
    monkeypatch.delenv("MUJAZ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "mujaz"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard says to ignore it
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_directory() == tmp_path / ".cache" / "mujaz"


def test_parts_are_joined_beside_the_other_files(tmp_path, cache):
    found = unpack_bundled(write_model(tmp_path / "m"))
    assert found.parent == cache / "models"
    assert (found / "model.bin").read_bytes() == b"first second third"
    assert {each.name for each in found.iterdir()} == {
        "model.bin", "config.json", "vocabulary.json", "tokenizer.json"
    }  # fmt: skip


def test_joined_weights_are_used_again_until_they_are_off(tmp_path):
    directory = write_model(tmp_path / "m")
    found = unpack_bundled(directory)
    stamp = (found / "model.bin").stat().st_mtime_ns
    assert unpack_bundled(directory) == found
    assert (found / "model.bin").stat().st_mtime_ns == stamp
    (found / "model.bin").write_bytes(b"cut")
    assert (unpack_bundled(directory) / "model.bin").read_bytes() == b"first second third"
    assert not (found / ".old").exists()
    (found / "config.json").unlink()
    assert (unpack_bundled(directory) / "config.json").exists()


def test_new_weights_never_meet_an_old_cache(tmp_path):
    one = unpack_bundled(write_model(tmp_path / "m"))
    shutil.rmtree(tmp_path / "m")
    other = unpack_bundled(write_model(tmp_path / "m", parts=(b"FIRST ", b"second ", b"third")))
    assert one != other
    assert (other / "model.bin").read_bytes() == b"FIRST second third"


def test_whole_weights_are_used_where_they_lie(tmp_path, cache):
    directory = write_model(tmp_path / "m")
    (directory / "model.bin").write_bytes(b"first second third")
    assert unpack_bundled(directory) == directory
    assert not cache.exists()


def test_one_part_is_enough(tmp_path):
    assert (unpack_bundled(write_model(tmp_path / "m", parts=(b"all",))) / "model.bin").read_bytes() == b"all"


@pytest.mark.parametrize("name", ["model.bin.part-01", "config.json"])
def test_a_damaged_file_is_named_and_leaves_no_cache(tmp_path, cache, name):
    directory = write_model(tmp_path / "m")
    content = bytearray((directory / name).read_bytes())
    content[0] ^= 1
    (directory / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} is damaged"):
        unpack_bundled(directory)
    assert list((cache / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["model.bin.part-01", "tokenizer.json"])
def test_a_missing_file_of_the_model_is_named(tmp_path, name):
    directory = write_model(tmp_path / "m")
    (directory / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing"):
        unpack_bundled(directory)


def test_parts_that_do_not_add_up_are_damage(tmp_path):
    directory = write_model(tmp_path / "m")
    sums = (directory / "SHA256SUMS").read_text().splitlines()
    sums[-1] = f"{'0' * 64}  model.bin"
    (directory / "SHA256SUMS").write_text("\n".join(sums))
    with pytest.raises(ModelError, match=r"model\.bin is damaged"):
        unpack_bundled(directory)


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        (None, "SHA256SUMS cannot be read"),
        ("nonsense\n", "SHA256SUMS is damaged: 'nonsense'"),
        (f"{'0' * 64}  ../model.bin\n", "SHA256SUMS is damaged"),
        ("", r"SHA256SUMS does not name model\.bin"),
    ],
)
def test_checksums_must_be_there_and_right(tmp_path, sums, message):
    directory = write_model(tmp_path / "m")
    (directory / "SHA256SUMS").unlink()
    if sums is not None:
        (directory / "SHA256SUMS").write_text(sums)
    with pytest.raises(ModelError, match=message):
        unpack_bundled(directory)


def test_a_part_that_the_checksums_do_not_know_is_refused(tmp_path):
    directory = write_model(tmp_path / "m")
    (directory / "model.bin.part-99").write_bytes(b"stray")
    with pytest.raises(ModelError, match=r"model\.bin\.part-99 is not in"):
        unpack_bundled(directory)


def test_a_directory_without_weights_is_a_missing_model(tmp_path):
    with pytest.raises(MissingModelError, match="has no weights"):
        unpack_bundled(tmp_path)


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "the disk is full; make room or set MUJAZ_CACHE"), (errno.EIO, "boom")],
)
def test_a_cache_that_cannot_be_written_is_a_clear_error(tmp_path, cache, monkeypatch, number, message):
    def refuse(descriptor: int) -> None:
        raise OSError(number, "boom")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ModelError, match=message):
        unpack_bundled(write_model(tmp_path / "m"))
    assert list((cache / "models").iterdir()) == []


def test_a_cache_that_is_a_file_is_a_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set MUJAZ_CACHE to another directory"):
        unpack_bundled(write_model(tmp_path / "m"))


def test_a_faster_process_wins_without_harm(tmp_path, monkeypatch):
    directory = write_model(tmp_path / "m")
    real = Path.replace

    def lose(self: Path, target: Path) -> Path:
        shutil.copytree(self, target)  # the other process finishes in this very moment
        return real(self, target)

    monkeypatch.setattr(Path, "replace", lose)
    found = unpack_bundled(directory)
    assert (found / "model.bin").read_bytes() == b"first second third"
    assert [each.name for each in found.parent.iterdir()] == [found.name]


def unpack_in_process(directory: str) -> str:
    return str(unpack_bundled(Path(directory)))


def test_processes_that_start_together_all_get_the_model(tmp_path):
    directory = write_model(tmp_path / "m", parts=tuple(bytes([i]) * 500_000 for i in range(4)))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(unpack_in_process, [str(directory)] * 6)
    assert len(set(found)) == 1
    assert (Path(found[0]) / "model.bin").stat().st_size == 2_000_000
    assert [each.name for each in Path(found[0]).parent.iterdir()] == [Path(found[0]).name]


def test_a_kill_in_the_middle_leaves_nothing_that_is_taken_for_a_model(tmp_path, cache):
    directory = write_model(tmp_path / "m")
    code = (
        "import os, sys; from pathlib import Path; from summarizer import models;"
        "os.fsync = lambda descriptor: os._exit(9);"
        "models.unpack_bundled(Path(sys.argv[1]))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(directory)], cwd=ROOT, check=False)
    assert run.returncode == 9
    (leftover,) = (cache / "models").iterdir()
    assert leftover.name.startswith(".partial-")
    assert (unpack_bundled(directory) / "model.bin").read_bytes() == b"first second third"
    assert leftover.exists()  # young: it could be another process at work
    old = time.time() - 7200
    os.utime(leftover, (old, old))
    shutil.rmtree(unpack_bundled(directory))
    unpack_bundled(directory)
    assert not leftover.exists()


# --- finding models -----------------------------------------------------------------------------------------


def test_a_bundled_model_that_is_not_installed_says_so():
    with pytest.raises(MissingModelError, match="no-such is not in this installation; reinstall"):
        bundled_directory("no-such")


def test_a_file_that_is_not_installed_says_so():
    with pytest.raises(ConfigError, match=r"none\.yaml is not in this installation"):
        models._shipped("none.yaml")


def bundled_registry(monkeypatch: pytest.MonkeyPatch, directory: Path) -> Registry:
    """The shipped registry with ``directory`` in place of the bundled weights."""
    monkeypatch.setattr(models, "bundled_directory", lambda name: directory)
    return Registry.load()


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
    monkeypatch.setattr(models.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        MissingModelError, match=r"mt5-xlsum needs torch, transformers: pip install 'mujaz\[hub\]'"
    ):
        Registry.load().require("standard")
    status = Registry.load().status("mt5-xlsum")
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
        monkeypatch.setattr(models.importlib.util, "find_spec", lambda name: object())

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


def test_fetching_downloads_what_a_profile_needs(hub):
    registry, seen = Registry.load(), []
    found = fetch(registry, profile="standard", progress=lambda spec: seen.append(spec.id))
    assert found == (hub.path, hub.path)
    assert seen == ["mt5-xlsum", "opus-mt-ar-en"]
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


# --- golden sentences -----------------------------------------------------------------------------------------


def test_golden_sentences_are_those_that_lie_beside_the_weights(monkeypatch, tmp_path):
    directory = write_model(tmp_path / "m")
    registry = bundled_registry(monkeypatch, directory)
    assert registry.golden("extractive") == registry.golden("ar-en") == []
    rows = [{"ar": "نعم.", "en": "Yes.", "beam": 1}, {"ar": "لا.", "en": "No."}]
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
