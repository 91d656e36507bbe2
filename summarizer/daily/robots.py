"""What a site's robots.txt allows, as RFC 9309 reads it: the longest matching rule wins, ``*`` and ``$`` are wildcards.

The standard library's ``robotparser`` knows no wildcards and takes the first rule that matches, so it would fetch much
that news sites forbid (``Disallow: /*?print=``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

#: Bytes of a robots.txt that are read; RFC 9309 asks for at least 500 KiB.
ROBOTS_LIMIT_BYTES = 512_000
#: Seconds of Crawl-delay beyond which the site means "seldom", not "wait here".
LONGEST_DELAY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site for one user agent. ``delay`` is its Crawl-delay in seconds, None where not said."""

    rules: tuple[tuple[str, bool], ...] = ()  # (path pattern, allowed)
    delay: float | None = None
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Tell whether ``url`` may be fetched. Of equally long rules the allowing one wins."""
        parts = urlsplit(url)
        path = _normal(parts.path or "/") + (f"?{_normal(parts.query)}" if parts.query else "")
        matching = [(len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, path)]
        return max(matching, default=(0, True))[1]


def parse_robots(text: str, *, agent: str) -> Rules:
    """Return the rules for ``agent`` (a product name, ``Mujaz``): its own group's, else those of ``*``."""
    groups: dict[str, list[tuple[str, bool]]] = {}
    delays: dict[str, float] = {}
    sitemaps: list[str] = []
    named: list[str] = []
    in_rules = False
    for line in text.lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if in_rules:
                named, in_rules = [], False
            named.append(value.lower())
            groups.setdefault(value.lower(), [])
        elif key in ("allow", "disallow"):
            in_rules = True
            if value:
                for name in named:
                    groups[name].append((_normal(value), key == "allow"))
        elif key == "crawl-delay":
            in_rules = True
            if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
                delays.update(dict.fromkeys(named, min(float(value), LONGEST_DELAY_SECONDS)))
        elif key == "sitemap":
            sitemaps.append(value)
    own = max(
        (name for name in groups if name and name != "*" and name in agent.lower()), key=len, default="*"
    )
    return Rules(rules=tuple(groups.get(own, ())), delay=delays.get(own), sitemaps=tuple(sitemaps))


def _normal(path: str) -> str:
    """Return ``path`` percent-encoded in one way, so that ``/خبر`` and ``/%d8%ae%d8%a8%d8%b1`` are one."""
    return quote(unquote(path), safe="/*$?&=:@!'()+,;~%-._")


def _matches(pattern: str, path: str) -> bool:
    """Match from the start of ``path``, without a regular expression: ``*`` after ``*`` must not cost exponentially."""
    anchored = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for number, piece in enumerate(rest, 1):
        if anchored and number == len(rest):
            return len(path) - len(piece) >= position and path.endswith(piece)
        position = path.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return not anchored or position == len(path)
