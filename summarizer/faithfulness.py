"""Does a sentence say what its source says? Arabic against the sentences it cites, English against its Arabic.

A check compares the facts that must not change (``facts.extract_facts``) and the names that ``terms`` knows, in both
directions: what is *invented* (in the sentence, not in its source) and what is *lost* (the reverse). The checks are
calibrated to stay silent on human translations, so that a failure is worth a reader's attention. Share of references
flagged, on text that was looked at (FLORES-200 dev, TICO-19 test) and on text that was not (FLORES-200 devtest): number
0.7, 0.1 and 0.9 %; date 0.5, 0.0 and 0.4 %; negation 1.8, 1.9 and 2.3 %. ``tests/test_faithfulness.py`` measures these
and how many corruptions are caught:

* numbers compare by value, wherever the value stands in the other text (also inside a date), and 0, 1, 2 and
  small ordinals only fail when the other side has a rival value in the same role; a number that the English has in
  another currency or measure than the Arabic fails too (``measures``);
* dates compare part by part (year, month, day, weekday); relative dates fail when they contradict, or when the other
  side has no date at all;
* negations are balanced: more plain ones (not, no longer; لم، لا) on one side must be made up on the other by milder
  ones (without, un-, lack, deny) or by words of negative sense (avoid, rarely, منع);
* names need ``terms``; without it, only names behind a title are checked, and only Arabic against Arabic.

Every fault is one ``Check`` with its evidence; a kind that had something to check and no fault is one pass.
The parts: ``factchecks`` (numbers, dates, negation), ``namechecks``, ``formchecks`` (repetition, language, length).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from summarizer.arabic import tokenize
from summarizer.evidence import flat, invented_fact, lost_fact, matched
from summarizer.factchecks import Side, date_faults, negation_faults, number_faults, side_of, unmatched_facts
from summarizer.facts import Fact, extract_facts
from summarizer.formchecks import form_checks, repetition_checks
from summarizer.namechecks import (
    TermFinder,
    TermMatch,
    name_checks,
    role_checks,
    speaker_checks,
    title_checks,
)
from summarizer.schema import Check, CheckKind, CheckSide

__all__ = [
    "FAULT_COST",
    "TermFinder",
    "TermMatch",
    "check_arabic",
    "check_english",
    "fact_agreement",
    "score_checks",
    "unmatched_facts",
]


def check_english(
    english: str, arabic: str, *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> tuple[Check, ...]:
    """Check an English sentence against the Arabic it translates, both ways.

    ``published`` (ISO) lets "last year" and "2020" match. Order of the result: language, length, repetition, number,
    date, negation, name, term.
    """
    checks = form_checks(english, arabic)
    if not english.strip():
        return tuple(checks)
    subject, source = side_of(english, "en", published), side_of(arabic, "ar", published)
    checks += _verdicts(
        "number", "en", number_faults(subject, source, lost=True), source.numbers or subject.numbers
    )
    checks += _verdicts("date", "en", date_faults(subject, source, lost=True), source.dates or subject.dates)
    checks += _verdicts(
        "negation", "en", negation_faults(subject, source), source.negations or subject.negations
    )
    checks += role_checks(english, arabic)
    if terms is not None:
        checks += name_checks(english, arabic, terms, side="en", lost=True)
        checks += speaker_checks(english, arabic, terms)
    return tuple(checks)


def check_arabic(
    arabic: str, cited: Sequence[str], *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> tuple[Check, ...]:
    """Check an Arabic summary sentence against the sentences it cites.

    Nothing may be invented: every number, date, name and negation of the sentence stands in what it cites, and a
    number stays with what it counts. A summary may leave facts out; with one cited sentence it may not leave out a
    negation. A copy, or a trimmed copy that did not cut off a negation, passes.
    """
    source = side_of("\n".join(cited), "ar", published)
    subject = side_of(arabic, "ar", published)
    copied = _is_copy(subject, cited)
    number = [] if copied else number_faults(subject, source, lost=False) + _moved_numbers(subject, source)
    date = [] if copied else date_faults(subject, source, lost=False)
    negation = [] if copied else _arabic_negation_faults(subject, source, single=len(cited) == 1)
    checks = repetition_checks(arabic, source.text, "ar")
    checks += _verdicts("number", "ar", number, subject.numbers)
    checks += _verdicts("date", "ar", date, subject.dates)
    checks += _verdicts("negation", "ar", negation, subject.negations)
    if terms is not None:
        checks += name_checks(arabic, source.text, terms, side="ar", lost=False)
    if not any(check.kind == "name" for check in checks):
        checks += title_checks(arabic, source.text)
    return tuple(checks)


def _verdicts(kind: CheckKind, side: CheckSide, faults: Sequence[str], facts: Sequence[Fact]) -> list[Check]:
    if faults:
        return [Check(kind=kind, on=side, verdict="fail", detail=fault) for fault in dict.fromkeys(faults)]
    if not facts:
        return []
    return [Check(kind=kind, on=side, verdict="pass", detail=matched(fact.surface for fact in facts))]


# --- Arabic against what it cites ---------------------------------------------------------------


def _is_copy(subject: Side, cited: Sequence[str]) -> bool:
    """Tell whether the sentence is a stretch of one cited sentence that keeps as many negations as it began with."""
    words = f" {' '.join(tokenize(subject.text))} "
    for text in cited:
        source = f" {' '.join(tokenize(text))} "
        at = source.find(words)
        if at < 0:
            continue
        before = source[:at].split()
        return not (
            before and extract_facts(" ".join(before[-2:]), language="ar")[-1:] and _ends_negated(before)
        )
    return False


def _ends_negated(words: Sequence[str]) -> bool:
    """Tell whether the words end in a particle that negates what comes next."""
    facts = extract_facts(" ".join([*words[-2:], "يفعل"]), language="ar")
    return any(fact.kind == "negation" and fact.end >= len(" ".join(words[-2:])) for fact in facts)


def _moved_numbers(subject: Side, source: Side) -> list[str]:
    """Numbers that count something else than in the source, where the source counts that thing differently."""
    faults = []
    for fact in subject.numbers:
        if fact.soft or not fact.unit or fact.form in ("vague", "clock"):
            continue
        same_value = {each.unit for each in source.numbers if each.value == fact.value}
        same_unit = {each.value for each in source.numbers if each.unit == fact.unit}
        if same_value and same_unit and "" not in same_value and fact.unit not in same_value:
            detail = f'moved: "{flat(fact.surface)} {fact.unit}" (source has {", ".join(sorted(same_unit))} {fact.unit})'
            faults.append(detail)
    return faults


def _arabic_negation_faults(subject: Side, source: Side, *, single: bool) -> list[str]:
    """Same language, so particles compare directly: none invented, and from one sentence none turned around."""
    mine = [fact for fact in subject.negations if not fact.soft]
    theirs = [fact for fact in source.negations if not fact.soft]
    if mine and not source.negations:
        return [invented_fact(mine[0], subject.text)]
    if not single:
        return []
    kept = set(tokenize(subject.text))
    faults = []
    for fact in theirs:
        following = (
            tokenize(source.text[fact.end :])[:1] if fact.value != "no longer" else tokenize(fact.surface)[1:]
        )
        if (
            len(mine) < len(theirs)
            and following
            and following[0] in kept
            and not _negated(following[0], subject)
        ):
            faults.append(lost_fact(fact, source.text))
    if theirs and not subject.negations and not faults and _overlap(subject.text, source.text) >= _REWRITE:
        faults.append(lost_fact(theirs[0], source.text))
    return faults


#: Share of the source's words that a sentence must keep before a missing negation counts as lost and not as left out.
_REWRITE: Final = 0.7


def _negated(word: str, side: Side) -> bool:
    return any(word in tokenize(side.text[fact.start : fact.end + len(word) + 2]) for fact in side.negations)


def _overlap(one: str, other: str) -> float:
    mine, theirs = Counter(tokenize(one)), Counter(tokenize(other))
    return sum((mine & theirs).values()) / max(1, sum(theirs.values()))


# --- scores for re-ranking ----------------------------------------------------------------------

#: What one fault costs a hypothesis. A loop or the wrong language makes a sentence useless; a wrong fact makes it
#: false; a name may be right in a spelling that the gazetteer lacks.
FAULT_COST: Final[dict[str, float]] = {
    "language": 4.0, "repetition": 3.0, "number": 2.0, "date": 2.0, "negation": 2.0, "name": 1.0, "length": 1.5, "term": 0.5,
}  # fmt: skip


def score_checks(checks: Iterable[Check]) -> float:
    """Return 1.0 where nothing failed, and less the more and the heavier the faults are (never 0)."""
    return 1.0 / (1.0 + sum(FAULT_COST[check.kind] for check in checks if check.verdict == "fail"))


def fact_agreement(
    english: str, arabic: str, *, terms: TermFinder[Any] | None = None, published: str | None = None
) -> float:
    """Return how well a translation keeps the facts, in (0, 1]: for ranking hypotheses, higher is better."""
    return score_checks(check_english(english, arabic, terms=terms, published=published))
