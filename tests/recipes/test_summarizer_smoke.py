"""The summarizer's recipe from articles to an engine of the registry, on a toy: that it runs, not that it learns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch", reason="training an adapter needs the `train` extra")
pytest.importorskip("transformers", reason="training an adapter needs the `train` extra")

from recipes import export_adapter, prepare_summaries
from recipes.export import convert, sha256, split, write_sums
from recipes.settings import load_run
from recipes.train import Trainer
from summarizer.models import Registry
from tests.recipes.test_summaries import ARTICLE, RECIPE, SUMMARY, data, row
from tests.recipes.toys import write_toy_base

pytestmark = [pytest.mark.slow, pytest.mark.hub]

MODEL = {
    "task": "summarization",
    "engine": "ctranslate2",
    "licence": "none",
    "size_mb": 1,
    "source_language": "ar",
    "target_language": "ar",
    "input_limit": 256,
    "shortens": True,
    "feed": {
        "form": "decoder",
        "before": ["<bos>"],
        "after": ["<unused1>"],
        "special_tokens": False,
        "end_token": "<eos>",
    },
}


def test_prepare_train_export_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    base, release, shipped = tmp_path / "base", tmp_path / "release", tmp_path / "toy-sum"
    write_toy_base(base, [ARTICLE, SUMMARY])
    release.mkdir()
    convert([base], release, "int8")
    whole = sha256(release / "model.bin")
    split(release / "model.bin", 1 << 14)
    write_sums(release, whole)

    raw = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    raw["prepare"] |= {"held_out_share": 0.0, "least_support": 0.6, "max_tokens": 400}
    raw["train"] |= {"budget": "steps", "budget_amount": 4, "compile": False, "checkpoint_minutes": 0}
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(raw), encoding="utf-8")
    report = prepare_summaries.prepare(
        recipe, data(tmp_path / "data", articles=[row(str(i)) for i in range(3)], silver=[]),
        base / "tokenizer.json", tmp_path / "pairs.npz",
    )  # fmt: skip
    assert report["all"]["written"] >= 3
    Trainer(load_run(recipe), tmp_path / "pairs.npz", base, tmp_path / "run").run()
    last = sorted((tmp_path / "run").glob("step-*"))[-1]
    export_adapter.export(load_run(recipe), last, release, shipped, name="toy-sum")
    files = {path.name for path in shipped.iterdir()}
    assert files == {"adapter.npz", "golden.jsonl", "SHA256SUMS", "CARD.md", "LICENSE", "NOTICE"}
    assert "outlets" in (shipped / "NOTICE").read_text(encoding="utf-8")

    models = {"toy": {**MODEL, "source": f"path:{release}", "adapter": f"path:{shipped}"}}
    profiles = {"p": {"models": {"summarization": "toy"}}}
    registry = Registry.from_dict({"default_profile": "p", "profiles": profiles, "models": models})
    result = registry.try_golden("toy")
    assert result.total == len((shipped / "golden.jsonl").read_text(encoding="utf-8").splitlines())
    assert registry.status("toy").ready
    for line in (shipped / "golden.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line).keys() == {"ar", "summary"}
