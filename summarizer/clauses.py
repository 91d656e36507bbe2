"""Long sentences, cut where a model can go on alone, and the English of the parts joined again.

A cut has a price: a stop or a comma costs little, the middle of a phrase much, a number or a quotation most.
``split_words`` finds the cheapest way to keep every part within a number of words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from summarizer.arabic import month_number, normalize
from summarizer.engines import Engine
from summarizer.modelinput import model_input

#: Words that open a clause: a cut before them leaves two parts that can be said alone.
_CLAUSE_WORDS: Final = frozenset(
    normalize(
        """
        حيث فيما بينما لكن ولكن لكنه ولكنه لكنها ولكنها كما وذلك اذ مما بل بعدما عندما رغم مشيرا مشيره مضيفا مضيفه
        مؤكدا مؤكده موضحا موضحه مبينا لافتا معتبرا معربا وقال وقالت واضاف واضافت واكد واكدت واوضح واشار واشارت
        واعلن واعلنت وذكر وذكرت وان وانه وانها وانهم وهو وهي وهم وهذا وهذه وقد وكان وكانت ولم ولا ولن وليس وفي
        ومن وعلى وعن ومع والتي والذي والذين وبدات وبدا ويذكر ويشار ويعتبر وتاتي وياتي وسوف وستكون وسيكون وحتى
        """
    ).split()
)
#: Words before which a sentence may be cut when there is no better place.
_PREPOSITIONS: Final = frozenset(
    normalize("في من الى على عن مع بعد قبل خلال منذ عبر ضد حول بشان التي الذي ان").split()
)
#: Price of a cut. What matters is their order: punctuation, a clause word, "and", a preposition, anywhere.
_AT_STOP, _AT_COMMA, _AT_CLAUSE, _AT_AND, _AT_PREPOSITION, _ANYWHERE = 0.5, 1.0, 2.0, 4.0, 6.0, 9.0
#: Added inside quotation marks or brackets, and beside a number.
_IN_QUOTES, _AT_NUMBER = 10.0, 30.0
#: Cuts up to this price are clause boundaries, fit for the retry "clause by clause".
_CLEAN_CUT: Final = _AT_CLAUSE
#: Parts shorter than this (words) say too little to be translated alone.
_MIN_PART_WORDS: Final = 5

_WORD_SPAN: Final = re.compile(r"\S+")
_OPENING: Final = "«“(["
_CLOSING: Final = "»”)]"


def split_clauses(text: str) -> list[str]:
    """Return ``text`` cut at every clause boundary that leaves parts of five words or more on both sides."""
    words = _WORD_SPAN.findall(text)
    prices = _cut_prices(words)
    cuts = [0]
    for index in range(_MIN_PART_WORDS, len(words) - _MIN_PART_WORDS + 1):
        if prices[index] <= _CLEAN_CUT and index - cuts[-1] >= _MIN_PART_WORDS:
            cuts.append(index)
    return _parts(text, cuts)


def split_long(text: str, engine: Engine) -> list[str]:
    """Return ``text`` in parts that the engine handles well: by its word limit, and its token limit."""
    limit = engine.word_limit
    if limit is None:
        limit = max(1, len(text.split()))
    while True:
        parts = split_words(text, limit=limit)
        if limit == 1 or all(engine.count_tokens(model_input(part)) <= engine.input_limit for part in parts):
            return parts
        limit = max(1, min(limit, max(len(part.split()) for part in parts)) // 2)


def split_words(text: str, *, limit: int) -> list[str]:
    """Return ``text`` in parts of at most ``limit`` words, cut where it costs least.

    The parts, joined with single spaces, are the text with its white space made single. Least total price over
    all ways to cut, with a small price on uneven parts; ``words * limit`` steps.
    """
    words = _WORD_SPAN.findall(text)
    if len(words) <= limit:
        return [text.strip()] if words else []
    prices = _cut_prices(words)
    even = len(words) / -(-len(words) // limit)  # words a part if all were equal
    best: list[tuple[float, int]] = [(0.0, 0)]  # [i]: price of the best way to cut words[:i], its last cut
    for end in range(1, len(words) + 1):
        price = prices[end] if end < len(words) else 0.0
        best.append(
            min(
                (best[start][0] + price + 2.0 * abs(end - start - even) / even, start)
                for start in range(max(0, end - limit), end)
            )
        )
    cuts, end = [], len(words)
    while end > 0:
        end = best[end][1]
        cuts.append(end)
    return _parts(text, cuts[::-1])


def _parts(text: str, cuts: Sequence[int]) -> list[str]:
    """Return the words of ``text`` from each cut to the next, one space between."""
    words = _WORD_SPAN.findall(text)
    return [" ".join(words[start:end]) for start, end in zip(cuts, [*cuts[1:], len(words)], strict=True)]


def _cut_prices(words: Sequence[str]) -> list[float]:
    """Return for each index the price of a cut before that word."""
    prices: list[float] = []
    depth, quoted, previous = 0, False, ""
    for word in words:
        price = _boundary_price(previous, word)
        prices.append(price + (_IN_QUOTES if depth > 0 or quoted else 0.0))
        depth = max(0, depth + sum(word.count(c) for c in _OPENING) - sum(word.count(c) for c in _CLOSING))
        quoted ^= word.count('"') % 2 == 1
        previous = word
    if depth or quoted:  # a quotation that never ends says nothing about where to cut
        return [price - _IN_QUOTES if price >= _IN_QUOTES else price for price in prices]
    return prices


def _boundary_price(previous: str, word: str) -> float:
    ending = previous.rstrip("»”\")]'")
    if ending.endswith(("؛", ";", ".", "؟", "!", "…")) and len(ending) > 2:
        return _AT_STOP
    if ending.endswith(("،", ",", ":")) or previous in ("-", "–", "—"):
        return _AT_COMMA
    bare = normalize(word).strip('«“"([')
    if bare in _CLAUSE_WORDS:
        return _AT_CLAUSE
    number = any(each.isdigit() for each in previous + word) or month_number(bare) is not None
    if bare.startswith("و") and len(bare) > 3 and not number and not bare.startswith(("وال", "ولل")):
        return _AT_AND
    return (_AT_PREPOSITION if bare in _PREPOSITIONS else _ANYWHERE) + (_AT_NUMBER if number else 0.0)


#: English words that a part may begin with and that lose their capital inside a sentence.
_LOWERED: Final = frozenset(
    """The A An This That These Those It He She They We In On At As And But Or While Where When After Before Since
    With For From To By Of According However Also There Which Who Its His Her Their Some Many Several All Both If
    Although Because During Through Under Over About Among Until""".split()
)
_CONJUNCTIONS: Final = (
    "and ",
    "but ",
    "or ",
    "while ",
    "where ",
    "when ",
    "which ",
    "who ",
    "as ",
    "although ",
    "because ",
)


def join_pieces(arabic: Sequence[str], english: Sequence[str]) -> str:
    """Return the English of the parts as one sentence; ``arabic`` tells what stood between them."""
    whole = ""
    previous = ""
    for source, text in zip(arabic, english, strict=True):
        part = text.strip()
        if not part:
            continue
        if whole:
            head = part.partition(" ")[0].rstrip(",")
            if previous.endswith((".", "؟", "!", "?")):
                whole = f"{whole} {part}"
            else:
                part = part[0].lower() + part[1:] if head in _LOWERED else part
                whole = whole.rstrip(" .,;:!?") + _joint(previous, part) + part
        else:
            whole = part
        previous = source.rstrip('»”")] ')
    return whole


def _joint(arabic_end: str, english: str) -> str:
    if arabic_end.endswith(("؛", ";")):
        return "; "
    if arabic_end.endswith(":"):
        return ": "
    if arabic_end.endswith(("-", "–", "—")):
        return " – "
    return ", " if arabic_end.endswith(("،", ",")) or english.startswith(_CONJUNCTIONS) else " "
