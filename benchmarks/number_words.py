"""Numbers and dates in words: sentences that have them, translated with and without figures in a further try.

    MUJAZ_DATA=/path/to/data python -m benchmarks.number_words

The sentences of three translation sets in which ``modelinput.figures`` would write something as figures. A number or date is
wrong where ``check_english`` finds one lost, invented or in another measure.
"""

from __future__ import annotations

from unittest import mock

import sacrebleu

from eval.datasets import load_dataset
from eval.systems_mujaz import translations
from summarizer.modelinput import figures, model_input
from summarizer.models import Registry
from summarizer.terms import Terms

SETS = ("mujaz-challenge", "flores200-dev", "tico19-test")


def main() -> None:
    """Print the table."""
    engine, terms = Registry.load().engine_for("embedded", "translation"), Terms.load()
    print(
        "| set | sentences | | BLEU | chrF2 | with a wrong number or date | failed checks |\n|---|---:|---|---:|---:|---:|---:|"
    )
    for name in SETS:
        items = [
            item
            for item in load_dataset(name, task="translate").items
            if figures(plain := model_input(item.text)) != plain
        ]

        for row, write in (("without", str), ("with", figures)):
            with mock.patch("summarizer.translate.figures", write):
                found = translations(engine, terms, [item.text for item in items])
            answers, references = [each.text for each in found], [[item.references[0] for item in items]]
            bleu = sacrebleu.corpus_bleu(answers, references).score
            chrf = sacrebleu.corpus_chrf(answers, references).score
            wrong = sum(any(check.kind in ("number", "date") for check in each.failures) for each in found)
            failed = sum(len(each.failures) for each in found)
            print(f"| {name} | {len(items)} | {row} | {bleu:.1f} | {chrf:.1f} | {wrong} | {failed} |")


if __name__ == "__main__":
    main()
