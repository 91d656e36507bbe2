"""`mujaz models`, as its user meets it."""

from __future__ import annotations

import pytest

from summarizer.cli import main
from summarizer.models import hub
from tests.models.samples import OWN_MODEL, write_model, write_yaml


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["models", *arguments])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_list_tells_licence_use_and_to_whom_text_goes(capsys, tmp_path):
    server = {**OWN_MODEL, "engine": "openai", "source": "https://llm.example.org/v1"}
    path = write_yaml(tmp_path / "mine.yaml", {"models": {"team": server}})
    status, out, _ = run(capsys, "list", "--models", str(path))
    assert status == 0
    assert "CC-BY-NC-4.0 (no commercial use)" in out
    assert "ready (asked at https://llm.example.org/v1: reports are sent there)" in out
    assert "ready (asked at http://127.0.0.1:8080/v1)" in out


def test_convert_wants_to_know_what(capsys):
    status, _, err = run(capsys, "convert")
    assert (status, err.count("\n")) == (2, 1)
    assert "say what to convert: --profile NAME or --model ID" in err
    status, _, err = run(capsys, "convert", "--model", "gguf-translator")
    assert status == 2
    assert "there is nothing to convert" in err


def test_convert_of_a_model_that_is_not_here_names_the_command(capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    status, _, err = run(capsys, "convert", "--model", "opus-mt-ar-en")
    assert status == 1
    assert "mujaz models fetch --model opus-mt-ar-en" in err or hub.HUB_INSTALL in err


def test_convert_takes_a_model_that_is_one_already(capsys, tmp_path):
    write_model(tmp_path / "weights")
    path = write_yaml(tmp_path / "mine.yaml", {"models": {"own": OWN_MODEL}})
    status, out, _ = run(capsys, "convert", "--model", "own", "--models", str(path))
    assert status == 0
    assert "models/weights-" in out


def test_check_of_one_model_says_when_there_is_no_record(capsys):
    status, _, err = run(capsys, "check", "--model", "no-such")
    assert status == 2
    assert "unknown model 'no-such'" in err
    status, _, err = run(capsys, "check", "--model", "extractive")
    assert status == 0, err
