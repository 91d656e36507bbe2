"""Arabic sentences into English, one for one: what to ask the model and what to do with its answers.

Every sentence comes back at its own place. Between, the work is done on *pieces*: a sentence, or, where the
model would lose its thread (``Engine.word_limit``), its clauses. Equal pieces are translated once, and each
step runs over all of them in one batch:

1. clean the input of marks that a model stumbles over (the reader never sees this form), write months and,
   where ``terms`` knows them, names in Latin letters: the model copies those instead of guessing;
2. ask for two hypotheses, tidy them, let ``terms`` put names right, and let ``check`` judge each against the
   Arabic; ``formchecks`` finds empty, looping, half-Arabic, unfinished and run-away answers;
3. pieces whose best answer still fails climb a ladder, all together at each rung: more hypotheses, then the
   other form of the input (without or with Latin names), then the missing names forced into the best answer where the
   model can say where they belong, then clause by clause, then another model if there is one;
4. the best answer is kept whatever it is worth, and its failed checks go with it.

Best means: fewest and mildest failures, then the earlier rung, then the model's own order. Scores are not
compared across rungs, because they belong to different inputs.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, Protocol, TypeVar

from summarizer.arabic import GREGORIAN_MONTHS, fold, month_number, normalize, span_in_source
from summarizer.engines import AligningEngine, Engine, Hypothesis
from summarizer.errors import ModelError
from summarizer.forcing import Asked, AskingTerms, force
from summarizer.formchecks import form_checks, is_untranslated
from summarizer.repair import repair_facts
from summarizer.schema import Check

logger = logging.getLogger(__name__)

#: One step of the ladder: how an answer came to be.
Rung = Literal["first", "n-best", "other-input", "forced", "clauses", "fallback"]
#: ``progress(done, total)``: pieces settled, pieces in all.
Progress = Callable[[int, int], None]

#: Hypotheses of the first try. Two cost nothing over one with the beam of 2 that the embedded model uses.
FIRST_HYPOTHESES: Final = 2
#: Hypotheses of the second try. On 60 FLORES sentences the best of 4 is 0.7 BLEU better than the first.
RETRY_HYPOTHESES: Final = 4
#: What a repaired fact counts beside a failed check of weight 1.
REPAIR_WEIGHT: Final = 0.4
#: How many other answers a ``Translation`` keeps.
MAX_ALTERNATIVES: Final = 3
#: Inputs of one call of the engine: enough for full batches, few enough for a progress bar to move.
_CHUNK: Final = 256


class TermControl(Protocol):
    """What this module asks of ``terms.Terms``."""

    def hint(self, arabic: str, /, *, vocabulary: bool = False) -> str:
        """Return ``arabic`` with the names it knows (and with ``vocabulary`` its terms) in their English form."""
        ...

    def enforce(self, english: str, arabic: str, /) -> tuple[str, Sequence[object]]:
        """Return ``english`` with the names of ``arabic`` put right, and what was changed."""
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
    was translated in. ``notes`` are sentences for the reader.
    """

    text: str
    alternatives: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    corrections: tuple[object, ...] = ()
    attempts: tuple[Rung, ...] = ()
    rung: Rung | None = None
    pieces: int = 1
    notes: tuple[str, ...] = ()

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

    @property
    def faultless(self) -> bool:
        return not any(each.verdict == "fail" for each in self.checks)

    @property
    def weight(self) -> float:
        """What is wrong with the answer; of two as good as each other, the one that needed no repair is better."""
        return (
            _NO_TRANSLATION * is_untranslated(self.text)
            + REPAIR_WEIGHT * self.repairs
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
        for each in sorted(self.candidates, key=lambda candidate: candidate.weight):
            unique.setdefault(each.text, each)
        return list(unique.values())

    @property
    def fails(self) -> bool:
        return not any(each.faultless for each in self.candidates)


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

    def climb(self, pieces: Sequence[_Piece[TermsT]], *, hypotheses: int) -> None:
        """Fill the candidates of all pieces; only those that fail go on from rung to rung."""
        self._try(pieces, "first", [self._input(piece) for piece in pieces])
        failing = self._failing(pieces)
        if hypotheses > FIRST_HYPOTHESES:
            self._try(failing, "n-best", [self._input(piece) for piece in failing], hypotheses)
            failing = self._failing(pieces)
        changed = [piece for piece in failing if self._other_input(piece) != self._input(piece)]
        self._try(changed, "other-input", [self._other_input(piece) for piece in changed])
        self._try_forced(self._failing(pieces))
        self._try_clauses(self._failing(pieces))
        if self._fallback is not None:
            other = self._fallback
            failing = self._failing(pieces)
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
        return Translation(
            text=whole.text,
            alternatives=tuple(text for text in others if text and text != whole.text)[:MAX_ALTERNATIVES],
            checks=whole.checks,
            corrections=whole.corrections,
            attempts=tuple(rung for rung in _RUNGS if any(rung in piece.attempts for piece in pieces)),
            rung=last,
            pieces=len(pieces),
            notes=_notes(last, len(pieces), self._fallback),
        )

    # --- rungs ----------------------------------------------------------------------------------

    def _try(
        self,
        pieces: Sequence[_Piece[TermsT]],
        rung: Rung,
        inputs: Sequence[str],
        hypotheses: int = FIRST_HYPOTHESES,
        *,
        engine: Engine | None = None,
    ) -> None:
        """Add the answers of ``engine`` (the ladder's own) to ``inputs`` (one a piece) to the pieces' candidates."""
        answers = self._generate(inputs, hypotheses, engine or self._engine)
        for piece, text in zip(pieces, inputs, strict=True):
            piece.attempts.append(rung)
            piece.candidates.extend(
                self._judge(piece.text, answer, rung, piece.terms) for answer in answers[text]
            )

    def _try_forced(self, pieces: Sequence[_Piece[TermsT]]) -> None:
        """Force the names and terms that the best answer of a piece lacks into it."""
        engine = self._engine
        if not isinstance(engine, AligningEngine) or not engine.aligns:
            return
        able: list[tuple[_Piece[TermsT], str, str, Sequence[Asked]]] = []
        for piece in pieces:
            fed, best = model_input(piece.text), piece.ranked()[0].text
            if isinstance(piece.terms, AskingTerms) and engine.count_tokens(fed) <= engine.input_limit:
                asked = piece.terms.asked(fed, best)
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
        if self._progress is not None:
            self._progress(done, total)

    # --- one piece ------------------------------------------------------------------------------

    def _input(self, piece: _Piece[TermsT], engine: Engine | None = None) -> str:
        """Return the first form of the input: with Latin names where the model profits from them."""
        first = (engine or self._engine).latin_names == "first"
        return self._fed(piece) if first else model_input(piece.text)

    def _other_input(self, piece: _Piece[TermsT]) -> str:
        """Return the form for another try: with terms in Latin letters beside the names, or with names at all."""
        if self._engine.latin_names == "never":
            return model_input(piece.text)
        return self._fed(piece, vocabulary=self._engine.latin_names == "first")

    @staticmethod
    def _fed(piece: _Piece[TermsT], *, vocabulary: bool = False) -> str:
        plain = model_input(piece.text)
        return latin_months(plain if piece.terms is None else piece.terms.hint(plain, vocabulary=vocabulary))

    @staticmethod
    def _generate(inputs: Iterable[str], hypotheses: int, engine: Engine) -> dict[str, list[Hypothesis]]:
        """Return input -> answers. An input over the model's limit gets one empty answer, which then fails."""
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
        )


_RUNGS: Final[tuple[Rung, ...]] = ("first", "n-best", "other-input", "forced", "clauses", "fallback")
#: What a reader is told of an English sentence that is not the model's first answer.
_TOLD: Final[Mapping[Rung, str]] = {
    "n-best": "its English is a further answer of the model, because the first ones failed a check",
    "other-input": "its English comes of another form of the input, because the first answers failed a check",
    "forced": "its English was led past a name or term that the first answers had missed",
    "clauses": "its English was translated clause by clause, because the whole failed a check",
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


# --- the model's input ----------------------------------------------------------------------------

#: What a model meets in its training text in place of each character. Nothing that carries a letter is lost.
_PLAIN: Final[dict[int, str | None]] = {
    **dict.fromkeys([0x0640, 0x0670, 0x00AD, 0x061C, 0xFEFF]),  # tatweel, dagger alef, soft hyphen, marks
    **dict.fromkeys([*range(0x0610, 0x061B), *range(0x064B, 0x0660), *range(0x06D6, 0x06EE)]),  # harakat
    **dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),  # invisible
    **{ord(letter): "ي" for letter in "یېۍے"},
    **{ord(letter): "ك" for letter in "کڪ"},
    **{ord(letter): "ه" for letter in "ہھەۀ"},
    ord("ۃ"): "ة", ord("ٱ"): "ا",
    ord("٫"): ".", ord("٬"): ",", ord("٪"): "%", ord("…"): "...",
    **{ord(quote): '"' for quote in "«»“”„‟‹›"},
    **{ord(quote): "'" for quote in "‘’‚‛"},
    **{ord(dash): "-" for dash in "‐‑‒–—―−"},
}  # fmt: skip
_PRESENTATION: Final = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefc]+")
_JOIN_JUNK: Final = re.compile(r"([.!؟?])\s*[,،]+(?=\s|$)|[,،]+\s*([.!؟?])(?=\s|$)")
_SPACE_BEFORE: Final = re.compile(r"\s+(?=[،؛؟,;:!.](?:\s|$))")


def model_input(arabic: str) -> str:
    """Return the form of ``arabic`` that is fed to the model. Only for the model, never for the reader."""
    text = _PRESENTATION.sub(lambda match: unicodedata.normalize("NFKC", match[0]), arabic)
    text = "".join(_plain_character(character) for character in text)
    text, before = " ".join(text.split()), None
    while text != before:  # every pass but the last shortens the text
        before = text
        text = _SPACE_BEFORE.sub("", _JOIN_JUNK.sub(lambda match: match[1] or match[2], text)).strip(" ,،")
    return text


def _plain_character(character: str) -> str:
    if ord(character) in _PLAIN:
        return _PLAIN[ord(character)] or ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character


_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Month names that are everyday words too ("practised", "returned", "my"): months only beside a number.
_AMBIGUOUS_MONTHS: Final = frozenset(normalize(each) for each in ("مارس", "آب", "ماي", "أوت", "جوان"))
_ARABIC_MONTHS: Final = {name: number for name, number in GREGORIAN_MONTHS.items() if not name.isascii()}
_MONTH: Final = re.compile(
    rf"(?<!\w)([ولب]?)({'|'.join(sorted(map(re.escape, _ARABIC_MONTHS), key=len, reverse=True))})(?!\w)"
)
_NUMBER_BEFORE: Final = re.compile(r"(?:\d\s*[-/]?\s*|شهر\s+)$")
_NUMBER_AFTER: Final = re.compile(r"\s*[-/]?\s*(?:عام\s+|سنه\s+)?\d")
#: What stands between two names of one month: "كانون الثاني / يناير", "مايو أيار", "آذار (مارس)".
_SAME_MONTH_GAP: Final = re.compile(r"\s*[/(-]?\s*")


def latin_months(text: str) -> str:
    """Return ``text`` with Gregorian month names in English, ``كانون الثاني / يناير`` as one ``January``.

    Ambiguous words (``مارس`` is March and "practised") count only next to a number, after ``شهر`` or beside the
    same month's other name. Prefixed ``و``, ``ل`` and ``ب`` stay as words of their own.
    """
    folded, origin = fold(text)
    found: list[tuple[int, int, str, int, bool]] = []  # start, end (folded), prefix, month, sure
    for match in _MONTH.finditer(folded):
        number = _ARABIC_MONTHS[match[2]]
        beside = _NUMBER_BEFORE.search(folded[: match.start()]) or _NUMBER_AFTER.match(folded, match.end())
        sure = match[2] not in _AMBIGUOUS_MONTHS or beside is not None
        if (
            found
            and found[-1][3] == number
            and _SAME_MONTH_GAP.fullmatch(folded, found[-1][1], match.start())
        ):
            start, _, prefix, _, _ = found.pop()
            closes = folded[match.start() - 1] == "(" and folded[match.end() : match.end() + 1] == ")"
            found.append((start, match.end() + closes, prefix, number, True))
        else:
            found.append((match.start(), match.end(), match[1], number, sure))
    pieces, last = [], 0
    for start, end, prefix, number, sure in found:
        if sure:
            first, after = span_in_source(text, origin, start, end)
            pieces += [text[last:first], f"{prefix} " if prefix else "", _ENGLISH_MONTHS[number - 1]]
            last = after
    return "".join([*pieces, text[last:]])


# --- long sentences -------------------------------------------------------------------------------

#: Words that open a clause: a cut before them leaves two parts that can be said alone.
_CLAUSE_WORDS: Final = frozenset(
    normalize(
        """
        حيث فيما بينما لكن ولكن لكنه ولكنه لكنها ولكنها كما وذلك اذ مما بل بعدما عندما رغم مشيرا مشيره مضيفا مضيفه
        مؤكدا مؤكده موضحا موضحه مبينا لافتا معتبرا معربا وقال وقالت واضاف واضافت واكد واكدت واوضح واشار واشارت
        واعلن واعلنت وذكر وذكرت وان وانه وانها وانهم وهو وهي وهم وهذا وهذه وقد وكان وكانت ولم ولا ولن وليس وفي
        ومن وعلى وعن ومع والتي والذي والذين وبدات وبدا ويذكر ويشار ويعتبر وتاتي وياتي وسوف وستكون وسيكون وحتى
        """
    ).split()
)
#: Words before which a sentence may be cut when there is no better place.
_PREPOSITIONS: Final = frozenset(
    normalize("في من الى على عن مع بعد قبل خلال منذ عبر ضد حول بشان التي الذي ان").split()
)
#: Price of a cut. What matters is their order: punctuation, a clause word, "and", a preposition, anywhere.
_AT_STOP, _AT_COMMA, _AT_CLAUSE, _AT_AND, _AT_PREPOSITION, _ANYWHERE = 0.5, 1.0, 2.0, 4.0, 6.0, 9.0
#: Added inside quotation marks or brackets, and beside a number.
_IN_QUOTES, _AT_NUMBER = 10.0, 30.0
#: Cuts up to this price are clause boundaries, fit for the retry "clause by clause".
_CLEAN_CUT: Final = _AT_CLAUSE
#: Parts shorter than this (words) say too little to be translated alone.
_MIN_PART_WORDS: Final = 5

_WORD_SPAN: Final = re.compile(r"\S+")
_OPENING: Final = "«“(["
_CLOSING: Final = "»”)]"


def split_clauses(text: str) -> list[str]:
    """Return ``text`` cut at every clause boundary that leaves parts of five words or more on both sides."""
    words = _WORD_SPAN.findall(text)
    prices = _cut_prices(words)
    cuts = [0]
    for index in range(_MIN_PART_WORDS, len(words) - _MIN_PART_WORDS + 1):
        if prices[index] <= _CLEAN_CUT and index - cuts[-1] >= _MIN_PART_WORDS:
            cuts.append(index)
    return _parts(text, cuts)


def split_long(text: str, engine: Engine) -> list[str]:
    """Return ``text`` in parts that the engine handles well: by its word limit, and its token limit."""
    limit = engine.word_limit
    if limit is None:
        limit = max(1, len(text.split()))
    while True:
        parts = split_words(text, limit=limit)
        if limit == 1 or all(engine.count_tokens(model_input(part)) <= engine.input_limit for part in parts):
            return parts
        limit = max(1, min(limit, max(len(part.split()) for part in parts)) // 2)


def split_words(text: str, *, limit: int) -> list[str]:
    """Return ``text`` in parts of at most ``limit`` words, cut where it costs least.

    The parts, joined with single spaces, are the text with its white space made single. Least total price over
    all ways to cut, with a small price on uneven parts; ``words * limit`` steps.
    """
    words = _WORD_SPAN.findall(text)
    if len(words) <= limit:
        return [text.strip()] if words else []
    prices = _cut_prices(words)
    even = len(words) / -(-len(words) // limit)  # words a part if all were equal
    best: list[tuple[float, int]] = [(0.0, 0)]  # [i]: price of the best way to cut words[:i], its last cut
    for end in range(1, len(words) + 1):
        price = prices[end] if end < len(words) else 0.0
        best.append(
            min(
                (best[start][0] + price + 2.0 * abs(end - start - even) / even, start)
                for start in range(max(0, end - limit), end)
            )
        )
    cuts, end = [], len(words)
    while end > 0:
        end = best[end][1]
        cuts.append(end)
    return _parts(text, cuts[::-1])


def _parts(text: str, cuts: Sequence[int]) -> list[str]:
    """Return the words of ``text`` from each cut to the next, one space between."""
    words = _WORD_SPAN.findall(text)
    return [" ".join(words[start:end]) for start, end in zip(cuts, [*cuts[1:], len(words)], strict=True)]


def _cut_prices(words: Sequence[str]) -> list[float]:
    """Return for each index the price of a cut before that word."""
    prices: list[float] = []
    depth, quoted, previous = 0, False, ""
    for word in words:
        price = _boundary_price(previous, word)
        prices.append(price + (_IN_QUOTES if depth > 0 or quoted else 0.0))
        depth = max(0, depth + sum(word.count(c) for c in _OPENING) - sum(word.count(c) for c in _CLOSING))
        quoted ^= word.count('"') % 2 == 1
        previous = word
    if depth or quoted:  # a quotation that never ends says nothing about where to cut
        return [price - _IN_QUOTES if price >= _IN_QUOTES else price for price in prices]
    return prices


def _boundary_price(previous: str, word: str) -> float:
    ending = previous.rstrip("»”\")]'")
    if ending.endswith(("؛", ";", ".", "؟", "!", "…")) and len(ending) > 2:
        return _AT_STOP
    if ending.endswith(("،", ",", ":")) or previous in ("-", "–", "—"):
        return _AT_COMMA
    bare = normalize(word).strip('«“"([')
    if bare in _CLAUSE_WORDS:
        return _AT_CLAUSE
    number = any(each.isdigit() for each in previous + word) or month_number(bare) is not None
    if bare.startswith("و") and len(bare) > 3 and not number and not bare.startswith(("وال", "ولل")):
        return _AT_AND
    return (_AT_PREPOSITION if bare in _PREPOSITIONS else _ANYWHERE) + (_AT_NUMBER if number else 0.0)


#: English words that a part may begin with and that lose their capital inside a sentence.
_LOWERED: Final = frozenset(
    """The A An This That These Those It He She They We In On At As And But Or While Where When After Before Since
    With For From To By Of According However Also There Which Who Its His Her Their Some Many Several All Both If
    Although Because During Through Under Over About Among Until""".split()
)
_CONJUNCTIONS: Final = (
    "and ",
    "but ",
    "or ",
    "while ",
    "where ",
    "when ",
    "which ",
    "who ",
    "as ",
    "although ",
    "because ",
)


def join_pieces(arabic: Sequence[str], english: Sequence[str]) -> str:
    """Return the English of the parts as one sentence; ``arabic`` tells what stood between them."""
    whole = ""
    previous = ""
    for source, text in zip(arabic, english, strict=True):
        part = text.strip()
        if not part:
            continue
        if whole:
            head = part.partition(" ")[0].rstrip(",")
            if previous.endswith((".", "؟", "!", "?")):
                whole = f"{whole} {part}"
            else:
                part = part[0].lower() + part[1:] if head in _LOWERED else part
                whole = whole.rstrip(" .,;:!?") + _joint(previous, part) + part
        else:
            whole = part
        previous = source.rstrip('»”")] ')
    return whole


def _joint(arabic_end: str, english: str) -> str:
    if arabic_end.endswith(("؛", ";")):
        return "; "
    if arabic_end.endswith(":"):
        return ": "
    if arabic_end.endswith(("-", "–", "—")):
        return " – "
    return ", " if arabic_end.endswith(("،", ",")) or english.startswith(_CONJUNCTIONS) else " "


# --- the English that the reader sees ---------------------------------------------------------------

_ENGLISH_MARKS: Final[dict[int, str | None]] = {
    **dict.fromkeys([0x0640, 0x00AD, 0x061C, 0xFEFF]),
    **dict.fromkeys([*range(0x064B, 0x0660), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),
    ord("،"): ",", ord("؛"): ";", ord("؟"): "?", ord("٪"): "%", ord("٫"): ".", ord("٬"): ",", ord("…"): "...",
    **{ord(quote): '"' for quote in "«»“”„‟‹›"},
    **{ord(quote): "'" for quote in "‘’‚‛"},
    ord("٠"): "0",
}  # fmt: skip
_SPACES: Final = re.compile(r"\s+")
_BEFORE_MARK: Final = re.compile(r"\s+(?=[,;:.!?%)\]])(?!\.\d)")
_AFTER_OPENING: Final = re.compile(r"(?<=[(\[])\s+")
_AFTER_MARK: Final = re.compile(
    r"([,;!?])(?=[^\W\d_])|(?<=[^\W\d_])(:)(?=[^\W\d_])|(?<=[a-z]{2})(\.)(?=[A-Z][a-z])"
)
_TWICE: Final = re.compile(r"([,;:!?])(?:\s*\1)+|(?<!\.)\.\s*\.(?!\.)|,\s*(?=[.;!?])|(?<=[;:])\s*,")
_INITIALS: Final = re.compile(r"\b([A-Z])\. (?=[A-Z]\.(?:\W|$))")
_QUOTE_RUN: Final = re.compile(r'"(?:\s*")+')
_QUOTE_MARK: Final = re.compile('["«»“”„]')
_CLOSES: Final = re.compile(r'\S"(?:[\s,;:.!?)\]]|$)')
#: Mending one thing may uncover another (a mark behind a mark); real text settles in two passes.
_MOST_PASSES: Final = 8
#: A source is a sentence when it ends so (a closing quote or bracket may follow); a headline does not.
_SENTENCE_END: Final = re.compile(r"([.!?؟…])[\s»”\")\]'’]*$")
_ENGLISH_END: Final = re.compile(r"[.!?…][\"')\]]*$")


def tidy_english(english: str, arabic: str) -> str:
    """Return ``english`` as it is shown: marks, digits, spaces, quotes, the first capital and the full stop.

    The last mark follows the source: a sentence gets its ``.``, ``?`` or ``!``, a headline (no mark at the end
    of ``arabic``) none. Tidying twice is tidying once.
    """
    text = "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each
        for each in english.translate(_ENGLISH_MARKS)
    )
    text = _SPACES.sub(
        " ", "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    ).strip()
    quoted = _QUOTE_MARK.search(arabic) is not None
    for _ in range(_MOST_PASSES):
        before, text = text, _end_like(_tidy_marks(_tidy_quotes(_tidy_marks(text), quoted=quoted)), arabic)
        if text == before:
            break
    return _capitalise(_ARTICLE_MISSING.sub(r"\1the \2", text))


#: Names that went into the input in Latin letters come back bare: after a function word or at the start they lack "the".
_ARTICLE_MISSING: Final = re.compile(
    r"(^|(?:^|(?<=\s))(?:and|or|with|without|in|to|from|of|by|for|between|that|than|against|on|at|into|as|but|said|"
    r"towards?|through|across|inside|outside|leaving|visiting)\s+)"
    r"(United (?:States|Nations|Kingdom|Arab Emirates)|European Union|White House|Pentagon|Kremlin|Security Council|"
    r"Arab League|African Union|Middle East|Gaza Strip|West Bank|Netherlands|Philippines|Green Zone|Houthis|Taliban)\b"
    r"(?!-)"
)


def _tidy_marks(text: str) -> str:
    before = None
    while text != before:  # each pass shortens the text or is the last but one
        before = text
        text = _BEFORE_MARK.sub("", _AFTER_OPENING.sub("", text))
        text = _TWICE.sub(lambda match: match[1] or ("." if "." in match[0] else ""), text)
        text = _INITIALS.sub(r"\1.", text)
        text = _AFTER_MARK.sub(lambda match: f"{match[1] or match[2] or match[3]} ", text)
    return text.strip(" ,;")


def _tidy_quotes(text: str, *, quoted: bool) -> str:
    """Return ``text`` with straight double quotes in pairs, spaced outside and not inside.

    A mark without a partner is closed at the end where the source has a quotation (``quoted``), else dropped.
    """
    text = _QUOTE_RUN.sub('"', text)
    parts = [part.strip() for part in text.split('"')]
    if len(parts) % 2 == 0:  # the last mark is without a partner
        mark = text.rindex('"')
        if not quoted or _CLOSES.match(text, max(0, mark - 1)):  # or it closes what was never opened
            last = parts.pop()
            parts[-1] = (parts[-1] + ("" if last[:1] in ",;:.!?)]" else " ") + last).strip()
        else:  # it opens what is never closed: the quotation runs to the end
            parts.append("")
    out = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:  # outside
            glue = " " if out and part and part[0] not in ",;:.!?)]" else ""
            out += glue + part
        elif part:
            out += (" " if out and out[-1] not in "([ " else "") + f'"{part}"'
    return out


def _end_like(text: str, arabic: str) -> str:
    if not text:
        return text
    end = _SENTENCE_END.search(arabic.strip())
    body = text.rstrip(" ,;")
    if end is None:
        return re.sub(r"(?<![.A-Z])\.(?=[\"')\]]*$)", "", body)
    if _ENGLISH_END.search(body):
        return body
    mark = {"؟": "?", "?": "?", "!": "!"}.get(end[1], ".")
    if body.endswith('"') and mark == ".":
        return f'{body[:-1]}."'
    return body.rstrip(":- ") + mark


def _capitalise(text: str) -> str:
    for index, character in enumerate(text):
        if character.isalpha():
            upper = character.upper()
            return text[:index] + upper + text[index + 1 :] if len(upper) == 1 else text
        if character.isdigit():
            return text
    return text
