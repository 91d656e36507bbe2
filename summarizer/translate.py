"""Arabic sentences into English, one for one: what to ask the model and what to do with its answers.

Every sentence comes back at its own place. Between, the work is done on *pieces*: a sentence, or, where the
model would lose its thread (``Engine.word_limit``), its clauses. Equal pieces are translated once, and each
step runs over all of them in one batch:

1. clean the input of marks that a model stumbles over (the reader never sees this form), write months and,
   where ``terms`` knows them, names in Latin letters: the model copies those instead of guessing;
2. ask for two hypotheses, tidy them, let ``terms`` put names right, and let ``check`` judge each against the
   Arabic; ``formchecks`` finds empty, looping, half-Arabic, unfinished and run-away answers;
3. pieces whose best answer still fails, or leaves a word out, climb a ladder, all together at each rung: an asked term in the place of what the
   model calls it, then numbers and dates of the input as figures where one came out wrong, then more hypotheses, or an
   input without glosses where the model was given any, then the other form of the input (without or with Latin names), then the missing names forced into the best answer where the
   model can say where they belong, then clause by clause, then another model if there is one;
4. the best answer is kept whatever it is worth, and its failed checks go with it; one that the model was unsure of, or that
   leaves a word out, is marked as such (``estimation``).

Best means: fewest and mildest failures, then the earlier rung, then the model's own order; for a model that says so
(``RankedEngine``), the order of its score and of how many words of the Arabic an answer covers (``lexicon``). Of such a
model an answer that leaves a word out (``Lexicon.omitted``) counts as failing too, mildly, though no check says so. Scores
are not compared across rungs, because they belong to different inputs.

This file is the ladder. The form of the input is ``modelinput``'s, cutting and joining ``clauses``', the looks of the
English ``tidying``'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, Protocol, TypeVar, runtime_checkable

from summarizer.clauses import join_pieces, split_clauses, split_long
from summarizer.engines import (
    UNGLOSSED,
    AligningEngine,
    Engine,
    EstimatedEngine,
    GlossedEngine,
    Hypothesis,
    RankedEngine,
)
from summarizer.errors import ModelError
from summarizer.estimation import meaning_check
from summarizer.exchanging import exchange, own_renderings
from summarizer.forcing import Asked, AskingTerms, force
from summarizer.formchecks import form_checks, is_untranslated
from summarizer.lexicon import load as load_lexicon
from summarizer.modelinput import figures, latin_months, model_input
from summarizer.namechecks import TermMatch
from summarizer.repair import repair_facts
from summarizer.schema import Check
from summarizer.tidying import tidy_english

logger = logging.getLogger(__name__)

#: One step of the ladder: how an answer came to be.
Rung = Literal[
    "first", "exchanged", "figures", "unglossed", "n-best", "other-input", "forced", "clauses", "fallback"
]
#: ``progress(done, total)``: pieces settled, pieces in all.
Progress = Callable[[int, int], None]

#: Hypotheses of the first try.
FIRST_HYPOTHESES: Final = 2
#: The same of a ``RankedEngine``, where more of them pay. The embedded model, BLEU on 200 sentences of FLORES-200 dev and on
#: our challenge set: the best of two 19.1 and 32.5, of three 20.2 and 33.3, of four 20.4 and 33.8.
FIRST_RANKED_HYPOTHESES: Final = 4
#: Hypotheses of the second try, at least; half as many again as those of the first. Memory and time grow with them.
RETRY_HYPOTHESES: Final = 4
#: What a repaired fact counts beside a failed check of weight 1.
REPAIR_WEIGHT: Final = 0.4
#: What leaving words out counts: a little more than a repair, which is sure to be right. 997 sentences of FLORES-200 dev with
#: ar-en-v7 and the sure stems as pairs alone teach them: 90 answers leave one out, 48 where that calls for another try, with
#: 57.12 chrF2 for 56.97.
OMISSION_WEIGHT: Final = 0.45
#: How many other answers a ``Translation`` keeps.
MAX_ALTERNATIVES: Final = 3
#: Inputs of one call of the engine: enough for full batches, few enough for a progress bar to move. Of 200 reports some
#: 900 inputs are made, a good second each on a CPU.
_CHUNK: Final = 64
#: What the first answers count of all the work, for the progress that is told while they are made.
_FIRST_SHARE: Final = 0.6


class TermControl(Protocol):
    """What this module asks of ``terms.Terms``."""

    def hint(self, arabic: str, /, *, vocabulary: bool = False) -> str:
        """Return ``arabic`` with the names it knows (and with ``vocabulary`` its terms) in their English form."""
        ...

    def enforce(self, english: str, arabic: str, /) -> tuple[str, Sequence[object]]:
        """Return ``english`` with the names of ``arabic`` put right, and what was changed."""
        ...


@runtime_checkable
class FindingTerms(Protocol):
    """Terms that can say where they stand."""

    def find(self, arabic: str, /) -> Sequence[TermMatch]:
        """Return the names and terms of ``arabic``, in order."""
        ...


TermsT = TypeVar("TermsT", bound=TermControl)
#: Judges an English text against its Arabic: ``check(english, arabic, terms)``.
CheckFunction = Callable[[str, str, TermsT | None], Sequence[Check]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The English of one sentence.

    ``checks`` are those of ``text`` against the whole Arabic sentence. ``alternatives`` are other answers,
    best first. ``attempts`` are the rungs that were tried, in order; ``rung`` is the one that gave ``text``
    (the last in the ladder where clauses came from several). ``pieces`` is how many parts a long sentence
    was translated in. ``notes`` are sentences for the reader. ``score`` is the mean log-probability (<= 0) of the model's
    best first answer, the pieces of a long sentence weighted by their words.
    """

    text: str
    alternatives: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    corrections: tuple[object, ...] = ()
    attempts: tuple[Rung, ...] = ()
    rung: Rung | None = None
    pieces: int = 1
    notes: tuple[str, ...] = ()
    score: float | None = None

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict == "fail")


def translate_sentences(
    sentences: Sequence[str],
    *,
    engine: Engine,
    terms: TermsT | Sequence[TermsT] | None = None,
    check: CheckFunction[TermsT] | None = None,
    hypotheses: int = RETRY_HYPOTHESES,
    fallback: Engine | None = None,
    progress: Progress | None = None,
) -> list[Translation]:
    """Translate each sentence; ``len(result) == len(sentences)``, in the same order.

    ``terms`` is one for all, or one a sentence (each story has its own names). ``hypotheses`` is how many
    answers the second try asks for (2 or less: no second try). ``fallback`` is asked, once and last, about what
    ``engine`` could not do. An empty sentence gives an empty translation.
    The result depends on the set of sentences, not on their order. Raises ``ModelError`` when the engine fails
    as a whole, or ``terms`` is of another length; a sentence that fails is returned and marked.
    """
    if terms is None or not isinstance(terms, Sequence):
        owners: list[TermsT | None] = [terms] * len(sentences)
    else:
        owners = list(terms)
    if len(owners) != len(sentences):
        raise ModelError(f"{len(sentences)} sentences to translate, but {len(owners)} sets of terms")
    known = {id(owner): owner for owner in owners}
    keys = [(text.strip(), id(owner)) for text, owner in zip(sentences, owners, strict=True)]
    parts = {text: split_long(text, engine) for text, _ in keys if text}
    plans = {
        (text, owner): [_Piece[TermsT](text=part, terms=known[owner], owner=owner) for part in parts[text]]
        for text, owner in keys
        if text
    }
    pieces = {piece.key: piece for plan in plans.values() for piece in plan}
    ladder: _Ladder[TermsT] = _Ladder(engine=engine, check=check, fallback=fallback, progress=progress)
    ladder.climb(list(pieces.values()), hypotheses=hypotheses)
    done = {
        key: ladder.assemble(key[0], [pieces[piece.key] for piece in plan]) for key, plan in plans.items()
    }
    failing = sum(bool(each.failures) for each in done.values())
    logger.info(
        "%d sentences, %d different, %d pieces, %d marked", len(keys), len(done), len(pieces), failing
    )
    return [done.get(key) or Translation(text="") for key in keys]


# --- candidates and the ladder --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """One answer for one piece, tidied, with names put right and judged."""

    text: str
    checks: tuple[Check, ...]
    corrections: tuple[object, ...]
    repairs: int
    rung: Rung
    omitted: tuple[str, ...] = ()  # words of the Arabic
    score: float = 0.0  # the model's own
    rank: float = 0.0  # among the answers of one rung, higher is better

    @property
    def passes(self) -> bool:
        return not any(each.verdict == "fail" for each in self.checks)

    @property
    def faultless(self) -> bool:
        return self.passes and not self.omitted

    def order(self) -> tuple[float, int, float]:
        """Sort key: the best first."""
        return self.weight, _RUNGS.index(self.rung), -self.rank

    @property
    def weight(self) -> float:
        """What is wrong with the answer; of two as good as each other, the one that needed no repair is better."""
        return (
            _NO_TRANSLATION * is_untranslated(self.text)
            + REPAIR_WEIGHT * self.repairs
            + OMISSION_WEIGHT * bool(self.omitted)  # once: two words must not outweigh a failed check
            + sum(_WEIGHTS.get(each.kind, 1) for each in self.checks if each.verdict == "fail")
        )


#: An answer that is empty or a copy of the Arabic loses against whatever is English.
_NO_TRANSLATION: Final = 100.0
#: How much a failure of a kind counts (others: 1). A loop or an empty answer is worse than any wrong name.
_WEIGHTS: Final[Mapping[str, float]] = {"repetition": 4, "length": 3, "language": 3, "term": 0.5}


@dataclass(slots=True, kw_only=True)
class _Piece(Generic[TermsT]):
    """What is known of one piece so far; ``candidates`` in the order in which they were made."""

    text: str
    terms: TermsT | None
    owner: int  # whose terms: the same text may belong to two stories
    candidates: list[_Candidate] = field(default_factory=list)
    attempts: list[Rung] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, int]:
        return self.text, self.owner

    def ranked(self) -> list[_Candidate]:
        """Return the candidates best first, each text once. The sort is stable: earlier rungs win ties."""
        unique: dict[str, _Candidate] = {}
        for each in sorted(self.candidates, key=_Candidate.order):
            unique.setdefault(each.text, each)
        return list(unique.values())

    @property
    def fails(self) -> bool:
        """Whether no answer is without fault: another try may mend that."""
        return not any(each.faultless for each in self.candidates)

    @property
    def fails_checks(self) -> bool:
        return not any(each.passes for each in self.candidates)

    @property
    def score(self) -> float:
        """How sure the model was: the best score of its first answers. Later ones are to other inputs, or forced."""
        return max(each.score for each in self.candidates if each.rung == "first")


class _Ladder(Generic[TermsT]):
    """Takes pieces up the rungs, every rung in one batch."""

    def __init__(
        self,
        *,
        engine: Engine,
        check: CheckFunction[TermsT] | None,
        fallback: Engine | None,
        progress: Progress | None,
    ) -> None:
        self._engine = engine
        self._check = check
        self._fallback = fallback
        self._progress = progress
        self._told = 0
        # An answer that nothing judges is the model's own first one.
        judged = check is not None
        self._coverage_weight = engine.coverage_weight if judged and isinstance(engine, RankedEngine) else 0.0
        self._estimation = engine.estimation if judged and isinstance(engine, EstimatedEngine) else None
        self._hypotheses = FIRST_RANKED_HYPOTHESES if self._coverage_weight else FIRST_HYPOTHESES

    def climb(self, pieces: Sequence[_Piece[TermsT]], *, hypotheses: int) -> None:
        """Fill the candidates of all pieces; only those that fail go on from rung to rung."""
        self._try(
            pieces,
            "first",
            [self._input(piece) for piece in pieces],
            told=lambda part: self._report(round(_FIRST_SHARE * part * len(pieces)), len(pieces)),
        )
        self._try_exchanged(self._failing(pieces))
        self._try_figures(self._failing(pieces))
        failing = self._failing(pieces)
        if hypotheses > FIRST_HYPOTHESES and isinstance(self._engine, GlossedEngine) and self._engine.glosses:
            # In place of more hypotheses: of 16 pieces that failed without glosses too, six in a wider beam saved none.
            self._try(failing, "unglossed", [self._input(piece) + UNGLOSSED for piece in failing])
            failing = self._failing(pieces)
        elif hypotheses > FIRST_HYPOTHESES:
            wider = max(hypotheses, self._hypotheses * 3 // 2)
            self._try(failing, "n-best", [self._input(piece) for piece in failing], wider)
            failing = self._failing(pieces)
        changed = [piece for piece in failing if self._other_input(piece) != self._input(piece)]
        self._try(changed, "other-input", [self._other_input(piece) for piece in changed])
        self._try_forced(self._failing(pieces))
        self._try_clauses(self._failing(pieces))
        if self._fallback is not None:
            other = self._fallback
            failing = [piece for piece in self._failing(pieces) if piece.fails_checks]
            self._try(failing, "fallback", [self._input(piece, other) for piece in failing], engine=other)
        self._report(len(pieces), len(pieces))

    def assemble(self, sentence: str, pieces: Sequence[_Piece[TermsT]]) -> Translation:
        """Join the best answers of a sentence's pieces, and judge the whole against the whole sentence."""
        ranked = [piece.ranked() for piece in pieces]
        last = max((each[0].rung for each in ranked), key=_RUNGS.index)
        if len(pieces) == 1:
            whole, others = ranked[0][0], [each.text for each in ranked[0][1:]]
        else:
            arabic, terms = [piece.text for piece in pieces], pieces[0].terms
            first = join_pieces(arabic, [each[0].text for each in ranked])
            second = join_pieces(arabic, [each[min(1, len(each) - 1)].text for each in ranked])
            whole = self._judge(sentence, Hypothesis(text=first), last, terms)
            others = [self._judge(sentence, Hypothesis(text=second), last, terms).text]
        lengths = [len(piece.text.split()) for piece in pieces]
        score = sum(piece.score * n for piece, n in zip(pieces, lengths, strict=True)) / max(1, sum(lengths))
        return Translation(
            text=whole.text,
            alternatives=tuple(text for text in others if text and text != whole.text)[:MAX_ALTERNATIVES],
            checks=(*whole.checks, *self._doubts(sentence, whole, score)),
            corrections=whole.corrections,
            attempts=tuple(rung for rung in _RUNGS if any(rung in piece.attempts for piece in pieces)),
            rung=last,
            pieces=len(pieces),
            notes=_notes(last, len(pieces), self._fallback),
            score=score,
        )

    def _doubts(self, sentence: str, answer: _Candidate, score: float) -> list[Check]:
        """Return the mark of a doubtful sentence, where the model's doubts are known and the answer is its own."""
        if self._estimation is None or answer.rung == "fallback" or is_untranslated(answer.text):
            return []
        found = meaning_check(
            self._estimation,
            score=score,
            coverage=load_lexicon().coverage(answer.text, sentence).mean,
            words=len(sentence.split()),
            omitted=answer.omitted,
        )
        return [found] if found is not None else []

    # --- rungs ----------------------------------------------------------------------------------

    def _try(
        self,
        pieces: Sequence[_Piece[TermsT]],
        rung: Rung,
        inputs: Sequence[str],
        hypotheses: int | None = None,
        *,
        engine: Engine | None = None,
        told: Callable[[float], None] | None = None,
    ) -> None:
        """Add the answers of ``engine`` (the ladder's own) to ``inputs`` (one a piece) to the pieces' candidates."""
        answers = self._generate(inputs, hypotheses or self._hypotheses, engine or self._engine, told=told)
        for piece, text in zip(pieces, inputs, strict=True):
            piece.attempts.append(rung)
            piece.candidates.extend(
                self._judge(piece.text, answer, rung, piece.terms) for answer in answers[text]
            )

    def _try_exchanged(self, pieces: Sequence[_Piece[TermsT]]) -> None:
        """Put the names and terms that an answer of a piece lacks where it has the model's own rendering of them."""
        able: list[tuple[_Piece[TermsT], _Candidate, Sequence[Asked]]] = []
        for piece in pieces:
            terms: object = piece.terms
            if isinstance(terms, AskingTerms):
                able += [
                    (piece, each, asked)
                    for each in piece.ranked()[:FIRST_RANKED_HYPOTHESES]
                    if not is_untranslated(each.text) and (asked := terms.asked(piece.text, each.text))
                ]
        lacking = {piece.text[each.start : each.end] for piece, _, asked in able for each in asked}
        renderings = own_renderings(self._engine, lacking)
        for piece, candidate, asked in able:
            text = exchange(candidate.text, piece.text, asked, renderings)
            if text is not None:
                piece.attempts.append("exchanged")
                answer = Hypothesis(text=text, score=candidate.score)
                piece.candidates.append(self._judge(piece.text, answer, "exchanged", piece.terms))

    def _try_figures(self, pieces: Sequence[_Piece[TermsT]]) -> None:
        """Write number words and dates of the input as figures where the best answer has one of them wrong."""
        if self._engine.latin_names == "never":
            return
        able = [
            (piece, written)
            for piece in pieces
            if any(
                check.kind in ("number", "date") and check.verdict == "fail"
                for check in piece.ranked()[0].checks
            )
            and (written := self._input(piece, in_figures=True)) != self._input(piece)
        ]
        self._try([piece for piece, _ in able], "figures", [written for _, written in able])

    def _try_forced(self, pieces: Sequence[_Piece[TermsT]]) -> None:
        """Force the names and terms that the best answer of a piece lacks into it."""
        engine = self._engine
        if not isinstance(engine, AligningEngine) or not engine.aligns:
            return
        able: list[tuple[_Piece[TermsT], str, str, Sequence[Asked]]] = []
        for piece in pieces:
            fed, best = model_input(piece.text), piece.ranked()[0].text
            terms: object = piece.terms
            if isinstance(terms, AskingTerms) and engine.count_tokens(fed) <= engine.input_limit:
                asked = terms.asked(fed, best)
                if asked and not is_untranslated(best):
                    able.append((piece, fed, best, asked))
        if not able:
            return
        forced = force(
            engine, [fed for _, fed, _, _ in able], [best for *_, best, _ in able], [each[3] for each in able]
        )
        for (piece, *_), text in zip(able, forced, strict=True):
            piece.attempts.append("forced")
            if text is not None:
                piece.candidates.append(self._judge(piece.text, Hypothesis(text=text), "forced", piece.terms))

    def _try_clauses(self, pieces: Sequence[_Piece[TermsT]]) -> None:
        """Translate each piece clause by clause, the best answer of each clause, and judge the joined text."""
        split = {piece.key: split_clauses(piece.text) for piece in pieces}
        able = [piece for piece in pieces if len(split[piece.key]) > 1]
        clauses = {
            (text, piece.owner): _Piece(text=text, terms=piece.terms, owner=piece.owner)
            for piece in able
            for text in split[piece.key]
        }
        parts = list(clauses.values())
        self._try(parts, "clauses", [self._input(part) for part in parts])
        for piece in able:
            arabic = split[piece.key]
            english = [clauses[text, piece.owner].ranked()[0].text for text in arabic]
            piece.attempts.append("clauses")
            whole = Hypothesis(text=join_pieces(arabic, english))
            piece.candidates.append(self._judge(piece.text, whole, "clauses", piece.terms))

    def _failing(self, pieces: Sequence[_Piece[TermsT]]) -> list[_Piece[TermsT]]:
        failing = [piece for piece in pieces if piece.fails]
        self._report(len(pieces) - len(failing), len(pieces))
        return failing

    def _report(self, done: int, total: int) -> None:
        self._told = max(self._told, done)  # where many first answers fail, less is settled than was told
        if self._progress is not None:
            self._progress(self._told, total)

    # --- one piece ------------------------------------------------------------------------------

    def _input(self, piece: _Piece[TermsT], engine: Engine | None = None, *, in_figures: bool = False) -> str:
        """Return the first form of the input: with Latin names where the model profits from them."""
        if (engine or self._engine).latin_names == "first":
            return self._fed(piece, in_figures=in_figures)
        plain = model_input(piece.text)
        return figures(plain) if in_figures else plain

    def _other_input(self, piece: _Piece[TermsT]) -> str:
        """Return the form for another try: figures, and terms in Latin letters beside the names, or names at all."""
        if self._engine.latin_names == "never":
            return model_input(piece.text)
        return self._fed(piece, vocabulary=self._engine.latin_names == "first", in_figures=True)

    @staticmethod
    def _fed(piece: _Piece[TermsT], *, vocabulary: bool = False, in_figures: bool = False) -> str:
        plain = model_input(piece.text)
        if in_figures:
            plain = figures(plain)
        return latin_months(plain if piece.terms is None else piece.terms.hint(plain, vocabulary=vocabulary))

    @staticmethod
    def _generate(
        inputs: Iterable[str],
        hypotheses: int,
        engine: Engine,
        *,
        told: Callable[[float], None] | None = None,
    ) -> dict[str, list[Hypothesis]]:
        """Return input -> answers. An input over the model's limit gets one empty answer, which then fails.

        ``told`` hears, after each call of the engine, which part of the inputs has its answers.
        """
        answers: dict[str, list[Hypothesis]] = {}
        asked: list[str] = []
        for text in sorted(set(inputs), key=lambda each: (len(each), each)):
            tokens = engine.count_tokens(text)
            if tokens > engine.input_limit:
                fault = f"too long for {engine.info.id}: {tokens} tokens, {engine.input_limit} are read"
                answers[text] = [Hypothesis(text="", finished=False, fault=fault)]
            else:
                asked.append(text)
        for start in range(0, len(asked), _CHUNK):
            chunk = asked[start : start + _CHUNK]
            results = engine.generate(chunk, hypotheses=hypotheses)
            if len(results) != len(chunk) or not all(results):
                raise ModelError(f"{engine.info.id}: {len(chunk)} texts in, {len(results)} answers out")
            answers.update(zip(chunk, results, strict=True))
            if told is not None:
                told((start + len(chunk)) / len(asked))
        return answers

    def _judge(self, arabic: str, answer: Hypothesis, rung: Rung, terms: TermsT | None) -> _Candidate:
        """Tidy an answer, put its names right, and check it against ``arabic``."""
        text, corrections = tidy_english(answer.text, arabic), tuple[object, ...]()
        if terms is not None and text:
            enforced, changes = terms.enforce(text, arabic)
            text, corrections = tidy_english(enforced, arabic), tuple(changes)
        text, repairs = repair_facts(text, arabic, terms=terms)
        found = tuple(self._check(text, arabic, terms)) if self._check is not None else ()
        if answer.fault:
            form = [Check(kind="length", on="en", verdict="fail", detail=answer.fault)]
        else:
            form = form_checks(text, arabic, finished=answer.finished, known={each.kind for each in found})
        return _Candidate(
            text=text,
            checks=(*found, *(each for each in form if each.verdict == "fail")),
            corrections=(*corrections, *repairs),
            repairs=len(repairs),
            rung=rung,
            # The fallback is another model, and a better one says things in other words.
            omitted=_omitted(text, arabic, terms) if self._coverage_weight and rung != "fallback" else (),
            score=answer.score,
            rank=self._rank(text, arabic, answer),
        )

    def _rank(self, text: str, arabic: str, answer: Hypothesis) -> float:
        if not self._coverage_weight:
            return 0.0
        return answer.score + self._coverage_weight * load_lexicon().coverage(text, arabic).mean


def _omitted(english: str, arabic: str, terms: object) -> tuple[str, ...]:
    """Return the words that an answer leaves out; names and terms have checks of their own."""
    found = terms.find(arabic) if isinstance(terms, FindingTerms) else ()
    return load_lexicon().omitted(english, arabic, but=[(each.start, each.end) for each in found])


_RUNGS: Final[tuple[Rung, ...]] = (
    "first",
    "exchanged",
    "figures",
    "unglossed",
    "n-best",
    "other-input",
    "forced",
    "clauses",
    "fallback",
)
#: What a reader is told of an English sentence that is not the model's first answer.
_TOLD: Final[Mapping[Rung, str]] = {
    "exchanged": "its English has the asked rendering of a term in the place of the model's own",
    "figures": "its English comes of an input with numbers and dates written as figures, because the first answers had one wrong",
    "unglossed": "its English comes of an input without a dictionary's glosses, because the first answers failed a check or left a word out",
    "n-best": "its English is a further answer of the model, because the first ones failed a check or left a word out",
    "other-input": "its English comes of another form of the input, because the first answers failed a check or left a word out",
    "forced": "its English was led past a name or term that the first answers had missed",
    "clauses": "its English was translated clause by clause, because the whole failed a check or left a word out",
}


def _notes(rung: Rung, pieces: int, fallback: Engine | None) -> tuple[str, ...]:
    """Return what a reader should know of how a translation came to be."""
    notes = [] if pieces == 1 else [f"a long sentence, translated in {pieces} parts"]
    if rung == "fallback" and fallback is not None:
        notes.append(
            f"its English is of model {fallback.info.id}, because the first model's answers failed a check"
        )
    elif rung in _TOLD:
        notes.append(_TOLD[rung])
    return tuple(notes)
