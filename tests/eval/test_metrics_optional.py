"""COMET, BERTScore and the judge, with fakes in place of the models; and what is said without them."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric, optional
from eval.metrics.optional import LlmJudge
from summarizer.errors import MissingModelError, ModelError

ITEMS = [Item("1", "قال الوزير نعم", ("The minister said yes",)), Item("2", "لا {reference}", ("No", "Nope"))]


@pytest.mark.parametrize(("name", "module", "command"), [
    ("comet", "comet", "pip install unbabel-comet"),
    ("bertscore", "bert_score", "pip install bert-score"),
])  # fmt: skip
def test_a_missing_extra_names_the_command(
    name: str, module: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingModelError, match=command):
        load_metric(name)


def fake_comet(scores: list[float], seen: list[Any]) -> types.ModuleType:
    class Model:
        def predict(self, rows: list[dict[str, str]], **settings: Any) -> dict[str, list[float]]:
            seen.append(rows)
            return {"scores": scores}

    module = types.ModuleType("comet")
    module.download_model = lambda name: f"/cache/{name}"  # type: ignore[attr-defined]
    module.load_from_checkpoint = lambda path: seen.append(path) or Model()  # type: ignore[attr-defined]
    return module


def test_comet_reads_source_output_and_first_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setitem(sys.modules, "comet", fake_comet([0.8, 0.6], seen))
    monkeypatch.setenv("MUJAZ_COMET_MODEL", "org/model")
    metric = load_metric("comet")
    assert not seen  # nothing is loaded before it is needed
    rows = metric.statistics(["yes", "no"], ITEMS)
    assert metric.aggregate(rows) == pytest.approx(70)
    assert seen[0] == "/cache/org/model"
    assert seen[1][1] == {"src": "لا {reference}", "mt": "no", "ref": "No"}
    metric.statistics(["yes", "no"], ITEMS)
    assert seen.count("/cache/org/model") == 1
    assert "model:org/model" in metric.signature
    assert metric.statistics([], []).shape == (0, 1)


def test_a_model_that_skips_items_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "comet", fake_comet([0.8], []))
    with pytest.raises(ModelError, match="1 scores for 2 items"):
        load_metric("comet").statistics(["yes", "no"], ITEMS)


def test_bertscore_gets_all_references(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def score(texts: list[str], references: list[list[str]], **settings: Any) -> tuple[list[float], ...]:
        seen.append((texts, references, settings))
        return [0.1, 0.1], [0.2, 0.2], [0.9, 0.7]

    module = types.ModuleType("bert_score")
    module.score = score  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bert_score", module)
    metric = load_metric("bertscore")
    assert metric.aggregate(metric.statistics(["yes", "no"], ITEMS)) == pytest.approx(80)
    assert seen[0][1] == [["The minister said yes"], ["No", "Nope"]]
    assert "nrefs:var" in metric.signature
    assert metric.statistics([], []).shape == (0, 1)


# --- the judge --------------------------------------------------------------------------------------


@pytest.fixture
def judge(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[LlmJudge, list[httpx.Request], list[float]]]:
    monkeypatch.setenv("MUJAZ_JUDGE_URL", "http://localhost:8000/v1/")
    monkeypatch.setenv("MUJAZ_JUDGE_MODEL", "some-model")
    monkeypatch.setenv("MUJAZ_JUDGE_KEY", "not-a-real-key")

    def build(*answers: str | int) -> tuple[LlmJudge, list[httpx.Request], list[float]]:
        requests: list[httpx.Request] = []
        pauses: list[float] = []
        left = list(answers)

        def respond(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            answer = left.pop(0)
            if isinstance(answer, int):
                return httpx.Response(answer)
            return httpx.Response(200, json={"choices": [{"message": {"content": answer}}]})

        client = httpx.Client(transport=httpx.MockTransport(respond))
        return LlmJudge(client=client, sleep=pauses.append), requests, pauses

    return build


def test_the_judge_is_asked_once_an_item_and_its_score_read(judge: Callable[..., Any]) -> None:
    metric, requests, pauses = judge("It is fine.\nSCORE: 80", "score:  90")
    assert metric.aggregate(metric.statistics(["yes", "no"], ITEMS)) == 85.0
    body = json.loads(requests[1].content)
    assert str(requests[1].url) == "http://localhost:8000/v1/chat/completions"
    assert (body["model"], body["temperature"]) == ("some-model", 0)
    prompt = body["messages"][0]["content"]
    assert "translations of Arabic news" in prompt
    assert "لا {reference}" in prompt  # braces of the source are left as they are
    assert "Reference:\nNo\n" in prompt
    assert requests[0].headers["Authorization"] == "Bearer not-a-real-key"
    assert not pauses


def test_an_arabic_output_is_judged_as_a_summary(judge: Callable[..., Any]) -> None:
    metric, requests, _ = judge("SCORE: 50")
    metric.statistics(["ملخص قصير"], [Item("1", ("تقرير", "تقرير آخر"))])
    prompt = json.loads(requests[0].content)["messages"][0]["content"]
    assert "summaries of Arabic news" in prompt
    assert "تقرير\n\nتقرير آخر" in prompt
    assert "(none)" in prompt


def test_failures_are_tried_again_with_growing_pauses(judge: Callable[..., Any]) -> None:
    metric, requests, pauses = judge(503, "no score here", "SCORE: 7")
    assert metric.aggregate(metric.statistics(["yes"], ITEMS[:1])) == 7.0
    assert len(requests) == 3
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize("answers", [(500, 500, 500), ("SCORE: 900",) * 3, ("fine",) * 3])
def test_no_score_is_made_up(judge: Callable[..., Any], answers: tuple[Any, ...]) -> None:
    metric, _, _ = judge(*answers)
    with pytest.raises(ModelError, match="item '1'") as caught:
        metric.statistics(["yes"], ITEMS[:1])
    assert "not-a-real-key" not in str(caught.value)


def test_signature_holds_model_and_prompt(judge: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = judge()[0].signature
    assert "model:some-model|prompt:" in before
    assert "not-a-real-key" not in before
    monkeypatch.setitem(optional.PROMPTS, "translate", "Another prompt {hypothesis}")  # type: ignore[arg-type]
    assert judge()[0].signature != before


def test_without_an_endpoint_the_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUJAZ_JUDGE_URL", raising=False)
    with pytest.raises(MetricError, match="MUJAZ_JUDGE_URL"):
        load_metric("llm-judge")
