"""``mujaz brief`` and ``mujaz watch``. Plain functions; ``summarizer.cli`` registers them."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from summarizer.errors import InputError

ConfigArgument = Annotated[Path, typer.Argument(metavar="CONFIG.yaml", show_default=False)]


def brief(
    config: ConfigArgument,
    *,
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="The brief of this day. Default: what is due."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files, in place of `outputs.folder`.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="YYYY-MM-DD", help="Call everything from this day on news, told or not."
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Work on a copy of the archive: nothing is kept, nothing is sent."),
    ] = False,
    settle: Annotated[
        list[str] | None,
        typer.Option(
            "--settle",
            metavar="KEY=sent|resend",
            help="Decide an uncertain publication, and do nothing else; repeat for several.",
        ),
    ] = None,
) -> None:
    """Make the day's brief: sources, archive, what is new, publishers. Run it again and nothing happens twice.

    \b
    mujaz brief briefing.yaml
    mujaz brief briefing.yaml --date 2026-03-01 --out out/
    mujaz brief briefing.yaml --dry-run --out preview/
    mujaz brief briefing.yaml --settle "desk:2026-03-01:mail:editor@example.org=resend"
    """
    # The heavy imports wait until there is work: `mujaz --help` must stay quick.
    from summarizer.archive import open_archive
    from summarizer.daily.briefing import Briefing
    from summarizer.daily.config import load_config
    from summarizer.daily.lock import exclusive
    from summarizer.daily.logs import json_log
    from summarizer.daily.publishing import settle as settle_publication

    settings = load_config(config)
    wanted, from_day = _day(day, "--date"), _day(since, "--since")
    if settle:
        with open_archive(settings.archive_url) as archive, exclusive(archive):
            for decision in settle:
                key, _, word = decision.rpartition("=")
                settle_publication(archive, key, word, now=datetime.now(UTC))
                print(f"{key}: {word}")
        return
    if dry_run:
        settings = settings.model_copy(update={"publishers": (), "log": None})
    log = settings.path(settings.log) if settings.log else None
    with _archive_for(settings.archive_url, dry_run=dry_run) as (where, scratch), json_log(log):
        folder = out or (scratch / "briefs" if scratch else None)
        with open_archive(where) as archive, exclusive(archive):
            report = Briefing(settings, archive, out=folder).run(day=wanted, since=from_day)
    if dry_run:
        print("dry run: nothing was kept or sent")
    for line in report.lines():
        print(line)


def watch(config: ConfigArgument) -> None:
    """Stay and work on schedule: read the sources every few minutes, make the brief at its time. SIGTERM ends it.

    \b
    mujaz watch briefing.yaml
    """
    from summarizer.archive import open_archive
    from summarizer.daily import watch as schedule
    from summarizer.daily.briefing import Briefing, last_brief_day
    from summarizer.daily.config import load_config
    from summarizer.daily.lock import exclusive
    from summarizer.daily.logs import json_log

    settings = load_config(config)
    log = settings.path(settings.log) if settings.log else None
    with json_log(log), schedule.stopped_by_signals() as stop, open_archive(settings.archive_url) as archive:
        briefing = Briefing(settings, archive)

        def work(make_brief: bool) -> None:  # noqa: FBT001 - the callback's form
            with exclusive(
                archive
            ):  # for the run only: between runs a person can settle, or brief another day
                report = briefing.run(brief=make_brief)
            for line in report.lines():
                print(line, flush=True)

        schedule.watch(settings, work, last_brief=lambda: last_brief_day(archive, settings.name), stop=stop)


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{option}: not a date: {text!r} (2026-03-01)") from error


@contextmanager
def _archive_for(where: str, *, dry_run: bool) -> Iterator[tuple[str, Path | None]]:
    """Give the archive to work on; for a dry run a copy of it, and a folder that goes with the copy."""
    if not dry_run:
        yield where, None
        return
    path = where.removeprefix("sqlite:///")
    if "://" in path:
        raise InputError("a dry run works on a copy of an SQLite archive; PostgreSQL has none")
    with tempfile.TemporaryDirectory(prefix="mujaz-") as folder:
        copy = Path(folder) / "archive.sqlite"
        if Path(path).exists():
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
                source.backup(target)
            source.close()
            target.close()
        yield str(copy), Path(folder)
