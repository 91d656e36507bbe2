from __future__ import annotations

import dataclasses
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import engines
from summarizer.engines import ENGINES, Engine, Hypothesis, create_engine, devices, plan_batches
from summarizer.engines.local import foreign_tokens
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import ModelSpec, Registry, bundled_directory

SENTENCES = [
    "وصل الوزير إلى بغداد.",
    "قال المتحدث إن القوات ستبقى في البلاد.",
    "نعم.",
    "أعلنت الحكومة موعد الجولة الجديدة من المحادثات بين البلدين في الشهر المقبل.",
]


def spec(**fields: object) -> ModelSpec:
    return ModelSpec(
        **{
            "id": "tiny",
            "task": "translation",
            "engine": "transformers",
            "source": "path:/nowhere",
            "licence": "none",
            "size_mb": 1,
            "source_language": "ar",
            "target_language": "en",
            "input_limit": 64,
            **fields,
        }
    )


# --- what all engines share ---------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 90), st.text(max_size=5)), max_size=40), st.integers(1, 200))
def test_batches_hold_every_text_once_within_the_budget(items, budget):
    lengths, texts = [length for length, _ in items], [text for _, text in items]
    batches = plan_batches(lengths, texts, budget=budget)
    assert sorted(i for batch in batches for i in batch) == list(range(len(items)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(flat)


@given(st.permutations(["a", "bb", "cc", "dddd", "e", "ffffff"]))
def test_batches_do_not_depend_on_order(texts):
    batches = plan_batches([len(each) for each in texts], texts, budget=6)
    found = [[texts[i] for i in batch] for batch in batches]
    assert found == [["a", "e"], ["bb", "cc"], ["dddd"], ["ffffff"]]


@pytest.mark.parametrize(
    ("lengths", "budget", "batches"),
    [
        ([5], 100, [[0]]),
        ([5, 5], 100, [[0], [1]]),  # two workers, a text each
        ([9, 5, 5, 5], 100, [[1, 2, 3], [0]]),  # 15 and 9 beat 10 and 18
        ([5] * 6, 10, [[0], [1], [2, 3], [4, 5]]),  # three would keep one worker idle at the end
        ([50, 60, 70], 10, [[0], [1], [2]]),  # over the budget, alone
    ],
)
def test_batches_are_even(lengths, budget, batches):
    assert plan_batches(lengths, [str(i) for i in range(len(lengths))], budget=budget) == batches


@given(st.lists(st.integers(1, 90), max_size=12), st.integers(1, 400))
def test_two_workers_have_a_batch_each(lengths, budget):
    batches = plan_batches(lengths, [str(i) for i in range(len(lengths))], budget=budget)
    assert len(batches) % 2 == 0 or all(len(batch) == 1 for batch in batches)


def test_foreign_tokens_have_a_letter_that_is_not_latin():
    latin = ["▁the", "é", "Łódź", "ḥ", "ﬁ", "7", "،", "</s>", "<0x0A>", "<0xC3>", "<0xE2>", ""]
    foreign = ["▁ال", "aب", "Ж", "中", "<0xD8>", "<0xCE>"]
    assert foreign_tokens([*latin, *foreign]) == sorted(foreign)


def test_every_engine_name_leads_to_a_class():
    for name in ENGINES:
        engine = create_engine(spec(engine=name), lambda: Path("/nowhere"))
        assert isinstance(engine, Engine)
        assert engine.info.engine == name
        assert engine.input_limit == 64
        assert engine.word_limit is None
        assert engine.latin_names == "retry"


def test_an_unknown_engine_is_refused():
    with pytest.raises(
        ConfigError, match="unknown engine 'vllm'; there are: ctranslate2, extractive, openai, transformers"
    ):
        create_engine(spec(engine="vllm"), lambda: Path())


def test_the_extractive_engine_gives_its_input_back():
    engine = create_engine(spec(engine="extractive", source="none"), lambda: Path())
    assert engine.generate(["قال  الوزير.", ""], hypotheses=3) == [
        [Hypothesis(text="قال  الوزير.", score=0.0, finished=True)],
        [Hypothesis(text="", score=0.0, finished=True)],
    ]
    assert engine.count_tokens("قال الوزير إن") == 3


@pytest.mark.parametrize("name", list(ENGINES))
def test_senseless_counts_are_refused(name):
    engine = create_engine(spec(engine=name), lambda: Path("/nowhere"))
    with pytest.raises(ModelError, match="must be 1 or more"):
        engine.generate(["نعم."], hypotheses=0)
    with pytest.raises(ModelError, match="must be 1 or more"):
        engine.generate(["نعم."], max_new_tokens=0)


@pytest.mark.parametrize("name", list(ENGINES))
def test_nothing_is_loaded_for_nothing(name):
    def locate() -> Path:
        raise AssertionError("looked for files")

    engine = create_engine(spec(engine=name), locate)
    assert engine.generate([]) == []
    assert engine.generate(["", "  "])[0][0].text == ""


# --- ctranslate2 ----------------------------------------------------------------------------------------


def test_ctranslate2_without_its_library_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(MissingModelError, match="pip install mujaz"):
        create_engine(spec(engine="ctranslate2"), lambda: tmp_path).generate(["نعم."])


def test_ctranslate2_names_the_file_that_is_missing_or_broken(tmp_path):
    engine = create_engine(spec(engine="ctranslate2", id="own"), lambda: tmp_path)
    with pytest.raises(MissingModelError, match=r"own: .* has no model\.bin; correct `source` of model own"):
        engine.generate(["نعم."])
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match=r"own: .* cannot be loaded"):
        engine.generate(["نعم."])


def test_threads_are_the_physical_cores_or_what_is_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("MUJAZ_THREADS", raising=False)
    assert devices.threads() >= 1
    monkeypatch.setenv("MUJAZ_THREADS", "3")
    assert devices.threads() == 3
    for wrong in ("0", "two", "-1"):
        monkeypatch.setenv("MUJAZ_THREADS", wrong)
        with pytest.raises(ModelError, match="MUJAZ_THREADS must be a whole number"):
            devices.threads()
    listing = tmp_path / "cpuinfo"
    block = "processor : {}\nphysical id : 0\ncore id : {}\n"
    listing.write_text("\n".join(block.format(i, i // 2) for i in range(4)))
    assert devices.physical_cores(listing) == 2
    listing.write_text("processor : 0\n")
    assert devices.physical_cores(listing) is None
    assert devices.physical_cores(tmp_path / "none") is None


# --- the bundled model ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled() -> Engine:
    """The embedded translator itself; skipped where its weights are not in the checkout."""
    registry = Registry.load()
    found = registry.task_model("translation", "embedded")
    try:
        directory = bundled_directory(found.source_name)
    except MissingModelError as error:
        pytest.skip(str(error))
    if not list(directory.glob("model.bin*")):
        pytest.skip(f"{directory} holds no weights yet")
    return registry.engine(found.id)


def test_the_bundled_model_translates_in_order_whatever_the_order(bundled):
    one = bundled.generate(SENTENCES)
    other = bundled.generate(SENTENCES[::-1])
    assert [each[0] for each in one] == [each[0] for each in other][::-1]
    for (best,) in one:
        assert best.text
        assert best.finished
        assert best.score < 0
    assert "Baghdad" in one[0][0].text


def test_the_bundled_model_gives_several_hypotheses_best_first(bundled):
    (found,) = bundled.generate(SENTENCES[:1], hypotheses=4)
    assert 2 <= len(found) <= 4
    assert len({each.text for each in found}) == len(found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_the_bundled_model_stops_at_the_length_limit_and_says_so(bundled):
    (found,) = bundled.generate([SENTENCES[3]], max_new_tokens=3)
    assert not found[0].finished
    assert 1 <= len(found[0].text.split()) <= 3


def test_the_bundled_model_refuses_what_it_would_have_to_cut(bundled):
    long = "كلمة " * (bundled.input_limit + 1)
    assert bundled.count_tokens(long) > bundled.input_limit
    with pytest.raises(ModelError, match=f"tokens, {bundled.input_limit} are read; split the text"):
        bundled.generate(["نعم.", long])


def test_the_bundled_model_serves_threads(bundled):
    alone = bundled.generate(SENTENCES[:1])
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(bundled.generate, [SENTENCES[:1]] * 4)) == [alone] * 4


def test_the_bundled_model_takes_any_text(bundled):
    answers = bundled.generate(
        ["\u0000", "🙂", "\ud800".encode("utf-8", "replace").decode(), "2500", "<eos>"]
    )
    assert len(answers) == 5


# --- tiny real models ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub() -> None:
    pytest.importorskip("torch", reason="needs the `hub` extra: pip install 'mujaz[hub]'")
    pytest.importorskip("transformers", reason="needs the `hub` extra: pip install 'mujaz[hub]'")


def tiny_tokenizer(directory: Path) -> int:
    """Train a tokenizer on the test sentences, save it, return its size."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=200, special_tokens=["<pad>", "</s>", "<unk>", "<s>"], show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", bos_token="<s>"
    ).save_pretrained(directory)
    return len(PreTrainedTokenizerFast.from_pretrained(directory))


@pytest.fixture(scope="module")
def seq2seq(hub, tmp_path_factory) -> Path:
    """A random BART of two layers with its tokenizer, as a hub checkpoint."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    directory = tmp_path_factory.mktemp("bart")
    size = tiny_tokenizer(directory)
    torch.manual_seed(7)
    config = BartConfig(
        vocab_size=size, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=128,
        pad_token_id=0, eos_token_id=1, bos_token_id=3, decoder_start_token_id=3, forced_eos_token_id=None,
        init_std=1.0, tie_word_embeddings=False, normalize_before=False, normalize_embedding=True,
    )  # fmt: skip
    BartForConditionalGeneration(config).save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def causal(hub, tmp_path_factory) -> Path:
    """A random decoder-only model of one layer, as a hub checkpoint."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    directory = tmp_path_factory.mktemp("llama")
    size = tiny_tokenizer(directory)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=size, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=128, pad_token_id=0, eos_token_id=1, bos_token_id=3,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def converted(seq2seq, tmp_path_factory) -> Path:
    """The tiny BART as a CTranslate2 model with its tokenizer beside."""
    from ctranslate2.converters import TransformersConverter

    directory = tmp_path_factory.mktemp("ct2") / "model"
    TransformersConverter(str(seq2seq)).convert(str(directory))
    (directory / "tokenizer.json").write_bytes((seq2seq / "tokenizer.json").read_bytes())
    return directory


DECODER = {"form": "decoder", "special_tokens": False, "before": ["<s>"], "end_token": "</s>"}
TINY = {
    "transformers-seq2seq": ("seq2seq", {"engine": "transformers", "compute_type": "float32"}),
    "transformers-causal": ("causal", {"engine": "transformers", "compute_type": "float32", "feed": DECODER}),
    "ctranslate2-translator": ("converted", {"engine": "ctranslate2", "compute_type": "float32"}),
}


@pytest.fixture(params=list(TINY))
def tiny(request: pytest.FixtureRequest):
    """A function that makes an engine of one of the tiny models with the generation options of a test."""
    fixture, fields = TINY[request.param]
    directory = request.getfixturevalue(fixture)

    def make(**generation: object) -> Engine:
        return create_engine(spec(**fields, generation=generation), lambda: directory)

    return make


@pytest.mark.hub
def test_batches_give_what_single_texts_give(tiny):
    alone = [tiny(length_constant=8, length_ratio=0).generate([text])[0] for text in SENTENCES]
    together = tiny(length_constant=8, length_ratio=0, batch_tokens=40).generate(SENTENCES)
    assert [each[0].text for each in together] == [each[0].text for each in alone]
    for one, other in zip(together, alone, strict=True):
        assert one[0].score == pytest.approx(other[0].score, abs=1e-3)


@pytest.mark.hub
def test_beams_give_hypotheses_best_first(tiny):
    for found in tiny(length_constant=6, length_ratio=0).generate(SENTENCES, hypotheses=4):
        assert 2 <= len(found) <= 4
        assert len({each.text for each in found}) == len(found)
        scores = [each.score for each in found]
        assert scores == sorted(scores, reverse=True)
        assert all(score < 0 for score in scores)


@pytest.mark.hub
def test_length_limits_hold_and_are_told(tiny):
    short = tiny(length_constant=50, length_ratio=0).generate(SENTENCES[:1], max_new_tokens=2)
    (constant,) = tiny(length_constant=2, length_ratio=0).generate(SENTENCES[:1])
    assert short[0][0].text == constant[0].text
    assert not short[0][0].finished


@pytest.mark.hub
def test_long_inputs_are_refused_and_blank_ones_are_free(tiny):
    engine = tiny(length_constant=4, length_ratio=0)
    assert engine.count_tokens("نعم.") < engine.count_tokens(SENTENCES[3]) <= 64
    with pytest.raises(ModelError, match=r"tiny: .* tokens, 64 are read"):
        engine.generate(["ضضض " * 64])
    assert engine.generate([" ", SENTENCES[0], ""])[::2] == [[Hypothesis(text="")]] * 2


@pytest.mark.hub
def test_loops_are_broken_by_the_ngram_guard(tiny):
    # A random model falls into a loop at once; without repeated bigrams no pair of words comes twice.
    free = tiny(length_constant=30, length_ratio=0).generate(SENTENCES[:1])[0][0].text
    held = tiny(length_constant=30, length_ratio=0, no_repeat_ngram_size=1).generate(SENTENCES[:1])[0][0].text
    assert held != free


@pytest.mark.hub
def test_no_letter_of_another_script_is_written_where_the_model_is_held_to_latin(tiny):
    options = {"length_constant": 12, "length_ratio": 0, "beam": 2}
    arabic = re.compile("[\u0621-\u064a]")
    assert any(arabic.search(each[0].text) for each in tiny(**options).generate(SENTENCES))
    for found in tiny(**options, latin_only=True).generate(SENTENCES, hypotheses=2):
        assert not any(arabic.search(each.text) for each in found)


@pytest.mark.hub
def test_answers_are_the_same_again_and_from_threads(tiny):
    engine = tiny(length_constant=8, length_ratio=0, beam=2)
    first = engine.generate(SENTENCES)
    assert engine.generate(SENTENCES) == first
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(engine.generate, [SENTENCES] * 3))
    for found in runs:
        assert [[each.text for each in some] for some in found] == [
            [each.text for each in some] for some in first
        ]
        # On a busy machine a library may add up with fewer threads: the last bits of a score, never a word here.
        for one, other in zip(found, first, strict=True):
            assert [each.score for each in one] == pytest.approx([each.score for each in other], abs=1e-5)


@pytest.mark.hub
def test_the_two_engines_agree_on_one_model(seq2seq, converted):
    generation = {"length_constant": 8, "length_ratio": 0, "beam": 2}
    torch_engine = create_engine(spec(compute_type="float32", generation=generation), lambda: seq2seq)
    ct2 = create_engine(
        spec(engine="ctranslate2", compute_type="float32", generation=generation), lambda: converted
    )
    assert torch_engine.count_tokens(SENTENCES[0]) == ct2.count_tokens(SENTENCES[0])
    assert [each[0].text for each in ct2.generate(SENTENCES)] == [
        each[0].text for each in torch_engine.generate(SENTENCES)
    ]


@pytest.mark.hub
def test_a_forced_first_token_is_not_part_of_the_answer(converted):
    forced = create_engine(
        spec(
            engine="ctranslate2",
            feed={"target_prefix": ["<s>"]},
            generation={"length_constant": 5, "length_ratio": 0},
            compute_type="float32",
        ),
        lambda: converted,
    )
    assert "<s>" not in forced.generate(SENTENCES[:1])[0][0].text


@pytest.mark.hub
def test_a_forced_first_token_of_transformers(seq2seq):
    engine = create_engine(
        spec(
            feed={"target_prefix": ["<s>"], "end_token": "</s>"},
            generation={"length_constant": 5, "length_ratio": 0},
        ),
        lambda: seq2seq,
    )
    assert "<s>" not in engine.generate(SENTENCES[:1])[0][0].text


@pytest.mark.hub
def test_weights_are_loaded_once_whatever_the_threads(seq2seq):
    looked = []
    barrier = threading.Barrier(4)

    def locate() -> Path:
        looked.append(1)
        return seq2seq

    engine = create_engine(spec(), locate)

    def count() -> int:
        barrier.wait()
        return engine.count_tokens("نعم.")

    with ThreadPoolExecutor(4) as pool:
        assert len({each.result() for each in [pool.submit(count) for _ in range(4)]}) == 1
    assert looked == [1]


@pytest.mark.hub
def test_a_checkpoint_that_is_not_whole_names_the_command(hub, seq2seq, tmp_path):
    engine = create_engine(spec(), lambda: tmp_path)
    with pytest.raises((MissingModelError, ModelError), match="tiny: "):
        engine.generate(["نعم."])
    for name in ("tokenizer.json", "tokenizer_config.json", "config.json"):
        (tmp_path / name).write_bytes((seq2seq / name).read_bytes())
    with pytest.raises(MissingModelError, match="is not whole"):
        engine.generate(["نعم."])


def test_transformers_without_torch_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    engine = create_engine(spec(), lambda: Path())
    with pytest.raises(MissingModelError, match=r"needs torch and transformers: pip install 'mujaz\[hub\]'"):
        engine.generate(["نعم."])


@pytest.mark.hub
def test_a_model_that_breaks_while_running_is_a_model_error(tiny, monkeypatch):
    engine = tiny(length_constant=4, length_ratio=0)
    engine.generate(["نعم."])
    model = engine._loaded.model

    class Broken:
        config = getattr(model, "config", None)
        device = "cpu"

        def __getattr__(self, name: str) -> object:
            raise RuntimeError("out of\nmemory")

    engine._loaded = dataclasses.replace(engine._loaded, model=Broken())
    with pytest.raises(ModelError, match="tiny: the model failed to run: out of memory"):
        engine.generate(["نعم."])


def test_the_registry_of_engines_is_plain_data():
    assert all(":" in path and path.startswith("summarizer.engines.") for path in engines.ENGINES.values())
