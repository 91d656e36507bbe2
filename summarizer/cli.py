"""The command line: one thin function a command. The library does the work; only this file prints."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from summarizer.errors import InputError, ModelError, MujazError, ReadError
from summarizer.ingest import read_lines, read_sources
from summarizer.models import ModelSpec, Registry, fetch
from summarizer.render import render
from summarizer.schema import Brief, BriefWarning
from summarizer.terms import Terms

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
# What stands above this library (the benchmark harness, the workbench) adds its own commands.
for _command in sorted(entry_points(group="mujaz.commands"), key=lambda each: each.name):
    app.add_typer(_command.load(), name=_command.name)


class BriefForm(StrEnum):
    """The forms of a brief."""

    md = "md"
    html = "html"
    json = "json"
    text = "text"


class LineForm(StrEnum):
    """The forms of translated lines."""

    text = "text"
    jsonl = "jsonl"


Advance = Callable[[str, int, int], None]

_SUFFIXES: Final = {".md": "md", ".html": "html", ".htm": "html", ".json": "json", ".txt": "text"}

ProfileOption = Annotated[str, typer.Option("--profile", help="A profile of models.yaml.")]
ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="A models.yaml of your own, read over the built-in one.")
]
GlossaryOption = Annotated[
    Path | None, typer.Option("--glossary", help="CSV of Arabic,English: how names and terms are rendered.")
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
) -> None:
    """Make a bilingual brief of files, folders, URLs or pasted text ("-").

    \b
    mujaz summarize examples/iraq-us-dialogue
    mujaz summarize report1.txt report2.pdf https://example.org/news --out brief.html
    mujaz summarize reports/ --out - --out brief.md --out brief.json
    pbpaste | mujaz summarize -        (articles separated by a line of ---)
    """
    outputs = [(path, _form_of(path, form)) for path in out or [Path("-")]]
    registry, terms = Registry.load(models), Terms.load(glossary=glossary)
    registry.require(profile)  # a wrong name or missing weights are told before any work is done
    read = read_sources(sources, stdin=sys.stdin.buffer)
    if not read.documents:
        raise _nothing_read(read.warnings)
    for warning in read.warnings:
        _tell(f"warning: {warning.subject}: {warning.message}")
    from summarizer.pipeline import make_brief  # the heavy imports wait until there is work

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
) -> None:
    """Translate Arabic lines into English, one line in, one line out.

    \b
    mujaz translate sentences.txt
    echo "وصل الوزير إلى بغداد." | mujaz translate - --format jsonl
    """
    registry, terms = Registry.load(models), Terms.load(glossary=glossary)
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
        print(f"model {spec.id}  {spec.engine}, {spec.size_mb:g} MB, {spec.licence}")
        print(f"    {'ready' if status.ready else status.problem}")


@models_app.command("check")
def check_models(*, profile: ProfileOption = "embedded", models: ModelsOption = None) -> None:
    """Load the models of a profile and run their golden sentences; exit 1 where its answers are not those recorded.

    \b
    mujaz models check --profile embedded
    """
    registry = Registry.load(models)
    registry.require(profile)
    for model_id in registry.profile(profile).models.values():
        result = registry.try_golden(model_id)
        print(
            f"{model_id}: loads; {result.same} of {result.total} golden sentences as recorded, "
            f"likeness {result.likeness:.2f}"
        )
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


def _announce(spec: ModelSpec) -> None:
    _tell(f"{spec.id}: {spec.size_mb:g} MB from {spec.source}")


# --- writing ------------------------------------------------------------------------------------


def _form_of(path: Path, asked: BriefForm | None) -> BriefForm:
    if str(path) == "-":
        return asked or BriefForm.text
    by_suffix = _SUFFIXES.get(path.suffix.lower())
    if by_suffix is None and asked is None:
        raise InputError(f"{path}: cannot tell the form from this name; add --format {'|'.join(BriefForm)}")
    return BriefForm(by_suffix or asked or BriefForm.text)


def _write(path: Path, brief: Brief, form: BriefForm) -> None:
    text = render(brief, form=form.value)
    if str(path) == "-":
        sys.stdout.write(text)
        return
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed: a killed run leaves the old brief or the new one, never half of one.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, delete=False, newline=""
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _nothing_read(warnings: Sequence[BriefWarning]) -> ReadError:
    if not warnings:
        return ReadError("there is nothing to read", code="empty")
    first = f"{warnings[0].subject}: {warnings[0].message}"
    rest = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
    return ReadError(f"no report could be read: {first}{rest}", code=warnings[0].code)


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
