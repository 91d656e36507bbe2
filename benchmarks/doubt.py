"""Is doubtful English worse? The mark ``meaning`` on text that it was not fitted on, against references.

    MUJAZ_DATA=/path/to/data python -m benchmarks.doubt [--dataset flores200-devtest] [--limit 500]

Every sentence is translated as the product does it; then the marked ones and the rest are scored apart. No reference was
seen by the mark (``summarizer.estimation``), so the distance between the two rows is what it knows.
"""

from __future__ import annotations

import argparse

import sacrebleu

from eval.datasets import load_dataset
from eval.systems_mujaz import translations
from summarizer.models import Registry
from summarizer.terms import Terms


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score doubtful English and the rest apart.")
    parser.add_argument("--dataset", default="flores200-devtest", help="a translation set of the harness")
    parser.add_argument("--limit", type=int, help="only the first sentences")
    parser.add_argument("--profile", default=None, help="default: that of models.yaml")
    arguments = parser.parse_args()
    items = load_dataset(arguments.dataset, limit=arguments.limit, task="translate").items
    registry = Registry.load()
    engine = registry.engine_for(registry.profile(arguments.profile).name, "translation")
    translated = translations(engine, Terms.load(), [item.text for item in items])
    rows = [
        (
            each.text,
            item.references[0],
            any(check.kind == "meaning" for check in each.checks),
            bool(each.failures),
        )
        for each, item in zip(translated, items, strict=True)
    ]
    print("| English | sentences | BLEU | chrF2 |\n|---|---:|---:|---:|")
    for name, chosen in (
        ("marked", [row for row in rows if row[2]]),
        ("... and failed no check", [row for row in rows if row[2] and not row[3]]),
        ("not marked", [row for row in rows if not row[2]]),
        ("... and failed no check", [row for row in rows if not row[2] and not row[3]]),
    ):
        if not chosen:
            print(f"| {name} | 0 | – | – |")
            continue
        answers, references = [row[0] for row in chosen], [[row[1] for row in chosen]]
        bleu = sacrebleu.corpus_bleu(answers, references).score
        chrf = sacrebleu.corpus_chrf(answers, references).score
        print(f"| {name} | {len(chosen)} | {bleu:.1f} | {chrf:.1f} |")


if __name__ == "__main__":
    main()
