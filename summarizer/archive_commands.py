"""``mujaz archive``: look into an archive, check it, move it, and forget what is old. Only this file prints.

It stands outside the package ``archive``, whose import loads SQLAlchemy: no other command should wait for that.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from summarizer.atomic import replacing
from summarizer.errors import ArchiveError, InputError

if TYPE_CHECKING:
    from summarizer.archive.records import HitKind
    from summarizer.archive.search import Hit
    from summarizer.archive.store import Archive

app = typer.Typer(
    help="What the daily briefing remembers: search it, check it, move it, prune it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ArchiveArgument = Annotated[
    str, typer.Argument(metavar="ARCHIVE", help="Path of the archive, or its postgresql:// URL.")
]
DayOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="ISO date, included.")
]


@app.command()
def search(
    archive: ArchiveArgument,
    query: Annotated[str, typer.Argument(help='Words; "a phrase"; -without; start*; one OR other.')],
    *,
    language: Annotated[str | None, typer.Option(help="Only texts in this language: ar or en.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only: document, story or brief.")] = None,
    since: DayOption = None,
    until: DayOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Hits to show.")] = 10,
) -> None:
    """Find articles, stories and briefs.

    \b
    mujaz archive search archive.sqlite '"الحوار الاستراتيجي" -انتخابات'
    mujaz archive search archive.sqlite 'troop* withdrawal' --language en
    """
    with _opened(archive) as opened:
        hits = opened.search(
            query,
            language=language,
            kind=_kind(kind),
            since=since and since.date(),
            until=until and until.date(),
            limit=limit,
        )
    console = Console(highlight=False, soft_wrap=True)
    for hit in hits:
        console.print(_heading(hit))
        console.print(_marked(hit.snippet, [(s - hit.start, e - hit.start) for s, e in hit.marks]))
        console.print()
    if not hits:
        _tell("nothing found")


@app.command()
def stats(archive: ArchiveArgument) -> None:
    """Count what there is.

    \b
    mujaz archive stats archive.sqlite
    """
    with _opened(archive) as opened:
        counts = opened.stats()
    for name, count in counts.items():
        typer.echo(f"{name}\t{count}")


@app.command()
def verify(archive: ArchiveArgument) -> None:
    """Check the archive: storage, versions, stories, search index, citations of briefs, outbox. Exit 1 for a problem.

    \b
    mujaz archive verify archive.sqlite
    """
    with _opened(archive) as opened:
        problems = opened.verify()
    for problem in problems:
        typer.echo(f"{problem.kind}: {problem.message}")
    if problems:
        raise ArchiveError(f"archive {archive}: {len(problems)} problems")
    typer.echo("clean")


@app.command("export")
def export_(
    archive: ArchiveArgument,
    *,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output by default.")] = None,
) -> None:
    """Write the archive as JSON Lines: what a backup is made of, and the way from SQLite to PostgreSQL and back.

    \b
    mujaz archive export archive.sqlite --out archive.jsonl
    """
    with _opened(archive) as opened:
        if out is None:
            opened.export_to(sys.stdout)
            return
        try:
            with replacing(out, text=True) as file:
                count = opened.export_to(file)
        except OSError as error:
            raise ArchiveError(f"{out}: {error.strerror}") from error
    _tell(f"{out}: {count} rows")


@app.command("import")
def import_(
    archive: Annotated[str, typer.Argument(metavar="ARCHIVE", help="A new archive, or an empty one.")],
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `mujaz archive export` wrote.")],
) -> None:
    """Make an archive from an export. All of it is stored, or nothing.

    \b
    mujaz archive import postgresql://localhost/mujaz archive.jsonl
    """
    try:
        file = source.open(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}") from error
    with file, _open(archive) as opened:
        try:
            count = opened.import_from(file)
        except (InputError, UnicodeDecodeError) as error:
            raise InputError(f"{source}: {error}") from error
    _tell(f"{archive}: {count} rows")


@app.command()
def prune(
    archive: ArchiveArgument,
    *,
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="ISO date.")],
    keep_briefs: Annotated[bool, typer.Option("--keep-briefs", help="Forget articles, not briefs.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="Give the disk space back (SQLite).")] = False,
) -> None:
    """Forget stories that ended before a day, with their articles, and briefs of before it.

    \b
    mujaz archive prune archive.sqlite --before 2026-01-01 --keep-briefs
    """
    with _opened(archive) as opened:
        done = opened.prune(before=before.date(), keep_briefs=keep_briefs)
        if compact:
            opened.database.compact()
    _tell(
        f"forgotten: {done.stories} stories with {done.documents} articles, {done.briefs} briefs, "
        f"{done.runs} runs, {done.pages} cached pages"
    )


@contextlib.contextmanager
def _opened(where: str) -> Iterator[Archive]:
    """Open an archive that is there: a wrong path must not make an empty one."""
    if "://" not in where and not Path(where).is_file():
        raise InputError(f"{where}: there is no archive")
    with _open(where) as archive:
        yield archive


def _open(where: str) -> Archive:
    from summarizer.archive import open_archive

    return open_archive(where)


def _kind(written: str | None) -> HitKind | None:
    match written:
        case None | "document" | "story" | "brief":
            return written
    raise InputError(f"--kind is document, story or brief, not {written!r}")


def _heading(hit: Hit) -> Text:
    line = Text(f"{hit.day}  {hit.kind} {hit.item}  ", style="dim")
    title = _marked(hit.title, hit.title_marks)
    title.stylize("bold")
    return line + title


def _marked(text: str, marks: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> Text:
    """Return a text with what was searched underlined (on a terminal; in a pipe it is plain)."""
    marked = Text(text)
    for start, end in marks:
        marked.stylize("underline", start, end)
    return marked


def _tell(message: str) -> None:
    typer.echo(message, err=True)


__all__ = ["app"]
