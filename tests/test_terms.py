"""Names and terms: found, recognised, enforced, hinted, and shared by the reports of a story."""

from __future__ import annotations

import lzma
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import EXAMPLES
from summarizer.errors import GlossaryError
from summarizer.romanize import NameTable, romanize
from summarizer.terms import Entry, Terms, TermMatch, read_gazetteer, read_glossary
from summarizer.terms import _rendering_words as words_of

GAZETTEER = """\
# a small one
person\tmustafa-al-kadhimi\tمصطفى الكاظمي | short:الكاظمي\tMustafa al-Kadhimi | Mustafa Al-Kazemi | short:al-Kadhimi
person\tjoe-biden\tجو بايدن | جوزيف بايدن | short:بايدن\tJoe Biden | Joseph Biden | short:Biden
person\tdonald-trump\tدونالد ترامب | دونالد ترمب | short:ترامب | short:ترمب\tDonald Trump | short:Trump
person\tqasem-soleimani\tقاسم سليماني | short:سليماني\tQasem Soleimani | short:Soleimani
person\tel-sisi\tعبد الفتاح السيسي | short:السيسي\tAbdel Fattah el-Sisi | Abdel Fattah al-Sisi | short:el-Sisi
person\tbashar\tبشار الأسد | short:الأسد\tBashar al-Assad | short:al-Assad
person\thafez\tحافظ الأسد | short:الأسد\tHafez al-Assad | short:al-Assad
person\tsaad-hariri\tسعد الحريري | short:الحريري\tSaad Hariri | short:Hariri
person\tbahia-hariri\tبهية الحريري | short:الحريري\tBahia al-Hariri | short:al-Hariri
person\tabu-mazen\tأبو مازن\tAbu Mazen
place\tiraq\tالعراق | adj:عراقي\tIraq | adj:Iraqi
place\tusa\tالولايات المتحدة | الولايات المتحدة الأمريكية | أمريكا | أميركا | adj:أمريكي | adj:أميركي\tUnited States | U.S. | US | USA | America | adj:American
place\tiran\tإيران | adj:إيراني\tIran | adj:Iranian
place\tgermany\tألمانيا | adj:الألماني\tGermany | adj:German
place\tbaghdad\tبغداد\tBaghdad
place\toman\tسلطنة عمان\tOman
organisation\tisis\tداعش | تنظيم داعش\tISIS | Islamic State | IS | Daesh
organisation\tnato\tالناتو | حلف شمال الأطلسي\tNATO
organisation\tpentagon\tالبنتاغون\tPentagon
organisation\twhite-house\tالبيت الأبيض\tWhite House
term\tdialogue\tالحوار الاستراتيجي\tstrategic dialogue
"""


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms.of(read_gazetteer(GAZETTEER, name="test"))


def found(terms: Terms, text: str) -> list[tuple[str, str, str]]:
    return [(match.surface, match.key, match.english[0]) for match in terms.find(text)]


def only(terms: Terms, text: str) -> TermMatch:
    (match,) = terms.find(text)
    return match


# --- finding in Arabic --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "surface", "english"),
    [
        ("والكاظمي قال", "الكاظمي", "al-Kadhimi"),
        ("لبايدن خطة", "بايدن", "Biden"),
        ("بالعراق", "العراق", "Iraq"),
        ("وبالعراق", "العراق", "Iraq"),
        ("للعراق", "للعراق", "Iraq"),
        ("للولايات المتحدة", "للولايات المتحدة", "United States"),
        ("وللولايات المتحدة الأمريكية", "للولايات المتحدة الأمريكية", "United States"),
        ("القوات الأميركيّة", "الأميركيّة", "American"),
        ("القوات الامریکیة", "الامریکیة", "American"),
        ("مسؤولون عراقيون", "عراقيون", "Iraqi"),
        ("للعراقيين", "للعراقيين", "Iraqi"),
        ("عراقياً", "عراقياً", "Iraqi"),
        ("المستشار الألماني", "الألماني", "German"),
        ("ألمانية", "ألمانية", "German"),
        ("مُصْطَفَى الكاظـــمي", "مُصْطَفَى الكاظـــمي", "Mustafa al-Kadhimi"),
        ("عبدالفتاح السيسي", "عبدالفتاح السيسي", "Abdel Fattah el-Sisi"),
        ("لعبد الفتاح السيسي", "عبد الفتاح السيسي", "Abdel Fattah el-Sisi"),
        ("\u200fجو\u200f بايدن\u200f", "جو\u200f بايدن\u200f", "Joe Biden"),
        ("أبي مازن", "أبي مازن", "Abu Mazen"),
        ("ابومازن", "ابومازن", "Abu Mazen"),
    ],
)  # fmt: skip
def test_finds_forms_with_clitics_marks_and_agreement(
    terms: Terms, text: str, surface: str, english: str
) -> None:
    match = only(terms, text)
    assert (match.surface, match.english[0]) == (surface, english)
    assert text[match.start : match.end] == surface


def test_longest_leftmost_and_not_across_punctuation(terms: Terms) -> None:
    assert found(terms, "تنظيم داعش") == [("تنظيم داعش", "isis", "ISIS")]
    assert [each[1] for each in found(terms, "زار جو، بايدن غاب")] == ["joe-biden"]
    assert found(terms, "زار جو، بايدن غاب")[0][0] == "بايدن"
    assert found(terms, "البيت. الأبيض") == []
    assert [each[1] for each in found(terms, "العراق والولايات المتحدة وإيران")] == ["iraq", "usa", "iran"]


@pytest.mark.parametrize(
    "sentence",
    [
        "وقال إن هذا القرار يصب في صالح المواطنين ولصالح البلاد",
        "أشرف على تنفيذ المشروع وكان سعيدا بما تحقق من نجاح كبير",
        "ارتفعت أسعار النفط بنسبة ٣٪ خلال جلسة كاملة؛ وهذا أمر جديد…",
        "يوم جميل في شهر نيسان، هل يعود المطر؟",
        "",
        "...",
    ],
)
def test_ordinary_sentences_hold_no_names(terms: Terms, sentence: str) -> None:
    assert terms.find(sentence) == ()


def test_surname_of_two_persons_is_nobody_unless_spelt_alike(terms: Terms) -> None:
    assert found(terms, "وأضاف الحريري") == []
    assert found(terms, "قوات الأسد") == [("الأسد", "bashar", "al-Assad")]


def test_names_of_the_open_list_and_after_titles(terms: Terms) -> None:
    listed = only(terms, "قال هوشيار زيباري")
    assert (listed.source, listed.kind) in {("names", "person"), ("pattern", "person")}
    assert "Zebari" in listed.english[0]
    assert only(terms, "لأحمد أبو الغيط").surface == "أحمد أبو الغيط"
    match = terms.find("التقى السفير الأميركي في العراق ماثيو تولر")[-1]
    assert (match.surface, match.source, match.kind) == ("ماثيو تولر", "pattern", "person")
    assert match.english[0].startswith("Matthew T")
    assert match.key == terms.find("الوزير ماثيو تولر")[-1].key
    assert found(terms, "الرئيس، في بيان") == []
    assert found(terms, "رئيس الوزراء العراقي السابق") == [("العراقي", "iraq", "Iraqi")]
    assert [each.surface for each in terms.find("الرئيس الأميركي، جو بايدن،")] == ["الأميركي", "جو بايدن"]


def test_a_place_ends_a_spelt_name(terms: Terms) -> None:
    assert "بغداد" in [each.surface for each in terms.find("لاعب كرة ينس ماغنوس بغداد")]


# --- one story ----------------------------------------------------------------------------------


def test_story_gives_a_surname_to_whom_it_names_in_full(terms: Terms) -> None:
    texts = ["التقى الوزير هوشيار زيباري وفدا", "وأضاف زيباري أن بهية الحريري غائبة. وقالت الحريري نعم."]
    story = terms.for_document(texts)
    full, short = only(terms, texts[0]), story.find(texts[1])[0]
    assert (short.surface, short.key) == ("زيباري", full.key)
    assert short.english[0] == full.english[0].split()[-1]
    assert [each.key for each in story.find("قالت الحريري")] == ["bahia-hariri"]
    assert story.find_english(f"{short.english[0]} said")[0].key == full.key
    assert found(terms, "وأضاف زيباري") == []


def test_story_prefers_the_more_often_named_and_leaves_clashes(terms: Terms) -> None:
    story = terms.for_document(["حافظ الأسد ثم حافظ الأسد ثم بشار الأسد"])
    assert only(story, "قال الأسد").key == "hafez"
    assert terms.for_document(["سعد الحريري وبهية الحريري"]).find("قال الحريري") == ()
    assert terms.for_document([]).find("قال الكاظمي") == terms.find("قال الكاظمي")


def test_story_does_not_take_an_everyday_word_for_a_surname(terms: Terms) -> None:
    story = terms.for_document(["قال علي عبد الله صالح أمس"])
    assert story.find("هذا في صالح الناس ولصالح الجميع") == ()


def test_the_five_reports_name_one_prime_minister(terms: Terms) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.txt"))]
    story = terms.for_document(texts)
    matches = [match for text in texts for match in story.find(text) if "الكاظمي" in match.surface]
    assert len(matches) >= 12
    assert {match.key for match in matches} == {"mustafa-al-kadhimi"}
    assert {match.english[0] for match in matches} == {"Mustafa al-Kadhimi", "al-Kadhimi"}


# --- English ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "arabic", "expected"),
    [
        ("MUSTAFA AL KADHIMI arrived", "مصطفى الكاظمي", True),
        ("Kadhimi's visit", "مصطفى الكاظمي", True),
        ("Alkadhimi's visit", "الكاظمي", True),
        ("Mustafa arrived", "مصطفى الكاظمي", False),
        ("the U.S. troops", "القوات الأميركية", True),
        ("the US troops", "أميركا", True),
        ("American troops", "الولايات المتحدة", True),
        ("the Americans", "الأميركيين", True),
        ("told us so", "الولايات المتحدة", False),
        ("this is it", "داعش", False),
        ("Daesh", "داعش", True),
        ("Iraqis", "العراق", True),
        ("strategic Dialogue", "الحوار الاستراتيجي", True),
        ("Abd-el-Fattah el‑Sisi", "السيسي", True),
        ("", "العراق", False),
    ],
)  # fmt: skip
def test_rendered(terms: Terms, english: str, arabic: str, expected: bool) -> None:
    assert terms.rendered(english, terms.find(arabic)[-1]) is expected


def test_rendered_by_sound_for_names_without_one_spelling(terms: Terms) -> None:
    match = terms.find("السفير ماثيو تولر")[-1]
    assert terms.rendered("Ambassador Matthew Tueller", match)
    assert terms.rendered("Tueller", match)
    assert not terms.rendered("Ambassador James Jeffrey", match)
    assert not terms.rendered("a taller man", match)


def test_find_english_gives_the_same_keys(terms: Terms) -> None:
    text = "Joe Biden told us that the U.S. and Iraqis are with NATO and Al-Kadhimi; it is IS."
    matches = terms.find_english(text)
    assert [match.key for match in matches] == ["joe-biden", "usa", "iraq", "nato", "mustafa-al-kadhimi", "isis"]
    assert [match.surface for match in matches][4] == "Al-Kadhimi"
    assert all(text[match.start : match.end] == match.surface for match in matches)
    assert terms.find_english("the america cup of pentagon iran") == ()
    assert [each.key for each in terms.find_english("a strategic dialogue")] == ["dialogue"]


# --- enforcing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "arabic", "expected"),
    [
        ("George Bideen said so.", "قال جو بايدن", "Joe Biden said so."),
        ("Joe Bayden met Mustafa Kasemi.", "التقى جو بايدن مصطفى الكاظمي", "Joe Biden met Mustafa al-Kadhimi."),
        ("Al-Kazemi added that", "وأضاف الكاظمي", "Al-Kadhimi added that"),
        ("And al-Qazemi's visit", "وزيارة الكاظمي", "And al-Kadhimi's visit"),
        ("Mustafa Al-Kazemi and later Kazemi", "مصطفى الكاظمي ثم الكاظمي", "Mustafa al-Kadhimi and later al-Kadhimi"),
        ("in Bagdad on Monday", "في بغداد الاثنين", "in Baghdad on Monday"),
        ("the death of Qassim Sulaimani", "مقتل قاسم سليماني", "the death of Qasem Soleimani"),
        ("President Abdulfattah Sissi", "الرئيس عبد الفتاح السيسي", "President Abdel Fattah el-Sisi"),
        ("an Irakian officer", "ضابط عراقي", "an Irakian officer"),
        # nothing to do, or nothing sure
        ("Joe Biden said so.", "قال جو بايدن", "Joe Biden said so."),
        ("Oman and Jordan", "في بغداد", "Oman and Jordan"),
        ("The Crime of March", "قال الكاظمي", "The Crime of March"),
        ("He said so.", "قال جو بايدن", "He said so."),
        ("Iran said so.", "قال العراق", "Iran said so."),
        ("", "قال العراق", ""),
    ],
)  # fmt: skip
def test_enforce(terms: Terms, english: str, arabic: str, expected: str) -> None:
    corrected, corrections = terms.enforce(english, arabic)
    assert corrected == expected
    assert (corrections == ()) is (corrected == english)
    for each in corrections:
        assert each.before in english
        assert each.after in corrected
    assert terms.enforce(corrected, arabic) == (corrected, ())


def test_enforce_leaves_rivals_alone(terms: Terms) -> None:
    entries = read_gazetteer(
        "person\ta\tسامي حداد | short:حداد\tSami Haddad | short:Haddad\n"
        "person\tb\tسامر حدادي | short:حدادي\tSamer Haddadi | short:Haddadi\n",
        name="rivals",
    )
    rivals = Terms.of(entries)
    assert rivals.enforce("Hadadd said", "حداد وحدادي")[0] in {"Hadadd said", "Haddad said"}
    assert terms.enforce("Zzz Qqq", "قال الكاظمي") == ("Zzz Qqq", ())


def test_enforce_spells_a_listed_name_one_way(terms: Terms) -> None:
    arabic = "التقى السفير ماثيو تولر"
    first = terms.enforce("Ambassador Mathieu Tolar met", arabic)[0]
    second = terms.enforce("Ambassador Mathew Toller met", arabic)[0]
    assert first == second == f"Ambassador {terms.find(arabic)[-1].english[0]} met"


def test_hint_writes_names_in_latin_letters(terms: Terms) -> None:
    assert terms.hint("والكاظمي") == "و al-Kadhimi"
    assert terms.hint("قال للناتو في بغداد") == "قال ل NATO في Baghdad"
    assert terms.hint("في العراق، بايدن") == "في العراق، Biden"
    assert terms.hint("لا أسماء هنا") == "لا أسماء هنا"
