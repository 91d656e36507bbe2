"""What every test may lean on: the five founding reports, and the one setting that says where the corpora are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "iraq-us-dialogue"

# Deterministic, and no wall-clock limit: a busy machine must not fail a test.
settings.register_profile(
    "mujaz", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mujaz")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of the corpora, from ``MUJAZ_DATA``; tests that need it are skipped without it."""
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        pytest.skip("set MUJAZ_DATA to the folder of the corpora to run this test")
    return Path(folder)
