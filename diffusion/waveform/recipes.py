"""The recipes of sound: each trains one network, and its checkpoint has the same name."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from shlex import quote
from typing import Any

from diffusion.networks import WaveGradConfig
from diffusion.training.recipe import Recipe
from diffusion.waveform import prepare
from diffusion.waveform.previews import frames_preview, vocoder_preview
from diffusion.waveform.training_sounds import (
    FRAME_SAMPLES,
    SIMPLE_FRAME_SAMPLES,
    fresh_crops,
    recorded_crops,
)
from synth.recording_set import RecordingSet

WAVEGRAD_LEVELS: dict[str, Any] = {
    "beta_schedule": "linear",
    "num_train_timesteps": 1000,
    "beta_start": 1e-6,
    "beta_end": 0.01,
}
"""Chen et al. 2020, section 4: the noise schedule of the training."""

UNCONDITIONAL_LEVELS = WAVEGRAD_LEVELS | {"beta_end": 0.02}
"""The same until only noise is left, as nothing else says what the sound is."""


def with_fresh_sounds(recipe: Recipe) -> Recipe:
    """The same recipe on sounds that are made in every step, by `fresh_crops`.

    Raises:
        ValueError: if it is none of `prepare.ON_CROPS`.
    """
    return _on_other_crops(recipe, "--fresh-sounds", fresh_crops)


def with_recordings(recipe: Recipe, folder: str) -> Recipe:
    """The same recipe on recordings, by `recorded_crops`.

    Raises:
        ValueError: if it is none of `prepare.ON_CROPS`.
    """
    crops = partial(recorded_crops, folder)
    recorded = _on_other_crops(recipe, f"--recordings {quote(folder)}", crops)
    return replace(recorded, data_digest=lambda: RecordingSet(folder).digest)


def _on_other_crops(recipe: Recipe, option: str, crops: prepare.Crops) -> Recipe:
    if recipe.name not in prepare.ON_CROPS:
        raise ValueError(
            f"{option.split()[0]} is for {', '.join(prepare.ON_CROPS)}, which learn from crops of "
            f"sounds and their mels; got {recipe.name}"
        )
    prepared = partial(prepare.ON_CROPS[recipe.name], crops)
    return replace(recipe, prepare=prepared, data_option=option)


RECIPES = (
    Recipe(
        name="waveform-wavegrad",
        summary="WaveGrad's objective without conditioning, on frames of additive sounds",
        network={
            "kind": "WaveformNet",
            "block_size": FRAME_SAMPLES,  # one block: a partial is one narrow peak
            "local_bins": 4096,
            "context_bins": 2048,
            "width": 160,
            "blocks": 4,
            "channels": 16,
            "time_kernel": 1,
        },
        schedule=UNCONDITIONAL_LEVELS,
        steps=20_000,
        batch_size=16,
        learning_rate=3e-3,
        prepare=prepare.waveform_wavegrad,
        preview=frames_preview,
        inference={"sigma_min": 1e-3, "sigma_max": 20.0, "rho": 5.0},
    ),
    Recipe(
        name="waveform-harmonic",
        summary="a note in noise: its comb is searched, and what its partials may be is learned",
        network={"kind": "NotePredictor", "filters": 128, "frame_samples": FRAME_SAMPLES},
        schedule=UNCONDITIONAL_LEVELS,
        steps=1_000,
        batch_size=128,
        learning_rate=0.03,
        prepare=prepare.waveform_harmonic,
        preview=frames_preview,
        inference={"sigma_min": 1e-3, "sigma_max": 20.0, "rho": 5.0},
    ),
    Recipe(
        name="waveform-simple",
        summary="the tutorial's convolutions and linear layers, on frames of its own sounds",
        # Twice as many units as samples, as in the tutorial, with frames of 250.
        network={"kind": "SimpleWaveGrad", "frame_samples": SIMPLE_FRAME_SAMPLES, "hidden": 1280},
        # The tutorial's β ends at 0.01, where 88 % of the amplitude is left; this one in noise.
        schedule={
            "beta_schedule": "linear",
            "num_train_timesteps": 50,
            "beta_start": 1e-6,
            "beta_end": 0.25,
        },
        # 2,001 passes of eight batches, as in the tutorial, whose 1,000 sounds are 12,000 here.
        steps=16_008,
        batch_size=128,
        learning_rate=1e-3,
        prepare=prepare.waveform_simple,
        preview=frames_preview,
    ),
    Recipe(
        name="vocoder-wavegrad",
        summary="WaveGrad's objective with a mel spectrogram, on a wide family of sounds",
        network={
            "kind": "WaveformNet",
            "block_size": 600,
            "local_bins": 600,
            "context_bins": 300,
            "width": 192,
            "blocks": 4,
            "channels": 24,
            "n_mels": 80,
            "hop": 300,
        },
        schedule=WAVEGRAD_LEVELS,
        steps=17_000,
        batch_size=8,
        learning_rate=3e-3,
        prepare=partial(prepare.vocoder_wavegrad, prepare.own_crops),
        preview=vocoder_preview,
        # From σ = 3, where a loud partial still stands out of the noise, sounds come out worse.
        inference={"sigma_min": 1e-3, "sigma_max": 12.0, "rho": 7.0},
    ),
    Recipe(
        name="vocoder-harmonic",
        summary="partials read off the mel spectrogram, on a wide family of sounds, for a GPU",
        network={
            "kind": "HarmonicNet",
            "n_mels": 80,
            "block_size": 600,
            "other": {
                "local_bins": 600,
                "context_bins": 300,
                "width": 192,
                "blocks": 4,
                "channels": 24,
            },
        },
        schedule=WAVEGRAD_LEVELS,
        # 5,164 of them took 410 s on an H100.
        steps=5_000,
        batch_size=1024,
        learning_rate=2e-3,
        prepare=prepare.vocoder_harmonic,
        preview=vocoder_preview,
        inference={"sigma_min": 1e-3, "sigma_max": 12.0, "rho": 7.0},
        stored_as="float16",
    ),
    Recipe(
        name="vocoder-wavegrad-small",
        summary="WaveGrad's architecture and training with a quarter of the channels, for a GPU",
        network={"kind": "WaveGrad", **asdict(WaveGradConfig.scaled(4))},
        schedule=WAVEGRAD_LEVELS,
        # They took 372 s on an H200; on two CPU cores it was not tried.
        steps=6_718,
        batch_size=32,
        learning_rate=1e-3,
        prepare=partial(prepare.vocoder_wavegrad_small, prepare.own_crops),
        preview=vocoder_preview,
        inference={"sigma_min": 1e-3, "sigma_max": 12.0, "rho": 7.0},
    ),
    Recipe(
        name="vocoder-wavegrad-base",
        summary="WaveGrad Base as published, 15.8 million parameters, for a GPU with 48 GB",
        network={"kind": "WaveGrad", **asdict(WaveGradConfig())},
        # Chen et al. 2020, section 4: crops of 24 frames, batches of 256, a million steps; at
        # 24 kHz and 128 mel bands, where ours are the tutorial's 22.05 kHz and 80. Such a batch
        # keeps 30 GB for the backward pass.
        schedule=WAVEGRAD_LEVELS,
        steps=1_000_000,
        batch_size=256,
        learning_rate=2e-4,
        prepare=partial(prepare.vocoder_wavegrad_base, prepare.own_crops),
        preview=vocoder_preview,
        inference={"sigma_min": 1e-3, "sigma_max": 10.0, "rho": 5.0},
    ),
)
