"""What a sentence states that must not change: its numbers, its dates and its negations.

``extract_facts`` returns them in the order of the text with canonical values that compare equal across Arabic and
English (see ``numerals`` and ``dates`` for the forms). Facts say what is exact; what may be compared with some
leniency is marked ``soft``: 0, 1, 2 and the small ordinals, which languages put into duals, articles and idioms.

Negation is a fact too. ``value`` says which: ``not`` (لم، لن، ليس، لا; not, never, no, cannot), ``no longer``, ``without``,
``non`` (غير ملزم, unofficial), ``lack`` (عدم, absence), ``deny`` (نفى, denied). ``لا يزال``, ``لا سيما``, ``لا بد``,
``ليس فقط`` and "not only" negate nothing and give no fact.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from summarizer.arabic import normalize
from summarizer.dates import DateMention, find_dates
from summarizer.numerals import Form, Language, Numeral, Token, find_numerals, scan

FactKind = Literal["number", "date", "negation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact; ``surface == text[start:end]``.

    ``unit``: what is counted (the folded next word, or ``percent``). ``bound``: ``about``, ``more than``,
    ``less than``, ``at least``, ``up to`` or empty. ``form``: how a number is written. ``resolved``: the absolute date
    that a relative or partial one means, where the report is dated. ``also``: a second reading of the value.
    ``soft``: differing in this alone is no error.
    """

    kind: FactKind
    value: str
    start: int
    end: int
    surface: str
    unit: str = ""
    bound: str = ""
    form: Form | Literal[""] = ""
    resolved: str | None = None
    also: str | None = None
    soft: bool = False


def extract_facts(text: str, *, language: Language, published: str | None = None) -> tuple[Fact, ...]:
    """Return the facts of ``text`` in order. ``published`` is an ISO date or date-time (anything else is ignored)."""
    extract = _extract if len(text) <= _REMEMBERED else _extract.__wrapped__
    return extract(text, language, (published or "")[:10])


#: Characters up to which the facts of a text are remembered: sentences are asked for many times, documents once.
_REMEMBERED: Final = 2000


@lru_cache(maxsize=4096)
def _extract(text: str, language: Language, published: str) -> tuple[Fact, ...]:
    tokens = scan(text)
    numerals = find_numerals(tokens, language=language)
    dates = find_dates(tokens, numerals, language=language, published=_parse_date(published))
    taken = {  # the 5 of "the last 5 days" is still a number
        index
        for mention in dates
        if not (mention.value.startswith("rel:") and mention.value.endswith(("+", "-")))
        for index in range(mention.first, mention.last)
    }
    facts = [_date_fact(text, tokens, mention) for mention in dates]
    facts += [
        _number_fact(text, tokens, numeral)
        for numeral in numerals
        if not any(index in taken for index in range(numeral.first, numeral.last))
    ]
    facts += _negations(text, tokens, language)
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind)))


def _parse_date(published: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(published)
    except ValueError:
        return None


def _date_fact(text: str, tokens: Sequence[Token], mention: DateMention) -> Fact:
    start, end = tokens[mention.first].start, tokens[mention.last - 1].end
    return Fact(
        kind="date", value=mention.value, start=start, end=end, surface=text[start:end],
        resolved=mention.resolved, also=mention.also, soft=mention.soft,
    )  # fmt: skip


# --- numbers --------------------------------------------------------------------------------------


def _phrases(rows: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {
        tuple(normalize(phrase).split()): bound
        for bound, phrases in rows.items()
        for phrase in phrases.split("|")
    }


#: What stands before a number and bounds it, longest match first.
_BOUNDS: Final = _phrases(
    {
        "about": "نحو|حوالي|قرابة|زهاء|ما يقارب|ما يقرب من|تقريبا|about|around|approximately|roughly|some|nearly|almost|an estimated",
        "more than": "أكثر من|أزيد من|يزيد على|يزيد عن|تزيد عن|تزيد على|ما يزيد عن|ما يزيد على|يفوق|فوق|more than|over|above|upwards of|in excess of",
        "less than": "أقل من|دون|ما دون|less than|fewer than|under|below",
        "at least": "ما لا يقل عن|لا يقل عن|على الأقل|at least|no fewer than|no less than",
        "up to": "حتى|يصل إلى|تصل إلى|up to|as many as|at most|no more than",
    }
)
_LONGEST_BOUND: Final = max(map(len, _BOUNDS))
_NO_UNIT: Final = frozenset(
    normalize(
        "من في إلى على عن مع و أو أن إن بين بعد قبل خلال حتى التي الذي هو هي كان كانت قد"
        " of in to on at by for from with and or the a an was were is are has have had that who which as than"
    ).split()
)
#: Values that grammar and idiom spell in many ways.
_SOFT_VALUES: Final = frozenset((0, 1, 2))
_SOFT_ORDINALS: Final = 3


def _number_fact(text: str, tokens: Sequence[Token], numeral: Numeral) -> Fact:
    start, end = tokens[numeral.first].start, tokens[numeral.last - 1].end
    following = tokens[numeral.last] if numeral.last < len(tokens) else None
    unit = "percent" if numeral.percent else ""
    if not unit and following and following.kind == "word" and following.text not in _NO_UNIT:
        unit = following.text
    soft = (
        numeral.form in ("fraction", "dual", "adjective")
        or (numeral.value is not None and not numeral.percent and numeral.value in _SOFT_VALUES)
        or any(token.text == "dozen" for token in tokens[numeral.first : numeral.last])
        or (numeral.form == "ordinal" and numeral.value is not None and numeral.value <= _SOFT_ORDINALS)
    )
    also = (
        Numeral(0, 1, numeral.also, "digits", percent=numeral.percent).canonical
        if numeral.also is not None
        else None
    )
    return Fact(
        kind="number", value=numeral.canonical, start=start, end=end, surface=text[start:end], unit=unit,
        bound=_bound(tokens, numeral.first), form=numeral.form, also=also, soft=soft,
    )  # fmt: skip


def _bound(tokens: Sequence[Token], first: int) -> str:
    for length in range(min(_LONGEST_BOUND, first), 0, -1):
        words = tuple(token.text for token in tokens[first - length : first])
        for candidate in (
            words,
            (words[0].removeprefix("و").removeprefix("ل").removeprefix("ب"), *words[1:]),
        ):
            if candidate in _BOUNDS:
                return _BOUNDS[candidate]
    return ""


# --- negation -------------------------------------------------------------------------------------


def _forms(text: str) -> frozenset[str]:
    """Return the folded words of ``text``, each also with ``و`` and ``ف`` before it."""
    return frozenset(prefix + word for word in normalize(text).split() for prefix in ("", "و", "ف"))


def _with_lam(text: str) -> frozenset[str]:
    return frozenset(prefix + word for word in _forms(text) for prefix in ("", "ل", "ب"))


_LA: Final = _forms("لا ولا ألا بلا")
_NOT_AFTER_LA: Final = _forms(
    "يزال تزال يزالون زال زالت زالوا نزال أزال سيما بد شك ريب محالة جرم بأس سيّما يزالان تزالان يعدو يلبث تلبث"
)
_LAM: Final = _forms("لم أولم")
_NO_LONGER: Final = _forms("يعد تعد يعودوا نعد أعد يعودا يعُد")
_LAYSA: Final = _forms("ليس ليست ليسوا لست لسنا ليسا أليس")
_LAN: Final = _forms("لن")
_WITHOUT: Final = frozenset(
    form
    for word in normalize("دون بدون بلا دونما").split()
    for form in (word, "و" + word, "ف" + word, "ل" + word)
)
_GHAYR: Final = frozenset(p + "غير" for p in ("", "و", "ف", "ب", "ال", "وال", "بال", "ل", "لل"))
_ADAM: Final = frozenset(
    p + w
    for w in ("عدم", "انعدام", "غياب", "لاانساني")
    for p in ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "ال", "وال")
)
_DENY: Final = _with_lam(
    "نفى نفت نفوا ينفي تنفي نفيا نفيه نفيها ينفون رفض رفضت رفضوا يرفض ترفض يرفضون رافضا رافضة فشل فشلت يفشل تفشل فشلوا أنكر أنكرت"
    " ينكر تنكر استبعد استبعدت يستبعد تستبعد يفتقر تفتقر افتقر افتقار يتعذر تعذر عجز عاجز عاجزة امتنع امتنعت يمتنع تجنب لتجنب"
)
_ONLY: Final = _forms("فقط فحسب وحدها وحده وحسب مجرد")
_EXCEPT: Final = _forms("سوى الا") | {"<except>"}

_EN_NOT: Final = frozenset("not never cannot nor neither no none nobody nothing nowhere".split())
_EN_CONTRACTED: Final = re.compile(r".*n['’]t")
_EN_LACK: Final = frozenset("lack lacks lacked lacking absence absent".split())
_EN_DENY: Final = frozenset(
    "denied denies deny denying refused refuses refuse refusing rejected rejects reject rejecting failed fails fail"
    " failing failure failures unable refusal rejection impossible".split()
)
#: Adjectives and nouns that carry their negation in an affix.
_EN_NON: Final = re.compile(
    r"un(?!fortunate|like\b|less|i(?:o|t|v|f|q|s|c|l)|der|til|less|cle|veil|fold|leash|ravel|dergo)[a-z]{3,}"
    r"|non[a-z]{4,}"
    r"|(?!regard|never|none|unl|bless)[a-z]{3,}less(?:ly|ness)?"
    r"|a(?:symptom|symmetr|synchron|typical|rrhythm|moral|political)[a-z]*"
    r"|abnormal[a-z]*|offline|anonymous[a-z]*|counterfeit|drones?|unrest"
    r"|i[mnlr](?:possib|complet|accura|formal|valid|activ|legal|regular|relevan|appropriate|correct|definite|effect"
    r"|sufficien|adequa|direct|moral|matur|capab|secur|visib|human|consisten|conclusiv|decen|efficien|experienc|frequen"
    r"|numerable|significan|reversib|legitima|practical|proper|expensiv|soluble|tolera|equalit|justice|literate|action"
    r"|access|distinguish|animate|ability|stabilit|domita|credib|ferti|evitab|finit|curab|exhaust|comparab"
    r"|compatib|comprehens|controvert|defens|destructib|discriminat|divisib|elig|flexib|mobil|penetrab|perfect|person"
    r"|polite|prudent|pure|rational|replaceab|resist|respons|retriev)[a-z]*"
    r"|dis(?:agree|approv|connect|honest|proportion|satisf|continu|respect|regard|trust)[a-z]*"
)


def _negations(text: str, tokens: Sequence[Token], language: Language) -> list[Fact]:
    # "إلا" (except) and "ألا" (not to) fold alike: the hamza below tells them apart.
    words = [
        "<except>" if "إ" in token.surface and token.text.endswith("الا") else token.text for token in tokens
    ]
    words += ["", "", "", ""]
    facts = []
    for index, token in enumerate(tokens):
        if token.kind != "word":
            continue
        found = _arabic_negation(words, index) if language == "ar" else _english_negation(words, index)
        if found is None:
            continue
        value, length, soft = found
        start, end = token.start, tokens[min(index + length, len(tokens)) - 1].end
        facts.append(
            Fact(kind="negation", value=value, start=start, end=end, surface=text[start:end], soft=soft)
        )
    return facts


def _arabic_negation(words: Sequence[str], index: int) -> tuple[str, int, bool] | None:
    """Return ``(value, tokens, soft)`` of a negation that starts at ``words[index]``."""
    word, following = words[index], words[index + 1]
    if word in _LAM:
        return ("no longer", 2, False) if following in _NO_LONGER else ("not", 1, _excepted(words, index))
    if word in _LAN:
        return ("not", 1, _excepted(words, index))
    if word in _LAYSA:
        only = following == "كذلك" or any(near in _ONLY for near in words[index + 1 : index + 4])
        return None if only else ("not", 1, _excepted(words, index))
    if word in _LA:
        if following in _NOT_AFTER_LA or (
            word.endswith("الا") and following in ("وهو", "وهي", "وهما", "وهم", "ان", "انه", "انها")
        ):
            return None
        if any(near in _ONLY for near in words[index + 1 : index + 4]):
            return None
        if following in ("يقل", "تقل", "يقلون", "داعي"):  # ما لا يقل عن: at least
            return None
        if words[index - 1 : index] in (["او"], ["ام"]):
            return ("not", 1, True)
        return ("not", 1, _excepted(words, index))
    if word in _WITHOUT:
        bound = following[:1].isdigit() or following in ("سن", "المستوي", "ال", "طيار")
        return None if bound else ("without", 1, index > 0 and words[index - 1] in ("تزال", "يزال"))
    if word in _GHAYR:
        if following in ("ذلك", "ان", "انه", "انها", "انهم", "") or words[index - 1 : index] in (["لا"],):
            return None
        return ("non", 2, False)
    if word in _ADAM:
        return ("lack", 1, False)
    if word in _DENY:
        return ("deny", 1, True)
    return None


#: Words between a negation and the ``إلا`` that completes it.
_EXCEPT_WINDOW: Final = 11


def _excepted(words: Sequence[str], index: int) -> bool:
    """Tell whether ``إلا``/``سوى`` follows closely: "nothing but" affirms (``إلا أن`` is "however" and does not)."""
    window = range(index + 1, min(index + 1 + _EXCEPT_WINDOW, len(words) - 1))
    return any(words[near] in _EXCEPT and not words[near + 1].startswith("ان") for near in window)


_EN_SOFT_AFTER_NOT: Final = frozenset(("only", "just", "merely", "least", "to"))


def _english_negation(words: Sequence[str], index: int) -> tuple[str, int, bool] | None:
    word, following = words[index], words[index + 1]
    if word == "yet" and following == "to":
        return "not", 2, True
    if word == "no" and following == "longer":
        return "no longer", 2, False
    if word in ("not", "n't") or _EN_CONTRACTED.fullmatch(word):
        if following in ("only", "just", "merely"):
            return None
        if following == "to" and words[index + 2] == "mention":
            return None
        idiom = (index > 0 and words[index - 1] == "or") or words[index + 1 : index + 3] in (
            ["be", "more"],
            ["be", "better"],
        )
        return "not", 1, idiom
    if word == "no":
        if following in ("doubt", "fewer", "less", "more", "smaller", "later", "matter") or following in (
            ".",
            "",
        ):
            return None if following not in ("more", ".", "") else ("not", 1, True)
        return "not", 1, False
    if word in _EN_NOT:
        return "not", 1, False
    if word == "without":
        return "without", 1, index > 0 and words[index - 1] == "or"
    if word == "non":
        return "non", 3 if following == "-" else 1, False
    if word in _EN_LACK:
        return "lack", 1, True
    if word in _EN_DENY:
        return "deny", 1, True
    if _EN_NON.fullmatch(word):
        return "non", 1, True
    return None
