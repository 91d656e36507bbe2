"""How many facts of the news survive the translation: 500 sentences of real reports, one table.

    MUJAZ_DATA=/path/to/data python -m benchmarks.facts_kept [--sentences 500] [--show 20] [--failing] [--no-bare] [--cache FILE]

Body sentences of ANT (five outlets, 2018), one a report, drawn so that numbers, dates and negation are each in at least
a third of them. Two rows: the bare model of the profile (its first answer), and the product (names in Latin letters,
several hypotheses, retries, repairs). A sentence *keeps* a kind when ``check_english`` finds none of it lost and none
invented; intervals are Wilson's, 95 %.

The checks that judge are the checks that the product chooses its answers with: the second row says how often Mujaz prints
a sentence that it knows to be wrong, and ``tests/test_faithfulness.py`` measures how much the checks miss. ``--show N``
prints N sentences at random to be read by a person, which is the only cure for that; ``--failing`` prints those in which
the product loses or invents something. With ``--cache`` a second run asks the model only what it was not asked before.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eval.datasets import load_dataset
from summarizer.cache import AnswerCache
from summarizer.engines.wrapped import wrap_engines
from summarizer.facts import extract_facts
from summarizer.faithfulness import check_english
from summarizer.ingest import read_text
from summarizer.models import Registry
from summarizer.schema import Check
from summarizer.segment import segment
from summarizer.terms import Terms
from summarizer.translate import translate_sentences

SEED: Final = 20261122
KINDS: Final = ("number", "date", "negation")
FORMS: Final = ("repetition", "language", "length")
#: Words of a sentence: shorter ones are headings and bylines, longer ones are cut into clauses anyway.
WORDS: Final = range(8, 61)
#: Of the sentences, those that each kind is asked for by itself; the rest come as they come.
SHARE_OF_A_KIND: Final = 1 / 3
_CONFIDENCE: Final = 1.96


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence, the date of its report, and the kinds of facts it has."""

    text: str
    published: str | None
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Share:
    """``kept`` of ``total``, with its interval."""

    kept: int
    total: int

    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval, shares of 1 (Wilson, JASA 22, 1927)."""
        if not self.total:
            return 0.0, 1.0
        n, p, z = self.total, self.kept / self.total, _CONFIDENCE
        middle, reach = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
        return max(0.0, (middle - reach) / (1 + z * z / n)), min(1.0, (middle + reach) / (1 + z * z / n))

    def __str__(self) -> str:
        if not self.total:
            return "–"
        low, high = self.interval()
        return f"{self.kept / self.total:.1%} ({low:.1%}–{high:.1%}; {self.total})"


def draw(sentences: int) -> list[Sample]:
    """Draw one sentence a report, the same ones every time."""
    rng = random.Random(SEED)
    items = list(load_dataset("ant").items)
    rng.shuffle(items)
    chosen: list[Sample] = []
    wanted = dict.fromkeys(KINDS, round(sentences * SHARE_OF_A_KIND))
    for item in items:
        if len(chosen) == sentences:
            break
        found = list(_samples(item.text, item.meta.get("published")))
        if not found:
            continue
        missing = {kind for kind, count in wanted.items() if count > 0}
        sample = max(rng.sample(found, len(found)), key=lambda each: len(each.kinds & missing))
        left = sentences - len(chosen)
        if missing and not sample.kinds & missing and left <= max(wanted.values()):
            continue
        chosen.append(sample)
        for kind in sample.kinds:
            wanted[kind] -= 1
    return chosen


def _samples(text: str, published: str | None) -> Iterator[Sample]:
    for document in read_text(text, origin="report.txt"):
        for sentence in segment(document):
            if sentence.kind == "body" and len(sentence.text.split()) in WORDS:
                facts = extract_facts(sentence.text, language="ar", published=published)
                yield Sample(sentence.text, published, frozenset(fact.kind for fact in facts) & set(KINDS))


def score(samples: Sequence[Sample], english: Sequence[str], terms: Terms) -> dict[str, Share]:
    """Return for each kind the sentences that have it and keep it, and for each fault of form those free of it."""
    verdicts: list[tuple[Check, ...]] = [
        check_english(text, sample.text, terms=terms, published=sample.published)
        for sample, text in zip(samples, english, strict=True)
    ]
    failed = [{check.kind for check in checks if check.verdict == "fail"} for checks in verdicts]
    shares = {
        kind: Share(
            sum(
                kind in sample.kinds and kind not in faults
                for sample, faults in zip(samples, failed, strict=True)
            ),
            sum(kind in sample.kinds for sample in samples),
        )
        for kind in KINDS
    }
    shares |= {form: Share(sum(form not in faults for faults in failed), len(failed)) for form in FORMS}
    shares["not empty"] = Share(sum(bool(text.strip()) for text in english), len(english))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=500)
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--no-bare", action="store_true", help="leave the bare model out: half the time")
    parser.add_argument("--show", type=int, default=0, help="sentences to print for reading")
    parser.add_argument("--failing", action="store_true", help="print the product's sentences that fail")
    parser.add_argument("--cache", type=Path, help="SQLite file for the model's answers")
    arguments = parser.parse_args()

    samples = draw(arguments.sentences)
    texts = [sample.text for sample in samples]
    registry, terms = Registry.load(), Terms.load()
    if arguments.cache:
        registry = wrap_engines(registry, store=AnswerCache(arguments.cache), reuse="sentence")
    engine = registry.engine_for(arguments.profile, "translation")
    rows: dict[str, list[str]] = {}
    if not arguments.no_bare:
        rows["bare model"] = [each.text for each in translate_sentences(texts, engine=engine, hypotheses=1)]
    translations = translate_sentences(
        texts,
        engine=engine,
        terms=terms,
        check=lambda english, arabic, names: check_english(english, arabic, terms=names),
    )
    rows["product"] = [each.text for each in translations]

    columns = [*KINDS, *FORMS, "not empty"]
    print(f"| {len(samples)} sentences | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, english in rows.items():
        shares = score(samples, english, terms)
        print(f"| {name} | {' | '.join(str(shares[column]) for column in columns)} |")
    if arguments.failing:
        for index, each in enumerate(translations):
            lost = [c for c in each.failures if c.kind in samples[index].kinds]
            if lost:
                print(f"\n{index}\n  {texts[index]}\n  {each.text}")
                print("\n".join(f"  failed {check.kind}: {check.detail}" for check in lost))
    for index in sorted(random.Random(SEED).sample(range(len(samples)), min(arguments.show, len(samples)))):
        print(f"\n{index}\n  {texts[index]}")
        for name, english in rows.items():
            print(f"  {name}: {english[index]}")
        for check in translations[index].failures:
            print(f"  failed {check.kind}: {check.detail}")


if __name__ == "__main__":
    main()
