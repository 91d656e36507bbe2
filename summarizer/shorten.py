"""A model's sentence read as a choice of what to leave out of one source sentence, and shown in the source's own words.

A small model that rewrites freely swaps roles and invents; one that may only leave words out can still glue a subject
to another's deed ("Russia attacked the town, Ukraine answered, ten were killed" without its middle). So its answer is
laid over the source sentence, and what it leaves out must be made of parts that a sentence is true without (``Part``):

* at the end, after a comma: a clause that a connective adds ("while", "where", "adding that", "and" with a verb), a
  relative clause, or a time ("after the talks");
* between two commas: a relative clause or a place; and what stands in brackets;
* between a speaker and what he said, the occasion: "said X, [during a meeting in Paris,] that ...".

A part goes whole or not at all; what else the model leaves out stays. None goes that says who says so ("according to"), or makes a condition, an exception or
a contrast; no time goes from under a negation or a superlative ("has not been there [since 2011]"); nothing goes from
inside a quotation. Days stay: when it happened is news. What cannot be read so is no shortening, and is not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from summarizer.arabic import normalize, token_spans

#: A shortened sentence keeps at least this many words, and leaves out at least this share of the source's.
FEWEST_WORDS: Final = 6
LEAST_LEFT_OUT: Final = 0.12
#: An occasion between a speaker and his words, or a bracket, is at most this many words.
LONGEST_ASIDE: Final = 14
LONGEST_PLACE: Final = 8
#: "who cut, in the eighth minute, a pass": a relative clause of fewer words before a comma may go on behind the next.
SHORTEST_RELATIVE: Final = 4
#: "that" this near before a relative clause has no predicate yet.
SHORTEST_PREDICATE: Final = 6
#: A sentence that opens with a time or a place has its main clause behind the first comma, if that comes this early.
SHORT_OPENING: Final = 6
#: How far from the start of the sentence its verb of saying may stand.
SAID_EARLY: Final = 4


class _Place(Enum):
    """Which of a sentence's commas one is."""

    EARLY, LAST, ONLY = range(3)


Token = tuple[str, int, int]
#: ``(first word, one after the last)``: words count as ``arabic.token_spans`` does.
Part = tuple[int, int]


def _words(text: str) -> frozenset[str]:
    return frozenset(normalize(text).split())


#: A part that has one of these holds more than itself: who says so, a condition, an exception, a contrast.
_BINDING: Final = _words(
    "حسب بحسب حسبما وفق وفقا وفقما نقلا استنادا إذا لو لولا شرط بشرط شريطة حال طالما ريثما إلا سوى باستثناء عدا ماعدا"
    " لكن لكنه لكنها لكنهم لكنهما لكننا لكنني ولكن بل غير بيد رغم برغم بالرغم مزاعم زعم زعمت يزعم بزعم بدعوى يشتبه مشتبه"
)
#: Under one of these a time or a place says how far the statement goes.
_SCOPED: Final = _words(
    "لا لم لن ليس ليست ليسوا ما دون بدون عدم أول أولى الأول الأولى للمرة مرة آخر أكبر أكثر أعلى أقل أدنى أسوأ أفضل أقوى أضخم أطول"
    " الأكبر الأكثر الأعلى الأقل الأدنى الأسوأ الأفضل الوحيد الوحيدة كل جميع سوف فقط"
)
_SAYING: Final = re.compile(
    r"^[وف]?(?:قال|قالت|قالوا|يقول|تقول|ذكر|ذكرت|اعلن|اعلنت|اكد|اكدت|افاد|افادت|اوضح|اوضحت|اضاف|اضافت|صرح|صرحت|كشف|كشفت|اشار|اشارت|اعتبر|اعتبرت|تابع|تابعت|شدد|شددت|حذر|حذرت|راي|رات|لفت|لفتت)$"
)
#: What adds a clause after a comma.
_ADDING: Final = re.compile(
    r"^(?:(?:مضيف|موكد|موضح|مشير|لافت|معتبر|متابع|مشدد|محذر|داعي|مطالب|مذكر|منوه|مبين|معرب|معلن)(?:ا|ه|ين|ون)?|فيما|بينما|حيث|وذلك|علما|كما)$"
)
#: "and" with a verb; nouns begin with "wa-t" too, so those verbs are listed.
_AND_VERB: Final = re.compile(
    r"^و(?:س[يت]\w{3,}|ي\w{3,}|ت(?:ضم|عد|عتبر|شير|قول|سعي|تهم|نفي|طالب|واجه|شهد|توقع|امل|ريد|شكل|بلغ|عمل|ستمر|خشي|ري|قع|مثل|ستعد|عتزم))$"
)
_NO_VERB: Final = _words(
    "ويوسف ويونيو ويوليو ويناير ويعقوب ويحيى ويورو ويمينية ويسارية ويهودية ويهود ويمنية ويومية ويوميا ويوغوسلافيا"
)
_RELATIVE: Final = re.compile(
    r"^و?(?:التي|الذي|الذين|اللذين|اللذان|اللتين|اللتان|اللواتي)$|^و(?:هو|هي|هم|هما)$"
)
_TIME: Final = re.compile(r"^(?:بعد|بعدما|قبل|عقب|اثر|خلال|اثناء|منذ|غداه|قبيل|بعيد|عندما|حينما|لدي)$")
_PLACE: Final = re.compile(r"^(?:في|عبر|امام|قرب|شمال|شمالي|جنوب|جنوبي|شرق|شرقي|غرب|غربي|وسط|ضمن)$")
_OCCASION: Final = re.compile(r"^(?:خلال|اثناء|عقب|بعد|قبل|قبيل|لدي|امام)$")
_EVENT: Final = re.compile(
    r"^(?:ال)?(?:موتمر|موتمره|موتمرها|بيان|بيانه|بيانها|تصريح|تصريحات|تصريحاته|مقابله|حديث|حديثه|كلمه|كلمته|كلمتها|خطاب|خطابه|تغريده|تغريدات|رساله|جلسه|لقاء|لقايه|اجتماع|حوار|منشور|حسابه|حسابها|تقرير|تقريره|تقريرها|وقت|ختام|اتصال|برنامج|ندوه|تعليق|مداخله|بث)$"
)
#: These take a "that" of their own, or leave the sentence hanging.
_HANGING: Final = _words(
    "بعد قبل علما منذ إلا غير مع رغم إلى على من عن في حتى بما مثل دون بعدم ضد نحو بين كل أو أم ثم أن إن بأن التي الذي الذين هو هي هم هما"
    " كان كانت قد سوف لا لم لن ليس ما كما حيث عند لدى و أي بعض هذا هذه ذلك تلك"
)
_THAT: Final = re.compile(r"^(?:ان|انه|انها|انهم|انهما)$")
_OWN_CLAUSE: Final = re.compile(rf"{_THAT.pattern}|{_RELATIVE.pattern}|{_SAYING.pattern}")
#: What carries on what stood before an aside.
_GOES_ON: Final = _words("مثل بما خصوصا خاصة لاسيما أو أي ثم بل ف")
_FUTURE: Final = re.compile(r"^[وف]?س[يتن]\w{2,}$")
_PREPOSITION: Final = re.compile(r"^(?:في|من|الي|علي|عن|مع|ب\w{3,}|ل\w{3,})$")
_COMMA: Final = re.compile(r"[،,؛;()–—]")
_COMMA_OR_QUOTE: Final = re.compile(r"[،,؛;:()–—\"«»“”]")
_PAIRS: Final = (("«", "»"), ("(", ")"), ("[", "]"), ("“", "”"))


def shorten(answer: str, source: str) -> str | None:
    """Return ``source`` without those of its safe parts that ``answer`` leaves out whole.

    None where ``answer`` is not ``source`` with words left out, or the parts are too few or too many words. The words
    and their order are the source's own, character for character.
    """
    wanted = [token for token, _, _ in token_spans(answer)]
    words = token_spans(source)
    kept = _align(wanted, [token for token, _, _ in words])
    return None if kept is None else _without(source, words, kept)


def leave_out(source: str, parts: Sequence[Part]) -> str | None:
    """Return ``source`` without these of its ``safe_parts``, or None where they are too few or too many words."""
    words = token_spans(source)
    gone = {i for start, end in parts for i in range(start, end)}
    return _without(source, words, [i for i in range(len(words)) if i not in gone])


@lru_cache(maxsize=256)
def safe_parts(source: str) -> tuple[Part, ...]:
    """Return every part that the sentence is true without, in order; parts may overlap."""
    words = token_spans(source)
    tokens = [token for token, _, _ in words]
    count = len(words)
    commas = [i for i in range(1, count) if _COMMA.search(source[words[i - 1][2] : words[i][1]])]
    found: set[Part] = {
        (start, end)
        for start, end in pairwise(commas)
        if _closes(source, words, start, end)
        and not (_PLACE.match(tokens[end]) and any(end < comma <= end + LONGEST_PLACE for comma in commas))
        and (_aside(tokens, start, end, alone=len(commas) == 2) or _bracket(source, words, start, end))
    }
    last = _Place.ONLY if len(commas) == 1 else _Place.LAST
    after = commas[1:] if _opens_apart(tokens) and commas[:1] <= [SHORT_OPENING] else commas
    if not _opens_apart(tokens) or after != commas:
        found |= {
            (start, count)
            for start in after
            if _ends(tokens, start, last if start == commas[-1] else _Place.EARLY)
        }
    if any(map(_SAYING.match, tokens[:SAID_EARLY])):
        found |= {
            (start, end)
            for start in range(2, count)
            if _OCCASION.match(tokens[start])
            or (tokens[start] in ("في", "عبر", "علي") and _EVENT.match(tokens[min(start + 1, count - 1)]))
            for end in range(start + 2, min(count, start + LONGEST_ASIDE + 1))
            if _occasion(tokens, start, end)
            and not _COMMA_OR_QUOTE.search(source[words[start - 1][2] : words[end][1]])
        }
    return tuple(sorted(part for part in found if _leaves_a_sentence(source, words, part)))


# --- the kinds of parts -------------------------------------------------------------------------


def _aside(tokens: Sequence[str], start: int, end: int, *, alone: bool) -> bool:
    """Between two commas: a relative clause or a place."""
    first = tokens[start]
    if tokens[end].startswith("و") or tokens[end] in _GOES_ON:  # "uranium, which reactors use, and weapons"
        return False
    if _RELATIVE.match(first):
        # "from Dublin, the capital of": the clause may go on behind its comma, but not before a preposition.
        return end - start >= SHORTEST_RELATIVE and (alone or _PREPOSITION.match(tokens[end]) is not None)
    return (
        _PLACE.match(first) is not None
        and 2 <= end - start <= LONGEST_PLACE
        and not any(map(_OWN_CLAUSE.match, tokens[start:end]))
        and not _scoped(tokens, start, end)
    )


def _bracket(source: str, words: Sequence[Token], start: int, end: int) -> bool:
    before, after = source[words[start - 1][2] : words[start][1]], source[words[end - 1][2] : words[end][1]]
    return "(" in before and ")" in after and end - start <= LONGEST_ASIDE


def _ends(tokens: Sequence[str], start: int, place: _Place) -> bool:
    """From a comma to the end: what a connective adds; a relative clause, if no comma follows; a time, if it is the only one.

    "X, the head of Y, during the campaign promised ..." has the time after a comma and the verb's object after that.
    """
    first = tokens[start]
    if first == "كما" and any(map(_SAYING.match, tokens[start:])):
        return False  # "as X said" speaks for the whole sentence
    if _ADDING.match(first) or (first.startswith("و") and _SAYING.match(first)):
        return True
    if (
        _AND_VERB.match(first)
        and first not in _NO_VERB
        and place is not _Place.EARLY
        and len(tokens) - start >= 4
    ):
        return not {"بين", "كل"} & set(tokens[max(0, start - 4) : start])
    if _RELATIVE.match(first):  # "because her ally, who is the head of X has threatened": no comma closes it
        near = tokens[max(0, start - SHORTEST_PREDICATE) : start]
        return place is not _Place.EARLY and not any(_THAT.match(token.removeprefix("ل")) for token in near)
    return place is _Place.ONLY and _TIME.match(first) is not None and not _scoped(tokens, start, len(tokens))


def _occasion(tokens: Sequence[str], start: int, end: int) -> bool:
    """Between "said X" and "that": the words up to before ``end``, where "that" stands."""
    return (
        end < len(tokens)
        and _THAT.match(tokens[end]) is not None
        and tokens[end - 1] not in _HANGING
        and not any(
            _SAYING.match(token) or _THAT.match(token) or _RELATIVE.match(token)
            for token in tokens[start:end]
        )
        and sum(_SAYING.match(token) is not None for token in tokens[:start]) == 1
    )


def _scoped(tokens: Sequence[str], start: int, end: int) -> bool:
    """Tell whether what is kept is negated, superlative or to come, so that a time limits it."""
    kept = [*tokens[:start], *tokens[end:]]
    return any(
        token in _SCOPED or token.removeprefix("و") in _SCOPED or _FUTURE.match(token) for token in kept
    )


def _opens_apart(tokens: Sequence[str]) -> bool:
    """Tell whether the sentence opens with an adjunct or a subordinate clause: its main clause may come last."""
    first = tokens[0].removeprefix("و").removeprefix("ف") if tokens else ""
    return bool(
        _TIME.match(first)
        or _PLACE.match(first)
        or first
        in (
            "مع",
            "رغم",
            "من",
            "بين",
            "علي",
            "الي",
            "بحسب",
            "حسب",
            "وفق",
            "بسبب",
            "لدي",
            "اذا",
            "حين",
            "فور",
            "كلما",
            "لما",
        )
    )


def _closes(source: str, words: Sequence[Token], start: int, end: int) -> bool:
    """Tell whether what parts the words off before and after belongs together: two commas, or both brackets."""
    before, after = source[words[start - 1][2] : words[start][1]], source[words[end - 1][2] : words[end][1]]
    return ("(" in before) == (")" in after) and "(" not in after and ")" not in before


def _leaves_a_sentence(source: str, words: Sequence[Token], part: Part) -> bool:
    start, end = part
    tokens = [token for token, _, _ in words[start:end]]
    if any(token in _BINDING or token.removeprefix("و") in _BINDING for token in tokens):
        return False
    if words[start - 1][0] in _HANGING or words[start - 1][0].removeprefix("و") in _HANGING:
        return False
    before = source[: words[start][1]]
    return before.count('"') % 2 == 0 and before.count("«") == before.count("»")


# --- laying the answer over the source ----------------------------------------------------------


def _without(source: str, words: Sequence[Token], kept: Sequence[int]) -> str | None:
    """Return the source without those of its safe parts of which no word is at ``kept``; None where that is too little."""
    unwanted = set(range(len(words))) - set(kept)
    gone: set[int] = set()
    for start, end in safe_parts(source):
        if unwanted.issuperset(range(start, end)):
            gone.update(range(start, end))
    left = [i for i in range(len(words)) if i not in gone]
    if len(left) < FEWEST_WORDS or len(gone) < LEAST_LEFT_OUT * len(words):
        return None
    runs = _runs(left)
    text = " ".join(source[words[start][1] : words[end - 1][2]] for start, end in runs)
    if any(text.count(a) != text.count(b) for a, b in _PAIRS) or text.count('"') % 2:
        return None
    return text + (source[words[-1][2] :].strip() if runs[-1][1] == len(words) else ".")


def _align(wanted: Sequence[str], words: Sequence[str]) -> list[int] | None:
    """Return the positions in ``words`` of all of ``wanted``, in order and in as few runs as can be, or None."""
    if not wanted or len(wanted) > len(words):
        return None
    infinite = len(words) + 1
    # ends[j]: fewest runs that place the words so far with the last of them at j.
    ends = [1 if word == wanted[0] else infinite for word in words]
    back: list[list[int]] = []
    for token in wanted[1:]:
        best, best_at = infinite, -1  # over places before j - 1: a new run
        after = [infinite] * len(words)
        came = [-1] * len(words)
        for j in range(1, len(words)):
            if j >= 2 and ends[j - 2] < best:
                best, best_at = ends[j - 2], j - 2
            if words[j] == token:
                after[j], came[j] = min((ends[j - 1], j - 1), (best + 1, best_at))
        back.append(came)
        ends = after
    last = min(range(len(words)), key=lambda j: (ends[j], j))
    if ends[last] >= infinite:
        return None
    path = [last]
    for came in reversed(back):
        path.append(came[path[-1]])
    return path[::-1]


def _runs(kept: Sequence[int]) -> list[Part]:
    """Return ``(start, end)`` of each stretch of neighbouring positions."""
    runs: list[Part] = []
    for position in kept:
        if runs and runs[-1][1] == position:
            runs[-1] = (runs[-1][0], position + 1)
        else:
            runs.append((position, position + 1))
    return runs
