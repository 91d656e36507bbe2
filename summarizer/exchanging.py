"""What a model itself calls a term, exchanged for the rendering that was asked for.

A glossary's ``transport secretary`` in the middle of an Arabic sentence makes a small model lose who did what ("Layla
al-Hassan opens transport secretary"): it learnt to copy names, which have capitals, and takes the words for one. So the
sentence is translated as it is, the term is translated alone, and where one of the answers for the term stands in the
English of the sentence, as often as the term in the Arabic, the asked rendering takes its place. The sentence around it
stays the model's own. Needs no alignment; a model that has one forces (``forcing``) what could not be exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from summarizer.articles import with_article
from summarizer.engines import Engine
from summarizer.forcing import Asked
from summarizer.modelinput import model_input

#: Answers asked for a term: minister of transport, transport minister, minister for transport ...
RENDERINGS: Final = 6
_ARTICLE: Final = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_SMALL_WORDS: Final = frozenset("a an and as at by for from in into of on or the to with".split())


def own_renderings(engine: Engine, terms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what ``engine`` writes for each Arabic term alone, without article and full stop, the longest first.

    A term over the model's limit has none. Raises ``ModelError`` as the engine does.
    """
    asked = sorted({term for term in terms if engine.count_tokens(model_input(term)) <= engine.input_limit})
    if not asked:
        return {}
    answers = engine.generate([model_input(term) for term in asked], hypotheses=RENDERINGS)
    found: dict[str, tuple[str, ...]] = {}
    for term, each in zip(asked, answers, strict=True):
        texts = {_ARTICLE.sub("", answer.text.strip(" .\"'«»"), count=1) for answer in each}
        telling = {text for text in texts if len(text) > 2 and text.casefold() not in _SMALL_WORDS}
        found[term] = tuple(sorted(telling, key=lambda text: (-len(text), text)))
    return found


def exchange(
    english: str, arabic: str, asked: Sequence[Asked], renderings: dict[str, tuple[str, ...]]
) -> str | None:
    """Return ``english`` with each of ``asked`` (what it lacks of ``arabic``) in the place of the model's own rendering.

    None where one of them has no own rendering there, or one that stands there more or fewer times than its term.
    """
    wanted: dict[str, str] = {}
    times: dict[str, int] = {}
    for each in asked:
        term = arabic[each.start : each.end]
        wanted[term] = each.rendering
        times[term] = times.get(term, 0) + 1
    taken: list[tuple[int, int, str]] = []
    for term in sorted(wanted, key=len, reverse=True):
        places = _places(english, renderings.get(term, ()), times[term], taken)
        if places is None:
            return None
        taken += [(start, end, wanted[term]) for start, end in places]
    for start, end, rendering in sorted(taken, reverse=True):
        before, after = english[:start], english[end:]
        english = with_article(before, rendering) + _cased(rendering, english[start:end], before) + after
    return english


def _places(
    english: str, renderings: Sequence[str], times: int, taken: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int]] | None:
    for rendering in renderings:
        words = r"\s+".join(re.escape(word) for word in rendering.split())
        places = [
            match.span()
            for match in re.finditer(rf"(?<!\w){words}(?!\w)", english, re.IGNORECASE)
            if all(match.end() <= start or end <= match.start() for start, end, _ in taken)
        ]
        if len(places) == times:
            return places
    return None


def _cased(rendering: str, replaced: str, before: str) -> str:
    """Write ``rendering`` as what it replaces was written: a title before a name, the first word of a sentence."""
    if rendering != rendering.lower():
        return rendering  # it was asked for with capitals of its own
    words = [word for word in replaced.split() if word.casefold() not in _SMALL_WORDS]
    opens = not before.strip() or before.rstrip()[-1] in ".!?:"
    if all(word[:1].isupper() for word in words) and not (opens and len(words) == 1):
        return " ".join(
            word if word in _SMALL_WORDS else word[:1].upper() + word[1:] for word in rendering.split()
        )
    return rendering[:1].upper() + rendering[1:] if opens else rendering
