"""A hand-made brief over short texts written for the tests: two stories, every kind of panel, awkward text.

``sample_brief()`` returns it; ``cite`` finds the offsets of quoted words, so the texts can be edited freely.
"""

from __future__ import annotations

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

BRIDGE_1 = (
    "افتتاح جسر «الصفاء» بعد ثلاث سنوات\n\n"
    "افتتحت وزيرة النقل ليلى الحسن، الأحد، جسر الصفاء الذي يربط ضفتي النهر. "
    "وقالت الوزيرة إن كلفة الجسر بلغت ٤٢ مليون دينار، وإن العمل فيه بدأ في حزيران ٢٠١٨.\n"
    "وأصيب ثلاثة عمال خلال البناء.\n\n"
    "(تصوير: سامي)\nاقرأ أيضًا: جسور المدينة القديمة"
)
BRIDGE_2 = (
    "3-أيلول-2021\nالوزيرة تفتتح الجسر\n"
    "أعلنت وزارة النقل أن الجسر كلّف 45 مليون دينار. "
    "ووفقاً للوزارة، لم يُصب أحد خلال أعمال البناء؛ فيما يقول شهود إن خمسة عمال أصيبوا…\r\n"
    "«سيخدم الجسر 30 ألف مركبة يومياً» (U.S. Bridge Co.)."
)
#: The same report again, as another outlet carried it.
BRIDGE_3 = BRIDGE_1.partition("\n\n")[2].partition("\n\n")[0]
TOLL = "قررت البلدية فرض رسوم عبور على جسر الصفاء اعتباراً من 1 تشرين الأول/أكتوبر، بعد شهر من افتتاحه."


def cite(document: Document, words: str) -> Citation:
    """Return the citation of ``words``, which must stand in ``document``."""
    start = document.text.index(words)
    return Citation(document_id=document.id, start=start, end=start + len(words))


def mark(text: str, words: str, kind: str) -> Mark:
    start = text.index(words)
    return Mark(start=start, end=start + len(words), kind=kind)  # type: ignore[arg-type]


def sample_documents() -> tuple[Document, ...]:
    shared = "وأصيب ثلاثة عمال خلال البناء."
    one, three = BRIDGE_1.index(shared), BRIDGE_3.index(shared)
    return (
        Document(
            id="d-bridge-1",
            text=BRIDGE_1,
            title="افتتاح جسر «الصفاء» بعد ثلاث سنوات",
            source="جريدة النهر",
            published="2021-09-05",
            url="https://news.example/bridge?id=1&lang=ar",
            origin="bridge-1.txt",
            marks=(
                mark(BRIDGE_1, "افتتاح جسر «الصفاء» بعد ثلاث سنوات", "title"),
                mark(BRIDGE_1, "(تصوير: سامي)", "caption"),
                mark(BRIDGE_1, "اقرأ أيضًا: جسور المدينة القديمة", "related"),
            ),
            shares=(
                Passage(
                    start=one,
                    end=one + len(shared),
                    document_id="d-bridge-3",
                    other_start=three,
                    other_end=three + len(shared),
                ),
            ),
        ),
        Document(
            id="d-bridge-2",
            text=BRIDGE_2,
            title="الوزيرة تفتتح الجسر",
            source="Al-Jisr Online",
            published="2021-09-03T18:30:00+03:00",
            url="javascript:alert(1)",
            origin="bridge-2.txt",
            marks=(mark(BRIDGE_2, "3-أيلول-2021", "date"), mark(BRIDGE_2, "الوزيرة تفتتح الجسر", "title")),
        ),
        Document(
            id="d-bridge-3",
            text=BRIDGE_3,
            origin="bridge-3.txt",
            duplicate_of="d-bridge-1",
            shares=(
                Passage(
                    start=three,
                    end=three + len(shared),
                    document_id="d-bridge-1",
                    other_start=one,
                    other_end=one + len(shared),
                ),
            ),
        ),
        Document(id="d-toll", text=TOLL, source="إذاعة المدينة", published="2021-10", origin="toll.txt"),
    )


def sample_brief() -> Brief:
    first, second, _, toll = documents = sample_documents()
    opened = cite(first, "افتتحت وزيرة النقل ليلى الحسن، الأحد، جسر الصفاء الذي يربط ضفتي النهر.")
    cost_1 = cite(first, "وقالت الوزيرة إن كلفة الجسر بلغت ٤٢ مليون دينار، وإن العمل فيه بدأ في حزيران ٢٠١٨.")
    cost_2 = cite(second, "أعلنت وزارة النقل أن الجسر كلّف 45 مليون دينار.")
    hurt = cite(second, "ووفقاً للوزارة، لم يُصب أحد خلال أعمال البناء؛ فيما يقول شهود إن خمسة عمال أصيبوا…")
    said = cite(second, "لم يُصب أحد خلال أعمال البناء")  # inside `hurt`
    across = cite(second, "خمسة عمال أصيبوا…\r\n«سيخدم الجسر 30 ألف مركبة يومياً»")  # crosses `hurt`
    opening = Story(
        id="s-1",
        title=Bilingual(
            ar="افتتاح جسر «الصفاء» بعد ثلاث سنوات", en="Al-Safaa bridge opens after three years"
        ),
        document_ids=("d-bridge-1", "d-bridge-2", "d-bridge-3"),
        first="2021-09-03",
        last="2021-09-05",
        follows=None,
        outlets=("جريدة النهر", "Al-Jisr Online", "bridge-3.txt"),
        title_citations=(cite(first, "افتتاح جسر «الصفاء» بعد ثلاث سنوات"),),
        title_checks=(Check(kind="name", on="en", verdict="pass", detail="الصفاء = Al-Safaa"),),
        summary=(
            SummarySentence(
                ar="افتتحت وزيرة النقل ليلى الحسن، الأحد، جسر الصفاء الذي يربط ضفتي النهر.",
                en="Transport minister Layla al-Hassan opened on Sunday the Safaa bridge, which links both banks.",
                method="extractive",
                citations=(opened,),
                checks=(
                    Check(kind="number", on="en", verdict="pass", detail="no numbers"),
                    Check(kind="name", on="en", verdict="pass", detail="ليلى الحسن = Layla al-Hassan"),
                ),
                reasons=("closest to what all reports say (0.71)", "stands alone"),
                alternatives=("The transport minister opened the bridge on Sunday.",),
            ),
            SummarySentence(
                ar="بلغت كلفة الجسر بين ٤٢ و45 مليون دينار.",
                en="The bridge cost between 42 and 54 million dinars.",
                method="abstractive",
                citations=(cost_1, cost_2),
                checks=(
                    Check(kind="number", on="ar", verdict="pass", detail="42 and 45 are in the sources"),
                    Check(kind="number", on="en", verdict="fail", detail="the Arabic has 45, the English 54"),
                    Check(kind="date", on="en", verdict="unknown", detail="“Sunday” has no date to compare"),
                ),
            ),
            SummarySentence(
                ar="ووفقاً للوزارة، لم يُصب أحد خلال أعمال البناء؛ فيما يقول شهود إن خمسة عمال أصيبوا…",
                en="",
                method="extractive-fallback",
                citations=(hurt, across),
            ),
        ),
        disagreements=(
            Disagreement(
                about=Bilingual(ar="كلفة الجسر", en="Cost of the bridge"),
                kind="number",
                values=(
                    DisagreementValue(
                        value="٤٢ مليون دينار",
                        citations=(cost_1,),
                        label=Bilingual(ar="٤٢ مليون دينار", en="42 million dinars"),
                    ),
                    DisagreementValue(
                        value="45 مليون دينار",
                        citations=(cost_2,),
                        label=Bilingual(ar="45 مليون دينار", en="45 million dinars"),
                    ),
                ),
            ),
            Disagreement(
                about=Bilingual(ar="المصابون", en="Workers hurt"),
                kind="claim",
                values=(
                    DisagreementValue(
                        value="لم يُصب أحد", citations=(said,), label=Bilingual(ar="لا أحد", en="nobody")
                    ),
                    DisagreementValue(
                        value="ثلاثة عمال",
                        citations=(cite(first, "وأصيب ثلاثة عمال خلال البناء."),),
                        label=Bilingual(ar="3 عمال", en="3 workers"),
                    ),
                ),
            ),
        ),
        timeline=(
            TimelineEntry(date="2018-06", ar="بدأ العمل في الجسر.", en="Work began.", citations=(cost_1,)),
            TimelineEntry(
                date="--10-01",
                ar="تبدأ رسوم العبور.",
                en="Tolls begin.",
                citations=(said,),
                checks=(
                    Check(
                        kind="date",
                        on="en",
                        verdict="fail",
                        detail="the Arabic has 1 October, the English none",
                    ),
                ),
            ),
            TimelineEntry(date="2021-09-05", ar="افتُتح الجسر.", en="The bridge opened.", citations=(opened,)),
        ),
    )
    tolls = Story(
        id="s-2",
        title=Bilingual(ar="رسوم عبور على الجسر", en="Tolls on the bridge"),
        document_ids=("d-toll",),
        first="2021-10",
        last="2021-10",
        follows="s-1",
        outlets=("إذاعة المدينة",),
        summary=(
            SummarySentence(
                ar=TOLL, en="The city will charge a toll.", method="edited", citations=(cite(toll, TOLL),)
            ),
        ),
    )
    return Brief(
        created="2021-10-02T06:00:00Z",
        profile="embedded",
        models={
            "translate": ModelInfo(id="ar-en", engine="ctranslate2", licence="CC-BY-4.0"),
            "summarize": ModelInfo(id="extractive", engine="extractive", licence="Apache-2.0"),
        },
        documents=documents,
        stories=(opening, tolls),
        warnings=(
            BriefWarning(subject="broken.pdf", on="document", code="malformed", message="not a PDF file"),
            BriefWarning(subject="d-toll", on="document", code="short", message="one sentence only"),
            BriefWarning(
                subject="s-2", on="story", code="one_outlet", message="only one outlet reports this"
            ),
        ),
    )
