"""What a person put into the form, as the request of a brief: text, files, addresses, glossary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import gradio as gr
from pydantic import ValidationError

from summarizer.errors import InputError, ReadError
from summarizer.formats import decode
from summarizer.gazetteer import parse_glossary
from summarizer.server.requests import (
    GLOSSARY_NAME,
    MOST_REPORTS,
    BriefRequest,
    GlossaryRow,
    Report,
    TranslateRequest,
)
from summarizer.server.security import client_of

#: Bytes of a glossary file: 5,000 terms have some 300,000.
GLOSSARY_LIMIT: Final = 2_000_000
#: Bytes of all files of one brief: they are in memory together. 200 Word files have some 5 MB.
FORM_LIMIT: Final = 100_000_000


def read_form(text: str | None, files: Sequence[str] | None, urls: str | None) -> tuple[Report, ...]:
    """Return the inputs in the order of the form: pasted text, files, addresses. Raises ``InputError``."""
    paths, addresses = [Path(file) for file in files or ()], (urls or "").split()
    if len(paths) + len(addresses) > MOST_REPORTS:
        raise InputError(
            f"{len(paths) + len(addresses)} files and addresses; at most {MOST_REPORTS} make a brief"
        )
    reports: list[Report] = []
    try:
        size = sum(path.stat().st_size for path in paths)
        if size > FORM_LIMIT:
            raise InputError(
                f"the files have {size / 1e6:.0f} MB together; at most {FORM_LIMIT / 1e6:.0f} MB make a brief"
            )
        if text and text.strip():
            reports.append(Report(text=text))
        reports += [Report(name=path.name, data=path.read_bytes()) for path in paths]
        reports += [Report(url=url) for url in addresses]
    except ValidationError as error:
        raise InputError(first_problem(error)) from error
    except OSError as error:
        raise InputError(
            f"an uploaded file is no longer there ({error.strerror}); choose it again"
        ) from error
    return tuple(reports)


def read_glossary(text: str | None, file: str | None = None) -> tuple[GlossaryRow, ...]:
    """Return the terms of a typed glossary and of a CSV file. Raises ``GlossaryError`` with every fault of either."""
    rows: list[GlossaryRow] = []
    sources: list[tuple[str, str]] = []
    if file:
        data = Path(file).read_bytes()
        if len(data) > GLOSSARY_LIMIT:
            raise ReadError("the glossary is larger than 2 MB", code="too_large")
        sources.append((Path(file).name, decode(data)))
    if text and text.strip():
        sources.append((GLOSSARY_NAME, text.replace("،", ",") if "," not in text else text))
    for name, words in sources:
        parse_glossary(words, name=name)  # every fault is told, with its line
        rows += _rows(words)
    return tuple(rows)


def _rows(words: str) -> Iterable[GlossaryRow]:
    for cells in csv.reader(io.StringIO(words, newline=""), skipinitialspace=True):
        kept = [" ".join(cell.split()) for cell in cells]
        if len(kept) >= 2 and kept[0] and kept[1] and not kept[0].startswith("#"):
            yield GlossaryRow(ar=kept[0], en=kept[1])


def make_request(
    reports: Sequence[Report],
    *,
    profile: str,
    sentences: int | float | None = None,
    glossary: Sequence[GlossaryRow] = (),
) -> BriefRequest:
    """Return the request; ``sentences`` 0 or None leaves their number to the pipeline. Raises ``InputError``."""
    try:
        return BriefRequest(
            reports=tuple(reports),
            profile=profile,
            sentences=int(sentences) if sentences else None,
            glossary=tuple(glossary),
        )
    except ValidationError as error:
        raise InputError(first_problem(error)) from error


def read_call(
    text: str,
    files: Sequence[Mapping[str, str]] | None,
    urls: Sequence[str] | None,
    *,
    profile: str,
    sentences: int = 0,
    glossary: Sequence[Sequence[str]] | None = None,
) -> BriefRequest:
    """Return the request that a program's call stands for (``ui.api``, ``ui.agents``). Raises ``InputError``."""
    try:
        reports = [Report(text=text)] if text.strip() else []
        reports += [Report.model_validate(dict(each)) for each in files or ()]
        reports += [Report(url=each) for each in urls or ()]
    except ValidationError as error:
        raise InputError(first_problem(error)) from error
    return make_request(reports, profile=profile, sentences=sentences, glossary=read_pairs(glossary))


def read_pairs(glossary: Sequence[Sequence[str]] | None) -> list[GlossaryRow]:
    """Return pairs of an Arabic term and its English as rows. Raises ``InputError``."""
    try:
        return [GlossaryRow(ar=arabic, en=english) for arabic, english in glossary or ()]
    except (ValidationError, ValueError) as error:
        raise InputError("glossary: a list of pairs, Arabic and English, is needed") from error


def make_translation(text: str, *, profile: str, glossary: Sequence[GlossaryRow] = ()) -> TranslateRequest:
    """Return the request to translate the lines of ``text``. Raises ``InputError``."""
    try:
        return TranslateRequest(sentences=tuple(text.split("\n")), profile=profile, glossary=tuple(glossary))
    except ValidationError as error:
        raise InputError(first_problem(error)) from error


def first_problem(error: ValidationError) -> str:
    """Return the first fault of a request as one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def caller(request: gr.Request) -> str:
    """Return whom a call of the page counts for: the same name as for the HTTP API."""
    if request.request is None:
        raise InputError("there is no request behind this call")
    return client_of(request.request)
