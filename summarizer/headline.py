"""The Arabic title of a story: the most representative of the reports' own titles, or a cut of its lead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import content_tokens, normalize, tokenize
from summarizer.schema import Citation, Document, Sentence
from summarizer.summarize import cite, trim_opening

#: A headline made from a sentence ends at the first clause boundary after this many words ...
FEWEST_WORDS: Final = 6
#: ... or is cut here, and an ellipsis says so.
MOST_WORDS: Final = 16
#: A title that asks or advertises says less of what happened; one of the last day says what the story has come to.
TEASER_FACTOR, NEWEST_FACTOR = 0.5, 1.1
_TEASER: Final = re.compile(
    r"^(?:(?:شاهد|بالفيديو|بالصور|فيديو|صور|انفوغراف|انفوجراف|انفوغرافيك|تعرف|تعرفوا|اليك|اليكم|من هو|من هي|ماذا|لماذا|كيف|هل|متي|هكذا|هذا ما|هذه|هذا"
    r"|ما هي|ما هو|ما الذي|قصه|تسلسل زمني|بث مباشر)\b|\d+ (?:اسباب|حقايق|معلومات|طرق|نصايح|صور)\b)|(?:شاهد|بالفيديو|بالصور)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A title in Arabic and the title or sentence it was taken from."""

    text: str
    citations: tuple[Citation, ...]


def write_headline(
    sentences: Sequence[Sentence], documents: Mapping[str, Document], *, lead: Sentence | None
) -> Headline:
    """Return the title of the story that ``sentences`` tell.

    Of the reports' titles the one wins whose stems most reports share (per square root of its length, questions
    and teasers at half; a little more for those of the last day, whose news is the newest). ``lead`` is the sentence to shorten where no report has a title; without one the first sentence is.
    The result does not depend on the order of ``sentences``.
    """
    newest = max((document.published or "" for document in documents.values()), default="")[
        : len("2021-07-25")
    ]
    spread: Counter[str] = Counter()
    for document_id in documents:
        spread.update(
            {
                stem
                for each in sentences
                if each.document_id == document_id
                for stem in content_tokens(each.text)
            }
        )

    def worth(title: Sentence) -> tuple[float, str]:
        stems = set(content_tokens(title.text))
        points = sum(spread[stem] - 1 for stem in stems) / max(1, len(stems)) ** 0.5
        if title.text.rstrip().endswith(("؟", "?")) or _TEASER.search(normalize(title.text)):
            points *= TEASER_FACTOR
        if newest and (documents[title.document_id].published or "")[: len("2021-07-25")] == newest:
            points *= NEWEST_FACTOR
        return points, title.document_id

    titles = [
        each
        for each in sentences
        if each.kind == "title"
        and documents[each.document_id].duplicate_of is None
        and len(tokenize(each.text)) > 2
    ]
    if titles:
        chosen = max(titles, key=worth)
        return Headline(text=chosen.text, citations=(cite(chosen),))
    first = lead or min(
        sentences, key=lambda each: (each.kind != "body", each.document_id, each.index), default=None
    )
    if first is None:
        return Headline(text="", citations=())
    return Headline(text=_shorten(trim_opening(first.text)), citations=(cite(first),))


def _shorten(text: str) -> str:
    """Cut a sentence at its first clause boundary that leaves a headline, else after ``MOST_WORDS`` words."""
    for words, match in enumerate(re.finditer(r"\S+", text), 1):
        word = match[0]
        if words >= FEWEST_WORDS and word.endswith(("،", "؛", ";", ",")):
            return text[: match.end()].rstrip("،؛;, ")
        if words == MOST_WORDS and match.end() < len(text):
            return text[: match.end()].rstrip("،؛;,. ") + "…"
    return text.rstrip(".،؛ ")
