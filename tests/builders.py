"""Small documents and sentences for tests: one sentence a line, a first line "# ..." is the title."""

from __future__ import annotations

from summarizer.facts import Fact, extract_facts
from summarizer.schema import Document, Mark, Sentence


def document(
    name: str,
    lines: str,
    *,
    published: str | None = None,
    source: str | None = None,
    duplicate_of: str | None = None,
) -> Document:
    """Return a document whose text is ``lines`` as written."""
    text = "\n".join(line.strip() for line in lines.strip().splitlines())
    title = text.split("\n", 1)[0] if text.startswith("#") else None
    marks = (Mark(start=0, end=len(title), kind="title"),) if title else ()
    return Document(
        id=name,
        text=text,
        title=title,
        origin=f"{name}.txt",
        marks=marks,
        published=published,
        source=source,
        duplicate_of=duplicate_of,
    )


def sentences(*documents: Document) -> list[Sentence]:
    """Return one sentence a line: tests of what comes after segmentation do not depend on it."""
    found = []
    for each in documents:
        start = 0
        for index, line in enumerate(each.text.split("\n")):
            found.append(
                Sentence(
                    document_id=each.id,
                    index=index,
                    start=start,
                    end=start + len(line),
                    text=line,
                    paragraph=index,
                    kind="title" if line.startswith("#") else "body",
                )
            )
            start += len(line) + 1
    return found


def by_id(*documents: Document) -> dict[str, Document]:
    return {each.id: each for each in documents}


def with_facts(*documents: Document) -> list[tuple[Sentence, tuple[Fact, ...]]]:
    """Return every body sentence with its facts."""
    ids = by_id(*documents)
    return [
        (each, extract_facts(each.text, language="ar", published=ids[each.document_id].published))
        for each in sentences(*documents)
        if each.kind == "body"
    ]
