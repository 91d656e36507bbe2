"""Every error that Mujaz raises on purpose, as one small tree.

    MujazError
    ├── InputError            what the user gave cannot be used                (CLI exit 2)
    │   ├── ReadError         a file, URL or text could not become a Document
    │   │   └── FetchError    a URL was refused, too large, too slow or broken
    │   ├── GlossaryError     a glossary file is malformed
    │   └── ConfigError       models.yaml or another setting is wrong (all problems at once)
    ├── ModelError            a model is missing, damaged or failed to run     (CLI exit 1)
    │   └── MissingModelError weights or an extra are not there; the message holds the command that gets them
    └── RenderError           a brief could not be written in the asked form   (CLI exit 1)

Each message is one line, names the thing at fault and says what to do. Causes are chained with ``from``.
"""

from __future__ import annotations


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
    """A URL was refused (scheme, private address), too large, too slow or broken."""


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
