"""Title, outlet, date and furniture of reports: the founding five, and hard cases of each kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.metadata import annotate, is_date_line, parse_date, split_lines
from tests.conftest import EXAMPLES

LEAD = "أعلنت وزارة الخارجية في العاصمة عقد جولة جديدة من المحادثات بين البلدين في السابع من الشهر المقبل بحضور وفدين."
MORE = "وقال مسؤول إن الوفدين سيبحثان ملفات الأمن والتجارة والطاقة قبل أن يصدرا بيانا مشتركا في ختام اللقاء."


def marked(text: str) -> list[tuple[str, str]]:
    return [(mark.kind, text[mark.start : mark.end]) for mark in annotate(text).marks]


def example(number: int) -> str:
    (path,) = EXAMPLES.glob(f"{number:02}-*.txt")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("number", "title", "source", "published"),
    [
        (1, "قبل إتمام الانسحاب.. العراق يطالب أميركا بحوار استراتيجي", "العربية/الحدث", None),
        (2, "أميركا تحدد موعد جولة الحوار الاستراتيجي مع العراق", None, None),
        (3, "العراق والولايات المتحدة يستأنفان جولة جديدة من الحوار الاستراتيجي", None, None),
        (4, None, None, None),
        (5, None, "الترا عراق", "2021-07-25"),
    ],
)
def test_the_five_reports(number: int, title: str | None, source: str | None, published: str | None) -> None:
    found = annotate(example(number))
    assert (found.title, found.source, found.published) == (title, source, published)


def test_the_furniture_of_the_fifth_report() -> None:
    assert [(kind, words[:25]) for kind, words in marked(example(5))] == [
        ("date", "25-يوليو-2021"),
        ("caption", "يرجح أن تشهد الجولة تحديد"),
        ("outlet", "الترا عراق - فريق التحرير"),
        ("boilerplate", "أكّد الكاظمي أنّ العراق ل"),
        ("related", "اقرأ/ي أيضًا:\u00a0الحوار الاس"[:25]),
        ("related", "اقرأ/ي أيضًا:"),
        ("related", "تضمن 6 فقرات.. الخارجية ا"),
        ("related", "أهداف متشابكة.. هل يُصلح "),
    ]


@pytest.mark.parametrize(
    ("line", "iso"),
    [
        ("25-يوليو-2021", "2021-07-25"),
        ("٢٥ تموز ٢٠٢١", "2021-07-25"),
        ("۲۵ تموز ۲۰۲۱", "2021-07-25"),
        ("الأحد 25 تموز/يوليو 2021", "2021-07-25"),
        ("الأحد، ٢٥ يوليو/تموز ٢٠٢١ - ١٠:٣٠ بتوقيت غرينتش", "2021-07-25"),
        ("نشر في: 2021/07/25", "2021-07-25"),
        ("2021-07-25T10:30:00+03:00", "2021-07-25"),
        ("25-7-2021", "2021-07-25"),
        ("7/25/2021", "2021-07-25"),
        ("25.07.2021", "2021-07-25"),
        ("July 25, 2021", "2021-07-25"),
        ("5 كانون الثاني / يناير 2020", "2020-01-05"),
        ("5 كانون الثاني (يناير) 2020", "2020-01-05"),
        ("12 جوان 2021", "2021-06-12"),
        ("الأحد 15 ذو الحجة 1442 هـ - 25 يوليو 2021 م", "2021-07-25"),
        ("\u200f25 يوليـــو 2021\u200e", "2021-07-25"),
        ("15 ذو الحجة 1442 هـ", None),  # a table would be a day off
        ("15/12/1442", None),
    ],
)
def test_date_lines(line: str, iso: str | None) -> None:
    text = f"{line}\n\n{LEAD}\n{MORE}\n"
    assert is_date_line(split_lines(line)[0])
    assert annotate(text).published == iso
    assert marked(text)[0][0] == "date"


@pytest.mark.parametrize(
    "line",
    [
        "في 25 يوليو 2021 وصل الوفد إلى بغداد",
        "31 شباط 2021",
        "25 تموز/حزيران 2021",
        "99/99/2021",
        "2021",
        "25 يوليو",
        "بعد 25 يوليو 2021",
    ],
)
def test_lines_that_are_no_date_lines(line: str) -> None:
    assert not is_date_line(split_lines(line)[0])
    assert annotate(f"{line}\n\n{LEAD}\n{MORE}").published is None


def test_dates_in_sentences_are_not_the_reports_date() -> None:
    assert annotate(f"عنوان الخبر هنا\n{LEAD}\nواغتيل القائد في 3 يناير 2020 قرب المطار.").published is None


def test_the_publication_date_goes_before_the_update() -> None:
    text = f"آخر تحديث: 27 يوليو 2021\nنشر في: 25 يوليو 2021\n{LEAD}\n{MORE}"
    assert annotate(text).published == "2021-07-25"


def test_a_date_in_a_by_line_and_at_the_end() -> None:
    assert (
        annotate(f"عنوان الخبر هنا\nكتب: أحمد علي - 25 يوليو 2021\n{LEAD}\n{MORE}").published == "2021-07-25"
    )
    assert annotate(f"{LEAD}\n{MORE}\n" * 6 + "25 يوليو 2021").published == "2021-07-25"


@pytest.mark.parametrize(
    ("opening", "outlet", "dateline"),
    [
        ("بغداد (رويترز) - ", "رويترز", "بغداد (رويترز) - "),
        ("القاهرة – أ ف ب – ", "فرانس برس", "القاهرة – أ ف ب – "),
        ("القاهرة ـ أ.ف.ب: ", "فرانس برس", "القاهرة ـ أ.ف.ب: "),
        ("الرياض: ", None, None),
        ("دبي، الإمارات العربية المتحدة (CNN)-- ", "cnn", "دبي، الإمارات العربية المتحدة (CNN)-- "),
        ("سبق- الرياض: ", "سبق", "سبق- الرياض: "),
        ("ماجد الرفاعي- سبق- جدة: ", "سبق", "ماجد الرفاعي- سبق- جدة: "),
        ("واس- الرياض: ", "واس", "واس- الرياض: "),
        ("خاص - الترا عراق: ", "الترا عراق", "خاص - الترا عراق: "),
        ("دمشق (صوت العاصمة) - ", "صوت العاصمة", "دمشق (صوت العاصمة) - "),
        ("بغداد (الاثنين) - ", None, None),
        ("بغداد (وكالات) - ", None, None),
        ("بغداد: ", None, None),
        ("الرئيس: ", None, None),
    ],
)
def test_datelines(opening: str, outlet: str | None, dateline: str | None) -> None:
    text = f"{opening}{LEAD}\n{MORE}"
    assert annotate(text).source == outlet
    assert [words for kind, words in marked(text) if kind == "outlet"] == ([dateline] if dateline else [])


@pytest.mark.parametrize(
    ("line", "kind", "outlet"),
    [
        ("الترا عراق - فريق التحرير", "outlet", "الترا عراق"),
        ("صحيفة الضفة | هيئة التحرير", "outlet", "صحيفة الضفة"),
        ("رويترز", "outlet", "رويترز"),
        ("سلوى سعد – متابعات", "byline", None),
        ("عين اليوم – أنقرة", "outlet", "عين اليوم"),
        ("بقلم: أحمد علي", "byline", None),
        ("كتبت - سلوى سعد", "byline", None),
        ("بقلم أحمد علي", "byline", None),
    ],
)
def test_by_lines(line: str, kind: str, outlet: str | None) -> None:
    text = f"عنوان الخبر هنا\n{line}\n{LEAD}\n{MORE}"
    assert (kind, line) in marked(text)
    assert annotate(text).source == outlet
    assert annotate(text).title == "عنوان الخبر هنا"


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("المصدر: رويترز", "رويترز"),
        ("المصدر : الجزيرة + وكالات", "الجزيرة"),
        ("المصدر: صحيفة الضفة", "صحيفة الضفة"),
        ("المصدر: وكالات", None),
        ("المصدر: رويترز، فرانس برس", None),
    ],
)
def test_source_lines(line: str, outlet: str | None) -> None:
    text = f"{LEAD}\n{MORE}\n{line}"
    assert annotate(text).source == outlet
    assert marked(text)[-1] == ("outlet", line)


@pytest.mark.parametrize(
    ("sentence", "outlet"),
    [
        ('وأفادت مصادر خاصة بـ"العربية/الحدث" في واشنطن بذلك.', "العربية/الحدث"),
        ("وعلمت «الشرق الأوسط» أن الوفد وصل إلى المدينة.", "الشرق الأوسط"),
        ('وقال مراسل "الجزيرة" إن القصف توقف.', "الجزيرة"),
        ("انتهى البيان. رابط الخبر بصحيفة الوئام: عنوان الخبر", "الوئام"),
        ("وذكرت وكالة أسوشيتد برس أن المحادثات بدأت.", None),
        ('ونقلت صحيفة "نيويورك تايمز" عن مسؤولين قولهم ذلك.', None),
        ('وأوضح في تصريح لـ "أسوشيتد برس" أن الموعد تغير.', None),
        ('وقال مراسل "رويترز" إن القصف توقف.', None),
        ('قالت مصادر "الجزيرة" ومصادر "العربية" إن القصف توقف.', None),
    ],
)
def test_first_party_wording(sentence: str, outlet: str | None) -> None:
    assert annotate(f"{LEAD}\n{MORE}\n{sentence}").source == outlet


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("اقرأ أيضاً: العراق يطلب جولة جديدة", "related"),
        ("إقرأ المزيد", "related"),
        ("شاهد أيضا: فيديو الاجتماع", "related"),
        ("للمزيد: أسباب الأزمة بين البلدين؟", "related"),
        ("مواضيع ذات صلة", "related"),
        ("قد يهمك أيضا", "related"),
        ("جميع الحقوق محفوظة © 2021", "boilerplate"),
        ("تابعونا على صفحتنا في فيسبوك", "boilerplate"),
        ("فيسبوك | تويتر | واتساب", "boilerplate"),
        ("شارك الخبر", "boilerplate"),
        ("الكلمات المفتاحية: العراق، واشنطن", "boilerplate"),
        ("انتهى/ م ن", "boilerplate"),
        ("(انتهى)", "boilerplate"),
        ("news@example.com", "boilerplate"),
        ("+964 770 123 4567", "boilerplate"),
        ("https://example.com/news", "boilerplate"),
        ("هاتف: 07701234567", "boilerplate"),
        ("جنود خلال تدريب في قاعدة عسكرية شمال البلاد (أ ف ب)", "caption"),
        ("جنود خلال تدريب في قاعدة عسكرية شمال البلاد (Getty Images)", "caption"),
        ("صورة أرشيفية لمبنى الوزارة", "caption"),
        ("تصوير: أحمد علي", "caption"),
    ],
)
def test_furniture(line: str, kind: str) -> None:
    text = f"عنوان الخبر هنا\n{LEAD}\n\n{line}\n\n{MORE}"
    assert (kind, line) in marked(text)


@pytest.mark.parametrize(
    "line",
    [
        "شاهد عيان قال إن القصف استمر ساعات طويلة في محيط المدينة.",
        "وانتهى الاجتماع من دون اتفاق على جدول زمني للانسحاب.",
        "تابع الرئيس سير العمل في المشروع خلال زيارته أمس.",
        "وقال شهود إن القصف توقف. وأكد الجيش ذلك في بيان رسمي (رويترز)",
        "المصدر الذي تحدث إلى الصحيفة رفض كشف هويته لحساسية الملف.",
    ],
)
def test_news_is_not_furniture(line: str) -> None:
    text = f"عنوان الخبر هنا\n{LEAD}\n{line}\n{MORE}"
    assert [kind for kind, _ in marked(text)] == ["title"]


def test_a_link_after_the_last_sentence_is_marked_from_its_first_word() -> None:
    text = f"{LEAD}\n{MORE} اقرأ أيضًا: العراق يطلب جولة جديدة"
    assert marked(text) == [("related", "اقرأ أيضًا: العراق يطلب جولة جديدة")]


def test_related_headlines_end_where_text_begins_again() -> None:
    text = f"{LEAD}\nاقرأ أيضا\nبغداد تطلب جولة جديدة\nواشنطن ترد على الطلب\n{MORE}"
    assert [kind for kind, _ in marked(text)] == ["related"] * 3


def test_a_pull_quote_is_marked_and_a_sub_heading_is_not() -> None:
    quote = "الوفدين سيبحثان ملفات الأمن والتجارة والطاقة"
    heading = "مواقف القوى السياسية المحلية"
    text = f"{LEAD}\n\n{quote}\n\n{MORE}\n\n{heading}\n\n{LEAD}"
    assert marked(text) == [("boilerplate", quote)]


@pytest.mark.parametrize(
    "text", [LEAD, f"{LEAD}\n{MORE}", "عنوان بلا نص تحته", "كلمة\n" + LEAD, "", "\n\n", "…"]
)
def test_no_title_is_better_than_a_wrong_one(text: str) -> None:
    assert annotate(text).title is None


def test_a_known_title_is_marked_where_it_stands() -> None:
    assert marked(f"عنوان الخبر.\n\n{LEAD}") == []
    found = annotate(f"عنوان الخبر.\n\n{LEAD}", title="عنوان الخبر.")
    assert [(mark.kind, mark.start, mark.end) for mark in found.marks] == [("title", 0, 12)]
    assert annotate(LEAD, title="غير موجود").title == "غير موجود"


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2021-07-25", "2021-07-25"),
        ("2021-07-25T10:00:00Z", "2021-07-25T10:00:00+00:00"),
        ("2021-07-25 10:00:00", "2021-07-25T10:00:00"),
        ("Sun, 18 Feb 2018 15:38:57 GMT", "2018-02-18T15:38:57+00:00"),
        ("٢٥ تموز ٢٠٢١", "2021-07-25"),
        (1627207200, "2021-07-25T10:00:00+00:00"),
        (1627207200000, "2021-07-25T10:00:00+00:00"),
        (-5, None), (10**20, None), (True, None), (None, None), ("", None), ("أمس", None), ("x" * 200, None),
        ({"a": 1}, None), (float("nan"), None), (float("inf"), None),
    ],
)  # fmt: skip
def test_dates_given_as_metadata(value: object, iso: str | None) -> None:
    assert parse_date(value) == iso


PIECES = st.sampled_from(
    [LEAD, MORE, "عنوان الخبر هنا", "25-يوليو-2021", "اقرأ أيضا:", "بغداد (رويترز) - ", "\n", "\n\n", "\u200f", "ـ", "(Getty)",
     "المصدر: ", "الترا عراق - فريق التحرير", "٢٣/٠٣/٢٠٢١", "«", "»", '"', "\u2028", "\x85", "ﻻ", "مصادر "]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25).map("".join)))
def test_any_text_gives_sorted_disjoint_marks_inside_it(text: str) -> None:
    end = 0
    for mark in annotate(text).marks:
        assert end <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end].strip()
        end = mark.end


@given(st.text())
def test_lines_have_exact_offsets(text: str) -> None:
    for line in split_lines(text):
        assert text[line.start : line.end] == line.text


@given(st.one_of(st.text(), st.integers(), st.floats()))
def test_any_value_is_a_date_or_none(value: object) -> None:
    parsed = parse_date(value)
    assert parsed is None or parsed[4] == "-"
