"""The summarizer's training pairs, on articles written for this test: nothing invented, nothing of the evaluation."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from recipes.settings import RecipeError, SummaryPrepareSettings, SummaryRecipe, load_recipe, load_run
from recipes.summaries import (
    SummaryGuard,
    SummaryPair,
    build_pairs,
    cut_to_reference,
    is_held_out,
    supported_part,
)
from summarizer.arabic import content_tokens
from summarizer.shorten import shorten

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "recipes" / "summarize_ar.yaml"

LEAD = "أعلنت وزارة الزراعة اليوم الأحد افتتاح ثلاثة سدود جديدة في الجنوب، مضيفة أن أعمال البناء استمرت أربع سنوات."
MORE = (
    "وقال الوزير سامي حداد إن السدود ستوفر المياه لسبعين ألف مزارع في محافظات الجنوب الأربع خلال فصل الصيف."
)
LAST = "وكانت المنطقة شهدت جفافا شديدا دفع مئات العائلات إلى مغادرة القرى نحو المدن الساحلية بحثا عن العمل."
ARTICLE = f"{LEAD}\n{MORE}\n{LAST}"
SUMMARY = "افتتحت وزارة الزراعة ثلاثة سدود جديدة في الجنوب. وستوفر السدود المياه لسبعين ألف مزارع في محافظات الجنوب."
INVENTED = "وبلغت كلفة المشروع تسعين مليون دولار دفعها البنك الدولي."


def settings(**changes: Any) -> SummaryPrepareSettings:
    recipe = load_run(RECIPE)
    assert isinstance(recipe, SummaryRecipe)
    return recipe.prepare.model_copy(update={"held_out_share": 0.0, "least_support": 0.6, **changes})


def row(article_id: str, text: str = ARTICLE, summary: str = SUMMARY, **more: Any) -> dict[str, Any]:
    title = f"وزارة الزراعة تفتتح سدودا في الجنوب {article_id}"
    return {
        "id": article_id,
        "source": "bbc",
        "title": title,
        "document": text,
        "summaries": [summary],
        **more,
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in rows)


def data(folder: Path, *, articles: list[dict[str, Any]], silver: list[dict[str, Any]]) -> Path:
    write(folder / "sum" / "france24_standfirst_public.jsonl.xz", [])
    write(folder / "sum" / "ant_v2.1_to_2018-07-15.jsonl.xz", articles)
    write(folder / "sum" / "mds_silver_public.jsonl.xz", silver)
    write(folder / "sum" / "easc.jsonl.xz", [])
    return folder


def test_pairs_are_cuts_of_a_sentence_and_summaries_that_the_input_bears_out(tmp_path: Path) -> None:
    pairs, report = build_pairs(
        settings(sentence_counts=[2]), data(tmp_path, articles=[row("a")], silver=[]), seed=1
    )
    kinds = {pair.kind: pair for pair in pairs}
    assert kinds.keys() == {"cut", "abstract"}, report
    assert kinds["cut"].source_text == LEAD
    assert kinds["cut"].target == "أعلنت وزارة الزراعة اليوم الأحد افتتاح ثلاثة سدود جديدة في الجنوب."
    assert shorten(kinds["cut"].target, LEAD) == kinds["cut"].target
    assert kinds["abstract"].target == SUMMARY


def test_a_sentence_that_the_summary_mentions_whole_is_shown_whole(tmp_path: Path) -> None:
    summary = "افتتحت الوزارة السدود بعد أعمال بناء استمرت أربع سنوات في الجنوب."
    folder = data(tmp_path, articles=[row("a", summary=summary)], silver=[])
    pairs, _ = build_pairs(settings(sentence_counts=[2]), folder, seed=1)
    assert [pair for pair in pairs if pair.kind == "whole"] == [SummaryPair(LEAD, LEAD, "whole")]


def test_nothing_of_an_evaluation_text_is_trained_on(tmp_path: Path) -> None:
    other = row("b", text=ARTICLE.replace("سامي حداد", "سامي خوري"))
    cluster = {"meta": [{"id": "a", "title": "عنوان"}], "documents": [LEAD], "summaries": [MORE]}
    folder = data(tmp_path, articles=[row("a"), other], silver=[cluster])
    pairs, report = build_pairs(settings(sentence_counts=[2]), folder, seed=1)
    assert pairs == []
    assert report["abstract"]["held out"] == 1
    assert report["abstract"]["overlaps the evaluation"] == 1
    assert report["cut"]["overlaps the evaluation"] == 1
    guard = SummaryGuard(folder, n=8, held_out_share=0.0)
    assert not guard.overlaps("نص آخر لا يشارك في أي سلسلة من ثماني كلمات متتالية")


def test_an_invented_sentence_of_a_summary_is_left_out() -> None:
    first, second = SUMMARY.split(". ")
    assert supported_part(f"{SUMMARY} {INVENTED}", ARTICLE, least_support=0.6) == SUMMARY
    assert supported_part(f"{INVENTED} {second}", ARTICLE, least_support=0.6) == second
    assert supported_part(INVENTED, ARTICLE, least_support=0.6) == ""
    assert supported_part(f"{INVENTED} وقال إن ذلك كاف.", ARTICLE, least_support=0.6) == ""
    assert first


def test_a_part_that_the_summary_mentions_stays() -> None:
    def cut(reference: str) -> str | None:
        return cut_to_reference(LEAD, Counter(content_tokens(reference)), most_shared=0.2)

    assert cut("افتتاح سدود") == "أعلنت وزارة الزراعة اليوم الأحد افتتاح ثلاثة سدود جديدة في الجنوب."
    assert cut("أعمال البناء استمرت أربع سنوات") is None


def test_the_share_that_is_held_out_is_the_same_everywhere() -> None:
    held = [is_held_out(f"FR-{number}", 0.25) for number in range(2000)]
    assert 0.22 < sum(held) / len(held) < 0.28
    assert is_held_out("FR-culture-1-20180218", 0.25) == is_held_out("FR-culture-1-20180218", 0.25)
    assert not is_held_out("FR-1", 0.0)
    assert is_held_out("FR-1", 1.0)


def test_commands_for_translators_refuse_a_summarizers_recipe() -> None:
    with pytest.raises(RecipeError, match="summarizer"):
        load_recipe(RECIPE)
