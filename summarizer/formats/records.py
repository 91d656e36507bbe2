"""JSON and JSON Lines, under the many names that news APIs, scrapers and corpora give to the same fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from summarizer.errors import ReadError
from summarizer.formats.article import Article, Problem, one_line
from summarizer.formats.webpage import LOOKS_LIKE_HTML, plain_html
from summarizer.metadata import parse_date

#: Records in one JSON file, and how deep lists of records may be nested.
JSON_MAX_RECORDS: Final = 10_000

#: Names that news APIs, scrapers and corpora give to the same fields, best first.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "body", "content", "article", "articlebody", "article_body", "full_text", "fulltext", "document",
             "story", "نص", "النص"),
    "title": ("title", "headline", "name", "العنوان", "عنوان"),
    "source": ("source", "outlet", "publisher", "site", "sitename", "site_name", "newspaper", "المصدر", "مصدر"),
    "published": ("published", "date", "datetime", "published_at", "publishedat", "pubdate", "date_published",
                  "datepublished", "publish_date", "timestamp", "created_at", "التاريخ", "تاريخ"),
    "url": ("url", "link", "href", "canonical_url", "الرابط"),
}  # fmt: skip
_LISTS: Final = ("articles", "documents", "items", "data", "results", "records", "news", "entries")


def read_json(text: str) -> tuple[list[Article], list[Problem]]:
    """Return the records of a JSON text: one object, a list, or an object that holds a list of them."""
    plain = _parse_json(text)
    records = _records(plain)
    if len(records) > JSON_MAX_RECORDS:
        raise ReadError(f"more than {JSON_MAX_RECORDS:,} records in one file", code="too_large")
    articles: list[Article] = []
    problems: list[Problem] = []
    for number, record in enumerate(records, 1):
        _take(record, number, articles, problems)
    if not records:
        raise ReadError("no records in the JSON", code="empty")
    return articles, problems


def read_jsonl(text: str) -> tuple[list[Article], list[Problem]]:
    """Return one record per line; a line that is none becomes a ``Problem`` with its number (from 1)."""
    articles: list[Article] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(articles) + len(problems) >= JSON_MAX_RECORDS:
            raise ReadError(f"more than {JSON_MAX_RECORDS:,} records in one file", code="too_large")
        try:
            record = _parse_json(line)
        except ReadError as error:
            problems.append(Problem(number=number, code=error.code, message=str(error)))
        else:
            _take(record, number, articles, problems)
    if not articles and not problems:
        raise ReadError("no records in the file", code="empty")
    return articles, problems


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        detail = (
            error.msg + f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "too deep"
        )
        raise ReadError(f"not JSON ({detail})", code="malformed" if text.strip() else "empty") from error


def _records(plain: Any) -> list[Any]:
    if isinstance(plain, list):
        return plain
    if isinstance(plain, dict) and not _field(plain, "text"):
        for name in _LISTS:
            if isinstance(plain.get(name), list):
                return list(plain[name])
    return [plain]


def _take(record: Any, number: int, articles: list[Article], problems: list[Problem]) -> None:
    if isinstance(record, str):
        record = {"text": record}
    text = _text(_field(record, "text")) if isinstance(record, dict) else None
    if text is None:
        problem = Problem(
            number=number, code="malformed", message="no text (one of: text, body, content, article)"
        )
        problems.append(problem)
        return
    if LOOKS_LIKE_HTML.search(text):
        text = plain_html(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    articles.append(replace(from_fields(record, text=text), number=number))


def _field(record: Mapping[str, Any], name: str) -> Any:
    lowered = {key.lower(): value for key, value in record.items() if isinstance(key, str)}
    for key in _FIELDS[name]:
        if lowered.get(key) not in (None, "", [], {}):
            return lowered[key]
    return None


def _text(value: Any) -> str | None:
    """Return a field as text: itself, the lines of a list, or the name in ``{"id": ..., "name": ...}``."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("title") or value.get("text"))
    return None


def from_fields(record: Mapping[str, Any], *, text: str) -> Article:
    title, source, url = (_text(_field(record, name)) for name in ("title", "source", "url"))
    return Article(
        text=text,
        title=one_line(title),
        source=one_line(source),
        published=parse_date(_field(record, "published")),
        url=url.strip() if url and re.match(r"https?://\S{1,2000}$", url.strip()) else None,
    )
