"""Every command pays for what the command line imports: nothing heavy, before there is work for it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

#: Libraries that only the work needs (databases, web, models, documents, arrays of the summarizer).
HEAVY = {
    "aiohttp", "ctranslate2", "docx", "fastapi", "feedparser", "gradio", "httpx", "huggingface_hub", "jinja2", "lxml",
    "nltk", "pypdf", "ray", "rouge_score", "sacrebleu", "scipy", "sklearn", "sqlalchemy", "tokenizers", "torch",
    "trafilatura", "transformers", "uvicorn",
}  # fmt: skip

_HELP = """
import contextlib, io, json, sys
from summarizer.cli import main
told = io.StringIO()
for arguments in (["--help"], ["archive", "--help"], ["models", "--help"], ["bench", "--help"], ["serve", "--help"]):
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        main(arguments)
print(json.dumps([sorted({name.partition(".")[0] for name in sys.modules}), told.getvalue()]))
"""


def test_help_loads_nothing_heavy_and_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HELP], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded, told = json.loads(done.stdout)
    assert HEAVY & set(loaded) == set()
    for command in (
        "summarize",
        "translate",
        "brief",
        "watch",
        "serve",
        "bench",
        "models",
        "cache",
        "archive",
    ):
        assert f" {command} " in told, command
    assert "mujaz archive" in told  # and the help of the command that keeps its database for its work
