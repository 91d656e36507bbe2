"""Result files: written once, read by one reader, and noticed when they were changed."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import results as module
from eval.items import Item
from eval.results import (
    Cost,
    ItemResult,
    Journal,
    Result,
    Score,
    Session,
    batch_key,
    content_hash,
    folder_name,
    latest,
    read_results,
    write_result,
)
from summarizer.errors import InputError, RenderError

SCORE = Score(metric="bleu", score=31.5, signature="BLEU|nrefs:1", low=30.0, high=33.0)


def write(
    folder: Path, name: str = "0" * 16, *, system: str = "baseline:copy", created: str = "2026-01-01T00:00:00.000+00:00",
    answers: str = "k", scores: tuple[Score, ...] = (SCORE,), checksum: str = "c", dataset: str = "small",
) -> Result:  # fmt: skip
    return write_result(
        folder / dataset / folder_name(system),
        hash_=name,
        dataset={"id": dataset, "task": "translate", "checksum": checksum, "items": 2, "silver": False},
        system={"spec": system, "id": system, "settings": {}, "answers": answers, "size_mb": 0.0},
        created=created,
        machine={"cpu": "one"},
        scores=scores,
        cost=Cost(seconds=1.5, sessions=1),
        items=[
            ItemResult(id="a", hypothesis="مرحبا\u2028", seconds=0.5, statistics={"bleu": (1.0, math.nan)}),
            ItemResult(id="b", hypothesis={"text": "\udc80"}, seconds=1.0, statistics={"bleu": (0.1, 2.0)}),
        ],
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = write(tmp_path)
    (read,) = read_results(tmp_path)
    assert read == written
    assert (read.dataset_id, read.system_id, read.task) == ("small", "baseline:copy", "translate")
    assert read.score("bleu") == SCORE
    assert read.score("ter") is None
    assert [item.hypothesis for item in read.items] == ["مرحبا\u2028", {"text": "\udc80"}]
    rows = read.statistics("bleu")
    assert rows.shape == (2, 2)
    assert rows[1].tolist() == [0.1, 2.0]
    assert math.isnan(rows[0, 1])
    with pytest.raises(InputError, match="was not scored with 'ter'"):
        read.statistics("ter")


def test_a_score_that_says_nothing_is_null(tmp_path: Path) -> None:
    nothing = replace(SCORE, score=math.nan, low=math.nan, high=math.inf)
    written = write(tmp_path, scores=(nothing,))
    assert '"score": null' in written.path.read_text(encoding="utf-8")
    (score,) = written.scores
    assert math.isnan(score.score)
    assert math.isnan(score.high)


def test_results_are_never_written_again(tmp_path: Path) -> None:
    first = write(tmp_path)
    before = first.path.read_bytes()
    again = write(tmp_path, scores=(replace(SCORE, score=99.0),))
    assert again == first
    assert first.path.read_bytes() == before
    if os.name == "posix":
        assert first.path.stat().st_mode & 0o222 == 0


def test_an_edited_items_file_is_noticed(tmp_path: Path) -> None:
    result = write(tmp_path)
    items = result.path.parent / result.items_file
    items.chmod(0o644)
    items.write_text(items.read_text(encoding="utf-8").replace("0.1", "0.9"), encoding="utf-8")
    (read,) = read_results(tmp_path)
    with pytest.raises(InputError, match="run the benchmark again"):
        _ = read.items
    items.unlink()
    (read,) = read_results(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        _ = read.items


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 9}', '{"schema_version": 1}', "\x00"])
def test_other_files_under_a_results_name_are_errors_of_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{'a' * 16}.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_results(tmp_path)
    assert "\n" not in str(caught.value)


def test_other_files_are_passed_over_and_a_missing_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    assert read_results(tmp_path) == ()
    with pytest.raises(InputError, match="mujaz bench run"):
        read_results(tmp_path / "nowhere")


def test_items_file_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    result = write(tmp_path)
    plain = json.loads(result.path.read_text(encoding="utf-8"))
    plain["items_file"] = "../../../etc/passwd"
    result.path.chmod(0o644)
    result.path.write_text(json.dumps(plain), encoding="utf-8")
    (read,) = read_results(tmp_path)
    assert read.items_file == "passwd"


def test_latest_keeps_one_result_a_system_and_set(tmp_path: Path) -> None:
    both = (SCORE, replace(SCORE, metric="ter"))
    write(tmp_path, "1" * 16, created="2026-01-01", answers="old", scores=both)
    write(tmp_path, "2" * 16, created="2026-01-02", answers="new", scores=both)
    write(tmp_path, "3" * 16, created="2026-01-03", answers="new")  # fewer metrics, later
    write(tmp_path, "4" * 16, created="2026-01-01", checksum="other items")
    write(tmp_path, "5" * 16, system="baseline:other")
    kept = [result.hash[0] for result in latest(read_results(tmp_path))]
    assert sorted(kept) == ["2", "4", "5"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "small").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(RenderError, match="cannot write"):
        write(tmp_path)
    with pytest.raises(RenderError, match="cannot write"), Journal(tmp_path / "small" / "x.jsonl"):
        pass


# --- hashes ---------------------------------------------------------------------------------------


def test_hashes_follow_content_and_not_order() -> None:
    assert content_hash({"a": 1, "b": [1, 2]}) == content_hash({"b": [1, 2], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert content_hash("\udc80")  # a lone surrogate has a hash too
    assert batch_key([Item("a", "x")]) == batch_key([Item("a", "x")])
    assert batch_key([Item("a", "x")]) != batch_key([Item("a", "x", ("r",))])


@given(st.text())
def test_folder_names_are_safe(name: str) -> None:
    made = folder_name(name)
    assert made
    assert not set(made) & set('/\\:*?"<>|\n\0')
    assert made not in (".", "..")


# --- the journal ----------------------------------------------------------------------------------


def session() -> Session:
    return Session(load_seconds=0.5, peak_memory_mb=10.0, machine={"cpu": "one"})


def fill(path: Path) -> None:
    with Journal(path) as journal:
        journal.begin(session())
        journal.add("k1", [("أ", 0.1), ({"b": [1]}, 0.2)], peak_memory_mb=30.0)
        journal.add("k2", [("\udc80", 0.3)], peak_memory_mb=20.0)


def test_the_journal_gives_back_what_was_added(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    fill(path)
    with Journal(path) as journal:
        assert journal.batches["k1"].hypotheses == ("أ", {"b": [1]})
        assert journal.batches["k1"].seconds == (0.1, 0.2)
        assert journal.batches["k2"].hypotheses == ("\udc80",)
        assert journal.sessions[0].peak_memory_mb == 30.0


def test_a_journal_cut_at_any_byte_keeps_its_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    fill(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with Journal(path) as journal:
            assert 1 + len(journal.batches) == max(1, whole[:length].count(b"\n"))
            if not journal.sessions:
                journal.begin(session())
            journal.add("k3", [("after", 0.0)], peak_memory_mb=1.0)
        with Journal(path) as journal:
            assert journal.batches["k3"].hypotheses == ("after",)


def test_damage_in_the_middle_costs_what_follows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "answers.jsonl"
    fill(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\x00\xff garbage\n" + lines[2])
    with caplog.at_level("WARNING"), Journal(path) as journal:
        assert journal.batches == {}
    assert "torn" in caplog.text
    assert path.read_bytes() == lines[0]


def test_an_answer_without_json_form_is_told(tmp_path: Path) -> None:
    with Journal(tmp_path / "answers.jsonl") as journal:
        journal.begin(session())
        answer: Any = object()
        with pytest.raises(RenderError, match="no JSON form"):
            journal.add("k", [(answer, 0.0)], peak_memory_mb=1.0)
    with pytest.raises(RenderError, match="not open"):
        Journal(tmp_path / "closed.jsonl").begin(session())


def test_the_reader_of_one_file_tells_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        module.read_result(tmp_path / "none.json")


def test_half_a_surrogate_pair_anywhere_is_kept(tmp_path: Path) -> None:
    half = "نموذج \udc80 \ud83d"
    score = replace(SCORE, signature=half)
    written = write(tmp_path, system=half, scores=(score,))
    (read,) = read_results(tmp_path)
    assert read == written
    assert (read.system["spec"], read.scores[0].signature) == (half, half)
