import librosa
import numpy as np
import pytest
import torch

from synth import Sound, render
from synth.features import mel


def sounds(count: int = 3, duration: float = 0.5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.from_numpy(
        render([Sound.random(generator, "wide") for _ in range(count)], duration)
    )


def test_the_filter_bank_is_librosas() -> None:
    expected = librosa.filters.mel(sr=22050, n_fft=2048, n_mels=80, fmin=20, fmax=11025)
    np.testing.assert_allclose(mel.filter_bank(), expected, atol=1e-8, rtol=1e-5)
    assert mel.filter_bank() is mel.filter_bank()


def test_the_spectrogram_is_librosas_of_the_padded_sound() -> None:
    waveforms = sounds()
    expected = librosa.feature.melspectrogram(
        y=mel.pad(waveforms).numpy(),
        sr=22050,
        n_fft=2048,
        hop_length=300,
        win_length=1200,
        window="hann",
        center=False,
        power=1.0,
        n_mels=80,
        fmin=20,
        fmax=11025,
    )
    actual = mel.log_mel(waveforms)
    assert actual.dtype == torch.float32
    np.testing.assert_allclose(actual.exp(), np.maximum(expected, 1e-5), rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize(("samples", "frames"), [(7200, 24), (1500, 5), (22050, 74), (7201, 25)])
def test_a_frame_for_every_hop(samples: int, frames: int) -> None:
    assert mel.log_mel(torch.zeros(2, samples)).shape == (2, 80, frames)
    assert mel.num_frames(samples) == frames


def test_a_frame_sees_its_own_hop_at_its_centre() -> None:
    click = torch.zeros(1, 6000)
    click[0, 300 * 10 + 150] = 1
    energy = mel.log_mel(click)[0].exp().sum(0)
    assert energy.argmax() == 10
    assert energy[9] == pytest.approx(energy[11].item(), rel=1e-4)


def test_a_sine_lies_in_its_band_at_its_level() -> None:
    bank = mel.filter_bank()
    for band in (10, 40, 70):
        position = bank[band].argmax()
        tone = torch.sin(torch.arange(7200) * 2 * torch.pi * position / 2048)
        frames = mel.log_mel(tone[None])[0, :, 12]
        assert frames.argmax() == band
        # The Hann window's sum is 600; half a sine's amplitude of 1 is in each of its two lines.
        assert frames[band].exp() >= 300 * bank[band, position] * (1 - 1e-3)


def test_silence_is_at_the_floor_and_a_gain_is_a_shift() -> None:
    assert mel.log_mel(torch.zeros(1, 1500)).unique().tolist() == pytest.approx([np.log(1e-5)])
    noise = torch.randn(1, 7200, generator=torch.Generator().manual_seed(0))
    shift = mel.log_mel(10 * noise) - mel.log_mel(noise)
    np.testing.assert_allclose(shift, np.log(10), atol=1e-4)


def test_gradients_flow_to_the_waveform() -> None:
    waveforms = sounds(1, 0.1).double().requires_grad_()
    mel.log_mel(waveforms).sum().backward()
    assert waveforms.grad is not None
    assert torch.isfinite(waveforms.grad).all()
    assert waveforms.grad.abs().max() > 0


def test_the_frames_of_a_sound_are_those_of_its_padded_pieces() -> None:
    waveforms = sounds(2)
    whole = mel.log_mel(waveforms)
    piece = mel.pad(waveforms)[:, 300 * 10 : 300 * 18 + 2 * mel.CONTEXT]
    np.testing.assert_allclose(mel.log_mel_of_padded(piece), whole[:, :, 10:18], atol=1e-4)


def test_crops_have_the_spectrogram_of_the_whole_sound() -> None:
    waveforms = sounds(4)
    padded = mel.pad(waveforms)
    pieces, spectrograms = mel.mel_crops(padded, 8, 50, torch.Generator().manual_seed(0))
    assert pieces.shape == (50, 2400)
    assert spectrograms.shape == (50, 80, 8)
    for piece, spectrogram in zip(pieces, spectrograms, strict=True):
        row, start = np.argwhere((padded.unfold(1, 8, 1) == piece[:8]).all(-1).numpy())[0]
        whole = mel.log_mel_of_padded(
            padded[row : row + 1, start - mel.CONTEXT :][:, : 2400 + 1748]
        )
        np.testing.assert_allclose(spectrogram, whole[0], atol=1e-4)
    again, _ = mel.mel_crops(padded, 8, 50, torch.Generator().manual_seed(0))
    assert torch.equal(pieces, again)


@pytest.mark.parametrize(("samples", "blocks"), [(1_200, 2), (1_201, 3), (1_799, 3)])
def test_whole_blocks_are_the_sound_and_its_mirrored_end(samples: int, blocks: int) -> None:
    waveforms = sounds()[:, :samples]
    filled = mel.whole_blocks(waveforms, 600)
    assert filled.shape == (3, 600 * blocks)
    assert torch.equal(filled[:, :samples], waveforms)
    added = 600 * blocks - samples
    expected = waveforms[:, samples - 1 - added : samples - 1].flip(1)
    assert torch.equal(filled[:, samples:], expected)


@pytest.mark.parametrize("size", [0, 1175, 2.5])
def test_blocks_of_another_size_are_refused(size: float) -> None:
    with pytest.raises(ValueError, match="block_size must be"):
        mel.whole_blocks(sounds(), size)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(7200,), (1, 1173), (1, 1, 7200)])
def test_bad_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"waveforms must have shape \(B, T\) with T >= 1174"):
        mel.log_mel(torch.zeros(shape))


def test_the_front_end_does_not_import_librosa(run_fresh) -> None:
    code = (
        "import sys, torch; from synth.features import mel; mel.log_mel(torch.zeros(1, 7200));"
        "print('numba' in sys.modules, 'librosa.filters' in sys.modules)"
    )
    assert run_fresh(code).stdout.split() == [b"False", b"False"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no accelerator")
def test_the_accelerator_gives_the_same_spectrogram() -> None:
    waveforms = sounds()
    on_gpu = mel.log_mel(waveforms.cuda()).cpu()
    np.testing.assert_allclose(on_gpu, mel.log_mel(waveforms), atol=1e-2)


def test_frames_are_added_where_they_came_from() -> None:
    """Griffin & Lim's eq. 6, frame by frame, of spectra that no sound has."""
    spectra = torch.randn(
        2, 1_025, 6, dtype=torch.complex128, generator=torch.Generator().manual_seed(0)
    )
    window = torch.nn.functional.pad(torch.hann_window(1_200, dtype=torch.float64), (424, 424))
    weights = torch.zeros(5 * 300 + 2_048, dtype=torch.float64)
    total = torch.zeros(2, len(weights), dtype=torch.float64)
    for i, frame in enumerate(torch.fft.irfft(spectra, 2_048, dim=1).unbind(2)):
        total[:, 300 * i : 300 * i + 2_048] += window * frame
        weights[300 * i : 300 * i + 2_048] += window**2
    torch.testing.assert_close(mel.overlap_add(spectra), total / weights.clamp(min=1e-10))
