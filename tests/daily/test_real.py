"""One day with the real models, terms and templates, from feeds to mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from summarizer.archive import open_archive
from summarizer.daily.briefing import Briefing
from summarizer.daily.config import load_config
from summarizer.daily.lock import exclusive
from tests.daily.world import Mailbox, News, at, polite, write_config


@pytest.mark.slow
def test_a_morning_with_the_embedded_profile(news: News, mailbox: Mailbox, tmp_path: Path) -> None:
    mail = {
        "id": "mail",
        "kind": "email",
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "none",
        "sender": "mujaz@example.org",
        "recipients": ["editor@example.org"],
    }
    config = load_config(
        write_config(
            tmp_path,
            news,
            languages=["en", "ar"],
            interests={"places": ["Tunisia"]},
            publishers=[mail],
            outputs={"forms": ["md", "html", "json", "docx"]},
        )
    )
    with open_archive(config.archive_url) as archive, exclusive(archive):
        report = Briefing(config, archive, clock=lambda: at(1), fetcher=polite(config.fetching)).run()
        assert archive.verify() == []
    edition = report.editions[0]
    assert len(edition.stories) == 3
    assert all(sentence.en for story in edition.stories for sentence in story.summary)
    vote = next(story for story in edition.stories if "تونس" in story.title.ar)
    assert "place you follow: Tunisia" in [reason.en for reason in edition.layout.notes[vote.id].reasons]
    assert {role: info.id for role, info in edition.brief.models.items()}["translation"].startswith("ar-en")
    assert "Tunisia" in mailbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (tmp_path / "briefs" / "2018-03-02" / "brief.docx").stat().st_size > 5000
