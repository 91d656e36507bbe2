"""Which sentences of a story to report: indices, with scores and reasons; never text.

The choice maximises covered *concepts* (stems and pairs of neighbouring stems), each worth more the more
independent outlets mention it: concept coverage as in Gillick & Favre, "A Scalable Global Model for
Summarization" (2009), solved greedily as in Lin & Bilmes, "A Class of Submodular Functions for Document
Summarization" (2011). What a chosen sentence has covered brings nothing twice, so redundancy controls itself;
a hard limit on overlap catches what is left. On top of that a sentence is worth less when a reader could not
understand it alone, and outlets that are not heard yet are preferred.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from summarizer.arabic import content_tokens, normalize, tokenize
from summarizer.schema import Document, Sentence
from summarizer.summarize import trim_opening

#: Two chosen sentences may share at most this share of the shorter one's stems. On the five founding reports
#: sentences judged by hand to say the same share 0.5 to 0.9, different ones at most 0.4. On 110 stories of the silver
#: set, five sentences each, 0.4 leaves 115 pairs that share 0.3 or more, 0.45 leaves 134; ROUGE is the same.
MAX_OVERLAP: Final = 0.4
#: From this cosine on another outlet's sentence counts as saying it too (for the reasons shown to readers).
SUPPORT_COSINE: Final = 0.30
#: Gain is divided by words ** LENGTH_POWER: 0 would choose the longest sentences, 1 the densest fragments.
LENGTH_POWER: Final = 0.55
#: A sentence shorter than this says too little to be reported, one longer is hard to read and to translate.
SHORTEST, LONG = 6, 28
#: A pair of stems is more telling than one stem.
PAIR_WEIGHT: Final = 1.5
#: A concept that one outlet alone has is worth this much next to 1.0 for each further outlet.
LONE_OUTLET_WEIGHT: Final = 0.8
#: In a story of one report a concept's weight is log(uses) plus this: how much news counts beside repetition.
ONE_REPORT_WEIGHT: Final = 0.2
#: What a title says is what its report is about: worth as much as this many further outlets.
TITLE_WEIGHT: Final = 0.5
#: An outlet that is already heard makes its next sentences worth less.
HEARD_OUTLET_FACTOR: Final = 0.62
LEAD_FACTOR, EARLY_FACTOR = 1.8, 1.1
#: In a story of one report the order of its sentences is the only editor there is (the inverted pyramid): the lead is
#: worth this much, the next one 1 + ONE_REPORT_EARLY, and that fades by e every ONE_REPORT_FADE sentences. Chosen on
#: 260 articles of France 24: 43.6 -> 44.8 ROUGE-1; on 520 others 42.9 -> 44.3, where the lead alone has 44.1.
ONE_REPORT_LEAD, ONE_REPORT_EARLY, ONE_REPORT_FADE = 3.0, 1.5, 1.5
#: A lead is worth more because it tells the news; one that shares more than this with what is chosen tells it again.
#: Costs 0.4 ROUGE-1 on the silver set and takes such pairs from 115 to 102; 0.33 costs 0.6 and takes them to 100.
SAME_NEWS: Final = 0.36
#: A sentence that says when or how many is news; one that does neither is more often background, and so is one
#: that has to give the year.
DATED_FACTOR, COUNTED_FACTOR = 1.3, 1.1
#: Conflict is the strongest of news values (Galtung & Ruge, "The Structure of Foreign News", 1965).
CONFLICT_FACTOR: Final = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One chosen sentence: its index in the list that ``select`` was given, its gain, and why."""

    index: int
    score: float
    reasons: tuple[str, ...]


def select(
    sentences: Sequence[Sentence], documents: Mapping[str, Document], *, count: int
) -> tuple[Selection, ...]:
    """Return at most ``count`` sentences of one story, in reading order: by date, then position, the news first.

    ``documents`` maps the id of every sentence's document. Only ``kind == "body"`` sentences of documents that
    are not duplicates are candidates; duplicates lend no support either. The result does not depend on the
    order of ``sentences``.
    """
    candidates = _candidates(sentences, documents)
    if not candidates or count <= 0:
        return ()
    titles = {
        concept for each in documents.values() for concept in _concepts(content_tokens(each.title or ""))
    }
    weights = _concept_weights(candidates, titles)
    chosen: list[tuple[_Candidate, float]] = []
    covered: set[Concept] = set()
    heard: Counter[str] = Counter()
    remaining = list(candidates)
    while remaining and len(chosen) < count:
        scored = [
            (_gain(each, weights, covered, heard) / _repeats_lead(each, chosen), each) for each in remaining
        ]
        gain, best = max(scored, key=lambda pair: (pair[0], pair[1].tie_break))
        if gain <= 0:
            break
        chosen.append((best, gain))
        covered |= best.concepts
        heard[best.outlet] += 1
        remaining = [
            each for each in remaining if each is not best and _overlap(each.stems, best.stems) <= MAX_OVERLAP
        ]
    first_heard: set[str] = set()
    selections = []
    for candidate, gain in chosen:
        reasons = [*_support_reasons(candidate, candidates), *candidate.reasons]
        if candidate.outlet not in first_heard:
            first_heard.add(candidate.outlet)
            reasons.append("first sentence taken from this outlet")
        selections.append((candidate, Selection(index=candidate.index, score=gain, reasons=tuple(reasons))))
    # By date, then by place in the report; reports' openings and other ties by weight.
    selections.sort(key=lambda pair: (*pair[0].reading_order, -pair[1].score, pair[0].tie_break))
    _open_with_the_news(selections, chosen[0][0])
    return tuple(selection for _, selection in selections)


def _open_with_the_news(selections: list[tuple[_Candidate, Selection]], best: _Candidate) -> None:
    """Put ``best`` first if it opens its report and that is of the story's first day or the next.

    An aside of the evening before must not come ahead of the sentence that tells what happened.
    """
    first, own = (_day(each.reading_order[0]) for each in (selections[0][0], best))
    if best.is_lead and first is not None and own is not None and (own - first).days <= 1:
        selections.sort(key=lambda pair: pair[0] is not best)


def _day(published: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(published[: len("2021-07-25")])
    except ValueError:
        return None


# --- candidates ---------------------------------------------------------------------------------

Concept = tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Candidate:
    index: int
    stems: Counter[str]
    concepts: frozenset[Concept]
    words: int
    outlet: str
    quality: float
    is_lead: bool
    reasons: tuple[str, ...]
    reading_order: tuple[str, float]
    tie_break: tuple[str, int]  # of equal gains the greater one is taken: the earlier sentence of a report


def _candidates(sentences: Sequence[Sentence], documents: Mapping[str, Document]) -> list[_Candidate]:
    bodies = [
        (index, sentence)
        for index, sentence in enumerate(sentences)
        if sentence.kind == "body" and documents[sentence.document_id].duplicate_of is None
    ]
    last_position: Counter[str] = Counter()
    first_position: dict[str, int] = {}
    for _, sentence in bodies:
        last_position[sentence.document_id] = max(last_position[sentence.document_id], sentence.index)
        first_position[sentence.document_id] = min(
            first_position.get(sentence.document_id, sentence.index), sentence.index
        )
    found = []
    place_factor = _place_in_one_report if len(last_position) == 1 else _place_in_a_report
    for index, sentence in bodies:
        words = len(tokenize(sentence.text))
        stems = content_tokens(sentence.text)
        if words < SHORTEST or len(stems) < SHORTEST // 2:
            continue
        document = documents[sentence.document_id]
        rank = sentence.index - first_position[sentence.document_id]
        span = max(1, last_position[sentence.document_id] - first_position[sentence.document_id])
        quality, reasons = _quality(trim_opening(sentence.text), words=words, rank=rank)
        quality *= place_factor(rank)
        if any(stem.startswith("month") for stem in stems) and not any(map(_YEAR.match, stems)):
            quality *= DATED_FACTOR
            reasons = (*reasons, "gives a date")
        elif any(stem[0].isdigit() for stem in stems):
            quality *= COUNTED_FACTOR
            reasons = (*reasons, "gives a number")
        if not _CONFLICT.isdisjoint(stems):
            quality *= CONFLICT_FACTOR
            reasons = (*reasons, "tells of a conflict or a truce")
        found.append(
            _Candidate(
                index=index,
                stems=Counter(stems),
                concepts=_concepts(stems),
                words=words,
                outlet=document.outlet,
                quality=quality,
                is_lead=rank == 0,
                reasons=reasons,
                reading_order=(document.published or "", rank / span),
                tie_break=(sentence.document_id, -sentence.index),
            )
        )
    return sorted(found, key=lambda each: each.tie_break)


def _concepts(stems: Sequence[str]) -> frozenset[Concept]:
    return frozenset([*((stem,) for stem in stems), *pairwise(stems)])


def _concept_weights(candidates: Sequence[_Candidate], titles: set[Concept]) -> dict[Concept, float]:
    outlets: defaultdict[Concept, set[str]] = defaultdict(set)
    uses: Counter[Concept] = Counter()
    for each in candidates:
        for concept in each.concepts:
            outlets[concept].add(each.outlet)
            uses[concept] += 1
    several_outlets = len({each.outlet for each in candidates}) > 1
    weights = {}
    for concept in sorted(outlets):
        spread = len(outlets[concept]) - 1
        # With one outlet, repetition within the report is the only sign of weight there is.
        weight = (
            spread + LONE_OUTLET_WEIGHT
            if several_outlets
            else math.log1p(uses[concept] - 1) + ONE_REPORT_WEIGHT
        )
        weight += TITLE_WEIGHT * (concept in titles)
        weights[concept] = weight * (PAIR_WEIGHT if len(concept) == 2 else 1.0)
    return weights


def _gain(
    candidate: _Candidate, weights: Mapping[Concept, float], covered: set[Concept], heard: Mapping[str, int]
) -> float:
    new = math.fsum(weights[concept] for concept in candidate.concepts - covered)
    per_length = new / math.pow(candidate.words, LENGTH_POWER)
    return per_length * candidate.quality * math.pow(HEARD_OUTLET_FACTOR, heard[candidate.outlet])


def _repeats_lead(candidate: _Candidate, chosen: Sequence[tuple[_Candidate, float]]) -> float:
    """Return what to divide the worth of a lead by whose news is told already, else 1."""
    told = candidate.is_lead and any(_overlap(candidate.stems, each.stems) > SAME_NEWS for each, _ in chosen)
    return LEAD_FACTOR if told else 1.0


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / max(1, min(one.total(), other.total()))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    dot = sum(count * other[stem] for stem, count in one.items())
    norm = math.sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))
    return float(dot / norm) if norm else 0.0


def _support_reasons(candidate: _Candidate, candidates: Sequence[_Candidate]) -> list[str]:
    others = {
        each.outlet
        for each in candidates
        if each.outlet != candidate.outlet and _cosine(each.stems, candidate.stems) >= SUPPORT_COSINE
    }
    return [f"{len(others) + 1} outlets report it"] if others else []


# --- does a sentence stand alone? ---------------------------------------------------------------

_SAYS: Final = "اضاف|تابع|اردف|استطرد|ذكر|اوضح|اكد|بين|قال|اشار|لفت|شدد|اعتبر|راي|كشف|صرح|نوه|تحدث|حذر|دعا|دعت|طالب|اعرب|تعهد|يقول|يضيف"  # folded
#: What follows at once where the verb has no subject of its own.
_SUBJECTLESS: Final = r"(?: (?:ان|انه|انها|انهم|بان|بانه|بانها|الي|علي|عن|في|خلال|عبر|من|ايضا|كذلك|امام|قايلا|قايله|بالقول|قوله|للصحافيين|للصحفيين)\b|\s*[:،,\"«“])"
_OFFICES: Final = "المسوول|المصدر|البيان|الوزير|الوزيره|الرييس|المتحدث|المتحدثه|الصحيفه|الوكاله|الوزاره|التقرير|الدراسه|الشركه|القناه|المدرب|اللاعب|الكاتب|المنظمه"

#: Openings that point back to what the reader of a summary has not read, and how much worth remains.
_DANGLING: Final[tuple[tuple[re.Pattern[str], float, str], ...]] = tuple(
    (re.compile(pattern), factor, reason)
    for pattern, factor, reason in (
        (
            rf"^[وف]?(?:(?:{_SAYS})(?:ت|وا|ا)?{_SUBJECTLESS}|(?:زاد|مضي|مضت|زادت)(?:\s*[:،,\"«“]| (?:ان|قايلا|قايله)\b))",
            0.35,
            "its speaker is not named",
        ),
        (
            r"^[وف]?(?:مضيف|موضح|مشير|لافت|موكد|معتبر|متابع|مشدد|محذر)(?:ا|ه|ين|ون)\b",
            0.35,
            "its speaker is not named",
        ),
        (
            rf"^[وف]?(?:{_SAYS})(?:ت)? (?:{_OFFICES}){_SUBJECTLESS}",
            0.6,
            "its speaker is named in an earlier sentence",
        ),
        (r"^[وف]?(?:هذا|هذه|ذلك|تلك|هولاء|هو|هي|هم|هما)\b", 0.5, "opens with a pronoun"),
        (r"^[وف]?س?(?:كان|كانت|يكون|تكون|جاء|جاءت|ياتي|تاتي) (?:هذا|هذه|ذلك|تلك)\b", 0.35, "opens with a pronoun"),
        (r"^[وف]?(?:من جهته|من جهتها|من جانبه|من جانبها|بدوره|بدورها|في المقابل|نتيجه لذلك|لذلك|لذا|مع ذلك|لكن|لكنه|لكنها|بل|غير ان|الا ان|رغم ذلك|بعد ذلك|عندها|حينها)\b",
         0.7, "leans on the sentence before it"),
        (r"^(?:كما|ايضا|الي ذلك|في السياق|في سياق متصل|في غضون ذلك|وفي غضون ذلك)\b", 0.85, "a connective opens it"),
        (r"^[وف]?من بين\b", 0.8, "one item of a list"),
    )
)  # fmt: skip


_CONFLICT: Final = frozenset(
    content_tokens(
        "هجوم هجمات هاجم ضربة ضربات غارة غارات قصف قصفت قتل قتلت مقتل قتلى اغتيال استهداف استهدف انفجار تفجير اشتباكات معارك"
        " هدنة مسلحون مسلح صواريخ صاروخ جرحى ضحايا احتجاجات انقلاب"
    )
)
#: A shorter sentence without a full stop is often a caption or a heading.
UNFINISHED: Final = 14
_FINISHED: Final = re.compile(r"[.!؟?…\"»”)\]]\s*$")
_NOT_NEWS: Final = re.compile(
    r"رابط الخبر|اقرا ايضا|اقرووا|شاهد ايضا|لقراءه المزيد|للمزيد من|اضغط هنا|انقر هنا|مواضيع ذات صله|تابعونا"
)
_YEAR: Final = re.compile(r"^(?:19|20)\d\d$")


def _quality(text: str, *, words: int, rank: int) -> tuple[float, tuple[str, ...]]:
    """Return what a sentence is worth whatever its place, and the reasons a reader may be shown."""
    folded = normalize(text).strip(" \"«“'")
    quality, reasons = 1.0, []
    for pattern, factor, reason in _DANGLING:
        # The first sentence of a report has none before it to lean on.
        if pattern.search(folded) and (rank > 0 or "speaker" not in reason):
            quality *= factor
            reasons.append(reason)
            break
    else:
        reasons.append("stands alone")
    if folded.endswith(("?", "؟")):
        quality *= 0.5
        reasons.append("a question")
    if folded.endswith((":", "،", ",")) or text.count("«") != text.count("»") or text.count('"') % 2:
        quality *= 0.7
        reasons.append("a quotation is cut")
    if _NOT_NEWS.search(folded):
        quality *= 0.1
        reasons.append("points to another page")
    elif words <= UNFINISHED and not _FINISHED.search(folded):
        quality *= 0.6
        reasons.append("may be a caption")
    if words > LONG:
        quality *= LONG / words
        reasons.append("long")
    if rank == 0:
        reasons.append("opens its report")
    elif rank <= 2:
        reasons.append("among the first of its report")
    return quality, tuple(reasons)


def _place_in_a_report(rank: int) -> float:
    """What the place in one of several reports makes of a sentence's worth: they correct each other's order."""
    return LEAD_FACTOR if rank == 0 else EARLY_FACTOR if rank <= 2 else 1.0


def _place_in_one_report(rank: int) -> float:
    return ONE_REPORT_LEAD if rank == 0 else 1 + ONE_REPORT_EARLY * math.exp(-(rank - 1) / ONE_REPORT_FADE)
