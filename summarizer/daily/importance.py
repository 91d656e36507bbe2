"""How much a story matters today, and why: every part of the weight is a reason that readers see.

Outlets of one owner count once, and copies do not count at all: ten papers that print one wire report are one voice.
What counts is who has *news* of the story: an affair that everybody wrote of last week and one outlet adds a line to is
not today's. News that was there at the last brief already, and found no room then, counts half a day later and fades.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from summarizer.archive import StoredDocument
from summarizer.cluster import word_keys
from summarizer.daily.config import Interests, Section
from summarizer.schema import Bilingual, Document
from summarizer.terms import Terms

#: What counts how much. A doubling of the voices is worth more than a doubling of the reports, because one outlet
#: can write ten reports of its own affair. ``STANDING_WEIGHT`` is for all the voices that a story ever had. Chosen by
#: what went wrong on six days of ANT whose top stories were picked by hand: ``benchmarks/top_stories.py``. No other days confirm it.
VOICES_WEIGHT: Final = 2.0
REPORTS_WEIGHT: Final = 0.5
NOVELTY_WEIGHT: Final = 1.0
STANDING_WEIGHT: Final = 0.5
#: What a report that the last brief could have told counts, for each day that it is older than that brief.
FADING_A_DAY: Final = 0.5
#: Interests of one story that count; a fourth would only show that the list is long.
MOST_INTERESTS: Final = 3
#: Share of a story's reports whose title or lead must have a word for the story to be about it.
ABOUT_SHARE: Final = 0.3
#: Characters of a report's text that are its lead: a title, a dateline and some two paragraphs.
LEAD_CHARACTERS: Final = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """A story's weight, its reasons (strongest first), and where it belongs. ``blocked`` names the word at fault.

    ``voices`` maps the owners that have news of it to what each counts (1, less for news of before the last brief);
    ``reports`` is what the news counts in reports.
    """

    score: float
    reasons: tuple[Bilingual, ...]
    voices: Mapping[str, float] = field(default_factory=dict)
    reports: float = 0.0
    section: str | None = None
    blocked: str | None = None


class Matcher:
    """Finds the words of a list in reports, however they are inflected or spelt.

    Arabic is compared by ``cluster.word_keys`` (affixes and long vowels aside). A word in Latin letters is looked up
    among the English names that ``terms`` knows for what the report names in Arabic.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._keys = lru_cache(maxsize=4096)(lambda text: f" {' '.join(word_keys(text))} ")
        self._english = lru_cache(maxsize=4096)(self._english_of)

    def find(self, words: Iterable[str], documents: Sequence[Document]) -> tuple[str, ...]:
        """Return the words that enough of ``documents`` have in title or lead, in the order given."""
        least = max(1, math.ceil(ABOUT_SHARE * len(documents)))
        return tuple(word for word in words if self._count(word, documents) >= least)

    def _count(self, word: str, documents: Sequence[Document]) -> int:
        if word.isascii():
            wanted = f" {' '.join(word.lower().split())} "
            return sum(wanted in self._english(_lead(each)) for each in documents)
        wanted = self._keys(word)
        return 0 if not wanted.strip() else sum(wanted in self._keys(_lead(each)) for each in documents)

    def _english_of(self, text: str) -> str:
        names = {name.lower() for match in self._terms.find(text) for name in match.english}
        return f" {' | '.join(sorted(names))} "


def _lead(document: Document) -> str:
    return f"{document.title or ''}\n{document.text[:LEAD_CHARACTERS]}"


def weigh(
    documents: Sequence[StoredDocument],
    *,
    fresh: frozenset[str],
    told_before: bool,
    since: date,
    interests: Interests,
    sections: Sequence[Section],
    matcher: Matcher,
) -> Importance:
    """Weigh a story of ``documents``, of which those with an id in ``fresh`` are news.

    ``Document.duplicate_of`` must be filled in. ``told_before``: an earlier brief had this story. ``since``: the day from
    which on reports are of today, that of the last brief.
    """
    originals = [each for each in documents if each.document.duplicate_of is None] or list(documents)
    voices = {each.owner for each in originals}
    news = [each for each in originals if each.id in fresh] or [
        each for each in documents if each.id in fresh
    ]
    weights = [FADING_A_DAY ** max(0, (since - each.day).days) for each in news]
    loudest: dict[str, float] = {}
    for each, weight in zip(news, weights, strict=True):
        loudest[each.owner] = max(weight, loudest.get(each.owner, 0.0))
    articles = [each.document for each in documents]
    followed = {
        word: kind for kind, words in _words_of(interests).items() for word in matcher.find(words, articles)
    }
    parts: list[tuple[float, Bilingual]] = [
        (
            _spread(loudest) + STANDING_WEIGHT * math.log2(1 + len(voices)),
            _voices(len(voices), len({e.document.outlet for e in documents})),
        ),
        (
            _size(sum(weights)),
            _reports(len(originals), copies=len(documents) - len(originals)),
        ),
        (
            NOVELTY_WEIGHT * (len(fresh) / len(documents) if told_before else 1.0),
            _novelty(len(fresh), len(loudest), told_before),
        ),
    ]
    parts += [
        (interests.weight * VOICES_WEIGHT / 2, _interest(word, kind))
        for word, kind in list(followed.items())[:MOST_INTERESTS]
    ]
    blocked = matcher.find(interests.block, articles)
    parts.sort(key=lambda part: -part[0])
    return Importance(
        score=round(sum(weight for weight, _ in parts), 6),
        reasons=tuple(reason for _, reason in parts),
        voices=loudest,
        reports=sum(weights),
        section=_section(sections, articles, matcher),
        blocked=blocked[0] if blocked else None,
    )


def raised(foremost: Importance, others: Sequence[Importance]) -> Importance:
    """Return the weight of the foremost story of an affair: that of all the affair's voices and reports together."""
    voices = dict(foremost.voices)
    for each in others:
        for owner, weight in each.voices.items():
            voices[owner] = max(weight, voices.get(owner, 0.0))
    reports = foremost.reports + sum(each.reports for each in others)
    more = _spread(voices) - _spread(foremost.voices) + _size(reports) - _size(foremost.reports)
    return replace(
        foremost,
        score=round(foremost.score + more, 6),
        reasons=(*foremost.reasons, _affair(len(voices), len(others) + 1)),
    )


def _spread(voices: Mapping[str, float]) -> float:
    return VOICES_WEIGHT * math.log2(1 + sum(voices.values()))


def _size(reports: float) -> float:
    return REPORTS_WEIGHT * math.log2(1 + reports)


def _words_of(interests: Interests) -> Mapping[str, tuple[str, ...]]:
    return {"topic": interests.topics, "place": interests.places, "name": interests.names}


def _section(sections: Sequence[Section], articles: Sequence[Document], matcher: Matcher) -> str | None:
    """Return the first section whose words or outlets the story has; one without either takes what is left."""
    for section in sections:
        if any(article.source in section.outlets for article in articles) or matcher.find(
            section.words, articles
        ):
            return section.id
    return next((each.id for each in sections if not each.words and not each.outlets), None)


# --- reasons, in both languages -----------------------------------------------------------------


def _voices(voices: int, outlets: int) -> Bilingual:
    if voices == 1:
        return Bilingual(en="one voice", ar="صوت واحد")
    same = outlets == voices
    return Bilingual(
        en=f"{voices} independent {'outlets' if same else f'voices, {outlets} outlets'}",
        ar=f"مصادر مستقلة: {voices}" + ("" if same else f" (وسائل الإعلام: {outlets})"),
    )


def _reports(reports: int, *, copies: int) -> Bilingual:
    noun = "report" if reports == 1 else "reports"
    return Bilingual(
        en=f"{reports} {noun}" + (f" and {copies} copied" if copies else ""),
        ar=f"التقارير: {reports}" + (f"، والمنقولة: {copies}" if copies else ""),
    )


def _novelty(reports: int, voices: int, told_before: bool) -> Bilingual:  # noqa: FBT001 - a table row
    if not told_before:
        return Bilingual(en="new story", ar="خبر جديد")
    noun = "report" if reports == 1 else "reports"
    return Bilingual(
        en=f"{reports} new {noun} of {voices} {'voice' if voices == 1 else 'voices'} since the last brief",
        ar=f"تقارير جديدة منذ الموجز السابق: {reports}",
    )


def _affair(voices: int, stories: int) -> Bilingual:
    noun = "voice" if voices == 1 else "independent voices"
    return Bilingual(
        en=f"foremost of {stories} stories of one affair, with {voices} {noun}",
        ar=f"الأبرز بين أخبار الموضوع نفسه ({stories})، ومصادره المستقلة: {voices}",
    )


_KINDS_AR: Final = {"topic": "موضوع تتابعه", "place": "مكان تتابعه", "name": "اسم تتابعه"}


def _interest(word: str, kind: str) -> Bilingual:
    return Bilingual(en=f"{kind} you follow: {word}", ar=f"{_KINDS_AR[kind]}: {word}")
