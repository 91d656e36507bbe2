"""Metrics in which a model is the judge: COMET, BERTScore, and a language model behind an OpenAI-compatible endpoint.

Extras: nothing here is imported, downloaded or called unless the metric is asked for by name. A missing library is a
``MissingModelError`` that names the command. Models change scores, so each signature names the model, and the judge's
also a hash of its prompt. Read them as what one model thinks: COMET prefers the style of its training data, BERTScore is
weak at numbers and negation, language models prefer long answers and their own.

Settings come from the environment, so that a metric's name stays enough to load it:

========================= ===================================================================================
``MUJAZ_COMET_MODEL``     checkpoint or hub name (default ``Unbabel/wmt22-comet-da``)
``MUJAZ_BERTSCORE_MODEL`` encoder (default ``bert-base-multilingual-cased``)
``MUJAZ_JUDGE_URL``       base URL of the endpoint, up to and with ``/v1``
``MUJAZ_JUDGE_MODEL``     the model's name there
``MUJAZ_JUDGE_KEY``       its key, where it wants one (sent as a bearer token; never written anywhere)
========================= ===================================================================================
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

from eval.errors import MetricError
from eval.items import Item, hypothesis_text
from eval.metrics import Statistics
from eval.metrics.base import Mean, check_lengths, count_references, references_of, sign
from summarizer.errors import MissingModelError, ModelError

_TEXTS: Final = frozenset({"translate", "summarize"})


def _library(module: str, package: str, metric: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingModelError(f"metric {metric} needs {package}: pip install {package}") from error


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _column(scores: Sequence[float], name: str, count: int) -> Statistics:
    if len(scores) != count:
        raise ModelError(f"{name}: the model gave {len(scores)} scores for {count} items")
    return np.array(scores, dtype=np.float64).reshape(count, 1)


class Comet(Mean):
    """COMET (Rei et al. 2022): a trained model's quality estimate with source and reference, in percent. Rows: score.

    Only the first reference is read, as in COMET itself.
    """

    name = "comet"
    tasks = frozenset({"translate"})

    def __init__(self) -> None:
        self._library = _library("comet", "unbabel-comet", self.name)
        self._model_name = os.environ.get("MUJAZ_COMET_MODEL", "Unbabel/wmt22-comet-da")
        self._model: Any = None
        self.signature = sign(
            self.name, model=self._model_name, refs="first", scale=100, version=_version("unbabel-comet")
        )

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        check_lengths(self.name, hypotheses, items)
        rows = [
            {"src": item.text, "mt": hypothesis_text(hypothesis), "ref": references_of(self.name, item)[0]}
            for hypothesis, item in zip(hypotheses, items, strict=True)
        ]
        if not rows:
            return np.zeros((0, 1))
        output = self._loaded().predict(rows, batch_size=16, gpus=0, progress_bar=False)
        return _column(list(output["scores"]), self.name, len(rows))

    def _loaded(self) -> Any:
        if self._model is None:
            path = self._model_name
            if not Path(path).exists():  # a hub name, not a file
                path = self._library.download_model(path)
            self._model = self._library.load_from_checkpoint(path)
        return self._model


class BertScore(Mean):
    """BERTScore F1 (Zhang et al. 2020) in percent, best reference, no baseline rescaling. Rows: F1."""

    name = "bertscore"
    tasks = _TEXTS

    def __init__(self) -> None:
        self._library = _library("bert_score", "bert-score", self.name)
        self._model = os.environ.get("MUJAZ_BERTSCORE_MODEL", "bert-base-multilingual-cased")
        self._nrefs = "?"

    @property
    def signature(self) -> str:  # type: ignore[override]
        """The model and the choices; ``nrefs:?`` before any items were read."""
        return sign(
            self.name, model=self._model, nrefs=self._nrefs, refs="best", idf="no", rescale="no", scale=100,
            version=_version("bert-score"),
        )  # fmt: skip

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        check_lengths(self.name, hypotheses, items)
        texts = [hypothesis_text(each) for each in hypotheses]
        references = [list(references_of(self.name, item)) for item in items]
        self._nrefs = count_references(items)
        if not texts:
            return np.zeros((0, 1))
        _, _, f1 = self._library.score(texts, references, model_type=self._model, verbose=False)
        return _column([float(each) for each in f1], self.name, len(texts))


# --- a language model as judge --------------------------------------------------------------------

#: What the judge is asked. Its hash is in the signature: another prompt is another metric.
PROMPTS: Final = {
    "translate": (
        "You judge translations of Arabic news into English. Read the Arabic source, the reference translation (if "
        "any) and the translation to judge. Numbers, dates, names and negations must be those of the source; nothing "
        "may be added or left out. Fluency matters less than meaning.\n\n"
        "Arabic source:\n{source}\n\nReference:\n{reference}\n\nTranslation to judge:\n{hypothesis}\n\n"
        "Answer with one line: SCORE: n, where n is a whole number from 0 (unrelated or false) to 100 (perfect)."
    ),
    "summarize": (
        "You judge summaries of Arabic news reports. Read the reports, a reference summary (if any) and the summary to "
        "judge. It must state the main events, agree with the reports in every number, date, name and negation, and "
        "repeat nothing. Length does not earn points.\n\n"
        "Reports:\n{source}\n\nReference:\n{reference}\n\nSummary to judge:\n{hypothesis}\n\n"
        "Answer with one line: SCORE: n, where n is a whole number from 0 (unrelated or false) to 100 (perfect)."
    ),
}
_FIELD: Final = re.compile(r"\{(source|reference|hypothesis)\}")
_SCORE: Final = re.compile(r"SCORE\s*:\s*(\d{1,3})\b", re.IGNORECASE)
#: Seconds before a call counts as failed, tries of one call, and the pause before the second (doubled after).
_TIMEOUT: Final = 120.0
_TRIES: Final = 3
_PAUSE: Final = 1.0


class LlmJudge(Mean):
    """Mean score of 0 to 100 that a language model gives, at temperature 0. Rows: the score.

    Summaries are told from translations by the script of the output. A judge that cannot be reached or does not answer
    in the form asked for (after two more tries) is a ``ModelError``: no score is made up for an item.
    """

    name = "llm-judge"
    tasks = _TEXTS
    scale = 1.0

    def __init__(
        self, *, client: httpx.Client | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """``client`` and ``sleep`` are for tests. Raises ``MetricError`` where URL or model are not set."""
        url, model = os.environ.get("MUJAZ_JUDGE_URL", ""), os.environ.get("MUJAZ_JUDGE_MODEL", "")
        if not url or not model:
            raise MetricError(
                "metric llm-judge needs an endpoint: set MUJAZ_JUDGE_URL (…/v1) and MUJAZ_JUDGE_MODEL"
            )
        key = os.environ.get("MUJAZ_JUDGE_KEY", "")
        self._client = client or httpx.Client(timeout=_TIMEOUT)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._sleep = sleep
        prompts = hashlib.sha256("\0".join(f"{task}\0{PROMPTS[task]}" for task in sorted(PROMPTS)).encode())
        self.signature = sign(
            self.name,
            model=model,
            prompt=prompts.hexdigest()[:12],
            temperature=0,
            seed=0,
            refs="first",
            scale=100,
            version=1,
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        text = hypothesis_text(hypothesis)
        arabic = sum("\u0600" <= character <= "\u06ff" for character in text)
        task = "summarize" if arabic * 2 > len(text.replace(" ", "")) else "translate"
        reference = item.references[0] if item.references else "(none)"
        fields = {"source": item.text, "reference": reference, "hypothesis": text}
        # One pass, and not str.format: the texts may hold braces, even these names in braces.
        prompt = _FIELD.sub(lambda match: fields[match[1]], PROMPTS[task])
        return (self._judge(prompt, item.id),)

    def _judge(self, prompt: str, item_id: str) -> float:
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "seed": 0,
        }
        problem = ""
        cause: Exception | None = None
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                response = self._client.post(self._url, json=body, headers=self._headers)
                response.raise_for_status()
                answer = str(response.json()["choices"][0]["message"]["content"])
            except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError) as error:
                problem, cause = f"{type(error).__name__}: {error}".splitlines()[0], error
                continue
            found = _SCORE.findall(answer)
            if found and int(found[-1]) <= 100:
                return float(found[-1])
            problem, cause = f"answered {answer.strip()[:80]!r} and not SCORE: n", None
        raise ModelError(f"llm-judge: {self._model} at {self._url}, item {item_id!r}: {problem}") from cause
