"""How dates and numbers that Mujaz itself writes (not its sources) look to readers of either language."""

from __future__ import annotations

import datetime
import re
from typing import Final

from summarizer.schema import Bilingual

_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Levantine and Egyptian names side by side, as Arab news agencies write them.
_MONTHS_AR: Final = (
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
    "تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
)  # fmt: skip

_ISO_DATE: Final = re.compile(
    r"(?:(?P<year>[0-9]{4})(?:-(?=[0-9])|$|(?=[T ]))|--)(?:(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2})(?::[0-9]{2}(?:[.,][0-9]+)?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
#: A leap year: 29 February is a day of some year.
_ANY_YEAR: Final = 2000


def format_date(iso: str) -> Bilingual:
    """Return an ISO date, as exact as it is, in both languages; what is not one comes back as it came.

    ``2021-04-07`` -> ``7 April 2021`` and ``7 نيسان/أبريل 2021``; ``2020-06`` -> ``June 2020``; ``2020`` -> ``2020``;
    without a year ``--04-07`` -> ``7 April``. A time of day stays in its own zone: ``7 April 2021, 09:30 UTC+03:00``.
    """
    match = _ISO_DATE.fullmatch(iso)
    if match is None or not (match["year"] or match["month"]):
        return Bilingual(ar=iso, en=iso)
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    try:
        datetime.date(year if match["year"] else _ANY_YEAR, month or 1, day or 1)
    except ValueError:
        return Bilingual(ar=iso, en=iso)
    if match["month"] is None:
        return Bilingual(ar=match["year"], en=match["year"])
    arabic, english = (
        " ".join(part for part in (str(day) if day else "", name, match["year"] or "") if part)
        for name in (_MONTHS_AR[month - 1], _MONTHS_EN[month - 1])
    )
    if match["time"]:
        zone = match["zone"] or ""
        clock = match["time"] + (" UTC" + zone.replace("Z", "") if zone else "")
        arabic, english = f"{arabic}، {clock}", f"{english}, {clock}"
    return Bilingual(ar=arabic, en=english)


def format_number(value: str) -> str:
    """Return a canonical number with thousands separators: ``2500`` -> ``2,500``; others come back as they came."""
    match = re.fullmatch(r"(\d{4,})(\.\d+)?(%?)", value)
    return f"{int(match[1]):,}{match[2] or ''}{match[3]}" if match else value
