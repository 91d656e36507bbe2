"""The smoke recipe as its user gives it: the shipped model teaches real news sentences, and the process is killed twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip(
    "torch", reason="training an encoder-decoder needs the `hub` extra: pip install 'mujaz[hub]'"
)
pytest.importorskip(
    "sentencepiece", reason="training an encoder-decoder needs the `hub` extra: pip install 'mujaz[hub]'"
)

from sacrebleu.metrics.bleu import BLEU

from recipes.stages import read_rows
from summarizer.segment import split_spans
from tests.conftest import EXAMPLES, ROOT
from tests.recipes.test_distill import PAIRS, SMOKE, TEST_PAIR

pytestmark = [pytest.mark.hub, pytest.mark.slow]

#: Sentences of the example reports that are taught; a small student learns so many by heart in a minute.
SENTENCES = 36
#: Its own English for another sentence scores under 5 here.
LEARNT_BLEU = 40.0


def write_data(folder: Path) -> None:
    for name in ("mt", "mt_eval", "news"):
        (folder / name).mkdir(parents=True)
    (folder / "mt" / "toy.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in PAIRS), encoding="utf-8")
    (folder / "mt_eval" / "toy_test.tsv").write_text("\t".join(TEST_PAIR) + "\n", encoding="utf-8")
    sentences: list[str] = []
    for path in sorted(EXAMPLES.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        sentences += [" ".join(text[start:end].split()) for start, end in split_spans(text)]
    short = [each for each in sentences if 8 <= len(each.split()) <= 22][:SENTENCES]
    assert len(short) == SENTENCES
    (folder / "news" / "toy.txt").write_text("".join(f"{each}\n" for each in short), encoding="utf-8")


def start(*arguments: str | Path, cache: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "MUJAZ_CACHE": str(cache),
        "MUJAZ_CONFIG": str(cache),
    }
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def kill_when(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not ready():
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_teach_kill_choose_train_kill_export_translate(tmp_path: Path) -> None:
    data, out, cache = tmp_path / "data", tmp_path / "out", tmp_path / "cache"
    write_data(data)
    command = ("-m", "recipes.distill", SMOKE, "--data", data, "--out", out)
    taught, run = out / "taught", out / "run"

    kill_when(lambda: (taught / "00001.jsonl").exists(), start(*command, cache=cache))
    shards = {path.name: path.stat().st_mtime_ns for path in taught.glob("*.jsonl")}
    assert 0 < len(shards) < 5
    kill_when(lambda: bool(list(run.glob("step-*/progress.json"))), start(*command, cache=cache))
    assert {name: (taught / name).stat().st_mtime_ns for name in shards} == shards, "what is taught stays"
    finish(start(*command, cache=cache))

    steps = list(read_rows(run / "log.jsonl"))
    assert [row["step"] for row in steps] == list(range(1, len(steps) + 1)), "one line a step, in order"
    assert steps[-1]["loss"] < steps[0]["loss"] / 10
    rows = [row for path in sorted((out / "chosen").glob("*.jsonl")) for row in read_rows(path)]
    learnt = {row["ar"]: row["en"] for row in rows if row.get("by") == "teacher"}
    assert len(rows) >= SENTENCES
    assert len(learnt) >= SENTENCES // 3, [row.get("why") for row in rows]
    assert all("why" in row for row in rows if "by" not in row), "nothing is dropped without a reason"

    entry, lines = out / "model" / "models.yaml", tmp_path / "lines.txt"
    lines.write_text("".join(f"{ar}\n" for ar in learnt), encoding="utf-8")
    mujaz = ("-m", "summarizer.cli")
    check = finish(
        start(*mujaz, "models", "check", "--model", "student-smoke", "--models", entry, cache=cache)
    )
    assert "20 of 20 golden sentences" in check
    told = finish(
        start(
            *mujaz,
            "translate",
            lines,
            "--models",
            entry,
            "--profile",
            "student-smoke",
            "--format",
            "jsonl",
            cache=cache,
        )
    )
    said = [json.loads(line)["en"] for line in told.splitlines()]
    assert len(said) == len(learnt)
    assert BLEU().corpus_score(said, [list(learnt.values())]).score > LEARNT_BLEU
