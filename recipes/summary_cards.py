"""The texts that travel with a summarizer's adapter: card, licence and notice. They are not the translator's."""

from __future__ import annotations

from pathlib import Path

from recipes.cards import GEMMA_NOTICE
from recipes.settings import ExportSettings

NOTICE = f"""{GEMMA_NOTICE}.

These weights are a low-rank adapter on a Model Derivative of Gemma 3 270M (the translator named on the card) and by
themselves a Model Derivative too. They were made for this project; no file of Google's is in this folder.

Trained on news texts of France 24 and the BBC and, in its first steps, on titles and edited wire sentences of CNN, Sky News
Arabia and Al Arabiya, February to July 2018, from the published ANT corpus (Chouigui, Ben Khiroun & Elayeb, "An Arabic Multi-source News Corpus", ACM TALLIP 20, 2021). The
texts are the outlets'; none of them is in this folder.
"""

LICENSE = f"""{GEMMA_NOTICE}.

Whoever passes these weights on, changed or not, must pass on the Gemma Terms of Use and this notice, state that files
were modified, and keep the use restrictions of section 3.2 of the terms (the Gemma Prohibited Use Policy,
ai.google.dev/gemma/prohibited_use_policy) as an enforceable provision.

They were trained on news texts whose copyright is the outlets', for research. No outlet licensed its texts for this
purpose or endorses the result. Whether weights so made may be used commercially is for you and your lawyer to judge;
the translator's weights, which saw no news text, do not carry this question. The code of this project has its own
licence; that licence does not cover these weights.
"""

_CARD = """# {name}: Arabic news sentences → a shorter Arabic summary

{notice}. See `LICENSE` and `NOTICE`.

**What it is.** A low-rank adapter (LoRA) on `{base}`, this project's Arabic-to-English translator: the same 131 M
parameters, another task. Int8 factors, a few MB; at the first use they are merged into the base's int8 weights in the
user's cache. It runs without network, GPU or torch.

**Intended use.** Choosing what to leave out of one salient sentence of a Modern Standard Arabic news report. What it
writes is never shown: it is read as a choice of parts of the source sentence, only those count that the application's
rule lets go (`summarizer/shorten.py`), and what is left must pass the checks of numbers, dates, names and negation. Not to
be used without them, not for publication without a human eye, and not for decisions about people.

**How it is fed.** `<bos>` + tokens of one sentence + `<unused1>`; it writes the shorter sentence until `<eos>`. Inputs
up to about 250 tokens.

**Files.** `adapter.npz` (see `summarizer/models/adapters.py`), `SHA256SUMS`, `golden.jsonl` (inputs written for this
project and the model's own greedy answers), `LICENSE`, `NOTICE`.

## Data

News of the ANT corpus (class C: the outlets' copyright; research), and of it only pairs that teach no invention: the
target passes the application's check against its input, and nearly all of its content words stand there.
- *cuts*: a salient sentence, and the same without the parts that may go and that the editors' summary and title do not mention;
- *whole* sentences, from which nothing is to go;
- *standfirsts* and *abstracts* that editors of France 24 and the BBC wrote, cut to their sentences that the input bears out.
Left out: a quarter of the France 24 articles by a hash of their id, every article of the silver clusters, and every pair
that shares a run of eight words with either or with EASC (`recipes/summaries.py`).
"""


def write_card(name: str, base: str, settings: ExportSettings, scores: Path | None) -> str:
    """`scores` is a file of Markdown; with none, the card says that nothing was measured."""
    parts = [_CARD.format(name=name, base=base, notice=GEMMA_NOTICE)]
    for title, lines in (("Training", settings.training_notes), ("Limits", settings.limits)):
        if lines:
            parts.append(f"\n## {title}\n\n" + "".join(f"- {line}\n" for line in lines))
    measured = scores.read_text(encoding="utf-8") if scores else "Not measured for this export.\n"
    parts.append(f"\n## Scores\n\n{measured}")
    return "".join(parts)
