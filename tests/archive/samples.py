"""Articles, briefs and a small newsroom's fortnight for the tests of the archive."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from summarizer.schema import (
    Bilingual,
    Brief,
    Citation,
    Document,
    ModelInfo,
    Story,
    SummarySentence,
)

DAY = date(2021, 4, 7)
NOON = datetime(2021, 4, 7, 12, tzinfo=UTC)

#: Words of ten affairs that have nothing to do with each other, and words that all news have.
AFFAIRS = (
    "زلزال هزة أنقاض ناجين إغاثة مشردين خيام منكوبة درجات ريختر",
    "انتخابات اقتراع ناخبين صناديق مرشحين فرز أصوات مفوضية مراقبين دوائر",
    "مفاعل تخصيب يورانيوم طرد مركزي وكالة ذرية مفتشين عقوبات نووي منشأة",
    "بورصة أسهم تداول مؤشر مستثمرين أرباح سندات مضاربة محافظ سيولة",
    "لقاح جرعات تطعيم فيروس إصابات مستشفيات عناية مشددة حجر صحي كمامات",
    "سفينة جنحت قناة ملاحة قطر ناقلة حاويات ميناء عبور أرصفة",
    "كأس مباراة هدف ملعب مدرب لاعبين شوط دوري حكم مشجعين",
    "سد نهر مياه حصص فيضان خزان توربينات ري جفاف مصب",
    "محكمة متهم قضاة استئناف حكم سجن محام جنائية تهم إفراج",
    "حرائق غابات إطفاء دخان إجلاء نيران هكتار جو حارة رياح طوارئ",
)
PLACES = ("بغداد", "القاهرة", "بيروت", "الرباط", "عمان", "تونس", "الخرطوم", "مسقط")
OUTLETS = ("sky", "arabiya", "france24", "bbc", "cnn")


def article(
    name: str,
    text: str,
    *,
    title: str | None = None,
    published: str | None = "2021-04-07",
    source: str | None = "bbc",
    url: str | None = "",
    language: str = "ar",
) -> Document:
    """Return an article; its URL is made of its name unless one (or None) is given."""
    return Document(
        id=name,
        text=text,
        title=title,
        published=published,
        source=source,
        language=language,
        url=f"https://news.example/{name}" if url == "" else url,
        origin=f"{name}.html",
    )


def fortnight(seed: int, *, days: int = 14, articles: int = 8, affairs: int = 5) -> list[Document]:
    """Return some days of news of a few affairs that come, run on, meet and go; by day."""
    chance = random.Random(seed)
    found = []
    for day in range(days):
        published = (DAY + timedelta(days=day)).isoformat()
        for number in range(articles):
            affair = AFFAIRS[chance.randrange(affairs)].split()
            if chance.random() < 0.2:  # some reports tell of two affairs: what makes stories merge and split
                affair = affair[:6] + AFFAIRS[chance.randrange(affairs)].split()[:6]
            words = chance.choices(affair, k=24) + chance.choices(PLACES, k=3)
            text = " ".join(words) + "."
            if found and chance.random() < 0.1:  # a wire copy
                text = chance.choice(found[-articles:]).text
            found.append(
                article(
                    f"d{day:02}-{number:02}",
                    text,
                    title=" ".join(words[:4]),
                    published=published,
                    source=chance.choice(OUTLETS),
                )
            )
    return found


def brief_of(documents: Sequence[Document], *, created: str = "2021-04-08T06:00:00+00:00") -> Brief:
    """Return a brief of one story that cites the first word of each document."""
    cited = tuple(Citation(document_id=each.id, start=0, end=len(each.text.split()[0])) for each in documents)
    ids = tuple(each.id for each in documents)
    return Brief(
        created=created,
        profile="embedded",
        models={"summarization": ModelInfo(id="fake", engine="fake", licence="none")},
        documents=tuple(documents),
        stories=(
            Story(
                id=f"b-{ids[0]}",
                title=Bilingual(ar=documents[0].title or "عنوان", en="An English headline"),
                document_ids=ids,
                first=documents[0].published,
                last=documents[-1].published,
                follows=None,
                outlets=("bbc",),
                summary=(
                    SummarySentence(
                        ar=documents[0].text.split(".")[0],
                        en="Negotiations resumed on Tuesday.",
                        method="extractive",
                        citations=cited,
                    ),
                ),
                title_citations=cited[:1],
            ),
        ),
    )


def edited(document: Document, old: str, new: str) -> Document:
    """Return the article as it stands after an edit: with another id, as ingest gives it."""
    assert old in document.text
    return replace(document, id=f"{document.id}-edited", text=document.text.replace(old, new))
