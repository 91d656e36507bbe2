"""What a model says of prepared pairs, and how good each of its answers is: what `recipes.risk` trains on.

    python -m recipes.risk_answers RECIPE --data pairs.npz --base models/ar-en-v6 --adapter models/ar-en-v9 --out answers.jsonl

A line a pair: its place in the pairs, the answers of a beam (token ids, the model's order) and a reward each, 1 at most. Lines are
written as they come, and the same command goes on after the last one.

The reward is the mean of the sentence's BLEU (add-one: Lin & Och, COLING 2004) and chrF1 against the pair's own English, less for
what is longer than that, for each check of the application that fails where the English passes it, and for words left out where the
English leaves none out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from sacrebleu.metrics import BLEU, CHRF
from tokenizers import Tokenizer

from recipes.prepare import GLOSS_MARKS
from recipes.settings import Recipe, RecipeError, RiskSettings, load_recipe
from summarizer.engines.allocator import keep_freed_memory
from summarizer.faithfulness import check_english
from summarizer.lexicon import load as load_lexicon
from summarizer.models.bundled import unpack_bundled
from summarizer.terms import Terms

_AT_ONCE = 100  # pairs, written together
_BATCH_TOKENS = 1600
_MOST_NEW_TOKENS = 96


class Pairs:
    """The prepared pairs as a model is fed them (tokens) and as texts."""

    def __init__(self, path: Path, tokenizer: Tokenizer) -> None:
        stored = np.load(path)
        self._tokens, self._offsets = stored["tokens"], stored["offsets"]
        self._prompts = stored["prompt_lengths"].astype(np.int64)
        self._tokenizer = tokenizer

    def chosen(self, settings: RiskSettings, seed: int) -> list[int]:
        """Return the pairs that are asked, in an order that only the seed decides."""
        lengths = np.diff(self._offsets)
        targets = lengths - self._prompts
        fit = (targets >= settings.least_target_tokens) & (lengths <= settings.most_tokens)
        order = np.random.default_rng(seed).permutation(np.flatnonzero(fit))
        return [int(i) for i in order[settings.skip : settings.skip + settings.pairs]]

    def prompt(self, i: int) -> list[str]:
        return [str(self._tokenizer.id_to_token(int(t))) for t in self._row(i)[: self._prompts[i]]]

    def arabic(self, i: int) -> str:
        """Return the sentence without marks and glosses."""
        prompt = self.prompt(i)[1:]
        end = prompt.index(GLOSS_MARKS[0]) if GLOSS_MARKS[0] in prompt else len(prompt) - 1
        return str(self._tokenizer.decoder.decode(prompt[:end])).strip()

    def english(self, i: int) -> str:
        return self.text(self._row(i)[self._prompts[i] :])

    def text(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> str:
        return str(self._tokenizer.decode([int(t) for t in ids], skip_special_tokens=True)).strip()

    def _row(self, i: int) -> npt.NDArray[np.integer]:
        row: npt.NDArray[np.integer] = self._tokens[self._offsets[i] : self._offsets[i + 1]]
        return row


class Judge:
    """Rewards answers to one pair after another."""

    def __init__(self, settings: RiskSettings) -> None:
        self._settings = settings
        self._terms, self._lexicon = Terms.load(), load_lexicon()
        self._bleu = BLEU(effective_order=True, smooth_method="add-k", smooth_value=1)
        self._chrf = CHRF(beta=1)

    def rewards(self, answers: Sequence[str], arabic: str, english: str) -> list[float]:
        """Return the reward of each answer; ``english`` is the pair's own."""
        failing, omitting = self._faults(english, arabic)
        words = max(1, len(english.split()))
        rewards = []
        for answer in answers:
            fails, omits = self._faults(answer, arabic)
            likeness = (
                self._bleu.sentence_score(answer, [english]).score
                + self._chrf.sentence_score(answer, [english]).score
            ) / 200
            costs = (
                self._settings.length_cost * max(0.0, len(answer.split()) / words - 1)
                + self._settings.check_cost * max(0, fails - failing)
                + self._settings.omission_cost * max(0, omits - omitting)
            )
            rewards.append(round(likeness - costs, 4))
        return rewards

    def _faults(self, english: str, arabic: str) -> tuple[int, int]:
        checks = check_english(english, arabic, terms=self._terms)
        failed = sum(each.verdict == "fail" for each in checks)
        return failed, len(self._lexicon.omitted(english, arabic))


def write_answers(recipe: Recipe, data: Path, model: Path, out: Path) -> None:
    """Ask and judge what is not in ``out`` yet. Raises ``RecipeError`` where the recipe has no `risk` section."""
    settings = recipe.risk
    if settings is None:
        raise RecipeError("the recipe has no section `risk`")
    keep_freed_memory()
    generator = ctranslate2.Generator(str(model), compute_type="int8", inter_threads=recipe.train.threads)
    pairs = Pairs(data, Tokenizer.from_file(str(model / "tokenizer.json")))
    judge = Judge(settings)
    wanted = pairs.chosen(settings, recipe.seed)
    with out.open("a+", encoding="utf-8") as lines:
        lines.seek(0)
        done = {json.loads(line)["pair"] for line in lines}
        left = [i for i in wanted if i not in done]
        for start in range(0, len(left), _AT_ONCE):
            part = sorted(left[start : start + _AT_ONCE], key=lambda i: len(pairs.prompt(i)))
            for i, answers in zip(
                part, _ask(generator, [pairs.prompt(i) for i in part], settings), strict=True
            ):
                texts = [pairs.text(ids) for ids in answers]
                rewards = judge.rewards(texts, pairs.arabic(i), pairs.english(i))
                lines.write(json.dumps({"pair": i, "answers": answers, "rewards": rewards}) + "\n")
            lines.flush()
            print(f"{len(done) + start + len(part)} of {len(wanted)} pairs", flush=True)


def _ask(
    generator: ctranslate2.Generator, prompts: list[list[str]], settings: RiskSettings
) -> Iterator[list[list[int]]]:
    """Yield the different answers to each prompt, without their end."""
    for result in generator.generate_batch(
        prompts,
        beam_size=settings.beam,
        num_hypotheses=settings.beam,
        max_length=_MOST_NEW_TOKENS,
        include_prompt_in_result=False,
        no_repeat_ngram_size=4,
        max_batch_size=_BATCH_TOKENS,
        batch_type="tokens",
        end_token="<eos>",
    ):
        yield [list(ids) for ids in dict.fromkeys(map(tuple, result.sequences_ids))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="written by recipes.prepare")
    parser.add_argument("--base", type=Path, required=True, help="a release")
    parser.add_argument("--adapter", type=Path, help="one on that release")
    parser.add_argument("--out", type=Path, required=True, help="JSONL; gone on with where it is there")
    options = parser.parse_args()
    model = unpack_bundled(options.base, adapter=options.adapter, multi_query=True)
    write_answers(load_recipe(options.recipe), options.data, model, options.out)


if __name__ == "__main__":
    main()
