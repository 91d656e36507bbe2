"""What the comparison compares: profiles, with or without the glossary, on the same reports.

A contestant is a profile, or ``PROFILE+glossary``: the same profile with the caller's glossary. So there is something to
compare on a machine where only one profile runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from summarizer.errors import InputError
from summarizer.schema import Brief, Story
from ui.installed import InstalledProfile

_GLOSSARY: Final = "+glossary"
#: A line that separates pasted articles, see ``summarizer.paste``.
_SEPARATOR: Final = "---"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One side of a comparison. ``name`` is what votes are stored under."""

    profile: str
    glossary: bool = False

    @property
    def name(self) -> str:
        return f"{self.profile}{_GLOSSARY}" if self.glossary else self.profile

    @classmethod
    def of(cls, name: str) -> Contestant:
        """Read what ``name`` wrote."""
        profile = name.removesuffix(_GLOSSARY)
        return cls(profile, glossary=profile != name)

    def details(self, brief: Brief) -> dict[str, Any]:
        """Return what a vote keeps of this side: which models made it, under which licence."""
        return {
            "profile": self.profile,
            "glossary": self.glossary,
            "models": {role: {"id": each.id, "engine": each.engine} for role, each in brief.models.items()},
        }


def contestants(profiles: Iterable[InstalledProfile]) -> tuple[Contestant, ...]:
    """Return what can be compared here: the profiles that run and the same with a glossary; those that ask a server last."""
    ready = [profile for profile in profiles if profile.ready]
    found: list[Contestant] = []
    for served in (False, True):
        names = [profile.name for profile in ready if profile.needs_server == served]
        found += [Contestant(name) for name in names]
        found += [Contestant(name, glossary=True) for name in names]
    return tuple(found)


def example_text(folder: Path) -> str:
    """Return the example reports as one paste. Raises ``InputError`` where they are not in this installation."""
    texts = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.txt"))]
    if not texts:
        raise InputError(f"there are no example reports in {folder}")
    return f"\n\n{_SEPARATOR}\n\n".join(texts)


def content_hash(brief: Brief, story: Story) -> str:
    """Return the hash of a story's reports: the same for every reader of the same texts, and of no use to anybody else."""
    texts = sorted(brief.document(each).text for each in story.document_ids)
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
