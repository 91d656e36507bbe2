"""How a number is read from the tokens where it starts: one reader a language, each a grammar of its number words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from summarizer.numbertokens import AMBIGUOUS, MAX_DIGITS, Form, Numeral, Token, digits_value, is_identifier
from summarizer.numberwords import (
    ARABIC,
    CURRENCY,
    ENGLISH,
    FEW,
    GLUED,
    ORDINAL_SUFFIX,
    VAGUE_ENGLISH,
    VAGUE_SCALE,
    NumberWord,
    Reading,
    is_dual,
    read_arabic,
    vague_label,
)


class _Reader:
    """What both languages share: digit groups, clock times and looking at neighbours."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def glued(self, index: int) -> bool:
        """Tell whether nothing stands between token ``index - 1`` and token ``index``."""
        return 0 < index < len(self.tokens) and self.tokens[index - 1].high == self.tokens[index].low

    def spaced(self, index: int) -> bool:
        """Tell whether exactly one space stands between token ``index - 1`` and token ``index``."""
        return 0 < index < len(self.tokens) and self.tokens[index].low - self.tokens[index - 1].high == 1

    def read(self, start: int) -> Numeral | None:
        token = self.tokens[start]
        if token.kind == "clock":
            hours, _, minutes = token.text.partition(":")
            return Numeral(start, start + 1, None, "clock", label=f"{int(hours)}:{minutes}")
        if token.kind == "number":
            return self.read_digits(start) if len(token.text) <= MAX_DIGITS else None
        return self.read_words(start) if token.kind == "word" else None

    def identifier(self, index: int) -> bool:
        """Tell whether the number at ``index`` is the tail of a name (``COVID-19``, ``F-16``, ``SARS-CoV-2``)."""
        return is_identifier(self.tokens, index)

    def group(self, start: int) -> tuple[Fraction, int]:
        """Read digits at ``start``, joining groups set apart by one space (``2 500``): value and next index."""
        text, end = self.text(start), start + 1
        if text.isdigit() and len(text) <= 3 and text[0] != "0":
            while (
                end < len(self.tokens)
                and self.tokens[end].kind == "number"
                and len(self.text(end)) == 3
                and self.text(end).isdigit()
                and self.spaced(end)
            ):
                text += self.text(end)
                end += 1
        return digits_value(text), end

    def read_digits(self, start: int) -> Numeral | None:
        raise NotImplementedError

    def read_words(self, start: int) -> Numeral | None:
        raise NotImplementedError


# --- Arabic -------------------------------------------------------------------------------------

_TEN: Final = read_arabic("عشر")
_AND_ELEVEN: Final = Reading(ARABIC["احد"], conjunction=True, definite=False)
#: How a hundred is written: with the hamza, or with its silent alef.
_HUNDRED_SPELT: Final = re.compile("ئ|ما|ﺋ")


#: What a unit counts that stands by itself: "three of them"; and how a percentage goes on.
_OF_THEM: Final = frozenset(("من", "منها", "منهم", "منهن", "في", "بعدها", "قبلها"))
_PERCENT: Final = ("بالميه", "بالمايه")
#: A fifth is told from five by its vowel alone: "خُمس السكان".
_PARTS: Final = {"خ": 5, "س": 7, "ع": 10, "ت": 9, "ث": 8}
_PART: Final = re.compile(
    "(?P<and>[وف])?[بلك]?(?P<the>ال|ل(?=ل))?ل?(?P<first>[خسعتث])\u064f(?:مس|بع|شر|سع|من)[\u064b-\u0652]*(?P<two>ي|ين|ا|ان)?[\u064b-\u0652]*"
)


#: What "لست" counts where it is "for six" and no "I am not".
SIX_OF: Final = re.compile(r"\w{3,}ات|اشهر|ايام|دول|طوايف|مدن|فرق|قري|دقايق")


class ArabicReader(_Reader):
    """Reads Arabic: units before tens, ``و`` between groups, ordinals and duals."""

    def look(self, index: int) -> Reading | None:
        """Read the word at ``index``; a lone ``و`` before it counts as its conjunction."""
        if not 0 <= index < len(self.tokens):
            return None
        text = self.text(index)
        if text == "واحد" and (
            "أ" in self.tokens[index].surface or read_arabic(self.text(index + 1)) == _TEN
        ):
            return _AND_ELEVEN  # وأحد (عشر) folds like واحد
        if text == "لست" and SIX_OF.fullmatch(self.text(index + 1)):
            return read_arabic("ست")
        part = _PART.fullmatch(self.tokens[index].surface)
        if part is not None:
            value = Fraction(2 if part["two"] else 1, _PARTS[part["first"]])
            return Reading(NumberWord("fraction", value), bool(part["and"]), bool(part["the"]))
        read = read_arabic(text)
        surface = self.tokens[index].surface
        if read and read.word.role in ("hundred", "hundreds") and not _HUNDRED_SPELT.search(surface):
            return None  # ميتا "dead" folds like مئتا "two hundred"
        if read and read.word.role == "scale" and "لّ" in surface:
            return None  # ألّف "he wrote"
        return read

    def read_digits(self, start: int) -> Numeral | None:
        value, end = self.group(start)
        if self.identifier(start):
            return Numeral(start, end, value, "digits")
        also = None
        if AMBIGUOUS.fullmatch(
            self.text(start)
        ):  # 2.500: thousands in Arabic newsrooms, unless a scale follows
            also, value = value, value * 1000
        following = self.look(end)
        if self.scale_at(end):
            return self.compose(start, end, also if also is not None else value, Fraction(0))
        if following and following.conjunction and following.word.role == "fraction":
            return Numeral(start, end + 1, value + following.word.value, "digits")
        return Numeral(start, end, value, "digits", also=also)

    def scale_at(self, index: int) -> Fraction | None:
        """Return what multiplies the number before it, a thousand or more; ألفا is one thousand there: خمسون ألفا, 18 ألفا."""
        read = self.look(index)
        if read is None or read.conjunction:
            return None
        if read.word.role == "double" and self.text(index).endswith("الفا"):
            return Fraction(1000)
        return read.word.value if read.word.role == "scale" else None

    def read_words(self, start: int) -> Numeral | None:
        special = self.vague(start) or self.dual(start)
        if special:
            return special
        read = self.look(start)
        if read is None:
            return None
        role, value = read.word.role, read.word.value
        if role in ("ordinal", "ordinal-definite", "ordinal-teen"):
            return self.ordinal(start, read)
        if role == "zero":
            return Numeral(start, start + 1, value, "words")
        if role == "adjective":
            return Numeral(start, start + 1, value, "adjective")
        if role == "fraction":
            following = self.look(start + 1)
            if following and following.word.role == "scale" and not following.conjunction:
                return Numeral(start, start + 2, value * following.word.value, "words")
            return Numeral(start, start + 1, value, "fraction")
        if role == "denominator":
            return None
        if role in ("teen-unit", "compound-unit") and not self.begins_compound(start, role):
            counts = self.tokens[start].surface.endswith(("ًا", "اً")) and (
                self.text(start + 1) in _OF_THEM or self.text(start + 1).endswith(_PERCENT)
            )  # ثلاثاً منها, واحداً في المئة
            return Numeral(start, start + 1, value, "words") if counts and role == "compound-unit" else None
        if self.text(start).endswith("ا") and role in ("scale", "double"):
            # Before its noun ألفا, مليونا is two; with tanwin (ألفًا) it is one.
            one = self.tokens[start].surface.endswith(("ًا", "اً")) or self.goes_on(start + 1)
            if not one and not self.counts_noun(start + 1):
                return None  # "alpha"
            value = value / (2 if role == "double" else 1) * (1 if one else 2)
            role = "scale" if one else "double"
        if role in ("scale", "double"):
            return self.compose_tail(start, start + 1, value, abs(value if role == "scale" else value / 2))
        small, end = self.below_thousand(start)
        if role == "unit":
            following = self.look(start + 1)
            if following and following.word.role == "denominator" and not following.conjunction:
                return Numeral(start, start + 2, value * following.word.value, "fraction")
        return self.compose(start, end, small, Fraction(0))

    def counts_noun(self, index: int) -> bool:
        """Tell whether an indefinite noun follows, as it must after a dual in the construct."""
        text = self.text(index)
        indefinite = not text.startswith(("ال", "و", "لل", "بال")) and len(text) > 2
        return indefinite and text not in ("الي", "علي", "التي", "الذي") and self.tokens[index].kind == "word"

    def is_ten(self, index: int) -> bool:
        read = self.look(index)
        return read is not None and read.word.role == "ten" and not read.conjunction

    def begins_compound(self, index: int, role: str) -> bool:
        """Tell whether a unit that counts nothing by itself is part of a number: أحد عشر, إحدى وعشرين, تسعا وعشرين."""
        if role == "teen-unit" and self.is_ten(index + 1):
            return True
        joined = self.after_and(index + 1)
        return joined is not None and joined[0].word.role == "tens"

    def goes_on(self, index: int) -> bool:
        """Tell whether ``و`` and a smaller number follow, as after one thousand: ألفا وتسعمئة."""
        joined = self.after_and(index)
        return joined is not None and joined[0].word.role in ("hundred", "hundreds", "tens")

    def after_and(self, index: int) -> tuple[Reading, int] | None:
        """Read ``وعشرون`` or ``و عشرون`` at ``index``: the word and its index."""
        read = self.look(index)
        if read and read.conjunction:
            return read, index
        if self.text(index) == "و":
            read = self.look(index + 1)
            if read and not read.conjunction:
                return read, index + 1
        return None

    def below_thousand(self, start: int) -> tuple[Fraction, int]:
        """Read one group below a thousand that starts at ``start``: its value and the next index."""
        read = self.look(start)
        if read is None:  # pragma: no cover - callers looked already
            return Fraction(0), start
        role, value, end = read.word.role, read.word.value, start + 1
        if role in ("unit", "teen-unit") and self.is_ten(end):
            return value + 10, end + 1
        if role in ("unit", "teen-unit", "compound-unit"):
            following = self.look(end)
            if (
                role == "unit"
                and following
                and following.word.role == "hundred"
                and not following.conjunction
                and value >= 3
            ):
                return self.after_hundred(value * 100, end + 1)
            joined = self.after_and(end)
            if joined and joined[0].word.role == "tens":
                return value + joined[0].word.value, joined[1] + 1
        if role in ("hundred", "hundreds"):
            return self.after_hundred(value, end)
        return value, end

    def after_hundred(self, value: Fraction, end: int) -> tuple[Fraction, int]:
        joined = self.after_and(end)
        if joined and joined[0].word.role in ("unit", "ten", "tens", "teen-unit", "compound-unit"):
            role = joined[0].word.role
            if role in ("teen-unit", "compound-unit") and not self.begins_compound(joined[1], role):
                return value, end
            rest, end = self.below_thousand(joined[1])
            return value + rest, end
        return value, end

    def compose(self, start: int, end: int, group: Fraction, total: Fraction) -> Numeral:
        """Multiply ``group`` by the scales that follow, then go on with what ``و`` adds."""
        scale = Fraction(1)
        following = self.look(end)
        while following and following.word.role == "scale" and not following.conjunction:
            if scale > following.word.value:
                break
            scale *= following.word.value
            end += 1
            following = self.look(end)
        if scale == 1 and (thousand := self.scale_at(end)):
            scale, end = thousand, end + 1
        if scale == 1:
            return self.with_fraction(start, end, total + group, Fraction(1))
        return self.compose_tail(start, end, total + group * scale, scale)

    def compose_tail(self, start: int, end: int, total: Fraction, scale: Fraction) -> Numeral:
        """``total`` is read up to ``scale``; add a smaller group after ``و`` (words, or digits from 100 on)."""
        following = self.look(end)
        if (
            following
            and not following.conjunction
            and following.word.role == "scale"
            and following.word.value > scale
        ):
            return self.compose_tail(start, end + 1, total * following.word.value, following.word.value)
        joined = self.after_and(end)
        if joined:
            read, index = joined
            role = read.word.role
            if role == "fraction":
                return self.with_fraction(start, end, total, scale)
            if role in ("scale", "double") and read.word.value < scale:
                inner = read.word.value if role == "scale" else read.word.value / 2
                return self.compose_tail(start, index + 1, total + read.word.value, inner)
            if role in ("unit", "ten", "tens", "hundred", "hundreds") or (
                role in ("teen-unit", "compound-unit") and self.begins_compound(index, role)
            ):
                group, after = self.below_thousand(index)
                tail = self.compose(index, after, group, Fraction(0))
                if tail.value is not None and tail.value < scale:
                    return Numeral(start, tail.last, total + tail.value, "words")
                higher = self.look(after)
                if (
                    group < scale
                    and higher
                    and not higher.conjunction
                    and higher.word.role == "scale"
                    and higher.word.value > scale
                ):  # ألف ومئتي مليار: both together are counted in milliards
                    return self.compose_tail(
                        start, after + 1, (total + group) * higher.word.value, higher.word.value
                    )
        digits = self.digits_after_and(end, scale)
        if digits:
            return Numeral(start, digits[1], total + digits[0], "words")
        return Numeral(start, end, total, "words")

    def digits_after_and(self, index: int, scale: Fraction) -> tuple[Fraction, int] | None:
        """Read ``و500`` or ``و300 ألف`` after a scale, where the sum is one number and not a list."""
        if (
            self.text(index) != "و"
            or index + 1 >= len(self.tokens)
            or self.tokens[index + 1].kind != "number"
        ):
            return None
        if len(self.text(index + 1)) > MAX_DIGITS:
            return None
        value, end = self.group(index + 1)
        if following := self.scale_at(end):
            value, end = value * following, end + 1
        elif value < 100:
            return None
        return (value, end) if value < scale else None

    def with_fraction(self, start: int, end: int, total: Fraction, scale: Fraction) -> Numeral:
        """Add ``ونصف``, ``وربع`` or ``وثلث`` of the last scale (``مليون ونصف المليون``)."""
        joined = self.after_and(end)
        if joined and joined[0].word.role == "fraction" and joined[0].word.value < 1:
            total, end = total + joined[0].word.value * scale, joined[1] + 1
            again = self.look(end)
            if again and again.word.role == "scale" and not again.conjunction and again.word.value == scale:
                end += 1
        return Numeral(start, end, total, "words")

    def ordinal(self, start: int, read: Reading) -> Numeral | None:
        value, end = read.word.value, start + 1
        following = self.look(end)
        if following and following.word.role == "ten" and not following.conjunction and self.forms_teen(read):
            return Numeral(start, end + 1, value + 10, "ordinal")
        joined = self.after_and(end)
        if joined and joined[0].word.role == "tens" and joined[0].definite == read.definite and value < 10:
            return Numeral(start, joined[1] + 1, value + joined[0].word.value, "ordinal")
        if read.word.role == "ordinal-teen" or (read.word.role == "ordinal-definite" and not read.definite):
            return None
        return Numeral(start, end, value, "ordinal")

    def forms_teen(self, read: Reading) -> bool:
        """``الحادي عشر`` is one numeral; ``أول عشر عينات`` is "the first ten"."""
        return read.word.role != "ordinal" or read.word.value not in (1, 10)

    def dual(self, start: int) -> Numeral | None:
        text = self.text(start)
        if is_dual(text):
            return Numeral(start, start + 1, Fraction(2), "dual")
        return None

    def vague(self, start: int) -> Numeral | None:
        text = self.text(start)
        label = vague_label(text)
        if label is None:
            return None
        if label in ("tens", "hundreds"):
            outer = vague_label(self.text(start + 1))
            if outer and outer not in ("tens", "hundreds"):
                return Numeral(start, start + 2, None, "vague", label=f"{label} of {outer}")
        return Numeral(start, start + 1, None, "vague", label=label)


# --- English ------------------------------------------------------------------------------------


class EnglishReader(_Reader):
    """Reads English: hyphens, ``and``, scales glued to digits, word fractions."""

    def look(self, index: int) -> NumberWord | None:
        return ENGLISH.get(self.text(index)) if 0 <= index < len(self.tokens) else None

    def role(self, index: int) -> str:
        word = self.look(index)
        return word.role if word else ""

    def skip_hyphen(self, index: int) -> int:
        return index + 1 if self.text(index) in ("-", "‐", "‑") else index

    def skip_sign(self, index: int) -> int:
        """Step over the hyphen or plus before a scale: ``2-million``, ``300+ billion``, ``two-dozen``."""
        hyphen = self.text(index) in ("-", "+", "‑") and self.role(index + 1) in ("scale", "dozen", "hundred")
        return index + 1 if hyphen else index

    def read_digits(self, start: int) -> Numeral | None:
        value, end = self.group(start)
        if self.identifier(start):
            return Numeral(start, end, value, "digits")
        suffix = self.text(end) if self.glued(end) else ""
        if suffix in ORDINAL_SUFFIX:
            return Numeral(start, end + 1, value, "ordinal")
        if suffix in GLUED or (suffix == "m" and self.text(start - 1) in CURRENCY):
            return Numeral(start, end + 1, value * GLUED.get(suffix, 10**6), "digits")
        scaled, end = self.scales(value, self.skip_sign(end))
        also = value * 1000 if AMBIGUOUS.fullmatch(self.text(start)) and scaled == value else None
        return self.and_half(
            start, end, scaled, scaled / value if value else Fraction(1), form="digits", also=also
        )

    def scales(self, value: Fraction, index: int) -> tuple[Fraction, int]:
        while True:
            word = self.look(index)
            if word is None or word.role not in ("scale", "hundred", "dozen"):
                return value, index
            value *= word.value
            index += 1

    def and_half(
        self,
        start: int,
        end: int,
        value: Fraction,
        scale: Fraction,
        *,
        form: Form,
        also: Fraction | None = None,
    ) -> Numeral:
        """``two and a half (million)``, ``a million and a half``."""
        index = end + 2 if self.text(end + 1) in ("a", "one") else end + 1
        if self.text(end) == "and" and self.role(index) == "fraction" and index == end + 2:
            part = ENGLISH[self.text(index)].value
            if scale == 1:
                total, end = self.scales(value + part, index + 1)
                return Numeral(start, end, total, form)
            return Numeral(start, index + 1, value + part * scale, form)
        return Numeral(start, end, value, form, also=also)

    def read_words(self, start: int) -> Numeral | None:
        text = self.text(start)
        if text in VAGUE_ENGLISH:
            return self.vague(start)
        word = self.look(start)
        if word is None:
            return None
        role = word.role
        if role in ("scale", "hundred", "dozen"):
            return self.bare_scale(start, word)
        if role == "ordinal":
            return self.ordinal(start, word)
        if role == "fraction":
            return self.fraction(start, word)
        if role in ("zero", "adjective"):
            return Numeral(start, start + 1, word.value, "words" if role == "zero" else "adjective")
        if role == "denominator":
            return None
        if text == "one" and self.text(start + 1) == "of":
            return None
        return self.cardinal(start)

    def bare_scale(self, start: int, word: NumberWord) -> Numeral | None:
        """``a hundred``, ``several thousand`` (vague), ``hundred and five``."""
        if word.role in ("scale", "hundred") and self.text(start - 1) in FEW:
            value, end = self.scales(Fraction(1), start)
            label = (
                VAGUE_SCALE.get(int(value)) or f"hundreds of {VAGUE_SCALE.get(int(value / 100), 'trillions')}"
            )
            return Numeral(start, end, None, "vague", label=label)
        if (self.text(start - 2), self.text(start - 1)) == ("couple", "of"):
            value, end = self.scales(Fraction(2), start)
            return Numeral(start, end, value, "words")
        if len(self.text(start)) < 3:  # "bn", "mn" and "tn" need a number before them
            return None
        return self.cardinal(start)

    def below_hundred(self, index: int) -> tuple[Fraction, int] | None:
        word = self.look(index)
        if word is None or word.role not in ("unit", "teen", "tens"):
            return None
        value, end = word.value, index + 1
        if word.role == "tens":
            after = self.skip_hyphen(end)
            if self.role(after) == "unit":
                return value + ENGLISH[self.text(after)].value, after + 1
        return value, end

    def cardinal(self, start: int) -> Numeral | None:
        total, index, floor = Fraction(0), start, Fraction(10**15)
        last_scale = Fraction(1)
        ordinal = False
        while True:
            at = index
            if index > start:
                at = index + 1 if self.text(index) == "and" and total else index
                if self.text(at) == "a":
                    at += 1
            part = self.hundreds(at)
            if part is None:
                break
            value, end, is_ordinal = part
            scaled, after = self.scales(value, self.skip_sign(end))
            if scaled >= floor or (at == index and index > start and last_scale == 1):
                break
            total, index = total + scaled, after
            last_scale = floor = scaled / value if value and scaled != value else Fraction(1)
            if is_ordinal:
                ordinal = True
                break
            if last_scale == 1:
                break
        if index == start:
            return None
        if not ordinal and total < 10 and self.role(self.skip_hyphen(index)) in ("denominator", "ordinal"):
            return self.word_fraction(start, index, total)
        if ordinal:
            return Numeral(start, index, total, "ordinal")
        return self.and_half(start, index, total, last_scale, form="words")

    def word_fraction(self, start: int, index: int, count: Fraction) -> Numeral:
        """``two-thirds``, ``three quarters``, ``one-third``; otherwise the count alone."""
        at = self.skip_hyphen(index)
        word = ENGLISH[self.text(at)]
        if word.role == "denominator":
            return Numeral(start, at + 1, count * word.value, "fraction")
        if count == 1 and 3 <= word.value <= 10:
            return Numeral(start, at + 1, 1 / word.value, "fraction")
        return Numeral(start, index, count, "words")

    def hundreds(self, index: int) -> tuple[Fraction, int, bool] | None:
        """Read a group below a thousand: its value, the next index, and whether it ended as an ordinal."""
        if self.role(index) in ("hundred", "scale", "dozen"):
            if self.role(index) == "hundred":
                value, end = Fraction(100), index + 1
            else:
                return Fraction(1), index, False
        else:
            small = self.below_hundred(index)
            if small is None:
                return None
            value, end = small
            after = self.skip_hyphen(end)
            if value >= 20 and value % 10 == 0 and self.role(after) == "ordinal":
                rest = ENGLISH[self.text(after)].value
                if rest < 10:
                    return value + rest, after + 1, True
            if self.role(end) != "hundred":
                return value, end, False
            value, end = value * 100, end + 1
        after = end + 1 if self.text(end) == "and" else end
        small = self.below_hundred(after)
        if small:
            return value + small[0], small[1], False
        return value, end, False

    def ordinal(self, start: int, word: NumberWord) -> Numeral | None:
        before = self.text(start - 1)
        if 3 <= word.value <= 10 and before == "a" and self.text(start + 1) == "of":
            return Numeral(start, start + 1, 1 / word.value, "fraction")
        if word.value == 2 and (before == "per" or before[:1].isdigit() or self.text(start + 1) == "per"):
            return None
        return Numeral(start, start + 1, word.value, "ordinal")

    def fraction(self, start: int, word: NumberWord) -> Numeral:
        index = start + 1
        if self.text(index) == "of":
            index += 1
        if self.text(index) in ("a", "an"):
            index += 1
        if self.role(index) in ("scale", "dozen") and index <= start + 3:
            value, end = self.scales(word.value, index)
            return Numeral(start, end, value, "words")
        return Numeral(start, start + 1, word.value, "fraction")

    def vague(self, start: int) -> Numeral:
        label = VAGUE_ENGLISH[self.text(start)]
        outer = VAGUE_ENGLISH.get(self.text(start + 2)) if self.text(start + 1) == "of" else None
        if label in ("tens", "hundreds") and outer and outer not in ("tens", "hundreds"):
            return Numeral(start, start + 3, None, "vague", label=f"{label} of {outer}")
        return Numeral(start, start + 1, None, "vague", label=label)
