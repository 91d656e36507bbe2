"""What is on this machine: profiles and models, their sizes and licences, and the commands that get what is missing.

Looks at files and downloads nothing. To look costs a second or so (bundled weights are checked byte for byte), so one look
serves everybody for a while.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from summarizer.models import ModelStatus, Profile, Registry

#: Seconds that one look serves.
FRESH_SECONDS: Final = 60.0
#: A command inside a message of the registry.
_COMMAND: Final = re.compile(r"(?:pip install|mujaz models) [^;,]*[^;,\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledProfile:
    """A profile and what it lacks: ``commands`` get it, in their order; ``download_mb`` is what they download (10^6 bytes)."""

    name: str
    description: str
    default: bool
    models: tuple[ModelStatus, ...]
    fallback: tuple[ModelStatus, ...]
    commands: tuple[str, ...]
    download_mb: float

    @property
    def needed(self) -> tuple[ModelStatus, ...]:
        return (*self.models, *self.fallback)

    @property
    def ready(self) -> bool:
        """Whether everything is here; whether a server answers is not asked."""
        return all(model.ready for model in self.needed)

    @property
    def needs_server(self) -> bool:
        """Whether a model of it is on a server, which may or may not be running."""
        return any(model.spec.source_kind == "http" for model in self.needed)

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(model.problem for model in self.needed if not model.ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Every profile, the default one first, and every model, those that are here first."""

    profiles: tuple[InstalledProfile, ...]
    models: tuple[ModelStatus, ...]

    @property
    def disk_mb(self) -> float:
        """What all models take together; files that two entries share are counted once."""
        return sum({model.spec.source: model.disk_mb for model in self.models if model.ready}.values())


def look(registry: Registry) -> Installed:
    """Look at the files of every model. Downloads, converts and loads nothing."""
    models = {name: registry.status(name) for name in registry.models}
    profiles = [_profile(registry, profile, models) for profile in registry.profiles.values()]
    return Installed(
        profiles=tuple(sorted(profiles, key=lambda profile: not profile.default)),
        models=tuple(sorted(models.values(), key=lambda model: not model.ready)),
    )


def _profile(registry: Registry, profile: Profile, models: dict[str, ModelStatus]) -> InstalledProfile:
    used = tuple(models[each] for each in dict.fromkeys(profile.models.values()))
    fallback = tuple(
        models[each] for each in dict.fromkeys(profile.fallback.values()) if models[each] not in used
    )
    missing = [model for model in (*used, *fallback) if not model.ready]
    # Where an extra is missing nobody has looked for the weights; those of the hub most likely have to come too.
    absent = [model for model in missing if model.spec.source_kind == "hub"]
    commands = [command for model in missing for command in _COMMAND.findall(model.problem)]
    if absent:
        commands.append(f"mujaz models fetch --profile {profile.name}")
    # What installs comes before what it installs for.
    ordered = sorted(dict.fromkeys(commands), key=lambda command: not command.startswith("pip"))
    return InstalledProfile(
        name=profile.name,
        description=profile.description,
        default=profile.name == registry.default_profile,
        models=used,
        fallback=fallback,
        commands=tuple(ordered),
        download_mb=sum(model.spec.size_mb for model in absent),
    )


class Lookout:
    """Looks once for everybody: ``see`` gives what was seen, at most ``FRESH_SECONDS`` old."""

    def __init__(self, registry: Registry, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry, self._clock = registry, clock
        self._lock = threading.Lock()
        self._seen: tuple[float, Installed] | None = None

    def see(self, *, fresh: bool = False) -> Installed:
        """Return what is installed; ``fresh`` looks now, unless somebody just did."""
        age = 1.0 if fresh else FRESH_SECONDS
        with self._lock:
            if self._seen is None or self._clock() - self._seen[0] > age:
                self._seen = (self._clock(), look(self._registry))
            return self._seen[1]


@lru_cache(maxsize=8)
def lookout(registry: Registry) -> Lookout:
    """Return the lookout that everything which serves one registry shares."""
    return Lookout(registry)
