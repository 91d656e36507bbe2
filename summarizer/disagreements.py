"""Where the reports of one story contradict each other, or themselves.

Three kinds, each found by rule, so that a reader can see why it is listed:

* **claim**: the same number of the same thing with opposite predicates (2,500 troops *left* / *remain*);
* **number**: the same predicate about the same thing with different numbers (12 *killed* / 15 *killed*);
* **date**: the same event with dates that cannot both be right (the killing of X in January / in December).

Numbers and dates are compared by value, so ٢٥٠٠ meets 2,500 and كانون الثاني meets يناير. Two sentences must talk
about the same thing (shared names and content stems); when in doubt nothing is listed. What is listed is shown
with every value and its citations: Mujaz never picks one.

News repeats itself: the same words tell of yesterday's attack, of last year's and of the one before. Counts are
therefore compared only between reports, only the *first* count of its kind that a report gives of the present
event, and only where neither report knows the other's number; dates only where the event's own words carry them
("announced on Monday the killing of" dates the announcement) and where the event can happen only once.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Final

from summarizer.arabic import content_tokens, stem
from summarizer.claims import Claim, amount_of, count_claims, date_claims, number_claims, split_words
from summarizer.display import format_date, format_number
from summarizer.facts import Fact
from summarizer.predicates import AGAIN, DEATH_OF, EVENT_NAMES, KIN, OFFICE, OPPOSITES, TOOK_OFFICE
from summarizer.schema import Bilingual, Citation, Disagreement, DisagreementValue, Document, Sentence
from summarizer.summarize import cite

if TYPE_CHECKING:
    from summarizer.terms import Terms

#: Two sentences with different numbers talk about the same thing from this share of common stems on (of the
#: shorter one, numbers left out). Set on 253 stories of several outlets: 0.3 lets other incidents in (15 and 220
#: hurt), 0.5 loses a true pair of tolls (10 and 24 killed).
SAME_THING: Final = 0.4
#: ... and from this many on: short sentences share their three words with too many others.
SHARED_COUNT: Final = 4
#: An event without a name has two dates only if its sentences share at least this much, and this many stems.
SAME_UNNAMED_EVENT: Final = 0.5
UNNAMED_EVENT_STEMS: Final = 5
#: An unnamed event that sources date further apart than this many days is two events.
UNNAMED_EVENT_DAYS: Final = 2
#: A report tells of the present: what it dates further back than this many days is background.
PRESENT_DAYS: Final = 3
#: Two phrases name one office from this share of common stems on (of the shorter one).
SAME_OFFICE: Final = 0.6
#: An event without a name is called by at most this many words that its reports share.
SUBJECT_WORDS: Final = 4
#: Two dated events are the same when they share this many stems around the predicate besides the predicate.
SHARED_ANCHORS: Final = 2
#: Approximations ("about 2,500", "at least 50") agree with values up to this far away, as a share.
APPROXIMATE: Final = 0.1
#: Bare numbers below this are counts of heads, and 11 is not 12; larger ones are rounded even where no word says so.
COUNTED_EXACTLY: Final = 100


def find_disagreements(
    facts: Iterable[tuple[Sentence, Sequence[Fact]]], documents: Mapping[str, Document], *, terms: Terms
) -> tuple[Disagreement, ...]:
    """Return what the sentences of one story contradict each other on, the most cited first.

    ``terms`` names in English the people and places that a disputed event is about.

    Copies of a report neither contradict nor corroborate. The result does not depend on the order of ``facts``.
    """
    own = [
        (sentence, found) for sentence, found in facts if documents[sentence.document_id].duplicate_of is None
    ]
    own.sort(key=lambda pair: (pair[0].document_id, pair[0].index))
    numbers = [claim for pair in own for claim in number_claims(*pair)]
    dates = [claim for pair in own for claim in date_claims(*pair)]
    found = [
        *_opposite_claims(numbers),
        *_different_numbers(own, documents, terms),
        *_different_dates(dates, terms),
    ]
    return tuple(sorted(found, key=lambda each: (-sum(len(v.citations) for v in each.values), each.about.en)))


def _opposite_claims(claims: Sequence[Claim]) -> list[Disagreement]:
    found = []
    for one, other in OPPOSITES:
        groups: dict[tuple[str, str], list[Claim]] = {}
        for claim in claims:
            if claim.predicate in (one, other) and claim.unit is not None:
                groups.setdefault((claim.value, claim.unit[0]), []).append(claim)
        for (value, _), members in sorted(groups.items()):
            sides = [[claim for claim in members if claim.predicate is side] for side in (one, other)]
            if not all(sides) or not any(
                a.sentence.document_id != b.sentence.document_id and len(a.stems & b.stems) >= SHARED_ANCHORS
                for a in sides[0]
                for b in sides[1]
            ):
                continue
            unit = members[0].unit
            assert unit is not None  # the grouping above keeps only claims with a unit
            number = format_number(value)
            found.append(
                Disagreement(
                    kind="claim",
                    about=Bilingual(
                        ar=f"{number} {unit[1].ar}: {one.label.ar} أم {other.label.ar}؟",
                        en=f"{number} {unit[1].en}: {one.label.en}, or {other.label.en}?",
                    ),
                    values=tuple(
                        _value(
                            side,
                            Bilingual(
                                ar=f"{number}: {side[0].predicate.label.ar}",
                                en=f"{number} {side[0].predicate.label.en}",
                            ),
                        )
                        for side in sides
                    ),
                )
            )
    return found


def _different_numbers(
    own: Sequence[tuple[Sentence, Sequence[Fact]]], documents: Mapping[str, Document], terms: Terms
) -> list[Disagreement]:
    counted, known = _present_counts(own, documents)

    def same_thing(one: Claim, other: Claim) -> bool:
        smaller = min(len(one.stems), len(other.stems))
        return (
            one.sentence.document_id != other.sentence.document_id
            and one.predicate is other.predicate
            and one.unit is not None
            and other.unit is not None
            and one.unit[0] == other.unit[0]
            and len(one.stems & other.stems) >= max(SHARED_COUNT, SAME_THING * smaller)
            and _same_time(one, other, documents)
            and _same_place(one, other, terms)
        )

    def clash(one: Claim, other: Claim) -> bool:
        return (
            one.sentence.document_id != other.sentence.document_id
            and _far_apart(one.fact, other.fact)
            and one.value not in known[other.sentence.document_id]
            and other.value not in known[one.sentence.document_id]
        )

    found = []
    for group in _groups(counted, same_thing):
        clashing = {claim.value for pair in combinations(group, 2) if clash(*pair) for claim in pair}
        if not clashing:
            continue
        by_value = {value: members for value, members in _by_value(group).items() if value in clashing}
        unit = group[0].unit
        assert unit is not None  # same_thing holds only for claims with a unit
        predicate = group[0].predicate
        found.append(
            Disagreement(
                kind="number",
                about=Bilingual(
                    ar=f"كم {unit[1].ar} ({predicate.label.ar})؟",
                    en=f"how many {unit[1].en} {predicate.label.en}",
                ),
                values=tuple(
                    _value(members, Bilingual(ar=format_number(value), en=format_number(value)))
                    for value, members in by_value.items()
                ),
            )
        )
    return found


def _present_counts(
    own: Sequence[tuple[Sentence, Sequence[Fact]]], documents: Mapping[str, Document]
) -> tuple[list[Claim], Mapping[str, set[str]]]:
    """Return each report's counts of the present event, and every number that it counts people with.

    Of the counts with one predicate and unit the first stands for the report, wherever it repeats it: later
    ones are of parts, of earlier events, or what other sources said.
    """
    first: dict[tuple[str, str, str], str] = {}
    known: defaultdict[str, set[str]] = defaultdict(set)
    counts = []
    for sentence, facts in own:
        claims = count_claims(sentence, facts)
        if claims:
            known[sentence.document_id].update(fact.value for fact in facts if fact.kind == "number")
        for claim in claims:
            assert claim.unit is not None  # count_claims asks for a unit
            key = (sentence.document_id, claim.predicate.key, claim.unit[0])
            present = _is_present(claim, documents[sentence.document_id].published)
            if present and first.setdefault(key, claim.value) == claim.value:
                counts.append(claim)
    return counts, known


def _is_present(claim: Claim, published: str | None) -> bool:
    """Tell whether nothing in a sentence dates it to before its report's present."""
    if claim.stretch:
        return False
    present = _day(published or "")
    for date in claim.days:
        day = _day(f"{(published or '')[:4]}{date[1:]}" if date.startswith("--") else date)
        if present is None:
            if day is None and not date.startswith("--"):
                return False
        elif day is None or abs((day - present).days) > PRESENT_DAYS:
            return False
    return True


def _day(date: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(date[:10])
    except ValueError:  # a month, a year, nothing
        return None


def _same_time(one: Claim, other: Claim, documents: Mapping[str, Document]) -> bool:
    if one.days and other.days:
        return any(_compatible(a, b) for a in one.days for b in other.days)
    days = [_day(documents[claim.sentence.document_id].published or "") for claim in (one, other)]
    return days[0] is None or days[1] is None or abs((days[0] - days[1]).days) <= PRESENT_DAYS


def _same_place(one: Claim, other: Claim, terms: Terms) -> bool:
    places = [
        {match.key for match in terms.find(claim.sentence.text) if match.kind == "place"}
        for claim in (one, other)
    ]
    return not all(places) or not places[0].isdisjoint(places[1])


def _far_apart(one: Fact, other: Fact) -> bool:
    a, b = amount_of(one), amount_of(other)
    if a is None or b is None:
        return False
    exact = not one.bound and not other.bound and max(a, b) < COUNTED_EXACTLY
    return abs(a - b) > (0 if exact else APPROXIMATE * max(a, b))


def _different_dates(claims: Sequence[Claim], terms: Terms) -> list[Disagreement]:
    both: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for claim in claims:
        both[claim.sentence.document_id, claim.predicate.key].add(claim.value)

    def same_event(one: Claim, other: Claim) -> bool:
        if one.predicate is not other.predicate or one.sentence is other.sentence:
            return False
        if one.predicate is DEATH_OF:
            return bool(_names(one, terms) & _names(other, terms)) or unnamed(one, other)
        return (
            one.sentence.document_id != other.sentence.document_id
            and bool(_names(one, terms) & _names(other, terms))
            and len(one.anchors & other.anchors) >= SHARED_ANCHORS
            and _same_office(one, other, terms)
        )

    def unnamed(one: Claim, other: Claim) -> bool:
        days = [_day(claim.value) for claim in (one, other)]
        share = len(one.stems & other.stems)
        if not AGAIN.isdisjoint(one.stems & other.stems):
            return False
        documents = [claim.sentence.document_id for claim in (one, other)]
        return (
            documents[0] != documents[1]
            and days[0] is not None
            and days[1] is not None
            and abs((days[0] - days[1]).days) <= UNNAMED_EVENT_DAYS
            and share >= max(UNNAMED_EVENT_STEMS, SAME_UNNAMED_EVENT * min(len(one.stems), len(other.stems)))
            # A report that has both dates tells of two events.
            and other.value not in both[documents[0], one.predicate.key]
            and one.value not in both[documents[1], one.predicate.key]
        )

    found = []
    for group in _groups(claims, same_event):
        clashing = {
            value for pair in combinations(_by_value(group), 2) if not _compatible(*pair) for value in pair
        }
        if not clashing:
            continue
        by_value = {value: members for value, members in _by_value(group).items() if value in clashing}
        shared = frozenset.intersection(*(members[0].anchors for members in by_value.values()))
        subject = _subject(group[0], shared, terms)
        event = EVENT_NAMES[group[0].predicate.key]
        found.append(
            Disagreement(
                kind="date",
                about=Bilingual(
                    ar=f"تاريخ {event.ar}: {subject.ar}", en=f"date of the {event.en}: {subject.en}"
                ),
                values=tuple(_value(members, format_date(value)) for value, members in by_value.items()),
            )
        )
    return found


def _names(claim: Claim, terms: Terms) -> set[str]:
    """Return the keys of the names near a claim's predicate: of people for deaths and offices, else of anything."""
    text, (start, end) = claim.sentence.text, claim.near
    people_only = claim.predicate in (DEATH_OF, TOOK_OFFICE)
    if people_only and any(KIN.match(word.folded) for word in split_words(text) if start <= word.start < end):
        return set()
    return {
        match.key
        for match in terms.find(text)
        if start <= match.start < end and (match.kind == "person" or not people_only)
    }


def _same_office(one: Claim, other: Claim, terms: Terms) -> bool:
    """Tell whether what somebody took over may be one office: one report does not say which, or both say it alike."""
    if one.predicate is not TOOK_OFFICE:
        return True
    offices = []
    for claim in (one, other):
        names = " ".join(match.surface for match in terms.find(claim.sentence.text) if match.kind == "person")
        offices.append(claim.subject - OFFICE - set(content_tokens(names)))
    return len(offices[0] & offices[1]) >= SAME_OFFICE * min(map(len, offices))


def _groups(claims: Sequence[Claim], related: Callable[[Claim, Claim], bool]) -> list[list[Claim]]:
    """Return the groups of claims that each hang together with the first of the group."""
    groups: list[list[Claim]] = []
    for claim in claims:
        for group in groups:
            if related(group[0], claim):
                group.append(claim)
                break
        else:
            groups.append([claim])
    return [group for group in groups if len(group) > 1]


def _by_value(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    values: dict[str, list[Claim]] = {}
    for claim in claims:
        values.setdefault(claim.value, []).append(claim)
    return dict(sorted(values.items()))


def _value(claims: Sequence[Claim], label: Bilingual) -> DisagreementValue:
    citations: list[Citation] = []
    for claim in claims:
        citation = cite(claim.sentence)
        if citation not in citations:
            citations.append(citation)
    return DisagreementValue(value=claims[0].excerpt, label=label, citations=tuple(citations))


def _compatible(one: str, other: str) -> bool:
    """Tell whether two ISO dates can be the same day: ``2020`` and ``2020-01`` can, two months cannot."""
    if one.startswith("--") != other.startswith("--"):
        full, part = (one, other) if other.startswith("--") else (other, one)
        one, other = full[5:], part[2:]
    return one.startswith(other) or other.startswith(one)


def _subject(claim: Claim, shared: frozenset[str], terms: Terms) -> Bilingual:
    """Return what an event is about, in both languages: the names that its reports share, else shared words."""
    names = [
        match for match in terms.find(claim.sentence.text) if shared & set(content_tokens(match.surface))
    ]
    if names:
        unique = {match.key: match for match in names}
        return Bilingual(
            ar="، ".join(match.surface for match in unique.values()),
            en=", ".join(match.english[0] for match in unique.values()),
        )
    words = [word for word in split_words(claim.sentence.text) if stem(word.folded) in shared]
    shown = dict.fromkeys(claim.sentence.text[word.start : word.end] for word in words)
    arabic = "، ".join(list(shown)[:SUBJECT_WORDS]) or claim.excerpt
    return Bilingual(ar=arabic, en=f"«{arabic}»")
