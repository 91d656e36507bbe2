"""Numbers, dates and negations of one text against those of another.

Each ``..._faults`` compares the ``Side`` of a sentence with that of its source and returns one line of evidence for each
fault, nothing where they agree. ``faithfulness`` says what counts as a fault, and how often that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final

from summarizer.arabic import normalize, tokenize
from summarizer.duals import lost_duals
from summarizer.evidence import (
    around,
    invented_fact,
    lost_fact,
    one_of_many,
    one_of_two,
    opposite,
    other_measure,
)
from summarizer.facts import Fact, extract_facts
from summarizer.measures import differing, one_for_many
from summarizer.numerals import Language, canonical
from summarizer.opposites import denied_limits, turned_around


@dataclass(frozen=True, slots=True)
class Side:
    """A text with its facts, by kind."""

    text: str
    language: Language
    numbers: tuple[Fact, ...]
    dates: tuple[Fact, ...]
    negations: tuple[Fact, ...]


@lru_cache(maxsize=2048)
def side_of(text: str, language: Language, published: str | None) -> Side:
    """Read the facts of a text; ``published`` (ISO) resolves relative dates. Remembered: each text is checked often."""
    facts = extract_facts(text, language=language, published=published)
    return Side(
        text,
        language,
        tuple(fact for fact in facts if fact.kind == "number"),
        tuple(fact for fact in facts if fact.kind == "date"),
        tuple(fact for fact in facts if fact.kind == "negation"),
    )


def unmatched_facts(
    english: str, arabic: str, *, published: str | None = None
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return (numbers and dates that only the English has, those that only the Arabic has), in order."""
    one, other = side_of(english, "en", published), side_of(arabic, "ar", published)
    return (
        (*_unmatched_numbers(one, other), *_unmatched_dates(one, other)),
        (*_unmatched_numbers(other, one), *_unmatched_dates(other, one)),
    )


# --- numbers ------------------------------------------------------------------------------------

_EMBEDDED_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)?")
#: Words that hold a number in one language and may be spelt with it in the other.
_IMPLIED: Final = {
    normalize(word): values
    for words, values in (
        ("decade decades عقد عقدا العقد عقود بعقد لعقد", (10,)),
        ("عقدين عقدان العقدين", (20, 2)),
        ("century centuries قرن القرن قرنا قرون centennial centenary", (100,)),
        ("fortnight أسبوعين", (14, 2)),
        ("dozen dozens", (12,)),
        ("twin twins توأم", (2,)),
        ("quarter quarters ربع الربع", (4, 15)),
        ("half نصف النصف والنصف", (30,)),
        ("midnight noon midday ظهرا منتصف الظهر", (12, 0)),
        ("weekly week أسبوع أسبوعا الأسبوع", (7,)),
        ("triplets treble thrice threefold triad trio", (3,)),
        ("pentagon خماسي", (5,)),
        ("quadruple quadrupled fourfold", (4,)),
        ("tenfold", (10,)),
        ("hundredfold", (100,)),
    )
    for word in words.split()
    for value in (values,)
}


#: Years of a unit that numbers count.
_LONG_UNITS: Final = {
    normalize(word): years
    for words, years in (
        ("قرن قرنا قرون القرن century centuries", 100),
        ("عقد عقدا عقود العقد decade decades", 10),
    )
    for word in words.split()
}
#: Nobody says its number in Arabic: COVID-19.
_CORONA: Final = re.compile("كورونا|كوفيد|كوڤيد")
#: Louis XIV.
_REGNAL: Final = re.compile(r"\b[A-Z][a-z]+ ([IVX]{1,6})\b")


def _roman(letters: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in letters]
    return sum(-one if one < two else one for one, two in zip(values, [*values[1:], 0], strict=True))


@lru_cache(maxsize=4096)
def _pool(side: Side) -> frozenset[str]:
    """Return every number value that stands anywhere in a text, in every reading."""
    values: set[str] = set()
    for fact in side.numbers:
        values.update((fact.value, fact.also or fact.value))
        values.update(_readings(fact.value))
    for fact in side.dates:
        for value in (fact.value, fact.also or ""):
            values.update(part.lstrip("0") or "0" for part in _EMBEDDED_NUMBERS.findall(value))
    parts = [
        Fraction(fact.value) for fact in side.numbers if fact.form == "fraction" and "%" not in fact.value
    ]
    for fact in side.numbers if parts else ():
        if fact.value.isdigit():  # "seven days and a half"
            values.update(canonical(Fraction(fact.value) + part) for part in parts)
    values.update(canonical(1 + part) for part in parts)
    values.update(value.partition(".")[0] for value in list(values) if value.endswith((".5", ".25", ".75")))
    for fact in side.numbers:  # four centuries, 400 years; a quarter of a century, 25; a tenth, the tenth
        if (times := _LONG_UNITS.get(fact.unit)) and "%" not in fact.value and ":" not in fact.value:
            values.add(canonical(Fraction(fact.value) * times))
        if fact.form == "fraction" and "%" not in fact.value:
            values.add(str(Fraction(fact.value).denominator))
    if side.language == "ar":
        values.update(("19",) if _CORONA.search(side.text) else ())
    else:
        values.update(str(_roman(match[1])) for match in _REGNAL.finditer(side.text))
    for word in tokenize(side.text):
        values.update(str(value) for value in _IMPLIED.get(word, ()))
        if word[0].isdigit():
            values.update(_EMBEDDED_NUMBERS.findall(word))
            values.add(word.replace(",", ""))
    return frozenset(values)


def _readings(value: str) -> Iterator[str]:
    """Yield other spellings of a value: ``60%`` as 0.6, ``15:30`` as 3:30 and as hours and minutes."""
    if ":" in value:
        hours, _, minutes = value.partition(":")
        yield from (hours, f"{int(hours) % 12}:{minutes}", f"{int(hours) % 12 or 12}:{minutes}")
        yield f"{hours}.{minutes}"
        if minutes == "00":
            yield str(int(hours) % 12 or 12)
        return
    if value.endswith("%"):
        yield from (canonical(Fraction(value[:-1]) / 100), value[:-1])
        return
    if value[0].isdigit():
        number = Fraction(value)
        if number < 1:
            yield f"{canonical(number * 100)}%"
        if number.denominator == 1 and 12 < number < 24:
            yield str(number - 12)
        if "." in value:
            yield value.replace(".", ":")


def number_faults(subject: Side, source: Side, *, lost: bool) -> list[str]:
    """Return the numbers that ``subject`` invented and, if ``lost``, those of ``source`` that it lacks."""
    faults = [invented_fact(fact, subject.text) for fact in _unmatched_numbers(subject, source)]
    if lost:
        faults += [lost_fact(fact, source.text) for fact in _unmatched_numbers(source, subject)]
    if (subject.language, source.language) == ("en", "ar"):
        faults += [
            other_measure(each.english.number, each.english.word, each.source, source.text, each.arabic)
            for each in differing(subject.text, subject.numbers, source.text, source.numbers)
        ]
        faults += [
            one_of_many(subject.text[each.start : each.end], source.text, each.source_start, each.source_end)
            for each in one_for_many(subject.text, source.text)
        ]
        faults += [
            one_of_two(source.text, each.start, each.end) for each in lost_duals(subject.text, source.text)
        ]
    return faults


def _unmatched_numbers(one: Side, other: Side) -> list[Fact]:
    """Return the facts of ``one`` whose value the other text lacks; soft ones only where they have a rival."""
    pool = _pool(other)
    return [fact for fact in one.numbers if not _number_in(fact, pool) and not _excused(fact, one, other)]


def _number_in(fact: Fact, pool: frozenset[str]) -> bool:
    if fact.value in pool or (fact.also is not None and fact.also in pool):
        return True
    if any(reading in pool for reading in _readings(fact.value) if ":" in fact.value or "." in reading):
        return True
    return fact.value.endswith("%") and canonical(Fraction(fact.value[:-1]) / 100) in pool


_DUAL_ENDINGS: Final = ("ان", "ين")
_DUAL_WORD: Final = 5


@lru_cache(maxsize=4096)
def _loose_small(side: Side) -> frozenset[str]:
    """Return which of 0, 1, 2 the grammar of a text may express without a number word."""
    words = tokenize(side.text)
    found = {"0"}
    if side.language == "ar":
        found.add("1")  # a bare singular
        if any(len(word) >= _DUAL_WORD and word.endswith(_DUAL_ENDINGS) for word in words):
            found.add("2")
    elif not {"a", "an", "single", "each", "per", "another"}.isdisjoint(words):
        found.add("1")
    return frozenset(found)


def _excused(fact: Fact, one: Side, other: Side) -> bool:
    """Soft and vague numbers are excused unless the other text has an unmatched rival of the same form."""
    if not (fact.soft or fact.form == "vague"):
        return False
    if fact.form in ("dual", "adjective"):
        return True
    if fact.form in ("vague", "ordinal", "fraction"):
        rivals = [each for each in other.numbers if each.form == fact.form]
    elif fact.form == "digits":
        return fact.value in _loose_small(other)
    else:
        return True  # "one", "two" and "zero" in words
    pool = _pool(one)
    return all(_number_in(rival, pool) for rival in rivals)


# --- dates --------------------------------------------------------------------------------------

#: Relative units compared with each other; "the past years" and "last year" may translate one another.
_SINGULAR: Final = {"years": "year", "months": "month", "weeks": "week", "decades": "decade"}
_DATE_FORM: Final = re.compile(r"(?:hijri:)?(?P<year>\d+|-)(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?")


@lru_cache(maxsize=8192)
def _parts(value: str) -> tuple[tuple[str, str], ...]:
    """Split a canonical date into comparable parts: ``("year", "2020"), ("month", "1")``."""
    head, colon, rest = value.partition(":")
    if colon and head == "decade":
        return (("decade", rest[-2:]),)
    if colon and head in ("weekday", "rel"):
        return ((head, rest),)
    match = _DATE_FORM.fullmatch(value)
    if match is None:
        return ()
    calendar = "hijri " if colon else ""
    named = [(calendar + name, part) for name, part in match.groupdict().items() if part and part != "-"]
    return tuple((name, part.lstrip("0")) for name, part in named)


_WEEKDAY: Final = "weekday:"


def date_faults(subject: Side, source: Side, *, lost: bool) -> list[str]:
    """Return the dates that ``subject`` invented and, if ``lost``, those of ``source`` that it lacks."""
    faults = [invented_fact(fact, subject.text) for fact in _unmatched_dates(subject, source)]
    if lost:
        faults += [lost_fact(fact, source.text) for fact in _unmatched_dates(source, subject)]
    return (
        faults
        or _other_calendars(subject, source)
        or _joined_dates(subject, source)
        or _past_for_future(subject, source)
    )


#: "next", behind a date (folded); "القادم من" is "coming from".
_NEXT: Final = re.compile(r"\s*(?:القادم|المقبل)ه?(?!\w)(?!\s+من(?!\w))")
#: What tells in English that something is still to come: words, and any infinitive.
_TO_COME: Final = re.compile(
    r"\b(?:will|would|shall|may|might|can|could|should|must|going|next|coming|upcoming|future|forthcoming|due|set|later|ahead"
    r"|following|tomorrow|eve|until|hop(?:es?|ed|ing)|wants?|wanted|aims?|aimed|ready|starting|beginning|to [a-z]+"
    r"|(?:schedul|expect|plann?|intend|prepar|promis|postpon|adjourn|delay)\w*)\b|['’]ll\b",
    re.IGNORECASE,
)


#: What tells that something is over.
_OVER: Final = re.compile(r"\b(?:ha[ds]|have) (?:been )?[a-z]+|\b(?:held|took place|happened|ended|began)\b")


def _past_for_future(subject: Side, source: Side) -> list[str]:
    """Find the date that is still to come in the Arabic ("في السابع من أبريل القادم") and of which the English speaks as over.

    "announced a round next April 7" may be said in many ways, but not "announced that it had held a round on April 7".
    """
    english = subject.language == "en" and source.language == "ar" and _OVER.search(subject.text)
    if not english or _TO_COME.search(subject.text):
        return []
    folded = [(fact, _NEXT.match(normalize(source.text[fact.end : fact.end + 12]))) for fact in source.dates]
    return [
        f'past for future: "{fact.surface}{match[0]}" (source «{around(source.text, fact.start, fact.end)}»)'
        for fact, match in folded
        if match is not None and not fact.value.startswith("rel:")
    ]


#: A year with its era, in English.
_ERA: Final = re.compile(r"(?<![\w.,])(?P<year>\d{1,4})\s*(?P<era>CE|C\.E\.|AD|A\.D\.|AH|A\.H\.)(?!\w)")


def _other_calendars(subject: Side, source: Side) -> list[str]:
    """Find years that are said to be of one calendar and are of the other in the source: "1377 CE" for ``1377 هـ``."""
    years = {part for fact in source.dates for value in _date_values(fact) for part in _parts(value)}
    faults = []
    for match in _ERA.finditer(subject.text):
        said, meant = (
            ("hijri year", "year") if match["era"].startswith(("AH", "A.H")) else ("year", "hijri year")
        )
        if (meant, match["year"]) in years and (said, match["year"]) not in years:
            calendar = "Hijri" if meant.startswith("hijri") else "Gregorian"
            faults.append(
                f'invented: "{match[0]}" ({match["year"]} is a year of the {calendar} calendar in the source)'
            )
    return faults


#: Words between a weekday and its date, at most ("الاثنين الموافق السابع من أبريل").
_WEEKDAY_GAP: Final = 2


def _joined_dates(subject: Side, source: Side) -> list[str]:
    """Find the weekday and the date that ``subject`` says in one breath and that are two dates in ``source``.

    "announced on Monday a round on 7 April" is no "announced on Monday, 7 April".
    """
    apart = {
        (day.value, date.value)
        for day in source.dates
        for date in source.dates
        if day.value.startswith(_WEEKDAY) and _DATE_FORM.fullmatch(date.value)
    }
    together = {(day.value, date.value) for day, date in _neighbours(source, gap=_WEEKDAY_GAP)}
    return [
        f'invented: "{subject.text[day.start : date.end]}" ({day.value} and {date.value} are two dates in the source)'
        for day, date in _neighbours(subject, gap=0)
        if (day.value, date.value) in apart - together
    ]


def _neighbours(side: Side, *, gap: int) -> Iterator[tuple[Fact, Fact]]:
    """Yield each weekday with the date right behind it, at most ``gap`` words between."""
    for day, date in pairwise(sorted(side.dates, key=lambda fact: fact.start)):
        weekday = day.value.startswith(_WEEKDAY) and _DATE_FORM.fullmatch(date.value)
        if weekday and len(tokenize(side.text[day.end : date.start])) <= gap:
            yield day, date


def _unmatched_dates(one: Side, other: Side) -> list[Fact]:
    known = {part for fact in other.dates for value in _date_values(fact) for part in _parts(value)}
    resolved = {part for fact in other.dates if fact.resolved for part in _parts(fact.resolved)}
    pairs = [set(_parts(value)) for fact in other.dates for value in _date_values(fact)]
    numbers = _pool(other)
    return [fact for fact in one.dates if _date_missing(fact, known, resolved, pairs, numbers, other)]


def _date_values(fact: Fact) -> tuple[str, ...]:
    return (fact.value, fact.also) if fact.also else (fact.value,)


def _date_missing(
    fact: Fact,
    known: set[tuple[str, str]],
    resolved: set[tuple[str, str]],
    pairs: Sequence[set[tuple[str, str]]],
    numbers: frozenset[str],
    other: Side,
) -> bool:
    if fact.value.startswith("rel:"):
        return _contradicts(fact, other)
    if fact.resolved and any(fact.resolved in (each.value, each.resolved) for each in other.dates):
        return False
    for value in _date_values(fact):
        parts = _parts(value)
        if not all(part in known or part in resolved or _as_number(part, numbers) for part in parts):
            continue
        day_month = {part for part in parts if part[0] in ("day", "month")}
        if len(day_month) < 2:
            return False
        rivals = [pair for pair in pairs if len({name for name, _ in pair} & {"day", "month"}) == 2]
        if not rivals or any(day_month <= pair for pair in rivals):
            return False
    return bool(_parts(fact.value))


def _as_number(part: tuple[str, str], numbers: frozenset[str]) -> bool:
    """A year, a day or a decade may stand in the other text as a plain number."""
    name, value = part
    if name == "decade":
        return any(number.endswith(value) and len(number) in (2, 4) for number in numbers)
    return name in ("year", "day", "hijri year", "hijri day") and value in numbers


def _contradicts(fact: Fact, other: Side) -> bool:
    """Tell whether the other text has the same unit of time, only in other directions."""
    unit, direction = _relative(fact.value)
    same_unit = [_relative(each.value) for each in other.dates if each.value.startswith("rel:")]
    directions = {sign for name, sign in same_unit if name == unit}
    if unit == "day":
        return direction != 0 and -direction in directions and direction not in directions
    if directions:
        return direction not in directions
    return not fact.soft and not other.dates


def _relative(value: str) -> tuple[str, int]:
    """Split ``rel:month+1`` into ``("month", 1)``; plurals fold into their singular."""
    match = re.fullmatch(r"rel:([a-z]+)([+-]?)(\d*)", value)
    if match is None:  # pragma: no cover - every rel: value has this form
        return value, 0
    unit, sign, digits = match.groups()
    amount = 0 if digits == "0" else -1 if sign == "-" else 1 if sign == "+" else 0
    return _SINGULAR.get(unit, unit), amount


# --- negation -----------------------------------------------------------------------------------

#: Words that carry a negative sense without negating: they excuse a missing negation and demand none.
_NEGATIVE_SENSE: Final = frozenset(
    normalize(word)
    for word in (
        "few little rarely hardly barely scarcely seldom unless except instead rather stop stopped stopping avoid avoiding"
        " avoided prevent prevented preventing prevents prevention ban banned bans forbidden prohibited prohibit prohibits"
        " prohibiting doubt doubted missing exclude excluded excluding deprived halt halted abandon abandoned ignore ignored"
        " ignoring forbid barred wrong contrary neglect neglected struggled zero lest"
    ).split()
) | frozenset(
    normalize(word)
    for word in (
        "سوى نادر نادرا نادرة قلما قليل قليلا قليلة منع يمنع تمنع منعت حظر يحظر تحظر تجنب يتجنب توقف يتوقف خال خالي خالية خاليا خلو تخلو"
        " يخلو لولا بدلا عوضا مستحيل مستحيلا مستحيلة استحالة يستحيل صعب صعبا صعبة صعوبة خلاف مجهول مجهولة مجهولين نفي نقص فقدان فقد"
        " فقدت انتهاء ممنوع ممنوعة محظور محظورة تفادي حرمان حرم بالكاد بمنأى كلا قط باستثناء استثناء أخطأ خاطئ خطأ يجهل جهل تجاهل"
        " يتجاهل معدوم معدومة عديم عديمة بمعزل تعطل معطل قصور قلة ندرة شح يغيب غاب تغيب تعذر أخفق أخفقت إخفاق حال حالت يحول تحول"
        " نفد سيئ سيئة ضعيف مضاد مضادة غموض غامض غامضة نجهل تجهل أجهل يجهلون محروم محرومة محرومين محرومون محرومات أهمل أهملت إهمال"
        " يهمل إفلات يكف تكف استغناء استغنى استغنت يستغني تستغني براءة بريء بريئة"
    ).split()
)
#: What completes a negation in English ("not ... unless"), as ``إلا`` does in Arabic: it excuses what the Arabic lacks, and takes nothing
#: from what the Arabic excuses.
_COMPLETING: Final = frozenset(("unless", "except"))
#: Kinds of negation that turn a statement around; the rest (without, non-, lack, deny) varies with the translator.
_PLAIN: Final = frozenset(("not", "no longer", "nor"))
#: What goes on with a negation in English without a second one: "no apples or almonds".
_JOINING: Final = frozenset(("or", "any", "either"))
_PROCLITICS: Final = ("", "و", "ف", "ل", "ب", "ال", "وال", "بال", "لل", "ول", "وب")


@lru_cache(maxsize=16384)
def _bare_word(word: str) -> str:
    """Take the proclitics off a word that is listed without them."""
    for prefix in _PROCLITICS:
        if word.startswith(prefix) and word[len(prefix) :] in _NEGATIVE_SENSE:
            return word[len(prefix) :]
    return word


@dataclass(frozen=True, slots=True)
class _Polarity:
    """How negative a text is: plain negations, milder ones, and words that only have a negative sense."""

    plain: tuple[Fact, ...]
    mild: tuple[Fact, ...]
    excusing: int  # soft facts and words of negative sense
    completing: int  # those of them that only complete a negation
    completed: int  # soft plain negations, which something completes
    going_on: int  # plain negations that go on with one before them
    joining: int  # words that go on with a negation without being one


@lru_cache(maxsize=4096)
def _polarity(side: Side) -> _Polarity:
    hard = [fact for fact in side.negations if not fact.soft]
    words = tokenize(side.text)
    return _Polarity(
        plain=tuple(fact for fact in hard if fact.value in _PLAIN),
        mild=tuple(fact for fact in hard if fact.value not in _PLAIN),
        excusing=len(side.negations) - len(hard) + sum(_bare_word(word) in _NEGATIVE_SENSE for word in words),
        completed=sum(fact.soft and fact.value == "not" for fact in side.negations),
        completing=sum(word in _COMPLETING for word in words),
        going_on=sum(fact.value == "nor" for fact in hard),
        joining=sum(word in _JOINING for word in words),
    )


def negation_faults(subject: Side, source: Side) -> list[str]:
    """Balance the negations of both sides: more on one side must be made up by milder ones on the other."""
    faults = []
    for one, other, tell in ((subject, source, invented_fact), (source, subject, lost_fact)):
        mine, theirs = _polarity(one), _polarity(other)
        own = len(mine.mild) + mine.excusing - min(mine.completing, theirs.completed)
        made_up = max(0, len(theirs.mild) + theirs.excusing - own)
        surplus = len(mine.plain) - len(theirs.plain) - min(mine.going_on, theirs.joining)
        if surplus > made_up:
            faults.append(tell(mine.plain[-1], one.text))
        elif mine.mild and not (theirs.plain or theirs.mild or theirs.excusing):
            faults.append(tell(mine.mild[0], one.text))
    if (subject.language, source.language) == ("en", "ar"):
        faults += [
            opposite(subject.text[each.start : each.end], source.text, each.source_start, each.source_end)
            for each in turned_around(subject.text, source.text)
        ]
        faults += [
            opposite(match[0], source.text, start, end)
            for match, start, end in denied_limits(subject.text, source.text)
        ]
    return faults
