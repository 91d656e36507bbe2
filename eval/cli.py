"""``mujaz bench``: one thin function a command. The harness does the work; only this file prints."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from eval.datasets import Dataset, list_cards, load_dataset
from eval.items import TASKS, Task
from eval.metrics import REGISTRY, metrics_for
from eval.results import DEFAULT_RESULTS, Result, latest, read_results
from summarizer.errors import InputError, MujazError

app = typer.Typer(
    help="Measure summaries, translations, clusters, sentences and facts; compare systems; write a report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

TaskName = StrEnum("TaskName", {task: task for task in TASKS})  # type: ignore[misc]


class TestName(StrEnum):
    """The significance tests."""

    __test__ = False  # not a test class, whatever its name says

    randomization = "randomization"
    bootstrap = "bootstrap"


class Form(StrEnum):
    """The forms of a table."""

    text = "text"
    json = "json"


Advance = Callable[[str, int, int], None]

DatasetsOption = Annotated[
    list[str], typer.Option("--dataset", help="A card, card:FILE or jsonl:FILE; repeat for several.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="The folder of the corpora. Default: $MUJAZ_DATA.")
]
ResultsOption = Annotated[Path, typer.Option("--results", help="Where result files are.")]
MetricsOption = Annotated[
    list[str] | None, typer.Option("--metric", help="A metric; repeat for several. Default: the task's.")
]
ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="A models.yaml of your own, read over the built-in one.")
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Only the first items: a try, not comparable with the whole."),
]
FormOption = Annotated[Form, typer.Option("--format", help="text: tables; json: for programs.")]


# --- list ---------------------------------------------------------------------------------------


@app.command("list")
def list_all(
    *,
    task: Annotated[TaskName | None, typer.Option("--task", help="Only what serves this task.")] = None,
    form: FormOption = Form.text,
) -> None:
    """List datasets, metrics and systems.

    \b
    mujaz bench list
    mujaz bench list --task translate
    """
    from eval.systems import DEFAULT_SYSTEMS

    tasks = [each for each in TASKS if task is None or each == task.value]
    cards = [card for card in list_cards() if card.task in tasks]
    if form is Form.json:
        plain = {
            "datasets": [
                {
                    "id": card.id, "task": card.task, "title": card.title, "size": card.size, "licence": card.licence,
                    "available": card.available_as, "silver": card.silver,
                }
                for card in cards
            ],
            "metrics": {each: metrics_for(each) for each in tasks},
            "systems": {each: DEFAULT_SYSTEMS[each] for each in tasks},
        }  # fmt: skip
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    for each in tasks:
        print(f"{each}\n  datasets")
        for card in cards:
            if card.task == each:
                print(f"    {card.id:<24} {card.size} · {card.licence} · {card.available_as}")
        print(f"  metrics    {', '.join(metrics_for(each))}")
        print(f"  systems    {', '.join(DEFAULT_SYSTEMS[each])}; model:ID, files:PATH")
    print(f"every metric: {', '.join(REGISTRY)}")


# --- run ----------------------------------------------------------------------------------------


@app.command()
def run(
    *,
    dataset: DatasetsOption,
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system", help="profile:NAME, model:ID, baseline:NAME, files:PATH; repeat for several."
        ),
    ] = None,
    metric: MetricsOption = None,
    task: Annotated[TaskName | None, typer.Option("--task", help="What a jsonl:FILE is for.")] = None,
    sentences: Annotated[
        int | None, typer.Option("--sentences", min=1, help="Sentences of every summary.")
    ] = None,
    limit: LimitOption = None,
    data: DataOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    models: ModelsOption = None,
    form: FormOption = Form.text,
) -> None:
    """Run systems on datasets and store signed results; what was run before is not run again.

    Without --system: the baselines of the task and the embedded profile. A run that was killed goes on where it was.

    \b
    mujaz bench run --dataset mujaz-challenge
    mujaz bench run --dataset flores200-devtest --system model:ar-en --system files:outputs/ --data corpora/
    mujaz bench run --dataset jsonl:mine.jsonl --task summarize --system profile:embedded --metric rouge1
    """
    found = [
        (load_dataset(each, data=data, limit=limit, task=_task(task)), limit is not None) for each in dataset
    ]
    _print_results(
        [
            each
            for one, limited in found
            for each in _run_all(
                one, system, metric, results=results, models=models, sentences=sentences, limited=limited
            )
        ],
        form,
    )


def _task(name: TaskName | None) -> Task | None:
    return next((task for task in TASKS if name is not None and task == name.value), None)


#: Systems whose summaries have a number of sentences.
_COUNTED: Final = ("profile", "baseline", "pivot")


def _run_all(
    dataset: Dataset,
    systems: Sequence[str] | None,
    metrics: Sequence[str] | None,
    *,
    results: Path,
    models: Path | None,
    sentences: int | None = None,
    limited: bool = False,
) -> list[Result]:
    from eval.run import run_benchmark
    from eval.systems import DEFAULT_SYSTEMS, create_system, expand_specs, split_spec, with_options

    if sentences is not None and dataset.task != "summarize":
        raise InputError(f"--sentences is for summaries; {dataset.id} is for {dataset.task}")
    specs = expand_specs(systems or DEFAULT_SYSTEMS[dataset.task])
    if not systems:
        specs = tuple(spec for spec in specs if spec != "baseline:oracle" or _has_references(dataset))
    done = []
    for given in specs:
        kind, _, options = split_spec(given)
        counted = sentences is not None and kind in _COUNTED and not {"words", "share"} & set(options)
        spec = with_options(given, {"sentences": sentences}) if counted else given
        made = create_system(spec, dataset, models=models, limited=limited)
        with _progress(f"{made.spec} on {dataset.id}") as advance:
            done.append(run_benchmark(dataset, made, metrics=metrics, results=results, progress=advance))
        del made  # and its model: the next system's memory is its own
    return done


def _has_references(dataset: Dataset) -> bool:
    return all(item.references for item in dataset.items)


# --- compare and report -------------------------------------------------------------------------


@app.command()
def compare(
    *,
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", help="Only these datasets; default: all.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="Only these systems; default: all.")
    ] = None,
    metric: MetricsOption = None,
    test: Annotated[
        TestName, typer.Option("--test", help="The paired test that p-values come from.")
    ] = TestName.randomization,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help="Trials of each test.")] = None,
    results: ResultsOption = DEFAULT_RESULTS,
    form: FormOption = Form.text,
) -> None:
    """Compare stored results: scores with intervals, which differences are significant, what cannot be concluded.

    Refuses results on different items or with different signatures.

    \b
    mujaz bench compare
    mujaz bench compare --dataset flores200-devtest --metric bleu --metric chrf2
    mujaz bench compare --dataset flores200-devtest --system model:ar-en --system files:google
    """
    from eval.compare import compare as compare_results

    chosen = _chosen(results, dataset, system)
    findings = [
        finding
        for group in _by_dataset(chosen)
        for finding in compare_results(
            group,
            metrics=metric,
            test="bootstrap" if test is TestName.bootstrap else "randomization",
            samples=samples,
        )
    ]
    if form is Form.json:
        print(json.dumps([_finding_plain(finding) for finding in findings], ensure_ascii=False, indent=1))
        return
    for number, finding in enumerate(findings):
        if number:
            print()
        _print_finding(finding)


def _chosen(results: Path, datasets: Sequence[str] | None, systems: Sequence[str] | None) -> list[Result]:
    """Return the newest results of the datasets and systems named. Raises ``InputError`` where one has none."""
    found = latest(read_results(results))
    for name in datasets or ():
        if all(result.dataset_id != name for result in found):
            raise InputError(
                f"{results} holds no result on {name!r} (it has: {_names(r.dataset_id for r in found)})"
            )
    for name in systems or ():
        if all(result.system_id != name for result in found):
            raise InputError(
                f"{results} holds no result of {name!r} (it has: {_names(r.system_id for r in found)})"
            )
    chosen = [
        result
        for result in found
        if (not datasets or result.dataset_id in datasets) and (not systems or result.system_id in systems)
    ]
    if not chosen:
        raise InputError(f"{results} holds no result to show; make some with: mujaz bench run")
    return chosen


def _names(names: Iterator[str]) -> str:
    return ", ".join(sorted(set(names))) or "nothing"


def _by_dataset(results: Sequence[Result]) -> list[list[Result]]:
    """Return the results of each dataset; where a system stands there with several sets of items, that is an error.

    A limited run beside a whole one is the usual case: the larger set is compared, and the other told of.
    """
    groups: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        groups.setdefault(result.dataset_id, {}).setdefault(str(result.dataset["checksum"]), []).append(
            result
        )
    chosen = []
    for dataset, sets in groups.items():
        kept = max(sets.values(), key=lambda group: (int(group[0].dataset["items"]), len(group)))
        chosen.append(kept)
        for group in sets.values():
            if group is not kept:
                systems = ", ".join(result.system_id for result in group)
                _tell(
                    f"{dataset}: left out {systems}: run on other items ({group[0].dataset['items']} of them, not the "
                    f"{kept[0].dataset['items']} compared here)"
                )
    return chosen


@app.command()
def report(
    *,
    out: Annotated[list[Path], typer.Option("--out", help="report.html or report.md; repeat for both.")],
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", help="Only these datasets; default: all.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="Only these systems; default: all.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="The report's title.")] = "Benchmark",
    texts: Annotated[
        bool | None,
        typer.Option(
            "--texts/--no-texts",
            help="Embed every text, or none. Default: those whose licence lets anyone pass them on.",
        ),
    ] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help="Trials of each test.")] = None,
    data: DataOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
) -> None:
    """Write the report: tables for a README (.md), or one browsable file that works offline (.html).

    \b
    mujaz bench report --out report.html --out report.md
    mujaz bench report --dataset flores200-devtest --out flores.html --data corpora/
    """
    from eval.report import FORMS, render_report

    forms = [path.suffix.lower().removeprefix(".") for path in out]
    for path, form in zip(out, forms, strict=True):
        if form not in FORMS:
            raise InputError(f"{path}: cannot tell the form from this name; end it in .html or .md")
    chosen = _chosen(results, dataset, system)
    for path, form in zip(out, forms, strict=True):
        text = render_report(
            chosen,
            form="html" if form == "html" else "md",
            data=data,
            texts=texts,
            samples=samples,
            title=title,
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from error


@app.command()
def votes(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Votes of the workbench, as JSON lines.", show_default=False),
    ],
    *,
    form: FormOption = Form.text,
) -> None:
    """Count blind votes: wins, ties and losses a pair of profiles, an exact sign test, the voters' agreement.

    \b
    mujaz bench votes votes.jsonl
    mujaz bench votes votes.jsonl --format json
    """
    from eval.votes import read_votes, tally_plain, tally_table, tally_votes

    tally = tally_votes(read_votes(file))
    if form is Form.json:
        print(json.dumps(tally_plain(tally), ensure_ascii=False, indent=1))
        return
    print(f"{tally.votes} votes, {tally.voters} voters\n  {tally.signature}")
    _print_table(*tally_table(tally))
    if tally.cannot:
        print("  cannot conclude:")
    for line in tally.cannot:
        print(f"  - {line}")


# --- pivot and gate -----------------------------------------------------------------------------


@app.command()
def pivot(
    *,
    dataset: DatasetsOption,
    sentences: Annotated[
        int | None, typer.Option("--sentences", min=1, help="Sentences of every summary.")
    ] = None,
    limit: LimitOption = None,
    data: DataOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    models: ModelsOption = None,
    form: FormOption = Form.text,
) -> None:
    """Summarize and translate, or translate and summarize? Both orders, run and compared.

    \b
    mujaz bench pivot --dataset mujaz-reports
    mujaz bench pivot --dataset silver-mds --limit 50 --data corpora/
    """
    from eval.compare import compare as compare_results
    from eval.pivot import pivot_metrics, pivot_systems

    for name in dataset:
        loaded = load_dataset(name, data=data, limit=limit)
        specs = pivot_systems(models=models, sentences=sentences)
        found = _run_all(
            loaded, specs, pivot_metrics(loaded), results=results, models=models, limited=limit is not None
        )
        _print_results(found, form)
        if form is Form.text:
            for finding in compare_results(found):
                print()
                _print_finding(finding)


@app.command()
def gate(
    *,
    fast: Annotated[bool, typer.Option("--fast", help="Only the floors that take seconds.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Raise floors to what is reached now.")] = False,
    lower: Annotated[
        bool, typer.Option("--allow-lower", help="With --update: lower floors too; needs --reason.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why floors are lowered; kept in the file.")] = "",
    floors: Annotated[Path | None, typer.Option("--floors", help="Default: the shipped floors.yaml.")] = None,
    data: DataOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
) -> None:
    """Check that the embedded profile is as good as floors.yaml says; exit 1 where it is not.

    \b
    mujaz bench gate --fast
    mujaz bench gate --update
    mujaz bench gate --update --allow-lower --reason "stricter dates: fewer, but right"
    """
    from eval.gate import FLOORS, check_floors, read_floors, update_floors, write_floors

    path = floors or FLOORS
    known = read_floors(path)
    outcomes = check_floors(known, results=results, data=data, fast=fast)
    for outcome in outcomes:
        print(outcome.line)
    if update:
        raised = update_floors(known, outcomes, allow_lower=lower, reason=reason)
        write_floors(path, raised)
        return
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if failed:
        raise MujazError(f"{len(failed)} of {len(outcomes)} floors are not reached")


# --- printing -----------------------------------------------------------------------------------


def _print_results(results: Sequence[Result], form: Form) -> None:
    if form is Form.json:
        plain = [
            json.loads(result.path.read_text(encoding="utf-8")) | {"file": str(result.path)}
            for result in results
        ]
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.dataset_id, []).append(result)
    for number, (dataset, group) in enumerate(groups.items()):
        if number:
            print()
        silver = " · SILVER references" if group[0].dataset.get("silver") else ""
        print(f"{dataset} · {group[0].dataset['items']} items{silver}")
        _print_table(*_results_table(group))
        for result in group:
            print(f"  {result.system_id}: {result.path}")


#: Metrics up to which a table has a column each; with more it is turned, since few screens are that wide.
_COLUMNS: Final = 6


def _results_table(results: Sequence[Result]) -> tuple[list[str], list[list[str]]]:
    """Return (header, rows): a row a system, or a row a metric where those are many."""
    names = list(dict.fromkeys(score.metric for result in results for score in result.scores))
    table = [["system", *(_short(name) for name in names), "items/s", "load s", "peak MiB", "model MB"]]
    table += [_result_row(result, names) for result in results]
    if len(names) > _COLUMNS:
        table = [list(column) for column in zip(*table, strict=True)]
    return table[0], table[1:]


def _result_row(result: Result, names: Sequence[str]) -> list[str]:
    cost = result.cost
    scores = [result.score(name) for name in names]
    costs = (cost.items_per_second, cost.load_seconds, cost.peak_memory_mb, cost.model_mb)
    return [
        result.system_id,
        *("-" if score is None or math.isnan(score.score) else f"{score.score:.2f}" for score in scores),
        *("-" if value is None else f"{value:.4g}" for value in costs),
    ]


def _short(metric: str) -> str:
    return metric.rpartition(":")[2]


def _print_finding(finding: Any) -> None:
    arrow = "higher" if finding.higher_is_better else "lower"
    print(f"{finding.dataset_id} · {_short(finding.metric)} ({arrow} is better) · {finding.items} items")
    print(f"  {finding.signature}")
    if finding.comparison is not None:
        scores, groups = finding.comparison.scores, finding.comparison.groups
        _print_table(
            ["system", "score", "95 % interval", "group"],
            [
                [
                    name,
                    f"{scores[name].score:.2f}",
                    f"{scores[name].low:.2f} to {scores[name].high:.2f}",
                    groups[name],
                ]
                for name in finding.comparison.order
            ],
        )
    print("  cannot conclude:")
    for line in finding.cannot:
        print(f"  - {line}")


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        first, *rest = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join([first, *rest]).rstrip())


def _finding_plain(finding: Any) -> dict[str, Any]:
    comparison = finding.comparison
    plain: dict[str, Any] = {
        "dataset": finding.dataset_id, "metric": finding.metric, "signature": finding.signature,
        "higher_is_better": finding.higher_is_better, "items": finding.items, "cannot": list(finding.cannot),
        "systems": [], "pairs": [],
    }  # fmt: skip
    if comparison is not None:
        plain["systems"] = [
            {
                "system": name, "score": comparison.scores[name].score, "low": comparison.scores[name].low,
                "high": comparison.scores[name].high, "group": comparison.groups[name],
            }
            for name in comparison.order
        ]  # fmt: skip
        plain["pairs"] = [
            {
                "a": pair.a, "b": pair.b, "difference": pair.difference, "low": pair.low, "high": pair.high,
                "p": pair.p_value, "adjusted": pair.adjusted, "significant": pair.significant(comparison.alpha),
                "test": pair.test, "samples": pair.samples, "seed": pair.seed,
            }
            for pair in comparison.pairs
        ]  # fmt: skip
    return plain


def _tell(message: str) -> None:
    print(f"mujaz: {' '.join(message.split())}", file=sys.stderr)


@contextmanager
def _progress(title: str) -> Iterator[Advance]:
    """Show a bar a stage on a terminal; be silent in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None  # noqa: ARG005 - nothing to show
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"{title}: {stage}", total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield advance


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``python -m eval.cli``; exits and errors are those of ``mujaz``: 2 for bad usage or input, 1 for failure."""
    logging.basicConfig(
        level=os.environ.get("MUJAZ_LOG", "ERROR").upper(), format="mujaz: %(name)s: %(message)s"
    )
    try:
        status = app(
            args=None if arguments is None else list(arguments),
            prog_name="mujaz bench",
            standalone_mode=False,
        )
    except typer.TyperException as error:
        _tell(f"error: {error.format_message()}")
        status = error.exit_code
    except MujazError as error:
        _tell(f"error: {error}")
        status = error.exit_status
    except (KeyboardInterrupt, typer.Abort):
        _tell("interrupted")
        status = 130
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
