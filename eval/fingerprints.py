"""What decides the answers of a system, as checksums: the code of the library, the weights and the entry of a model."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

from eval.metrics.base import code_fingerprint
from summarizer.models import ModelSpec, Registry, adapter_directory, bundled_directory

#: Modules and packages of the library that cannot change an answer: they read, write, show and mark.
_IRRELEVANT: Final = frozenset(
    "cli render view escape annotate fetch formats paste metadata ingest display archive server feeds estimation".split()
)


@lru_cache(maxsize=1)
def library_fingerprint() -> str:
    """Return 16 hex digits of what the library does and knows: its code (not its comments) and its data files."""
    root = Path(str(resources.files("summarizer")))
    modules = sorted(
        ".".join(("summarizer", *path.relative_to(root).with_suffix("").parts))
        for path in root.rglob("*.py")
        if path.stem != "__init__" and _IRRELEVANT.isdisjoint(path.relative_to(root).with_suffix("").parts)
    )
    told = hashlib.sha256(code_fingerprint(tuple(modules)).encode())
    for path in sorted((root / "data").glob("*.tsv*")):
        told.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()[:16]


def baseline_fingerprint() -> str:
    """Return the fingerprint of the baselines and of the text processing under them."""
    return code_fingerprint(("eval.baselines", "summarizer.arabic", "summarizer.segment"))


#: Keys of models.yaml that decide no answer.
_TOLD_NOT_RUN: Final = {"notes", "estimation", "citation", "size_mb", "licence", "non_commercial", "scores"}


def model_settings(spec: ModelSpec, registry: Registry) -> dict[str, Any]:
    """Return all that decides a model's answers: its entry in models.yaml, its weights, its library's version."""
    library = {"ctranslate2": "ctranslate2", "transformers": "transformers"}.get(spec.engine)
    return {
        "entry": spec.model_dump(mode="json", exclude=_TOLD_NOT_RUN),
        "weights": _weights(spec, registry),
        "engine": f"{library} {metadata.version(library)}" if library else spec.engine,
    }


def _weights(spec: ModelSpec, registry: Registry) -> str:
    """Return a checksum of the weights: of the lists of checksums where they have one, else of the files."""
    if spec.source_kind in ("none", "http"):  # what a server runs is known to the server alone
        return spec.source
    if spec.source_kind == "bundled":
        folders = filter(None, (bundled_directory(spec.source_name), adapter_directory(spec)))
        sums = b"".join((folder / "SHA256SUMS").read_bytes() for folder in folders)
        return hashlib.sha256(sums).hexdigest()[:16]
    told = hashlib.sha256()
    for path in _files(registry.locate(spec)):
        told.update(path.name.encode())
        # The hub's cache holds links to files that are named by their own checksum.
        if path.is_symlink() and re.fullmatch(r"[0-9a-f]{40,64}", path.resolve().name):
            told.update(path.resolve().name.encode())
        else:
            with path.open("rb") as stream:
                told.update(hashlib.file_digest(stream, "sha256").digest())
    return told.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def disk_size_mb(spec: ModelSpec, registry: Registry) -> float:
    """Return the size of a model's files here, in MB of 10^6 bytes."""
    if spec.source_kind in ("none", "http"):
        return 0.0
    return round(sum(path.stat().st_size for path in _files(registry.locate(spec))) / 1e6, 1)
