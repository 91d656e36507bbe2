"""Datasets: every card is read, every reader by hand on made-up files, and each thing that can be wrong is said."""

from __future__ import annotations

import io
import json
import lzma
import shutil
import sys
import tarfile
import types
from pathlib import Path
from typing import Any

import pytest

from eval import datasets
from eval.datasets import (
    READERS,
    Card,
    Files,
    data_folder,
    file_checksum,
    find_card,
    list_cards,
    load_dataset,
    read_card,
)
from eval.errors import DatasetError
from eval.items import TASKS, Item
from summarizer.errors import InputError

EXPECTED = {
    "flores200-dev", "flores200-devtest", "tico19-test", "easc", "france24", "silver-mds", "ant", "saudinewsnet", "timex",
    "ner-cleananercorp", "ner-wojood", "ans-claims", "ntrex128", "xlsum-ar", "crosssum-ar-en", "multiling2011",
    "multiling2013", "multiling2015", "mujaz-reports", "mujaz-reports-sentences", "mujaz-challenge",
    "mujaz-challenge-facts", "mujaz-clusters",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "corpora" not in request.fixturenames:
        monkeypatch.delenv("MUJAZ_DATA", raising=False)


def made_card(
    reader: str = "pairs", *, task: str = "translate", files: tuple[str, ...] = ("made.tsv",), **rest: Any
) -> Card:
    return Card(
        id="made", title="made up", task=task, languages=("ar", "en"), size="few", licence="CC0", citation="none",
        source="here", reader=reader, files=files, **rest,
    )  # fmt: skip


def card_text(**fields: Any) -> str:
    plain = {
        "id": "made", "title": "made up", "task": "translate", "languages": ["ar", "en"], "size": "few",
        "licence": "CC0", "citation": "none", "source": "here", "reader": "pairs", "files": ["made.tsv"],
    }  # fmt: skip
    return json.dumps({**plain, **fields}, ensure_ascii=False)  # JSON is YAML


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def read(card: Card, *paths: Path, data: Path | None = None) -> list[Item]:
    return list(READERS[card.reader](Files(card, paths, data)))


# --- cards ----------------------------------------------------------------------------------------


def test_every_card_is_whole() -> None:
    cards = list_cards()
    assert {card.id for card in cards} >= EXPECTED
    for card in cards:
        assert card.task in TASKS
        assert card.reader in READERS
        assert card.files
        assert card.overlap != "unknown"
        assert card.caveats
        assert card.within != "hub" or card.hub
        assert card.available_as
        assert find_card(card.id) is card
    assert [TASKS.index(card.task) for card in cards] == sorted(TASKS.index(card.task) for card in cards)


def test_cards_for_the_data_folder_have_checksums_or_say_how_to_get_the_data() -> None:
    for card in list_cards():
        if card.within == "data":
            assert card.checksums or card.obtain, card.id
            assert all(len(each) == 64 for each in card.checksums)


def test_silver_is_in_the_title() -> None:
    silver = [card for card in list_cards() if card.silver]
    assert [card.id for card in silver] == ["silver-mds"]
    assert "SILVER" in silver[0].title


def test_unknown_datasets_get_near_names() -> None:
    with pytest.raises(DatasetError, match="did you mean flores200-dev"):
        load_dataset("flores-dev")
    with pytest.raises(InputError, match=r"unknown dataset 'qqqq' \(known:"):
        load_dataset("qqqq")


def test_all_problems_of_a_card_are_told_at_once() -> None:
    with pytest.raises(DatasetError) as caught:
        read_card(
            card_text(
                task="sing", licence="", titel="x", within="moon", languages="ar", checksums=["a", "b"]
            ),
            name="c.yaml",
        )
    for problem in (
        "card c.yaml", "licence is missing", "'titel' (did you mean 'title'?)", "task 'sing'", "within 'moon'",
        "languages must be a list", "one SHA-256 for every file",
    ):  # fmt: skip
        assert problem in str(caught.value)
    with pytest.raises(DatasetError, match="not YAML"):
        read_card("a: [", name="c.yaml")
    with pytest.raises(DatasetError, match="must be a mapping"):
        read_card("- a", name="c.yaml")


def test_a_dataset_of_ones_own_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made.tsv").write_text("نص\ttext\nآخر\tother\n", encoding="utf-8")
    card = tmp_path / "made.yaml"
    card.write_text(card_text(checksums=[file_checksum(tmp_path / "made.tsv")]), encoding="utf-8")
    monkeypatch.setenv("MUJAZ_DATA", str(tmp_path))
    loaded = load_dataset(f"card:{card}")
    assert (loaded.id, loaded.task, len(loaded)) == ("made", "translate", 2)
    assert loaded.items[1] == Item("2", "آخر", ("other",))

    module = types.ModuleType("somebodys_reader")
    module.read = lambda files: iter([Item("x", files.paths[0].name)])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "somebodys_reader", module)
    card.write_text(card_text(reader="somebodys_reader:read"), encoding="utf-8")
    assert load_dataset(f"card:{card}").items == (Item("x", "made.tsv"),)
    card.write_text(card_text(reader="somebodys_reader:nothing"), encoding="utf-8")
    with pytest.raises(DatasetError, match="no reader 'somebodys_reader:nothing'"):
        load_dataset(f"card:{card}")
    with pytest.raises(DatasetError, match="is not there"):
        load_dataset(f"card:{tmp_path / 'none.yaml'}")


# --- the data folder ------------------------------------------------------------------------------


def test_without_a_folder_or_file_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatasetError, match="set MUJAZ_DATA to it, or pass --data"):
        load_dataset("flores200-dev")
    with pytest.raises(DatasetError, match=r"none is not there \(from --data\)"):
        load_dataset("flores200-dev", data=tmp_path / "none")
    with pytest.raises(DatasetError, match=r"flores200_dev.tsv is not there; get it from https"):
        load_dataset("flores200-dev", data=tmp_path)
    with pytest.raises(DatasetError, match=r"put newstest2019-ref\.arb\.txt"):
        load_dataset("ntrex128", data=tmp_path)
    monkeypatch.setenv("MUJAZ_DATA", str(tmp_path))
    assert data_folder() == tmp_path


def test_another_file_under_the_same_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mt_eval").mkdir()
    (tmp_path / "mt_eval" / "flores200_dev.tsv").write_text("نص\ttext\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="is not the file its card describes"):
        load_dataset("flores200-dev", data=tmp_path)


@pytest.mark.parametrize(
    ("limit", "task", "message"), [(0, None, "limit must be"), (1, "summarize", "is for translate")]
)
def test_arguments_that_do_not_fit(limit: int, task: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset("flores200-dev", limit=limit, task=task)


def test_what_a_reader_cannot_read_is_the_files_fault(tmp_path: Path) -> None:
    card = tmp_path / "made.yaml"
    card.write_text(card_text(reader="summaries", task="summarize", files=["rows.jsonl"]), encoding="utf-8")
    write_lines(tmp_path / "rows.jsonl", {"id": "1"})
    with pytest.raises(DatasetError, match=r"rows.jsonl is malformed: KeyError\('document'\)"):
        load_dataset(f"card:{card}", data=tmp_path)
    row = {"id": "1", "document": "نص", "summaries": []}
    write_lines(tmp_path / "rows.jsonl", row, row)
    with pytest.raises(DatasetError, match="id '1' stands there twice"):
        load_dataset(f"card:{card}", data=tmp_path)
    assert len(load_dataset(f"card:{card}", data=tmp_path, limit=1)) == 1
    (tmp_path / "rows.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DatasetError, match="holds no items"):
        load_dataset(f"card:{card}", data=tmp_path)


# --- jsonl:FILE -----------------------------------------------------------------------------------


def test_a_file_of_ones_own_in_the_forms_people_have(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "mine.jsonl",
        {"source": "نص", "reference": "text", "id": 7, "genre": "news", "meta": {"published": "2021-04-07"}},
        {"ar": "نص", "en": "text"},
        {"documents": ["أ", "ب"], "summaries": ["ج", "د"]},
        {"text": "نص"},
    )
    loaded = load_dataset(f"jsonl:{path}", task="summarize")
    assert loaded.items == (
        Item("7", "نص", ("text",), {"genre": "news", "published": "2021-04-07"}),
        Item("2", "نص", ("text",)),
        Item("3", ("أ", "ب"), ("ج", "د")),
        Item("4", "نص"),
    )
    assert loaded.card.checksums == (file_checksum(path),)
    assert loaded.id == "jsonl:mine.jsonl"
    assert len(load_dataset(f"jsonl:{path}", task="summarize", limit=2)) == 2


def test_the_task_may_stand_in_the_file(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "mine.jsonl.xz", {"source": "نص", "task": "segment", "sentences": ["نص"]})
    assert load_dataset(f"jsonl:{path}").task == "segment"
    path = write_lines(tmp_path / "mine.jsonl", {"source": "نص"})
    with pytest.raises(DatasetError, match=r"--task translate\|summarize"):
        load_dataset(f"jsonl:{path}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "mine.jsonl:2: not JSON"),
        ("[]", "mine.jsonl:2: not a JSON object"),
        ('{"id": 1}', 'mine.jsonl:2: needs a "source"'),
        ('{"source": []}', 'mine.jsonl:2: needs a "source"'),
        ('{"source": "a", "references": [1]}', '"references" must be texts'),
        ('{"source": "a", "meta": 1}', '"meta" must be an object'),
    ],
)
def test_a_bad_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"source": "نص"}\n' + line + "\n\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=message.replace("[", r"\[")):
        load_dataset(f"jsonl:{path}", task="translate")


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not there"):
        load_dataset(f"jsonl:{tmp_path / 'none.jsonl'}", task="translate")
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bad.jsonl.xz").write_bytes(b"not xz")
    (tmp_path / "bad.tsv").write_bytes(b"\xff\xfe\x00")
    for name in ("bad.jsonl", "bad.jsonl.xz"):
        with pytest.raises(DatasetError, match="cannot be read"):
            load_dataset(f"jsonl:{tmp_path / name}", task="translate")
    with pytest.raises(DatasetError, match="cannot be read"):
        read(made_card(), tmp_path / "bad.tsv")


def test_the_checksum_is_that_of_the_items(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "mine.jsonl", {"source": "أ"}, {"source": "ب"})
    whole, limited = (load_dataset(f"jsonl:{path}", task="cluster", limit=limit) for limit in (None, 1))
    assert whole.checksum != limited.checksum
    assert whole.checksum == load_dataset(f"jsonl:{path}", task="cluster").checksum
    copy = write_lines(tmp_path / "copy.jsonl", {"source": "أ"}, {"source": "ب"})
    assert whole.checksum == load_dataset(f"jsonl:{copy}", task="cluster").checksum


# --- readers --------------------------------------------------------------------------------------


def test_pairs_keep_every_character_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "made.tsv"
    path.write_bytes("نص\u2028آخر\ta\x85b\r\nسطر\tline\n".encode())
    assert read(made_card(), path) == [Item("1", "نص\u2028آخر", ("a\x85b",)), Item("2", "سطر", ("line",))]
    path.write_text("نص\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="1 columns, expected 2"):
        read(made_card(), path)


def test_parallel_files_must_pair(tmp_path: Path) -> None:
    (tmp_path / "ar").write_text("أ\nب\n", encoding="utf-8")
    (tmp_path / "en").write_text("a\nb\n", encoding="utf-8")
    assert read(made_card("parallel"), tmp_path / "ar", tmp_path / "en")[1] == Item("2", "ب", ("b",))
    (tmp_path / "en").write_text("a\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="2 and 1 lines do not pair"):
        read(made_card("parallel"), tmp_path / "ar", tmp_path / "en")


def test_summaries_may_be_chosen_by_a_field(tmp_path: Path) -> None:
    rows = [
        {
            "id": str(number),
            "document": "نص",
            "summaries": ["أ", "ب"],
            "source": source,
            "date": "Sun, 18 Feb 2018 15:38:57 GMT",
        }
        for number, source in enumerate(("Wikipedia", "Alrai"))
    ]
    path = write_lines(tmp_path / "rows.jsonl.xz", *rows)
    card = made_card("summaries", task="summarize", options={"only": {"source": "Wikipedia"}})
    (item,) = read(card, path)
    assert item.references == ("أ", "ب")
    assert item.meta["published"] == "2018-02-18"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2015-07-21 02:51:32", "2015-07-21"),
        ("2018-02-18", "2018-02-18"),
        ("أمس", None),
        ("", None),
        ("Sun, 99 Feb", None),
    ],
)
def test_dates_become_iso_days(written: str, day: str | None, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "rows.jsonl", {"id": "1", "document": "نص", "date": written}, {"id": "2", "document": " "}
    )
    (item,) = read(made_card("reports", task="cluster"), path)  # a report without text is left out
    assert item.meta.get("published") == day


def test_stories_keep_the_outlet_of_each_report(tmp_path: Path) -> None:
    reports = [{"id": each, "source": each, "date": "2018-02-16", "title": each} for each in ("BBC", "CNN")]
    row = {
        "id": "1",
        "documents": ["أ", "ب"],
        "summaries": ["ج"],
        "meta": reports,
        "summary_by": ["BBC:1"],
        "date": "2018-02-16",
    }
    (item,) = read(made_card("stories", task="summarize"), write_lines(tmp_path / "rows.jsonl", row))
    assert item.source == ("أ", "ب")
    assert item.meta["outlets"] == ["BBC", "CNN"]
    assert item.meta["published"] == "2018-02-16"


def test_timex_tags_become_facts_with_offsets(tmp_path: Path) -> None:
    annotated = 'وصل <TIMEX3 tid="t1" type="DATE" value="2015-12-22">الثلاثاء</TIMEX3> ويغادر <TIMEX3 type="DURATION" value="P3D">ثلاثة أيام</TIMEX3>.'
    (item,) = read(
        made_card("timex", task="facts"),
        write_lines(tmp_path / "r.jsonl", {"id": "1", "annotated": annotated}),
    )
    assert item.source == "وصل الثلاثاء ويغادر ثلاثة أيام."
    assert [fact["value"] for fact in item.meta["facts"]] == ["2015-12-22", "P3D"]
    for fact in item.meta["facts"]:
        assert item.source[fact["start"] : fact["end"]] == fact["surface"]
    assert item.meta["kinds"] == ["date"]


def test_ner_tags_become_spans_of_the_kinds_that_terms_knows(tmp_path: Path) -> None:
    row = {
        "id": "1", "split": "test", "tokens": ["زار", "باراك", "أوباما", "بغداد", "أمس", "الأمم", "المتحدة"],
        "tags": ["O", "B-PERS", "I-PERS", "B-GPE", "B-DATE", "I-ORG", "I-ORG"],
    }  # fmt: skip
    path = write_lines(tmp_path / "r.jsonl", row, {**row, "id": "2", "split": "train"})
    (item,) = read(made_card("ner", task="facts", options={"split": "test"}), path)
    found = [(fact["kind"], fact["surface"]) for fact in item.meta["facts"]]
    assert found == [("person", "باراك أوباما"), ("place", "بغداد"), ("organisation", "الأمم المتحدة")]
    for fact in item.meta["facts"]:
        assert item.text[fact["start"] : fact["end"]] == fact["surface"]
    assert len(read(made_card("ner", task="facts"), path)) == 2


def test_stance_pairs(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "r.jsonl",
        {"id": "1", "task": "stance", "split": "test", "s1": "أ", "s2": "ب", "stance": "disagree"},
        {"id": "2", "task": "claim", "split": "test", "claim_s": "أ", "fake_flag": 1},
    )
    (item,) = read(made_card("stance", task="facts", options={"split": "test"}), path)
    assert item.sources == ("أ", "ب")
    assert item.meta["facts"] == [{"kind": "stance", "value": "disagree"}]


def archive(path: Path, **members: str) -> Path:
    with tarfile.open(path, "w:bz2") as stream:
        for name, text in members.items():
            info = tarfile.TarInfo(f"./{name}.jsonl")
            info.size = len(text.encode())
            stream.addfile(info, io.BytesIO(text.encode()))
    return path


def test_archives_of_the_hub_are_read_by_member(tmp_path: Path) -> None:
    row = json.dumps({"id": "a", "text": "نص", "summary": "ملخص", "title": "عنوان"}, ensure_ascii=False)
    path = archive(tmp_path / "x.tar.bz2", arabic_test=row, arabic_train="{}")
    card = made_card("archive", task="summarize", options={"member": "arabic_test.jsonl"})
    assert read(card, path) == [Item("a", "نص", ("ملخص",), {"title": "عنوان"})]
    with pytest.raises(DatasetError, match=r"no file that ends in other.jsonl"):
        read(made_card("archive", options={"member": "other.jsonl"}), path)


def test_folders_of_topics(tmp_path: Path) -> None:
    for topic in ("M1", "M0"):
        for part in ("documents", "summaries"):
            (tmp_path / "set" / topic / part).mkdir(parents=True)
            (tmp_path / "set" / topic / part / "b.txt").write_text(f"{part} {topic}\n", encoding="utf-8")
    items = read(made_card("folders", task="summarize"), tmp_path / "set")
    assert [item.id for item in items] == ["M0", "M1"]
    assert items[0] == Item("M0", ("documents M0",), ("summaries M0",))
    (tmp_path / "set" / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"has no documents/\*.txt"):
        read(made_card("folders"), tmp_path / "set")


def test_labels_find_their_reports_in_the_corpora(tmp_path: Path) -> None:
    for name, start in (("one", "a-"), ("two", "")):
        write_lines(
            tmp_path / f"{name}.jsonl",
            *({"id": f"{start}{number}", "document": f"{name} {number}"} for number in range(3)),
        )
        (tmp_path / f"{name}.yaml").write_text(
            card_text(id=name, task="cluster", reader="reports", files=[f"{name}.jsonl"]), encoding="utf-8"
        )
    corpora = {f"card:{tmp_path / 'one.yaml'}": "a-", f"card:{tmp_path / 'two.yaml'}": ""}
    card = made_card("labels", task="cluster", options={"corpora": corpora})
    labels = write_lines(
        tmp_path / "labels.jsonl", {"cluster": "s1", "ids": ["a-2", "0"]}, {"cluster": 2, "id": "a-0"}
    )
    items = read(card, labels, data=tmp_path)
    assert [(item.id, item.text, item.meta["cluster"]) for item in items] == [
        ("a-2", "one 2", "s1"), ("0", "two 0", "s1"), ("a-0", "one 0", "2"),
    ]  # fmt: skip
    write_lines(labels, {"cluster": "s1", "ids": ["a-9"]})
    with pytest.raises(DatasetError, match="1 labelled reports are in no corpus: a-9"):
        read(card, labels, data=tmp_path)
    write_lines(labels, {"cluster": "s1", "ids": ["a-1", "a-1"]})
    with pytest.raises(DatasetError, match="labelled twice"):
        read(card, labels, data=tmp_path)


# --- the hub --------------------------------------------------------------------------------------


def test_a_file_in_the_data_folder_spares_the_hub(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    row = json.dumps({"id": "a", "text": "نص", "summary": "ملخص"}, ensure_ascii=False)
    archive(tmp_path / "data" / "arabic_XLSum_v2.0.tar.bz2", arabic_test=row)
    assert load_dataset("xlsum-ar", data=tmp_path).items[0].references == ("ملخص",)


def test_the_hub_is_asked_for_the_file_of_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = json.dumps({"text": "نص", "summary": "summary", "source_url": "u"}, ensure_ascii=False)
    path = archive(tmp_path / "x.tar.bz2", **{"arabic-english_test": row})
    asked: list[Any] = []
    module = types.ModuleType("huggingface_hub")
    module.hf_hub_download = lambda *args, **settings: asked.append((args, settings)) or str(path)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    assert load_dataset("crosssum-ar-en").items == (Item("1", "نص", ("summary",), {"source_url": "u"}),)
    assert asked == [
        (("csebuetnlp/CrossSum", "data/arabic-english_CrossSum.tar.bz2"), {"repo_type": "dataset"})
    ]

    def fail(*args: Any, **settings: Any) -> str:
        raise OSError("no network\nat all")

    module.hf_hub_download = fail  # type: ignore[attr-defined]
    with pytest.raises(
        DatasetError, match=r"cannot fetch .* \(OSError: no network\); with a network try again"
    ):
        load_dataset("crosssum-ar-en")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(DatasetError, match=r"mujaz\[hub\]"):
        load_dataset("crosssum-ar-en")


# --- our own sets, and the corpora ------------------------------------------------------------------


def test_the_shipped_sets_load() -> None:
    story = load_dataset("mujaz-reports").items[0]
    assert len(story.sources) == 5
    assert len(story.references) == 2
    sentences = load_dataset("mujaz-reports-sentences")
    texts = dict(zip(story.meta["files"], story.sources, strict=True))
    cut = [item for item in sentences.items if "file" in item.meta]
    assert len(cut) >= 60
    for item in cut:
        assert texts[item.meta["file"]][item.meta["start"] : item.meta["end"]] == item.text
    challenge, facts = load_dataset("mujaz-challenge"), load_dataset("mujaz-challenge-facts")
    assert len(challenge) == len(facts) >= 200
    assert all(len(item.references) == 1 for item in challenge.items)
    assert all(item.references == () and item.meta["kinds"] for item in facts.items)


def test_a_shipped_set_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    card = tmp_path / "made.yaml"
    card.write_text(card_text(within="package", reader="items", files=["no/such.jsonl"]), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"no/such.jsonl is not in this installation"):
        load_dataset(f"card:{card}")
    rows = write_lines(
        tmp_path / "s.jsonl", {"id": "1", "folder": "no/such", "documents": [], "references": []}
    )
    with pytest.raises(DatasetError, match="only in a checkout"):
        read(made_card("shipped-reports"), rows)


def test_shipped_reports_are_found_without_a_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "site-packages" / "eval"
    package.mkdir(parents=True)
    monkeypatch.setattr(datasets.resources, "files", lambda name: package)
    installed = tmp_path / "site-packages" / "summarizer" / "data"
    monkeypatch.setattr(datasets, "EXAMPLE_REPORTS", installed / "examples" / "iraq-us-dialogue")
    monkeypatch.delenv("MUJAZ_DATA", raising=False)
    rows = write_lines(
        tmp_path / "s.jsonl", {"id": "1", "folder": "reports/x", "documents": ["a.txt"], "references": ["م"]}
    )
    with pytest.raises(DatasetError, match="set MUJAZ_DATA to it"):
        read(made_card("shipped-reports"), rows)
    for root in (tmp_path / "data", installed):
        (root / "reports" / "x").mkdir(parents=True)
        (root / "reports" / "x" / "a.txt").write_text(f"نص {root.parent.name}", encoding="utf-8")
    (inside,) = read(made_card("shipped-reports"), rows)
    assert inside.sources == ("نص summarizer",)
    shutil.rmtree(installed)
    monkeypatch.setenv("MUJAZ_DATA", str(tmp_path / "data"))
    (outside,) = read(made_card("shipped-reports"), rows)
    assert outside.sources == (f"نص {tmp_path.name}",)


SIZES = {
    "flores200-dev": 997, "flores200-devtest": 1012, "tico19-test": 2100, "easc": 106, "france24": 1846,
    "silver-mds": 253, "ant": 24_172, "saudinewsnet": 14_848, "timex": 50, "ner-cleananercorp": 925,
    "ner-wojood": 357, "ans-claims": 379,
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_the_corpora_are_what_their_cards_say(name: str, corpora: Path) -> None:
    loaded = load_dataset(name, data=corpora)
    assert len(loaded) == SIZES[name]
    assert all(item.text.strip() for item in loaded.items)
    if loaded.task in ("translate", "summarize"):
        assert all(item.references for item in loaded.items)
    for item in loaded.items if loaded.task == "facts" else ():
        for fact in item.meta["facts"]:
            assert "start" not in fact or item.text[fact["start"] : fact["end"]] == fact["surface"]


def test_readers_are_all_used() -> None:
    assert {card.reader for card in list_cards()} == set(datasets.READERS)
