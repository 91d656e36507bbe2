"""Names and terms of one text against those of another, and who is made to speak.

``name_checks`` and ``speaker_checks`` ask a ``TermFinder`` (``summarizer.terms.Terms``) which names stand where;
``title_checks`` does without, for Arabic against Arabic: it reads what stands behind a title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from summarizer.arabic import normalize, tokenize
from summarizer.evidence import around, flat, matched, opposite
from summarizer.roles import exchanged_roles
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

    def hinted(self, arabic_text: str, match: MatchT, /) -> bool:
        """Tell whether this English match may be meant by a word of the Arabic that ``find`` is not sure of."""
        ...


#: "President" renders "الرئيس", "رئيس الجمهورية" and more: alone it invents nobody.
_LOOSE_OFFICES: Final = frozenset({"office:president-of-republic"})
#: English forms that render an office and mean other things as well ("a source of water", "generally speaking").
_LOOSE_FORMS: Final = frozenset(
    "speaker speaking talking talks representative source sources witness witnesses premier".split()
)


def _is_office(match: TermMatch) -> bool:
    return (
        match.key.startswith(OFFICE)
        and match.key not in _LOOSE_OFFICES
        and match.surface.lower() not in _LOOSE_FORMS
    )


#: Keys of offices and titles in the gazetteer. Who is made a "prime minister" by a translation is misreported, so offices are
#: looked for in both directions; other terms only ever count as lost, because English uses them freely.
OFFICE: Final = "office:"
#: Letters from which on a word of a name tells it from others (not "of", "al", "the").
_TELLING: Final = 4
#: Words that many names have: two names that share only such a word are two names. ("Islamic Republic of Iran" does not
#: bear out an "Islamic State", nor "United States" a "United Nations".)
_GENERIC: Final = frozenset(
    """islamic state states united republic kingdom democratic people peoples group party movement front
    national international nations federal general council ministry office organisation organization union
    league court bank committee commission agency association society saint airport university news television""".split()
)


def name_checks(
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
    # "White House" alone is no part of the "White House press secretary".
    unnamed = subject_words.difference(
        *(tokenize(match.surface) for match in in_subject if match.kind != "term")
    )
    source_words = {word for match in in_source for english in match.english for word in _name_words(english)}
    checks: list[Check] = []
    kept: dict[CheckKind, list[str]] = {}
    for match in _first_of_each(in_source if lost else []):
        kind: CheckKind = "term" if match.kind == "term" else "name"
        if side == "en":
            words = unnamed if match.kind == "term" else subject_words
            asked = _source(match) == "glossary"  # in these very words
            present = terms.rendered(subject, match) or (not asked and _shares_word(match, words))
        else:
            present = match.key in subject_keys
        if present:
            kept.setdefault(kind, []).append(match.surface)
            continue
        wanted = f", {match.english[0]}" if match.english else ""
        evidence = (
            f'lost: "{flat(match.surface)}"{wanted} (source «{around(source, match.start, match.end)}»)'
        )
        checks.append(Check(kind=kind, on=side, verdict=_sureness(match), detail=evidence))
    for match in _first_of_each(in_subject):
        kind = "term" if match.kind == "term" else "name"
        copied = side == "en" and match.surface in source  # it stands there in Latin letters
        shared = side == "en" and not source_words.isdisjoint(_name_words(match.surface))
        if match.key in keys or copied or shared:
            kept.setdefault(kind, []).append(match.surface)
        elif _is_office(match) or (kind == "name" and not (side == "en" and match.surface.islower())):
            detail = f'invented: "{flat(match.surface)}" (in «{around(subject, match.start, match.end)}»)'
            verdict = _sureness(match)
            if side == "en" and terms.hinted(source, match):
                detail, verdict = f'not in the sources: "{flat(match.surface)}" (a name there?)', "unknown"
            checks.append(Check(kind=kind, on=side, verdict=verdict, detail=detail))
    failed = {check.kind for check in checks}
    for kind, surfaces in sorted(kept.items()):
        if kind not in failed:
            checks.append(Check(kind=kind, on=side, verdict="pass", detail=matched(surfaces)))
    return checks


def _long_words(name: str) -> frozenset[str]:
    return frozenset(word for word in tokenize(name) if len(word) >= _TELLING)


@lru_cache(maxsize=16384)
def _name_words(name: str) -> frozenset[str]:
    """Return the words that tell a name from others."""
    return _long_words(name) - _GENERIC


def _shares_word(match: TermMatch, words: frozenset[str]) -> bool:
    """Tell whether a place or organisation of several words is there in part. A person needs the whole name."""
    return match.kind != "person" and any(
        len(_long_words(english)) > 1 and not _name_words(english).isdisjoint(words)
        for english in match.english
    )


def _sureness(match: TermMatch) -> Verdict:
    """``fail`` for a name from a list; ``unknown`` for one that a finder says it guessed."""
    return "unknown" if _source(match) == "pattern" else "fail"


def _source(match: TermMatch) -> str:
    """Return where a finder that says so has the name from: ``glossary``, ``gazetteer``, ``names``, ``pattern``."""
    return str(getattr(match, "source", ""))


def _first_of_each(matches: Iterable[TermMatch]) -> list[TermMatch]:
    return list({match.key: match for match in reversed(list(matches))}.values())[::-1]


# --- who speaks ---------------------------------------------------------------------------------

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


def speaker_checks(english: str, arabic: str, terms: TermFinder[Any]) -> list[Check]:
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
            surfaces.setdefault(match.key, around(arabic, match.start, match.end))
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


def role_checks(english: str, arabic: str) -> list[Check]:
    """Tell where who did it and whom it was done to are exchanged."""
    return [
        Check(
            kind="name",
            on="en",
            verdict="fail",
            detail=opposite(english[each.start : each.end], arabic, each.source_start, each.source_end),
        )
        for each in exchanged_roles(english, arabic)
    ]


# --- names behind a title -----------------------------------------------------------------------

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


def title_checks(subject: str, sources: str) -> list[Check]:
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
    return [Check(kind="name", on="ar", verdict="pass", detail=matched([" ".join(name) for name in names]))]
