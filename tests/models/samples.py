"""Small models and registry files that the tests of the registry share."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from summarizer.errors import ConfigError
from summarizer.models import Registry


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


def write_sums(folder: Path, **more: str) -> None:
    """Write the SHA256SUMS of all files of a folder, and of ``more``: file name -> SHA-256."""
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())} | more
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))


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
