"""What a language model is told, and the one form in which its answer is taken.

An answer in any other form is refused, whatever it says: a chatty opening, a list where a sentence was asked for, a
summary without citations. The next try tells the model what was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from summarizer.engines import CitedSentence

#: One message of a chat: ``role`` and ``content``.
Message = Mapping[str, str]

_LANGUAGES: Final = {"ar": "Modern Standard Arabic", "en": "English"}
#: A summary's sentences when the caller gives many: no model is asked for more in one answer.
_MOST_SENTENCES: Final = 8

#: What some models write before the answer, for themselves.
_THOUGHT: Final = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_UNFINISHED_THOUGHT: Final = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_FENCE: Final = re.compile(r"^```\w*$")
#: The citations that end a line: "[1]", "[1][3]", "[1, 3]", in any script's digits; a full stop may follow.
_CITED_LINE: Final = re.compile(
    r"^(?P<text>.*?\S)\s*(?P<cited>(?:\[\s*\d+(?:\s*[,،]\s*\d+)*\s*\]\s*)+)(?P<end>[.؟!?]?)$"
)
_LIST_MARK: Final = re.compile(r"^(?:[-*•]|\(?\d{1,2}[.)])\s+")


class FormError(ValueError):
    """An answer is not of the form that was asked for; the message says how, in words for the model."""


def translation_messages(text: str, *, target: str, instructions: str = "") -> list[Message]:
    """Return the chat that asks for the translation of one sentence, on one line."""
    language = _LANGUAGES.get(target, target)
    system = (
        f"You translate Arabic news into {language}. Translate the sentence you are given completely and faithfully: "
        "keep every number, date, name and negation, add nothing, leave nothing out. Keep names that stand in Latin "
        f"letters as they are. Answer with the {language} sentence alone, on one line: no quotation marks around it, "
        "no notes, no Arabic."
    )
    return _chat(system, text, instructions)


def summary_messages(
    sentences: Sequence[str], *, target: str, wanted: int | None = None, instructions: str = ""
) -> list[Message]:
    """Return the chat that asks for a summary of numbered sentences, one cited sentence a line."""
    language = _LANGUAGES.get(target, target)
    count = min(wanted or len(sentences), _MOST_SENTENCES)
    system = (
        f"You summarize Arabic news in {language}. You are given numbered sentences. Write at most {count} "
        f"sentences in {language}, each on a line of its own, the most important first. Use only what the given "
        "sentences say: keep their numbers, dates, names and negations, and invent nothing. End every line with the "
        "numbers of the one to three sentences that it rests on, in square brackets, such as [2] or [1][4]. Write "
        "nothing else: no title, no list marks, no notes."
    )
    numbered = "\n".join(f"[{number}] {' '.join(text.split())}" for number, text in enumerate(sentences, 1))
    return _chat(system, numbered, instructions)


def again(messages: Sequence[Message], answer: str, fault: FormError) -> list[Message]:
    """Return the chat that goes on after an answer of the wrong form."""
    return [
        *messages,
        {"role": "assistant", "content": answer},
        {
            "role": "user",
            "content": f"That is not the form I asked for: {fault}. Answer again, in that form only.",
        },
    ]


def _chat(system: str, user: str, instructions: str) -> list[Message]:
    full = f"{system} {instructions}" if instructions else system
    return [{"role": "system", "content": full}, {"role": "user", "content": user}]


# --- reading answers ------------------------------------------------------------------------------


def read_translation(answer: str) -> str:
    """Return the one line of a translation. Raises ``FormError`` on none or several."""
    lines = _lines(answer)
    if not lines:
        raise FormError("the answer is empty")
    if len(lines) > 1:
        raise FormError(f"the answer has {len(lines)} lines, not one")
    line = lines[0]
    if len(line) > 1 and line[0] == line[-1] == '"' and line.count('"') == 2:
        line = line[1:-1].strip()
    return line


def read_summary(answer: str, *, given: int) -> list[CitedSentence]:
    """Return the cited sentences of a summary of ``given`` numbered sentences.

    Raises ``FormError`` where there is no line, a line without citation, or one that cites what was not given.
    """
    lines = _lines(answer)
    if not lines:
        raise FormError("the answer is empty")
    found: list[CitedSentence] = []
    for line in lines:
        match = _CITED_LINE.match(_LIST_MARK.sub("", line))
        if match is None:
            raise FormError(f"this line does not end in a citation: {line[:60]}")
        numbers = [int(each) for each in re.findall(r"\d+", match["cited"])]
        if wrong := [each for each in numbers if not 1 <= each <= given]:
            raise FormError(f"there is no sentence [{wrong[0]}]; there are {given}")
        places = tuple(dict.fromkeys(each - 1 for each in numbers))
        found.append(CitedSentence(text=match["text"].strip() + match["end"], cited=places))
    return found


def _lines(answer: str) -> list[str]:
    """Return the lines that say something, without a model's thoughts and code fences."""
    text = _THOUGHT.sub("", answer)
    if _UNFINISHED_THOUGHT.search(text):
        raise FormError("the answer ends before its thought does")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not _FENCE.match(line)]
