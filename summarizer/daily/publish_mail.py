"""E-mail: one message a recipient, plain text and HTML, under a Message-ID that every attempt shares.

An SMTP server takes a message with its answer to the last line after DATA. A connection that dies before DATA has sent
nothing; one that dies between the last line and the answer may have: that is ``UncertainError``. By default such a
message is held until a person settles it. With ``uncertain: resend`` it goes out again under the same Message-ID,
which Gmail, Outlook and Cyrus take for the same message, and other servers may show twice.
"""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from summarizer.daily.config import EmailPublisher
from summarizer.daily.editions import Edition
from summarizer.daily.pages import EditionView, render_template
from summarizer.daily.publishing import Alert
from summarizer.errors import PublishError, UncertainError
from summarizer.escape import one_line

#: A line of the message that begins with a dot gets another one (RFC 5321, 4.5.2).
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
#: Reply codes from which on a refusal will not change by itself.
LASTING: Final = 500


class Mail:
    """Sends editions and alerts by SMTP."""

    def __init__(self, config: EmailPublisher, *, templates: Path | None = None) -> None:
        self.id = config.id
        self.repeats = config.uncertain == "resend"
        self._config = config
        self._templates = templates

    def addresses(self) -> tuple[str, ...]:
        return self._config.recipients

    def send(self, content: Edition | Alert, *, key: str, address: str) -> None:
        """Send one message. Raises ``PublishError``, ``UncertainError``."""
        message = self.message(content, key=key, address=address)
        sender, recipient = parseaddr(self._config.sender)[1], parseaddr(address)[1]
        try:
            server = self._connect()
        except smtplib.SMTPResponseException as error:
            raise PublishError(f"{self._config.host}: {_said(error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise PublishError(f"{self._config.host}: {error}") from error
        with _closing(server):
            self._hand_over(server, message, sender=sender, recipient=recipient)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, *, sender: str, recipient: str) -> None:
        host = self._config.host
        try:
            for step in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
                code, reply = server.docmd(step)
                if code not in (250, 251, 354):
                    raise PublishError(f"{host}: {recipient}: {code} {_line(reply)}", lasting=code >= LASTING)
        except (OSError, smtplib.SMTPException) as error:
            raise PublishError(f"{host}: {error}") from error
        # ``SMTP.data`` does not say whether it died before or after the server's 354, and that is all that matters.
        lines = _LEADING_DOT.sub(b"..", message.as_bytes(policy=SMTP))
        try:
            server.send(lines + b"\r\n.\r\n")
            code, reply = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise UncertainError(f"{host}: the connection died after DATA ({error})") from error
        if code != 250:
            raise PublishError(f"{host}: {code} {_line(reply)}", lasting=code >= LASTING)

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        password = os.environ.get(config.password_env) if config.password_env else None
        if config.password_env and password is None:
            raise PublishError(f"{config.id}: the environment variable {config.password_env} is not set")
        if config.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                config.host, config.port, timeout=config.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=config.timeout_seconds)
        try:
            if config.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if config.user is not None and password is not None:
                server.login(config.user, password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def message(self, content: Edition | Alert, *, key: str, address: str) -> EmailMessage:
        """Return the message: headers, plain text, and for an edition HTML. Raises ``RenderError``."""
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(self._config.sender)
        message["To"] = _address(address)
        message["Message-ID"] = message_id(key, sender=self._config.sender)
        message["Auto-Submitted"] = "auto-generated"
        if isinstance(content, Alert):
            message["Subject"] = one_line(content.subject)
            message.set_content(content.text, cte="base64")
            return message
        view = EditionView(content)
        message["Subject"] = view.subject
        message["Date"] = datetime.fromisoformat(content.brief.created)
        message["List-Id"] = f"<{content.layout.name}.{_domain(self._config.sender)}>"
        text = render_template("email.txt.jinja", templates=self._templates, view=view)
        # base64: quoted-printable triples Arabic, and some relays break its lines
        message.set_content(text, cte="base64")
        page = render_template("email.html.jinja", templates=self._templates, view=view)
        message.add_alternative(page, subtype="html", cte="base64")
        return message


class _closing:  # noqa: N801 - reads as a with-statement's verb
    """Say goodbye to a server; whether it answers does not matter any more."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()


def message_id(key: str, *, sender: str) -> str:
    """Return the Message-ID of a publication: the same at every attempt."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_domain(sender)}>"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_line(error.smtp_error)}"


def _line(reply: bytes | str) -> str:
    return " ".join((reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply).split())
