"""A person's edits of a job's brief, as they come over HTTP: made and checked anew each time, and kept by nobody.

Whoever edits sends all edits with each request. So they outlive a restart of the server, touch nobody else's view of
the job, and are checked by the library each time, with the glossary that the brief was made with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from summarizer.edits import EDIT_LIMIT, edit_sentence, edit_title
from summarizer.schema import Brief
from summarizer.server.requests import GlossaryRow, load_terms

#: Edits of one brief: beyond any person's work.
MOST_EDITS: Final = 500


class Edit(BaseModel):
    """One sentence, or a title, as a person has it; what is None stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    story: str = Field(max_length=100, description="The id of the story.")
    index: int | None = Field(
        default=None,
        ge=0,
        lt=100,
        description="Which sentence of its summary, from 0; without one, its title.",
    )
    ar: str | None = Field(default=None, min_length=1, max_length=EDIT_LIMIT)
    en: str | None = Field(default=None, min_length=1, max_length=EDIT_LIMIT)

    @model_validator(mode="after")
    def _one_side(self) -> Edit:
        if self.ar is None and self.en is None:
            raise ValueError("give `ar`, `en` or both")
        return self


class EditRequest(BaseModel):
    """What a person changed in a brief."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edits: tuple[Edit, ...] = Field(min_length=1, max_length=MOST_EDITS)


def apply_edits(brief: Brief, edits: Iterable[Edit], *, glossary: Sequence[GlossaryRow] = ()) -> Brief:
    """Return the brief with a person's edits, each marked and checked. Raises ``InputError`` on one that does not fit.

    ``glossary`` is the one that the brief was made with (``JobQueue.glossary``), so that an edit is judged by it too.
    """
    edits = tuple(edits)
    if not edits:
        return brief
    terms = load_terms(glossary)
    for each in edits:
        if each.index is None:
            brief = edit_title(brief, each.story, ar=each.ar, en=each.en, terms=terms)
        else:
            brief = edit_sentence(brief, each.story, each.index, ar=each.ar, en=each.en, terms=terms)
    return brief
