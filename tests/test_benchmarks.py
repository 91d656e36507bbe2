"""The speed benchmark compares like with like: the naive peer computes with the very weights that ship."""

from __future__ import annotations

import difflib
import json
import subprocess
import sys

import pytest

from summarizer.models import Registry
from tests.conftest import ROOT


@pytest.mark.hub
@pytest.mark.slow
def test_the_naive_peer_says_what_the_shipped_model_says() -> None:
    pytest.importorskip("torch", reason="the peer runs on torch: pip install 'mujaz[hub]'")
    from benchmarks.naive import NaiveEngine

    registry = Registry.load()
    spec = registry.task_model("translation")
    naive = NaiveEngine(spec, registry.locate(spec))
    texts = ["وصل الوزير إلى بغداد أمس.", ""]
    ours = [each[0].text for each in registry.engine(spec.id).generate(texts)]
    theirs = [each[0].text for each in naive.generate(texts)]
    # int8 arithmetic rounds: a word may differ, a sentence may not.
    assert difflib.SequenceMatcher(None, ours[0].split(), theirs[0].split()).ratio() > 0.5
    assert theirs[1] == ours[1] == ""


def test_the_benchmark_measures_every_stage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--child", "mujaz", "--repeat", "0", "--sentences", "1"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found["cold"]) == {
        "start",
        "segment",
        "duplicates",
        "cluster",
        "summarize",
        "translate",
        "assemble",
    }
    assert found["reports"] == 5
    assert found["peak_mb"] > 100
