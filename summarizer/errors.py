"""Every error that Mujaz raises on purpose, as one small tree.

    MujazError
    ├── InputError            what the user gave cannot be used                (CLI exit 2)
    │   ├── ReadError         a file, URL or text could not become a Document
    │   │   └── FetchError    a URL was refused, too large, too slow or broken
    │   ├── GlossaryError     a glossary file is malformed
    │   └── ConfigError       models.yaml or another setting is wrong (all problems at once)
    ├── ModelError            a model is missing, damaged or failed to run     (CLI exit 1)
    │   └── MissingModelError weights or an extra are not there; the message holds the command that gets them
    ├── RenderError           a brief could not be written in the asked form   (CLI exit 1)
    ├── LockedError           another run is at work on the same archive       (CLI exit 1)
    ├── PublishError          a brief could not be handed to a publisher       (CLI exit 1)
    │   └── UncertainError    it may have been: the connection died before the answer
    ├── ArchiveError          the archive cannot be opened, read or written    (CLI exit 1)
    ├── CancelledError        the caller asked a running brief to stop         (CLI exit 1)
    └── JobError              the job queue of the server                      (CLI exit 1)
        ├── BusyError         no place in the queue for one more job
        └── UnknownJobError   no job has this id, or its result has expired

Each message is one line, names the thing at fault and says what to do. Causes are chained with ``from``.
"""

from __future__ import annotations

from typing import Literal


class MujazError(Exception):
    """Base of the tree; catching it catches everything Mujaz raises on purpose."""

    #: Exit status of the command line when this error ends the program.
    exit_status = 1


class InputError(MujazError):
    """What the user gave cannot be used."""

    exit_status = 2


class ReadError(InputError):
    """A file, URL or text could not become a document.

    ``code`` is the machine-readable reason that a brief's ``warnings`` carry (``empty``, ``not_arabic``,
    ``binary``, ``encoding``, ``too_large``, ``unsupported``, ``missing``, ``malformed``...).
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class FetchError(ReadError):
    """A URL was refused (scheme, private address), too large, too slow or broken.

    Where a server answered, ``status`` is its HTTP status and ``retry_after`` the header of that name.
    """

    def __init__(
        self, message: str, *, code: str, status: int | None = None, retry_after: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.retry_after = retry_after


class GlossaryError(InputError):
    """A glossary file is malformed; the message names the line."""


class ConfigError(InputError):
    """A configuration file is wrong. ``problems`` lists every fault found, not only the first."""

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message if not problems else f"{message}: " + "; ".join(problems))
        self.problems = problems


class ModelError(MujazError):
    """A model is damaged or failed to run."""


class MissingModelError(ModelError):
    """Weights or an optional extra are not on this machine; the message holds the command that gets them."""


class RenderError(MujazError):
    """A brief could not be written in the asked form."""


class LockedError(MujazError):
    """Another run is at work on the same archive; nothing was done."""


class PublishError(MujazError):
    """A publisher did not take a brief. ``lasting`` is true where trying again cannot help (a refused address)."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class UncertainError(PublishError):
    """A brief may have been taken or not: the connection died between the last byte and the answer."""


class ArchiveError(MujazError):
    """The archive cannot be opened, read or written; nothing of the step that failed was stored."""


class CancelledError(MujazError):
    """The caller asked a running brief to stop. Raised by a ``progress`` or ``on_story`` callback, caught by nothing
    between it and whoever called ``make_brief``."""


class JobError(MujazError):
    """The job queue of the server refuses."""


class BusyError(JobError):
    """There is no place for one more job: of this client's (``client_limit``), or of anybody's (``queue_full``).

    ``retry_after`` says when to ask again (seconds).
    """

    def __init__(
        self, message: str, *, code: Literal["client_limit", "queue_full"], retry_after: int = 10
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class UnknownJobError(JobError):
    """No job has this id, or its result has expired."""
