"""An engine that remembers: answers come from an ``AnswerCache`` where the same was asked before.

**What "the same" means.** The files of the model (their digest, not its name), the code and the library that run it,
every setting of the registry, the processor and the number of threads, the number of hypotheses, the length limit and
the text exactly as fed. And the *batch*: texts that run together move the last bits of each other's arithmetic, and
with an int8 model these bits now and then become a word. Of 48 sentences of the example reports the embedded
model translates 19 differently alone than in their batch; the same batch gives the same bits. So with ``reuse="batch"``,
the default, an answer is reused only within the batch it was computed in: with the cache or without, the same
documents make the same brief, byte for byte. ``reuse="sentence"`` also reuses the sentences that an earlier run shares
with this one, as when one report is added to yesterday's: faster, and a word may differ from a run that starts afresh.

**Several processes.** Each looks again right before it computes a batch, and begins at a batch of its own; so two that
do the same work at once meet each other's finished halves.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import TypeAdapter, ValidationError

from summarizer.engines import (
    AligningEngine,
    Engine,
    Hypothesis,
    Link,
    check_hypotheses,
    check_lengths,
    generate_batch,
    plan_batches,
)
from summarizer.engines.delegating import DelegatingEngine
from summarizer.engines.sidebyside import from_both_ends, side_by_side
from summarizer.errors import ModelError

if TYPE_CHECKING:
    from summarizer.cache import AnswerCache
    from summarizer.models import ModelSpec

#: Whether an answer is reused only in the batch it was computed in, or by itself. See the top of this file.
Reuse = Literal["batch", "sentence"]
#: ``plan(lengths, texts, hypotheses)`` returns indices in the batches that the engine will run.
Plan = Callable[[Sequence[int], Sequence[str], int], list[list[int]]]

#: Change this where the meaning of a stored answer changes.
_FORM: Final = "1"
#: Token counts that wait to be written together.
_MOST_WAITING: Final = 500
#: Environment variables that change what a model computes, or where.
_ENVIRONMENT: Final = ("CT2_", "CUDA_VISIBLE_DEVICES", "MUJAZ_DEVICE")
#: The library that does the arithmetic of an engine.
_LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "ctranslate2": ("ctranslate2", "tokenizers"),
    "transformers": ("torch", "transformers", "tokenizers"),
}
_CHUNK_BYTES: Final = 1 << 20
_ANSWERS: Final = TypeAdapter(list[list[Hypothesis]])


@dataclass(slots=True)
class CacheUse:
    """How many texts were answered from the cache, and how many by the model in how many batches."""

    reused: int = 0
    computed: int = 0
    batches: int = 0


class CachedEngine(DelegatingEngine):
    """``Engine`` that asks ``inner`` only what the cache does not know; a full hit does not even load its weights."""

    def __init__(
        self,
        inner: Engine,
        store: AnswerCache,
        *,
        fingerprint: Callable[[], str],
        plan: Plan,
        reuse: Reuse = "batch",
        parallel: Callable[[], int] = lambda: 1,
    ) -> None:
        """Wrap ``inner``. ``fingerprint`` says what it computes with, and is asked once, when first needed.

        ``plan`` must be the way in which ``inner`` makes its batches. ``parallel`` says how many batches are asked
        of ``inner`` at once; it is asked only when there are several.
        """
        super().__init__(inner)
        self.use: Final = CacheUse()
        self._store = store
        self._find_fingerprint = fingerprint
        self._plan = plan
        self._reuse = reuse
        self._parallel = parallel
        self._lock = threading.Lock()
        self._fingerprint = ""
        self._lengths: dict[str, int] = {}
        self._waiting: dict[bytes, bytes] = {}  # token counts not yet written

    def count_tokens(self, text: str) -> int:
        """See ``Engine.count_tokens``; counts are remembered too, so that a full hit needs no tokenizer."""
        known = self._lengths.get(text)
        if known is not None:
            return known
        key = self._key("tokens", [text])
        stored = self._store.get([key]).get(key, b"")
        length = int(stored) if stored.isdigit() else self._inner.count_tokens(text)
        with self._lock:
            self._lengths[text] = length
            if not stored:
                self._waiting[key] = str(length).encode()
        if len(self._waiting) >= _MOST_WAITING:
            self._write_waiting()
        return length

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
        lengths = [self.count_tokens(text) for text in asked]
        self._write_waiting()
        check_lengths(lengths, asked, limit=self.input_limit, model=self.info.id)
        for index, found in zip(
            wanted, self._answer(asked, lengths, hypotheses, max_new_tokens), strict=True
        ):
            answers[index] = found
        return answers

    # --- what is known, and what must be computed -----------------------------------------------

    def _answer(
        self, texts: Sequence[str], lengths: Sequence[int], hypotheses: int, max_new_tokens: int | None
    ) -> list[list[Hypothesis]]:
        """Return the answers to ``texts``, none of them blank. A *group* is what has one key: batch or sentence."""
        answers: list[list[Hypothesis]] = [[] for _ in texts]
        # The kind of reuse too: a sentence kept by itself may come from a batch, and is not the answer of a batch of one.
        ask = f"{self._reuse} {hypotheses} {max_new_tokens}"

        def look_up(groups: Sequence[Sequence[int]]) -> list[Sequence[int]]:
            """Fill in the answers that the store has; return the groups it has not."""
            keys = [self._key(ask, [texts[i] for i in group]) for group in groups]
            stored = self._store.get(keys)
            missing: list[Sequence[int]] = []
            for key, group in zip(keys, groups, strict=True):
                found = _decode(stored.get(key), len(group))
                if found is None:
                    missing.append(group)
                    continue
                self._count(reused=len(group))
                for index, each in zip(group, found, strict=True):
                    answers[index] = each
            return missing

        def compute(job: Sequence[Sequence[int]]) -> None:
            """Answer the groups of one batch: another process may have done so by now, else the model does."""
            groups = look_up(job)
            indices = [index for group in groups for index in group]
            if not indices:
                return
            results = generate_batch(
                self._inner, [texts[i] for i in indices], hypotheses=hypotheses, max_new_tokens=max_new_tokens
            )
            if len(results) != len(indices):
                raise ModelError(f"{self.info.id}: {len(indices)} texts in, {len(results)} answers out")
            self._count(computed=len(indices), batches=1)
            for index, result in zip(indices, results, strict=True):
                answers[index] = result
            rows = {
                self._key(ask, [texts[i] for i in group]): _encode([answers[i] for i in group])
                for group in groups
            }
            self._store.put({key: value for key, value in rows.items() if value is not None})

        if self._reuse == "batch":
            jobs = [[group] for group in look_up(self._plan(lengths, texts, hypotheses))]
        else:
            missing = [index for (index,) in look_up([(i,) for i in range(len(texts))])]
            batches = self._plan([lengths[i] for i in missing], [texts[i] for i in missing], hypotheses)
            jobs = [[(missing[i],) for i in batch] for batch in batches]
        if jobs:
            # Where to begin changes no answer, only who computes it when two processes do the same work.
            start = random.randrange(len(jobs))
            jobs = from_both_ends(jobs)  # as the engine itself does
            jobs = jobs[start:] + jobs[:start]
            for _ in side_by_side(compute, jobs, workers=self._parallel() if len(jobs) > 1 else 1):
                pass
        return answers

    def _count(self, *, reused: int = 0, computed: int = 0, batches: int = 0) -> None:
        with self._lock:
            self.use.reused += reused
            self.use.computed += computed
            self.use.batches += batches

    def _write_waiting(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        self._store.put(waiting)

    def _key(self, ask: str, texts: Sequence[str]) -> bytes:
        if not self._fingerprint:
            self._fingerprint = self._find_fingerprint()
        return hashlib.sha256(json.dumps([_FORM, self._fingerprint, ask, *texts]).encode()).digest()


class CachedAligningEngine(CachedEngine):
    """The same around an engine that can also align; alignments and forced answers are not remembered."""

    @property
    def aligns(self) -> bool:
        """See ``AligningEngine.aligns``."""
        return self._aligning.aligns

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
        """See ``AligningEngine.align``."""
        return self._aligning.align(sources, targets)

    def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
        """See ``AligningEngine.complete``."""
        return self._aligning.complete(sources, beginnings)

    @property
    def _aligning(self) -> AligningEngine:
        if not isinstance(self._inner, AligningEngine):
            raise ModelError(f"{self.info.id} cannot tell which words render which")
        return self._inner


def _encode(answers: list[list[Hypothesis]]) -> bytes | None:
    """Return the stored form; None for a failure, and what would not come back the same (a score of minus infinity)."""
    if any(each.fault for some in answers for each in some):
        return None
    stored = _ANSWERS.dump_json(answers)
    return stored if _decode(stored, len(answers)) == answers else None


def _decode(stored: bytes | None, count: int) -> list[list[Hypothesis]] | None:
    if stored is None:
        return None
    try:
        found = _ANSWERS.validate_json(stored)
    except ValidationError:
        return None
    return found if len(found) == count and all(found) else None


# --- what an answer depends on --------------------------------------------------------------------


def plan_like(spec: ModelSpec) -> Plan:
    """Return how the local engines make batches of ``spec``: by padded tokens, times the beam."""

    def plan(lengths: Sequence[int], texts: Sequence[str], hypotheses: int) -> list[list[int]]:
        beam = max(spec.generation.beam, hypotheses)
        return plan_batches(lengths, texts, budget=max(1, spec.generation.batch_tokens // beam))

    return plan


def fingerprint(spec: ModelSpec, directory: Path, store: AnswerCache, *, runs_on: str) -> str:
    """Return a digest of everything but the question that an answer of a local model depends on.

    ``directory`` holds the model's files; ``runs_on`` says what runs it beyond the processor (with 1 and 2 threads the
    last bits are not the same). The model's name, its notes and where its files lie do not count.
    """
    code = [*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parent.parent / "glosses.py"]
    parts = {
        "model": digest_files(directory, store),
        "settings": spec.model_dump(
            mode="json",
            include={"engine", "input_limit", "compute_type", "half_precision", "feed", "generation"},
        ),
        "code": [hashlib.sha256(each.read_bytes()).hexdigest() for each in code],
        "libraries": {name: _version(name) for name in _LIBRARIES.get(spec.engine, ())},
        "machine": [_processor(), runs_on],
        "environment": sorted(item for item in os.environ.items() if item[0].startswith(_ENVIRONMENT)),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digest_files(directory: Path, store: AnswerCache) -> str:
    """Return the SHA-256 of the names and contents of a model's files, hidden ones left out.

    Gigabytes take seconds to read, so the digest is kept in ``store`` for as long as no file's size, time of
    change or place on the disk changes. Raises ``ModelError`` where a file cannot be read.
    """
    try:
        files = sorted(
            path
            for path in directory.rglob("*")
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(directory).parts)
        )
        names = [path.relative_to(directory).as_posix() for path in files]
        stats = [path.stat() for path in files]
        seen = [
            [name, each.st_size, each.st_mtime_ns, each.st_ctime_ns, each.st_ino, each.st_dev]
            for name, each in zip(names, stats, strict=True)
        ]
        key = hashlib.sha256(json.dumps(["files", str(directory.resolve()), seen]).encode()).digest()
        known = store.get([key]).get(key)
        if known is not None:
            return known.decode()
        whole = hashlib.sha256()
        for name, path in zip(names, files, strict=True):
            with path.open("rb") as data:
                whole.update(f"{name}\0{hashlib.file_digest(data, 'sha256').hexdigest()}\n".encode())
    except OSError as error:
        raise ModelError(f"{directory} cannot be read: {error.strerror or error}") from error
    store.put({key: whole.hexdigest().encode()})
    return whole.hexdigest()


@cache
def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the kind of processor: other kernels of a library run on another one."""
    try:
        first = cpuinfo.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        first = platform.processor()
    telling = [
        row
        for row in first.splitlines()
        if row.partition("\t")[0].strip() in ("model name", "flags", "Features")
    ]
    return hashlib.sha256("\n".join([platform.machine(), *telling]).encode()).hexdigest()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
