"""The written forms of a brief: faithful to it, closed to what reports smuggle in, the same every time."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import importlib.util
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import annotate, escape, view
from summarizer import render as module
from summarizer.errors import RenderError
from summarizer.render import FORMS, NOTICE, render
from summarizer.schema import (
    Bilingual,
    Brief,
    BriefWarning,
    Check,
    Citation,
    Disagreement,
    DisagreementValue,
    Document,
    Mark,
    ModelInfo,
    Passage,
    Story,
    SummarySentence,
    TimelineEntry,
)


def _load(name: str) -> ModuleType:
    path = Path(__file__).parent / "data" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


sample = _load("brief_sample")

#: Text that a report could carry to break out of each of the forms.
HOSTILE = (
    "<script>alert(1)</script> </title></style> <img src=x onerror=alert(1)> \"'> *a* _b_ `c` # [x](javascript:alert(1)) "
    "![i](http://evil.example/i.png) | [^1] $x$ ~~d~~ &amp; \u202eأخبار\u202d \x1b[31mred\x1b]0;title\x07 \x00\x9b2J "
    + "ط"
    * 400
)


class Page(HTMLParser):
    """A strict reader: elements must nest and close, ids must be unique. Keeps each element's text by id."""

    VOID = frozenset(["meta", "br", "img", "link", "input", "hr"])

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, str | None]] = []
        self.text: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(source)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute twice in <{tag}>"
        self.elements.append((tag, attributes))
        identifier = attributes.get("id")
        if identifier is not None:
            assert identifier not in self.text, f"id twice: {identifier}"
            self.text[identifier] = ""
        if tag not in self.VOID:
            self.stack.append((tag, identifier))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        opened, _ = self.stack.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "script":
            self.scripts.append(data)
        for _, identifier in self.stack:
            if identifier is not None:
                self.text[identifier] += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag and all(a.get(k) == v for k, v in wanted.items())]

    def having(self, attribute: str) -> list[str]:
        return [str(a[attribute]) for _, a in self.elements if attribute in a]


@pytest.fixture(scope="module")
def brief() -> Brief:
    result: Brief = sample.sample_brief()
    return result


@pytest.fixture(scope="module")
def page(brief: Brief) -> Page:
    return Page(render(brief, form="html"))


def all_citations(brief: Brief) -> list[Citation]:
    found: list[Citation] = []
    for story in brief.stories:
        found += story.title_citations
        for holder in (*story.summary, *story.timeline):
            found += holder.citations
        for disagreement in story.disagreements:
            for value in disagreement.values:
                found += value.citations
    return list(dict.fromkeys(found))


def empty_brief(**changes: Any) -> Brief:
    return dataclasses.replace(
        Brief(created="2021-07-25T06:00:00Z", profile="embedded", models={}, documents=(), stories=()),
        **changes,
    )


def hostile_brief(text: str) -> Brief:
    """A brief with ``text`` in every field that comes from outside or from a model."""
    document = Document(
        id=text, text=text or "x", title=text, source=text, published=text, language=text, url=text, origin=text,
        marks=(Mark(start=0, end=max(len(text) // 2, 1), kind="title"), Mark(start=1, end=10**9, kind="related")),
    )  # fmt: skip
    copy = dataclasses.replace(document, id=text + "2", duplicate_of=text)
    gone = dataclasses.replace(document, id=text + "3", duplicate_of=text + "elsewhere")
    cited = (Citation(document_id=text, start=0, end=len(document.text)),)
    checks = (
        Check(kind="name", on="en", verdict="fail", detail=text),
        Check(kind="term", on="ar", verdict="unknown", detail=text),
        Check(kind="date", on="ar", verdict="pass", detail=text),
    )
    both = Bilingual(ar=text, en=text)
    sentence = SummarySentence(
        ar=text,
        en=text,
        method="abstractive",
        citations=cited,
        checks=checks,
        reasons=(text,),
        alternatives=(text,),
    )
    value = DisagreementValue(value=text, label=both, citations=cited)
    story = Story(
        id=text, title=both, document_ids=(text, text + "2", text + "3"), first=text, last=text, follows=text + "9",
        outlets=(text,), summary=(sentence,), title_checks=checks, title_citations=cited,
        disagreements=(Disagreement(about=both, kind="claim", values=(value,)),),
        timeline=(TimelineEntry(date=text, ar=text, en=text, citations=cited, checks=checks),),
    )  # fmt: skip
    second = dataclasses.replace(story, id=text + "2", follows=text, document_ids=())
    return Brief(
        created=text,
        profile=text,
        models={text: ModelInfo(id=text, engine=text, licence=text)},
        documents=(document, copy, gone),
        stories=(story, second),
        warnings=(
            BriefWarning(subject=text, on="document", code=text, message=text),
            BriefWarning(subject=text, on="story", code=text, message=text),
            BriefWarning(subject=text + "0", on="story", code=text, message=text),
        ),
    )


# --- every form ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_is_the_same_every_time(brief: Brief, form: Any) -> None:
    assert render(brief, form=form) == render(sample.sample_brief(), form=form)


@pytest.mark.parametrize("form", FORMS)
def test_a_brief_read_back_from_json_renders_the_same(brief: Brief, form: Any) -> None:
    assert render(Brief.from_json(brief.to_json()), form=form) == render(brief, form=form)


@pytest.mark.parametrize("form", FORMS)
def test_a_brief_without_stories(form: Any) -> None:
    text = render(empty_brief(), form=form)
    assert text.endswith("\n")
    if form == "html":
        Page(text)
    if form != "json":
        assert "no stories" in text
        assert NOTICE not in text
        assert "0 stories" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_brief_with_only_warnings(form: Any) -> None:
    warning = BriefWarning(subject="broken.pdf", on="document", code="malformed", message="not a PDF file")
    text = render(empty_brief(warnings=(warning,)), form=form)
    assert {"broken.pdf", "not a PDF file", "malformed"} <= set(
        re.findall(r"broken\.pdf|not a PDF file|malformed", text)
    )


def test_a_story_without_summary() -> None:
    story = Story(
        id="s",
        title=Bilingual(ar="عنوان", en=""),
        document_ids=(),
        first=None,
        last=None,
        follows=None,
        outlets=(),
    )
    for form in ("html", "md", "text"):
        text = render(empty_brief(stories=(story,)), form=form)  # type: ignore[arg-type]
        assert "No summary was made" in text
        assert "Reported" not in text
        assert "(no English title)" in text


def test_json_is_the_schema_form(brief: Brief) -> None:
    assert render(brief, form="json") == brief.to_json()
    assert json.loads(render(brief, form="json"))["schema_version"] == 1


@pytest.mark.parametrize(
    ("form", "hint"),
    [("htm", "did you mean 'html'"), ("MD", "did you mean 'md'"), ("pdf", "known: md, html")],
)
def test_an_unknown_form_says_what_is_known(brief: Brief, form: str, hint: str) -> None:
    with pytest.raises(RenderError, match=hint):
        render(brief, form=form)  # type: ignore[arg-type]


def test_an_unknown_setting_is_refused(brief: Brief) -> None:
    with pytest.raises(RenderError, match="unknown digits 'latin'"):
        render(brief, form="md", digits="latin")  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="at least 40"):
        render(brief, form="text", width=10)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (2, 2), (5, 3), (0, 10**6)])
def test_a_citation_outside_its_document_is_an_error(brief: Brief, start: int, end: int) -> None:
    wrong = Citation(document_id="d-toll", start=start, end=end)
    story = dataclasses.replace(brief.stories[1], title_citations=(wrong,))
    with pytest.raises(RenderError, match=r"story 's-2' is outside document 'd-toll'"):
        render(dataclasses.replace(brief, stories=(story,)), form="md")


def test_other_broken_references_are_errors(brief: Brief) -> None:
    lost = dataclasses.replace(brief.stories[1], document_ids=("nowhere",))
    with pytest.raises(RenderError, match="'nowhere', which is not in the brief"):
        render(dataclasses.replace(brief, stories=(lost,)), form="html")
    with pytest.raises(RenderError, match="two documents of this brief have the id"):
        render(dataclasses.replace(brief, documents=brief.documents * 2), form="html")
    circle = dataclasses.replace(brief.stories[1], follows="s-2")
    with pytest.raises(RenderError, match="follows itself"):
        render(dataclasses.replace(brief, stories=(circle,)), form="html")
    passage = Passage(start=0, end=10**6, document_id="d-bridge-2", other_start=0, other_end=1)
    first = dataclasses.replace(brief.documents[0], shares=(passage,))
    with pytest.raises(RenderError, match="shared passage is outside document 'd-bridge-1'"):
        render(dataclasses.replace(brief, documents=(first, *brief.documents[1:])), form="html")


def test_passages_shared_with_reports_elsewhere_are_left_out(brief: Brief) -> None:
    passage = Passage(start=0, end=5, document_id="in the archive", other_start=0, other_end=5)
    document = dataclasses.replace(brief.documents[3], shares=(passage,))
    changed = dataclasses.replace(brief, documents=(*brief.documents[:3], document))
    assert render(changed, form="html") == render(brief, form="html")


@pytest.mark.parametrize("form", ["html", "md", "text"])
def test_failures_are_counted(brief: Brief, form: Any) -> None:
    text = render(brief, form=form)
    assert "1 of 4 English sentences failed a check: numbers (1)." in text
    assert "1 of 3 English timeline entries failed a check: dates (1)." in text
    assert "2 of 4 English sentences were not checked." in text
    assert "1 of 3 English sentences failed" in text  # of the first story
    assert "the Arabic has 45, the English 54" in text
    assert "Dates unclear" in text
    assert NOTICE in text


def test_a_brief_without_failures_says_so(brief: Brief) -> None:
    fine = dataclasses.replace(brief.stories[0], summary=brief.stories[0].summary[:1], timeline=())
    text = render(dataclasses.replace(brief, stories=(fine,)), form="text")
    assert "No check failed in 1 sentence." in text


def test_failures_of_titles_and_of_the_arabic_have_their_own_lines() -> None:
    text = render(hostile_brief("خبر"), form="md")
    assert "2 of 2 English titles failed a check: names (2)." in text
    assert "2 of 2 English sentences failed a check: names (2)." in text
    arabic = Check(kind="negation", on="ar", verdict="fail", detail="no")
    base = sample.sample_brief()
    sentence = dataclasses.replace(base.stories[1].summary[0], checks=(arabic,))
    story = dataclasses.replace(base.stories[1], summary=(sentence,))
    text = render(dataclasses.replace(base, stories=(story,)), form="md")
    assert "1 of 1 Arabic sentence failed a check: negation (1)." in text


@pytest.mark.parametrize("form", ["html", "md", "text"])
def test_doubtful_sentences_are_counted_apart_from_failures(form: Any) -> None:
    doubt = Check(kind="meaning", on="en", verdict="unknown", detail="unsure: 62 of 100 were wrong")
    failed = Check(kind="number", on="en", verdict="fail", detail="no")
    base = sample.sample_brief()
    one = base.stories[1].summary[0]
    summary = tuple(dataclasses.replace(one, checks=checks) for checks in ((doubt,), (doubt, failed)))
    story = dataclasses.replace(base.stories[1], summary=summary)
    text = render(dataclasses.replace(base, stories=(story,)), form=form)
    assert "1 of 2 English sentences failed a check: numbers (1)." in text
    assert "1 of 2 English sentences failed no check, but their meaning is in doubt." in text
    assert "Meaning unclear" in text
    assert "62 of 100 were wrong" in text


@pytest.mark.parametrize("form", ["html", "md", "text"])
def test_dates_stand_in_both_languages(brief: Brief, form: Any) -> None:
    text = render(brief, form=form)
    assert "June 2018" in text
    assert "3–5 September 2021" in text
    if form != "text":
        assert "حزيران/يونيو 2018" in text
        assert "3–5 أيلول/سبتمبر 2021" in text


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2021-03-23", "2021-04-07", "23 March 2021 – 7 April 2021"),
        ("2021-03-23", "2021-03-23", "23 March 2021"),
        (None, "2021-04", "April 2021"),
        ("2020", "2021", "2020 – 2021"),
        (None, None, None),
    ],
)
def test_date_range(first: str | None, last: str | None, expected: str | None) -> None:
    joined = view._date_range(first, last)
    assert (joined.en if joined else None) == expected


# --- html ---------------------------------------------------------------------------------------


def test_the_page_is_self_contained(brief: Brief, page: Page) -> None:
    assert not page.having("src")
    assert not page.all("link")
    outside = [link for link in page.having("href") if not link.startswith("#")]
    assert outside == [brief.documents[0].url]  # and not the javascript: address of the second
    (link,) = page.all("a", href=outside[0])
    assert link["rel"] == "noopener noreferrer"
    assert "url(" not in render(brief, form="html")
    assert "@import" not in render(brief, form="html")


def test_the_policy_allows_this_script_only(page: Page) -> None:
    (meta,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    policy = str(meta["content"])
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_every_link_in_the_page_arrives(page: Page) -> None:
    targets = {link[1:] for link in page.having("href") if link.startswith("#")}
    assert targets <= set(page.text)
    labelled = set(page.having("aria-labelledby"))
    assert labelled <= set(page.text)


def test_citations_open_exactly_the_cited_words(brief: Brief, page: Page) -> None:
    opened = {link["href"] for link in page.all("a", **{"class": "cite"})}
    crossing = set()
    for citation in all_citations(brief):
        number = [document.id for document in brief.documents].index(citation.document_id) + 1
        anchor = f"doc-{number}-{citation.start}-{citation.end}"
        assert f"#{anchor}" in opened
        if page.text[anchor] != brief.quote(citation):
            crossing.add(anchor)
    # Where two cited spans cross, the element of the inner one is cut; all others hold their words exactly.
    assert len(crossing) <= 1
    for anchor in crossing:
        number, start, end = (int(part) for part in re.findall(r"\d+", anchor))
        assert brief.documents[number - 1].text[start:end].startswith(page.text[anchor])


def test_reports_stand_in_full_and_unchanged(brief: Brief) -> None:
    source = render(brief, form="html")
    bodies = re.findall(r'<div class="report-text"[^>]*>(.*?)</div>', source, flags=re.DOTALL)
    shown = [html.unescape(re.sub(r"<[^>]*>", "", body)) for body in bodies]
    assert shown == [document.text for document in brief.documents]
    assert "&#13;\n" in source  # CR LF survives the parser


def test_titles_and_boilerplate_are_marked_in_the_report(brief: Brief, page: Page) -> None:
    assert page.all("strong", **{"class": "m-title", "title": "headline"})
    assert page.all("span", **{"class": "m-related"})
    assert page.all("span", **{"class": "m-caption"})


def test_directions_and_languages(page: Page) -> None:
    assert page.all("html", lang="en")
    arabic = page.all("p", **{"class": "ar"})
    assert arabic
    assert all(each["dir"] == "rtl" and each["lang"] == "ar" for each in arabic)
    english = page.all("p", **{"class": "en"})
    assert english
    assert all(each["dir"] == "ltr" and each["lang"] == "en" for each in english)
    assert all(each["dir"] == "rtl" for each in page.all("div", **{"class": "report-text"}))


@pytest.mark.parametrize(
    ("language", "lang", "direction"),
    [("ar", "ar", "rtl"), ("fa-IR", "fa-IR", "rtl"), ("en", "en", "ltr"), ('x" onclick="', "und", "ltr")],
)
def test_the_language_of_a_report(brief: Brief, language: str, lang: str, direction: str) -> None:
    document = dataclasses.replace(brief.documents[3], language=language)
    page = Page(render(dataclasses.replace(brief, documents=(*brief.documents[:3], document)), form="html"))
    assert page.all("div", **{"class": "report-text", "lang": lang, "dir": direction})


def test_stories_that_follow_are_linked_both_ways(page: Page) -> None:
    assert "Al-Safaa bridge opens" in page.text["story-2"]
    assert "Tolls on the bridge" in page.text["story-1"]
    links = page.having("href")
    assert "#story-1" in links
    assert "#story-2" in links


def test_repeats_and_shared_passages_are_told_once(page: Page) -> None:
    text = page.text["story-1"]
    assert text.count("It is not counted as a second source.") == 1
    assert text.count("share 1 passage, 29 characters") == 1
    assert page.text[next(i for i in page.text if re.match(r"doc-3-p", i))] == "وأصيب ثلاثة عمال خلال البناء."


def test_verdicts_have_words_beside_their_signs(brief: Brief) -> None:
    source = render(brief, form="html")
    for sign, word in view._VERDICTS.values():
        assert sign in source
        assert word in source
    signs = re.findall(r'<span class="sign[^"]*"[^>]*>', source)
    assert signs
    assert all('aria-hidden="true"' in each for each in signs)


def test_the_value_stands_out_in_its_sentence(brief: Brief) -> None:
    assert "<b>45 مليون دينار</b>." in render(brief, form="html")


def test_hostile_text_stays_text() -> None:
    source = render(hostile_brief(HOSTILE), form="html")
    page = Page(source)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert all(link.startswith("#") for link in page.having("href"))
    assert "\x1b" not in source
    assert "\x00" not in source
    title = source.partition("<title>")[2].partition("</title>")[0]
    assert "\u202e" not in title
    tooltips = page.having("title")
    assert tooltips
    assert not [each for each in tooltips if "\u202e" in each or "\n" in each]
    body = page.text["doc-1"]
    assert "<script>alert(1)</script>" in body
    assert "\u202eأخبار" in body  # shown as it is, inside an element that isolates it


def test_a_bidi_override_in_inline_text_is_always_inside_an_isolate() -> None:
    """Whatever holds an override is a <bdi> or has ``dir``."""
    override = "\u202e"

    class Isolates(Page):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            super().handle_starttag(tag, attrs)
            if tag not in self.VOID:
                isolated.append(tag == "bdi" or "dir" in dict(attrs))

        def handle_endtag(self, tag: str) -> None:
            super().handle_endtag(tag)
            isolated.pop()

        def handle_data(self, data: str) -> None:
            super().handle_data(data)
            if override in data:
                inside[self.get_starttag_text() or ""] = any(isolated)

    isolated: list[bool] = []
    inside: dict[str, bool] = {}
    Isolates(render(hostile_brief(f"خبر {override}abc"), form="html"))
    assert len(inside) > 15
    assert not [tag for tag, isolates in inside.items() if not isolates]


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://news.example/a?b=c", True),
        ("HTTP://news.example/", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//news.example", False),
        ("https://", False),
        ("https://user@news.example/", False),
        ("http://[broken", False),
        ("https://news.example/ x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_links(url: str | None, linked: bool) -> None:
    assert (escape.safe_url(url) is not None) == linked


def test_long_quotations_are_cut_in_tooltips_only(brief: Brief) -> None:
    text = "كلمة " * 200
    document = Document(id="d", text=text)
    sentence = SummarySentence(
        ar=text,
        en="word",
        method="extractive",
        citations=(Citation(document_id="d", start=0, end=len(text)),),
    )
    story = dataclasses.replace(brief.stories[1], document_ids=("d",), follows=None, summary=(sentence,))
    page = Page(render(empty_brief(documents=(document,), stories=(story,)), form="html"))
    (tip,) = [each for each in page.having("title") if each.startswith("كلمة")]
    assert tip.endswith("كلمة …")
    assert len(tip) <= view.TOOLTIP_LENGTH + 2
    assert page.text[f"doc-1-0-{len(text)}"] == text


def test_arabic_inside_english_lines_is_isolated() -> None:
    shown = escape.english_html("the Arabic has 1 March (1 مارس / آذار), <b>")
    assert shown == (
        '<span dir="ltr">the Arabic has 1 March (<bdi lang="ar" dir="rtl">1 مارس / آذار</bdi>), &lt;b&gt;</span>'
    )
    assert "25 تموز 2021</bdi> in" in escape.english_html("25 تموز 2021 in July")


# --- spans --------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(), max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6, unique=True),
)
def test_any_spans_nest_and_no_character_changes(text: str, pairs: list[tuple[int, int]]) -> None:
    inside = [(start, end) for start, end in pairs if start <= end <= len(text)]
    spans = [annotate.Span.shared("x", start, end) for start, end in inside]
    page = Page(f'<div id="all">{annotate.annotate(text, spans)}</div>')
    assert page.text["all"] == text.translate(escape.HTML_TABLE)
    assert {i for i in page.text if i != "all"} == {
        f"x-p{start}-{end}" for start, end in inside if start < end
    }


@given(st.text(st.characters(), max_size=60))
def test_html_keeps_the_number_of_characters(text: str) -> None:
    assert len(text.translate(escape.HTML_TABLE)) == len(text)
    text.translate(escape.HTML_TABLE).encode()


# --- Markdown -----------------------------------------------------------------------------------


def _markdown_html(source: str) -> str:
    markdown_it = pytest.importorskip("markdown_it")
    reader = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    result: str = reader.render(source)
    return result


@settings(deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("\\`*_{}[]()<>#+-.!|~&$:;=^1 \n\tا")), max_size=30))
def test_escaped_markdown_renders_as_the_text(text: str) -> None:
    line = escape.escape_markdown(text)
    line.encode()
    shown = html.unescape(re.sub(r"</?p>", "", _markdown_html(line))).strip()
    expected = " ".join(escape.ANSI.sub("", text).translate(escape.MD_LINE_TABLE).split())
    assert shown == expected


def test_markdown_of_hostile_text() -> None:
    source = render(hostile_brief(HOSTILE), form="md")
    assert "<script" not in source
    assert "<img" not in source
    assert "\u202e" not in source
    assert "\x1b" not in source
    shown = _markdown_html(source)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<a " not in shown
    assert "<del>" not in shown
    assert "<code>" not in shown
    assert shown.count("<table>") == 2


def test_markdown_footnotes_quote_the_sources(brief: Brief) -> None:
    source = render(brief, form="md")
    used = set(re.findall(r"\[\^(\d+)\](?!:)", source))
    notes = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", source, flags=re.MULTILINE))
    assert used == set(notes)
    assert len(notes) == len(all_citations(brief))
    for citation in all_citations(brief):
        words = " ".join(brief.quote(citation).split())
        outlet = escape.escape_markdown(brief.document(citation.document_id).outlet)
        assert [note for note in notes.values() if f"«{words}»" in note and note.startswith(outlet)]


def test_markdown_layout(brief: Brief) -> None:
    source = render(brief, form="md")
    assert '1. <div dir="rtl" lang="ar">\n\n   افتتحت' in source
    assert "| 45 million dinars | «45 مليون دينار» | Al-Jisr Online | [^4] |" in source
    assert "[address](<https://news.example/bridge?id=1&amp;lang=ar>)" in source
    assert "javascript:" not in source
    assert "\n\n\n" not in source
    shown = _markdown_html(source)
    assert shown.count("<ol>") == 3  # two summaries, the reports
    assert shown.count('<div dir="rtl" lang="ar">') == shown.count("</div>")


@pytest.mark.parametrize(
    "url",
    ["https://e.example/a(b)|c<d>\\e`f*_g_~h", "https://e.example/&copy=1", "https://e.example/خبر?x=%20"],
)
def test_addresses_survive_markdown(url: str) -> None:
    shown = _markdown_html(f"[address](<{escape.markdown_url(url)}>)")
    link = re.fullmatch(r'<p><a href="([^"]*)">address</a></p>\n', shown)
    assert link is not None
    assert unquote(html.unescape(link[1])) == unquote(url)


# --- plain text ---------------------------------------------------------------------------------


def test_text_carries_nothing_a_terminal_acts_on() -> None:
    source = render(hostile_brief(HOSTILE), form="text")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", source)
    assert "[31m" not in source
    assert "0;title" not in source
    assert "red" in source


@pytest.mark.parametrize("width", [40, 60, 88, 120])
def test_text_keeps_to_its_width(brief: Brief, width: int) -> None:
    lines = render(brief, form="text", width=width).splitlines()
    long = [line for line in lines if module._columns(line) > width]
    assert all(len(line.split()) == 1 for line in long)  # an address is never broken
    assert not [line for line in lines if line != line.rstrip()]


def test_text_cites_and_quotes(brief: Brief) -> None:
    source = render(brief, form="text")
    body, _, _ = source.partition("REPORTS\n---")
    used = set(re.findall(r"\[(\d+)\]", body))
    assert used == {str(number) for number in range(1, len(all_citations(brief)) + 1)}
    flat = " ".join(source.split())
    for citation in all_citations(brief):
        assert f"«{' '.join(brief.quote(citation).split())}»" in flat


def test_arabic_lines_of_text_begin_with_arabic(brief: Brief) -> None:
    source = render(brief, form="text", width=60)
    lines = [line for line in source.splitlines() if re.search(r"[\u0621-\u064a]{3}", line)]
    assert len(lines) > 20
    assert not [line for line in lines if module._starts_left_to_right(line.strip())]


def test_wrapping_takes_an_arabic_word_along_with_a_latin_one() -> None:
    text = "واحد اثنان ثلاثة Bridge Company أربعة"
    assert module._wrap(text, width=22, arabic=True).split("\n") == [
        "واحد اثنان",
        "ثلاثة Bridge Company",
        "أربعة",
    ]
    assert module._wrap(text, width=24).split("\n") == ["واحد اثنان ثلاثة Bridge", "Company أربعة"]
    # Nothing is gained where a run of Latin words is too long, or where nothing would be left on the line.
    run = "أولى ثانية " + " ".join(["Company"] * 5)
    assert module._wrap(run, width=28, arabic=True).split("\n") == [
        "أولى ثانية Company Company",
        "Company Company Company",
    ]
    assert module._wrap("ثلاثة Company", width=10, arabic=True) == "ثلاثة\nCompany"


def test_wrapping_hangs_and_counts_columns() -> None:
    assert module._wrap("one two three", width=10, indent=1, hang=2) == " one two\n   three"
    assert module._columns("مُدَرِّس") == 4
    assert module._columns("新聞") == 4
    assert module._wrap("", width=40) == ""


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(40, 100), st.integers(0, 8), st.booleans())
def test_wrapping_keeps_every_word(text: str, width: int, indent: int, arabic: bool) -> None:
    line = escape.plain_line(text)
    wrapped = module._wrap(line, width=width, indent=indent, arabic=arabic)
    assert wrapped.split() == line.split()
    for each in wrapped.split("\n"):
        assert module._columns(each) <= width or len(each.split()) == 1


# --- anything -----------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=60))
def test_no_text_breaks_a_form(text: str) -> None:
    brief = hostile_brief(text)
    page = Page(render(brief, form="html"))
    assert len(page.all("script")) == 1
    for form in ("html", "md", "text"):
        render(brief, form=form).encode()  # type: ignore[arg-type]
    assert "\x1b" not in render(brief, form="text")
