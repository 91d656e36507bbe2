"""The publishers that a configuration names, and where each kind is made: a new one is a class and a line here."""

from __future__ import annotations

from pathlib import Path

from summarizer.archive import Archive
from summarizer.daily.config import (
    AtomPublisher,
    BriefingConfig,
    EmailPublisher,
    SitePublisher,
    SlackPublisher,
    TelegramPublisher,
    WebhookPublisher,
)
from summarizer.daily.publish_files import AtomFeed, Folder, Past, Site
from summarizer.daily.publish_hooks import Slack, Telegram, Webhook
from summarizer.daily.publish_mail import Mail
from summarizer.daily.publishing import Publisher


def make_publishers(
    config: BriefingConfig, archive: Archive, *, out: Path | None = None
) -> dict[str, Publisher]:
    """Return the publishers by id, the day's folder first. ``out`` replaces ``outputs.folder``."""
    templates = config.path(config.outputs.templates) if config.outputs.templates else None
    folder = out or config.path(config.outputs.folder)
    publishers: list[Publisher] = [Folder(config.outputs, folder, templates=templates)]

    def past() -> Past:
        return Past(archive, config.name, languages=config.languages)

    for each in config.publishers:
        match each:
            case AtomPublisher():
                publishers.append(AtomFeed(each, config.path(each.path), past=past, templates=templates))
            case SitePublisher():
                publishers.append(Site(each, config.path(each.folder), past=past, templates=templates))
            case EmailPublisher():
                publishers.append(Mail(each, templates=templates))
            case SlackPublisher():
                publishers.append(Slack(each))
            case TelegramPublisher():
                publishers.append(Telegram(each))
            case WebhookPublisher():
                publishers.append(Webhook(each))
    return {publisher.id: publisher for publisher in publishers}
