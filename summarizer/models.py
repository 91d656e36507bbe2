"""The model registry: which models there are, where their files lie, and how to get them.

``models.yaml`` names *models* (what to run and how to feed it) and *profiles* (which model does which task).
``Registry.load`` reads the shipped file and lays the user's over it; every fault of both is reported at once.
Nothing here downloads unless ``fetch`` is called: ``mujaz models fetch`` does, and nothing else.

Weights that ship with Mujaz are cut into parts (package registries and code hosts limit file sizes). At first
use the parts are checked, joined and put into the user's cache; see ``unpack_bundled``.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import hashlib
import importlib.util
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from summarizer.engines import ENGINES, Engine, LatinNames, create_engine
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.schema import ModelInfo

logger = logging.getLogger(__name__)

Task = Literal["summarization", "translation"]
TASKS: Final[tuple[str, ...]] = get_args(Task)

MODELS_FILE: Final = "models.yaml"
SUMS_FILE: Final = "SHA256SUMS"
WEIGHTS_FILE: Final = "model.bin"
PART_MARK: Final = ".part-"
#: Files of a bundled model that are for people and tests, not for running it.
_NOT_NEEDED: Final = frozenset({"CARD.md", "README.md", "golden.jsonl", SUMS_FILE})
#: A half-made cache entry older than this was left by a process that was killed (joining takes a second).
_STALE_SECONDS: Final = 3600.0
_CHUNK_BYTES: Final = 1 << 20
#: Likeness below which a model is not the one that was recorded. The embedded model with another beam than it was
#: recorded with scores 0.85; answers to the wrong sentences 0.11.
GOLDEN_FLOOR: Final = 0.6
#: What a model without recorded sentences is tried on.
_PROBE: Final = "وصل الوزير إلى بغداد."
_HUB_INSTALL: Final = "pip install 'mujaz[hub]'"
#: Weights for other frameworks that a hub repository may hold beside those for torch.
_HUB_IGNORED: Final = (
    "*.h5",
    "*.msgpack",
    "*.ot",
    "*.onnx",
    "onnx/*",
    "openvino/*",
    "rust_model*",
    "*.tflite",
)
#: Which sources an engine can run.
_ENGINE_SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "ctranslate2": ("bundled", "path"),
    "extractive": ("none",),
    "transformers": ("hub", "path"),
}
#: Modules that an engine needs beyond the core install; the `hub` extra brings them.
_ENGINE_EXTRAS: Final[dict[str, tuple[str, ...]]] = {"transformers": ("torch", "transformers")}


# --- what a model is ------------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Entry = TypeVar("_Entry", bound=_Strict)


class FeedSpec(_Strict):
    """How a text becomes the model's input, and how the answer ends."""

    form: Literal["decoder", "encoder-decoder"] = "encoder-decoder"
    text_prefix: str = ""  # text put before every input (a task prompt, ">>eng<< ")
    before: tuple[str, ...] = ()  # tokens before the encoded text
    after: tuple[str, ...] = ()  # tokens after it
    special_tokens: bool = True  # whether the tokenizer adds its own (</s>, language marks)
    target_prefix: tuple[str, ...] = ()  # first tokens forced upon the answer (a target language)
    end_token: str | None = None  # what ends an answer; None: as the model's files say


class GenerationSpec(_Strict):
    """How answers are searched for. There is no sampling: the same input gives the same answer."""

    beam: int = Field(default=1, ge=1, le=32)  # 1: greedy
    no_repeat_ngram_size: int = Field(default=0, ge=0)  # 0: off
    repetition_penalty: float = Field(default=1.0, gt=0)  # 1: off
    length_penalty: float = Field(default=1.0, ge=0)
    length_ratio: float = Field(default=1.5, ge=0)  # new tokens a token of input ...
    length_constant: int = Field(default=20, ge=1)  # ... and tokens on top
    batch_tokens: int = Field(default=3000, ge=1)  # padded input tokens x beam that run at once

    def length_limit(self, input_tokens: int, asked: int | None = None) -> int:
        """Return the most new tokens for an input of ``input_tokens``, ``asked`` where that is less."""
        limit = int(input_tokens * self.length_ratio) + self.length_constant
        return limit if asked is None else min(limit, asked)


class ModelSpec(_Strict):
    """One model of ``models.yaml``."""

    id: str
    task: Task
    engine: str
    source: str = Field(pattern=r"^(none|(bundled|hub|path):\S.*)$")
    licence: str
    size_mb: float = Field(ge=0)
    source_language: str = Field(pattern=r"^[a-z]{2,3}$")
    target_language: str = Field(pattern=r"^[a-z]{2,3}$")
    input_limit: int = Field(ge=1)  # tokens, as `Engine.count_tokens` counts
    word_limit: int | None = Field(default=None, ge=5)  # words the model handles well; None: as many as fit
    revision: str | None = None  # of a hub repository: a commit or tag; None: its default branch
    latin_names: LatinNames = "retry"  # when names go into the input in Latin letters, see `translate`
    compute_type: str = "int8"  # of CTranslate2
    feed: FeedSpec = FeedSpec()
    generation: GenerationSpec = GenerationSpec()
    citation: str = ""
    notes: str = ""

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(id=self.id, engine=self.engine, licence=self.licence)

    @property
    def source_kind(self) -> str:
        """``none``, ``bundled``, ``hub`` or ``path``."""
        return self.source.partition(":")[0]

    @property
    def source_name(self) -> str:
        """What follows the kind: a directory of ``models/``, ``org/name``, or a path."""
        return self.source.partition(":")[2]

    @property
    def remedy(self) -> str:
        """What the user does when files are missing, as the end of a message."""
        match self.source_kind:
            case "hub":
                return f"get it with: mujaz models fetch --model {self.id}"
            case "bundled":
                return "reinstall with: pip install --force-reinstall mujaz"
            case _:
                return f"correct `source` of model {self.id} in models.yaml"


class Profile(_Strict):
    """Which model does which task."""

    name: str
    description: str = ""
    models: dict[Task, str]


# --- the registry ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """Whether a model can run here. ``problem`` says why not, and what to do about it."""

    spec: ModelSpec
    ready: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenResult:
    """How a model fared on its recorded sentences: how many, how many to the letter, how alike on the whole.

    ``likeness`` is the mean share of equal words in order (0 to 1). Processors with other int8 kernels, and
    other batches, change a word here and there, so the verdict ``ok`` goes by likeness, not by the letter.
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
        """Read the shipped ``models.yaml``, and ``path`` over it.

        Relative ``path:`` sources of a file count from that file's directory. Raises ``ConfigError`` whose
        ``problems`` lists every fault of both files.
        """
        shipped = shipped_file()
        raw = _read_yaml(shipped)
        where = str(shipped)
        if path is not None:
            raw = _merge(raw, _read_yaml(Path(path)))
            where = str(path)
        return cls.from_dict(raw, origin=where)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], *, origin: str = "models") -> Registry:
        """Check the parsed form of a whole registry. Raises ``ConfigError`` as ``load`` does."""
        sections = ("default_profile", "profiles", "models")
        problems = [_unknown("key", str(key), sections) for key in raw if key not in sections]
        models = _parse_all(ModelSpec, "id", "models", raw.get("models"), problems)
        profiles = _parse_all(Profile, "name", "profiles", raw.get("profiles"), problems)
        model_names = list(raw["models"]) if isinstance(raw.get("models"), dict) else []
        for spec in models.values():
            problems.extend(_model_problems(spec))
        for profile in profiles.values():
            problems.extend(_profile_problems(profile, models, model_names))
        default = raw.get("default_profile")
        names = list(raw["profiles"]) if isinstance(raw.get("profiles"), dict) else []
        if default not in names:
            problems.append(f"default_profile: {_unknown('profile', str(default), names)}")
        if problems:
            raise ConfigError(f"{origin} is not right", problems=tuple(problems))
        return cls(models=models, profiles=profiles, default_profile=str(default))

    def profile(self, name: str | None = None) -> Profile:
        """Return a profile, the default one without a name. Raises ``ConfigError`` on an unknown name."""
        wanted = self.default_profile if name is None else name
        if wanted not in self.profiles:
            raise ConfigError(_unknown("profile", wanted, self.profiles))
        return self.profiles[wanted]

    def model(self, model_id: str) -> ModelSpec:
        """Return a model. Raises ``ConfigError`` on an unknown id."""
        if model_id not in self.models:
            raise ConfigError(_unknown("model", model_id, self.models))
        return self.models[model_id]

    def engine(self, model_id: str) -> Engine:
        """Return the engine of a model, always the same one; it loads its weights when first used."""
        if model_id not in self._engines:
            spec = self.model(model_id)
            self._engines[model_id] = create_engine(spec, lambda: self.locate(spec))
        return self._engines[model_id]

    def task_model(self, task: Task, profile: str | None = None) -> ModelSpec:
        """Return the model that does ``task`` in a profile. Raises ``ConfigError`` where none does."""
        found = self.profile(profile)
        if task not in found.models:
            raise ConfigError(f"profile {found.name!r} names no model for {task}")
        return self.model(found.models[task])

    def locate(self, spec: ModelSpec) -> Path:
        """Return the directory of a model's files, joined and checked if need be. Never downloads.

        Raises ``MissingModelError`` with the command that gets what is missing, ``ModelError`` on damage.
        """
        try:
            return _locate(spec)
        except MissingModelError as error:
            raise MissingModelError(self._with_profile(spec, str(error))) from error

    def status(self, model_id: str) -> ModelStatus:
        """Tell whether a model can run here, its weights checked byte for byte. Loads and downloads nothing."""
        spec = self.model(model_id)
        try:
            _require_extras(spec)
            directory = self.locate(spec)
            if spec.source_kind == "bundled":
                _verify(directory, _read_sums(bundled_directory(spec.source_name)))
        except ModelError as error:
            return ModelStatus(spec=spec, ready=False, problem=self._with_profile(spec, str(error)))
        return ModelStatus(spec=spec, ready=True)

    def require(self, profile: str | None = None) -> None:
        """Raise the ``MissingModelError`` or ``ModelError`` of the first model of a profile that cannot run."""
        for model_id in self.profile(profile).models.values():
            spec = self.model(model_id)
            try:
                _require_extras(spec)
            except MissingModelError as error:
                raise MissingModelError(self._with_profile(spec, str(error))) from error
            self.locate(spec)

    def engine_for(self, profile: str | None, task: Task) -> Engine:
        """Return the engine that does ``task`` in a profile. Raises ``ConfigError`` where none does."""
        return self.engine(self.task_model(task, profile).id)

    def golden(self, model_id: str) -> list[dict[str, str]]:
        """Return the recorded sentences of a bundled model, ``{"ar": ..., "en": ...}`` each; none for others.

        Raises ``ModelError`` where the record is damaged.
        """
        return _golden(self.model(model_id))

    def try_golden(self, model_id: str) -> GoldenResult:
        """Load a model and run its recorded sentences; without any, all is well once it loads and answers."""
        golden = self.golden(model_id) or [{"ar": _PROBE, "en": ""}]
        answers = [each[0].text for each in self.engine(model_id).generate([row["ar"] for row in golden])]
        pairs = [(answer, row["en"]) for answer, row in zip(answers, golden, strict=True) if row["en"]]
        if not pairs:
            return GoldenResult(total=0, same=0, likeness=1.0)
        likeness = [
            difflib.SequenceMatcher(None, answer.split(), recorded.split(), autojunk=False).ratio()
            for answer, recorded in pairs
        ]
        same = sum(answer == recorded for answer, recorded in pairs)
        return GoldenResult(total=len(pairs), same=same, likeness=sum(likeness) / len(pairs))

    def _with_profile(self, spec: ModelSpec, message: str) -> str:
        """Turn the command that gets one model into the one that gets a profile that has it, if one does."""
        named = [profile.name for profile in self.profiles.values() if spec.id in profile.models.values()]
        return message.replace(f"--model {spec.id}", f"--profile {named[0]}") if named else message


def shipped_file() -> Path:
    """Return the ``models.yaml`` of this installation: in the wheel, or in the repository's root."""
    return _shipped(MODELS_FILE)


def bundled_directory(name: str) -> Path:
    """Return the directory of a model that ships with Mujaz. Raises ``MissingModelError``."""
    try:
        return _shipped(f"models/{name}")
    except ConfigError as error:
        raise MissingModelError(
            f"the bundled model {name} is not in this installation; reinstall with: pip install --force-reinstall mujaz"
        ) from error


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent
    for candidate in (package / "data" / name, package.parent / name):
        if candidate.exists():
            return candidate
    raise ConfigError(f"{name} is not in this installation of mujaz; reinstall it")


# --- reading the file -----------------------------------------------------------------------------


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that is given twice (YAML forbids it, PyYAML keeps the last in silence)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            if isinstance(key.value, str):
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_UniqueKeyLoader)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ConfigError(f"{path} must hold keys and values, not a {type(raw).__name__}")
    models = raw.get("models")
    for model in models.values() if isinstance(models, dict) else ():
        source = model.get("source") if isinstance(model, dict) else None
        if isinstance(source, str) and source.startswith("path:"):
            name = Path(source.removeprefix("path:")).expanduser()
            model["source"] = f"path:{path.resolve().parent / name}"
    return raw


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``over`` laid on it: mappings key by key, anything else replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Return "unknown WHAT NAME; did you mean X? There are: ..."."""
    names = [str(each) for each in known]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {what} {name!r}; {hint}there are: {', '.join(names) or 'none'}"


def _parse_all(
    kind: type[_Entry], name_field: str, section: str, raw: object, problems: list[str]
) -> dict[str, _Entry]:
    """Parse each entry of a section; faults go to ``problems`` and the entry is left out."""
    if not isinstance(raw, dict) or not raw:
        problems.append(f"{section}: must map names to entries")
        return {}
    parsed: dict[str, _Entry] = {}
    for name, entry in raw.items():
        where = f"{section}.{name}"
        if not isinstance(entry, dict):
            problems.append(f"{where}: must be keys and values, not {entry!r}")
        elif name_field in entry:
            problems.append(f"{where}: {name_field!r} is given by the entry's own name")
        else:
            try:
                parsed[str(name)] = kind(**{**entry, name_field: str(name)})
            except ValidationError as error:
                problems.extend(_explain(kind, where, each) for each in error.errors())
            except TypeError:  # a key that is not a string
                problems.append(f"{where}: every key must be a word")
    return parsed


def _explain(kind: type[BaseModel], where: str, error: Mapping[str, Any]) -> str:
    """Return one readable line for one fault that pydantic found."""
    path = [str(part) for part in error["loc"] if part != "[key]"]
    if error["type"] == "extra_forbidden":
        return f"{'.'.join([where, *path[:-1]])}: {_unknown('key', path[-1], _fields(kind, path[:-1]))}"
    given = "" if error["type"] == "missing" else f", not {error['input']!r}"
    message = str(error["msg"]).replace("Field required", "is missing")
    return f"{'.'.join([where, *path])}: {message}{given}"


def _fields(kind: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Return the keys that may stand at ``path`` below ``kind``."""
    for part in path:
        annotation = kind.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        kind = annotation
    return [name for name in kind.model_fields if name not in ("id", "name")]


def _model_problems(spec: ModelSpec) -> Iterator[str]:
    where = f"models.{spec.id}"
    if spec.engine not in ENGINES:
        yield f"{where}.engine: {_unknown('engine', spec.engine, ENGINES)}"
    elif spec.source_kind not in _ENGINE_SOURCES[spec.engine]:
        allowed = " or ".join(_ENGINE_SOURCES[spec.engine])
        yield f"{where}.source: engine {spec.engine} runs {allowed} models, not {spec.source!r}"
    if spec.source_kind == "hub" and spec.source_name.count("/") != 1:
        yield f"{where}.source: must be hub:organisation/name, not {spec.source!r}"
    if spec.source_kind == "bundled" and not _is_plain_name(spec.source_name):
        yield f"{where}.source: must name a directory of models/, not {spec.source!r}"


def _is_plain_name(name: str) -> bool:
    return Path(name).name == name and name not in (".", "..")


def _profile_problems(
    profile: Profile, models: Mapping[str, ModelSpec], names: Sequence[str]
) -> Iterator[str]:
    for task, model_id in profile.models.items():
        where = f"profiles.{profile.name}.models.{task}"
        if model_id not in names:
            yield f"{where}: {_unknown('model', model_id, names)}"
        elif model_id in models and models[model_id].task != task:
            yield f"{where}: {model_id} is a model for {models[model_id].task}"


# --- finding files --------------------------------------------------------------------------------


def _golden(spec: ModelSpec) -> list[dict[str, str]]:
    if spec.source_kind != "bundled":
        return []
    path = bundled_directory(spec.source_name) / "golden.jsonl"
    try:
        rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
        return [{"ar": str(row["ar"]), "en": str(row["en"])} for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged; reinstall mujaz") from error


def cache_directory() -> Path:
    """Return where Mujaz keeps what it can make again: ``$MUJAZ_CACHE``, or ``mujaz`` in the user's cache."""
    own = os.environ.get("MUJAZ_CACHE", "")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(shared) if shared and Path(shared).is_absolute() else Path("~/.cache").expanduser()
    return base / "mujaz"


def _locate(spec: ModelSpec) -> Path:
    match spec.source_kind:
        case "bundled":
            return unpack_bundled(bundled_directory(spec.source_name))
        case "hub":
            return _hub_snapshot(spec, local_only=True)
        case "path":
            directory = Path(spec.source_name)
            if not directory.is_dir():
                raise MissingModelError(f"{spec.id}: there is no directory {directory}; {spec.remedy}")
            return unpack_bundled(directory) if _parts(directory) else directory
        case _:
            return Path()  # engine `extractive`: there are no files


def _require_extras(spec: ModelSpec) -> None:
    missing = [name for name in _ENGINE_EXTRAS.get(spec.engine, ()) if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingModelError(f"{spec.id} needs {', '.join(missing)}: {_HUB_INSTALL}")


# --- bundled weights ------------------------------------------------------------------------------


def unpack_bundled(directory: Path) -> Path:
    """Return a directory with the whole model of ``directory``, whose weights may lie there in parts.

    The parts ``model.bin.part-00, -01, ...`` are checked against ``SHA256SUMS`` while they are joined into a
    temporary directory of the cache, which then gets its final name in one step: another process, or a
    kill in the middle, finds either a whole model or none. The final name holds the checksum, so new weights
    never meet an old cache. A cached model whose sizes are off is made again.

    Raises ``ModelError`` that names a damaged or missing file, or says that the cache cannot be written.
    """
    if (directory / WEIGHTS_FILE).is_file():
        return directory
    parts = _parts(directory)
    if not parts:
        raise MissingModelError(
            f"{directory} has no weights ({WEIGHTS_FILE} or {WEIGHTS_FILE}{PART_MARK}00); "
            "reinstall with: pip install --force-reinstall mujaz"
        )
    sums = _read_sums(directory)
    if WEIGHTS_FILE not in sums:
        raise ModelError(f"{directory / SUMS_FILE} does not name {WEIGHTS_FILE}")
    beside = [name for name in sums if PART_MARK not in name and name not in _NOT_NEEDED | {WEIGHTS_FILE}]
    for name in (*beside, *(name for name in sums if PART_MARK in name)):
        if not (directory / name).is_file():
            raise ModelError(f"{directory / name} is missing; reinstall mujaz")
    sizes = {name: (directory / name).stat().st_size for name in beside}
    sizes[WEIGHTS_FILE] = sum(part.stat().st_size for part in parts)
    target = cache_directory() / "models" / f"{directory.name}-{sums[WEIGHTS_FILE][:16]}"
    if _has_sizes(target, sizes):
        return target
    try:
        _build(directory, parts, beside, sums, target)
    except OSError as error:
        if _has_sizes(target, sizes):  # another process was faster
            return target
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        need = f"{sum(sizes.values()) / 1e6:.0f} MB"
        raise ModelError(
            f"cannot write {need} to {target.parent}: {'the disk is full' if full else error.strerror or error}; "
            "make room or set MUJAZ_CACHE to another directory"
        ) from error
    return target


def _build(
    directory: Path, parts: Sequence[Path], beside: Sequence[str], sums: Mapping[str, str], target: Path
) -> None:
    """Make ``target`` whole, or leave it alone. Raises OSError, or ModelError on damage."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        for name in beside:
            _copy([directory / name], work / name, sums)
        _copy(parts, work / WEIGHTS_FILE, sums)
        if target.exists():  # its sizes are off, or it would not be made again
            target.replace(work / ".old")
        work.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(target / ".old", ignore_errors=True)
    logger.info("joined %d parts of %s into %s", len(parts), directory.name, target)


def _copy(sources: Sequence[Path], target: Path, sums: Mapping[str, str]) -> None:
    """Write ``sources`` one after the other into ``target``; each and the whole must match their checksums."""
    whole = hashlib.sha256()
    with target.open("xb") as out:
        for source in sources:
            own = hashlib.sha256()
            with source.open("rb") as data:
                while chunk := data.read(_CHUNK_BYTES):
                    own.update(chunk)
                    whole.update(chunk)
                    out.write(chunk)
            _compare(source, own.hexdigest(), sums.get(source.name))
        out.flush()
        os.fsync(out.fileno())
    if len(sources) > 1:
        _compare(sources[0].parent / target.name, whole.hexdigest(), sums.get(target.name))


def _compare(path: Path, found: str, wanted: str | None) -> None:
    if wanted is None:
        raise ModelError(f"{path.name} is not in {path.parent / SUMS_FILE}; reinstall mujaz")
    if found != wanted:
        raise ModelError(
            f"{path} is damaged (SHA-256 {found[:12]}..., not {wanted[:12]}...); reinstall mujaz"
        )


def _verify(directory: Path, sums: Mapping[str, str]) -> None:
    """Check every file of ``directory`` that ``sums`` names. Raises ``ModelError`` on the first that is off."""
    for name, wanted in sums.items():
        path = directory / name
        if path.is_file():
            with path.open("rb") as data:
                _compare(path, hashlib.file_digest(data, "sha256").hexdigest(), wanted)


def _parts(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"{WEIGHTS_FILE}{PART_MARK}*"))


def _read_sums(directory: Path) -> dict[str, str]:
    """Return file name -> SHA-256 of a ``SHA256SUMS`` file. Raises ``ModelError``."""
    path = directory / SUMS_FILE
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read; reinstall mujaz") from error
    sums: dict[str, str] = {}
    for row in rows:
        digest, _, name = row.partition(" ")
        name = name.strip().removeprefix("*").removeprefix("./")
        if len(digest) != 64 or not _is_plain_name(name):
            raise ModelError(f"{path} is damaged: {row[:80]!r}; reinstall mujaz")
        sums[name] = digest.lower()
    return sums


def _has_sizes(directory: Path, sizes: Mapping[str, int]) -> bool:
    try:
        return all((directory / name).stat().st_size == size for name, size in sizes.items())
    except OSError:
        return False


def _remove_stale(directory: Path) -> None:
    """Remove what killed processes left behind."""
    for leftover in directory.glob(".partial-*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)


# --- the hub --------------------------------------------------------------------------------------


def _hub_snapshot(spec: ModelSpec, *, local_only: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingModelError(f"{spec.id} needs huggingface-hub: {_HUB_INSTALL}") from error
    try:
        return Path(
            snapshot_download(
                spec.source_name,
                revision=spec.revision,
                local_files_only=local_only,
                ignore_patterns=list(_HUB_IGNORED),
            )
        )
    except LocalEntryNotFoundError as error:
        if local_only:
            raise MissingModelError(f"{spec.id} is not on this machine; {spec.remedy}") from error
        raise ModelError(f"{spec.id}: the model hub cannot be reached; is there a network?") from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(f"{spec.id}: {' '.join(str(error).split())[:300]}") from error


def fetch(
    registry: Registry,
    *,
    profile: str | None = None,
    models: Sequence[str] = (),
    progress: Callable[[ModelSpec], None] | None = None,
) -> tuple[Path, ...]:
    """Get the files of a profile's models (or of ``models``) onto this machine; return their directories.

    The only function that downloads. ``progress`` is called before each model. Raises ``ModelError`` when
    ``HF_HUB_OFFLINE`` forbids it or the hub fails, ``MissingModelError`` without the ``hub`` extra.
    """
    wanted = tuple(models) or tuple(registry.profile(profile).models.values())
    found: list[Path] = []
    for spec in [registry.model(model_id) for model_id in wanted]:
        if progress is not None:
            progress(spec)
        if spec.source_kind != "hub":
            found.append(registry.locate(spec))
            continue
        _require_extras(spec)
        if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
            raise ModelError(f"{spec.id} cannot be fetched: HF_HUB_OFFLINE is set; unset it and try again")
        found.append(_hub_snapshot(spec, local_only=False))
    return tuple(found)
