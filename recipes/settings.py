"""Every setting of a recipe, read from one YAML file. Unknown keys are an error, so a typo cannot pass for a default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class RecipeError(Exception):
    """The recipe, its data or its checkpoint cannot be used as asked; the message says what to change."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Section):
    """How much of one file of `mt/` is used, and of what length."""

    limit: int | None = Field(default=None, description="pairs kept at most, drawn at random; none = all")
    repeat: int = Field(
        1, ge=1, description="times each pair is written: small good sources are worth repeating"
    )
    min_words: int = Field(default=3, description="Arabic words")
    machine_translated: bool = Field(default=False, description="the Arabic side was written by a model")


class PrepareSettings(_Section):
    sources: dict[str, Source]
    eval_files: list[str] = Field(
        description="in the data folder, or ours in eval/; no training pair may overlap them"
    )
    dev_file: str | None = Field(
        default=None, description="one of `eval_files`, to choose checkpoints by: written as OUT.dev.npz"
    )
    dev_pairs: int = Field(default=300, description="of it, from the start")
    overlap_words: int = Field(
        8, description="a shared word n-gram of this length on either side drops the pair"
    )
    max_words: int = Field(default=60, description="either side")
    max_tokens: int = Field(default=200, description="both sides and the markers together")
    length_ratio: float = Field(default=3.0, description="longer side over shorter side, in characters")
    template_pairs: int = Field(description="news-style pairs written by `synthetic.py`")
    full_names: int = Field(description="bare person names")
    places: int = Field(description="bare country, city and language names")
    hint_share: float = Field(
        description="of pairs with a known name: the share whose Arabic name is replaced"
    )
    fed_share: float = Field(
        default=0.0, description="of all pairs: written as the application feeds a sentence"
    )
    indic_digit_share: float
    persian_letter_share: float
    bare_hamza_share: float
    no_full_stop_share: float
    quote_share: float
    dateline_share: float
    month_swap_share: float
    summary_repeat: int = Field(
        default=0, description="times the examples of `written/summaries` stand among the pairs"
    )
    glosses: Path | None = Field(
        default=None,
        description="a file of recipes.glosses, relative to the repository; shipped with the weights",
    )
    gloss_share: float = Field(default=0.0, description="pairs whose rare Arabic words get glosses")
    gloss_word_share: float = Field(default=0.9, description="of their rare words: the share that gets them")


class TrainSettings(_Section):
    micro_batch_tokens: int = Field(description="tokens, padding included, of one forward and backward pass")
    accumulate: int = Field(description="passes a step")
    length_multiple: int = Field(
        default=8, description="rows are padded to a multiple of this, to meet few shapes"
    )
    peak_learning_rate: float
    warmup_share: float = Field(description="of the budget, linear")
    final_share: float = Field(description="of the peak, where the cosine ends")
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float
    clip_norm: float = 1.0
    label_smoothing: float
    budget: Literal["minutes", "steps"] = Field(description="what the schedule is measured against")
    budget_amount: float = Field(description="minutes of training (pauses not counted) or steps")
    checkpoint_minutes: float
    keep_checkpoints: int
    adapter_rank: int = Field(default=0, ge=0, description="of a low-rank adapter; 0 trains every weight")
    adapter_alpha: float = Field(default=32.0, gt=0, description="the adapter's product counts alpha / rank")
    bfloat16: bool = True
    compile: bool = False
    threads: int = 2
    threads_when_busy: int = Field(default=1, description="while other processes use the cores")
    device: Literal["cpu", "cuda", "auto"] = "auto"


class ExportSettings(_Section):
    average_last: int = Field(default=1, description="checkpoints whose weights are averaged")
    strength: float = Field(
        default=1.0, gt=0, le=1, description="an adapter's: the share of what training added that is kept"
    )
    quantization: str = "int8"
    training_notes: list[str] = Field(
        default=[], description="for the card: what was trained, on what, how long"
    )
    limits: list[str] = Field(default=[], description="for the card: what it still gets wrong")
    part_mebibytes: int = 45
    name: str


class ScoreSettings(_Section):
    sets: dict[str, int | None] = Field(
        description="file in the data folder or the repository -> sentences from its start, none = all"
    )
    batch_size: int = 32
    beam_size: int = 1
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    length_factor: float = Field(default=1.6, description="new tokens allowed per source token")
    length_extra: int = Field(default=16, description="new tokens allowed on top")
    threads: int = 2


class RiskSettings(_Section):
    pairs: int = Field(description="asked")
    skip: int = Field(default=0, description="pairs of the same order that another run was trained on")
    least_target_tokens: int = 14
    most_tokens: int = Field(default=128, description="prompt and reference together")
    beam: int = Field(default=4, description="and so many answers")
    length_cost: float = Field(description="of an answer twice as long as the reference, in words")
    check_cost: float = Field(description="of a check that fails where the reference passes it")
    omission_cost: float = Field(description="of a word left out where the reference leaves none out")
    least_spread: float = Field(default=0.02, description="of a pair's rewards, or it is not trained on")
    share: float = Field(gt=0, le=1, description="of the loss; the rest is the likelihood of the best answer")


class Recipe(_Section):
    seed: int
    prepare: PrepareSettings
    train: TrainSettings
    risk: RiskSettings | None = None
    export: ExportSettings
    score: ScoreSettings


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises ``RecipeError`` that says what is wrong with it."""
    try:
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise RecipeError(f"{path}: {error}") from error


def data_folder(given: Path | None) -> Path:
    """The data is not shipped: it is found by option or by the MUJAZ_DATA environment variable."""
    folder = given or (Path(os.environ["MUJAZ_DATA"]) if "MUJAZ_DATA" in os.environ else None)
    if folder is None or not folder.is_dir():
        raise RecipeError(f"no data folder at {folder}: set MUJAZ_DATA or pass --data")
    return folder
