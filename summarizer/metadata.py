"""What a report says about itself: title, outlet, date, and the lines that are not news.

``annotate(text)`` reads a report line by line and returns a ``Metadata``: the title, outlet and date where the
text carries them, and a ``Mark`` with exact offsets for each stretch that is not plain body text. Nothing is
removed from the text. Every rule prefers silence to a wrong answer: an outlet or a date that is only *quoted* in
the report («ذكرت وكالة أسوشيتد برس», "in January 2020") is not the report's own.

Lines are matched in their folded form (``arabic.normalize``), so spelling variants, diacritics, tatweel, digits
and bidi marks make no difference; patterns below are written in ordinary spelling and folded on load.

Marks cover whole lines, with two exceptions, both at an edge of a line: a dateline («بغداد (رويترز) - ») is marked
``outlet`` up to the first word of the sentence, and a trailing link («... اقرأ أيضًا: ...») from its first word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from summarizer.arabic import (
    GREGORIAN_MONTHS,
    HIJRI_MONTHS,
    content_tokens,
    fold,
    normalize,
    span_in_source,
    tokenize,
)
from summarizer.schema import Mark, MarkKind

#: Longest headline, in characters. 99.5 % of the headlines of 19 Arabic outlets have at most 91.
TITLE_MAX_CHARS: Final = 120
#: A line at least this long is a paragraph, whatever it ends with.
PARAGRAPH_MIN_CHARS: Final = 140
#: Longest line that can be a credit, a label or a by-line.
FURNITURE_MAX_CHARS: Final = 220
BYLINE_MAX_CHARS: Final = 100
BYLINE_MAX_WORDS: Final = 12
#: Lines at the top where a title, date or by-line is looked for, and at the bottom for dates and sources.
HEAD_LINES: Final = 10
TAIL_LINES: Final = 4
#: Headlines that may follow a "read also" label.
RELATED_MAX_LINES: Final = 12
#: A pull quote repeats at least this share of its content words from one sentence, and has at least so many.
PULL_QUOTE_SHARE: Final = 0.8
PULL_QUOTE_MIN_TOKENS: Final = 4
#: Fragments compared with the sentences of a report; more than these is no longer a news report.
PULL_QUOTE_MAX_FRAGMENTS: Final = 40
#: Years that a date line may carry.
YEARS: Final = (1900, 2100)
HIJRI_YEARS: Final = (1300, 1500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What ``annotate`` found. ``published`` is an ISO date; ``marks`` are sorted and do not overlap."""

    title: str | None = None
    source: str | None = None
    published: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with letters or signs on it: ``text[start:end]`` without the white space around it."""

    start: int
    end: int
    text: str
    folded: str
    blanks_before: int

    @property
    def ends_sentence(self) -> bool:
        """Whether the line closes like a sentence of running text (headlines may end with ؟ or !)."""
        return bool(_SENTENCE_END.search(self.text))

    @property
    def is_paragraph(self) -> bool:
        return len(self.text) >= PARAGRAPH_MIN_CHARS or self.ends_sentence


def split_lines(text: str) -> list[Line]:
    """Return the non-blank lines of ``text`` with their offsets and the number of blank lines before each."""
    lines: list[Line] = []
    offset = blanks = 0
    for raw in text.split("\n"):
        stripped = raw.strip(_BLANK)
        if stripped:
            start = offset + raw.index(stripped)
            folded = " ".join(normalize(_SPACED_TATWEEL.sub("-", stripped)).split())
            lines.append(Line(start, start + len(stripped), stripped, folded, blanks))
            blanks = 0
        else:
            blanks += 1
        offset += len(raw) + 1
    return lines


# --- patterns -----------------------------------------------------------------------------------

#: White space, and the invisible marks that pasted text has at the ends of lines.
_BLANK: Final = " \t\r\v\f\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\ufeff\u3000"
_SPACED_TATWEEL: Final = re.compile(r"(?<=\s)ـ+(?=\s)")
_SENTENCE_END: Final = re.compile(r"(?:(?<!\.)\.|[؛;:…,،۔]|\.{3,}|[.!؟?][\"”»)\]]+)[\s\u200e\u200f]*$")


_ARABIC_RUN: Final = re.compile(r"[\u0600-\u06ff]+")


def _folded(pattern: str) -> re.Pattern[str]:
    """Compile a pattern written in ordinary spelling for use on folded text."""
    return re.compile(_ARABIC_RUN.sub(lambda match: normalize(match[0]), pattern))


#: Agencies, with the name they are shown under. They sell copy to others: their name on a dateline or a credit
#: says who wrote it; their name inside a sentence says whom the writer quotes.
AGENCIES: Final[dict[str, tuple[str, ...]]] = {
    "رويترز": ("رويترز", "reuters", "وكالة رويترز"),
    "فرانس برس": (
        "فرانس برس",
        "ا ف ب",
        "أ.ف.ب",
        "أ. ف. ب",
        "أ.ف.ب.",
        "اف ب",
        "أ ف پ",
        "afp",
        "وكالة فرانس برس",
    ),
    "أسوشيتد برس": ("أسوشيتد برس", "اسوشييتد برس", "أسوشيتيد برس", "أ ب", "أ.ب", "ap", "associated press"),
    "وكالة الأنباء الألمانية": ("د ب أ", "د.ب.أ", "د. ب. أ", "dpa", "الألمانية", "وكالة الأنباء الألمانية"),
    "وكالة أنباء الشرق الأوسط": ("أ ش أ", "أ.ش.أ", "أش أ"),
    "الأناضول": ("الأناضول", "وكالة الأناضول", "anadolu"),
    "سبوتنيك": ("سبوتنيك", "sputnik"),
    "نوفوستي": ("نوفوستي",),
    "تاس": ("تاس", "tass"),
    "شينخوا": ("شينخوا", "xinhua"),
    "يو بي آي": ("يو بي آي", "upi"),
    "إفي": ("إفي", "efe"),
    "واس": ("واس", "و ا س", "spa"),
    "وام": ("وام", "wam"),
    "كونا": ("كونا", "kuna"),
    "قنا": ("قنا", "qna"),
    "بنا": ("بنا", "bna"),
    "بترا": ("بترا", "petra"),
    "سانا": ("سانا", "sana"),
    "وفا": ("وفا", "wafa"),
    "واع": ("واع", "ina"),
    "سبأ": ("سبأ", "saba"),
    "وات": ("وات", "tap"),
    "سونا": ("سونا", "suna"),
    "إرنا": ("إرنا", "irna"),
    "تسنيم": ("تسنيم",),
    "معا": ("معا",),
}
#: Newspapers, channels and sites, known so that «سبق - الرياض:» is understood. Never matched in running text
#: without a first-party wording around them, for many are ordinary words.
OUTLETS: Final = (
    "الجزيرة|الجزيرة نت|الجزيرة مباشر|العربية|العربية.نت|العربية نت|الحدث|العربية/الحدث|سكاي نيوز عربية|"
    "بي بي سي|بي بي سي عربي|bbc|bbc عربي|cnn|سي ان ان|cnn بالعربية|فرانس 24|france 24|france24|الحرة|دويتشه فيله|dw|"
    "روسيا اليوم|rt|rt عربي|الميادين|المنار|الشرق الأوسط|الحياة|القدس العربي|العربي الجديد|الخليج|الخليج أونلاين|"
    "البيان|الاتحاد|الرياض|عكاظ|الوطن|اليوم|المدينة|الاقتصادية|سبق|صحيفة سبق|الوئام|المرصد|عين اليوم|عاجل|تواصل|"
    "الأهرام|الأخبار|أخبار اليوم|المصري اليوم|الشروق|اليوم السابع|الوفد|النهار|السفير|المستقبل|الديار|الغد|الرأي|"
    "الدستور|عمون|القبس|الأنباء|الراي|السياسة|الراية|العرب|الشرق|عمان|الصباح|الزمان|المدى|شفق نيوز|السومرية|"
    "السومرية نيوز|بغداد اليوم|ناس|رووداو|الترا عراق|الترا صوت|الصباح الجديد|هسبريس|الخبر|الشعب|عربي21|رصيف22|درج|"
    "نون بوست|الحرة عراق|قناة العالم|العالم|المونيتور|إندبندنت عربية|اندبندنت عربية|الشرق للأخبار|العين الإخبارية|"
    "إرم نيوز|يورونيوز|euronews|مونت كارلو|مونت كارلو الدولية|لبنان 24|عنب بلدي|تلفزيون سوريا|المصدر أونلاين|"
    "القاهرة 24|مصراوي|بوابة الأهرام|صدى البلد|فلسطين اليوم|صفا|قدس برس|الأيام|وطن|صحيفة المرصد"
).split("|")
_CITIES: Final = (
    "بغداد|البصرة|الموصل|أربيل|كركوك|النجف|كربلاء|السليمانية|القاهرة|الإسكندرية|الجيزة|الرياض|جدة|مكة|مكة المكرمة|"
    "المدينة المنورة|الدمام|الطائف|أبها|تبوك|بريدة|حائل|نجران|جازان|دبي|أبوظبي|أبو ظبي|الشارقة|الدوحة|الكويت|"
    "المنامة|مسقط|صنعاء|عدن|تعز|دمشق|حلب|حمص|بيروت|طرابلس|صيدا|عمان|القدس|القدس المحتلة|رام الله|غزة|تل أبيب|"
    "الخرطوم|بنغازي|تونس|الجزائر|الرباط|الدار البيضاء|نواكشوط|مقديشو|جيبوتي|أنقرة|إسطنبول|اسطنبول|طهران|كابول|"
    "كابل|إسلام آباد|نيودلهي|بكين|طوكيو|سيول|موسكو|كييف|لندن|باريس|برلين|بروكسل|جنيف|فيينا|روما|مدريد|لاهاي|أثينا|"
    "واشنطن|نيويورك|الأمم المتحدة|أديس أبابا|نيروبي|أبوجا|جوبا"
).split("|")
_WEEKDAYS: Final = "السبت|الأحد|الاثنين|الإثنين|الثلاثاء|الأربعاء|الاربعاء|الخميس|الجمعة"
#: Several hands together: beside one of these, the other part of a by-line is the outlet.
_DESKS: Final = _folded(
    r"(?:فريق|هيئة|قسم|إدارة|أسرة) (?:التحرير|الأخبار|المتابعة|الترجمة)|غرفة (?:الأخبار|التحرير)|التحرير"
)
#: Words of a by-line that name no outlet.
_ROLES: Final = _folded(
    r"خاص|حصري|متابعات|متابعة|وكالات|الوكالات|مواقع|عواصم|ترجمة|تقرير|تقارير|أخبار|مراسل\w*|مكتب \w+|رصد|"
    r"موفد\w*|كتبت?|بقلم|تحرير|إعداد|خاص وكالات|صحف"
)

_RELATED: Final = _folded(
    r"(?:ا?قرأ(?:/ي|ي|وا|ؤوا)?|اقرئي|اقرؤوا|إقرأ|طالع(?:/ي|ي|وا)?|شاهد(?:/ي|ي|وا)?|تابع(?:/ي|ي|وا)?|انظر|إقرأوا)"
    r" (?:أيضا|المزيد|كذلك|في|الفيديو|بالفيديو|بالصور|معنا)(?:\s*[:.…]|\b)"
    r"|(?:شاهد|فيديو|بالفيديو|اقرأ|للمزيد|ذات صلة|شاهد بالفيديو)\s*:"
    r"|(?:مواضيع|موضوعات|أخبار|مقالات|مواد|تقارير|روابط|قصص) (?:ذات صلة|متعلقة|مرتبطة|مشابهة|أخرى)\b"
    r"|قد (?:يهمك|يعجبك|يهمكم)\b|لمزيد من (?:التفاصيل|الأخبار|المعلومات)\b"
    r"|للمزيد (?:من|عن|حول|اضغط|تابع)\b|المزيد (?:من الأخبار|عن هذا|حول الموضوع)|الأكثر (?:قراءة|مشاهدة)$|ذات صلة$"
)
_RELATED_INLINE: Final = _folded(
    r"(?<=[.!؟»\"”)])\s*(?P<link>(?:إ?اقرأ(?:/ي|ي|وا)?|شاهد(?:/ي)?|طالع) (?:أيضا|المزيد)\s*:.*"
    r"|رابط الخبر (?:ب|من|في|علي)\w* .*)$"
)
_BOILERPLATE: Final = _folded(
    r"جميع الحقوق محفوظة|(?:كافة|كل) الحقوق محفوظة|حقوق (?:النشر|الطبع|الملكية)|^(?:©|\(c\)|copyright)"
    r"|^(?:تابعنا|تابعونا|تابعوا|انضم|انضموا|اشترك|اشتركوا|لمتابعة|للاشتراك|سجل|حمل|حملوا|لتحميل)\b"
    r".{0,60}(?:فيسبوك|فيس بوك|تويتر|تلغرام|تليجرام|تليغرام|واتساب|واتس|انستغرام|يوتيوب|قناتنا|قناة|صفحتنا|حسابنا|"
    r"نشرت|النشرة|القائمة البريدية|تطبيق|التطبيق|google news|أخبار جوجل)"
    r"|^(?:شارك|شاركها|مشاركة|انشر|أرسل)\b(?: (?:الخبر|المقال|هذا الخبر|هذه المقالة|عبر|على|علي|الموضوع|المقالة))?\s*:?"
    r"(?:\s*(?:فيسبوك|تويتر|واتساب|تلغرام|عبر|على|علي))*$"
    r"|^(?:الكلمات (?:المفتاحية|الدلالية)|كلمات (?:مفتاحية|دلالية|البحث)|الوسوم|وسوم|سمات|تاغات|هاشتاغ|tags?|keywords)\b"
    r"|^\(?\s*(?:انتهى|يتبع|انتهي)\s*\)?(?:\s*[/.\-()]*\s*(?:\w{1,3}[\s./]*){0,4})$"
    r"|^(?:اضغط|انقر|إضغط) (?:هنا|على|علي)\b|^(?:نسخ الرابط|طباعة|التعليقات|أضف تعليق\w*|اترك تعليق\w*|رابط الخبر|"
    r"الرابط المختصر|تم النسخ|نسخ|إعلان|اعلانات|advertisement|ads?)\b.{0,80}$"
    r"|^(?:للتواصل|اتصل بنا|هاتف|ت|جوال|فاكس|البريد الإلكتروني|بريد إلكتروني|email|e-mail|tel|phone)\b\s*(?:مع|معنا|عبر|:|/).{0,160}$"
    r"|^يمكنكم (?:استلام|تسلم|متابعة|الاشتراك|تحميل)\b|^(?:حجم الخط|وقت القراءة|مدة القراءة|\d+ دقائق? قراءة)"
)
_SHARE_WORD: Final = (
    r"(?:فيسبوك|فيس بوك|تويتر|واتساب|واتس اب|تلغرام|تليجرام|تليغرام|انستغرام|انستجرام|يوتيوب|لينكدان|لينكد ان|بنترست|"
    r"ماسنجر|facebook|twitter|whatsapp|telegram|instagram|youtube|linkedin|pinterest|messenger|email|x|rss|طباعة|"
    r"ايميل|بريد|شارك|مشاركة|نسخ الرابط|sms)"
)
_SHARE_LINE: Final = _folded(rf"^{_SHARE_WORD}(?:[\s|•,،/·+\-]*{_SHARE_WORD})*$")
_CONTACT_LINE: Final = re.compile(
    r"^(?:[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}|(?:https?://|www\.)\S+|\+?[\d\s()\-]{7,20}|[@#]\w{2,40}(?:\s+[@#]\w{2,40})*)$"
)
_CREDIT_NAMES: Final = (
    r"getty|gettyimages|getty images|غيتي|جيتي|غيتي إيميجز|afp|ap|epa|reuters|رويترز|فرانس برس|أ ?ف ?ب|أ\.ف\.ب\.?|"
    r"أ ?ب|أسوشيتد برس|الأناضول|الاناضول|anadolu|د ?ب ?أ|سبوتنيك|شينخوا|أرشيف|أرشيفية|صورة أرشيفية|الأرشيف|"
    r"مواقع التواصل(?: الاجتماعي)?|تويتر|فيسبوك|إنترنت|انترنت|وكالات|social media|shutterstock|unsplash|istock"
)
_CAPTION: Final = _folded(
    rf"(?:\((?:{_CREDIT_NAMES}|[^()]{{0,30}}(?:getty|afp|getty images|فرانس برس|رويترز|الأناضول|غيتي))\)"
    rf"|\s[-–—/|]\s*(?:getty(?: images)?|afp|epa|reuters|shutterstock)|\sgetty images)$"
    r"|^(?:صورة|الصورة|صور|تصوير|مصدر الصورة|صدر الصورة|التعليق على الصورة|photo|credit)\s*(?:[:/|,،-]|أرشيفية|من الأرشيف)"
    r"|^(?:صورة|لقطة) (?:أرشيفية|تعبيرية|توضيحية)\b"
)
_BYLINE_LABEL: Final = _folded(
    r"^(?:بقلم|كتبت?|كتبه|كتبها|إعداد|تحرير|مراسل\w*|موفد\w*|حاوره|حاورته|محرر|المحرر|by)\s*[:/|–—-]\s*(?:\S+\s?){1,7}$"
    r"|^(?:تقرير|ترجمة|حوار|متابعة|خاص)\s*[:/|–—-]\s*(?:\S+\s?){1,3}$"
)
_BYLINE_BY: Final = _folded(r"^(?:بقلم|by)\s+\S")
_SOURCE_LABEL: Final = _folded(r"^(?:المصدر|مصدر الخبر|نقلا عن|source)\s*[:|/–-]\s*(?P<name>.{2,60})$")
_PUBLISHED_LABEL: Final = re.compile(r"نشر|publish|كتب|date|تاريخ")
#: What may stand beside a date on a date line.
_DATE_FILLER: Final = _folded(
    rf"(?:^|(?<=[\s,،|(\-–—/]))(?:{_WEEKDAYS}|يوم|تاريخ|النشر|نشر|نشرت|نشرها|نشره|في|فى|بتاريخ|آخر|تحديث|اخر|أخر|تم|التحديث|"
    r"الساعة|صباحا|مساء|ظهرا|فجرا|الموافق|لـ|ل|هـ|ه|م|ص|بتوقيت|غرينتش|جرينتش|مكة|مكة المكرمة|المكرمة|بغداد|القاهرة|"
    r"أبوظبي|gmt|utc|am|pm|ast|edt|est|sunday|monday|tuesday|wednesday|thursday|friday|saturday|sun|mon|tue|wed|thu|"
    r"fri|sat|published|updated|last|update|on|at|posted|date|منذ|دقيقة|نُشر|حدث|حُدث|عدل)(?=$|[\s,،|:)\-–—/.])"
)
_TIME: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[+-]\d{1,2}:?\d{0,2})?|[+-]\d{2}:?\d{2}\b")


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(
        re.escape(each).replace(r"\ ", " ")
        for each in sorted({*map(normalize, names)}, key=lambda n: (-len(n), n))
    )


_MONTH: Final = _alternatives(GREGORIAN_MONTHS)
_HIJRI_MONTH: Final = _alternatives(HIJRI_MONTHS)
#: Day, month by name (in one system or both: «تموز/يوليو», «كانون الثاني (يناير)»), year.
_DATE_BY_NAME: Final = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})[\s\-–/,،.]*(?P<month>{_MONTH})\.?"
    rf"(?:\s*[/\-–(]\s*(?P<month2>{_MONTH})\s*\)?)?[\s\-–/,،.]*(?P<year>\d{{4}})(?!\d)"
)
_DATE_MONTH_FIRST: Final = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})\s*[,،]?\s+(?P<year>\d{{4}})(?!\d)"
)
_DATE_ISO: Final = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s*(?P<s>[-/.])\s*(?P<month>\d{1,2})\s*(?P=s)\s*(?P<day>\d{1,2})(?!\d)"
)
_DATE_DMY: Final = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})\s*(?P<s>[-/.])\s*(?P<month>\d{1,2})\s*(?P=s)\s*(?P<year>\d{4})(?!\d)"
)
_DATE_HIJRI: Final = re.compile(rf"(?<!\d)\d{{1,2}}[\s\-/]*(?:{_HIJRI_MONTH})[\s\-/,،]*(?:\d{{4}}(?!\d))?")
_KNOWN: Final[dict[str, str]] = {
    normalize(alias): name
    for name, aliases in [*((each, (each,)) for each in OUTLETS), *AGENCIES.items()]
    for alias in aliases
}
_CITY_NAMES: Final = frozenset(map(normalize, _CITIES))
_WEEKDAY_NAMES: Final = frozenset(map(normalize, _WEEKDAYS.split("|")))
_AGENCY_NAMES: Final = frozenset(AGENCIES)

_QUOTED: Final = r"[\"“”«]\s*(?P<name>[^\"“”«»\n]{2,30}?)\s*[\"“”»]"
#: Wording by which an outlet speaks of itself. On 3,903 reports of 19 labelled outlets (2015, 2018) it names an
#: outlet in 164 (124 of them by the last pattern, of one site), and another than the label in one.
_FIRST_PARTY: Final = (
    _folded(rf"مصادر(?: \w+){{0,2}} خاصة (?:ب|ل)\s*{_QUOTED}"),
    _folded(rf"مصادر {_QUOTED}"),
    _folded(rf"\bو?علمت (?:صحيفة |قناة |وكالة )?{_QUOTED}"),
    _folded(rf"\b(?:مراسل|مراسلة|موفد|موفدة|مراسلا|مراسلو|مراسلي) (?:صحيفة |قناة |شبكة )?{_QUOTED}"),
    _folded(r"رابط الخبر (?:ب|من |في )(?:صحيفة|جريدة|موقع|وكالة) (?P<name>[^:\"«»\n]{2,30}?)\s*:"),
)
_DATELINE_BRACKETS: Final = _folded(
    r"^(?P<place>[^\d()\[\].:؛؟!\"«»“”\n]{2,60}?)\s*[-–—]?\s*[(\[]\s*(?P<name>[^()\[\]\n]{2,30}?)\s*[)\]]\s*[-–—:]+\s*(?=\S)"
)
#: What separates the parts of a dateline without brackets, and that dateline's longest form, in characters.
_DATELINE_BREAK: Final = re.compile(r"\s*(?:[-–—]{1,2}\s|:)\s*(?=\S)")
_DATELINE_MAX_CHARS: Final = 75
_PART_BREAK: Final = re.compile(r"\s*[-–—|/•·]+\s+|\s+[-–—|/•·]+\s*|\s*\|\s*|[،,]\s+")


# --- the whole ----------------------------------------------------------------------------------


def annotate(text: str, *, title: str | None = None) -> Metadata:
    """Return what ``text`` says about itself. ``title`` is a title known from elsewhere (a JSON field, a page's
    header): where the text begins with it, it is marked there. Never raises; linear in ``len(text)``.
    """
    lines = split_lines(text)
    kinds = line_kinds(lines)
    first = _title_line(lines, kinds, known=title)
    if first is not None:
        kinds[first] = "title"
    _mark_pull_quotes(lines, kinds)
    marks = [
        Mark(start=line.start, end=line.end, kind=kind)
        for line, kind in zip(lines, kinds, strict=True)
        if kind is not None
    ]
    body = [line for line, kind in zip(lines, kinds, strict=True) if kind is None]
    dateline = _dateline(body[0]) if body else None
    if dateline is not None:
        marks.append(dateline[1])
    marks.extend(_inline_links(body))
    return Metadata(
        title=title or (lines[first].text if first is not None else None),
        source=_line_outlet(lines, kinds) or (dateline[0] if dateline else None) or _first_party(body),
        published=_published(lines, kinds),
        marks=tuple(sorted(marks, key=lambda mark: mark.start)),
    )


def line_kinds(lines: Sequence[Line]) -> list[MarkKind | None]:
    """Return what each line is, titles and pull quotes aside; None for running text."""
    kinds = [
        _line_kind(line, first=index == 0, edge=index < HEAD_LINES or index >= len(lines) - TAIL_LINES)
        for index, line in enumerate(lines)
    ]
    _mark_related(lines, kinds)
    return kinds


def _line_kind(line: Line, *, first: bool, edge: bool) -> MarkKind | None:
    """Tell what kind of furniture a line is from its own words, and whether it stands at an edge of the report."""
    if len(line.text) > FURNITURE_MAX_CHARS:
        return None
    folded = line.folded
    if _is_date_line(folded):
        return "date"
    if not first and _RELATED.match(folded.lstrip("*-•|>.: \t")):
        return "related"
    if _SHARE_LINE.match(folded) or _CONTACT_LINE.match(folded) or _BOILERPLATE.search(folded):
        return "boilerplate"
    if _SOURCE_LABEL.match(folded):
        return "outlet"
    if _caption(line):
        return "caption"
    if edge and _is_byline(line):
        return "outlet" if _byline_outlet(folded) else "byline"
    return None


def is_headline(line: Line) -> bool:
    """Tell whether a line has the form of a headline: two words or more, short, not closed like a sentence."""
    return len(line.text) <= TITLE_MAX_CHARS and not line.ends_sentence and len(line.folded.split()) >= 2


def _title_line(lines: Sequence[Line], kinds: Sequence[MarkKind | None], *, known: str | None) -> int | None:
    """Return the index of the title among the first lines: a headline with running text below it."""
    wanted = " ".join(normalize(known).split()) if known else None
    for index, line in enumerate(lines[:HEAD_LINES]):
        if wanted is not None and line.folded == wanted:
            return index
        if kinds[index] is not None:
            continue
        if wanted is not None:
            return None
        below = (
            other for other, kind in zip(lines[index + 1 :], kinds[index + 1 :], strict=True) if kind is None
        )
        following = next(below, None)
        return (
            index
            if is_headline(line) and following is not None and _is_body(line, following, below)
            else None
        )
    return None


def _is_body(headline: Line, following: Line, below: Iterable[Line]) -> bool:
    """Tell whether running text follows: a paragraph, at once or after a sub-headline."""
    if following.is_paragraph or len(following.text) > 1.5 * len(headline.text):
        return True
    second = next(iter(below), None)
    return second is not None and second.is_paragraph


# --- furniture ----------------------------------------------------------------------------------


def _caption(line: Line) -> bool:
    match = _CAPTION.search(line.folded)
    if match is None:
        return False
    before = line.folded[: match.start()]
    if match.start() and (re.search(r"[.؟!]\s", before) or before.rstrip().endswith(".")):
        return False  # a paragraph that an agency signs
    return match.start() == 0 or len(before.split()) > 3 or not before.strip()


def _is_byline(line: Line) -> bool:
    folded = line.folded
    if len(line.text) > BYLINE_MAX_CHARS or len(folded.split()) > BYLINE_MAX_WORDS:
        return False
    if line.text[-1] in ".؟!":
        return False
    if _BYLINE_LABEL.match(folded):
        return True
    if _BYLINE_BY.match(folded) and len(folded.split()) <= 6:
        return True
    bare = folded.strip("()[] -–—:")
    if bare in _KNOWN or _DESKS.fullmatch(bare):
        return True
    parts = _parts(folded)
    if not 2 <= len(parts) <= 4 or any(len(part.split()) > 4 for part in parts):
        return False
    return any(_is_signature(part) for part in parts)


def _parts(folded: str) -> list[str]:
    return [part for part in (each.strip(" ()[]:") for each in _PART_BREAK.split(folded)) if part]


def _is_signature(part: str) -> bool:
    return (
        part in _KNOWN
        or part in _CITY_NAMES
        or _DESKS.fullmatch(part) is not None
        or _ROLES.fullmatch(part) is not None
        or _find_date(part) is not None
    )


def _byline_outlet(folded: str) -> str | None:
    """Return the outlet that a by-line names, if one does."""
    bare = folded.strip("()[] -–—:")
    if bare in _KNOWN:
        return _KNOWN[bare]
    parts = _parts(folded)
    known = [_KNOWN[part] for part in parts if part in _KNOWN and part not in _CITY_NAMES]
    if known:
        return known[0]
    others = [part for part in parts if not _is_signature(part)]
    if len(others) == 1 and any(_DESKS.fullmatch(part) for part in parts):
        return others[0]
    return None


def _mark_related(lines: Sequence[Line], kinds: list[MarkKind | None]) -> None:
    """Mark the headlines that a "read also" label without its own link introduces."""
    for index, line in enumerate(lines):
        if kinds[index] != "related":
            continue
        label = _RELATED.match(line.folded.lstrip("*-•|>.: \t"))
        if label is None or line.folded.lstrip("*-•|>.: \t")[label.end() :].strip(" :.…"):
            continue
        for below in range(index + 1, min(index + 1 + RELATED_MAX_LINES, len(lines))):
            if kinds[below] is not None or lines[below].is_paragraph:
                break
            kinds[below] = "related"


def _mark_pull_quotes(lines: Sequence[Line], kinds: list[MarkKind | None]) -> None:
    """Mark lines that repeat a sentence of the report: no final stop, a paragraph on each side, words all known.

    Such a line adds nothing, and as a fragment without its speaker it would be quoted wrongly.
    """
    free = [index for index, kind in enumerate(kinds) if kind is None]
    fragments = [
        index
        for before, index, after in zip(free, free[1:], free[2:], strict=False)
        if is_headline(lines[index])
        and lines[index].text[-1] not in "؟?!"
        and lines[before].is_paragraph
        and lines[after].is_paragraph
    ]
    if not fragments or len(fragments) > PULL_QUOTE_MAX_FRAGMENTS:
        return
    sentences = [
        frozenset(content_tokens(part))
        for index in free
        if lines[index].is_paragraph
        for part in re.split(r"(?<=[.؟!])\s+", lines[index].text)
        if tokenize(part)
    ]
    for index in fragments:
        tokens = set(content_tokens(lines[index].text))
        if len(tokens) >= PULL_QUOTE_MIN_TOKENS and any(
            len(tokens & sentence) >= PULL_QUOTE_SHARE * len(tokens) for sentence in sentences
        ):
            kinds[index] = "boilerplate"


def _inline_links(body: Iterable[Line]) -> list[Mark]:
    """Mark links that follow the last sentence on the same line."""
    marks = []
    for line in body:
        folded, origin = fold(line.text)
        match = _RELATED_INLINE.search(folded) if ":" in folded else None
        if match is not None:
            start, _ = span_in_source(line.text, origin, match.start("link"), match.end("link"))
            marks.append(Mark(start=line.start + start, end=line.end, kind="related"))
    return marks


# --- outlets ------------------------------------------------------------------------------------


def _line_outlet(lines: Sequence[Line], kinds: Sequence[MarkKind | None]) -> str | None:
    """Return the outlet of a by-line at the top, or of a source line or signature at the bottom."""
    count = len(lines)
    for index, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        if kind != "outlet" or HEAD_LINES <= index < count - TAIL_LINES:
            continue
        label = _SOURCE_LABEL.match(line.folded)
        name = _source_name(label["name"]) if label else _byline_outlet(line.folded)
        if name is not None:
            return _KNOWN.get(name) or _as_written(line.text, name)
    return None


def _source_name(folded: str) -> str | None:
    """Return the one name of a source line; None where it is only "agencies" or several outlets."""
    parts = [part.strip(' .()"«»“”') for part in re.split(r"\+|،|,|/| و(?=ال|وكال)|[-–—|]", folded)]
    names = [part for part in parts if part and not _ROLES.fullmatch(part)]
    if len(names) == 1 and len(names[0].split()) <= 4:
        return names[0]
    return None


def _as_written(text: str, folded_name: str) -> str:
    """Return the words of ``text`` whose folded form is ``folded_name``."""
    folded, origin = fold(text)
    at = re.search(r"\s+".join(map(re.escape, folded_name.split())), folded)
    if at is None:
        return folded_name
    start, end = span_in_source(text, origin, at.start(), at.end())
    return text[start:end]


def _dateline(line: Line) -> tuple[str | None, Mark] | None:
    """Return the outlet and the mark of a dateline that opens the first paragraph."""
    opening = _SPACED_TATWEEL.sub(lambda match: "-" * len(match[0]), line.text[:200])
    folded, origin = fold(opening)
    match = _DATELINE_BRACKETS.match(folded)
    name = (_KNOWN.get(match["name"]) or _bracketed_name(match["name"], match["place"])) if match else None
    if match is not None and name is not None:
        end = match.end()
        name = name if name in _KNOWN.values() else _as_written(opening, name)
    else:
        name, end = _dashed_name(folded)
    if name is None:
        return None
    return name, Mark(start=line.start, end=line.start + origin[end], kind="outlet")


def _dashed_name(folded: str) -> tuple[str | None, int]:
    """Return the outlet of «مدينة - وكالة - ...» and where the sentence begins: the longest run of known parts.

    Only the first part may be unknown (a reporter); one known part alone must be an agency («واس: ...»).
    """
    name: str | None = None
    end = start = 0
    for count, gap in enumerate(_DATELINE_BREAK.finditer(folded[: _DATELINE_MAX_CHARS + 1])):
        part = folded[start : gap.start()].strip(" ()[]")
        known = _KNOWN.get(part) if part not in _CITY_NAMES else None
        if len(part.split()) > 4 or (count and not _is_signature(part)):
            break
        name = name or known
        if name is not None and (count or name in _AGENCY_NAMES):
            end = gap.end()
        start = gap.end()
    return (name, end) if end else (None, 0)


def starts_with_dateline(line: Line) -> bool:
    """Tell whether a paragraph begins with a dateline that names an outlet («بغداد (رويترز) - »)."""
    return _dateline(line) is not None


def _bracketed_name(name: str, place: str) -> str | None:
    """Accept an unknown name in «مدينة (الاسم) -» only after a known city: days and offices stand there too."""
    first = re.split(r"[،,\-–—]", place)[0].strip()
    if first not in _CITY_NAMES or name in _WEEKDAY_NAMES or _ROLES.fullmatch(name) or len(name.split()) > 3:
        return None
    return name if re.fullmatch(r"[^\W\d]+(?: [^\W\d]+)*", name) else None


def _first_party(body: Sequence[Line]) -> str | None:
    """Return the name by which the outlet speaks of itself, if one name stands out."""
    found: Counter[str] = Counter()
    written: dict[str, str] = {}
    for line in body:
        if not re.search(r"[\"“”«:]", line.text):
            continue
        folded, origin = fold(line.text)
        for pattern in _FIRST_PARTY:
            for match in pattern.finditer(folded):
                name = match["name"].strip()
                if name in _KNOWN and _KNOWN[name] not in _AGENCY_NAMES:
                    found[name] += 1
                    start, end = span_in_source(line.text, origin, match.start("name"), match.end("name"))
                    written.setdefault(name, line.text[start:end].strip())
    ranked = found.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return written[ranked[0][0]]


# --- dates --------------------------------------------------------------------------------------


def _find_date(folded: str) -> tuple[str | None, str] | None:
    """Return ``(ISO date or None, the rest of the line)`` for the first date in folded text.

    None stands for a date that is a date but has no certain Gregorian day: Hijri ones (tables are a day off as
    often as not) and impossible ones.
    """
    rest = _TIME.sub(" ", re.sub(r"(?<=\d)t(?=\d{1,2}:)", " ", folded)) if ":" in folded else folded
    found: str | None = None
    seen = False
    for pattern in (_DATE_BY_NAME, _DATE_MONTH_FIRST, _DATE_ISO, _DATE_DMY):
        for match in list(pattern.finditer(rest)):
            iso = _iso(match)
            if iso is None and not _is_hijri_year(match["year"]):
                continue
            seen, found = True, found or iso
            rest = rest.replace(match[0], " ", 1)
    hijri = _DATE_HIJRI.sub(" ", rest)
    if hijri != rest:
        seen, rest = True, hijri
    return (found, rest) if seen else None


def _iso(match: re.Match[str]) -> str | None:
    year, day = int(match["year"]), int(match["day"])
    name = match["month"]
    month = int(name) if name.isdecimal() else GREGORIAN_MONTHS[name]
    second = match.groupdict().get("month2")
    if second is not None and GREGORIAN_MONTHS[second] != month:
        return None  # «تموز/حزيران»: not one month
    if month > 12 >= day and name.isdecimal():
        day, month = month, day  # 7/25/2021, the American way
    try:
        return date(year, month, day).isoformat() if YEARS[0] <= year <= YEARS[1] else None
    except ValueError:
        return None


def _is_hijri_year(digits: str) -> bool:
    return HIJRI_YEARS[0] <= int(digits) <= HIJRI_YEARS[1]


def _is_date_line(folded: str) -> bool:
    """Tell whether a line holds a date and nothing but what belongs to dates."""
    if len(folded) > 120 or not any(character.isdigit() for character in folded):
        return False
    found = _find_date(folded)
    if found is None:
        return False
    rest = found[1]
    for _ in range(2):  # twice, for fillers that touch share one separator
        rest = _DATE_FILLER.sub(" ", rest)
    return not re.search(r"\w", rest)


def is_date_line(line: Line) -> bool:
    """Tell whether a line is a date line («25-يوليو-2021», «الأحد 25 تموز/يوليو 2021 - 10:30»)."""
    return _is_date_line(line.folded)


def _published(lines: Sequence[Line], kinds: Sequence[MarkKind | None]) -> str | None:
    """Return the date of the date lines and by-lines at the top, then of those at the bottom."""
    count = len(lines)
    places = [*range(min(HEAD_LINES, count)), *range(max(HEAD_LINES, count - TAIL_LINES), count)]
    candidates: list[tuple[bool, int, str]] = []
    for rank, index in enumerate(places):
        if kinds[index] not in ("date", "byline", "outlet"):
            continue
        found = _find_date(lines[index].folded)
        if found is not None and found[0] is not None:
            labelled = _PUBLISHED_LABEL.search(lines[index].folded) is not None
            candidates.append((not labelled, rank, found[0]))
    return min(candidates)[2] if candidates else None


def parse_date(value: object) -> str | None:
    """Return the ISO form of a date given as metadata (ISO 8601, RFC 2822, seconds since 1970, or Arabic).

    A time is kept where one is given. None for anything else.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(value)
    text = " ".join(normalize(str(value)).split())
    if not text or len(text) > 120:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    else:
        exact = "t" in text or ":" in text
        return moment.isoformat() if exact else moment.date().isoformat()
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        found = _find_date(text)
        return found[0] if found else None


def _from_epoch(value: float) -> str | None:
    seconds = value / 1000 if value > 1e11 else value
    if not 0 < seconds < 4_102_444_800:  # 2100
        return None
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds")
