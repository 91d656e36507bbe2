"""What the page's script asks of the server: a sentence or title edited, a brief to take away. No state: the edits come
along (``summarizer.server.editing``).
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from summarizer.errors import InputError
from summarizer.exports import MEDIA_TYPES, ExportForm, export
from summarizer.schema import Brief
from summarizer.server.editing import MOST_EDITS, Edit, apply_edits
from ui.cards import render_around, render_story
from ui.context import PageContext
from ui.texts import Language, Texts

#: What a person made of their reports is nobody's to keep on the way.
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


class EditedStories(BaseModel):
    """Ask for the cards of stories with all edits made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stories: tuple[str, ...] = Field(min_length=1, max_length=MOST_EDITS)
    edits: tuple[Edit, ...] = Field(max_length=MOST_EDITS)
    language: Language = "en"


class Export(BaseModel):
    """Ask for a brief in a form, with all edits made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: ExportForm
    edits: tuple[Edit, ...] = Field(default=(), max_length=MOST_EDITS)


def add_routes(app: FastAPI, context: PageContext) -> None:
    """Add the routes below ``/workbench``."""
    router = APIRouter(prefix="/workbench/jobs/{job_id}", include_in_schema=False)

    @router.post("/stories")
    def stories(job_id: str, asked: EditedStories) -> Response:
        """Answer with each story's card, and with what an edit changes around the cards."""
        brief, texts = _edited(context, job_id, asked.edits), Texts(asked.language)
        try:
            cards = {each: render_story(brief, each, texts=texts, job=job_id) for each in asked.stories}
        except KeyError as error:
            raise InputError(f"no story {error.args[0]} in this brief") from error
        answer = {"cards": cards, "around": render_around(brief, texts=texts)}
        return JSONResponse(answer, headers=_NOT_KEPT)

    @router.post("/export")
    def take(job_id: str, asked: Export) -> Response:
        brief = _edited(context, job_id, asked.edits)
        name = f"mujaz-{brief.created[:10]}.{asked.form}"
        headers = {**_NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(export(brief, form=asked.form), media_type=MEDIA_TYPES[asked.form], headers=headers)

    app.include_router(router)


def _edited(context: PageContext, job_id: str, edits: tuple[Edit, ...]) -> Brief:
    """Return a job's brief with a person's edits. Raises ``InputError`` on one that does not fit."""
    job = context.queue.get(job_id)
    if job.brief is None:
        raise InputError("this brief is not finished")
    return apply_edits(job.brief, edits, glossary=context.queue.glossary(job_id) if edits else ())
