"""``mujaz serve``: the workbench and the HTTP API. Only this file prints; ``ui.serve`` does the work.

Gradio and FastAPI are imported when the server starts, so that ``mujaz --help`` stays quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Open the workbench in the browser, and serve the HTTP API.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def serve(
    *,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Another than loopback needs a secret.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 7860,
    profile: Annotated[
        str | None, typer.Option("--profile", help="The profile that the page begins with.")
    ] = None,
    models: Annotated[
        Path | None, typer.Option("--models", help="A models.yaml of your own, read over the built-in one.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="MUJAZ_TOKEN", help="A secret that every caller must send."),
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", envvar="MUJAZ_USER", help="With --password: browsers ask for it.")
    ] = None,
    password: Annotated[str | None, typer.Option("--password", envvar="MUJAZ_PASSWORD")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="A name that browsers may know this server by.")
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option("--proxy", help="Address of a proxy whose X-Forwarded-For is believed."),
    ] = None,
    https: Annotated[
        bool, typer.Option("--https", help="A proxy in front speaks HTTPS: cookies only travel so.")
    ] = False,
    results: Annotated[
        Path, typer.Option("--results", help="Results of `mujaz bench`, for the page's Benchmarks.")
    ] = Path("results"),
    archive: Annotated[
        str | None, typer.Option("--archive", help="An archive (file or URL), for the page's Briefings.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", help="A folder where unfinished jobs survive a restart. Default: memory only."
        ),
    ] = None,
    votes: Annotated[
        Path, typer.Option("--votes", help="Where the votes of the blind comparison are kept.")
    ] = Path("votes.jsonl"),
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Also serve summarize_reports and translate to agents (MCP).")
    ] = False,
    root_path: Annotated[
        str, typer.Option("--root-path", help="The path under which a proxy publishes this server.")
    ] = "",
    max_upload_mb: Annotated[
        int, typer.Option("--max-upload-mb", min=1, max=1000, help="Largest file that may be sent.")
    ] = 32,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Briefs made at the same time.")
    ] = 1,
) -> None:
    """Open the workbench in the browser, and serve the HTTP API.

    \b
    mujaz serve
    mujaz serve --port 8000 --state ~/.local/state/mujaz
    MUJAZ_TOKEN=... mujaz serve --host 0.0.0.0 --mcp
    """
    from ui.serve import Settings, serve_forever

    settings = Settings(
        host=host,
        port=port,
        profile=profile,
        models=models,
        token=token,
        user=user,
        password=password,
        allow_hosts=tuple(allow_host or ()),
        proxies=tuple(proxy or ()),
        https=https,
        results=results,
        archive=archive,
        state=state,
        votes=votes,
        mcp=mcp,
        root_path=root_path,
        max_upload_mb=max_upload_mb,
        workers=workers,
    )
    serve_forever(settings, announce=lambda line: print(line, file=sys.stderr))


if __name__ == "__main__":
    app()
