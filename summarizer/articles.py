"""The English indefinite article, which goes with the word after it."""

from __future__ import annotations

import re
from typing import Final

_ARTICLE: Final = re.compile(r"\b([Aa])n?(\s+)$")
#: Beginnings that want "an". Of the words with "u" those with un- (an unofficial visit), not united, unique, UN, US.
_VOWEL_SOUND: Final = re.compile(r"[aeioAEIO]|[Uu]n[a-hj-z]")


def article_start(before: str) -> int:
    """Return where the ``a`` or ``an`` at the end of ``before`` begins; the length of ``before`` where there is none."""
    found = _ARTICLE.search(before)
    return len(before) if found is None else found.start()


def with_article(before: str, word: str) -> str:
    """Return ``before`` with the ``a`` or ``an`` at its end, if there is one, as ``word`` after it needs it."""
    found = _ARTICLE.search(before)
    if found is None:
        return before
    return f"{before[: found.start()]}{found[1]}{'n' if _VOWEL_SOUND.match(word) else ''}{found[2]}"
