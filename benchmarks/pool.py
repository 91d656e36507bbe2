"""The engine pool on the embedded model: one process beside 1 and 2 Ray actors, in interleaved rounds.

    python -m benchmarks.pool                    # 150 sentences of the challenge set
    python -m benchmarks.pool --actors 1 2 4 --rounds 5

Every contender translates the same sentences with the threads that one model would have, shared out; start and loading are
told apart from the rounds. Then one actor of the last pool is killed while it works: its batch must come again, and the
answers must be those of before, in order.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence

from eval.datasets import load_dataset
from summarizer.engines import Engine
from summarizer.engines.devices import threads
from summarizer.engines.pauses import between_batches
from summarizer.engines.pool import PoolSettings, RayEngine
from summarizer.modelinput import model_input
from summarizer.models import Registry

ONE: str = "one process"


def answers(engine: Engine, texts: Sequence[str]) -> list[str]:
    """Return the best answer to each text."""
    return [each[0].text for each in engine.generate(texts, hypotheses=2)]


def seconds_of(engine: Engine, texts: Sequence[str]) -> tuple[float, list[str]]:
    start = time.perf_counter()
    found = answers(engine, texts)
    return time.perf_counter() - start, found


def killed_in_the_middle(pool: RayEngine, texts: Sequence[str]) -> tuple[list[str], bool]:
    """Translate while an actor dies; return the answers, and whether it died before the end."""
    import ray

    batches: list[int] = []

    def kill() -> None:
        batches.append(len(batches))
        if len(batches) == 2:  # the first answers are there, the others are at work
            ray.kill(pool._actors[0], no_restart=False)

    with between_batches(kill):
        found = answers(pool, texts)
    return found, len(batches) > 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=150)
    parser.add_argument("--dataset", default="mujaz-challenge")
    parser.add_argument("--actors", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    texts = [
        model_input(item.sources[0]) for item in load_dataset(options.dataset, limit=options.sentences).items
    ]
    registry = Registry.load()
    spec = registry.task_model("translation")
    pools = {
        f"pool of {count}": RayEngine(spec, settings=PoolSettings.parse(f"ray:{count}"))
        for count in options.actors
    }
    engines: dict[str, Engine] = {ONE: registry.engine(spec.id), **pools}
    loading: dict[str, float] = {}
    first: dict[str, list[str]] = {}
    for name, engine in engines.items():
        # As many as there are copies, so that each loads its weights.
        loading[name], _ = seconds_of(engine, [f"{text} {name}" for text in texts[:8]])
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(options.rounds):
        names = [*engines][number % len(engines) :] + [*engines][: number % len(engines)]
        for name in names:
            spent, first[name] = seconds_of(engines[name], texts)
            taken[name].append(spent)
            print(f"round {number + 1}: {name}: {spent:.1f} s", file=sys.stderr, flush=True)
    print(
        f"{spec.id}, {len(texts)} sentences of {options.dataset}, {threads()} threads, {options.rounds} rounds\n"
    )
    print("| | first 8 sentences, loading included | seconds | sentences/s | answers as one process's |")
    print("|---|--:|--:|--:|--:|")
    for name, runs in taken.items():
        same = sum(a == b for a, b in zip(first[name], first[ONE], strict=True))
        median = statistics.median(runs)
        print(
            f"| {name} | {loading[name]:.1f} s | {median:.1f} ({min(runs):.1f}–{max(runs):.1f}) | "
            f"{len(texts) / median:.1f} | {same} of {len(texts)} |"
        )
    name, last = list(pools.items())[-1]
    found, died = killed_in_the_middle(last, texts)
    same = found == first[name]
    print(
        f"\n{name}, an actor {'killed at work' if died else 'NOT killed'}: {'the same answers' if same else 'OTHER ANSWERS'}"
    )
    for pool in pools.values():
        pool.close()


if __name__ == "__main__":
    main()
