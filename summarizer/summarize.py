"""From salient sentences to the Arabic summary: what to ask a model, and what to do with its answer.

An *extractive* draft is the source's own words with an opening connective trimmed; where the sentence hides
its speaker ("وأضاف أن ..."), the speaker is put back in square brackets and the sentence that names him is cited
as well. An *abstractive* draft is a model's sentence, attributed to the source sentences that support it, and
let through only by the faithfulness gate; a sentence that fails falls back to the extractive one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import content_tokens, fold, normalize, span_in_source
from summarizer.engines import CitedSentence, CitingEngine, Engine, Hypothesis
from summarizer.fuse import partners, used, why_not
from summarizer.schema import Check, Citation, Document, Method, Sentence
from summarizer.segment import split_spans

#: ``gate(arabic, cited)`` returns the verdicts of ``faithfulness.check_arabic``.
Gate = Callable[[str, Sequence[str]], tuple[Check, ...]]

#: A generated sentence must find at least this share of its stems in the sentences it cites. Human-written
#: standfirsts find 0.6 to 0.9 of theirs in their article; invented sentences rarely reach 0.4.
MIN_SUPPORT: Final = 0.55
#: A generated sentence cites at most this many source sentences: more would not be a check.
MAX_CITATIONS: Final = 3
#: A sentence of at least so many words is worth cutting where no other outlet tells the same.
CUT_FROM: Final = 28
#: How far back the sentence that names a speaker is looked for.
SPEAKER_LOOKBACK: Final = 6
#: A speaker's name and office are at most this many words; longer matches are clauses, not names.
SPEAKER_WORDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One Arabic sentence of the summary, before it is translated."""

    text: str
    method: Method
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...]
    reasons: tuple[str, ...] = ()


def cite(sentence: Sentence) -> Citation:
    """Return the citation of a whole source sentence."""
    return Citation(document_id=sentence.document_id, start=sentence.start, end=sentence.end)


def draft_extractive(
    sentence: Sentence,
    *,
    earlier: Sequence[Sentence],
    gate: Gate,
    reasons: tuple[str, ...] = (),
    method: Method = "extractive",
) -> Draft:
    """Return the sentence as a summary sentence: trimmed, its speaker restored from ``earlier`` if hidden.

    ``earlier`` are the sentences of the same document before it, in order.
    """
    text = trim_opening(sentence.text)
    cited = [sentence]
    restored = restore_speaker(text, earlier=earlier)
    if restored is not None:
        text, source = restored
        cited.append(source)
        reasons = (
            *(reason for reason in reasons if "speaker" not in reason),
            "its speaker is restored in brackets from an earlier sentence",
        )
    return Draft(
        text=text,
        method=method,
        citations=tuple(cite(each) for each in cited),
        checks=gate(text, [each.text for each in cited]),
        reasons=reasons,
    )


def draft_abstractive(
    chosen: Sequence[Sentence],
    *,
    earlier: Mapping[str, Sequence[Sentence]],
    engine: Engine,
    gate: Gate,
    reasons: Mapping[int, tuple[str, ...]],
    hypotheses: int = 4,
) -> list[Draft]:
    """Return a model's summary of ``chosen``, every sentence cited and gated, with extractive fall-backs.

    The chosen sentences are packed, in order, into as few inputs as the model's limit allows, by the exact count of
    its tokens; one that is over the limit alone is not given to the model, and says so in its ``reasons``. Of the
    model's hypotheses for an input the one with the largest share of faithful sentences is kept (the model's own order
    breaks ties). Each of its sentences that fails the gate is replaced by the extractive draft of the first
    sentence it would have cited; an input without any faithful sentence is drafted extractively whole.
    ``reasons`` are those of ``salience``, by position in ``chosen``; ``earlier`` holds the sentences of each
    document.
    """

    def extract(sentence: Sentence, method: Method, *why: str) -> Draft:
        before = [each for each in earlier[sentence.document_id] if each.index < sentence.index]
        position = chosen.index(sentence)
        return draft_extractive(
            sentence, earlier=before, gate=gate, reasons=(*reasons.get(position, ()), *why), method=method
        )

    packs = _pack(chosen, engine)
    written = iter(_write([pack.sentences for pack in packs if pack.fits], engine, gate, hypotheses))
    drafts: list[Draft] = []
    for pack in packs:
        if not pack.fits:
            why = f"too long for the model: {pack.tokens} tokens, {engine.input_limit} are read"
            drafts.append(extract(pack.sentences[0], "extractive-fallback", why))
            continue
        best = max(next(written), key=_faithful_share, default=[])
        if not any(draft.citations and not _failed(draft.checks) for draft in best):
            why = (
                "the model wrote nothing that its sources bear out"
                if best
                else "the model gave no usable answer"
            )
            drafts.extend(extract(sentence, "extractive-fallback", why) for sentence in pack.sentences)
            continue
        used: set[str] = set()
        for draft in best:
            if draft.citations and not _failed(draft.checks):
                drafts.append(draft)
                continue
            spare = _sentence_for(draft, pack.sentences, used)
            if spare is not None:
                used.add(f"{spare.document_id}:{spare.index}")
                drafts.append(extract(spare, "extractive-fallback"))
    return drafts


def draft_fused(
    chosen: Sequence[Sentence],
    *,
    pool: Sequence[Sentence],
    documents: Mapping[str, Document],
    earlier: Mapping[str, Sequence[Sentence]],
    engine: Engine,
    gate: Gate,
    reasons: Mapping[int, tuple[str, ...]],
    hypotheses: int = 4,
) -> list[Draft]:
    """Return the extractive drafts of ``chosen``, told as one sentence with what other outlets of ``pool`` say of the same.

    The model is given the draft and its partners (``fuse``), a line each; a long sentence without a partner goes alone,
    to be cut. The first answer that ``fuse.why_not`` and the gate let pass takes the draft's place and cites what it
    needs; without one, the sentence that was chosen stays. No sentence is told twice: what one draft was fused with is
    no partner of a later one. Drafts whose speaker had to be restored are left alone. ``reasons`` and ``earlier`` are
    as for ``draft_abstractive``.
    """
    drafts = [
        draft_extractive(
            sentence,
            earlier=[each for each in earlier[sentence.document_id] if each.index < sentence.index],
            gate=gate,
            reasons=reasons.get(position, ()),
        )
        for position, sentence in enumerate(chosen)
    ]
    taken = {(each.document_id, each.index) for each in chosen}
    asked: dict[int, list[Sentence]] = {}
    for position, (sentence, draft) in enumerate(zip(chosen, drafts, strict=True)):
        if len(draft.citations) > 1:
            continue
        free = [each for each in pool if (each.document_id, each.index) not in taken]
        pack = [sentence, *partners(sentence, free, documents)]
        while len(pack) > 1 and engine.count_tokens("\n".join(_fed(pack))) > engine.input_limit:
            pack.pop()
        if (len(pack) > 1 or len(draft.text.split()) >= CUT_FROM) and engine.count_tokens(
            "\n".join(_fed(pack))
        ) <= engine.input_limit:
            asked[position] = pack
            taken |= {(each.document_id, each.index) for each in pack}
    answers = engine.generate(["\n".join(_fed(pack)) for pack in asked.values()], hypotheses=hypotheses)
    for (position, pack), answer in zip(asked.items(), answers, strict=True):
        for hypothesis in answer:
            text, sources = hypothesis.text, _fed(pack)
            if not hypothesis.finished or why_not(text, sources) is not None:
                continue
            cited = [pack[place] for place in used(text, sources)]
            checks = gate(text, [each.text for each in cited])
            if not _failed(checks):
                why = (*drafts[position].reasons, "told in one sentence by the model from what it cites")
                drafts[position] = Draft(
                    text=text,
                    method="abstractive",
                    citations=tuple(map(cite, cited)),
                    checks=checks,
                    reasons=why,
                )
                break
    return drafts


@dataclass(frozen=True, slots=True)
class _Pack:
    """Sentences that go into one input, and how many tokens they make together."""

    sentences: list[Sentence]
    tokens: int
    fits: bool


def _pack(chosen: Sequence[Sentence], engine: Engine) -> list[_Pack]:
    packs: list[_Pack] = []
    for sentence in chosen:
        joined = [*packs[-1].sentences, sentence] if packs else [sentence]
        tokens = engine.count_tokens(" ".join(_fed(joined)))
        if packs and packs[-1].fits and tokens <= engine.input_limit:
            packs[-1] = _Pack(joined, tokens, fits=True)
            continue
        alone = engine.count_tokens(" ".join(_fed([sentence])))
        packs.append(_Pack([sentence], alone, fits=alone <= engine.input_limit))
    return packs


def _fed(sentences: Sequence[Sentence]) -> list[str]:
    """Return what a model is given of the sentences."""
    return [trim_opening(each.text) for each in sentences]


def _write(
    packs: Sequence[Sequence[Sentence]], engine: Engine, gate: Gate, hypotheses: int
) -> list[list[list[Draft]]]:
    """Return pack -> hypothesis -> drafts: the model's sentences with citations, its own where it gives any."""
    if not packs:
        return []
    if isinstance(engine, CitingEngine):
        cited = engine.write_cited([_fed(pack) for pack in packs], hypotheses=hypotheses)
        return [
            [[_draft(each.text, _cited_by(each, pack), gate) for each in summary] for summary in found]
            for pack, found in zip(packs, cited, strict=True)
        ]
    answers = engine.generate([" ".join(_fed(pack)) for pack in packs], hypotheses=hypotheses)
    readings = [
        [_attribute(hypothesis, pack, gate) for hypothesis in answer]
        for pack, answer in zip(packs, answers, strict=True)
    ]
    return [[reading for reading in found if reading] for found in readings]


def _attribute(hypothesis: Hypothesis, pack: Sequence[Sentence], gate: Gate) -> list[Draft]:
    """Cut one answer into sentences and cite for each the source sentences that together support it."""
    texts = [hypothesis.text[start:end] for start, end in split_spans(hypothesis.text)]
    return [_draft(text, _supporting(text, pack), gate) for text in texts]


def _draft(text: str, cited: Sequence[Sentence], gate: Gate) -> Draft:
    return Draft(
        text=text,
        method="abstractive",
        citations=tuple(cite(each) for each in cited),
        checks=gate(text, [each.text for each in cited]) if cited else (),
        reasons=("written by the model from the cited sentences",),
    )


def _cited_by(sentence: CitedSentence, pack: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences that the model cites, where they bear its words out; else those that do, or none."""
    cited = [pack[place] for place in sorted(sentence.cited)][:MAX_CITATIONS]
    wanted = Counter(content_tokens(sentence.text))
    held = Counter(content_tokens(" ".join(each.text for each in cited)))
    if wanted and (wanted & held).total() >= MIN_SUPPORT * wanted.total():
        return cited
    return _supporting(sentence.text, pack)


def _supporting(text: str, pack: Sequence[Sentence]) -> list[Sentence]:
    """Return the fewest source sentences that hold ``MIN_SUPPORT`` of the stems of ``text``, or none."""
    wanted = Counter(content_tokens(text))
    total = wanted.total()
    found: list[Sentence] = []
    while total and len(found) < MAX_CITATIONS:
        gains = [(wanted & Counter(content_tokens(each.text))).total() for each in pack]
        best = max(range(len(pack)), key=lambda position: (gains[position], -position))
        if gains[best] == 0 or pack[best] in found:
            break
        found.append(pack[best])
        wanted -= Counter(content_tokens(pack[best].text))
        if 1 - wanted.total() / total >= MIN_SUPPORT:
            return sorted(found, key=lambda each: (each.document_id, each.index))
    return []


def _failed(checks: Iterable[Check]) -> bool:
    return any(check.verdict == "fail" for check in checks)


def _faithful_share(drafts: Sequence[Draft]) -> float:
    return sum(bool(draft.citations) and not _failed(draft.checks) for draft in drafts) / len(drafts)


def _sentence_for(draft: Draft, pack: Sequence[Sentence], used: set[str]) -> Sentence | None:
    """Return the unused source sentence nearest to what the failed draft said."""
    stems = Counter(content_tokens(draft.text))
    free = [each for each in pack if f"{each.document_id}:{each.index}" not in used]
    return max(free, key=lambda each: (stems & Counter(content_tokens(each.text))).total(), default=None)


# --- openings -----------------------------------------------------------------------------------

#: Newsroom openings that carry no news (folded, as regular expressions). What follows is a whole sentence.
#: Openings that say how a sentence hangs together with the one before ("ونتيجة لذلك") are meaning: kept.
_EMPTY_OPENING: Final = re.compile(
    r"^و?(?:(?:من )?الجدير (?:ذكره|بالذكر)(?: ان)?(?:ه و|ها و)?|(?:و?تجدر|تجدر) الاشاره الي ان|(?:و)?(?:يشار|يذكر)(?: الي)? ان"
    r"|الي ذلك ?[،,]|في السياق(?: ذاته| نفسه)? ?[،,]|في سياق متصل ?[،,]|كما(?= (?:من|قال|اكد|اوضح|ان وجود)))\s*"
)


#: The place and agency that open a report ("دبي، الإمارات العربية المتحدة (CNN)--", "سبق - الرياض:").
_DATELINE: Final = re.compile(
    r"^(?:(?![^(]*\b(?:شبكه|وكاله|قناه|صحيفه|موقع|عن|ل|مع)\b)[^.:()«\"]{0,60}\((?:cnn|bbc|ا ف ب|اف ب|رويترز|واس|د ب ا|ا ب|وكالات|الاناضول|سبوتنيك|سانا|بترا|وام|قنا|كونا)\)\s*[-–—:ـ]+"
    r"|(?:cnn|رويترز|ا ف ب|واس|د ب ا|سانا)\s*[-–—:]+"
    r"|(?:[^.:()«\"]{2,40}[-–—،,]\s*)?سبق\s*[-–—،,]\s*[^.:()«\"]{2,30}:)[-–—\s]*"
)


def trim_opening(text: str) -> str:
    """Return ``text`` without a dateline and an opening that carries no news.

    What is returned is a suffix of ``text``, otherwise unaltered.
    """
    folded, origin = fold(text)
    dateline = _DATELINE.match(folded)
    if dateline is not None and len(folded) - dateline.end() >= 20:
        return trim_opening(text[origin[dateline.end()] :].lstrip())
    match = _EMPTY_OPENING.match(folded)
    if match is None or len(folded) - match.end() < 20:  # what is left must still be a sentence
        return text
    rest = text[origin[match.end()] :].lstrip()
    return rest if not normalize(rest).startswith(("ان ", "انه ")) else text


_SAYING: Final = r"(?:اضاف|تابع|اردف|استطرد|ذكر|اوضح|اكد|قال|اشار|لفت|شدد|اعتبر|كشف|صرح|اعلن|يقول|تقول)"
#: What follows a speaker's name without being part of it.
_ASIDE: Final = (
    r"خلال|امس|اليوم|مساء|صباح|عقب|بعد|قبل|اثناء|عبر|بحسب|حسب|وفق|وفقا|ردا|تعليقا|بشان|حول|امام|فيما|حين|انذاك|ايضا|كذلك|قايلا|قايله"
    r"|(?:السبت|الاحد|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه)|يوم|لوكاله|لقناه|لصحيفه|لرويترز|للصحافيين|للصحفيين|لبي بي سي|لفرانس برس|لشبكه|لموقع"
    r"|في (?:بيانه|بيانها|تصريحاته|تصريحاتها|تغريدته|رسالته|منشور|مقر|تصريح|تصريحات|موتمر|بيان|مقابله|حديث|كلمه|كلمته|كلمتها|حوار|تغريده|رساله|اتصال|حسابه|خطاب|موجز|وقت|ختام|مقطع|تقرير|جلسه|لقاء)"
)
_HIDDEN_SPEAKER: Final = re.compile(
    rf"^و?{_SAYING}(?P<feminine>ت?)(?: (?P<office>المسوول|المصدر|المتحدث|المتحدثه|الوزير|الوزيره|الرييس|البيان|الصحيفه|الوكاله|المتحدث الرسمي))?"
    r"(?=\s*(?:[:،,\"«“]| (?:ان|انه|انها|بان|الي ان|قايلا|قايله|بالقول|ايضا|كذلك|في|خلال|عن|عبر|امام|للصحافيين|للصحفيين)\b))"
)
_NAMED_SPEAKER: Final = re.compile(
    rf"(?:^|[\s،,])و?{_SAYING}(?P<feminine>ت?)(?: عنه)? (?P<speaker>[^:،,\"«“.]+?)(?=\s*(?:[:،,\"«“.]|$| (?:ان|انه|انها|بان|{_ASIDE})\b))"
)
#: Somebody whom an agency quotes: "ونقلت رويترز عن ... قوله".
_QUOTED_SPEAKER: Final = re.compile(
    r"(?:^|[\s،,])[وف]?نقل(?:ت)? [^:،,\"«“.]{2,60}? عن (?P<speaker>[^:\"«“.]+?)،? قول(?P<feminine>ه|ها)\b"
)


def restore_speaker(text: str, *, earlier: Sequence[Sentence]) -> tuple[str, Sentence] | None:
    """Return ``(text with [speaker] inserted, the sentence that names the speaker)``, or None.

    None where the speaker is not hidden, or no earlier sentence of the document names one that agrees in gender
    (and in office: "وأضاف المسؤول" needs a "مسؤول").
    """
    folded, origin = fold(text)
    hidden = _HIDDEN_SPEAKER.match(folded)
    if hidden is None:
        return None
    office = (hidden["office"] or "").removeprefix("ال")
    for sentence in reversed(earlier[-SPEAKER_LOOKBACK:]):
        source, source_origin = fold(sentence.text)
        found = [*_NAMED_SPEAKER.finditer(source), *_QUOTED_SPEAKER.finditer(source)]
        for named in sorted(found, key=lambda match: -match.start("speaker")):
            speaker = named["speaker"].strip()
            words = speaker.split()
            if (
                (named["feminine"] in ("ت", "ها")) != bool(hidden["feminine"])
                or not 1 <= len(words) <= SPEAKER_WORDS
                or words[0] in _NOT_A_SPEAKER
                or _has_object(named, source)
                or (len(words) == 1 and words[0].removeprefix("ال") in _OFFICES)
                or (office and office not in [word.removeprefix("ال") for word in words])
            ):
                continue
            begin, end = span_in_source(
                sentence.text, source_origin, named.start("speaker"), named.start("speaker") + len(speaker)
            )
            _, cut = span_in_source(text, origin, 0, hidden.end())
            return f"{text[:cut]} [{sentence.text[begin:end]}]{text[cut:]}", sentence
    return None


def _has_object(named: re.Match[str], source: str) -> bool:
    """Tell whether a verb took an object, which then stands in what looks like its speaker.

    "أكد متحدث باسم الجيش حصول الغارات، لافتا ..." ends at a comma, and no "that" follows after one aside.
    """
    return (
        re.match(r"[\s،,]*و?(?:اكد|اعلن|كشف|ذكر|اوضح)ت? ", named[0]) is not None
        and source[named.end() :].lstrip()[:1] in ("،", ",", ".", "")
        and re.match(r"\s*[،,][^،,]{1,40}[،,] ?(?:ان|انه|انها|بان)\b", source[named.end() :]) is None
    )


#: One-word speakers that themselves point back.
_OFFICES: Final = frozenset("مسوول مصدر متحدث متحدثه وزير وزيره رييس بيان صحيفه وكاله".split())
_NOT_A_SPEAKER: Final = frozenset(
    "ان انه انها بان في من الي علي عن ذلك هذا هذه ايضا خلال امس اليوم مساء صباح عقب بعد قبل عبر بحسب حسب وفق لدي امام حول بشان"
    " السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه يوم وقت ليل فجر كذلك فيه فيها له لها قايلا قايله للصحافيين للصحفيين".split()
)
