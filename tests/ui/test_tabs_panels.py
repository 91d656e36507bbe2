"""What the tabs do and show, without a browser: real panels on a small world, every foreign word escaped."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eval.votes import read_votes
from summarizer.models import ModelSpec, ModelStatus, Registry
from summarizer.server.jobs import JobQueue, runner
from tests.conftest import EXAMPLES, ROOT
from tests.ui.tabs_world import HOSTILE, REPORTS, TwoProfiles, make_archive, make_results
from ui.boards import Boards
from ui.comparison import Contestant, contestants, example_text
from ui.context import PageContext
from ui.installed import Lookout, look
from ui.items import PAGE_SIZE, ItemQuery, browse
from ui.tabs import benchmarks, briefings, compare, models
from ui.tabs._markup import render_note
from ui.texts import LANGUAGES, Language, Texts

EN, AR = Texts("en"), Texts("ar")


class _Reader(HTMLParser):
    """Knows the elements of a page, that they nest, and its visible text."""

    VOID = frozenset(["br", "img", "input", "meta", "link", "hr"])

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._open = "", []  # type: ignore[var-annotated]
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_safe(html: str) -> _Reader:
    """Read a page and see that it can do nothing by itself."""
    page = _Reader(html)
    for tag, attributes in page.tags:
        assert tag not in ("script", "img", "object", "embed", "form"), tag
        assert not any(name.startswith("on") for name in attributes), attributes
        assert not str(attributes.get("href", "")).lower().startswith(("javascript", "data"))
    return page


# --- models -------------------------------------------------------------------------------------


class _Absent(Registry):
    """The shipped registry on a machine where ``missing`` models are not there."""

    def __init__(self, missing: dict[str, str]) -> None:
        shipped = Registry.load()
        super().__init__(
            models=shipped.models, profiles=shipped.profiles, default_profile=shipped.default_profile
        )
        self.missing, self.asked = missing, 0

    def status(self, model_id: str) -> ModelStatus:
        self.asked += 1
        problem = self.missing.get(model_id)
        return ModelStatus(
            spec=self.model(model_id), ready=problem is None, problem=problem or "", disk_mb=136.0
        )


def hub_models(registry: Registry) -> dict[str, ModelSpec]:
    return {name: spec for name, spec in registry.models.items() if spec.source_kind == "hub"}


@pytest.fixture
def offline() -> _Absent:
    found = hub_models(Registry.load())
    return _Absent({name: f"{name} needs torch, transformers: pip install 'mujaz[hub]'" for name in found})


def test_what_a_profile_lacks_comes_with_its_commands_and_size(offline: _Absent) -> None:
    installed = look(offline)
    assert installed.profiles[0].name == offline.default_profile
    assert installed.profiles[0].ready
    assert installed.profiles[0].commands == ()
    standard = next(each for each in installed.profiles if each.name == "standard")
    assert standard.commands == ("pip install 'mujaz[hub]'", "mujaz models fetch --profile standard")
    used = {model.spec.id for model in standard.needed if not model.ready}
    assert standard.download_mb == sum(offline.models[name].size_mb for name in used) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_models_page_flags_licences_and_offers_no_download(offline: _Absent, language: Language) -> None:
    texts = Texts(language)
    page = read_safe(models.render_models(look(offline), texts))
    assert not any(tag in ("button", "a") for tag, _ in page.tags)
    flagged = sum(spec.non_commercial for spec in offline.models.values())
    assert flagged > 0
    assert page.text.count(texts("models.noncommercial")) >= flagged
    for name in offline.models:
        assert name in page.text
    assert "mujaz models fetch --profile standard" in page.text


def test_what_a_models_file_says_is_text(offline: _Absent) -> None:
    page = read_safe(models.render_models(look(TwoProfiles()), EN))
    assert HOSTILE in page.text


def test_one_look_serves_everybody_for_a_while(offline: _Absent) -> None:
    now = [0.0]
    lookout = Lookout(offline, clock=lambda: now[0])
    first = lookout.see()
    asked = offline.asked
    assert lookout.see() is first
    assert lookout.see(fresh=True) is first  # somebody just looked
    assert offline.asked == asked
    now[0] = 5.0
    assert lookout.see() is first
    assert lookout.see(fresh=True) is not first
    now[0] = 500.0
    lookout.see()
    assert offline.asked == 3 * asked


# --- compare ------------------------------------------------------------------------------------


def test_one_profile_alone_can_be_compared_with_its_glossary(offline: _Absent) -> None:
    found = contestants(
        [profile for profile in look(offline).profiles if profile.name not in ("careful", "fused")]
    )
    assert [each.name for each in found][:2] == ["embedded", "embedded+glossary"]
    served = [profile.name for profile in look(offline).profiles if profile.needs_server]
    assert [each.profile for each in found[2:]] == [*served, *served]
    assert all(Contestant.of(each.name) == each for each in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_one_profile_runs_the_tab_says_how_to_get_another(offline: _Absent, language: Language) -> None:
    from ui.tabs._markup import render

    alone = [profile for profile in look(offline).profiles if profile.name not in ("careful", "fused")]
    page = read_safe(render("compare_lead", Texts(language), profiles=alone))
    assert "pip install 'mujaz[hub]'" in page.text
    assert "mujaz models fetch --profile standard" in page.text
    assert "mujaz serve --models FILE" in page.text
    two = read_safe(render("compare_lead", Texts(language), profiles=look(TwoProfiles()).profiles))
    assert "mujaz" not in two.text


@pytest.fixture(scope="module")
def queue() -> Iterator[JobQueue]:
    made = JobQueue(runner(TwoProfiles()), client_limit=8)
    yield made
    made.close()


@pytest.fixture
def panel(queue: JobQueue, tmp_path: Path) -> compare.Panel:
    context = PageContext(
        queue=queue, registry=TwoProfiles(), results=tmp_path, archive=None, votes=tmp_path / "votes.jsonl"
    )
    return compare.Panel(context, EN)


def run(panel: compare.Panel, *given: Any) -> list[list[Any]]:
    """Return everything that the tab showed; ``given`` are the values of its components."""
    names = ("first", "second", "mode", "pasted", "uploads", "sentences", "glossary")
    values = dict(zip(names, ("embedded", "fast", "open", REPORTS, None, 0, ""), strict=True)) | dict(given)  # type: ignore[arg-type]

    async def collect() -> list[list[Any]]:
        request: Any = SimpleNamespace(request=None, session_hash="s")
        return [each async for each in panel.compare(**values, request=request)]

    return asyncio.run(collect())


def test_two_profiles_side_by_side(panel: compare.Panel) -> None:
    shown = run(panel)
    assert all(len(each) == len(shown[0]) for each in shown)
    page = read_safe(shown[-1][0])
    assert "embedded" in page.text
    assert "fast" in page.text
    assert 'invented: "77"' in page.text
    marked = re.findall(r'<mark class="mt-diff">(.*?)</mark>', shown[-1][0])
    assert any("77 more" in each for each in marked)
    assert shown[0][-2], "the jobs of a comparison are known while it runs, so that it can be cancelled"
    assert shown[-1][-2] == []


def test_the_glossary_is_a_side_of_its_own(panel: compare.Panel) -> None:
    shown = run(panel, ("second", "embedded+glossary"), ("glossary", "بغداد,Baghdad City"))
    page = read_safe(shown[-1][0])
    assert EN("compare.with_glossary", name="embedded") in page.text


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("second", "embedded"), "compare.same_sides"),
        (("second", None), "compare.none_ready"),
        (("pasted", "  "), "compare.nothing"),
        (("second", "fast+glossary"), "compare.no_glossary"),
    ],
)
def test_what_cannot_be_compared_is_said(panel: compare.Panel, change: tuple[str, Any], key: str) -> None:
    (shown,) = run(panel, change)
    assert EN(key) in read_safe(shown[0]).text


def test_a_failing_side_is_told_and_harmless(panel: compare.Panel) -> None:
    shown = run(panel, ("pasted", f"{HOSTILE} not Arabic at all"))
    page = read_safe(shown[-1][0])
    assert 'role="alert"' in shown[-1][0]
    assert page.text.strip()
    assert shown[-1][-2] == []


def test_a_blind_vote_is_stored_once_and_then_revealed(panel: compare.Panel) -> None:
    shown = run(panel, ("mode", "blind"))[-1]
    html, session = shown[0], shown[1]
    assert "fast" not in html
    assert "embedded" not in html
    assert not panel.context.votes.exists()
    after = panel.vote("first", session, "Layla", False)
    again = panel.vote("second", session, "Layla", False)
    (vote,) = read_votes(panel.context.votes)
    assert vote.winner == session.ballots[0].contestants(session.sides)[0].name
    assert (vote.voter, vote.texts) == ("Layla", None)
    assert "fast" in after[0]
    assert again[0] == after[0]


def test_a_vote_that_cannot_be_stored_is_not_counted(panel: compare.Panel) -> None:
    session = run(panel, ("mode", "blind"))[-1][1]
    panel.context.votes.mkdir()
    shown = panel.vote("tie", session, "", True)
    assert EN("compare.not_stored") in shown[0]
    assert session.answer is None


def test_the_example_is_one_paste_of_five_reports() -> None:
    text = example_text(EXAMPLES)
    assert text.count("\n---\n") == 4
    for path in EXAMPLES.glob("*.txt"):
        assert path.read_text(encoding="utf-8").strip() in text


def test_the_models_file_of_the_guide_gives_a_second_profile(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    path = tmp_path / "wider.yaml"
    path.write_text(guide.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    registry = Registry.load(path)
    names = [each.name for each in contestants(look(registry).profiles)]
    assert {"embedded", "wider"} <= set(names)
    shipped, wider = (registry.task_model("translation", name) for name in ("embedded", "wider"))
    assert wider.generation.beam > shipped.generation.beam
    same = {"feed", "source", "adapter", "input_limit", "word_limit", "latin_names", "licence", "size_mb"}
    assert wider.model_dump(include=same) == shipped.model_dump(include=same)


# --- benchmarks ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    make_results(folder)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_board_has_the_scores_of_the_report(results: Path, language: Language) -> None:
    panel = benchmarks.Panel(Boards(results), Texts(language))
    live, choice, board, *_, signature = panel.arrive(None)
    page = read_safe(board)
    assert HOSTILE in page.text
    (chosen,) = panel.boards.choices()
    assert choice["value"] == chosen.key
    for result in chosen.results:
        for score in result.scores:
            assert f"{score.score:.1f}" in page.text
    assert Texts(language)("benchmarks.partial_of", n=16) in read_safe(live).text
    assert panel.tick(chosen.key, signature)[0] != ""
    assert panel.boards.view(chosen) is panel.boards.view(panel.boards.choices()[0]), "worked out once"


def test_items_are_found_ordered_and_turned(results: Path) -> None:
    boards = Boards(results)
    (chosen,) = boards.choices()
    data = boards.items(chosen)
    assert data is not None
    every = range(-(-len(data["items"]) // PAGE_SIZE))
    seen = [item.number for page in every for item in browse(data, ItemQuery(page=page)).items]
    assert seen == list(range(1, len(data["items"]) + 1))
    last = browse(data, ItemQuery(page=10**6))
    assert (last.page, last.pages) == (len(every) - 1, len(every))

    poor = next(number for number, each in enumerate(data["systems"]) if "poor" in each["name"])
    for order, sign in (("worst", 1), ("best", -1)):
        found = [
            output.score
            for page in every
            for item in browse(data, ItemQuery(system=poor, order=order, page=page)).items  # type: ignore[arg-type]
            for output in item.outputs
        ]
        assert found == sorted(found, key=lambda score: sign * score)
    gaps = browse(data, ItemQuery(system=poor, other=1 - poor, order="gap")).items[0].outputs
    assert gaps[0].score < gaps[1].score

    one = browse(data, ItemQuery(words=data["items"][7]["i"])).items
    assert data["items"][7]["i"] in [item.id for item in one]
    word = data["items"][3]["s"][0].split()[0]
    assert 4 in [
        item.number for page in every for item in browse(data, ItemQuery(words=word, page=page)).items
    ]
    assert browse(data, ItemQuery(words=HOSTILE)).found == 0


def test_an_output_is_shown_whole_with_its_wrong_words_marked(results: Path) -> None:
    boards = Boards(results)
    data = boards.items(boards.choices()[0])
    assert data is not None
    poor = next(number for number, each in enumerate(data["systems"]) if "poor" in each["name"])
    for page in range(3):
        for item in browse(data, ItemQuery(system=poor, page=page)).items:
            (output,) = item.outputs
            assert "".join(piece.text for piece in output.pieces).endswith(" and so on and on")
            assert output.pieces[-1].changed
    clean = browse(data, ItemQuery(system=1 - poor)).items
    assert not any(piece.changed for item in clean for output in item.outputs for piece in output.pieces)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_item_browser_shows_two_systems_beside_each_other(results: Path, language: Language) -> None:
    panel = benchmarks.Panel(Boards(results), Texts(language))
    (chosen,) = panel.boards.choices()
    html, page, previous, following = panel.turn(1, 0, chosen.key, 0, 1, 0, "set", "")
    read = read_safe(html)
    assert HOSTILE in read.text
    assert page == 1
    assert previous["interactive"]
    assert following["interactive"]
    assert panel.first_page(chosen.key, 0, benchmarks.NOBODY, 0, "set", "")[1] == 0


def test_a_new_result_is_shown_by_the_next_tick(tmp_path: Path) -> None:
    panel = benchmarks.Panel(Boards(tmp_path), EN)
    *_, signature = panel.arrive(None)
    assert "mujaz bench run" in panel.arrive(None)[2]
    make_results(tmp_path, running=False)
    shown = panel.tick(None, signature)
    assert "good" in shown[2]
    assert shown[-1] != signature


def test_a_broken_result_is_told(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / f"{'0' * 16}.json").write_text(json.dumps({"schema_version": 99}), encoding="utf-8")
    shown = benchmarks.Panel(Boards(tmp_path), EN).arrive(None)
    assert EN("benchmarks.problem") in read_safe(shown[2]).text


# --- briefings ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("archive") / "archive.sqlite"
    make_archive(path)
    return str(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_archive_by_day_by_word_and_as_cards(archive: str, language: Language) -> None:
    panel = briefings.Panel(briefings.Shelf(archive), Texts(language))
    _, contents, day, newest = panel.arrive()
    assert contents["visible"]
    assert [value for _, value in day["choices"]] == ["", "2021-09-04", "2021-09-03"]
    ((label, number),) = newest["choices"]
    assert HOSTILE in label
    ((other, _),) = panel.list_day("2021-09-03")["choices"]
    assert "morning" in other
    cards = panel.open_brief(number)
    assert "mj-story" in cards
    assert ' id="story-' not in cards
    assert ' id="archive-story-1"' in cards
    for query, lang in (("الجسر", "any"), ("الجسر", "ar"), ("bridge", "en")):
        hits, chosen = panel.search(query, lang)
        page = read_safe(hits)
        assert any(tag == "mark" for tag, _ in page.tags), query
        assert chosen["choices"]
    nothing, _ = panel.search(HOSTILE, "any")
    assert HOSTILE in read_safe(nothing).text


@pytest.mark.parametrize("where", [None, "not-there.sqlite", "sqlite:///not-there.sqlite"])
def test_without_an_archive_the_tab_says_how_to_make_one_and_makes_none(
    where: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    panel = briefings.Panel(briefings.Shelf(where), EN)
    state, contents, *_ = panel.arrive()
    assert "mujaz brief CONFIG.yaml" in read_safe(state).text
    assert not contents["visible"]
    assert panel.search("بغداد", "any")[0] == panel.open_brief(1) == ""
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(b"this is no database" * 100)
    shown = briefings.Panel(briefings.Shelf(str(path)), AR).arrive()
    assert AR("briefings.problem") in read_safe(shown[0]).text


def test_marks_stand_around_what_was_searched() -> None:
    assert briefings.mark("a <b> c", [(2, 5), (3, 4), (90, 95)]) == "a <mark>&lt;b&gt;</mark> c"


# --- all ----------------------------------------------------------------------------------------


def test_a_note_keeps_the_direction_of_its_words() -> None:
    assert 'dir="ltr">there is «<bdi lang="ar" dir="rtl">' in render_note("there is «خبر»", AR)
    assert "<span>تعذّر شيء: x</span>" in render_note("تعذّر شيء: x", AR)
    assert HOSTILE in read_safe(render_note(HOSTILE, EN, kind="problem")).text
