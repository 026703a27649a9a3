"""The comb, its reader, the sines with unknown phases, and the network made of them."""

import math

import numpy as np
import pytest
import torch

import diffusion
import synth
from diffusion.networks.comb import MAX_INHARMONICITY, PARTIALS, Comb
from diffusion.networks.comb_classes import (
    F0_CLASSES,
    f0_class,
    inharmonicity_class,
    inharmonicity_of,
    log_f0_of,
)
from diffusion.networks.comb_layers import least_squares
from diffusion.networks.harmonic import _merged
from diffusion.networks.sines import fitted
from diffusion.waveform.comb_training import response_lines
from synth.features.mel import whole_blocks

COMB = Comb(torch.tensor([5.0, 5.5]), torch.tensor([2e-4, 0.0]), torch.tensor([7.0, 0.0]))
WAVES = synth.render(synth.held_out_sounds(synth.CHOICE_SEEDS[1:4]), 1.0)


@pytest.fixture(scope="module")
def checkpoint():
    return diffusion.load("vocoder-harmonic")


def log_mels(waves):
    return synth.log_mel(whole_blocks(torch.from_numpy(waves), 600))


def test_a_comb_has_the_partials_of_a_sound():
    sound = synth.Sound(math.exp(5), 12, 2e-4, 500, 2, second_interval=7, second_level=0.5)
    known = torch.from_numpy(sound.sines(22_050)[0]).float()
    found = COMB.frequencies()[0].reshape(2, PARTIALS)[:, :12].flatten()
    assert torch.allclose(found, known, rtol=1e-5)
    assert int(COMB.sounding(11_025)[1].sum()) == PARTIALS  # one note


def test_a_comb_knows_how_its_partials_move():
    double = Comb(COMB.log_f0.double(), COMB.inharmonicity.double() + 1e-5, COMB.interval)
    step = torch.full((2,), 1e-7, dtype=torch.float64)
    for index, moves in enumerate(((step, 0 * step), (0 * step, step))):
        slope = (double.moved(*moves).frequencies() - double.frequencies()) / 1e-7
        assert torch.allclose(slope, double.sensitivity()[index], rtol=1e-3)


def test_the_inharmonicity_stays_in_its_range():
    far = COMB.moved(torch.zeros(2), torch.tensor([1.0, -1.0]))
    assert far.inharmonicity.tolist() == pytest.approx([MAX_INHARMONICITY, 0])


def test_classes_give_back_what_was_sorted():
    log_f0 = torch.linspace(math.log(26.1), math.log(900), 50)
    assert torch.allclose(log_f0_of(f0_class(log_f0)), log_f0, atol=1e-5)
    assert 0 <= float(f0_class(log_f0).min()) < float(f0_class(log_f0).max()) < F0_CLASSES
    inharmonicity = torch.tensor([0.0, 1e-5, 2e-4, 9e-4, 1e-3])
    classes = inharmonicity_class(inharmonicity)
    assert inharmonicity_of(classes)[0] == 0
    assert torch.equal(inharmonicity_class(inharmonicity_of(classes)), classes)


def test_right_offsets_bring_a_comb_home():
    off = COMB.moved(torch.tensor([0.001, -0.002]), torch.tensor([1e-6, 2e-6]))
    offsets = COMB.frequencies() - off.frequencies()
    weights = torch.rand(offsets.shape, generator=torch.Generator().manual_seed(0))
    home = off.moved(*least_squares(off, offsets, weights, torch.full((2, 2), 1e-3)))
    assert float((home.frequencies() - COMB.frequencies()).abs().max()) < 0.3
    assert float(offsets.abs().max()) > 5


def test_the_response_is_that_of_the_mel():
    frequency = 440.0
    time = torch.arange(22_200) / 22_050
    seen = synth.log_mel(0.5 * torch.sin(2 * math.pi * frequency * time)[None])[0, :, 30]
    expected = response_lines()[44] + math.log(0.5)
    loud = expected > expected.max() - 3
    assert torch.allclose(seen[loud], expected[loud], atol=0.01)


def example():
    """Three sines, two of them close, with an envelope that falls."""
    generator = torch.Generator().manual_seed(0)
    omega = 2 * math.pi / 22_050 * torch.tensor([[220.0, 223.0, 700.0]])
    amplitude = torch.tensor([[0.3, 0.2, 0.1]])
    envelope = torch.linspace(1, 0.3, 444)[None]
    fine = torch.nn.functional.interpolate(envelope[:, None], size=22_200, mode="linear")[0, 0]
    phases = 2 * math.pi * torch.rand(3, 1, generator=generator)
    angles = omega[0, :, None] * torch.arange(22_200) + phases
    x = (fine * (amplitude[0, :, None] * angles.cos()).sum(dim=0))[None]
    return x, omega, amplitude, envelope, generator


@pytest.mark.parametrize("sigma", [1e-3, 0.1, 1.0])
def test_sines_are_found_in_noise_as_well_as_can_be(sigma):
    x, omega, amplitude, envelope, generator = example()
    noise = sigma * torch.randn(x.shape, generator=generator)
    made = fitted(x + noise, torch.tensor([sigma]), omega, amplitude, envelope)
    # Six unknown numbers take six of the noise's dimensions; the envelope's steps stay.
    error = float((made - x).square().sum().sqrt())
    assert error < 3 * math.sqrt(6) * sigma + 0.01 * float(x.square().sum().sqrt())


def test_in_much_noise_nothing_is_known():
    x, omega, amplitude, envelope, generator = example()
    noise = 1e4 * torch.randn(x.shape, generator=generator)
    made = fitted(x + noise, torch.tensor([1e4]), omega, amplitude, envelope)
    assert float(made.square().sum() / x.square().sum()) < 0.01


def test_partials_that_coincide_are_one_sine():
    octave = Comb(torch.tensor([5.0]), torch.zeros(1), torch.tensor([12.0]))
    amplitudes = torch.rand(2 * PARTIALS, generator=torch.Generator().manual_seed(0))
    merged = _merged(octave.frequencies()[0], amplitudes)
    assert not merged[PARTIALS : PARTIALS + PARTIALS // 2].any()  # they lie on the first's
    assert float(merged.square().sum()) == pytest.approx(float(amplitudes.square().sum()))
    assert torch.equal(merged[:PARTIALS:2], amplitudes[:PARTIALS:2])  # odd ones are alone


def test_amplitudes_stay_near_what_is_expected_where_sines_nearly_coincide():
    omega = torch.tensor([[0.1, 0.1 + 1e-6]])
    expected, envelope = torch.tensor([[0.3, 0.3]]), torch.ones(1, 444)
    y = 100 * torch.randn(1, 22_200, generator=torch.Generator().manual_seed(0))
    for sigma in (1e-3, 1.0):
        made = fitted(y, torch.tensor([sigma]), omega, expected, envelope)
        assert float(made.abs().max()) <= 2 * 4 * 0.3 * 1.01


def test_the_reader_finds_the_partials(checkpoint):
    reading, envelope = checkpoint.network.reader(log_mels(WAVES))
    assert envelope.shape == (3, 6 * 74)
    assert bool((reading.score > 3).all())
    for row, sound in enumerate(synth.held_out_sounds(synth.CHOICE_SEEDS[1:4])):
        known = torch.from_numpy(sound.sines(22_050)[0]).float()
        found = reading.comb.frequencies()[row, : len(known)]
        assert torch.allclose(found, known, atol=1.5)


def test_the_reading_does_not_depend_on_loudness_or_company(checkpoint):
    alone, _ = checkpoint.network.reader(log_mels(0.3 * WAVES[1:2]))
    together, _ = checkpoint.network.reader(log_mels(WAVES))
    assert float(alone.comb.log_f0) == pytest.approx(float(together.comb.log_f0[1]), abs=1e-4)


def test_a_note_comes_back_without_hiss(checkpoint):
    sounds = synth.held_out_sounds(synth.CHOICE_SEEDS[1:4])
    made = checkpoint.vocode(torch.from_numpy(WAVES), 6, torch.Generator().manual_seed(0)).numpy()
    known = [sound.sines(22_050)[0] for sound in sounds]
    assert synth.noise_between_partials(made, WAVES, known).max() < -35
    assert synth.spectral_convergence(made, WAVES).max() < 0.1


def test_what_is_no_note_is_left_to_the_other_network(checkpoint, generator):
    network = checkpoint.network
    hiss = 0.1 * torch.randn(1, 22_200, generator=generator)
    condition = torch.cat([log_mels(WAVES[:1]), synth.log_mel(hiss)])
    x_t, level = torch.randn(2, 22_200, generator=generator), torch.tensor([0.5, 0.5]).double()
    eps = network(x_t, level, condition)
    other = network.other(x_t, level, condition)
    assert torch.allclose(eps[1], other[1], atol=1e-5)
    assert not torch.allclose(eps[0], other[0], atol=1e-2)


def test_that_network_is_the_shipped_vocoder(checkpoint):
    shipped = diffusion.load("vocoder-wavegrad").network.state_dict()
    for name, value in checkpoint.network.other.state_dict().items():
        assert torch.allclose(value, shipped[name], rtol=1e-3, atol=1e-6)  # in half precision


def test_a_mel_that_does_not_fit_is_refused(checkpoint):
    level = torch.tensor([0.5]).double()
    for condition in (None, torch.zeros(1, 80, 3)):
        with pytest.raises(ValueError, match="condition must have the shape"):
            checkpoint.network(torch.zeros(1, 1_200), level, condition)


def test_silence_around_a_sound_changes_neither_its_partials_nor_the_others(checkpoint):
    silent = np.pad(WAVES[1:2], ((0, 0), (4_410, 2_305)))
    longer = np.pad(WAVES, ((0, 0), (0, silent.shape[1] - WAVES.shape[1])))
    together, envelope = checkpoint.network.reader(log_mels(np.concatenate([silent, longer])))
    alone, _ = checkpoint.network.reader(log_mels(WAVES))
    assert bool((together.score > 3).all())
    rows = torch.tensor([1, 0, 1, 2])
    torch.testing.assert_close(together.comb.log_f0, alone.comb.log_f0[rows], atol=2e-4, rtol=0)
    assert float(envelope[0, : 6 * 12].max()) < -5  # nepers
    assert float(envelope[0, 6 * 14 :].max()) > -1


def test_there_is_hardly_any_pre_echo(checkpoint):
    delayed = np.pad(WAVES, ((0, 0), (2_205, 0)))
    made = checkpoint.vocode(torch.from_numpy(delayed), 6, torch.Generator().manual_seed(0))
    assert float(np.median(synth.pre_echo(made.numpy(), 2_205))) < -33
