"""Distillation up to the pairs: what the teacher is asked, which answer is learnt, and why the others are not."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("tokenizers", reason="recipes need the `train` extra: tokenizers")

from recipes.distill_choose import Judge, choose_all, chosen_pairs
from recipes.distill_settings import DistillRecipe, is_distillation, load_distill_recipe
from recipes.distill_sources import gather, questions, read_sentences
from recipes.distill_teach import shards_wanted, teach, teacher_registry
from recipes.settings import RecipeError
from recipes.stages import open_stage, read_rows, write_rows
from tests.fakes import FakeEngine

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SMOKE = RECIPES / "distill_smoke.yaml"

PAIRS = [
    ("أعلنت الوزارة أن 250 جنديا وصلوا إلى بغداد يوم الأحد.", "The ministry said that 250 soldiers arrived in Baghdad on Sunday."),
    ("لم يحضر المتحدث باسم الحكومة الاجتماع في دمشق.", "The government spokesman did not attend the meeting in Damascus."),
]  # fmt: skip
TEST_PAIR = (
    "قال وزير الخارجية إن المحادثات تستأنف في شهر حزيران المقبل.",
    "The foreign minister said that the talks would resume next June.",
)


def recipe_of(**changes: Any) -> DistillRecipe:
    """The smoke recipe with sections changed key by key; a section that is None is left out."""
    raw = yaml.safe_load(SMOKE.read_text(encoding="utf-8"))
    for section, change in changes.items():
        raw[section] = None if change is None else {**raw[section], **change}
    return DistillRecipe.model_validate({key: value for key, value in raw.items() if value is not None})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of two pairs (one twice), one test pair that also stands in the news, and some news."""
    folder = tmp_path / "data"
    for name in ("mt", "mt_eval", "news"):
        (folder / name).mkdir(parents=True)
    (folder / "mt" / "toy.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in [*PAIRS, PAIRS[0]]), "utf-8")
    (folder / "mt_eval" / "toy_test.tsv").write_text("\t".join(TEST_PAIR) + "\n", "utf-8")
    news = [TEST_PAIR[0], "نعم.", PAIRS[0][0], "وصل الوفد العراقي إلى القاهرة مساء الخميس للمشاركة في القمة."]
    (folder / "news" / "toy.txt").write_text("\n".join(news) + "\n", "utf-8")
    return folder


def test_every_shipped_recipe_of_an_encoder_decoder_is_valid() -> None:
    found = {path.stem: load_distill_recipe(path) for path in RECIPES.glob("*.yaml") if is_distillation(path)}
    assert {"distill_opus_mt", "distill_nllb", "finetune_t5gemma2", "scratch_ar_en", "distill_smoke"} <= set(
        found
    )
    for name, recipe in found.items():
        if recipe.teacher is not None:
            spec = teacher_registry(recipe.teacher).model(recipe.teacher.model)
            assert not spec.non_commercial or recipe.spec.non_commercial, (
                f"{name}: its teacher forbids commercial use"
            )
    assert (found["scratch_ar_en"].teacher, found["finetune_t5gemma2"].teacher) == (None, None)
    shapes = [found[name].student.shape for name in ("scratch_ar_en", "distill_opus_mt", "distill_nllb")]
    layers = {
        (shape.encoder_layers, shape.decoder_layers, shape.width) for shape in shapes if shape is not None
    }
    assert layers == {(6, 2, 512)}, "what is compared differs in its data, not in its layers"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teacher": None}, "needs a `teacher`"),
        ({"student": {"base": "hub:google/t5gemma-2-270m-270m"}}, "either `shape`"),
        ({"student": {"shape": None, "base": "google/t5"}}, "hub:ORG/NAME or path:FOLDER"),
        ({"model": {"inptu_limit": 3}}, "inptu_limit"),
        ({"model": {"input_limit": 4000}}, "max_positions"),
        ({"model": {"target_code": "eng_Latn"}}, "does not stand in `feed`"),
        ({"choose": {"checks": ["numbers"]}}, "checks"),
    ],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recipe_of(**changes)


def test_a_teacher_that_is_not_known_or_translates_elsewhere_is_refused() -> None:
    for change, message in (
        ({"model": "opus-mt-ar-fr"}, "opus-mt"),
        ({"model": "mt5-xlsum"}, "does not translate"),
    ):
        settings = recipe_of(teacher=change).teacher
        assert settings is not None
        with pytest.raises(RecipeError, match=message):
            teacher_registry(settings)


def test_each_sentence_is_asked_once_and_none_of_a_test_set(data: Path, tmp_path: Path) -> None:
    report = gather(recipe_of(), data, tmp_path / "asked.jsonl")
    asked = list(questions(tmp_path / "asked.jsonl"))
    assert [(each.ar, each.reference) for each in asked[:2]] == PAIRS
    assert [(each.reference, each.source) for each in asked[2:]] == [("", "toy")]
    assert asked[2].ar.startswith("وصل الوفد")
    assert report["toy"]["eval overlap"] == report["toy"]["short"] == 1
    assert report["toy"]["duplicate"] == 2  # one pair of the file, one sentence of the news


def test_articles_are_cut_into_sentences(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.xz"
    with lzma.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps({"document": "وصل الوفد إلى القاهرة. وقال المتحدث إن القمة تبدأ غدا."}) + "\n")
    assert list(read_sentences(path)) == ["وصل الوفد إلى القاهرة.", "وقال المتحدث إن القمة تبدأ غدا."]
    (tmp_path / "other.jsonl").write_text('{"body": "نص"}\n', "utf-8")
    with pytest.raises(RecipeError, match="neither document nor text"):
        list(read_sentences(tmp_path / "other.jsonl"))


def test_shards_that_are_there_are_not_asked_again(tmp_path: Path) -> None:
    settings = recipe_of(teacher={"shard_sentences": 2}).teacher
    assert settings is not None
    asked, out = tmp_path / "asked.jsonl", tmp_path / "taught"
    out.mkdir()
    write_rows(
        asked, [{"ar": f"جملة رقم {i} من الخبر.", "reference": "", "source": "news"} for i in range(5)]
    )
    engine = FakeEngine(lambda text: f"Sentence {text.split()[2]}.", word_limit=6)
    whole = shards_wanted(asked, settings)
    assert whole == 3
    list(teach(engine, asked, out, settings, share=(1, 2)))
    assert [each.name for each in out.iterdir()] == ["00001.jsonl"]
    before = len(engine.asked)
    assert len(list(teach(engine, asked, out, settings))) == whole
    assert len(engine.asked) == before + 3  # the two of the first shard and the one of the last
    rows = [row for shard in sorted(out.iterdir()) for row in read_rows(shard)]
    assert [row["answers"] for row in rows] == [[f"Sentence {i}."] for i in range(5)]


def test_a_sentence_too_long_for_the_teacher_has_no_answer_and_is_not_cut(tmp_path: Path) -> None:
    settings = recipe_of().teacher
    assert settings is not None
    write_rows(tmp_path / "asked.jsonl", [{"ar": "كلمة " * 20, "reference": "", "source": "news"}])
    engine = FakeEngine(lambda text: "Word.", word_limit=6)
    (shard,) = teach(engine, tmp_path / "asked.jsonl", tmp_path, settings)
    assert [row["answers"] for row in read_rows(shard)] == [[]]
    assert engine.asked == []


# --- choosing -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("data")
    (folder / "mt_eval").mkdir()
    (folder / "mt_eval" / "toy_test.tsv").write_text("\t".join(TEST_PAIR) + "\n", "utf-8")
    return Judge.of(recipe_of(), folder)


def row(pair: tuple[str, str], *answers: str, reference: bool = True) -> dict[str, Any]:
    return {
        "ar": pair[0],
        "reference": pair[1] if reference else "",
        "source": "toy",
        "answers": list(answers),
    }


def test_of_sound_answers_the_one_closest_to_the_reference_is_learnt(judge: Judge) -> None:
    far = "250 soldiers, the ministry announced, reached Baghdad Sunday."
    near = "The ministry said 250 soldiers arrived in Baghdad on Sunday."
    (chosen,) = judge.choose(row(PAIRS[0], far, near))
    assert (chosen["en"], chosen["by"]) == (near, "teacher")
    (first,) = judge.choose(row(PAIRS[0], far, near, reference=False))
    assert first["en"] == far, "without a reference the teacher's own order counts"


@pytest.mark.parametrize(
    ("pair", "wrong", "why"),
    [
        (PAIRS[0], "The ministry said that 350 soldiers arrived in Baghdad on Sunday.", "digits"),
        (PAIRS[0], "The ministry said that 250 soldiers arrived in Baghdad on Monday.", "check: date"),
        (PAIRS[0], "The ministry said that 250 soldiers arrived in Cairo on Sunday.", "check: name"),
        (PAIRS[1], "The government spokesman attended the meeting in Damascus.", "check: negation"),
        (PAIRS[1], "The spokesman did not not not not not attend the Damascus meeting.", "check: repetition"),
        (PAIRS[1], "لم يحضر المتحدث باسم الحكومة الاجتماع في دمشق.", "script"),
        (PAIRS[1], TEST_PAIR[1], "eval overlap"),
    ],
)
def test_an_answer_with_a_wrong_fact_is_not_taught(
    judge: Judge, pair: tuple[str, str], wrong: str, why: str
) -> None:
    (dropped,) = judge.choose(row(pair, wrong, reference=False))
    assert dropped == {"ar": pair[0], "source": "toy", "why": why}
    (fallback,) = judge.choose(row(pair, wrong))
    assert (fallback["en"], fallback["by"]) == (pair[1], "reference")
    (mended,) = judge.choose(row(pair, wrong, pair[1], reference=False))
    assert mended["en"] == pair[1], "the next answer is tried"


def test_the_chosen_are_written_shard_by_shard_and_counted(data: Path, tmp_path: Path) -> None:
    recipe = recipe_of(choose={"references": "beside"}, prepare={"sources": {"toy": {"repeat": 2}}})
    good = "The ministry announced that 250 soldiers arrived in Baghdad on Sunday."
    taught, chosen = tmp_path / "taught", tmp_path / "chosen"
    for folder in (taught, chosen):
        folder.mkdir()
    write_rows(taught / "00000.jsonl", [row(PAIRS[0], good), row(PAIRS[1], reference=False)])
    choose_all(recipe, data, list(taught.iterdir()), chosen)
    report: dict[str, Counter[str]] = {}
    pairs = list(chosen_pairs(chosen, recipe, report))
    assert [(pair.en, pair.synthetic) for pair in pairs] == [(good, True)] * 2 + [(PAIRS[0][1], False)] * 2
    assert report == {"taught: toy": {"by teacher": 1, "by reference": 1, "dropped: no answer": 1}}
    (chosen / "00000.jsonl").write_text("", "utf-8")
    choose_all(recipe, data, list(taught.iterdir()), chosen)
    assert (chosen / "00000.jsonl").read_text("utf-8") == "", "what is there is not made again"


def test_a_stage_made_with_other_settings_is_refused(tmp_path: Path) -> None:
    open_stage(tmp_path / "taught", {"teacher": "a"})
    open_stage(tmp_path / "taught", {"teacher": "a"})
    with pytest.raises(RecipeError, match="other settings"):
        open_stage(tmp_path / "taught", {"teacher": "b"})
