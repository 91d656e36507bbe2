"""Where one pasted article ends and the next begins.

People paste several articles into one box, or pipe them into one command. The sure way is a separator: a line of
nothing but three or more ``-``, ``=`` or ``*``. Where there is none, ``split_articles`` looks for the way a report
begins after the end of another, and splits only where two signs meet:

* a headline, a date line, a by-line or a dateline that stands after a blank line and after running text;
* a lead below it, that is a paragraph which does not continue anything («وأضاف ...», «من جهته ...») and which, for a
  headline, speaks of the same things;
* or, where paragraphs are set without blank lines, a blank line followed by a lead («قال مسؤول ...»).

Sub-headings, pull quotes, captions and "read also" links have the first sign without the second, mostly. Reports
that nothing separates stay together: two reports taken for one lose less than one report cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from summarizer.arabic import content_tokens, normalize, tokenize
from summarizer.metadata import Line, is_headline, line_kinds, split_lines, starts_with_dateline
from summarizer.schema import MarkKind

#: Running text that must stand before a new article may begin, in characters: two short paragraphs.
ARTICLE_MIN_CHARS: Final = 250
#: A lead is at least this long. Of the first lines of 3,900 reports, 4 % are shorter.
LEAD_MIN_CHARS: Final = 70
#: A headline between articles has at least so many words; sub-headings mostly have fewer.
HEADLINE_MIN_WORDS: Final = 5
#: Content words that a headline shares with the start of the text below it (``ANCHOR_CHARS`` characters).
ANCHOR_MIN_WORDS: Final = 2
ANCHOR_CHARS: Final = 700
#: Lines between a headline and its lead: sub-headline, date, by-line, caption.
HEAD_MAX_LINES: Final = 5
#: Paragraphs in a row without blank lines that show that blank lines are not what separates paragraphs.
DENSE_MIN_LINES: Final = 4
#: A paragraph as long as a report.
WHOLE_REPORT_CHARS: Final = 1000

_SEPARATOR: Final = re.compile(r"^[ \t\u200e\u200f]*(?:-{3,}|={3,}|\*{3,})[ \t\u200e\u200f]*$", re.MULTILINE)
_HEAD_KINDS: Final = frozenset({"date", "outlet", "byline", "caption"})

#: Words whose first letter is no conjunction.
_NATIVE_WAW: Final = tuple(
    normalize(
        "وزير وزيرة وزارة وزراء وزع وصل وصلت وصول وصف واصل واصلت وافق وافقت وفاة وفد وقع وقعت وقف وجه وجهت وجد وجدت"
        " ودع ودعت وضع وضعت وسط وسائل وحدة وحدات وكالة وكيل ولي ولاية ولد ولدت واشنطن واجه واجهت وثق وثقت وثيقة وثائق"
        " ورشة ورد وردت ورث وعد وعدت وباء والي واحد واحدة واسط ورقة وقود ووهان وهران وادي وطن وداعا واتساب وفق وفقا"
    ).split()
)
_CONTINUES: Final = tuple(
    normalize(each)
    for each in (
        "كما", "كذلك", "إلى ذلك", "الى جانب", "من جهته", "من جهتها", "من جهتهم", "من جهة", "من جانبه", "من جانبها",
        "من جانب", "من ناحيته", "من ناحية", "بدوره", "بدورها", "في المقابل", "بالمقابل", "في السياق", "في سياق",
        "في غضون", "في هذا", "في الأثناء", "في الوقت", "في ذات", "في نفس", "على صعيد", "على الصعيد", "على الجانب",
        "وفي", "لكن", "غير أن", "إلا أن", "بيد أن", "ثم", "هذا", "هذه", "ذلك", "بينما", "فيما", "فقد", "فإن", "يذكر",
        "يشار", "الجدير", "جدير", "جدير بالذكر", "من المقرر", "كان", "كانت", "لقد", "أيضا", "أضاف", "أضافت", "تابع",
        "تابعت", "أوضح", "أوضحت", "أشار", "أشارت", "لفت", "بين", "نوه", "شدد", "استطرد", "ختم", "حيث", "بعد ذلك", "عندها",
        "لذلك", "لهذا", "أما", "بل", "هناك", "هنا", "هو", "هي", "هم", "مع ذلك", "يأتي", "تأتي", "جاء ذلك",
    )
)  # fmt: skip
#: How leads begin: a bare verb of reporting or happening, its subject not yet known to the reader.
_LEAD_VERBS: Final = frozenset(
    normalize(
        "قال قالت أعلن أعلنت أكد أكدت كشف كشفت ذكر ذكرت أفاد أفادت طالب طالبت دعا دعت بحث بحثت وصل وصلت يصل تصل قتل قتلت"
        " لقي أصيب اتفق اتفقت وقع وقعت اعتقل اعتقلت أدان أدانت حذر حذرت رفض رفضت وافق وافقت قرر قررت أقر أقرت يعقد تعقد"
        " عقد عقدت استقبل استقبلت التقى التقت زار يزور تزور غادر شهد شهدت شن شنت نفى نفت أطلق أطلقت بدأ بدأت تبدأ يبدأ"
        " انطلق انطلقت تنطلق ينطلق فاز فازت خسر خسرت تعهد تعهدت أصدر أصدرت اتهم اتهمت نقل نقلت توفي توفيت سقط سقطت"
        " ارتفع ارتفعت انخفض انخفضت تراجع تراجعت يعتزم تعتزم يواجه تواجه حدد حددت تخوض يخوض طلب طلبت"
    ).split()
)


def split_articles(text: str) -> list[tuple[int, int]]:
    """Return ``(start, end)`` of each article in ``text``, white space around them left out. Linear."""
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(text)]
    if cuts:
        edges = [0, *(edge for cut in cuts for edge in cut), len(text)]
        pieces = _with_text(text, zip(edges[::2], edges[1::2], strict=True))
    else:
        starts = [0, *_beginnings(text)]
        pieces = list(zip(starts, [*starts[1:], len(text)], strict=True))
    return [trimmed for trimmed in (_trim(text, *piece) for piece in pieces) if trimmed[0] < trimmed[1]]


def _with_text(text: str, pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join pieces that hold nothing but furniture (a rule above "follow us on ...") to the article before them."""
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        kinds = line_kinds(split_lines(text[start:end]))
        if joined and kinds and all(kind is not None for kind in kinds):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return start + left, start + max(left, len(piece.rstrip()))


def _beginnings(text: str) -> Iterator[int]:
    """Yield where the second and later articles of ``text`` begin."""
    lines = split_lines(text)
    kinds = line_kinds(lines)
    dense = _dense_before(lines)
    written = 0  # characters of running text in the current article
    for index, line in enumerate(lines):
        if written >= ARTICLE_MIN_CHARS and line.blanks_before and _begins(lines, kinds, dense, index):
            yield line.start
            written = 0
        if kinds[index] is None and line.is_paragraph:
            written += len(line.text)


def _begins(
    lines: Sequence[Line], kinds: Sequence[MarkKind | None], dense: Sequence[int], index: int
) -> bool:
    """Tell whether an article begins at the line ``index``, which follows a blank line."""
    line, kind = lines[index], kinds[index]
    before = kinds[index - 1]
    after_end = before in ("related", "boilerplate", "outlet")
    if kind is None and line.is_paragraph:
        if not after_end and starts_with_dateline(line):
            return True
        return _opens(line) and (after_end or _dense_break(lines, dense, index))
    if kind in _HEAD_KINDS:
        return kind != "caption" and _lead(lines, kinds, index) is not None
    listed = kind == "related" and before == "related"  # perhaps the headline below a list of links
    if not (kind is None or listed) or not is_headline(line):
        return False
    if kind is None and before is None and not lines[index - 1].is_paragraph:
        return False  # the second line of a heading
    lead = index + 1 if listed else _lead(lines, kinds, index)
    if lead is None or (listed and not _is_lead(lines, kinds, lead)):
        return False
    if line.blanks_before < 2 and (len(line.folded.split()) < HEADLINE_MIN_WORDS or _is_sub_heading(line)):
        return False
    return _anchored(line, lines, lead)


def _is_sub_heading(line: Line) -> bool:
    """Tell whether a headline looks like one inside an article: a question, or a list item."""
    return line.text[-1] in "؟?" or (not line.text[0].isalnum() and line.text[0] not in "«\"“”'(")


def _lead(lines: Sequence[Line], kinds: Sequence[MarkKind | None], index: int) -> int | None:
    """Return the index of the lead below the head that begins at ``index``."""
    for below in range(index + 1, min(index + 1 + HEAD_MAX_LINES, len(lines))):
        if kinds[below] is None and lines[below].is_paragraph:
            return below if _is_lead(lines, kinds, below) else None
        if kinds[below] not in _HEAD_KINDS and not (kinds[below] is None and is_headline(lines[below])):
            return None
    return None


def _is_lead(lines: Sequence[Line], kinds: Sequence[MarkKind | None], index: int) -> bool:
    return (
        index < len(lines)
        and kinds[index] is None
        and lines[index].is_paragraph
        and len(lines[index].text) >= LEAD_MIN_CHARS
        and not _continues(lines[index])
    )


def _continues(line: Line) -> bool:
    """Tell whether a paragraph begins as the continuation of another."""
    words = tokenize(line.text[:80])
    if not words:
        return True
    if words[0].startswith("و") and len(words[0]) > 2 and words[0] not in _NATIVE_WAW:
        return True
    opening = " ".join(words) + " "
    return any(opening.startswith(each + " ") for each in _CONTINUES)


def _opens(line: Line) -> bool:
    """Tell whether a paragraph begins as the lead of a report."""
    words = tokenize(line.text[:80])
    return bool(words) and words[0] in _LEAD_VERBS and len(line.text) >= LEAD_MIN_CHARS


def _anchored(headline: Line, lines: Sequence[Line], lead: int) -> bool:
    """Tell whether the text below speaks of what the headline names."""
    below = ""
    for line in lines[lead:]:
        if len(below) >= ANCHOR_CHARS:
            break
        below += line.text[:ANCHOR_CHARS] + "\n"
    if not tokenize(headline.text) or not tokenize(below):
        return False
    return len(set(content_tokens(headline.text)) & set(content_tokens(below))) >= ANCHOR_MIN_WORDS


def _dense_before(lines: Sequence[Line]) -> list[int]:
    """Return, for each line, how many lines stand together with it without a blank line, up to and with it."""
    counts: list[int] = []
    for line in lines:
        counts.append(1 if line.blanks_before or not counts else counts[-1] + 1)
    return counts


def _dense_break(lines: Sequence[Line], dense: Sequence[int], index: int) -> bool:
    """Tell whether paragraphs without blank lines follow ``index``, and such or a one-paragraph report precede."""
    last = index + DENSE_MIN_LINES - 1
    if last >= len(lines) or dense[last] != DENSE_MIN_LINES:
        return False
    return dense[index - 1] >= DENSE_MIN_LINES or len(lines[index - 1].text) >= WHOLE_REPORT_CHARS
