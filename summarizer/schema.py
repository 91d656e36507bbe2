"""The data that flows through Mujaz, and its JSON form.

Frozen dataclasses, plain values, no behaviour beyond what follows from the data. ``Brief.to_json`` writes the
form that the command line, the API and the workbench share (``schema_version`` 1) and ``Brief.from_json`` reads
it back. Offsets are counted in Python characters (Unicode code points) of ``Document.text``, end exclusive.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal

SCHEMA_VERSION: Final = 1

#: What a stretch of a document is, when it is not plain body text. Only ``title`` may be quoted as news;
#: everything else is kept in the text, shown greyed, and never selected.
MarkKind = Literal["title", "date", "outlet", "byline", "caption", "related", "boilerplate"]
#: ``pass`` and ``fail`` are verdicts; ``unknown`` means the check cannot tell (and says why).
Verdict = Literal["pass", "fail", "unknown"]
CheckKind = Literal[
    "number", "date", "name", "negation", "repetition", "language", "length", "term", "meaning"
]
#: ``ar``: the Arabic sentence against its cited sources. ``en``: the English against its Arabic.
CheckSide = Literal["ar", "en"]
#: How an Arabic sentence came to be.
Method = Literal["extractive", "abstractive", "extractive-fallback", "edited"]
Language = Literal["ar", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of ``Document.text`` that is not plain body text."""

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of one document that repeats a stretch of another (a quotation or wire copy)."""

    start: int
    end: int
    document_id: str  # where the same words stand
    other_start: int
    other_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One report. ``text`` is everything that was read, title and boilerplate included, never altered.

    ``id`` depends only on the content and the name it came under, so the order of inputs cannot change it.
    ``published`` is an ISO date (``2021-07-25``) or date-time, or None where the report does not say.
    ``duplicate_of`` is the id of the report that this one repeats; ``shares`` are repeated passages.
    """

    id: str
    text: str
    title: str | None = None
    source: str | None = None  # the outlet
    published: str | None = None
    language: str = "ar"
    url: str | None = None
    origin: str | None = None  # file name, "-", or the URL: what messages call it
    marks: tuple[Mark, ...] = ()
    duplicate_of: str | None = None
    shares: tuple[Passage, ...] = ()

    @property
    def outlet(self) -> str:
        """What stands for an independent outlet: the source, or the document itself where unknown."""
        return self.source or self.origin or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a document: ``text == document.text[start:end]``, character for character."""

    document_id: str
    index: int  # 0, 1, ... within the document
    start: int
    end: int
    text: str
    paragraph: int = 0
    kind: Literal["body", "title", "boilerplate"] = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source span: ``document.text[start:end]``."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One verdict of the faithfulness checks, with its evidence in ``detail`` (one readable line)."""

    kind: CheckKind
    on: CheckSide
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """The same text in Arabic and English."""

    ar: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What a sentence or title was before a person edited it: enough to undo the edit."""

    ar: str
    en: str
    checks: tuple[Check, ...]
    method: Method | None = None  # of a sentence; titles have none


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySentence:
    """A sentence of the summary, its English, what it cites and how it fared in the checks."""

    ar: str
    en: str
    method: Method
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...] = ()
    reasons: tuple[str, ...] = ()  # why the sentence was chosen
    alternatives: tuple[str, ...] = ()  # other English hypotheses, best first
    edited: tuple[Language, ...] = ()  # what a person has changed (``edits``); ``method`` is then "edited"
    original: Original | None = None

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict == "fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementValue:
    """One of the values that sources give, with where it stands.

    ``value`` are the source's own words (one contiguous excerpt), ``label`` what they come to in a few plain
    words of both languages ("2,500: left").
    """

    value: str
    citations: tuple[Citation, ...]
    label: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """The same quantity, date or claim with different values."""

    about: Bilingual
    kind: Literal["number", "date", "claim"]
    values: tuple[DisagreementValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened when, in the source's words.

    ``date`` is ISO 8601, as exact as the sources are: ``2020``, ``2020-06``, ``2021-04-07``, or without the year
    that no source gives: ``--04-07`` (7 April).
    """

    date: str
    ar: str
    en: str
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The reports of one event (or one stage of it) and what was made of them."""

    id: str
    title: Bilingual
    document_ids: tuple[str, ...]
    first: str | None
    last: str | None
    follows: str | None
    outlets: tuple[str, ...]
    summary: tuple[SummarySentence, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    title_checks: tuple[Check, ...] = ()
    title_citations: tuple[Citation, ...] = ()
    title_edited: tuple[Language, ...] = ()
    title_original: Original | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """Which model played a role in a brief."""

    id: str
    engine: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefWarning:
    """Something the reader should know about an input or a story. ``subject`` is a document or story id or origin."""

    subject: str
    on: Literal["document", "story"]
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a run returns: the documents, their stories, and everything that went less than well."""

    created: str  # ISO date-time, the only field that may differ between two equal runs
    profile: str
    models: dict[str, ModelInfo]
    documents: tuple[Document, ...]
    stories: tuple[Story, ...]
    warnings: tuple[BriefWarning, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    def document(self, document_id: str) -> Document:
        """Return the document with this id. Raises KeyError."""
        for document in self.documents:
            if document.id == document_id:
                return document
        raise KeyError(document_id)

    def quote(self, citation: Citation) -> str:
        """Return the cited words, exactly as the source has them."""
        return self.document(citation.document_id).text[citation.start : citation.end]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form as plain dicts and lists."""
        plain: dict[str, Any] = dataclasses.asdict(self)
        for warning in plain["warnings"]:
            warning[f"{warning.pop('on')}_id"] = warning.pop("subject")
        return {"schema_version": plain.pop("schema_version"), **plain}

    def to_json(self) -> str:
        """Return the JSON text: UTF-8 letters as they are, two spaces of indent, a final newline."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Brief:
        """Read what ``to_json`` wrote. Raises ``errors.InputError`` on another version or a wrong form."""
        from summarizer.errors import InputError

        try:
            plain = json.loads(text)
            if plain["schema_version"] != SCHEMA_VERSION:
                raise InputError(
                    f"this brief has schema version {plain['schema_version']}; {SCHEMA_VERSION} is read"
                )
            return _brief_from(plain)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not a Mujaz brief: {error!r}") from error


def _brief_from(plain: dict[str, Any]) -> Brief:
    def citations(items: list[dict[str, Any]]) -> tuple[Citation, ...]:
        return tuple(Citation(**item) for item in items)

    def checks(items: list[dict[str, Any]]) -> tuple[Check, ...]:
        return tuple(Check(**item) for item in items)

    def warning(item: dict[str, Any]) -> BriefWarning:
        on: Literal["document", "story"] = "document" if "document_id" in item else "story"
        return BriefWarning(on=on, subject=item[f"{on}_id"], code=item["code"], message=item["message"])

    def document(item: dict[str, Any]) -> Document:
        return Document(
            **{
                **item,
                "marks": tuple(Mark(**each) for each in item["marks"]),
                "shares": tuple(Passage(**each) for each in item["shares"]),
            }
        )

    def original(item: dict[str, Any] | None) -> Original | None:
        return Original(**{**item, "checks": checks(item["checks"])}) if item is not None else None

    def sentence(item: dict[str, Any]) -> SummarySentence:
        return SummarySentence(
            **{
                **item,
                "citations": citations(item["citations"]),
                "checks": checks(item["checks"]),
                "reasons": tuple(item["reasons"]),
                "alternatives": tuple(item["alternatives"]),
                # Absent from briefs made before there were edits.
                "edited": tuple(item.get("edited", ())),
                "original": original(item.get("original")),
            }
        )

    def disagreement(item: dict[str, Any]) -> Disagreement:
        values = tuple(
            DisagreementValue(
                value=each["value"],
                citations=citations(each["citations"]),
                label=Bilingual(**each["label"]),
            )
            for each in item["values"]
        )
        return Disagreement(about=Bilingual(**item["about"]), kind=item["kind"], values=values)

    def story(item: dict[str, Any]) -> Story:
        return Story(
            **{
                **item,
                "title": Bilingual(**item["title"]),
                "document_ids": tuple(item["document_ids"]),
                "outlets": tuple(item["outlets"]),
                "summary": tuple(sentence(each) for each in item["summary"]),
                "disagreements": tuple(disagreement(each) for each in item["disagreements"]),
                "timeline": tuple(
                    TimelineEntry(
                        **{
                            **each,
                            "citations": citations(each["citations"]),
                            "checks": checks(each["checks"]),
                        }
                    )
                    for each in item["timeline"]
                ),
                "title_checks": checks(item["title_checks"]),
                "title_citations": citations(item["title_citations"]),
                "title_edited": tuple(item.get("title_edited", ())),
                "title_original": original(item.get("title_original")),
            }
        )

    return Brief(
        schema_version=plain["schema_version"],
        created=plain["created"],
        profile=plain["profile"],
        models={role: ModelInfo(**info) for role, info in plain["models"].items()},
        documents=tuple(document(item) for item in plain["documents"]),
        stories=tuple(story(item) for item in plain["stories"]),
        warnings=tuple(warning(item) for item in plain["warnings"]),
    )
