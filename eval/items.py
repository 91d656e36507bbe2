"""One thing to score, for every task: the plain data that datasets make, and systems and metrics read.

What ``source``, ``references``, ``meta`` and a system's output (the *hypothesis*) hold, task by task:

=========== ============================== ========================= ============================ =====================
task        ``source``                     ``references``            hypothesis                   ``meta`` (when known)
=========== ============================== ========================= ============================ =====================
translate   one Arabic sentence            English, 1 or more        English ``str``              ``facts``, ``tests``
summarize   one report ``str``, or several Arabic summaries          Arabic ``str``, or a         ``title``, ``outlets``
            ``tuple[str, ...]``                                      summary mapping (below)
cluster     one report ``str``             ``()``                    cluster label (``str|int``)  ``cluster``: the truth
segment     one text ``str``               its sentences, in order   ``list[str]``: sentences     --
facts       one sentence or text           ``()``                    ``list`` of facts            ``facts``: the truth
=========== ============================== ========================= ============================ =====================

* A *fact* is a mapping ``{"kind", "value", "surface"?, "start"?, "end"?}``; offsets are code points of ``source``,
  end exclusive.
* For ``segment`` the gold sentences are ``references``; their boundaries are found in ``source`` by matching their
  letters in order, so white space between sentences may differ.
* For ``cluster`` the items of a dataset are one batch: a system sees all of them before it labels any.
* A *summary mapping* is ``{"text": str, "sentences": [{"text": str, "citations": [{"document": int, "start": int,
  "end": int}]}]}``: what citation and coverage metrics need beyond the plain text. ``hypothesis_text`` gives the
  text of either form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

Task = Literal["translate", "summarize", "cluster", "segment", "facts"]

#: Every task, in the order tables show them.
TASKS: Final[tuple[Task, ...]] = get_args(Task)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to score. ``id`` is unique in its dataset and stable from one version of Mujaz to the next."""

    id: str
    source: str | tuple[str, ...]
    references: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """The reports of a multi-document item; the one text of any other as a tuple of one."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def text(self) -> str:
        """All source text as one string, reports one blank line apart."""
        return "\n\n".join(self.sources)


def hypothesis_text(hypothesis: object) -> str:
    """Return the plain text of a system's output: itself, a summary mapping's ``text``, or sentences as lines.

    A mapping without ``text`` gives its sentences, one a line; anything else (a cluster label) its ``str``.
    """
    if isinstance(hypothesis, str):
        return hypothesis
    if isinstance(hypothesis, Mapping):
        if isinstance(hypothesis.get("text"), str):
            return str(hypothesis["text"])
        return "\n".join(str(each.get("text", "")) for each in hypothesis.get("sentences", ()))
    if isinstance(hypothesis, (list, tuple)):
        return "\n".join(hypothesis_text(each) for each in hypothesis)
    return str(hypothesis)
