"""Where the reports of one story contradict each other, or themselves.

Three kinds, each found by rule, so that a reader can see why it is listed:

* **claim**: the same number of the same thing with opposite predicates (2,500 troops *left* / *remain*);
* **number**: the same predicate about the same thing with different numbers (12 *killed* / 15 *killed*);
* **date**: the same event with dates that cannot both be right (the killing of X in January / in December).

Numbers and dates are compared by value, so ٢٥٠٠ meets 2,500 and كانون الثاني meets يناير. Two sentences must talk
about the same thing (shared names and content stems); when in doubt nothing is listed. What is listed is shown
with every value and its citations: Mujaz never picks one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from summarizer.arabic import STOP_WORDS, content_tokens, fold, normalize, span_in_source, stem
from summarizer.display import format_date, format_number
from summarizer.facts import Fact
from summarizer.schema import Bilingual, Citation, Disagreement, DisagreementValue, Document, Sentence
from summarizer.summarize import cite
from summarizer.timeline import calendar_date

if TYPE_CHECKING:
    from summarizer.terms import Terms

#: A predicate rules a number at most this many words away ...
NUMBER_REACH: Final = 9
#: ... and a date at most this many: names and offices stand between ("مقتل قائد ... ونائب ... في يناير").
DATE_REACH: Final = 20
#: What an event is about stands at most this many words around its predicate and date.
ANCHOR_REACH: Final = 14
#: Two sentences with different numbers talk about the same thing from this share of common stems on (of the
#: shorter one, numbers left out). Below 0.5 different incidents with the same wording begin to meet.
SAME_THING: Final = 0.5
#: Two dated events are the same when they share this many stems around the predicate besides the predicate.
SHARED_ANCHORS: Final = 2
#: Approximations ("about 2,500") agree with values up to this far away, as a share.
APPROXIMATE: Final = 0.1
#: Numbers below this are seldom claims worth comparing ("two countries", "three officials").
SMALLEST_NUMBER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predicate:
    """A class of verbs and nouns that say the same of a number or an event."""

    key: str
    label: Bilingual
    pattern: re.Pattern[str]  # over folded words


def _predicate(key: str, ar: str, en: str, words: str) -> _Predicate:
    alternatives = "|".join(normalize(word) for word in words.split())
    return _Predicate(
        key=key,
        label=Bilingual(ar=ar, en=en),
        pattern=re.compile(rf"^(?:[وفلبس]|س|ال|وال|بال|لل)*(?:{alternatives})$"),
    )


#: Verb forms are listed as they are written: Arabic agreement endings make a regular expression over roots too
#: greedy ("سحب" clouds, "خرج" output).
_LEFT = _predicate(
    "left", "انسحبوا", "left",
    "انسحب انسحبت انسحبوا انسحاب ينسحب تنسحب ينسحبون سحب سحبت سحبوا يسحب تسحب غادر غادرت غادروا يغادر مغادره رحل رحلوا خرج خرجوا خروج اجلاء",
)  # fmt: skip
_REMAIN = _predicate(
    "remain", "ما زالوا موجودين", "still there",
    "يوجد توجد بقي بقيت بقوا يبقي تبقي متبق متبقي المتبقي المتبقيه متمركز متمركزه متمركزون متمركزين منتشر منتشرين منتشره ينتشر تنتشر يتمركز تتمركز موجود موجوده موجودون موجودين انخفض تقلص اصل تواجد",
)  # fmt: skip
_KILLED = _predicate(
    "killed", "قُتلوا", "killed",
    "قتل قتلت قتلوا مقتل يقتل قتيل قتيلا قتلي لقي مصرع مصرعهم اغتيال اغتال اغتالت اغتيل استشهد استشهاد استشهدوا وفاه توفي توفيت ضحايا ضحيه",
)  # fmt: skip
_HURT = _predicate(
    "hurt", "أصيبوا", "hurt", "اصيب اصيبت اصيبوا اصابه جرح جرحوا جريح جريحا جرحي مصاب مصابا مصابين مصابون"
)
_ROSE = _predicate(
    "rose", "ارتفع", "rose", "ارتفع ارتفعت يرتفع ترتفع ارتفاع ارتفاعا زاد زادت صعد صعدت قفز قفزت"
)
_FELL = _predicate("fell", "انخفض", "fell", "انخفضت ينخفض تنخفض انخفاض انخفاضا تراجع تراجعت هبط هبطت")
_HELD = _predicate(
    "detained", "اعتُقلوا", "detained", "اعتقل اعتقلت اعتقلوا اعتقال احتجز احتجزت احتجاز اوقف اوقفت توقيف"
)
_FREED = _predicate("freed", "أُفرج عنهم", "freed", "افرج افرجت افراج اطلق اطلقت سراح")
_SIGNED = _predicate("signed", "وُقّع", "signed", "وقع وقعت وقعا توقيع ابرم ابرمت ابرام")
_TOOK_OFFICE = _predicate(
    "took office", "تولى المنصب", "took office", "تولي تولت توليه توليها تسلم تسلمت تسلمه"
)
_FOUNDED = _predicate("founded", "تأسس", "founded", "تاسس تاسست تاسيس انشاء اسس اسست")

_OPPOSITES: Final = ((_LEFT, _REMAIN), (_ROSE, _FELL), (_HELD, _FREED))
_COUNTED: Final = (_KILLED, _HURT, _LEFT, _HELD, _FREED)
_RULING_NUMBERS: Final = (*_COUNTED, *(each for pair in _OPPOSITES for each in pair if each not in _COUNTED))
#: Events that happen once to the same people and things. Attacks, visits, elections and rounds of talks come again
#: with the same names on other days: two dates of theirs are no contradiction.
_EVENTS: Final = (_KILLED, _SIGNED, _TOOK_OFFICE, _FOUNDED)
_EVENT_NAMES: Final = {
    "killed": Bilingual(ar="مقتل", en="killing"),
    "signed": Bilingual(ar="توقيع", en="signing"),
    "took office": Bilingual(ar="تولي المنصب", en="taking of office"),
    "founded": Bilingual(ar="تأسيس", en="founding"),
}

#: Units of counted people and things: folded noun -> (one class, Arabic label, English label).
_UNITS: Final = {
    normalize(word): (key, Bilingual(ar=ar, en=en))
    for key, ar, en, words in (
        ("troops", "جندي", "troops", "جندي جنديا جنود الجنود قوات القوات عسكري عسكريا عسكريين مقاتل مقاتلا مقاتلين عنصر عنصرا عناصر"),
        ("people", "شخص", "people", "شخص شخصا اشخاص قتيل قتيلا قتلي جريح جريحا جرحي مدني مدنيا مدنيين ضحيه ضحايا مصاب مصابا مصابين مهاجر مهاجرا لاجيي لاجيا"),
        ("dollars", "دولار", "dollars", "دولار دولارا دولارات"),
        ("percent", "في المئة", "percent", "% بالميه بالمايه"),
    )
    for word in words.split()
}  # fmt: skip
#: How far from a number its unit may stand, in words after it, then before it ("عدد القوات إلى حوالي 2500").
UNIT_AFTER, UNIT_BEFORE = 2, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A number or date of one sentence with the predicate that rules it."""

    sentence: Sentence
    fact: Fact
    value: str
    unit: tuple[str, Bilingual] | None
    predicate: _Predicate
    words: tuple[int, int]  # span of the excerpt that shows predicate, number and unit together
    stems: frozenset[str]  # what the sentence is about, numbers and the predicate left out
    anchors: frozenset[str]  # stems near the predicate and the date

    @property
    def excerpt(self) -> str:
        return self.sentence.text[self.words[0] : self.words[1]]


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
    numbers = [claim for pair in own for claim in _number_claims(*pair)]
    dates = [claim for pair in own for claim in _date_claims(*pair)]
    found = [*_opposite_claims(numbers), *_different_numbers(numbers), *_different_dates(dates, terms)]
    return tuple(sorted(found, key=lambda each: (-sum(len(v.citations) for v in each.values), each.about.en)))


# --- claims -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int


def _words(text: str) -> list[_Word]:
    folded, origin = fold(text)
    return [
        _Word(match[0], *span_in_source(text, origin, match.start(), match.end()))
        for match in re.finditer(r"[\w%.,]*\w%?|[%،؛:]", folded)
    ]


def _position(words: Sequence[_Word], fact: Fact) -> tuple[int, int] | None:
    inside = [index for index, word in enumerate(words) if word.start < fact.end and word.end > fact.start]
    return (inside[0], inside[-1]) if inside else None


def _number_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[_Claim]:
    words = _words(sentence.text)
    claims = []
    for fact in facts:
        amount = _amount(fact)
        place = _position(words, fact)
        if fact.kind != "number" or amount is None or amount < SMALLEST_NUMBER or place is None:
            continue
        unit = _unit(words, *place)
        nearest = _nearest(words, *place, predicates=_RULING_NUMBERS, reach=NUMBER_REACH)
        if nearest is not None:
            claims.append(_claim(sentence, fact, fact.value, unit, words, place, nearest))
    return claims


def _date_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[_Claim]:
    words = _words(sentence.text)
    claims = []
    for fact in facts:
        date, place = calendar_date(fact), _position(words, fact)
        if date is None or place is None:
            continue
        nearest = _nearest(words, *place, predicates=_EVENTS, reach=DATE_REACH)
        if nearest is not None:
            claims.append(_claim(sentence, fact, date, None, words, place, nearest))
    return claims


def _nearest(
    words: Sequence[_Word], first: int, last: int, *, predicates: Sequence[_Predicate], reach: int
) -> tuple[int, _Predicate] | None:
    """Return the predicate word that rules ``words[first:last + 1]``: the nearest one, before it on a tie."""
    best: tuple[float, int, _Predicate] | None = None
    for index in range(max(0, first - reach), min(len(words), last + reach + 1)):
        if first <= index <= last:
            continue
        distance = first - index if index < first else index - last + 0.5
        for predicate in predicates:
            if predicate.pattern.match(words[index].folded) and (best is None or distance < best[0]):
                best = (distance, index, predicate)
    return (best[1], best[2]) if best else None


def _unit(words: Sequence[_Word], first: int, last: int) -> tuple[int, tuple[str, Bilingual]] | None:
    """Return the index of the word that says what ``words[first:last + 1]`` counts, and its class."""
    after = range(last + 1, min(len(words), last + 1 + UNIT_AFTER))
    before = range(first - 1, max(-1, first - 1 - UNIT_BEFORE), -1)
    for index in (last, *after, *before):
        word = words[index].folded
        unit = (
            _UNITS.get(word)
            or _UNITS.get(word.removeprefix("ال"))
            or (_UNITS["%"] if word.endswith("%") else None)
        )
        if unit is not None:
            return index, unit
    return None


def _claim(
    sentence: Sentence,
    fact: Fact,
    value: str,
    unit: tuple[int, tuple[str, Bilingual]] | None,
    words: Sequence[_Word],
    place: tuple[int, int],
    nearest: tuple[int, _Predicate],
) -> _Claim:
    index, predicate = nearest
    shown = [index, *place] + ([unit[0]] if unit else [])
    first, last = min(shown), max(shown)
    around = sentence.text[
        words[max(0, first - ANCHOR_REACH)].start : words[min(len(words) - 1, last + ANCHOR_REACH)].end
    ]
    own = {stem(words[index].folded)}
    return _Claim(
        sentence=sentence,
        fact=fact,
        value=value,
        unit=unit[1] if unit else None,
        predicate=predicate,
        words=(min(words[first].start, _with_bound(sentence.text, fact)), words[last].end),
        stems=frozenset(_about(sentence.text) - own),
        anchors=frozenset(_about(around) - own),
    )


def _with_bound(text: str, fact: Fact) -> int:
    """Return where the number starts with its "more than" or "about" before it, if it has one."""
    if not fact.bound:
        return fact.start
    before = list(re.finditer(r"\S+", text[: fact.start]))[-2:]
    folded = [normalize(word[0]) for word in before]
    if len(before) == 2 and folded[1] in ("من", "عن"):
        return before[0].start()
    return before[-1].start() if before else fact.start


def _about(text: str) -> set[str]:
    return {
        token
        for token in content_tokens(text)
        if not token[0].isdigit() and not token.startswith("month") and token not in STOP_WORDS
    }


# --- comparisons --------------------------------------------------------------------------------


def _opposite_claims(claims: Sequence[_Claim]) -> list[Disagreement]:
    found = []
    for one, other in _OPPOSITES:
        groups: dict[tuple[str, str], list[_Claim]] = {}
        for claim in claims:
            if claim.predicate in (one, other) and claim.unit is not None:
                groups.setdefault((claim.value, claim.unit[0]), []).append(claim)
        for (value, _), members in sorted(groups.items()):
            sides = [[claim for claim in members if claim.predicate is side] for side in (one, other)]
            if not all(sides) or not any(
                a.sentence is not b.sentence and len(a.stems & b.stems) >= SHARED_ANCHORS
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


def _different_numbers(claims: Sequence[_Claim]) -> list[Disagreement]:
    def same_thing(one: _Claim, other: _Claim) -> bool:
        smaller = min(len(one.stems), len(other.stems))
        return (
            one.sentence.document_id != other.sentence.document_id
            and one.predicate is other.predicate
            and one.unit is not None
            and other.unit is not None
            and one.unit[0] == other.unit[0]
            and smaller > 0
            and len(one.stems & other.stems) >= max(SHARED_ANCHORS + 1, SAME_THING * smaller)
        )

    counted = [claim for claim in claims if claim.predicate in _COUNTED]
    found = []
    for group in _groups(counted, same_thing):
        by_value = _by_value(group)
        amounts = [
            (amount, claims_)
            for claims_ in by_value.values()
            if (amount := _amount(claims_[0].fact)) is not None
        ]
        if len(by_value) < 2 or not any(
            abs(a - b) > APPROXIMATE * max(a, b) for (a, _), (b, _) in combinations(amounts, 2)
        ):
            continue
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


def _different_dates(claims: Sequence[_Claim], terms: Terms) -> list[Disagreement]:
    def same_event(one: _Claim, other: _Claim) -> bool:
        return (
            one.sentence is not other.sentence
            and one.predicate is other.predicate
            and len(one.anchors & other.anchors) >= SHARED_ANCHORS
        )

    found = []
    for group in _groups(claims, same_event):
        by_value = _by_value(group)
        clashing = {value for pair in combinations(by_value, 2) if not _compatible(*pair) for value in pair}
        if not clashing:
            continue
        by_value = {value: members for value, members in by_value.items() if value in clashing}
        shared = frozenset.intersection(*(claim.anchors for claim in group))
        subject = _subject(group[0], shared, terms)
        event = _EVENT_NAMES[group[0].predicate.key]
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


def _groups(claims: Sequence[_Claim], related: Callable[[_Claim, _Claim], bool]) -> list[list[_Claim]]:
    """Return the groups of claims that each hang together with the first of the group."""
    groups: list[list[_Claim]] = []
    for claim in claims:
        for group in groups:
            if related(group[0], claim):
                group.append(claim)
                break
        else:
            groups.append([claim])
    return [group for group in groups if len(group) > 1]


def _by_value(claims: Iterable[_Claim]) -> dict[str, list[_Claim]]:
    values: dict[str, list[_Claim]] = {}
    for claim in claims:
        values.setdefault(claim.value, []).append(claim)
    return dict(sorted(values.items()))


def _value(claims: Sequence[_Claim], label: Bilingual) -> DisagreementValue:
    citations: list[Citation] = []
    for claim in claims:
        citation = cite(claim.sentence)
        if citation not in citations:
            citations.append(citation)
    return DisagreementValue(value=claims[0].excerpt, label=label, citations=tuple(citations))


def _amount(fact: Fact) -> float | None:
    try:
        return float(fact.value.rstrip("%"))
    except ValueError:  # a vague number ("dozens"), a range, a fraction
        return None


def _compatible(one: str, other: str) -> bool:
    """Tell whether two ISO dates can be the same day: ``2020`` and ``2020-01`` can, two months cannot."""
    if one.startswith("--") != other.startswith("--"):
        full, part = (one, other) if other.startswith("--") else (other, one)
        one, other = full[5:], part[2:]
    return one.startswith(other) or other.startswith(one)


def _subject(claim: _Claim, shared: frozenset[str], terms: Terms) -> Bilingual:
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
    words = [word for word in _words(claim.sentence.text) if stem(word.folded) in shared]
    arabic = "، ".join(dict.fromkeys(claim.sentence.text[word.start : word.end] for word in words))
    return Bilingual(ar=arabic, en=f"«{arabic}»")
