"""Where reports come from: feeds, sitemaps, folders, maildirs. Each is read in *batches*.

A batch holds documents, what could not be read and why, and the source's state *after* it. Documents and state are
stored in one transaction, so a run that is killed goes on where the last batch ended: a feed's validators are only
remembered together with the list of its pages that are still to be fetched (``pending``), hence no 304 ever hides a
page that was not read. A page that cannot be had is tried again in later runs; after ``fetching.attempts`` of them the
feed's own text is taken in its place, where it is long enough to be a report.

``SourceState.data`` holds ``seen`` (key -> mark of what the source listed last; whatever it lists no more is
forgotten, so the state does not grow) and ``pending``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from summarizer.archive import RunRecord, SourceState
from summarizer.daily.config import FeedSource, FolderSource, MaildirSource, SitemapSource, Source
from summarizer.daily.folders import read_folder, read_maildir
from summarizer.daily.listing import Batch, Listed, Listing, clean_url
from summarizer.daily.polite import PoliteFetcher, is_passing
from summarizer.daily.selectors import select_html
from summarizer.daily.sitemaps import list_sitemap
from summarizer.errors import FetchError, ReadError
from summarizer.feeds import FeedEntry, parse_feed
from summarizer.fetch import Fetched
from summarizer.ingest import read_bytes
from summarizer.schema import Document

logger = logging.getLogger(__name__)

#: Pages a transaction: little is fetched again after a kill, and few transactions a day.
BATCH: Final = 20
#: Characters of a feed's own text that make it a report in place of a page that cannot be had.
SHORTEST_REPORT: Final = 200
#: Entries of ``pending`` that are kept; a source that lists more than it lets one read is misconfigured.
MOST_PENDING: Final = 5000


def read_source(
    source: Source, state: SourceState, *, fetcher: PoliteFetcher, attempts: int, now: datetime
) -> Iterator[Batch]:
    """Read what is new in ``source`` since ``state``. ``attempts`` is ``fetching.attempts``.

    A source that cannot be read at all gives one batch with a ``failed`` record, and ``failures`` one higher.
    """
    state = replace(state, checked=now)
    try:
        match source:
            case FolderSource():
                yield from read_folder(source, state, now=now)
            case MaildirSource():
                yield from read_maildir(source, state)
            case FeedSource():
                yield from _Pages(source, state, fetcher=fetcher, attempts=attempts).read(_list_feed)
            case SitemapSource():
                yield from _Pages(source, state, fetcher=fetcher, attempts=attempts).read(
                    lambda source, state, fetcher: list_sitemap(source, state, fetcher, now=now)
                )
    except ReadError as error:
        logger.warning("source %s: %s", source.id, error)
        record = RunRecord(source=source.id, outcome="failed", subject=_address(source), reason=str(error))
        yield Batch(documents=(), records=(record,), state=replace(state, failures=state.failures + 1))


def _address(source: Source) -> str:
    return source.url if isinstance(source, FeedSource | SitemapSource) else str(source.path)


# --- pages --------------------------------------------------------------------------------------


class _Pages:
    """Reads a source that lists pages: first the list, then the pages, in batches."""

    def __init__(
        self,
        source: FeedSource | SitemapSource,
        state: SourceState,
        *,
        fetcher: PoliteFetcher,
        attempts: int,
    ) -> None:
        self.source, self.state, self.fetcher, self.attempts = source, state, fetcher, attempts
        self._documents: list[Document] = []
        self._records: list[RunRecord] = []

    def read(self, listing: Callable[[Any, SourceState, PoliteFetcher], Listing]) -> Iterator[Batch]:
        """Yield batches: one for the list itself (so that nothing it named is forgotten), then one a few pages."""
        pending = [Listed(**each) for each in self.state.data.get("pending", ())]
        problem: ReadError | None = None
        try:
            listed, self.state = listing(self.source, self.state, self.fetcher)
            self.state = replace(self.state, failures=0)
        except ReadError as error:  # pages named earlier can be read all the same
            listed, problem = None, error
        if listed is not None:
            pending = self._take(listed, pending)
        if problem is not None and not pending:
            raise problem
        if problem is not None:
            self._record("failed", self.source.url, str(problem))
            self.state = replace(self.state, failures=self.state.failures + 1)
        yield self._batch(pending)
        later, todo = pending[self.source.limit :], pending[: self.source.limit]
        waiting: list[Listed] = []
        for number, each in enumerate(todo, 1):
            try:
                again = self._page(each)
            except FetchError as error:  # the host rests: the pages keep their attempts
                self._record(
                    "waiting", each.key, f"{len(todo) - number + 1} pages wait for the next run: {error}"
                )
                waiting += todo[number - 1 :]
                break
            if again is not None:
                waiting.append(again)
            if len(self._documents) >= BATCH:
                yield self._batch([*waiting, *todo[number:], *later])
        if later:
            self._record(
                "waiting", self.source.url, f"{len(later)} more pages than `limit` wait for the next run"
            )
        yield self._batch([*waiting, *later])

    def _take(self, listed: list[Listed], pending: list[Listed]) -> list[Listed]:
        """Return what is to be fetched: news of the list first, then what waited. Reports that are whole are taken."""
        seen: Mapping[str, str] = self.state.data.get("seen", {})
        waiting = {each.key: each for each in pending}
        fresh = []
        for each in listed:
            if seen.get(each.key) == each.mark and each.key not in waiting:
                self._record("known", each.key, "")
            elif (
                each.url is not None and self.source.full_text and not _forbidden(self.source.allow, each.url)
            ):
                fresh.append(replace(each, attempts=waiting.pop(each.key, each).attempts))
            elif each.url is not None and _forbidden(self.source.allow, each.url):
                self._record("skipped", each.key, "`allow` does not match its address")
            else:
                self._own_text(each, "carries neither a text nor an address")
        marks = {each.key: each.mark for each in listed}
        self.state = replace(self.state, data={**self.state.data, "seen": marks})
        pending = [*fresh, *waiting.values()]
        for dropped in pending[MOST_PENDING:]:
            self._record("failed", dropped.key, f"more than {MOST_PENDING} pages wait: raise `limit`")
        return pending[:MOST_PENDING]

    def _page(self, listed: Listed) -> Listed | None:
        """Read one page; return what to try in a later run. Raises ``FetchError`` where its host rests."""
        assert listed.url is not None  # ``_take`` saw to it
        try:
            page = self.fetcher.fetch(listed.url)
            documents = self._documents_of(page, listed)
        except FetchError as error:
            if error.code == "host_rests":
                raise
            if is_passing(error) and listed.attempts + 1 < self.attempts:
                self._record("waiting", listed.key, str(error))
                return replace(listed, attempts=listed.attempts + 1)
            self._own_text(listed, str(error))
        except ReadError as error:
            if error.code == "not_arabic":
                self._record("skipped", listed.key, str(error))
            else:
                self._own_text(listed, str(error))
        else:
            self._documents += documents
        return None

    def _documents_of(self, page: Fetched, listed: Listed) -> list[Document]:
        content = page.content
        if self.source.selector is not None and page.content_type in (
            "",
            "text/html",
            "application/xhtml+xml",
        ):
            content = select_html(content, self.source.selector, encoding=page.encoding)
        address = clean_url(listed.url or page.url)
        read = read_bytes(
            content, origin=address, media_type=page.content_type, encoding=page.encoding, url=address
        )
        for warning in read.warnings:
            self._record("skipped", listed.key, warning.message)
        return [
            replace(
                document,
                source=self.source.outlet or document.source or listed.outlet,
                published=listed.published or document.published,
            )
            for document in read.documents
        ]

    def _own_text(self, listed: Listed, problem: str) -> None:
        """Take the feed's own text where it will do, and say why."""
        enough = len(listed.text) >= SHORTEST_REPORT or (listed.text and not self.source.full_text)
        if not enough:
            self._record("failed", listed.key, problem)
            return
        try:
            document = document_of(listed, outlet=self.source.outlet)
        except ReadError as error:
            self._record("skipped" if error.code == "not_arabic" else "failed", listed.key, str(error))
            return
        self._documents.append(document)
        if self.source.full_text:
            self._record("feed_text", listed.key, problem)

    def _record(self, outcome: str, subject: str, reason: str) -> None:
        self._records.append(
            RunRecord(source=self.source.id, outcome=outcome, subject=subject, reason=reason)
        )

    def _batch(self, pending: Iterable[Listed]) -> Batch:
        data = {**self.state.data, "pending": [_plain(each) for each in pending]}
        self.state = replace(self.state, data=data)
        batch = Batch(documents=tuple(self._documents), records=tuple(self._records), state=self.state)
        self._documents, self._records = [], []
        return batch


def _plain(listed: Listed) -> dict[str, Any]:
    return {name: getattr(listed, name) for name in Listed.__dataclass_fields__}


def _forbidden(allow: str | None, url: str) -> bool:
    return allow is not None and re.search(allow, url) is None


# --- feeds --------------------------------------------------------------------------------------


def _list_feed(source: FeedSource, state: SourceState, fetcher: PoliteFetcher) -> Listing:
    page = fetcher.fetch(source.url, etag=state.etag, last_modified=state.last_modified)
    state = replace(state, etag=page.etag, last_modified=page.last_modified)
    if page.not_modified:
        return None, state
    feed = parse_feed(page.content, url=page.url, encoding=page.encoding)
    return [listed_entry(entry) for entry in feed.entries], state


def listed_entry(entry: FeedEntry) -> Listed:
    """Return a feed's entry as a report to be read. Its mark changes with its title or date: then it is read again."""
    url = clean_url(entry.url) if entry.url else None
    key = url or entry.id or _digest(entry.title or "", entry.text)
    # A text that stands in the feed whole may change with nothing else changed; a teaser's changes mean little.
    body = entry.text if entry.complete else ""
    return Listed(
        key=key,
        mark=_digest(entry.title or "", entry.published or "", body),
        url=url,
        title=entry.title,
        published=entry.published,
        outlet=entry.source,
        text=entry.text,
    )


def document_of(listed: Listed, *, outlet: str | None = None) -> Document:
    """Make a document of what a feed carries itself. Raises ``ReadError``."""
    record = {
        "text": listed.text,
        "title": listed.title,
        "source": outlet or listed.outlet,
        "published": listed.published,
        "url": listed.url,
    }
    data = json.dumps({name: value for name, value in record.items() if value}, ensure_ascii=False)
    return read_bytes(data.encode("utf-8", "replace"), origin=listed.key, suffix=".json").documents[0]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
