"""The command line: one thin function a command. The library does the work; only this file prints.

What a command needs is imported when it runs, but for the registry: ``mujaz --help`` must not wait for numpy, httpx,
Jinja, SQLAlchemy or a model's library. ``tests/test_startup.py`` holds this.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from summarizer import archive_commands
from summarizer.atomic import replacing
from summarizer.cache import AnswerCache
from summarizer.daily import commands as daily
from summarizer.errors import InputError, ModelError, MujazError
from summarizer.models import ModelSpec, Registry, convert_models, fetch

if TYPE_CHECKING:
    from summarizer.schema import Brief

app = typer.Typer(
    name="mujaz",
    help="Arabic news reports in; a cited, checked, bilingual brief out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="What is installed, and what a profile needs.", no_args_is_help=True)
app.add_typer(models_app, name="models")
cache_app = typer.Typer(help="The answers of models that are kept for next time.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")
app.command("brief")(daily.brief)
app.command("watch")(daily.watch)
app.add_typer(archive_commands.app, name="archive")
# What stands above this library (the benchmark harness, the workbench) adds its own commands.
for _command in sorted(entry_points(group="mujaz.commands"), key=lambda each: each.name):
    app.add_typer(_command.load(), name=_command.name)


class BriefForm(StrEnum):
    """The forms of a brief."""

    md = "md"
    html = "html"
    json = "json"
    text = "text"
    csv = "csv"
    docx = "docx"
    pdf = "pdf"


class Reuse(StrEnum):
    """When a kept answer is used again, see ``engines/cached.py``."""

    batch = "batch"
    sentence = "sentence"


class LineForm(StrEnum):
    """The forms of translated lines."""

    text = "text"
    jsonl = "jsonl"


Advance = Callable[[str, int, int], None]

#: Forms whose bytes are no text to print.
_FILES: Final = (BriefForm.docx, BriefForm.pdf)

ProfileOption = Annotated[str, typer.Option("--profile", help="A profile of models.yaml.")]
ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="A models.yaml of your own, read over the built-in one.")
]
GlossaryOption = Annotated[
    Path | None, typer.Option("--glossary", help="CSV of Arabic,English: how names and terms are rendered.")
]
CacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Neither use nor keep the answers of the models.")
]
ReuseOption = Annotated[
    Reuse,
    typer.Option(
        "--reuse",
        help="batch: the same brief as without the cache. sentence: more is reused, a word may differ.",
    ),
]
PoolOption = Annotated[
    str | None,
    typer.Option("--engine-pool", metavar="ray[:COPIES]", help="Run several copies of each model."),
]


@app.command()
def summarize(
    sources: Annotated[list[str], typer.Argument(metavar="PATH|URL|-...", show_default=False)],
    *,
    profile: ProfileOption = "embedded",
    form: Annotated[
        BriefForm | None, typer.Option("--format", help="Default: by the suffix of --out, else text.")
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="File to write; repeat for several forms; - prints.")
    ] = None,
    sentences: Annotated[
        int | None, typer.Option("--sentences", min=1, max=50, help="Sentences a story.")
    ] = None,
    glossary: GlossaryOption = None,
    models: ModelsOption = None,
    no_cache: CacheOption = False,
    reuse: ReuseOption = Reuse.batch,
    engine_pool: PoolOption = None,
) -> None:
    """Make a bilingual brief of files, folders, URLs or pasted text ("-").

    \b
    mujaz summarize examples/iraq-us-dialogue
    mujaz summarize report1.txt report2.pdf https://example.org/news --out brief.html
    mujaz summarize reports/ --out - --out brief.md --out brief.json
    pbpaste | mujaz summarize -        (articles separated by a line of ---)
    """
    outputs = _outputs(out, form)
    from summarizer.ingest import nothing_read, read_sources
    from summarizer.terms import Terms

    registry = _equip(Registry.load(models), no_cache=no_cache, reuse=reuse, pool=engine_pool)
    terms = Terms.load(glossary=glossary)
    registry.require(profile)  # a wrong name or missing weights are told before any work is done
    read = read_sources(sources, stdin=sys.stdin.buffer)
    if not read.documents:
        raise nothing_read(read.warnings)
    for warning in read.warnings:
        _tell(f"warning: {warning.subject}: {warning.message}")
    from summarizer.pipeline import make_brief  # the heaviest imports wait until there is something to do

    with _progress() as advance:
        brief = make_brief(
            read.documents,
            profile=profile,
            registry=registry,
            terms=terms,
            sentences=sentences,
            warnings=read.warnings,
            progress=advance,
        )
    for path, each in outputs:
        _write(path, brief, each)


@app.command("render")
def render_brief(
    source: Annotated[str, typer.Argument(metavar="BRIEF.json|-", show_default=False)],
    *,
    form: Annotated[
        BriefForm | None, typer.Option("--format", help="Default: by the suffix of --out, else text.")
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="File to write; repeat for several forms; - prints.")
    ] = None,
) -> None:
    """Write a brief that was kept as JSON in other forms. No model is needed.

    \b
    mujaz render brief.json --out brief.docx --out brief.pdf
    mujaz render brief.json --format md
    """
    outputs = _outputs(out, form)
    from summarizer.ingest import read_lines
    from summarizer.schema import Brief

    brief = Brief.from_json("\n".join(read_lines(source, stdin=sys.stdin.buffer)))
    for path, each in outputs:
        _write(path, brief, each)


@app.command()
def translate(
    source: Annotated[str, typer.Argument(metavar="PATH|-", show_default=False)],
    *,
    profile: ProfileOption = "embedded",
    form: Annotated[
        LineForm, typer.Option("--format", help="text: one English line a line.")
    ] = LineForm.text,
    glossary: GlossaryOption = None,
    models: ModelsOption = None,
    no_cache: CacheOption = False,
    reuse: ReuseOption = Reuse.batch,
    engine_pool: PoolOption = None,
) -> None:
    """Translate Arabic lines into English, one line in, one line out.

    \b
    mujaz translate sentences.txt
    echo "وصل الوزير إلى بغداد." | mujaz translate - --format jsonl
    """
    from summarizer.ingest import read_lines
    from summarizer.terms import Terms

    registry = _equip(Registry.load(models), no_cache=no_cache, reuse=reuse, pool=engine_pool)
    terms = Terms.load(glossary=glossary)
    registry.require(profile)
    engine = registry.engine(registry.task_model("translation", profile).id)
    lines = read_lines(source, stdin=sys.stdin.buffer)
    from summarizer.faithfulness import check_english
    from summarizer.translate import translate_sentences

    with _progress() as advance:
        translations = translate_sentences(
            lines,
            engine=engine,
            terms=terms,
            check=lambda english, arabic, names: check_english(english, arabic, terms=names),
            fallback=registry.fallback_for(profile),
            progress=lambda done, total: advance("translate", done, total),
        )
    for arabic, translation in zip(lines, translations, strict=True):
        if form is LineForm.text:
            print(translation.text)
        else:
            checks = [
                {"kind": check.kind, "verdict": check.verdict, "detail": check.detail}
                for check in translation.checks
            ]
            row = {
                "ar": arabic,
                "en": translation.text,
                "checks": checks,
                "alternatives": list(translation.alternatives),
            }
            print(json.dumps(row, ensure_ascii=False))


@models_app.command("list")
def list_models(*, models: ModelsOption = None) -> None:
    """List profiles and models: licence, size, and whether they can run on this machine.

    \b
    mujaz models list
    """
    registry = Registry.load(models)
    for profile in registry.profiles.values():
        roles = ", ".join(f"{task}: {model}" for task, model in profile.models.items())
        print(f"profile {profile.name}  ({roles})\n    {profile.description}")
    for spec in registry.models.values():
        status = registry.status(spec.id)
        use = " (no commercial use)" if spec.non_commercial else ""
        print(f"model {spec.id}  {spec.engine}, {spec.size_mb:g} MB, {spec.licence}{use}")
        here = f", {status.disk_mb:g} MB here" if status.disk_mb else ""
        note = f" ({status.note})" if status.note else ""
        print(f"    {f'ready{here}{note}' if status.ready else status.problem}")


@models_app.command("check")
def check_models(
    *,
    profile: Annotated[str | None, typer.Option("--profile", help="Every model of a profile.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", help="One model; repeat for several.")] = None,
    models: ModelsOption = None,
) -> None:
    """Load models and run their golden sentences; exit 1 where the answers are not those recorded.

    A model without recorded sentences is asked for one, and its answer must be in the right language. Without
    options: the default profile.

    \b
    mujaz models check --profile embedded
    mujaz models check --model opus-mt-tc-big-ar-en
    """
    registry = Registry.load(models)
    if not model:
        registry.require(profile)
    for model_id in model or registry.profile(profile).models.values():
        result = registry.try_golden(model_id)
        golden = (
            f"{result.same} of {result.total} golden sentences as recorded, likeness {result.likeness:.2f}"
        )
        print(f"{model_id}: loads; {golden if result.total else 'answers, and has no golden sentences'}")
        if not result.ok:
            raise ModelError(f"{model_id}: its answers are not those recorded with it; is it damaged?")


@models_app.command("fetch")
def fetch_models(
    *,
    profile: Annotated[str | None, typer.Option("--profile", help="Every model of a profile.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", help="One model; repeat for several.")] = None,
    models: ModelsOption = None,
) -> None:
    """Download what a profile or a model needs from the model hub. The only command that downloads.

    \b
    mujaz models fetch --profile standard
    """
    if not profile and not model:
        raise InputError("say what to fetch: --profile NAME or --model ID")
    registry = Registry.load(models)
    for folder in fetch(registry, profile=profile, models=model or (), progress=_announce):
        print(folder)


@models_app.command("convert")
def convert_checkpoints(
    *,
    profile: Annotated[str | None, typer.Option("--profile", help="Every model of a profile.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", help="One model; repeat for several.")] = None,
    models: ModelsOption = None,
) -> None:
    """Turn fetched or local checkpoints into the fast form of engine ctranslate2 now, not at their first use.

    \b
    mujaz models convert --model opus-mt-tc-big-ar-en
    """
    if not profile and not model:
        raise InputError("say what to convert: --profile NAME or --model ID")
    registry = Registry.load(models)
    for folder in convert_models(registry, profile=profile, models=model or ()):
        print(folder)


def _announce(spec: ModelSpec) -> None:
    _tell(f"{spec.id}: {spec.size_mb:g} MB from {spec.source}")


@cache_app.command("info")
def show_cache() -> None:
    """Tell where the kept answers lie, how many there are, and how much room they take.

    \b
    mujaz cache info
    """
    info = AnswerCache(warn=_tell).info()
    print(f"{info.path}\n{info.rows} entries, {info.size / 1e6:.1f} of at most {info.limit / 1e6:.0f} MB")
    if info.oldest is not None:
        print(f"the oldest was last used on {datetime.fromtimestamp(info.oldest, UTC):%Y-%m-%d}")


@cache_app.command("clear")
def clear_cache() -> None:
    """Delete the kept answers; what they said is overwritten on the disk.

    \b
    mujaz cache clear
    """
    print(f"{AnswerCache(warn=_tell).clear()} entries deleted")


def _equip(registry: Registry, *, no_cache: bool, reuse: Reuse, pool: str | None) -> Registry:
    """Put the cache and the pool around the engines, as asked."""
    from summarizer.engines.wrapped import wrap_engines

    settings = None
    if pool is not None:
        from summarizer.engines.pool import PoolSettings

        settings = PoolSettings.parse(pool)
    store = None if no_cache else AnswerCache(warn=_tell)
    return wrap_engines(registry, store=store, reuse=reuse.value, pool=settings)


# --- writing ------------------------------------------------------------------------------------


def _outputs(out: Sequence[Path] | None, asked: BriefForm | None) -> list[tuple[Path, BriefForm]]:
    """Return each file to write with its form. A form that cannot be made here is told before any work is done."""
    if not out and asked in _FILES:
        raise InputError(f"{asked} is no text to print; name a file: --out brief.{asked}")
    from summarizer.exports import require

    outputs = [(path, _form_of(path, asked)) for path in out or [Path("-")]]
    for _, form in outputs:
        require(form.value)
    return outputs


def _form_of(path: Path, asked: BriefForm | None) -> BriefForm:
    if str(path) == "-":
        return asked or BriefForm.text
    from summarizer.exports import EXPORT_SUFFIXES

    by_suffix = EXPORT_SUFFIXES.get(path.suffix.lower())
    if by_suffix is None and asked is None:
        raise InputError(f"{path}: cannot tell the form from this name; add --format {'|'.join(BriefForm)}")
    return BriefForm(by_suffix or asked or BriefForm.text)


def _write(path: Path, brief: Brief, form: BriefForm) -> None:
    from summarizer.exports import export

    data = export(brief, form=form.value)
    if str(path) == "-":
        if form in _FILES:
            sys.stdout.buffer.write(data)
        else:
            sys.stdout.write(data.decode("utf-8"))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def _tell(message: str) -> None:
    print(f"mujaz: {' '.join(message.split())}", file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Advance]:
    """Show a bar a stage on a terminal; be silent in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None  # noqa: ARG005 - nothing to show
        return
    with Progress(
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield advance


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Exit 0, 2 for bad usage or input, 1 for failure; errors are one line on stderr."""
    logging.basicConfig(
        level=os.environ.get("MUJAZ_LOG", "ERROR").upper(), format="mujaz: %(name)s: %(message)s"
    )
    try:
        status = app(
            args=None if arguments is None else list(arguments), prog_name="mujaz", standalone_mode=False
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
    except BrokenPipeError:
        # The reader went away (`| head`): not our failure; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
