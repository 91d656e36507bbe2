"""Sitemaps: the pages that a site lists, news sitemaps with their titles and dates, and indexes of sitemaps."""

from __future__ import annotations

import gzip
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from summarizer.archive import SourceState
from summarizer.daily.config import SitemapSource
from summarizer.daily.listing import Listed, Listing, clean_url
from summarizer.daily.polite import PoliteFetcher
from summarizer.errors import FetchError, ReadError
from summarizer.escape import safe_url
from summarizer.metadata import parse_date

logger = logging.getLogger(__name__)

#: Sitemaps read for one source: an index of a large site names thousands, the news is in the latest.
MOST_SITEMAPS: Final = 10
#: Pages taken from one sitemap; the protocol allows 50,000.
MOST_PAGES: Final = 50_000
#: Bytes of a sitemap after unpacking; the protocol allows 50 MB.
LIMIT_BYTES: Final = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """A page or another sitemap. ``changed`` is ISO; ``title`` and ``outlet`` stand in news sitemaps only."""

    url: str
    is_sitemap: bool = False
    changed: str | None = None
    published: str | None = None
    title: str | None = None
    outlet: str | None = None


def list_sitemap(
    source: SitemapSource, state: SourceState, fetcher: PoliteFetcher, *, now: datetime
) -> Listing:
    """Return the pages of ``source`` that changed in its last ``max_age_days``, newest first.

    The first sitemap is asked for conditionally. Sitemaps that an index names are read newest first; one that
    cannot be read is logged, and the others are. Raises ``ReadError`` where the first cannot be read.
    """
    page = fetcher.fetch(source.url, etag=state.etag, last_modified=state.last_modified)
    state = replace(state, etag=page.etag, last_modified=page.last_modified)
    if page.not_modified:
        return None, state
    oldest = now - timedelta(days=source.max_age_days)
    entries = list(parse_sitemap(page.content))
    found = [each for each in entries if not each.is_sitemap]
    nested = [each for each in entries if each.is_sitemap and _is_recent(each.changed, oldest)]
    nested.sort(key=lambda each: each.changed or "", reverse=True)
    for each in nested[:MOST_SITEMAPS]:
        try:
            found += [
                inner for inner in parse_sitemap(fetcher.fetch(each.url).content) if not inner.is_sitemap
            ]
        except FetchError as error:
            if error.code == "host_rests":
                raise
            logger.warning("source %s: %s", source.id, error)
            state = replace(state, etag=None, last_modified=None)  # ask for it again next time
        except ReadError as error:
            logger.warning("source %s: %s: %s", source.id, each.url, error)
    if nested:  # the index need not change when a sitemap that it names does
        state = replace(state, etag=None, last_modified=None)
    recent = [each for each in found if _is_recent(each.published or each.changed, oldest)]
    recent.sort(key=lambda each: each.published or each.changed or "", reverse=True)
    return [_listed(each) for each in recent], state


def _listed(entry: SitemapEntry) -> Listed:
    url = clean_url(entry.url)
    return Listed(
        key=url,
        mark=entry.changed or entry.published or "",
        url=url,
        title=entry.title,
        published=entry.published,  # the day of a change is not when it was published
        outlet=entry.outlet,
    )


def _is_recent(changed: str | None, oldest: datetime) -> bool:
    """Tell whether a date is recent; an absent one may be."""
    if changed is None:
        return True
    try:
        moment = datetime.fromisoformat(changed)
    except ValueError:
        return True
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # A date without a time is that whole day.
    return moment + timedelta(days=len(changed) == len("2021-07-25")) >= oldest


def parse_sitemap(data: bytes) -> Iterator[SitemapEntry]:
    """Yield the entries of a sitemap or of an index; gzip and plain lists of addresses are read too.

    Raises ``ReadError`` (``malformed``, ``too_large``).
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpack(data)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = data.decode("utf-8", "replace").split()[:MOST_PAGES]
        entries = [SitemapEntry(url=line) for line in lines if safe_url(line)]
        if not entries:
            raise ReadError("not a sitemap", code="malformed")
        return iter(entries)
    return _read_xml(data)


def _unpack(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            unpacked = file.read(LIMIT_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ReadError("the packed sitemap is damaged", code="malformed") from error
    if len(unpacked) > LIMIT_BYTES:
        raise ReadError(f"a sitemap of more than {LIMIT_BYTES / 1e6:g} MB", code="too_large")
    return unpacked


def _read_xml(data: bytes) -> Iterator[SitemapEntry]:
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    # The document type goes before the parser sees it: entities are no part of the protocol.
    data = re.sub(
        rb"<!DOCTYPE[^>\[]{0,1000}(?:\[[^\]]{0,100000}\]\s*)?>", b"", data, count=1, flags=re.IGNORECASE
    )
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False
    )
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("not a sitemap", code="malformed") from error
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise ReadError("not a sitemap", code="malformed")
    return (entry for element in root[:MOST_PAGES] if (entry := _entry(element)) is not None)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _entry(element: Any) -> SitemapEntry | None:
    values: dict[str, str] = {}
    for each in element.iter():
        text = " ".join((each.text or "").split())
        if text:
            # An image's own <loc> and <title> come later than the page's.
            values.setdefault(_name(each), text)
    url = safe_url(values.get("loc"))
    if url is None:
        return None
    return SitemapEntry(
        url=url,
        is_sitemap=_name(element) == "sitemap",
        changed=parse_date(values.get("lastmod")),
        published=parse_date(values.get("publication_date")),
        title=values.get("title"),
        outlet=values.get("name"),
    )
