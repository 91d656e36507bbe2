"""The terminology benchmark, on two sentences and an engine whose answers are given."""

from __future__ import annotations

from benchmarks.terminology import Sample, _Placeholders, line, measure
from summarizer.forcing import holds
from summarizer.gazetteer import Entry
from summarizer.terms import Terms
from tests.fakes import FakeEngine


def sample(arabic: str, reference: str, surface: str, asked: str) -> Sample:
    entry = Entry(key=surface, kind="person", source="glossary", arabic=(surface,), english=(asked,))
    return Sample(arabic=arabic, reference=reference, asked=(entry,))


def test_a_rendering_counts_as_whole_words_in_any_case():
    assert holds("He met the popular mobilization forces.", "Popular Mobilization Forces")
    assert not holds("Iranian troops", "Iran")


def test_each_means_is_told_from_the_others():
    samples = [
        sample("وصل زرقوق إلى المدينة.", "Zarquq arrived in the city.", "زرقوق", "Zarquq"),
        sample("عاد سمحان إلى البيت.", "Samhan returned home.", "سمحان", "Samhan"),
    ]
    asked = []

    def answer(text: str) -> str:
        asked.append(text)
        if "Zarquq" in text or "زرقوق" in text:
            return "Zarquq arrived in the city." if "Zarquq" in text else "Zarkouk arrived in the city."
        return "Samhan returned home." if "Samhan" in text else "He returned home."

    rows = {row.means: row for row in measure(samples, FakeEngine(answer, latin_names="first"))}
    assert list(rows) == ["plain", "hints", "enforced", "both", "placeholders", "re-ranked"]
    assert {row.asked for row in rows.values()} == {2}
    assert rows["plain"].rendered == 0
    assert rows["hints"].rendered == rows["both"].rendered == rows["re-ranked"].rendered == 2
    assert rows["plain"].rendered <= rows["enforced"].rendered <= 2
    assert rows["hints"].bleu > rows["plain"].bleu
    assert asked[:2] == ["عاد سمحان إلى البيت.", "وصل زرقوق إلى المدينة."]
    assert line(rows["hints"], rows["plain"]).startswith("| hints | 2 of 2 | 100 % | 100.0 | -")


def test_placeholders_go_in_and_come_out_again():
    glossary = [
        Entry(key=ar, kind="person", source="glossary", arabic=(ar,), english=(en,))
        for ar, en in (("زرقوق", "Zarquq"), ("سمحان", "Samhan"))
    ]
    control = _Placeholders(Terms.of([], glossary=glossary))
    arabic = "التقى زرقوق بسمحان."
    assert control.hint(arabic) == "التقى X1 ب X2."
    assert control.enforce("X1 met X2, and X3.", arabic)[0] == "Zarquq met Samhan, and X3."
