"""The words of the interface, in English and Arabic: ``Texts("ar")("result.sources")``.

They stand in ``ui/texts/*.yaml``: every file of a language (``ar.yaml``, ``ar.tabs.yaml``) is merged, nested keys are
joined with dots, and a test holds that both languages have the same keys and the same ``{fields}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml

Language = Literal["en", "ar"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FOLDER: Final = Path(__file__).parent / "texts"


class Texts:
    """The words of one interface language. Calling it with a key gives the words, its ``{fields}`` filled in."""

    def __init__(self, language: Language) -> None:
        self.language: Final[Language] = language
        self.rtl: Final = language == "ar"
        self.direction: Final = "rtl" if self.rtl else "ltr"
        self._words = _words(language)

    def __call__(self, key: str, **fields: object) -> str:
        """Return the words of ``key``. Raises KeyError on a key that the files lack: a mistake in the page."""
        words = self._words[key]
        return words.format(**fields) if fields else words

    def count(self, key: str, number: int) -> str:
        """Return ``number`` things: ``key`` holds the forms of the language's plural rules (CLDR names)."""
        form = plural_form(number, language=self.language)
        words = self._words.get(f"{key}.{form}") or self._words[f"{key}.other"]
        return words.format(n=number)

    def group(self, prefix: str) -> dict[str, str]:
        """Return every entry below ``prefix``, by what follows it: what the page's script is given."""
        start = f"{prefix}."
        return {key.removeprefix(start): words for key, words in self._words.items() if key.startswith(start)}

    @property
    def keys(self) -> frozenset[str]:
        """Every key of this language."""
        return frozenset(self._words)


def plural_form(number: int, *, language: Language) -> str:
    """Return the CLDR plural category of a whole number: Arabic has six, English two."""
    if language == "en":
        return "one" if number == 1 else "other"
    if number in (0, 1, 2):
        return ("zero", "one", "two")[number]
    if 3 <= number % 100 <= 10:
        return "few"
    return "many" if number % 100 >= 11 else "other"


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: Language) -> dict[str, str]:
    words: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"{language}*.yaml")):
        entries = dict(_flatten(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
        if twice := sorted(words.keys() & entries.keys()):
            raise ValueError(f"{path.name}: {', '.join(twice)} stands in another file too")
        words |= entries
    return words


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value).strip()
