"""The registry: every model and profile by name, what is on this machine, and the engines that run them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from summarizer.arabic import tokenize
from summarizer.engines import Engine, create_engine
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import bundled, convert, hub
from summarizer.models.files import parse, read_files, unknown
from summarizer.models.specs import ModelSpec, Profile, Task

#: Likeness below which a model is not the one that was recorded. The embedded model with another beam than it was
#: recorded with scores 0.85; answers to the wrong sentences 0.11.
GOLDEN_FLOOR: Final = 0.6
#: What a model without recorded sentences is tried on.
_PROBE: Final = "وصل الوزير إلى بغداد."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """Whether a model can run here. ``problem`` says why not, and what to do; ``note`` what will happen first."""

    spec: ModelSpec
    ready: bool
    problem: str = ""
    note: str = ""
    disk_mb: float = 0.0  # of its files on this machine, MB of 10^6 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenResult:
    """How a model fared on its recorded sentences: how many, how many to the letter, how alike on the whole.

    ``likeness`` is the mean share of equal words in order (0 to 1). Processors with other int8 kernels, and
    other batches, change a word here and there, so the verdict ``ok`` goes by likeness, not by the letter. A model
    without a record has ``total`` 0, and is ``ok`` (likeness 1) where it answers in its target language.
    """

    total: int
    same: int
    likeness: float

    @property
    def ok(self) -> bool:
        return self.likeness >= GOLDEN_FLOOR


class Registry:
    """The models and profiles of the shipped file, and of the user's if there is one."""

    def __init__(
        self, *, models: Mapping[str, ModelSpec], profiles: Mapping[str, Profile], default_profile: str
    ) -> None:
        self.models: Final = dict(models)
        self.profiles: Final = dict(profiles)
        self.default_profile: Final = default_profile
        self._engines: dict[str, Engine] = {}

    @classmethod
    def load(cls, path: Path | str | None = None) -> Registry:
        """Read the shipped ``models.yaml``, the one in the user's config folder over it, and ``path`` over both.

        Relative ``path:`` sources of a file count from that file's directory. Raises ``ConfigError`` whose
        ``problems`` lists every fault of the files together.
        """
        raw, origin = read_files(path)
        return cls.from_dict(raw, origin=origin)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], *, origin: str = "models") -> Registry:
        """Check the parsed form of a whole registry. Raises ``ConfigError`` as ``load`` does."""
        models, profiles, default = parse(raw, origin=origin)
        return cls(models=models, profiles=profiles, default_profile=default)

    # --- names ----------------------------------------------------------------------------------

    def profile(self, name: str | None = None) -> Profile:
        """Return a profile, the default one without a name. Raises ``ConfigError`` on an unknown name."""
        wanted = self.default_profile if name is None else name
        if wanted not in self.profiles:
            raise ConfigError(unknown("profile", wanted, self.profiles))
        return self.profiles[wanted]

    def model(self, model_id: str) -> ModelSpec:
        """Return a model. Raises ``ConfigError`` on an unknown id."""
        if model_id not in self.models:
            raise ConfigError(unknown("model", model_id, self.models))
        return self.models[model_id]

    def task_model(self, task: Task, profile: str | None = None) -> ModelSpec:
        """Return the model that does ``task`` in a profile. Raises ``ConfigError`` where none does."""
        found = self.profile(profile)
        if task not in found.models:
            raise ConfigError(f"profile {found.name!r} names no model for {task}")
        return self.model(found.models[task])

    # --- engines --------------------------------------------------------------------------------

    def engine(self, model_id: str) -> Engine:
        """Return the engine of a model, always the same one; it loads its weights when first used."""
        if model_id not in self._engines:
            spec = self.model(model_id)
            # Two threads may come here at once; both get the engine of the first.
            return self._engines.setdefault(model_id, create_engine(spec, lambda: self.locate(spec)))
        return self._engines[model_id]

    def engine_for(self, profile: str | None, task: Task) -> Engine:
        """Return the engine that does ``task`` in a profile. Raises ``ConfigError`` where none does."""
        return self.engine(self.task_model(task, profile).id)

    def fallback_for(self, profile: str | None) -> Engine | None:
        """Return the engine that translates what the profile's own translator could not, if it names one."""
        model_id = self.profile(profile).fallback.get("translation")
        return None if model_id is None else self.engine(model_id)

    def warm(self, profile: str | None = None) -> None:
        """Load the weights of a profile's models, so that the first text does not wait for them.

        Raises as ``require`` does, and ``ModelError`` where a model does not load.
        """
        self.require(profile)
        for model_id in self.profile(profile).models.values():
            self.engine(model_id).count_tokens(_PROBE)

    # --- files ----------------------------------------------------------------------------------

    def locate(self, spec: ModelSpec) -> Path:
        """Return the directory of what the engine loads: joined, checked and converted if need be.

        Never downloads. Raises ``MissingModelError`` with the command that gets what is missing, ``ModelError`` on
        damage or a checkpoint that cannot be converted.
        """
        try:
            directory = _files_of(spec)
            if spec.engine == "ctranslate2" and convert.is_checkpoint(directory):
                return convert.convert(spec, directory)
        except MissingModelError as error:
            raise MissingModelError(self._with_profile(spec, str(error))) from error
        return directory

    def status(self, model_id: str) -> ModelStatus:
        """Tell whether a model can run here, bundled weights checked byte for byte.

        Loads, converts and downloads nothing, and asks no server.
        """
        spec = self.model(model_id)
        try:
            hub.require_extras(spec)
            directory = _files_of(spec)
            note = ""
            if spec.adapter is not None or spec.source_kind == "bundled":
                bundled.verify(directory, bundled.read_sums(directory))
            elif spec.engine == "ctranslate2" and convert.is_checkpoint(directory):
                found = convert.converted_directory(spec, directory)
                if not convert.is_converted(found):
                    hub.require_extras(spec, modules=convert.MODULES)
                    note = f"converted at its first use, or now: mujaz models convert --model {spec.id}"
                else:
                    directory = found
            elif spec.source_kind == "http":
                note = f"asked at {spec.source}" + (": reports are sent there" if spec.sends_text else "")
        except ModelError as error:
            return ModelStatus(spec=spec, ready=False, problem=self._with_profile(spec, str(error)))
        return ModelStatus(spec=spec, ready=True, note=note, disk_mb=_disk_mb(spec, directory))

    def require(self, profile: str | None = None) -> None:
        """Raise the ``MissingModelError`` or ``ModelError`` of the first model of a profile that cannot run."""
        found = self.profile(profile)
        for model_id in (*found.models.values(), *found.fallback.values()):
            spec = self.model(model_id)
            try:
                hub.require_extras(spec)
            except MissingModelError as error:
                raise MissingModelError(self._with_profile(spec, str(error))) from error
            self.locate(spec)

    def _with_profile(self, spec: ModelSpec, message: str) -> str:
        """Turn the command that gets one model into the one that gets a profile that has it, if one does."""
        named = [profile.name for profile in self.profiles.values() if spec.id in profile.models.values()]
        return (
            message.replace(f"fetch --model {spec.id}", f"fetch --profile {named[0]}") if named else message
        )

    # --- golden sentences -----------------------------------------------------------------------

    def golden(self, model_id: str) -> list[dict[str, str]]:
        """Return the sentences recorded beside a model's files, ``{"ar": ..., "en": ...}`` each; none of the hub's.

        A summarizer's are ``{"ar": ..., "summary": ...}``.

        Raises ``ModelError`` where the record is damaged.
        """
        spec = self.model(model_id)
        adapter = adapter_directory(spec)
        if adapter is not None:
            rows = bundled.read_golden(adapter)
        elif spec.source_kind == "path":  # what a recipe exports has its record with it
            rows = bundled.read_golden(Path(spec.source_name))
        elif spec.source_kind == "bundled":
            rows = bundled.read_golden(bundled.bundled_directory(spec.source_name))
        else:
            rows = []
        answer = "summary" if spec.task == "summarization" else "en"
        return [row for row in rows if answer in row]  # weights that do both have both

    def try_golden(self, model_id: str) -> GoldenResult:
        """Load a model and run its recorded sentences; without any, see that it answers in its target language."""
        golden = self.golden(model_id) or [{"ar": _PROBE, "en": ""}]
        answers = [each[0].text for each in self.engine(model_id).generate([row["ar"] for row in golden])]
        recorded_answers = [row["summary"] if "summary" in row else row["en"] for row in golden]
        pairs = [
            (answer, recorded) for answer, recorded in zip(answers, recorded_answers, strict=True) if recorded
        ]
        if not pairs:
            fits = _is_in(self.model(model_id).target_language, answers[0])
            return GoldenResult(total=0, same=0, likeness=float(fits))
        likeness = [
            difflib.SequenceMatcher(None, answer.split(), recorded.split(), autojunk=False).ratio()
            for answer, recorded in pairs
        ]
        same = sum(answer == recorded for answer, recorded in pairs)
        return GoldenResult(total=len(pairs), same=same, likeness=sum(likeness) / len(pairs))


def _files_of(spec: ModelSpec) -> Path:
    """Return the directory of a model's files as they came, bundled parts joined."""
    match spec.source_kind:
        case "bundled":
            return bundled.unpack_bundled(
                bundled.bundled_directory(spec.source_name),
                adapter=adapter_directory(spec),
                multi_query=spec.multi_query,
            )
        case "hub":
            return hub.snapshot(spec)
        case "path":
            directory = Path(spec.source_name)
            if not directory.is_dir():
                raise MissingModelError(f"{spec.id}: there is no directory {directory}; {spec.remedy}")
            share = spec.multi_query and not convert.is_checkpoint(directory)  # `convert` does it itself
            if share and not (directory / bundled.SUMS_FILE).is_file():
                raise ModelError(
                    f"{spec.id}: a converted model takes multi_query only with its {bundled.SUMS_FILE}; "
                    "name its checkpoint as `source`, or leave multi_query out of models.yaml"
                )
            if spec.adapter is not None or share or bundled.weight_parts(directory):
                return bundled.unpack_bundled(
                    directory, adapter=adapter_directory(spec), multi_query=share
                )
            return directory
        case _:
            return Path()  # `extractive` and `openai`: there are no files


def adapter_directory(spec: ModelSpec) -> Path | None:
    """Return the directory of a model's adapter, if it has one. Raises ``MissingModelError``."""
    if spec.adapter is None or spec.adapter_name is None:
        return None
    if spec.adapter.startswith("bundled:"):
        return bundled.bundled_directory(spec.adapter_name)
    directory = Path(spec.adapter_name)
    if not directory.is_dir():
        raise MissingModelError(f"{spec.id}: there is no directory {directory}; {spec.remedy}")
    return directory


def _disk_mb(spec: ModelSpec, directory: Path) -> float:
    if spec.source_kind in ("none", "http"):
        return 0.0
    return round(sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6, 1)


def _is_in(language: str, text: str) -> bool:
    """Tell whether most words of a text are in the script of its language (Arabic, or Latin for all others)."""
    words = [word for word in tokenize(text) if word.isalpha()]
    latin = sum(word.isascii() for word in words)
    return bool(words) and (latin * 2 < len(words)) == (language == "ar")


def fetch(
    registry: Registry,
    *,
    profile: str | None = None,
    models: Sequence[str] = (),
    progress: Callable[[ModelSpec], None] | None = None,
) -> tuple[Path, ...]:
    """Get the files of a profile's models (or of ``models``) onto this machine; return their directories.

    The only function that downloads; a server's models are the server's affair and are passed over. ``progress``
    is called before each model. Raises ``ModelError`` when ``HF_HUB_OFFLINE`` forbids it or the hub fails,
    ``MissingModelError`` without the ``hub`` extra.
    """
    found: list[Path] = []
    for spec in _wanted(registry, profile, models):
        if progress is not None:
            progress(spec)
        if spec.source_kind != "hub":
            found.append(_files_of(spec))
            continue
        hub.require_extras(spec)
        found.append(hub.snapshot(spec, download=True))
    return tuple(found)


def convert_models(
    registry: Registry,
    *,
    profile: str | None = None,
    models: Sequence[str] = (),
    progress: Callable[[ModelSpec], None] | None = None,
) -> tuple[Path, ...]:
    """Convert the models of engine ``ctranslate2`` among a profile's (or ``models``) that have not been yet.

    Returns their directories. Raises ``ConfigError`` where none of them is of that engine, else as
    ``Registry.locate`` does.
    """
    specs = [spec for spec in _wanted(registry, profile, models) if spec.engine == "ctranslate2"]
    if not specs:
        raise ConfigError("none of these models runs on engine ctranslate2: there is nothing to convert")
    found: list[Path] = []
    for spec in specs:
        if progress is not None:
            progress(spec)
        found.append(registry.locate(spec))
    return tuple(found)


def _wanted(registry: Registry, profile: str | None, models: Iterable[str]) -> list[ModelSpec]:
    """Return the named models, or those of the profile and its fall-backs; each once."""
    named = list(models)
    if not named:
        found = registry.profile(profile)
        named = [*found.models.values(), *found.fallback.values()]
    return [registry.model(model_id) for model_id in dict.fromkeys(named)]
