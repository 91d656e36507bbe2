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
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, takewhile
from typing import TYPE_CHECKING, Final

from summarizer.arabic import STOP_WORDS, content_tokens, fold, normalize, span_in_source, stem
from summarizer.display import format_date, format_number
from summarizer.facts import Fact
from summarizer.schema import Bilingual, Citation, Disagreement, DisagreementValue, Document, Sentence
from summarizer.summarize import cite, trim_opening
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
#: A verb that follows its number stands at most this many words after it ("54 people, 28 of them civilians, were killed").
VERB_AFTER: Final = 10
#: Two phrases name one office from this share of common stems on (of the shorter one).
SAME_OFFICE: Final = 0.6
#: An event without a name is called by at most this many words that its reports share.
SUBJECT_WORDS: Final = 4
#: A verb of saying at most this many words before a date has the date.
SAID_BEFORE: Final = 4
#: A person is the subject of an event if the name stands at most this many words from the predicate or the date.
NAME_REACH: Final = 8
#: Two dated events are the same when they share this many stems around the predicate besides the predicate.
SHARED_ANCHORS: Final = 2
#: Approximations ("about 2,500", "at least 50") agree with values up to this far away, as a share.
APPROXIMATE: Final = 0.1
#: Bare numbers below this are counts of heads, and 11 is not 12; larger ones are rounded even where no word says so.
COUNTED_EXACTLY: Final = 100
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
#: As an event a killing is narrower than as what rules a count: "القتلى" and "ضحايا" have no day.
_DEATH_OF = _predicate(
    "killed", "قُتل", "killed",
    "قتل قتلت قتلوا مقتل اغتيال اغتال اغتالت اغتيل اغتيلت مصرع مصرعه مصرعها مصرعهم حتفه حتفها حتفهم استشهد استشهاد وفاه توفي توفيت",
)  # fmt: skip
_SIGNED = _predicate("signed", "وُقّع", "signed", "وقع وقعت وقعا وقعوا توقيع ابرم ابرمت ابرام")
_TOOK_OFFICE = _predicate(
    "took office", "تولى المنصب", "took office", "تولي تولت توليه توليها تسلم تسلمت تسلمه"
)
_FOUNDED = _predicate("founded", "تأسس", "founded", "تاسس تاسست تاسيس انشاء اسس اسست")

_OPPOSITES: Final = ((_LEFT, _REMAIN), (_ROSE, _FELL), (_HELD, _FREED))
_COUNTED: Final = (_KILLED, _HURT, _LEFT, _HELD, _FREED)
_RULING_NUMBERS: Final = tuple(dict.fromkeys(each for pair in _OPPOSITES for each in pair))
#: Nouns that say of the people they count what became of them ("10 قتلى و73 جريحا").
_VICTIMS: Final = {
    normalize(word): predicate
    for predicate, words in (
        (_KILLED, "قتيل قتيلا قتلى ضحية ضحايا شهيد شهيدا شهداء وفاة"),
        (_HURT, "جريح جريحا جرحى مصاب مصابا مصابين إصابة"),
    )
    for word in words.split()
}
#: ``لقي`` (met) is about a death only with one of these after it.
_MET: Final = re.compile(r"^[وف]?لق[يوا]+$")
_DEATH: Final = re.compile(r"^(?:مصرع|حتف)(?:ه|ها|هم|هن|هما)?$")
#: What may stand between a predicate and its number.
_BRIDGE: Final = frozenset(
    normalize(
        "نحو حوالي قرابة زهاء أكثر من ما لا يقل عن على الأقل عدد إلى يقارب قارب يزيد زهاء بنحو لنحو تقريبا قد ال بـ لـ حصيلة أيضا"
    ).split()
)
#: A number after one of these is part of another ("54 people, 28 of them civilians") ...
_PART_BEFORE: Final = frozenset(
    normalize("بينهم بينها منهم منها ضمنهم وبينهم ومنهم بينهن منهن وبينها معظمهم").split()
)
#: ... and so is one before one of these ("27 of the dead").
_PART_AFTER: Final = frozenset(normalize("منهم منها منهن بينهم").split())
#: Who says when: a date beside one of these dates the saying.
_SAID: Final = re.compile(
    r"^[وف]?(?:قال|اعلن|اكد|ذكر|افاد|صرح|اضاف|اوضح|اتهم|دعا|دعت|وصف|كشف|نقل|حذر|طالب|راي|اعتبر|بيان|يقول|تقول|كتب|حكم|قضي|ادان|قدم|عبر|اعرب)(?:ت|وا)?$"
)
#: Words that make a date the edge of a stretch of time, or a deadline.
_STRETCH: Final = frozenset(
    normalize("بين حتى وحتى منذ ومنذ لغاية نهاية موسم عامي العامين الفترة وبين").split()
)
_PAUSE: Final = ("،", "؛", ":")
#: What happens in one place day after day: the same words on two days are two events.
_AGAIN: Final = frozenset(
    content_tokens(
        "غارة غارات قصف هجوم هجمات اشتباك اشتباكات معارك مواجهات صدامات مظاهرة مظاهرات احتجاجات تظاهرات رصاص قذائف صاروخ صواريخ"
        " تفجير انفجار عملية عمليات"
    )
)
#: A toll that adds up over a time is not that of an event.
_ADDED_UP: Final = re.compile(
    r"\bمنذ\b|\b(?:خلال|في) (?:نفس|هذه|تلك|ذات) (?:الفتره|المده)\b|\b(?:سنويا|يوميا|شهريا)\b|\bاجمالي(?:ا)?\b"
)
#: Fact values of "the past weeks", "the last five days" (see ``dates``).
_PAST_STRETCH: Final = re.compile(r"^rel:\w+-$")
#: Events that happen once to the same people and things. Attacks, visits, elections and rounds of talks come again
#: with the same names on other days: two dates of theirs are no contradiction.
_EVENTS: Final = (_DEATH_OF, _SIGNED, _TOOK_OFFICE, _FOUNDED)
_EVENT_NAMES: Final = {
    "killed": Bilingual(ar="مقتل", en="killing"),
    "signed": Bilingual(ar="توقيع", en="signing"),
    "took office": Bilingual(ar="تولي المنصب", en="taking of office"),
    "founded": Bilingual(ar="تأسيس", en="founding"),
}
#: Event nouns: a date right before one belongs to whoever announces it ("أعلنت السبت وفاة").
_EVENT_NOUN: Final = re.compile(
    r"^[وبل]*(?:ال)?(?:مقتل|اغتيال|وفاه|مصرع|استشهاد|توقيع|ابرام|تاسيس|انشاء|توليه|توليها|تسلم|تسلمه|قتل)$"
)
#: With one of these before it a killing is a charge or an attempt, not an event.
_CHARGE: Final = frozenset(
    normalize("بتهمة تهمة محاولة بمحاولة جريمة قضية حاول بالشروع عمليات بجرم أي في لقتل").split()
)
#: Between a killing and a name: not the named person died, but one of the family or staff.
_KIN: Final = re.compile(
    r"^(?:ال)?(?:نجل|ابن|ابنه|نجلي|شقيق|شقيقه|زوجه|زوج|والد|والده|ابنته|قاتل|حارس|مساعد|معاون|قريب|اقارب|انصار|افراد|اطفال|احد|عم|خال|صهر)(?:ه|ها)?$"
)
#: What is signed: ``وقع`` also means "happened", and attacks happen more often than treaties.
_DOCUMENT: Final = re.compile(
    r"^[وفبلك]*(?:ال)?(?:اتفاق|اتفاقا|اتفاقيه|اتفاقيات|اتفاقات|عقد|عقدا|معاهده|مذكره|مذكرات|مرسوم|مرسوما|مرسومين|وثيقه|بروتوكول|صفقه|قانون|هدنه|ميثاق)$"
)
_OFFICE: Final = frozenset(
    stem(normalize(word))
    for word in "منصب منصبه منصبها مهام مهامه سلطة الحكم رئاسة زمام السلطة رسميا عاما".split()
)

_UNIT_ROWS: Final = (
    ("troops", "جندي", "troops", "جندي جنديا جنود الجنود قوات القوات عسكري عسكريا عسكريين مقاتل مقاتلا مقاتلين عنصر عنصرا عناصر"),
    ("people", "شخص", "people", "شخص شخصا اشخاص قتيل قتيلا قتلي جريح جريحا جرحي ضحيه ضحايا مصاب مصابا مصابين اخرين اخرون حاله"),
    ("civilians", "مدني", "civilians", "مدني مدنيا مدنيين مدنيون"),
    ("children", "طفل", "children", "طفل طفلا اطفال"),
    ("police", "شرطي", "police officers", "شرطي شرطيا شرطيين"),
    ("migrants", "مهاجر", "migrants", "مهاجر مهاجرا مهاجرين لاجي لاجيا لاجيين"),
    ("Palestinians", "فلسطيني", "Palestinians", "فلسطيني فلسطينيا فلسطينيين فلسطينيون"),
    ("passengers", "راكب", "passengers", "راكب راكبا ركاب"),
    ("dollars", "دولار", "dollars", "دولار دولارا دولارات"),
    ("percent", "في المئة", "percent", "% بالميه بالمايه"),
)  # fmt: skip
#: Units of counted people and things: folded noun -> (one class, Arabic label, English label).
_UNITS: Final = {
    normalize(word): (key, Bilingual(ar=ar, en=en))
    for key, ar, en, words in _UNIT_ROWS
    for word in words.split()
}
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
    subject: frozenset[str]  # stems of what the predicate says: up to the number or date, or what follows
    near: tuple[int, int]  # span in which the name stands of whom the event happened to
    days: frozenset[str]  # every calendar date of the sentence, ISO
    stretch: bool  # the sentence speaks of a stretch of the past ("the last weeks")

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
    found = [
        *_opposite_claims(numbers),
        *_different_numbers(own, documents, terms),
        *_different_dates(dates, terms),
    ]
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
    """Return the numbers that one of two opposite predicates rules, wherever in their reach it stands."""
    words = _words(sentence.text)
    claims = []
    for fact, place in _numbers(words, facts):
        nearest = _nearest(words, *place, predicates=_RULING_NUMBERS, reach=NUMBER_REACH)
        if nearest is not None:
            unit = _unit(words, *place, before=UNIT_BEFORE)
            claims.append(_claim(sentence, fact, fact.value, unit, words, place, nearest, facts))
    return claims


def _counts(sentence: Sentence, facts: Sequence[Fact]) -> list[_Claim]:
    """Return the numbers of people that a predicate beside them says something of ("مقتل نحو 40 شخصا")."""
    words = _words(sentence.text)
    claims = []
    for fact, place in _numbers(words, facts):
        unit = _unit(words, *place, before=0)
        ruling = None if unit is None or _is_part(words, *place) else _count_predicate(words, *place)
        if ruling is not None:
            claims.append(_claim(sentence, fact, fact.value, unit, words, place, ruling, facts))
    return claims


def _numbers(words: Sequence[_Word], facts: Sequence[Fact]) -> Iterator[tuple[Fact, tuple[int, int]]]:
    for fact in facts:
        amount = _amount(fact)
        place = _position(words, fact)
        if fact.kind == "number" and amount is not None and amount >= SMALLEST_NUMBER and place is not None:
            yield fact, place


def _is_part(words: Sequence[_Word], first: int, last: int) -> bool:
    """Tell whether a number counts some of those whom another number counts."""
    before = [word.folded for word in words[max(0, first - 3) : first]]
    after = [word.folded for word in words[last + 1 : last + 3]]
    return (
        any(word in _PART_BEFORE for word in before)
        or after == ["من", "بين"]
        or any(word in _PART_AFTER for word in after[:1])
    )


def _count_predicate(words: Sequence[_Word], first: int, last: int) -> tuple[int, _Predicate] | None:
    """Return the word that says what became of those counted by ``words[first:last + 1]``: beside the number."""
    following = words[last + 1].folded if last + 1 < len(words) else ""
    if following in _VICTIMS:
        return last + 1, _VICTIMS[following]
    index = first - 1
    while index >= 0 and words[index].folded in _BRIDGE:
        index -= 1
    if index >= 0:
        for predicate in _COUNTED:
            if predicate.pattern.match(words[index].folded):
                met = _MET.match(words[index].folded) is not None
                deadly = any(_DEATH.match(word.folded) for word in words[last + 1 : last + 1 + VERB_AFTER])
                return None if met and not deadly else (index, predicate)
    for index in range(last + 1, min(len(words), last + 1 + VERB_AFTER)):
        word = words[index].folded
        if _SAID.match(word):
            break
        for predicate in _COUNTED:
            if word.endswith("وا") and predicate.pattern.match(word):
                return index, predicate
    return None


def _date_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[_Claim]:
    words = _words(sentence.text)
    places = {id(fact): place for fact in facts if (place := _position(words, fact)) is not None}
    taken = {
        index
        for fact in facts
        if fact.kind == "date" and id(fact) in places
        for index in range(places[id(fact)][0], places[id(fact)][1] + 1)
    }
    claims = []
    for fact in facts:
        date, place = calendar_date(fact), places.get(id(fact))
        if date is None or place is None or fact.value.startswith("rel:day"):
            continue
        ruling = _event(words, *place, taken=taken)
        if ruling is not None:
            claims.append(_claim(sentence, fact, date, None, words, place, ruling, facts))
    return claims


def _event(
    words: Sequence[_Word], first: int, last: int, *, taken: set[int]
) -> tuple[int, _Predicate] | None:
    """Return the event that ``words[first:last + 1]`` dates: before the date, or a verb right after it.

    No date and no verb of saying stands between the two, and the date is not the edge of a stretch of time.
    """
    if any(word.folded in _STRETCH for word in words[max(0, first - 2) : first]):
        return None
    index = last + 1
    while index < len(words) and words[index].folded in ("،", "قد", "تم"):
        index += 1
    announced = any(_SAID.match(word.folded) for word in words[max(0, first - SAID_BEFORE) : first])
    if index < len(words) and not announced and not _EVENT_NOUN.match(words[index].folded):
        ruling = _event_at(words, index)
        if ruling is not None:
            return index, ruling
    for index in range(first - 1, max(-1, first - 1 - DATE_REACH), -1):
        word = words[index].folded
        if index in taken or word in ("؛", ":") or _SAID.match(word):
            return None
        ruling = _event_at(words, index)
        if ruling is not None:
            return index, ruling
    return None


def _event_at(words: Sequence[_Word], index: int) -> _Predicate | None:
    word = words[index].folded
    predicate = next((each for each in _EVENTS if each.pattern.match(word)), None)
    if predicate is _DEATH_OF:
        before = words[index - 1].folded if index else ""
        if word.removeprefix("و") != "قتل" and word.endswith("قتل") and not word.endswith("مقتل"):
            return None  # "بقتل", "القتل"
        if before in _CHARGE and not word.endswith("مقتل"):
            return None
    if predicate is _SIGNED and not any(
        _DOCUMENT.match(near.folded) for near in words[max(0, index - 6) : index + 9]
    ):
        return None
    return predicate


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


def _unit(
    words: Sequence[_Word], first: int, last: int, *, before: int
) -> tuple[int, tuple[str, Bilingual]] | None:
    """Return the index of the word that says what ``words[first:last + 1]`` counts, and its class.

    It stands in the number's last word, after the number, or at most ``before`` words before it.
    """
    following = range(last + 1, min(len(words), last + 1 + UNIT_AFTER))
    preceding = range(first - 1, max(-1, first - 1 - before), -1)
    for index in (last, *following, *preceding):
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
    facts: Sequence[Fact],
) -> _Claim:
    index, predicate = nearest
    shown = [index, *place] + ([unit[0]] if unit else [])
    first, last = min(shown), max(shown)
    around = sentence.text[
        words[max(0, first - ANCHOR_REACH)].start : words[min(len(words) - 1, last + ANCHOR_REACH)].end
    ]
    own = {stem(words[index].folded)}
    said = (
        words[index + 1 : place[0]]
        if index < place[0]
        else list(
            takewhile(lambda word: word.folded not in _PAUSE, words[index + 1 : index + 1 + NAME_REACH])
        )
    )
    near = words[max(0, min(index, place[0]) - NAME_REACH) : max(index, place[1]) + NAME_REACH]
    return _Claim(
        sentence=sentence,
        fact=fact,
        value=value,
        unit=unit[1] if unit else None,
        predicate=predicate,
        words=(min(words[first].start, _with_bound(sentence.text, fact)), words[last].end),
        stems=frozenset(_about(trim_opening(sentence.text)) - own),
        anchors=frozenset(_about(around) - own),
        subject=frozenset(_about(" ".join(word.folded for word in said))),
        near=(near[0].start, near[-1].end),
        days=frozenset(date for each in facts if (date := calendar_date(each)) is not None),
        stretch=any(each.kind == "date" and _PAST_STRETCH.match(each.value) for each in facts)
        or _ADDED_UP.search(normalize(sentence.text)) is not None,
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

    def same_thing(one: _Claim, other: _Claim) -> bool:
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

    def clash(one: _Claim, other: _Claim) -> bool:
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
) -> tuple[list[_Claim], Mapping[str, set[str]]]:
    """Return each report's counts of the present event, and every number that it counts people with.

    Of the counts with one predicate and unit the first stands for the report, wherever it repeats it: later
    ones are of parts, of earlier events, or what other sources said.
    """
    first: dict[tuple[str, str, str], str] = {}
    known: defaultdict[str, set[str]] = defaultdict(set)
    counts = []
    for sentence, facts in own:
        claims = _counts(sentence, facts)
        if claims:
            known[sentence.document_id].update(fact.value for fact in facts if fact.kind == "number")
        for claim in claims:
            assert claim.unit is not None  # _counts asks for a unit
            key = (sentence.document_id, claim.predicate.key, claim.unit[0])
            present = _is_present(claim, documents[sentence.document_id].published)
            if present and first.setdefault(key, claim.value) == claim.value:
                counts.append(claim)
    return counts, known


def _is_present(claim: _Claim, published: str | None) -> bool:
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


def _same_time(one: _Claim, other: _Claim, documents: Mapping[str, Document]) -> bool:
    if one.days and other.days:
        return any(_compatible(a, b) for a in one.days for b in other.days)
    days = [_day(documents[claim.sentence.document_id].published or "") for claim in (one, other)]
    return days[0] is None or days[1] is None or abs((days[0] - days[1]).days) <= PRESENT_DAYS


def _same_place(one: _Claim, other: _Claim, terms: Terms) -> bool:
    places = [
        {match.key for match in terms.find(claim.sentence.text) if match.kind == "place"}
        for claim in (one, other)
    ]
    return not all(places) or not places[0].isdisjoint(places[1])


def _far_apart(one: Fact, other: Fact) -> bool:
    a, b = _amount(one), _amount(other)
    if a is None or b is None:
        return False
    exact = not one.bound and not other.bound and max(a, b) < COUNTED_EXACTLY
    return abs(a - b) > (0 if exact else APPROXIMATE * max(a, b))


def _different_dates(claims: Sequence[_Claim], terms: Terms) -> list[Disagreement]:
    both: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for claim in claims:
        both[claim.sentence.document_id, claim.predicate.key].add(claim.value)

    def same_event(one: _Claim, other: _Claim) -> bool:
        if one.predicate is not other.predicate or one.sentence is other.sentence:
            return False
        if one.predicate is _DEATH_OF:
            return bool(_names(one, terms) & _names(other, terms)) or unnamed(one, other)
        return (
            one.sentence.document_id != other.sentence.document_id
            and bool(_names(one, terms) & _names(other, terms))
            and len(one.anchors & other.anchors) >= SHARED_ANCHORS
            and _same_office(one, other, terms)
        )

    def unnamed(one: _Claim, other: _Claim) -> bool:
        days = [_day(claim.value) for claim in (one, other)]
        share = len(one.stems & other.stems)
        if not _AGAIN.isdisjoint(one.stems & other.stems):
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


def _names(claim: _Claim, terms: Terms) -> set[str]:
    """Return the keys of the names near a claim's predicate: of people for deaths and offices, else of anything."""
    text, (start, end) = claim.sentence.text, claim.near
    people_only = claim.predicate in (_DEATH_OF, _TOOK_OFFICE)
    if people_only and any(_KIN.match(word.folded) for word in _words(text) if start <= word.start < end):
        return set()
    return {
        match.key
        for match in terms.find(text)
        if start <= match.start < end and (match.kind == "person" or not people_only)
    }


def _same_office(one: _Claim, other: _Claim, terms: Terms) -> bool:
    """Tell whether what somebody took over may be one office: one report does not say which, or both say it alike."""
    if one.predicate is not _TOOK_OFFICE:
        return True
    offices = []
    for claim in (one, other):
        names = " ".join(match.surface for match in terms.find(claim.sentence.text) if match.kind == "person")
        offices.append(claim.subject - _OFFICE - set(content_tokens(names)))
    return len(offices[0] & offices[1]) >= SAME_OFFICE * min(map(len, offices))


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
    shown = dict.fromkeys(claim.sentence.text[word.start : word.end] for word in words)
    arabic = "، ".join(list(shown)[:SUBJECT_WORDS]) or claim.excerpt
    return Bilingual(ar=arabic, en=f"«{arabic}»")
