"""Being a good guest: robots' rules, pauses, back-off."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.daily.config import Fetching
from summarizer.daily.polite import PoliteFetcher, retry_seconds
from summarizer.daily.robots import parse_robots
from summarizer.errors import FetchError
from tests.daily.world import News, polite

ROBOTS = """
User-agent: *
Disallow: /private
Allow: /private/open
Disallow: /*?print=
Disallow: /*.pdf$
Crawl-delay: 3

User-agent: mujaz
User-agent: other
Disallow: /nothing-else
Sitemap: https://x.example/map.xml
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/a?print=1", False),
        ("/a?b=1", True),
        ("/report.pdf", False),
        ("/report.pdf?x", True),
        ("/nothing-else", True),
    ],
)
def test_rules(path: str, *, allowed: bool) -> None:
    rules = parse_robots(ROBOTS, agent="Reader")
    assert rules.allows(f"https://x.example{path}") is allowed
    assert rules.delay == 3


def test_a_group_of_our_own_takes_the_place_of_the_general_one() -> None:
    rules = parse_robots(ROBOTS, agent="Mujaz")
    assert rules.allows("https://x.example/private")
    assert not rules.allows("https://x.example/nothing-else/x")
    assert (rules.delay, rules.sitemaps) == (None, ("https://x.example/map.xml",))


def test_arabic_paths_are_compared_however_they_are_written() -> None:
    rules = parse_robots("User-agent: *\nDisallow: /خاص", agent="Mujaz")
    assert not rules.allows("https://x.example/%D8%AE%D8%A7%D8%B5/1")
    assert not rules.allows("https://x.example/خاص")


@given(st.text(), st.text())
def test_any_text_is_read(text: str, path: str) -> None:
    parse_robots(text, agent="Mujaz").allows(f"https://x.example/{path.replace('[', '').replace(']', '')}")


def test_a_pattern_of_stars_takes_no_time() -> None:
    rules = parse_robots(f"User-agent: *\nDisallow: /{'*a' * 2000}$", agent="Mujaz")
    assert rules.allows(f"https://x.example/{'a' * 1000}")


# --- fetching -----------------------------------------------------------------------------------


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def fetcher(time: Time, **settings: object) -> PoliteFetcher:
    plain = {"allow_private": True, "delay_seconds": 2, "retries": 2, **settings}
    return polite(Fetching(**plain), clock=lambda: time.now, sleep=time.sleep)  # type: ignore[arg-type]


def code_of(fetching: PoliteFetcher, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetching.fetch(url)
    return caught.value.code


def test_what_robots_forbid_is_not_asked_for(news: News) -> None:
    news.put("/robots.txt", "User-agent: *\nDisallow: /a/\nCrawl-delay: 7", kind="text/plain")
    time = Time()
    polite_one = fetcher(time)
    assert code_of(polite_one, f"{news.url}/a/quake-1") == "robots"
    assert polite_one.fetch(f"{news.url}/b/quake-1").content
    assert [path for path, _ in news.seen] == ["/robots.txt", "/b/quake-1"]
    assert time.slept == [7]  # the site's own delay is longer than ours


def test_without_robots_everything_is_allowed_and_with_a_broken_one_nothing(news: News) -> None:
    assert fetcher(Time()).fetch(f"{news.url}/a/quake-1").content  # 404
    news.fail("/robots.txt", 503)
    assert code_of(fetcher(Time(), retries=0), f"{news.url}/a/quake-1") == "robots_unreachable"


def test_requests_to_a_host_are_spaced(news: News) -> None:
    time = Time()
    polite_one = fetcher(time, robots=False)
    for _ in range(3):
        polite_one.fetch(f"{news.url}/a/quake-1")
    assert time.slept == [2, 2]


def test_a_busy_server_is_asked_again_after_what_it_says(news: News) -> None:
    answers = iter([(429, {"Retry-After": "11"}, b""), (503, {}, b""), (200, {}, b"<p>ok</p>")])
    news.pages["/busy"] = lambda _: next(answers)
    time = Time()
    assert fetcher(time, robots=False).fetch(f"{news.url}/busy").content == b"<p>ok</p>"
    assert time.slept == [11, 2]


def test_a_server_that_asks_for_an_hour_is_left_alone(news: News) -> None:
    news.fail("/busy", 429, Retry_After="3600")
    polite_one = fetcher(Time(), robots=False)
    assert code_of(polite_one, f"{news.url}/busy") == "http_status"
    assert code_of(polite_one, f"{news.url}/a/quake-1") == "host_rests"
    assert len(news.seen) == 1


def test_what_is_gone_is_not_asked_for_again(news: News) -> None:
    polite_one = fetcher(Time(), robots=False)
    assert code_of(polite_one, f"{news.url}/gone") == "http_status"
    assert news.asked("/gone") == 1
    assert polite_one.fetch(f"{news.url}/a/quake-1").content


def test_threads_wait_for_each_other(news: News) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def answer(_: object) -> tuple[int, dict[str, str], bytes]:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.02)
        with guard:
            inside -= 1
        return 200, {}, b"x"

    news.pages["/slow"] = answer
    polite_one = fetcher(Time(), robots=False)
    threads = [threading.Thread(target=polite_one.fetch, args=(f"{news.url}/slow",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_retry_after() -> None:
    assert retry_seconds("120") == 120
    assert retry_seconds("soon") is None
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100))
    assert 90 <= (retry_seconds(date) or 0) <= 100
    assert retry_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
