"""A student from end to end on a toy: taught, trained, stopped and resumed, exported, and run by Mujaz itself."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip(
    "torch", reason="training an encoder-decoder needs the `hub` extra: pip install 'mujaz[hub]'"
)
pytest.importorskip(
    "sentencepiece", reason="training an encoder-decoder needs the `hub` extra: pip install 'mujaz[hub]'"
)

import torch
from sacrebleu.metrics.bleu import BLEU
from transformers import AutoModelForSeq2SeqLM

from recipes import synthetic
from recipes.distill import distill, make_pairs
from recipes.distill_settings import DistillRecipe, load_distill_recipe
from recipes.prepare import read_tsv
from recipes.seq2seq_data import Cutter, pack
from recipes.seq2seq_student import marian_config
from recipes.seq2seq_train import Seq2SeqTrainer, decoder_start, is_finished
from recipes.settings import RecipeError
from recipes.stages import read_rows
from summarizer import cli
from summarizer.engines.ctranslate2 import VOCABULARY_MAP_FILE
from summarizer.models import Registry
from tests.engines.checkpoints import ARCHITECTURES, ENGLISH, SENTENCES, fast_tokenizer
from tests.recipes.test_distill import SMOKE

pytestmark = pytest.mark.hub

PEOPLE = [("محمد الكاظمي", "Mohammed al-Kadhimi"), ("فاطمة حسن", "Fatima Hassan")]
#: A student that copies the wrong sentence, or half of one, is far below; one that has learnt its 40 sentences above 80.
LEARNT_BLEU = 50.0


def recipe_of(**changes: Any) -> DistillRecipe:
    """The smoke recipe without its teacher and its news, with sections changed key by key, or taken out (None)."""
    raw = yaml.safe_load(SMOKE.read_text(encoding="utf-8"))
    del raw["teacher"], raw["monolingual"]
    for section, change in changes.items():
        raw[section] = change and {**raw.get(section, {}), **change}
    return DistillRecipe.model_validate(raw)


@pytest.fixture(scope="module", autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A cache of its own, one thread, and no settings of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUJAZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("MUJAZ_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("MUJAZ_DEVICE", "cpu")
        patch.setenv("MUJAZ_THREADS", "1")
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        yield
        for number, handler in handlers.items():  # training takes them
            signal.signal(number, handler)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    toy = synthetic.write_pairs(50, PEOPLE, seed=11, copy_share=0.0)
    for name, pairs in (("mt/toy", toy[:40]), ("mt_eval/toy_test", toy[40:])):
        path = folder / f"{name}.tsv"
        path.parent.mkdir()
        path.write_text("".join(f"{ar}\t{en}\n" for ar, en in pairs), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def scratch(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained from random weights on the pairs themselves; it is the teacher below."""
    out = tmp_path_factory.mktemp("scratch")
    distill(recipe_of(export={"name": "toy-teacher"}), data, out)
    return out


def losses(run: Path) -> list[float]:
    return [row["loss"] for row in read_rows(run / "log.jsonl")]


def mujaz(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main([str(each) for each in arguments])
    return int(exit_.value.code or 0), capsys.readouterr().out


def test_from_a_teacher_to_a_model_that_mujaz_runs(
    data: Path, scratch: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher = {
        "model": "toy-teacher",
        "entry": {
            **yaml.safe_load((scratch / "model" / "models.yaml").read_text("utf-8"))["models"]["toy-teacher"],
            "source": f"path:{scratch / 'model'}",
        },
        "hypotheses": 2,
        "shard_sentences": 16,
    }
    recipe = recipe_of(teacher=teacher, choose={"checks": ["language", "repetition"], "references": "never"})
    distill(recipe, data, tmp_path)

    assert len(list((tmp_path / "taught").glob("*.jsonl"))) == 3
    taught = [row for path in sorted((tmp_path / "chosen").glob("*.jsonl")) for row in read_rows(path)]
    learnt = {row["ar"]: row["en"] for row in taught if row.get("by") == "teacher"}
    assert len(learnt) >= 30, "the teacher learnt these sentences: most of its answers are sound"
    curve = losses(tmp_path / "run")
    assert len(curve) == recipe.train.budget_amount
    assert curve[-1] < curve[0] / 10

    assert (tmp_path / "model" / VOCABULARY_MAP_FILE).is_file()
    assert "may write" in (tmp_path / "model" / "CARD.md").read_text(encoding="utf-8")
    lines, entry = tmp_path / "lines.txt", tmp_path / "model" / "models.yaml"
    lines.write_text("".join(f"{ar}\n" for ar in learnt), encoding="utf-8")
    for profile in ("student-smoke", "embedded"):
        assert mujaz(capsys, "models", "check", "--profile", profile, "--models", entry)[0] == 0
    assert (
        "20 of 20 golden sentences"
        in mujaz(capsys, "models", "check", "--model", "student-smoke", "--models", entry)[1]
    )
    code, out = mujaz(capsys, "translate", lines, "--models", entry, "--profile", "embedded", "--no-cache")
    said = out.splitlines()
    assert (code, len(said)) == (0, len(learnt))
    assert BLEU().corpus_score(said, [list(learnt.values())]).score > LEARNT_BLEU
    moved = [*said[1:], said[0]]
    assert BLEU().corpus_score(moved, [list(learnt.values())]).score < LEARNT_BLEU / 2, "it reads its input"


def test_a_finished_run_is_not_trained_again_and_an_exported_folder_is_whole(
    data: Path, scratch: Path
) -> None:
    recipe = recipe_of(export={"name": "toy-teacher"})
    assert is_finished(scratch / "run", recipe.train)
    before = losses(scratch / "run")
    distill(recipe, data, scratch)
    assert losses(scratch / "run") == before
    files = {path.name for path in (scratch / "model").iterdir()}
    assert {
        "model.bin.part-00",
        "SHA256SUMS",
        "CARD.md",
        "models.yaml",
        "golden.jsonl",
        "tokenizer.json",
    } <= files
    assert "model.bin" not in files
    (answer,) = (
        Registry.load(scratch / "model" / "models.yaml").engine("toy-teacher").generate(["وصل الوزير."])
    )
    assert answer[0].text
    with pytest.raises(RecipeError, match="other settings"):
        distill(recipe_of(export={"name": "toy-teacher"}, student={"max_tokens": 90}), data, scratch)


def test_the_padding_row_stays_zero_so_that_both_engines_start_alike(scratch: Path) -> None:
    last = sorted((scratch / "run").glob("step-*"))[-1]
    model = AutoModelForSeq2SeqLM.from_pretrained(last)
    assert decoder_start(model) == model.config.pad_token_id
    assert not model.get_input_embeddings().weight[model.config.pad_token_id].any()


class KilledError(Exception):
    """Stands for `kill -9`: nothing is saved on the way out."""


def test_a_run_that_is_killed_goes_on_as_if_it_had_not_been(data: Path, tmp_path: Path) -> None:
    recipe = recipe_of(
        student={"shape": {"vocabulary": 300, "width": 32, "encoder_layers": 1, "decoder_layers": 1, "heads": 2,
                           "feed_forward": 32, "dropout": 0.3, "max_positions": 256}},
        train={"budget_amount": 8, "checkpoint_minutes": 0.0},
    )  # fmt: skip
    base = make_pairs(recipe, data, tmp_path)

    class Fragile(Seq2SeqTrainer):
        """Dies in the middle of its fifth step."""

        def apply_gradients(self, rate: float, step: int) -> float:
            if step == 5:
                raise KilledError
            return super().apply_gradients(rate, step)

    Seq2SeqTrainer(recipe, tmp_path / "pairs.npz", base, tmp_path / "straight").run()
    with pytest.raises(KilledError):
        Fragile(recipe, tmp_path / "pairs.npz", base, tmp_path / "broken").run()
    assert not is_finished(tmp_path / "broken", recipe.train)
    Seq2SeqTrainer(recipe, tmp_path / "pairs.npz", base, tmp_path / "broken").run()
    assert len(losses(tmp_path / "straight")) == 8
    assert losses(tmp_path / "broken") == pytest.approx(losses(tmp_path / "straight"), rel=1e-5)


# --- any encoder-decoder that the hub has -----------------------------------------------------------


def t5gemma2(directory: Path) -> None:
    """T5Gemma 2: an image tower beside the text, one embedding for both sides, a decoder that starts from <bos>."""
    from transformers import T5Gemma2Config, T5Gemma2ForConditionalGeneration

    size = fast_tokenizer(directory)
    text = {
        "vocab_size": size, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "query_pre_attn_scalar": 8,
        "max_position_embeddings": 128, "sliding_window": 64, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 3,
        "layer_types": ["sliding_attention", "full_attention"], "attention_dropout": 0.0, "dropout_rate": 0.0,
    }  # fmt: skip
    tower = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    torch.manual_seed(7)
    config = T5Gemma2Config(
        encoder={"text_config": text, "vision_config": {**tower, "model_type": "siglip_vision_model"},
                 "mm_tokens_per_image": 4, "eoi_token_index": size - 1, "image_token_index": size - 2, "boi_token_index": size - 3},
        decoder=text, eoi_token_index=size - 1, image_token_index=size - 2,
        pad_token_id=0, eos_token_id=1, bos_token_id=3,
    )  # fmt: skip
    T5Gemma2ForConditionalGeneration(config).save_pretrained(directory)


BASES: dict[str, tuple[Callable[[Path], None], dict[str, Any]]] = {
    "marian": ARCHITECTURES["marian"],
    "nllb": ARCHITECTURES["nllb"],
    "madlad": ARCHITECTURES["madlad"],
    "t5gemma2": (
        t5gemma2,
        {"engine": "transformers", "feed": {"text_prefix": "en: ", "end_token": "</s>"}},
    ),
}


@pytest.mark.parametrize("name", list(BASES))
def test_a_checkpoint_of_the_hub_is_fine_tuned_and_exported_by_the_same_command(
    name: str, tmp_path: Path
) -> None:
    make, fields = BASES[name]
    base, data, out = tmp_path / "base", tmp_path / "data", tmp_path / "out"
    base.mkdir()
    make(base)
    for folder in ("mt", "mt_eval"):
        (data / folder).mkdir(parents=True)
    pairs = list(zip([SENTENCES[0], SENTENCES[1], SENTENCES[3]], ENGLISH, strict=True))
    (data / "mt" / "toy.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in pairs), encoding="utf-8")
    (data / "mt_eval" / "toy_test.tsv").write_text("نص\tA text that is in no pair.\n", encoding="utf-8")
    recipe = recipe_of(
        student={"shape": None, "base": f"path:{base}"},
        train={"budget_amount": 25, "peak_learning_rate": 5.0e-3},
        model={"input_limit": 100, "generation": {"length_ratio": 0.0, "length_constant": 40}, **fields},
        export={"name": f"tuned-{name}"},
        vocabulary_map=None if name == "t5gemma2" else {"renderings": 20},
    )
    distill(recipe, data, out)
    curve = losses(out / "run")
    assert curve[-1] < curve[0] * 0.97  # a T5 of random weights starts from a loss of 96, and goes slowly
    registry = Registry.load(out / "model" / "models.yaml")
    assert registry.status(f"tuned-{name}").ready
    assert registry.try_golden(f"tuned-{name}").same == 20
    assert (registry.model(f"tuned-{name}").engine == "ctranslate2") == (
        out / "model/model.bin.part-00"
    ).exists()

    # The loss is what the architecture itself says of these pairs: start token, shift and language marks are right.
    trainer = Seq2SeqTrainer(recipe, out / "pairs.npz", base, tmp_path / "other")
    trainer.model.eval()
    batch = trainer.data.batch(trainer.data.plan(0)[0])
    labels = torch.full(batch.decoder_ids.shape, -100)
    labels.view(-1)[batch.positions] = batch.labels
    with torch.no_grad():
        theirs = trainer.model(input_ids=batch.ids, attention_mask=batch.mask, labels=labels).loss
        ours = trainer.loss_sum(batch) / len(batch.labels)
    assert float(ours) == pytest.approx(float(theirs), rel=1e-4)


def test_the_shipped_shapes_are_of_30_to_60_million_parameters() -> None:
    from transformers import MarianMTModel

    for name in ("distill_opus_mt", "distill_nllb", "scratch_ar_en"):
        shape = load_distill_recipe(SMOKE.with_name(f"{name}.yaml")).student.shape
        assert shape is not None
        with torch.device("meta"):
            model = MarianMTModel(marian_config(shape, shape.vocabulary + 3))
        assert 30e6 < sum(weight.numel() for weight in model.parameters()) < 60e6


def test_a_feed_that_the_tokenizer_does_not_know_is_refused(tmp_path: Path) -> None:
    ARCHITECTURES["nllb"][0](tmp_path)
    recipe = recipe_of(model={"feed": {"special_tokens": False, "before": ["arb_Xxxx"], "end_token": "</s>"}})
    with pytest.raises(RecipeError, match="no 'arb_Xxxx'"):
        Cutter(tmp_path, recipe.spec.feed)


def test_pairs_that_are_too_long_are_counted_and_left_out(data: Path, scratch: Path) -> None:
    from recipes.prepare import Pair

    pairs = [Pair(ar, en, "toy", synthetic=False) for ar, en in read_tsv(data / "mt" / "toy.tsv")]
    cutter = Cutter(scratch / "student", recipe_of().spec.feed)
    arrays, too_long = pack(pairs, cutter, max_tokens=30)
    longest = [max(map(len, sides)) for sides in zip(
        cutter.sources([pair.ar for pair in pairs]), cutter.targets([pair.en for pair in pairs]), strict=True
    )]  # fmt: skip
    assert 0 < too_long == sum(length > 30 for length in longest) < len(pairs)
    assert len(arrays["source_offsets"]) - 1 == len(pairs) - too_long
    text = cutter.tokenizer.decode(cutter.targets([pairs[0].en])[0], skip_special_tokens=True)
    assert text == pairs[0].en
