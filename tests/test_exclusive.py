"""What one outlet alone reports: found by content, cited exactly, the same for any order."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from summarizer.exclusive import find_exclusive
from summarizer.schema import Document

SHARED = "افتتحت وزيرة النقل ليلى الحسن يوم الأحد جسر الصفاء الذي يربط ضفتي النهر في العاصمة."
ALONE = "وأبحرت سفينة تجارية محملة بالقمح الكندي من ميناء بعيد نحو مدينة ساحلية صغيرة."
ONE = Document(id="d1", text=f"{SHARED} {ALONE}", source="الأولى")
OTHER = Document(id="d2", text=f"{SHARED} وقالت الوزيرة إن الجسر يربط ضفتي النهر.", source="الثانية")


def test_a_sentence_that_no_other_outlet_has_is_found_and_cited_exactly() -> None:
    (citation,) = find_exclusive([ONE, OTHER])
    assert citation.document_id == "d1"
    assert ONE.text[citation.start : citation.end] == ALONE


def test_one_outlet_has_nothing_alone() -> None:
    assert find_exclusive([ONE]) == ()
    assert find_exclusive([ONE, replace(OTHER, source="الأولى")]) == ()


def test_a_copy_is_no_outlet_and_lends_no_sentence() -> None:
    copy = replace(ONE, id="d3", source="الثالثة", duplicate_of="d1")
    assert find_exclusive([ONE, copy]) == ()
    (citation,) = find_exclusive([ONE, copy, OTHER])
    assert citation.document_id == "d1"


def test_what_two_outlets_have_is_nobodys_alone() -> None:
    third = Document(id="d3", text=f"{ALONE} {SHARED}", source="الثالثة")
    assert find_exclusive([ONE, OTHER, third]) == ()


def test_the_order_of_documents_changes_nothing() -> None:
    third = Document(
        id="d3", text="تراجعت أسعار النفط الخام عالمياً أمس بعد قرار مفاجئ للمنتجين الكبار.", source="الثالثة"
    )
    results = {find_exclusive(order) for order in permutations([ONE, OTHER, third])}
    assert len(results) == 1
    assert len(next(iter(results))) == 2


def test_an_outlet_has_at_most_so_many() -> None:
    assert find_exclusive([ONE, OTHER], most=0) == ()
