"""What one outlet of a story alone reports: sentences whose content no other outlet has. Spans, never copied text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from summarizer.arabic import content_tokens
from summarizer.duplicates import independent_outlets
from summarizer.schema import Citation, Document, Sentence
from summarizer.segment import segment

#: A sentence is an outlet's own where at least this share of its stems stands in no other outlet's report. On the five
#: founding reports 0.5 finds the summit and the NATO mission that one report each has; 0.4 adds sentences in other words.
NEW_SHARE: Final = 0.5
#: Fewer new stems than this are a turn of phrase, not a piece of news.
NEW_STEMS: Final = 6


def find_exclusive(documents: Sequence[Document], *, most: int = 3) -> tuple[Citation, ...]:
    """Return, of one story's documents, the sentences that their outlet alone reports: by outlet, in reading order.

    At most ``most`` of an outlet, those with the most new content. Copies are no outlet of their own, and a story that
    one outlet reports has none. The result does not depend on the order of ``documents``.
    """
    outlets = independent_outlets(documents)
    if len(outlets) < 2:
        return ()
    originals = sorted((each for each in documents if each.duplicate_of is None), key=lambda each: each.id)
    stems = {
        outlet: {stem for each in documents if each.outlet == outlet for stem in content_tokens(each.text)}
        for outlet in outlets
    }
    found: list[Citation] = []
    for outlet in outlets:
        others = set().union(*(stems[each] for each in outlets if each != outlet))
        sentences = [sentence for each in originals if each.outlet == outlet for sentence in segment(each)]
        found += _newest(sentences, others, most=most)
    return tuple(found)


def _newest(sentences: Sequence[Sentence], others: set[str], *, most: int) -> list[Citation]:
    """Return the sentences with the most stems that ``others`` lacks, in the order in which they stand."""
    scored: list[tuple[int, int, Sentence]] = []
    for place, sentence in enumerate(sentences):
        own = set(content_tokens(sentence.text))
        new = len(own - others)
        if sentence.kind == "body" and new >= NEW_STEMS and new >= NEW_SHARE * len(own):
            scored.append((-new, place, sentence))
    chosen = sorted(sorted(scored, key=lambda each: each[:2])[:most], key=lambda each: each[1])
    return [Citation(document_id=each.document_id, start=each.start, end=each.end) for _, _, each in chosen]
