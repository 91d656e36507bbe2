"""Run an exported translator with CTranslate2 alone: what golden sentences and scores are made with.

The application has its own engine; this one is kept to the recipe's needs, and shares only the folder's layout.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

import ctranslate2
from tokenizers import Tokenizer

from recipes.prepare import GLOSS_MARKS, PROMPT_END
from recipes.settings import RecipeError, ScoreSettings
from summarizer.glosses import GLOSSES_FILE, Glosses
from summarizer.models.adapters import merge_adapter
from summarizer.models.bundled import ADAPTER_FILE

_DEFAULTS = ScoreSettings(sets={})


def join_parts(folder: Path, into: BinaryIO | None = None) -> str:
    """Check the joined `model.bin.part-*` against SHA256SUMS; `into` receives the whole. Its digest."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    digest = hashlib.sha256()
    for part in sorted(folder.glob("model.bin.part-*")):
        data = part.read_bytes()
        digest.update(data)
        if into:
            into.write(data)
    if digest.hexdigest() != sums["model.bin"]:
        raise RecipeError(f"{folder}: the joined model.bin does not match SHA256SUMS")
    return sums["model.bin"]


def write_whole_weights(folder: Path, path: Path, adapter: Path | None = None) -> None:
    """Write the weights of a release in one piece, with an adapter's factors added where one is given."""
    with path.open("wb") as whole:
        if (folder / "model.bin").exists():
            with (folder / "model.bin").open("rb") as stored:
                shutil.copyfileobj(stored, whole)
        else:
            join_parts(folder, whole)
    if adapter:
        merge_adapter(path, adapter, base=hashlib.sha256(path.read_bytes()).hexdigest())


class Translator:
    """Greedy or beam translation of sentences, sorted by length into batches and put back in order.

    With ``adapter`` (a folder of ``recipes.export_adapter``) its factors are added to the weights of ``folder`` first. The
    input gets the glosses that the adapter, or else the folder, has.
    """

    def __init__(
        self,
        folder: Path,
        settings: ScoreSettings = _DEFAULTS,
        *,
        prompt_end: str = PROMPT_END,
        adapter: Path | None = None,
    ) -> None:
        self.settings, self.prompt_end = settings, prompt_end
        homes = [adapter, folder] if adapter else [folder]
        glosses = next((each for home in homes if (each := home / GLOSSES_FILE).exists()), None)
        # Nothing but a translation is asked with glosses.
        self.glosses = Glosses.load(glosses) if glosses and prompt_end == PROMPT_END else None
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        with tempfile.TemporaryDirectory() as scratch:  # read whole when it is opened
            home = folder
            if adapter or not (folder / "model.bin").exists():
                home = Path(scratch)
                for name in ("config.json", "vocabulary.json"):
                    shutil.copyfile(folder / name, home / name)
                write_whole_weights(folder, home / "model.bin", adapter / ADAPTER_FILE if adapter else None)
            self.generator = ctranslate2.Generator(
                str(home), device="cpu", intra_threads=settings.threads, compute_type="int8"
            )

    def translate(self, sentences: list[str]) -> list[str]:
        fed = [self.glosses.annotate(each, GLOSS_MARKS) if self.glosses else each for each in sentences]
        prompts = [
            ["<bos>", *encoded.tokens, self.prompt_end]
            for encoded in self.tokenizer.encode_batch(fed, add_special_tokens=False)
        ]
        first = GLOSS_MARKS[0]  # glosses stand after the text, and are not to be translated
        told = [each.index(first) + 1 if first in each else len(each) for each in prompts]
        out = [""] * len(sentences)
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        for start in range(0, len(order), self.settings.batch_size):
            batch = order[start : start + self.settings.batch_size]
            longest = max(told[i] for i in batch)
            results = self.generator.generate_batch(
                [prompts[i] for i in batch],
                beam_size=self.settings.beam_size,
                max_length=int(longest * self.settings.length_factor) + self.settings.length_extra,
                repetition_penalty=self.settings.repetition_penalty,
                no_repeat_ngram_size=self.settings.no_repeat_ngram_size,
                include_prompt_in_result=False,
                end_token="<eos>",
            )
            for i, result in zip(batch, results, strict=True):
                out[i] = self.tokenizer.decode(result.sequences_ids[0]).strip()
        return out
