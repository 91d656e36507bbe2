"""The briefing's YAML file: what can be set, in which unit, and what is wrong with a file, all at once.

Every key is a field below; a key that is not one is an error with a suggestion. Paths are relative to the file's own
folder. Secrets never stand in the file: ``*_env`` names the environment variable that holds one.
"""

from __future__ import annotations

import datetime
import difflib
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from summarizer.daily.selectors import to_xpath
from summarizer.errors import ConfigError

#: Ids go into file names, keys and Message-IDs.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Mailbox = Annotated[str, Field(pattern=r"^([^<>@\n\r]*<)?[^<>@\s]+@[^<>@\s]+>?$")]
Language = Literal["ar", "en"]
Form = Literal["md", "html", "json", "pdf", "docx"]


def _clock(value: str) -> str:
    datetime.time.fromisoformat(value)
    return value


ClockTime = Annotated[str, Field(pattern=r"^\d\d:\d\d$"), AfterValidator(_clock)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- where reports come from --------------------------------------------------------------------


class _Source(_Strict):
    """What every source can say."""

    id: Name
    outlet: str | None = None  # name shown; None: what the report or the feed says
    owner: str | None = None  # outlets of one owner count once; None: the outlet itself
    language: Literal["ar"] = "ar"  # reports in another language are skipped, and counted
    limit: int = Field(default=200, ge=1)  # reports taken in one run, newest first; the rest waits
    silent_after_hours: float | None = Field(
        default=None, gt=0
    )  # hours without a new report; None: as `alerts`


class _WebSource(_Source):
    """A source whose reports are pages."""

    url: HttpUrl
    selector: str | None = None  # CSS of the element(s) that hold the report; None: found by trafilatura
    allow: str | None = None  # regular expression that a page's address must match; None: any
    full_text: bool = True  # fetch each page; false: what the feed carries is the report


class FeedSource(_WebSource):
    """RSS, Atom or JSON Feed."""

    kind: Literal["feed"]


class SitemapSource(_WebSource):
    """A sitemap or news sitemap, or an index of them."""

    kind: Literal["sitemap"]
    full_text: Literal[True] = True  # a sitemap carries no text
    max_age_days: float = Field(default=3, gt=0)  # days since the page changed; older ones are left alone


class FolderSource(_Source):
    """Files that people or programs put into a folder (walked; hidden files left out)."""

    kind: Literal["folder"]
    path: Path
    limit: int = Field(default=2000, ge=1)


class MaildirSource(_Source):
    """A maildir whose messages are reports: newsletters, wire copy by mail. Messages are left where they are."""

    kind: Literal["maildir"]
    path: Path


Source = Annotated[FeedSource | SitemapSource | FolderSource | MaildirSource, Field(discriminator="kind")]


class Fetching(_Strict):
    """How pages are asked for. Robots' rules hold, and each host is asked one thing at a time."""

    delay_seconds: float = Field(
        default=1.0, ge=0
    )  # between two requests to one host; a longer Crawl-delay wins
    hosts_at_once: int = Field(default=4, ge=1, le=32)  # sources read at the same time
    timeout_seconds: float = Field(default=20.0, gt=0)  # one page, redirects included
    retries: int = Field(default=2, ge=0, le=10)  # within a run, after 429, 5xx and broken connections
    longest_wait_seconds: float = Field(
        default=60.0, ge=0
    )  # a Retry-After beyond this waits for the next run
    attempts: int = Field(
        default=5, ge=1
    )  # runs in which a page is tried before the feed's own text is taken
    user_agent: str | None = Field(default=None, min_length=3)  # None: Mujaz's own
    robots: bool = True  # false only for your own sites
    allow_private: bool = False  # true lets sources on your intranet be read


# --- what is chosen -----------------------------------------------------------------------------


class Interests(_Strict):
    """Words in Arabic, or in English for what Mujaz can translate by its gazetteer (places, names)."""

    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    block: tuple[str, ...] = ()  # stories whose title or lead has one of these are left out, and counted
    weight: float = Field(default=1.0, ge=0)  # what one interest counts beside one more outlet


class Title(_Strict):
    """A heading in both languages."""

    ar: str
    en: str


class Section(_Strict):
    """A part of the brief; a story goes into the first whose words it has. No words: takes what is left."""

    id: Name
    title: Title
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    stories: int | None = Field(default=None, ge=1)  # at most; None: the brief's own limit

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.topics, *self.places, *self.names)


# --- where the brief goes -----------------------------------------------------------------------


class Outputs(_Strict):
    """The brief as files: one folder a day below ``folder``."""

    folder: Path = Path("briefs")
    forms: tuple[Form, ...] = ("md", "html", "json")
    templates: Path | None = None  # a folder whose templates take the place of ours, by name


class _Publisher(_Strict):
    id: Name
    when: Literal["briefs", "alerts", "both"] = "briefs"
    #: What to do when nobody can know whether the last attempt arrived. ``hold``: wait for a person
    #: (`mujaz brief --settle`); ``resend``: send again under the same id, which receivers can tell.
    uncertain: Literal["hold", "resend"] = "hold"


class AtomPublisher(_Publisher):
    """An Atom feed of the briefs."""

    kind: Literal["atom"]
    path: Path
    link: HttpUrl  # where the folder of the feed is served
    entries: int = Field(default=30, ge=1)  # briefs in the feed
    uncertain: Literal["resend"] = "resend"


class SitePublisher(_Publisher):
    """A static site: every brief, an index, the feed."""

    kind: Literal["site"]
    folder: Path
    title: Title = Title(ar="موجز الأخبار", en="News brief")
    uncertain: Literal["resend"] = "resend"


class EmailPublisher(_Publisher):
    """One message to each recipient, by SMTP."""

    kind: Literal["email"]
    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: EnvironmentName | None = None
    sender: Mailbox
    recipients: tuple[Mailbox, ...] = Field(min_length=1)
    timeout_seconds: float = Field(default=30.0, gt=0)


class SlackPublisher(_Publisher):
    """An incoming webhook of Slack (or of Mattermost and others that take its form)."""

    kind: Literal["slack"]
    url_env: EnvironmentName
    timeout_seconds: float = Field(default=15.0, gt=0)


class TelegramPublisher(_Publisher):
    """A bot that writes to a chat or channel."""

    kind: Literal["telegram"]
    token_env: EnvironmentName
    chat: str | int
    api: HttpUrl = "https://api.telegram.org"
    timeout_seconds: float = Field(default=15.0, gt=0)


class WebhookPublisher(_Publisher):
    """The brief's JSON by POST, signed: ``X-Mujaz-Signature: t=UNIX,v1=HMAC-SHA256(secret, "UNIX.BODY")``."""

    kind: Literal["webhook"]
    url: HttpUrl
    secret_env: EnvironmentName
    timeout_seconds: float = Field(default=15.0, gt=0)
    uncertain: Literal["hold", "resend"] = "resend"  # the same Idempotency-Key goes with every attempt


Publisher = Annotated[
    AtomPublisher | SitePublisher | EmailPublisher | SlackPublisher | TelegramPublisher | WebhookPublisher,
    Field(discriminator="kind"),
]


# --- when ---------------------------------------------------------------------------------------


class Schedule(_Strict):
    """When `mujaz watch` works, by the clock of ``timezone``."""

    at: ClockTime = "06:00"  # the brief of a day is made at this time of that day
    fetch_every_minutes: float = Field(default=30.0, ge=1)  # so that short feeds lose nothing


class Retention(_Strict):
    """What `mujaz watch` removes after each brief. None: kept forever."""

    days: int | None = Field(default=None, ge=30)  # days of reports; briefs and what they cite are kept


class Alerts(_Strict):
    """When somebody should look. Alerts go to the log, the run report, and publishers with `when: alerts`."""

    silent_after_hours: float = Field(default=48.0, gt=0)  # hours without a new report of a source


class BriefingConfig(_Strict):
    """A whole file. ``folder`` is where it stands; ``path`` resolves what it names."""

    name: Name
    archive: str = "archive.sqlite"  # a path, or sqlite:///... or postgresql+psycopg://...
    profile: str = "embedded"
    models: Path | None = None  # a models.yaml of your own
    engine_pool: str | None = None  # ray or ray:COPIES: several copies of each model (docs/scale.md)
    glossary: Path | None = None  # CSV of Arabic,English
    timezone: str = "UTC"  # IANA name; days begin and end by it
    languages: tuple[Language, ...] = Field(
        default=("ar", "en"), min_length=1
    )  # in the order shown; ar alone: no translation
    stories: int = Field(default=12, ge=1, le=200)  # stories a brief, at most
    sentences: int | None = Field(default=None, ge=1, le=50)  # a story; None: grows with its reports
    reports_a_story: int = Field(default=25, ge=1)  # reports that a summary is written from, newest kept
    order: Literal["importance", "newest", "oldest"] = "importance"
    window_days: float = Field(default=3.0, gt=0)  # days; older reports are archived but are no news
    catch_up: Literal["one", "each", "none"] = "one"  # missed days: one brief, a brief each, or none
    sections: tuple[Section, ...] = ()
    interests: Interests = Interests()
    sources: tuple[Source, ...] = Field(min_length=1)
    fetching: Fetching = Fetching()
    outputs: Outputs = Outputs()
    publishers: tuple[Publisher, ...] = ()
    schedule: Schedule = Schedule()
    retention: Retention = Retention()
    alerts: Alerts = Alerts()
    log: Path | None = None  # a file of JSON lines; None: only what MUJAZ_LOG shows
    folder: Path = Field(default=Path(), exclude=True)  # set by `load_config`, not in the file

    def path(self, path: Path) -> Path:
        """Return ``path``, taken relative to the file's folder."""
        return self.folder / path.expanduser()

    @property
    def archive_url(self) -> str:
        """What ``open_archive`` is given."""
        return self.archive if "://" in self.archive else str(self.path(Path(self.archive)))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*_repeated("sources", self.sources), *_repeated("publishers", self.publishers)]
        problems += _repeated("sections", self.sections)
        for number, publisher in enumerate(self.publishers):
            if publisher.id == "files":
                problems.append(f"publishers[{number}].id: 'files' is the name of the day's folder")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            problems.append(
                f"timezone: no such time zone: {self.timezone!r} (Asia/Baghdad, Africa/Cairo, UTC...)"
            )
        if self.engine_pool is not None and not re.fullmatch(r"ray(:[1-9]\d*)?", self.engine_pool):
            problems.append(f"engine_pool: ray or ray:COPIES, not {self.engine_pool!r}")
        for number, source in enumerate(self.sources):
            if isinstance(source, FeedSource | SitemapSource):
                problems += [f"sources[{number}].{fault}" for fault in _page_faults(source)]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def _page_faults(source: _WebSource) -> Iterator[str]:
    try:
        re.compile(source.allow or "")
    except re.error as error:
        yield f"allow: not a regular expression: {error}"
    try:
        to_xpath(source.selector or "*")
    except ConfigError as error:
        yield f"selector: {error}"


def _repeated(where: str, entries: Sequence[Any]) -> list[str]:
    seen: set[str] = set()
    problems = []
    for number, entry in enumerate(entries):
        if entry.id in seen:
            problems.append(f"{where}[{number}].id: {entry.id!r} stands there twice")
        seen.add(entry.id)
    return problems


# --- reading ------------------------------------------------------------------------------------


def load_config(path: Path) -> BriefingConfig:
    """Read a briefing file. Raises ``ConfigError`` with every problem found in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"cannot read {path}: {reason}") from error
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: must be keys and values")
    problems = list(_twice(tree))
    if "folder" in raw:
        problems.append("folder: unknown key (outputs.folder says where briefs go)")
        raw = {key: value for key, value in raw.items() if key != "folder"}
    try:
        config = BriefingConfig(**{**raw, "folder": path.parent})
    except ValidationError as error:
        problems += [line for each in error.errors() for line in _explain(each)]
    except TypeError:
        problems.append("every key must be a word")
    if problems:
        raise ConfigError(
            f"{path.name}: {len(problems)} problem{'s' * (len(problems) > 1)}", problems=tuple(problems)
        )
    return config


def _twice(node: yaml.Node | None) -> Iterator[str]:
    """Yield the keys that stand twice in one mapping: YAML would keep the last in silence."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield f"line {key.start_mark.line + 1}: {key.value!r} stands there twice"
            seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _twice(each)


def _explain(error: Mapping[str, Any]) -> Iterator[str]:
    """Yield a readable line for each fault that pydantic reports."""
    fields, where = _walk(error["loc"])
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        yield f"{_dotted(where)}: unknown key; {_meant(str(where[-1]), fields)}"
    elif kind == "union_tag_not_found":
        yield f"{_dotted([*where, 'kind'])}: is missing"
    elif kind == "union_tag_invalid":
        tags = re.findall(r"'(\w+)'", error["ctx"]["expected_tags"])
        tag = error["ctx"]["tag"]
        yield f"{_dotted([*where, 'kind'])}: unknown kind {tag!r}; {_meant(tag, tags)}"
    elif kind == "value_error" and not where:
        yield from str(error["ctx"]["error"]).split("\n")
    elif kind == "too_short" and given:
        return  # its entries are at fault, and told one by one
    elif kind == "missing":
        yield f"{_dotted(where)}: is missing"
    else:
        yield f"{_dotted(where)}: {error['msg'].removeprefix('Value error, ')}, not {given!r}"


def _meant(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _walk(loc: Sequence[str | int]) -> tuple[list[str], list[str | int]]:
    """Follow ``loc`` through the models; return the keys of the model at its end, and ``loc`` without tags.

    pydantic puts the tag of a discriminated union (``feed``) into the place: no reader wrote it there.
    """
    model: type[BaseModel] = BriefingConfig
    where: list[str | int] = []
    choices: dict[str, type[BaseModel]] = {}
    for step in loc:
        if step in choices:
            model, choices = choices[str(step)], {}
            continue
        where.append(step)
        if step in model.model_fields:
            found = _models_in(model.model_fields[str(step)].annotation)
            choices = {_tag(each): each for each in found} if len(found) > 1 else {}
            model = found[0] if len(found) == 1 else model
    return [name for name in model.model_fields if model is not BriefingConfig or name != "folder"], where


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Annotated, tuple, Union, types.UnionType):
        return [model for part in get_args(annotation) for model in _models_in(part)]
    return []


def _tag(model: type[BaseModel]) -> str:
    return str(get_args(model.model_fields["kind"].annotation)[0])


def _dotted(where: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.removeprefix(".") or "the file"
