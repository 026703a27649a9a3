"""What makes a vocoder's sound clean: `python -m benchmarks.vocoder_trials [--report]`.

Each row is a way from noise to the 16 sounds of `synth.CHOICE_SEEDS`, in six steps of
DPM-Solver++(2M) with each x̂_0 projected onto the mel unless it says otherwise. With --report it is
the 48 of `synth.REPORT_SEEDS`, for the rows that no option was chosen from, and a column more: the
median of `synth.pre_echo`, of the same sounds after 100 ms of silence. A row that was measured is
kept in a file, and not measured again but with --afresh.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import diffusion
from diffusion.checkpoints import Checkpoint
from diffusion.networks import HarmonicNet, sines
from diffusion.networks.comb import PARTIALS, Comb, Reading
from diffusion.networks.comb_reader import SUBFRAMES
from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import AS_PUBLISHED, SIX
from synth import (
    CHOICE_SEEDS,
    REPORT_SEEDS,
    Sound,
    VocoderErrors,
    attack_error,
    griffin_lim,
    held_out_sounds,
    log_mel,
    pre_echo,
    render,
    vocoder_errors,
)
from synth.features.mel import HOP, SAMPLE_RATE, whole_blocks
from synth.rendering.envelope import envelopes
from synth.rendering.vectorized_renderer import damped_exponentials

Array = npt.NDArray[np.float32]
Make = Callable[[Array, list[Sound]], Array]

FIFTY = VocoderConfig("ddpm", 50)
CONDITIONED_ONLY = replace(SIX, projection="none")
ONCE = replace(SIX, projection="once, early")
SILENCE = 2_205  # samples, 100 ms, before a sound whose pre-echo is measured
LONG_WINDOW = 8_192
SILENT = -30.0  # nepers
COLUMNS = ("noise, dB", "convergence", "partial, dB", "cents", "attack, dB", "× real time")
PRE_ECHO = "pre-echo, dB"
DIGITS = (1, 3, 1, 2, 2, 2, 1)


class CleanedUp(nn.Module):
    """A network whose x̂_0 loses what is weak beside a partial, in all steps but the last.

    The gain of a bin of a long STFT is P/(P + 0.1 max P), the maximum taken within ± 40 Hz, and
    widened by five bins.
    """

    def __init__(self, network: nn.Module, last: float) -> None:
        super().__init__()
        self.network, self.last = network, last

    def forward(self, x_t: Tensor, noise_level: Tensor, condition: Tensor) -> Tensor:
        """Predict ε."""
        eps: Tensor = self.network(x_t, noise_level, condition)
        alpha = float(noise_level[0])
        noise = math.sqrt(1 - alpha**2)
        if noise / alpha <= 1.01 * self.last:
            return eps
        window = torch.hann_window(LONG_WINDOW).sqrt()
        hop = LONG_WINDOW // 4
        original = (x_t - noise * eps) / alpha
        spectra = torch.stft(original, LONG_WINDOW, hop, window=window, return_complex=True)
        power = spectra.abs().square()
        around = 2 * round(40 * LONG_WINDOW / SAMPLE_RATE) + 1
        highest = F.max_pool2d(power[:, None], (around, 1), 1, (around // 2, 0))[:, 0]
        gain = F.max_pool2d((power / (power + 0.1 * highest + 1e-12))[:, None], (5, 1), 1, (2, 0))
        spectra = gain[:, 0] * spectra
        cleaned = torch.istft(spectra, LONG_WINDOW, hop, window=window, length=x_t.shape[1])
        return (x_t - alpha * cleaned) / noise


def cleaned_up(waves: Array, sounds: list[Sound]) -> Array:
    """By `vocoder-wavegrad` with `CleanedUp`."""
    checkpoint = diffusion.load("vocoder-wavegrad")
    last = float(SIX.schedule(checkpoint).sigmas[0])
    network = CleanedUp(checkpoint.network, last)
    return SIX.sample(replace(checkpoint, network=network), waves)


def by(plan: VocoderConfig, name: str, waves: Array, sounds: list[Sound]) -> Array:
    """By a checkpoint."""
    return plan.sample(diffusion.load(name), waves)


def rough(roughness: float, waves: Array, sounds: list[Sound]) -> Array:
    """By `vocoder-harmonic` with amplitudes that are less or more certain."""
    before, sines.ROUGHNESS = sines.ROUGHNESS, roughness
    try:
        return by(SIX, "vocoder-harmonic", waves, sounds)
    finally:
        sines.ROUGHNESS = before


def informed(cents: float, waves: Array, sounds: list[Sound]) -> Array:
    """By `vocoder-harmonic` with the true partials in place of those that it reads, detuned."""
    checkpoint: Checkpoint = diffusion.load("vocoder-harmonic")
    network = checkpoint.network
    assert isinstance(network, HarmonicNet)
    log_mels = log_mel(whole_blocks(torch.from_numpy(waves), checkpoint.block_size))
    generator = torch.Generator().manual_seed(0)
    f0 = torch.tensor([sound.f0 for sound in sounds]).log()
    comb = Comb(
        f0 + cents * math.log(2) / 1200 * torch.randn(len(sounds), generator=generator),
        torch.tensor([sound.inharmonicity for sound in sounds]),
        torch.tensor([sound.second_interval for sound in sounds]),
    )
    amplitudes = torch.stack([true_amplitudes(sound) for sound in sounds])
    amplitudes = amplitudes - log_mels.amax(dim=(1, 2))[:, None]
    envelope = whole_blocks(envelopes(sounds, waves.shape[1], SAMPLE_RATE), checkpoint.block_size)
    pieces = envelope.reshape(len(sounds), -1, HOP // SUBFRAMES).mean(dim=2).clamp(min=1e-9).log()
    reading = Reading(comb, amplitudes, torch.full((len(sounds),), 10.0))
    network.read = lambda condition: (reading, pieces)  # type: ignore[method-assign]
    return SIX.sample(checkpoint, waves)


def true_amplitudes(sound: Sound) -> Tensor:
    """The ln of each partial's amplitude in the normalised sound, (80,), both notes' in turn."""
    exponents, amplitudes = damped_exponentials([sound], SAMPLE_RATE, SAMPLE_RATE)
    peak = np.abs(render(sound, 1.0, normalize=False)).max()
    logs = torch.full((2 * PARTIALS,), SILENT)
    ratio = 2 ** (sound.second_interval / 12)
    first = sound.partial_frequencies(4 * SAMPLE_RATE)
    known = np.concatenate([np.pad(f, (0, PARTIALS - len(f))) for f in (first, ratio * first)])
    for omega, amplitude in zip(exponents[0, :-1].imag, amplitudes[0, :-1], strict=True):
        free = np.where(logs.numpy() == SILENT, known, np.inf)
        nearest = int(np.abs(free - omega * SAMPLE_RATE / (2 * math.pi)).argmin())
        logs[nearest] = math.log(abs(amplitude) / peak + 1e-12)
    return logs


TRIALS: dict[str, Make] = {
    "Griffin-Lim": lambda waves, sounds: griffin_lim(
        log_mel(torch.from_numpy(waves)), waves.shape[1]
    ),
    "vocoder-wavegrad-small, as WaveGrad was published": partial(
        by, AS_PUBLISHED, "vocoder-wavegrad-small"
    ),
    "… six steps as the others, projected": partial(by, SIX, "vocoder-wavegrad-small"),
    "vocoder-wavegrad, as WaveGrad was published": partial(by, AS_PUBLISHED, "vocoder-wavegrad"),
    "vocoder-wavegrad, conditioned only": partial(by, CONDITIONED_ONLY, "vocoder-wavegrad"),
    "vocoder-wavegrad, projected once, early": partial(by, ONCE, "vocoder-wavegrad"),
    "vocoder-wavegrad": partial(by, SIX, "vocoder-wavegrad"),
    "vocoder-wavegrad, x̂₀ cleaned up in all steps but the last": cleaned_up,
    "vocoder-harmonic": partial(by, SIX, "vocoder-harmonic"),
    "… conditioned only": partial(by, CONDITIONED_ONLY, "vocoder-harmonic"),
    "… projected once, early": partial(by, ONCE, "vocoder-harmonic"),
    "… 50 steps of DDPM": partial(by, FIFTY, "vocoder-harmonic"),
    "… roughness 0.03 in place of 0.1": partial(rough, 0.03),
    "… roughness 0.3": partial(rough, 0.3),
    "… roughness 0.6": partial(rough, 0.6),
    "… the true partials": partial(informed, 0.0),
    "… the true partials, f0 off by some 1 cent": partial(informed, 1.0),
    "… by some 3 cents": partial(informed, 3.0),
    "… by some 10 cents": partial(informed, 10.0),
}
REPORTED = ("Griffin-Lim", "vocoder-wavegrad", "vocoder-harmonic", "… 50 steps of DDPM")


def row(make: Make, waves: Array, sounds: list[Sound]) -> list[float]:
    """The numbers of a row, but for its pre-echo."""
    started = time.process_time()
    made = make(waves, sounds)
    seconds = (time.process_time() - started) / len(sounds)
    errors: VocoderErrors = vocoder_errors(made, waves, sounds)
    numbers = (
        errors.noise.mean(),
        errors.convergence.mean(),
        np.median(errors.partial),
        np.median(np.abs(errors.cents)),
        attack_error(made, waves).mean(),
        seconds,
    )
    return [float(number) for number in numbers]


def median_pre_echo(make: Make, waves: Array, sounds: list[Sound]) -> float:
    """The median over sounds made again after silence; a mean would hang on the slow attacks."""
    delayed = np.pad(waves, ((0, 0), (SILENCE, 0)))
    return float(np.median(pre_echo(make(delayed, sounds), SILENCE)))


def printed(name: str, numbers: list[float]) -> str:
    """A row of the table."""
    cells = [f"{number:.{digits}f}" for number, digits in zip(numbers, DIGITS, strict=False)]
    return "| " + " | ".join((name, *cells)) + " |"


def main() -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="on the 48 sounds to report on")
    parser.add_argument("--file", type=Path, default=Path("runs/vocoder-trials.json"))
    parser.add_argument("--sounds", type=int, help="the first so many; all if not given")
    parser.add_argument("--afresh", action="store_true", help="measure each row again")
    options = parser.parse_args()
    torch.set_num_threads(1)
    part = "report" if options.report else "choice"
    sounds = held_out_sounds((REPORT_SEEDS if options.report else CHOICE_SEEDS)[: options.sounds])
    part += f", {options.sounds} sounds" if options.sounds else ""
    waves = render(sounds, 1.0)
    known = json.loads(options.file.read_text()) if options.file.is_file() else {}
    columns = (*COLUMNS, PRE_ECHO) if options.report else COLUMNS
    print("| " + " | ".join(("trial", *columns)) + " |\n|" + " --- |" * (1 + len(columns)))
    for name in REPORTED if options.report else TRIALS:
        key = f"{part}: {name}"
        # A file of an earlier version may lack a column.
        if len(known.get(key, ())) != len(columns) or options.afresh:
            known[key] = row(TRIALS[name], waves, sounds)
            if options.report:
                known[key].append(median_pre_echo(TRIALS[name], waves, sounds))
            options.file.parent.mkdir(parents=True, exist_ok=True)
            options.file.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
        print(printed(name, known[key]), flush=True)


if __name__ == "__main__":
    main()
