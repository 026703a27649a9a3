"""Checkpoints: a folder with model.safetensors, config.json and a model card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from diffusion.data import swiss_roll
from diffusion.process.named_schedules import karras_sigmas
from diffusion.process.schedule import NoiseSchedule
from diffusion.sampling.samplers import sample
from diffusion.training.recipe import untrained
from diffusion.whole_files import whole

_INSTALLED = Path(__file__).parent / "shipped"

CHECKPOINTS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "checkpoints"
"""The checkpoints that come with the package: inside it where it is installed."""

WAVEGRAD_HOP = 300


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
        """The number of samples that a waveform's length is a multiple of, or must have."""
        network = self.config["network"]
        return int(network.get("block_size", network.get("frame_samples", WAVEGRAD_HOP)))

    def inference_schedule(
        self,
        num_inference_steps: int,
        rho: float | None = None,
        sigma_max: float | None = None,
        sampler: str | None = None,
    ) -> NoiseSchedule:
        """The schedule to sample with in few steps, of any length; not that of the training.

        Its σ are those that `search-schedule` found for this number of steps of the sampler; else,
        or with another ρ or (to start from noised data) another σ_max, `karras_sigmas` over the
        range that the configuration gives.

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

    def sample(
        self, n: int, steps: int | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Draw `n` samples in few steps: points (n, 2), or waveforms (n, block size).

        Points and waveforms come from the inference schedule by DPM-Solver++(2M); points start
        from the Gaussian with the moments of the noised data. A network without an inference
        schedule takes steps of its training schedule, and one with a learned variance all of them.

        Args:
            n: how many, ≥ 1.
            steps: N; None is 10 for points, 50 for waveforms, and all steps of a learned variance.
            generator: where the noise comes from.

        Raises:
            ValueError: for a vocoder, which needs a mel (see `vocode`); if `n` is no integer
                ≥ 1, or the number of steps does not fit the schedule.
        """
        kind = self.config["network"].get("kind")
        if n < 1 or n % 1:
            raise ValueError(f"n must be an integer >= 1, got {n}")
        if self._needs_mel:
            raise ValueError(f"{self.config.get('recipe')!r} is a vocoder: use vocode(waveform)")
        if kind == "ReverseMLP":
            return sample(
                self.network, self.schedule, (n, 2), num_inference_steps=steps, generator=generator
            )
        points = kind == "ResidualMLP"
        steps = steps if steps is not None else 10 if points else 50
        few = "inference" in self.config
        return sample(
            self.network,
            self.inference_schedule(steps, sampler="dpm++2m") if few else self.schedule,
            (n, 2 if points else self.block_size),
            "dpm++2m",
            num_inference_steps=steps,
            generator=generator,
            data_moments=swiss_roll.moments() if points and few else None,
        )

    def vocode(
        self, waveform: Tensor, steps: int = 6, generator: torch.Generator | None = None
    ) -> Tensor:
        """Make a waveform again from its log-mel spectrogram alone, like `waveform`.

        By DPM-Solver++(2M), with each x̂_0 projected onto the mel.

        Args:
            waveform: (T,) or (B, T) at 22,050 Hz, T ≥ 1,174.
            steps: N ≥ 2.
            generator: where the noise comes from.

        Raises:
            ValueError: if this is no vocoder, or the waveform or the number of steps does not fit.
        """
        if not self._needs_mel:
            raise ValueError(f"{self.config.get('recipe')!r} is no vocoder: use sample(n)")
        from diffusion.waveform.vocode import vocode  # which alone needs synth

        return vocode(self, waveform, steps, generator)

    @property
    def _needs_mel(self) -> bool:
        network = self.config["network"]
        return network.get("kind") == "WaveGrad" or "n_mels" in network


def save(folder: Path, network: nn.Module, config: dict[str, Any]) -> None:
    """Write the weights and the configuration of a network into `folder`.

    With "stored_as": "float16" in the configuration the weights take half the space; buffers, such
    as powers of bins, keep their precision. `load` gives 32 bits in any case.

    Raises:
        OSError: if a file cannot be written; the one that was there still is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous().cpu() for name, value in network.state_dict().items()}
    if config.get("stored_as") == "float16":
        weights |= {name: weights[name].half() for name, _ in network.named_parameters()}
    with whole(folder / "model.safetensors") as unfinished:
        save_file(weights, unfinished)
    with whole(folder / "config.json") as unfinished:
        unfinished.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def load(name: str, device: str | torch.device = "cpu") -> Checkpoint:
    """Load a checkpoint of this repository by its name, or any by its folder.

    Raises:
        ValueError: if there is none of that name, or one of its files is missing or damaged.
    """
    folder = find(name)
    config = _read_config(folder / "config.json")
    try:
        schedule = NoiseSchedule.from_name(**config["schedule"])
        _check_inference(config)
        # The seed does not matter; but only so do other threads keep their own, see `untrained`.
        network = untrained(config["network"], schedule, seed=0)
    except (LookupError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise ValueError(
            f"{folder / 'config.json'} does not describe a network: {_one_line(error)}"
        ) from error
    try:
        network.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ValueError(
            f"the weights of {name!r} are missing or damaged: {_one_line(error)}"
        ) from error
    if not all(bool(value.isfinite().all()) for value in network.state_dict().values()):
        raise ValueError(f"the weights of {name!r} are not all finite numbers")
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


def _check_inference(config: dict[str, Any]) -> None:
    if "inference" in config:
        karras_sigmas(2, **config["inference"])
    for of_sampler in dict(config.get("searched", {})).values():
        for sigmas in dict(of_sampler).values():
            NoiseSchedule.from_sigmas(torch.tensor(sigmas, dtype=torch.float64))


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
