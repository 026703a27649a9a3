"""Checkpoints: a folder with model.safetensors, config.json and a model card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from diffusion.process.schedule import NoiseSchedule, karras_sigmas
from diffusion.training.recipe import untrained

_INSTALLED = Path(__file__).parent / "shipped"

CHECKPOINTS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "checkpoints"
"""The checkpoints that come with the package: inside it where it is installed."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and the schedule that it was trained on.

    Attributes:
        network: in evaluation mode, its weights frozen.
        schedule: of its training.
        config: the whole of config.json.
    """

    network: nn.Module
    schedule: NoiseSchedule
    config: dict[str, Any]

    @property
    def block_size(self) -> int:
        """Samples of which a waveform must be a multiple; of WaveGrad, a frame of the mel."""
        return int(self.config["network"].get("block_size", 300))

    def inference_schedule(
        self,
        num_inference_steps: int,
        rho: float | None = None,
        sigma_max: float | None = None,
        sampler: str | None = None,
    ) -> NoiseSchedule:
        """The schedule to sample with in few steps, of any length; not that of the training.

        Its levels are those that `search-schedule` found for this number of steps of the sampler;
        else, or with another ρ or (to start from noised data) another σ_max, `karras_sigmas` over
        the range that the configuration gives.

        Raises:
            ValueError: if the configuration gives none, or for fewer than 2 steps.
        """
        if "inference" not in self.config:
            raise ValueError(f"{self.config.get('recipe')!r} has no inference schedule of its own")
        searched = self.config.get("searched", {}).get(sampler, {}).get(str(num_inference_steps))
        if searched and rho is None and sigma_max is None:
            return NoiseSchedule.from_sigmas(torch.tensor(searched, dtype=torch.float64))
        given = {"rho": rho, "sigma_max": sigma_max}
        options = self.config["inference"] | {k: v for k, v in given.items() if v is not None}
        sigmas = karras_sigmas(num_inference_steps, **options)
        return NoiseSchedule.from_sigmas(sigmas)


def save(folder: Path, network: nn.Module, config: dict[str, Any]) -> None:
    """Write the weights and the configuration of a network into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous().cpu() for name, value in network.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def load(name: str, device: str | torch.device = "cpu") -> Checkpoint:
    """Load a checkpoint of this repository by its name, or any by its folder.

    Raises:
        ValueError: if there is none of that name, or one of its files is missing or damaged.
    """
    folder = find(name)
    config = _read_config(folder / "config.json")
    try:
        schedule = NoiseSchedule.from_name(**config["schedule"])
        # The seed does not matter; but only so do other threads keep their own, see `untrained`.
        network = untrained(config["network"], schedule, seed=0)
    except (KeyError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise ValueError(
            f"{folder / 'config.json'} does not describe a network: {_one_line(error)}"
        ) from error
    try:
        network.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ValueError(
            f"the weights of {name!r} are missing or damaged: {_one_line(error)}"
        ) from error
    return Checkpoint(network.to(device).eval().requires_grad_(False), schedule, config)


def find(name: str) -> Path:
    """The folder of a checkpoint.

    Raises:
        ValueError: if there is none of that name.
    """
    folder = CHECKPOINTS / name if name in names() else Path(name)
    if not (folder / "config.json").is_file():
        raise ValueError(f"there is no checkpoint {name!r}; there are: {', '.join(names())}")
    return folder


def names() -> list[str]:
    """The checkpoints that this repository ships."""
    return sorted(path.parent.name for path in CHECKPOINTS.glob("*/config.json"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} does not describe a network: it is not an object")
    return config
