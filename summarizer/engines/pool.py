"""Several copies of a model at work: one Ray actor a copy, each with its own weights and threads.

``RayEngine`` makes the batches that the engine alone would make, gives each to the copy that is idle (a copy with several
threads takes several), and puts the answers back in order. Actors and not ``map_batches``: translation comes in several short rounds (retries of what failed
a check), and a data pipeline would load the weights anew for each.

A copy that dies is started again and its batch repeated by Ray; an error of the model itself is not repeated, because it
would only come again. Nothing starts before the first question.

**Network.** Ray started here listens on the loopback address only, has no dashboard and reports no usage. Set
``RAY_ADDRESS`` to use a cluster of your own instead; the weights must then lie at the same place on each of its machines.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from summarizer.engines import (
    Engine,
    Hypothesis,
    LatinNames,
    check_hypotheses,
    check_lengths,
    generate_batch,
)
from summarizer.engines.cached import plan_like
from summarizer.engines.devices import share_threads, threads
from summarizer.engines.local import error_line
from summarizer.engines.sidebyside import side_by_side
from summarizer.errors import ConfigError, MissingModelError, ModelError, MujazError

if TYPE_CHECKING:
    from summarizer.models import ModelSpec
    from summarizer.models.specs import EstimationSpec

logger = logging.getLogger(__name__)

#: How often Ray starts a dead copy again, and repeats the batch it died of.
RESTARTS: Final = 3
#: Memory for what passes between processes (bytes): texts, not weights. Ray takes 30 % of the machine if not told.
_STORE_BYTES: Final = 100 * 2**20
#: What keeps Ray and its processes to this machine. The second is named after other systems, but its
#: meaning is "no clusters": only then does Ray bind to 127.0.0.1 (seen in 2.60; `start_ray` checks it).
_ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """How many copies of a model there are, and how many threads each has."""

    actors: int
    threads_each: int

    @property
    def batches_each(self) -> int:
        """How many batches a copy has at a time: as many as it runs side by side."""
        return share_threads(self.threads_each)[0]

    @property
    def batches_at_once(self) -> int:
        """How many batches all copies have at a time."""
        return self.actors * self.batches_each

    @classmethod
    def parse(cls, asked: str) -> PoolSettings:
        """Read ``ray`` or ``ray:COPIES``. The copies share the threads that one model would have; at least one each.

        Without a number there is a copy for each four threads, and two at least. Raises ``ConfigError``.
        """
        name, colon, count = asked.partition(":")
        if name != "ray" or (colon and (not count.isdecimal() or int(count) < 1)):
            raise ConfigError(f"the engine pool must be ray or ray:COPIES, not {asked!r}")
        available = threads()
        actors = int(count) if colon else max(2, available // 4)
        return cls(actors=actors, threads_each=max(1, available // actors))


class RayEngine:
    """``Engine`` over copies of another one. Made by ``wrapped.wrap_engines``."""

    def __init__(
        self,
        spec: ModelSpec,
        *,
        settings: PoolSettings,
        make: Callable[[ModelSpec], Engine] | None = None,
    ) -> None:
        """Start nothing yet. ``make`` makes the engine inside an actor; by default the registry does."""
        self.info = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self.fuses: bool = spec.fuses
        self.glosses: bool = spec.feed.gloss_marks is not None
        self.coverage_weight: float = spec.coverage_weight
        self.estimation: EstimationSpec | None = spec.estimation
        self._spec = spec
        self._settings = settings
        self._make = make or make_engine
        self._plan = plan_like(spec)
        self._lock = threading.Lock()
        self._lengths: dict[str, int] = {}
        self._idle: queue.SimpleQueue[Any] | None = None  # handles of actors without work
        self._actors: list[Any] = []

    def count_tokens(self, text: str) -> int:
        """See ``Engine.count_tokens``; asked of an actor, so that this process holds no weights."""
        return self._count([text])[0]

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``Engine.generate``."""
        check_hypotheses(hypotheses, max_new_tokens)
        answers: list[list[Hypothesis]] = [[Hypothesis(text="")] for _ in texts]
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        if not wanted:
            return answers
        asked = [texts[index] for index in wanted]
        lengths = self._count(asked)
        check_lengths(lengths, asked, limit=self.input_limit, model=self.info.id)
        batches = self._plan(lengths, asked, hypotheses)

        def run(batch: list[int]) -> list[list[Hypothesis]]:
            return self.generate_batch(
                [asked[i] for i in batch], hypotheses=hypotheses, max_new_tokens=max_new_tokens
            )

        for batch, answered in side_by_side(run, batches[::-1], workers=self._settings.batches_at_once):
            for i, found in zip(batch, answered, strict=True):
                answers[wanted[i]] = found
        return answers

    def generate_batch(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``BatchingEngine.generate_batch``."""
        found: list[list[Hypothesis]] = self._ask("answer", texts, hypotheses, max_new_tokens)
        return found

    def close(self) -> None:
        """End the copies; the next question starts them again."""
        with self._lock:
            if self._actors:
                import ray

                for actor in self._actors:
                    ray.kill(actor)
            self._actors, self._idle = [], None

    # --- actors ---------------------------------------------------------------------------------

    def _count(self, texts: Sequence[str]) -> list[int]:
        unknown = [text for text in dict.fromkeys(texts) if text not in self._lengths]
        if unknown:
            self._lengths.update(zip(unknown, self._ask("lengths", unknown), strict=True))
        return [self._lengths[text] for text in texts]

    def _ask(self, method: str, *arguments: object) -> Any:
        """Call a method of the next idle copy. Raises ``ModelError`` and what else the engine raises on purpose."""
        idle = self._start()
        import ray
        from ray.exceptions import RayError, RayTaskError

        actor = idle.get()
        try:
            return ray.get(getattr(actor, method).remote(*arguments))
        except RayTaskError as error:
            if isinstance(error.cause, MujazError):
                raise error.cause from error
            raise ModelError(f"{self.info.id}: {error_line(error.cause or error)}") from error
        except RayError as error:
            raise ModelError(
                f"{self.info.id}: a copy in the pool failed {RESTARTS + 1} times: {error_line(error)}"
            ) from error
        finally:
            idle.put(actor)

    def _start(self) -> queue.SimpleQueue[Any]:
        with self._lock:
            if self._idle is None:
                ray = start_ray(self._settings)
                # On this machine the threads are shared out here; told of them, Ray would let the copies of a
                # second model wait for ever. A cluster needs the number to find room.
                reserved = self._settings.threads_each if os.environ.get("RAY_ADDRESS") else 0
                remote = ray.remote(
                    num_cpus=reserved,
                    max_restarts=RESTARTS,
                    max_task_retries=RESTARTS,
                    max_concurrency=self._settings.batches_each,
                )(_Copy)
                self._actors = [
                    remote.remote(self._spec, self._make, self._settings.threads_each)
                    for _ in range(self._settings.actors)
                ]
                self._idle = queue.SimpleQueue()
                for actor in self._actors * self._settings.batches_each:
                    self._idle.put(actor)
                logger.info(
                    "%s: %d copies of %d threads",
                    self.info.id,
                    self._settings.actors,
                    self._settings.threads_each,
                )
            return self._idle


class _Copy:
    """What runs inside an actor: one engine, which loads its weights at the first question."""

    def __init__(self, spec: ModelSpec, make: Callable[[ModelSpec], Engine], thread_count: int) -> None:
        os.environ["MUJAZ_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(thread_count)
        os.environ["MUJAZ_DEVICE"] = "cpu"  # Ray hides graphics cards from an actor that reserves none
        self._engine = make(spec)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return [self._engine.count_tokens(text) for text in texts]

    def answer(
        self, texts: Sequence[str], hypotheses: int, max_new_tokens: int | None
    ) -> list[list[Hypothesis]]:
        """Answer the texts of one batch."""
        return generate_batch(self._engine, texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)


def make_engine(spec: ModelSpec) -> Engine:
    """Return the engine of ``spec`` as the registry makes it."""
    from summarizer.models import Registry

    return Registry(models={spec.id: spec}, profiles={}, default_profile="").engine(spec.id)


def start_ray(settings: PoolSettings) -> Any:
    """Start Ray on this machine alone, or join what is there; return the module.

    Joined are a Ray that this program has started itself, and the cluster that ``RAY_ADDRESS`` names. Raises
    ``MissingModelError`` without the extra, and ``ModelError`` where Ray does not start.
    """
    cluster = os.environ.get("RAY_ADDRESS", "")
    if not cluster:
        os.environ.update(_ENVIRONMENT)
    try:
        import ray
    except ImportError as error:
        raise MissingModelError("the engine pool needs ray: pip install 'mujaz[ray]'") from error
    if ray.is_initialized():
        return ray
    constants = sys.modules.get("ray._private.ray_constants")
    if constants is not None and not cluster:  # Ray may have been imported, and read its settings, before
        vars(constants)["ENABLE_RAY_CLUSTER"] = False
    local: dict[str, Any] = {
        "num_cpus": settings.actors * settings.threads_each,
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
    }
    try:
        ray.init(
            address=cluster or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if cluster else local),
        )
    except (RuntimeError, ConnectionError, OSError, ValueError, TimeoutError) as error:
        raise ModelError(f"Ray does not start: {error_line(error)}") from error
    address = ray.get_runtime_context().gcs_address.rpartition(":")[0]
    if not cluster and address not in ("127.0.0.1", "::1"):
        ray.shutdown()
        raise ModelError(
            "this version of Ray would listen on the network, so it was stopped; leave out --engine-pool, "
            "or start Ray yourself and name it in RAY_ADDRESS"
        )
    return ray
