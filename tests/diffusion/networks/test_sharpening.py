"""An onset between the frames of a spectrogram is found, and beats are left alone."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import synth
from diffusion.networks.sharpening import sharpened
from diffusion.networks.sounding_frames import frame_energies, sounding_spans

FRAMES, PIECE, ATTACK = 40, 50, 220
SAMPLES = torch.arange(FRAMES * 300)


def envelope(onset):
    """Silence, a straight rise within 10 ms and a slow decay."""
    after = SAMPLES - onset
    return (after / ATTACK).clamp(0, 1)[None] * torch.exp(-after.clamp(min=0) / 6_000)


def pieces(envelope):
    return envelope.reshape(1, -1, PIECE).mean(dim=2)


def energies(envelope):
    """Of steady power under the envelope, sample by sample, in the windows of a spectrogram."""
    padded = F.pad(envelope, (450, 450), mode="reflect")
    return (padded.unfold(1, 1_200, 300) * torch.hann_window(1_200)).square().sum(dim=2)


def blurred(values):
    """By 12 pieces, half a frame's window, as a reader may give it that sees frames."""
    padded = F.pad(values[:, None], (6, 5), mode="replicate")
    return F.conv1d(padded, torch.full((1, 1, 12), 1 / 12))[:, 0]


def before(onset, values):
    """The energy of the whole pieces before an onset, relative to that of the next 50 ms, in dB."""
    power, piece = values.square()[0], onset // PIECE
    return 10 * float((power[:piece].sum() / power[piece : piece + 22].sum()).log10())


@pytest.mark.parametrize("onset", [3_000, 3_110, 3_240])
def test_hardly_anything_is_left_before_an_onset(onset):
    guess = blurred(pieces(envelope(onset)))
    found = sharpened(guess, energies(envelope(onset)))
    assert before(onset, found) < before(onset, guess) - 12
    assert before(onset, found) < -34


def test_what_the_energies_agree_with_stays_but_for_its_peak_of_one():
    expected, known = pieces(envelope(0)), energies(envelope(0))
    expected = expected / expected.max()
    torch.testing.assert_close(sharpened(0.3 * expected, known), expected, rtol=0.01, atol=0.001)
    beating = known * torch.exp(0.05 * torch.sin(torch.arange(FRAMES)))
    torch.testing.assert_close(sharpened(expected, beating), expected, rtol=0.03, atol=0.003)
    assert not torch.allclose(sharpened(expected, known.flip(1)), expected, rtol=0.3)


def test_the_unit_of_the_energies_and_the_other_sounds_do_not_matter():
    guess, known = blurred(pieces(envelope(3_110))), energies(envelope(3_110))
    both = sharpened(torch.cat([guess, 1 + guess]), torch.cat([7 * known, known.flip(1)]))
    torch.testing.assert_close(both[:1], sharpened(guess, known), rtol=1e-3, atol=1e-6)


def test_frames_before_and_after_a_sound_are_told_from_it():
    tone = torch.sin(2 * np.pi * 440 * SAMPLES / 22_050)
    short = torch.where((SAMPLES >= 3_110) & (SAMPLES < 9_000), tone, 0)
    log_mels = synth.log_mel(torch.stack([short, tone, 0 * tone]))
    spans = {tuple(rows.tolist()): frames for rows, frames in sounding_spans(log_mels)}
    # The onset lies in the hop of frame 10; the window of frame 8 ends 40 samples after it.
    assert spans[0,] == slice(9, 32)
    assert spans[1, 2] == slice(0, FRAMES)  # without any silence, and nothing but silence
    energy = frame_energies(log_mels)
    assert float(energy[0, :9].max() / energy[0].max()) < 1e-5
