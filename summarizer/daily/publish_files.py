"""Publishers that write files: the day's folder, an Atom feed, a static site.

They may repeat themselves: writing again what was written changes nothing. Every file is written beside its place,
flushed to the disk and renamed, so that readers and a killed run see the old one or the new one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from summarizer.archive import Archive, StoredBrief
from summarizer.atomic import replacing
from summarizer.daily.config import AtomPublisher, Outputs, SitePublisher
from summarizer.daily.editions import Edition, Layout, SectionLayout
from summarizer.daily.pages import EditionView, both, render_template
from summarizer.daily.publishing import Alert
from summarizer.display import format_date
from summarizer.errors import PublishError
from summarizer.exports import export
from summarizer.schema import Bilingual, Brief

logger = logging.getLogger(__name__)

#: Titles of a day on the site's front page.
HEADLINES: Final = 5
#: The full brief, with every check and report, beside the day's page.
EVIDENCE: Final = "brief.html"
#: The site's own list of what it shows, so that a day costs the same after a year.
_MANIFEST: Final = "briefs.json"


def write_file(path: Path, data: bytes | str) -> None:
    """Write a file whole or not at all. Raises ``PublishError`` where it cannot be (a full disk, no permission)."""
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, alone=True) as file:  # the archive's lock keeps other writers away
            file.write(content)
    except OSError as error:
        raise PublishError(f"cannot write {path}: {error.strerror or error}") from error


def edition_files(
    edition: Edition, *, forms: Sequence[str], templates: Path | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield ``(name, content)`` of an edition's files. Raises ``RenderError``.

    ``html`` is the day's page (``index.html``) and its evidence (``brief.html``), ``md`` the day's page as Markdown, ``json``
    the brief as everywhere and its layout, ``pdf`` and ``docx`` the whole brief.
    """
    if "html" in forms:
        yield "index.html", day_page(edition, templates=templates).encode()
        yield EVIDENCE, export(edition.brief, form="html")
    if "pdf" in forms:
        yield "brief.pdf", export(edition.brief, form="pdf")
    if "docx" in forms:
        yield "brief.docx", export(edition.brief, form="docx")
    if "md" in forms:
        text = render_template("site_brief.md.jinja", templates=templates, view=EditionView(edition))
        yield "brief.md", text.encode()
    if "json" in forms:
        yield "brief.json", export(edition.brief, form="json")
        layout = json.dumps(edition.layout.to_dict(), ensure_ascii=False, indent=2)
        yield "layout.json", f"{layout}\n".encode()


def day_page(edition: Edition, *, templates: Path | None = None, home: str = "") -> str:
    """Return the day's page; ``home`` is the address of the site's front page."""
    return render_template(
        "site_brief.html.jinja", templates=templates, view=EditionView(edition), evidence=EVIDENCE, home=home
    )


class Folder:
    """One folder a day below ``outputs.folder``. Alerts do not go there."""

    id = "files"
    repeats = True

    def __init__(self, config: Outputs, folder: Path, *, templates: Path | None = None) -> None:
        self._config = config
        self._folder = folder
        self._templates = templates

    def addresses(self) -> tuple[str, ...]:
        return ("",)

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Write the files. Raises ``PublishError``, ``RenderError``."""
        if isinstance(content, Alert):
            return
        folder = self._folder / content.layout.day.isoformat()
        for name, data in edition_files(content, forms=self._config.forms, templates=self._templates):
            write_file(folder / name, data)


class Past:
    """The briefs of one name in the archive, the newest edition of each day, with their layouts."""

    def __init__(self, archive: Archive, name: str, *, languages: tuple[str, ...]) -> None:
        self._archive, self._name, self._languages = archive, name, languages

    def newest(self, limit: int | None = None) -> list[StoredBrief]:
        """Return what is known of them, the newest day first."""
        days: dict[date, StoredBrief] = {}
        # Later editions of a day come first; a day seldom has more than two.
        for stored in self._archive.briefs(name=self._name, limit=None if limit is None else 3 * limit):
            days.setdefault(stored.day, stored)
        return list(days.values())[:limit]

    def edition(self, stored: StoredBrief) -> Edition:
        """Return one as it was laid out."""
        brief = self._archive.brief(stored.id)
        found = self._archive.outbox.list(key=f"{self._name}:{stored.day.isoformat()}:{Folder.id}")
        layout = (
            Layout.from_dict(found[0].payload["layout"])
            if found and found[0].brief_id == stored.id
            else plain_layout(brief, name=self._name, day=stored.day, languages=self._languages)
        )
        return Edition(brief=brief, layout=layout)


def plain_layout(brief: Brief, *, name: str, day: date, languages: tuple[str, ...]) -> Layout:
    """Return the layout of a brief that was stored without one: its stories in order."""
    section = SectionLayout(title=None, story_ids=tuple(story.id for story in brief.stories))
    return Layout(name=name, day=day, languages=languages, sections=(section,), notes={})


class AtomFeed:
    """An Atom feed of the newest briefs; its links lead to the site that it lies in."""

    repeats = True

    def __init__(
        self, config: AtomPublisher, path: Path, *, past: Callable[[], Past], templates: Path | None = None
    ) -> None:
        self.id = config.id
        self._config, self._path, self._past, self._templates = config, path, past, templates

    def addresses(self) -> tuple[str, ...]:
        return ("",)

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Write the feed anew. Raises ``PublishError``, ``RenderError``."""
        if isinstance(content, Alert):
            return
        past = self._past()
        link = self._config.link.rstrip("/") + "/"
        entries = []
        for stored in past.newest(self._config.entries):
            edition = past.edition(stored)
            entries.append(
                {
                    "view": EditionView(edition),
                    "id": f"{link}{stored.day.isoformat()}/",  # stays the entry's id however the feed moves on
                    "link": f"{link}{stored.day.isoformat()}/index.html",
                    "updated": _rfc3339(edition.brief.created),
                }
            )
        text = render_template(
            "atom.xml.jinja",
            templates=self._templates,
            entries=entries,
            link=link,
            file=self._path.name,
            title=f"Mujaz · {content.layout.name}",
            languages=content.layout.languages,
            updated=max(
                (str(entry["updated"]) for entry in entries), default=_rfc3339(content.brief.created)
            ),
        )
        write_file(self._path, text)


class Site:
    """A static site: the day's folder, and a front page that lists all days."""

    repeats = True

    def __init__(
        self, config: SitePublisher, folder: Path, *, past: Callable[[], Past], templates: Path | None = None
    ) -> None:
        self.id = config.id
        self._config, self._folder, self._past, self._templates = config, folder, past, templates

    def addresses(self) -> tuple[str, ...]:
        return ("",)

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Write the day's pages and the front page; a site that is gone is written whole again.

        Raises ``PublishError``, ``RenderError``.
        """
        if isinstance(content, Alert):
            return
        days = self._manifest()
        if days is None:
            past = self._past()
            days = {}
            for stored in past.newest():
                days |= self._write_day(past.edition(stored))
        days |= self._write_day(content)
        write_file(self._folder / _MANIFEST, json.dumps(days, ensure_ascii=False, indent=1))
        write_file(
            self._folder / "index.html",
            render_template(
                "site_index.html.jinja",
                templates=self._templates,
                languages=content.layout.languages,
                title={"ar": self._config.title.ar, "en": self._config.title.en},
                days=[
                    {"folder": day, "date": both(format_date(day)), "headlines": days[day]}
                    for day in sorted(days, reverse=True)
                ],
            ),
        )

    def _write_day(self, edition: Edition) -> dict[str, list[Mapping[str, str]]]:
        folder = self._folder / edition.layout.day.isoformat()
        write_file(folder / "index.html", day_page(edition, templates=self._templates, home="../index.html"))
        write_file(folder / EVIDENCE, export(edition.brief, form="html"))
        titles: list[Bilingual] = [story.title for story in edition.stories[:HEADLINES]]
        return {edition.layout.day.isoformat(): [both(title) for title in titles]}

    def _manifest(self) -> dict[str, list[Mapping[str, str]]] | None:
        try:
            days = json.loads((self._folder / _MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return days if isinstance(days, dict) else None


def _rfc3339(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat(timespec="seconds")
