"""Where the five example reports are: beside this package in a checkout, inside it in an installed Mujaz."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_NAME: Final = Path("examples") / "iraq-us-dialogue"
_CHECKOUT: Final = Path(__file__).parent.parent / _NAME

#: Five reports of five outlets on the Iraq-US strategic dialogue of 2021, as they were published.
EXAMPLE_REPORTS: Final = _CHECKOUT if _CHECKOUT.is_dir() else Path(__file__).parent / "data" / _NAME
