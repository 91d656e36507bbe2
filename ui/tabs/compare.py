"""Compare: two profiles on the same reports, in the open or blind with a vote.

The work is done by the queue that makes every brief; ``ui.comparison`` says what is asked of it, ``ui.diff`` what differs,
``ui.votes`` what a voter may see. Here are the components, and what happens when they are used.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import gradio as gr

from eval.votes import append_vote
from summarizer.errors import InputError, MujazError
from summarizer.schema import Brief
from summarizer.server.jobs import FINAL, Job, JobQueue
from summarizer.server.requests import BriefRequest
from summarizer.server.security import client_of
from ui.comparison import Contestant, contestants, example_text
from ui.context import PageContext
from ui.diff import Row, diff_words, pair_stories
from ui.installed import lookout
from ui.requesting import make_request, read_form, read_glossary
from ui.tabs._markup import EVENT, render, render_note, style
from ui.texts import Texts
from ui.votes import Answer, BlindSession, make_vote, session_seed, start_blind, voter_name

Mode = Literal["open", "blind"]
ANSWERS: Final[tuple[Answer, ...]] = ("first", "second", "tie", "neither")
#: Seconds between looks at the queue, and seconds that the state of an idle page is kept.
LOOK_SECONDS: Final = 0.4
STATE_SECONDS: Final = 3600


def build(context: PageContext, texts: Texts) -> None:
    """Put the tab's components where this is called."""
    profiles = lookout(context.registry).see().profiles
    choices = [(side_label(each, texts), each.name) for each in contestants(profiles)]
    values = [*(name for _, name in choices), None, None]
    gr.HTML(
        style() + render("compare_lead", texts, profiles=profiles), js_on_load=None, apply_default_css=False
    )
    with gr.Row():
        first = gr.Dropdown(choices, value=values[0], label=texts("compare.choose_first"), filterable=False)
        second = gr.Dropdown(choices, value=values[1], label=texts("compare.choose_second"), filterable=False)
    mode = gr.Radio(
        [(texts("compare.open"), "open"), (texts("compare.blind"), "blind")],
        value="open",
        label=texts("compare.mode"),
        info=texts("compare.mode_info"),
    )
    paste = gr.Textbox(
        label=texts("compare.paste"),
        info=texts("compare.paste_info"),
        lines=6,
        max_lines=18,
        elem_id="mt-paste",
    )
    with gr.Accordion(texts("compare.more"), open=False):
        files = gr.File(label=texts("compare.files"), file_count="multiple", type="filepath", height=140)
        with gr.Row():
            sentences = gr.Number(
                label=texts("compare.count"),
                info=texts("compare.count_info"),
                value=0,
                minimum=0,
                maximum=50,
                precision=0,
            )
            glossary = gr.Textbox(
                label=texts("compare.glossary"), info=texts("compare.glossary_info"), lines=3
            )
    with gr.Row(elem_classes="mj-actions"):
        run = gr.Button(texts("compare.run"), variant="primary", elem_id="mt-run")
        example = gr.Button(texts("compare.example"), elem_id="mt-example")
        cancel = gr.Button(texts("compare.cancel"), variant="stop", visible=False)
    output = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-compare")
    with gr.Column(visible=False, elem_id="mt-vote") as voting:
        with gr.Row():
            answers = [gr.Button(texts(f"compare.vote.{answer}"), min_width=130) for answer in ANSWERS]
        following = gr.Button(texts("compare.next"), variant="primary", visible=False)
        with gr.Row():
            voter = gr.Textbox(
                label=texts("compare.voter"), info=texts("compare.voter_info"), max_lines=1, max_length=60
            )
            keep = gr.Checkbox(label=texts("compare.keep_texts"), info=texts("compare.keep_info"))
    jobs = gr.State((), time_to_live=STATE_SECONDS)
    session = gr.State(None, time_to_live=STATE_SECONDS)

    panel = Panel(context, texts)
    ballot = [output, session, voting, *answers, following]
    run.click(
        panel.compare,
        [first, second, mode, paste, files, sentences, glossary],
        [*ballot, jobs, cancel],
        **EVENT,
    )
    cancel.click(partial(cancel_jobs, context.queue), [jobs], None, **EVENT)
    example.click(partial(example_text, context.examples), None, [paste], **EVENT)
    for answer, button in zip(ANSWERS, answers, strict=True):
        button.click(partial(panel.vote, answer), [session, voter, keep], ballot, **EVENT)
    following.click(panel.go_on, [session], ballot, **EVENT)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the tab's buttons do. Whatever belongs to one user is in the arguments, which the session holds."""

    context: PageContext
    texts: Texts

    async def compare(
        self,
        first: str | None,
        second: str | None,
        mode: Mode,
        pasted: str,
        uploads: list[str] | None,
        sentences: float | None,
        glossary: str,
        request: gr.Request,
    ) -> AsyncIterator[list[Any]]:
        """Make both briefs and show them, telling meanwhile how far they are."""
        texts, jobs = self.texts, []
        client = client_of(request.request) if request.request else "page"
        hidden, same = gr.update(visible=False), gr.update()
        try:
            sides, asked = await asyncio.to_thread(
                self._read, first, second, pasted, uploads or (), sentences, glossary
            )
            for each in asked:  # one by one, so that the first is cancelled where the second is refused
                job = await asyncio.to_thread(self.context.queue.submit, each, client=client)
                jobs.append(job.id)
            begun = render_note(texts("run.starting"), texts, kind="wait")
            yield [*self.show(None, note=begun), jobs, gr.update(visible=True)]
            async for line, finished in watch(self.context.queue, jobs, sides, texts=texts):
                if finished is None:
                    note = render_note(line, texts, kind="wait")
                    yield [note, *([same] * (len(ANSWERS) + 3)), jobs, same]
                elif mode == "blind":
                    seed = session_seed(request.session_hash or client)
                    yield [*self.show(start_blind(sides, finished.briefs, seed=seed)), [], hidden]
                else:
                    yield [*self.show(None, note=render_comparison(finished, texts)), [], hidden]
        except MujazError as error:
            cancel_jobs(self.context.queue, jobs)
            yield [*self.show(None, note=render_note(str(error), texts, kind="problem")), [], hidden]

    def _read(
        self,
        first: str | None,
        second: str | None,
        pasted: str,
        uploads: Sequence[str],
        sentences: float | None,
        glossary: str,
    ) -> tuple[tuple[Contestant, Contestant], tuple[BriefRequest, BriefRequest]]:
        """Return the sides and their requests. Raises ``InputError`` in the page's language."""
        if not first or not second:
            raise InputError(self.texts("compare.none_ready"))
        if first == second:
            raise InputError(self.texts("compare.same_sides"))
        sides = (Contestant.of(first), Contestant.of(second))
        reports = read_form(pasted, uploads, None)
        if not reports:
            raise InputError(self.texts("compare.nothing"))
        rows = read_glossary(glossary)
        if not rows and any(side.glossary for side in sides):
            raise InputError(self.texts("compare.no_glossary"))
        one, other = (
            make_request(
                reports, profile=side.profile, sentences=sentences, glossary=rows if side.glossary else ()
            )
            for side in sides
        )
        return sides, (one, other)

    def vote(
        self,
        answer: Answer,
        session: BlindSession | None,
        name: str,
        keep_texts: bool,  # noqa: FBT001 - Gradio gives arguments by place
    ) -> list[Any]:
        """Store an answer, then tell who wrote what."""
        if session is None or session.ballot is None or session.answer is not None:
            return self.show(session)
        made = make_vote(
            session.ballot,
            answer,
            sides=session.sides,
            briefs=session.briefs,
            voter=voter_name(name, session.seed),
            keep_texts=keep_texts,
        )
        try:
            append_vote(self.context.votes, made)
        except MujazError as error:
            problem = f"{self.texts('compare.not_stored')}: {error}"
            return self.show(session, note=render_note(problem, self.texts, kind="problem"))
        session.answers[session.position] = answer
        return self.show(session)

    def go_on(self, session: BlindSession | None) -> list[Any]:
        """Show the next ballot, once there is an answer to this one."""
        if session is not None and session.answer is not None and session.has_next:
            session.position += 1
        return self.show(session)

    def show(self, session: BlindSession | None, *, note: str = "") -> list[Any]:
        """Return a value for each component that changes with the ballot: ``note`` stands above it."""
        voting = session is not None and session.ballot is not None
        answered = session is not None and session.answer is not None
        return [
            note + (render_ballot(session, self.texts) if session is not None else ""),
            session,
            gr.update(visible=voting),
            *([gr.update(interactive=not answered)] * len(ANSWERS)),
            gr.update(visible=session is not None and answered and session.has_next),
        ]


# --- input --------------------------------------------------------------------------------------


def side_label(side: Contestant, texts: Texts) -> str:
    """Return what a side is called in the list of choices."""
    return texts("compare.with_glossary", name=side.profile) if side.glossary else side.profile


# --- work ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Two briefs of the same reports and how long each took (seconds, waiting left out)."""

    sides: tuple[Contestant, Contestant]
    briefs: tuple[Brief, Brief]
    seconds: tuple[float, float]


@dataclass(slots=True)
class _Clock:
    """When a job was first seen at work, and last."""

    begun: float | None = None
    seconds: float = 0.0

    def look(self, job: Job) -> None:
        now = time.monotonic()
        if job.state == "queued":
            self.begun = None
            return
        self.begun = now if self.begun is None else self.begun
        self.seconds = now - self.begun


async def watch(
    queue: JobQueue, jobs: Sequence[str], sides: tuple[Contestant, Contestant], *, texts: Texts
) -> AsyncIterator[tuple[str, Finished | None]]:
    """Yield a line whenever there is something to tell, at last the briefs.

    The lines name no side: a blind voter may not learn which one takes longer. Raises ``InputError`` where a job fails or
    is cancelled, ``UnknownJobError`` where the server no longer has it.
    """
    clocks, told = [_Clock() for _ in jobs], ""
    while True:
        seen = [queue.get(job_id) for job_id in jobs]
        for clock, job in zip(clocks, seen, strict=True):
            if clock.begun is None or job.state not in FINAL:
                clock.look(job)
        if ended := next((job for job in seen if job.state in ("failed", "cancelled")), None):
            raise InputError(ended.error.message if ended.error else texts("run.cancelled"))
        working = next((number for number, job in enumerate(seen) if job.state not in FINAL), None)
        if working is None:
            break
        line = _line(seen[working], working + 1, texts)
        if line != told:
            yield line, None
            told = line
        await asyncio.sleep(LOOK_SECONDS)
    first, second = (job.brief for job in seen)
    if first is None or second is None:
        raise InputError(texts("run.gone"))
    yield "", Finished(sides=sides, briefs=(first, second), seconds=(clocks[0].seconds, clocks[1].seconds))


def _line(job: Job, number: int, texts: Texts) -> str:
    which = texts("compare.brief_of", n=number)
    if job.progress is None:
        return f"{which}: {texts('run.queued', position=job.position) if job.position else texts('run.starting')}"
    stage, done, total = (job.progress[key] for key in ("stage", "done", "total"))
    return f"{which}: {texts(f'run.stage.{stage}')}" + (f" {done}/{total}" if total > 1 else "")


def cancel_jobs(queue: JobQueue, jobs: Sequence[str]) -> None:
    """Cancel what still runs; what is gone is gone."""
    for job_id in jobs:
        try:
            queue.cancel(job_id)
        except MujazError:
            continue


# --- output -------------------------------------------------------------------------------------


def render_comparison(finished: Finished, texts: Texts) -> str:
    """Return both briefs side by side, in the open."""
    pairs = pair_stories(*finished.briefs)
    letters = (texts("compare.first"), texts("compare.second"))
    overview = []
    for index, (side, brief) in enumerate(zip(finished.sides, finished.briefs, strict=True)):
        alone = sum(len((pair.failures.first, pair.failures.second)[index]) for pair in pairs)
        overview.append(
            {
                "letter": letters[index],
                "name": side_label(side, texts),
                "models": list(brief.models.values()),
                "sentences": sum(len(story.summary) for story in brief.stories),
                "failed": alone + sum(len(pair.failures.both) for pair in pairs),
                "alone": alone,
                "seconds": finished.seconds[index],
            }
        )
    stories = [
        (
            pair,
            [
                diff_words(pair.first.title.ar, pair.second.title.ar),
                diff_words(pair.first.title.en, pair.second.title.en),
            ],
            [(row, row_words(row)) for row in pair.rows],
        )
        for pair in pairs
    ]
    return render("compare", texts, overview=overview, stories=stories)


def row_words(row: Row) -> tuple[Any, Any]:
    """Return the words of a row, ``((first, second) in Arabic, (first, second) in English)``, differences marked.

    A sentence that the other side lacks stands as it is: to mark each of its words would tell nothing.
    """
    one, other = row.first or row.second, row.second or row.first
    if one is None or other is None:
        return (), ()
    return diff_words(one.ar, other.ar), diff_words(one.en, other.en)


def render_ballot(session: BlindSession, texts: Texts) -> str:
    """Return the story to vote on, and after the answer also who wrote what."""
    ballot = session.ballot
    if ballot is None:
        return render_note(texts("compare.no_ballots"), texts)
    revealed = None
    if session.answer is not None:
        letters = (texts("compare.first"), texts("compare.second"))
        names = [side_label(each, texts) for each in ballot.contestants(session.sides)]
        revealed = {"names": list(zip(letters, names, strict=True)), "failures": ballot.pair.failures}
    return render(
        "ballot",
        texts,
        number=session.position + 1,
        total=len(session.ballots),
        pair=ballot.pair,
        differing=[(row, row_words(row)) for row in ballot.pair.rows if not row.same],
        documents=[session.briefs[0].document(each) for each in ballot.pair.first.document_ids],
        answer=session.answer,
        revealed=revealed,
    )
