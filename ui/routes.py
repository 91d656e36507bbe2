"""What the page's script asks of the server: a sentence edited, a brief to take away. No state: the edits come along.

A person's edits stay in the browser and are sent with each request; so they outlive a restart of the server, touch
nobody else's view of the job, and are checked by the library each time.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from summarizer.edits import EDIT_LIMIT, edit_sentence
from summarizer.errors import InputError
from summarizer.exports import MEDIA_TYPES, ExportForm, export
from summarizer.schema import Brief
from summarizer.server.requests import load_terms
from ui.cards import render_story
from ui.context import PageContext
from ui.texts import Language, Texts

#: What a person made of their reports is nobody's to keep on the way.
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
#: Edits of one brief: beyond any person's work.
_MOST_EDITS: Final = 500


class Edit(BaseModel):
    """One sentence as a person has it; what is None stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    story: str = Field(max_length=100)
    index: int = Field(ge=0, lt=100)
    ar: str | None = Field(default=None, min_length=1, max_length=EDIT_LIMIT)
    en: str | None = Field(default=None, min_length=1, max_length=EDIT_LIMIT)


class EditedStory(BaseModel):
    """Ask for the card of a story with all edits made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    story: str = Field(max_length=100)
    edits: tuple[Edit, ...] = Field(max_length=_MOST_EDITS)
    language: Language = "en"


class Export(BaseModel):
    """Ask for a brief in a form, with all edits made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: ExportForm
    edits: tuple[Edit, ...] = Field(default=(), max_length=_MOST_EDITS)


def add_routes(app: FastAPI, context: PageContext) -> None:
    """Add the routes below ``/workbench``."""
    router = APIRouter(prefix="/workbench/jobs/{job_id}", include_in_schema=False)

    @router.post("/story")
    def story(job_id: str, asked: EditedStory) -> Response:
        brief = apply_edits(_brief(context, job_id), asked.edits)
        try:
            html = render_story(brief, asked.story, texts=Texts(asked.language), job=job_id)
        except KeyError as error:
            raise InputError(f"no story {asked.story} in this brief") from error
        return JSONResponse({"html": html}, headers=_NOT_KEPT)

    @router.post("/export")
    def take(job_id: str, asked: Export) -> Response:
        brief = apply_edits(_brief(context, job_id), asked.edits)
        name = f"mujaz-{brief.created[:10]}.{asked.form}"
        headers = {**_NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(export(brief, form=asked.form), media_type=MEDIA_TYPES[asked.form], headers=headers)

    app.include_router(router)


def apply_edits(brief: Brief, edits: tuple[Edit, ...]) -> Brief:
    """Return the brief with a person's edits, each marked and checked. Raises ``InputError`` on one that does not fit."""
    if not edits:
        return brief
    terms = load_terms()
    for each in edits:
        brief = edit_sentence(brief, each.story, each.index, ar=each.ar, en=each.en, terms=terms)
    return brief


def _brief(context: PageContext, job_id: str) -> Brief:
    job = context.queue.get(job_id)
    if job.brief is None:
        raise InputError("this brief is not finished")
    return job.brief
