"""The English that the reader sees: marks, digits, spaces, quotes, the first capital and the full stop put right."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ENGLISH_MARKS: Final[dict[int, str | None]] = {
    **dict.fromkeys([0x0640, 0x00AD, 0x061C, 0xFEFF]),
    **dict.fromkeys([*range(0x064B, 0x0660), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),
    ord("،"): ",", ord("؛"): ";", ord("؟"): "?", ord("٪"): "%", ord("٫"): ".", ord("٬"): ",", ord("…"): "...",
    **{ord(quote): '"' for quote in "«»“”„‟‹›"},
    **{ord(quote): "'" for quote in "‘’‚‛"},
    ord("٠"): "0",
}  # fmt: skip
_SPACES: Final = re.compile(r"\s+")
_BEFORE_MARK: Final = re.compile(r"\s+(?=[,;:.!?%)\]])(?!\.\d)")
_AFTER_OPENING: Final = re.compile(r"(?<=[(\[])\s+")
_AFTER_MARK: Final = re.compile(
    r"([,;!?])(?=[^\W\d_])|(?<=[^\W\d_])(:)(?=[^\W\d_])|(?<=[a-z]{2})(\.)(?=[A-Z][a-z])"
)
_TWICE: Final = re.compile(r"([,;:!?])(?:\s*\1)+|(?<!\.)\.\s*\.(?!\.)|,\s*(?=[.;!?])|(?<=[;:])\s*,")
#: The article of an Arabic name that the model set apart: "al- Hijjah".
_SPLIT_ARTICLE: Final = re.compile(r"\b([Aa]l)- (?=[A-Z])")
#: A word and a name that the model copied, without the space between: "ofArgentine". Names themselves are written so: "elBaradei".
_GLUED: Final = re.compile(
    r"(?<![\w'-])(?!(?:al|el|de|la|le|du|da|di|van|von|mac|mc)[A-Z])([a-z]{2,})(?=[A-Z][a-z]{2})([A-Za-z]+)"
)
_INITIALS: Final = re.compile(r"\b([A-Z])\. (?=[A-Z]\.(?:\W|$))")
_QUOTE_RUN: Final = re.compile(r'"(?:\s*")+')
_QUOTE_MARK: Final = re.compile('["«»“”„]')
_CLOSES: Final = re.compile(r'\S"(?:[\s,;:.!?)\]]|$)')
#: Mending one thing may uncover another (a mark behind a mark); real text settles in two passes.
_MOST_PASSES: Final = 8
#: A source is a sentence when it ends so (a closing quote or bracket may follow); a headline does not.
_SENTENCE_END: Final = re.compile(r"([.!?؟…])[\s»”\")\]'’]*$")
_ENGLISH_END: Final = re.compile(r"[.!?…][\"')\]]*$")


def tidy_english(english: str, arabic: str) -> str:
    """Return ``english`` as it is shown: marks, digits, spaces, quotes, the first capital and the full stop.

    The last mark follows the source: a sentence gets its ``.``, ``?`` or ``!``, a headline (no mark at the end
    of ``arabic``) none. Tidying twice is tidying once.
    """
    text = "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each
        for each in english.translate(_ENGLISH_MARKS)
    )
    text = _SPACES.sub(
        " ", "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    ).strip()
    text = _GLUED.sub(lambda match: match[0] if match[0] in arabic else f"{match[1]} {match[2]}", text)
    quoted = _QUOTE_MARK.search(arabic) is not None
    for _ in range(_MOST_PASSES):
        before, text = text, _end_like(_tidy_marks(_tidy_quotes(_tidy_marks(text), quoted=quoted)), arabic)
        if text == before:
            break
    return _capitalise(_ARTICLE_MISSING.sub(r"\1the \2", text))


#: Names that went into the input in Latin letters come back bare: after a function word or at the start they lack "the".
_ARTICLE_MISSING: Final = re.compile(
    r"(^|(?:^|(?<=\s))(?:and|or|with|without|in|to|from|of|by|for|between|that|than|against|on|at|into|as|but|said|"
    r"towards?|through|across|inside|outside|leaving|visiting)\s+)"
    r"(United (?:States|Nations|Kingdom|Arab Emirates)|European Union|White House|Pentagon|Kremlin|Security Council|"
    r"Arab League|African Union|Middle East|Gaza Strip|West Bank|Netherlands|Philippines|Green Zone|Houthis|Taliban)\b"
    r"(?!-)"
)


def _tidy_marks(text: str) -> str:
    before = None
    while text != before:  # each pass shortens the text or is the last but one
        before = text
        text = _BEFORE_MARK.sub("", _AFTER_OPENING.sub("", text))
        text = _TWICE.sub(lambda match: match[1] or ("." if "." in match[0] else ""), text)
        text = _SPLIT_ARTICLE.sub(r"\1-", _INITIALS.sub(r"\1.", text))
        text = _AFTER_MARK.sub(lambda match: f"{match[1] or match[2] or match[3]} ", text)
    return text.strip(" ,;")


def _tidy_quotes(text: str, *, quoted: bool) -> str:
    """Return ``text`` with straight double quotes in pairs, spaced outside and not inside.

    A mark without a partner is closed at the end where the source has a quotation (``quoted``), else dropped.
    """
    text = _QUOTE_RUN.sub('"', text)
    parts = [part.strip() for part in text.split('"')]
    if len(parts) % 2 == 0:  # the last mark is without a partner
        mark = text.rindex('"')
        if not quoted or _CLOSES.match(text, max(0, mark - 1)):  # or it closes what was never opened
            last = parts.pop()
            parts[-1] = (parts[-1] + ("" if last[:1] in ",;:.!?)]" else " ") + last).strip()
        else:  # it opens what is never closed: the quotation runs to the end
            parts.append("")
    out = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:  # outside
            glue = " " if out and part and part[0] not in ",;:.!?)]" else ""
            out += glue + part
        elif part:
            out += (" " if out and out[-1] not in "([ " else "") + f'"{part}"'
    return out


def _end_like(text: str, arabic: str) -> str:
    if not text:
        return text
    end = _SENTENCE_END.search(arabic.strip())
    body = text.rstrip(" ,;")
    if end is None:
        return re.sub(r"(?<![.A-Z])\.(?=[\"')\]]*$)", "", body)
    if _ENGLISH_END.search(body):
        return body
    mark = {"؟": "?", "?": "?", "!": "!"}.get(end[1], ".")
    if body.endswith('"') and mark == ".":
        return f'{body[:-1]}."'
    return body.rstrip(":- ") + mark


def _capitalise(text: str) -> str:
    for index, character in enumerate(text):
        if character.isalpha():
            upper = character.upper()
            return text[:index] + upper + text[index + 1 :] if len(upper) == 1 else text
        if character.isdigit():
            return text
    return text
