"""Errors as HTTP answers: one JSON form (RFC 9457, ``application/problem+json``), with the command line's messages."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from summarizer.errors import (
    BusyError,
    CancelledError,
    ConfigError,
    FetchError,
    GlossaryError,
    InputError,
    JobError,
    MissingModelError,
    ModelError,
    MujazError,
    ReadError,
    RenderError,
    UnknownJobError,
)

MEDIA_TYPE: Final = "application/problem+json"

#: Error class -> (HTTP status, code), the most special first. Errors with a code of their own keep that.
_TABLE: Final[tuple[tuple[type[MujazError], int, str], ...]] = (
    (BusyError, 503, "busy"),
    (UnknownJobError, 404, "unknown_job"),
    (JobError, 503, "queue"),
    (CancelledError, 409, "cancelled"),
    (MissingModelError, 503, "model_missing"),
    (ModelError, 500, "model_failed"),
    (RenderError, 500, "render_failed"),
    (FetchError, 422, "fetch"),
    (ReadError, 422, "unreadable"),
    (GlossaryError, 422, "glossary"),
    (ConfigError, 422, "unknown_setting"),
    (InputError, 422, "input"),
    (MujazError, 500, "failed"),
)
#: Codes that HTTP has a better status for than their class has.
_STATUS: Final = {"too_large": 413, "unsupported": 415, "binary": 415, "client_limit": 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What an error answer says. ``detail`` is a line for people, ``code`` a word for programs.

    ``errors`` are the faulty fields of a request, ``{"where": "reports.0.url", "message": ...}`` each.
    """

    status: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    retry_after: int | None = None  # seconds

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return {**plain, "errors": list(self.errors)} if self.errors else plain


#: A bug: the details are for the log alone.
INTERNAL: Final = Problem(
    status=500, code="internal", detail="something went wrong inside the server; its log says what"
)


def describe(error: MujazError) -> Problem:
    """Return the HTTP answer to an error."""
    status = next(status for kind, status, _ in _TABLE if isinstance(error, kind))
    code = error_code(error)
    retry_after = error.retry_after if isinstance(error, BusyError) else None
    return Problem(status=_STATUS.get(code, status), code=code, detail=str(error), retry_after=retry_after)


def error_code(error: MujazError) -> str:
    """Return the word that programs know an error by."""
    own = getattr(error, "code", None)
    return own if isinstance(own, str) else next(code for kind, _, code in _TABLE if isinstance(error, kind))


def failed_status(code: str) -> int:
    """Return the HTTP status of a job that failed with ``code``."""
    known = {known: status for _, status, known in _TABLE}
    return _STATUS.get(code) or known.get(code) or (500 if code in ("internal", "storage") else 422)
