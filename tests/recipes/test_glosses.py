"""Buckwalter's dictionary in the form that the application reads, from a few lines in the original's form."""

from __future__ import annotations

from pathlib import Path

import pytest

from recipes.glosses import common_words, dictionary_lines, write
from recipes.settings import RecipeError
from summarizer.glosses import Glosses

FILES = {
    "dictPrefixes": "; note\n\t\tPref-0\t\nAl\tAl\tNPref-Al\tthe <pos>Al/DET+</pos>\n",
    "dictSuffixes": "\t\tSuff-0\t\nyn\tiyna\tNSuff-iyna\t[masc.pl.] <pos>+iyna/NSUFF</pos>\n",
    "dictStems": ";--- rSf\n;; raSiyf_1\nrSyf\traSiyf\tN\tsidewalk (of a street);pier/platform;wharf;quay\n"
    ";; mutaZAhir_1\nmtZAhr\tmutaZAhir\tNall\tdemonstrator <pos>mutaZAhir/NOUN</pos>\n"
    ";; EalaY_1\nElY\tEalaY\tFW-Wa\ton;above\n"
    ";; EaliY~_1\nEly\tEaliy~\tNprop\tAli\n;; bad\nxx\n",
    "tableAB": "; pairs\nPref-0 N\nNPref-Al N\nNPref-Al Nall\n",
    "tableAC": "Pref-0 Suff-0\nNPref-Al Suff-0\nNPref-Al NSuff-iyna\n",
    "tableBC": "N Suff-0\nNall NSuff-iyna\nNall Suff-0\n",
}


def write_dictionary(folder: Path) -> Path:
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="latin-1")
    return folder


def test_the_dictionary_is_read_and_cut_to_what_is_needed(tmp_path: Path) -> None:
    lines = list(dictionary_lines(write_dictionary(tmp_path / "buckwalter")))
    assert "stem\tرصيف\t1#N#sidewalk;pier or platform;wharf" in lines
    assert "stem\tعلى\t3#FW-Wa#" in lines  # a particle: the word is known to have no glosses
    assert "stem\tعلي\t4#Nprop#" in lines
    assert not any("xx" in line for line in lines)
    glosses = Glosses(iter(lines))
    assert glosses.of("الرصيف") == ("sidewalk", "pier or platform", "wharf")
    assert glosses.of("المتظاهرين") == ("demonstrator",)
    assert glosses.of("متظاهرين") == ()  # without the article the tables here do not allow it


def test_what_is_written_is_the_same_every_time_and_is_read_again(tmp_path: Path) -> None:
    lines = [*dictionary_lines(write_dictionary(tmp_path / "buckwalter")), "common\tرصيف"]
    for name in ("one.gz", "two.gz"):
        write(tmp_path / name, lines)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    glosses = Glosses.load(tmp_path / "one.gz")
    assert (glosses.of("رصيف"), glosses.of("الرصيف")[0]) == ((), "sidewalk")


def test_common_words_are_counted_once_a_sentence_and_without_vowels() -> None:
    sentences = ["قال الوزير قال", "وقالَ الوزيرُ", "إلى الوزير في بغداد"]
    assert common_words(sentences, least=2) == ["الوزير"]
    assert common_words(sentences, least=1) == sorted({"قال", "وقال", "الوزير", "إلى", "بغداد"})


def test_a_missing_dictionary_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="--dictionary"):
        list(dictionary_lines(tmp_path))
