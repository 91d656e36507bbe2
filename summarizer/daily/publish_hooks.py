"""Slack, Telegram and signed webhooks: one POST each.

A request that never got through is tried again; one that may have (the answer was lost, a gateway gave up) is
uncertain. A webhook's receiver can tell a repetition by ``Idempotency-Key``, so webhooks repeat by default.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from summarizer.daily.config import SlackPublisher, TelegramPublisher, WebhookPublisher
from summarizer.daily.editions import Edition
from summarizer.daily.pages import EditionView
from summarizer.daily.publishing import Alert
from summarizer.errors import PublishError, UncertainError
from summarizer.escape import plain_line

#: Characters of one message: Telegram's limit, with room for a last line.
DIGEST_LENGTH: Final = 3900
#: Errors in which no request left this machine.
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
#: Answers by which a server says that it took nothing.
_NOT_TAKEN: Final = frozenset({429, 503})


def digest(content: Edition | Alert, *, limit: int = DIGEST_LENGTH) -> str:
    """Return an edition as a message of at most ``limit`` characters: titles, and each story's first sentence.

    Arabic and English stand on lines of their own: a chat takes a line's direction from its first letter.
    """
    if isinstance(content, Alert):
        return f"{content.subject}\n{content.text}"[:limit]
    view = EditionView(content)
    text = "\n".join(view.heading[language] for language in view.languages)
    for number, story in enumerate(view.stories):
        sentence = next(iter([*story.news, *story.background]), None)
        lines = [f"{story.number}."]
        for language in view.languages:
            said = sentence and (sentence.sentence.ar if language == "ar" else sentence.sentence.en)
            lines += [plain_line(line) for line in (story.title[language], said) if line]
        block = "\n\n" + "\n".join(lines)
        left = f"\n\n+{len(view.stories) - number}"
        if len(text) + len(block) + len(left) > limit:
            return (text + left)[:limit]
        text += block
    return text


class _Hook:
    """One POST under a timeout, and what its outcome means."""

    def __init__(self, identity: str, *, repeats: bool, timeout: float) -> None:
        self.id = identity
        self.repeats = repeats
        self._timeout = timeout

    def addresses(self) -> tuple[str, ...]:
        return ("",)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        try:
            answer = httpx.post(
                url,
                content=body,
                headers={"Content-Type": "application/json; charset=utf-8", **headers},
                timeout=self._timeout,
            )
        except _NOT_SENT as error:
            raise PublishError(f"{self.id}: cannot connect ({type(error).__name__})") from error
        except httpx.InvalidURL as error:
            raise PublishError(f"{self.id}: not a URL", lasting=True) from error
        except httpx.HTTPError as error:
            # The URL may hold a secret, and httpx's messages may hold the URL: only the kind of error is told.
            raise UncertainError(f"{self.id}: no answer ({type(error).__name__})") from error
        if answer.is_success:
            return answer
        message = f"{self.id}: the server answered {answer.status_code}"
        if answer.status_code in _NOT_TAKEN:
            raise PublishError(message)
        if answer.is_server_error:
            raise UncertainError(message)
        raise PublishError(message, lasting=True)

    def _secret(self, variable: str) -> str:
        value = os.environ.get(variable)
        if not value:
            raise PublishError(f"{self.id}: the environment variable {variable} is not set")
        return value


class Slack(_Hook):
    """An incoming webhook."""

    def __init__(self, config: SlackPublisher) -> None:
        super().__init__(config.id, repeats=config.uncertain == "resend", timeout=config.timeout_seconds)
        self._config = config

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Post a digest. Raises ``PublishError``, ``UncertainError``."""
        text = digest(content).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = json.dumps({"text": text, "mrkdwn": False, "unfurl_links": False}, ensure_ascii=False)
        self._post(self._secret(self._config.url_env), body.encode(), {})


class Telegram(_Hook):
    """A bot's message."""

    def __init__(self, config: TelegramPublisher) -> None:
        super().__init__(config.id, repeats=config.uncertain == "resend", timeout=config.timeout_seconds)
        self._config = config

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Send a digest. Raises ``PublishError``, ``UncertainError``."""
        token = self._secret(self._config.token_env)
        body: dict[str, Any] = {
            "chat_id": self._config.chat,
            "text": digest(content),
            "link_preview_options": {"is_disabled": True},
        }
        url = f"{self._config.api.rstrip('/')}/bot{token}/sendMessage"
        self._post(url, json.dumps(body, ensure_ascii=False).encode(), {})


class Webhook(_Hook):
    """The whole brief as JSON, signed."""

    def __init__(self, config: WebhookPublisher) -> None:
        super().__init__(config.id, repeats=config.uncertain == "resend", timeout=config.timeout_seconds)
        self._config = config

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:  # noqa: ARG002 - the protocol
        """Post ``{"key", "kind": "brief"|"alert", ...}``. Raises ``PublishError``, ``UncertainError``."""
        if isinstance(content, Alert):
            plain: dict[str, Any] = {"kind": "alert", "subject": content.subject, "text": content.text}
        else:
            plain = {"kind": "brief", "layout": content.layout.to_dict(), "brief": content.brief.to_dict()}
        body = json.dumps({"key": key, **plain}, ensure_ascii=False).encode()
        signature = sign(body, secret=self._secret(self._config.secret_env), at=int(time.time()))
        # A header is ASCII; a key may hold a recipient's name.
        identity = hashlib.sha256(key.encode()).hexdigest()
        self._post(self._config.url, body, {"X-Mujaz-Signature": signature, "Idempotency-Key": identity})


def sign(body: bytes, *, secret: str, at: int) -> str:
    """Return ``t=UNIX,v1=HEX``: HMAC-SHA256 of ``UNIX.BODY``. The time in it lets a receiver refuse replays."""
    code = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"
