"""How many glossary terms come out as asked, and what that costs in BLEU: each means alone, and all together.

    MUJAZ_DATA=... python -m benchmarks.terminology --sentences 60
    MUJAZ_DATA=... python -m benchmarks.terminology --model opus-mt-tc-big-ar-en --dataset flores200-devtest

The glossary is what a user would have written for these very sentences: every name and term of the Arabic that the
gazetteer knows and the human reference renders in one of its accepted forms, with the form that the reference uses. What
is asked for is therefore never wrong, and a term that comes out as asked also gains in BLEU: a negative cost is such a
gain, a positive one is what the means spoils in the rest of the sentence. The sentences are the first ones of the set
that hold such a term.

*plain* asks nothing; *hints* feeds the terms in their English form; *placeholders* feeds X1, X2, ... and puts the terms in
their place afterwards; *enforced* puts near misses of the output right; *both* is hints and enforced; *forced*, only of a
model that aligns, leads the decoder past what is missing (``summarizer/forcing.py``); *re-ranked*, which is what a brief
does, lets the checks choose among hypotheses and climb the ladder besides. A term counts as rendered where the answer has
its asked form, whatever the case of its letters.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sacrebleu.metrics.bleu import BLEU

from eval.datasets import load_dataset
from summarizer.engines import AligningEngine, Engine, LatinNames
from summarizer.engines.delegating import DelegatingEngine
from summarizer.faithfulness import check_english
from summarizer.forcing import force, holds
from summarizer.gazetteer import Entry
from summarizer.modelinput import model_input
from summarizer.models import Registry
from summarizer.schema import Check
from summarizer.terms import TermMatch, Terms
from summarizer.translate import TermControl, translate_sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sentence, its human translation, and the renderings that are asked for."""

    arabic: str
    reference: str
    asked: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one means achieved: terms rendered as asked, of how many; BLEU of the whole; seconds."""

    means: str
    rendered: int
    asked: int
    bleu: float
    seconds: float


class _LatinFirst(DelegatingEngine):
    """The engine, told to take terms in Latin letters at once: most take them only when the Arabic failed."""

    @property
    def latin_names(self) -> LatinNames:
        return "first"


@dataclass(frozen=True, slots=True)
class _Placeholders:
    """Terms as X1, X2, ... in the input, and put back into the output."""

    terms: Terms

    def hint(self, arabic: str, *, vocabulary: bool = False) -> str:
        del vocabulary
        pieces, position = [], 0
        for number, match in enumerate(self._matches(arabic), 1):
            before = arabic[position : match.start]
            pieces += [before, " " if before[-1:].isalpha() else "", f"X{number}"]
            position = match.end
        return "".join((*pieces, arabic[position:]))

    def enforce(self, english: str, arabic: str) -> tuple[str, Sequence[object]]:
        renderings = {f"X{n}": match.english[0] for n, match in enumerate(self._matches(arabic), 1)}
        return re.sub(r"\bX\d+\b", lambda mark: renderings.get(mark[0], mark[0]), english), ()

    def _matches(self, arabic: str) -> list[TermMatch]:
        return [match for match in self.terms.find(arabic) if match.source == "glossary"]


@dataclass(frozen=True, slots=True)
class _Some:
    """Terms with one of their two means, or none."""

    terms: Terms
    hints: bool
    enforces: bool

    def hint(self, arabic: str, *, vocabulary: bool = False) -> str:
        return self.terms.hint(arabic, vocabulary=vocabulary) if self.hints else arabic

    def enforce(self, english: str, arabic: str) -> tuple[str, Sequence[object]]:
        return self.terms.enforce(english, arabic) if self.enforces else (english, ())


#: Means -> whether it hints and enforces; all of them without the checks of a brief.
_MEANS: Final[dict[str, tuple[bool, bool]]] = {
    "plain": (False, False),
    "hints": (True, False),
    "enforced": (False, True),
    "both": (True, True),
}


def draw(dataset: str, sentences: int) -> list[Sample]:
    """Return the first ``sentences`` samples of a set that hold a term, each with what its reference says of it."""
    known = Terms.load()
    samples: list[Sample] = []
    for item in load_dataset(dataset).items:
        arabic, reference = item.sources[0], item.references[0]
        asked: dict[str, Entry] = {}
        for match in known.find(arabic):
            used = next((each for each in match.english if holds(reference, each)), None)
            if used is not None:
                asked[match.surface] = Entry(
                    key=match.key,
                    kind=match.kind,
                    source="glossary",
                    arabic=(match.surface,),
                    english=(used,),
                )
        if asked:
            samples.append(Sample(arabic=arabic, reference=reference, asked=tuple(asked.values())))
        if len(samples) == sentences:
            break
    return samples


def measure(samples: Sequence[Sample], engine: Engine) -> Iterator[Row]:
    """Translate the samples by each means in turn; the first row is the one to compare with."""
    glossary = {(entry.arabic, entry.english): entry for sample in samples for entry in sample.asked}
    terms = Terms.load(glossary=list(glossary.values()))
    latin = _LatinFirst(engine)
    for means, use in _MEANS.items():
        yield _row(means, samples, latin if use[0] else engine, _Some(terms, *use))
    yield _row("placeholders", samples, latin, _Placeholders(terms))
    if isinstance(engine, AligningEngine) and engine.aligns:
        yield _forced(samples, engine, terms)
    yield _row("re-ranked", samples, engine, terms, check=terms)


def _forced(samples: Sequence[Sample], engine: AligningEngine, terms: Terms) -> Row:
    start = time.perf_counter()
    arabic = [sample.arabic for sample in samples]
    plain = [each.text for each in translate_sentences(arabic, engine=engine, hypotheses=1)]
    fed = [model_input(text) for text in arabic]
    asked = [
        [
            each
            for each in terms.asked(text, english)
            if any(each.rendering == e.english[0] for e in sample.asked)
        ]
        for text, english, sample in zip(fed, plain, samples, strict=True)
    ]
    forced = force(engine, fed, plain, asked)
    english = [new or old for new, old in zip(forced, plain, strict=True)]
    return _told("forced", samples, english, time.perf_counter() - start)


def _row(
    means: str, samples: Sequence[Sample], engine: Engine, control: TermControl, *, check: Terms | None = None
) -> Row:
    def judge(english: str, arabic: str, _: TermControl | None) -> Sequence[Check]:
        return check_english(english, arabic, terms=check)

    start = time.perf_counter()
    translations = translate_sentences(
        [sample.arabic for sample in samples],
        engine=engine,
        terms=control,
        check=None if check is None else judge,
        hypotheses=4 if check is not None else 1,
    )
    seconds = time.perf_counter() - start
    return _told(means, samples, [translation.text for translation in translations], seconds)


def _told(means: str, samples: Sequence[Sample], english: Sequence[str], seconds: float) -> Row:
    rendered = sum(
        holds(text, entry.english[0])
        for text, sample in zip(english, samples, strict=True)
        for entry in sample.asked
    )
    return Row(
        means=means,
        rendered=rendered,
        asked=sum(len(sample.asked) for sample in samples),
        bleu=float(BLEU().corpus_score(list(english), [[sample.reference for sample in samples]]).score),
        seconds=seconds,
    )


_HEAD: Final = "| means | terms as asked | share | BLEU | cost | seconds |\n|---|--:|--:|--:|--:|--:|"


def line(row: Row, plain: Row) -> str:
    """Return a row of the Markdown table; the cost is against ``plain``."""
    return (
        f"| {row.means} | {row.rendered} of {row.asked} | {100 * row.rendered / max(1, row.asked):.0f} % | "
        f"{row.bleu:.1f} | {plain.bleu - row.bleu:+.1f} | {row.seconds:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=60, help="sentences that hold a term (default: 60)")
    parser.add_argument(
        "--dataset", default="flores200-dev", help="a set of `mujaz bench list --task translate`"
    )
    parser.add_argument("--model", default="ar-en", help="a translator of models.yaml (default: ar-en)")
    parser.add_argument("--models", type=Path, help="a models.yaml of your own")
    options = parser.parse_args()
    samples = draw(options.dataset, options.sentences)
    engine = Registry.load(options.models).engine(options.model)
    print(f"{options.model}, {len(samples)} sentences of {options.dataset}\n\n{_HEAD}")
    plain: Row | None = None
    for row in measure(samples, engine):
        plain = plain or row
        print(line(row, plain), flush=True)


if __name__ == "__main__":
    main()
