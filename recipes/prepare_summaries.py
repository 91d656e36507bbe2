"""News articles → one compact file of tokens to train the Arabic summarizer on.

    python -m recipes.prepare_summaries recipes/summarize_ar.yaml --data DATA --tokenizer BASE/tokenizer.json --out pairs.npz

Rows are `<bos> salient sentences <unused1> summary <eos>`, in the form that `recipes.train` reads; `pairs.report.json`
counts what each filter dropped. What a pair is: `summaries.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from recipes.prepare import SUMMARY_MARK, run_prepare, write_rows
from recipes.settings import RecipeError, SummaryRecipe, load_run
from recipes.summaries import SummaryPair, build_pairs


def tokenize_pairs(
    pairs: Sequence[SummaryPair], tokenizer: Tokenizer, *, max_tokens: int
) -> dict[str, np.ndarray]:
    """All pairs end to end, with where each starts and how long its prompt is; longer ones are left out."""
    vocabulary = tokenizer.get_vocab()
    if missing := [token for token in ("<bos>", SUMMARY_MARK, "<eos>") if token not in vocabulary]:
        raise RecipeError(f"the tokenizer has no {', '.join(missing)}")
    bos, mark, eos = vocabulary["<bos>"], vocabulary[SUMMARY_MARK], vocabulary["<eos>"]
    sources = tokenizer.encode_batch([pair.source_text for pair in pairs], add_special_tokens=False)
    targets = tokenizer.encode_batch([pair.target for pair in pairs], add_special_tokens=False)
    names = sorted({pair.kind for pair in pairs})
    tokens: list[int] = []
    offsets, prompts, kinds = [0], [], []
    for pair, source, target in zip(pairs, sources, targets, strict=True):
        if len(source.ids) + len(target.ids) + 3 > max_tokens:
            continue
        tokens += [bos, *source.ids, mark, *target.ids, eos]
        offsets.append(len(tokens))
        prompts.append(len(source.ids) + 2)
        kinds.append(names.index(pair.kind))
    return {
        "tokens": np.array(tokens, dtype=np.uint16 if tokenizer.get_vocab_size() <= 1 << 16 else np.uint32),
        "offsets": np.array(offsets, dtype=np.int64),
        "prompt_lengths": np.array(prompts, dtype=np.uint16),
        "sources": np.array(kinds, dtype=np.uint8),
        "source_names": np.array(names),
    }


def prepare(recipe_path: Path, data: Path, tokenizer_path: Path, out: Path) -> dict[str, dict[str, int]]:
    recipe = load_run(recipe_path)
    if not isinstance(recipe, SummaryRecipe):
        raise RecipeError(f"{recipe_path} is no recipe of a summarizer: it lacks `task: summarization`")
    pairs, counts = build_pairs(recipe.prepare, data, recipe.seed)
    arrays = tokenize_pairs(
        pairs, Tokenizer.from_file(str(tokenizer_path)), max_tokens=recipe.prepare.max_tokens
    )
    return write_rows(out, arrays, counts)


def main() -> None:
    run_prepare(__doc__, prepare)


if __name__ == "__main__":
    main()
