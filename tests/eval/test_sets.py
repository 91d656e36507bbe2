"""The shipped sets: their form, their offsets, and that their labels agree with each other."""

from __future__ import annotations

import json
import lzma
import os
import re
from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

SETS = Path(str(resources.files("eval"))) / "sets"
EXAMPLES = Path(__file__).parents[2] / "examples" / "iraq-us-dialogue"
CORPORA = {
    "saudinewsnet_july": "sum/saudinewsnet_july.jsonl.xz",
    "ant": "sum/ant_v2.1_to_2018-07-15.jsonl.xz",
}

_NUMBER = re.compile(
    r"\d+(\.\d+)?%?|\d+/\d+|\d{1,2}:\d{2}|tens|hundreds|thousands|millions|(tens|hundreds) of thousands"
)
_DATE = re.compile(
    r"\d{4}(-\d{2}(-\d{2})?)?|--\d{2}(-\d{2})?|hijri:(\d{3,4}|--\d{2})(-\d{2})*|decade:(\d{2}){1,2}"
    r"|weekday:(mon|tues|wednes|thurs|fri|satur|sun)day|rel:(day|week|month|year)(0|[+-]\d)|rel:(day|week|month|year)s[+-]"
)
_NEGATIONS = {"not", "no longer", "without", "non", "lack", "deny"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def arabic_letters(text: str) -> int:
    return len(re.findall(r"[\u0621-\u064a]", text))


def unique(values: list[str]) -> bool:
    return len(values) == len(set(values))


# --- challenge ------------------------------------------------------------------------------------


def test_challenge_is_large_enough_and_covers_what_it_promises() -> None:
    items = rows("challenge.jsonl")
    assert len(items) >= 220
    assert unique([item["id"] for item in items])
    assert unique([item["ar"] for item in items])
    families = Counter(item["phenomenon"].split("-")[0] for item in items)
    for family in (
        "number percent range ordinal fraction month hijri date dual negation passive name clause quotation reported"
        " score currency unit attribution headline dateline conditional comparative"
    ).split():
        assert families[family] >= 6, family


@pytest.mark.parametrize("item", rows("challenge.jsonl"), ids=lambda item: item["id"])
def test_challenge_item_is_well_formed(item: dict[str, Any]) -> None:
    assert set(item) == {"id", "phenomenon", "ar", "en", "facts", "note"}
    assert arabic_letters(item["ar"]) > 12
    assert arabic_letters(item["en"]) == 0
    assert item["ar"] == item["ar"].strip()
    assert item["en"] == item["en"].strip()
    for fact in item["facts"]:
        value = fact["value"]
        match fact["kind"]:
            case "number":
                assert _NUMBER.fullmatch(value)
            case "date":
                assert _DATE.fullmatch(value)
            case "negation":
                assert value in _NEGATIONS
            case "name":
                assert value.casefold() in item["en"].casefold()
            case other:
                pytest.fail(f"unknown kind {other}")


# --- reports --------------------------------------------------------------------------------------


def test_source_sentences_lie_where_they_say() -> None:
    sentences = rows("reports/source_sentences.jsonl")
    assert len(sentences) >= 60
    assert unique([sentence["id"] for sentence in sentences])
    texts = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.txt")}
    assert {sentence["file"] for sentence in sentences} == set(texts)
    for sentence in sentences:
        assert texts[sentence["file"]][sentence["start"] : sentence["end"]] == sentence["ar"]
        assert sentence["en"]
        assert arabic_letters(sentence["en"]) == 0


def test_summaries_are_their_sentences_and_cite_known_ones() -> None:
    [item] = rows("reports/summaries.jsonl")
    assert item["documents"] == sorted(path.name for path in EXAMPLES.glob("*.txt"))
    assert len(item["references"]) == len(item["references_en"]) == 2
    assert all(100 <= len(reference.split()) <= 140 for reference in item["references"])
    by_summary = defaultdict(list)
    known = {sentence["id"] for sentence in rows("reports/source_sentences.jsonl")}
    for sentence in rows("reports/summary_sentences.jsonl"):
        assert sentence["sources"]
        assert set(sentence["sources"]) <= known
        by_summary[sentence["id"].split("-")[1]].append(sentence)
    for letter, arabic, english in zip("ab", item["references"], item["references_en"], strict=True):
        assert " ".join(sentence["ar"] for sentence in by_summary[letter]) == arabic
        assert " ".join(sentence["en"] for sentence in by_summary[letter]) == english


def test_the_two_summaries_choose_differently() -> None:
    chosen = defaultdict(set)
    for sentence in rows("reports/summary_sentences.jsonl"):
        chosen[sentence["id"].split("-")[1]].update(sentence["sources"])
    shared = chosen["a"] & chosen["b"]
    assert len(shared) < min(len(chosen["a"]), len(chosen["b"])) / 2


# --- clusters -------------------------------------------------------------------------------------


def test_pairs_agree_with_the_stories() -> None:
    labels = {row["id"]: row for row in rows("clusters.jsonl")}
    pairs = rows("cluster_pairs.jsonl")
    assert len(labels) == len(rows("clusters.jsonl"))
    assert unique([f"{pair['a']} {pair['b']}" for pair in pairs])
    for pair in pairs:
        first, second = labels[pair["a"]], labels[pair["b"]]
        assert pair["a"] < pair["b"]
        assert first["corpus"] == second["corpus"] == pair["corpus"]
        assert pair["same"] == (first["cluster"] == second["cluster"])
        assert ("note" in pair) == ("note" in first or "note" in second)


def test_enough_pairs_are_certain_and_hard() -> None:
    certain = [pair for pair in rows("cluster_pairs.jsonl") if "note" not in pair]
    assert len(certain) >= 400
    strata = Counter(pair["stratum"] for pair in certain)
    assert min(strata["same event, other words"], strata["same topic, other event"]) >= 80
    sizes = Counter(row["cluster"] for row in rows("clusters.jsonl"))
    assert sum(size > 1 for size in sizes.values()) >= 60


def test_no_text_of_the_corpora_is_shipped() -> None:
    allowed = {"id", "a", "b", "corpus", "cluster", "same", "band", "stratum", "group", "note"}
    for row in rows("clusters.jsonl") + rows("cluster_pairs.jsonl"):
        assert set(row) <= allowed
        assert row.get("note", "doubtful") == "doubtful"
        assert arabic_letters(json.dumps(row, ensure_ascii=False)) == 0


def test_labelled_reports_are_in_the_corpora() -> None:
    data = os.environ.get("MUJAZ_DATA")
    if not data:
        pytest.skip("set MUJAZ_DATA to the data folder to look the labelled ids up in the corpora")
    wanted = defaultdict(set)
    for row in rows("clusters.jsonl"):
        wanted[row["corpus"]].add(row["id"])
    assert set(wanted) == set(CORPORA)
    for corpus, file in CORPORA.items():
        path = Path(data) / file
        if not path.is_file():
            pytest.skip(f"{path} is not there")
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            found = {json.loads(line)["id"] for line in lines}
        assert wanted[corpus] <= found


# --- top stories ----------------------------------------------------------------------------------


def test_top_stories_are_five_a_day_and_share_no_article() -> None:
    stories = rows("top_stories.jsonl")
    tops = Counter(row["day"] for row in stories if row["top"])
    assert len(tops) == 6
    assert set(tops.values()) == {5}
    assert unique([each for row in stories for each in row["ids"]])
    assert all(row["ids"] for row in stories)
    assert all(set(row) == {"day", "story", "top", "ids"} for row in stories)
    assert arabic_letters(json.dumps(stories, ensure_ascii=False)) == 0
    # The ids end in the day of the article.
    assert all(each.endswith(row["day"].replace("-", "")) for row in stories for each in row["ids"])


# --- what the README says -------------------------------------------------------------------------


def test_readme_counts_are_those_of_the_files() -> None:
    readme = (SETS / "README.md").read_text(encoding="utf-8")
    pairs = rows("cluster_pairs.jsonl")
    sizes = Counter(row["cluster"] for row in rows("clusters.jsonl"))
    for claim in (
        f"challenge.jsonl ({len(rows('challenge.jsonl'))} sentences)",
        f"`source_sentences.jsonl` ({len(rows('reports/source_sentences.jsonl'))})",
        f"clusters.jsonl ({sizes.total()} reports) and cluster_pairs.jsonl ({len(pairs):,} pairs)",
        f"{len(sizes)} stories, {sum(size > 1 for size in sizes.values())} of them of two reports or more",
        f"{sum(pair['same'] for pair in pairs)} are the same",
        f"{sum('note' not in pair for pair in pairs)} pairs are free of it",
        f"top_stories.jsonl ({len(rows('top_stories.jsonl'))} stories of six days)",
    ):
        assert claim in readme
