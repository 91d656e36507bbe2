"""Every setting of a recipe that makes an encoder-decoder: distilled from a teacher, fine-tuned, or from scratch.

One YAML file, as in `recipes/settings.py`; unknown keys are errors. Which of the three it is, the sections say: with
`teacher` the English is the teacher's; `student.shape` starts from random weights, `student.base` from a checkpoint.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from recipes.settings import ExportSettings, PrepareSettings, RecipeError, TrainSettings, _Section
from summarizer.models.specs import ModelSpec, spec_problems
from summarizer.schema import CheckKind

#: What `model` need not say of a student that is made here.
_ENTRY_DEFAULTS: dict[str, Any] = {
    "task": "translation",
    "engine": "ctranslate2",
    "source": "path:.",
    "size_mb": 0,
    "source_language": "ar",
    "target_language": "en",
}


class Monolingual(_Section):
    """Arabic text without English: what distillation has more of than pairs."""

    files: list[str] = Field(
        description="relative to the data folder, or absolute. *.txt: a sentence a line; *.jsonl: an article a line, "
        "in `document` or `text`, which is cut into sentences; either may end in .xz or .gz"
    )
    limit: int | None = Field(default=None, description="sentences kept at most, the first ones; none = all")
    min_words: int = 5


class TeacherSettings(_Section):
    model: str = Field(description="a name of models.yaml, or a new one that `entry` describes")
    entry: dict[str, Any] = Field(
        default={},
        description="keys of a model as in models.yaml, laid over the shipped entry: source, feed, ...",
    )
    hypotheses: int = Field(default=4, ge=1, description="answers a sentence, best first")
    shard_sentences: int = Field(default=2000, ge=1, description="what a killed run loses at most")
    pairs_too: bool = Field(
        default=True,
        description="also translate the Arabic of the pairs, whose English then chooses the answer",
    )


class ChooseSettings(_Section):
    """Which of the teacher's answers the student learns (Kim & Rush, EMNLP 2016), and which are not worth learning."""

    measure: Literal["chrF", "BLEU"] = Field(
        default="chrF", description="how like the reference an answer is, where there is one"
    )
    min_likeness: float = Field(
        default=0.0, description="0-100: below it, answer and reference say different things: dropped"
    )
    checks: frozenset[CheckKind] = Field(
        default=frozenset({"number", "date", "negation", "name", "language", "length", "repetition"}),
        description="an answer that fails one of these is not taught",
    )
    references: Literal["never", "fallback", "beside"] = Field(
        default="fallback",
        description="the human English: not learnt, learnt where no answer passes, or learnt as a pair of its own too",
    )
    workers: int = Field(
        default=2, ge=1, description="processes that check; they wait for nothing but a core"
    )


class Shape(_Section):
    """A Marian encoder-decoder. A deep encoder costs one pass, each decoder layer one a word: 6 + 2 is quick."""

    vocabulary: int = Field(default=32000, description="SentencePiece pieces, one list for both languages")
    width: int = 512
    encoder_layers: int = 6
    decoder_layers: int = 2
    heads: int = 8
    feed_forward: int = 2048
    dropout: float = 0.1
    max_positions: int = Field(
        default=512, description="tokens a side, also of the longest answer that `model.generation` allows"
    )


class StudentSettings(_Section):
    shape: Shape | None = None
    base: str | None = Field(
        default=None, description="hub:ORG/NAME or path:FOLDER, a checkpoint of transformers"
    )
    max_tokens: int = Field(default=160, description="a side; longer pairs are left out")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.shape is None) == (self.base is None):
            raise ValueError("give either `shape` (random weights) or `base` (a checkpoint)")
        if self.base is not None and self.base.partition(":")[0] not in ("hub", "path"):
            raise ValueError(f"`base` is hub:ORG/NAME or path:FOLDER, not {self.base!r}")
        return self


class VocabularyMapSettings(_Section):
    """Which tokens an input allows (`recipes/vocabulary_map.py`): a smaller output layer for each batch."""

    renderings: int = Field(default=100, ge=1, description="most tokens that a source token brings")
    frequent: int = Field(default=1000, ge=1, description="most frequent tokens, which every input allows")
    pairs: int = Field(default=100_000, ge=1, description="pairs it is learnt from at most, the first ones")


class DistillRecipe(_Section):
    seed: int
    prepare: PrepareSettings
    monolingual: Monolingual | None = None
    teacher: TeacherSettings | None = None
    choose: ChooseSettings = ChooseSettings()
    student: StudentSettings
    train: TrainSettings
    model: dict[str, Any] = Field(
        description="the result's entry in models.yaml: licence, input_limit, feed, generation, ...; see docs/models.md"
    )
    export: ExportSettings
    vocabulary_map: VocabularyMapSettings | None = Field(
        default=None, description="make one; it goes into the result"
    )

    @model_validator(mode="after")
    def _sections_agree(self) -> Self:
        if self.monolingual is not None and self.teacher is None:
            raise ValueError("`monolingual` text needs a `teacher` to translate it")
        if self.train.adapter_rank:
            raise ValueError("`train.adapter_rank` is of recipes.train; here every weight is trained")
        spec, shape = self.spec, self.student.shape
        longest = spec.generation.length_limit(spec.input_limit) + len(spec.feed.target_prefix)
        if shape is not None and shape.max_positions < max(spec.input_limit, longest):
            raise ValueError(
                f"`student.shape.max_positions` is {shape.max_positions}, but `model` allows inputs of "
                f"{spec.input_limit} tokens and answers of {longest}"
            )
        if self.vocabulary_map is not None and spec.engine != "ctranslate2":
            raise ValueError("`vocabulary_map` is of engine ctranslate2")
        if problems := list(spec_problems(spec)):
            raise ValueError("; ".join(problems))
        return self

    @property
    def spec(self) -> ModelSpec:
        """The result as `models.yaml` describes it. Raises ValidationError on a key that is not known there."""
        numbers = {"compute_type": self.export.quantization}
        return ModelSpec(**{**_ENTRY_DEFAULTS, **numbers, **self.model, "id": self.export.name})


def is_distillation(path: Path) -> bool:
    """Whether a YAML is of this form, and not of `recipes/settings.py`."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return isinstance(raw, dict) and "student" in raw


def load_distill_recipe(path: Path) -> DistillRecipe:
    try:
        return DistillRecipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise RecipeError(f"{path}: {error}") from error
