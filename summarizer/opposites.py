"""Adjectives behind غير ("non-"), and verbs behind لا that set a limit: what English makes of them, and where it turned them around.

A small model that loses the غير of "غير ملزم" writes "binding", and the balance of negations may not notice, where another
negation of the sentence makes up for it. So the pair is looked for by itself: the English has the plain adjective, not negated, and
nowhere its opposite. ``لا يتجاوز`` ("at most"), ``لا يقتصر على`` ("not only") and ``لا يخلو من`` ("has some") seldom have a negation in
English, so the balance does not count them (``negations``): there the English must not say the very thing that they deny.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from summarizer.arabic import fold, normalize, span_in_source, token_spans
from summarizer.articles import article_start, with_article

#: Arabic adjectives (masculine, no article); what English makes of one, with and without the negation, the usual pair first.
_ROWS: Final = (
    ("ملزم", "binding non-binding"),
    ("رسمي", "formal informal official unofficial"),
    ("مباشر", "direct indirect"),
    ("مشروع شرعي قانوني", "legal illegal legitimate illegitimate lawful unlawful"),
    ("نظامي", "regular irregular legal illegal"),
    ("دستوري", "constitutional unconstitutional"),
    ("منطقي", "logical illogical reasonable unreasonable"),
    ("متوقع", "expected unexpected"),
    ("محدود", "limited unlimited"),
    ("محدد", "specified unspecified specific unspecific"),
    ("مستقر", "stable unstable"),
    ("معروف", "known unknown"),
    ("معلن", "announced unannounced declared undeclared"),
    ("مؤكد", "confirmed unconfirmed certain uncertain"),
    ("واضح", "clear unclear"),
    ("آمن", "safe unsafe secure insecure"),
    ("كاف كافي", "sufficient insufficient adequate inadequate"),
    ("عادي طبيعي", "normal abnormal usual unusual"),
    ("دقيق", "accurate inaccurate"),
    ("مقبول", "acceptable unacceptable"),
    ("ضروري", "necessary unnecessary"),
    ("ممكن", "possible impossible"),
    ("محتمل مرجح", "likely unlikely"),
    ("عادل", "fair unfair just unjust"),
    ("مبرر", "justified unjustified"),
    ("إنساني", "humane inhumane"),
    ("فعال", "effective ineffective"),
    ("مسلح", "armed unarmed"),
    ("مرئي", "visible invisible"),
    ("مكتمل", "complete incomplete"),
    ("مسؤول", "responsible irresponsible"),
    ("مرخص", "licensed unlicensed"),
    ("مدفوع", "paid unpaid"),
    ("حكومي", "governmental non-governmental"),
    ("نفطي", "oil non-oil"),
    ("ربحي", "profit nonprofit"),
    ("مسبوق", "precedented unprecedented"),
    ("دائم", "permanent non-permanent"),
    ("متكافئ", "equal unequal"),
    ("مشروط", "conditional unconditional"),
    ("مأهول", "inhabited uninhabited manned unmanned"),
)  # fmt: skip
#: Arabic adjective, folded -> (plain, opposite) pairs.
_PAIRS: Final = {
    normalize(word): tuple(zip(english.split()[::2], english.split()[1::2], strict=True))
    for arabic, english in _ROWS
    for word in arabic.split()
}
_NON: Final = re.compile("[وفبلك]*(?:ال|ل)?غير")
_ENDINGS: Final = ("", "ه", "ا", "ين", "ون", "ات", "تين", "تان", "ان")
#: What negates an adjective that follows within three words.
_NEGATED: Final = re.compile(
    r"(?:\b(?:not|no|never|non|nor|neither|without|hardly|less|un|far from)\b|n['’]t\b|-)\W*(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TurnedAround:
    """``english[start:end]`` is the opposite of ``arabic[source_start:source_end]``; ``right`` is what should stand there.

    ``start`` is that of the article, where "a" and "an" change with the word.
    """

    start: int
    end: int
    right: str
    source_start: int
    source_end: int


def turned_around(english: str, arabic: str) -> Iterator[TurnedAround]:
    """Yield the adjectives that the Arabic negates by غير and that the English has without negation."""
    words = token_spans(arabic)
    for (non, start, _), (adjective, _, end) in pairwise(words):
        pairs = _PAIRS.get(_bare(adjective)) if _NON.fullmatch(non) else None
        if pairs and sum(_bare(word) == _bare(adjective) for word, _, _ in words) > 1:
            continue  # "direct and indirect": nobody knows which of them the English has
        if pairs is None or any(_find(opposite, english) for _, opposite in pairs):
            continue
        for plain, opposite in pairs:
            found = _find(plain, english)
            if found is None or _NEGATED.search(english, 0, found.start()):
                continue
            before = english[: found.start()]
            first = article_start(before)
            right = with_article(before, opposite)[first:]
            right += opposite.capitalize() if found[0][0].isupper() else opposite
            yield TurnedAround(first, found.end(), right, start, end)
            break


#: Arabic, folded, and the English that says the contrary where nothing negates it.
_LIMITS: Final = (
    (
        re.compile(r"(?<!\w)[وف]?(?:لا|الا) (?:ي|ت)(?:تجاوز|تعدي|زيد|تخطي|فوق|ربو)\w*"),
        re.compile(r"\b(?:more than|exceed\w*|in excess of|surpass\w*|over (?=[\d$€£]))", re.IGNORECASE),
    ),
    (
        re.compile(r"(?<!\w)[وف]?لا (?:ي|ت)قتصر"),
        re.compile(r"\b(?:is|are|was|were|be|been) (?:limited|confined|restricted) to\b", re.IGNORECASE),
    ),
    (
        re.compile(r"(?<!\w)[وف]?لا (?:ي|ت)خلو"),
        re.compile(
            r"\b(?:free (?:of|from)|devoid of|empty of|lacks?|contains? no|ha[sd] no|have no)\b",
            re.IGNORECASE,
        ),
    ),
)


def denied_limits(english: str, arabic: str) -> Iterator[tuple[re.Match[str], int, int]]:
    """Yield what ``english`` says although ``arabic[start:end]`` denies it, with start and end, where nothing else explains it."""
    folded, origin = fold(arabic)
    for denies, contrary in _LIMITS:
        sources, said = list(denies.finditer(folded)), list(contrary.finditer(english))
        bare = [match for match in said if not _NEGATED.search(english, 0, match.start())]
        if len(sources) == 1 and bare and len(bare) == len(said):
            start, end = span_in_source(arabic, origin, sources[0].start(), sources[0].end())
            yield bare[0], start, end


def _bare(adjective: str) -> str:
    word = re.sub("^[وفبلك]?ال", "", adjective)
    return next(
        (
            word[: len(word) - len(end)]
            for end in _ENDINGS
            if word.endswith(end) and word[: len(word) - len(end)] in _PAIRS
        ),
        word,
    )


def _find(word: str, english: str) -> re.Match[str] | None:
    """Find a word by itself; a hyphen in it may be missing or a space."""
    return re.search(rf"(?<![\w-]){re.escape(word).replace('-', '[- ]?')}(?![\w-])", english, re.IGNORECASE)
