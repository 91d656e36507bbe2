"""``summarizer.segment``: hard cases as data, invariants on any Unicode, marks and paragraphs, linear cost."""

from __future__ import annotations

import itertools
import json
import lzma
import os
import re
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from summarizer import segment as module
from summarizer.schema import Document, Mark
from summarizer.segment import HARD_LIMIT, LONG_SENTENCE, segment, split_spans

ROOT = Path(__file__).resolve().parent.parent
REPORTS = sorted((ROOT / "examples" / "iraq-us-dialogue").glob("*.txt"))
CASES = [
    pytest.param(case["text"], id=f"{group['group']}: {case['id']}")
    for group in yaml.safe_load((Path(__file__).parent / "data" / "segment_cases.yaml").read_text("utf-8"))
    for case in group["cases"]
]


def sentences_of(text: str) -> list[str]:
    return [text[start:end] for start, end in split_spans(text)]


def read_case(marked: str) -> tuple[str, list[str]]:
    """Return the raw text and the sentences that a case expects."""
    raw = re.sub("[‖⟦⟧]", "", marked)
    parts = [part.strip() for part in re.sub("⟦[^⟧]*⟧", "", marked).split("‖")]
    return raw, [part for part in parts if part]


def check_invariants(text: str, spans: list[tuple[int, int]]) -> None:
    """Everything that ``split_spans`` promises of any string."""
    previous = 0
    outside = []
    for start, end in spans:
        assert previous <= start < end <= len(text)
        sentence = text[start:end]
        assert sentence == sentence.strip()
        assert any(character.isalnum() for character in sentence)
        outside.append(text[previous:start])
        previous = end
    outside.append(text[previous:])
    for junk in outside:
        kept = [c for c in junk if c.isalnum() and c != "ـ" and re.match(r"\w", c)]
        assert not kept, f"a letter or digit is in no sentence: {junk!r}"
    for (_, end), (start, _) in itertools.pairwise(spans):
        if end == start:
            letters = re.match(r"[^\W_]", text[end - 1]) and re.match(r"[^\W_]", text[start])
            assert not letters, f"a word is cut: {text[end - 5 : end]!r} {text[start : start + 5]!r}"


# --- the cases ------------------------------------------------------------------------------------


def test_there_are_many_cases_and_each_is_named_once() -> None:
    assert len(CASES) >= 170
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("marked", CASES)
def test_case(marked: str) -> None:
    raw, expected = read_case(marked)
    assert sentences_of(raw) == expected
    check_invariants(raw, split_spans(raw))


@pytest.mark.parametrize("marked", CASES)
def test_case_as_a_paragraph_of_a_report(marked: str) -> None:
    """A blank line isolates: what stands in other paragraphs changes nothing."""
    raw, expected = read_case(marked)
    framed = f"عنوان التقرير\n\n{raw}\n\nانتهى النص."
    if "\n" not in raw:
        assert sentences_of(framed) == ["عنوان التقرير", *expected, "انتهى النص."]


# --- quotations and long text: too long to write out as data --------------------------------------


def quotation(length: int) -> str:
    sentence = "نريد أن نعود إلى بيوتنا في المدينة القديمة. "
    return "وقال الشيخ: «" + (sentence * (length // len(sentence) + 1)).strip() + "». وانصرف الناس."


def test_a_short_quotation_stays_whole() -> None:
    assert len(sentences_of(quotation(200))) == 2


def test_a_long_quotation_is_split_at_its_own_stops_and_the_first_part_keeps_the_speaker() -> None:
    sentences = sentences_of(quotation(2 * LONG_SENTENCE))
    assert len(sentences) > 10
    assert sentences[0] == "وقال الشيخ: «نريد أن نعود إلى بيوتنا في المدينة القديمة."
    assert sentences[-1] == "وانصرف الناس."
    assert sentences[-2].endswith("القديمة.».")


@pytest.mark.parametrize("sign", ["؛", ".."])
def test_a_long_sentence_ends_at_a_weak_sign_unless_what_follows_depends_on_it(sign: str) -> None:
    clause = "يعمل المهندسون في الحقل ليلا ونهارا، " * (LONG_SENTENCE // 36 + 1)
    assert len(sentences_of(f"{clause}بلا توقف{sign} العمال يشكون التعب.")) == 2
    assert len(sentences_of(f"{clause}بلا توقف{sign} لأن الموعد قريب.")) == 1
    assert len(sentences_of(f"{clause}بلا توقف{sign} لتسليم الحقل.")) == 1
    assert len(sentences_of(f"{clause}بلا توقف{sign} مهددين بالفصل.")) == 2
    assert len(sentences_of(f"{clause}بلا توقف{sign} «العمال» يشكون.")) == 1  # no word to look up


@pytest.mark.parametrize("filler", ["كلمة ", "كلمة، وكلمة ", "كلمة\u00a0"])
def test_text_without_stops_is_cut_between_words(filler: str) -> None:
    text = filler * 2000
    spans = split_spans(text)
    check_invariants(text, spans)
    assert len(spans) > 1
    assert max(end - start for start, end in spans) <= HARD_LIMIT
    words = {word for sentence in sentences_of(text) for word in re.findall(r"\w+", sentence)}
    assert words == set(re.findall(r"\w+", text))


def test_forced_cuts_prefer_a_comma() -> None:
    text = "كلمة " * 200 + "هنا، " + "كلمة " * 200
    assert sentences_of(text)[0].endswith("هنا")


def test_one_endless_word_is_never_cut() -> None:
    word = "ق" * (3 * HARD_LIMIT)
    assert sentences_of(word) == [word]
    assert sentences_of(f"{word} نص") == [word, "نص"]


# --- the five reports -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_reports_keep_every_word_and_offset(path: Path) -> None:
    text = path.read_text("utf-8")
    spans = split_spans(text)
    check_invariants(text, spans)
    assert len(spans) >= 9
    assert all(text[end - 1] in ".؟:" or "\n" in text[end : end + 3] for _, end in spans[:-1])


def test_reports_joined_with_stop_and_comma_come_apart() -> None:
    text = REPORTS[0].read_text("utf-8")
    sentences = sentences_of(text)
    assert len(sentences) == text.count(".,") + 2  # the headline and the last sentence
    assert sentences[0] == "قبل إتمام الانسحاب.. العراق يطالب أميركا بحوار استراتيجي"
    assert not any(sentence.startswith((",", "،")) or sentence.endswith(",") for sentence in sentences)


def test_reports_quotation_of_two_sentences_stays_with_its_speaker() -> None:
    sentences = sentences_of(REPORTS[4].read_text("utf-8"))
    (said,) = [sentence for sentence in sentences if sentence.startswith("وأضاف الكاظمي")]
    assert "والتدريب. وسوف نطلب" in said
    assert said.endswith('قدراتنا".')


# --- documents ------------------------------------------------------------------------------------


def make_document(text: str, *marks: tuple[str, str]) -> Document:
    found = [
        Mark(start=text.index(part), end=text.index(part) + len(part), kind=kind)  # type: ignore[arg-type]
        for kind, part in marks
    ]
    return Document(id="d1", text=text, marks=tuple(found))


def test_segment_fills_every_field() -> None:
    text = "بغداد تطلب الحوار\n\n(رويترز)\n\nوصل الوفد. وبدأ اللقاء.\nثم غادر.\n"
    document = make_document(text, ("title", "بغداد تطلب الحوار"), ("caption", "(رويترز)"))
    sentences = segment(document)
    assert [(s.text, s.kind, s.paragraph, s.index) for s in sentences] == [
        ("بغداد تطلب الحوار", "title", 0, 0),
        ("(رويترز)", "boilerplate", 1, 1),
        ("وصل الوفد.", "body", 2, 2),
        ("وبدأ اللقاء.", "body", 2, 3),
        ("ثم غادر.", "body", 3, 4),
    ]
    assert all(s.text == text[s.start : s.end] and s.document_id == "d1" for s in sentences)


def test_segment_never_straddles_a_mark() -> None:
    text = "عنوان بلا نقطة نص التقرير يتبع العنوان في سطر واحد تصوير: علي"
    document = make_document(text, ("title", "عنوان بلا نقطة"), ("caption", "تصوير: علي"))
    assert [(s.text, s.kind, s.paragraph) for s in segment(document)] == [
        ("عنوان بلا نقطة", "title", 0),
        ("نص التقرير يتبع العنوان في سطر واحد", "body", 0),
        ("تصوير: علي", "boilerplate", 0),
    ]


def test_segment_keeps_marks_of_one_kind_apart() -> None:
    document = make_document(
        "العنوان الأول العنوان الثاني", ("title", "العنوان الأول"), ("title", " العنوان الثاني")
    )
    assert [s.text for s in segment(document)] == ["العنوان الأول", "العنوان الثاني"]


@pytest.mark.parametrize("kind", ["date", "outlet", "byline", "caption", "related", "boilerplate"])
def test_segment_calls_every_other_mark_boilerplate(kind: str) -> None:
    (sentence,) = segment(make_document("اقرأ أيضا", (kind, "اقرأ أيضا")))
    assert sentence.kind == "boilerplate"


def test_segment_prefers_boilerplate_where_marks_overlap() -> None:
    text = "العنوان الكبير"
    marks = (Mark(start=0, end=14, kind="title"), Mark(start=8, end=14, kind="related"))
    sentences = segment(Document(id="d", text=text, marks=marks))
    assert [(s.text, s.kind) for s in sentences] == [("العنوان", "title"), ("الكبير", "boilerplate")]


def test_segment_clips_marks_beyond_the_text_and_ignores_empty_ones() -> None:
    marks = (
        Mark(start=-5, end=3, kind="title"),
        Mark(start=4, end=99, kind="caption"),
        Mark(start=2, end=2, kind="related"),
    )
    sentences = segment(Document(id="d", text="بعد ظهر", marks=marks))
    assert [(s.text, s.kind) for s in sentences] == [("بعد", "title"), ("ظهر", "boilerplate")]


def test_segment_counts_a_wrapped_block_as_one_paragraph() -> None:
    case = next(case for case in CASES if case.id == "lines and paragraphs: wrap-two-paragraphs")
    raw, expected = read_case(str(case.values[0]))
    sentences = segment(Document(id="d", text=raw))
    assert [s.text for s in sentences] == expected
    assert [s.paragraph for s in sentences] == [0, 0, 0, 1]


def test_segment_skips_paragraphs_without_a_sentence() -> None:
    sentences = segment(Document(id="d", text="***\nوصل الوفد.\n---\n\nغادر الوفد."))
    assert [(s.text, s.paragraph) for s in sentences] == [("وصل الوفد.", 0), ("غادر الوفد.", 1)]


def test_segment_of_nothing() -> None:
    assert segment(Document(id="d", text="")) == ()
    assert segment(Document(id="d", text=" \n ", marks=(Mark(start=0, end=3, kind="title"),))) == ()


# --- hard-wrapped text ----------------------------------------------------------------------------


def wrap(text: str, width: int) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


@pytest.mark.parametrize("width", [60, 72, 78, 100])
def test_wrapping_does_not_change_the_sentences(width: int) -> None:
    for block in REPORTS[2].read_text("utf-8").splitlines()[1:]:
        wrapped = wrap(block, width)
        if wrapped.count("\n") >= 6:
            unwrapped = [" ".join(sentence.split()) for sentence in sentences_of(wrapped)]
            assert unwrapped == [" ".join(sentence.split()) for sentence in sentences_of(block)]


# --- invariants on any Unicode --------------------------------------------------------------------

#: Characters that the rules look at, so that random text meets them often.
SIGNS = list(".,،؛;:!?؟…۔«»“”\"'()[]{}-–—•*/ـ_@#0129٠٩۱٫٬٪ \n\r\t\u00a0\u2028\u200f\u200c\u202b\ufe0f😀ًَّ")
WORDS = ["قال", "وقال", "د", "م", "أ", "هـ", "ق", "في", "لأن", "العراق", "نت", "كيه", "إلخ", "U", "Inc", "no", "The", "www.", "http://", "المجموعة"]  # fmt: skip
NEWSLIKE = st.lists(st.sampled_from(SIGNS + WORDS), max_size=60).map("".join)


@given(st.one_of(NEWSLIKE, st.text(max_size=200)))
@example("a\u0301.\u0301b")
@example("\U0001f3fd.\ufe0f")
@example("أ.\u0651ب")
@settings(max_examples=600, deadline=None)
def test_any_text_gives_clean_spans(text: str) -> None:
    spans = split_spans(text)
    check_invariants(text, spans)
    assert spans == split_spans(text)


@given(NEWSLIKE, st.lists(st.tuples(st.integers(-5, 80), st.integers(-5, 80), st.booleans()), max_size=5))
@settings(max_examples=400, deadline=None)
def test_any_document_gives_sentences_that_respect_marks(text: str, raw: list[tuple[int, int, bool]]) -> None:
    marks = tuple(Mark(start=a, end=b, kind="title" if title else "related") for a, b, title in raw)
    document = Document(id="d", text=text, marks=marks)
    sentences = segment(document)
    assert [s.index for s in sentences] == list(range(len(sentences)))
    assert all(a.end <= b.start and a.paragraph <= b.paragraph for a, b in itertools.pairwise(sentences))
    for sentence in sentences:
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip()
        for mark in marks:
            if mark.start < mark.end:
                inside = mark.start <= sentence.start and sentence.end <= mark.end
                assert inside or sentence.end <= mark.start or sentence.start >= mark.end
        covering = {m.kind for m in marks if m.start <= sentence.start and sentence.end <= m.end}
        assert sentence.kind == ("boilerplate" if "related" in covering else "title" if covering else "body")


@given(
    st.lists(
        st.sampled_from(["وصل الوفد إلى بغداد.", "هل تنسحب القوات؟", "قال «نعم».", "بلغ 2.5 مليون."]),
        max_size=8,
    )
)
def test_paragraphs_are_independent(paragraphs: list[str]) -> None:
    assert sentences_of("\n\n".join(paragraphs)) == paragraphs


def test_each_list_word_is_stored_folded() -> None:
    for name in ("_STARTERS", "_CONTINUATIONS", "_SUBORDINATES", "_OPEN_WORDS", "_EXTENSIONS"):
        words = getattr(module, name)
        assert words
        assert all(word == module.normalize(word) for word in words)


# --- cost -----------------------------------------------------------------------------------------

MEGABYTE = 1_000_000
ADVERSARIAL = {
    "dots": ".",
    "quotes": '"',
    "guillemets": "«",
    "brackets": "([{",
    "dots and quotes": '."',
    "dots and spaces": ".    ",
    "dots and marks": ".\u200b\u0651",
    "dots and lines": ".\n",
    "letters": "a",
    "Arabic letters": "ق",
    "digits and dots": "1.",
    "schemes": "http://",
    "addresses": "www.",
    "at signs": "a@",
    "white space": " ",
    "line breaks": "\n",
    "direction marks": "\u200f",
    "tatweel": "ـ ",
    "commas": "،",
    "words": "كلمة ",
    "initials": "د. ",
    "semicolons": "كلمة؛ ",
    "open quotations": "«قال. ",
    "short lines": "سطر قصير من النص المكتوب في\n",
    "emoji": "😀. ",
}


@pytest.mark.parametrize("unit", ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
@pytest.mark.parametrize("tail", ["", "كلمة"], ids=["bare", "word at the end"])
def test_cost_grows_linearly(unit: str, tail: str) -> None:
    """Four times the text takes about four times as long: a quadratic step would take sixteen times."""

    def seconds(size: int) -> float:
        text = unit * (size // len(unit)) + tail
        best = float("inf")
        for _ in range(2):
            begin = time.process_time()
            spans = split_spans(text)
            best = min(best, time.process_time() - begin)
        assert all(start < end for start, end in spans)
        return best

    small = 10_000
    assert seconds(4 * small) <= 9 * seconds(small) + 0.05


@pytest.mark.parametrize("unit", [".", '"', "«", "كلمة ", "ق", "وصل الوفد إلى بغداد. وقال الوزير: «نعم».\n"])
def test_a_megabyte_is_done_in_seconds(unit: str) -> None:
    text = unit * (MEGABYTE // len(unit))
    begin = time.process_time()
    split_spans(text)
    assert time.process_time() - begin < 15  # about 0.1 to 1 s on one core of 2020


# --- corpora --------------------------------------------------------------------------------------


def read_articles(name: str, *, count: int) -> list[dict[str, Any]]:
    directory = os.environ.get("MUJAZ_DATA")
    if not directory:
        pytest.skip("MUJAZ_DATA is not set: the corpora are not here")
    path = Path(directory) / "sum" / f"{name}.jsonl.xz"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in MUJAZ_DATA")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in itertools.islice(lines, count)]


@pytest.mark.parametrize("name", ["ant_v2.1_to_2018-07-15", "saudinewsnet_july"])
def test_real_articles(name: str) -> None:
    """Invariants on real text, and lengths in the range that newsrooms write (measured median 149)."""
    lengths = []
    for article in read_articles(name, count=300):
        text = unicodedata.normalize("NFC", article["document"])
        spans = split_spans(text)
        check_invariants(text, spans)
        lengths += [end - start for start, end in spans]
    lengths.sort()
    assert 110 <= lengths[len(lengths) // 2] <= 200
    assert lengths[int(0.99 * len(lengths))] <= 800
    assert lengths[-1] <= HARD_LIMIT
