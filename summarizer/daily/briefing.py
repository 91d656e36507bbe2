"""The run: sources -> archive -> stories -> brief -> publishers. Read this file first.

Each stage is one or a few transactions, and the next run begins where the last one ended, however it ended:

1. gather    every source, batch by batch, into the archive
2. stories   the archive's stories are brought up to date
3. brief     for each day that is due: choose, write, translate; the brief and what is to be sent of it are stored in one
             transaction, and from then on that day is done
4. publish   what the outbox holds, of this run and of earlier ones, each publication once
5. look      at sources that have fallen silent; what is older than ``retention`` is forgotten

A day is known by its date in the configuration's time zone, and a brief by its name and day. A clock that is set back
makes no second brief: a day that is not after the last brief's is left alone unless ``day`` asks for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from summarizer.archive import Archive
from summarizer.archive.stories import update_stories
from summarizer.daily.choosing import Choice, candidates, choose, told_texts
from summarizer.daily.config import BriefingConfig
from summarizer.daily.editions import Edition, Figure, Layout, Note, SectionLayout
from summarizer.daily.gathering import gather
from summarizer.daily.importance import Matcher
from summarizer.daily.polite import PoliteFetcher
from summarizer.daily.publishers import make_publishers
from summarizer.daily.publishing import drain, publications_of, publications_of_alert
from summarizer.daily.report import RunReport
from summarizer.daily.silence import silent_sources
from summarizer.daily.writing import translate_stories, write_story
from summarizer.duplicates import link_duplicates
from summarizer.errors import InputError
from summarizer.exports import require
from summarizer.models import Registry
from summarizer.pipeline import Progress, story_warnings
from summarizer.schema import Bilingual, Brief, BriefWarning, Document
from summarizer.terms import Terms

logger = logging.getLogger(__name__)

#: Missed days that are made up for, one brief each, after a longer downtime: nobody reads a month of mornings.
MOST_CAUGHT_UP = 14

Clock = Callable[[], datetime]


@dataclass
class Briefing:
    """One configuration at work on its archive, whose lock the caller holds (``lock.exclusive``).

    ``clock`` gives the instant, aware. ``fetcher`` reads the web, ``registry`` and ``terms`` write: each is made from
    the configuration where it is not given. ``out`` replaces ``outputs.folder``.
    """

    config: BriefingConfig
    archive: Archive
    clock: Clock = lambda: datetime.now(UTC)
    fetcher: PoliteFetcher | None = None
    registry: Registry | None = None
    terms: Terms | None = None
    out: Path | None = None
    progress: Progress = lambda stage, done, total: None  # noqa: ARG005 - nothing to show

    def run(
        self,
        *,
        brief: bool = True,
        day: date | None = None,
        since: date | None = None,
    ) -> RunReport:
        """Do all five stages; without ``brief`` the third is left out.

        ``day`` makes (or, if it exists, publishes) that day's brief instead of what is due; ``since`` calls
        everything from that day on news. Raises what ends a run: ``ArchiveError``, ``ConfigError``, ``ModelError``;
        sources and publishers that fail are in the report.
        """
        for form in set(self.config.outputs.forms) & {"pdf", "docx"}:
            require(form)  # what is not installed is told before any work is done
        now = self.clock()
        report = RunReport(run=self.archive.start_run("brief" if brief else "fetch", at=now))
        state: Any = "failed"
        try:
            with _timed(report, "gather"):
                fetcher = self.fetcher or PoliteFetcher(self.config.fetching)
                report.sources = gather(self.archive, self.config, run=report.run, now=now, fetcher=fetcher)
            with _timed(report, "stories"):
                update_stories(self.archive, at=now, run=report.run)
            if brief:
                for each in self._days(now, day, report):
                    self._make(each, since=since, report=report)
            with _timed(report, "publish"):
                self._look(now, report)
                report.published = drain(self.archive, self._publishers(), now=now)
            if report.briefs and self.config.retention.days is not None:
                with _timed(report, "prune"):
                    oldest = now.date() - timedelta(days=self.config.retention.days)
                    self.archive.prune(before=oldest, keep_briefs=True)
            state = "done"
        finally:
            self.archive.finish_run(report.run, at=self.clock(), state=state, detail=report.to_dict())
            logger.info("run %d: %s", report.run, state, extra={"event": "run", "report": report.to_dict()})
        return report

    # --- which days -----------------------------------------------------------------------------

    def _days(self, now: datetime, day: date | None, report: RunReport) -> list[date]:
        """Return the days whose briefs are to be made now, oldest first."""
        today = now.astimezone(self.config.zone).date()
        if day is not None:
            if day > today:
                raise InputError(f"{day}: that day has not begun ({self.config.timezone})")
            if self.archive.briefs(day, name=self.config.name):
                report.notes.append(f"the brief of {day} exists; it is not made again")
                return []
            return [day]
        last = last_brief_day(self.archive, self.config.name)
        if last is not None and last >= today:
            why = "exists" if last == today else f"would come before that of {last}: was the clock set back?"
            report.notes.append(f"the brief of {today} {why}")
            (logger.info if last == today else logger.warning)(report.notes[-1], extra={"event": "no_brief"})
            return []
        if last is None or self.config.catch_up != "each":
            return [today]
        missed = [last + timedelta(days=number) for number in range(1, (today - last).days + 1)]
        return missed[-MOST_CAUGHT_UP:]

    # --- one brief ------------------------------------------------------------------------------

    def _make(self, day: date, *, since: date | None, report: RunReport) -> None:
        """Choose, write, translate and store the brief of ``day``."""
        config, archive = self.config, self.archive
        registry, terms = self._registry(), self._terms()
        with _timed(report, "choose"):
            last = last_brief_day(archive, config.name, before=day)
            if since is None and config.catch_up == "one" and last is not None:
                window = config.model_copy(update={"window_days": max(config.window_days, (day - last).days)})
            else:
                window = config
            found, left_out = candidates(
                archive, window, day=day, since=since, last=since or last, matcher=Matcher(terms)
            )
        summarizer = registry.engine(registry.task_model("summarization", config.profile).id)
        with _timed(report, "write"):
            choice = choose(
                found,
                config,
                write=lambda chosen: write_story(
                    chosen, terms=terms, engine=summarizer, sentences=config.sentences
                ),
                before=lambda candidate: list(told_texts(archive, config.name, candidate, since=since)),
                left_out=left_out,
            )
        picked = _ordered(choice, config)
        translator = (
            registry.engine(registry.task_model("translation", config.profile).id)
            if "en" in config.languages and picked
            else None
        )
        fallback = registry.fallback_for(config.profile) if translator is not None else None
        with _timed(report, "translate"):
            stories = translate_stories(
                [each for _, each in picked], engine=translator, fallback=fallback, progress=self.progress
            )
        infos = {"summarization": summarizer.info}
        infos |= {"translation": translator.info} if translator is not None else {}
        infos |= {"translation-fallback": fallback.info} if fallback is not None else {}
        documents = _documents(picked)
        brief = Brief(
            created=self.clock().astimezone(UTC).isoformat(timespec="seconds"),
            profile=config.profile,
            models=infos,
            documents=documents,
            stories=tuple(stories),
            warnings=(*_warnings(documents), *story_warnings(stories)),
        )
        edition = Edition(brief=brief, layout=_layout(picked, config, day=day, since=last))
        report.editions.append(edition)
        with _timed(report, "store"):
            publishers = [each for each in self._publishers().values() if self._takes(each.id, "briefs")]
            number = archive.save_brief(
                brief,
                day=day,
                name=config.name,
                run=report.run,
                stories={story.id: story.id for story in stories},
                publications=publications_of(edition, publishers),
                at=self.clock(),
            )
        report.briefs.append(
            {
                "day": day.isoformat(),
                "brief": number,
                "stories": len(stories),
                "reports": len(brief.documents),
                "candidates": len(found),
                "left_out": dict(sorted(choice.left_out.items())),
            }
        )

    # --- after it -------------------------------------------------------------------------------

    def _look(self, now: datetime, report: RunReport) -> None:
        """Find sources that have fallen silent; each silence is told once."""
        for alert in silent_sources(self.archive, self.config, now=now):
            report.alerts.append(alert.subject)
            logger.warning("%s", alert.subject, extra={"event": "silent_source"})
            publishers = [each for each in self._publishers().values() if self._takes(each.id, "alerts")]
            self.archive.outbox.add(publications_of_alert(alert, publishers), at=now)

    # --- what is made once ----------------------------------------------------------------------

    def _publishers(self) -> dict[str, Any]:
        return make_publishers(self.config, self.archive, out=self.out)

    def _takes(self, publisher: str, what: str) -> bool:
        when = next((each.when for each in self.config.publishers if each.id == publisher), "briefs")
        return when in (what, "both")

    def _registry(self) -> Registry:
        if self.registry is None:
            models = self.config.path(self.config.models) if self.config.models else None
            self.registry = Registry.load(models)
            if self.config.engine_pool is not None:
                # Only where it is asked for: the pool's modules are not read otherwise.
                from summarizer.engines.pool import PoolSettings
                from summarizer.engines.wrapped import wrap_engines

                pool = PoolSettings.parse(self.config.engine_pool)
                self.registry = wrap_engines(self.registry, pool=pool)
        return self.registry

    def _terms(self) -> Terms:
        if self.terms is None:
            glossary = self.config.path(self.config.glossary) if self.config.glossary else None
            self.terms = Terms.load(glossary=glossary)
        return self.terms


def last_brief_day(archive: Archive, name: str, *, before: date | None = None) -> date | None:
    """Return the day of the newest brief of this name, before a day or of all."""
    for stored in archive.briefs(name=name, limit=None if before else 1):
        if before is None or stored.day < before:
            return stored.day
    return None


@contextmanager
def _timed(report: RunReport, stage: str) -> Iterator[None]:
    start, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        report.seconds[stage] = report.seconds.get(stage, 0.0) + time.perf_counter() - start
        report.cpu_seconds[stage] = report.cpu_seconds.get(stage, 0.0) + time.process_time() - cpu


# --- putting the brief together -----------------------------------------------------------------


def _ordered(choice: Choice, config: BriefingConfig) -> list[Any]:
    """Return what was chosen in the order of reading: by section, then as the configuration says."""
    sections = {section.id: number for number, section in enumerate(config.sections)}

    def key(item: Any) -> tuple[Any, ...]:
        candidate, _ = item
        place = sections.get(candidate.importance.section, len(sections))
        if config.order == "importance":
            return (place, -candidate.importance.score, candidate.story.id)
        last = candidate.story.last.toordinal()
        return (place, last if config.order == "oldest" else -last, candidate.story.id)

    return sorted(choice.picked, key=key)


def _documents(picked: Sequence[Any]) -> tuple[Document, ...]:
    """Return the reports of all chosen stories, each once, linked among each other, by date."""
    documents = {document.id: document for _, written in picked for document in written.chosen.documents}
    ordered = sorted(documents.values(), key=lambda each: (each.published or "", each.id))
    return link_duplicates(ordered)


def _layout(picked: Sequence[Any], config: BriefingConfig, *, day: date, since: date | None) -> Layout:
    titles: dict[str | None, Bilingual | None] = {
        each.id: Bilingual(ar=each.title.ar, en=each.title.en) for each in config.sections
    }
    sections: dict[str | None, list[str]] = {}
    for candidate, written in picked:
        sections.setdefault(candidate.importance.section, []).append(written.chosen.id)
    return Layout(
        name=config.name,
        day=day,
        languages=config.languages,
        sections=tuple(
            SectionLayout(title=titles.get(section), story_ids=tuple(ids))
            for section, ids in sections.items()
        ),
        notes={
            written.chosen.id: Note(
                importance=candidate.importance.score,
                reasons=candidate.importance.reasons,
                since=written.chosen.since,
                news=written.news,
                fresh_reports=len(candidate.fresh),
                figures=tuple(
                    Figure(about=each.about, before=each.before.label, after=each.after.label)
                    for each in written.figures
                ),
            )
            for candidate, written in picked
        },
        since=since,
    )


def _warnings(documents: Sequence[Document]) -> tuple[BriefWarning, ...]:
    names = {document.id: document.title or document.origin or document.id for document in documents}
    return tuple(
        BriefWarning(
            on="document",
            subject=document.id,
            code="duplicate",
            message=f"repeats «{names[document.duplicate_of]}» and is not counted as another source",
        )
        for document in documents
        if document.duplicate_of in names
    )
