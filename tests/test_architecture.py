"""Imports point down: ui, eval and recipes use summarizer; summarizer knows none of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

ABOVE = {
    "summarizer": {"ui", "eval", "recipes", "benchmarks"},
    "ui": {"eval.metrics", "recipes"},
    "eval": {"ui", "recipes"},
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", sorted(ABOVE))
def test_imports_point_down(package: str) -> None:
    for path in sorted((ROOT / package).rglob("*.py")):
        for name in imported(path):
            for above in ABOVE[package]:
                assert not f"{name}.".startswith(f"{above}."), f"{path} imports {name}"


@pytest.mark.parametrize("heavy", ["torch", "transformers", "sklearn", "ctranslate2"])
def test_heavy_libraries_are_imported_only_where_they_work(heavy: str) -> None:
    """``import summarizer.cli`` must stay quick, and a light install has no torch."""
    for path in sorted((ROOT / "summarizer").rglob("*.py")):
        top = [
            node
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
        if heavy == "sklearn" or (heavy == "ctranslate2" and path.parent.name == "engines"):
            continue
        assert not any(name == heavy or name.startswith(heavy + ".") for name in names), path


def test_every_module_says_what_it_is_for() -> None:
    for package in ("summarizer", "ui", "eval", "recipes", "benchmarks"):
        for path in sorted((ROOT / package).rglob("*.py")):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"
