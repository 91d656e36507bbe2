"""The negations of a sentence: which words turn a statement around, and which only look as if they did.

``value`` says which: ``not`` (لم، لن، ليس، لا، ما من; not, never, no, cannot), ``nor`` (``ولا`` that goes on with a negation before it),
``no longer``, ``without``, ``non`` (غير ملزم, unofficial), ``lack`` (عدم, absence), ``deny`` (نفى, denied). ``لا يزال``, ``لا سيما``,
``لا بد``, ``ليس فقط`` and "not only" negate nothing and are not found. ``soft`` negations are those that the other
language says without one as often as not: ``لا يتجاوز`` (at most), ``حال دون`` (kept from), ``ما لم`` (unless), what ``إلا`` completes.

Which constructions these are was read off 1,500 sentences that were translated well and that the checks had called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import normalize
from summarizer.numberreaders import SIX_OF
from summarizer.numerals import Language, Token


@dataclass(frozen=True, slots=True)
class Negation:
    """What stands from ``start`` to ``end`` of a text negates; see the top of this file."""

    value: str
    start: int
    end: int
    soft: bool


#: What a rule finds at a word: value, how many words it spans, whether it is soft.
_Found = tuple[str, int, bool]


def find_negations(tokens: Sequence[Token], language: Language) -> Iterator[Negation]:
    """Yield the negations of a text, given as its tokens, in order."""
    words = [_word(token) for token in tokens] + [""] * 4
    negated = -_NOR_WINDOW - 1  # where the last negation stood that a ``ولا`` may go on with
    for index, token in enumerate(tokens):
        if token.kind != "word":
            continue
        found = _arabic(words, index) if language == "ar" else _english(words, index)
        if found is None:
            continue
        value, length, soft = found
        if words[index] == "ولا" and value == "not" and index - negated <= _NOR_WINDOW:
            value = "nor"
        if value in ("not", "nor", "without", "lack", "no longer", "non"):
            negated = index
        yield Negation(value, token.start, tokens[min(index + length, len(tokens)) - 1].end, soft)


#: Letters that folding takes away, and that tell two words apart: "إلا" (except) and "ألا" (not to), "دوّن" (wrote down)
#: and "دون" (without), "غيّر" (changed) and "غير" (non-).
def _word(token: Token) -> str:
    if "إ" in token.surface and token.text.endswith("الا"):
        return "<except>"
    if token.surface.endswith("لئلا"):
        return "لكيلا"  # folded it is ليلا, by night
    if "ّ" in token.surface and token.text.endswith(("دون", "غير", "غيرت", "غيروا")):
        return "<verb>"
    return token.text


# --- Arabic -------------------------------------------------------------------------------------


def _forms(text: str, *prefixes: str) -> frozenset[str]:
    """Return the folded words of ``text``, each also with ``و``, ``ف`` and ``prefixes`` before it."""
    return frozenset(p + word for word in normalize(text).split() for p in ("", "و", "ف", *prefixes))


#: Words between a negation and the ``ولا`` that goes on with it: "no apples or almonds".
_NOR_WINDOW: Final = 12
_LA: Final = _forms("لا ولا ألا بألا")
_NOT_AFTER_LA: Final = _forms(
    "يزال تزال يزالون زال زالت زالوا نزال أزال سيما بد شك ريب محالة جرم بأس سيّما يزالان تزالان يعدو يلبث تلبث"
)
#: "at most", "hardly", "inevitable", "unique", "integral", "not limited to": without a negation in English more often than not.
_SOFT_AFTER_LA: Final = _forms(
    "يتجاوز تتجاوز يتجاوزون يتعدى تتعدى يزيد تزيد يتخطى تتخطى يفوق تفوق يربو تربو يكاد تكاد يكادون أكاد نكاد يقتصر تقتصر يكتفي تكتفي"
    " يكتفون يخلو تخلو غنى مفر مناص نظير مثيل يتجزأ تتجزأ يحصى تحصى يضاهى تضاهى يضاهيه يضاهيها إرادي إرادية مركزي مركزية مركزيا"
    " نهائي نهائية سلكي سلكية سلكيا إراديا شعوري شعوريا متناه متناهية محدود محدودة يستهان تستهان"
)
_AT_LEAST: Final = _forms("يقل تقل يقلون داعي")  # ما لا يقل عن
_LAM: Final = _forms("لم أولم")
_SOFT_AFTER_LAM: Final = _forms(
    "يكتف تكتف يكتفوا يقتصر تقتصر يكد تكد يكادوا يزد تزد يتجاوز تتجاوز يتعد تتعد يتخط تتخط"
)
_NO_LONGER: Final = _forms("يعد تعد يعودوا نعد أعد يعودا يعُد")
_LAYSA: Final = _forms("ليس ليست ليسوا لست لسنا ليسا أليس")
#: "for six years", "Alice, who".
_NO_NEGATION: Final = re.compile(rf"لست (?:{SIX_OF.pattern})|اليس التي")
_LAN: Final = _forms("لن")
_MA: Final = _forms("ما")
_SO_THAT_NOT: Final = _forms("كيلا لكيلا")  # and لئلا, see `_word`
#: "which was not", "than was not": no "unless".
_RELATIVE: Final = _forms("هو هي هم من إلى على في كل عن مع", "ب", "ل", "ك")
#: The verb of "would not have": ما كان الميناء ليكتسب.
_WOULD: Final = re.compile(r"ل[يتنا]\w{2,}")
_WITHOUT: Final = _forms("دون بدون بلا دونما", "ل")
#: "all of them", "undisputed", "relentlessly".
_SOFT_AFTER_BILA: Final = _forms("استثناء منازع هوادة جدال رجعة توقف انقطاع") | _SOFT_AFTER_LA
#: Behind "دون": below a number, an age or a level.
_BELOW: Final = re.compile(
    normalize(
        r"\d.*|سن|عمر|ال|طيار|(?:ال)?(?:معدل|متوسط|مستوى|مستوي|توقع|تطلع|مأمول|مطلوب|مستويات|معدلات|توقعات)(?:ه|ها|هم|ات|اتها|اته)?|(?:ال)?(?:حد|خط|صفر)"
        r"|ال(?:اولى|ثانية|ثالثة|رابعة|خامسة|سادسة|سابعة|ثامنة|تاسعة|عاشرة|حادية|عشرين|ثلاثين|اربعين|خمسين|ستين|سبعين|ثمانين|تسعين|مئة)"
    )
)
#: "free of charge", "1-0", "nobody else".
_SOFT_AFTER_DUN: Final = _forms("رد مقابل سوى سواه سواها سواهم غيره غيرها غيرهم")
#: What ``دون`` completes to "prevented", "kept from".
_HINDER: Final = _forms(
    "حال حالت حالا حالوا يحول تحول يحل تحل حيلولة الحيلولة للحيلولة حائلا حائل حؤول الحؤول", "ل", "س"
)
_HINDER_WINDOW: Final = 9
_BELOW_BEFORE: Final = _forms("ما هم هن هو هي", "ل")
_GHAYR: Final = frozenset(p + "غير" for p in ("", "و", "ف", "ب", "ال", "وال", "بال", "ل", "لل"))
#: Of an aircraft: a drone.
_UNMANNED: Final = ("ماهول", "ماهوله")
_ADAM: Final = _forms("عدم انعدام غياب لاانساني", "ب", "ل", "ك", "وب", "ول", "ال", "وال")
_DENY: Final = _forms(
    "نفى نفت نفوا ينفي تنفي نفيا نفيه نفيها ينفون رفض رفضت رفضوا يرفض ترفض يرفضون رافضا رافضة فشل فشلت يفشل تفشل فشلوا أنكر أنكرت"
    " ينكر تنكر استبعد استبعدت يستبعد تستبعد يفتقر تفتقر افتقر افتقار يتعذر تعذر تعذرت تتعذر عجز عاجز عاجزة عجزه عجزها عجزهم عجزت يعجز تعجز"
    " امتنع امتنعت يمتنع امتناع تجنب لتجنب أبى أبت يأبى تأبى",
    "ل",
    "ب",
)
_ONLY: Final = _forms("فقط فحسب وحدها وحده وحسب مجرد")
_RATHER: Final = frozenset(("بل", "وانما", "انما"))
_IF: Final = _forms("لولا لو لولاه لولاها لولاهم")
_EXCEPT: Final = _forms("سوى الا") | {"<except>"}
#: Words between a negation and the ``إلا`` or ``سوى`` that completes it; ``سوى`` has no other use.
_EXCEPT_WINDOW: Final = 11
_BUT_WINDOW: Final = 18
_ONLY_WINDOW: Final = 14


def _arabic(words: Sequence[str], index: int) -> _Found | None:
    word, following = words[index], words[index + 1]
    before = words[index - 1] if index else ""
    if word in _LAM and not (word == "اولم" and following.startswith("ال")):  # he gave a banquet
        if following in _NO_LONGER:
            return "no longer", 2, False
        unless = before in _MA and words[max(0, index - 2)] not in _RELATIVE
        soft = unless or following in _SOFT_AFTER_LAM
        return "not", 1, soft or _not_only(words, index) or _excepted(words, index)
    if word in _LAN:
        return "not", 1, _excepted(words, index)
    if word in _LAYSA:
        if _NO_NEGATION.fullmatch(f"{word} {following}"):
            return None
        only = following == "كذلك" or any(near in _ONLY for near in words[index + 1 : index + 4])
        return None if only else ("not", 1, _not_only(words, index) or _excepted(words, index))
    if word in _LA:
        return _la(words, index)
    if word in _MA and following in ("عاد", "عادت", "عادوا"):
        return "no longer", 2, False
    if word in _MA and following == "من":
        return None if words[index + 2].startswith("شان") else ("not", 2, _excepted(words, index))
    if word in _SO_THAT_NOT or (
        word in _MA
        and following in ("كان", "كانت", "كانوا")
        and any(map(_WOULD.fullmatch, words[index + 2 : index + 5]))
    ):
        return "not", 1, True
    if word == "لما" and not _IF.isdisjoint(words[max(0, index - _BUT_WINDOW) : index]):
        return "not", 1, True  # "had it not been for ..., it would not have"
    if word in _WITHOUT:
        on_don = "اون" in words[max(0, index - 2) : index]  # روستوف أون دون
        if on_don or _BELOW.fullmatch(following) or before in _BELOW_BEFORE:
            return None
        if word.endswith("بلا") and following in _NOT_AFTER_LA:
            return None  # no doubt
        hinders = not _HINDER.isdisjoint(words[max(0, index - _HINDER_WINDOW) : index])
        soft = following in (_SOFT_AFTER_BILA if word.endswith("بلا") else _SOFT_AFTER_DUN)
        return "without", 1, hinders or soft or before in ("تزال", "يزال")
    if word in _GHAYR:
        return _ghayr(before, following)
    if word in _ADAM:
        return "lack", 1, False
    return ("deny", 1, True) if word in _DENY else None


def _la(words: Sequence[str], index: int) -> _Found | None:
    word, following = words[index], words[index + 1]
    if following in _NOT_AFTER_LA or following in _AT_LEAST or following in ("غير", "غيره", "غيرها"):
        return None
    if word.endswith("الا") and following in ("وهو", "وهي", "وهما", "وهم", "ان", "انه", "انها"):
        return None
    if any(near in _ONLY for near in words[index + 1 : index + 4]):
        return None
    soft = following in _SOFT_AFTER_LA or words[index - 1 : index] in (["او"], ["ام"])
    return "not", 1, soft or _not_only(words, index) or _excepted(words, index)


def _ghayr(before: str, following: str) -> _Found | None:
    if before in ("من", "ومن") and not following.startswith("ال"):
        return "without", 1, False
    if following in ("ذلك", "ان", "انه", "انها", "انهم", "") or before == "لا":
        return None
    return "non", 2, following.endswith(_UNMANNED)


def _excepted(words: Sequence[str], index: int) -> bool:
    """Tell whether ``إلا``/``سوى`` follows closely: "nothing but" affirms (``إلا أن`` is "however" and does not)."""
    last = len(words) - 1
    window = range(index + 1, min(index + 1 + _EXCEPT_WINDOW, last))
    if any(words[near] in _EXCEPT and not words[near + 1].startswith("ان") for near in window):
        return True
    return "سوي" in words[index + 1 : min(index + 1 + _BUT_WINDOW, last)]


def _not_only(words: Sequence[str], index: int) -> bool:
    """Tell whether "only" stands further on, with the "but" that answers it: ``لم يكن ... فحسب، بل``."""
    window = range(index + 4, min(index + _ONLY_WINDOW, len(words) - 2))
    return any(words[near] in _ONLY and not _RATHER.isdisjoint(words[near + 1 : near + 3]) for near in window)


# --- English ------------------------------------------------------------------------------------

_EN_NOT: Final = frozenset("not never cannot nor neither no none nobody nothing nowhere".split())
_EN_CONTRACTED: Final = re.compile(r".*n['’]t")
_EN_LACK: Final = frozenset("lack lacks lacked lacking absence absent".split())
_EN_DENY: Final = frozenset(
    "denied denies deny denying refused refuses refuse refusing rejected rejects reject rejecting failed fails fail"
    " failing failure failures unable refusal rejection impossible".split()
)
#: "no fewer than", "no doubt", "no sooner": no negation, or one that Arabic says without.
_EN_AFTER_NO: Final = frozenset(
    "doubt fewer less smaller later matter sooner lower higher greater larger".split()
)
#: Adjectives and nouns that carry their negation in an affix.
_EN_NON: Final = re.compile(
    r"un(?!fortunate|like\b|less|i(?:o|t|v|f|q|s|c|l)|der|til|less|cle(?!a)|veil|fold|leash|ravel|dergo)[a-z]{3,}"
    r"|non[a-z]{4,}"
    r"|(?!regard|never|none|unl|bless)[a-z]{3,}less(?:ly|ness)?"
    r"|a(?:symptom|symmetr|synchron|typical|rrhythm|moral|political)[a-z]*"
    r"|abnormal[a-z]*|offline|anonymous[a-z]*|counterfeit|unrest|illicit[a-z]*|manslaughter"
    r"|i[mnlr](?:possib|complet|accura|formal|valid|activ|legal|regular|relevan|appropriate|correct|definite|effect"
    r"|sufficien|adequa|direct|moral|matur|capab|secur|visib|human|consisten|conclusiv|decen|efficien|experienc|frequen"
    r"|numerable|significan|reversib|legitima|practical|proper|expensiv|soluble|tolera|equalit|justice|literate|action"
    r"|access|distinguish|animate|ability|stabilit|domita|credib|ferti|evitab|finit|curab|exhaust|comparab"
    r"|compatib|comprehens|dispensab|voluntar|separab|perceptib|explicab|surmount|nocen|controvert|defens|destructib|discriminat|divisib|elig|flexib|mobil|penetrab|perfect|person"
    r"|polite|prudent|pure|rational|replaceab|resist|respons|retriev)[a-z]*"
    r"|dis(?:agree|approv|connect|honest|proportion|satisf|continu|respect|regard|trust)[a-z]*"
)


def _english(words: Sequence[str], index: int) -> _Found | None:
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
        idiom = words[index + 1 : index + 3] in (["be", "more"], ["be", "better"])
        return "not", 1, idiom or following == "until" or words[index - 1 : index] == ["or"]
    if word == "no":
        if "confidence" in words[index + 1 : index + 3]:  # a vote of it
            return None
        if following in ("more", ".", ""):
            return "not", 1, True
        return None if following in _EN_AFTER_NO else ("not", 1, False)
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
