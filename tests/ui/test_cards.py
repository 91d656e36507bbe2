"""The cards: what reports say shows as text and does nothing else; citations and digits are exact."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.schema import Bilingual, Brief, Check, Original, Story
from tests.data.brief_sample import sample_brief
from ui.cards import (
    STAGES,
    current_stage,
    digits_html,
    render_brief,
    render_message,
    render_progress,
    render_story,
)
from ui.texts import Texts

ENGLISH, ARABIC = Texts("en"), Texts("ar")
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg/onload=alert(1)>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}}",
    "\u202eexe.txt\u202c \u2066isolate",
    "javascript:alert(1)",
)


class Page(HTMLParser):
    """Collects elements with their attributes and text, and checks that tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.pieces: list[tuple[str, list[int]]] = []  # text, and the elements around it, outermost first
        self._open: list[tuple[str, int]] = []
        self.feed(html)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, [index for _, index in self._open]))
        for _, index in self._open:
            self.texts[index] += data

    def all(self, tag: str, **attributes: str) -> list[str]:
        """The text of the elements with these attributes; ``class`` holds one of the classes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            text
            for (name, found), text in zip(self.elements, self.texts, strict=True)
            if name == tag and all(value in (found.get(key) or "").split() for key, value in wanted.items())
        ]


def with_attack(brief: Brief, attack: str) -> Brief:
    """The brief with an attack wherever a report, an outlet, a model or a name may put one."""
    documents = tuple(
        replace(
            each, text=each.text + attack, title=attack, source=attack, origin=attack,
            url=f"https://x.example/{attack}",
        )
        for each in brief.documents
    )  # fmt: skip
    stories = tuple(
        replace(
            story,
            title=Bilingual(ar=attack, en=attack),
            outlets=(attack,),
            summary=tuple(
                replace(each, ar=attack, en=attack, alternatives=(attack,), reasons=(attack,))
                for each in story.summary
            ),
            timeline=tuple(replace(each, ar=attack, en=attack) for each in story.timeline),
        )
        for story in brief.stories
    )
    warnings = tuple(replace(each, message=attack, subject=attack) for each in brief.warnings)
    return replace(brief, documents=documents, stories=stories, warnings=warnings, profile=attack)


@pytest.mark.parametrize("texts", [ENGLISH, ARABIC], ids=["en", "ar"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_reports_say_is_text_and_no_more(attack: str, texts: Texts) -> None:
    calm = Page(render_brief(sample_brief(), texts=texts, job="j"))
    page = Page(render_brief(with_attack(sample_brief(), attack), texts=texts, job="j"))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in calm.elements} | {"a"}
    for tag, attributes in page.elements:
        assert tag != "script"
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "https://").startswith("https://")
    assert attack in page.all("p", class_="mj-say", lang="ar")


def test_a_bidi_override_stays_within_its_element() -> None:
    page = Page(render_brief(with_attack(sample_brief(), ATTACKS[4]), texts=ENGLISH, job="j"))
    assert page.pieces
    for piece, around in page.pieces:
        if "\u202e" in piece or "\u2066" in piece:
            inner = [page.elements[index] for index in around[1:]]  # within the card, not the whole of it
            assert any(tag == "bdi" or "dir" in attributes for tag, attributes in inner), (piece, inner)


def test_a_cited_span_is_the_sources_own_words() -> None:
    brief = sample_brief()
    html = render_brief(brief, texts=ENGLISH)
    for story in brief.stories:
        for sentence in story.summary:
            for citation in sentence.citations:
                document = brief.document(citation.document_id)
                number = brief.documents.index(document) + 1
                anchor = f"doc-{number}-{citation.start}-{citation.end}"
                opening = re.search(rf'<mark class="cited" data-c="(\d+)" id="{anchor}"', html)
                assert opening, anchor
                shown = "".join(
                    text
                    for (tag, found), text in zip(Page(html).elements, Page(html).texts, strict=True)
                    if tag == "mark" and found.get("data-c") == opening[1]
                )
                quoted = brief.quote(citation)
                assert shown.replace("\r\n", "\n") == quoted.replace("\r\n", "\n")


def test_every_citation_button_has_its_span_in_the_same_card() -> None:
    brief = sample_brief()
    for story in brief.stories:
        page = Page(render_story(brief, story.id, texts=ENGLISH, job="j"))
        asked = {
            attributes["data-c"]
            for tag, attributes in page.elements
            if tag == "button" and "data-c" in attributes
        }
        marked = {attributes["data-c"] for tag, attributes in page.elements if tag == "mark"}
        assert asked
        assert asked <= marked


def test_ids_are_unique() -> None:
    ids = [
        each["id"]
        for _, each in Page(render_brief(sample_brief(), texts=ENGLISH, job="j")).elements
        if "id" in each
    ]
    assert len(ids) == len(set(ids))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=60))
def test_digits_are_shown_otherwise_but_never_changed(text: str) -> None:
    page = Page(f"<p>{digits_html(text)}</p>")
    assert page.texts[0] == text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def test_each_run_of_digits_carries_both_forms() -> None:
    html = str(digits_html("في ٢٠٢١ و 2500"))
    assert 'data-latin="2021" data-arabic="٢٠٢١"><span>٢٠٢١</span>' in html
    assert 'data-latin="2500" data-arabic="٢٥٠٠"><span>2500</span>' in html


def test_failures_are_marked_and_explained() -> None:
    html = render_brief(sample_brief(), texts=ENGLISH)
    assert 'class="mj-mark fail"' in html
    assert "Numbers: does not match" in html
    assert "the Arabic has 45, the English 54" in html
    assert "1 sentence to look at" in html


@pytest.mark.parametrize(
    ("texts", "line"),
    [(ENGLISH, "Look at: Numbers, Names"), (ARABIC, "للمراجعة: الأعداد، الأسماء")],
    ids=["en", "ar"],
)
def test_what_failed_is_a_list_in_words(texts: Texts, line: str) -> None:
    brief = sample_brief()
    failed = tuple(
        Check(kind=kind, on="en", verdict="fail", detail="x") for kind in ("number", "name", "number")
    )  # type: ignore[arg-type]
    story = brief.stories[0]
    summary = (replace(story.summary[0], checks=failed), *story.summary[1:])
    stories = (replace(story, summary=summary), *brief.stories[1:])
    html = render_brief(replace(brief, stories=stories), texts=texts)
    assert line in Page(html).texts[0]


def test_the_stage_that_is_told_is_the_one_at_work() -> None:
    assert current_stage({"read": (1, 3)}) == "read"
    assert current_stage({"read": (3, 3), "segment": (3, 3), "summarize": (2, 2)}) == "translate"
    assert current_stage({"translate": (4, 4)}) == "translate"


def test_what_a_person_changed_is_marked_with_what_stood_before_and_the_way_back() -> None:
    brief = sample_brief()
    story = brief.stories[0]
    before = Original(ar=story.title.ar, en=story.title.en, checks=story.title_checks)
    edited = replace(
        story, title=replace(story.title, en="By hand"), title_edited=("en",), title_original=before
    )
    html = render_brief(replace(brief, stories=(edited, *brief.stories[1:])), texts=ENGLISH, job="j")
    page = Page(html)
    assert ENGLISH("result.edited.en") in page.all("span", class_="mj-edited")
    assert any(story.title.en in text for text in page.all("details", class_="mj-before"))
    assert page.all("button", data_do="undo") == [ENGLISH("result.undo")]
    assert page.all("button", data_do="edit").count(ENGLISH("result.edit_title")) == len(brief.stories)


def test_without_a_job_there_is_nothing_to_act_on() -> None:
    html = render_brief(sample_brief(), texts=ENGLISH)
    for action in ("download", "copy", "edit", "undo", "use"):
        assert f'data-do="{action}"' not in html


def test_a_story_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        render_story(sample_brief(), "no-such", texts=ENGLISH, job="j")


def test_the_same_card_stands_in_the_whole() -> None:
    brief = sample_brief()
    whole = render_brief(brief, texts=ARABIC, job="j")
    for story in brief.stories:
        assert render_story(brief, story.id, texts=ARABIC, job="j").strip() in whole


def preview(story: Story, **english: str) -> dict[str, object]:
    return {
        "id": story.id,
        "title": {"ar": story.title.ar, "en": english.get("en", "")},
        "outlets": list(story.outlets),
        "summary": [{"ar": each.ar, "en": english.get("en", "")} for each in story.summary],
    }


def test_stories_show_in_arabic_before_their_english() -> None:
    story = sample_brief().stories[0]
    html = render_progress(
        texts=ENGLISH, job="j", state="running", line="Translating",
        progress={"read": (3, 3), "segment": (3, 3), "translate": (1, 4)}, stories=[preview(story)],
    )  # fmt: skip
    page = Page(html)
    assert story.title.ar in "".join(page.all("span", class_="ar"))
    assert "English follows" in html
    assert page.all("li", class_="now") == ["Translating 1/4"]
    assert len(page.all("li", class_="done")) == STAGES.index("translate")


def test_progress_that_is_unknown_yet_shows_no_percentage_above_zero() -> None:
    html = render_progress(texts=ENGLISH, job="j", state="queued", line="In the queue, number 3")
    assert 'value="0"' in html


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_message_is_text(attack: str) -> None:
    page = Page(render_message(attack, texts=ARABIC, state="failed"))
    assert {tag for tag, _ in page.elements} <= {"div", "p", "span", "bdi"}
    assert attack in page.all("p")[0]
