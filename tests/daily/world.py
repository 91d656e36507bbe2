"""A small world for the briefing: a news server, a mail server, outlets with three days of news, engines that answer."""

from __future__ import annotations

import http.server
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any, Literal

import yaml

from summarizer.daily.config import Fetching
from summarizer.daily.polite import PoliteFetcher
from summarizer.fetch import Fetcher
from summarizer.romanize import NameTable
from summarizer.terms import Terms
from tests.fakes import FakeEngine, OneTranslator

# --- a web server -------------------------------------------------------------------------------

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class News:
    """What a server has: path -> answer, or a function of the request's headers. ``seen`` are the requests so far."""

    pages: dict[str, Answer | Callable[[Mapping[str, str]], Answer]] = field(default_factory=dict)
    seen: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    posts: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(
        self, path: str, body: str | bytes, *, kind: str = "text/html; charset=utf-8", **headers: str
    ) -> None:
        """Serve ``body`` with an ETag of its own, and 304 to whoever has it."""
        data = body.encode() if isinstance(body, str) else body
        etag = f'"{hash(data) & 0xFFFFFFFF:x}"'
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(asked: Mapping[str, str]) -> Answer:
            if asked.get("If-None-Match") == etag:
                return 304, {"ETag": etag}, b""
            return 200, {"Content-Type": kind, "ETag": etag, **named}, data

        self.pages[path] = answer

    def fail(self, path: str, status: int, **headers: str) -> None:
        self.pages[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")

    def asked(self, path: str) -> int:
        return sum(each == path for each, _ in self.seen)


class _HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed in the middle are what these tests are about."""


@contextmanager
def serve(news: News) -> Iterator[News]:
    """Serve ``news`` on a free port of 127.0.0.1."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            news.seen.append((self.path, dict(self.headers)))
            page = news.pages.get(self.path, (404, {}, b""))
            self._send(page(dict(self.headers)) if callable(page) else page)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            news.posts.append((self.path, dict(self.headers), body))
            page = news.pages.get(self.path, (200, {}, b"ok"))
            self._send(page(dict(self.headers)) if callable(page) else page)

        def _send(self, answer: Answer) -> None:
            status, headers, body = answer
            if status == 0:  # hang up without an answer
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = _HttpServer(("127.0.0.1", 0), Handler)
    news.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield news
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- a mail server ------------------------------------------------------------------------------

Mode = Literal["take", "die_after_data", "die_before_data", "busy"]


@dataclass
class Mailbox:
    """What a mail server took. ``taken`` also holds messages whose sender never got the answer."""

    mode: Mode = "take"
    refused: frozenset[str] = frozenset()
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=policy.default) for _, data in self.taken]  # type: ignore[misc]

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.taken]


@contextmanager
def mail_server(box: Mailbox) -> Iterator[Mailbox]:
    """Speak just enough SMTP on a free port of 127.0.0.1, and die where ``box.mode`` says."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            recipient = ""
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word in (b"EHLO", b"HELO", b"MAIL"):
                    self.wfile.write(b"421 later\r\n" if box.mode == "busy" else b"250 ok\r\n")
                elif word == b"RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                    self.wfile.write(b"550 no such user\r\n" if recipient in box.refused else b"250 ok\r\n")
                elif word == b"DATA":
                    if box.mode == "die_before_data":
                        return
                    self.wfile.write(b"354 go on\r\n")
                    body = b""
                    while (piece := self.rfile.readline()) not in (b".\r\n", b""):
                        body += piece[1:] if piece.startswith(b".") else piece
                    box.taken.append((recipient, body))
                    if box.mode == "die_after_data":
                        return
                    self.wfile.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that was killed."""

    server = Server(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- news ---------------------------------------------------------------------------------------

#: story -> the paragraphs of its reports, by day (1, 2) and outlet (a, b). Day 2 has news; "flood" has none.
REPORTS: dict[tuple[str, int, str], tuple[str, str]] = {
    ("quake", 1, "a"): (
        "زلزال قوي يضرب مدينة كرمان الإيرانية",
        (
            "ضرب زلزال قوي مدينة كرمان الإيرانية فجر اليوم الخميس وأسفر عن مقتل 12 شخصا وإصابة العشرات، وفق السلطات المحلية.\n"
            "وقال مسؤول في الهلال الأحمر الإيراني إن فرق الإنقاذ تواصل البحث عن ناجين تحت أنقاض المنازل المنهارة.\n"
            "وبلغت قوة الزلزال 6.1 درجة على مقياس ريختر، وشعر به سكان المدن المجاورة."
        ),
    ),
    ("quake", 1, "b"): (
        "قتلى وجرحى في زلزال كرمان جنوب شرقي إيران",
        (
            "أفادت السلطات الإيرانية بأن زلزالا بقوة 6.1 درجة هز مدينة كرمان صباح الخميس وأدى إلى انهيار عشرات المنازل.\n"
            "وذكر التلفزيون الرسمي أن المستشفيات في كرمان استقبلت أكثر من ثمانين مصابا منذ وقوع الزلزال.\n"
            "وأعلنت الحكومة الحداد يوما واحدا على ضحايا زلزال كرمان."
        ),
    ),
    ("quake", 2, "a"): (
        "ارتفاع حصيلة زلزال كرمان الإيرانية إلى 31 قتيلا",
        (
            "ارتفعت حصيلة الزلزال الذي ضرب مدينة كرمان الإيرانية إلى 31 قتيلا، وفق ما أعلن الهلال الأحمر الإيراني الجمعة.\n"
            "ووصلت طائرات مساعدات من تركيا وباكستان تحمل خياما وأدوية إلى مطار كرمان لإغاثة المنكوبين.\n"
            "وضرب زلزال قوي مدينة كرمان الإيرانية فجر الخميس وأسفر عن مقتل 12 شخصا وإصابة العشرات، وفق السلطات المحلية."
        ),
    ),
    ("vote", 1, "a"): (
        "التونسيون يصوتون لاختيار برلمان جديد",
        (
            "فتحت مراكز الاقتراع أبوابها في تونس صباح اليوم لانتخاب برلمان جديد وسط إجراءات أمنية مشددة.\n"
            "ودعت هيئة الانتخابات التونسية الناخبين إلى الإقبال على مراكز الاقتراع قبل إغلاقها مساء.\n"
            "ويتنافس في الانتخابات أكثر من ألف مرشح على 217 مقعدا في البرلمان التونسي."
        ),
    ),
    ("vote", 1, "b"): (
        "انطلاق التصويت في الانتخابات البرلمانية بتونس",
        (
            "بدأ الناخبون في تونس الإدلاء بأصواتهم في انتخابات برلمانية يتنافس فيها أكثر من ألف مرشح على 217 مقعدا.\n"
            "وقال رئيس هيئة الانتخابات التونسية إن مراكز الاقتراع ستغلق في السادسة مساء.\n"
            "ويراقب التصويت في تونس آلاف المراقبين المحليين والدوليين."
        ),
    ),
    ("flood", 1, "b"): (
        "سيول تغرق شوارع جدة السعودية",
        (
            "أغرقت سيول ناجمة عن أمطار غزيرة شوارع مدينة جدة السعودية وعطلت حركة المرور والطيران ساعات عدة.\n"
            "وأعلن الدفاع المدني السعودي إنقاذ مئة محتجز في سياراتهم وسط مياه السيول في جدة.\n"
            "وعلقت السلطات الدراسة في مدارس جدة بسبب الأمطار الغزيرة."
        ),
    ),
    ("flood", 2, "b"): (
        "سيول تغرق شوارع جدة السعودية وتعطل الطيران",
        (
            "أغرقت سيول ناجمة عن أمطار غزيرة شوارع مدينة جدة السعودية وعطلت حركة المرور والطيران ساعات عدة.\n"
            "وأعلن الدفاع المدني السعودي إنقاذ مئة محتجز في سياراتهم وسط مياه السيول في جدة."
        ),
    ),
    ("match", 2, "a"): (
        "ريال مدريد يفوز على برشلونة في الكلاسيكو",
        (
            "فاز ريال مدريد على غريمه برشلونة بهدفين مقابل هدف في مباراة الكلاسيكو ضمن الدوري الإسباني لكرة القدم.\n"
            "وسجل المهاجم الفرنسي هدف الفوز لريال مدريد في الدقيقة الأخيرة من المباراة على ملعبه.\n"
            "ورفع ريال مدريد رصيده إلى خمسين نقطة في صدارة ترتيب الدوري الإسباني."
        ),
    ),
}
OUTLETS = {"a": "وكالة ألف", "b": "صحيفة باء"}
DAYS = {1: "2018-03-01", 2: "2018-03-02"}


def at(day: int, hour: int = 6) -> datetime:
    """Return the morning after the news of ``day``: briefs of 2 and 3 March."""
    return datetime(2018, 3, 1 + day, hour, tzinfo=UTC)


def page(title: str, text: str, *, day: int) -> str:
    """Return a report as a web page."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))
    return (
        f"<!doctype html><html lang='ar'><head><title>{escape(title)}</title>"
        f"<meta property='article:published_time' content='{DAYS[day]}T10:00:00Z'></head>"
        f"<body><nav><a href='/'>الرئيسية</a></nav><article><h1>{escape(title)}</h1>{paragraphs}</article></body></html>"
    )


def rss(news: News, outlet: str, reports: list[tuple[str, int]]) -> str:
    """Return a feed of reports ``(story, day)``, with teasers only."""
    items = "".join(
        f"<item><title>{escape(REPORTS[story, day, outlet][0])}</title>"
        f"<link>{news.url}/{outlet}/{story}-{day}?utm_source=rss</link><guid>{outlet}-{story}-{day}</guid>"
        f"<pubDate>{format_datetime(datetime.fromisoformat(f'{DAYS[day]}T10:00:00+00:00'))}</pubDate>"
        f"<description>{escape(REPORTS[story, day, outlet][1][:60])}</description></item>"
        for story, day in reports
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{OUTLETS[outlet]}</title>"
        f"<link>{news.url}</link><description>x</description>{items}</channel></rss>"
    )


def publish_day(news: News, day: int) -> None:
    """Put the reports of the days up to ``day`` on the server, and the feeds of ``day``."""
    for outlet in OUTLETS:
        listed = [(story, of) for story, of, by in REPORTS if by == outlet and of <= day]
        for story, of in listed:
            title, text = REPORTS[story, of, outlet]
            news.put(f"/{outlet}/{story}-{of}?utm_source=rss", page(title, text, day=of))
            news.put(f"/{outlet}/{story}-{of}", page(title, text, day=of))
        news.put(f"/{outlet}/feed", rss(news, outlet, listed), kind="application/rss+xml")


# --- a configuration ----------------------------------------------------------------------------


#: ``ARCHIVES(folder)`` is where the archive of the configuration in ``folder`` is; tests put PostgreSQL in its place.
ARCHIVES: Callable[[Path], str] = lambda folder: "archive.sqlite"  # noqa: E731


def write_config(folder: Path, news: News | None = None, **changes: Any) -> Path:
    """Write a briefing file for the two outlets of ``news`` (or for ``sources`` in ``changes``); return its path."""
    sources = [
        {
            "id": outlet,
            "kind": "feed",
            "url": f"{news.url}/{outlet}/feed",
            "outlet": name,
            "owner": f"owner-{outlet}",
        }
        for outlet, name in (OUTLETS.items() if news else ())
    ]
    plain = {
        "name": "desk",
        "archive": ARCHIVES(folder),
        "languages": ["ar"],
        "sources": sources,
        "fetching": {"delay_seconds": 0, "retries": 0, "robots": False, "allow_private": True},
        **changes,
    }
    path = folder / "briefing.yaml"
    path.write_text(yaml.safe_dump(plain, allow_unicode=True), encoding="utf-8")
    return path


def polite(settings: Fetching | None = None, **changes: Any) -> PoliteFetcher:
    """Return a fetcher that reaches 127.0.0.1 and never sleeps."""
    settings = settings or Fetching(delay_seconds=0, robots=False, allow_private=True, retries=0)
    fetcher = Fetcher(allow_private=True, timeout=5.0)
    return PoliteFetcher(settings, **{"fetcher": fetcher, "sleep": lambda _: None, **changes})


def tiny_terms() -> Terms:
    """Return terms that know no name: loading the real ones takes longer than a run."""
    return Terms.of([], table=NameTable(b""))


def registry() -> OneTranslator:
    """Return the shipped registry with a translator that answers at once."""
    return OneTranslator(FakeEngine(lambda arabic: f"English of {len(arabic)} letters."))
