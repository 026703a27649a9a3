"""The batched wide prior draws and renders what `Sound.random` and `render` do."""

import numpy as np
import pytest
import torch

from synth import Sound, held_out_sounds, render
from synth.rendering.random_batch import SAMPLE_RATE, RandomBatch

NUMBERS = [name for name in RandomBatch.__dataclass_fields__ if name != "amplitudes"]


def one_sound(batch: RandomBatch, row: int) -> Sound:
    numbers = {name: float(getattr(batch, name)[row]) for name in NUMBERS}
    amplitudes = batch.amplitudes[row, : int(numbers["num_harmonics"])].tolist()
    return Sound(**numbers, amplitudes=tuple(amplitudes))  # type: ignore[arg-type]


def test_each_sound_is_rendered_as_the_renderer_does(generator):
    batch = RandomBatch.draw(12, generator, second_notes=0.5)
    waveforms, amplitudes, envelope = batch.render(SAMPLE_RATE // 2)
    sounds = [one_sound(batch, row) for row in range(12)]
    assert {sound.second_interval != 0 for sound in sounds} == {True, False}
    assert np.abs(render(sounds, 0.5) - waveforms.numpy()).max() < 3e-3
    assert float(waveforms.abs().amax(dim=1).min()) == pytest.approx(1)
    # The amplitudes are those in the waveform: with their envelope, and phases fitted, they are it.
    frequencies, _ = batch.sines()
    # Partials of two notes may lie on each other.
    for row in torch.nonzero(batch.second_interval == 0)[:4, 0].tolist():
        sounding = amplitudes[row] > 0
        angles = 2 * np.pi / SAMPLE_RATE * frequencies[row, sounding][:, None]
        angles = angles * torch.arange(SAMPLE_RATE // 2)
        basis = envelope[row] * torch.cat([angles.cos(), angles.sin()])
        late = slice(SAMPLE_RATE // 5, None)  # past the filter's own ringing
        wanted = waveforms[row, late, None].double()
        found = torch.linalg.lstsq(basis[:, late].T, wanted).solution[:, 0]
        found = found.reshape(2, -1).square().sum(dim=0).sqrt()
        assert torch.allclose(found.float(), amplitudes[row, sounding], atol=2e-3)


def test_the_prior_is_the_wide_one():
    generator = torch.Generator().manual_seed(3)
    sounds = [Sound.random(generator, "wide") for _ in range(1500)]
    batch = RandomBatch.draw(20_000, generator)
    for name in NUMBERS:
        expected = np.array([getattr(sound, name) for sound in sounds])
        found = getattr(batch, name).numpy()
        points = np.quantile(found, [0.15, 0.35, 0.5, 0.65, 0.85])
        for point in np.unique(points):
            # Both sides of each quantile, as some numbers are 0 for most sounds.
            assert np.mean(expected <= point) == pytest.approx(np.mean(found <= point), abs=0.05)
            assert np.mean(expected < point) == pytest.approx(np.mean(found < point), abs=0.05)
    drawn = batch.amplitudes[(batch.amplitudes != 1).any(dim=1)]
    assert len(drawn) / 20_000 == pytest.approx(0.25, abs=0.02)
    assert float(drawn.min()) >= 0.03
    assert float(drawn.log().mean()) == pytest.approx(np.log(0.03) / 2, abs=0.02)


def test_the_fraction_of_second_notes_can_be_chosen(generator):
    batch = RandomBatch.draw(4_000, generator, second_notes=0.4)
    assert float((batch.second_level > 0).float().mean()) == pytest.approx(0.4, abs=0.03)
    assert torch.equal(batch.second_level > 0, batch.second_interval != 0)


def test_no_held_out_sound_comes_up(generator):
    held_out = {round(sound.f0, 6) for sound in held_out_sounds()}
    batch = RandomBatch.draw(20_000, generator)
    assert not held_out & {round(f0, 6) for f0 in batch.f0.tolist()}
