"""Engines with something around them: a memory (``cached``), several copies at work (``pool``), or both.

Only engines that run a model on this machine are wrapped. What a server answers cannot be told from its name (the
model behind it may change), and the extractive engine computes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from summarizer.engines import AligningEngine, Engine
from summarizer.engines.cached import CachedAligningEngine, CachedEngine, Reuse, fingerprint, plan_like
from summarizer.engines.devices import threads
from summarizer.engines.local import LocalEngine
from summarizer.models import ModelSpec, Registry

if TYPE_CHECKING:
    from summarizer.cache import AnswerCache
    from summarizer.engines.pool import PoolSettings

#: Puts something around an engine; gives back one that it leaves alone.
Wrap = Callable[[Engine, ModelSpec], Engine]


class WrappedRegistry(Registry):
    """Another registry with ``wrap`` around each of its engines."""

    def __init__(self, base: Registry, wrap: Wrap) -> None:
        super().__init__(models=base.models, profiles=base.profiles, default_profile=base.default_profile)
        self._base = base
        self._wrap = wrap
        self._guard = threading.Lock()

    def engine(self, model_id: str) -> Engine:
        """See ``Registry.engine``; always the same wrapped one."""
        with self._guard:
            if model_id not in self._engines:
                self._engines[model_id] = self._wrap(self._base.engine(model_id), self.model(model_id))
            return self._engines[model_id]

    def locate(self, spec: ModelSpec) -> Path:
        """See ``Registry.locate``."""
        return self._base.locate(spec)

    def require(self, profile: str | None = None) -> None:
        """See ``Registry.require``."""
        self._base.require(profile)


def wrap_engines(
    registry: Registry,
    *,
    store: AnswerCache | None = None,
    reuse: Reuse = "batch",
    pool: PoolSettings | None = None,
) -> Registry:
    """Return ``registry`` with its local engines remembering in ``store`` and running in ``pool``, where given.

    Nothing is loaded, started or opened before an engine is asked; with a full cache, no pool starts at all.
    """
    if store is None and pool is None:
        return registry

    def wrap(engine: Engine, spec: ModelSpec) -> Engine:
        if not isinstance(engine, LocalEngine):
            return engine
        inner: Engine = engine
        if pool is not None:
            from summarizer.engines.pool import RayEngine

            inner = RayEngine(spec, settings=pool)
        if store is None:
            return inner
        return (CachedAligningEngine if isinstance(inner, AligningEngine) else CachedEngine)(
            inner,
            store,
            fingerprint=lambda: fingerprint(
                spec,
                registry.locate(spec),
                store,
                runs_on=f"threads {threads()}" if pool is None else f"pool, threads {pool.threads_each}",
            ),
            plan=plan_like(spec),
            reuse=reuse,
            parallel=engine.batches_at_once if pool is None else lambda: pool.batches_at_once,
        )

    return WrappedRegistry(registry, wrap)
