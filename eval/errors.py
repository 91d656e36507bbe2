"""The errors of the harness: leaves of the tree in ``summarizer.errors``, so that one ``except`` serves both.

    MujazError
    └── InputError
        ├── DatasetError   a dataset is unknown, absent, altered or malformed
        └── MetricError    a metric is unknown, or cannot score these items

A missing optional extra (COMET, BERTScore, the hub) raises ``summarizer.errors.MissingModelError``, whose message
holds the command that installs it.
"""

from __future__ import annotations

from summarizer.errors import InputError


class DatasetError(InputError):
    """A dataset is unknown, absent, altered or malformed; the message says what to do."""


class MetricError(InputError):
    """A metric is unknown, or the items lack what it needs (no reference, another task)."""
