"""Systems by their spec: what each answers, what it refuses, and what its fingerprint follows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval import fingerprints, systems, systems_simple
from eval.datasets import Card, Dataset
from eval.items import Item, Task
from eval.systems import create_system, expand_specs, run_system, split_spec, with_options
from eval.systems_mujaz import documents_of, fit
from summarizer.errors import ConfigError, InputError, ModelError
from summarizer.models import Registry
from tests.fakes import FakeEngine, OneTranslator

REPORT = (
    "وصل رئيس الوزراء مصطفى الكاظمي إلى واشنطن يوم 25 تموز 2021. وقال إن العراق لا يحتاج إلى قوات قتالية أجنبية. "
    "وأضاف أن 2500 جندي أمريكي ما زالوا في البلاد. ويلتقي الكاظمي الرئيس جو بايدن يوم الاثنين. وكان الحوار بدأ في حزيران."
)


def dataset(task: Task, *items: Item) -> Dataset:
    card = Card(
        id="small",
        title="small",
        task=task,
        languages=("ar",),
        size="",
        licence="",
        citation="",
        source="",
        reader="items",
    )
    return Dataset(card, items)


def answers(spec: str, data: Dataset, **options: object) -> list[object]:
    return [hypothesis for _, hypothesis, _ in run_system(spec, data, **options)]  # type: ignore[arg-type]


# --- specs ----------------------------------------------------------------------------------------


def test_specs_are_read_and_written() -> None:
    assert split_spec("baseline:lead") == ("baseline", "lead", {})
    assert split_spec("files:a,b/c=d.txt,name=ours") == ("files", "a,b/c=d.txt", {"name": "ours"})
    assert with_options("baseline:lead", {"sentences": 2}) == "baseline:lead,sentences=2"
    assert with_options("baseline:lead,sentences=5", {"sentences": 2}) == "baseline:lead,sentences=5"
    assert with_options("baseline:lead,words=5,sentences=2", {}) == with_options(
        "baseline:lead,sentences=2,words=5", {}
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lead", "names no system"),
        ("baseline:", "names no system"),
        ("basline:lead", "did you mean 'baseline'"),
        ("baseline:leed", "did you mean 'lead'"),
        ("baseline:copy", "unknown baseline for summarize"),
        ("baseline:lead,sentence=2", "did you mean 'sentences'"),
        ("baseline:lead,sentences=two", "not a whole number"),
        ("baseline:lead,share=x", "not a number"),
        ("baseline:lead,sentences=0", "1 or more"),
        ("profile:embedded,words=30", "counts sentences"),
        ("model:ar-en", "does translation, not summarize"),
        ("files:nowhere.txt", "cannot be read"),
        ("no.such.module:Class", "cannot import"),
        ("tests.eval.slow_system:make_nothing", "does not make a System"),
        ("pivot:sideways", "the orders are"),
    ],
)
def test_wrong_specs_are_told_in_one_line(spec: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        create_system(spec, dataset("summarize", Item("1", REPORT)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spec", ["profile:embeded", "model:ar-en-v9"])
def test_unknown_profiles_and_models_are_config_errors(spec: str) -> None:
    with pytest.raises(ConfigError, match="did you mean"):
        create_system(spec, dataset("translate", Item("1", REPORT)))


def test_every_default_system_can_be_made() -> None:
    for task, specs in systems.DEFAULT_SYSTEMS.items():
        for spec in specs:
            made = create_system(spec, dataset(task, Item("1", REPORT, ("مرجع",))))
            assert isinstance(made, systems.System)
            assert made.spec == spec
            json.dumps(made.settings)


# --- files ----------------------------------------------------------------------------------------

TWO = (Item("a", "واحد", ("one",)), Item("b", "اثنان", ("two",)))


def test_lines_are_hypotheses_whatever_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes("one\u2028still one\r\n\r\n".encode())
    assert answers(f"files:{path}", dataset("translate", *TWO)) == ["one\u2028still one", ""]
    path.write_text("one\ntwo", encoding="utf-8")  # no line end at the end
    assert answers(f"files:{path}", dataset("translate", *TWO)) == ["one", "two"]


def test_a_file_of_another_length_is_refused_unless_the_set_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("one\ntwo\nthree\n", encoding="utf-8")
    with pytest.raises(InputError, match="3 lines, but small has 2 items"):
        create_system(f"files:{path}", dataset("translate", *TWO))
    assert answers(f"files:{path}", dataset("translate", *TWO), limited=True) == ["one", "two"]
    path.write_text("one\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 lines"):
        create_system(f"files:{path}", dataset("translate", *TWO), limited=True)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        create_system(f"files:{path}", dataset("translate", *TWO))


def test_json_lines_go_by_id(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(
        '{"id": "b", "hypothesis": {"text": "two"}}\n\n{"id": "a", "hypothesis": 7}\n', encoding="utf-8"
    )
    assert answers(f"files:{path}", dataset("cluster", *TWO)) == [7, {"text": "two"}]
    path.write_text('{"id": "b", "hypothesis": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match="lacks 1 of 2 items, the first is 'a'"):
        create_system(f"files:{path}", dataset("cluster", *TWO))
    path.write_text('{"hypothesis": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"out\.jsonl:1: needs"):
        create_system(f"files:{path}", dataset("cluster", *TWO))


def test_a_folder_is_one_system_a_file(tmp_path: Path) -> None:
    for name in ("set.ours.en", "set.theirs.v2.en", "set.ours.en.bleu", "notes.md"):
        (tmp_path / name).write_text("one\ntwo\n", encoding="utf-8")
    specs = expand_specs([f"files:{tmp_path}", "baseline:copy", "baseline:copy"])
    assert specs == (
        f"files:{tmp_path}/set.ours.en,name=ours",
        f"files:{tmp_path}/set.theirs.v2.en,name=theirs.v2",
        "baseline:copy",
    )
    assert create_system(specs[1], dataset("translate", *TWO)).spec == "files:theirs.v2"
    with pytest.raises(InputError, match="one system a file"):
        create_system(f"files:{tmp_path}", dataset("translate", *TWO))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no hypothesis files"):
        expand_specs([f"files:{tmp_path / 'empty'}"])


def test_the_fingerprint_of_a_file_is_that_of_its_answers(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("one\ntwo\n", encoding="utf-8")
    other.write_text("one\r\ntwo", encoding="utf-8")
    data = dataset("translate", *TWO)
    assert create_system(f"files:{one}", data).settings == create_system(f"files:{other}", data).settings
    other.write_text("one\nthree\n", encoding="utf-8")
    assert create_system(f"files:{one}", data).settings != create_system(f"files:{other}", data).settings


# --- the product ----------------------------------------------------------------------------------


def test_the_profile_summarizes_with_citations_into_the_items_own_text() -> None:
    titled = Item(
        "t", (REPORT, REPORT.replace("2500", "3000")), ("مرجع",),
        {"titles": ["الكاظمي في واشنطن", None], "outlets": ["أ", "ب"], "dates": ["Sun, 25 Jul 2021 10:00:00 GMT", ""]},
    )  # fmt: skip
    (made,) = answers("profile:embedded,sentences=3", dataset("summarize", titled))
    assert isinstance(made, dict)
    assert 1 <= len(made["sentences"]) <= 3
    for sentence in made["sentences"]:
        (first, *_) = sentence["citations"]
        cited = titled.sources[first["document"]][first["start"] : first["end"]]
        assert sentence["text"] in cited or cited in sentence["text"] or "[" in sentence["text"]
        assert cited in titled.sources[first["document"]]
        assert cited.endswith(".")
    assert "الكاظمي في واشنطن" not in made["text"]  # a title is never quoted


def test_documents_take_title_outlet_and_date_from_meta() -> None:
    item = Item(
        "x", REPORT, meta={"title": "عنوان  آخر", "source": "BBC", "date": "Sun, 25 Jul 2021 10:00:00 GMT"}
    )
    (document,) = documents_of(item)
    assert document.text == f"عنوان آخر\n\n{REPORT}"
    assert (document.source, document.published, document.title) == ("BBC", "2021-07-25", "عنوان آخر")
    (same,) = documents_of(Item("x", REPORT, meta={"title": REPORT[:20], "date": "2021-07-25T10:00"}))
    assert (same.text, same.published, same.marks) == (REPORT, "2021-07-25", ())
    (bare,) = documents_of(Item("x", REPORT, meta={"date": "yesterday"}))
    assert (bare.published, bare.title, bare.source) == (None, None, None)


def test_the_profile_clusters_segments_and_finds_facts() -> None:
    other = "فاز المنتخب المصري لكرة القدم على نظيره التونسي بهدفين مقابل هدف في نهائي البطولة الأفريقية."
    labels = answers(
        "profile:embedded",
        dataset("cluster", Item("1", REPORT), Item("2", other), Item("3", REPORT + " وعاد الوفد إلى بغداد.")),
    )
    assert labels[0] == labels[2] != labels[1]

    (sentences,) = answers("profile:embedded", dataset("segment", Item("1", REPORT)))
    assert isinstance(sentences, list)
    assert len(sentences) == 5
    assert "".join(" ".join(sentences).split()) == "".join(REPORT.split())

    (facts,) = answers("profile:embedded", dataset("facts", Item("1", REPORT)))
    assert isinstance(facts, list)
    assert {"number", "date", "person", "place"} <= {fact["kind"] for fact in facts}
    for fact in facts:
        assert REPORT[fact["start"] : fact["end"]] == fact["surface"]
    assert [fact["value"] for fact in facts if fact["kind"] == "number"] == ["2500"]


def test_the_profile_translates_as_the_command_does(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(lambda text: f"{len(text.split())} words.")
    registry = OneTranslator(engine)
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    made = answers("profile:embedded", dataset("translate", *TWO))
    assert len(made) == 2
    assert all(isinstance(text, str) and text.endswith("words") for text in made)


def test_a_bare_model_gives_its_first_answer_to_what_it_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(lambda text: [f"first of {len(text.split())}", "second"], input_limit=6)
    registry = OneTranslator(engine)
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    long = Item("l", "جملة أولى قصيرة. جملة ثانية قصيرة. جملة ثالثة.")
    wordy = Item("w", "كلمة " * 9)
    assert answers("model:ar-en", dataset("translate", TWO[0], long, wordy)) == [
        "first of 1", "first of 6", "first of 6",
    ]  # fmt: skip
    assert engine.asked[1] == "جملة أولى قصيرة. جملة ثانية قصيرة."


def test_fit_cuts_at_sentences_then_words_then_everything() -> None:
    engine = FakeEngine({}, input_limit=4)
    assert fit("أ ب ج", engine) == "أ ب ج"
    assert fit("جملة أولى. جملة ثانية. جملة ثالثة.", engine) == "جملة أولى. جملة ثانية."
    assert fit("أ ب ج د ه و", engine) == "أ ب ج د"
    assert fit("أ ب", FakeEngine({}, input_limit=0)) == ""


# --- running and fingerprints ---------------------------------------------------------------------


def test_run_system_yields_every_item_in_order() -> None:
    items = [Item(str(number), f"نص {number}") for number in range(70)]
    rows = list(run_system("baseline:copy", dataset("translate", *items)))
    assert [(name, text) for name, text, _ in rows] == [(item.id, item.text) for item in items]
    assert all(seconds >= 0 for _, _, seconds in rows)


def test_batches_are_stable_and_complete() -> None:
    items = [Item(str(number), "") for number in range(7)]
    assert [len(batch) for batch in systems.batches(items, 3)] == [3, 3, 1]
    assert [len(batch) for batch in systems.batches(items, None)] == [7]
    assert systems.batches([], None) == systems.batches([], 3) == []


def test_settings_follow_options_weights_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dataset("summarize", Item("1", REPORT, ("مرجع",)))
    lead = create_system("baseline:lead", data).settings
    assert lead == create_system("baseline:lead", data).settings
    assert lead != create_system("baseline:lead,sentences=1", data).settings
    translation = create_system("model:ar-en", dataset("translate", *TWO)).settings
    monkeypatch.setattr(fingerprints, "_weights", lambda spec, registry: "other weights")
    assert translation != create_system("model:ar-en", dataset("translate", *TWO)).settings
    monkeypatch.setattr(systems_simple, "baseline_fingerprint", lambda: "other code")
    assert lead != create_system("baseline:lead", data).settings


def test_an_adapter_on_bundled_weights_is_fingerprinted_too(tmp_path: Path) -> None:
    registry = Registry.load()
    bare = registry.model("ar-en")
    (tmp_path / "SHA256SUMS").write_text("0  adapter.npz\n", encoding="utf-8")
    own = bare.model_copy(update={"adapter": f"path:{tmp_path}"})
    assert fingerprints._weights(own, registry) != fingerprints._weights(bare, registry)


def test_weights_of_files_are_fingerprinted_by_content(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    base = Registry.load().model("ar-en")
    spec = base.model_copy(update={"id": "own", "source": f"path:{tmp_path}"})
    registry = Registry(models={"own": spec}, profiles={}, default_profile="")
    registry.locate = lambda spec: tmp_path  # type: ignore[method-assign]
    first = fingerprints._weights(spec, registry)
    assert fingerprints.disk_size_mb(spec, registry) == 0.0
    (tmp_path / "model.bin").write_bytes(b"changed")
    assert fingerprints._weights(spec, registry) != first
    blob = tmp_path / ("a" * 64)
    blob.write_bytes(b"of the hub")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "model.bin").symlink_to(blob)
    registry.locate = lambda spec: tmp_path / "snapshot"  # type: ignore[method-assign]
    assert len(fingerprints._weights(spec, registry)) == 16


def test_a_system_of_your_own_needs_one_class(tmp_path: Path) -> None:
    made = answers("tests.eval.slow_system:Slow", dataset("translate", *TWO))
    assert made == ["دحاو", "نانثا"]


def test_answers_must_be_one_an_item() -> None:
    class Short(systems.BaseSystem):
        def answer(self, items: Sequence[Item]) -> list[object]:
            return []

    data = dataset("translate", *TWO)
    request = systems.Request(spec="x.y:Short", name="Short", task="translate", dataset=data)
    with pytest.raises(ModelError, match="0 answers for 2 items"):
        systems.timed_answers(Short(request, settings={}), data.items)
