"""Any server that speaks the OpenAI chat interface: vLLM, llama.cpp (which runs GGUF files), Ollama, or a paid service.

This is the one engine that sends text to another process, and it may be on another machine: the server is the URL in
the model's ``source``. Nothing is sent unless a profile or a user asks for such a model; no shipped profile but
``llm`` does, and its server is on this machine.

A server that is not there, or refuses the key, ends the work with a clear error. What goes wrong with *one* text
(a time-out, an overloaded server, a refusal, an answer of the wrong form, also when asked again) costs that text
alone: it gets an empty hypothesis that says what happened, and the brief goes on without it.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from summarizer.engines import CitedSentence, Hypothesis, check_hypotheses, check_lengths
from summarizer.engines.local import error_line
from summarizer.engines.prompts import (
    FormError,
    Message,
    again,
    read_summary,
    read_translation,
    summary_messages,
    translation_messages,
)
from summarizer.errors import ModelError
from summarizer.models.specs import ServerSpec

if TYPE_CHECKING:
    from summarizer.engines import LatinNames, Locate
    from summarizer.models import ModelSpec
    from summarizer.schema import ModelInfo

logger = logging.getLogger(__name__)

#: Statuses that pass by themselves: time-out, too early, too many requests, and a server in trouble.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_REFUSED_KEY: Final = frozenset({401, 403})
#: Up to this many hypotheses cost one request: the answer without sampling. Further ones are sampled.
_SURE_HYPOTHESES: Final = 2
#: After this many texts in a row that the server failed on, the rest of the call is not sent at all.
_GIVE_UP_AFTER: Final = 4
#: UTF-8 bytes a token: an Arabic letter has two, and no tokenizer in use needs more than one token for it.
_BYTES_A_TOKEN: Final = 2
#: A 32-bit seed is what every server takes.
_SEED: Final = 20_240_407

_ReadT = TypeVar("_ReadT")


class _TextError(Exception):
    """One text got no answer; the message says why. ``by_server``: the server failed, not the model."""

    def __init__(self, message: str, *, by_server: bool) -> None:
        super().__init__(message)
        self.by_server = by_server


@dataclass(frozen=True, slots=True)
class _Answer:
    content: str
    finished: bool


class OpenAIEngine:
    """Asks one model of one server; requests go out in parallel, answers come back in order."""

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        del locate  # there are no files
        self.info: ModelInfo = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self._spec = spec
        self._server = spec.server or ServerSpec()
        self._url = spec.source.rstrip("/") + "/chat/completions"
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._sleep: Callable[[float], None] = time.sleep

    def count_tokens(self, text: str) -> int:
        """Return an upper estimate: the interface has no way to ask, so two bytes of UTF-8 count as a token."""
        return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``Engine.generate``. A text that got no answer has one empty hypothesis with its ``fault``.

        Up to two hypotheses are one answer, without sampling; further ones are sampled, with fixed seeds. A model
        for summarization writes a summary of each text; ``write_cited`` is the better way to ask it.
        """
        check_hypotheses(hypotheses, max_new_tokens)
        check_lengths(map(self.count_tokens, texts), texts, limit=self.input_limit, model=self.info.id)
        if self._spec.task == "summarization":
            read: Callable[[str], str] = lambda answer: " ".join(  # noqa: E731 - two readers of one type
                each.text for each in read_summary(answer, given=1)
            )
        else:
            read = read_translation

        def ask(text: str) -> list[Hypothesis]:
            messages = self._messages(text)
            limit = self._spec.generation.length_limit(self.count_tokens(text), max_new_tokens)
            return [
                Hypothesis(text=text, finished=finished)
                for text, finished in self._ask_for(messages, read, hypotheses=hypotheses, limit=limit)
            ]

        wanted = [index for index, text in enumerate(texts) if text.strip()]
        answers: list[list[Hypothesis]] = [[Hypothesis(text="")] for _ in texts]
        failed = lambda fault: [Hypothesis(text="", finished=False, fault=fault)]  # noqa: E731
        for index, found in zip(
            wanted, self._in_parallel(ask, [texts[index] for index in wanted], failed), strict=True
        ):
            answers[index] = found
        return answers

    def write_cited(
        self, packs: Sequence[Sequence[str]], *, hypotheses: int = 1
    ) -> list[list[list[CitedSentence]]]:
        """See ``CitingEngine.write_cited``. A truncated summary is used without its last, broken line."""

        def ask(pack: Sequence[str]) -> list[list[CitedSentence]]:
            messages = summary_messages(
                pack, target=self._spec.target_language, instructions=self._server.instructions
            )
            limit = self._spec.generation.length_limit(sum(map(self.count_tokens, pack)))
            found = self._ask_for(
                messages,
                lambda answer: read_summary(answer, given=len(pack)),
                hypotheses=hypotheses,
                limit=limit,
            )
            return [summary for summary, _ in found]

        return self._in_parallel(ask, packs, lambda _fault: [])

    def _messages(self, text: str) -> list[Message]:
        target, instructions = self._spec.target_language, self._server.instructions
        if self._spec.task == "summarization":
            return summary_messages([text], target=target, wanted=3, instructions=instructions)
        return translation_messages(text, target=target, instructions=instructions)

    # --- many texts -----------------------------------------------------------------------------

    def _in_parallel(
        self,
        ask: Callable[[Any], _ReadT],
        asked: Sequence[Any],
        failed: Callable[[str], _ReadT],
    ) -> list[_ReadT]:
        """Return ``ask`` of each, in order, and ``failed(why)`` for those that got no answer.

        Raises what is not of one text: ``ModelError``.
        """
        in_a_row, lock = 0, threading.Lock()

        def guarded(each: Any) -> _ReadT:
            nonlocal in_a_row
            if in_a_row >= _GIVE_UP_AFTER:
                return failed("not asked: the server failed on the texts before")
            try:
                found = ask(each)
            except _TextError as failure:
                logger.warning("%s: a text got no answer: %s", self.info.id, failure)
                with lock:
                    in_a_row = in_a_row + 1 if failure.by_server else 0
                return failed(str(failure))
            with lock:
                in_a_row = 0
            return found

        with ThreadPoolExecutor(self._server.parallel, thread_name_prefix="mujaz-server") as pool:
            return list(pool.map(guarded, asked))

    def _ask_for(
        self,
        messages: list[Message],
        read: Callable[[str], _ReadT],
        *,
        hypotheses: int,
        limit: int,
    ) -> list[tuple[_ReadT, bool]]:
        """Return (answer read, whether it was finished), the first without sampling; each once, one at least.

        Raises ``_TextError`` where the first answer cannot be had in the right form, also when asked again.
        """
        found = [self._ask_once(messages, read, limit=limit, sample=None)]
        for sample in range(hypotheses - _SURE_HYPOTHESES):
            try:
                found.append(self._ask_once(messages, read, limit=limit, sample=sample))
            except _TextError as failure:  # there is an answer already
                logger.info("%s: a further answer was not had: %s", self.info.id, failure)
        return [each for place, each in enumerate(found) if each not in found[:place]]

    def _ask_once(
        self, messages: list[Message], read: Callable[[str], _ReadT], *, limit: int, sample: int | None
    ) -> tuple[_ReadT, bool]:
        answer = self._complete(messages, limit=limit, sample=sample)
        try:
            return read(answer.content), answer.finished
        except FormError as fault:
            if not answer.finished:
                return self._rescue(answer, read, fault)
            logger.info("%s: asked again, because %s", self.info.id, fault)
            messages = again(messages, answer.content, fault)
        answer = self._complete(messages, limit=limit, sample=sample)
        try:
            return read(answer.content), answer.finished
        except FormError as fault:
            raise _TextError(f"the answer is not of the form asked for: {fault}", by_server=False) from fault

    @staticmethod
    def _rescue(answer: _Answer, read: Callable[[str], _ReadT], fault: FormError) -> tuple[_ReadT, bool]:
        """Return what a truncated answer holds before its last, broken line."""
        whole, _, _ = answer.content.rstrip().rpartition("\n")
        try:
            return read(whole), False
        except FormError:
            raise _TextError(f"the answer was cut off: {fault}", by_server=False) from fault

    # --- one request ----------------------------------------------------------------------------

    def _complete(self, messages: list[Message], *, limit: int, sample: int | None) -> _Answer:
        body: dict[str, Any] = {
            "model": self._server.model or self._spec.id,
            "messages": messages,
            "max_tokens": limit,
            "temperature": 0.0 if sample is None else self._server.retry_temperature,
            "seed": _SEED + (0 if sample is None else sample + 1),
        }
        response = self._post(body)
        try:
            choice = response.json()["choices"][0]
            message = choice["message"]
            content, reason = message.get("content") or "", choice.get("finish_reason")
            refusal = message.get("refusal")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _TextError(
                f"the server's reply is not of the interface: {error_line(error)}", by_server=True
            ) from error
        if not isinstance(content, str):
            raise _TextError("the server's reply holds no text", by_server=True)
        if refusal or reason == "content_filter":
            why = error_line(ValueError(refusal), most=120) if refusal else "its content filter"
            raise _TextError(f"the model refused the text: {why}", by_server=False)
        return _Answer(content=content, finished=reason != "length")

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        """Return a reply of status 200, after as many tries as the registry allows.

        Raises ``ModelError`` on what no further try or text can mend, ``_TextError`` when the tries are used up.
        """
        failure = ""
        for attempt in range(self._server.retries + 1):
            if attempt:
                logger.info("%s: try %d, because %s", self.info.id, attempt + 1, failure)
            try:
                response = self._connection().post(self._url, json=body)
            except httpx.ConnectError as error:
                if attempt == self._server.retries:
                    raise ModelError(
                        f"{self.info.id}: no server answers at {self._spec.source} ({error_line(error)}); start it, or "
                        f"correct `source` of model {self.info.id} in models.yaml"
                    ) from error
                failure, asked = "the server cannot be reached", None
            except httpx.TimeoutException:
                failure = f"the server took longer than {self._server.timeout_seconds:g} seconds"
                asked = None
            except httpx.TransportError as error:
                failure, asked = f"the connection broke: {error_line(error)}", None
            else:
                if response.status_code == httpx.codes.OK:
                    return response
                self._refuse(response)
                failure = f"the server answered with status {response.status_code}"
                asked = _retry_after(response)
            if attempt < self._server.retries:
                self._sleep(self._wait(attempt, asked))
        raise _TextError(f"{failure}, {self._server.retries + 1} times", by_server=True)

    def _refuse(self, response: httpx.Response) -> None:
        """Raise on a status that no further try mends."""
        status = response.status_code
        if status in _PASSING:
            return
        said = " ".join(response.text.split())[:200]
        if status in _REFUSED_KEY:
            variable = self._server.key_variable
            remedy = (
                f"set {variable} to a valid key" if variable else "name `server.key_variable` in models.yaml"
            )
            raise ModelError(
                f"{self.info.id}: {self._spec.source} refuses the key (status {status}); {remedy}"
            )
        if status == httpx.codes.NOT_FOUND:
            raise ModelError(
                f"{self.info.id}: {self._url} is not there, or the server has no model "
                f"{self._server.model or self._spec.id!r} ({said})"
            )
        if status in (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE, 422):
            raise _TextError(f"the server refused the text (status {status}): {said}", by_server=False)
        raise ModelError(f"{self.info.id}: {self._spec.source} answered with status {status}: {said}")

    def _wait(self, attempt: int, asked: float | None) -> float:
        """Return the seconds before the next try: what the server asks for, else twice as long each time."""
        seconds = self._server.backoff_seconds * 2.0**attempt if asked is None else asked
        return min(max(0.0, seconds), self._server.longest_wait_seconds)

    def _connection(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                headers = {}
                variable = self._server.key_variable
                if variable:
                    key = os.environ.get(variable, "").strip()
                    if not key:
                        raise ModelError(
                            f"{self.info.id} needs a key: set the environment variable {variable}"
                        )
                    headers["Authorization"] = f"Bearer {key}"
                url = urlsplit(self._spec.source)
                if headers and url.scheme == "http" and self._spec.sends_text:
                    logger.warning("%s: the key goes to %s without encryption", self.info.id, url.hostname)
                self._client = httpx.Client(
                    timeout=self._server.timeout_seconds,
                    headers=headers,
                    trust_env=self._spec.sends_text,  # a proxy has no business with a server on this machine
                    limits=httpx.Limits(max_connections=self._server.parallel),
                )
            return self._client


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait (a number or a date), None without one."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
