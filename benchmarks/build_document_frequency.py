"""Build ``summarizer/data/document_frequency.tsv.xz``: in how many news reports each word key occurs.

    MUJAZ_DATA=/path/to/data python -m benchmarks.build_document_frequency [OUT]

Reads the SaudiNewsNet articles (July 2015) and the ANT articles (February to July 2018) under ``$MUJAZ_DATA/sum``
and writes counts of word keys only: no text and no order of words can be told from them. Rare keys are left out;
the clusterer takes them for unseen ones.
"""

from __future__ import annotations

import json
import lzma
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from summarizer.cluster import word_keys

#: The collections, under ``$MUJAZ_DATA/sum``.
CORPORA: Final = ("saudinewsnet_july.jsonl.xz", "ant_v2.1_to_2018-07-15.jsonl.xz")
#: Keys in fewer reports are left out. At 8 the table has 21,983 keys in 69 kB.
MIN_REPORTS: Final = 8
HEADER: Final = """\
# In how many Arabic news reports each word key occurs (see summarizer.cluster.word_key).
# Derived, as counts only, from SaudiNewsNet (Saudi press, 21-31 July 2015) and ANT (Sky News Arabia, Al Arabiya,
# France 24, BBC, CNN; February-July 2018). Built by benchmarks/build_document_frequency.py. Keys in fewer than
# {minimum} reports are left out.
"""


def count(folder: Path, *, corpora: tuple[str, ...] = CORPORA) -> tuple[int, Counter[str]]:
    """Return the number of reports and, for every word key, the number of reports that hold it."""
    reports, frequency = 0, Counter[str]()
    for name in corpora:
        with lzma.open(folder / "sum" / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                frequency.update(set(word_keys(f"{row['title'] or ''}\n{row['document']}")))
                reports += 1
    return reports, frequency


def write(path: Path, *, reports: int, frequency: Counter[str], minimum: int = MIN_REPORTS) -> int:
    """Write the table, most frequent keys first; return how many keys it has."""
    rows = sorted(
        ((key, n) for key, n in frequency.items() if n >= minimum), key=lambda row: (-row[1], row[0])
    )
    lines = [f"reports\t{reports}", *(f"{key}\t{n}" for key, n in rows)]
    text = HEADER.format(minimum=minimum) + "\n".join(lines) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(text.encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))
    return len(rows)


def main(arguments: list[str]) -> int:
    data = os.environ.get("MUJAZ_DATA")
    if not data:
        sys.stderr.write("set MUJAZ_DATA to the folder that holds sum/\n")
        return 2
    default = Path(__file__).parent.parent / "summarizer" / "data" / "document_frequency.tsv.xz"
    out = Path(arguments[0]) if arguments else default
    reports, frequency = count(Path(data))
    keys = write(out, reports=reports, frequency=frequency)
    sys.stdout.write(f"{out}: {keys} keys of {reports} reports, {out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
