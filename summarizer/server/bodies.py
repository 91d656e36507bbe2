"""Request bodies -> requests: JSON, or a form with files. Everything is bounded, nothing becomes a path."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from summarizer.errors import GlossaryError
from summarizer.gazetteer import parse_glossary
from summarizer.ingest import STDIN
from summarizer.server.problems import Problem
from summarizer.server.requests import GLOSSARY_NAME, plain_name
from summarizer.server.settings import ServerSettings

JSON, FORM = "application/json", "multipart/form-data"
#: Fields of a form beside its files; reports may be texts or addresses.
_FORM_FIELDS: Final = 600
#: Faults of a request that are told one by one.
_MOST_FAULTS: Final = 20
_RequestT = TypeVar("_RequestT", bound=BaseModel)


class BodyError(Exception):
    """A body cannot be used; ``problem`` is the answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


async def read_request(request: Request, kind: type[_RequestT], *, settings: ServerSettings) -> _RequestT:
    """Return what a body asks for. Raises ``BodyError``, and ``GlossaryError`` for a faulty glossary file.

    A form may have ``files``, ``text`` and ``url`` (each more than once), which become reports in the order in which
    they stand, and the other fields of ``kind``, with ``glossary`` as CSV.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    try:
        async with asyncio.timeout(settings.body_seconds):
            if media_type == JSON:
                body = await request.body()
                return await run_in_threadpool(_parse, kind, body)
            if media_type == FORM:
                async with request.form(
                    max_files=settings.file_limit,
                    max_fields=_FORM_FIELDS,
                    max_part_size=settings.body_limit_bytes,
                ) as form:
                    return _validate(kind, await _fields(form))
    except TimeoutError as error:
        detail = f"the request did not arrive within {settings.body_seconds:g} seconds"
        raise BodyError(Problem(status=408, code="too_slow", detail=detail)) from error
    except ClientDisconnect as error:
        raise BodyError(Problem(status=400, code="malformed", detail="the request broke off")) from error
    except HTTPException as error:  # of the form's parser: broken, or too many parts
        raise BodyError(Problem(status=400, code="malformed", detail=str(error.detail))) from error
    detail = f"send {JSON} or {FORM}, not {media_type[:100] or 'nothing'!r}"
    raise BodyError(Problem(status=415, code="media_type", detail=detail))


def explain(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the answer to a request that breaks the rules of its model; ``faults`` are pydantic's."""
    if len(faults) > 1:  # reports that are faulty do not count, which is no fault of its own
        faults = [each for each in faults if each["type"] != "too_short"] or faults
    if faults[0]["type"] == "json_invalid":
        return Problem(status=400, code="malformed", detail=faults[0]["msg"])
    errors = tuple(
        {
            "where": ".".join(str(part) for part in fault["loc"]),
            "message": fault["msg"].removeprefix("Value error, "),
        }
        for fault in faults[:_MOST_FAULTS]
    )
    first = f"{errors[0]['where']}: {errors[0]['message']}".removeprefix(": ")
    rest = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Problem(status=422, code="invalid", detail=first + rest, errors=errors)


def _parse(kind: type[_RequestT], body: bytes) -> _RequestT:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise BodyError(explain(error.errors(include_url=False, include_input=False))) from error


def _validate(kind: type[_RequestT], fields: Mapping[str, Any]) -> _RequestT:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise BodyError(explain(error.errors(include_url=False, include_input=False))) from error


async def _fields(form: FormData) -> dict[str, Any]:
    """Return the fields of a form in the shape of the JSON body."""
    fields: dict[str, Any] = {}
    reports: list[dict[str, Any]] = []
    for name, value in form.multi_items():
        if name in fields:
            raise _faulty(name, "is given twice")
        if name == "glossary":
            fields[name] = await _glossary(value)
        elif name == "files":
            if isinstance(value, str):
                raise _faulty(name, "must be a file, with a file name")
            if value.filename or value.size:  # a browser sends an empty part for a field without a file
                reports.append({"name": value.filename or STDIN, "data": await value.read()})
        elif isinstance(value, UploadFile):
            raise _faulty(name, "must not be a file; files go into `files`")
        elif name in ("text", "url"):
            reports.append({name: value})
        else:
            fields[name] = value
    return {**fields, "reports": reports}


async def _glossary(value: UploadFile | str) -> list[dict[str, str]]:
    """Read a glossary as the command line does. Raises ``GlossaryError``."""
    if isinstance(value, str):
        text, name = value, GLOSSARY_NAME
    else:
        name = plain_name(value.filename or GLOSSARY_NAME)
        try:
            text = (await value.read()).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise GlossaryError(f"{name}: not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    return [{"ar": each.arabic[0], "en": "|".join(each.english)} for each in parse_glossary(text, name=name)]


def _faulty(where: str, message: str) -> BodyError:
    errors = ({"where": where, "message": message},)
    return BodyError(Problem(status=422, code="invalid", detail=f"{where}: {message}", errors=errors))
