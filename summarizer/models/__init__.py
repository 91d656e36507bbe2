"""The model registry: which models there are, where their files lie, and how to get them.

``models.yaml`` names *models* (what to run and how to feed it) and *profiles* (which model does which task).
``Registry.load`` reads the shipped file and lays the user's over it; every fault of both is reported at once.
Nothing here uses a network unless ``fetch`` is called: ``mujaz models fetch`` does, and nothing else.

``specs`` is what an entry says, ``files`` reads the YAML, ``bundled`` joins the weights that ship with Mujaz, ``hub``
finds and fetches those of the model hub, ``convert`` turns checkpoints into what CTranslate2 runs.
"""

from summarizer.models.bundled import bundled_directory, cache_directory, shipped_file, unpack_bundled
from summarizer.models.files import config_directory
from summarizer.models.registry import (
    GoldenResult,
    ModelStatus,
    Registry,
    adapter_directory,
    convert_models,
    fetch,
)
from summarizer.models.specs import (
    TASKS,
    FeedSpec,
    GenerationSpec,
    ModelSpec,
    Profile,
    ScoreSpec,
    ServerSpec,
    Task,
)

__all__ = [
    "TASKS",
    "FeedSpec",
    "GenerationSpec",
    "GoldenResult",
    "ModelSpec",
    "ModelStatus",
    "Profile",
    "Registry",
    "ScoreSpec",
    "ServerSpec",
    "Task",
    "adapter_directory",
    "bundled_directory",
    "cache_directory",
    "config_directory",
    "convert_models",
    "fetch",
    "shipped_file",
    "unpack_bundled",
]
