"""Low-rank adapters (LoRA): a second task for a model that is shipped, in a thirtieth of its size.

Every linear matrix W of the decoder layers stays as it is and gets a product of two thin ones beside it,
`W + up @ down * alpha / rank`, and only those are trained (Hu et al., "LoRA", ICLR 2022). Plain torch: the names and
shapes are this module's own, and `recipes.export` writes them in the form that `summarizer.models.adapters` merges.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from recipes.settings import RecipeError
from recipes.variables import variable_of
from summarizer.errors import ModelError
from summarizer.models.adapters import read_factors

ADAPTER_FILE = "adapter.safetensors"


class LowRankLinear(nn.Module):  # type: ignore[misc]  # torch has no types here
    """A frozen linear layer and the thin product beside it; `up` starts at zero, so training starts at the base."""

    def __init__(self, base: nn.Linear, *, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base
        self.scale = alpha / rank
        width, kind = base.in_features, base.weight.dtype
        self.down = nn.Parameter((torch.randn(rank, width) / width**0.5).to(kind))  # (rank, in)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank, dtype=kind))  # (out, rank)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        thin = functional.linear(functional.linear(inputs, self.down), self.up)
        out: torch.Tensor = self.base(inputs) + thin * self.scale
        return out


def add_adapter(model: Any, layers: Iterable[nn.Module], *, rank: int, alpha: float) -> None:
    """Freeze the model and put an adapter beside every linear matrix of its layers, in place."""
    model.requires_grad_(requires_grad=False)
    for layer in layers:
        for parent in list(layer.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(parent, name, LowRankLinear(child, rank=rank, alpha=alpha))


def adapters(model: Any) -> dict[str, LowRankLinear]:
    """The adapters of a model by the name that their matrix has in it: `model.layers.0.mlp.up_proj`."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LowRankLinear)}


def start_from(model: Any, path: Path) -> None:
    """Give the adapters of a model the values of a shipped `adapter.npz`, in place.

    Raises:
        RecipeError: the file has other matrices or another rank, or the model has no adapters.
    """
    try:
        factors = read_factors(path)
    except ModelError as error:
        raise RecipeError(str(error)) from error
    mine = {variable_of(name, model.config): each for name, each in adapters(model).items()}
    if mine.keys() != factors.keys():
        raise RecipeError(f"{path} is not an adapter of these matrices")
    for place, each in mine.items():
        down, up = (torch.from_numpy(values) for values in factors[place])  # (rank, in), (rank, out)
        if down.shape != each.down.shape:
            raise RecipeError(f"{path} is of rank {len(down)}, the recipe's is {len(each.down)}")
        with torch.no_grad():
            each.down.copy_(down)
            each.up.copy_(up.T / each.scale)


def save_adapter(model: Any, folder: Path) -> None:
    """Write `adapter.safetensors`: `NAME.down` (rank, in) and `NAME.up` (out, rank), the scale multiplied into `up`."""
    state = {}
    for name, each in adapters(model).items():
        state[f"{name}.down"] = each.down.detach().float().contiguous()
        state[f"{name}.up"] = (each.up.detach().float() * each.scale).contiguous()
    save_file(state, folder / ADAPTER_FILE)


def load_adapter(folder: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What `save_adapter` wrote, by the matrix's name: (down, up), the scale in `up`."""
    path = folder / ADAPTER_FILE
    if not path.exists():
        raise RecipeError(f"no {ADAPTER_FILE} in {folder}")
    state = load_file(path)
    names = [name.removesuffix(".down") for name in state if name.endswith(".down")]
    return {name: (state[f"{name}.down"], state[f"{name}.up"]) for name in names}


def merge_adapter(model: Any, folder: Path) -> None:
    """Add a saved adapter to the matrices of a plain model, in place: the reference of what the application does."""
    weights = dict(model.named_parameters())
    with torch.no_grad():
        for name, (down, up) in load_adapter(folder).items():
            weights[f"{name}.weight"] += (up @ down).to(weights[f"{name}.weight"].dtype)
