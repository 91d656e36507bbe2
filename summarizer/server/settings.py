"""What the person who starts the server decides: where it listens, who may use it, and how much."""

from __future__ import annotations

import ipaddress
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from summarizer.errors import ConfigError

#: Characters of a secret that may be all that stands between a network and the server.
SHORTEST_SECRET: Final = 16
#: Seconds that open connections get to end in when the server stops.
_STOP_SECONDS: Final = 5


class ServerSettings(BaseModel):
    """The settings of ``create_app``. The defaults are for one person on one machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    token: SecretStr | None = None  # sent as `Authorization: Bearer TOKEN`, or as the password of Basic
    user: str | None = None  # with `password`: Basic authentication
    password: SecretStr | None = None
    allowed_hosts: tuple[str, ...] = ()  # names that the Host header may give, beside addresses and `host`
    proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    secure_cookies: bool = False  # where a proxy in front speaks HTTPS

    body_limit_bytes: int = Field(default=32_000_000, ge=1)  # of one request
    held_limit_bytes: int = Field(default=256_000_000, ge=1)  # of all request bodies that are worked on
    body_seconds: float = Field(default=120, gt=0)  # for a request body to arrive
    file_limit: int = Field(default=200, ge=1)  # files of one multipart request
    requests_per_minute: int = Field(default=240, ge=1)  # of one client; more from one address (`limits`)
    translate_limit: int = Field(default=500, ge=1)  # sentences of one /v1/translate
    stream_limit: int = Field(default=100, ge=1)  # event streams open at once

    @classmethod
    def checked(cls, **values: Any) -> ServerSettings:
        """Return settings that are safe to serve. Raises ``ConfigError`` for values that are wrong or unsafe."""
        try:
            settings = cls(**values)
        except ValidationError as error:
            problems = tuple(
                f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()
            )
            raise ConfigError("the server's settings are not right", problems=problems) from error
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ``ConfigError`` where the server would be open to others, or its secret could be guessed."""
        if (self.user is None) != (self.password is None):
            raise ConfigError("a user and a password go together; give both --user and --password")
        if self.user is not None and (not self.user or ":" in self.user):
            raise ConfigError("the user's name must not be empty, nor hold a colon")
        secrets = [each.get_secret_value() for each in (self.token, self.password) if each is not None]
        if not all(secrets):
            raise ConfigError("the token or password is empty")
        if is_loopback(self.host):
            return
        if not secrets:
            raise ConfigError(
                f"refusing to listen on {self.host} for everybody: add --token (or MUJAZ_TOKEN), "
                "or --user and --password"
            )
        if any(len(each) < SHORTEST_SECRET for each in secrets):
            raise ConfigError(
                f"the token or password is too short to guard {self.host}: use {SHORTEST_SECRET} characters or more"
            )

    @property
    def guarded(self) -> bool:
        """Whether callers must say who they are."""
        return self.token is not None or self.password is not None


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on ``host``."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def uvicorn_options(settings: ServerSettings) -> dict[str, Any]:
    """Return what ``uvicorn.Config`` must be told for the guard to hold.

    Uvicorn by itself believes X-Forwarded-For from the same machine, and waits without end for open event streams
    when it stops.
    """
    ws: Literal["none"] = "none"  # nothing here speaks WebSocket
    return {
        "host": settings.host,
        "proxy_headers": False,
        "server_header": False,
        "ws": ws,
        "timeout_graceful_shutdown": _STOP_SECONDS,
        "access_log": False,  # addresses hold job ids
    }
