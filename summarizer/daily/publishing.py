"""Handing editions and alerts to publishers, each once: a small protocol, and the one loop that empties the outbox.

A publisher says where it sends (one *address* is one publication, so that nine of ten recipients are not sent a message
again because the tenth failed) and sends. What was sent is the archive's outbox's affair:

* *pending* is tried, and after ``PublishError`` tried again, later and later, until it is sent. An error that is
  ``lasting`` (the recipient does not exist) ends as *failed*, in the run report;
* *uncertain* is what a crash, or a connection that died after the last byte, leaves behind. Publishers that may
  repeat themselves without harm (files, or a receiver that knows the key) send again; the others *hold*: nothing is
  sent twice, a person looks, and settles it with ``mujaz brief CONFIG --settle KEY=sent|resend``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from summarizer.archive import Archive, OutboxItem, Publication
from summarizer.daily.editions import Edition, Layout
from summarizer.errors import InputError, MujazError, PublishError, UncertainError

logger = logging.getLogger(__name__)

#: Minutes before the second attempt; each further one waits twice as long, up to LONGEST_WAIT.
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that somebody should look at. ``key`` says what "once" means."""

    key: str
    subject: str
    text: str


class Publisher(Protocol):
    """Hands one edition to one place."""

    id: str
    #: Whether sending again what may have been sent does no harm.
    repeats: bool

    def addresses(self) -> Sequence[str]:
        """Return where it sends: one publication each; ``("",)`` for a publisher that is its own address."""
        ...

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:
        """Send. ``key`` names the publication and is the same at every attempt.

        Raises ``UncertainError`` where nobody can know whether it arrived, ``PublishError`` where it did not.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one publication in this run: ``sent``, ``retry``, ``uncertain`` or ``failed``."""

    key: str
    state: str
    error: str = ""


def publications_of(edition: Edition, publishers: Sequence[Publisher]) -> list[Publication]:
    """Return what is to be sent of an edition; stored with the brief, in one transaction."""
    layout = edition.layout.to_dict()
    return [
        Publication(
            key=_key(edition.key, publisher.id, address),
            channel=publisher.id,
            payload={"layout": layout, "address": address},
        )
        for publisher in publishers
        for address in publisher.addresses()
    ]


def publications_of_alert(alert: Alert, publishers: Sequence[Publisher]) -> list[Publication]:
    """Return what is to be sent of an alert."""
    return [
        Publication(
            key=_key(alert.key, publisher.id, address),
            channel=publisher.id,
            payload={
                "alert": {"key": alert.key, "subject": alert.subject, "text": alert.text},
                "address": address,
            },
        )
        for publisher in publishers
        for address in publisher.addresses()
    ]


def _key(*parts: str) -> str:
    return ":".join(part for part in parts if part)


def drain(archive: Archive, publishers: Mapping[str, Publisher], *, now: datetime) -> list[Outcome]:
    """Send what is due, and return what became of it. Call it under the archive's lock.

    What an earlier process left half-sent is uncertain; publishers that may repeat take it up again.
    """
    outbox = archive.outbox
    outbox.recover(at=now)
    outcomes: list[Outcome] = []
    for held in outbox.list(state="uncertain"):
        publisher = publishers.get(held.channel)
        if publisher is not None and publisher.repeats:
            outbox.retry(held.id, at=now, next_at=now, error=held.error)
        else:
            outcomes.append(Outcome(key=held.key, state="uncertain", error=held.error))
    while (item := outbox.claim(now=now)) is not None:
        outcomes.append(_send(archive, item, publishers, now=now))
        logger.info("%s: %s", item.key, outcomes[-1].state, extra={"event": "published", "key": item.key})
    return outcomes


def _send(
    archive: Archive, item: OutboxItem, publishers: Mapping[str, Publisher], *, now: datetime
) -> Outcome:
    outbox = archive.outbox
    publisher = publishers.get(item.channel)
    try:
        if publisher is None:
            raise PublishError(f"the configuration has no publisher {item.channel!r} any more", lasting=True)  # noqa: TRY301
        publisher.send(content_of(archive, item), key=item.key, address=str(item.payload.get("address", "")))
    except UncertainError as error:
        if publisher is not None and publisher.repeats:
            return _retry(archive, item, error, now=now)
        outbox.uncertain(item.id, at=now, error=str(error))
        return Outcome(key=item.key, state="uncertain", error=str(error))
    except PublishError as error:
        if not error.lasting:
            return _retry(archive, item, error, now=now)
        outbox.fail(item.id, at=now, error=str(error))
        return Outcome(key=item.key, state="failed", error=str(error))
    except MujazError as error:  # a broken template, a full disk: somebody's to mend, then it goes out
        return _retry(archive, item, error, now=now)
    outbox.sent(item.id, at=now)
    return Outcome(key=item.key, state="sent")


def _retry(archive: Archive, item: OutboxItem, error: MujazError, *, now: datetime) -> Outcome:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(item.attempts - 1, 12))
    archive.outbox.retry(item.id, at=now, next_at=now + wait, error=str(error))
    return Outcome(key=item.key, state="retry", error=str(error))


def content_of(archive: Archive, item: OutboxItem) -> Edition | Alert:
    """Return what a publication holds. Raises ``InputError`` where it holds nothing that can be sent."""
    payload: Mapping[str, Any] = item.payload
    if "alert" in payload:
        return Alert(**payload["alert"])
    if item.brief_id is None:
        raise InputError(f"{item.key}: the brief is gone from the archive")
    return Edition(brief=archive.brief(item.brief_id), layout=Layout.from_dict(payload["layout"]))


def settle(archive: Archive, key: str, decision: str, *, now: datetime) -> None:
    """Decide what became of an uncertain or failed publication: ``sent``, or ``resend``.

    Raises ``InputError`` for an unknown key or decision.
    """
    found = archive.outbox.list(key=key)
    if not found or found[0].state not in ("uncertain", "failed"):
        raise InputError(f"the outbox holds no uncertain or failed publication {key!r}")
    if decision == "sent":
        archive.outbox.sent(found[0].id, at=now)
    elif decision == "resend":
        archive.outbox.retry(found[0].id, at=now, next_at=now, error="")
    else:
        raise InputError(f"{decision!r}: say KEY=sent or KEY=resend")
