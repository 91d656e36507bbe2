"""The speed benchmark compares like with like: the naive peer computes with the very weights that ship."""

from __future__ import annotations

import difflib
import json
import math
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import speed
from benchmarks.asked import Recorder, load
from benchmarks.sampling import Stratum, draw, estimate
from summarizer.engines import create_engine
from summarizer.models import Registry
from tests.conftest import ROOT
from tests.fakes import FakeEngine


@pytest.mark.hub
@pytest.mark.slow
def test_the_naive_peer_says_what_the_shipped_model_says() -> None:
    pytest.importorskip("torch", reason="the peer runs on torch: pip install 'mujaz[hub]'")
    from benchmarks.naive import NaiveEngine, narrow

    registry = Registry.load()
    spec = registry.task_model("translation")
    naive = NaiveEngine(spec, narrow(registry, spec))
    texts = ["وصل الوزير إلى بغداد أمس.", ""]
    ours = [each[0].text for each in registry.engine(spec.id).generate(texts)]
    theirs = [each[0].text for each in naive.generate(texts)]
    # int8 arithmetic rounds: a word may differ, a sentence may not.
    assert difflib.SequenceMatcher(None, ours[0].split(), theirs[0].split()).ratio() > 0.5
    assert theirs[1] == ours[1] == ""


@pytest.mark.slow  # the five reports, translated
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
    assert found["model"]["inputs"] >= found["translated"] - 5
    assert 0 < found["model"]["seconds"] <= found["cold"]["translate"]


# --- the sampled peer ---------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.integers(2, 70), st.integers(0, 5))
def test_a_sample_is_two_of_each_stratum_of_neighbours(costs: list[float], count: int, seed: int) -> None:
    strata = draw(costs, count, seed=seed)
    assert sum(each.size for each in strata) == len(costs)
    drawn = [index for each in strata for index in each.drawn]
    assert len(set(drawn)) == len(drawn) == min(len(costs), count + count % 2)
    assert [costs[i] for each in strata for i in each.drawn[:1]] == sorted(
        costs[i] for each in strata for i in each.drawn[:1]
    )
    sizes = {each.size for each in strata}
    assert max(sizes) - min(sizes) <= 1
    assert draw(costs, count, seed=seed) == strata


def test_the_estimate_is_what_the_books_say() -> None:
    # Two strata of 10 and 20 parts: 10 * 2 + 20 * 5; variances 100 * 0.8 * 2 / 2 and 400 * 0.9 * 8 / 2.
    found = estimate([Stratum(size=10, drawn=(0, 1)), Stratum(size=20, drawn=(2, 3))], [[1, 3], [3, 7]])
    assert found.total == 120
    assert found.margin == pytest.approx(4.302653 * (80 + 1440) ** 0.5, rel=1e-6)  # t, 2 degrees of freedom
    assert (found.parts, found.measured) == (30, 4)


def test_when_all_is_measured_nothing_is_uncertain() -> None:
    strata = draw([3, 1, 2], 9, seed=1)
    found = estimate(strata, [[float(each.drawn[0])] for each in strata])
    assert (found.total, found.margin, found.measured) == (3.0, 0.0, 3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(3)
    lengths = [chance.uniform(5, 60) for _ in range(400)]
    costs = [0.2 * length + chance.lognormvariate(0, 0.5) for length in lengths]
    truth, held, totals = sum(costs), 0, []
    for seed in range(300):
        strata = draw(lengths, 40, seed=seed)
        found = estimate(strata, [[costs[i] for i in each.drawn] for each in strata])
        held += abs(found.total - truth) <= found.margin
        totals.append(found.total)
    assert 0.90 <= held / 300 <= 0.99
    assert sum(totals) / 300 == pytest.approx(truth, rel=0.01)  # unbiased


def test_samples_that_tell_nothing_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="a sample of 1 tells nothing"):
        draw([1, 2], 1, seed=1)
    with pytest.raises(ValueError, match="1 measurements of 2 parts"):
        estimate([Stratum(size=4, drawn=(0, 1))], [[1.0]])
    with pytest.raises(SystemExit):
        speed.main(["--naive-sample", "1"])
    assert "must be 2 or more" in capsys.readouterr().err


MUJAZ = {
    "engine": "mujaz", "reports": 200, "stories": 9, "translated": 40, "warm": {"translate": 30.0}, "peak_mb": 800.0,
    "cold": {"start": 1.0, "summarize": 4.0, "translate": 35.0},
    "model": {"inputs": 60, "seconds": 30.0},
    "cache": {
        "empty": {"seconds": 41.0, "computed": 60, "reused": 0, "same": True},
        "filled": {"seconds": 6.0, "computed": 0, "reused": 60, "same": True}, "mb": 0.1,
    },
}  # fmt: skip


def test_the_extrapolated_row_replaces_the_model_alone_and_says_so() -> None:
    sample = {"start": 8.0, "peak_mb": 1600.0, "estimate": {"total": 300.0, "margin": 20.0, "measured": 12}}
    row = speed.extrapolate(MUJAZ, sample)
    assert row["cold"] == {
        "start": 8.0,
        "summarize": 4.0,
        "translate": 305.0,
    }  # 5 s of checks and 300 of model
    assert speed.compare(MUJAZ, row) == (
        "200 reports, naive / Mujaz, end to end, cold: 7.9x "
        "(95 % interval 7.4-8.4; EXTRAPOLATED from 12 of 60 inputs of the model)"
    )
    lines = speed._table([MUJAZ, row])
    assert "| mujaz | 200 | 40 | 1.0 | 4.0 | 35.0 | 40.0 | 30.0 | 800 |" in lines
    assert "| naive (extrapolated) | 200 | 40 | 8.0 | 4.0 | 305.0 | 317.0 ± 20.0 | – | 1600 |" in lines


def test_the_line_about_the_cache_says_when_the_brief_is_another() -> None:
    line = speed.tell_cache(MUJAZ)
    assert "first 41.0 s, 60 inputs given to the model; again 6.0 s, 0 inputs; the same brief" in line
    spoilt = {**MUJAZ["cache"], "filled": {**MUJAZ["cache"]["filled"], "same": False}}
    assert "ANOTHER BRIEF" in speed.tell_cache({**MUJAZ, "cache": spoilt})


def test_the_recorder_knows_what_was_asked(tmp_path: Path) -> None:
    recorder = Recorder(FakeEngine(str.upper))
    assert [each[0].text for each in recorder.generate(["a b", ""], hypotheses=2)] == ["A B", ""]
    recorder.generate(["c"])
    recorder.save(tmp_path / "asked.json")
    assert load(tmp_path / "asked.json") == [("a b", 2), ("c", 1)]
    assert recorder.count_tokens("a b") == 2
    assert recorder.seconds > 0


# --- engines ------------------------------------------------------------------------------------------


@pytest.mark.hub
def test_every_contender_writes_as_many_tokens(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the peers run on torch: pip install 'mujaz[hub]'")
    from benchmarks import engines

    opus = engines.OPUS
    assert (opus.layers, opus.width, opus.inner, opus.heads, opus.vocabulary) == (6, 512, 2048, 8, 62_834)
    toy = engines.TOY
    entrants = engines.contenders(toy, tmp_path)
    task = engines.make_task(toy, tmp_path / "plain")
    assert [len(ids) for ids in task.ids] == [len(tokens) for tokens in task.tokens]
    assert {len(ids) for ids in task.ids} >= {toy.shortest, toy.longest}
    for name, contender in entrants.items():
        sentences = len(task.ids[::4]) if name == engines.ONE_BY_ONE else toy.sentences
        for beam in (1, 4):
            assert contender(task, beam) == sentences * toy.new_tokens, name
    rows = engines.measure(entrants, task, beams=(1, 4), repeats=2)
    assert [(row.name, row.beam) for row in rows] == [(name, beam) for beam in (1, 4) for name in entrants]
    ours = next(row for row in rows if row.name == engines.OURS)
    for row in rows[: len(entrants)]:
        assert row.ratios == tuple(a / b for a, b in zip(ours.speeds, row.speeds, strict=True))
    mapped = next(row for row in rows if row.name == engines.WITH_MAP)
    assert mapped.ratios == tuple(a / b for a, b in zip(ours.speeds, mapped.speeds, strict=True))
    assert ours.mapped_ratios == tuple(a / b for a, b in zip(mapped.speeds, ours.speeds, strict=True))
    lines = engines.table(rows)
    assert len(lines) == 2 + 2 * len(entrants)
    assert all(line.count("|") == 6 for line in lines)


@pytest.mark.hub
def test_the_vocabulary_map_of_the_benchmark_restricts_the_answers(tmp_path: Path) -> None:
    """Otherwise its row would be of the same work as the others."""
    pytest.importorskip("torch", reason="the peers run on torch: pip install 'mujaz[hub]'")
    from benchmarks import engines

    engines.build(engines.TOY, tmp_path / "plain")
    engines.write_map(engines.TOY, tmp_path / "plain", tmp_path / "mapped")
    task = engines.make_task(engines.TOY, tmp_path / "plain")

    def words(folder: Path) -> set[str]:
        engine = create_engine(engines.opus_like(folder, beam=4), lambda: folder)
        answers = engine.generate(task.texts, max_new_tokens=task.new_tokens)
        return {word for each in answers for word in each[0].text.split()}

    line = (tmp_path / "mapped" / "vmap.txt").read_text(encoding="utf-8").rstrip()
    allowed = {word.removeprefix("\u2581") for word in line.lstrip("\t").split(" ")}
    assert len(allowed) == engines.TOY.candidates
    assert words(tmp_path / "mapped") <= allowed
    assert not words(tmp_path / "plain") <= allowed


@pytest.mark.hub
def test_our_engine_and_the_bare_call_write_the_same_words(tmp_path: Path) -> None:
    """Otherwise the benchmark would compare two models."""
    pytest.importorskip("torch", reason="the peers run on torch: pip install 'mujaz[hub]'")
    import ctranslate2

    from benchmarks import engines

    engines.build(engines.TOY, tmp_path)
    task = engines.make_task(engines.TOY, tmp_path)
    engine = create_engine(engines.opus_like(tmp_path, beam=1), lambda: tmp_path)
    translator = ctranslate2.Translator(str(tmp_path), compute_type="int8")
    raw = translator.translate_batch(
        task.tokens,
        beam_size=1,
        max_decoding_length=task.new_tokens,
        max_batch_size=3000,
        batch_type="tokens",
    )
    ours = engine.generate(task.texts, max_new_tokens=task.new_tokens)
    assert [each[0].text.split() for each in ours] == [
        [token.removeprefix("\u2581") for token in result.hypotheses[0]] for result in raw
    ]


@pytest.mark.slow
def test_the_pool_keeps_order_and_survives_a_dead_actor(capsys: pytest.CaptureFixture[str]) -> None:
    """With the embedded model itself: 12 sentences are enough for several batches."""
    pytest.importorskip("ray", reason="the pool runs on Ray: pip install 'mujaz[ray]'")
    from benchmarks import pool

    pool.main(["--dataset", "mujaz-challenge", "--sentences", "12", "--rounds", "1", "--actors", "2"])
    out = capsys.readouterr().out
    assert "| pool of 2 |" in out
    assert "12 of 12 |" in out
    assert "pool of 2, an actor killed at work: the same answers" in out


def test_the_arithmetic_of_the_scale_page_is_right() -> None:
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    rates = {
        name: float(value.replace(",", ""))
        for name, value in re.findall(
            r"^\| \*(\w)\* \| .* \| ([\d.,]+)(?: \(assumed\))? \|$", page, flags=re.M
        )
    }
    assert set(rates) == set("Adtscu")

    def cores(articles: float, texts: float) -> int:
        busy = 86_400 * rates["u"]
        return math.ceil(articles * rates["d"] * (texts * rates["s"] + rates["c"]) / busy)

    rows = re.findall(r"^\| ([\d,]+) \| (\d+) \| (\d+) \|$", page, flags=re.M)
    assert len(rows) == 3
    for articles, everything, chosen in rows:
        count = float(articles.replace(",", ""))
        assert cores(count, rates["t"]) == int(everything)
        assert cores(count, rates["t"] / 10) == int(chosen)
    assert f"**{rows[-1][1]} cores**" in page
