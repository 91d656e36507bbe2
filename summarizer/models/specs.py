"""What an entry of ``models.yaml`` says: the frozen form of a model and of a profile. See ``docs/models.md``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from summarizer.engines import LatinNames
from summarizer.schema import ModelInfo

Task = Literal["summarization", "translation"]
TASKS: Final[tuple[str, ...]] = get_args(Task)

#: Number formats of weights while they run; ``auto`` is the best the device has, see ``engines.devices``.
ComputeType = Literal[
    "auto",
    "float32",
    "float16",
    "bfloat16",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
]
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Strict(BaseModel):
    """Refuses unknown keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedSpec(Strict):
    """How a text becomes the model's input, and how the answer ends."""

    form: Literal["decoder", "encoder-decoder"] = "encoder-decoder"
    text_prefix: str = ""  # text put before every input (a task prompt, ">>eng<< ")
    before: tuple[str, ...] = ()  # tokens before the encoded text
    after: tuple[str, ...] = ()  # tokens after it
    special_tokens: bool = True  # whether the tokenizer adds its own (</s>, language marks)
    target_prefix: tuple[str, ...] = ()  # first tokens forced upon the answer (a target language)
    end_token: str | None = None  # what ends an answer; None: as the model's files say
    gloss_marks: tuple[str, str] | None = None  # tokens around glosses of rare words (`summarizer.glosses`)
    gloss_limit: int | None = Field(default=None, ge=1)  # tokens: a longer input has fewer glosses a word

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that the model's vocabulary must know for this form to mean anything."""
        return (
            *self.before,
            *self.after,
            *self.target_prefix,
            *((self.end_token,) if self.end_token else ()),
            *(self.gloss_marks or ()),
        )


class GenerationSpec(Strict):
    """How answers are searched for. Local models never sample: the same input gives the same answer."""

    beam: int = Field(default=1, ge=1, le=32)  # 1: greedy
    no_repeat_ngram_size: int = Field(default=0, ge=0)  # 0: off
    repetition_penalty: float = Field(default=1.0, gt=0)  # 1: off
    length_penalty: float = Field(default=1.0, ge=0)
    latin_only: bool = False  # no token with a letter of another script is written
    length_ratio: float = Field(default=1.5, ge=0)  # new tokens a token of input ...
    length_constant: int = Field(default=20, ge=1)  # ... and tokens on top
    length_most: int | None = Field(default=None, ge=1)  # but no more; what a table of positions has room for
    batch_tokens: int = Field(default=3000, ge=1)  # padded input tokens x beam that run at once

    def length_limit(self, input_tokens: int, asked: int | None = None) -> int:
        """Return the most new tokens for an input of ``input_tokens``, ``asked`` where that is less."""
        limit = self.capped(int(input_tokens * self.length_ratio) + self.length_constant)
        return limit if asked is None else min(limit, asked)

    def capped(self, tokens: int) -> int:
        """Return ``tokens``, or ``length_most`` where that is less."""
        return tokens if self.length_most is None else min(tokens, self.length_most)


class EstimationSpec(Strict):
    """What tells a doubtful answer of this model: a logistic regression over answers that were read, see ``estimation``."""

    intercept: float
    score: float  # of the model's mean log-probability
    coverage: float  # of the share of content words with a counterpart, 0 to 1
    words: float  # of a word of the Arabic
    mark_from: float = Field(gt=0, lt=1)  # the risk from which a sentence is marked
    wrong_of_marked: float = Field(ge=0, le=1)  # the share of those marked by this alone; cross-validated
    wrong_of_omitting: float = Field(default=0.0, ge=0, le=1)  # of answers that omit a word; 0: no mark for it


class ServerSpec(Strict):
    """How an OpenAI-compatible server is asked; its base URL is the model's ``source``."""

    model: str = ""  # the name that the server knows the model by; "": the model's id
    key_variable: str = ""  # environment variable that holds the key; "": no key is sent
    timeout_seconds: float = Field(default=120.0, gt=0)  # for one answer
    retries: int = Field(default=4, ge=0, le=20)  # further tries after a passing failure (429, 5xx, time-out)
    backoff_seconds: float = Field(default=1.0, ge=0)  # before the first further try; doubles each time
    longest_wait_seconds: float = Field(default=60.0, ge=0)  # what a `Retry-After` may ask for
    parallel: int = Field(default=4, ge=1, le=64)  # requests under way at once
    retry_temperature: float = Field(
        default=0.7, ge=0, le=2
    )  # of answers beyond the first, which samples not
    instructions: str = ""  # added to the built-in prompt ("Write in British spelling.")


class ScoreSpec(Strict):
    """A published score of a model, with where it was published."""

    dataset: str
    metric: str
    value: float
    source: str = Field(pattern=r"^https?://\S+$")


class ModelSpec(Strict):
    """One model of ``models.yaml``."""

    id: str
    task: Task
    engine: str
    source: str = Field(pattern=r"^(none|(bundled|hub|path):\S.*|https?://\S+)$")
    adapter: str | None = Field(default=None, pattern=r"^(bundled|path):\S.*$")  # merged into a bundled model
    licence: str
    non_commercial: bool = False  # whether the licence forbids commercial use
    size_mb: float = Field(ge=0)  # of the download, or of the bundled files
    source_language: str = Field(pattern=r"^[a-z]{2,3}$")
    target_language: str = Field(pattern=r"^[a-z]{2,3}$")
    source_code: str = ""  # the model's own name for the source language; it stands in `feed`
    target_code: str = ""  # the same for the target language
    input_limit: int = Field(ge=1)  # tokens, as `Engine.count_tokens` counts
    word_limit: int | None = Field(default=None, ge=5)  # words the model handles well; None: as many as fit
    revision: str | None = None  # of a hub repository: a commit or tag; None: its default branch
    fuses: bool = False  # a summarizer that makes one sentence of several, see `summarizer.fuse`
    coverage_weight: float = Field(
        default=0.0, ge=0
    )  # of word coverage in choosing an answer, see `lexicon`; 0: off
    estimation: EstimationSpec | None = None  # of how likely an answer is wrong; None: it is not estimated
    latin_names: LatinNames = "retry"  # when names go into the input in Latin letters, see `translate`
    multi_query: bool = False  # bring the weights into a form that needs less memory, see `multiquery`
    compute_type: ComputeType = "auto"
    half_precision: Literal["float16", "bfloat16"] = "float16"  # of a GPU; T5 overflows in float16
    feed: FeedSpec = FeedSpec()
    generation: GenerationSpec = GenerationSpec()
    server: ServerSpec | None = None  # only of engine `openai`
    citation: str = ""
    scores: tuple[ScoreSpec, ...] = ()
    notes: str = ""

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(id=self.id, engine=self.engine, licence=self.licence)

    @property
    def source_kind(self) -> str:
        """``none``, ``bundled``, ``hub``, ``path``, or ``http`` for a server."""
        kind = self.source.partition(":")[0]
        return "http" if kind == "https" else kind

    @property
    def source_name(self) -> str:
        """What follows the kind: a directory of ``models/``, ``org/name``, a path; of a server the whole URL."""
        return self.source if self.source_kind == "http" else self.source.partition(":")[2]

    @property
    def adapter_name(self) -> str | None:
        """What follows the kind of ``adapter``: a directory of ``models/``, or a path."""
        return None if self.adapter is None else self.adapter.partition(":")[2]

    @property
    def sends_text(self) -> bool:
        """Whether running this model sends the text of reports to another machine."""
        return self.source_kind == "http" and (urlsplit(self.source).hostname or "") not in _LOOPBACK

    @property
    def remedy(self) -> str:
        """What the user does when files are missing, as the end of a message."""
        match self.source_kind:
            case "hub":
                return f"get it with: mujaz models fetch --model {self.id}"
            case "bundled":
                return "reinstall with: pip install --force-reinstall mujaz"
            case _:
                return f"correct `source` of model {self.id} in models.yaml"


class Profile(Strict):
    """Which model does which task, and which one is asked about what it could not do."""

    name: str
    description: str = ""
    models: dict[Task, str]
    fallback: dict[Literal["translation"], str] = {}


#: Which sources an engine can run.
ENGINE_SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "ctranslate2": ("bundled", "hub", "path"),
    "extractive": ("none",),
    "openai": ("http",),
    "transformers": ("hub", "path"),
}


def spec_problems(spec: ModelSpec) -> Iterator[str]:
    """Yield what the fields of one model say against each other; ``where: what`` each."""
    where = f"models.{spec.id}"
    allowed = ENGINE_SOURCES.get(spec.engine, ())
    if allowed and spec.source_kind not in allowed:
        yield f"{where}.source: engine {spec.engine} runs {' or '.join(allowed)} models, not {spec.source!r}"
    if spec.source_kind == "hub" and spec.source_name.count("/") != 1:
        yield f"{where}.source: must be hub:organisation/name, not {spec.source!r}"
    if spec.source_kind == "http" and not urlsplit(spec.source).hostname:
        yield f"{where}.source: must be the base URL of a server, not {spec.source!r}"
    if spec.server is not None and spec.engine != "openai":
        yield f"{where}.server: only of engine openai, not {spec.engine}"
    if spec.revision is not None and spec.source_kind != "hub":
        yield f"{where}.revision: only of a hub model"
    if spec.fuses and spec.task != "summarization":
        yield f"{where}.fuses: only of a model for summarization"
    if spec.adapter is not None and spec.source_kind not in ("bundled", "path"):
        yield f"{where}.adapter: only of a bundled or path model, not {spec.source!r}"
    source = (spec.feed.text_prefix, *spec.feed.before, *spec.feed.after)
    target = (*source, *spec.feed.target_prefix)
    for field, code, places in (
        ("source_code", spec.source_code, source),
        ("target_code", spec.target_code, target),
    ):
        if code and not any(code in place for place in places):
            yield f"{where}.{field}: {code!r} does not stand in `feed`, so the model is never told"
    if spec.feed.gloss_marks is not None and (spec.engine, spec.feed.form) != ("ctranslate2", "decoder"):
        yield f"{where}.feed.gloss_marks: only of a decoder that engine ctranslate2 runs"
    if spec.multi_query and (spec.engine, spec.feed.form) != ("ctranslate2", "decoder"):
        yield f"{where}.multi_query: only of a decoder that engine ctranslate2 runs"
    if spec.feed.form == "decoder" and spec.feed.target_prefix:
        yield f"{where}.feed.target_prefix: a decoder has no target of its own; put the tokens into `after`"
