"""Asked renderings forced into a translation, for models that can say which word renders which.

CTranslate2 has no search under lexical constraints (its issue 739 is open), and transformers moved its own out of the
library, into code that is fetched from the hub and run. What both have is a *beginning*: the decoder is led along given
words and goes on by itself. So a rendering that is missing is put where the attention of the decoder says that its
term was rendered, everything before it is kept, and the rest of the sentence is translated anew, knowing it. The answer
holds the rendering for sure and reads as a whole; whether it is a better translation is for the checks to say.

The place is that of Garg et al. (2019), "Jointly learning to align and translate": the source word that a target word
attends to most. Attention is no proof, so a term that no word attends to is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from summarizer.engines import AligningEngine, Link

#: Renderings forced into one sentence, at most: each takes another translation of the rest.
MOST_FORCED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A stretch of a source text, ``source[start:end]``, and the words that must render it."""

    start: int
    end: int
    rendering: str


@runtime_checkable
class AskingTerms(Protocol):
    """Terms that can say what a translation lacks."""

    def asked(self, arabic: str, english: str, /) -> Sequence[Asked]:
        """Return the renderings of ``arabic``'s names and terms that ``english`` lacks, by place in ``arabic``."""
        ...


def force(
    engine: AligningEngine, sources: Sequence[str], answers: Sequence[str], asked: Sequence[Sequence[Asked]]
) -> list[str | None]:
    """Return each answer with what was asked of it forced in, None where nothing could be.

    ``asked`` is what ``answers`` lack, one sequence a sentence. Those whose place is unknown are left out. Raises
    ``ModelError`` as the engine does.
    """
    texts = list(answers)
    waiting = [list(each) for each in asked]
    forced: list[list[Asked]] = [[] for _ in texts]
    for _ in range(MOST_FORCED):
        open_ = [index for index, each in enumerate(waiting) if each and texts[index].strip()]
        if not open_:
            break
        links = engine.align([sources[i] for i in open_], [texts[i] for i in open_])
        begun: list[tuple[int, str, Asked]] = []
        for index, found in zip(open_, links, strict=True):
            place = _first_place(waiting[index], found)
            if place is None:
                waiting[index] = []
                continue
            start, wanted = place
            begun.append((index, _begin(texts[index][:start], wanted.rendering), wanted))
        completed = engine.complete([sources[i] for i, _, _ in begun], [text for _, text, _ in begun])
        for (index, _, wanted), answer in zip(begun, completed, strict=True):
            waiting[index].remove(wanted)
            # Letters that the vocabulary lacks are lost from a beginning, and the rendering with them; and what comes
            # anew may have lost a rendering that was forced further on before.
            if answer.finished and all(
                holds(answer.text, each.rendering) for each in (*forced[index], wanted)
            ):
                texts[index] = answer.text
                forced[index].append(wanted)
                waiting[index] = [each for each in waiting[index] if not holds(answer.text, each.rendering)]
    return [text if done else None for text, done in zip(texts, forced, strict=True)]


def holds(text: str, rendering: str) -> bool:
    """Tell whether ``text`` has ``rendering`` as whole words, whatever the case of its letters."""
    return re.search(rf"(?<!\w){re.escape(rendering)}(?!\w)", text, flags=re.IGNORECASE) is not None


def _first_place(asked: Sequence[Asked], links: Sequence[Link]) -> tuple[int, Asked] | None:
    """Return where the first of the asked terms is rendered in the target, and which it is."""
    places = [
        (link.target[0], number)
        for number, each in enumerate(asked)
        for link in links
        if link.source[0] < each.end and each.start < link.source[1]
    ]
    if not places:
        return None
    start, number = min(places)
    return start, asked[number]


def _begin(before: str, rendering: str) -> str:
    before = before.rstrip()
    return f"{before} {rendering}" if before else rendering[:1].upper() + rendering[1:]
