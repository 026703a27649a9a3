"""The sounds that the networks of sound are trained on, and how a batch is drawn of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusion.training.batches import seed_generator
from diffusion.training.objectives import DrawSounds
from synth import SoundDataset
from synth.features import mel
from synth.recording_set import RecordingSet
from synth.rendering.random_batch import RandomBatch

SAMPLE_RATE = 22_050
FRAME_SAMPLES = 8_192  # 0.37 s
FADE_SAMPLES = 1_024
SIMPLE_FRAME_SAMPLES = 640  # 29 ms, of the tutorial's sounds past their first 11 ms
SIMPLE_START = 250
QUIETEST = -2.3  # nepers, 20 dB

DrawCrops = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
"""Draws n pieces of sound, (n, T), and their log-mel, (n, 80, T / 300)."""


def sound_frames(count: int, seed: int) -> Tensor:
    """Random additive sounds from their start, faded out at the end: (count, FRAME_SAMPLES)."""
    duration = FRAME_SAMPLES / SAMPLE_RATE
    sounds = SoundDataset(count=count, duration=duration, seed=seed, sample_rate=SAMPLE_RATE)
    frames = torch.tensor(sounds.waveforms)
    # Without a fade each end would be a click: in a spectrum, a floor under all partials.
    angle = math.pi / 2 * (torch.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES
    frames[:, -FADE_SAMPLES:] *= angle.cos().square()
    return frames


def simple_frames(count: int, seed: int) -> Tensor:
    """The tutorial's sounds from their 250th sample, peaks at 1: (count, SIMPLE_FRAME_SAMPLES)."""
    end = SIMPLE_START + SIMPLE_FRAME_SAMPLES
    sounds = SoundDataset(
        count=count,
        duration=end / SAMPLE_RATE,
        seed=seed,
        prior="notebook",
        sample_rate=SAMPLE_RATE,
    )
    frames = torch.tensor(sounds.waveforms)[:, SIMPLE_START:end]
    return frames / frames.abs().amax(dim=1, keepdim=True)


def rows_of(frames: Tensor) -> DrawSounds:
    """Draws n of the frames, (n, T), with no condition."""

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, None]:
        nonlocal frames
        frames = frames.to(generator.device)  # once
        rows = torch.randint(len(frames), (n,), generator=generator, device=generator.device)
        return frames[rows], None

    return draw


def mel_crops(count: int, frames: int) -> DrawCrops:
    """Draws n pieces, (n, 300 frames), of sounds of the wide family, and their log-mel."""
    sounds = SoundDataset(count, duration=1.0, prior="wide", sample_rate=SAMPLE_RATE)
    padded = mel.pad(torch.tensor(sounds.waveforms))

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        nonlocal padded
        padded = padded.to(generator.device)  # once: a GPU would wait for mels made on the CPU
        return mel.mel_crops(padded, frames, n, generator)

    return draw


def fresh_crops(frames: int) -> DrawCrops:
    """Draws a piece of each of n new sounds of the wide family: no sound comes twice.

    They are rendered where the generator is, on the GPU in a training there.
    """
    length = mel.piece_samples(frames)

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        device = generator.device
        waveforms, _, _ = RandomBatch.draw(n, generator).render(SAMPLE_RATE)
        padded = mel.pad(waveforms)
        places = padded.shape[1] - length + 1
        starts = torch.randint(places, (n, 1), generator=generator, device=device)
        pieces = padded.gather(1, starts + torch.arange(length, device=device))
        return mel.crops_of_pieces(pieces)

    return draw


def recorded_crops(folder: str, frames: int) -> DrawCrops:
    """Draws n pieces of the recordings in a folder, see `RecordingSet`, and their log-mel."""
    recordings = RecordingSet(folder)
    length = mel.piece_samples(frames)
    recordings.pieces(length, 1, torch.Generator())  # refuses what is too short, before a training

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        # Places are drawn on the CPU, where the recordings are: no work of a GPU is waited for.
        places = seed_generator(torch.Generator(), generator.initial_seed(), 0)
        pieces = recordings.pieces(length, n, places)
        if generator.device.type == "cuda":
            pieces = pieces.pin_memory()
        return mel.crops_of_pieces(pieces.to(generator.device, non_blocking=True))

    return draw


def quieter(draw_crops: DrawCrops) -> DrawCrops:
    """Crops and their mels up to 20 dB quieter: a visitor's sound need not have a peak of 1."""

    def draw(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        crops, mels = draw_crops(n, generator)
        log_gain = QUIETEST * torch.rand(n, 1, generator=generator, device=generator.device)
        mels = (mels + log_gain[:, None]).clamp(min=math.log(mel.FLOOR))
        return crops * log_gain.exp(), mels

    return draw
