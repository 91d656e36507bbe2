"""One sentence of what several outlets say of the same: which sentences go together, and which answers count.

A model is given the chosen sentence and up to two of other outlets that tell the same, a line each, and writes one
sentence (after Barzilay & McKeown, "Sentence Fusion for Multidocument News Summarization", Computational Linguistics 31,
2005, where the sentence is put together from the common parts). What it may write is little: its answer must be *spliced*
from runs of the sources' own words, in their order, who says so must stay, and the gate of every summary sentence applies. A
small model that may choose its words writes "tensions fell" for "tensions rose"; one that may only choose among theirs does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import content_tokens, normalize, tokenize
from summarizer.facts import extract_facts
from summarizer.schema import Document, Sentence

#: Two sentences tell the same if they share this much of the content of the shorter and of the longer one ...
LEAST_SHARED, LEAST_SHARED_OF_LONGER = 0.45, 0.33
#: ... and one adds to the other if it has at least so many content words of its own.
LEAST_ADDED: Final = 3
MOST_PARTNERS: Final = 2
#: A fused sentence finds this share of its stems in what it cites: the examples of the model's training find 0.9.
LEAST_SUPPORT: Final = 0.85
#: It keeps at least this much of the chosen sentence: it is told with others, not replaced by them.
LEAST_KEPT: Final = 0.5
FEWEST_WORDS, MOST_WORDS = 8, 42
#: Words that an answer saves at least; less is not worth another's hand in the text.
LEAST_SAVED: Final = 3
#: A run of a source's words is at least so long, and this share of an answer's words stands in runs.
LEAST_RUN: Final = 3
LEAST_SPLICED: Final = 0.85
_CLAUSE_END: Final = re.compile(r"[،؛:,;–—]+|\.(?=\s|$)")
_QUOTE: Final = re.compile(r"[«»\"“”]")
_THAT: Final = re.compile(r"\b[وبل]?(?:ان|انه|انها|انهم)\b")
_ASKED: Final = re.compile(r"^و?ردا علي\b")
#: What turns a sentence around or makes it hang on something: no clause with it may go.
_HEDGE: Final = re.compile(
    r"\b[وف]?(?:لكن\w*|بيد|الا|غير ان\w*|اذا|لو|لولا|شرط|شريطه|بشرط|ما لم|باستثناء|عدا|سوي|ربما|قد)\b"
)
#: What points at something said before; in a sentence of another outlet that may be anything.
_POINTING: Final = frozenset(map(normalize, "هذا هذه هذان هذين هاتان هاتين هؤلاء ذلك تلك أولئك".split()))
#: A clause is told if more than this share of its words is.
CLAUSE_TOLD: Final = 0.4
#: Words that may join the runs (folded), alone or as و before a word of a source.
_LINKS: Final = frozenset(
    map(normalize, "و ان بان وان انه انها فيما بينما كما حيث في من بحسب وفق وذلك ايضا".split())
)

#: Signs that a sentence is somebody's word, folded as by ``normalize``.
_SAID: Final = re.compile(
    r"\b[وف]?(?:قال|قالت|قالوا|اعلن|اعلنت|اكد|اكدت|ذكر|ذكرت|افاد|افادت|اوضح|اوضحت|اضاف|اضافت|صرح|صرحت|اشار|اشارت|نقل|نقلت|كشف|كشفت|زعم|زعمت"
    r"|اتهم|اتهمت|نفي|نفت|بحسب|حسب|وفق|وفقا|مصدر|مصادر|بيان|متحدث|المتحدث|طالب|طالبت|دعا|دعت|شدد|شددت|اعتبر|اعتبرت|راي|توقع|توقعت|يقول|تقول|ادعي|لفت|لفتت)\b"
)


def is_attributed(text: str) -> bool:
    """Tell whether a sentence says whose word it is."""
    return _SAID.search(normalize(text)) is not None


def partners(
    sentence: Sentence, pool: Sequence[Sentence], documents: Mapping[str, Document]
) -> list[Sentence]:
    """Return the sentences of other outlets that tell the same and more, the nearest first; at most ``MOST_PARTNERS``.

    The result does not depend on the order of ``pool``.
    """
    mine = Counter(content_tokens(sentence.text))
    own = documents[sentence.document_id].outlet
    near: list[tuple[float, str, int, Sentence]] = []
    for each in pool:
        outlet = documents[each.document_id].outlet
        if outlet == own:
            continue
        theirs = Counter(content_tokens(each.text))
        shared = (mine & theirs).total()
        if (
            shared >= LEAST_SHARED * min(mine.total(), theirs.total())
            and shared >= LEAST_SHARED_OF_LONGER * max(mine.total(), theirs.total())
            and theirs.total() - shared >= LEAST_ADDED
        ):
            near.append((-shared / (mine | theirs).total(), each.document_id, each.index, each))
    found: list[Sentence] = []
    outlets = {own}
    for *_, each in sorted(near, key=lambda row: row[:3]):
        outlet = documents[each.document_id].outlet
        if len(found) < MOST_PARTNERS and outlet not in outlets:
            found.append(each)
            outlets.add(outlet)
    return found


def why_not(text: str, sources: Sequence[str]) -> str | None:
    """Return what is wrong with ``text`` as the sentence that tells ``sources``, the chosen one first; None if nothing is.

    The gate's checks of facts come on top.
    """
    words = len(text.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        return "length"
    if text.rstrip()[-1:] in "،؛:,;" or "\n" in text.strip():
        return "form"
    wanted, held = Counter(content_tokens(text)), Counter(content_tokens(" ".join(sources)))
    if (wanted & held).total() < LEAST_SUPPORT * wanted.total():
        return "support"
    told = " ".join(sources[place] for place in used(text, sources))
    if words > len(told.split()) - LEAST_SAVED:
        return "no shorter"
    if not is_spliced(text, sources):
        return "own words"
    first = Counter(content_tokens(sources[0]))
    if (wanted & first).total() < LEAST_KEPT * first.total():
        return "kept"
    if any(map(is_attributed, sources)) and not is_attributed(text):
        return "attribution"
    plain = normalize(text)
    if len(_HEDGE.findall(normalize(told))) != len(_HEDGE.findall(plain)):
        return "but"
    says = is_attributed(text) or _ASKED.search(plain)
    if says and _QUOTE.search(sources[0]) and not (_QUOTE.search(text) or _THAT.search(plain)):
        return "nothing said"
    if any(text.count(one) != text.count(other) for one, other in ("«»", "“”", "()")) or text.count('"') % 2:
        return "half a quotation"
    if not keeps_facts(text, sources):
        return "facts"
    return None


def keeps_facts(text: str, sources: Sequence[str]) -> bool:
    """Tell whether every clause that is told keeps its numbers, dates and negations: "the agreement was signed" of one signed
    in 2008 is news that nobody had. A clause that is left out whole may take them along."""  # fmt: skip
    told = Counter(tokenize(text))
    kept = Counter((fact.kind, fact.value) for fact in extract_facts(text, language="ar"))
    for source in sources:
        for clause in _CLAUSE_END.split(source):
            words = Counter(tokenize(clause))
            if (words & told).total() <= CLAUSE_TOLD * words.total():
                continue
            mine = Counter((fact.kind, fact.value) for fact in extract_facts(clause, language="ar"))
            if mine - kept:
                return False
    return True


def is_spliced(text: str, sources: Sequence[str]) -> bool:
    """Tell whether ``text`` is made of runs of the sources' words, those of one source in its order, and of words that join them.

    What is left out is bounded by a mark of punctuation on one side at least, a source that is gone over to begins with a
    clause, and the last run of each ends with one: "the talks will go on, and the signing of the agreement in 2008" is
    spliced from two sentences too, and says what neither does.
    """
    runs = _runs(text, sources)
    if runs is None or sum(run.length for run in runs) < LEAST_SPLICED * len(tokenize(text)):
        return False
    for number, source in enumerate(sources):
        bounds = _clause_bounds(source)
        mine = [run for run in runs if run.source == number]
        ends = [0, *(run.start + run.length for run in mine)]
        if any(run.start not in bounds and end not in bounds for run, end in zip(mine, ends, strict=False)):
            return False
        if mine and (ends[-1] not in bounds or (number and _POINTING & set(_told(source, mine)))):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of one source that an answer has as they are: which source, from which word, how many."""

    source: int
    start: int
    length: int


def _runs(text: str, sources: Sequence[str]) -> list[_Run] | None:
    """Return the runs of which ``text`` is made, the longest first at each place; None where a word is of neither them nor a link."""
    words, theirs = tokenize(text), [tokenize(source) for source in sources]
    bounds = [_clause_bounds(source) for source in sources]
    runs: list[_Run] = []
    at = [0] * len(theirs)  # how far each source has been told
    place = 0
    while place < len(words):
        last = runs[-1].source if runs else None
        length, source, start = max(
            (_run(words, place, source, start), -number, -start)
            for number, source in enumerate(theirs)
            for start in range(at[number], len(source) + 1)
            if number == last or start in bounds[number]
        )
        if length >= LEAST_RUN:
            runs.append(_Run(-source, -start, length))
            at[-source] = -start + length
            place += length
        elif words[place] in _LINKS:
            place += 1
        else:
            return None
    return runs


def _told(source: str, runs: Sequence[_Run]) -> list[str]:
    words = tokenize(source)
    return [word for run in runs for word in words[run.start : run.start + run.length]]


def _clause_bounds(source: str) -> set[int]:
    """Return the places between the words of a sentence where it begins, ends, or has a mark of punctuation."""
    bounds, place = {0}, 0
    for part in _CLAUSE_END.split(source):
        place += len(tokenize(part))
        bounds.add(place)
    return bounds


def _run(words: Sequence[str], place: int, source: Sequence[str], start: int) -> int:
    """Return how many words from ``place`` on stand in ``source`` from ``start`` on; a و before the first does not count."""
    length = 0
    while place + length < len(words) and start + length < len(source):
        mine, theirs = words[place + length], source[start + length]
        if mine != theirs and (length or mine.removeprefix("و") != theirs.removeprefix("و")):
            break
        length += 1
    return length


def used(text: str, sources: Sequence[str]) -> list[int]:
    """Return the places of the sources that ``text`` needs: those with a content word that no source before has."""
    wanted = Counter(content_tokens(text))
    places = []
    for place, source in enumerate(sources):
        held = Counter(content_tokens(source))
        if (wanted & held).total():
            places.append(place)
        wanted -= held
    return places
