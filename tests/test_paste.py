"""Where pasted articles are taken apart, and where they are left together."""

from __future__ import annotations

import itertools
import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.paste import split_articles
from tests.conftest import EXAMPLES

REPORTS = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.txt"))]
A = (
    "أعلنت وزارة الخارجية في العاصمة عقد جولة جديدة من المحادثات بين البلدين في السابع من الشهر المقبل بحضور وفدين.\n\n"
    "وقال مسؤول إن الوفدين سيبحثان ملفات الأمن والتجارة والطاقة قبل أن يصدرا بيانا مشتركا في ختام اللقاء بينهما."
    " وأضاف أن الجولة ستعقد في مبنى الوزارة بحضور خبراء من الجانبين."
)
B = (
    "افتتح وزير التربية مدرسة جديدة في جنوب المدينة تتسع لنحو خمسمئة طالب وطالبة من أبناء القرى المجاورة.\n\n"
    "وأوضح الوزير أن المدرسة تضم مختبرات وملاعب ومكتبة، وأن العمل فيها استغرق عاما كاملا قبل افتتاحها اليوم."
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in split_articles(text)]


@pytest.mark.parametrize("separator", ["\n\n", "\n\n\n", "\n\n\n\n", "\n---\n", "\n\n=====\n\n", "\n***\n"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_the_five_reports_in_any_order(order: tuple[int, ...], separator: str) -> None:
    text = separator.join(REPORTS[number] for number in order)
    assert parts(text) == [REPORTS[number].strip() for number in order]


@pytest.mark.parametrize("report", REPORTS)
def test_one_report_stays_whole(report: str) -> None:
    assert parts(report) == [report.strip()]


@pytest.mark.parametrize("rule", ["---", "-----", "===", "***", "  ---  ", "\u200f---"])
def test_separators(rule: str) -> None:
    assert parts(f"{A}\n{rule}\n{B}") == [A, B]
    assert parts(f"{rule}\n{A}\n{rule}\n{rule}\n{B}\n{rule}\n") == [A, B]


@pytest.mark.parametrize("rule", ["--", "- - -", "-=-", "--- x", "—"])
def test_what_is_no_separator(rule: str) -> None:
    assert len(parts(f"{A}\n{rule}\n{A}")) == 1


def test_a_separator_stops_the_guessing() -> None:
    text = f"{A}\n\nوزير التربية يفتتح مدرسة جديدة للطلاب\n\n{B}"
    assert len(parts(text)) == 2
    assert len(parts(f"{text}\n---\n{A}")) == 2


def test_a_rule_above_furniture_makes_no_article() -> None:
    assert parts(f"{A}\n---\nتابعونا على صفحتنا في فيسبوك") == [f"{A}\n---\nتابعونا على صفحتنا في فيسبوك"]


@pytest.mark.parametrize(
    "head",
    [
        "وزير التربية يفتتح مدرسة جديدة للطلاب\n\n",
        "وزير التربية يفتتح مدرسة جديدة للطلاب\n",
        "25 يوليو 2021\n\nوزير التربية يفتتح مدرسة جديدة\n\n",
        "الترا عراق - فريق التحرير\n\n",
        "٢٥/٧/٢٠٢١\n",
        "بغداد (رويترز) - ",
    ],
)
def test_signs_of_a_new_article(head: str) -> None:
    assert parts(f"{A}\n\n{head}{B}") == [A, f"{head}{B}"]


@pytest.mark.parametrize(
    "inside",
    [
        "ملفات الأمن والتجارة والطاقة بين الوفدين\n\nوقال الوزير إن الوفدين سيبحثان ملفات الأمن والتجارة والطاقة في الجولة.",
        "المدرسة الجديدة\n\nافتتح وزير التربية مدرسة جديدة في جنوب المدينة تتسع لنحو خمسمئة طالب وطالبة من القرى.",
        "ماذا قال وزير التربية عن المدرسة الجديدة؟\n\nقال وزير التربية إن مدرسة جديدة تتسع لنحو خمسمئة طالب من القرى.",
        "اقرأ أيضا: وزير التربية يفتتح مدرسة جديدة للطلاب\n\nافتتح وزير التربية مدرسة جديدة في جنوب المدينة لأبناء القرى.",
        "جنود خلال تدريب في قاعدة شمال البلاد (أ ف ب)\n\nافتتح وزير التربية مدرسة جديدة في جنوب المدينة لأبناء القرى هناك.",
        "عنوان لا صلة له بما يليه أبدا\n\nافتتح وزير التربية مدرسة جديدة في جنوب المدينة لأبناء القرى المجاورة والبعيدة.",
        "من جهته، افتتح وزير التربية مدرسة جديدة في جنوب المدينة تتسع لنحو خمسمئة طالب وطالبة من أبناء القرى.",
    ],
)
def test_what_stands_inside_articles(inside: str) -> None:
    assert len(parts(f"{A}\n\n{inside}")) == 1


@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from([A, B, "\n\n", "\n---\n", "عنوان من خمس كلمات هنا", "25 يوليو 2021", "…"])
        ).map("\n".join),
    )
)
def test_articles_are_disjoint_and_lose_nothing_but_space_and_separators(text: str) -> None:
    position = 0
    for start, end in split_articles(text):
        assert position <= start < end <= len(text)
        assert set(text[position:start]) <= set("-=* \t\u200e\u200f") | {c for c in text if c.isspace()}
        assert text[start:end] == text[start:end].strip()
        position = end
    assert (
        not text[position:].strip("-=* \t\n\u200e\u200f\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u2028\u2029\u00a0")
        or text[position:].isspace()
    )


def test_single_articles_of_the_corpora_are_rarely_cut(corpora: Path) -> None:
    file = corpora / "sum" / "saudinewsnet_july.jsonl.xz"
    if not file.exists():
        pytest.skip(f"{file.name} is not among the corpora")
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in itertools.islice(lines, 0, 2000, 10)]
    texts = [f"{record['title']}\n\n{record['document']}" for record in records]
    assert sum(len(parts(text)) > 1 for text in texts) <= 0.03 * len(texts)
