"""What a `CombReader` learns from: fresh random sounds in every batch, with all that is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from diffusion.networks.comb import PARTIALS, Comb, Reading
from diffusion.networks.comb_classes import (
    INHARMONICITY_CLASSES,
    f0_class,
    inharmonicity_class,
    inharmonicity_of,
    log_f0_of,
)
from diffusion.networks.comb_reader import LINES_HZ, SUBFRAMES, CombReader, Overview
from diffusion.training.batches import Objective, mean_where, seed_generator
from synth.features import mel
from synth.rendering.random_batch import RandomBatch

SECONDS = 1.0
SHORTEST, LONGEST = 0.4, 2.0  # seconds, of the two in five batches of another length
SECOND_NOTES = 0.4  # of the sounds: more than the quarter of the prior, as they are harder
QUIETEST = -2.3  # nepers, 20 dB
PASSES = 3
AUDIBLE = 5.0  # nepers below the loudest partial, 43 dB
FAINTEST = 7.5  # nepers, 65 dB: amplitudes below are all one
ENVELOPE_FLOOR = -5.0  # nepers
NEAR_CENTS = 150.0  # from which a comb can be brought home
RIGHT_HZ = 4.0  # root mean square over the audible partials
FINE_HZ = 1.5
FOREIGN = 0.1  # of a batch: sounds that no comb explains
FEW_ROWS = 4


@dataclass(frozen=True)
class Truth:
    """What is known of a batch; of the amplitudes and envelopes the natural logarithms."""

    log_mels: Tensor
    comb: Comb
    amplitudes: Tensor
    envelope: Tensor
    foreign: Tensor


def response_lines() -> Tensor:
    """Ln of the mel bands' magnitudes for a steady sine of amplitude 1, every 10 Hz, (1104, 80)."""
    lines = round(mel.SAMPLE_RATE / 2 / LINES_HZ) + 2
    n = torch.arange(mel.WINDOW, dtype=torch.float64)
    window = torch.hann_window(mel.WINDOW, dtype=torch.float64)
    turn = 2 * math.pi * LINES_HZ / mel.SAMPLE_RATE
    sines = torch.exp(1j * turn * torch.arange(lines)[:, None] * n) * window / 2
    magnitudes = torch.fft.fft(sines, mel.N_FFT).abs()[:, : mel.N_FFT // 2 + 1]
    bank = torch.tensor(mel.filter_bank(), dtype=torch.float64)
    lines_log: Tensor = (magnitudes @ bank.T).clamp(min=mel.FLOOR).log().float()
    return lines_log


def draw_truth(count: int, num_samples: int, generator: torch.Generator) -> Truth:
    """Sounds of the wide family, a tenth of them made foreign to it, and what is known of them.

    Of two notes the lower one counts as the first: which of them is louder is left to the
    amplitudes.
    """
    batch = RandomBatch.draw(count, generator, SECOND_NOTES)
    device = generator.device

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device)

    waveforms, amplitudes, envelope = batch.render(num_samples)
    strangers = round(FOREIGN * count)
    foreign = torch.arange(count, device=device) < strangers
    waveforms = torch.cat([_made_foreign(waveforms, strangers, rand), waveforms[strangers:]])
    log_gain = QUIETEST * rand(count, 1)
    waveforms = mel.whole_blocks(waveforms * log_gain.exp(), 2 * mel.HOP)
    log_mels = _log_mels(waveforms)
    loudest = log_mels.amax(dim=(1, 2))[:, None]
    mirrored = mel.whole_blocks(envelope, 2 * mel.HOP)
    values = mirrored.reshape(count, -1, mel.HOP // SUBFRAMES).mean(dim=2)
    below = batch.second_interval.clamp(max=0) * math.log(2) / 12
    comb = Comb(
        (batch.f0.log() + below).float(),
        batch.inharmonicity.float(),
        batch.second_interval.abs().float(),
    )
    swapped = torch.where(below[:, None] < 0, amplitudes.roll(PARTIALS, dims=1), amplitudes)
    logs = swapped.clamp(min=1e-12).log() + log_gain - loudest
    return Truth(log_mels, comb, logs, values.clamp(min=1e-9).log(), foreign)


def _log_mels(waveforms: Tensor) -> Tensor:
    # On a CPU the spectra of many rows take memory from the system, and give it back, each time:
    # as much work as the mels. A GPU's memory is kept, and few large pieces are best there.
    rows = FEW_ROWS if waveforms.device.type == "cpu" else len(waveforms)
    return torch.cat([mel.log_mel(few) for few in torch.split(waveforms, rows)])


def _made_foreign(waveforms: Tensor, count: int, rand: Callable[..., Tensor]) -> Tensor:
    """The first of the sounds with a glide, with noise, cut to another or mixed with another."""
    neighbour = waveforms.roll(-4, dims=0)[:count]
    waveforms = waveforms[:count]
    num_samples = waveforms.shape[1]
    kind = torch.arange(count, device=waveforms.device)[:, None] % 4
    time = torch.arange(num_samples, device=waveforms.device) / mel.SAMPLE_RATE
    rate, depth = 1 + 7 * rand(count, 1), 0.01 + 0.05 * rand(count, 1)
    shift = depth * (1 - torch.cos(2 * math.pi * rate * time)) / (2 * math.pi * rate)
    position = ((time + shift) * mel.SAMPLE_RATE).clamp(0, num_samples - 2)
    index = position.long()
    low, high = waveforms.gather(1, index), waveforms.gather(1, index + 1)
    glided = low + (position - index) * (high - low)
    level = waveforms.square().mean(dim=1, keepdim=True).sqrt() * 10 ** (-rand(count, 1))
    noisy = waveforms + level * (2 * rand(count, num_samples) - 1) * math.sqrt(3)
    turn = (0.2 + 0.6 * rand(count, 1)) * num_samples / mel.SAMPLE_RATE
    cut = torch.where(time < turn, waveforms, neighbour)
    mixed = waveforms + (0.3 + 0.7 * rand(count, 1)) * neighbour
    return torch.where(
        kind == 0, glided, torch.where(kind == 1, noisy, torch.where(kind == 2, cut, mixed))
    )


def comb_objective(batch_size: int) -> Objective:
    """The classes' cross-entropies, the envelope's error, and of each pass the partials' errors.

    A pass begins at a comb that is off by some tens of cents, or at what the classes give. The
    length of a batch's sounds follows from the seed of the generator, not from its state.
    """

    def batch(generator: torch.Generator) -> tuple[Truth, Chance]:
        truth = draw_truth(batch_size, _num_samples(generator), generator)
        return truth, Chance.draw(batch_size, generator)

    def loss(reader: CombReader, batch: tuple[Truth, Chance]) -> Tensor:
        truth, chance = batch
        overview = reader.overview(truth.log_mels)
        total = _overview_loss(overview, truth)
        comb = _start(overview, truth, chance)
        for _ in range(PASSES):
            reading = reader.look(overview, comb)
            total = total + _pass_loss(comb, reading, truth, reader.highest)
            comb = reading.comb.detach()
        return total

    return Objective(batch, loss)


def _pass_loss(comb: Comb, reading: Reading, truth: Truth, highest: float) -> Tensor:
    near = _is_near(comb, truth)
    audible = _audible(truth)
    off = reading.comb.frequencies() - truth.comb.frequencies()
    fine = (audible * torch.log1p((off / FINE_HZ) ** 2)).sum(1) / audible.sum(1)
    floor = truth.amplitudes.amax(dim=1, keepdim=True) - FAINTEST
    louder = reading.amplitudes.maximum(floor) - truth.amplitudes.maximum(floor)
    heard = comb.sounding(highest)
    level = (louder.abs() * heard).sum(dim=1) / heard.sum(dim=1)
    right = near & (rms_error(reading.comb, truth) < RIGHT_HZ)
    score = F.binary_cross_entropy_with_logits(reading.score, right.float())
    return mean_where(fine + 0.3 * level, near) + score


def _num_samples(generator: torch.Generator) -> int:
    # On the CPU: of a number that a GPU drew one would have to wait for all its work.
    lengths = seed_generator(torch.Generator(), generator.initial_seed(), 0)
    which, where = torch.rand(2, generator=lengths).tolist()
    seconds = SECONDS if which < 0.6 else SHORTEST + (LONGEST - SHORTEST) * where
    return round(seconds * mel.SAMPLE_RATE)


def rms_error(comb: Comb, truth: Truth) -> Tensor:
    """Root mean square of the audible partials' errors, Hz, (B,)."""
    audible = _audible(truth)
    off = (comb.frequencies() - truth.comb.frequencies()).square()
    return ((audible * off).sum(dim=1) / audible.sum(dim=1)).sqrt().detach()


def _audible(truth: Truth) -> Tensor:
    return (truth.amplitudes > truth.amplitudes.amax(dim=1, keepdim=True) - AUDIBLE).float()


def _overview_loss(overview: Overview, truth: Truth) -> Tensor:
    own = ~truth.foreign
    classes = torch.arange(overview.f0.shape[1], device=own.device)
    target = (-0.5 * (classes - f0_class(truth.comb.log_f0)[:, None]).square()).softmax(dim=1)
    pitch = -(target * overview.f0.log_softmax(dim=1)).sum(dim=1)
    stiffness = F.cross_entropy(
        overview.inharmonicity, inharmonicity_class(truth.comb.inharmonicity), reduction="none"
    )
    interval = F.cross_entropy(overview.interval, truth.comb.interval.long(), reduction="none")
    expected = truth.envelope.clamp(min=ENVELOPE_FLOOR)
    off = (overview.envelope.clamp(min=ENVELOPE_FLOOR) - expected).abs()
    shape = (off * (0.1 + expected.exp())).mean(dim=1)
    return mean_where(pitch + 0.5 * stiffness + interval + 2 * shape, own)


@dataclass(frozen=True)
class Chance:
    """The random numbers that the combs of a first pass are made with.

    Attributes:
        normal: N(0, 1), (B, 2).
        uniform: U(0, 1), (B, 6).
    """

    normal: Tensor
    uniform: Tensor

    @classmethod
    def draw(cls, count: int, generator: torch.Generator) -> Chance:
        """For `count` combs, on the generator's device."""
        options: dict[str, Any] = {"generator": generator, "device": generator.device}
        return cls(torch.randn(count, 2, **options), torch.rand(count, 6, **options))


def _start(overview: Overview, truth: Truth, chance: Chance) -> Comb:
    """A third of the combs as the classes give them, the others off the true ones."""
    off, stiffer = chance.normal.unbind(dim=1)
    far, kept, taken, pitch, *intervals = chance.uniform.unbind(dim=1)
    cents = off * torch.where(far < 0.5, 8.0, 30.0)
    classes = inharmonicity_class(truth.comb.inharmonicity) + (1.2 * stiffer).round().long()
    near = Comb(
        truth.comb.log_f0 + cents * math.log(2) / 1200,
        inharmonicity_of(classes.clamp(0, INHARMONICITY_CLASSES - 1)),
        torch.where(kept < 0.85, truth.comb.interval, _class_at(overview.interval, intervals[0])),
    )
    found = Comb(
        log_f0_of(_class_at(overview.f0, pitch)),
        inharmonicity_of(overview.inharmonicity.argmax(dim=1)),
        _class_at(overview.interval, intervals[1]),
    )
    take = taken < 1 / 3
    return Comb(
        torch.where(take, found.log_f0, near.log_f0),
        torch.where(take, found.inharmonicity, near.inharmonicity),
        torch.where(take, found.interval, near.interval),
    ).detach()


def _class_at(logits: Tensor, uniform: Tensor) -> Tensor:
    """The class at which the distribution function of softmax(logits) passes U(0, 1), (B,)."""
    below = logits.detach().float().softmax(dim=1).cumsum(dim=1) < uniform[:, None]
    return below.sum(dim=1).clamp(max=logits.shape[1] - 1).float()


def _is_near(comb: Comb, truth: Truth) -> Tensor:
    cents = (comb.log_f0 - truth.comb.log_f0).abs() * 1200 / math.log(2)
    return (cents < NEAR_CENTS) & (comb.interval == truth.comb.interval) & ~truth.foreign
