"""The model hub: what of it lies on this machine, and the one function that downloads."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Final

from summarizer.errors import MissingModelError, ModelError
from summarizer.models.specs import ModelSpec

HUB_INSTALL: Final = "pip install 'mujaz[hub]'"
#: Modules that an engine needs beyond the core install; the `hub` extra brings them.
_ENGINE_EXTRAS: Final[dict[str, tuple[str, ...]]] = {"transformers": ("torch", "transformers")}
#: Weights for other frameworks that a hub repository may hold beside those for torch.
_IGNORED: Final = (
    "*.h5",
    "*.msgpack",
    "*.ot",
    "*.onnx",
    "*.gguf",
    "onnx/*",
    "openvino/*",
    "rust_model*",
    "*.tflite",
)


def is_offline() -> bool:
    """Tell whether ``HF_HUB_OFFLINE`` forbids the network."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def require_extras(spec: ModelSpec, *, modules: tuple[str, ...] | None = None) -> None:
    """Raise ``MissingModelError`` with the command where a module is missing that the engine needs."""
    wanted = _ENGINE_EXTRAS.get(spec.engine, ()) if modules is None else modules
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingModelError(f"{spec.id} needs {', '.join(missing)}: {HUB_INSTALL}")


def snapshot(spec: ModelSpec, *, download: bool = False) -> Path:
    """Return the directory of a hub model on this machine; only with ``download`` is anything fetched.

    Raises ``MissingModelError`` that names the command where the model (or the `hub` extra) is not here, and
    ``ModelError`` where the hub fails or ``HF_HUB_OFFLINE`` forbids to ask it.
    """
    if download and is_offline():
        raise ModelError(f"{spec.id} cannot be fetched: HF_HUB_OFFLINE is set; unset it and try again")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingModelError(f"{spec.id} needs huggingface-hub: {HUB_INSTALL}") from error
    try:
        return Path(
            snapshot_download(
                spec.source_name,
                revision=spec.revision,
                local_files_only=not download,
                ignore_patterns=list(_IGNORED),
            )
        )
    except LocalEntryNotFoundError as error:
        if not download:
            raise MissingModelError(f"{spec.id} is not on this machine; {spec.remedy}") from error
        raise ModelError(f"{spec.id}: the model hub cannot be reached; is there a network?") from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(f"{spec.id}: {' '.join(str(error).split())[:300]}") from error
