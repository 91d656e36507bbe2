"""What of a story that was told before is news: its opening, not the background that came up later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from summarizer.daily.writing import Chosen, Written, write_story
from summarizer.schema import Document
from tests.daily.world import registry, tiny_terms

TOLD = "أعلنت باراغواي أنها ستنقل سفارتها في إسرائيل إلى القدس نهاية الشهر. وقال المتحدث إن الرئيس سيفتتح السفارة بنفسه."
FILLER = (
    "ورحب المسؤولون في الحكومة بالقرار ووصفوه بالشجاع. وأضاف المتحدث أن الاستعدادات للافتتاح قد بدأت فعلا."
)
BACKGROUND = "وكان الكونغرس الأمريكي قد أقر قانونا في تسعينيات القرن الماضي يطالب بخطوة مماثلة من واشنطن."
NEWS = "واستدعت السلطة الفلسطينية سفيرها في أسونسيون للتشاور احتجاجا على الخطوة."


RECALLED = "وكان الرئيس الأمريكي دونالد ترامب قد أعلن في ديسمبر اعترافه بالمدينة المقدسة عاصمة."


def written(text: str, *, edited: bool = False) -> Written | None:
    documents = tuple(
        Document(
            id=name, text=body, title="باراغواي تنقل سفارتها", source=name, published=f"2018-05-{day:02}"
        )
        for name, body, day in (("old", f"{TOLD} {FILLER}", 8), ("new", text, 9))
    )
    earlier = replace(documents[1], text=f"{TOLD} {FILLER}")
    chosen = Chosen(
        id="s1",
        documents=documents,
        fresh=frozenset({"new"}),
        before=(*documents[:1], earlier) if edited else documents[:1],
        since=date(2018, 5, 9),
    )
    engines = registry()
    engine = engines.engine(engines.task_model("summarization", "embedded").id)
    return write_story(chosen, terms=tiny_terms(), engine=engine, sentences=None)


def test_background_alone_is_no_news() -> None:
    assert written(f"{TOLD} {FILLER}") is None
    assert written(f"{TOLD} {FILLER} {BACKGROUND}") is None
    assert written(f"{RECALLED} {TOLD} {FILLER}") is None
    assert written(f"{TOLD} {RECALLED} {FILLER}") is None


def test_what_an_editor_added_is_news_wherever_it_stands() -> None:
    text = f"{TOLD} {FILLER} {NEWS}"
    assert written(text) is None
    made = written(text, edited=True)
    assert made is not None
    assert "أسونسيون" in made.draft.summary[0].text


@pytest.mark.parametrize("text", [f"{NEWS} {TOLD} {FILLER}", f"{TOLD} {NEWS} {BACKGROUND}"])
def test_news_in_the_opening_is_told_first(text: str) -> None:
    made = written(text)
    assert made is not None
    assert made.news >= 1
    assert "أسونسيون" in " ".join(each.text for each in made.draft.summary[: made.news])
