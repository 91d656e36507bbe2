"""A Brief as PDF: the HTML form, laid out on A4 pages by WeasyPrint with a print style of its own.

Nothing is fetched, whatever the page says: the fetcher refuses every address. The file is tagged (PDF/UA-1: headings,
lists, languages), says its language, title and date, and numbers its pages. The bytes depend on the brief, the version
of WeasyPrint and the fonts of the machine only: the identifier is a digest of the page, the dates are ``created``.

Arabic is shaped with what fonts the machine has; ``Noto Naskh Arabic`` is asked for first.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NoReturn

import jinja2

from summarizer.errors import MissingModelError, RenderError
from summarizer.render import render
from summarizer.schema import Brief

logger = logging.getLogger(__name__)

#: WeasyPrint reports on CSS it does not know and glyphs it lacks under these names.
_LOGGERS: Final = ("weasyprint", "weasyprint.progress", "fontTools")


def to_pdf(brief: Brief) -> bytes:
    """Return ``brief`` as a PDF.

    Raises ``MissingModelError`` where the ``pdf`` extra is not installed, ``RenderError`` for a brief that breaks its
    own contract and where the layout fails.
    """
    weasyprint = load_weasyprint()
    page = _link_to_quotations(render(brief, form="html"))
    # Inside the page's own style, the only one in it: a style sheet given beside the page would yield to it.
    page = page.replace("</style>", f"{_style()}</style>", 1)
    identifier = hashlib.sha256(page.encode("utf-8", "replace")).digest()[:16]
    with _quiet():
        try:
            document = weasyprint.HTML(string=page, url_fetcher=_refuse, media_type="print").render()
            document.metadata.created = document.metadata.modified = brief.created
            document.metadata.authors = ["Mujaz"]
            pdf = document.write_pdf(pdf_identifier=identifier, pdf_variant="pdf/ua-1", pdf_tags=True)
        except (ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError) as error:
            raise RenderError(f"the PDF could not be laid out: {error}") from error
    return bytes(pdf)


def load_weasyprint() -> Any:
    """Return WeasyPrint. Raises ``MissingModelError`` where it or what it needs is not installed."""
    try:
        import weasyprint  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise MissingModelError("PDF needs WeasyPrint: pip install 'mujaz[pdf]'") from error
    except OSError as error:  # the Python part is there, the system's Pango is not
        raise MissingModelError(
            "PDF needs the Pango library beside WeasyPrint: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
            " (or brew install pango)"
        ) from error
    return weasyprint


_CITE: Final = re.compile(r'(?<=<a class="cite" href=")#[^"]*(?=" data-c="([0-9]+)")')
_QUOTATION: Final = re.compile(r'<li value="([0-9]+)"')


def _link_to_quotations(page: str) -> str:
    """Let citations lead to the quoted sentences under the story: the full reports are not in the PDF.

    Both patterns are the template's own tags; in text from outside every ``<`` is escaped.
    """
    seen: set[str] = set()

    def name(match: re.Match[str]) -> str:
        if match[1] in seen:
            return match[0]
        seen.add(match[1])
        return f'<li id="source-{match[1]}" value="{match[1]}"'

    return _CITE.sub(r"#source-\1", _QUOTATION.sub(name, page))


def _refuse(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"a brief refers to nothing outside itself; refused {url[:200]}")


@lru_cache(maxsize=1)
def _style() -> str:
    loader = jinja2.PackageLoader("summarizer", "templates")
    return loader.get_source(jinja2.Environment(autoescape=True), "brief.print.css")[0]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep WeasyPrint's remarks on CSS for screens, and on addresses that were refused, out of the log."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
