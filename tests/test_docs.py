"""Every command of the README and the user docs exists, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "examples" / "README.md"]
COMMANDS = sorted(
    {
        line.split("#")[0].strip().removeprefix("$ ")
        for page in PAGES
        for block in re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for line in block.splitlines()
        if re.match(r"(\$ )?(mujaz|make|python -m) ", line)
    }
)


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_known(command: str) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        targets = re.findall(
            r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        assert arguments[0] in targets
        return
    if program == "python":
        assert (ROOT / Path(*arguments[1].split("."))).with_suffix(".py").exists() or arguments[1] == "pytest"
        return
    import typer

    from summarizer.cli import app

    words = [argument for argument in arguments if not argument.startswith("-")]
    node = typer.main.get_command(app)
    for word in words:
        children = getattr(node, "commands", {})
        if not children:
            break
        assert word in children, f"{command}: no command {word}"
        node = children[word]
    options = {option for parameter in node.params for option in parameter.opts}
    for argument in arguments:
        if argument.startswith("--"):
            assert argument.split("=")[0] in options, f"{command}: no option {argument}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
