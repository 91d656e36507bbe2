"""Read answers of a translator → how likely an answer that nothing else marks is wrong (``summarizer.estimation``).

    python -m recipes.estimation --ask work/meaning.jsonl    # the shipped translator's answers, to be read
    python -m recipes.estimation                             # the weights for models.yaml, and what they are worth

``eval/sets/meaning.jsonl`` holds answers of the shipped translator, each with the score that the model gave it, the checks
that it failed, and whether a reader with the Arabic and a reference before him called it wrong: it says something else than
the Arabic, or nothing that makes sense, in a part that matters. Its Arabic stands under the same id in the challenge set and
among the sentences of the five reports. After a change of the model the answers are others, and must be read anew:
``--ask`` writes them, with the label of every answer that stayed as it was and null for the rest.

What is printed comes from ten-fold cross-validation, five times over: no answer is judged by weights that saw it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.systems_mujaz import translations
from recipes.stages import write_rows
from summarizer.engines import Engine
from summarizer.errors import InputError
from summarizer.lexicon import load as load_lexicon
from summarizer.models import Registry
from summarizer.terms import Terms

SETS: Final = Path(__file__).parent.parent / "eval" / "sets"
LABELS: Final = SETS / "meaning.jsonl"
SOURCES: Final = (
    SETS / "challenge.jsonl",
    SETS / "reports" / "source_sentences.jsonl",
    SETS / "reports" / "summary_sentences.jsonl",
)
SIGNALS: Final = ("score", "coverage", "words")
#: From this risk on a sentence is marked: nearly half of those are wrong, and one in fourteen of the rest.
MARK_FROM: Final = 0.3
#: Weak regularization: three weights and some hundred answers.
_STRENGTH: Final = 1000.0

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that was read. ``signals`` are those of ``SIGNALS``."""

    id: str
    signals: tuple[float, float, float]
    failed: bool
    wrong: bool

    @property
    def of_reports(self) -> bool:
        """Whether its Arabic is news as outlets print it, and not a sentence written to be hard."""
        return not self.id.startswith("ch-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the mark is worth among some answers; shares from 0 to 1.

    ``auc`` is the probability that a wrong answer has a higher risk than a right one.
    """

    answers: int
    wrong: float
    auc: float
    marked: float
    wrong_of_marked: float
    wrong_of_rest: float


def read_answers(labels: Path = LABELS) -> list[Answer]:
    """Return the answers that were read. Raises ``InputError`` for one without a label, or whose Arabic is not there."""
    arabic = _arabic()
    lexicon = load_lexicon()
    found = []
    for row in _rows(labels):
        if row["id"] not in arabic:
            raise InputError(f"{labels}: no Arabic for {row['id']}")
        if row["wrong"] is None:
            raise InputError(f"{labels}: {row['id']} was not read yet")
        source = arabic[row["id"]]
        signals = (row["score"], lexicon.coverage(row["en"], source).mean, len(source.split()))
        found.append(Answer(id=row["id"], signals=signals, failed=bool(row["failed"]), wrong=row["wrong"]))
    return found


def ask(engine: Engine, *, labels: Path = LABELS) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``meaning.jsonl`` for a translator: ``wrong`` is null where its answer was not read yet."""
    read = {(row["id"], row["en"]): row["wrong"] for row in _rows(labels)}
    arabic = _arabic()
    for id_, answer in zip(arabic, translations(engine, Terms.load(), list(arabic.values())), strict=True):
        yield {
            "id": id_,
            "en": answer.text,
            "score": round(answer.score or 0.0, 4),
            "failed": sorted({check.kind for check in answer.failures}),
            "wrong": read.get((id_, answer.text)),
        }


def _arabic() -> dict[str, str]:
    return {each["id"]: each["ar"] for path in SOURCES for each in _rows(path)}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def fit(answers: list[Answer]) -> dict[str, float]:
    """Return intercept and weights: the logistic regression of "wrong" on the signals."""
    from sklearn.linear_model import LogisticRegression

    signals, wrong = _arrays(answers)
    model = LogisticRegression(C=_STRENGTH).fit(signals, wrong)
    return {
        "intercept": float(model.intercept_[0]),
        **dict(zip(SIGNALS, map(float, model.coef_[0]), strict=True)),
    }


def cross_validated(answers: list[Answer], *, seed: int = 0) -> Reals:
    """Return the risk of each answer, by weights that did not see it; the mean of five rounds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import RepeatedStratifiedKFold

    signals, wrong = _arrays(answers)
    risks = np.zeros(len(answers))
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=5, random_state=seed)
    for train, test in folds.split(signals, wrong):
        model = LogisticRegression(C=_STRENGTH).fit(signals[train], wrong[train])
        risks[test] += model.predict_proba(signals[test])[:, 1] / 5
    return risks


def worth(answers: list[Answer], risks: Reals, *, mark_from: float = MARK_FROM) -> Worth:
    """Return what marking the answers from a risk on tells."""
    from sklearn.metrics import roc_auc_score

    wrong = np.array([each.wrong for each in answers])
    marked = risks >= mark_from
    return Worth(
        answers=len(answers),
        wrong=float(wrong.mean()),
        auc=float(roc_auc_score(wrong, risks)),
        marked=float(marked.mean()),
        wrong_of_marked=float(wrong[marked].mean()) if marked.any() else 0.0,
        wrong_of_rest=float(wrong[~marked].mean()),
    )


def _arrays(answers: list[Answer]) -> tuple[Reals, NDArray[np.bool_]]:
    return np.array([each.signals for each in answers]), np.array([each.wrong for each in answers])


def main() -> None:
    """Print the weights and the table."""
    parser = argparse.ArgumentParser(description="Fit the estimate of doubtful answers.")
    parser.add_argument("--labels", type=Path, default=LABELS, help="answers that were read")
    parser.add_argument(
        "--ask", type=Path, metavar="FILE", help="write the shipped translator's answers instead"
    )
    arguments = parser.parse_args()
    if arguments.ask:
        registry = Registry.load()
        engine = registry.engine_for(registry.default_profile, "translation")
        write_rows(arguments.ask, ask(engine, labels=arguments.labels))
        return
    answers = read_answers(arguments.labels)
    risks = cross_validated(answers)
    unfailed = np.array([not each.failed for each in answers])
    reports = np.array([each.of_reports for each in answers])
    silent = worth([each for each in answers if not each.failed], risks[unfailed])
    print("    estimation:")
    for name, value in fit(answers).items():
        print(f"      {name}: {value:.3f}")
    print(f"      mark_from: {MARK_FROM}")
    print(f"      wrong_of_marked: {silent.wrong_of_marked:.2f}  # of those that pass every check\n")
    print("| answers | n | wrong | AUC | marked | wrong of the marked | wrong of the rest |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, chosen in (
        ("all", unfailed | True),
        ("that pass every check", unfailed),
        ("... of the challenge set", unfailed & ~reports),
        ("... of the five reports", unfailed & reports),
    ):
        some = [each for each, taken in zip(answers, chosen, strict=True) if taken]
        found = worth(some, risks[chosen])
        shares = (found.marked, found.wrong_of_marked, found.wrong_of_rest)
        cells = " | ".join(f"{100 * each:.0f} %" for each in shares)
        print(f"| {name} | {found.answers} | {100 * found.wrong:.0f} % | {found.auc:.2f} | {cells} |")


if __name__ == "__main__":
    main()
