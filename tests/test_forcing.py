"""Renderings forced into a translation: where they go, what is kept, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from summarizer.engines import AligningEngine, Hypothesis, Link
from summarizer.forcing import Asked, force
from summarizer.gazetteer import Entry
from summarizer.terms import Terms
from summarizer.translate import translate_sentences
from tests.fakes import FakeEngine

#: A language of which every word has one rendering, in the same order.
WORDS = {"وصل": "arrived", "زرقوق": "bluish", "إلى": "in", "صمحان": "deaf", "أمس": "yesterday"}


class WordForWord(FakeEngine):
    """Renders word for word and knows it; ``complete`` goes on behind the words that were given."""

    aligns = True

    def __init__(self, go_on: Callable[[str], str] = str) -> None:
        super().__init__(self.render, latin_names="never")
        self.begun: list[str] = []
        self._go_on = go_on

    @staticmethod
    def render(text: str) -> str:
        return " ".join(WORDS.get(word, word) for word in text.split())

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
        return [
            [Link(source=one, target=other) for one, other in zip(spans(source), spans(target), strict=False)]
            for source, target in zip(sources, targets, strict=True)
        ]

    def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
        self.begun += beginnings
        return [
            Hypothesis(
                text=self._go_on(
                    " ".join([*begun.split(), *self.render(source).split()[len(begun.split()) :]])
                )
            )
            for source, begun in zip(sources, beginnings, strict=True)
        ]


def spans(text: str) -> list[tuple[int, int]]:
    found, place = [], 0
    for word in text.split():
        start = text.index(word, place)
        place = start + len(word)
        found.append((start, place))
    return found


def asked(source: str, **renderings: str) -> list[Asked]:
    return [
        Asked(start=source.index(word), end=source.index(word) + len(word), rendering=rendering)
        for word, rendering in renderings.items()
    ]


SOURCE = "زرقوق وصل إلى صمحان أمس"


def test_a_rendering_takes_the_place_of_what_stood_for_its_term() -> None:
    engine = WordForWord()
    assert isinstance(engine, AligningEngine)
    before = engine.render(SOURCE)
    found = force(engine, [SOURCE], [before], [asked(SOURCE, صمحان="Samhan", زرقوق="Zarquq")])
    assert found == ["Zarquq arrived in Samhan yesterday"]
    assert engine.begun == ["Zarquq", "Zarquq arrived in Samhan"]  # from left to right


def test_what_cannot_be_placed_or_forced_is_left_alone() -> None:
    class Blind(WordForWord):
        def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
            return [[] for _ in sources]

    blind = Blind()
    assert force(blind, [SOURCE], ["He came."], [asked(SOURCE, زرقوق="Zarquq")]) == [None]
    assert blind.begun == []
    # A vocabulary without these letters, an answer that has no end, an empty one.
    loses = WordForWord(lambda text: text.replace("Zarquq", "<unk>"))
    assert force(loses, [SOURCE], ["bluish arrived"], [asked(SOURCE, زرقوق="Zarquq")]) == [None]
    assert force(WordForWord(), [SOURCE, SOURCE], ["", "x"], [asked(SOURCE, زرقوق="Z"), []]) == [None, None]


def test_a_rendering_that_was_forced_is_not_lost_to_the_next_one() -> None:
    class Forgets(WordForWord):
        def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
            return [
                Hypothesis(text="Samhan then" if "Samhan" in each else each)
                for each in (one.text for one in super().complete(sources, beginnings))
            ]

    found = force(
        Forgets(), [SOURCE], [WordForWord.render(SOURCE)], [asked(SOURCE, زرقوق="Zarquq", صمحان="Samhan")]
    )
    assert found == ["Zarquq arrived in deaf yesterday"]


def test_the_ladder_forces_what_a_glossary_asks_for_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # Alone, a term may be rendered otherwise than in its sentence; then nothing can be exchanged.
    monkeypatch.setattr("summarizer.translate.own_renderings", lambda engine, terms: {})
    glossary = [
        Entry(key=word, kind="term", source="glossary", arabic=(word,), english=(english,))
        for word, english in (("زرقوق", "Zarquq"), ("صمحان", "Samhan"))
    ]
    terms = Terms.of([], glossary=glossary)
    source = "وصل إلى زرقوق إلى صمحان"

    def check(english: str, arabic: str, known: Terms | None) -> list[object]:
        from summarizer.schema import Check

        lacks = [] if known is None else known.asked(arabic, english)
        return [Check(kind="term", on="en", verdict="fail", detail=each.rendering) for each in lacks]

    (found,) = translate_sentences([source], engine=WordForWord(), terms=terms, check=check, hypotheses=2)
    assert found.text == "Arrived in Zarquq in Samhan"
    assert not found.failures
    assert found.rung == "forced"
    assert found.attempts[-1] == "forced"
    assert any("led past" in note for note in found.notes)
    decoder = WordForWord()
    decoder.aligns = False
    (free,) = translate_sentences([source], engine=decoder, terms=terms, check=check, hypotheses=2)
    assert "forced" not in free.attempts
    assert decoder.begun == []
