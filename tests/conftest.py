"""What every test may lean on: the five founding reports, and the one setting that says where the corpora are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from absl import logging as absl_logging
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "iraq-us-dialogue"

# Deterministic, and no wall-clock limit: a busy machine must not fail a test.
settings.register_profile(
    "mujaz", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mujaz")

# rouge_score brings absl, whose handler closes the stream it began with whenever logging is configured anew (as uvicorn
# does) and that stream is not the present sys.stderr: under ``capsys`` it would close pytest's own, and every later test
# of the process would fail. The original one it leaves alone.
absl_logging.get_absl_handler().python_handler.stream = sys.__stderr__


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of the corpora, from ``MUJAZ_DATA``; tests that need it are skipped without it."""
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        pytest.skip("set MUJAZ_DATA to the folder of the corpora to run this test")
    return Path(folder)
