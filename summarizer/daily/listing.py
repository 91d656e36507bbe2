"""What reading a source gives: batches of documents, and the reports it named that are still to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from summarizer.archive import RunRecord, SourceState
from summarizer.schema import Document

#: Query parameters that say where a reader came from, not what they read.
_TRACKING: Final = re.compile(r"utm_\w+|fbclid|gclid|ocid|cmpid|at_\w+|xtor|cid", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one step of reading a source gave."""

    documents: tuple[Document, ...]
    records: tuple[RunRecord, ...]
    state: SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A report that a source has named and that is still to be read."""

    key: str
    mark: str
    url: str | None = None
    title: str | None = None
    published: str | None = None
    outlet: str | None = None
    text: str = ""
    attempts: int = 0


#: What a feed or sitemap lists now (None: unchanged), and the state with its new validators.
Listing = tuple[list[Listed] | None, SourceState]


def clean_url(url: str) -> str:
    """Return ``url`` without fragment and tracking parameters, so that one report has one address."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    dropped = len(kept) != len(parse_qsl(parts.query, keep_blank_values=True))
    query = (
        urlencode(kept) if dropped else parts.query
    )  # untouched where nothing was dropped: servers can be picky
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
