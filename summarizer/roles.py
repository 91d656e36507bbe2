"""Who did it to whom: constructions in which a small model exchanges the two, found by rule and put right.

Arabic puts the doer behind a noun of action and the other one behind him or behind ``لـ``: "اغتيال إدارة ترامب الجنرال", "استهداف
الميليشيات للمنطقة". English "of" then takes the wrong one. Every name and number of such a sentence is right, so no other
check sees it. Each construction is looked for on both sides; where the Arabic does not have it, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Who killed, as an English sentence has it that made him the victim: "the assassination of the Trump administration, the general".
_VICTIM: Final = re.compile(
    r"\b(?P<deed>[Aa]ssassination|[Kk]illing) of (?P<who>the [A-Z][\w-]+ (?:administration|government)|(?:[A-Z]\w+ )?President [A-Z][\w-]+)(?!['’])"
    r"(?P<when> in (?:[A-Z][a-z]+ )?\d{4})?(?P<whom>,? (?:of )?(?=the |[A-Z]))?"
)
#: An administration right behind the deed is who did it.
_KILLED_BY: Final = re.compile(r"(?:اغتيال|قتل)\s+(?:إدارة|ادارة|حكومة)")
#: A deed of nobody, in English that has neither an administration nor a doer: "the assassination of Iranian General Trump".
_BY_NOBODY: Final = re.compile(r"\b[Tt]he (?:assassination|killing) of (?!.*\bby\b)(?:[A-Z][\w.-]+ ?)*")
_DOER: Final = re.compile(r"\b(?:[Aa]dministration|[Gg]overnment)\b")
#: Attackers whom the English made the target, behind the place that they attack: "targeting of the Green Zone militias".
_TARGET: Final = re.compile(
    r"\b(?P<deed>[Tt]argeting|[Ss]helling|[Bb]ombing|[Bb]ombardment|[Ss]torming|[Aa]ttacking) (?:of )?the (?P<place>(?:[A-Z][\w'-]+ )+)"
    r"(?P<who>militias|militants|militiamen|factions|groups|forces|fighters|gunmen|rebels|settlers|insurgents|troops|drones|warplanes|protesters)\b"
)
_TARGETED_BY: Final = re.compile(r"(?:استهداف|مهاجمة|قصف|اقتحام|ضرب)\s+ال\w+\s+لل?\w+")
#: Whose secretary somebody is, whom the English has him talk to, or whose it made him: "Iraq's press secretary, Jen Psaki, asked the White House".
_TOLD: Final = re.compile(
    r"\b(?P<whose>[A-Z]\w+['’]s )?(?P<office>(?:[Pp]ress [Ss]ecretary|[Ss]pokes(?:man|woman|person)),? (?:[A-Z][\w'-]+,? ){1,3})"
    r"(?P<verb>told|asked|urged|informed) the White House\b"
)
_SECRETARY_OF: Final = re.compile(
    r"(?:السكرتير|المتحدث|الناطق)\w*(?:\s+(?:الصحفي|الإعلامي|الاعلامي|الرسمي|باسم)\w*)*\s+(?:لل|ال)بيت\s+ال[أا]بيض"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangedRoles:
    """A stretch of the English that has the roles wrong, and the Arabic that says so; offsets in code points."""

    start: int
    end: int
    right: str | None  # what should stand there; None where more would have to change
    source_start: int
    source_end: int


def exchanged_roles(english: str, arabic: str) -> Iterator[ExchangedRoles]:
    """Yield the stretches of ``english`` in which who did it and whom it was done to are exchanged."""
    for wrong, says, write in (
        (_VICTIM, _KILLED_BY, _victim),
        *([] if _DOER.search(english) else [(_BY_NOBODY, _KILLED_BY, _unmended)]),
        (_TARGET, _TARGETED_BY, _target),
        (_TOLD, _SECRETARY_OF, _told),
    ):
        source = says.search(arabic)
        if source is None:
            continue
        for match in wrong.finditer(english):
            yield ExchangedRoles(
                start=match.start(),
                end=match.start() + len(match[0].rstrip()),
                right=write(match),
                source_start=source.start(),
                source_end=source.end(),
            )


def _victim(match: re.Match[str]) -> str | None:
    if match["whom"] is None:
        return None
    who = match["who"]
    if not who.startswith("the "):  # a president for the administration that the Arabic has
        who = f"the {who.split()[-1]} administration"
    return f"{match['deed']} by {who}{match['when'] or ''} of"


def _unmended(_match: re.Match[str]) -> None:
    return None


def _target(match: re.Match[str]) -> str:
    return f"{match['deed']} of the {match['place']}by {match['who']}"


def _told(match: re.Match[str]) -> str | None:
    if match["whose"] or match["verb"] != "told":
        return None
    return f"White House {match['office']}said"
