"""What happened when: the dated clauses of a story's reports, in order, each with its sources."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from summarizer.arabic import content_tokens, normalize, tokenize
from summarizer.facts import Fact
from summarizer.schema import Citation, Document, Sentence
from summarizer.summarize import cite, trim_opening

#: A sentence up to this many words is shown whole; a longer one is cut to the clauses around its date.
WHOLE_WORDS: Final = 28
#: A cut clause is widened until it has this many words, so that it says what happened.
CLAUSE_WORDS: Final = 12
#: A story's timeline shows at most this many entries; those that most outlets give stay.
MOST_ENTRIES: Final = 12

#: Entries that have no more than a year are background: at most as many stay as there are exact ones, or this many.
FEWEST_YEARS: Final = 3

#: Sentences with this many stems in common may tell of one event, if their dates allow it.
SAME_EVENT_STEMS: Final = 2

#: What stands for words left out, before and after an excerpt.
CUT_BEFORE, CUT_AFTER = "… ", " …"

#: A bare number that could be a year is one only after one of these, or after a month or another year.
_YEAR_AFTER: Final = re.compile(
    r"(?:(?:^|[\s(])(?:[وفبلك]|لل|بال|وال)?(?:ال)?(?:عام|عامي|عامين|سنه|سنوات|اعوام|موسم|مونديال|صيف|ربيع|شتاء|خريف|مطلع|اوايل|اواخر|نهايه|بدايه|منتصف|في|فى"
    r"|منذ|حتي|بحلول|قبل|بعد|الي|بين|من|خلال|انتخابات|حرب|اتفاق|دوره|نسخه)|\d{4}\s*[-–،/]?\s*و?)\s*[(\"«]?$"
)
#: What somebody was born in says who he is, not what happened.
_BORN: Final = re.compile(
    r"\b(?:[وف]?ولد|[وف]?ولدت|مواليد|المولود|المولوده|مولود|مولوده)\b(?:\s+\S+){0,8}?\s*$"
)
#: A date after one of these is the name of a thing: the attacks of 11 September, the 22 May palace.
_NAMED_AFTER: Final = re.compile(
    r"(?:^|\s)[وفبلك]?(?:ال)?(?:قصر|شارع|ميدان|ساحه|جسر|ملعب|استاد|مستشفي|مدرسه|جامعه|كتيبه|لواء|حزب|حركه|جبهه|تحالف|ايتلاف|مجموعه|قناه|صحيفه|مخيم|مدينه|حي|معسكر)\s*[\"«(]?$"
)
#: ... and of these, where the date has no year: every reader knows which one is meant, and no rule does.
_KNOWN_AS: Final = re.compile(
    r"(?:^|\s)[وفبلك]?(?:ال)?(?:هجمات|هجوم|احداث|اعتداءات|ثوره|انتفاضه|انقلاب|اتفاق|اتفاقيه|حرب|ذكري|نكسه)\s*[\"«(]?$"
)
#: "Until now", "to this day" and "every year on this day" date nothing.
_UNTIL: Final = re.compile(r"(?:^|\s)[وف]?(?:حتي|لغايه|الي|منذ)(?: (?:الان|هذا|هذه|مساء|صباح|ظهر))?\s*$")
#: "آذار/مارس العام 2015"
_YEAR_FOLLOWS: Final = re.compile(r"^\s*(?:من )?(?:ال)?(?:عام|سنه) ?((?:19|20)\d\d)\b")
_EVERY: Final = re.compile(r"^\s*من كل\b")

_ABSOLUTE: Final = re.compile(r"^(?:\d{4}(?:-\d{2}(?:-\d{2})?)?|--\d{2}(?:-\d{2})?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedExcerpt:
    """One entry in Arabic: an ISO date (see ``schema.TimelineEntry``), the source's words, its citations."""

    date: str
    text: str
    citations: tuple[Citation, ...]

    @property
    def words(self) -> str:
        """The source's words alone, without the ellipses that stand for what was cut: what is translated."""
        return self.text.removeprefix(CUT_BEFORE).removesuffix(CUT_AFTER)

    def with_gaps(self, english: str) -> str:
        """Return the English of ``words`` with the ellipses where the Arabic has them."""
        before, after = self.text.startswith(CUT_BEFORE), self.text.endswith(CUT_AFTER)
        return CUT_BEFORE * before + (english.rstrip(". ") + CUT_AFTER if after else english)


def find_timeline(
    facts: Iterable[tuple[Sentence, Sequence[Fact]]], documents: Mapping[str, Document]
) -> tuple[DatedExcerpt, ...]:
    """Return the timeline of one story, oldest first.

    A sentence enters with every date in it that stands for a calendar day, month or year; relative dates enter
    only where the report's own date resolves them. One entry a date: the excerpt that shares most with the other
    reports' sentences of that date is shown, and all of them are cited. Dates without a year ("7 April") belong
    to the reports' own present: they stand after every full date up to the newest one that is not later.
    """
    groups: dict[str, list[tuple[Sentence, Fact]]] = {}
    for sentence, sentence_facts in facts:
        if documents[sentence.document_id].duplicate_of is not None:
            continue
        published = documents[sentence.document_id].published
        for fact in _without_doubles(sentence_facts):
            date = _event_date(sentence.text, fact, published=published)
            if date is not None and all(known is not sentence for known, _ in groups.get(date, ())):
                groups.setdefault(date, []).append((sentence, fact))
    _merge_vague(groups)
    entries = _without_repeats([_entry(date, members) for date, members in groups.items()])
    entries.sort(key=lambda each: (-len({c.document_id for c in each.citations}), -len(each.date), each.date))
    years = [each for each in entries if len(each.date) == len("2020")]
    most_years = max(FEWEST_YEARS, len(entries) - len(years))
    entries = [each for each in entries if each not in years[most_years:]][:MOST_ENTRIES]
    return tuple(sorted(entries, key=lambda each: sort_key(each.date)))


def _event_date(text: str, fact: Fact, *, published: str | None) -> str | None:
    """Return the ISO date at which something happened, as far as the words around the date can tell, or None.

    A day or month without a year is the one nearest to the report's own date, where the report has one.
    """
    date = calendar_date(fact)
    if date is None:
        return None
    before, after = normalize(text[: fact.start]), normalize(text[fact.end :])
    named = _NAMED_AFTER.search(before) or (fact.value.startswith("--") and _KNOWN_AS.search(before))
    undated = fact.value == "rel:day0" and (_UNTIL.search(before) or _EVERY.match(after))
    bare = fact.surface.strip().isdecimal() and not _YEAR_AFTER.search(before)
    if named or undated or bare or _EVERY.match(after) or _BORN.search(before):
        return None
    year = _YEAR_FOLLOWS.match(after) if fact.value.startswith("--") else None
    if year is not None:
        return f"{year[1]}{fact.value[1:]}"
    return _nearest_year(date, published) if date.startswith("--") else date


def _nearest_year(date: str, published: str | None) -> str:
    """Return ``--04-07`` or ``--04`` with the year that brings it nearest to ``published``, if that is a date."""
    try:
        present = datetime.date.fromisoformat((published or "")[:10])
    except ValueError:
        return date
    candidates = []
    for year in (present.year - 1, present.year, present.year + 1):
        full = f"{year:04}{date[1:]}"
        try:
            day = datetime.date.fromisoformat(full if len(date) == len("--04-07") else f"{full}-15")
        except ValueError:  # 29 February of a common year
            continue
        candidates.append((abs((day - present).days), full))
    return min(candidates)[1] if candidates else date


def _without_doubles(facts: Sequence[Fact]) -> list[Fact]:
    """Of "today, Monday" keep Monday: where a report is dated a day late it is the weekday that is right."""
    dates = [fact for fact in facts if fact.kind == "date"]
    doubled = {
        id(one)
        for one, other in pairwise(dates)
        if one.value.startswith("rel:day")
        and other.value.startswith("weekday:")
        and other.start - one.end <= 2
    }
    return [fact for fact in dates if id(fact) not in doubled]


def _without_repeats(entries: Iterable[tuple[DatedExcerpt, int]]) -> list[DatedExcerpt]:
    """Show no excerpt twice: of its dates the most exact one stays, of equals the first that it mentions.

    With each entry comes where its date stands in the sentence.
    """
    best: dict[str, DatedExcerpt] = {}
    for each, _ in sorted(entries, key=lambda pair: (-len(pair[0].date), pair[1], pair[0].date)):
        best.setdefault(each.text, each)
    return list(best.values())


def calendar_date(fact: Fact) -> str | None:
    """Return the ISO date (or part of one) that a date fact stands for, or None.

    "Last year" is too vague to be a date even where the report's own date tells which year it was.
    """
    if fact.kind != "date" or (fact.value.startswith("rel:") and len(fact.resolved or "") == len("2020")):
        return None
    for value in (fact.resolved, fact.value):
        if value is not None and _ABSOLUTE.match(value):
            return value
    return None


def sort_key(date: str) -> tuple[int, str]:
    """Order ISO dates; those without a year come last, among themselves by month and day."""
    return (1, date) if date.startswith("--") else (0, date)


def _merge_vague(groups: dict[str, list[tuple[Sentence, Fact]]]) -> None:
    """Let a vaguer date go where the exact one is.

    A year goes where the same sentence also has one of its months. A date without a year ("last June") goes to
    the one full date of the story that it can be, if the two sentences share ``SAME_EVENT_STEMS``; a month
    without a year that finds none is too vague for a timeline and is left out.
    """
    for date in sorted(groups, key=lambda each: (len(each), each)):
        members = groups.pop(date)
        if date.startswith("--"):
            full = [other for other in groups if other.startswith(date.removeprefix("--"), len("2020-"))]
            if len(full) == 1 and any(
                _share_event(one, other) for one, _ in members for other, _ in groups[full[0]]
            ):
                groups[full[0]].extend(
                    member
                    for member in members
                    if all(known is not member[0] for known, _ in groups[full[0]])
                )
                continue
            if len(date) == len("--04"):
                continue
        else:
            finer = [other for other in groups if other.startswith(date)]
            members = [
                (sentence, fact)
                for sentence, fact in members
                if not any(known is sentence for other in finer for known, _ in groups[other])
            ]
        if members:
            groups[date] = members


def _share_event(one: Sentence, other: Sentence) -> bool:
    stems = [
        {each for each in content_tokens(text) if not each.startswith("month")}
        for text in (one.text, other.text)
    ]
    return len(stems[0] & stems[1]) >= SAME_EVENT_STEMS


def _entry(date: str, members: Sequence[tuple[Sentence, Fact]]) -> tuple[DatedExcerpt, int]:
    excerpts = [(excerpt(sentence.text, fact.start, fact.end), sentence) for sentence, fact in members]
    stems = [set(content_tokens(text)) for text, _ in excerpts]

    def worth(position: int) -> tuple[float, int, str, int]:
        mine, (text, sentence) = stems[position], excerpts[position]
        shared = sum(len(mine & other) for index, other in enumerate(stems) if index != position)
        return shared / max(1, len(mine)) ** 0.5, -len(text), sentence.document_id, -sentence.index

    best = max(range(len(excerpts)), key=worth)
    ordered = sorted((sentence for _, sentence in excerpts), key=lambda each: (each.document_id, each.index))
    first = excerpts[best][1]
    entry = DatedExcerpt(
        date=date,
        text=excerpts[best][0],
        citations=(cite(first), *(cite(each) for each in ordered if each is not first)),
    )
    return entry, members[best][1].start


def excerpt(text: str, start: int, end: int) -> str:
    """Return the clauses of ``text`` around ``text[start:end]``, with an ellipsis where words are left out."""
    trimmed = trim_opening(text)
    if len(tokenize(text)) <= WHOLE_WORDS:
        return trimmed if len(text) - len(trimmed) <= start else text
    edges = [0, *(match.end() for match in re.finditer(r"[،؛;](?=\s)", text)), len(text)]
    first = max(edge for edge in edges if edge <= start)
    last = min(edge for edge in edges if edge >= end)
    while len(tokenize(text[first:last])) < CLAUSE_WORDS and (first, last) != (0, len(text)):
        earlier = max((edge for edge in edges if edge < first), default=0)
        later = min((edge for edge in edges if edge > last), default=len(text))
        # The shorter neighbour joins first: the cut stays close to the date.
        if first > 0 and (last == len(text) or first - earlier <= later - last):
            first = earlier
        else:
            last = later
    piece = text[first:last].strip().strip("،؛;").strip()
    return CUT_BEFORE * (first > 0) + piece + CUT_AFTER * (last < len(text))
