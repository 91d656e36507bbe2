from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.errors import InputError
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

_CITATION = Citation(document_id="d1", start=3, end=9)
_CHECK = Check(kind="number", on="en", verdict="fail", detail='lost: "2500"')


def brief(text: str = "في العراق ٢٥٠٠ جندي.") -> Brief:
    return Brief(
        created="2021-04-07T00:00:00+00:00",
        profile="embedded",
        models={"translation": ModelInfo(id="m", engine="ctranslate2", licence="Gemma")},
        documents=(
            Document(
                id="d1",
                text=text,
                title="عنوان",
                marks=(Mark(start=0, end=2, kind="title"),),
                shares=(Passage(start=0, end=2, document_id="d2", other_start=4, other_end=6),),
            ),
        ),
        stories=(
            Story(
                id="s1",
                title=Bilingual(ar="عنوان", en="Title"),
                document_ids=("d1",),
                first=None,
                last="2021-04-07",
                follows=None,
                outlets=("الترا عراق",),
                summary=(
                    SummarySentence(
                        ar=text, en="In Iraq.", method="extractive", citations=(_CITATION,), checks=(_CHECK,)
                    ),
                ),
                disagreements=(
                    Disagreement(
                        about=Bilingual(ar="كم؟", en="how many?"),
                        kind="number",
                        values=(
                            DisagreementValue(
                                value="٢٥٠٠", citations=(_CITATION,), label=Bilingual(ar="2,500", en="2,500")
                            ),
                        ),
                    ),
                ),
                timeline=(TimelineEntry(date="--04-07", ar="حدث", en="it happened", citations=(_CITATION,)),),
                title_checks=(_CHECK,),
                title_citations=(_CITATION,),
            ),
        ),
        warnings=(
            BriefWarning(on="document", subject="d9", code="empty", message="is empty"),
            BriefWarning(on="story", subject="s1", code="x", message="y"),
        ),
    )


@given(st.text())
def test_a_brief_survives_its_json(text: str) -> None:
    assert Brief.from_json(brief(text).to_json()) == brief(text)


def test_json_has_the_contracted_keys() -> None:
    plain = json.loads(brief().to_json())
    assert list(plain)[:5] == ["schema_version", "created", "profile", "models", "documents"]
    assert plain["schema_version"] == 1
    assert {"id", "title", "source", "published", "language", "url", "text", "duplicate_of"} <= set(
        plain["documents"][0]
    )
    assert {"ar", "en", "method", "citations", "checks"} <= set(plain["stories"][0]["summary"][0])
    assert plain["warnings"][0] == {"code": "empty", "message": "is empty", "document_id": "d9"}
    assert plain["warnings"][1]["story_id"] == "s1"
    assert "٢٥٠٠" in brief().to_json()  # letters, not escapes


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema_version": 1}', '{"schema_version": 2}'])
def test_what_is_no_brief_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Brief.from_json(text)


def test_quotes_are_exact_and_unknown_documents_are_errors() -> None:
    assert brief().quote(_CITATION) == "العراق"
    with pytest.raises(KeyError):
        brief().document("d2")


def test_failures_are_those_of_the_checks() -> None:
    sentence = brief().stories[0].summary[0]
    assert sentence.failures == (_CHECK,)
    assert dataclasses.replace(sentence, checks=()).failures == ()


def test_an_outlet_stands_for_itself_where_it_is_unknown() -> None:
    assert Document(id="d", text="").outlet == "d"
    assert Document(id="d", text="", origin="a.txt").outlet == "a.txt"
    assert Document(id="d", text="", origin="a.txt", source="رويترز").outlet == "رويترز"
