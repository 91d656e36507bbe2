"""Sentence pairs → one compact file of tokens: filtered, free of every evaluation sentence, weighted, augmented.

    python -m recipes.prepare recipes/translate_ar_en.yaml --data DATA --tokenizer tokenizer.json --out pairs.npz

Only class-A files are named in the recipe (see the data's SOURCES.md), and pairs that were written for it
(`recipes/written/`). Beside the tokens, the file keeps each pair's
source and whether it is synthetic, and `pairs.report.json` says how many pairs each filter dropped.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from recipes.news_words import AGENCIES, CITIES, COUNTRIES, MONTHS
from recipes.settings import PrepareSettings, RecipeError, Source, data_folder, load_recipe
from recipes.synthetic import write_pairs
from summarizer.glosses import Glosses
from summarizer.modelinput import latin_months, model_input
from summarizer.terms import Terms

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = Path(__file__).with_name("written")  # pairs written for this project
# What stands between the prompt and the answer says what is wanted of it. Spare pieces of the base vocabulary.
PROMPT_END = "<unused0>"  # English
SUMMARY_MARK, HEADLINE_MARK = "<unused1>", "<unused4>"  # one Arabic sentence; its headline
GLOSS_MARKS = ("<unused2>", "<unused3>")  # around the glosses of a word
SUMMARIES = WRITTEN / "summaries" / "written_summaries.tsv"
SENTENCE_GAP = " ¶ "  # between the source sentences of a line there

_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LETTERS = str.maketrans("أإآٱىیکؤئ", "ااااييكوي")
_INDIC = "٠١٢٣٤٥٦٧٨٩"
_DIGITS = str.maketrans(_INDIC + "۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
_TO_INDIC = str.maketrans("0123456789", _INDIC)
_ARABIC = re.compile("[\u0621-\u064a\u0671-\u06d3]")
_LATIN = re.compile("[A-Za-z]")
_LATIN_WORD = re.compile("[A-Za-z]+")
_ANCHOR = re.compile(r"\s*\{/\*?[^}]*\}")
_SPACES = re.compile(r"\s+")
_SCENARIO = re.compile(r"^\s*(?:السيناريو|Scenario)\s*\d+\s*\|\s*")
# Code, markup, placeholders, addresses: text that no news sentence has, and that teaches copying noise.
_GARBAGE = re.compile(
    r"[{}`<>|\\=_^~]|https?:|www\.|\$[A-Za-z(]|\w\(\)|//|--|%[sd1-9]|\.(?:js|py|md|json|ya?ml|tsx?)\b"
)
# Words that only dialects use: the briefs are Modern Standard Arabic.
_DIALECT = {
    "مش",
    "ليش",
    "شو",
    "ايه",
    "عايز",
    "عاوز",
    "كده",
    "دلوقتي",
    "بدي",
    "هيك",
    "وين",
    "ازاي",
    "بتاع",
    "احنا",
    "اللي",
    "برشا",
    "بزاف",
    "واش",
    "كيفاش",
    "علشان",
    "منيح",
    "هلق",
    "هسه",
    "شنو",
    "اكو",
    "ماكو",
    "عشان",
}
_UI_WORDS_AT_MOST = 2  # shorter pairs are labels of buttons and headings
_QUOTED = re.compile(r'"([^"]{2,120})"')
_PUNCTUATION = re.compile(r"[^\w\s-]")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}) (?:آلاف|[أا]لفا?ً?|thousand)(?!\w)")
# A name's prefix: and, so, by, to, like. The Latin form is set after it.
_PREFIXES = ("", "و", "ب", "ل", "ف", "ك", "ول", "وب")
_HINT_MIN_LENGTH = 3
_MAX_HINTS_PER_PAIR = 3


@dataclass(frozen=True)
class Pair:
    ar: str
    en: str  # or, after another mark than `PROMPT_END`, the Arabic that is wanted
    source: str
    synthetic: bool
    mark: str = PROMPT_END


def match_form(text: str) -> str:
    """What two spellings of the same text share; for matching only."""
    text = unicodedata.normalize("NFKC", text)
    return _MARKS.sub("", text).translate(_LETTERS).translate(_DIGITS).lower()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", match_form(text))


def read_tsv(path: Path) -> Iterator[tuple[str, str]]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            ar, _, en = line.rstrip("\n").partition("\t")
            if ar and en:
                yield ar, en


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Sentence pairs of a TSV file, or of our own sets: JSON lines with `ar` and `en`."""
    if path.suffix != ".jsonl":
        yield from read_tsv(path)
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        yield " ".join(item["ar"].split()), " ".join(item["en"].split())


def find_set(data: Path, name: str) -> Path:
    """In the data folder, or else one of the repository's own sets."""
    return next((p for p in (data / name, ROOT / name) if p.exists()), data / name)


def find_tsv(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.tsv.xz", folder / f"{name}.tsv", WRITTEN / f"{name}.tsv"):
        if path.exists():
            return path
    raise RecipeError(f"no {name}.tsv or {name}.tsv.xz in {folder}, no {name}.tsv in {WRITTEN}")


# --- filters ---


def clean(text: str) -> str:
    text = _ANCHOR.sub("", _SCENARIO.sub("", text.replace("\\n", " ")))
    return _SPACES.sub(" ", _MARKS.sub(lambda m: m[0] if "\u064b" <= m[0] <= "\u0652" else "", text)).strip()


def why_drop(ar: str, en: str, *, settings: PrepareSettings, source: Source) -> str | None:
    """The first filter that the pair fails, or None."""
    ar_words, en_words = ar.split(), en.split()
    if (
        len(ar_words) < source.min_words
        or len(ar_words) <= _UI_WORDS_AT_MOST
        or len(en_words) <= _UI_WORDS_AT_MOST
    ):
        return "short"
    if len(en_words) > settings.max_words:
        return "long"
    if max(len(ar), len(en)) > settings.length_ratio * min(len(ar), len(en)):
        return "ratio"
    if reason := why_skip_arabic(ar, settings=settings):
        return reason
    if _GARBAGE.search(en):
        return "garbage"
    if _ARABIC.search(en) or len(_LATIN.findall(en)) < 0.6 * len(en.replace(" ", "")):
        return "script"
    if sorted(_digits(ar)) != sorted(_digits(en)) and len(_digits(ar)) >= 1:
        return "digits"  # a pair whose numbers differ teaches to change numbers
    return None


def why_skip_arabic(ar: str, *, settings: PrepareSettings) -> str | None:
    """The first filter that a sentence fails whatever its English is, or None."""
    if len(ar.split()) > settings.max_words:
        return "long"
    if _GARBAGE.search(ar):
        return "garbage"
    if len(_ARABIC.findall(ar)) < 0.5 * len(ar.replace(" ", "")):
        return "script"
    return "dialect" if _DIALECT & set(words(ar)) else None


def _digits(text: str) -> list[str]:
    """Long numbers, without their separators: short ones are often spelled out on one side. `300 ألف` is 300000."""
    plain = _THOUSANDS.sub(r"\g<1>000", text.translate(_DIGITS))
    found = (re.sub("[.,]", "", n) for n in _NUMBERS.findall(plain))
    return [n for n in found if len(n) >= 3]


class EvalGuard:
    """Knows every word n-gram of the evaluation sets, on both sides; shorter sentences are known whole."""

    def __init__(self, paths: Iterable[Path], n: int) -> None:
        self.n = n
        self.seen: set[tuple[str, ...]] = set()
        for path in paths:
            for pair in read_pairs(path):
                for text in pair:
                    self.seen.update(self._grams(text))

    def _grams(self, text: str) -> Iterator[tuple[str, ...]]:
        tokens = words(text)
        if len(tokens) < self.n:
            yield tuple(tokens)
        for i in range(len(tokens) - self.n + 1):
            yield tuple(tokens[i : i + self.n])

    def overlaps(self, ar: str, en: str) -> bool:
        return any(gram in self.seen for text in (ar, en) for gram in self._grams(text))


# --- names: hints in the source, and bare pairs ---


def load_names(folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]], dict[str, set[str]]]:
    """People, places, and the hint table: Arabic match form → English forms."""
    people = [
        (ar, en)
        for ar, en in read_tsv(find_tsv(folder, "names_fullnames_wikidata_cc0"))
        if 2 <= len(ar.split()) <= 4 and en.isprintable()
    ]
    places = [
        (ar, en)
        for ar, en in read_tsv(find_tsv(folder, "names_geo_cldr_iso"))
        if ":" not in ar and en[:1].isupper() and len(ar.split()) <= 3 and not _LATIN.search(ar)
    ]
    table: dict[str, set[str]] = {}
    parts = [
        *read_tsv(find_tsv(folder, "names_wikidata_persons")),
        *read_tsv(find_tsv(folder, "names_units_wikidata_cc0")),
    ]
    terms = [(ar, en) for ar, en in read_tsv(find_tsv(folder, "lexicon_tico19_terms")) if len(ar) > 6]
    for ar, en in [
        *people,
        *places,
        *parts,
        *terms,
        *((c.ar, c.en.removeprefix("the ")) for c in COUNTRIES),
        *CITIES,
    ]:
        key = " ".join(words(ar))
        if len(key) >= _HINT_MIN_LENGTH:
            table.setdefault(key, set()).add(en)
    return people, places, table


def add_hints(pair: Pair, table: dict[str, set[str]], rng: random.Random) -> Pair | None:
    """The pair with known names of the Arabic in their English form, which also stands in the English; or None."""
    tokens = pair.ar.split()
    english = " " + _PUNCTUATION.sub(" ", pair.en) + " "
    out: list[str] = []
    hints = i = 0
    while i < len(tokens):
        found = next(filter(None, (_hint_at(tokens, i, n, table, english) for n in (4, 3, 2, 1))), None)
        if found and hints < _MAX_HINTS_PER_PAIR:
            prefix, form, tail, length = found
            join = " " if prefix and rng.random() < 0.5 else ""
            out.append(f"{prefix}{join}{form}{tail}")
            hints += 1
            i += length
        else:
            out.append(tokens[i])
            i += 1
    return replace(pair, ar=" ".join(out)) if hints else None


def _hint_at(
    tokens: list[str], i: int, n: int, table: dict[str, set[str]], english: str
) -> tuple[str, str, str, int] | None:
    if i + n > len(tokens):
        return None
    span = " ".join(tokens[i : i + n])
    bare = span.rstrip(".,،؛:!؟?)»”\"'")
    if not bare or any(c in bare for c in "،؛:.()"):
        return None
    for prefix in _PREFIXES:
        if not bare.startswith(prefix):
            continue
        for form in table.get(" ".join(words(bare[len(prefix) :])), ()):
            if form[:1].isupper() and f" {form} " in english:
                return prefix, form, span[len(bare) :], n
    return None


def as_fed(pair: Pair, terms: Terms) -> Pair | None:
    """The pair with its Arabic as the application feeds it: plain letters, and names and months that the English has as
    the application writes them in Latin letters; or None where that changes nothing."""
    english = " " + _PUNCTUATION.sub(" ", pair.en) + " "
    fed = terms.hint(
        model_input(pair.ar), wanted=lambda name: f" {_PUNCTUATION.sub(' ', name.english[0])} " in english
    )
    dated = latin_months(fed)
    if all(
        f" {month} " in english for month in set(_LATIN_WORD.findall(dated)) - set(_LATIN_WORD.findall(fed))
    ):
        fed = dated
    return replace(pair, ar=fed) if fed != pair.ar else None


# --- augmentation: what news text looks like and the open corpora do not ---


def augment(pair: Pair, settings: PrepareSettings, rng: random.Random) -> Pair:
    """The pair as another outlet might have typeset it. Each change is drawn on its own."""
    ar, en = pair.ar, pair.en
    if rng.random() < settings.month_swap_share:
        ar = swap_months(ar, en, rng)
    if '"' in ar and rng.random() < settings.quote_share:
        opening, closing = rng.choice(("«»", "“”", "”“"))
        ar = _QUOTED.sub(lambda m: f"{opening}{m[1]}{closing}", ar)
    if ar.endswith(".") and en.endswith(".") and rng.random() < settings.no_full_stop_share:
        ar, en = ar.rstrip("."), en.rstrip(".")
    if not pair.synthetic and len(ar.split()) > 8 and rng.random() < settings.dateline_share:
        (city_ar, city_en), (agency_ar, agency_en) = rng.choice(CITIES), rng.choice(AGENCIES)
        ar, en = f"{city_ar} ({agency_ar}) - {ar}", f"{city_en.upper()} ({agency_en}) - {en}"
    if rng.random() < settings.indic_digit_share:
        ar = ar.translate(_TO_INDIC)
    if rng.random() < settings.persian_letter_share:
        ar = ar.replace("ي", "ی").replace("ك", "ک")
    if rng.random() < settings.bare_hamza_share:
        ar = re.sub("[أإآ]", "ا", ar)
    return replace(pair, ar=ar, en=en)


def swap_months(ar: str, en: str, rng: random.Random) -> str:
    """Where the English names a month, the Arabic may use the other system's name, or both."""
    for east, west, month in MONTHS:
        if month in en:
            for name, other in ((east, west), (west, east)):
                pattern = rf"(?<!\w){name}(?!\w)"
                if re.search(pattern, ar) and other not in ar:
                    form = rng.choice((other, other, f"{east}/{west}", f"{east} / {west}", f"{east} {west}"))
                    return re.sub(pattern, form, ar, count=1)
    return ar


# --- the whole ---


def read_sources(
    settings: PrepareSettings, data: Path, rng: random.Random, report: dict[str, Counter[str]]
) -> list[Pair]:
    guard = EvalGuard([find_set(data, name) for name in settings.eval_files], settings.overlap_words)
    kept: list[Pair] = []
    seen_ar: set[str] = set()
    seen_en: Counter[str] = Counter()
    for name, source in settings.sources.items():
        counts = report[name] = Counter()
        mine: list[Pair] = []
        for raw_ar, raw_en in read_tsv(find_tsv(data / "mt", name)):
            ar, en = clean(raw_ar), clean(raw_en)
            reason = why_drop(ar, en, settings=settings, source=source)
            key_ar, key_en = " ".join(words(ar)), " ".join(words(en))
            if reason is None and (key_ar in seen_ar or seen_en[key_en] >= 2):
                reason = "duplicate"
            if reason is None and guard.overlaps(ar, en):
                reason = "eval overlap"
            counts[reason or "passed"] += 1
            if reason is None:
                seen_ar.add(key_ar)
                seen_en[key_en] += 1
                mine.append(Pair(ar, en, name, synthetic=source.machine_translated))
        if source.limit is not None and len(mine) > source.limit:
            mine = rng.sample(mine, source.limit)
        counts["used"] = len(mine)
        kept += mine * source.repeat
    return kept


def read_summaries(settings: PrepareSettings, data: Path, report: dict[str, Counter[str]]) -> list[Pair]:
    """Several sentences, a line each, and the one that says them, or their headline; as they were written."""
    guard = EvalGuard([find_set(data, name) for name in settings.eval_files], settings.overlap_words)
    counts = report["written_summaries"] = Counter()
    kept: list[Pair] = []
    for line in SUMMARIES.read_text(encoding="utf-8").splitlines():
        kind, source, target = line.split("\t")
        mark = HEADLINE_MARK if kind == "HEAD" else SUMMARY_MARK
        reason = "eval overlap" if guard.overlaps(source, target) else "passed"
        counts[reason] += 1
        if reason == "passed":
            kept.append(
                Pair(
                    source.replace(SENTENCE_GAP, "\n"),
                    target,
                    "written_summaries",
                    synthetic=False,
                    mark=mark,
                )
            )
    return kept * settings.summary_repeat


def build_pairs(
    settings: PrepareSettings, data: Path, seed: int
) -> tuple[list[Pair], dict[str, Counter[str]]]:
    rng = random.Random(seed)
    report: dict[str, Counter[str]] = {}
    pairs = read_sources(settings, data, rng, report)
    dressed = dress_pairs(pairs, settings, data, seed=seed, rng=rng, report=report)
    if settings.summary_repeat:
        dressed += read_summaries(settings, data, report)
    return dressed, report


def dress_pairs(
    pairs: list[Pair],
    settings: PrepareSettings,
    data: Path,
    *,
    seed: int,
    rng: random.Random,
    report: dict[str, Counter[str]],
) -> list[Pair]:
    """Hints into the pairs, templates and names beside them, and news typesetting over all; shuffled."""
    asked = settings.hint_share or settings.template_pairs or settings.full_names or settings.places
    people, places, table = load_names(data / "names") if asked else ([], [], {})

    terms = Terms.load() if settings.fed_share else None
    hinted: list[Pair] = []
    for pair in pairs:
        if terms is not None and rng.random() < settings.fed_share:
            coded = as_fed(pair, terms)
        else:
            coded = add_hints(pair, table, rng) if rng.random() < settings.hint_share else None
        hinted.append(coded or pair)
    report["hints"] = Counter(pairs_with_hints=sum(a is not b for a, b in zip(pairs, hinted, strict=True)))

    if settings.template_pairs:
        templates = write_pairs(
            settings.template_pairs, people, seed=seed, copy_share=settings.hint_share / 2
        )
        hinted += [Pair(ar, en, "templates", synthetic=True) for ar, en in templates]
    final = [augment(pair, settings, rng) for pair in hinted]
    final += [
        Pair(ar, en, "full_names", synthetic=False)
        for ar, en in rng.sample(people, min(settings.full_names, len(people)))
    ]
    final += [
        Pair(ar, en, "places", synthetic=False)
        for ar, en in rng.sample(places, min(settings.places, len(places)))
    ]
    rng.shuffle(final)
    return final


def add_glosses(pairs: Iterable[Pair], settings: PrepareSettings, seed: int) -> list[Pair]:
    """Dictionary glosses beside the rare words of a share of the pairs; the rest, and some of the words, go without."""
    if settings.glosses is None:
        return list(pairs)
    glosses, rng = Glosses.load(ROOT / settings.glosses), random.Random(seed)

    def wanted(_word: str) -> bool:
        return rng.random() < settings.gloss_word_share

    return [
        replace(pair, ar=glosses.annotate(pair.ar, GLOSS_MARKS, wanted=wanted))
        if pair.mark == PROMPT_END and rng.random() < settings.gloss_share
        else pair
        for pair in pairs
    ]


def tokenize(pairs: list[Pair], tokenizer: Tokenizer, max_tokens: int) -> dict[str, np.ndarray]:
    """`<bos> arabic <unused0> english <eos>`, all pairs end to end, with where each starts and how long its prompt is."""
    bos, eos = _marker(tokenizer, "<bos>"), _marker(tokenizer, "<eos>")
    marks = {mark: _marker(tokenizer, mark) for mark in {p.mark for p in pairs}}
    ar = tokenizer.encode_batch([p.ar for p in pairs], add_special_tokens=False)
    en = tokenizer.encode_batch([p.en for p in pairs], add_special_tokens=False)
    names = sorted({p.source for p in pairs})
    tokens: list[int] = []
    offsets, prompts, sources, synthetic = [0], [], [], []
    for pair, a, e in zip(pairs, ar, en, strict=True):
        if len(a.ids) + len(e.ids) + 3 > max_tokens:
            continue
        tokens += [bos, *a.ids, marks[pair.mark], *e.ids, eos]
        offsets.append(len(tokens))
        prompts.append(len(a.ids) + 2)
        sources.append(names.index(pair.source))
        synthetic.append(pair.synthetic)
    return {
        "tokens": np.array(tokens, dtype=np.uint16 if tokenizer.get_vocab_size() <= 1 << 16 else np.uint32),
        "offsets": np.array(offsets, dtype=np.int64),
        "prompt_lengths": np.array(prompts, dtype=np.uint16),
        "sources": np.array(sources, dtype=np.uint8),
        "source_names": np.array(names),
        "synthetic": np.array(synthetic, dtype=np.bool_),
    }


def _marker(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise RecipeError(f"the tokenizer has no {token}")
    return found


def prepare(recipe_path: Path, data: Path, tokenizer_path: Path, out: Path) -> dict[str, dict[str, int]]:
    recipe = load_recipe(recipe_path)
    pairs, counts = build_pairs(recipe.prepare, data, recipe.seed)
    pairs = add_glosses(pairs, recipe.prepare, recipe.seed)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    if recipe.prepare.dev_file:
        dev = tokenize(dev_pairs(recipe.prepare, data), tokenizer, recipe.prepare.max_tokens)
        np.savez_compressed(out.with_suffix(".dev.npz"), allow_pickle=False, **dev)
    return write_rows(out, tokenize(pairs, tokenizer, recipe.prepare.max_tokens), counts)


def dev_pairs(settings: PrepareSettings, data: Path) -> list[Pair]:
    """What checkpoints are compared on, each word that has glosses with them, as the application feeds a sentence."""
    assert settings.dev_file is not None
    pairs = list(read_pairs(find_set(data, settings.dev_file)))[: settings.dev_pairs]
    fed = [Pair(model_input(clean(ar)), en, settings.dev_file, synthetic=False) for ar, en in pairs]
    return add_glosses(fed, settings.model_copy(update={"gloss_share": 1.0, "gloss_word_share": 1.0}), 0)


def write_rows(
    out: Path, arrays: Mapping[str, np.ndarray], counts: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """Write what `tokenize` made, and beside it the report of what each source gave: `counts`, rows and tokens."""
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, allow_pickle=False, **arrays)
    lengths = np.diff(arrays["offsets"])
    report = {name: dict(each) for name, each in counts.items()}
    for i, name in enumerate(arrays["source_names"]):
        mine = arrays["sources"] == i
        report.setdefault(str(name), {}).update(written=int(mine.sum()), tokens=int(lengths[mine].sum()))
    report["all"] = {"written": len(lengths), "tokens": int(lengths.sum())}
    if "synthetic" in arrays:
        report["all"]["synthetic"] = int(arrays["synthetic"].sum())
    out.with_suffix(".report.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return report


def run_prepare(
    description: str | None, work: Callable[[Path, Path, Path, Path], dict[str, dict[str, int]]]
) -> None:
    """The command line of a preparation: `work(recipe, data, tokenizer, out)`, and its report."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, help="folder of the corpora; default: $MUJAZ_DATA")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    report = work(options.recipe, data_folder(options.data), options.tokenizer, options.out)
    print(json.dumps(report, ensure_ascii=False, indent=1))


def main() -> None:
    run_prepare(__doc__, prepare)


if __name__ == "__main__":
    main()
