"""The recipe, step by step on made-up data, and end to end on a tiny random model that is killed and resumed."""

from __future__ import annotations

import json
import lzma
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("tokenizers", reason="recipes need the `train` extra: tokenizers")

from recipes import prepare, synthetic
from recipes.distill_settings import is_distillation
from recipes.settings import RecipeError, Source, load_recipe
from summarizer.terms import Terms
from tests.recipes.toys import write_toy_base

ROOT = Path(__file__).resolve().parents[2]
SMOKE = ROOT / "recipes" / "smoke.yaml"
SETTINGS = load_recipe(SMOKE).prepare
PEOPLE = [("محمد الكاظمي", "Mohammed al-Kadhimi"), ("فاطمة حسن", "Fatima Hassan")]


def test_every_shipped_recipe_is_valid() -> None:
    recipes = sorted((ROOT / "recipes").glob("*.yaml"))
    assert len(recipes) >= 3
    for path in recipes:
        if not is_distillation(path):  # those are read in test_distill.py
            load_recipe(path)


def test_a_mistyped_setting_is_an_error_that_names_it(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SMOKE.read_text(encoding="utf-8").replace("accumulate:", "acumulate:"), encoding="utf-8")
    with pytest.raises(RecipeError, match="acumulate"):
        load_recipe(wrong)


@pytest.mark.parametrize(
    ("ar", "en", "reason"),
    [
        ("وصل الوزير إلى بغداد اليوم", "The minister arrived in Baghdad today", None),
        ("خسرت الشركة ٣٠٠ ألف دولار هذا العام", "The company lost $300,000 this year", None),
        ("خسرت الشركة 300 ألف دولار هذا العام", "The company lost $310,000 this year", "digits"),
        ("حفظ الملف", "Save file", "short"),
        ("شغّل الأمر {name} في الطرفية الآن", "Run the {name} command in the terminal now", "garbage"),
        ("قتل 2500 جندي في المعركة", "Some 2,600 soldiers were killed in the battle", "digits"),
        ("قتل ٢٥٠٠ جندي في المعركة", "Some 2,500 soldiers were killed in the battle", None),
        ("شو بدك من هذا المكان", "What do you want from this place", "dialect"),
        ("this is not Arabic at all", "this is not Arabic at all", "script"),
    ],
)
def test_filters_say_why(ar: str, en: str, reason: str | None) -> None:
    assert prepare.why_drop(ar, en, settings=SETTINGS, source=Source()) == reason


def test_no_training_pair_shares_a_long_run_of_words_with_an_evaluation_set(tmp_path: Path) -> None:
    held_out = tmp_path / "test.tsv"
    held_out.write_text(
        "أعلن الوزير اليوم\tThe minister said today that the talks would resume in June\n", encoding="utf-8"
    )
    guard = prepare.EvalGuard([held_out], 8)
    assert guard.overlaps("شيء آخر", "He added: the Minister said today, that the talks would stop.")
    assert guard.overlaps("أَعلن الوزيرُ اليوم", "Unrelated"), (
        "short sentences are known whole, whatever their marks"
    )
    assert not guard.overlaps("شيء آخر", "The minister said today that nobody would come")


def test_hints_put_the_english_name_into_the_arabic_only_where_the_english_has_it() -> None:
    table = {"محمد الكاظمي": {"Mohammed al-Kadhimi"}, "بغداد": {"Baghdad"}}
    pair = prepare.Pair(
        "قال محمد الكاظمي، من بغداد.", "Mohammed al-Kadhimi said, from the capital.", "x", False
    )
    hinted = prepare.add_hints(pair, table, random.Random(0))
    assert hinted is not None
    assert hinted.ar == "قال Mohammed al-Kadhimi، من بغداد."


def test_a_pair_is_written_as_the_application_feeds_it_where_its_english_has_the_names() -> None:
    terms = Terms.load()

    def fed(ar: str, en: str) -> str | None:
        pair = prepare.as_fed(prepare.Pair(ar, en, "x", synthetic=False), terms)
        return None if pair is None else pair.ar

    english = "He left Baghdad for Tehran on April 7."
    assert fed("غادر بغداد إلى طهران في ٧ نيسان.", english) == "غادر Baghdad إلى Tehran في 7 April."
    assert fed("غادر بغداد إلى طهران في 7 نيسان.", "He left it for Tehran on 4/7.") == (
        "غادر بغداد إلى Tehran في 7 نيسان."
    )
    assert fed("غادر المدينة.", "He left the city.") is None


def test_pairs_written_for_the_project_are_found_and_the_corpora_come_first(tmp_path: Path) -> None:
    assert prepare.find_tsv(tmp_path, "written_news").parent == ROOT / "recipes" / "written"
    (tmp_path / "written_news.tsv").write_text("أ\ta\n", encoding="utf-8")
    assert prepare.find_tsv(tmp_path, "written_news").parent == tmp_path
    with pytest.raises(RecipeError, match="no other"):
        prepare.find_tsv(tmp_path, "other")


def test_months_are_swapped_to_the_other_system() -> None:
    swapped = {
        prepare.swap_months("في 3 يناير 2020", "on January 3, 2020", random.Random(i)) for i in range(20)
    }
    assert all("كانون الثاني" in s for s in swapped)
    assert any("يناير" in s for s in swapped)
    assert prepare.swap_months("في مايو", "no month here", random.Random(0)) == "في مايو"


def test_templates_keep_their_numbers_and_are_the_same_for_a_seed() -> None:
    pairs = synthetic.write_pairs(300, PEOPLE, seed=5, copy_share=0.3)
    assert pairs == synthetic.write_pairs(300, PEOPLE, seed=5, copy_share=0.3)
    assert len(set(pairs)) == 300
    for ar, en in pairs:
        assert not re.search(r"[{}]|,,|  ", f"{ar}\n{en}"), (ar, en)


# --- end to end ---


def _write_data(folder: Path) -> None:
    """A data folder with the layout of the real one: toy pairs, names, and a test set."""
    toy = synthetic.write_pairs(200, PEOPLE, seed=11, copy_share=0.1)
    files = {
        "mt/toy": toy[:100],
        "mt/toy_machine": toy[100:180],
        "names/names_fullnames_wikidata_cc0": PEOPLE * 10,
        "names/names_geo_cldr_iso": [
            ("بغداد", "Baghdad"),
            ("دمشق", "Damascus"),
            ("بيروت", "Beirut"),
            ("عدن", "Aden"),
            ("حلب", "Aleppo"),
        ],
        "names/names_wikidata_persons": [("محمد", "Mohammed")],
        "names/names_units_wikidata_cc0": [("حسن", "Hassan")],
        "names/lexicon_tico19_terms": [("فيروس كورونا", "corona virus")],
    }
    for name, pairs in files.items():
        path = folder / f"{name}.tsv.xz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with lzma.open(path, "wt", encoding="utf-8") as out:
            out.writelines(f"{ar}\t{en}\n" for ar, en in pairs)
    (folder / "mt_eval").mkdir()
    lines = [f"{ar}\t{en}\n" for ar, en in toy[180:]]
    (folder / "mt_eval" / "toy_test.tsv").write_text("".join(lines), encoding="utf-8")


def _losses(run: Path) -> list[float]:
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [r["step"] for r in records] == list(range(1, len(records) + 1)), "one line a step, in order"
    return [r["loss"] for r in records]


def _start(*arguments: str | Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    return output


def _wait_for_checkpoint(run: Path, step: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not (run / f"step-{step:06d}" / "progress.json").exists():
        assert process.poll() is None, "training ended before it was killed"
        assert time.monotonic() < deadline, "no checkpoint came"
        time.sleep(0.02)


@pytest.mark.slow
def test_prepare_train_kill_resume_export_score(tmp_path: Path) -> None:
    for module in ("torch", "transformers", "ctranslate2", "sacrebleu"):
        pytest.importorskip(
            module, reason=f"the smoke recipe trains a model: install the `train` extra ({module} is missing)"
        )
    data, base, pairs = tmp_path / "data", tmp_path / "base", tmp_path / "pairs.npz"
    _write_data(data)
    write_toy_base(
        base, [text for pair in synthetic.write_pairs(200, PEOPLE, seed=1, copy_share=0.1) for text in pair]
    )
    _finish(
        _start(
            "recipes.prepare", SMOKE, "--data", data, "--tokenizer", base / "tokenizer.json", "--out", pairs
        )
    )
    report = json.loads(pairs.with_suffix(".report.json").read_text(encoding="utf-8"))
    assert report["all"]["written"] > 100

    def train(run: Path) -> subprocess.Popen[str]:
        return _start("recipes.train", SMOKE, "--data", pairs, "--base", base, "--out", run)

    straight, broken = tmp_path / "straight", tmp_path / "broken"
    _finish(train(straight))
    for step, how in ((3, signal.SIGTERM), (6, signal.SIGKILL)):
        process = train(broken)
        _wait_for_checkpoint(broken, step, process)
        process.send_signal(how)
        process.communicate(timeout=120)
        assert process.returncode == (0 if how == signal.SIGTERM else -how)
    _finish(train(broken))
    assert len(_losses(straight)) == 12
    assert _losses(broken) == pytest.approx(_losses(straight), rel=1e-4)
    assert _losses(straight)[-1] < _losses(straight)[0]

    for name, chosen in (("before", ("--checkpoint", base)), ("after", ("--run", broken))):
        _finish(_start("recipes.export", SMOKE, *chosen, "--name", name, "--out", tmp_path / "models" / name))
    files = {p.name for p in (tmp_path / "models" / "after").iterdir()}
    assert {
        "config.json",
        "vocabulary.json",
        "tokenizer.json",
        "SHA256SUMS",
        "CARD.md",
        "LICENSE",
        "NOTICE",
    } <= files
    assert "model.bin.part-00" in files
    assert "model.bin" not in files, "shipped in parts only"

    output = _finish(
        _start(
            "recipes.score", SMOKE, "--data", data, "--models", tmp_path / "models/before", tmp_path / "models/after",
            "--curve", broken, "--base", base, "--dev", "mt_eval/toy_test.tsv", "--dev-sentences", "4",
            "--out", tmp_path / "scores",
        )
    )  # fmt: skip
    assert "version:" in output, "scores travel with their signature"
    rows = json.loads((tmp_path / "scores" / "scores.json").read_text(encoding="utf-8"))
    assert [row["model"] for row in rows] == ["before", "after"]
    curve = json.loads((tmp_path / "scores" / "curve.json").read_text(encoding="utf-8"))
    assert [point["step"] for point in curve] == [0, 10, 11, 12]


@pytest.mark.slow
def test_a_damaged_part_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2", reason="install the `train` extra")
    from recipes.runtime import join_parts

    (tmp_path / "model.bin.part-00").write_bytes(b"damaged")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  model.bin\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="SHA256SUMS"):
        join_parts(tmp_path)
