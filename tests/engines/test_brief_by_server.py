"""Profile ``llm`` end to end: whatever its server does, the brief comes, and says what happened."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from summarizer.ingest import read_text
from summarizer.models import Registry
from summarizer.pipeline import make_brief
from summarizer.schema import Brief, SummarySentence
from summarizer.terms import Terms
from tests.engines.servers import Behaviour, Chat, Reply, asked_text, chat_server

REPORT = (
    "بدء جولة من الحوار\n\n"
    "وصل وزير الخارجية فؤاد حسين إلى بغداد يوم الأحد لبدء جولة جديدة من الحوار مع الولايات المتحدة. "
    "وقال المتحدث باسم الحكومة إن القوات الأجنبية ستبقى في البلاد حتى نهاية العام الحالي. "
    "وأضاف أن الجولة المقبلة من المحادثات ستعقد في واشنطن بعد شهرين من الآن. "
    "ورحبت أحزاب عدة بالحوار ودعت إلى جدول زمني واضح لانسحاب جميع القوات من البلاد."
)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms.load()


@pytest.fixture
def brief_by(terms: Terms) -> Callable[..., tuple[Brief, Chat]]:
    """A function that makes the brief of ``REPORT`` by a server; the fall-back translator is one too."""

    def make(behave: Behaviour) -> tuple[Brief, Chat]:
        with chat_server(behave) as chat, chat_server(spare) as other:
            registry = Registry.load()
            for model_id, url in (
                ("gguf-summarizer", chat.url),
                ("gguf-translator", chat.url),
                ("ar-en", other.url),
            ):
                spec = registry.model("gguf-translator" if model_id == "ar-en" else model_id)
                assert spec.server is not None
                server = spec.server.model_copy(
                    update={"retries": 1, "backoff_seconds": 0.0, "timeout_seconds": 2}
                )
                registry.models[model_id] = spec.model_copy(
                    update={"id": model_id, "source": url, "server": server}
                )
            report = read_text(REPORT, origin="report.txt")
            return make_brief(report, profile="llm", registry=registry, terms=terms), chat

    return make


def spare(body: dict[str, object], count: int) -> Reply:
    return Reply("The spare model says what it can about the sentence it was given.")


def is_summary(body: dict[str, object]) -> bool:
    return asked_text(body).startswith("[1] ")


def numbered(body: dict[str, object]) -> list[str]:
    return [re.sub(r"^\[\d+\] ", "", line) for line in asked_text(body).splitlines()]


def well(body: dict[str, object], count: int) -> Reply:
    """Answer as a good model would: the first sentence, cited, and something that passes for its English."""
    if is_summary(body):
        return Reply(f"{numbered(body)[0]} [1]")
    return Reply(
        "Foreign Minister Fuad Hussein arrived in Baghdad on Sunday to begin a new round of dialogue with the United "
        "States."
    )


def sentences(brief: Brief) -> list[SummarySentence]:
    return [sentence for story in brief.stories for sentence in story.summary]


def test_a_good_server_writes_and_translates(brief_by):
    brief, chat = brief_by(well)
    (sentence,) = sentences(brief)
    assert sentence.method == "abstractive"
    assert sentence.en.startswith("Foreign Minister Fuad Hussein arrived in Baghdad")
    document = brief.documents[0]
    cited = [document.text[c.start : c.end] for c in sentence.citations]
    assert cited == [sentence.ar]
    assert brief.models["summarization"].id == "gguf-summarizer"
    assert brief.models["translation-fallback"].id == "ar-en"
    assert any(is_summary(request) for request in chat.requests)


def busy(body: dict[str, object], count: int) -> Reply:
    return Reply(status=429, headers={"Retry-After": "0"})


def malformed(body: dict[str, object], count: int) -> Reply:
    return Reply("Certainly! Here is what you asked for:\n\n1. Nothing with a citation.")


def broken(body: dict[str, object], count: int) -> Reply:
    return Reply(body=b"<html>502 Bad Gateway</html>")


def refusing(body: dict[str, object], count: int) -> Reply:
    return Reply(refusal="I cannot help with violent news.")


def truncated(body: dict[str, object], count: int) -> Reply:
    return Reply("وص" if is_summary(body) else "The", finish_reason="length")


def in_english(body: dict[str, object], count: int) -> Reply:
    return Reply("The minister arrived in Baghdad. [1]") if is_summary(body) else well(body, count)


def in_arabic(body: dict[str, object], count: int) -> Reply:
    return well(body, count) if is_summary(body) else Reply(asked_text(body))


@pytest.mark.parametrize("behave", [busy, malformed, broken, refusing, truncated, in_english])
def test_a_summary_that_does_not_come_leaves_the_sources_own_sentences(brief_by, behave):
    brief, _ = brief_by(behave)
    found = sentences(brief)
    assert found
    for sentence in found:
        assert sentence.method == "extractive-fallback"
        assert sentence.ar in REPORT
        assert any("the model" in reason for reason in sentence.reasons)


@pytest.mark.parametrize("behave", [busy, malformed, broken, refusing, truncated, in_arabic])
def test_english_that_does_not_come_is_of_the_fallback_and_says_so(brief_by, behave):
    brief, _ = brief_by(behave)
    for sentence in sentences(brief):
        assert sentence.en.startswith("The spare model says")
        assert any("of model ar-en" in reason for reason in sentence.reasons)


def test_a_summary_that_invents_is_not_let_through(brief_by):
    def invents(body: dict[str, object], count: int) -> Reply:
        if is_summary(body):
            return Reply("وصل وزير الخارجية إلى القاهرة برفقة 90 خبيرا لتوقيع اتفاق النفط والغاز. [1]")
        return well(body, count)

    brief, _ = brief_by(invents)
    assert all(sentence.method == "extractive-fallback" for sentence in sentences(brief))
    assert "القاهرة" not in " ".join(sentence.ar for sentence in sentences(brief))


def test_a_wrong_citation_is_put_right_by_what_bears_the_words_out(brief_by):
    def wrong(body: dict[str, object], count: int) -> Reply:
        if not is_summary(body):
            return well(body, count)
        given = numbered(body)
        return Reply(f"{given[0]} [{len(given)}]")

    brief, _ = brief_by(wrong)
    (sentence,) = sentences(brief)
    (citation,) = sentence.citations
    assert brief.documents[0].text[citation.start : citation.end] == sentence.ar
