"""What a comb reader learns from."""

import math
from dataclasses import replace

import torch

from diffusion.networks.comb_reader import CombReader
from diffusion.waveform.comb_training import (
    FOREIGN,
    _made_foreign,
    comb_objective,
    draw_truth,
    response_lines,
    rms_error,
)


def test_what_is_known_of_a_batch_fits_its_mel(generator):
    truth = draw_truth(40, 11_025, generator)
    assert truth.log_mels.shape == (40, 80, 38)
    assert truth.envelope.shape == (40, 6 * 38)
    assert int(truth.foreign.sum()) == round(40 * FOREIGN)
    assert bool((truth.comb.interval >= 0).all())  # the lower note is the first
    # A partial that is alone in its band is as loud there as its amplitude and envelope say.
    lines = response_lines()
    checked = 0
    for row in torch.nonzero(~truth.foreign & (truth.comb.log_f0 > math.log(300)))[:, 0].tolist():
        if truth.comb.interval[row] != 0:
            continue
        loudest = int(truth.amplitudes[row, :8].argmax())
        line = int(truth.comb.frequencies()[row, loudest] / 10 + 0.5)
        band = int(lines[line].argmax())
        level = truth.log_mels[row, band] - truth.log_mels[row].max()
        envelope = truth.envelope[row].exp().reshape(-1, 6).mean(dim=1)
        frame = int(envelope.argmax())
        expected = truth.amplitudes[row, loudest] + lines[line, band] + envelope[frame].log()
        assert abs(float(level[frame] - expected)) < 0.4
        checked += 1
    assert checked >= 5


def test_the_first_sounds_are_made_foreign_each_in_its_way(generator):
    count, num_samples = 4, 2_000
    sounds = torch.rand(10, num_samples, generator=generator) - 0.5
    foreign = _made_foreign(sounds, count, lambda *shape: torch.rand(shape, generator=generator))
    assert foreign.shape == (count, num_samples)
    glided, noisy, cut, mixed = foreign
    assert float((glided - sounds[0]).abs().max()) > 0.01
    assert float(glided.abs().max()) <= 0.5
    noise = (noisy - sounds[1]).square().mean() / sounds[1].square().mean()
    assert 0.009 < float(noise) < 1.1  # -20 to 0 dB
    first = int((cut == sounds[2]).int().cumprod(dim=0).sum())
    assert 0.19 * num_samples < first < 0.81 * num_samples
    assert torch.equal(cut[first:], sounds[6, first:])
    gains = (mixed - sounds[3]) / sounds[7]
    assert 0.3 <= float(gains.median()) <= 1


def test_the_true_comb_has_no_error_and_a_shifted_one_has(generator):
    truth = draw_truth(10, 11_025, generator)
    assert float(rms_error(truth.comb, truth).max()) == 0
    shifted = replace(truth.comb, log_f0=truth.comb.log_f0 + 0.01)
    assert float(rms_error(shifted, truth).min()) > 0.4


def test_a_reader_learns():
    torch.manual_seed(0)
    reader = CombReader(channels=32, hidden=32, width=16, layers=1)
    reader.fit_response(response_lines())
    objective = comb_objective(16)
    optimizer = torch.optim.Adam(reader.parameters(), lr=3e-3)
    losses = []
    for _ in range(12):
        loss = objective(reader, torch.Generator().manual_seed(1))  # one batch, again and again
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.75 * losses[0]
