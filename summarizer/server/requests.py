"""What a caller asks for, and how it becomes a Brief: one way for the page, the API and their clients.

A request holds everything that it is about: texts, bytes and addresses, never the path of a file. Its reports take the
same way through ``ingest`` as sources named on the command line, so the same input gives the same brief.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache, partial
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from summarizer.cluster import cluster
from summarizer.duplicates import independent_outlets, link_duplicates
from summarizer.faithfulness import check_english
from summarizer.fetch import Fetcher
from summarizer.gazetteer import parse_glossary
from summarizer.ingest import FILE_LIMIT_BYTES, STDIN, Ingested, Upload, nothing_read, read_sources
from summarizer.models import Registry
from summarizer.pipeline import OnStory, Progress, make_brief, story_id
from summarizer.schema import Brief
from summarizer.terms import Terms
from summarizer.translate import translate_sentences

#: Reports of one request: a busy day of a small newsroom. One file may hold many.
MOST_REPORTS: Final = 500
#: Characters of a file's name, an address and a glossary cell.
NAME_LENGTH, URL_LENGTH, TERM_LENGTH = 255, 2048, 200
MOST_TERMS: Final = 5000
#: Sentences of one request for a translation, and the characters of each.
MOST_SENTENCES, SENTENCE_LENGTH = 500, 5000
#: What messages call a glossary that came with a request.
GLOSSARY_NAME: Final = "glossary"


def _from_base64(value: Any) -> Any:
    """Decode what JSON carries; bytes are what they are."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("must be Base64 (RFC 4648, with + and /)") from error


Base64Bytes = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda data: base64.b64encode(data).decode("ascii"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Report(_Strict):
    """One input: exactly one of ``text``, ``data`` and ``url``."""

    name: str = Field(
        default=STDIN,
        max_length=4 * NAME_LENGTH,
        description="File name, whose suffix says what the bytes are; `-` for pasted text, which may hold several "
        "articles separated by a line of `---`.",
    )
    text: str | None = Field(
        default=None, max_length=FILE_LIMIT_BYTES, description="Pasted text, or a text file's."
    )
    data: Base64Bytes | None = Field(
        default=None, max_length=FILE_LIMIT_BYTES, description="A file's bytes, Base64."
    )
    url: str | None = Field(default=None, max_length=URL_LENGTH, description="A public http(s) address.")

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        return plain_name(name)

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        # Anything else would be taken for a path by `read_sources`.
        if url is not None and not re.match(r"https?://", url, re.IGNORECASE):
            raise ValueError("must begin with http:// or https://")
        return url

    @model_validator(mode="after")
    def _one_content(self) -> Report:
        given = [name for name in ("text", "data", "url") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of text, data, url (given: {', '.join(given) or 'none'})")
        return self

    @property
    def source(self) -> str | Upload:
        """What ``ingest.read_sources`` reads."""
        if self.url is not None:
            return self.url
        return Upload(name=self.name, data=(self.text or "").encode() if self.data is None else self.data)


class GlossaryRow(_Strict):
    """How a name or term is rendered; ``en`` may hold several renderings separated by ``|``, best first."""

    ar: str = Field(min_length=1, max_length=TERM_LENGTH)
    en: str = Field(min_length=1, max_length=TERM_LENGTH)


class BriefRequest(_Strict):
    """Everything that one brief is made of."""

    reports: tuple[Report, ...] = Field(min_length=1, max_length=MOST_REPORTS)
    profile: str = Field(default="embedded", max_length=100, description="A profile of `/v1/profiles`.")
    sentences: int | None = Field(default=None, ge=1, le=50, description="Per story; default: by its size.")
    glossary: tuple[GlossaryRow, ...] = Field(default=(), max_length=MOST_TERMS)


class TranslateRequest(_Strict):
    """Arabic sentences to be put into English, one for one."""

    sentences: tuple[Annotated[str, Field(max_length=SENTENCE_LENGTH)], ...] = Field(
        min_length=1, max_length=MOST_SENTENCES
    )
    profile: str = Field(default="embedded", max_length=100, description="A profile of `/v1/profiles`.")
    glossary: tuple[GlossaryRow, ...] = Field(default=(), max_length=MOST_TERMS)


class StoriesRequest(_Strict):
    """Reports to be grouped into stories, and no more."""

    reports: tuple[Report, ...] = Field(min_length=1, max_length=MOST_REPORTS)


def plain_name(name: str) -> str:
    """Return the last part of a file name, without what could deceive a reader or a terminal.

    Folders, control and direction characters go; ``-``, or nothing left, is pasted text.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(
        each for each in last if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    )
    shown = shown.strip()
    if len(shown) > NAME_LENGTH:
        stem, dot, suffix = shown.rpartition(".")
        shown = (
            stem[: NAME_LENGTH - len(suffix) - 1] + dot + suffix
            if stem and len(suffix) <= 10
            else shown[:NAME_LENGTH]
        )
    return STDIN if shown in ("", ".", "..") else shown


# --- running ------------------------------------------------------------------------------------


def run_brief(
    request: BriefRequest,
    *,
    registry: Registry,
    fetcher: Fetcher | None = None,
    created: str | None = None,
    progress: Progress | None = None,
    on_story: OnStory | None = None,
) -> Brief:
    """Make the brief of a request: the same one as ``mujaz summarize`` makes of the same input.

    ``progress`` also hears of the stage ``read``, before each report. Raises what ``make_brief`` raises,
    ``ReadError`` where no report could be read, and ``GlossaryError``.
    """
    terms = check_request(request, registry=registry)
    read = read_reports(request.reports, fetcher=fetcher, progress=progress)
    return make_brief(
        read.documents,
        profile=request.profile,
        registry=registry,
        terms=terms,
        sentences=request.sentences,
        warnings=read.warnings,
        created=created,
        progress=progress,
        on_story=on_story,
    )


def run_translate(
    request: TranslateRequest, *, registry: Registry, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Translate sentences as ``mujaz translate --format jsonl`` does: one row each, in the same order."""
    terms = check_request(request, registry=registry)
    translations = translate_sentences(
        request.sentences,
        engine=registry.engine_for(request.profile, "translation"),
        fallback=registry.fallback_for(request.profile),
        terms=terms,
        check=lambda english, arabic, names: check_english(english, arabic, terms=names),
        progress=None if progress is None else partial(progress, "translate"),
    )
    return [
        {
            "ar": arabic,
            "en": each.text,
            "checks": [
                {"kind": check.kind, "verdict": check.verdict, "detail": check.detail}
                for check in each.checks
            ],
            "alternatives": list(each.alternatives),
        }
        for arabic, each in zip(request.sentences, translations, strict=True)
    ]


def run_stories(request: StoriesRequest, *, fetcher: Fetcher | None = None) -> dict[str, Any]:
    """Group reports into stories as a brief does, and stop there. The ids are those that the brief would have."""
    read = read_reports(request.reports, fetcher=fetcher)
    ordered = sorted(read.documents, key=lambda document: (document.published or "", document.id))
    documents = {document.id: document for document in link_duplicates(ordered)}
    groups = cluster(list(documents.values()))
    ids = [story_id(group.document_ids) for group in groups]
    return {
        "documents": [asdict(document) for document in documents.values()],
        "stories": [
            {
                "id": own,
                "document_ids": list(group.document_ids),
                "first": group.first,
                "last": group.last,
                "follows": None if group.follows is None else ids[group.follows],
                "outlets": list(independent_outlets([documents[each] for each in group.document_ids])),
            }
            for own, group in zip(ids, groups, strict=True)
        ],
        "warnings": [
            {"document_id": warning.subject, "code": warning.code, "message": warning.message}
            for warning in read.warnings
        ],
    }


def check_request(request: BriefRequest | TranslateRequest, *, registry: Registry) -> Terms:
    """Return the terms of a request; raise what is known to be wrong with it before any work is done.

    ``ConfigError`` for an unknown profile, ``MissingModelError`` for one that is not installed, ``GlossaryError``.
    """
    registry.require(request.profile)
    return load_terms(request.glossary)


def read_reports(
    reports: Sequence[Report], *, fetcher: Fetcher | None = None, progress: Progress | None = None
) -> Ingested:
    """Read every report; one that cannot be read is a warning. Raises ``ReadError`` where none could be read."""

    def told() -> Iterator[str | Upload]:
        for number, report in enumerate(reports):
            if progress is not None:
                progress("read", number, len(reports))
            yield report.source

    read = read_sources(told(), fetcher=fetcher)
    if not read.documents:
        raise nothing_read(read.warnings)
    return read


def load_terms(glossary: Iterable[GlossaryRow] = ()) -> Terms:
    """Return the terms with the rows of a glossary, which are read like the lines of a CSV file."""
    rows = [(row.ar, row.en) for row in glossary]
    if not rows:
        return _shipped_terms()
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return Terms.load(glossary=parse_glossary(lines.getvalue(), name=GLOSSARY_NAME))


@lru_cache(maxsize=1)
def _shipped_terms() -> Terms:
    return Terms.load()
