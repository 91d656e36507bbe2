"""What a day's brief adds to a ``Brief``: its sections, why each story is in it, and what of it is news.

An ``Edition`` is a brief with that layout. The layout is small and plain (``Layout.to_dict``) and travels in the payload
of the brief's publications, so that whatever is sent later, after a crash too, is laid out as it was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from summarizer.errors import InputError
from summarizer.schema import Bilingual, Brief, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that has changed since the last brief: 12 killed, now 31."""

    about: Bilingual
    before: Bilingual
    after: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Why a story is in the brief. ``news``: how many sentences, at the top of its summary, are news.

    ``since`` is the day of the last brief that had the story, None for a story never told before.
    """

    importance: float
    reasons: tuple[Bilingual, ...]
    since: date | None = None
    news: int = 0
    fresh_reports: int = 0
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLayout:
    """A heading (None: the brief has no sections) and the ids of its stories, in order."""

    title: Bilingual | None
    story_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a day's brief is laid out."""

    name: str
    day: date
    languages: tuple[str, ...]
    sections: tuple[SectionLayout, ...]
    notes: Mapping[str, Note]
    since: date | None = None  # the day of the brief before

    def to_dict(self) -> dict[str, Any]:
        """Return the layout as plain values."""
        plain = asdict(self)
        plain["day"] = self.day.isoformat()
        plain["since"] = self.since.isoformat() if self.since else None
        for note in plain["notes"].values():
            note["since"] = note["since"].isoformat() if note["since"] else None
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Layout:
        """Read what ``to_dict`` wrote. Raises ``errors.InputError``."""
        try:
            return cls(
                name=plain["name"],
                day=date.fromisoformat(plain["day"]),
                since=_day(plain["since"]),
                languages=tuple(plain["languages"]),
                sections=tuple(
                    SectionLayout(
                        title=Bilingual(**each["title"]) if each["title"] else None,
                        story_ids=tuple(each["story_ids"]),
                    )
                    for each in plain["sections"]
                ),
                notes={
                    story: Note(
                        **{
                            **note,
                            "reasons": tuple(Bilingual(**reason) for reason in note["reasons"]),
                            "since": _day(note["since"]),
                            "figures": tuple(
                                Figure(**{name: Bilingual(**text) for name, text in figure.items()})
                                for figure in note["figures"]
                            ),
                        }
                    )
                    for story, note in plain["notes"].items()
                },
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not the layout of a brief: {error!r}") from error


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A day's brief as readers get it."""

    brief: Brief
    layout: Layout

    @property
    def key(self) -> str:
        """What makes it this edition and no other: name and day."""
        return f"{self.layout.name}:{self.layout.day.isoformat()}"

    @property
    def stories(self) -> tuple[Story, ...]:
        """The stories in the order of the sections."""
        by_id = {story.id: story for story in self.brief.stories}
        return tuple(by_id[each] for section in self.layout.sections for each in section.story_ids)

    @property
    def title(self) -> Bilingual:
        """The headline of the first story: what a subject line says."""
        first = next(iter(self.stories), None)
        return first.title if first else Bilingual(ar="لا جديد", en="Nothing new")
