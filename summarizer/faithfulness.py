"""Does a sentence say what its source says? Arabic against the sentences it cites, English against its Arabic.

A check compares the facts that must not change (``facts.extract_facts``) and the names that ``terms`` knows, in both
directions: what is *invented* (in the sentence, not in its source) and what is *lost* (the reverse). The checks are
calibrated to stay silent on human translations, so that a failure is worth a reader's attention. Share of references
flagged, on text that was looked at (FLORES-200 dev, TICO-19 test) and on text that was not (FLORES-200 devtest): number
0.7, 0.1 and 0.9 %; date 0.5, 0.0 and 0.4 %; negation 1.8, 1.9 and 2.3 %. ``tests/test_faithfulness.py`` measures these
and how many corruptions are caught:

* numbers compare by value, wherever the value stands in the other text (also inside a date), and 0, 1, 2 and
  small ordinals only fail when the other side has a rival value in the same role;
* dates compare part by part (year, month, day, weekday); relative dates fail when they contradict, or when the other
  side has no date at all;
* negations are balanced: more plain ones (not, no longer; لم، لا) on one side must be made up on the other by milder
  ones (without, un-, lack, deny) or by words of negative sense (avoid, rarely, منع);
* names need ``terms``; without it, only names behind a title are checked, and only Arabic against Arabic.

Every fault is one ``Check`` with its evidence; a kind that had something to check and no fault is one pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from summarizer.arabic import normalize, tokenize
from summarizer.facts import Fact, extract_facts
from summarizer.numerals import Language, canonical
from summarizer.schema import Check, CheckKind, CheckSide, Verdict


class TermMatch(Protocol):
    """A name or term found in a text: ``surface == text[start:end]``."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def surface(self) -> str: ...
    @property
    def english(self) -> tuple[str, ...]:
        """Accepted English renderings, best first."""
        ...

    @property
    def key(self) -> str:
        """Canonical id, equal for the spelling variants of one entity."""
        ...

    @property
    def kind(self) -> str:
        """``person``, ``place``, ``organisation`` or ``term``."""
        ...


#: The finder's own kind of match: what ``find`` returns is what ``rendered`` takes.
MatchT = TypeVar("MatchT", bound=TermMatch)


class TermFinder(Protocol[MatchT]):
    """What the checks need of ``summarizer.terms.Terms``."""

    def find(self, arabic_text: str, /) -> Sequence[MatchT]:
        """Return the names and terms in Arabic text, in order."""
        ...

    def find_english(self, english_text: str, /) -> Sequence[MatchT]:
        """Return the names and terms in English text, in order."""
        ...

    def rendered(self, english_text: str, match: MatchT, /) -> bool:
        """Tell whether the English text renders this Arabic match."""
        ...


# --- evidence -----------------------------------------------------------------------------------

#: Characters of context shown on each side of a fact in a check's detail.
_CONTEXT: Final = 12
#: Facts named in the detail of a pass.
_SHOWN: Final = 6
_SPACES: Final = re.compile(r"\s+")


def _around(text: str, start: int, end: int) -> str:
    """Quote a fact with whole words around it, on one line."""
    low, high = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    while 0 < low < start and not text[low - 1].isspace():
        low += 1
    while end < high < len(text) and not text[high].isspace():
        high -= 1
    return _SPACES.sub(" ", text[low:high]).strip()


def _lost(fact: Fact, source: str) -> str:
    return f'lost: "{_flat(fact.surface)}" ({fact.value}; source «{_around(source, fact.start, fact.end)}»)'


def _invented(fact: Fact, subject: str) -> str:
    return f'invented: "{_flat(fact.surface)}" ({fact.value}; in «{_around(subject, fact.start, fact.end)}»)'


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class _Side:
    """A text with its facts, by kind."""

    text: str
    language: Language
    numbers: tuple[Fact, ...]
    dates: tuple[Fact, ...]
    negations: tuple[Fact, ...]


@lru_cache(maxsize=2048)
def _side(text: str, language: Language, published: str | None) -> _Side:
    facts = extract_facts(text, language=language, published=published)
    return _Side(
        text,
        language,
        tuple(fact for fact in facts if fact.kind == "number"),
        tuple(fact for fact in facts if fact.kind == "date"),
        tuple(fact for fact in facts if fact.kind == "negation"),
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


@lru_cache(maxsize=4096)
def _pool(side: _Side) -> frozenset[str]:
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


def _number_faults(subject: _Side, source: _Side, *, lost: bool) -> list[str]:
    faults = [_invented(fact, subject.text) for fact in _unmatched_numbers(subject, source)]
    if lost:
        faults += [_lost(fact, source.text) for fact in _unmatched_numbers(source, subject)]
    return faults


def _unmatched_numbers(one: _Side, other: _Side) -> list[Fact]:
    """Return the facts of ``one`` whose value the other text lacks; soft ones only where they have a rival."""
    pool = _pool(other)
    return [fact for fact in one.numbers if not _number_in(fact, pool) and not _excused(fact, one, other)]


def _number_in(fact: Fact, pool: frozenset[str]) -> bool:
    if fact.value in pool or (fact.also is not None and fact.also in pool):
        return True
    if any(reading in pool for reading in _readings(fact.value) if ":" in fact.value or "." in reading):
        return True
    return fact.value.endswith("%") and canonical(Fraction(fact.value[:-1]) / 100) in pool


def unmatched_facts(
    english: str, arabic: str, *, published: str | None = None
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return (numbers and dates that only the English has, those that only the Arabic has), in order."""
    one, other = _side(english, "en", published), _side(arabic, "ar", published)
    return (
        (*_unmatched_numbers(one, other), *_unmatched_dates(one, other)),
        (*_unmatched_numbers(other, one), *_unmatched_dates(other, one)),
    )


_DUAL_ENDINGS: Final = ("ان", "ين")
_DUAL_WORD: Final = 5


@lru_cache(maxsize=4096)
def _loose_small(side: _Side) -> frozenset[str]:
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


def _excused(fact: Fact, one: _Side, other: _Side) -> bool:
    """Soft and vague numbers are excused unless the other text has an unmatched rival of the same form."""
    if not (fact.soft or fact.form == "vague"):
        return False
    if fact.form in ("dual", "adjective", "fraction"):
        return True
    if fact.form == "vague":
        rivals = [each for each in other.numbers if each.form == "vague"]
    elif fact.form == "ordinal":
        rivals = [each for each in other.numbers if each.form == "ordinal"]
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


def _date_faults(subject: _Side, source: _Side, *, lost: bool) -> list[str]:
    faults = [_invented(fact, subject.text) for fact in _unmatched_dates(subject, source)]
    if lost:
        faults += [_lost(fact, source.text) for fact in _unmatched_dates(source, subject)]
    return faults


def _unmatched_dates(one: _Side, other: _Side) -> list[Fact]:
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
    other: _Side,
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


def _contradicts(fact: Fact, other: _Side) -> bool:
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
        " ignoring forbid barred wrong contrary neglect neglected struggled"
    ).split()
) | frozenset(
    normalize(word)
    for word in (
        "سوى نادر نادرا نادرة قلما قليل قليلا قليلة منع يمنع تمنع منعت حظر يحظر تحظر تجنب يتجنب توقف يتوقف خال خالي خالية خاليا خلو تخلو"
        " يخلو لولا بدلا عوضا مستحيل مستحيلا مستحيلة استحالة يستحيل صعب صعبا صعبة صعوبة خلاف مجهول مجهولة مجهولين نفي نقص فقدان فقد"
        " فقدت انتهاء ممنوع ممنوعة محظور محظورة تفادي حرمان حرم بالكاد بمنأى كلا قط باستثناء استثناء أخطأ خاطئ خطأ يجهل جهل تجاهل"
        " يتجاهل معدوم معدومة عديم عديمة بمعزل تعطل معطل قصور قلة ندرة شح يغيب غاب تغيب تعذر أخفق أخفقت إخفاق حال حالت يحول تحول"
        " نفد سيئ سيئة ضعيف مضاد مضادة غموض غامض غامضة"
    ).split()
)
#: Kinds of negation that turn a statement around; the rest (without, non-, lack, deny) varies with the translator.
_PLAIN: Final = frozenset(("not", "no longer"))


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


@lru_cache(maxsize=4096)
def _polarity(side: _Side) -> _Polarity:
    hard = [fact for fact in side.negations if not fact.soft]
    return _Polarity(
        tuple(fact for fact in hard if fact.value in _PLAIN),
        tuple(fact for fact in hard if fact.value not in _PLAIN),
        len(side.negations)
        - len(hard)
        + sum(_bare_word(word) in _NEGATIVE_SENSE for word in tokenize(side.text)),
    )


def _negation_faults(subject: _Side, source: _Side) -> list[str]:
    """Balance the negations of both sides: more on one side must be made up by milder ones on the other."""
    faults = []
    for one, other, tell in ((subject, source, _invented), (source, subject, _lost)):
        mine, theirs = _polarity(one), _polarity(other)
        made_up = max(0, len(theirs.mild) + theirs.excusing - len(mine.mild) - mine.excusing)
        surplus = len(mine.plain) - len(theirs.plain)
        if surplus > made_up:
            faults.append(tell(mine.plain[-1], one.text))
        elif mine.mild and not (theirs.plain or theirs.mild or theirs.excusing):
            faults.append(tell(mine.mild[0], one.text))
    return faults


# --- names --------------------------------------------------------------------------------------


def _name_checks(
    subject: str, source: str, terms: TermFinder[Any], *, side: CheckSide, lost: bool
) -> list[Check]:
    """Compare names by key; in English a source name counts as kept wherever ``terms.rendered`` finds it.

    Names that share a word with a name of the other side (``Indian`` and ``Indian subcontinent``) are taken for it: the
    gazetteers cut names differently in each language. A name only guessed from a pattern is ``unknown``, never ``fail``.
    """
    in_source = list(terms.find(source))
    in_subject = list(terms.find_english(subject) if side == "en" else terms.find(subject))
    keys, subject_keys = {match.key for match in in_source}, {match.key for match in in_subject}
    subject_words = frozenset(tokenize(subject))
    source_words = {word for match in in_source for english in match.english for word in _name_words(english)}
    checks: list[Check] = []
    kept: dict[CheckKind, list[str]] = {}
    for match in _first_of_each(in_source if lost else []):
        kind: CheckKind = "term" if match.kind == "term" else "name"
        if side == "en":
            present = terms.rendered(subject, match) or _shares_word(match, subject_words)
        else:
            present = match.key in subject_keys
        if present:
            kept.setdefault(kind, []).append(match.surface)
            continue
        wanted = f", {match.english[0]}" if match.english else ""
        evidence = (
            f'lost: "{_flat(match.surface)}"{wanted} (source «{_around(source, match.start, match.end)}»)'
        )
        checks.append(Check(kind=kind, on=side, verdict=_sureness(match), detail=evidence))
    for match in _first_of_each(in_subject):
        kind = "term" if match.kind == "term" else "name"
        if match.key in keys or (side == "en" and not source_words.isdisjoint(_name_words(match.surface))):
            kept.setdefault(kind, []).append(match.surface)
        elif match.key.startswith(OFFICE) or (
            kind == "name" and not (side == "en" and match.surface.islower())
        ):
            detail = f'invented: "{_flat(match.surface)}" (in «{_around(subject, match.start, match.end)}»)'
            checks.append(Check(kind=kind, on=side, verdict=_sureness(match), detail=detail))
    failed = {check.kind for check in checks}
    for kind, surfaces in sorted(kept.items()):
        if kind not in failed:
            checks.append(Check(kind=kind, on=side, verdict="pass", detail=_matched(surfaces)))
    return checks


#: Keys of offices and titles in the gazetteer. Who is made a "prime minister" by a translation is misreported, so offices are
#: looked for in both directions; other terms only ever count as lost, because English uses them freely.
OFFICE: Final = "office:"

#: Letters from which on a word of a name tells it from others (not "of", "al", "the").
_TELLING: Final = 4


@lru_cache(maxsize=16384)
def _name_words(name: str) -> frozenset[str]:
    return frozenset(word for word in tokenize(name) if len(word) >= _TELLING)


def _shares_word(match: TermMatch, words: frozenset[str]) -> bool:
    """Tell whether a place or organisation of several words is there in part. A person needs the whole name."""
    parts = [_name_words(english) for english in match.english]
    return match.kind != "person" and any(len(part) > 1 and not part.isdisjoint(words) for part in parts)


def _sureness(match: TermMatch) -> Verdict:
    """``fail`` for a name from a list; ``unknown`` for one that a finder says it guessed (``source == "pattern"``)."""
    return "unknown" if getattr(match, "source", "") == "pattern" else "fail"


#: Arabic words that make the name after them somebody's (folded): "an official *in the administration of* X said".
_BELONGS_TO: Final = frozenset(
    normalize(
        "إدارة الإدارة لإدارة حكومة مكتب باسم مستشار مستشارة محامي محامية نجل شقيق شقيقة زوجة حملة فريق عهد معسكر حزب من"
        " مقرب مقربون مقربين مساعد مساعدي أنصار"
    ).split()
)
_ENGLISH_SAYING: Final = (
    "said says told stated announced added confirmed noted explained declared stressed warned claimed argued"
).split()


def _speaker_checks(english: str, arabic: str, terms: TermFinder[Any]) -> list[Check]:
    """Tell when the English lets a person say what, in the Arabic, somebody around that person says.

    "قال مسؤول في إدارة بايدن" is no statement by Biden. Only persons who are nowhere in the Arabic but behind a word
    of ``_BELONGS_TO`` are looked at, and only where a verb of saying follows the bare name in the English.
    """
    behind: dict[str, list[bool]] = {}
    surfaces: dict[str, str] = {}
    for match in terms.find(arabic):
        if match.kind == "person":
            before = tokenize(arabic[: match.start])[-1:]
            behind.setdefault(match.key, []).append(before[:1] != [] and before[0] in _BELONGS_TO)
            surfaces.setdefault(match.key, _around(arabic, match.start, match.end))
    faults = []
    for match in terms.find_english(english):
        following = tokenize(english[match.end :])[:2]
        says = any(word in _ENGLISH_SAYING for word in following) and not english[match.end :].startswith(
            ("'", "’")
        )
        opening = not english[: match.start].strip(" \"'“") or english[: match.start].rstrip().endswith(
            (".", ";", ",")
        )
        if match.kind == "person" and says and opening and all(behind.get(match.key, [False])):
            faults.append(
                Check(
                    kind="name",
                    on="en",
                    verdict="fail",
                    detail=f'another speaker: "{match.surface}" is made to speak (source «{surfaces[match.key]}»)',
                )
            )
    return faults


def _first_of_each(matches: Iterable[TermMatch]) -> list[TermMatch]:
    return list({match.key: match for match in reversed(list(matches))}.values())[::-1]


_TITLES: Final = frozenset(
    normalize(word)
    for word in "الرئيس رئيس الوزير وزير الملك الأمير الشيخ الجنرال اللواء العميد العقيد السفير سفير النائب الدكتور السيد السيدة"
    " السكرتيرة المتحدث المتحدثة الأمين العاهل المستشارة المستشار ولي القائد الزعيم زعيم".split()
)
_TITLE_TAIL: Final = frozenset(
    normalize(word)
    for word in "الوزراء وزراء الحكومة حكومة خارجية دفاع داخلية مالية جمهورية الجمهورية الدولة الخارجية الدفاع الداخلية العهد العام باسم السابق السابقة الحالي".split()
)
#: Words that end a name or never start one.
_NOT_NAME: Final = frozenset(
    normalize(
        "في من على إلى عن مع أن إن قال وقال قد لم لا لن هو هي خلال بعد قبل بين عند منذ حتى التي الذي ثم أو كان كانت هذا هذه"
        " بأن بان إنه إنها أنه أنها ما كل كما عقب إثر بشأن حول ضد لدى نحو له لها يوم أي غير أكد أكدت أعلن أعلنت يعلن أمس"
    ).split()
)
_NAME_WORDS: Final = 2


def _titled_names(text: str) -> list[tuple[str, ...]]:
    """Return the words behind a title (``الرئيس الأميركي جو بايدن`` -> ``جو``, ``بايدن``), folded."""
    words = tokenize(text)
    names = []
    for index, word in enumerate(words):
        if word.removeprefix("و").removeprefix("ل") not in _TITLES and word not in _TITLES:
            continue
        at = index + 1
        while at < len(words) and (
            words[at] in _TITLE_TAIL
            or (words[at].startswith("ال") and words[at].endswith(("ي", "يه")) and at < index + 4)
        ):
            at += 1
        name: list[str] = []
        while (
            at < len(words) and len(name) < _NAME_WORDS and words[at] not in _NOT_NAME and len(words[at]) > 1
        ):
            if not words[at].isalpha():
                break
            name.append(words[at])
            at += 1
        if name:
            names.append(tuple(name))
    return names


#: What a verb or a word with a preposition starts with: behind a title this may be no name at all.
_HARDLY_NAME: Final = ("ال", "ي", "ت", "س", "و", "ل", "ب")


def _title_checks(subject: str, sources: str) -> list[Check]:
    """Without a gazetteer: the words behind a title must stand somewhere in the sources.

    What cannot be told from a verb (``الرئيس يخضع``) gets the verdict ``unknown``, never ``fail``.
    """
    names, known = _titled_names(subject), set(tokenize(sources))
    known |= {word[1:] for word in known if len(word) > 3 and word[0] in "ولبف"}
    checks: list[Check] = []
    for name in names:
        if any(word in known or word[1:] in known for word in name):
            continue
        sure = len(name) == _NAME_WORDS and not any(word.startswith(_HARDLY_NAME) for word in name)
        detail = (
            f'invented: "{" ".join(name)}" (behind a title)'
            if sure
            else f'not in the sources: "{" ".join(name)}" (a name?)'
        )
        checks.append(Check(kind="name", on="ar", verdict="fail" if sure else "unknown", detail=detail))
    if checks or not names:
        return checks
    return [Check(kind="name", on="ar", verdict="pass", detail=_matched([" ".join(name) for name in names]))]


# --- form: repetition, language, length -----------------------------------------------------------

#: A word run this long, a phrase said this often in a row, or a long phrase this often at all is a decoder's loop.
_RUN: Final = 4
_LOOPS: Final = 3
_LONGEST_LOOP: Final = 12
_PHRASE: Final = 4


def _repetition(text: str) -> str | None:
    """Return the phrase that loops, or None."""
    words = tokenize(text)
    for size in range(1, min(_LONGEST_LOOP, len(words) // _LOOPS) + 1):
        needed = _RUN if size == 1 else _LOOPS
        run = 0  # words in a row that equal the word `size` before
        for index in range(size, len(words)):
            run = run + 1 if words[index] == words[index - size] else 0
            if run >= size * (needed - 1):
                phrase = words[index - size + 1 : index + 1]
                if any(word.isalpha() for word in phrase):
                    return " ".join(phrase)
    grams = Counter(tuple(words[index : index + _PHRASE]) for index in range(len(words) - _PHRASE + 1))
    worst = max(grams.items(), key=lambda item: (item[1], item[0]), default=None)
    return " ".join(worst[0]) if worst and worst[1] >= _LOOPS else None


def _repetition_checks(subject: str, source: str, side: CheckSide) -> list[Check]:
    phrase = _repetition(subject)
    if phrase is None or _repetition(source) is not None:
        return [Check(kind="repetition", on=side, verdict="pass", detail="no loop")]
    return [Check(kind="repetition", on=side, verdict="fail", detail=f'repeated: "{phrase}"')]


def _script(character: str) -> str:
    code = ord(character)
    if (
        0x0600 <= code <= 0x06FF
        or 0x0750 <= code <= 0x077F
        or 0x08A0 <= code <= 0x08FF
        or 0xFB50 <= code <= 0xFEFC
    ):
        return "Arabic"
    return "Latin" if code < 0x0250 or 0x1E00 <= code <= 0x1EFF else "other"


def _language_checks(english: str, arabic: str) -> list[Check]:
    def fail(detail: str) -> list[Check]:
        return [Check(kind="language", on="en", verdict="fail", detail=detail)]

    if not english.strip():
        return fail("empty")
    letters = [character for character in english if character.isalpha()]
    foreign = "".join(character for character in letters if _script(character) == "Arabic")
    if foreign:
        word = next(
            word for word in english.split() if any(_script(c) == "Arabic" and c.isalpha() for c in word)
        )
        return fail(f'Arabic letters left: "{word}"')
    other = sorted({character for character in letters if _script(character) == "other"} - set(arabic))
    if other and len(other) * 5 > len(set(letters)):
        return fail(f'letters of neither language: "{"".join(other[:_SHOWN])}"')
    if not letters and any(character.isalpha() for character in arabic):
        return fail("no words")
    return [Check(kind="language", on="en", verdict="pass", detail="English")]


#: Characters of English per character of Arabic (diacritics aside). Human references of FLORES-200 dev lie between
#: 0.61 and 2.46, of TICO-19 test (20 characters of Arabic and more) between 0.52 and 2.18: two of its 2,086 fall below.
_LENGTH_RATIO: Final = (0.55, 2.6)
#: Short sentences vary more: the bounds are for this many characters of Arabic and more.
_LENGTH_FLOOR: Final = 20


def _length_checks(english: str, arabic: str) -> list[Check]:
    size = len(normalize(arabic).strip())
    if size < _LENGTH_FLOOR:
        return []
    ratio = len(english.strip()) / size
    low, high = _LENGTH_RATIO
    if low <= ratio <= high:
        return [Check(kind="length", on="en", verdict="pass", detail=f"{ratio:.2f} of the Arabic length")]
    fault = "too short" if ratio < low else "too long"
    return [
        Check(kind="length", on="en", verdict="fail", detail=f"{fault}: {ratio:.2f} of the Arabic length")
    ]


# --- the checks -----------------------------------------------------------------------------------


def _matched(surfaces: Iterable[str]) -> str:
    shown = list(dict.fromkeys(_flat(surface) for surface in surfaces))
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return "matched: " + ", ".join(shown[:_SHOWN]) + more


def _verdicts(kind: CheckKind, side: CheckSide, faults: Sequence[str], facts: Sequence[Fact]) -> list[Check]:
    if faults:
        return [Check(kind=kind, on=side, verdict="fail", detail=fault) for fault in dict.fromkeys(faults)]
    if not facts:
        return []
    return [Check(kind=kind, on=side, verdict="pass", detail=_matched(fact.surface for fact in facts))]


def check_english(
    english: str, arabic: str, *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> tuple[Check, ...]:
    """Check an English sentence against the Arabic it translates, both ways.

    ``published`` (ISO) lets "last year" and "2020" match. Order of the result: language, length, repetition, number,
    date, negation, name, term.
    """
    checks = _language_checks(english, arabic)
    if not english.strip():
        return tuple(checks)
    checks += _length_checks(english, arabic)
    checks += _repetition_checks(english, arabic, "en")
    subject, source = _side(english, "en", published), _side(arabic, "ar", published)
    checks += _verdicts(
        "number", "en", _number_faults(subject, source, lost=True), source.numbers or subject.numbers
    )
    checks += _verdicts("date", "en", _date_faults(subject, source, lost=True), source.dates or subject.dates)
    checks += _verdicts(
        "negation", "en", _negation_faults(subject, source), source.negations or subject.negations
    )
    if terms is not None:
        checks += _name_checks(english, arabic, terms, side="en", lost=True)
        checks += _speaker_checks(english, arabic, terms)
    return tuple(checks)


def check_arabic(
    arabic: str, cited: Sequence[str], *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> tuple[Check, ...]:
    """Check an Arabic summary sentence against the sentences it cites.

    Nothing may be invented: every number, date, name and negation of the sentence stands in what it cites, and a
    number stays with what it counts. A summary may leave facts out; with one cited sentence it may not leave out a
    negation. A copy, or a trimmed copy that did not cut off a negation, passes.
    """
    source = _side("\n".join(cited), "ar", published)
    subject = _side(arabic, "ar", published)
    copied = _is_copy(subject, cited)
    number = [] if copied else _number_faults(subject, source, lost=False) + _moved_numbers(subject, source)
    date = [] if copied else _date_faults(subject, source, lost=False)
    negation = [] if copied else _arabic_negation_faults(subject, source, single=len(cited) == 1)
    checks = _repetition_checks(arabic, source.text, "ar")
    checks += _verdicts("number", "ar", number, subject.numbers)
    checks += _verdicts("date", "ar", date, subject.dates)
    checks += _verdicts("negation", "ar", negation, subject.negations)
    if terms is not None:
        checks += _name_checks(arabic, source.text, terms, side="ar", lost=False)
    if not any(check.kind == "name" for check in checks):
        checks += _title_checks(arabic, source.text)
    return tuple(checks)


def _is_copy(subject: _Side, cited: Sequence[str]) -> bool:
    """Tell whether the sentence is a stretch of one cited sentence that keeps as many negations as it began with."""
    words = f" {' '.join(tokenize(subject.text))} "
    for text in cited:
        source = f" {' '.join(tokenize(text))} "
        at = source.find(words)
        if at < 0:
            continue
        before = source[:at].split()
        return not (
            before and extract_facts(" ".join(before[-2:]), language="ar")[-1:] and _ends_negated(before)
        )
    return False


def _ends_negated(words: Sequence[str]) -> bool:
    """Tell whether the words end in a particle that negates what comes next."""
    facts = extract_facts(" ".join([*words[-2:], "يفعل"]), language="ar")
    return any(fact.kind == "negation" and fact.end >= len(" ".join(words[-2:])) for fact in facts)


def _moved_numbers(subject: _Side, source: _Side) -> list[str]:
    """Numbers that count something else than in the source, where the source counts that thing differently."""
    faults = []
    for fact in subject.numbers:
        if fact.soft or not fact.unit or fact.form in ("vague", "clock"):
            continue
        same_value = {each.unit for each in source.numbers if each.value == fact.value}
        same_unit = {each.value for each in source.numbers if each.unit == fact.unit}
        if same_value and same_unit and "" not in same_value and fact.unit not in same_value:
            detail = f'moved: "{_flat(fact.surface)} {fact.unit}" (source has {", ".join(sorted(same_unit))} {fact.unit})'
            faults.append(detail)
    return faults


def _arabic_negation_faults(subject: _Side, source: _Side, *, single: bool) -> list[str]:
    """Same language, so particles compare directly: none invented, and from one sentence none turned around."""
    mine = [fact for fact in subject.negations if not fact.soft]
    theirs = [fact for fact in source.negations if not fact.soft]
    if mine and not source.negations:
        return [_invented(mine[0], subject.text)]
    if not single:
        return []
    kept = set(tokenize(subject.text))
    faults = []
    for fact in theirs:
        following = (
            tokenize(source.text[fact.end :])[:1] if fact.value != "no longer" else tokenize(fact.surface)[1:]
        )
        if (
            len(mine) < len(theirs)
            and following
            and following[0] in kept
            and not _negated(following[0], subject)
        ):
            faults.append(_lost(fact, source.text))
    if theirs and not subject.negations and not faults and _overlap(subject.text, source.text) >= _REWRITE:
        faults.append(_lost(theirs[0], source.text))
    return faults


#: Share of the source's words that a sentence must keep before a missing negation counts as lost and not as left out.
_REWRITE: Final = 0.7


def _negated(word: str, side: _Side) -> bool:
    return any(word in tokenize(side.text[fact.start : fact.end + len(word) + 2]) for fact in side.negations)


def _overlap(one: str, other: str) -> float:
    mine, theirs = Counter(tokenize(one)), Counter(tokenize(other))
    return sum((mine & theirs).values()) / max(1, sum(theirs.values()))


# --- scores for re-ranking --------------------------------------------------------------------------

#: What one fault costs a hypothesis. A loop or the wrong language makes a sentence useless; a wrong fact makes it
#: false; a name may be right in a spelling that the gazetteer lacks.
FAULT_COST: Final[dict[str, float]] = {
    "language": 4.0, "repetition": 3.0, "number": 2.0, "date": 2.0, "negation": 2.0, "name": 1.0, "length": 1.5, "term": 0.5,
}  # fmt: skip


def score_checks(checks: Iterable[Check]) -> float:
    """Return 1.0 where nothing failed, and less the more and the heavier the faults are (never 0)."""
    return 1.0 / (1.0 + sum(FAULT_COST[check.kind] for check in checks if check.verdict == "fail"))


def fact_agreement(
    english: str, arabic: str, *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> float:
    """Return how well a translation keeps the facts, in (0, 1]: for ranking hypotheses, higher is better."""
    return score_checks(check_english(english, arabic, terms=terms, published=published))
