"""The description of the API: schemas made of the real classes, examples that a test sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from summarizer.models import Registry
from summarizer.schema import Brief
from summarizer.server.editing import EditRequest
from summarizer.server.problems import MEDIA_TYPE
from summarizer.server.requests import BriefRequest, StoriesRequest, TranslateRequest, run_brief

#: Example bodies by the name of their request, and the brief that the first one gives; made by ``write_examples``.
_EXAMPLES: Final = "server/examples.json"
_REF: Final = "#/components/schemas/{model}"
_REQUESTS: Final[tuple[type[BaseModel], ...]] = (BriefRequest, TranslateRequest, StoriesRequest, EditRequest)
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "A word for programs."},
        "detail": {"type": "string", "description": "One line for people, as the command line has it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
#: The fields of a form; `files`, `text` and `url` may be given more than once and become the reports.
_FORM: Final[dict[str, Any]] = {
    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    "text": {"type": "array", "items": {"type": "string"}},
    "url": {"type": "array", "items": {"type": "string"}},
    "glossary": {"type": "string", "format": "binary", "description": "CSV of Arabic,English."},
    "profile": {"type": "string"},
    "sentences": {"type": "integer"},
}
_WHY: Final = {
    400: "The body is broken.",
    404: "No such job, or its result has expired.",
    409: "There is no brief: the job has not ended, or was cancelled.",
    413: "Too large.",
    415: "A media type or file format that is not read.",
    422: "Something in the request cannot be used.",
    429: "This client asks too often, or has too many jobs; see Retry-After.",
    503: "The queue is full or a model is missing; see Retry-After and the message.",
}


@cache
def examples() -> dict[str, Any]:
    """Return the example bodies by the name of their request, and the brief that the first one gives."""
    loaded: dict[str, Any] = json.loads(
        resources.files("summarizer").joinpath(_EXAMPLES).read_text(encoding="utf-8")
    )
    return loaded


def write_examples() -> None:
    """Make the example's brief again, with the real model: ``python -m summarizer.server.openapi``."""
    request = BriefRequest.model_validate(examples()["BriefRequest"])
    brief = run_brief(request, registry=Registry.load(), created=examples()["Brief"]["created"])
    text = json.dumps({**examples(), "Brief": brief.to_dict()}, ensure_ascii=False, indent=2) + "\n"
    Path(str(resources.files("summarizer").joinpath(_EXAMPLES))).write_text(text, encoding="utf-8")


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the part of a route's description that tells its body, which it reads itself."""
    content: dict[str, Any] = {
        "application/json": {
            "schema": {"$ref": _REF.format(model=model.__name__)},
            "example": examples()[model.__name__],
        }
    }
    if "reports" in model.model_fields:
        fields = {
            name: schema
            for name, schema in _FORM.items()
            if name in model.model_fields or name in ("files", "text", "url")
        }
        content["multipart/form-data"] = {"schema": {"type": "object", "properties": fields}}
    return {"requestBody": {"required": True, "content": content}}


def brief_answers() -> dict[int | str, dict[str, Any]]:
    """Return the description of an answer that is a brief."""
    return {
        200: {
            "description": "The brief.",
            "content": {
                "application/json": {
                    "schema": {"$ref": _REF.format(model="Brief")},
                    "example": examples()["Brief"],
                },
                "text/markdown": {},
                "text/html": {},
                "text/plain": {},
            },
        }
    }


def error_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of the answers that tell a problem."""
    schema = {"$ref": _REF.format(model="Problem")}
    return {
        status: {"description": _WHY[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def describe_api(app: FastAPI, *, version: str) -> Callable[[], dict[str, Any]]:
    """Return what takes the place of ``app.openapi``: FastAPI's description with our schemas in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title="Mujaz",
                version=version,
                summary="Arabic news reports in; a cited, checked, bilingual brief out.",
                routes=app.routes,
            )
            described.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
            app.openapi_schema = described
        return app.openapi_schema

    return openapi


def _schemas() -> dict[str, Any]:
    _, requests = models_json_schema([(model, "validation") for model in _REQUESTS], ref_template=_REF)
    brief = TypeAdapter(Brief).json_schema(mode="serialization", ref_template=_REF)
    parts = brief.pop("$defs")
    # The one place where the JSON is not the dataclass: the key says what a warning is about.
    parts["BriefWarning"] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("document_id", "story_id", "code", "message")},
        "required": ["code", "message"],
        "oneOf": [{"required": ["document_id"]}, {"required": ["story_id"]}],
    }
    return {**requests["$defs"], **parts, "Brief": brief, "Problem": _PROBLEM}


if __name__ == "__main__":
    write_examples()
