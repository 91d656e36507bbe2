"""The report: what it says of results is true, what stands in it can do no harm, and it is the same every time."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.util
import json
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval import report as module
from eval.datasets import Dataset
from eval.items import Item
from eval.report import FORMS, render_report
from eval.report_items import MOST_OF_A_SOURCE, compare_words, payload, script_json, words_of
from eval.report_plot import (
    NARROW,
    WIDE,
    Box,
    Point,
    Spot,
    describe,
    front,
    linear_ticks,
    log_ticks,
    place_labels,
    plot,
    shorten,
    split_far,
    strip_of,
    text_width,
)
from eval.report_view import (
    Board,
    advice,
    bucket_cells,
    build_boards,
    conclusions,
    family_of,
    item_scores,
    metric_label,
    name_systems,
    redistributable,
    shown_text,
)
from eval.results import Result, latest, read_results
from summarizer.errors import RenderError


def _load(name: str) -> ModuleType:
    path = Path(__file__).parent / "data" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


sample = _load("report_sample")

HOSTILE = "</script><script>alert(1)</script><!-- <b>x</b> \"'> *a* | `c` [x](javascript:alert(1)) &amp; \u202eأخبار\u2028\u2029 \x00\ud800"


class Page(HTMLParser):
    """A strict reader: elements nest and close, ids are unique. Keeps elements, scripts and visible text."""

    VOID = frozenset(["meta", "br", "input", "link"])

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self.feed(source)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)
            if tag in self.content:
                self.content[tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        opened = self.stack.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in self.content:
            self.content[self.stack[-1]][-1] += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def having(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.elements if attribute in attributes]

    def data(self, board: int = 1) -> dict[str, Any]:
        scripts = [attributes for name, attributes in self.elements if name == "script"]
        index = next(i for i, each in enumerate(scripts) if each.get("id") == f"set-{board}-data")
        value: dict[str, Any] = json.loads(self.content["script"][index])
        return value


def make_results(folder: Path, made: Dataset) -> list[Result]:
    return [
        sample.result(
            folder,
            made,
            "profile:embedded",
            sample.fair(made),
            cost=sample.measured(20, size=80.0),
            size=80.0,
        ),
        sample.result(
            folder, made, "model:big", sample.good(made), cost=sample.measured(2, size=900.0), size=900.0
        ),
        sample.result(folder, made, "files:other", sample.fair(made)),
        sample.result(folder, made, "files:weak", sample.bad(made)),
        sample.result(
            folder, made, "baseline:copy", [item.text for item in made.items], cost=sample.measured(1e6)
        ),
    ]


@pytest.fixture(scope="module")
def made() -> Dataset:
    dataset: Dataset = sample.dataset()
    return dataset


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, made: Dataset) -> list[Result]:
    return make_results(tmp_path_factory.mktemp("results"), made)


@pytest.fixture(scope="module")
def board(results: list[Result], made: Dataset) -> Board:
    boards = build_boards(results, datasets=[made], samples=500)
    assert len(boards) == 1
    return boards[0]


@pytest.fixture(scope="module")
def source(results: list[Result], made: Dataset) -> str:
    return render_report(results, form="html", datasets=[made], samples=500)


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


# --- what it says -------------------------------------------------------------------------------


def test_scores_are_those_of_the_result_files(board: Board, results: list[Result]) -> None:
    for column in board.columns:
        for system in board.systems:
            score = system.result.score(column.name)
            assert score is not None
            cell = column.cells[system.name]
            assert (cell.score, cell.low, cell.high) == (score.score, score.low, score.high)


def test_systems_stand_in_order_and_groups_say_who_is_level(board: Board) -> None:
    assert board.ranked[0].name == "big"
    assert board.primary is not None
    cells = board.primary.cells
    assert cells["embedded"].letters == cells["other"].letters  # the very same outputs
    assert not set(cells["big"].letters) & set(cells["weak"].letters)
    assert [name for name, cell in cells.items() if cell.best] == ["big"]


def test_few_trials_are_raised_until_a_difference_can_be_found(results: list[Result], made: Dataset) -> None:
    column = build_boards(results, datasets=[made], samples=1)[0].primary
    assert column is not None
    assert column.comparison is not None
    assert column.comparison.pairs[0].samples >= 4 * 10 / 0.05
    assert column.cells["big"].letters != column.cells["weak"].letters


def test_a_faithful_baseline_is_not_called_the_best(tmp_path: Path, made: Dataset) -> None:
    two = [
        sample.result(tmp_path, made, "baseline:copy", sample.good(made), metrics=("faults",)),
        sample.result(tmp_path, made, "files:b", sample.bad(made), metrics=("faults",)),
    ]
    faults = build_boards(two, datasets=[made], samples=100)[0].columns[0]
    assert faults.cells["copy"].score < faults.cells["b"].score
    assert [name for name, cell in faults.cells.items() if cell.best] == ["b"]


def test_conclusions_say_what_is_known_and_what_is_not(tmp_path: Path, board: Board, made: Dataset) -> None:
    assert conclusions(board)[0].startswith("big has the highest BLEU, 100.0")
    assert "every other system is significant" in conclusions(board)[1]
    level = [
        sample.result(tmp_path, made, "files:one", sample.fair(made)),
        sample.result(tmp_path, made, "files:two", sample.fair(made)),
    ]
    assert "do not tell one apart from two" in " ".join(
        conclusions(build_boards(level, datasets=[made], samples=100)[0])
    )


def test_an_oracle_is_an_upper_bound_and_never_the_best(tmp_path: Path, made: Dataset) -> None:
    three = [
        sample.result(tmp_path, made, "baseline:oracle,sentences=3", sample.good(made), metrics=("bleu",)),
        sample.result(tmp_path, made, "files:a", sample.fair(made), metrics=("bleu",)),
        sample.result(tmp_path, made, "files:b", sample.bad(made), metrics=("bleu",)),
    ]
    found = build_boards(three, datasets=[made], samples=100)[0]
    assert found.primary is not None
    assert [name for name, cell in found.primary.cells.items() if cell.best] == ["a"]
    assert conclusions(found)[0].startswith("a has the highest BLEU")
    assert "saw the references" in conclusions(found)[1]
    assert "sees the references" in render_report(three, form="md", datasets=[made], samples=100)


def test_advice_names_systems_whose_speed_is_known(board: Board) -> None:
    assert advice(board) == [("Best score", "big"), ("Fastest, smallest", "embedded")]


def test_advice_names_the_fastest_among_equals(tmp_path: Path, made: Dataset) -> None:
    fast = [
        sample.result(tmp_path, made, "model:a", sample.fair(made), cost=sample.measured(1)),
        sample.result(tmp_path, made, "model:b", sample.fair(made), cost=sample.measured(5)),
        sample.result(tmp_path, made, "model:c", sample.bad(made), cost=sample.measured(50)),
    ]
    told = advice(build_boards(fast, datasets=[made], samples=200)[0])
    assert told == [
        ("Best score", "a"),
        ("Fastest of those not told apart from the best", "b"),
        ("Fastest", "c"),
    ]
    assert advice(build_boards(fast[:1], datasets=[made])[0]) == []


def test_buckets_score_the_items_they_name(board: Board) -> None:
    labels = [bucket.label for bucket in board.buckets]
    assert "with numbers" in labels
    assert "places" in labels
    assert "visits" not in labels  # all items: no bucket
    column = board.primary
    assert column is not None
    table = bucket_cells(board, column)
    for number, bucket in enumerate(board.buckets):
        assert column.metric is not None
        expected = column.metric.aggregate(column.rows["weak"][list(bucket.positions)])
        assert table["weak"][number].score == pytest.approx(expected)
    numbers = next(bucket for bucket in board.buckets if bucket.label == "with numbers")
    assert numbers.positions == tuple(index for index in range(board.count) if index % 3 == 0)
    parts = [bucket for bucket in board.buckets if bucket.group == "length"]
    assert sum(len(bucket.positions) for bucket in parts) == board.count


def test_correlation_is_scipys(board: Board) -> None:
    assert board.correlation is not None
    bleu, chrf = board.columns[0], board.columns[1]
    taus, rs = [], []
    for name in bleu.rows:
        one, other = item_scores(bleu, name), item_scores(chrf, name)
        if np.ptp(one) and np.ptp(other):
            taus.append(stats.kendalltau(one, other).statistic)
            rs.append(stats.pearsonr(one, other).statistic)
    assert board.correlation.kendall[0][1] == pytest.approx(np.mean(taus))
    assert board.correlation.pearson[1][0] == pytest.approx(np.mean(rs))


def test_lower_is_better_is_turned_before_correlating(tmp_path: Path, made: Dataset) -> None:
    each = [sample.result(tmp_path, made, "files:one", sample.bad(made), metrics=("bleu", "ter"))]
    correlation = build_boards(each, datasets=[made])[0].correlation
    assert correlation is not None
    assert correlation.kendall[0][1] > 0


def test_item_scores_are_those_of_single_rows(board: Board) -> None:
    for column in board.columns:
        assert column.metric is not None
        alone = [column.metric.aggregate(row[None, :]) for row in column.rows["weak"]]
        assert item_scores(column, "weak") == pytest.approx(alone, nan_ok=True)
    assert len(item_scores(board.columns[0], "nobody")) == 0


# --- what must not be mixed ---------------------------------------------------------------------


def test_other_signatures_get_a_column_of_their_own(tmp_path: Path, made: Dataset) -> None:
    mixed = [
        sample.result(tmp_path, made, "files:one", sample.fair(made), metrics=("bleu",)),
        sample.result(
            tmp_path,
            made,
            "files:two",
            sample.good(made),
            metrics=("bleu",),
            signature={"bleu": "BLEU|other"},
        ),
    ]
    found = build_boards(mixed, datasets=[made])[0]
    assert [(each.signature, list(each.cells)) for each in found.columns][1] == ("BLEU|other", ["two"])
    assert all(each.comparison is None for each in found.columns)
    assert any("different signatures: BLEU" in note for note in found.notes)


def test_other_items_get_a_board_of_their_own(tmp_path: Path, results: list[Result], made: Dataset) -> None:
    few = Dataset(made.card, made.items[:12])
    part = sample.result(tmp_path, few, "profile:embedded", sample.good(few))
    boards = build_boards([part, *results], datasets=[made, few], samples=100)
    assert [each.count for each in boards] == [40, 12]
    assert [system.name for system in boards[1].systems] == ["embedded"]
    assert any("Only one system" in note for note in boards[1].notes)


def test_statistics_of_another_version_are_shown_and_not_tested(
    tmp_path: Path, made: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.metrics import translation

    two = [
        sample.result(tmp_path, made, f"files:{name}", sample.bad(made), metrics=("bleu",)) for name in "ab"
    ]
    monkeypatch.setattr(translation.Bleu, "aggregate", lambda self, rows: 1.0)
    found = build_boards(two, datasets=[made])[0]
    assert found.primary is not None
    assert found.primary.comparison is None
    assert any("Another version" in note for note in found.notes)
    assert "BLEU" in render_report(two, form="html", datasets=[made])


def test_a_metric_that_is_not_here_keeps_its_scores(
    tmp_path: Path, made: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval import report_view
    from summarizer.errors import MissingModelError

    two = [
        sample.result(tmp_path, made, f"files:{name}", sample.bad(made), metrics=("bleu",)) for name in "ab"
    ]

    def gone(name: str) -> None:
        raise MissingModelError(f"{name} needs an extra")

    monkeypatch.setattr(report_view, "load_metric", gone)
    found = build_boards(two, datasets=[made])[0]
    assert found.primary is not None
    assert bucket_cells(found, found.primary) == {}
    assert found.primary.cells["a"].score == two[0].scores[0].score
    page = Page(render_report(two, form="html", datasets=[made]))
    assert "set-1-items" not in page.having("id")


def test_speeds_of_different_machines_are_flagged(tmp_path: Path, made: Dataset) -> None:
    two = [
        sample.result(tmp_path, made, "model:a", sample.good(made), cost=sample.measured(1)),
        sample.result(
            tmp_path,
            made,
            "model:b",
            sample.bad(made),
            cost=sample.measured(2),
            machine={"cpu": "Another", "mixed": True},
        ),
    ]
    notes = " ".join(build_boards(two, datasets=[made], samples=100)[0].notes)
    assert "different machines" in notes
    assert "interrupted" in notes
    assert "Another" in render_report(two, form="md", datasets=[made], samples=100)


def test_names_tell_results_apart(tmp_path: Path, made: Dataset) -> None:
    specs = ["files:x", "model:x", "profile:y", "profile:y"]
    made_ = [
        sample.result(
            tmp_path,
            made,
            spec,
            sample.good(made),
            metrics=("bleu",),
            created=f"2026-01-0{day}T00:00:00+00:00",
        )
        for day, spec in enumerate(specs, 1)
    ]
    names = [each.name for each in name_systems(made_)]
    assert names[:2] == ["files:x", "model:x"]
    assert names[2].startswith("profile:y (2026-01-03")
    assert len(set(names)) == 4
    short = [
        sample.result(tmp_path, made, spec, sample.good(made), metrics=("bleu",))
        for spec in ("baseline:lead,sentences=3", "model:m,beam=1", "model:m,beam=4")
    ]
    assert [(each.name, each.options) for each in name_systems(short)] == [
        ("lead", "sentences=3"),
        ("m,beam=1", ""),
        ("m,beam=4", ""),
    ]
    assert [each.system_id for each in latest(read_results(tmp_path))].count("profile:y") == 1


# --- texts and licences -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("CC-BY-SA-4.0", True),
        ("CC BY 4.0", True),
        ("CC0-1.0", True),
        ("Apache-2.0", True),
        ("CC-BY-SA-3.0 (the Wikipedia texts)", True),
        ("CC-BY-NC-SA-4.0", False),
        ("CC-BY-ND-4.0", False),
        ("the outlets: research only; never redistributed", False),
        ("unclear", False),
        ("the user's own", False),
    ],
)
def test_only_open_licences_show_texts(licence: str, free: bool) -> None:
    assert redistributable(sample.card(licence=licence)) is free


def test_texts_of_others_stay_out_unless_asked_for(tmp_path: Path) -> None:
    closed = sample.dataset(licence="the outlets: never redistributed")
    two = [
        sample.result(tmp_path, closed, "files:a", sample.good(closed)),
        sample.result(tmp_path, closed, "files:b", sample.bad(closed)),
    ]
    silent = render_report(two, form="html", datasets=[closed], samples=100)
    for item in closed.items:
        assert item.text not in silent
        assert item.references[0] not in silent
    rows = Page(silent).data()["items"]
    assert [row["i"] for row in rows] == [item.id for item in closed.items]
    assert "does not say that its texts may be passed on" in Page(silent).text
    asked = Page(render_report(two, form="html", datasets=[closed], texts=True, samples=100)).data()
    assert asked["items"][5]["s"] == [closed.items[5].text]
    assert not Page(
        render_report(two, form="html", datasets=[sample.dataset()], texts=False, samples=100)
    ).data()["texts"]


def test_without_the_dataset_the_page_does_without_sources(tmp_path: Path, made: Dataset) -> None:
    two = [
        sample.result(tmp_path, made, "files:a", sample.good(made)),
        sample.result(tmp_path, made, "files:b", sample.bad(made)),
    ]
    page = Page(render_report(two, form="html", texts=True, samples=100))
    assert "was not at hand" in page.text
    assert page.data()["items"][0]["h"][0] == sample.good(made)[0]
    assert "s" not in page.data()["items"][0]
    assert page.data()["items"][0]["x"] == [[], []]


def test_a_shipped_set_is_found_by_its_id_and_only_used_if_it_is_the_same(tmp_path: Path) -> None:
    from eval.datasets import list_cards, load_dataset

    name = next(
        (card.id for card in list_cards() if card.within == "package" and card.task == "translate"), None
    )
    if name is None:
        pytest.skip("no translation set ships with this version")
    whole = load_dataset(name)
    some = Dataset(whole.card, whole.items[:30])
    mine = sample.result(tmp_path, some, "files:a", sample.good(some), metrics=("chrf2",))
    assert build_boards([mine])[0].items == some.items
    altered = Dataset(whole.card, (Item("x", "نص", ("text",)), *whole.items[1:30]))
    other = sample.result(tmp_path, altered, "files:a", sample.good(altered), metrics=("chrf2",))
    assert build_boards([other])[0].items is None


def test_silver_is_said_wherever_the_set_is_named(tmp_path: Path) -> None:
    silver = sample.dataset(silver=True)
    two = [sample.result(tmp_path, silver, f"files:{name}", sample.bad(silver)) for name in "ab"]
    page = render_report(two, form="html", datasets=[silver], samples=100)
    assert "silver references</b>" in page
    assert "references are silver" in Page(page).text
    assert "SILVER" in render_report(two, form="md", datasets=[silver], samples=100)


# --- the page -----------------------------------------------------------------------------------


def test_the_page_is_whole_and_closed_to_the_network(page: Page, source: str) -> None:
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    for target in page.having("href"):
        assert target.startswith(("#", "https://example.org/"))
        if target.startswith("#"):
            assert target[1:] in ids
    assert not page.having("src")
    assert not page.having("style")  # the policy would not let it work
    assert not [each for each in page.elements if each[0] in ("img", "iframe", "object", "base")]
    assert "@import" not in source
    assert "url(" not in source
    for label in page.having("aria-labelledby"):
        assert set(label.split()) <= set(ids)


def test_the_policy_allows_exactly_this_style_and_script(page: Page) -> None:
    policy = next(
        str(each["content"])
        for each in page.all("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = page.content["style"]
    script = page.content["script"][-1]
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    runs = [each for each in page.all("script") if each.get("type") != "application/json"]
    assert len(runs) == 1


def test_the_page_shows_what_a_reader_needs(page: Page) -> None:
    for words in (
        "Nobody said these sentences.", "none, as they are new", "Leaderboard", "Quality, speed and size", "Faithfulness", "Cost",
        "Do the metrics agree?", "Item by item", "BLEU by kind of item", "All pairs, BLEU (10)", "Test CPU, 2 cores, 8 GB of memory",
        "outputs from a file", "baseline",
    ):  # fmt: skip
        assert words in page.text, words
    assert any("nrefs:1" in line for line in page.text.splitlines())
    arabic = [attributes for _, attributes in page.elements if attributes.get("lang") == "ar"]
    assert arabic
    assert all(each.get("dir") == "rtl" for each in arabic)


def test_items_carry_texts_marks_and_scores(page: Page, made: Dataset, board: Board) -> None:
    data = page.data()
    assert [each["name"] for each in data["systems"]] == [each.name for each in board.ranked]
    assert data["languages"] == ["ar", "en"]
    assert data["directions"] == ["rtl", "ltr"]
    weak = [each["name"] for each in data["systems"]].index("weak")
    for row, item in zip(data["items"], made.items, strict=True):
        assert row["s"] == [item.text]
        assert row["r"] == list(item.references)
        words, reference = row["h"][weak].split(" "), item.references[0].split(" ")
        marked = {
            i
            for start, length in zip(row["x"][weak][::2], row["x"][weak][1::2], strict=True)
            for i in range(start, start + length)
        }
        rebuilt = []  # what is not marked, with what is missing put in, is the reference
        missing = dict(row["m"][weak])
        for i, word in enumerate([*words, None]):
            rebuilt += missing.get(i, "").split()
            rebuilt += [word] if word is not None and i not in marked else []
        assert [each.casefold() for each in rebuilt] == [each.casefold() for each in reference]
    assert data["items"][3]["v"][weak][0] == pytest.approx(item_scores(board.columns[0], "weak")[3], abs=1e-3)


def test_the_same_results_give_the_same_bytes(results: list[Result], made: Dataset, source: str) -> None:
    assert render_report(results, form="html", datasets=[made], samples=500) == source
    assert render_report(list(reversed(results)), form="md", datasets=[made], samples=100) == render_report(
        results, form="md", datasets=[made], samples=100
    )


def test_hostile_texts_names_and_cards_stay_text(tmp_path: Path) -> None:
    name = HOSTILE.replace("\ud800", "")
    items = tuple(Item(f"{HOSTILE}{index}", HOSTILE + f" {index}", (HOSTILE,)) for index in range(12))
    evil = sample.dataset(
        items,
        title=name,
        caveats=(HOSTILE,),
        overlap=HOSTILE,
        source="javascript:alert(1)",
        citation=HOSTILE,
    )
    two = [
        sample.result(
            tmp_path,
            evil,
            f"model:{name}",
            [HOSTILE] * 12,
            metrics=("chrf2",),
            cost=sample.measured(3, size=5.0),
        ),
        sample.result(tmp_path, evil, "files:b", ["x"] * 12, metrics=("chrf2",), cost=sample.measured(5)),
    ]
    source = render_report(two, form="html", datasets=[evil], samples=100, title=HOSTILE)
    source.encode()  # no lone surrogate is left
    page = Page(source)
    assert len([each for each in page.all("script") if not each.get("type")]) == 1
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert not any(target.startswith("javascript") for target in page.having("href"))
    assert "alert(1)" in page.text
    row = page.data()["items"][0]
    assert row["s"][0].startswith("</script><script>alert(1)")
    markdown = render_report(two, form="md", datasets=[evil], samples=100, title=HOSTILE)
    assert "<script" not in markdown
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)


def test_summaries_of_several_reports(tmp_path: Path) -> None:
    stories = tuple(
        Item(
            f"s{index}",
            (
                f"التقى الوزير {index} مسؤولين في بغداد اليوم. وبحث معهم ملفات عدة.",
                "x " * (20 if index else MOST_OF_A_SOURCE),
            ),
            (f"التقى الوزير {index} مسؤولين.",),
        )
        for index in range(12)
    )
    made = sample.dataset(stories, task="summarize", languages=("ar",))
    plain = [f"التقى الوزير {index} مسؤولين في عمان." for index in range(12)]
    mapped = [{"text": each, "sentences": [{"text": each, "citations": []}]} for each in plain]
    metrics = ("rouge1", "rouge2", "rougeL", "rouge1-stem", "rougeL-stem", "faults", "novelty2", "words")
    two = [
        sample.result(tmp_path, made, "profile:embedded", mapped, metrics=metrics, cost=sample.measured(1)),
        sample.result(tmp_path, made, "baseline:lead", plain, metrics=metrics, cost=sample.measured(20)),
    ]
    page = Page(render_report(two, form="html", datasets=[made], samples=100))
    data = page.data()
    assert data["mode"] == "bag"
    assert data["languages"] == ["ar", "ar"]
    assert data["directions"] == ["rtl", "rtl"]
    assert len(data["items"][0]["s"]) == 2
    assert len(data["items"][0]["s"][1]) <= MOST_OF_A_SOURCE + 5
    assert data["items"][0]["h"] == [plain[0], plain[0]]
    assert data["items"][0]["x"][0] == [4, 2]  # "في عمان" is in no reference
    for words in (
        "Other scores",
        "ROUGE-L (stems)",
        "What the outputs are like",
        "New 2-grams (%)",
        "ROUGE-1",
    ):
        assert words in page.text
    words_column = next(
        each for each in build_boards(two, datasets=[made], samples=100)[0].columns if each.name == "words"
    )
    assert not any(cell.best for cell in words_column.cells.values())


def test_a_clustering_has_no_buckets(tmp_path: Path) -> None:
    reports = tuple(Item(f"r{index}", f"تقرير {index}", (), {"cluster": index // 3}) for index in range(12))
    made = sample.dataset(reports, task="cluster", languages=("ar",))
    two = [
        sample.result(
            tmp_path, made, "profile:embedded", [index // 3 for index in range(12)], metrics=("bcubed-f1",)
        ),
        sample.result(
            tmp_path, made, "baseline:tfidf", [index // 2 for index in range(12)], metrics=("bcubed-f1",)
        ),
    ]
    found = build_boards(two, datasets=[made], samples=100)[0]
    assert found.buckets == ()
    assert found.correlation is None
    assert (
        Page(render_report(two, form="html", datasets=[made], samples=100)).data()["items"][4]["h"][0] == "1"
    )


def test_markdown_tables_have_as_many_cells_in_every_line(results: list[Result], made: Dataset) -> None:
    text = render_report(results, form="md", datasets=[made], samples=100)
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert len(tables) >= 4
    for table in tables:
        lines = table.strip().split("\n")
        assert len({line.count("|") for line in lines}) == 1, table
        assert set(lines[1]) <= set("|-:")
    assert "**100.0** <sup>a</sup>" in text
    assert "nrefs:1" in text
    assert "Nobody said these sentences." in html.unescape(text)
    assert "<script" not in text


def test_unknown_forms_and_nothing_to_report(results: list[Result]) -> None:
    assert FORMS == ("md", "html")
    with pytest.raises(RenderError, match="unknown form 'pdf'"):
        render_report(results, form="pdf")  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="no results"):
        render_report([], form="md")


def test_the_theme_is_the_briefs(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    assert "--accent: #0f5d57" in source
    monkeypatch.setattr(module, "_THEME_ENDS", "/* not there */")
    with pytest.raises(RenderError, match="theme"):
        module._theme()


# --- word differences ---------------------------------------------------------------------------


def marks(hypothesis: str, *references: str, mode: Any = "align") -> tuple[list[str], list[tuple[int, str]]]:
    words = words_of(hypothesis)
    runs, missing = compare_words(words, [words_of(each) for each in references], mode=mode)
    return [
        " ".join(words[start : start + length]) for start, length in zip(runs[::2], runs[1::2], strict=True)
    ], missing


def test_words_are_aligned_in_order() -> None:
    assert marks("The house was no big deal.", "The house was not so important.") == (
        ["no big deal."],
        [(6, "not so important.")],
    )
    assert marks("a b c", "a c") == (["b"], [])
    assert marks("a c", "a b c") == ([], [(1, "b")])
    assert marks("", "a b") == ([], [(0, "a b")])
    assert marks("a", *()) == ([], [])


def test_case_punctuation_and_spelling_variants_are_no_difference() -> None:
    assert marks("“HELLO,” he said – twice", "Hello he said twice") == ([], [])
    assert marks("إلى الأُمّـة ٢٠٢١", "الى الامة 2021") == ([], [])


def test_the_reference_that_is_most_alike_counts() -> None:
    assert marks("a b c d", "w x y z", "a b c e") == (["d"], [(4, "e")])


def test_a_bag_knows_no_order() -> None:
    assert marks("c b a x", "a b c", mode="bag") == (["x"], [])
    assert marks("c x", "a b", "c", mode="bag") == (["x"], [])


def test_very_long_texts_are_compared_as_bags() -> None:
    assert marks("b " * 500 + "x", "a b") == (["x"], [])


@given(st.text(), st.lists(st.text(), max_size=3), st.sampled_from(["align", "bag"]))
def test_marks_lie_in_the_text(hypothesis: str, references: list[str], mode: Any) -> None:
    words = words_of(hypothesis)
    runs, missing = compare_words(words, [words_of(each) for each in references], mode=mode)
    last = -1
    for start, length in zip(runs[::2], runs[1::2], strict=True):
        assert start > last
        assert length > 0
        last = start + length - 1
    assert last < len(words)
    assert all(0 <= place <= len(words) and gone for place, gone in missing)
    assert compare_words(words, [words], mode=mode) == ([], [])


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_in_the_page_never_ends_its_element(value: Any) -> None:
    told = str(script_json(value))
    assert not set("<>&\u2028\u2029") & set(told)
    told.encode()
    json.loads(told)


def test_large_sets_are_thinned_evenly(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    from eval import report_items

    monkeypatch.setattr(report_items, "MOST_CHARACTERS", 9000)
    value = payload(board, languages=("ar", "en"), directions=("rtl", "ltr"))
    assert value is not None
    kept = [row["n"] for row in value["items"]]
    assert 5 < len(kept) < board.count
    assert kept[0] == 0
    assert kept[-1] == board.count - 1
    assert max(b - a for a, b in pairwise(kept)) <= 2 * board.count // len(kept)
    assert value["total"] == board.count


def test_facts_are_shown_as_text() -> None:
    facts = [{"kind": "number", "value": "25", "surface": "٢٥"}, {"kind": "date", "value": "2021"}]
    assert shown_text(facts) == "number: 25 (٢٥)\ndate: 2021"
    assert shown_text({"text": "x"}) == "x"
    assert shown_text(7) == "7"


# --- the plot -----------------------------------------------------------------------------------


def point(name: str, score: float, speed: float | None = None, **more: Any) -> Point:
    return Point(name=name, score=score, low=score - 1, high=score + 1, speed=speed, **more)


def boxes_of(svg: str) -> list[tuple[str, Box]]:
    found = []
    for x, y, anchor, name in re.findall(
        r'<text class="name" x="([\d.-]+)" y="([\d.-]+)" text-anchor="(\w+)" direction="ltr">(.*?)</text>',
        svg,
    ):
        width = text_width(html.unescape(name))
        left = float(x) - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        found.append((name, Box(left, float(y) - 11, left + width, float(y) + 3)))
    return found


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_labels_of_crowded_systems_do_not_overlap(shape: Any) -> None:
    points = [
        point(f"system-number-{index}", 40 + index * 0.1, 5 + index * 0.2, size=50.0 + index)
        for index in range(9)
    ]
    points += [point(f"remote {index}", 41 + index * 0.05) for index in range(6)]
    drawing = plot(
        points, metric="BLEU", unit="sentences", higher_is_better=True, shape=shape, identifier="p"
    )
    boxes = boxes_of(str(drawing.svg))
    assert len(boxes) + len(drawing.unlabelled) == 15
    for index, (_, one) in enumerate(boxes):
        assert one.left >= 0
        assert one.right <= shape.width
        for _, other in boxes[index + 1 :]:
            assert one.overlap(other) < 1.5  # rounding of coordinates
    assert drawing.unlabelled == ()


@given(
    st.lists(
        st.tuples(st.floats(0, 300), st.floats(0, 200), st.floats(3, 20), st.floats(5, 120)),
        min_size=1,
        max_size=12,
    )
)
def test_placed_labels_are_free_wherever_points_lie(rows: list[tuple[float, float, float, float]]) -> None:
    area = Box(0, 0, 320, 220)
    spots = [Spot(x, y, radius, y - 5, y + 5) for x, y, radius, _ in rows]
    boxes = place_labels(spots, [width for *_, width in rows], area)
    placed = [box for box in boxes if box is not None]
    for index, box in enumerate(placed):
        assert box.inside(area)
        assert not any(box.overlap(other) for other in placed[index + 1 :])
        assert not any(box.overlap(spot.boxes[0]) for spot in spots)


def test_a_label_without_room_is_named_elsewhere() -> None:
    assert place_labels([Spot(5, 5, 4, 4, 6)], [50.0], Box(0, 0, 20, 20)) == [None]


def test_better_is_up_for_every_metric() -> None:
    for higher in (True, False):
        svg = str(
            plot(
                [point("a", 60, 1.0), point("b", 40, 2.0)],
                metric="M",
                unit="texts",
                higher_is_better=higher,
                shape=WIDE,
                identifier="p",
            ).svg
        )
        heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)" r="4.5"', svg)]
        assert (heights[0] < heights[1]) is higher
        assert ("lower is better" in svg) is not higher


def test_the_picture_is_told_in_words() -> None:
    points = [point("<a>", 60, 1.0, size=1500.0), point("b", 40), point("c", math.nan, 3.0)]
    svg = str(
        plot(points, metric="BLEU", unit="sentences", higher_is_better=True, shape=WIDE, identifier="p").svg
    )
    assert 'role="img" aria-labelledby="p-t p-d"' in svg
    assert "&lt;a&gt;: BLEU 60.0 (59.0 to 61.0), 1.0 sentences a second, 1.5 GB; b: BLEU 40.0" in svg
    assert "speed not measured" in svg
    assert "<a>" not in svg
    assert describe([point("b", 40, 12.0)], metric="M", unit="texts").startswith("b: M 40.0")


def test_the_front_holds_what_nothing_beats() -> None:
    points = [
        point("slow-good", 50, 1),
        point("fast-fair", 40, 10),
        point("slow-fair", 39, 5),
        point("unknown", 60),
    ]
    assert [each.name for each in front(points, higher_is_better=True)] == ["slow-good", "fast-fair"]
    assert front([*points, point("oracle", 90, 20, oracle=True)], higher_is_better=True) == front(
        points, higher_is_better=True
    )
    assert [each.name for each in front(points, higher_is_better=False)] == ["slow-fair", "fast-fair"]


def test_baselines_far_off_are_told_and_not_drawn() -> None:
    systems = [point("a", 40, 5), point("b", 30, 2)]
    copy, lead = point("copy", 35, 1e6, baseline=True), point("lead", 36, 100, baseline=True)
    bottom = point("bottom", 1, 3, baseline=True)
    assert split_far([*systems, copy, lead, bottom]) == ([*systems, lead], [copy, bottom])
    assert split_far([copy, lead]) == ([copy, lead], [])
    drawing = plot(
        [*systems, copy], metric="M", unit="texts", higher_is_better=True, shape=WIDE, identifier="p"
    )
    assert drawing.far[0].startswith("copy: M 35.0")


@given(st.floats(-50, 500), st.floats(0.001, 400))
def test_linear_axes_hold_their_values(low: float, span: float) -> None:
    ticks = linear_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + span - 1e-6
    assert 2 <= len(ticks) <= 9


@given(st.floats(0.001, 1e6), st.floats(1, 1e6))
def test_log_axes_hold_their_values(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)
    assert ticks[0] <= low * (1 + 1e-9)
    assert ticks[-1] >= low * factor * (1 - 1e-9)
    assert 2 <= len(ticks) <= 16
    assert ticks == sorted(ticks)


def test_names_are_shortened_in_the_middle() -> None:
    assert shorten("bergamot-base-memory", 15) == "bergamo…-memory"
    assert shorten("short", 15) == "short"
    assert text_width("مُوجَز") == text_width("موجز")
    assert text_width("新") > text_width("a")


def test_strips_stay_on_their_scale() -> None:
    assert 'cx="100" ' in str(strip_of(50, 40, 60, scale=(0, 100)))
    assert 'class="off"' in str(strip_of(1, 0, 2, scale=(10, 20)))
    assert 'class="off"' in str(strip_of(99, 98, 100, scale=(10, 20)))
    assert str(strip_of(math.nan, 0, 1, scale=(0, 1))) == ""


# --- words of the report ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label", "family"),
    [
        ("bleu", "BLEU", "quality"),
        ("chrf++", "chrF++", "quality"),
        ("rouge1", "ROUGE-1", "quality"),
        ("rougeLsum-en-stem", "ROUGE-Lsum (English, stems)", "quality"),
        ("xlsum-rouge2", "ROUGE-2 (XL-Sum)", "quality"),
        ("bcubed-f1", "B³ F1", "quality"),
        ("bcubed-precision", "B³ precision", "quality"),
        ("facts-span-f1", "Facts span F1", "quality"),
        ("invented-numbers", "Invented numbers", "faithfulness"),
        ("citation-precision", "Citation precision", "faithfulness"),
        ("novelty2", "New 2-grams (%)", "description"),
        ("my.module:Metric", "My.module:Metric", "quality"),
    ],
)
def test_metrics_have_names_and_families(name: str, label: str, family: str) -> None:
    assert metric_label(name) == label
    assert family_of(name) == family


# --- the real thing -----------------------------------------------------------------------------


def test_six_public_systems_on_flores(corpora: Path, tmp_path: Path) -> None:
    from eval.datasets import load_dataset

    made = load_dataset("flores200-devtest", data=corpora, limit=150)
    files = sorted((corpora / "mt_eval" / "systems").glob("*.en"))
    found = [
        sample.result(
            tmp_path,
            made,
            f"files:{path.stem}",
            path.read_text(encoding="utf-8").split("\n")[:150],
            metrics=("bleu", "chrf2"),
        )
        for path in files
    ]
    boards = build_boards(found, data=corpora, samples=500)
    assert boards[0].items == made.items
    assert boards[0].ranked[-1].name.endswith("argos")
    page = Page(render_report(found, form="html", data=corpora, samples=500))
    assert len(page.data()["items"]) == 150
