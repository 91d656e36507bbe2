"""Reading ``models.yaml``: the shipped file with the user's laid over it, every fault told at once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from summarizer.engines import ENGINES
from summarizer.errors import ConfigError
from summarizer.models.bundled import MODELS_FILE, is_plain_name, shipped_file
from summarizer.models.specs import ModelSpec, Profile, Strict, spec_problems

_SECTIONS: Final = ("default_profile", "profiles", "models")
#: The language that a brief needs of each task: an Arabic summary, and its English.
_WRITTEN: Final = {"summarization": "ar", "translation": "en"}
_Entry = TypeVar("_Entry", bound=Strict)


def config_directory() -> Path:
    """Return where the user's own settings lie: ``$MUJAZ_CONFIG``, or ``mujaz`` in the user's config folder."""
    own = os.environ.get("MUJAZ_CONFIG", "")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(shared) if shared and Path(shared).is_absolute() else Path("~/.config").expanduser()
    return base / "mujaz"


def read_files(path: Path | str | None) -> tuple[dict[str, Any], str]:
    """Return the raw registry and the file to blame: shipped, the user's own (if there), then ``path`` over it.

    Raises ``ConfigError`` on a file that cannot be read or is not YAML of the right kind.
    """
    raw, origin = read_yaml(shipped_file()), str(shipped_file())
    own = config_directory() / MODELS_FILE
    for extra in (own if own.is_file() else None, path):
        if extra is not None:
            raw, origin = merge(raw, read_yaml(Path(extra))), str(extra)
    return raw, origin


def parse(raw: Mapping[str, Any], *, origin: str) -> tuple[dict[str, ModelSpec], dict[str, Profile], str]:
    """Return models, profiles and the default profile. Raises ``ConfigError`` that lists every problem."""
    problems = [unknown("key", str(key), _SECTIONS) for key in raw if key not in _SECTIONS]
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
        problems.append(f"default_profile: {unknown('profile', str(default), names)}")
    if problems:
        raise ConfigError(f"{origin} is not right", problems=tuple(problems))
    return models, profiles, str(default)


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


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping of a YAML file; its relative ``path:`` sources and adapters count from its directory."""
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
        for key in ("source", "adapter"):
            source = model.get(key) if isinstance(model, dict) else None
            if isinstance(source, str) and source.startswith("path:"):
                name = Path(source.removeprefix("path:")).expanduser()
                model[key] = f"path:{path.resolve().parent / name}"
    return raw


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``over`` laid on it: mappings key by key, anything else replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def unknown(what: str, name: str, known: Iterable[str]) -> str:
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
        return f"{'.'.join([where, *path[:-1]])}: {unknown('key', path[-1], _fields(kind, path[:-1]))}"
    given = "" if error["type"] == "missing" else f", not {error['input']!r}"
    message = str(error["msg"]).replace("Field required", "is missing")
    return f"{'.'.join([where, *path])}: {message}{given}"


def _fields(kind: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Return the keys that may stand at ``path`` below ``kind``."""
    for part in path:
        if part.isdecimal():  # a place in a list, whose entries `kind` already is
            continue
        inner = _model_in(kind.model_fields[part].annotation)
        if inner is None:
            return []
        kind = inner
    return [name for name in kind.model_fields if name not in ("id", "name")]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model of an annotation such as ``X``, ``X | None`` or ``tuple[X, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each)) is not None), None)


def _model_problems(spec: ModelSpec) -> Iterator[str]:
    if spec.engine not in ENGINES:
        yield f"models.{spec.id}.engine: {unknown('engine', spec.engine, ENGINES)}"
    yield from spec_problems(spec)
    if spec.source_kind == "bundled" and not is_plain_name(spec.source_name):
        yield f"models.{spec.id}.source: must name a directory of models/, not {spec.source!r}"
    if (
        spec.adapter is not None
        and spec.adapter.startswith("bundled:")
        and not is_plain_name(spec.adapter_name or "")
    ):
        yield f"models.{spec.id}.adapter: must name a directory of models/, not {spec.adapter!r}"


def _profile_problems(
    profile: Profile, models: Mapping[str, ModelSpec], names: Sequence[str]
) -> Iterator[str]:
    roles = [("models", *role) for role in profile.models.items()]
    roles += [("fallback", *role) for role in profile.fallback.items()]
    for section, task, model_id in roles:
        where = f"profiles.{profile.name}.{section}.{task}"
        if model_id not in names:
            yield f"{where}: {unknown('model', model_id, names)}"
        elif model_id in models and models[model_id].task != task:
            yield f"{where}: {model_id} is a model for {models[model_id].task}"
        elif model_id in models and models[model_id].target_language != _WRITTEN[task]:
            spec = models[model_id]
            yield f"{where}: {model_id} writes {spec.target_language!r}, and a brief needs {_WRITTEN[task]!r}"
