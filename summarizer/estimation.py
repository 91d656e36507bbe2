"""How likely an English sentence says something else than its Arabic, where no check can point at the fault.

The checks compare facts. Between them a small model may say what nobody wrote, and say it well: "the plant plans to hire
400 workers" for laying them off. Quality estimation without references (Fomicheva et al., "Unsupervised quality
estimation for neural machine translation", TACL 2020) reads that off the model itself. Three signals, all of them at
hand when the answer is: how sure the model was (the mean log-probability of its best first answer), how many of the
content words have a counterpart on the other side (``lexicon``), and how long the sentence is.

A logistic regression makes them one risk. Its weights belong to a model and stand with it in ``models.yaml``;
``recipes/estimation.py`` fits them on answers that a person read (``eval/sets/meaning.jsonl``) and says what the estimate
is worth. It cannot call a sentence wrong: its verdict is ``unknown``, with the odds.

A second reason for doubt can be pointed at: words that a translation hardly does without and this one has no known rendering
of (``Lexicon.omitted``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from summarizer.schema import Check

if TYPE_CHECKING:
    from summarizer.models.specs import EstimationSpec


def risk(estimation: EstimationSpec, *, score: float, coverage: float, words: int) -> float:
    """Return the estimated probability, 0 to 1, that an answer says something else than its source.

    ``score`` is a mean log-probability (<= 0), ``coverage`` a share (``lexicon.Coverage.mean``), ``words`` those of the Arabic.
    """
    sum_ = (
        estimation.intercept
        + estimation.score * score
        + estimation.coverage * coverage
        + estimation.words * words
    )
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, sum_))))


def meaning_check(
    estimation: EstimationSpec, *, score: float, coverage: float, words: int, omitted: Sequence[str] = ()
) -> Check | None:
    """Return the mark of a doubtful answer, or None: a sentence that is not doubtful is not for that right.

    ``omitted`` are the words themselves; the mark names them.
    """
    reasons = []
    if omitted and estimation.wrong_of_omitting:
        wrong = round(100 * estimation.wrong_of_omitting)
        reasons.append(
            f"no known rendering of {', '.join(omitted)}: of 100 such sentences that were read, {wrong} were wrong somewhere"
        )
    if risk(estimation, score=score, coverage=coverage, words=words) >= estimation.mark_from:
        wrong = round(100 * estimation.wrong_of_marked)
        reasons.append(
            f"the model was unsure here: of 100 such sentences that were read, {wrong} said something else than the Arabic"
        )
    if not reasons:
        return None
    return Check(kind="meaning", on="en", verdict="unknown", detail="; ".join(reasons))
