"""Datasets: a card says what a dataset is and where its file lies; a reader turns the file into items.

``load_dataset`` takes

* a card's id (``flores200-devtest``): the card is ``eval/cards/ID.yaml``, its file lies in the data folder (the
  ``data`` argument, else the environment variable ``MUJAZ_DATA``), in the package (our own sets), or on the hub;
* ``card:FILE``: a card of your own -- one YAML file adds a dataset;
* ``jsonl:FILE`` with ``task``: one JSON object a line, ``{"source": ..., "reference": ..., "id"?, "meta"?}``
  (``references`` for several; several reports of a story: a list as ``source``).

A card's ``checksum`` is the SHA-256 of the file; another file is refused, since scores on it would carry the same name.
``Dataset.checksum`` is that of the items themselves: it also tells a limited set from the whole.
"""

from __future__ import annotations

import bz2
import datetime
import difflib
import gzip
import hashlib
import importlib
import json
import lzma
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Final

import yaml

from eval.errors import DatasetError
from eval.items import TASKS, Item, Task
from summarizer.examples import EXAMPLE_REPORTS

#: The environment variable that names the data folder.
DATA_VARIABLE: Final = "MUJAZ_DATA"
#: Cards ship in this folder of the package.
_CARDS: Final = "cards"
_SETS: Final = "sets"


# --- cards --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a dataset is: the fields of its YAML file.

    ``files`` are paths below the data folder (``within: data``), below the package's ``eval/sets`` (``package``), or
    in a hub repository (``hub``). ``reader`` is a name of ``READERS`` or ``module:function``; ``options`` go to it.
    ``silver``: references are not gold; titles and tables must say so.
    """

    id: str
    title: str
    task: Task
    languages: tuple[str, ...]
    size: str
    licence: str
    citation: str
    source: str
    reader: str
    files: tuple[str, ...] = ()
    checksums: tuple[str, ...] = ()
    within: str = "data"
    hub: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    overlap: str = "unknown"
    obtain: str = ""
    silver: bool = False

    @property
    def available_as(self) -> str:
        """Say where the data comes from, in a few words for a list."""
        return {"data": f"data folder ({DATA_VARIABLE})", "package": "ships with Mujaz"}.get(
            self.within, f"hub: {self.hub}"
        )


@dataclass(frozen=True)
class Dataset:
    """A card and its items, in the order of the file."""

    card: Card
    items: tuple[Item, ...]

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def task(self) -> Task:
        return self.card.task

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the items (ids, sources, references, meta, in order): what scores are comparable under."""
        told = hashlib.sha256()
        for item in self.items:
            row = [item.id, list(item.sources), list(item.references), item.meta]
            told.update(
                json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode(
                    "utf-8", "surrogatepass"
                )
            )
            told.update(b"\n")
        return told.hexdigest()


_CARD_FIELDS: Final = {each.name: each for each in fields(Card)}
_REQUIRED: Final = ("id", "title", "task", "languages", "size", "licence", "citation", "source", "reader")
_WITHIN: Final = ("data", "package", "hub")


def read_card(text: str, *, name: str) -> Card:
    """Read one card. Raises ``DatasetError`` that lists every problem found."""
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DatasetError(f"card {name}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(plain, dict):
        raise DatasetError(f"card {name}: must be a mapping of fields")
    problems = [f"{each} is missing" for each in _REQUIRED if not plain.get(each)]
    for key in plain:
        if key not in _CARD_FIELDS:
            near = difflib.get_close_matches(str(key), _CARD_FIELDS, n=1)
            problems.append(f"unknown field {key!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    if plain.get("task") and plain["task"] not in TASKS:
        problems.append(f"task {plain['task']!r} is none of {', '.join(TASKS)}")
    if plain.get("within", "data") not in _WITHIN:
        problems.append(f"within {plain['within']!r} is none of {', '.join(_WITHIN)}")
    for key in ("languages", "files", "checksums", "caveats"):
        if key in plain and not isinstance(plain[key], list):
            problems += [f"{key} must be a list"]
    if isinstance(plain.get("checksums"), list) and len(plain["checksums"]) != len(plain.get("files") or ()):
        problems.append("checksums must name one SHA-256 for every file")
    if problems:
        raise DatasetError(f"card {name}: {'; '.join(problems)}")
    for key in ("languages", "files", "checksums", "caveats"):
        plain[key] = tuple(str(each) for each in plain.get(key, ()))
    return Card(**plain)


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Card]:
    folder = resources.files("eval").joinpath(_CARDS)
    cards = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            card = read_card(file.read_text(encoding="utf-8"), name=file.name)
            cards[card.id] = card
    return cards


def list_cards() -> tuple[Card, ...]:
    """Return every card that ships with Mujaz, by task and id."""
    return tuple(sorted(_shipped().values(), key=lambda card: (TASKS.index(card.task), card.id)))


def find_card(name: str) -> Card:
    """Return the card called ``name``, or read ``card:FILE``. Raises ``DatasetError`` (with the nearest names)."""
    if name.startswith("card:"):
        path = Path(name[len("card:") :])
        return read_card(_text(path), name=str(path))
    cards = _shipped()
    if name not in cards:
        near = difflib.get_close_matches(name.casefold(), cards, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise DatasetError(
            f"unknown dataset {name!r}{hint} (known: {', '.join(cards)}; or jsonl:FILE, card:FILE)"
        )
    return cards[name]


# --- loading ------------------------------------------------------------------------------------


def load_dataset(
    name_or_spec: str, *, data: Path | None = None, limit: int | None = None, task: Task | None = None
) -> Dataset:
    """Return a dataset by card id, ``card:FILE`` or ``jsonl:FILE``; the first ``limit`` items where given.

    ``task`` is for ``jsonl:`` (or a ``"task"`` field in its first line); with a card it must be the card's. Raises
    ``DatasetError`` where the dataset is unknown, absent (saying what to do), altered, malformed or empty.
    """
    if limit is not None and limit < 1:
        raise DatasetError(f"limit must be 1 or more, not {limit}")
    if name_or_spec.startswith("jsonl:"):
        return _load_jsonl(Path(name_or_spec[len("jsonl:") :]), task=task, limit=limit)
    card = find_card(name_or_spec)
    if task is not None and task != card.task:
        raise DatasetError(f"dataset {card.id!r} is for {card.task}, not {task}")
    reader = _reader(card)
    paths = _paths(card, data)
    try:
        items = tuple(islice(reader(Files(card, paths, data)), limit))
    except DatasetError:
        raise
    except (KeyError, TypeError, ValueError, EOFError, lzma.LZMAError, OSError) as error:
        raise DatasetError(f"dataset {card.id!r}: {_names(paths)} is malformed: {error!r}") from error
    return Dataset(card, _sound(items, card.id))


def _sound(items: tuple[Item, ...], name: str) -> tuple[Item, ...]:
    if not items:
        raise DatasetError(f"dataset {name!r} holds no items")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise DatasetError(f"dataset {name!r}: id {item.id!r} stands there twice")
        seen.add(item.id)
    return items


def _paths(card: Card, data: Path | None) -> tuple[Path, ...]:
    if card.within == "package":
        root = Path(str(resources.files("eval").joinpath(_SETS)))
        paths = tuple(path for pattern in card.files for path in sorted(root.glob(pattern)))
        if not paths:
            raise DatasetError(
                f"dataset {card.id!r}: {', '.join(card.files)} is not in this installation ({root})"
            )
        return paths
    if card.within == "hub":
        local = data_folder(data) if data is not None or os.environ.get(DATA_VARIABLE) else None
        found = tuple(local / name for name in card.files) if local else ()
        here = bool(found) and all(path.exists() for path in found)
        return _checked(card, found if here else tuple(_from_hub(card, name) for name in card.files))
    root = data_folder(data)
    paths = tuple(root / name for name in card.files)
    for path in paths:
        if not path.exists():
            how = card.obtain or f"get it from {card.source}"
            raise DatasetError(f"dataset {card.id!r}: {path} is not there; {how}")
    return _checked(card, paths)


def data_folder(data: Path | None = None) -> Path:
    """Return the data folder: ``data``, else ``$MUJAZ_DATA``. Raises ``DatasetError`` where it is missing."""
    chosen = (
        data
        if data is not None
        else Path(os.environ[DATA_VARIABLE])
        if os.environ.get(DATA_VARIABLE)
        else None
    )
    if chosen is None:
        raise DatasetError(
            f"this dataset is read from a data folder: set {DATA_VARIABLE} to it, or pass --data FOLDER"
        )
    if not chosen.is_dir():
        raise DatasetError(
            f"the data folder {chosen} is not there (from {'--data' if data is not None else DATA_VARIABLE})"
        )
    return chosen


def _checked(card: Card, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    for path, expected in zip(paths, card.checksums, strict=False):
        found = file_checksum(path)
        if found != expected:
            raise DatasetError(
                f"dataset {card.id!r}: {path} is not the file its card describes (SHA-256 {found[:12]}…, the card has "
                f"{expected[:12]}…); get the original, or describe yours in a card of its own (card:FILE)"
            )
    return paths


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_hub(card: Card, name: str) -> Path:
    """Fetch one file of the card's hub repository. Only reached when the user asked for this dataset by name."""
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise DatasetError(
            f'dataset {card.id!r} is on the hub: pip install "mujaz[hub]", or put {name} into the data folder'
        ) from error
    try:
        return Path(hf_hub_download(card.hub, name, repo_type="dataset"))
    except Exception as error:  # whatever the hub's transport raises
        why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": ")
        raise DatasetError(
            f"dataset {card.id!r}: cannot fetch {name} of {card.hub} ({why}); with a network try again, or put the file "
            f"at {name} in the data folder ({DATA_VARIABLE})"
        ) from error


# --- jsonl:FILE ---------------------------------------------------------------------------------


def _load_jsonl(path: Path, *, task: Task | None, limit: int | None) -> Dataset:
    rows = list(islice(_json_lines(path), limit))
    told = rows[0].get("task") if rows else None
    chosen = task or told
    if chosen not in TASKS:
        raise DatasetError(
            f'{path}: say what it is for: --task {"|".join(TASKS)} (or a "task" field in its first line)'
        )
    items = tuple(_item_of(row, path, number) for number, row in enumerate(rows, 1))
    languages = {"translate": ("ar", "en")}.get(chosen, ("ar",))
    card = Card(
        id=f"jsonl:{path.name}", title=path.name, task=chosen, languages=languages, size=f"{len(rows)} items",
        licence="the user's own", citation="", source=str(path), reader="items", files=(str(path),),
        checksums=(file_checksum(path),),
    )  # fmt: skip
    return Dataset(card, _sound(items, str(path)))


#: Other names that one field goes by in the files people have.
_SOURCE_NAMES: Final = ("source", "document", "documents", "text", "ar", "src")
_REFERENCE_NAMES: Final = (
    "references",
    "reference",
    "summaries",
    "summary",
    "target",
    "en",
    "ref",
    "sentences",
)


def _item_of(row: Mapping[str, Any], path: Path, number: int) -> Item:
    """Return one line as an item. Raises ``DatasetError`` that names the line."""
    source = next((row[name] for name in _SOURCE_NAMES if name in row), None)
    if isinstance(source, list) and source and all(isinstance(each, str) for each in source):
        source = tuple(source)
    if not isinstance(source, (str, tuple)):
        raise DatasetError(f'{path}:{number}: needs a "source": a text, or a list of texts')
    references = next((row[name] for name in _REFERENCE_NAMES if name in row), ())
    references = (references,) if isinstance(references, str) else tuple(references or ())
    if not all(isinstance(each, str) for each in references):
        raise DatasetError(f'{path}:{number}: "references" must be texts')
    meta = row.get("meta", {})
    if not isinstance(meta, Mapping):
        raise DatasetError(f'{path}:{number}: "meta" must be an object')
    known = {*_SOURCE_NAMES, *_REFERENCE_NAMES, "id", "meta", "task"}
    rest = {key: value for key, value in row.items() if key not in known}
    return Item(str(row.get("id", number)), source, references, {**rest, **meta})


# --- reading files ------------------------------------------------------------------------------


def _open(path: Path) -> Any:
    openers: dict[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
    return openers.get(path.suffix, open)(path, "rt", encoding="utf-8", newline="\n")


def _text(path: Path) -> str:
    try:
        with _open(path) as stream:
            return str(stream.read())
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is not there") from error
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with _open(path) as stream:
            yield from _parsed(stream, path)
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is not there") from error
    except (OSError, UnicodeDecodeError, EOFError, lzma.LZMAError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def _parsed(lines: Iterable[str], path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DatasetError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise DatasetError(f"{path}:{number}: not a JSON object")
        yield row


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


# --- readers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Files:
    """What a reader gets: the card, its files (checked), and the data folder as the caller gave it."""

    card: Card
    paths: tuple[Path, ...]
    data: Path | None = None


#: A reader yields the items of a card's files.
Reader = Callable[[Files], Iterator[Item]]


def read_pairs(files: Files) -> Iterator[Item]:
    """``source<TAB>reference`` a line. Ids are line numbers, so that hypothesis files line up."""
    for number, line in enumerate(_text(files.paths[0]).removesuffix("\n").split("\n"), 1):
        cells = line.removesuffix("\r").split("\t")
        if len(cells) != 2:
            raise DatasetError(f"{files.paths[0]}:{number}: {len(cells)} columns, expected 2")
        yield Item(str(number), cells[0], (cells[1],))


def read_parallel(files: Files) -> Iterator[Item]:
    """Two files, source and reference, line by line."""
    source, reference = (_text(path).removesuffix("\n").split("\n") for path in files.paths)
    if len(source) != len(reference):
        raise DatasetError(f"{_names(files.paths)}: {len(source)} and {len(reference)} lines do not pair")
    for number, (one, other) in enumerate(zip(source, reference, strict=True), 1):
        yield Item(str(number), one, (other,))


def read_summaries(files: Files) -> Iterator[Item]:
    """JSON Lines of ``document`` and ``summaries``. Option ``only``: field -> value that a row must have."""
    only: Mapping[str, Any] = files.card.options.get("only", {})
    for row in _json_lines(files.paths[0]):
        if all(row.get(key) == value for key, value in only.items()):
            yield Item(
                row["id"],
                row["document"],
                tuple(row["summaries"]),
                _meta(row, "title", "source", "date", "topic", "url"),
            )


def read_stories(files: Files) -> Iterator[Item]:
    """JSON Lines of ``documents`` (several reports of a story), ``summaries``, and ``meta`` of each report."""
    for row in _json_lines(files.paths[0]):
        reports = row["meta"]
        meta = {
            "outlets": [each["source"] for each in reports],
            "titles": [each["title"] for each in reports],
            "dates": [each["date"] for each in reports],
            "ids": [each["id"] for each in reports],
            "references_by": row["summary_by"],
            **_meta(row, "date"),
        }
        yield Item(row["id"], tuple(row["documents"]), tuple(row["summaries"]), meta)


def read_reports(files: Files) -> Iterator[Item]:
    """JSON Lines of single reports, unlabelled. A report without any text is left out (it cannot be clustered)."""
    for row in _json_lines(files.paths[0]):
        if row["document"].strip():
            yield Item(row["id"], row["document"], (), _meta(row, "title", "source", "date", "topic", "url"))


def _meta(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the fields that a row has, and its ``date`` as an ISO ``published``, which checks of dates go by."""
    meta = {key: row[key] for key in keys if row.get(key)}
    published = _iso_date(str(row.get("date") or ""))
    return {**meta, "published": published} if published and "date" in keys else meta


def _iso_date(written: str) -> str | None:
    """Return the ISO day of an ISO date or of a feed's date (``Sun, 18 Feb 2018 15:38:57 GMT``); else None."""
    try:
        return datetime.date.fromisoformat(written[:10]).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except ValueError:
        return None


_TIMEX: Final = re.compile(r"<TIMEX3\b([^>]*)>(.*?)</TIMEX3>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'(\w+)="([^"]*)"')


def read_timex(files: Files) -> Iterator[Item]:
    """JSON Lines with TIMEX3 tags in ``annotated``; the source is the text without them, facts have its offsets."""
    for row in _json_lines(files.paths[0]):
        annotated, text, facts, last = row["annotated"], "", [], 0
        for match in _TIMEX.finditer(annotated):
            text += annotated[last : match.start()]
            attributes = dict(_ATTRIBUTE.findall(match[1]))
            start = len(text)
            text += match[2]
            last = match.end()
            facts.append(
                {"kind": "date", "type": attributes.get("type", ""), "value": attributes.get("value", ""),
                 "surface": match[2], "start": start, "end": len(text)}
            )  # fmt: skip
        text += annotated[last:]
        yield Item(row["id"], text, (), {"facts": facts, "kinds": ["date"]})


#: Tags of the NER sets -> kinds of ``terms`` (facilities, nationalities, dates and others are no names to it).
_NER_KINDS: Final = {
    "PERS": "person", "PER": "person", "LOC": "place", "GPE": "place", "ORG": "organisation",
}  # fmt: skip


def read_ner(files: Files) -> Iterator[Item]:
    """JSON Lines of ``tokens`` and BIO ``tags``; the source is the tokens one space apart. Option ``split``."""
    split = files.card.options.get("split")
    for row in _json_lines(files.paths[0]):
        if split and row["split"] != split:
            continue
        spans, cursor = [], 0
        for token in row["tokens"]:
            spans.append((cursor, cursor + len(token)))
            cursor += len(token) + 1
        text = " ".join(row["tokens"])
        facts = [
            {"kind": kind, "value": text[start:end], "surface": text[start:end], "start": start, "end": end}
            for kind, start, end in _entities(row["tags"], spans)
        ]
        yield Item(row["id"], text, (), {"facts": facts, "kinds": sorted(set(_NER_KINDS.values()))})


def _entities(tags: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of each BIO run; an I that continues nothing begins a run of its own."""
    run: list[Any] | None = None
    for tag, (start, end) in [*zip(tags, spans, strict=True), ("O", (0, 0))]:
        label = tag[2:]
        if run and not (tag.startswith("I-") and label == run[0]):
            if run[0] in _NER_KINDS:
                yield _NER_KINDS[run[0]], run[1], run[2]
            run = None
        if tag != "O":
            run = [label, run[1] if run else start, end]


def read_stance(files: Files) -> Iterator[Item]:
    """Pairs of headlines with a stance; source: (first, second), fact: the stance. Option ``split``."""
    split = files.card.options.get("split")
    for row in _json_lines(files.paths[0]):
        if row["task"] == "stance" and (not split or row["split"] == split):
            fact = {"kind": "stance", "value": row["stance"]}
            yield Item(row["id"], (row["s1"], row["s2"]), (), {"facts": [fact], "kinds": ["stance"]})


def read_items(files: Files) -> Iterator[Item]:
    """JSON Lines in the form of ``jsonl:``; several files one after the other. Option ``kinds``: see ``metrics.facts``."""
    kinds = files.card.options.get("kinds")
    for path in files.paths:
        for number, row in enumerate(_json_lines(path), 1):
            item = _item_of({"id": f"{path.stem}-{number}", **row}, path, number)
            if files.card.task == "facts":  # what a translation set has as reference is no reference here
                item = replace(item, references=())
            yield replace(item, meta={**item.meta, "kinds": list(kinds)}) if kinds else item


def read_labels(files: Files) -> Iterator[Item]:
    """Stories as ids: ``{"cluster": ..., "ids": [...]}`` a line; the reports come from the sets of option ``corpora``.

    ``corpora`` maps the id of a dataset to the start of its reports' ids (``{saudinewsnet: snn-}``); an empty start takes
    every other id. Items are in the order of the labels.
    """
    wanted: dict[str, Mapping[str, Any]] = {}
    for path in files.paths:
        for row in _json_lines(path):
            for each in row.get("ids") or [row["id"]]:
                if str(each) in wanted:
                    raise DatasetError(f"{path.name}: report {each!r} is labelled twice")
                wanted[str(each)] = {**_meta(row, "corpus", "note"), "cluster": str(row["cluster"])}
    found: dict[str, Item] = {}
    left = set(wanted)
    corpora: Mapping[str, str] = files.card.options["corpora"]
    for name, start in sorted(corpora.items(), key=lambda pair: -len(pair[1])):
        mine = {each for each in left if each.startswith(start)}
        left -= mine
        if mine:
            found.update(
                (item.id, item) for item in load_dataset(name, data=files.data).items if item.id in mine
            )
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise DatasetError(
            f"dataset {files.card.id!r}: {len(missing)} labelled reports are in no corpus: {', '.join(missing[:3])}…"
        )
    for each, label in wanted.items():
        yield replace(found[each], meta={**found[each].meta, **label})


def read_archive(files: Files) -> Iterator[Item]:
    """A tar archive of JSON Lines (XL-Sum, CrossSum): the member whose name ends in option ``member``."""
    wanted = str(files.card.options["member"])
    with tarfile.open(files.paths[0]) as archive:
        names = [name for name in archive.getnames() if name.endswith(wanted)]
        if not names:
            raise DatasetError(f"{files.paths[0]}: holds no file that ends in {wanted}")
        member = archive.extractfile(names[0])
        if member is None:
            raise DatasetError(f"{files.paths[0]}: {names[0]} is not a file")
        lines = (line.decode("utf-8") for line in member)
        for number, row in enumerate(_parsed(lines, files.paths[0]), 1):
            meta = _meta(row, "title", "url", "source_url", "target_url")
            yield Item(str(row.get("id", number)), row["text"], (row["summary"],), meta)


def read_folders(files: Files) -> Iterator[Item]:
    """A folder of topics: ``TOPIC/documents/*.txt`` and ``TOPIC/summaries/*.txt`` (UTF-8), each file one text."""
    for topic in sorted(each for each in files.paths[0].iterdir() if each.is_dir()):
        texts = {
            part: tuple(_text(file).strip() for file in sorted((topic / part).glob("*.txt")))
            for part in ("documents", "summaries")
        }
        if not texts["documents"]:
            raise DatasetError(f"{topic}: has no documents/*.txt")
        yield Item(topic.name, texts["documents"], texts["summaries"])


def read_shipped_reports(files: Files) -> Iterator[Item]:
    """Stories whose reports lie in this repository: ``folder``, ``documents`` (file names), ``references``."""
    for path in files.paths:
        for row in _json_lines(path):
            folder = _reports_folder(row["folder"], files)
            texts = tuple(_text(folder / name) for name in row["documents"])
            meta = {"outlets": list(row["documents"]), "files": list(row["documents"]), **_meta(row, "note")}
            if row.get("references_en"):
                meta["references_en"] = row["references_en"]
            yield Item(row["id"], texts, tuple(row["references"]), meta)


def _reports_folder(name: str, files: Files) -> Path:
    """Return the folder of shipped reports: of this checkout, of this installation, or in the data folder."""
    roots = [Path(str(resources.files("eval"))).parent, EXAMPLE_REPORTS.parents[1]]
    if files.data is not None or os.environ.get(DATA_VARIABLE):
        roots.append(data_folder(files.data))
    for root in roots:
        if (root / name).is_dir():
            return root / name
    raise DatasetError(
        f"dataset {files.card.id!r}: {name} lies only in a checkout of the repository (and in its source distribution); copy "
        f"that folder to {name} in a folder of yours and set {DATA_VARIABLE} to it, or run this from the checkout"
    )


READERS: Final[dict[str, Reader]] = {
    "pairs": read_pairs,
    "parallel": read_parallel,
    "summaries": read_summaries,
    "stories": read_stories,
    "reports": read_reports,
    "timex": read_timex,
    "ner": read_ner,
    "stance": read_stance,
    "items": read_items,
    "labels": read_labels,
    "shipped-reports": read_shipped_reports,
    "archive": read_archive,
    "folders": read_folders,
}


def _reader(card: Card) -> Reader:
    if card.reader in READERS:
        return READERS[card.reader]
    module, _, name = card.reader.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        known = ", ".join(READERS)
        raise DatasetError(
            f"dataset {card.id!r}: no reader {card.reader!r} (known: {known}; or module:function)"
        ) from error
    reader: Reader = found
    return reader
