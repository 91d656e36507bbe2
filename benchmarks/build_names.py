"""Build ``summarizer/data/names.tsv.xz``, the compact name table, from the open name lists.

    MUJAZ_DATA=... python -m benchmarks.build_names [--out summarizer/data/names.tsv.xz]

What goes in, one sorted line each, ``kind key<TAB>rendering|rendering`` (``summarizer.romanize.NameTable``):

* ``f``: full names of at least two words (Wikidata, CC0), where the English sounds like the Arabic;
* ``u``: single words of names. Counted in the full names, which puts the usual spelling first; then the name
  units (Wikidata, CC0) and the single tokens of persons (MIT). ``v``: the same, from those two only. Articles are stripped: ``romanize`` adds ``al-``;
* ``p``: countries and cities (CLDR and ISO lists) that sound alike in both languages and are no ordinary word;
* ``w``: words that look like names or titles but usually are not, measured in the open bitexts: a word that the
  name lists know counts as ordinary where fewer than ``NAME_SHARE`` of the English sides carry the name, and
  every other word is ordinary where it is frequent;
* ``e``: English words that stand in lower case in the bitexts: a capital does not make them names.

The words of ``w`` and ``e`` are facts counted in texts of open licence; no text is copied.
"""

from __future__ import annotations

import argparse
import lzma
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from summarizer.arabic import normalize, tokenize
from summarizer.romanize import join_words, similarity

#: A list entry whose two sides sound less alike than this is a translation or a mistake.
ALIKE: Final = 0.62
#: Renderings kept of one word: more only make the file larger.
MOST_RENDERINGS: Final = 4
#: Below this share of English sides with the name, a word is an ordinary word.
NAME_SHARE: Final = 0.5
#: How often a word must stand in the bitexts to be judged (name-list words, other words).
FEWEST_NAME, FEWEST_OTHER = 4, 6
FEWEST_ENGLISH: Final = 5
MOST_PROSE: Final = 30
#: Pairs looked at for one word.
ENOUGH: Final = 200
#: Places whose Arabic is spelt like a verb or an adjective in the lists.
WORDS_NOT_PLACES: Final = frozenset({"Samoa", "Bahat", "Baht", "Lao", "Bamun", "Bamum", "Center"})
#: Bitexts whose Arabic is plain prose (interface strings are not).
PROSE: Final = (
    "mmlu_gpt35_translated", "techdocs_llm_microsoft", "tatoeba", "ethereum_org", "debian_handbook",
    "opensource_guide", "mozilla_org_web", "xquad_wikipedia", "mlqa_questions", "un_sdg", "udhr",
    "creativecommons_legal", "nextstrain_covid_narratives", "tico19_dev",
)  # fmt: skip

_ARTICLE: Final = re.compile(r"^(?:(?i:al|el|ul|as|ar|an|ad|az|ash|at)[-\s'’]+|(?:Al|El|al|el)(?=[A-Z]))")
_GLUED: Final = re.compile(r"^(?:al|el)(?=[b-df-hj-np-tv-z])", re.IGNORECASE)
_NOT_PLACES: Final = re.compile(
    r"\b(Time|Dollars?|Pounds?|Francs?|Pesos?|Rupees?|Rials?|Riyals?|Dinars?|Won|Krona|Krone|Languages?|languages|"
    r"button|Script|Arabic|Chinese|Unknown|City, Indiana|Sami|Zone|Standard|Modern|Old|Middle)\b|[“”\"!(]"
)
_ARABIC: Final = re.compile(r"[ء-ي]+(?: [ء-ي]+)*")


def plain(text: str) -> str:
    """Return English letters without diacritics and ʿayn marks, one space between words."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    table = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "Đ": "D", "Ł": "L", "Ø": "O", "ß": "ss"})
    return " ".join(re.sub("[ʿʾʻʼ‘`´]", "", stripped.translate(table)).replace("’", "'").split())


def read(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (Arabic, English) of one ``.tsv.xz`` list."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            arabic, _, english = line.rstrip("\n").partition("\t")
            if arabic and english:
                yield arabic, english


def key_words(arabic: str) -> tuple[str, ...]:
    """Return the folded words of a name as table keys have them; () where it is not plain Arabic letters."""
    folded = " ".join(normalize(arabic).split())
    return tuple(word for word, _ in join_words(tuple(folded.split()))) if _ARABIC.fullmatch(folded) else ()


def english_words(english: str) -> list[str]:
    """Split an English name, articles and ``Abdul`` joined to their words."""
    joined = re.sub(r"\b([Aa]l|[Ee]l)[\s-]+(?=\w)", r"\1-", english)
    joined = re.sub(r"\b(Abd|Abdul|Abdel|Abdal|Abdol|Abdur|Abdou|Abed)[\s-]+(?=\w)", r"\1~", joined)
    return joined.split()


def bare(word: str, english: str) -> str:
    """Return a rendering without the article of an Arabic word that has one (``al-Kaabi``, ``Elkaabi``)."""
    english = english.replace("~", " ")
    if len(english) > 2 and english.isupper():
        english = english.capitalize()
    if not word.startswith("ال"):
        return english
    stripped = _ARTICLE.sub("", english)
    if stripped == english and len(english) > 5:
        stripped = _GLUED.sub("", english)
    return stripped[:1].upper() + stripped[1:]


def styled(word: str, english: str) -> str:
    """Return one word of a full name as Mujaz writes it: ``al-`` for every Arabic article."""
    spelt = bare(word, english)
    return f"al-{spelt}" if word.startswith("ال") and spelt != english.replace("~", " ") else spelt


def countries_and_cities(tab: Path) -> set[str]:
    """Return the English names of ISO 3166 countries and of the cities of the time zone database."""
    names = set()
    for name, column in (("iso3166.tab", 1), ("zone.tab", 2)):
        for line in (tab / name).read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                names.add(place_key(line.split("\t")[column].rpartition("/")[2]))
    return names


def place_key(english: str) -> str:
    """Return an English place name for comparing lists: ``St. Lucia`` and ``Saint Lucia`` are one."""
    name = plain(english).replace("_", " ").replace("St.", "Saint").replace("&", "and").casefold()
    return re.sub(r"[^a-z ]|^(?:(?:the )?(?:republic|commonwealth|kingdom|state) of )", "", name).strip()


def full_names(folder: Path) -> tuple[dict[str, list[str]], dict[str, Counter[str]]]:
    """Return full names (key -> renderings) and how often each of their words is spelt which way."""
    names: dict[str, list[str]] = defaultdict(list)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for arabic, english in read(folder / "names_fullnames_wikidata_cc0.tsv.xz"):
        key, latin = key_words(arabic), plain(english)
        if not 2 <= len(key) <= 5 or not latin.isascii() or similarity(" ".join(key), latin) < ALIKE:
            continue
        split = english_words(latin)
        if len(split) == len(key):
            latin = " ".join(styled(word, spelling) for word, spelling in zip(key, split, strict=True))
        known = names[" ".join(key)]
        if latin not in known and len(known) < MOST_RENDERINGS:
            known.append(latin)
        if len(split) == len(key):
            for word, spelling in zip(key, split, strict=True):
                rendering = bare(word, spelling)
                if not re.fullmatch(r"[A-Z][A-Za-z' -]+", rendering):
                    continue
                if rendering[:1].isupper() and similarity(word.removeprefix("ال"), rendering) >= ALIKE:
                    words[word][rendering] += 1
    return names, words


def capital_words(folder: Path) -> Counter[str]:
    """Return how often each capitalised word stands in the English of the bitexts."""
    counts: Counter[str] = Counter()
    for corpus in PROSE:
        for _, english in read(folder / f"{corpus}.tsv.xz"):
            counts.update(re.findall(r"\b[A-Z][a-z]+\b", plain(english)))
    return counts


def single_words(
    folder: Path, counted: dict[str, Counter[str]], capitals: Counter[str]
) -> dict[str, list[str]]:
    """Return every known word of a name with its renderings: the often used ones first, the others by likeness.

    Use is counted in the full names, and in English prose (at most ``MOST_PROSE``: names there are few people's).
    """
    known: dict[str, set[str]] = defaultdict(set)
    for name in ("names_units_wikidata_cc0", "names_wikidata_persons"):
        for arabic, english in read(folder / f"{name}.tsv.xz"):
            key, latin = key_words(arabic), plain(english)
            if len(key) == 1 and re.fullmatch(r"[A-Z][A-Za-z' -]+", latin):
                rendering = latin if arabic[0] in "أإآ" else bare(key[0], latin)
                if similarity(key[0].removeprefix("ال"), rendering) >= ALIKE + 0.08:
                    known[key[0]].add(rendering)
    result = {}
    for word in sorted({*known, *counted}):
        base, spellings = word.removeprefix("ال"), counted.get(word, Counter())
        ranked = sorted(
            (
                -spellings[each] - min(capitals[each], MOST_PROSE),
                -round(similarity(base, each), 2),
                len(each),
                each,
            )
            for each in {*spellings, *known.get(word, ())}
        )
        chosen = [each for *_, each in ranked][:MOST_RENDERINGS]
        if chosen and len(word) > 1:
            result[word] = chosen
    return result


def inside(word: str) -> list[str]:
    """Return a word and what it may be made of: without clitics, article and feminine ending."""
    forms = [word]
    prefixes = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "كال")
    forms += [
        word.removeprefix(each) for each in prefixes if word.startswith(each) and len(word) >= len(each) + 3
    ]
    if word.startswith("لل") and len(word) > 4:
        forms += [word[2:], "ال" + word[2:]]
    forms += [each[:-1] for each in list(forms) if each.endswith("ه") and len(each) > 4]
    return forms


def ordinary_words(folder: Path, names: dict[str, list[str]]) -> set[str]:
    """Return words that usually are no name, counted in the bitexts."""
    seen: Counter[str] = Counter()
    as_name: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    spelt = {word: frozenset(renderings) for word, renderings in names.items()}
    bases = {word: word.removeprefix("ال") for word in names}
    for corpus in PROSE:
        for arabic, english in read(folder / f"{corpus}.tsv.xz"):
            words = dict.fromkeys(tokenize(arabic))
            capitals = None
            for word in words:
                seen[word] += 1
            for word in dict.fromkeys(form for each in words for form in inside(each)):
                if word in names and judged[word] < ENOUGH:
                    if capitals is None:
                        capitals = re.findall(r"[A-Z][a-z]+", plain(english))
                    judged[word] += 1
                    as_name[word] += any(
                        each in spelt[word] or similarity(bases[word], each) >= 0.85 for each in capitals
                    )
    ordinary = {
        word for word, count in judged.items() if count >= FEWEST_NAME and as_name[word] < NAME_SHARE * count
    }
    ordinary |= {word for word, count in seen.items() if count >= FEWEST_OTHER and word not in names}
    return {word for word in ordinary if _ARABIC.fullmatch(word) and len(word) > 1}


def english_words_of(folder: Path) -> set[str]:
    """Return English words that are usual in lower case (more often than with a capital)."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for corpus in PROSE:
        for _, english in read(folder / f"{corpus}.tsv.xz"):
            for word in re.findall(r"[A-Za-z]+", plain(english)):
                (lower if word[0].islower() else upper)[word.lower()] += 1
    return {
        word
        for word, count in lower.items()
        if len(word) > 1 and count >= FEWEST_ENGLISH and count > upper[word]
    }


def places(
    folder: Path, ordinary: set[str], names: dict[str, list[str]], known: set[str]
) -> dict[str, list[str]]:
    """Return places of the CLDR and ISO lists: capitalised, alike in sound, not a language, not a common word."""
    found: dict[str, list[str]] = defaultdict(list)
    for arabic, english in read(folder / "names_geo_cldr_iso.tsv.xz"):
        key, latin = key_words(arabic), plain(english).partition(",")[0]
        single = len(key) == 1
        if (
            not key
            or not re.fullmatch(r"[A-Z][A-Za-z'. &-]+", latin)
            or _NOT_PLACES.search(latin)
            or (key[-1].endswith("يه") and key[0].startswith("ال"))
            or latin in WORDS_NOT_PLACES
            or place_key(latin) not in known
            or (single and (key[0] in ordinary or key[0] in names or len(key[0]) < 4))
            or similarity(" ".join(key), latin) < (0.8 if single else ALIKE)
        ):
            continue
        if latin not in found[" ".join(key)]:
            found[" ".join(key)].append(latin)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("summarizer/data/names.tsv.xz"))
    parser.add_argument("--zones", type=Path, default=Path("/usr/share/zoneinfo"), help="tz database")
    arguments = parser.parse_args()
    out: Path = arguments.out
    folder = Path(os.environ["MUJAZ_DATA"])
    names, counted = full_names(folder / "names")
    words = single_words(folder / "names", counted, capital_words(folder / "mt"))
    ordinary = ordinary_words(folder / "mt", words)
    known = countries_and_cities(arguments.zones)
    lines = [
        *(f"f{key}\t{'|'.join(value)}" for key, value in names.items()),
        *(f"{'u' if key in counted else 'v'}{key}\t{'|'.join(value)}" for key, value in words.items()),
        *(
            f"p{key}\t{'|'.join(value)}"
            for key, value in places(folder / "names", ordinary, words, known).items()
        ),
        *(f"w{word}\t" for word in ordinary),
        *(f"e{word}\t" for word in english_words_of(folder / "mt")),
    ]
    encoded = sorted(line.encode() for line in lines)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(lzma.compress(b"".join(line + b"\n" for line in encoded), preset=9 | lzma.PRESET_EXTREME))
    kinds = Counter(line[:1] for line in lines)
    print(f"{out}: {out.stat().st_size:,} bytes, {dict(kinds)}")


if __name__ == "__main__":
    main()
