"""The words that claims are found by: predicates, the units they count, and what stands around them.

Everything here is a list of folded words or a pattern over them (``summarizer.arabic.normalize``); how far they
reach and what follows from them is in ``claims``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import content_tokens, normalize, stem
from summarizer.schema import Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """A class of verbs and nouns that say the same of a number or an event."""

    key: str
    label: Bilingual
    pattern: re.Pattern[str]  # over folded words


def _predicate(key: str, ar: str, en: str, words: str) -> Predicate:
    alternatives = "|".join(normalize(word) for word in words.split())
    return Predicate(
        key=key,
        label=Bilingual(ar=ar, en=en),
        pattern=re.compile(rf"^(?:[وفلبس]|س|ال|وال|بال|لل)*(?:{alternatives})$"),
    )


#: Verb forms are listed as they are written: Arabic agreement endings make a regular expression over roots too
#: greedy ("سحب" clouds, "خرج" output).
_LEFT = _predicate(
    "left", "انسحبوا", "left",
    "انسحب انسحبت انسحبوا انسحاب ينسحب تنسحب ينسحبون سحب سحبت سحبوا يسحب تسحب غادر غادرت غادروا يغادر مغادره رحل رحلوا خرج خرجوا خروج اجلاء",
)  # fmt: skip
_REMAIN = _predicate(
    "remain", "ما زالوا موجودين", "still there",
    "يوجد توجد بقي بقيت بقوا يبقي تبقي متبق متبقي المتبقي المتبقيه متمركز متمركزه متمركزون متمركزين منتشر منتشرين منتشره ينتشر تنتشر يتمركز تتمركز موجود موجوده موجودون موجودين انخفض تقلص اصل تواجد",
)  # fmt: skip
_KILLED = _predicate(
    "killed", "قُتلوا", "killed",
    "قتل قتلت قتلوا مقتل يقتل قتيل قتيلا قتلي لقي مصرع مصرعهم اغتيال اغتال اغتالت اغتيل استشهد استشهاد استشهدوا وفاه توفي توفيت ضحايا ضحيه",
)  # fmt: skip
_HURT = _predicate(
    "hurt", "أصيبوا", "hurt", "اصيب اصيبت اصيبوا اصابه جرح جرحوا جريح جريحا جرحي مصاب مصابا مصابين مصابون"
)
_ROSE = _predicate(
    "rose", "ارتفع", "rose", "ارتفع ارتفعت يرتفع ترتفع ارتفاع ارتفاعا زاد زادت صعد صعدت قفز قفزت"
)
_FELL = _predicate("fell", "انخفض", "fell", "انخفضت ينخفض تنخفض انخفاض انخفاضا تراجع تراجعت هبط هبطت")
_HELD = _predicate(
    "detained", "اعتُقلوا", "detained", "اعتقل اعتقلت اعتقلوا اعتقال احتجز احتجزت احتجاز اوقف اوقفت توقيف"
)
_FREED = _predicate("freed", "أُفرج عنهم", "freed", "افرج افرجت افراج اطلق اطلقت سراح")
#: As an event a killing is narrower than as what rules a count: "القتلى" and "ضحايا" have no day.
DEATH_OF = _predicate(
    "killed", "قُتل", "killed",
    "قتل قتلت قتلوا مقتل اغتيال اغتال اغتالت اغتيل اغتيلت مصرع مصرعه مصرعها مصرعهم حتفه حتفها حتفهم استشهد استشهاد وفاه توفي توفيت",
)  # fmt: skip
SIGNED = _predicate("signed", "وُقّع", "signed", "وقع وقعت وقعا وقعوا توقيع ابرم ابرمت ابرام")
TOOK_OFFICE = _predicate(
    "took office", "تولى المنصب", "took office", "تولي تولت توليه توليها تسلم تسلمت تسلمه"
)
_FOUNDED = _predicate("founded", "تأسس", "founded", "تاسس تاسست تاسيس انشاء اسس اسست")

OPPOSITES: Final = ((_LEFT, _REMAIN), (_ROSE, _FELL), (_HELD, _FREED))
COUNTED: Final = (_KILLED, _HURT, _LEFT, _HELD, _FREED)
RULING_NUMBERS: Final = tuple(dict.fromkeys(each for pair in OPPOSITES for each in pair))
#: Nouns that say of the people they count what became of them ("10 قتلى و73 جريحا").
VICTIMS: Final = {
    normalize(word): predicate
    for predicate, words in (
        (_KILLED, "قتيل قتيلا قتلى ضحية ضحايا شهيد شهيدا شهداء وفاة"),
        (_HURT, "جريح جريحا جرحى مصاب مصابا مصابين إصابة"),
    )
    for word in words.split()
}
#: ``لقي`` (met) is about a death only with one of these after it.
MET: Final = re.compile(r"^[وف]?لق[يوا]+$")
DEATH: Final = re.compile(r"^(?:مصرع|حتف)(?:ه|ها|هم|هن|هما)?$")
#: What may stand between a predicate and its number.
BRIDGE: Final = frozenset(
    normalize(
        "نحو حوالي قرابة زهاء أكثر من ما لا يقل عن على الأقل عدد إلى يقارب قارب يزيد زهاء بنحو لنحو تقريبا قد ال بـ لـ حصيلة أيضا"
    ).split()
)
#: A number after one of these is part of another ("54 people, 28 of them civilians") ...
PART_BEFORE: Final = frozenset(
    normalize("بينهم بينها منهم منها ضمنهم وبينهم ومنهم بينهن منهن وبينها معظمهم").split()
)
#: ... and so is one before one of these ("27 of the dead").
PART_AFTER: Final = frozenset(normalize("منهم منها منهن بينهم").split())
#: Who says when: a date beside one of these dates the saying.
SAID: Final = re.compile(
    r"^[وف]?(?:قال|اعلن|اكد|ذكر|افاد|صرح|اضاف|اوضح|اتهم|دعا|دعت|وصف|كشف|نقل|حذر|طالب|راي|اعتبر|بيان|يقول|تقول|كتب|حكم|قضي|ادان|قدم|عبر|اعرب)(?:ت|وا)?$"
)
#: Words that make a date the edge of a stretch of time, or a deadline.
STRETCH: Final = frozenset(
    normalize("بين حتى وحتى منذ ومنذ لغاية نهاية موسم عامي العامين الفترة وبين").split()
)
PAUSE: Final = ("،", "؛", ":")
#: What happens in one place day after day: the same words on two days are two events.
AGAIN: Final = frozenset(
    content_tokens(
        "غارة غارات قصف هجوم هجمات اشتباك اشتباكات معارك مواجهات صدامات مظاهرة مظاهرات احتجاجات تظاهرات رصاص قذائف صاروخ صواريخ"
        " تفجير انفجار عملية عمليات"
    )
)
#: A toll that adds up over a time is not that of an event.
ADDED_UP: Final = re.compile(
    r"\bمنذ\b|\b(?:خلال|في) (?:نفس|هذه|تلك|ذات) (?:الفتره|المده)\b|\b(?:سنويا|يوميا|شهريا)\b|\bاجمالي(?:ا)?\b"
)
#: Fact values of "the past weeks", "the last five days" (see ``dates``).
PAST_STRETCH: Final = re.compile(r"^rel:\w+-$")
#: Events that happen once to the same people and things. Attacks, visits, elections and rounds of talks come again
#: with the same names on other days: two dates of theirs are no contradiction.
EVENTS: Final = (DEATH_OF, SIGNED, TOOK_OFFICE, _FOUNDED)
EVENT_NAMES: Final = {
    "killed": Bilingual(ar="مقتل", en="killing"),
    "signed": Bilingual(ar="توقيع", en="signing"),
    "took office": Bilingual(ar="تولي المنصب", en="taking of office"),
    "founded": Bilingual(ar="تأسيس", en="founding"),
}
#: Event nouns: a date right before one belongs to whoever announces it ("أعلنت السبت وفاة").
EVENT_NOUN: Final = re.compile(
    r"^[وبل]*(?:ال)?(?:مقتل|اغتيال|وفاه|مصرع|استشهاد|توقيع|ابرام|تاسيس|انشاء|توليه|توليها|تسلم|تسلمه|قتل)$"
)
#: With one of these before it a killing is a charge or an attempt, not an event.
CHARGE: Final = frozenset(
    normalize("بتهمة تهمة محاولة بمحاولة جريمة قضية حاول بالشروع عمليات بجرم أي في لقتل").split()
)
#: Between a killing and a name: not the named person died, but one of the family or staff.
KIN: Final = re.compile(
    r"^(?:ال)?(?:نجل|ابن|ابنه|نجلي|شقيق|شقيقه|زوجه|زوج|والد|والده|ابنته|قاتل|حارس|مساعد|معاون|قريب|اقارب|انصار|افراد|اطفال|احد|عم|خال|صهر)(?:ه|ها)?$"
)
#: What is signed: ``وقع`` also means "happened", and attacks happen more often than treaties.
DOCUMENT: Final = re.compile(
    r"^[وفبلك]*(?:ال)?(?:اتفاق|اتفاقا|اتفاقيه|اتفاقيات|اتفاقات|عقد|عقدا|معاهده|مذكره|مذكرات|مرسوم|مرسوما|مرسومين|وثيقه|بروتوكول|صفقه|قانون|هدنه|ميثاق)$"
)
OFFICE: Final = frozenset(
    stem(normalize(word))
    for word in "منصب منصبه منصبها مهام مهامه سلطة الحكم رئاسة زمام السلطة رسميا عاما".split()
)

_UNIT_ROWS: Final = (
    ("troops", "جندي", "troops", "جندي جنديا جنود الجنود قوات القوات عسكري عسكريا عسكريين مقاتل مقاتلا مقاتلين عنصر عنصرا عناصر"),
    ("people", "شخص", "people", "شخص شخصا اشخاص قتيل قتيلا قتلي جريح جريحا جرحي ضحيه ضحايا مصاب مصابا مصابين اخرين اخرون حاله"),
    ("civilians", "مدني", "civilians", "مدني مدنيا مدنيين مدنيون"),
    ("children", "طفل", "children", "طفل طفلا اطفال"),
    ("police", "شرطي", "police officers", "شرطي شرطيا شرطيين"),
    ("migrants", "مهاجر", "migrants", "مهاجر مهاجرا مهاجرين لاجي لاجيا لاجيين"),
    ("Palestinians", "فلسطيني", "Palestinians", "فلسطيني فلسطينيا فلسطينيين فلسطينيون"),
    ("passengers", "راكب", "passengers", "راكب راكبا ركاب"),
    ("dollars", "دولار", "dollars", "دولار دولارا دولارات"),
    ("percent", "في المئة", "percent", "% بالميه بالمايه"),
)  # fmt: skip
#: Units of counted people and things: folded noun -> (one class, Arabic label, English label).
UNITS: Final = {
    normalize(word): (key, Bilingual(ar=ar, en=en))
    for key, ar, en, words in _UNIT_ROWS
    for word in words.split()
}
