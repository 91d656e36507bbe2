"""The texts that travel with the weights: card, licence and notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recipes.settings import ExportSettings

GEMMA_NOTICE = (
    "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms"
)

NOTICE = f"""{GEMMA_NOTICE}.

These weights are a Model Derivative of Gemma 3 270M. The files in this folder were modified: the vocabulary was cut
from 262,144 to 48,006 pieces, all parameters were fine-tuned for Arabic-to-English translation, and the result was
quantised to int8 for CTranslate2.

Training text under attribution licences: Tatoeba (CC-BY 2.0 FR), XQuAD and MLQA (CC-BY-SA), ethereum.org and
opensource.guide (MIT / CC-BY), nextstrain narratives (CC-BY 4.0), Debian handbook (GPL / CC-BY-SA), Unicode CLDR.
"""

GLOSSES_NOTICE = """
`glosses.tsv.gz` is no part of the weights: the dictionary of the Buckwalter Arabic Morphological Analyzer 1.0, GPL version 2,
see `LICENSE.glosses`. The model was trained on inputs that held glosses of it.
"""

ADAPTER_NOTICE = NOTICE.replace(
    "all parameters were fine-tuned for Arabic-to-English translation, and the result was\nquantised to int8 for CTranslate2.",
    "all parameters were fine-tuned for Arabic-to-English translation, and a\nlow-rank adapter was trained on top; this folder holds that adapter, quantised to int8.",
)

LICENSE = f"""{GEMMA_NOTICE}.

Whoever passes these weights on, changed or not, must pass on the Gemma Terms of Use and this notice, state that files
were modified, and keep the use restrictions of section 3.2 of the terms (the Gemma Prohibited Use Policy,
ai.google.dev/gemma/prohibited_use_policy) as an enforceable provision. The code of this project has its own licence;
that licence does not cover these weights.
"""

#: What `glosses.tsv.gz` is, and the terms it is under.
GLOSSES_LICENSE = """`glosses.tsv.gz` is data, not part of the weights or of this project's code, and has a licence of its own. It is made of the
dictionaries of the Buckwalter Arabic Morphological Analyzer Version 1.0: portions (c) 2002 QAMUS LLC (www.qamus.org), (c) 2002
Trustees of the University of Pennsylvania. Changes: Arabic letters instead of transliteration, no vowels, at most three
glosses of a reading without notes in brackets, no glosses of particles, names and number words, and a list of common words
beside them (`recipes/glosses.py`). The source is the file itself: it is text, compressed with gzip.

It is free software; you can redistribute it and/or modify it under the terms of the GNU General Public License as published
by the Free Software Foundation, version 2, which follows. It is distributed in the hope that it will be useful, but WITHOUT ANY
WARRANTY; without even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.

""" + Path(__file__).with_name("gpl-2.0.txt").read_text(encoding="utf-8")

_CARD = """# {name}: Arabic → English, one sentence at a time

{notice}. See `LICENSE` and `NOTICE`; the files were modified.

**What it is.** Gemma 3 270M (base), its vocabulary cut to the 48,006 pieces that Arabic and English need (131 M
parameters), fine-tuned for one direction; int8 for CTranslate2, 132 MB. It runs without network, GPU or torch.

**Intended use.** First reading of Modern Standard Arabic news in English, with the Arabic in sight and every number,
date, name and negation checked by the application. Not for publication without a human eye, and not for decisions
about people.

**How it is fed.** `<bos>` + tokens of one Arabic sentence + `<unused0>`; it writes English until `<eos>`. {fed}Sentences up
to about 60 words. Names already in Latin letters in the Arabic are meant to be copied.

**Files.** {files}`config.json`, `vocabulary.json`, `tokenizer.json`, `model.bin.part-*` (joined: `model.bin`), `SHA256SUMS`
(also of the joined file), `golden.jsonl` (sentences and this model's own greedy output), `LICENSE`, `NOTICE`.
"""

_GLOSSED = """After the sentence
stand its rare words with the glosses that a dictionary has for them, `<unused2> الرصيف<unused3> sidewalk; platform`
(`summarizer/glosses.py`); it works without them, but worse. """

_ADAPTER_CARD = """# {name}: Arabic → English, one sentence at a time

{notice}. See `LICENSE` and `NOTICE`; the files were modified.

**What it is.** A low-rank adapter (LoRA) on `{base}`, the release before it: Gemma 3 270M (base), its vocabulary cut to the
48,006 pieces that Arabic and English need (131 M parameters), fine-tuned for one direction. Int8 factors; at the first use
they are merged into the base's int8 weights in the user's cache. It runs without network, GPU or torch.

**Intended use.** First reading of Modern Standard Arabic news in English, with the Arabic in sight and every number,
date, name and negation checked by the application. Not for publication without a human eye, and not for decisions
about people.

**How it is fed.** `<bos>` + tokens of one Arabic sentence + `<unused0>`; it writes English until `<eos>`. After the sentence
stand its rare words with the glosses that a dictionary has for them, `<unused2> الرصيف<unused3> sidewalk; platform`
(`summarizer/glosses.py`); it works without them, but worse. Sentences up to about 60 words. Names already in Latin letters
in the Arabic are meant to be copied.

**Files.** `adapter.npz` (see `summarizer/models/adapters.py`), {files}`SHA256SUMS`,
`golden.jsonl` (sentences and the merged model's own greedy output), `LICENSE`, `NOTICE`.
"""

_DATA = """
## Data

Openly licensed pairs only (permissive, attribution, share-alike): exam questions on law, politics, history and medicine
(Arabic written by a language model from human English, Apache-2.0 / MIT), Tatoeba (CC-BY 2.0 FR), Wikipedia paragraphs
and questions (XQuAD, MLQA: CC-BY-SA), TICO-19 dev (CC0), UN goals and human rights texts, Creative Commons legal code
(CC0), essays, policy, explainers and tutorials (MIT, CC-BY, MPL, GPL), situation reports (CC-BY), person names from
Wikidata (CC0), place names (Unicode, LGPL, ODbL), and news-style sentences written for this project: from templates
(`recipes/synthetic.py`) and, since ar-en-v4, by a large language model, both languages (`recipes/written/`, Apache-2.0).
No pair shares a run of eight words with FLORES-200 dev and devtest or TICO-19 test, nor since ar-en-v4 with this project's own
sets. No text of a news outlet was used.
"""

_SCORED = (
    "Greedy, no_repeat_ngram_size 4, int8. `challenge` and `source_sentences` are this project's own news sets; their English\n"
    "was written by a language model, as that of `recipes/written/` was, so their wording may be nearer to a model trained on\n"
    "it than another translator's would be. FLORES-200 and TICO-19 are independent of both. p: paired bootstrap of 1,000\n"
    "samples against the first model. Signatures:\n\n"
)
_CURVE = "On the first sentences of FLORES-200 dev (never on a test set); step 0 is the starting point.\n\n"


def write_card(
    name: str,
    settings: ExportSettings,
    scores: Path | None,
    *,
    base: str | None = None,
    glossed: bool = False,
) -> str:
    """`scores` is the folder that `recipes.score` wrote; with none, the card says that nothing was measured.

    `base` names the release that the weights are an adapter on, if they are one; `glossed` weights have a dictionary beside them.
    """
    card = _ADAPTER_CARD if base else _CARD
    fed = _GLOSSED if glossed else ""
    files = "`glosses.tsv.gz` (GPL version 2: `LICENSE.glosses`), " if glossed else ""
    parts = [card.format(name=name, notice=GEMMA_NOTICE, base=base, fed=fed, files=files), _DATA]
    if settings.training_notes:
        parts.append("\n## Training\n\n" + _bullets(settings.training_notes))
    parts.append(
        "\n## Scores\n\n"
        + (_scores(scores) if scores else "The bare model was not scored for this export.\n")
    )
    if scores and (scores / "curve.json").exists():
        parts.append("\n## Learning curve\n\n" + _CURVE + _table(_read(scores / "curve.json")))
    if settings.limits:
        parts.append("\n## Limits\n\n" + _bullets(settings.limits))
    return "".join(parts)


def _scores(folder: Path) -> str:
    rows = _read(folder / "scores.json")
    signatures = {f"{k}: `{v}`" for row in rows for k, v in row.pop("signatures", {}).items()}
    return _table(rows) + "\n" + _SCORED + "".join(f"- {line}\n" for line in sorted(signatures))


def _read(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _bullets(lines: list[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(rows: list[dict[str, Any]]) -> str:
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += [
        "| " + " | ".join("" if row.get(h) is None else str(row[h]) for h in heads) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"
