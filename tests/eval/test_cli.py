"""``mujaz bench``: tables, JSON, one-line errors and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval import cli, gate
from eval.gate import Floor, Outcome, Step, read_floors, write_floors
from summarizer.models import Registry
from tests.conftest import ROOT
from tests.fakes import FakeEngine, OneTranslator

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return call


def one_line_error(result: tuple[int, str, str], status: int) -> str:
    code, out, err = result
    assert (code, out) == (status, "")
    assert err.startswith("mujaz: error: ")
    assert err.count("\n") == 1
    return err


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    rows = [
        {"id": str(n), "source": f"نص {n}", "reference": f"the text number {n} is here"} for n in range(35)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "good.txt").write_text(
        "".join(f"the text number {n} is here\n" for n in range(35)), encoding="utf-8"
    )
    (outputs / "poor.txt").write_text("".join(f"a line of {n} words\n" for n in range(35)), encoding="utf-8")
    return path


@pytest.fixture
def scored(run: Run, pairs: Path, tmp_path: Path) -> Path:
    results = tmp_path / "results"
    code, _, err = run(
        "run", "--dataset", f"jsonl:{pairs}", "--task", "translate", "--system", f"files:{pairs.parent / 'outputs'}",
        "--system", "baseline:copy", "--metric", "bleu", "--metric", "chrf2", "--results", results,
    )  # fmt: skip
    assert (code, err) == (0, "")
    return results


# --- list -----------------------------------------------------------------------------------------


def test_list_names_datasets_metrics_and_systems(run: Run) -> None:
    code, out, err = run("list")
    assert (code, err) == (0, "")
    for name in ("flores200-devtest", "mujaz-challenge", "bleu", "baseline:lexrank", "profile:embedded"):
        assert name in out
    _, out, _ = run("list", "--task", "cluster")
    assert "baseline:tfidf" in out
    assert "flores200" not in out
    _, out, _ = run("list", "--format", "json")
    assert set(json.loads(out)) == {"datasets", "metrics", "systems"}


# --- run ------------------------------------------------------------------------------------------


def test_run_prints_a_table_and_names_the_files(run: Run, scored: Path, pairs: Path) -> None:
    arguments = ["run", "--dataset", f"jsonl:{pairs}", "--task", "translate", "--system", "baseline:copy"]
    code, out, err = run(*arguments, "--metric", "bleu", "--metric", "chrf2", "--results", scored)
    assert (code, err) == (0, "")
    assert "jsonl:pairs.jsonl · 35 items" in out
    header = out.splitlines()[1].split()
    assert header[:3] == ["system", "bleu", "chrf2"]
    (path,) = scored.glob("*/baseline-copy/*.json")
    assert str(path) in out
    code, out, _ = run(*arguments, "--metric", "bleu", "--results", scored, "--format", "json")
    (plain,) = json.loads(out)
    assert plain["system"]["id"] == "baseline:copy"
    assert plain["cost"]["seconds"] is not None


def test_many_metrics_turn_the_table(run: Run, tmp_path: Path) -> None:
    story = tmp_path / "story.jsonl"
    row = {
        "source": "وصل الوزير إلى بغداد. التقى الرئيس. عاد مساء. انتهى.",
        "reference": "وصل الوزير إلى بغداد.",
    }
    story.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    code, out, err = run(
        "run",
        "--dataset",
        f"jsonl:{story}",
        "--task",
        "summarize",
        "--sentences",
        1,
        "--results",
        tmp_path / "r",
    )
    assert (code, err) == (0, "")
    header, *rows = [
        line.split() for line in out.splitlines()[1:] if not line.lstrip().startswith(("baseline", "profile"))
    ]
    assert header == [
        "system", *(f"{each},sentences=1" for each in (
            "baseline:lead", "baseline:lexrank", "baseline:random", "baseline:oracle", "profile:embedded"
        )),
    ]  # fmt: skip
    rouge = next(row for row in rows if row[0] == "rouge1")
    assert rouge[1] == rouge[4] == "100.00"  # lead and oracle find the first sentence


def test_a_set_without_references_has_no_oracle_and_no_rouge(run: Run, tmp_path: Path) -> None:
    story = tmp_path / "story.jsonl"
    story.write_text('{"source": "وصل الوزير إلى بغداد. عاد مساء."}', encoding="utf-8")
    code, out, err = run(
        "run", "--dataset", f"jsonl:{story}", "--task", "summarize", "--results", tmp_path / "r"
    )
    assert (code, err) == (0, "")
    assert "oracle" not in out
    assert "rouge1" not in out
    assert "baseline:lead" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "flores200-devtst"], "did you mean flores200-devtest"),
        (["--dataset", "jsonl:nowhere.jsonl", "--task", "translate"], "nowhere.jsonl is not there"),
        (["--dataset", "PAIRS"], "--task"),
        (["--dataset", "PAIRS", "--task", "translate", "--system", "baseline:cpy"], "did you mean 'copy'"),
        (["--dataset", "PAIRS", "--task", "translate", "--system", "baseline:copy", "--metric", "blue"], "did you mean bleu"),
        (["--dataset", "PAIRS", "--task", "translate", "--system", "baseline:copy", "--metric", "ari"], "not translate"),
        (["--dataset", "PAIRS", "--task", "translate", "--sentences", "2"], "is for summaries"),
        (["--dataset", "PAIRS", "--task", "translation"], "'translation' is not one of"),
        (["--dataset", "PAIRS", "--limit", "0"], "Invalid value for '--limit'"),
    ],
)  # fmt: skip
def test_bad_usage_is_one_line_and_exit_2(
    run: Run, pairs: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    given = [each.replace("PAIRS", f"jsonl:{pairs}") for each in arguments]
    assert message in one_line_error(run("run", *given, "--results", tmp_path / "r"), 2)


def test_a_missing_data_folder_says_what_to_set(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MUJAZ_DATA", raising=False)
    error = one_line_error(run("run", "--dataset", "flores200-devtest", "--results", tmp_path), 2)
    assert "MUJAZ_DATA" in error


# --- compare and report ---------------------------------------------------------------------------


def test_compare_tells_groups_and_limits(run: Run, scored: Path) -> None:
    code, out, err = run("compare", "--results", scored, "--samples", 500)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "jsonl:pairs.jsonl · bleu (higher is better) · 35 items"
    assert lines[1].startswith("  BLEU|nrefs:1|")
    assert lines[3].split()[0] == "files:good"
    assert lines[3].split()[-1] == "a"
    assert "cannot conclude:" in out
    code, out, _ = run(
        "compare", "--results", scored, "--metric", "chrf2", "--samples", 200, "--test", "bootstrap", "--format", "json",
        "--system", "files:good", "--system", "files:poor",
    )  # fmt: skip
    (finding,) = json.loads(out)
    assert [each["system"] for each in finding["systems"]] == ["files:good", "files:poor"]
    (pair,) = finding["pairs"]
    assert (pair["test"], pair["samples"], pair["significant"]) == ("bootstrap", 200, True)


def test_compare_leaves_out_runs_on_other_items_and_says_so(run: Run, scored: Path, pairs: Path) -> None:
    run(
        "run", "--dataset", f"jsonl:{pairs}", "--task", "translate", "--system", "baseline:copy", "--metric", "bleu",
        "--limit", 5, "--results", scored,
    )  # fmt: skip
    code, out, err = run("compare", "--results", scored, "--metric", "bleu", "--samples", 100)
    assert code == 0
    assert "left out baseline:copy: run on other items (5 of them, not the 35 compared here)" in err
    assert "35 items" in out
    assert "5 items" not in out.replace("35 items", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "flores"], "no result on 'flores' (it has: jsonl:pairs.jsonl)"),
        (["--system", "files:best"], "no result of 'files:best'"),
        (["--metric", "ter"], "was not scored with ter"),
    ],
)
def test_compare_refuses_what_is_not_there(
    run: Run, scored: Path, arguments: list[str], message: str
) -> None:
    assert message in one_line_error(run("compare", "--results", scored, *arguments), 2)


def test_no_results_is_told(run: Run, tmp_path: Path) -> None:
    assert "mujaz bench run" in one_line_error(run("compare", "--results", tmp_path), 2)
    assert "mujaz bench run" in one_line_error(run("compare", "--results", tmp_path / "none"), 2)


def test_report_writes_each_form_by_its_suffix(run: Run, scored: Path, tmp_path: Path) -> None:
    page, table = tmp_path / "new" / "report.html", tmp_path / "report.md"
    code, out, err = run(
        "report",
        "--results",
        scored,
        "--out",
        page,
        "--out",
        table,
        "--samples",
        100,
        "--title",
        "Ours",
        "--no-texts",
    )
    assert (code, out, err) == (0, "", "")
    assert "<html" in page.read_text(encoding="utf-8")
    assert "|" in table.read_text(encoding="utf-8")
    assert "end it in .html or .md" in one_line_error(
        run("report", "--results", scored, "--out", "report.pdf"), 2
    )


# --- pivot and gate -------------------------------------------------------------------------------


def test_pivot_runs_and_compares_both_orders(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = OneTranslator(FakeEngine(lambda text: f"English of {len(text)} letters."))
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    story = tmp_path / "story.jsonl"
    row: dict[str, Any] = {
        "source": ["وصل الوزير إلى بغداد. عاد مساء.", "الوزير في بغداد اليوم."], "references": ["وصل الوزير إلى بغداد."]
    }  # fmt: skip
    story.write_text(json.dumps(row | {"task": "summarize"}, ensure_ascii=False), encoding="utf-8")
    code, out, err = run(
        "pivot", "--dataset", f"jsonl:{story}", "--sentences", 1, "--results", tmp_path / "r"
    )
    assert (code, err) == (0, "")
    assert "pivot:summarize-translate,sentences=1" in out
    assert "pivot:translate-summarize,sentences=1" in out
    assert "ContentRouge1" in out
    assert "1 item: too few" in out


def test_the_gate_fails_with_exit_status_and_lowers_only_with_a_reason(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "floors.yaml"
    one = Floor(
        dataset="small", system="profile:embedded", metric="bleu", floor=50.0, fast=True,
        history=(Step(date="2026-01-01", measured=51.0, floor=50.0),),
    )  # fmt: skip
    write_floors(path, [one])
    score = 60.0
    monkeypatch.setattr(
        gate,
        "check_floors",
        lambda floors, **rest: tuple(
            Outcome(floor=each, score=score, higher_is_better=True) for each in floors
        ),
    )
    assert run("gate", "--floors", path)[0] == 0
    score = 40.0
    code, out, err = run("gate", "--floors", path)
    assert code == 1
    assert out.startswith("FAIL bleu")
    assert "1 of 1 floors are not reached" in err
    assert run("gate", "--floors", path, "--update")[0] == 2
    assert run("gate", "--floors", path, "--update", "--allow-lower")[0] == 2
    assert read_floors(path) == (one,)
    assert run("gate", "--floors", path, "--update", "--allow-lower", "--reason", "a smaller model")[0] == 0
    assert read_floors(path)[0].history[-1].reason == "a smaller model"


# --- the program ----------------------------------------------------------------------------------


def test_every_command_has_help_with_examples() -> None:
    for command in ("list", "run", "compare", "report", "pivot", "gate"):
        done = subprocess.run(
            [sys.executable, "-m", "eval.cli", command, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"mujaz bench {command}" in done.stdout.split("Options")[0]


def test_an_interrupt_is_told_as_such(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "list_cards", interrupt)
    code, out, err = run("list")
    assert (code, out) == (130, "")
    assert "Traceback" not in err
